"""Multi-instance and standard loop: a body token, under it one token for each instance."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.expressions import LOOP_COUNTER, integer
from engine.bpmn.limits import MAX_INSTANCES, failure
from engine.bpmn.scopes import Scope
from engine.bpmn.specs.base import Facts, Node, ProcessSpec
from engine.records import record

if TYPE_CHECKING:
    from engine import feel
    from engine.bpmn.tokens import Token


class LoopBody(Node):
    """What the diagram shows as one activity with a loop marker. Its trace tells the loop characteristics' own type."""

    is_body = True

    def __init__(self, process: ProcessSpec, facts: Facts, inner: str) -> None:
        super().__init__(process, facts)
        self.inner = inner  # name of the spec of one instance

    def begin_instance(self, token: "Token", index: int, values: dict[str, Any], declared: frozenset[str]) -> None:
        """Start one instance, ``index`` counted from 0, with a scope of its own."""
        node: Node = token.workflow.spec.task_specs[self.inner]
        child = token._add_child(node)
        child.internal_data["index"] = index
        child.scope = Scope({**values, LOOP_COUNTER: index + 1}, token.scope, declared)
        node.start(child, token.id)


@record(kw_only=False)
class Repetition:
    """How often, over what, and until when a multi-instance activity runs."""

    collection: "feel.Expression | None"
    cardinality: "feel.Expression | None"
    item: str | None
    output: str | None
    output_item: "feel.Expression | None"
    declared: frozenset[str]
    completion: "feel.Expression | None"
    sequential: bool


class MultiInstance(LoopBody):
    """``multiInstanceLoopCharacteristics``, parallel or sequential (BPMN 2.0 chapter 13.3.7)."""

    def __init__(self, process: ProcessSpec, facts: Facts, inner: str, repetition: Repetition) -> None:
        super().__init__(process, facts, inner)
        self.repetition = repetition

    def enter(self, token: "Token") -> bool:
        items = self._items(token)
        token.scope = Scope(parent=token.scope)
        token.internal_data.update(total=len(items), next=0, done=0, out={})
        self._show_counters(token)
        if not items:
            return True
        token._set_state(TaskState.STARTED)
        if self.repetition.sequential:
            if self.repetition.item is not None:
                token.internal_data["items"] = items
            self._begin_next(token, items)
        else:
            for _ in items:
                self._begin_next(token, items)
        return False

    def _items(self, token: "Token") -> list[Any]:
        repetition = self.repetition
        if repetition.collection is None:
            if repetition.cardinality is None:
                raise AssertionError(f"{self.name} has neither collection nor cardinality")
            return [None] * integer(token, repetition.cardinality, 0, MAX_INSTANCES)
        items = token.evaluate(repetition.collection)
        if not isinstance(items, list):
            raise failure(
                self,
                "not-a-list",
                f"多实例集合「{repetition.collection.source.strip()}」不是列表",
                f'the collection "{repetition.collection.source.strip()}" is not a list',
                expression=repetition.collection.source,
            )
        if len(items) > MAX_INSTANCES:
            raise failure(
                self,
                "bad-count",
                f"多实例数量 {len(items)} 超过上限 {MAX_INSTANCES}",
                f"{len(items)} instances are more than the limit of {MAX_INSTANCES}",
                limit=MAX_INSTANCES,
            )
        return items

    def _begin_next(self, token: "Token", items: list[Any]) -> None:
        data = token.internal_data
        index = data["next"]
        data["next"] = index + 1
        self._show_counters(token)
        values = {} if self.repetition.item is None else {self.repetition.item: items[index]}
        self.begin_instance(token, index, values, self.repetition.declared)

    def _show_counters(self, token: "Token") -> None:
        data = token.internal_data
        started = data["next"] if self.repetition.sequential else data["total"]
        token.scope.local.update(
            nrOfInstances=data["total"],
            nrOfCompletedInstances=data["done"],
            nrOfActiveInstances=started - data["done"],
        )

    def inner_completed(self, token: "Token", inner: "Token") -> None:
        data, repetition = token.internal_data, self.repetition
        data["done"] += 1
        self._show_counters(token)
        if repetition.output is not None and repetition.output_item is not None:
            data["out"][str(inner.internal_data["index"])] = inner.evaluate(repetition.output_item)
        enough = repetition.completion is not None and inner.holds(repetition.completion)
        if enough or data["done"] == data["total"]:
            for child in token.children:
                child.cancel()
            token._ready()
        elif repetition.sequential:
            self._begin_next(token, data.get("items", ()))

    def run(self, token: "Token") -> None:
        """All instances are over: hand out the results, in the order of the instances."""
        outer = token.scope.parent
        if self.repetition.output is not None and outer is not None:
            out = token.internal_data["out"]
            outer.write(self.repetition.output, [out[key] for key in sorted(out, key=int)])


class StandardLoop(LoopBody):
    """``standardLoopCharacteristics``: repeats while the condition holds, at most ``maximum`` times."""

    def __init__(
        self,
        process: ProcessSpec,
        facts: Facts,
        inner: str,
        *,
        condition: "feel.Expression | None",
        maximum: int | None,
        test_before: bool,
    ) -> None:
        super().__init__(process, facts, inner)
        self.condition = condition
        self.maximum = maximum
        self.test_before = test_before

    def enter(self, token: "Token") -> bool:
        token.internal_data["done"] = 0
        token.scope = Scope({LOOP_COUNTER: 0}, token.scope)
        if self.test_before and not self._goes_on(token):
            return True
        token._set_state(TaskState.STARTED)
        self.begin_instance(token, 0, {}, frozenset())
        return False

    def _goes_on(self, token: "Token") -> bool:
        done = token.internal_data["done"]
        if self.maximum is not None and done >= self.maximum:
            return False
        return self.condition is None or token.holds(self.condition)

    def inner_completed(self, token: "Token", inner: "Token") -> None:
        token.internal_data["done"] += 1
        token.scope.local[LOOP_COUNTER] = token.internal_data["done"]
        if self._goes_on(token):
            self.begin_instance(token, token.internal_data["done"], {}, frozenset())
        else:
            token._ready()
