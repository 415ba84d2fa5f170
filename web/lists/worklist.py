"""Which list of tasks an address speaks of: tab, filters, order. The same words serve the list and the task page's 上一件/下一件."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import request

from engine.access import Actor
from engine.calendar import WorkCalendar
from engine.store.base.paging import Page, Row, cursor_of
from engine.store.projections.projector import NEVER
from engine.store.queries.inbox_lists import CLOSED, DUE, ORDERS, Order, TaskFilter
from web.frame import deadlines, listing
from web.frame.auth import services

TABS = ("assigned", "offered", "done")
# What can stand in the address of a list; the last two groups are dates, from and until, both days included.
FILTERS = (
    *("q", "process", "state", "step", "lamp", "urgency", "unread", "item", "applicant", "field", "value"),
    *("from", "until", "due_from", "due_until", "done_from", "done_until"),
    "sort",
)
NEAR = timedelta(days=45)  # no lamp turns amber earlier, holidays included


@dataclass(frozen=True)
class Worklist:
    """A list as its address describes it. ``address`` are the parameters that are set, in the order of the page."""

    tab: str
    narrow: TaskFilter
    order: Order
    lamp: str
    address: Mapping[str, str]
    now: datetime
    calendar: WorkCalendar = field(repr=False)

    @property
    def is_narrowed(self) -> bool:
        return any(name != "sort" for name in self.address)

    @cached_property
    def keep(self) -> Callable[[Row], bool] | None:
        """The lamp of a row depends on the working calendar, which the database does not know."""
        if self.lamp not in ("amber", "green"):
            return None
        return lambda row: self.deadline(row).colour == self.lamp

    def deadline(self, row: Row) -> deadlines.Deadline:
        """The lamp of a row and what is left of its time."""
        return deadlines.of_row(row, now=self.now, calendar=self.calendar)

    def page(self, actor: Actor, after: str | None, limit: int = listing.PAGE_SIZE) -> Page:
        """One page of it, as the actor has it."""
        return self._read(actor, self.order, after, limit)

    def beside(self, actor: Actor, row: Row, *, back: bool = False) -> str | None:
        """The task behind ``row`` in this list, or before it; the row itself need not be in the list any more."""
        if row.get(self.order.columns[0]) is None:
            return None
        order = replace(self.order, descending=not self.order.descending) if back else self.order
        found = self._read(actor, order, cursor_of([row[name] for name in order.columns]), 1).rows
        return str(found[0]["id"]) if found else None

    def query(self, **more: str) -> str:
        """The address's parameters as text."""
        return urlencode({**self.address, **more})

    def _read(self, actor: Actor, order: Order, after: str | None, limit: int) -> Page:
        tasks = services().queries.tasks
        options: dict[str, Any] = {"keep": self.keep, "after": after, "limit": limit, "order": order}
        if self.tab == "done":
            return tasks.done(actor, self.narrow, **options)
        if self.tab == "offered" and actor.stands_in:
            return services().queries.proxy_offers.page(actor, self.now, self.narrow, **options)
        return (tasks.offered if self.tab == "offered" else tasks.assigned)(actor, self.narrow, **options)


def of_request(tab: str | None = None) -> Worklist:
    """Read the list out of the present address; without ``tab`` the address itself names it, else it is 待办."""
    named = tab or listing.text("tab")
    return of_words(named if named in TABS else "assigned", present_address())


def of_words(tab: str, words: Mapping[str, str]) -> Worklist:
    """The list that these words describe, named as in FILTERS. Raises InvalidInput for a day that is none."""
    now, calendar = services().engine.now(), services().queries.admin.calendar()
    lamp = words.get("lamp", "") if tab != "done" else ""
    order = CLOSED if tab == "done" else ORDERS.get(words.get("sort", ""), DUE)
    return Worklist(tab, _narrowed(tab, words, _due_range(lamp, now)), order, lamp, words, now, calendar)


def _narrowed(tab: str, words: Mapping[str, str], due: tuple[datetime | None, datetime | None]) -> TaskFilter:
    def word(name: str) -> str:
        return words.get(name, "")

    def days(first: str, last: str) -> tuple[datetime | None, datetime | None]:
        return listing.day_start(first, word(first)), listing.day_end(last, word(last))

    received, due_days = days("from", "until"), days("due_from", "due_until")
    closed = days("done_from", "done_until") if tab == "done" else (None, None)
    return TaskFilter(
        text=word("q"),
        definition_key=word("process"),
        element_name=word("step"),
        item_code=word("item"),
        applicant=word("applicant"),
        form_field=word("field"),
        form_value=word("value"),
        due_after=due[0],
        due_before=due[1],
        due_from=due_days[0],
        due_until=due_days[1],
        created_from=received[0],
        created_until=received[1],
        closed_from=closed[0],
        closed_until=closed[1],
        urgency=int(word("urgency")) if word("urgency").isdecimal() else None,
        unread=tab == "assigned" and word("unread") == "1",
    )


def present_address() -> dict[str, str]:
    """The filters that are set in the present address."""
    return {name: value for name in FILTERS if (value := listing.text(name, 200))}


def query_of(given: Mapping[str, str]) -> str:
    """Filters as they stand behind a question mark."""
    return urlencode(given)


def checked_query(text: str) -> str:
    """Keep of a list's query what filters and sorts; pages and everything strange fall away."""
    try:
        given = dict(parse_qsl(text, max_num_fields=50))
    except ValueError:
        return ""
    return urlencode({name: given[name][:200] for name in FILTERS if given.get(name)})


def context_of_request() -> dict[str, str]:
    """What a link to a task carries, so that its page knows the list from which one came."""
    named = request.args.get("tab", "")
    return ({"tab": named} if named in TABS else {}) | present_address()


def _due_range(lamp: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The range of due dates in which a lamp can have this colour: (after, until)."""
    never = NEVER - timedelta(days=1)
    ranges = {"red": (None, now), "amber": (now, now + NEAR), "green": (now, never), "none": (never, None)}
    return ranges.get(lamp, (None, None))
