"""The board's figures: what stands, what happened, in working time without suspensions; the same however it was gathered."""

from datetime import date

import pytest

from engine.calendar import WorkCalendar
from engine.context import Command, CommandContext
from engine.records import record
from engine.store import tables
from engine.store.queries.board import Happened, Lamp, Moments, Span
from engine.store.rows import figures
from tests.integration.supervision.watching import accepted, look, rows
from tests.processes.bureau import ADMIN, Bureau


def decided(bureau: Bureau, no: str, at: str) -> None:
    bureau.at(at)
    bureau.do("shipin", no, "review", "pass", review_record="符合")
    bureau.do("shenhe", no, "audit", "agree")
    bureau.do("juzhang", no, "decide", "approve")


def calendar(bureau: Bureau) -> WorkCalendar:
    return bureau.queries.admin.calendar()


def lamps(bureau: Bureau) -> dict[str, int]:
    return bureau.queries.board.lamps(Moments.of(bureau.now, calendar(bureau)))


def happened(bureau: Bureau, first: str = "2026-11-01") -> Happened:
    last = calendar(bureau).local_date(bureau.now)
    return bureau.queries.board.happened(Span(first=date.fromisoformat(first), last=last), calendar(bureau))[0]


@record
class Gather(Command):
    """Gather everything that happened so far, a week at a time."""

    anew: bool

    def execute(self, context: CommandContext) -> dict[str, bool]:
        now = context.now + figures.LAG
        return {"more": figures.gather(context.uow, context.calendar, now, anew=self.anew)}


def test_lamps_count_open_cases_and_their_lists_name_them(bureau: Bureau) -> None:
    over, near = accepted(bureau, "2026-11-17 10:00"), accepted(bureau, "2026-11-20 10:00")
    accepted(bureau, "2026-11-30 10:00")
    done = accepted(bureau, "2026-11-30 11:00")
    decided(bureau, done, "2026-12-01 10:00")
    bureau.at("2026-12-02 10:00")

    assert lamps(bureau) == {"red": 1, "amber": 1, "green": 1, "paused": 0, "today": 0}
    moments = Moments.of(bureau.now, calendar(bureau))
    for lamp, no in ((Lamp.RED, over), (Lamp.AMBER, near)):
        (row,) = bureau.queries.board.cases(moments, [lamp]).rows
        assert (row["no"], row["lamp"]) == (no, lamp)
    bureau.at("2026-12-04 10:00")
    assert lamps(bureau)["today"] == 1, "near is due today"


def test_a_decision_counts_its_working_time_and_whether_it_was_late(bureau: Bureau) -> None:
    good, late = accepted(bureau, "2026-11-20 10:00"), accepted(bureau, "2026-11-20 10:00")
    decided(bureau, good, "2026-11-25 22:00")  # Friday to Wednesday: three working days and a half
    decided(bureau, late, "2026-12-07 10:00")

    found = happened(bureau)

    assert found.days[date(2026, 11, 20)].received == 2
    on_time = found.days[date(2026, 11, 25)]
    assert (on_time.decided, on_time.late, on_time.minutes) == (1, 0, round(3.5 * 1440))
    too_late = found.days[date(2026, 12, 7)]
    assert (too_late.decided, too_late.late, too_late.minutes) == (1, 1, 11 * 1440)
    assert found.total.decided == 2


def test_steps_count_their_working_time_beside_their_limit(bureau: Bureau) -> None:
    no = accepted(bureau, "2026-11-20 10:00")
    decided(bureau, no, "2026-11-24 10:00")

    step = happened(bureau).steps["food_permit_tolerance", "review"]

    assert (step.done, step.minutes, step.element_name) == (1, 2 * 1440, "承办审查")
    assert step.limited == 1 and step.limit_minutes > 5 * 1440


@pytest.mark.parametrize(
    "looks", [(), ("2026-11-21 09:00",), ("2026-11-25 09:00", "2026-11-26 09:00", "2026-12-08 09:00")]
)
def test_the_figures_are_the_same_however_often_they_were_gathered(bureau: Bureau, looks: tuple[str, ...]) -> None:
    first, second = accepted(bureau, "2026-11-20 10:00"), accepted(bureau, "2026-11-20 10:00")
    story = {"2026-11-25 12:00": first, "2026-12-07 10:00": second}
    for at in sorted([*looks, *story]):
        if at in story:
            decided(bureau, story[at], at)
        else:
            look(bureau, at)
    bureau.at("2026-12-09 09:00")

    found = happened(bureau)
    more = bureau.engine.execute(Gather(anew=True), actor=ADMIN)["more"]
    assert more, "a week at a time"
    while more:
        more = bureau.engine.execute(Gather(anew=False), actor=ADMIN)["more"]

    assert found == happened(bureau)
    assert found.total.received == 2 and found.total.decided == 2
    assert rows(bureau, tables.case_day) and rows(bureau, tables.step_day)


def test_what_waits_at_each_step_is_counted_with_what_is_late(bureau: Bureau) -> None:
    accepted(bureau, "2026-11-17 10:00")
    accepted(bureau, "2026-11-30 10:00")
    bureau.at("2026-12-02 10:00")

    waiting = bureau.queries.board.waiting(None, bureau.now)

    assert waiting["food_permit_tolerance", "review"] == (2, 1)
    assert bureau.queries.board.waiting(["another"], bureau.now) == {}
