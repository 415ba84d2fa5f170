"""The working calendar: the year in colours; for administrators also loading a year and changing a day."""

import calendar as months
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb, may
from engine.calendar import SHANGHAI, WorkCalendar, YearFileRefused
from engine.commands.calendar import ChangeCalendarDay, LoadCalendarYear
from web import listing
from web.auth import current_actor, services
from web.i18n import choose
from web.i18n import translate as _
from web.policy import asks
from web.words import DAY_KINDS

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@dataclass(frozen=True, slots=True)
class Day:
    """One square of the year view. ``kind`` is of DayKind; ``make_up`` is a worked weekend day 调休."""

    date: date
    kind: str
    name: str
    make_up: bool
    holiday: bool
    today: bool


@blueprint.get("")
@asks(Verb.VIEW_CALENDAR)
def index() -> str:
    return _page()


@blueprint.post("/years")
@asks(Verb.MANAGE_CALENDAR)
def load_year() -> Response | tuple[str, int]:
    """Load a year file; nothing changes unless every line of it is right."""
    upload = request.files.get("file")
    try:
        text = (upload.read(200_000) if upload else b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        return _page(problem=_("文件不是 UTF-8 编码的文本，请另存为 UTF-8。")), 422
    try:
        answer = services().engine.execute(
            LoadCalendarYear(text=text, source=request.form.get("source", "").strip()[:200]), actor=current_actor()
        )
    except YearFileRefused as error:
        lines = tuple(_line(each.line, choose(each.zh, each.en)) for each in error.errors)
        return _page(problem=_("文件有误，没有载入："), details=lines), 422
    flash(_("{year} 年工作日历已载入，共 {n} 天特别安排。", year=answer["year"], n=answer["days"]), "success")
    return redirect(url_for("calendar.index", year=answer["year"]), 303)


@blueprint.post("/days")
@asks(Verb.MANAGE_CALENDAR)
def change_day() -> Response | tuple[str, int]:
    form = request.form
    kind = form.get("kind", "")
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError:
        return _page(problem=_("请选择日期。")), 422
    if kind not in DAY_KINDS:
        return _page(problem=_("请选择这一天怎么算。")), 422
    command = ChangeCalendarDay(
        day=day.isoformat(),
        kind=kind,
        name=form.get("name", "").strip()[:100],
        source=form.get("source", "").strip()[:200],
    )
    services().engine.execute(command, actor=current_actor())
    flash(_("{day} 已改为「{kind}」。", day=day.isoformat(), kind=_(DAY_KINDS[kind])), "success")
    return redirect(url_for("calendar.index", year=day.year), 303)


def _page(*, problem: str = "", details: tuple[str, ...] = ()) -> str:
    queries = services().queries.admin
    today = services().engine.now().astimezone(SHANGHAI).date()
    year = listing.number("year") or today.year
    year = min(max(year, 2000), 2100)
    work = queries.calendar()
    return render_template(
        "calendar/index.html",
        year=year,
        months=[(_month_name(month), _weeks(work, year, month, today)) for month in range(1, 13)],
        loaded=year in work.loaded_years,
        years=queries.calendar_years(),
        listed=queries.calendar_days(year),
        working_days=sum(work.is_working(date.fromordinal(number)) for number in _ordinals(year)),
        manages=may(current_actor(), Verb.MANAGE_CALENDAR).allowed,
        kinds=[(kind, _(text)) for kind, text in DAY_KINDS.items()],
        today=today,
        problem=problem,
        details=details,
    )


def _month_name(month: int) -> str:
    return choose(f"{month} 月", months.month_name[month])


def _weeks(work: WorkCalendar, year: int, month: int, today: date) -> list[list[Day | None]]:
    """The weeks of a month from Monday to Sunday, with None for squares of other months."""
    weeks = months.Calendar(firstweekday=0).monthdatescalendar(year, month)
    return [[_day(work, day, today) if day.month == month else None for day in week] for week in weeks]


def _day(work: WorkCalendar, day: date, today: date) -> Day:
    row = work.describe(day)
    listed = day in work.days
    working = work.is_working(day)
    return Day(
        date=day,
        kind=row.kind.value,
        name=row.name,
        make_up=working and day.weekday() >= 5,
        holiday=listed and not working,
        today=day == today,
    )


def _line(number: int, text: str) -> str:
    return _("第 {line} 行：{text}", line=number, text=text) if number else text


def _ordinals(year: int) -> range:
    return range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
