"""What happens in supervision: to cards, supervision orders, urges, scans and rule sets."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from engine.events import Event
from engine.records import record


@record
class CardEvent(Event):
    """Base: something happened to a card."""

    card_id: str


@record
class CardIssued(CardEvent):
    """发牌: by rule, by hand, or for a supervisor to confirm (``state`` awaiting)."""

    state: str
    level: str
    subject: str
    subject_key: str
    issue: str
    case_id: str
    case_no: str
    title: str
    process_key: str
    item_code: str
    department: str  # code of the responsible department
    department_id: str | None
    responsible: tuple[str, ...]  # logins of those who have, or had, the work
    receivers: tuple[str, ...]
    text: str
    text_en: str = ""
    rule_code: str = ""
    rules_id: str = ""
    rules_version: int = 0
    clock_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    feedback_due: datetime | None = None
    appeal_due: datetime | None = None
    run_id: str | None = None


@record
class CardConfirmed(CardEvent):
    """A supervisor issued a card that was waiting for it."""

    feedback_due: datetime | None = None
    appeal_due: datetime | None = None


@record
class CardNotified(CardEvent):
    """The notice of a card got its number."""

    document_id: str
    number: str


@record
class CardDatesMoved(CardEvent):
    """Another calendar: it is to be answered, and may be appealed, until another day."""

    feedback_due: datetime
    appeal_due: datetime


@record
class CardSigned(CardEvent):
    """签收."""


@record
class CardAnswered(CardEvent):
    """回复: why it came to this, and what was done."""

    text: str


@record
class CardClosed(CardEvent):
    """核销."""

    reason: str


@record
class CardSuperseded(CardEvent):
    """取消: only the highest card stands; a higher one took this one's place."""

    by_card_id: str


@record
class CardWithdrawn(CardEvent):
    """撤销: a record, never a deletion. ``ground``: recheck, appeal, hand."""

    ground: str
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@record
class CardEscalated(CardEvent):
    """督办: a supervision order was made of it."""

    order_id: str


@record
class CardAppealed(CardEvent):
    """申诉: the process ``instance_id`` decides on it."""

    appeal_id: str
    instance_id: str
    text: str


@record
class CardAppealAnswered(CardEvent):
    """The answer to an appeal: withdrawn 撤销, rejected 打回, or referred 上报."""

    result: str
    reply: str


@record
class OrderEvent(Event):
    """Base: something happened to a supervision order."""

    order_id: str


@record
class OrderIssued(OrderEvent):
    """督办: level 1 催办通知, 2 督办单, 3 通报."""

    level: int
    case_id: str
    case_no: str
    title: str
    department: str
    department_id: str | None
    addressees: tuple[str, ...]
    text: str
    due_at: datetime
    card_id: str | None = None


@record
class OrderNotified(OrderEvent):
    document_id: str
    number: str


@record
class OrderAnswered(OrderEvent):
    text: str


@record
class OrderReturned(OrderEvent):
    """The answer does not do; another one is due."""

    reason: str
    due_at: datetime


@record
class OrderEscalated(OrderEvent):
    """升级: by a supervisor, or because nobody answered in time."""

    level: int
    due_at: datetime
    reason: str
    addressees: tuple[str, ...] = ()


@record
class OrderDueMoved(OrderEvent):
    """Another calendar: it is to be answered until another day."""

    due_at: datetime


@record
class OrderClosed(OrderEvent):
    """销号."""

    reason: str


@record
class OrderWithdrawn(OrderEvent):
    """The card that led to it was withdrawn."""

    reason: str


@record
class TaskUrged(Event):
    """催办: who, whom, by which way, in which words. One ``message_id`` for everything that one person was told at once."""

    urge_id: str
    task_id: str
    element_id: str
    element_name: str
    definition_key: str
    to: tuple[str, ...]
    text: str
    channel: str = "inbox"
    message_id: str = ""


@record
class UrgeRead(Event):
    """A person who was urged has seen it."""

    urge_id: str


@record
class ScanStarted(Event):
    """A look at all clocks that are due soon or over. ``trigger``: daily, hand."""

    run_id: str
    trigger: str
    found: int
    rules_version: int


@record
class ScanFindingsListed(Event):
    """Some of what a scan found: {finding_id, clock_id, case_id, case_no, title, item_code, department, due_at, situation}."""

    run_id: str
    findings: tuple[Mapping[str, Any], ...]


@record
class ScanFindingAnswered(Event):
    """及时办结 (finish) or 申请延期 (extend)."""

    finding_id: str
    answer: str
    note: str = ""


@record
class CardRulesChanged(Event):
    """Another version of the bureau's rule set."""

    version: int
    rules_id: str
    name: str
    text: str
    reason: str = ""
