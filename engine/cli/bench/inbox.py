"""What an inbox page costs when the house is full."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select

from engine.access import Actor, Role
from engine.cli.bench.measuring import median_ms
from engine.process_engine import ProcessEngine
from engine.store import tables
from engine.store.queries import Queries

PEOPLE, GROUPS, MY_GROUPS = 2_000, 400, 20
CHUNK = 20_000


def reader() -> Actor:
    """A person in 20 of the 400 groups who also holds tasks of her own."""
    groups = frozenset(f"bench_group_{i}" for i in range(MY_GROUPS))
    return Actor(login="bench_person_0", name="bench", roles=frozenset({Role.STAFF}), groups=groups)


def page_costs(engine: ProcessEngine, instance_id: str, sizes: list[int], times: int) -> dict[int, dict[str, float]]:
    """Fill the house up to each size and time the pages of ``reader``: 待办, 待认领 and the counts of the tabs.

    The reader's own share stays the same: 40 held tasks and some 40 in each of her groups, at every size.
    """
    queries, actor = Queries(engine.database), reader()
    costs: dict[int, dict[str, float]] = {}
    filled = 0
    for size in sizes:
        _fill(engine, instance_id, filled, size)
        filled = size
        _analyse(engine)
        costs[size] = {
            "assigned_ms": median_ms(lambda i: queries.tasks.assigned(actor), times),
            "offered_ms": median_ms(lambda i: queries.tasks.offered(actor), times),
            "counts_ms": median_ms(lambda i: queries.tasks.counts(actor), times),
        }
    return costs


def _fill(engine: ProcessEngine, instance_id: str, have: int, want: int) -> None:
    with engine.database.write() as connection:
        template = connection.execute(
            select(tables.task).where(tables.task.c.instance_id == instance_id).limit(1)
        ).one()
    randomly = random.Random(have)  # noqa: S311 - the same house in every run
    for begin in range(have, want, CHUNK):
        rows, offers = [], []
        for row, offer in _tasks(engine, dict(template._mapping), begin, min(begin + CHUNK, want), randomly):
            rows.append(row)
            offers.extend(offer)
        with engine.database.write() as connection:
            connection.execute(insert(tables.task), rows)
            connection.execute(insert(tables.task_offer), offers)


def _tasks(
    engine: ProcessEngine, template: dict[str, Any], begin: int, end: int, randomly: random.Random
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    now = engine.now()
    for i in range(begin, end):
        due = now + timedelta(minutes=randomly.randrange(60 * 24 * 60))
        row = template | {"id": f"bench-{i:012d}", "token_id": f"bench-{i}", "due_at": due, "due_sort": due}
        # The first thousand hold the reader's share; what comes later belongs to others.
        mine = i < 1_000
        if i % 2:
            person = randomly.randrange(PEOPLE) if mine else randomly.randrange(1, PEOPLE)
            login = "bench_person_0" if mine and i < 80 else f"bench_person_{max(person, 1)}"
            yield row | {"state": "assigned", "assignee": login, "candidate_groups": []}, []
            continue
        group = randomly.randrange(MY_GROUPS) if mine else randomly.randrange(MY_GROUPS, GROUPS)
        key = f"bench_group_{group}"
        offer = {"candidate": f"group:{key}", "due_sort": due, "task_id": row["id"]}
        yield row | {"state": "offered", "assignee": None, "candidate_groups": [key]}, [offer]


def _analyse(engine: ProcessEngine) -> None:
    with engine.database.write() as connection:
        connection.exec_driver_sql("ANALYZE")


def open_tasks(engine: ProcessEngine) -> int:
    """How many tasks are open."""
    with engine.database.read() as connection:
        condition = tables.task.c.state.in_(["offered", "assigned"])
        return connection.scalar(select(func.count()).select_from(tables.task).where(condition)) or 0
