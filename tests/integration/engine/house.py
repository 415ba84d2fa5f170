"""A small house for tests: a process engine on the test's database, people, and processes written in a few lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.access import Actor, Role
from engine.bpmn.runner import Machine
from engine.commands.administration.deployments import DeployResources
from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import ClaimTask, CompleteTask
from engine.job_executor import JobExecutor
from engine.process_engine import ProcessEngine, build
from engine.store import tables
from engine.store.base.database import Database
from engine.store.queries.subjects import Queries

SECRET = b"a secret for tests"
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Chengdu


@dataclass
class House:
    """``engine``, ``queries``, a clock that tests move, and shorthands that read like the office."""

    database: Database
    now: datetime = MONDAY
    engine: ProcessEngine = field(init=False)
    queries: Queries = field(init=False)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = build(self.database, Machine(), secret=SECRET, clock=lambda: self.now)
        self.queries = Queries(self.database)

    def person(self, login: str, *groups: str, roles: Iterable[Role] = (Role.STAFF,)) -> Actor:
        """Add an employee who is a member of ``groups``."""
        with self.database.write() as connection:
            known = {row.key for row in connection.execute(tables.group.select())}
            fresh = [{"key": key, "name": key} for key in groups if key not in known]
            if fresh:
                connection.execute(tables.group.insert(), fresh)
            row = {
                "login": login,
                "name": login.title(),
                "roles": [role.value for role in roles],
                "created_at": self.now,
            }
            connection.execute(tables.person.insert(), row)
            if groups:
                connection.execute(tables.membership.insert(), [{"login": login, "group_key": key} for key in groups])
        actor = Actor(login=login, name=login.title(), roles=frozenset(roles), groups=frozenset(groups))
        self.actors[login] = actor
        return actor

    @property
    def admin(self) -> Actor:
        return self.actors.get("admin") or self.person("admin", roles=(Role.ADMIN, Role.STAFF, Role.DESIGNER))

    def deploy(self, *processes: bytes, **files: bytes) -> dict[str, Any]:
        """Deploy processes (bytes) and named files as one deployment."""
        named = {f"process_{i}.bpmn": data for i, data in enumerate(processes)}
        named |= {name.replace("__", "."): data for name, data in files.items()}
        return self.engine.execute(DeployResources(name="test", files=named), actor=self.admin)

    def start(self, key: str, *, by: Actor | None = None, **variables: Any) -> str:
        """Start a process and return the instance's id."""
        return str(self.engine.execute(StartInstance(key=key, variables=variables), actor=by or self.admin)["id"])

    def open_tasks(self, instance_id: str) -> list[dict[str, Any]]:
        return self.queries.tasks.open(instance_id=instance_id).rows

    def task(self, instance_id: str, element_id: str | None = None) -> dict[str, Any]:
        """The one open task of an instance (at an element)."""
        found = [row for row in self.open_tasks(instance_id) if element_id in (None, row["element_id"])]
        assert len(found) == 1, [row["element_id"] for row in self.open_tasks(instance_id)]
        return found[0]

    def claim(self, task: dict[str, Any], by: Actor, **options: Any) -> dict[str, Any]:
        return self.engine.execute(ClaimTask(task_id=task["id"]), actor=by, **options)

    def complete(self, task: dict[str, Any], by: Actor, outcome: str | None = None, **variables: Any) -> dict[str, Any]:
        command = CompleteTask(task_id=task["id"], outcome=outcome, variables=variables)
        return self.engine.execute(command, actor=by)

    def state(self, instance_id: str) -> str:
        row = self.queries.instances.get(instance_id)
        assert row is not None
        return str(row["state"])

    def kinds(self, instance_id: str) -> list[str]:
        """The history as a list of event names."""
        return [row["kind"] for row in self.queries.instances.history(instance_id, limit=1000)]

    def run_jobs(self, later: timedelta = timedelta()) -> int:
        """Move the clock on and run everything that is due."""
        self.now += later
        return JobExecutor(self.engine, threads=1).run_until_idle()


def bpmn(body: str, *, key: str = "leave", more: str = "") -> bytes:
    """A BPMN file of one executable process with this body."""
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" '
        f'targetNamespace="urn:test">{more}<process id="{key}" name="{key}" isExecutable="true">{body}</process>'
        "</definitions>"
    ).encode()


def flows(*pairs: str) -> str:
    """Sequence flows: "a-b" is one from a to b, "a-b?x > 1" one with a condition."""
    parts = []
    for pair in pairs:
        path, _, condition = pair.partition("?")
        source, target = path.split("-")
        inner = condition.replace("<", "&lt;").replace(">", "&gt;")
        inner = f"<conditionExpression>{inner}</conditionExpression>" if inner else ""
        parts.append(
            f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return "".join(parts)


LEAVE = bpmn(
    '<startEvent id="start"/>'
    '<userTask id="approve" name="审批" banjie:candidateGroups="leaders" banjie:outcomes="agree:同意,refuse:不同意" banjie:limit="3wd"/>'
    '<exclusiveGateway id="decided" default="decided_end"/>'
    '<userTask id="file" name="归档" banjie:assignee="clerk"/><endEvent id="end"/>'
    + flows("start-approve", "approve-decided", 'decided-file?outcome = "agree"', "decided-end", "file-end")
)
