"""How many rows a list has, counted up to a bound: a page of a million rows costs no more for it than one of ten thousand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, literal, select

from engine.store.base.paging import Page, Total

BOUND = 10_000  # rows that are looked at

Conditions = Sequence[ColumnElement[bool]]
Rows = Callable[[Select[Any]], Sequence[Mapping[str, Any]]]  # runs a statement


def counting(table: Table, by_index: Conditions, others: Conditions = ()) -> Select[Any]:
    """Look at no more than BOUND rows and one: {looked, n}.

    ``by_index`` are conditions that one index answers; ``others``, for which rows have to be read, are asked of what is found.
    """
    hit = case((and_(*others), 1), else_=0) if others else literal(1)
    looked = select(hit.label("hit")).select_from(table).where(*by_index).limit(BOUND + 1).subquery()
    return select(func.count().label("looked"), func.coalesce(func.sum(looked.c.hit), 0).label("n"))


def counted(found: Page, after: str | None, rows: Rows, statement: Select[Any]) -> Page:
    """The same page with the total of its list, by ``counting``. A list of one page tells it without being asked."""
    if not after and found.next is None:
        return replace(found, total=Total(n=len(found.rows)))
    row = rows(statement)[0]
    n, more = int(row["n"]), int(row["looked"]) > BOUND
    return replace(found, total=Total(n=min(max(n, len(found.rows)), BOUND) if more else n, more=more))
