"""Certificates 证照: each licence that a case granted is one of its own, with its holder, validity, and its own end."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from engine.approval.filing import CertificateCancelled
from engine.approval.stored import Stored
from engine.calendar import Limit, Unit
from engine.errors import Conflict
from engine.records import record

MAIN: Final = "main"  # the lead's own licence; others have the code of their branch
FACT: Final = "certificates"  # where a case keeps them


class CertificateState(StrEnum):
    """Is it in force, was it struck off (行政许可法 70), or revoked (69)?"""

    VALID = "valid"
    CANCELLED = "cancelled"
    REVOKED = "revoked"

    @property
    def zh(self) -> str:
        return {"valid": "有效", "cancelled": "已注销", "revoked": "已撤销"}[self.value]


@record
class Certificate(Stored):
    """One licence on paper. ``valid_until`` is its last day, None where no law ends it; ``ended_by`` the number of the case, or
    the person, that ended it."""

    number: str
    title: str = ""
    code: str = MAIN
    holder: str = ""
    issued_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""
    document_id: str = ""
    state: CertificateState = CertificateState.VALID
    ended_on: date | None = None
    ended_by: str = ""
    reason: str = ""

    @property
    def is_valid(self) -> bool:
        """Nobody has ended it; that its time has run out is another question."""
        return self.state is CertificateState.VALID

    def has_run_out(self, today: date) -> bool:
        """Is the last day of its validity over?"""
        return self.valid_until is not None and self.valid_until < today

    def end(
        self, state: CertificateState, on: date, *, case_id: str, by: str = "", reason: str = ""
    ) -> CertificateCancelled:
        """Strike it off or revoke it: this one alone. Raises Conflict when it has ended before."""
        if not self.is_valid:
            raise Conflict(
                f"{self.title}（{self.number}）{self.state.zh}，不能再办理。",
                f"{self.title} ({self.number}) is {self.state.value} already.",
                number=self.number,
                state=self.state.value,
            )
        return CertificateCancelled(case_id=case_id, number=self.number, on=on, by=by, state=state.value, reason=reason)


def last_day(first: date, validity: Limit) -> date:
    """Return the last day of a validity that begins with ``first``: 60 months from 2026-10-09 end with 2031-10-08."""
    if validity.unit is not Unit.MONTH:
        return first + timedelta(days=int(validity.value) - 1)
    years, month = divmod(first.month - 1 + int(validity.value), 12)
    year, month = first.year + years, month + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(first.day, (following - timedelta(days=1)).day)) - timedelta(days=1)


def are_kept(facts: Mapping[str, Any]) -> bool:
    """Does the case keep all of its certificates one by one? If not, its papers tell the others."""
    entries = facts.get(FACT) or ()
    return bool(entries) and all(entry.get("document_id") for entry in entries)


def of_case(facts: Mapping[str, Any], *, holder: str, papers: Iterable[Mapping[str, Any]] = ()) -> list[Certificate]:
    """The certificates of a case, in the order in which they were made.

    ``papers`` are its documents of kind certificate: of a case of before certificates were kept one by one they are all that
    is known, beside the one in ``facts["certificate"]``.
    """
    found: dict[str, dict[str, Any]] = {}
    for paper in papers:
        issued_on = paper["facts"].get("issued_on")
        found[paper["number"]] = {"title": paper["title"], "issued_on": issued_on, "document_id": paper["id"]}
    single, entries = facts.get("certificate") or {}, facts.get(FACT) or ()
    if single.get("number") and single["number"] not in {entry["number"] for entry in entries}:
        ended = {"state": CertificateState.CANCELLED.value, "ended_on": single.get("cancelled_on")}
        told = {"title": single.get("title", ""), "note": single.get("note", "")}
        found.setdefault(single["number"], {}).update(told | (ended if single.get("cancelled_on") else {}))
    for entry in entries:
        known = found.setdefault(entry["number"], {})
        known.update({name: value for name, value in entry.items() if value not in (None, "") or name not in known})
    return [Certificate.from_json({"holder": holder} | entry | {"number": number}) for number, entry in found.items()]
