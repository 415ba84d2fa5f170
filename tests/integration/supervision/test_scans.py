"""The scan: what it finds, what it costs, what is answered; the recurring job."""

from datetime import timedelta

import pytest

from engine.access import SYSTEM
from engine.commands.limits.scanning import SCAN_JOB, AnswerFinding, KeepSchedules, ScanClocks
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.job_executor import JobExecutor
from engine.store import tables
from engine.store.base.history import ADMIN_STREAM
from engine.store.projections.projector import MemoryRows, replay
from tests.integration.supervision.watching import accepted, card, cards, lead, look, rows, scan
from tests.processes.bureau import Bureau


def test_the_daily_scan_lists_what_is_due_in_two_days_or_over_with_its_department(bureau: Bureau) -> None:
    over = accepted(bureau, "2026-11-18 10:00")  # due 12-02
    near = accepted(bureau, "2026-11-20 10:00")  # due 12-04
    accepted(bureau, "2026-11-24 10:00")  # due 12-08
    bureau.at("2026-12-03 08:40")

    answer = scan(bureau)

    found = {row["case_no"]: row for row in rows(bureau, tables.scan_finding)}
    assert answer["found"] == 2 and set(found) == {over, near}
    assert (found[over]["situation"], found[near]["situation"]) == ("over", "near")
    assert {row["department"] for row in found.values()} == {"scjg"}
    (run,) = rows(bureau, tables.scan_run)
    assert (run["trigger"], run["started_by"], run["found"]) == ("hand", "ducha", 2)
    assert card(bureau, over)["run_id"] == run["id"], "a card tells by which run it was found"


def test_a_finding_is_answered_once_by_who_has_the_case(bureau: Bureau) -> None:
    accepted(bureau, "2026-11-18 10:00")
    bureau.at("2026-12-03 08:40")
    scan(bureau)
    (finding,) = rows(bureau, tables.scan_finding)
    bureau.claim("shipin", finding["case_no"], "review")

    with pytest.raises((Forbidden, NotFound)):
        bureau.execute(AnswerFinding(finding_id=finding["id"], answer="finish"), "weisheng")
    with pytest.raises(InvalidInput):
        bureau.execute(AnswerFinding(finding_id=finding["id"], answer="later"), "shipin")
    bureau.execute(AnswerFinding(finding_id=finding["id"], answer="extend", note="等检测报告"), "shipin")
    with pytest.raises(Conflict):
        bureau.execute(AnswerFinding(finding_id=finding["id"], answer="finish"), "shipin")

    (answered,) = rows(bureau, tables.scan_finding)
    assert (answered["answer"], answered["note"], answered["answered_by"]) == ("extend", "等检测报告", "shipin")


def test_the_head_of_the_department_answers_too(bureau: Bureau) -> None:
    accepted(bureau, "2026-11-18 10:00")
    bureau.at("2026-12-03 08:40")
    scan(bureau)
    (finding,) = rows(bureau, tables.scan_finding)
    lead(bureau, "scjg", "shenhe")

    bureau.execute(AnswerFinding(finding_id=finding["id"], answer="finish"), "shenhe")

    assert rows(bureau, tables.scan_finding)[0]["answered_by"] == "shenhe"


def test_only_supervisors_scan_by_hand(bureau: Bureau) -> None:
    with pytest.raises(Forbidden):
        bureau.execute(ScanClocks(), "shipin")


def test_the_recurring_job_looks_every_few_minutes_and_scans_once_a_working_day(bureau: Bureau) -> None:
    accepted(bureau, "2026-11-18 10:00")

    def runs() -> list[str]:
        return [row["trigger"] for row in rows(bureau, tables.scan_run)]

    for at, expected in [
        ("2026-12-03 08:25", []),
        ("2026-12-03 08:30", ["daily"]),
        ("2026-12-03 08:35", ["daily"]),
        ("2026-12-05 09:00", ["daily"]),  # a Saturday
        ("2026-12-07 08:31", ["daily", "daily"]),
    ]:
        look(bureau, at)
        assert runs() == expected, at


def test_the_job_waits_for_its_next_time_and_is_there_once(bureau: Bureau) -> None:
    assert bureau.engine.execute(KeepSchedules(), actor=SYSTEM) == {"added": True}
    assert bureau.engine.execute(KeepSchedules(), actor=SYSTEM) == {"added": False}

    JobExecutor(bureau.engine).run_until_idle()

    (job,) = rows(bureau, tables.job, tables.job.c.id == SCAN_JOB)
    assert job["due_at"] == bureau.now + timedelta(minutes=5) and job["state"] == "waiting"


def test_scanning_twice_changes_nothing(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")
    before = cards(bureau, no)

    scan(bureau)
    scan(bureau)

    assert cards(bureau, no) == before


def test_a_clock_from_before_supervision_is_found_by_the_daily_scan(bureau: Bureau) -> None:
    no = accepted(bureau)
    bureau.at("2026-12-08 08:00")
    with bureau.database.write() as connection:
        connection.execute(tables.watch.delete())

    scan(bureau)
    look(bureau)

    assert card(bureau, no)["level"] == "yellow"


def test_a_case_that_stands_still_is_neither_listed_nor_carded(bureau: Bureau) -> None:
    no = accepted(bureau)
    with bureau.database.read() as connection:
        assert connection.execute(tables.watch.select()).first() is not None
    bureau.withdraw(no)

    look(bureau, "2027-01-08 08:40")

    assert cards(bureau, no) == [] and rows(bureau, tables.watch, tables.watch.c.kind == "promised") == []


def test_runs_findings_and_rules_rebuild_from_the_history(bureau: Bureau) -> None:
    accepted(bureau, "2026-11-18 10:00")
    bureau.at("2026-12-03 08:40")
    scan(bureau)
    (finding,) = rows(bureau, tables.scan_finding)
    bureau.claim("shipin", finding["case_no"], "review")
    bureau.execute(AnswerFinding(finding_id=finding["id"], answer="extend"), "shipin")

    memory = MemoryRows()
    with bureau.database.read() as connection:
        replay(connection, ADMIN_STREAM, memory)

    for table in (tables.scan_run, tables.scan_finding):
        assert list(memory.tables[table].values()) == rows(bureau, table)
