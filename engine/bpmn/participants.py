"""The people of a running multi-instance user task: who is there and to come, who joins, leaves, or begins again.

Only where each instance stands for a person: a collection whose element variable gives the assignee.
"""

from collections.abc import Iterator
from typing import Any, Final

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.expressions import LOOP_COUNTER
from engine.bpmn.limits import MAX_INSTANCES
from engine.bpmn.scopes import Scope, copy
from engine.bpmn.specs.loops import BY, MultiInstance
from engine.bpmn.specs.tasks import HumanTask
from engine.bpmn.tokens import Instance, Token
from engine.errors import Conflict, StepFailed
from engine.records import record
from engine.runtime import participation
from engine.runtime.lineage import Lineage
from engine.runtime.participation import Participant
from engine.runtime.step import ActivityState

_OWN_WAYS: Final = frozenset({"ballot", "who"})  # settings by which a node finds its people itself


@record(kw_only=False)
class Participation:
    """A multi-instance user task that runs. What changes it is told by the next ``advance``."""

    body: Token
    node: MultiInstance
    task: HumanTask

    @classmethod
    def of(cls, instance: Instance, token_id: str, lineage: Lineage | None = None) -> "Participation | None":
        """That of which the token is one instance; or was, by the lineage. None when it is none, or is over."""
        token = instance.tasks.get(token_id)
        if token is not None:
            body = token.parent
        else:
            passage = None if lineage is None else lineage.passages.get(token_id)
            if passage is None or passage.state is not ActivityState.COMPLETED or len(passage.origins) != 1:
                return None
            body = instance.tasks.get(passage.origins[0])
        if body is None or not isinstance(body.task_spec, MultiInstance) or body.state != TaskState.STARTED:
            return None
        task = body.workflow.spec.task_specs[body.task_spec.inner]
        return cls(body, body.task_spec, task) if isinstance(task, HumanTask) else None

    @property
    def body_id(self) -> str:
        """The token that holds the instances: each came from it."""
        token_id: str = self.body.id
        return token_id

    @property
    def is_of_people(self) -> bool:
        """Does each instance stand for a person?"""
        item, assignee = self.node.repetition.item, self.task.assignment.assignee
        own = _OWN_WAYS.intersection(name for name, _ in self.task.assignment.settings)
        return item is not None and assignee is not None and item in assignee.names and self._has_items and not own

    @property
    def _has_items(self) -> bool:
        return self.node.repetition.collection is not None

    @property
    def in_order(self) -> bool:
        return self.node.repetition.sequential

    @property
    def total(self) -> int:
        """How many instances count, the completed ones too."""
        total: int = self.body.internal_data["total"]
        return total

    @property
    def done(self) -> int:
        """How many of them are complete."""
        done: int = self.body.internal_data["done"]
        return done

    @property
    def joined(self) -> int:
        """How many of them were added while it ran."""
        joined: int = self.body.internal_data.get("joined", 0)
        return joined

    def people(self) -> list[Participant]:
        """Who is not done, in order: those who act now and those whose turn is to come."""
        found = [
            Participant(
                number=child.internal_data["index"],
                login=child.internal_data["task"].get("assignee"),
                token_id=child.id,
                added_by=child.internal_data.get(BY),
            )
            for child in self.node.running(self.body)
        ]
        for number, item, by in self.node.to_come(self.body):
            found.append(Participant(number=number, login=self._login(number, item), added_by=by))
        return sorted(found, key=lambda each: each.number)

    def named(self, seen: dict[str, Any]) -> str | None:
        """Whom the model names for an instance that saw these variables of its own, also a completed one."""
        return self._login(seen[LOOP_COUNTER] - 1, seen.get(self.node.repetition.item or ""))

    # -- changes -----------------------------------------------------------------------------------------------------

    def add(self, login: str, by: str) -> None:
        """One instance more, for ``login``. Raises Conflict where no item gives this person the task."""
        if self.total >= MAX_INSTANCES:
            raise Conflict(
                f"「{self._label}」已有 {MAX_INSTANCES} 份，不能再加",
                f'"{self._label}" has {MAX_INSTANCES} instances already and takes no more',
                limit=MAX_INSTANCES,
            )
        self.node.join(self.body, self._item_for(login), by)

    def remove(self, participant: Participant) -> None:
        """One instance less; what is left is over when it is complete, or the completion condition holds now."""
        self.node.leave(self.body, participant.number)

    def begin_again(self, token_id: str, seen: dict[str, Any], by: str | None) -> bool:
        """The completed instance ``token_id``, which saw these variables of its own, is open again under its old id; whether it
        waits now, and not until those before it are done."""
        item = seen.get(self.node.repetition.item or "")
        return self.node.begin_again(self.body, seen[LOOP_COUNTER] - 1, item, by, token_id)

    # -- items -------------------------------------------------------------------------------------------------------

    def _item_for(self, login: str) -> Any:
        """The item with which the model gives ``login`` the task: the login itself, or an object like those of the collection,
        with nothing known of this person but the login."""
        number = self.body.internal_data["next"]
        for item in self._candidates(login):
            if self._login(number, item) == login:
                return item
        raise participation.not_of_people(self._label, self.task.element_id)

    def _candidates(self, login: str) -> Iterator[Any]:
        yield login
        name = self.node.repetition.item or ""
        known = [(each.scope.local.get(name), each.internal_data["index"]) for each in self.node.running(self.body)]
        for item, number in [*known, *((item, number) for number, item, _ in self.node.to_come(self.body))]:
            owner = self._login(number, item)
            if owner is not None and isinstance(item, dict):
                yield _alike(item, owner, login)

    def _login(self, number: int, item: Any) -> str | None:
        """Whom the model names for an item; None when it names nobody."""
        values = {**self.node.values(copy(item)), LOOP_COUNTER: number + 1}
        scope = Scope(values, self.body.scope, self.node.repetition.declared)
        with self.body.seeing(scope):
            try:
                return self.task.assignment.assignee_of(self.body)
            except StepFailed:
                return None

    @property
    def _label(self) -> str:
        return self.task.element_name or self.task.element_id


def _alike(item: Any, old: str, new: str) -> Any:
    """An item of the same form: the person's login where the other one's stood, and null for all that is not known."""
    if isinstance(item, dict):
        return {name: _alike(value, old, new) for name, value in item.items()}
    return new if isinstance(item, str | int) and str(item) == old else None
