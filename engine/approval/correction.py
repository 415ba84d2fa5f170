"""The one correction notice 一次性补正告知: until when it has to be sent, what it holds, and what may not be asked
later.

Art. 32 gives the office five working days from receipt; silence means that the case counts as accepted from the day of
receipt. In a joint case the lead merges the lists of all departments into one notice.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from engine.approval.item.terms import CorrectionRules
from engine.approval.reason import Reason
from engine.approval.stored import Stored
from engine.calendar import Due, WorkCalendar
from engine.records import record


@record
class CorrectionEntry(Stored):
    """One thing to correct: of which material ("" for the application itself), and what is asked."""

    material: str
    requirement: str


@record
class Demand(Stored):
    """What one department asks to be in the notice; ``late`` when it came after the collection window."""

    department: str
    entries: tuple[CorrectionEntry, ...]
    at: datetime
    by: str = ""
    late: bool = False


@record
class MergedCorrection(Stored):
    """What all departments together ask of one material. ``departments`` are in the order in which they asked."""

    material: str
    requirements: tuple[str, ...]
    departments: tuple[str, ...]


def merge_corrections(lists: Mapping[str, Iterable[CorrectionEntry]]) -> tuple[MergedCorrection, ...]:
    """Merge the lists of the departments into one: one entry for each material, the same demand told once (4.5)."""
    requirements: dict[str, dict[str, None]] = {}
    departments: dict[str, dict[str, None]] = {}
    for department, entries in lists.items():
        for entry in entries:
            requirements.setdefault(entry.material, {})[entry.requirement.strip()] = None
            departments.setdefault(entry.material, {})[department] = None
    return tuple(
        MergedCorrection(material=material, requirements=tuple(asked), departments=tuple(departments[material]))
        for material, asked in requirements.items()
    )


def notice_due(rules: CorrectionRules, received_at: datetime, calendar: WorkCalendar) -> Due:
    """Return until when the notice has to be sent; after that the case is deemed accepted (行政许可法 32)."""
    return calendar.due(received_at, rules.notice.limit, receipt=rules.receipt)


def is_deemed_accepted(due: Due, *, notice_sent_at: datetime | None, now: datetime) -> bool:
    """Has the office let the time for its notice pass?"""
    return (notice_sent_at is None or notice_sent_at > due.at) and now > due.at


def correction_due(rules: CorrectionRules, sent_at: datetime, calendar: WorkCalendar) -> Due:
    """Return until when the applicant has to correct."""
    return calendar.due(sent_at, rules.period.limit)


def new_demands(first: Iterable[CorrectionEntry], later: Iterable[CorrectionEntry]) -> tuple[Reason, ...]:
    """Return what a later list asks that the first notice did not: a violation of 一次性告知 to be recorded.

    Asking again for a material that was asked for before is not new: the correction may still not conform.
    """
    known = {entry.material for entry in first}
    return tuple(
        Reason(
            code="new-demand",
            zh=f"补正后不得提出新的要求：{entry.material or '申请书'}，{entry.requirement}",
            en=f"After the correction nothing new may be asked: {entry.material or 'application'}, {entry.requirement}",
            rule="行政许可法32；优化营商环境条例",
        )
        for entry in later
        if entry.material not in known
    )
