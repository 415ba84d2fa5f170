"""Earlier cases of one applicant for one item: how many there were, and how they ended."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from engine.store import tables
from engine.store.base.unit_of_work import UnitOfWork, Values

_CASE = tables.case_file
_COUNT = (
    select(func.count())
    .select_from(_CASE)
    .where(
        _CASE.c.applicant_id == bindparam("applicant_id"),
        _CASE.c.item_code == bindparam("item_code"),
        _CASE.c.created_at >= bindparam("since"),
        _CASE.c.created_at <= bindparam("until"),
    )
)
_EARLIER = (
    _CASE.select()
    .where(
        _CASE.c.applicant_id == bindparam("applicant_id"),
        _CASE.c.item_code == bindparam("item_code"),
        _CASE.c.id != bindparam("case_id"),
    )
    .order_by(_CASE.c.created_at.desc(), _CASE.c.id.desc())
    .limit(20)
)


_WITH_CERTIFICATE = (
    _CASE.select()
    .where(
        _CASE.c.applicant_id == bindparam("applicant_id"),
        _CASE.c.result.in_(("granted", "partly_granted")),
        _CASE.c.state.in_(("decided_ok", "finished")),
    )
    .order_by(_CASE.c.created_at, _CASE.c.id)
    .limit(200)
)


_PAPERS = (
    tables.document.select()
    .where(tables.document.c.case_id == bindparam("case_id"), tables.document.c.kind == "certificate")
    .order_by(tables.document.c.issued_at, tables.document.c.id)
)


def papers(uow: UnitOfWork, case_id: str) -> list[Values]:
    """Return the certificates of a case as they were printed, the first one first."""
    return [dict(row._mapping) for row in uow.all(_PAPERS, {"case_id": case_id})]


def with_certificate(uow: UnitOfWork, applicant_id: str) -> list[Values]:
    """Return the applicant's granted cases for which a certificate was made, the first one first (at most 200 are looked at)."""
    rows = [dict(row._mapping) for row in uow.all(_WITH_CERTIFICATE, {"applicant_id": applicant_id})]
    return [row for row in rows if (row["facts"] or {}).get("certificate")]


def count_filed(uow: UnitOfWork, applicant_id: str, item_code: str, *, since: datetime, until: datetime) -> int:
    """Return how many cases the applicant filed for the item in this time, the present one included."""
    row = uow.first(_COUNT, {"applicant_id": applicant_id, "item_code": item_code, "since": since, "until": until})
    return 0 if row is None else int(row[0])


def earlier(uow: UnitOfWork, applicant_id: str, item_code: str, *, case_id: str) -> list[Values]:
    """Return the applicant's other cases for the item, the latest first (at most 20)."""
    keys = {"applicant_id": applicant_id, "item_code": item_code, "case_id": case_id}
    return [dict(row._mapping) for row in uow.all(_EARLIER, keys)]
