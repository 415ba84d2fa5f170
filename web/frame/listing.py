"""Lists in the address bar: filters and the page's cursor are query parameters, so a list can be bookmarked and shared."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import request

from engine.calendar import SHANGHAI
from engine.errors import InvalidInput
from engine.records import record
from engine.store.base.paging import Total

PAGE_SIZE = 20
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)  # of filters: what every database can count from


@record
class Pager:
    """Where one can go from this page of a list. ``total`` is None where counting would cost more than it tells."""

    first_url: str | None
    next_url: str | None
    size: int = PAGE_SIZE
    total: int | None = None
    more: bool = False  # than ``total``: it is the bound up to which rows are counted


def pager(
    next_cursor: str | None, *, total: Total | int | None = None, size: int = PAGE_SIZE, name: str = "after"
) -> Pager:
    """Build the pager of the present address; ``name`` is the parameter of its cursor where a page has two lists."""
    return Pager(
        first_url=_address(None, name) if request.args.get(name) else None,
        next_url=_address(next_cursor, name) if next_cursor else None,
        size=size,
        total=total.n if isinstance(total, Total) else total,
        more=isinstance(total, Total) and total.more,
    )


def _address(cursor: str | None, name: str) -> str:
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in (name, "lang") and value]
    if cursor:
        kept.append((name, cursor))
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def text(name: str, limit: int = 100) -> str:
    """A query parameter as text without blanks around it."""
    return request.args.get(name, "").strip().replace("\0", "")[:limit]


def number(name: str) -> int | None:
    """A query parameter as a number, or None when it is empty or none."""
    value = text(name, 9)
    return int(value) if value.isdecimal() else None


def day_start(name: str, value: str | None = None) -> datetime | None:
    """A date (the parameter of this name, if not given) as the moment at which that day begins in the office."""
    found = _day(name, text(name, 10) if value is None else value)
    return None if found is None else datetime.combine(found, time(0), SHANGHAI)


def day_end(name: str, value: str | None = None) -> datetime | None:
    """A date (the parameter of this name, if not given) as the moment at which that day is over."""
    found = _day(name, text(name, 10) if value is None else value)
    return None if found is None else datetime.combine(found + timedelta(days=1), time(0), SHANGHAI)


def _day(name: str, value: str) -> date | None:
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
        if not FIRST_DAY <= found <= LAST_DAY:
            raise ValueError(value)
        return found
    except ValueError:
        raise InvalidInput(
            f"日期 {value} 无效，格式应为 2026-11-22。",
            f"{value} is not a date; write 2026-11-22.",
            fields={name: "date"},
        ) from None
