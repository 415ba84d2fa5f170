"""People at their desks: who completes, returns and takes back what, in words that tests read well in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.access import Actor
from engine.commands.returning.returns import ReturnTask
from engine.commands.tasks.handling import CompleteTask
from engine.store import tables
from engine.store.projections.projector import replay
from tests.integration.engine.house import House, bpmn, flows


def user(element_id: str, name: str = "", **settings: str) -> str:
    """A user task; it is offered to the group of its own name unless ``assignee`` says otherwise."""
    if not {"assignee", "candidateUsers", "candidateGroups"} & settings.keys():
        settings["candidateGroups"] = element_id
    given = "".join(f' banjie:{key}="{value}"' for key, value in settings.items())
    return f'<userTask id="{element_id}" name="{name or element_id}"{given}/>'


# apply -> check -> review -> sign
LINE = (
    '<startEvent id="start"/><endEvent id="end"/>',
    flows("start-apply", "apply-check", "check-review", "review-sign", "sign-end"),
)
STEPS = ("apply", "check", "review", "sign")


def line(**settings: dict[str, str]) -> bytes:
    """The four steps in a row, with the settings of each."""
    return bpmn("".join(LINE) + "".join(user(step, **settings.get(step, {})) for step in STEPS))


FORK = bpmn(
    '<startEvent id="start"/><parallelGateway id="fork" name="并联"/><parallelGateway id="join"/><endEvent id="end"/>'
    + "".join(user(name) for name in ("apply", "fire", "water", "sign"))
    + flows("start-apply", "apply-fork", "fork-fire", "fork-water", "fire-join", "water-join", "join-sign", "sign-end")
)


@dataclass
class Desk:
    """A house in which every step has one person of its name."""

    house: House
    people: dict[str, Actor] = field(default_factory=dict)

    def person(self, step: str) -> Actor:
        if step not in self.people:
            self.people[step] = self.house.person(f"{step}er", step)
        return self.people[step]

    def start(self, model: bytes, *, by: str = "apply", **variables: Any) -> str:
        self.house.deploy(model)
        return self.house.start("leave", by=self.person(by), **variables)

    def complete(self, instance_id: str, *steps: str, outcome: str | None = None, **variables: Any) -> None:
        """The people of these steps complete their tasks, one after the other."""
        for step in steps:
            task = self.house.task(instance_id, step)
            command = CompleteTask(task_id=task["id"], outcome=outcome, variables=variables)
            self.house.engine.execute(command, actor=self.person(step))

    def send_back(
        self, instance_id: str, source: str, target: str, *, reason: str = "材料不全", resubmit: str = "", by: str = ""
    ) -> dict[str, Any]:
        task = self.house.task(instance_id, source)
        self.house.now += timedelta(minutes=1)
        command = ReturnTask(task_id=task["id"], target=target, reason=reason, resubmit=resubmit)
        return self.house.engine.execute(command, actor=self.person(by or source))

    def open(self, instance_id: str) -> list[str]:
        return sorted(row["element_id"] for row in self.house.open_tasks(instance_id))

    def finish(self, instance_id: str) -> None:
        """Everybody completes what is open, until the end; then the history must explain all rows."""
        for _ in range(50):
            rows = self.house.open_tasks(instance_id)
            if not rows:
                break
            self.complete(instance_id, rows[0]["element_id"])
        assert self.house.state(instance_id) == "completed"
        self.check(instance_id)

    def check(self, instance_id: str) -> None:
        """Instance, tasks and returns are what the history alone says."""
        with self.house.database.read() as connection:
            rebuilt = replay(connection, instance_id)
            for table in (tables.process_instance, tables.task, tables.task_return):
                key = table.c.id if table is tables.process_instance else table.c.instance_id
                stored = {
                    row.id: _kept(row._mapping) for row in connection.execute(table.select().where(key == instance_id))
                }
                told = {row["id"]: _kept(row) for row in rebuilt.tables.get(table, {}).values()}
                assert told == stored, table.name

    def told(self, instance_id: str, kind: str) -> list[dict[str, Any]]:
        """The events of one kind in the history, oldest first."""
        history = tables.history
        with self.house.database.read() as connection:
            statement = history.select().where(history.c.stream == instance_id, history.c.kind == kind)
            rows = connection.execute(statement.order_by(history.c.seq)).all()
        return [json.loads(row.payload) for row in rows]

    def returns(self, instance_id: str) -> list[dict[str, Any]]:
        """The returns of an instance, oldest first."""
        with self.house.database.read() as connection:
            statement = tables.task_return.select().where(tables.task_return.c.instance_id == instance_id)
            rows = connection.execute(statement.order_by(tables.task_return.c.returned_at)).all()
        return [dict(row._mapping) for row in rows]


BESIDE = {"machine_state", "search_text", "revision", "history_seq", "history_hash", "anchor", "read_at"}


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in BESIDE}
