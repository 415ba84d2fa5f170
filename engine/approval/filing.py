"""What is kept of a case beside the events of law: how it was filed, its attachments, and its parts as they stand.

The events of :mod:`engine.approval.events` tell people what happened. An event whose name ends in ``Kept`` tells the
rows: it carries a part of the case as it stands afterwards, so that the rows can be rebuilt from the history alone.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from engine.approval.events import CaseEvent
from engine.events import Event
from engine.records import record


@record
class CaseRegistered(CaseEvent):
    """A case got its number, and with it everything that was handed in at the window or online."""

    number: str
    item_id: str
    item_code: str
    item_name: str
    infotype: str
    title: str
    applicant_kind: str
    applicant_name: str
    applicant_id: str
    applicant: Mapping[str, Any]
    channel: str
    urgency: int
    form: Mapping[str, Any]
    query_code_hash: str | None = None
    parent_id: str | None = None


@record
class ApplicantSealed(CaseEvent):
    """身份保密: who applies is kept apart from the case."""


@record
class ApplicantRevealed(CaseEvent):
    """Somebody who may looked up who a sealed applicant is."""

    reason: str


@record
class CaseFormChanged(CaseEvent):
    """The application form was corrected before acceptance."""

    form: Mapping[str, Any]
    changed: tuple[str, ...] = ()  # keys whose value is another one now


@record
class CasePartKept(CaseEvent):
    """A part of the case (tolerance, commitment, review ...) as it stands now; None when it is gone."""

    part: str
    value: Mapping[str, Any] | None = None


@record
class MaterialKept(CaseEvent):
    """One material of the case as it stands now."""

    code: str
    value: Mapping[str, Any]


@record
class ClockKept(Event):
    """One clock as it stands now. Told by the first version; today every event of a clock carries the clock."""

    case_id: str | None
    clock_id: str
    value: Mapping[str, Any]


@record
class DocumentKept(CaseEvent):
    """One document of the case with its text; that it was issued is told by ``DocumentIssued``."""

    document_id: str
    document_kind: str
    number: str
    title: str
    body: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@record
class AttachmentAdded(CaseEvent):
    """A file was added to a material (or to the case itself); its bytes lie in the file store under ``storage_key``."""

    attachment_id: str
    material_code: str | None
    version: int
    name: str
    media_type: str
    size: int
    sha256: str
    storage_key: str


@record
class AttachmentRemoved(CaseEvent):
    attachment_id: str
    reason: str = ""


@record
class CaseReminded(CaseEvent):
    """催办: somebody was reminded of a date."""

    subject: str  # tolerance
    day: str  # the day of the reminder, ISO
    zh: str
    en: str


@record
class CaseAlerted(CaseEvent):
    """督办: something that must not happen has happened; the supervisor should look."""

    alert: str  # kebab-case and stable
    zh: str
    en: str


@record
class AcceptanceDeemed(CaseEvent):
    """视为受理: nobody sent the correction notice within five working days (行政许可法 32). ``people`` held the open tasks of
    the case when the time was over, ``groups`` had tasks that nobody had taken: they let it happen."""

    received_at: datetime
    notice_due: datetime
    department: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@record
class ConsentDeemed(CaseEvent):
    """超时默认: a department was silent beyond its limit and counts as having agreed; it stays responsible. ``group`` had the
    task."""

    branch: str
    name: str
    department: str
    group: str
    due: datetime


@record
class CorrectionDemanded(CaseEvent):
    """A department said what the one correction notice shall ask for."""

    department: str
    demands: tuple[Mapping[str, Any], ...]
    late: bool = False


@record
class CaseOpenedTo(CaseEvent):
    """These people and groups may read the case from now on: something about it may be theirs to decide."""

    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    reason: str = ""


@record
class SecondNoticeRequested(CaseEvent):
    """A leader was asked to allow a further correction notice; ``sent`` were sent before, ``people`` may allow it."""

    reason: str
    sent: int
    people: tuple[str, ...] = ()


@record
class SecondNoticeApproved(CaseEvent):
    """A leader allowed a further correction notice; ``sent`` were sent before, ``asked_by`` had asked for it, if anybody."""

    approved_by: str
    reason: str
    sent: int
    asked_by: str = ""


@record
class SecondNoticeRefused(CaseEvent):
    """A leader did not allow the further notice that ``asked_by`` wanted to send."""

    refused_by: str
    answer: str
    asked_by: str


@record
class ExtensionRequested(CaseEvent):
    """A longer limit was asked for; ``instance_id`` is the process in which ``people`` or ``groups`` decide. They may read
    the case from now on."""

    reason: str
    extension: str
    instance_id: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@record
class ExtensionRefused(CaseEvent):
    refused_by: str
    answer: str = ""


@record
class ServiceRated(CaseEvent):
    """好差评: the applicant rated the service; what was said stands in the case's part ``rating``."""

    poor: bool = False


@record
class CertificateCancelled(CaseEvent):
    """注销 (行政许可法 70) or, as ``state`` says, 撤销 (69) of one certificate; ``by`` is the number of the case that did it."""

    number: str
    on: date
    by: str = ""
    state: str = "cancelled"
    reason: str = ""


@record
class CertificateMade(CaseEvent):
    """制证: the licence itself got its number."""

    number: str
    title: str
    note: str = ""
    code: str = "main"
    holder: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    document_id: str = ""


@record
class IssuerChanged(Event):
    """An organ writes its documents under another name, word or address."""

    department: str
    value: Mapping[str, Any]


@record
class VerificationCaseMoved(CaseEvent):
    """The verification case, a child of the decided one, goes its own way: it is opened, under way, or over."""

    state: str  # of engine.approval.case_state, for lists
    result: str | None = None  # of engine.approval.verification, when it is over
