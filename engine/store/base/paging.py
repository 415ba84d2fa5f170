"""Paging by key: the next page starts behind the last row's sorting values, however many rows were added meanwhile."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, tuple_

from engine.errors import InvalidInput
from engine.records import record

MAX_LIMIT = 200
# What a cursor may hold: every database and every time zone can do with it. LATEST is the sorting date of "no deadline".
EARLIEST, LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


@record
class Total:
    """How many rows a list has: ``n``, or ``more`` than that."""

    n: int
    more: bool = False


@record(kw_only=False)
class Page:
    """Some rows, and the cursor of the page behind them (None on the last)."""

    rows: list[Row] = field(default_factory=list)
    next: str | None = None
    searched: int | None = None  # a search ended after looking at this many rows; ``next`` goes on behind them
    total: Total | None = None  # of the whole list, where it was asked for


def clamp(limit: int) -> int:
    """Keep a page size within 1 and MAX_LIMIT."""
    return max(1, min(int(limit), MAX_LIMIT))


def page(rows: Sequence[Row], limit: int, *keys: str) -> Page:
    """Cut ``limit + 1`` fetched rows into a page whose cursor is made of the columns ``keys``."""
    kept = list(rows[:limit])
    if len(rows) <= limit or not kept:
        return Page(kept)
    return Page(kept, cursor_of([kept[-1][key] for key in keys]))


def behind(cursor: str | None, *columns: ColumnElement[Any], descending: bool = False) -> ColumnElement[bool] | None:
    """The condition "sorted behind the cursor" for columns that are all ascending or all descending."""
    if not cursor:
        return None
    bounds = _literal(values_of(cursor, columns), columns)
    # Row values, not "a > x or (a = x and b > y)": only these become one range of the index, however deep the page.
    later: ColumnElement[bool] = tuple_(*columns) < bounds if descending else tuple_(*columns) > bounds
    return later


def up_to(
    values: Sequence[Any] | None, *columns: ColumnElement[Any], descending: bool = False
) -> ColumnElement[bool] | None:
    """The condition "sorted before these values, or at them"; None where there is no end."""
    if values is None:
        return None
    bounds = _literal(values, columns)
    within: ColumnElement[bool] = tuple_(*columns) >= bounds if descending else tuple_(*columns) <= bounds
    return within


def _literal(values: Sequence[Any], columns: Sequence[ColumnElement[Any]]) -> Any:
    return tuple_(*(literal(value, column.type) for value, column in zip(values, columns, strict=True)))


def cursor_of(values: Sequence[Any]) -> str:
    """The cursor of the page behind the row with these sorting values."""
    plain = [{"t": value.isoformat()} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def values_of(cursor: str, columns: Sequence[ColumnElement[Any]]) -> list[Any]:
    """Return the sorting values in a cursor. Raises InvalidInput when it is not one of ours for these columns."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value for value in raw]
        if len(values) != len(columns) or not all(map(_fits, values, columns)):
            raise ValueError(cursor)
    except (ValueError, KeyError, TypeError, binascii.Error, UnicodeError, RecursionError):
        raise InvalidInput(
            f"翻页参数 after={cursor[:40]!r} 无效，请从第一页重新开始。",
            f"The paging cursor after={cursor[:40]!r} is not valid; start from the first page.",
            fields={"after": "无效"},
        ) from None
    return values


def _fits(value: Any, column: ColumnElement[Any]) -> bool:
    """Whether a value that somebody may have made up can be compared with the column on every database."""
    if not isinstance(value, column.type.python_type) or isinstance(value, bool):
        return False
    if isinstance(value, datetime):
        return value.tzinfo is not None and EARLIEST <= value <= LATEST
    if isinstance(value, int):
        return -(2**31) <= value < 2**31
    return "\0" not in value and value.isprintable()
