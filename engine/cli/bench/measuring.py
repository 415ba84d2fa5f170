"""Stop watches and SQL counters."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event


def median_ms(function: Callable[[int], object], times: int, *, warm_up: int = 5) -> float:
    """Call ``function`` with 0, 1, 2 … and return the median duration in milliseconds."""
    for i in range(warm_up):
        function(i)
    seconds = []
    for i in range(warm_up, warm_up + times):
        begin = time.perf_counter()
        function(i)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds) * 1000


def interleaved_ms(first: Callable[[int], object], second: Callable[[int], object], times: int) -> tuple[float, float]:
    """Medians of two functions called in turn, so that a slow moment of the machine hits both."""
    durations: tuple[list[float], list[float]] = ([], [])
    for i in range(times + 5):
        for function, kept in zip((first, second), durations, strict=True):
            begin = time.perf_counter()
            function(i)
            kept.append(time.perf_counter() - begin)
    return statistics.median(durations[0][5:]) * 1000, statistics.median(durations[1][5:]) * 1000


@dataclass(slots=True)
class SqlCount:
    """Statements and commits that went to the database."""

    statements: int = 0
    commits: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[SqlCount]:
    """Count what goes to the database within the block; BEGIN and COMMIT are not statements."""
    count = SqlCount()

    def statement(connection: Any, cursor: Any, sql: str, *rest: Any) -> None:
        if not sql.startswith("BEGIN"):
            count.statements += 1

    def commit(connection: Any) -> None:
        count.commits += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)
