"""Acceptance 受理: the clocks that it starts, the notice that it writes, and what it gives to the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.approval import document
from engine.approval.clock_kind import ClockKind
from engine.approval.document import DocumentKind

if TYPE_CHECKING:
    from datetime import datetime

    from engine.approval.item.terms import SourcedLimit
    from engine.commands.cases.case_files import CaseFile


def start_clocks(file: CaseFile, *, at: datetime | None = None) -> dict[str, Any]:
    """Start the promised and the statutory clock of an accepted case, and write the notice of acceptance."""
    limits = file.item.limits
    file.stop_clocks(ClockKind.NOTICE)
    promised = file.start_clock(ClockKind.PROMISED, promised_limit(file), at=at)
    statutory = file.start_clock(ClockKind.STATUTORY, limits.statutory, at=at)
    file.issue(
        DocumentKind.ACCEPTANCE,
        lambda desk, serial: document.acceptance(desk, serial, promised=promised.due, statutory=statutory.due),
    )
    return facts_of(file)


def promised_limit(file: CaseFile) -> SourcedLimit:
    """The published limit; in parallel approval that of the whole, for which the lead answers."""
    parallel = file.item.parallel
    return file.item.limits.promised if parallel is None else parallel.limit


def facts_of(file: CaseFile) -> dict[str, Any]:
    """What an acceptance gives to the process."""
    promised, statutory = file.clock(ClockKind.PROMISED), file.clock(ClockKind.STATUTORY)
    accepted_at = file.case.accepted_at or file.now
    return {
        "accepted": True,
        "accepted_at": accepted_at.isoformat(),
        **({} if promised is None else {"promised_until": promised.due.date.isoformat()}),
        **({} if statutory is None else {"statutory_until": statutory.due.date.isoformat()}),
    }
