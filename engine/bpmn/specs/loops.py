"""Multi-instance and standard loop: a body token, under it one token for each instance."""

from bisect import insort
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.expressions import LOOP_COUNTER, integer
from engine.bpmn.limits import MAX_INSTANCES, failure
from engine.bpmn.scopes import Scope, copy
from engine.bpmn.specs.awaited import AWAITED, await_again, awaited_by
from engine.bpmn.specs.base import ENTERED, STRAIGHT, Facts, Node, ProcessSpec
from engine.bpmn.specs.tasks import HumanTask
from engine.records import record

if TYPE_CHECKING:
    from engine import feel
    from engine.bpmn.tokens import Token

BY = "by"  # what an instance that joined later remembers: who added it


class LoopBody(Node):
    """What the diagram shows as one activity with a loop marker. Its trace tells the loop characteristics' own type."""

    is_body = True

    def __init__(self, process: ProcessSpec, facts: Facts, inner: str) -> None:
        super().__init__(process, facts)
        self.inner = inner  # name of the spec of one instance

    def begin_instance(
        self,
        token: "Token",
        index: int,
        values: dict[str, Any],
        declared: frozenset[str],
        *,
        by: str | None = None,
        again: str | None = None,
    ) -> None:
        """Start one instance, ``index`` counted from 0, with a scope of its own. ``again`` is the id of the token that had
        completed it and waits anew."""
        node: Node = token.workflow.spec.task_specs[self.inner]
        child = token.put_inside(node, again)
        child.internal_data["index"] = index
        if by is not None:
            child.internal_data[BY] = by
        child.scope = Scope({**values, LOOP_COUNTER: index + 1}, token.scope, declared)
        node.start(child, token.id, renews=again)


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
    """``multiInstanceLoopCharacteristics``, parallel or sequential (BPMN 2.0 chapter 13.3.7).

    The body remembers ``total`` (instances that count), ``next`` (the number of the next new one), ``done``, ``out`` (results by
    number); in order also ``items``, or, once somebody has joined or left, ``queue``: what is to come as [number, item, who added
    it]. ``seen`` keeps what the completion condition reads of completed instances themselves, ``joined`` how many were added.

    When it is over the history keeps all this, with ``open``: the instances that were not complete, as [number, item, who added it,
    token], ``armed``: its boundary events that could still happen, as they waited, and ``before``: [what the variable of the results held], or [].
    So somebody who completed an instance can take it back (P-6.1), and nothing of it burdens the state meanwhile.
    """

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
            self._begin_next(token)
        else:
            for item in items:
                self._begin_new(token, item)
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

    def _begin_new(self, token: "Token", item: Any, by: str | None = None) -> None:
        data = token.internal_data
        index = data["next"]
        data["next"] = index + 1
        self._open(token, index, item, by)

    def _begin_next(self, token: "Token") -> None:
        data = token.internal_data
        if "queue" in data:
            self._open(token, *data["queue"].pop(0))
        else:
            self._begin_new(token, data["items"][data["next"]] if "items" in data else None)

    def _open(self, token: "Token", index: int, item: Any, by: str | None, again: str | None = None) -> None:
        self._show_counters(token)
        self.begin_instance(token, index, self.values(item), self.repetition.declared, by=by, again=again)

    def values(self, item: Any) -> dict[str, Any]:
        """The variables with which the instance of an item begins."""
        return {} if self.repetition.item is None else {self.repetition.item: item}

    def _show_counters(self, token: "Token") -> None:
        data = token.internal_data
        token.scope.local.update(
            nrOfInstances=data["total"],
            nrOfCompletedInstances=data["done"],
            nrOfActiveInstances=data["total"] - data["done"] - self._to_come(data),
        )

    def _to_come(self, data: dict[str, Any]) -> int:
        if not self.repetition.sequential:
            return 0
        return len(data["queue"]) if "queue" in data else data["total"] - data["next"]

    def inner_completed(self, token: "Token", inner: "Token") -> None:
        data, repetition = token.internal_data, self.repetition
        data["done"] += 1
        self._show_counters(token)
        if repetition.output is not None and repetition.output_item is not None:
            data["out"][str(inner.internal_data["index"])] = inner.evaluate(repetition.output_item)
        self._keep_seen(token, inner)
        self._go_on(token, repetition.completion is not None and inner.holds(repetition.completion))

    def _go_on(self, token: "Token", enough: bool) -> None:
        data = token.internal_data
        if enough or data["done"] == data["total"]:
            if self.can_reopen(token):
                data["open"] = [[*self._entry(child), child.id] for child in self.running(token)]
                data[AWAITED] = awaited_by(token)
            for child in token.children:
                child.cancel()
            token._ready()
        elif self.repetition.sequential and not self.running(token):
            self._begin_next(token)

    def run(self, token: "Token") -> None:
        """All instances are over: hand out the results, in the order of the instances."""
        outer, name = token.scope.parent, self.repetition.output
        if name is not None and outer is not None:
            home = outer.home(name)
            if self.can_reopen(token):
                token.internal_data["before"] = [home.local[name]] if name in home.local else []
            home.local[name] = self._results(token)

    def _results(self, token: "Token") -> list[Any]:
        out = token.internal_data["out"]
        return [out[key] for key in sorted(out, key=int)]

    # -- what is over goes on ----------------------------------------------------------------------------------------

    def can_reopen(self, token: "Token") -> bool:
        """Are its instances tasks of people, or ballots, in which they may take back what they did?"""
        return isinstance(token.workflow.spec.task_specs[self.inner], HumanTask)

    def memory_of(self, token: "Token") -> dict[str, Any] | None:
        data = token.internal_data
        if "open" not in data:
            return None
        if self.repetition.sequential:
            self._queue(token)  # what is to come, without the items that are done
        return {name: value for name, value in data.items() if name != STRAIGHT}

    def reopen(self, token: "Token", memory: Mapping[str, Any]) -> tuple[str, ...]:
        """Let a body that was over go on as it was at its end, with the instances that it had cancelled open again, and the variable
        of the results as before, unless somebody has written it since; returns their tokens."""
        data: dict[str, Any] = copy(memory)
        opened, armed, before = data.pop("open"), data.pop(AWAITED), data.pop("before", None)
        token.internal_data.update(data)
        token.workflow.top_workflow.record(ENTERED, token, reopens=True)
        await_again(token, armed)
        self._forget_results(token, before)
        token.scope = Scope(parent=token.scope)
        token._set_state(TaskState.STARTED)
        self._show_counters(token)
        for index, item, by, again in opened:
            self._open(token, index, item, by, again)
        return tuple(again for *_, again in opened)

    def _forget_results(self, token: "Token", before: list[Any] | None) -> None:
        name = self.repetition.output
        if name is None or before is None:
            return
        home = token.scope.home(name)
        if home.local.get(name) == self._results(token):
            home.local.pop(name)
            if before:
                home.local[name] = before[0]

    # -- who joins, leaves or begins anew while it runs --------------------------------------------------------------

    def running(self, token: "Token") -> "list[Token]":
        """The instances that run, in the order in which they began."""
        return [child for child in token.children if child.task_spec.name == self.inner]

    def to_come(self, token: "Token") -> list[list[Any]]:
        """What is to come, in order: [number, item, who added it]. Only one after the other has any."""
        data = token.internal_data
        if "queue" in data:
            queue: list[list[Any]] = data["queue"]
            return queue
        if not self.repetition.sequential:
            return []
        items = data.get("items") or [None] * data["total"]
        return [[index, items[index], None] for index in range(data["next"], len(items))]

    def _queue(self, token: "Token") -> list[list[Any]]:
        data = token.internal_data
        if "queue" not in data:
            data["queue"], data["next"] = self.to_come(token), data["total"]
            data.pop("items", None)
        queue: list[list[Any]] = data["queue"]
        return queue

    def join(self, token: "Token", item: Any, by: str) -> None:
        """One instance more: at once, or in order the last to come. Nobody has completed anything, so nothing is decided anew."""
        data = token.internal_data
        queue = self._queue(token) if self.repetition.sequential else []
        data["total"] += 1
        data["joined"] = data.get("joined", 0) + 1
        if self.repetition.sequential:
            queue.append([data["next"], item, by])
            data["next"] += 1
            self._show_counters(token)
        else:
            self._begin_new(token, item, by)

    def leave(self, token: "Token", index: int) -> None:
        """One instance less that is not complete; whether the rest is enough is asked at once, so that nobody waits for nothing."""
        data = token.internal_data
        queue = self._queue(token) if self.repetition.sequential else []
        child = next((each for each in self.running(token) if each.internal_data["index"] == index), None)
        if child is not None:
            by = child.internal_data.get(BY)
            child.cancel()
        else:
            entry = next(each for each in queue if each[0] == index)
            queue.remove(entry)
            by = entry[2]
        data["total"] -= 1
        if by is not None:
            data["joined"] -= 1
        self._show_counters(token)
        self._go_on(token, self._is_enough(token))

    def begin_again(self, token: "Token", index: int, item: Any, by: str | None, again: str) -> bool:
        """An instance that was completed is open again; whether it waits now: in order, one that comes earlier goes first."""
        data = token.internal_data
        data["done"] -= 1
        data["out"].pop(str(index), None)
        seen = [each for each in data.pop("seen", ()) if each[0] != index]
        if seen:
            data["seen"] = seen
        if self.repetition.sequential:
            queue = self._queue(token)
            for child in self.running(token):
                if child.internal_data["index"] < index:
                    insort(queue, [index, item, by], key=lambda entry: entry[0])
                    self._show_counters(token)
                    return False
                child.cancel()
                queue.insert(0, self._entry(child))
        self._open(token, index, item, by, again)
        return True

    def _entry(self, child: "Token") -> list[Any]:
        item = None if self.repetition.item is None else child.scope.local[self.repetition.item]
        return [child.internal_data["index"], item, child.internal_data.get(BY)]

    def _keep_seen(self, token: "Token", inner: "Token") -> None:
        """Keep what the condition read of this very instance: when somebody leaves it is asked again as it was asked last."""
        names = () if self.repetition.completion is None else self.repetition.completion.names
        own = {name: inner.scope.local[name] for name in sorted(names) if name in inner.scope.local}
        if own:
            token.internal_data.setdefault("seen", []).append([inner.internal_data["index"], own])

    def _is_enough(self, token: "Token") -> bool:
        """The completion condition with the numbers of now. Before anything is complete nothing can be enough."""
        completion, data = self.repetition.completion, token.internal_data
        if completion is None or not data["done"]:
            return False
        seen = data.get("seen")
        with token.seeing(Scope(dict(seen[-1][1]) if seen else {}, token.scope)):
            return token.holds(completion)


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
