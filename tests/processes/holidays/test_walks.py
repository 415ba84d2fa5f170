"""Every process over the spring festival and the golden week of 2026, on the machine's own clock (held by freezegun)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from sqlalchemy import select

from engine.approval.clock_sum import ClockSum
from engine.calendar import Unit
from engine.calendar.explanation import DayNote
from engine.cli import samples
from engine.store import tables
from engine.store.base.database import Database
from tests.integration.supervision.watching import cards, look
from tests.processes.bureau import Bureau
from tests.processes.holidays.stories import STORIES
from tests.processes.holidays.story import Beat, Story

HOLIDAYS = {"spring": (date(2026, 2, 15), date(2026, 2, 23)), "golden": (date(2026, 10, 1), date(2026, 10, 7))}


class FrozenBureau(Bureau):
    """The sample bureau on the machine's clock; moving on means moving that."""

    def __init__(self, database: Database, machine: FrozenDateTimeFactory) -> None:
        self.machine = machine
        super().__init__(database)

    @property  # type: ignore[override]
    def now(self) -> datetime:
        return datetime.now(UTC)

    @now.setter
    def now(self, moment: datetime) -> None:
        self.machine.move_to(moment)

    def sums(self, no: str) -> list[ClockSum]:
        """The clocks of a case with their sums, as its page shows them."""
        return self.queries.clocks.of_case(self.case(no)["id"], self.queries.admin.calendar())


@pytest.fixture
def frozen(bureau: Bureau) -> Iterator[FrozenBureau]:
    with freeze_time(datetime(2026, 1, 5, 1, tzinfo=UTC)) as machine:
        yield FrozenBureau(bureau.database, machine)


def test_every_process_of_the_repository_is_walked_over_both_holidays() -> None:
    walked = {(story.name.partition("-")[0], story.name.rpartition("-")[2]) for story in STORIES}
    folders = {path.name for path in samples.PROCESSES.iterdir() if path.is_dir()}

    assert walked >= {(folder, holiday) for folder in folders for holiday in HOLIDAYS}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_nothing_falls_on_the_holiday_and_everything_comes_on_its_day_after_it(
    frozen: FrozenBureau, story: Story
) -> None:
    no = story.begin(frozen, story.eve)

    _runs_until(frozen, no, story.due)
    _runs_until(frozen, f"{no}-01", story.of_child)
    for element, (day, why) in story.tasks.items():
        found = min(task["due_at"] for task in _open(frozen, no) if task["element_id"] == element)
        assert frozen.local_day(found).isoformat() == day, f"{element}: {why}"
    first, last = HOLIDAYS[story.name.rpartition("-")[2]]
    closed = [f"{first - timedelta(days=1)} 18:00", f"{first} 09:00", f"{last} 18:00"]
    for beat in story.beats:
        while closed and closed[0] < beat.at:
            look(frozen, closed.pop(0))
        look(frozen, beat.at)
        _stands(frozen, no, beat)
    for moment in closed:
        look(frozen, moment)
    story.then(frozen, no)
    _runs_until(frozen, no, story.afterwards)
    assert _happened(frozen, first, last) == [], "the office was closed"


def _runs_until(bureau: FrozenBureau, no: str, due: Mapping[str, tuple[str, str]]) -> None:
    """Each clock runs until its day, and its sum can be counted with a finger: so many working days, no day of a holiday."""
    if not due:
        return
    sums = {each.clock.kind.value: each for each in bureau.sums(no)}
    for kind, (day, why) in due.items():
        found = sums[kind]
        assert (found.clock.state.value, found.clock.due.date.isoformat()) == ("running", day), f"{kind}: {why}"
        assert found.agrees and day in found.text(), found.text()
        days = found.explanation.days
        if found.clock.limit.unit is Unit.WD:
            assert sum(each.note is DayNote.COUNTED for each in days) == found.clock.limit.value, found.text()
        for first, last in HOLIDAYS.values():
            off = [each for each in days if first <= each.date <= last]
            assert {each.note for each in off} <= {DayNote.SKIPPED} and all(each.name for each in off), found.text()


def _open(bureau: Bureau, no: str) -> list[dict[str, Any]]:
    """The open tasks of a case with those of the processes that it began, or of an instance without a case."""
    rows = bureau.queries.tasks.open(limit=200).rows
    case = bureau.queries.cases.get(no)
    return [row for row in rows if row["instance_id"] == no or (case is not None and row["business_key"] == no)]


def _happened(bureau: Bureau, first: date, last: date) -> list[str]:
    """What the histories of cases and processes tell of these days (the scan of a closed office writes in its own)."""
    history, instance = tables.history, tables.process_instance
    statement = select(history.c.at, history.c.kind).join(instance, instance.c.id == history.c.stream)
    with bureau.database.read() as connection:
        rows = connection.execute(statement).all()
    return [row.kind for row in rows if first <= bureau.local_day(row.at) <= last]


def _stands(bureau: Bureau, no: str, beat: Beat) -> None:
    when = f"{beat.at}: {beat.why}"
    if beat.open is not None:
        assert sorted(task["element_id"] for task in _open(bureau, no)) == sorted(beat.open.split()), when
    if beat.state is not None:
        assert bureau.state(no) == beat.state, when
    if beat.alerts is not None:
        assert bureau.alerts(no) == beat.alerts.split(), when
    if beat.reminders is not None:
        assert len(bureau.case(no)["facts"].get("reminders", ())) == beat.reminders, when
    if beat.cards is not None:
        assert [f"{row['level']}:{row['state']}" for row in cards(bureau, no)] == beat.cards.split(), when
