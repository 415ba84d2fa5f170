"""What a step may cost, in counts and in ratios within one run; ``./banjie bench`` tells the times."""

import pytest

from engine.bpmn.runner import Machine
from engine.cli.bench import inbox, steps
from engine.cli.bench.measuring import counted
from engine.process_engine import ProcessEngine, build
from engine.store.base.database import Database
from engine.store.queries.subjects import Queries


@pytest.fixture
def engine(database: Database) -> ProcessEngine:
    built = build(database, Machine(), secret=b"bench")
    steps.deploy(built)
    return built


def test_a_completed_task_is_fewer_than_ten_statements_and_one_commit(engine: ProcessEngine) -> None:
    counts = steps.statements(engine, Queries(engine.database))
    assert counts["statements"] < 10
    assert counts["commits"] == 1


def test_an_inbox_page_is_two_statements_in_however_many_groups(engine: ProcessEngine) -> None:
    queries, reader = Queries(engine.database), inbox.reader()
    inbox.page_costs(engine, steps.start(engine, "bench_three"), [1_000], 1)
    with counted(engine.database.engine) as count:
        page = queries.tasks.offered(reader, limit=20)
    assert len(page.rows) == 20
    assert count.statements == 2


def test_a_step_costs_as_many_statements_at_the_end_of_a_long_process_as_at_its_start(engine: ProcessEngine) -> None:
    queries = Queries(engine.database)
    instance_id = steps.start(engine, "bench_linear")
    found = []
    for _ in range(steps.STEPS - 1):
        with counted(engine.database.engine) as count:
            steps.complete(engine, queries, instance_id)
        found.append(count.statements)
    assert len(set(found)) == 1


def test_timers_are_drained_to_the_last(engine: ProcessEngine) -> None:
    clock = steps.Clock(engine.clock)
    engine.clock = clock
    assert steps.drain_timers(engine, clock, 20, 2)["timers"] == 20
    # What waits is the recurring scan of the clocks.
    assert Queries(engine.database).admin.job_counts(engine.now()) == {"waiting": 1, "due": 0, "dead": 0}
