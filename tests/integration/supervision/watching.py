"""Words for tests of supervision: an accepted case, a scan, the cards of a case."""

from typing import Any

from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.limits.scanning import SCAN_JOB, KeepSchedules, ScanClocks
from engine.job_executor import JobExecutor
from engine.store import tables
from tests.integration.cases.filing import filed
from tests.processes.bureau import Bureau

MONDAY = "2026-11-23 10:00"


def accepted(bureau: Bureau, at: str = MONDAY) -> str:
    """A food permit, complete, accepted at ``at``: promised 10 working days (2026-12-07), statutory 20 (2026-12-21); its
    review is offered to shipin's group."""
    bureau.at(at)
    no = filed(bureau)
    bureau.do("chuangkou", no, "examine_materials")
    return no


def look(bureau: Bureau, at: str | None = None) -> None:
    """Let the recurring scan look once, and everything that it asks for happen."""
    if at is not None:
        bureau.at(at)
    bureau.engine.execute(KeepSchedules(), actor=SYSTEM)
    JobExecutor(bureau.engine).run_until_idle()
    with bureau.database.write() as connection:
        connection.execute(tables.job.delete().where(tables.job.c.id == SCAN_JOB))


def scan(bureau: Bureau, by: str = "ducha") -> dict[str, Any]:
    """A supervisor scans by hand."""
    answer = bureau.execute(ScanClocks(), by)
    JobExecutor(bureau.engine).run_until_idle()
    return answer


def rows(bureau: Bureau, table: Any, *conditions: Any) -> list[dict[str, Any]]:
    with bureau.database.read() as connection:
        return [dict(row._mapping) for row in connection.execute(select(table).where(*conditions))]


def cards(bureau: Bureau, no: str) -> list[dict[str, Any]]:
    """The cards of a case, oldest first."""
    found = rows(bureau, tables.card, tables.card.c.case_no == no)
    return sorted(found, key=lambda row: (row["issued_at"], row["id"]))


def states(bureau: Bureau, no: str) -> list[tuple[str, str]]:
    return [(row["level"], row["state"]) for row in cards(bureau, no)]


def card(bureau: Bureau, no: str) -> dict[str, Any]:
    """The latest card of a case."""
    return cards(bureau, no)[-1]


def lead(bureau: Bureau, department: str, login: str) -> None:
    """Make somebody the head of a department."""
    with bureau.database.write() as connection:
        found = tables.department.c.code == department
        connection.execute(tables.department.update().where(found).values(leader=login))
