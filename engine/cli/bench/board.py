"""What the supervision board costs when the house has handled a million cases, and what gathering its figures costs."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from engine.access import Role
from engine.cli.bench import clocks
from engine.cli.bench.measuring import counted, median_ms
from engine.context import Command, CommandContext
from engine.passwords import Passwords
from engine.process_engine import ProcessEngine
from engine.store import tables
from engine.store.projections.projector import NEVER
from engine.store.queries.subjects import Queries
from engine.store.rows import figures
from web import WebSettings, create_app

CHUNK = 10_000
OPEN_SHARE = 0.05
YEARS = 3
PASSWORD = "the board of the bench"  # noqa: S105 - of a database that is thrown away


def costs(engine: ProcessEngine, size: int, times: int) -> dict[str, Any]:
    """Fill the house with ``size`` cases (one in twenty open), gather the figures, and time the page over the application."""
    stream = clocks.template(engine)
    begin = time.perf_counter()
    _fill(engine, stream, size)
    clocks.analyse(engine)
    filled = time.perf_counter() - begin
    begin = time.perf_counter()
    while engine.execute(GatherFigures(), actor=clocks.OFFICER)["more"]:
        pass
    gathered = time.perf_counter() - begin
    clocks.analyse(engine)
    client = _signed_in(engine)
    with counted(engine.database.engine) as count:
        _get(client, "/board")
    return {
        "cases": size,
        "open": int(size * OPEN_SHARE),
        "fill_seconds": filled,
        "gather_seconds": gathered,
        "page_ms": median_ms(lambda i: _get(client, "/board"), times, warm_up=2),
        "page_year_ms": median_ms(lambda i: _get(client, "/board?days=365"), times, warm_up=2),
        "list_ms": median_ms(lambda i: _get(client, "/board/cases?lamp=red"), times, warm_up=2),
        "statements": count.statements,
    }


class GatherFigures(Command):
    """Gather the figures of everything that happened so far, as the recurring scan does bit by bit."""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        return {"more": figures.gather(context.uow, context.calendar, context.now + figures.LAG)}


def _signed_in(engine: ProcessEngine) -> Any:
    cheap = Passwords(memory_kib=64, passes=1, lanes=1)
    with engine.database.write() as connection:
        row: dict[str, Any] = {"login": "head", "name": "bench", "roles": [Role.SUPERVISOR.value]}
        connection.execute(
            tables.person.insert(), row | {"created_at": engine.now(), "password_hash": cheap.hash(PASSWORD)}
        )
    app = create_app(engine, Queries(engine.database), settings=WebSettings(secret=b"bench"), passwords=cheap)
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    client.post("/login", data={"csrf": found[1], "login": "head", "password": PASSWORD})
    return client


def _get(client: Any, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


# ---------------------------------------------------------------- filling


def _fill(engine: ProcessEngine, stream: str, size: int) -> None:
    with engine.database.read() as connection:
        parts = _originals(connection, stream)
    randomly = random.Random(1)  # noqa: S311 - the same house in every run
    now = engine.now()
    for begin in range(1, size, CHUNK):
        rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in parts}
        for i in range(begin, min(begin + CHUNK, size)):
            for table, row in _case(parts, i, randomly, now):
                rows[table].append(row)
        with engine.database.write() as connection:
            for table in (tables.process_instance, tables.case_file, tables.task, tables.clock, tables.watch):
                if rows[table]:
                    connection.execute(insert(table), rows[table])


def _originals(connection: Connection, stream: str) -> dict[Any, dict[str, Any]]:
    case = clocks.rows_of(connection, tables.case_file, tables.case_file.c.instance_id == stream)[0]
    promised = (tables.clock.c.case_id == case["id"]) & (tables.clock.c.kind == "promised")
    watched = (tables.watch.c.case_id == case["id"]) & (tables.watch.c.kind == "promised")
    instance = clocks.rows_of(connection, tables.process_instance, tables.process_instance.c.id == stream)[0]
    return {
        tables.process_instance: instance | {"machine_state": None},
        tables.case_file: case,
        tables.task: clocks.rows_of(connection, tables.task, tables.task.c.instance_id == stream)[0],
        tables.clock: clocks.rows_of(connection, tables.clock, promised)[0],
        tables.watch: clocks.rows_of(connection, tables.watch, watched)[0],
    }


def _case(
    parts: dict[Any, dict[str, Any]], i: int, randomly: random.Random, now: datetime
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """One case with its instance, its promised clock and its task."""
    is_open = randomly.random() < OPEN_SHARE
    age = timedelta(minutes=randomly.randrange(60 * 24 * (16 if is_open else 365 * YEARS)))
    filed = now - age
    took = timedelta(minutes=randomly.randrange(60, 60 * 24 * 16))
    decided = None if is_open else min(now, filed + took)
    due = filed + timedelta(days=14)
    yield tables.process_instance, clocks.copy_of(parts[tables.process_instance], i)
    case = clocks.copy_of(parts[tables.case_file], i)
    moments = {"created_at": filed, "received_at": filed, "accepted_at": filed, "decided_at": decided}
    yield tables.case_file, case | moments | {"no": f"B{i:022d}", "finished_at": decided, "promised_due": due}
    task = clocks.copy_of(parts[tables.task], i)
    done = (
        {"state": "offered"} if decided is None else {"state": "completed", "closed_at": decided, "closed_by": "bench"}
    )
    task_due = filed + timedelta(days=7)
    yield tables.task, task | done | {"created_at": filed, "due_at": task_due, "due_sort": task_due}
    clock = clocks.copy_of(parts[tables.clock], i)
    stands = {"state": "running" if is_open else "stopped", "started_at": filed, "due_at": due, "stopped_at": decided}
    written = {name: value.astimezone(UTC).isoformat() for name, value in stands.items() if isinstance(value, datetime)}
    facts = clock["facts"] | written | {"state": stands["state"]}
    facts["due"] = clock["facts"]["due"] | {"at": due.isoformat()}
    yield tables.clock, clock | stands | {"facts": facts}
    if is_open:
        yield (
            tables.watch,
            clocks.copy_of(parts[tables.watch], i) | {"due_at": due, "state": "running", "next_look": NEVER},
        )


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The figures for a person."""
    yield (
        f"时限看板 board             {found['cases']:>9,d} 件 cases, {found['open']:,d} 在办 open   近30天 {found['page_ms']:.0f} ms, "
        f"近一年 year {found['page_year_ms']:.0f} ms, {found['statements']} 条语句 statements, 清单 list {found['list_ms']:.0f} ms"
    )
    yield f"汇总 gather (once)         {found['gather_seconds']:.1f} s"
