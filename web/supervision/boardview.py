"""What the board shows, for whoever looks: the filter in the address, the figures, and the lists behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import url_for

from engine.access import Actor, Verb, may, require
from engine.approval.item import deployed_item
from engine.calendar import WorkCalendar
from engine.records import record
from engine.store.queries.board import Happened, Lamp, Moments, Span
from engine.store.rows.figures import DAY_MINUTES, CaseFigures, StepFigures
from web.frame import listing
from web.frame.auth import current_actor, services
from web.wording.i18n import translate as _

DAYS = (7, 30, 90, 365)
USUAL_DAYS = 30


@record(kw_only=False)
class Offered:
    """An item that is handled here."""

    code: str
    name: str
    process_key: str
    department: str


@record(kw_only=False)
class StepRow:
    """One step over the span. Times in working days, without suspensions."""

    process_key: str
    element_id: str
    name: str
    process: str
    done: int
    mean: float | None
    limit: float | None
    late: int
    waiting: int
    waiting_late: int
    urged: int

    @property
    def late_share(self) -> float | None:
        return self.late / self.done if self.done else None


def departments_of(actor: Actor) -> frozenset[str] | None:
    """The ids of the departments whose supervision this person may see; None for all."""
    return None if may(actor, Verb.VIEW_ALL_CASES).allowed else actor.leads


@dataclass
class Board:
    """The board of one person under one filter."""

    actor: Actor
    department: str  # code, or "" for all that may be seen
    process: str
    days: int
    now: datetime
    calendar: WorkCalendar
    allowed: frozenset[str] | None  # codes of departments
    names: dict[str, str] = field(default_factory=dict)  # of departments by code

    @classmethod
    def of_request(cls, department: str = "", process: str = "", days: int | None = None) -> Board:
        """The board that the present person asks for. Raises Forbidden for somebody else's department."""
        actor, queries = current_actor(), services().queries
        require(actor, Verb.VIEW_BOARD)
        ids = departments_of(actor)
        allowed = None if ids is None else frozenset(queries.supervision.department_codes(ids))
        wanted = department
        if allowed is not None and department not in allowed:
            wanted = min(allowed) if len(allowed) == 1 else ""
        return cls(
            actor=actor,
            department=wanted,
            process=process,
            days=days if days in DAYS else USUAL_DAYS,
            now=services().engine.now(),
            calendar=queries.admin.calendar(),
            allowed=allowed,
            names={row["code"]: row["name"] for row in queries.admin.departments()},
        )

    # ---- what it is narrowed to

    @cached_property
    def catalogue(self) -> list[Offered]:
        """All items of the house that this person may see."""
        found = []
        for row in services().queries.board.catalogue():
            department = deployed_item(row["source"]).department
            if self.allowed is None or department in self.allowed:
                found.append(Offered(row["code"], row["name"], row["process_key"], department))
        return found

    @property
    def chosen(self) -> list[Offered]:
        """The items within the filter."""
        return [
            each
            for each in self.catalogue
            if (not self.department or each.department == self.department)
            and (not self.process or each.process_key == self.process)
        ]

    @property
    def is_narrow(self) -> bool:
        return bool(self.department or self.process or self.allowed is not None)

    @property
    def items(self) -> tuple[str, ...] | None:
        return tuple(each.code for each in self.chosen) if self.is_narrow else None

    @property
    def processes(self) -> tuple[str, ...] | None:
        if self.process and self.allowed is None and not self.department:
            return (self.process,)
        return tuple({each.process_key for each in self.chosen}) if self.is_narrow else None

    @cached_property
    def span(self) -> Span:
        today = self.calendar.local_date(self.now)
        return Span(first=today - timedelta(days=self.days - 1), last=today, items=self.items, processes=self.processes)

    @cached_property
    def moments(self) -> Moments:
        return Moments.of(self.now, self.calendar)

    def arguments(self, **more: Any) -> dict[str, Any]:
        """The filter as arguments of an address."""
        found = {"department": self.department, "process": self.process}
        if self.days != USUAL_DAYS:
            found["days"] = str(self.days)
        return {name: value for name, value in {**found, **more}.items() if value}

    # ---- figures

    @cached_property
    def lamps(self) -> dict[str, int]:
        return services().queries.board.lamps(self.moments, self.items)

    @property
    def open(self) -> int:
        return sum(self.lamps[lamp] for lamp in Lamp.ALL)

    @cached_property
    def _happened(self) -> tuple[Happened, datetime]:
        return services().queries.board.happened(self.span, self.calendar)

    @property
    def happened(self) -> Happened:
        return self._happened[0]

    @property
    def total(self) -> CaseFigures:
        return self.happened.total

    @property
    def mean(self) -> float | None:
        """The mean working time of a decided case, in working days."""
        return _mean(self.total.minutes, self.total.decided)

    @property
    def on_time(self) -> float | None:
        """Which share of the decided cases was decided in time."""
        return None if not self.total.decided else 1 - self.total.late / self.total.decided

    @property
    def day_rows(self) -> list[tuple[date, CaseFigures]]:
        days = [self.span.first + timedelta(days=n) for n in range(self.days)]
        return [(day, self.happened.days.get(day, CaseFigures())) for day in days]

    @property
    def curve_rows(self) -> list[tuple[str, CaseFigures]]:
        """By day; over a quarter and more by week, so that a curve stays one."""
        if self.days <= 31:
            return [(f"{day:%m-%d}", found) for day, found in self.day_rows]
        weeks: dict[date, CaseFigures] = {}
        for day, found in self.day_rows:
            weeks.setdefault(day - timedelta(days=day.weekday()), CaseFigures()).add(found)
        return [(f"{monday:%m-%d}", found) for monday, found in weeks.items()]

    @cached_property
    def overdue(self) -> list[tuple[str, str, int]]:
        """(code, name, overdue cases) of each responsible department, most first."""
        of_item = {each.code: each.department for each in self.catalogue}
        sums: dict[str, int] = {}
        for code, count in services().queries.board.overdue_by_item(self.moments, self.items).items():
            department = of_item.get(code, "")
            sums[department] = sums.get(department, 0) + count
        named = [(code, self.names.get(code, code), count) for code, count in sums.items()]
        return sorted(named, key=lambda row: (-row[2], row[1]))

    @cached_property
    def steps(self) -> list[StepRow]:
        """All steps that did something in the span or have work now, slowest first."""
        queries = services().queries
        waiting = queries.board.waiting(self.processes, self.now)
        begun = datetime.combine(self.span.first, datetime.min.time(), self.calendar.timezone)
        urged = queries.supervision.urge_counts(begun)
        found = self.happened.steps
        names = {key: self.process_name(key) for key in {key for key, _ in (*found, *waiting)}}
        rows = []
        for key, element in {**found, **dict.fromkeys(waiting)}:
            figures = found.get((key, element), StepFigures())
            count, late = waiting.get((key, element), (0, 0))
            rows.append(
                StepRow(
                    process_key=key,
                    element_id=element,
                    name=figures.element_name or self.element_name(key, element),
                    process=names[key],
                    done=figures.done,
                    mean=_mean(figures.minutes, figures.done),
                    limit=_mean(figures.limit_minutes, figures.limited),
                    late=figures.late,
                    waiting=count,
                    waiting_late=late,
                    urged=urged.get((key, element), 0),
                )
            )
        return sorted(rows, key=lambda row: (-(row.mean or 0), row.process, row.name))

    def process_name(self, key: str) -> str:
        known = next((each.name for each in self.catalogue if each.process_key == key), None)
        if known is None:
            row = services().queries.definitions.latest(key)
            known = row["name"] if row else key
        return known

    def element_name(self, key: str, element: str) -> str:
        """What an element is called in the newest version of its process."""
        names = (self.definition(key) or {}).get("model", {}).get("element_names", {})
        return names[element][0] if names.get(element) else element

    def definition(self, key: str) -> dict[str, Any] | None:
        return services().queries.definitions.latest(key)

    # ---- the heat of one process

    @property
    def heat_process(self) -> str:
        """The process whose diagram is shown: the chosen one, else the one with the most work."""
        if self.process:
            return self.process
        sums: dict[str, int] = {}
        for row in self.steps:
            sums[row.process_key] = sums.get(row.process_key, 0) + row.waiting * 1000 + row.done
        return max(sums, key=lambda key: sums[key], default="")

    def heat(self, measure: str) -> tuple[dict[str, float], dict[str, str], dict[str, str]]:
        """(heat from 0 to 1, badge, tooltip) by element of the process that is shown; ``measure``: count, mean, late."""
        rows = [row for row in self.steps if row.process_key == self.heat_process]
        heat, badges, titles = {}, {}, {}
        highest = max([1, *(row.waiting for row in rows)])
        for row in rows:
            if measure == "mean" and row.mean is not None:
                hot = row.mean / row.limit if row.limit else row.mean / max(1.0, *(each.mean or 0 for each in rows))
                heat[row.element_id], badges[row.element_id] = min(1.0, hot), f"{row.mean:.1f}"
            elif measure == "late" and row.late_share is not None:
                heat[row.element_id], badges[row.element_id] = row.late_share, f"{row.late_share:.0%}"
            elif measure == "count" and row.waiting:
                heat[row.element_id], badges[row.element_id] = row.waiting / highest, str(row.waiting)
            titles[row.element_id] = self._tooltip(row)
        return heat, badges, titles

    def _tooltip(self, row: StepRow) -> str:
        parts = [_("在办 {n} 件", n=row.waiting)]
        if row.mean is not None:
            parts.append(_("平均 {days} 工作日", days=f"{row.mean:.2f}", n=row.mean))
        if row.late_share is not None:
            parts.append(_("超期率 {share}", share=f"{row.late_share:.0%}"))
        return " · ".join(parts)

    # ---- lists

    def list(self, lamps: Sequence[str], *, after: str | None = None, limit: int = listing.PAGE_SIZE) -> Any:
        return services().queries.board.cases(self.moments, lamps, self.items, after=after, limit=limit)

    def list_url(self, lamp: str) -> str:
        return url_for("board.cases", **self.arguments(lamp=lamp, days=""))


def _mean(minutes: int, count: int) -> float | None:
    return minutes / count / DAY_MINUTES if count else None
