"""What a step costs: starting an instance, completing a task, draining timers, bytes that stay."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.access import Actor, Role
from engine.cli.bench import models
from engine.cli.bench.floor import Floor
from engine.cli.bench.measuring import counted, interleaved_ms, median_ms
from engine.commands.administration.deployments import DeployResources
from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import CompleteTask
from engine.job_executor import JobExecutor
from engine.process_engine import ProcessEngine
from engine.store.queries.subjects import Queries

WORKER = Actor(login="bench", name="bench", roles=frozenset({Role.STAFF, Role.DESIGNER}), groups=frozenset({"bench"}))
STEPS, AT_STEP = 10, 5


@dataclass(slots=True)
class Clock:
    """The bench's own clock: real, moved on by ``ahead``."""

    real: Callable[[], datetime]
    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return self.real() + self.ahead


def deploy(engine: ProcessEngine) -> None:
    """Bring in the processes that are measured."""
    files = {
        "bench_linear.bpmn": models.linear("bench_linear", STEPS),
        "bench_three.bpmn": models.linear("bench_three", 3),
        "bench_timer.bpmn": models.waiting("bench_timer"),
    }
    engine.execute(DeployResources(name="bench", files=files), actor=WORKER)


def start(engine: ProcessEngine, key: str) -> str:
    """Start an instance and return its id."""
    return str(engine.execute(StartInstance(key=key, variables={"amount": 100}), actor=WORKER)["id"])


def complete(engine: ProcessEngine, queries: Queries, instance_id: str, times: int = 1) -> None:
    """Complete the instance's open task, ``times`` times."""
    for _ in range(times):
        task = queries.tasks.open(instance_id=instance_id).rows[0]
        engine.execute(CompleteTask(task_id=task["id"], variables={"note": "agreed"}), actor=WORKER)


def step_costs(engine: ProcessEngine, queries: Queries, times: int) -> dict[str, Any]:
    """Time a start and a completed task at step 5 of 10, beside the floor, in turn."""
    start_ms = median_ms(lambda i: start(engine, "bench_linear"), times)
    ready = []
    for _ in range(times + 5):
        instance_id = start(engine, "bench_linear")
        complete(engine, queries, instance_id, AT_STEP - 1)
        ready.append(queries.tasks.open(instance_id=instance_id).rows[0]["id"])
    floor = Floor(engine.database)
    variables = {"note": "agreed"}
    step_ms, floor_ms = interleaved_ms(
        lambda i: engine.execute(CompleteTask(task_id=ready[i], variables=variables), actor=WORKER), floor.step, times
    )
    floor.close()
    count = statements(engine, queries)
    return {
        "start_instance_ms": start_ms,
        "complete_task_ms": step_ms,
        "core_floor_ms": floor_ms,
        "ratio_to_floor": step_ms / floor_ms,
        **count,
    }


def statements(engine: ProcessEngine, queries: Queries) -> dict[str, int]:
    """Count the statements and commits of one completed task."""
    instance_id = start(engine, "bench_linear")
    complete(engine, queries, instance_id, AT_STEP - 1)
    task_id = queries.tasks.open(instance_id=instance_id).rows[0]["id"]
    with counted(engine.database.engine) as count:
        engine.execute(CompleteTask(task_id=task_id, variables={"note": "agreed"}), actor=WORKER)
    return {"statements": count.statements, "commits": count.commits}


def drain_timers(engine: ProcessEngine, clock: Clock, many: int, threads: int) -> dict[str, float]:
    """Start ``many`` instances that wait for a timer, let all be due, and time how long the workers need."""
    for _ in range(many):
        engine.execute(StartInstance(key="bench_timer"), actor=WORKER)
    clock.ahead += timedelta(hours=2)
    executor = JobExecutor(engine, threads=threads)
    begin = time.perf_counter()
    executor.start()
    queries = Queries(engine.database)
    while queries.admin.job_counts(engine.now())["due"]:
        time.sleep(0.05)
    seconds = time.perf_counter() - begin
    executor.stop()
    return {"timers": many, "seconds": seconds, "per_second": many / seconds}


def bytes_per_instance(engine: ProcessEngine, queries: Queries, many: int, size: Callable[[], int]) -> float:
    """Run ``many`` 3-step instances to their end and return the bytes that each leaves behind."""
    before = size()
    for _ in range(many):
        complete(engine, queries, start(engine, "bench_three"), 3)
    return (size() - before) / many
