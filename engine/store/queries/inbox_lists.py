"""The SQL of the inbox: orders with an index each, merged ranges of a person's pools, and windows that bound a search.

An unfiltered page is one short range of an index (待办) or the merge of one range per pool (待认领), however deep the page.
A filtered page looks at a *window* of the list, the next WINDOW rows in its order, and no further: with a million open
tasks a filter that fits nothing costs as much as one that fits everything. When the window ends before the page is full, the
page says so and its cursor goes on where the window ended, so nothing is skipped and nothing is filtered after paging.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Connection, Select, TextClause, bindparam, literal, or_, select, text

from engine.records import record
from engine.runtime.searching import fragment
from engine.store.base.paging import Row, behind, up_to, values_of
from engine.store.tables import case_file, process_instance, task, task_offer

WINDOW = 5_000  # rows that one request looks at
COUNT_CAP = 1000  # beyond this a page shows "999+": counting a million rows for a badge helps nobody


@record(kw_only=False)
class Order:
    """A way to sort a list: the columns of the keyset, all one way; in ``task`` and, where there is one, in ``task_offer``."""

    name: str
    columns: tuple[str, ...]
    descending: bool = False

    @property
    def of_task(self) -> tuple[Column[Any], ...]:
        return tuple(task.c[name] for name in self.columns)

    @property
    def of_offer(self) -> tuple[Column[Any], ...]:
        return tuple(task_offer.c["task_id" if name == "id" else name] for name in self.columns)

    def sorting(self, columns: Sequence[Column[Any]]) -> list[ColumnElement[Any]]:
        return [column.desc() if self.descending else column for column in columns]


DUE = Order("due", ("due_sort", "id"))
RECEIVED = Order("received", ("created_at", "id"), descending=True)
URGENT = Order("urgent", ("urgency_sort", "due_sort", "id"))
CLOSED = Order("closed", ("closed_at", "id"), descending=True)
ORDERS = {order.name: order for order in (DUE, RECEIVED, URGENT)}


@record
class TaskFilter:
    """What an inbox is narrowed by; all parts optional."""

    text: str = ""  # in number, title, applicant or the form fields that the task shows
    definition_key: str = ""
    element_name: str = ""
    due_after: datetime | None = None
    due_before: datetime | None = None
    due_from: datetime | None = None  # as due_after and due_before, for somebody who names days: from this moment …
    due_until: datetime | None = None  # … to before this one
    created_from: datetime | None = None
    created_until: datetime | None = None
    closed_from: datetime | None = None
    closed_until: datetime | None = None
    urgency: int | None = None
    unread: bool = False
    instance_id: str = ""
    item_code: str = ""
    applicant: str = ""
    form_field: str = ""  # narrows form_value to the field of this name
    form_value: str = ""

    @property
    def reads_fields(self) -> bool:
        """Whether a row can only be judged with the search text of its instance beside it."""
        return bool(self.text or self.form_value)

    def conditions(self) -> list[ColumnElement[bool]]:
        """What the rows of ``task`` must fulfil; with ``text``, of ``task`` joined with ``process_instance``."""
        equal = {
            "definition_key": self.definition_key,
            "element_name": self.element_name,
            "instance_id": self.instance_id,
        }
        found = [task.c[name] == value for name, value in equal.items() if value]
        if self.text:
            found.append(or_(self.found_in_row(), holds_text(self.text)))
        if self.form_value:
            found.append(holds_text(self.form_value))
        if self.applicant:
            found.append(task.c.applicant.ilike(f"%{escaped(self.applicant)}%", escape="\\"))
        if self.item_code:
            cases = select(case_file.c.instance_id).where(case_file.c.item_code == self.item_code)
            found.append(task.c.instance_id.in_(cases))
        if self.urgency is not None:
            found.append(task.c.urgency == self.urgency)
        if self.unread:
            found.append(task.c.read_at.is_(None))
        return [*found, *self._ranges()]

    def _ranges(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.due_after is not None:
            found.append(task.c.due_sort > self.due_after)
        if self.due_before is not None:
            found.append(task.c.due_sort <= self.due_before)
        ranges = (
            (task.c.due_sort, self.due_from, self.due_until),
            (task.c.created_at, self.created_from, self.created_until),
            (task.c.closed_at, self.closed_from, self.closed_until),
        )
        for column, first, end in ranges:
            found += [] if first is None else [column >= first]
            found += [] if end is None else [column < end]
        return found

    def listed(self) -> Select[Any]:
        """Tasks that fulfil the filter, with what a keyword needs beside them."""
        if not self.reads_fields:
            return select(task).where(*self.conditions())
        in_row = self.found_in_row() if self.text else literal(True)
        columns = (task, process_instance.c.search_text, in_row.label("in_row"))
        joined = task.join(process_instance, process_instance.c.id == task.c.instance_id)
        return select(*columns).select_from(joined).where(*self.conditions())

    def found_in_row(self) -> ColumnElement[bool]:
        """The keyword stands in what the list shows."""
        pattern = f"%{escaped(self.text)}%"
        return or_(
            *(column.ilike(pattern, escape="\\") for column in (task.c.business_key, task.c.title, task.c.applicant))
        )


NO_FILTER = TaskFilter()


class Source(Protocol):
    """A list that can be read in an order: a range of ``task``, or the offers of some candidates."""

    def key_at(self, connection: Connection, order: Order, after: str | None, place: int) -> list[Any] | None:
        """The sorting values of the row at this place (from 1) behind the cursor; None when the list ends before it."""
        ...

    def rows(
        self,
        connection: Connection,
        order: Order,
        after: str | None,
        count: int,
        *,
        narrow: TaskFilter = ...,
        end: Sequence[Any] | None = ...,
    ) -> list[Row]:
        """At most ``count`` rows behind the cursor and up to ``end`` that fulfil the filter; with a keyword also
        ``search_text`` and ``in_row``, whether the row itself holds it."""
        ...


@record(kw_only=False)
class Rows:
    """The rows of ``task`` that fulfil a condition which, with the order, is a range of an index."""

    condition: ColumnElement[bool]

    def key_at(self, connection: Connection, order: Order, after: str | None, place: int) -> list[Any] | None:
        columns = order.of_task
        later = behind(after, *columns, descending=order.descending)
        statement = select(*columns).where(self.condition, *([] if later is None else [later]))
        found = connection.execute(statement.order_by(*order.sorting(columns)).limit(1).offset(place - 1)).first()
        return None if found is None else list(found)

    def rows(
        self,
        connection: Connection,
        order: Order,
        after: str | None,
        count: int,
        *,
        narrow: TaskFilter = NO_FILTER,
        end: Sequence[Any] | None = None,
    ) -> list[Row]:
        columns = order.of_task
        bounds = (
            behind(after, *columns, descending=order.descending),
            up_to(end, *columns, descending=order.descending),
        )
        statement = narrow.listed().where(self.condition, *(bound for bound in bounds if bound is not None))
        found = connection.execute(statement.order_by(*order.sorting(columns)).limit(count))
        return [dict(row._mapping) for row in found]


@record(kw_only=False)
class Offers:
    """The tasks that are offered to some candidates ("user:…", "group:…"), each once."""

    candidates: Sequence[str]

    def key_at(self, connection: Connection, order: Order, after: str | None, place: int) -> list[Any] | None:
        statement = merged_offers(len(self.candidates), order, bool(after), False)
        parameters = self._parameters(order, after, None) | {"rows": 1, "skip": place - 1}
        found = connection.execute(statement.columns(*order.of_offer), parameters).first()
        return None if found is None else list(found)

    def rows(
        self,
        connection: Connection,
        order: Order,
        after: str | None,
        count: int,
        *,
        narrow: TaskFilter = NO_FILTER,
        end: Sequence[Any] | None = None,
    ) -> list[Row]:
        parameters = self._parameters(order, after, end)
        if narrow == NO_FILTER:
            nearest = merged_offers(len(self.candidates), order, bool(after), end is not None, few=True)
            return self._nearest(connection, nearest, parameters, count)
        offers = merged_offers(len(self.candidates), order, bool(after), end is not None)
        near = offers.columns(*order.of_offer).subquery("near")
        wanted = task.c.id.in_(select(near.c.task_id))
        statement = narrow.listed().where(wanted).order_by(*order.sorting(order.of_task)).limit(count)
        found = connection.execute(statement, parameters | {"rows": WINDOW, "skip": 0})
        return [dict(row._mapping) for row in found]

    def _nearest(self, connection: Connection, offers: TextClause, parameters: dict[str, Any], count: int) -> list[Row]:
        """Two statements: the keys out of the merged ranges, and the rows by their ids."""
        rows = count * len(self.candidates)  # as many as there are if each task were offered on every way
        ids: dict[str, None] = {}
        for offer in connection.execute(offers, parameters | {"rows": rows, "skip": 0, "each": count}):
            ids[offer.task_id] = None
            if len(ids) == count:
                break
        if not ids:
            return []
        by_id = {row.id: dict(row._mapping) for row in connection.execute(_BY_IDS, {"ids": list(ids)})}
        return [by_id[task_id] for task_id in ids if task_id in by_id]

    def _parameters(self, order: Order, after: str | None, end: Sequence[Any] | None) -> dict[str, Any]:
        found = numbered(self.candidates)
        if after:
            found |= {f"k{place}": value for place, value in enumerate(values_of(after, order.of_offer))}
        return found | {f"e{place}": value for place, value in enumerate(end or ())}


_BY_IDS = select(task).where(task.c.id.in_(bindparam("ids", expanding=True)))

# A person in twenty groups is a merge of twenty-one ranges. Written as text, once for each number of groups: building such a
# statement out of expressions takes the library ten times as long as the database needs to answer it.


@cache
def merged_offers(candidates: int, order: Order, later: bool, ends: bool, *, few: bool = False) -> TextClause:
    """``:rows`` offers of the candidates :c0, :c1 … in ``order`` after the first ``:skip``, behind the cursor :k0, :k1 … if
    ``later``, up to :e0, :e1 … if it ``ends``.

    A task that is offered twice stands twice. With ``few`` no more than ``:each`` rows are read of a candidate: PostgreSQL then
    knows that there is nothing to gain from parallel workers, which take longer to start than the whole page to read. Without
    it SQLite merges the ranges row by row, which is what a window of thousands needs.
    """
    columns = order.of_offer
    listed, way = ", ".join(column.key for column in columns), " DESC" if order.descending else ""
    sorting = ", ".join(f"{column.key}{way}" for column in columns)
    over, under = ("<", ">=") if order.descending else (">", "<=")
    begin = f" AND ({listed}) {over} ({_bounds('k', columns)})" if later else ""
    finish = f" AND ({listed}) {under} ({_bounds('e', columns)})" if ends else ""
    found = [
        f"SELECT {listed} FROM task_offer WHERE candidate = :c{number}{begin}{finish}"  # noqa: S608 - our own names only
        for number in range(candidates)
    ]
    if few:
        found = [f"SELECT * FROM ({one} ORDER BY {sorting} LIMIT :each) AS b{i}" for i, one in enumerate(found)]  # noqa: S608
    statement = text(f"{' UNION ALL '.join(found)} ORDER BY {sorting} LIMIT :rows OFFSET :skip")
    prefixes = ("k" if later else "") + ("e" if ends else "")
    typed = [bindparam(f"{prefix}{i}", type_=column.type) for prefix in prefixes for i, column in enumerate(columns)]
    return statement.bindparams(*typed)


def _bounds(prefix: str, columns: Sequence[Column[Any]]) -> str:
    return ", ".join(f":{prefix}{place}" for place in range(len(columns)))


@cache
def counted_offers(candidates: int) -> TextClause:
    """How many tasks are offered to the candidates :c0, :c1 …, counted up to :cap in each."""
    ranges = " UNION ALL ".join(
        f"SELECT * FROM (SELECT task_id FROM task_offer WHERE candidate = :c{i} LIMIT :cap) AS b{i}"  # noqa: S608
        for i in range(candidates)
    )
    return text(f"SELECT count(DISTINCT task_id) FROM ({ranges}) AS merged")  # noqa: S608


def numbered(candidates: Sequence[str]) -> dict[str, Any]:
    """The candidates as parameters c0, c1 …"""
    return {f"c{number}": candidate for number, candidate in enumerate(candidates)}


def holds_text(keyword: str) -> ColumnElement[bool]:
    """The keyword stands somewhere in the search text; which field it is, and whether it may be seen, is asked later."""
    return process_instance.c.search_text.like(f"%{escaped(fragment(keyword))}%", escape="\\")


def escaped(given: str) -> str:
    """A text whose % and _ mean themselves in LIKE (with a backslash as its escape)."""
    return given.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
