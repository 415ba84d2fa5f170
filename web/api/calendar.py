"""The working calendar over HTTP."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from engine import plain
from engine.access import Verb
from engine.calendar import DayKind
from engine.commands.administration.calendar import ChangeCalendarDay, LoadCalendarYear
from engine.errors import NotFound
from web.administration import calendarlog
from web.api.acting import created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Listing, Name, Out, PageQuery
from web.frame.policy import asks

calendar = Noun(blueprint, "calendar")


class Year(Out):
    year: int
    source: str
    loaded_at: datetime
    loaded_by: str


class YearList(Out):
    items: list[Year]


class Day(Out):
    day: date
    kind: str
    name: str
    source: str


class DayList(Out):
    items: list[Day] = Field(description="The days that differ from the week: holidays, and weekend days on duty.")


class NewYear(Body):
    text: str = Field(min_length=1, max_length=100_000, description="A year file, as `./banjie calendar import` reads.")
    source: Name = Field("", description="The document that says so.")


class LoadedYear(Out):
    year: int
    days: int
    version: int


class DayChange(Body):
    kind: DayKind
    name: Name = ""
    source: Name = ""


class ChangedDay(Out):
    day: date
    kind: str
    version: int


@calendar.get("/calendar/years", asks(Verb.VIEW_CALENDAR), zh="工作日历的年份", answers={200: YearList})
def list_years() -> Any:
    """List the years that are loaded; dates in later years are provisional."""
    return {"items": queries().admin.calendar_years()}


@calendar.post(
    "/calendar/years", asks(Verb.MANAGE_CALENDAR), zh="导入一年的工作日历", body=NewYear, answers={201: LoadedYear}
)
def load_year(body: NewYear) -> Answer:
    """Load a year, in place of what was listed for it."""
    result = execute(LoadCalendarYear(text=body.text, source=body.source))
    return created(result, f"/calendar/years/{result['year']}")


@calendar.get(
    "/calendar/years/<int:year>", asks(Verb.VIEW_CALENDAR), zh="一年的工作日历", answers={200: DayList}, errors=(404,)
)
def get_year(year: int) -> Any:
    """List the days of a year that differ from the week."""
    if year not in {row["year"] for row in queries().admin.calendar_years()}:
        raise NotFound(f"{year} 年的日历尚未导入。", f"The calendar of {year} is not loaded.")
    return {"items": queries().admin.calendar_days(year)}


@calendar.put(
    "/calendar/days/<day>", asks(Verb.MANAGE_CALENDAR), zh="设置一天", body=DayChange, answers={200: ChangedDay}
)
def change_day(day: str, body: DayChange) -> Any:
    """Make one day (`2026-10-01`) a working, rest or half day."""
    result = execute(ChangeCalendarDay(day=_date(day), kind=body.kind.value, name=body.name, source=body.source))
    return {"day": day, "kind": body.kind.value, "version": result["version"]}


class Moved(Out):
    id: str
    case_no: str | None = Field(description="null for a process without a case.")
    instance_id: str
    title: str
    kind: str = Field(description="Which limit: statutory, promised, step …")
    before: datetime
    after: datetime
    days: int = Field(
        description="Calendar days, earlier below zero; 0 for another time of the day, or a date that became firm."
    )
    provisional: bool
    moved_at: datetime
    what: str = Field(description="The event that made this version of the calendar.")
    why: str = Field(description="What changed in the calendar.")


class MovedList(Listing):
    items: list[Moved]


@calendar.get(
    "/calendar/revisions/<int:version>/moves",
    asks(Verb.MANAGE_CALENDAR),
    zh="一版日历移动的时限",
    query=PageQuery,
    answers={200: MovedList},
    errors=(404,),
)
def list_moves(version: int, query: PageQuery) -> Any:
    """List the limits that a version of the calendar moved, by the end that they had."""
    revision = calendarlog.revision_of(version)
    page = queries().moves.page(version, after=query.after, limit=query.limit)
    reason = {"what": revision["what"], "why": revision["detail"]}
    return {"items": [row | reason for row in page.rows], "next": page.next}


def _date(text: str) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise plain.refused("day", "须为日期，例如 2026-10-01", "must be a date, such as 2026-10-01")
    return text
