"""What is tied to a limit moves with it: departments' dates in a joint review, reminders and the end of a promise 容缺."""

from datetime import date, timedelta
from typing import Any

from engine.cli.composition import OPERATOR
from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.cases.suspending import ResumeCase, SuspendCase
from tests.integration.cases.test_special_procedures import timers
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.building import accepted as distributed
from tests.processes.food_permit_tolerance.test_tolerance import promised

ASIDE = date(9999, 1, 1)


def branches(bureau: Bureau, no: str) -> dict[str, date]:
    """Until when each department is to answer, as the review knows it."""
    found = bureau.case(no)["facts"]["review"]["branches"]
    return {branch["code"]: date.fromisoformat(branch["due"]["date"]) for branch in found if branch["due"]}


def clocks(bureau: Bureau, no: str, kind: str) -> dict[str, dict[str, Any]]:
    rows = bureau.queries.cases.clocks(bureau.case(no)["id"])
    return {row["facts"]["about"]: row for row in rows if row["kind"] == kind}


def silences(bureau: Bureau, no: str) -> list[date]:
    """The days on which a department's silence would be looked at."""
    rows = bureau.queries.admin.jobs(state="waiting", limit=200).rows
    return sorted(bureau.local_day(row["due_at"]) for row in rows if row["element_id"] == "opinion_silent")


def rest(bureau: Bureau, day: str) -> None:
    """The bureau is closed that day; every open limit is computed again."""
    bureau.engine.execute(ChangeCalendarDay(day=day, kind="rest", name="防汛停工"), actor=OPERATOR)
    bureau.at((bureau.now + timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M"))


def test_the_dates_of_departments_stand_with_the_case_and_go_on_with_it(bureau: Bureau) -> None:
    no = distributed(bureau)  # Monday 2026-09-21
    assert branches(bureau, no) == {
        "fire": date(2026, 10, 8),
        "air_defence": date(2026, 9, 29),
        "quality": date(2026, 9, 29),
    }
    bureau.do("zhian", no, "give_opinion", "agree")  # its clock stops; the others' do not hang on it
    bureau.at("2026-09-22 15:00")
    begun = bureau.execute(SuspendCase(no=no, kind="hearing", reason="利害关系人申请", planned="20wd"), "renfang")
    assert {row["state"] for row in clocks(bureau, no, "branch").values()} == {"stopped", "paused"}
    assert silences(bureau, no) == [ASIDE, ASIDE]

    bureau.at("2026-10-08 10:00")
    assert bureau.open(no) == ["give_opinion"] * 2, "nobody was silent while the case stood"
    bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "renfang")

    # it stood for six working days: Sep 23, 24, 28, 29, 30 and Oct 8
    assert branches(bureau, no)["fire"] == date(2026, 10, 15) and branches(bureau, no)["air_defence"] == date(
        2026, 10, 13
    )
    assert branches(bureau, no)["quality"] == date(2026, 9, 29), "who has answered has answered"
    assert silences(bureau, no) == [date(2026, 10, 13), date(2026, 10, 15)]
    bureau.at("2026-10-13 17:29")
    assert bureau.open(no) == ["give_opinion"] * 2, "and nothing comes in a burst"
    bureau.at("2026-10-13 17:31")
    assert bureau.opinion(no, "air_defence")["deemed"] and bureau.sees("xiaofang", no) == ["give_opinion"]


def test_the_dates_of_departments_move_with_the_calendar_and_the_ledger_says_so(bureau: Bureau) -> None:
    no = distributed(bureau)
    bureau.at("2026-09-22 10:00")

    rest(bureau, "2026-09-24")

    moved = {"fire": date(2026, 10, 9), "air_defence": date(2026, 9, 30), "quality": date(2026, 9, 30)}
    assert branches(bureau, no) == moved
    assert {about: bureau.local_day(row["due_at"]) for about, row in clocks(bureau, no, "branch").items()} == moved
    assert silences(bureau, no) == sorted(moved.values())
    told = [row["data"] for row in bureau.history(no, "ClockReprojected") if row["data"]["clock_kind"] == "branch"]
    assert len(told) == 3
    bureau.at("2026-09-29 18:00")
    assert bureau.open(no) == ["give_opinion"] * 3
    bureau.at("2026-09-30 18:00")
    assert bureau.sees("renfang", no) == bureau.sees("zhian", no) == []


def test_the_pre_check_moves_too(bureau: Bureau) -> None:
    from tests.processes.construction_permit.building import filed

    no = filed(bureau, "2026-09-21 10:00")

    rest(bureau, "2026-09-22")

    rows = bureau.queries.admin.jobs(state="waiting", limit=200).rows
    due = {bureau.local_day(row["due_at"]) for row in rows if row["element_id"] == "precheck_silent"}
    assert due == {date(2026, 9, 24)}
    bureau.at("2026-09-24 18:00")
    assert bureau.state(no) == "under_review", "silence counts as complete, two working days later"


def test_a_promise_and_its_reminders_move_with_the_calendar(bureau: Bureau) -> None:
    no = promised(bureau)  # Monday 2026-09-21, until 10-09
    bureau.at("2026-09-22 10:00")
    before = timers(bureau, no)
    assert [before[each] for each in ("remind_early", "remind_late", "promise_overdue")] == [
        date(2026, 9, 29), date(2026, 10, 8), date(2026, 10, 9),
    ]  # fmt: skip

    rest(bureau, "2026-09-30")

    after = timers(bureau, no)
    assert [after[each] for each in ("remind_early", "remind_late", "promise_overdue")] == [
        date(2026, 9, 29), date(2026, 10, 9), date(2026, 10, 10),
    ]  # fmt: skip
    facts = bureau.case(no)["facts"]["tolerance"]
    assert facts["deadline"]["date"] == bureau.variables(no)["promise_due"] == "2026-10-10"
    assert bureau.material(no, "S02")["facts"]["tolerated_until"] == "2026-10-10"
    bureau.at("2026-10-09 12:00")
    reminders = bureau.case(no)["facts"]["reminders"]
    assert [entry["day"] for entry in reminders] == ["2026-09-29", "2026-10-09"]
    bureau.at("2026-10-09 18:00")
    assert bureau.sees("chuangkou", no) == ["complete_materials"]
    bureau.at("2026-10-10 18:00")
    assert bureau.state(no) == "acceptance_revoked"


def test_who_brings_a_part_waits_again_until_the_day_that_the_new_calendar_gives(bureau: Bureau) -> None:
    no = promised(bureau)
    rest(bureau, "2026-09-30")
    bureau.upload(no, "S02")
    bureau.do("chuangkou", no, "complete_materials", "bring")

    bureau.do("chuangkou", no, "verify_materials", "pass")

    assert timers(bureau, no)["promise_overdue"] == date(2026, 10, 10)


def test_a_promise_is_the_applicants_and_does_not_stand_when_the_office_does(bureau: Bureau) -> None:
    no = promised(bureau)
    before = {name: day for name, day in timers(bureau, no).items() if name != "review"}

    bureau.execute(SuspendCase(no=no, kind="hearing", reason="利害关系人申请", planned="5wd"), "chuangkou")

    assert {name: timers(bureau, no)[name] for name in before} == before
    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 9))
