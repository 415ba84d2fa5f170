"""What an inbox page costs when the house is full."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine.access import Actor, Role
from engine.cli.bench.measuring import median_ms
from engine.process_engine import ProcessEngine
from engine.runtime.searching import search_text
from engine.store import tables
from engine.store.queries.inbox_lists import RECEIVED, URGENT, TaskFilter
from engine.store.queries.subjects import Queries

PEOPLE, GROUPS, MY_GROUPS, INSTANCES = 2_000, 400, 20, 20_000
CHUNK = 20_000


def reader() -> Actor:
    """A person in 20 of the 400 groups who also holds tasks of her own."""
    groups = frozenset(f"bench_group_{i}" for i in range(MY_GROUPS))
    return Actor(login="bench_person_0", name="bench", roles=frozenset({Role.STAFF}), groups=groups)


def crowd() -> Actor:
    """A person in 20 of the groups in which the house's tasks are offered."""
    groups = frozenset(f"bench_group_{i}" for i in range(MY_GROUPS, 2 * MY_GROUPS))
    return Actor(login="bench_person_1", name="bench", roles=frozenset({Role.STAFF}), groups=groups)


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
            # sorted otherwise, deep in the list, and narrowed: a keyword in the forms that fits a few, and one that fits none
            "offered_received_ms": median_ms(lambda i: queries.tasks.offered(actor, order=RECEIVED), times),
            "offered_urgent_ms": median_ms(lambda i: queries.tasks.offered(actor, order=URGENT), times),
            "assigned_keyword_ms": median_ms(lambda i: queries.tasks.assigned(actor, TaskFilter(text="设备7")), times),
            "offered_keyword_ms": median_ms(lambda i: queries.tasks.offered(actor, TaskFilter(text="设备7")), times),
            "offered_nothing_ms": median_ms(lambda i: queries.tasks.offered(actor, TaskFilter(text="没有")), times),
            # the same searches for somebody whose pools hold a twentieth of the house
            "crowd_page_ms": median_ms(lambda i: queries.tasks.offered(crowd()), times),
            "crowd_keyword_ms": median_ms(lambda i: queries.tasks.offered(crowd(), TaskFilter(text="设备7")), times),
            "crowd_nothing_ms": median_ms(lambda i: queries.tasks.offered(crowd(), TaskFilter(text="没有")), times),
        }
    return costs


def _fill(engine: ProcessEngine, instance_id: str, have: int, want: int) -> None:
    with engine.database.write() as connection:
        template = connection.execute(
            select(tables.task).where(tables.task.c.instance_id == instance_id).limit(1)
        ).one()
        if have == 0:
            _add_instances(connection, instance_id)
    randomly = random.Random(have)  # noqa: S311 - the same house in every run
    for begin in range(have, want, CHUNK):
        rows, offers = [], []
        for row, offer in _tasks(engine, dict(template._mapping), begin, min(begin + CHUNK, want), randomly):
            rows.append(row)
            offers.extend(offer)
        with engine.database.write() as connection:
            connection.execute(insert(tables.task), rows)
            connection.execute(insert(tables.task_offer), offers)


def _add_instances(connection: Connection, instance_id: str) -> None:
    """Instances that tasks belong to: a machine state of ordinary size, and forms that a search looks into."""
    found = connection.execute(select(tables.process_instance).where(tables.process_instance.c.id == instance_id)).one()
    model = dict(found._mapping)
    rows = [
        model
        | {
            "id": f"bench-i-{number}",
            "search_text": search_text(
                {"project": f"办公楼设备{number}采购", "company": f"某某第{number}有限公司", "sum": number}
            ),
        }
        for number in range(INSTANCES)
    ]
    connection.execute(insert(tables.process_instance), rows)


def _tasks(
    engine: ProcessEngine, template: dict[str, Any], begin: int, end: int, randomly: random.Random
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    now = engine.now()
    for i in range(begin, end):
        due = now + timedelta(minutes=randomly.randrange(60 * 24 * 60))
        received, urgent = (
            now - timedelta(minutes=randomly.randrange(60 * 24 * 20)),
            9 - randomly.choice((0, 0, 0, 1, 2)),
        )
        row = template | {"id": f"bench-{i:012d}", "token_id": f"bench-{i}", "due_at": due, "due_sort": due}
        row |= {
            "instance_id": f"bench-i-{randomly.randrange(INSTANCES)}",
            "created_at": received,
            "urgency_sort": urgent,
        }
        # The first thousand hold the reader's share; what comes later belongs to others.
        mine = i < 1_000
        if i % 2:
            person = randomly.randrange(PEOPLE) if mine else randomly.randrange(1, PEOPLE)
            login = "bench_person_0" if mine and i < 80 else f"bench_person_{max(person, 1)}"
            yield row | {"state": "assigned", "assignee": login, "candidate_groups": []}, []
            continue
        group = randomly.randrange(MY_GROUPS) if mine else randomly.randrange(MY_GROUPS, GROUPS)
        key = f"bench_group_{group}"
        offer = {name: row[name] for name in ("due_sort", "created_at", "urgency_sort")}
        offer |= {"candidate": f"group:{key}", "task_id": row["id"]}
        yield row | {"state": "offered", "assignee": None, "candidate_groups": [key]}, [offer]


def _analyse(engine: ProcessEngine) -> None:
    with engine.database.write() as connection:
        connection.exec_driver_sql("ANALYZE")


def open_tasks(engine: ProcessEngine) -> int:
    """How many tasks are open."""
    with engine.database.read() as connection:
        condition = tables.task.c.state.in_(["offered", "assigned"])
        return connection.scalar(select(func.count()).select_from(tables.task).where(condition)) or 0
