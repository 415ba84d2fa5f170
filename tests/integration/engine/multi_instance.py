"""An office at BPMN's own multi-instance: one instance for each person, each verb by the login of whoever does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.access import Role
from engine.commands.delegating.signers import AddSigners, RemoveSigner
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.tasks import participants
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt


def shared(*, in_order: bool = False, until: str = "", attributes: str = "", over: str = "=people") -> bytes:
    """A draft, a multi-instance task over ``people`` with one outcome each, and a task behind it."""
    condition = f"<completionCondition>{until}</completionCondition>" if until else ""
    if 'banjie:assignee="' not in attributes:
        attributes += ' banjie:assignee="${p}"'
    return bpmn(
        '<startEvent id="start"/><userTask id="draft" banjie:assignee="zhao"/>'
        f'<userTask id="m" name="会办" banjie:outcomes="agree:同意,refuse:不同意"{attributes}>'
        f'<multiInstanceLoopCharacteristics isSequential="{str(in_order).lower()}" banjie:collection="{over}" '
        f'banjie:elementVariable="p" banjie:outputCollection="opinions" banjie:outputElement="=outcome">{condition}'
        "</multiInstanceLoopCharacteristics></userTask>"
        '<userTask id="after" banjie:assignee="zhao"/><endEvent id="end"/>'
        + flows("start-draft", "draft-m", "m-after", "after-end")
    )


class Office:
    """One instance at its multi-instance task; each verb by the login of whoever does it."""

    def __init__(self, house: House, model: bytes, people: Any = ("qian", "sun", "li")) -> None:
        self.house = house
        for login in ("zhao", "qian", "sun", "li", "zhou", "wu"):
            house.person(login)
        assert house.admin.is_any(Role.ADMIN)
        house.deploy(model)
        self.id = house.start("leave", people=list(people), by=house.actors["zhao"])
        house.complete(house.task(self.id, "draft"), house.actors["zhao"])

    def task(self, login: str) -> dict[str, Any]:
        """The latest task of somebody at the node, open or not."""
        rows = [row for row in self.house.queries.tasks.of_instance(self.id) if row["element_id"] == "m"]
        return [row for row in rows if login in (row["assignee"], row["principal"])][-1]

    def act(self, login: str, command: Any) -> dict[str, Any]:
        self.house.now += timedelta(minutes=1)
        answer = self.house.engine.execute(command, actor=self.house.actors[login])
        assert_rebuilt(self.house, self.id)
        return answer

    def add(self, by: str, *people: str, power: str = "decide", reason: str = "") -> dict[str, Any]:
        task = self.task(by)["id"]
        return self.act(by, AddSigners(task_id=task, people=people, position="beside", power=power, reason=reason))

    def remove(self, by: str, who: str, *, at: str | None = None) -> dict[str, Any]:
        return self.act(by, RemoveSigner(task_id=self.task(at or by)["id"], signer_id=who, reason="不再需要"))

    def withdraw(self, by: str) -> dict[str, Any]:
        return self.act(by, WithdrawTask(task_id=self.task(by)["id"], reason="填错了"))

    def complete(self, login: str, outcome: str = "agree") -> None:
        self.house.now += timedelta(minutes=1)
        self.house.complete(self.task(login), self.house.actors[login], outcome)
        assert_rebuilt(self.house, self.id)

    @property
    def open(self) -> list[str]:
        rows = self.house.open_tasks(self.id)
        return sorted(row["assignee"] if row["element_id"] == "m" else row["element_id"] for row in rows)

    @property
    def people(self) -> list[tuple[str, str]]:
        """Who takes part, in order, each with the state of the task."""
        row = self.task("qian")
        found = self.house.engine.ask(
            lambda context: participants.account(context, row), actor=self.house.actors["qian"]
        )
        return [(each["login"], each["state"]) for each in found]

    def told(self, kind: str) -> list[dict[str, Any]]:
        history = self.house.queries.instances.history(self.id, limit=1000)
        return [event["data"] for event in history if event["kind"] == kind]

    def variable(self, name: str) -> Any:
        return self.house.engine.variables(self.id)[name]
