"""The working calendar: the year in colours; for administrators also loading a year and changing a day."""

import calendar as months
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb, may
from engine.calendar import SHANGHAI, DayKind, DayRow, WorkCalendar, YearFileRefused
from engine.commands.administration.calendar import ChangeCalendarDay, ChangeOfficeHours, LoadCalendarYear
from engine.errors import InvalidInput
from engine.records import record
from engine.store.queries.clocks import Preview
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.policy import asks
from web.parts import clockview
from web.wording.i18n import choose
from web.wording.i18n import translate as _
from web.wording.words import DAY_KINDS

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@record(kw_only=False)
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
def load_year() -> Response | str | tuple[str, int]:
    """Load a year file; nothing changes unless every line of it is right."""
    upload = request.files.get("file")
    try:
        given = upload.read(200_000) if upload else b""
        text = given.decode("utf-8-sig") or request.form.get("text", "")[:200_000]
    except UnicodeDecodeError:
        return _page(problem=_("文件不是 UTF-8 编码的文本，请另存为 UTF-8。")), 422
    if "preview" in request.form:
        return _previewed_year(text)
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
def change_day() -> Response | str | tuple[str, int]:
    form = request.form
    kind = form.get("kind", "")
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError:
        return _page(problem=_("请选择日期。")), 422
    if kind not in DAY_KINDS:
        return _page(problem=_("请选择这一天怎么算。")), 422
    if "preview" in form:
        row = DayRow(date=day, kind=DayKind(kind), name=form.get("name", "").strip()[:100])
        return _page(year=day.year, preview=clockview.preview_of_day(row), proposed=dict(form))
    command = ChangeCalendarDay(
        day=day.isoformat(),
        kind=kind,
        name=form.get("name", "").strip()[:100],
        source=form.get("source", "").strip()[:200],
    )
    services().engine.execute(command, actor=current_actor())
    flash(_("{day} 已改为「{kind}」。", day=day.isoformat(), kind=_(DAY_KINDS[kind])), "success")
    return redirect(url_for("calendar.index", year=day.year), 303)


@blueprint.post("/hours")
@asks(Verb.MANAGE_CALENDAR)
def change_hours() -> Response | tuple[str, int]:
    """Set the office hours of the year, and of a season if one is given."""
    form = request.form
    times = ("am_start", "am_end", "pm_start", "pm_end")
    hours = [{name: form.get(name, "") for name in times}]
    if form.get("season_first") and form.get("season_last"):
        season: dict[str, Any] = {name: form.get(f"season_{name}", "") for name in times}
        season |= {"first": _month_day("season_first"), "last": _month_day("season_last"), "name": _("季节作息")}
        hours.insert(0, season)
    try:
        services().engine.execute(ChangeOfficeHours(hours=tuple(hours)), actor=current_actor())
    except (InvalidInput, ValueError, IndexError) as error:
        told = (
            choose(error.zh, error.en) if isinstance(error, InvalidInput) else _("时间请写成 08:30，月日请写成 05-01。")
        )
        return _page(problem=told), 422
    flash(_("办公时间已修改，未办结的时限将重新计算。"), "success")
    return redirect(url_for("calendar.index"), 303)


def _month_day(name: str) -> list[int]:
    return [int(part) for part in request.form[name].split("-")][:2]


def _previewed_year(text: str) -> str | tuple[str, int]:
    """What the file would move, before it is loaded; the file travels along, so that it need not be chosen again."""
    try:
        found = clockview.preview_of_year(text)
    except YearFileRefused as error:
        lines = tuple(_line(each.line, choose(each.zh, each.en)) for each in error.errors)
        return _page(problem=_("文件有误，没有载入："), details=lines), 422
    return _page(preview=found, proposed={"text": text, "source": request.form.get("source", "").strip()[:200]})


def _page(
    *,
    problem: str = "",
    details: tuple[str, ...] = (),
    year: int | None = None,
    preview: Preview | None = None,
    proposed: Mapping[str, str] | None = None,
) -> str:
    queries = services().queries.admin
    today = services().engine.now().astimezone(SHANGHAI).date()
    year = year or listing.number("year") or today.year
    year = min(max(year, 2000), 2100)
    work = queries.calendar()
    revisions = services().queries.clocks.revisions(after=listing.text("revisions", 500) or None)
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
        preview=preview,
        proposed=proposed or {},
        revisions=[{**row, "detail": _detail(row["detail"])} for row in revisions.rows],
        revisions_pager=listing.pager(revisions.next, size=50, name="revisions"),
        hours=work.office_hours,
    )


def _detail(kept: str) -> str:
    """What a version changed, as it was kept in Chinese: the words for kinds of days in the reader's language."""
    return " ".join(_(word) if word in DAY_KINDS.values() else word for word in kept.split(" "))


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
