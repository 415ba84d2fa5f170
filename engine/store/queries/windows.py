"""A search through a list that is read newest first: it looks at a window of the list, and says where it ended.

The same idea as in ``inbox_lists``, for lists with one order: a keyword in the middle of a text has no index, so the rows that
one request looks at are bounded, and the cursor of the answer goes on where the window ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Subquery, or_

from engine.store.base.paging import Page, cursor_of, page
from engine.store.queries.inbox_lists import WINDOW, escaped


def newest_first(
    connection: Connection,
    listed: Select[Any],
    keys: Sequence[Column[Any]],
    limit: int,
    narrow: Callable[[Subquery], list[ColumnElement[bool]]] | None = None,
) -> Page:
    """One page of ``listed`` (behind its cursor already), sorted by ``keys`` downwards; ``narrow`` gives conditions on its rows."""
    ordered = listed.order_by(*(key.desc() for key in keys))
    names = [key.key for key in keys]
    if narrow is None:
        return page([dict(row._mapping) for row in connection.execute(ordered.limit(limit + 1))], limit, *names)
    near = ordered.limit(WINDOW).subquery("near")
    wanted = near.select().where(*narrow(near)).order_by(*(near.c[name].desc() for name in names)).limit(limit + 1)
    found = [dict(row._mapping) for row in connection.execute(wanted)]
    if len(found) > limit:
        return page(found, limit, *names)
    last = connection.execute(ordered.with_only_columns(*keys).limit(1).offset(WINDOW - 1)).first()
    return Page(found) if last is None else Page(found, cursor_of(list(last)), searched=WINDOW)


def holds(near: Subquery, text: str, *names: str) -> ColumnElement[bool]:
    """The text stands somewhere in one of these columns, capital or small."""
    return or_(*(near.c[name].ilike(f"%{escaped(text)}%", escape="\\") for name in names))
