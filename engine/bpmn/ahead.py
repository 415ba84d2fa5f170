"""Which tasks for people may come next: a walk along the drawn model from where the tokens wait, with the variables of now.

Nothing runs and nothing changes. A gateway whose conditions can be evaluated is passed along the flows that hold; where a
condition depends on what somebody still has to decide, or on a variable that is not there, every flow is followed and what
lies behind it is uncertain, with the reason. What a boundary event leads to is possible, and what follows a task that it can
end is uncertain. Event subprocesses are not followed: they are exceptions to everything at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine import feel
from engine.bpmn.assignment import Assignment
from engine.bpmn.specs.activities import CallActivity, SubProcess
from engine.bpmn.specs.events import CodeThrow, ThrowEvent
from engine.bpmn.specs.gateways import EventGateway, ExclusiveGateway
from engine.bpmn.specs.loops import LoopBody, MultiInstance
from engine.bpmn.specs.tasks import HumanTask, ScriptTask, ServiceTask
from engine.bpmn.ways import hosts, places
from engine.feel import FeelError
from engine.records import record
from engine.runtime.step import OpenTask, TaskKind

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess
    from engine.bpmn.specs.base import Flow, Node, ProcessSpec

MAX_STEPS: Final = 40  # tasks that are told
MAX_PLACES: Final = 600  # nodes that are looked at
MAX_ITEMS: Final = 20  # instances of a loop that are told apart


@record(kw_only=False)
class Doubt:
    """Why it is not certain that a step comes, or who does it."""

    zh: str
    en: str
    is_exception: bool = False  # the step comes only by a boundary event
    is_diversion: bool = False  # it comes unless a boundary event leads elsewhere before


@record
class Ahead:
    """One task that may come: as it would be opened now, once for each instance of a loop.

    ``tasks`` are empty when who gets it depends on what is not known yet; ``doubts`` say on what.
    """

    element_id: str
    element_name: str
    process_key: str
    tasks: tuple[OpenTask, ...]
    variables: tuple[Mapping[str, Any], ...]  # what each of ``tasks`` would see
    after: tuple[str, str] | None  # process key and element id of the task for people directly before it
    doubts: tuple[Doubt, ...]


@record
class Start:
    """Where a token waits, and what it sees."""

    process_key: str
    element_id: str
    variables: Mapping[str, Any]
    is_left: bool = False  # what comes when it is completed is asked: that something else may end it is no doubt then


@record
class _Path:
    """How the walk came to a node."""

    variables: Mapping[str, Any]
    unknown: Mapping[str, Doubt] = field(default_factory=dict)  # names whose values are still to come
    after: tuple[str, str] | None = None
    doubts: tuple[Doubt, ...] = ()

    def doubting(self, doubt: Doubt | None) -> _Path:
        return self if doubt is None or doubt in self.doubts else replace(self, doubts=(*self.doubts, doubt))


def look(
    compiled: CompiledProcess,
    starts: list[Start],
    *,
    now: datetime,
    functions: Mapping[str, Callable[..., Any]],
    results: Mapping[str, Collection[str]],
    label_of: feel.LabelOf = str,
) -> tuple[list[Ahead], bool]:
    """Return the tasks that may come after those that wait now, nearest first, and whether these are all.

    ``results`` are the variables that each verb brings back: what they hold now is not what they will hold then.
    ``label_of`` says how people call a variable.
    """
    walk = _Walk(compiled, now, functions, results, label_of)
    for start in starts:
        for spec, node in places(compiled, start.process_key, start.element_id):
            if not node.is_boundary and not node.is_event_subprocess:
                path = _Path(variables=start.variables)
                walk.leave(spec, node, walk.passed(node, path, is_left=start.is_left))
                walk.diverted_around(spec, node, path)
    return walk.run()


class _Walk:
    def __init__(
        self,
        compiled: CompiledProcess,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]],
        results: Mapping[str, Collection[str]],
        label_of: feel.LabelOf,
    ) -> None:
        self.results = results
        self.label_of = label_of
        self.compiled = compiled
        self.now = now
        self.functions = functions
        self.human = frozenset((task.process_key, task.id) for task in compiled.user_tasks)
        self.waiting: deque[tuple[ProcessSpec, Node, _Path]] = deque()
        self.found: dict[tuple[str, str], Ahead] = {}
        self._seen: dict[tuple[int, str], bool] = {}  # with or without doubts

    def run(self) -> tuple[list[Ahead], bool]:
        looked = 0
        while self.waiting:
            spec, node, path = self.waiting.popleft()
            looked += 1
            if looked > MAX_PLACES or len(self.found) >= MAX_STEPS:
                return list(self.found.values()), False
            self._visit(spec, node, path)
        return list(self.found.values()), True

    def _visit(self, spec: ProcessSpec, node: Node, path: _Path) -> None:
        known = self._seen.get((id(spec), node.name))
        if known is False or (known is True and path.doubts):
            return  # been here, and surer or as sure as now
        self._seen[id(spec), node.name] = bool(path.doubts)
        body = spec.node(node.inner) if isinstance(node, LoopBody) else node
        if isinstance(body, HumanTask):
            self._tell(node, body, path)
        elif isinstance(body, SubProcess):
            self._go_in(body, path)
            self._diverted(spec, node, path)
            return
        self.leave(spec, node, self.passed(node, path))
        self._diverted(spec, node, path)

    # ---- boundary events

    def diverted_around(self, spec: ProcessSpec, node: Node, path: _Path) -> None:
        """Where the boundary events of a node lead in which a token waits, and those of the scopes around it."""
        self._diverted(spec, node, path)
        for outer, host in hosts(self.compiled, spec):
            self.diverted_around(outer, host, path)

    def _diverted(self, spec: ProcessSpec, host: Node, path: _Path) -> None:
        for boundary in host.boundaries:
            zh = f"只有「{_label(host)}」发生「{_label(boundary)}」时才经过"
            doubt = Doubt(zh, f'only if "{_label(boundary)}" happens at "{_label(host)}"', is_exception=True)
            self.waiting.append((spec, boundary, path.doubting(doubt)))

    # ---- going on

    def passed(self, node: Node, path: _Path, *, is_left: bool = False) -> _Path:
        """The path behind a node: who was there, and which names have values only afterwards."""
        label = _label(node)
        is_human = (node.process_key, node.element_id) in self.human
        # What can end a whole scope is an exception to everything in it, like an event subprocess. One diversion is told, the next.
        ends = next((each for each in node.boundaries if each.interrupts), None)
        is_scope = not is_human and isinstance(node, (SubProcess, LoopBody))
        if ends is not None and not is_left and not is_scope and not any(doubt.is_diversion for doubt in path.doubts):
            zh, en = f"「{label}」发生「{_label(ends)}」时改走别处", f'unless "{_label(ends)}" happens at "{label}"'
            path = path.doubting(Doubt(zh, en, is_diversion=True))
        if is_human:
            decided = Doubt(f"取决于「{label}」的办理结果", f'depends on the outcome of "{label}"')
            names = ("outcome", "comment", f"{node.element_id}_outcome", f"{node.element_id}_votes")
            unknown = {**path.unknown, **dict.fromkeys(names, decided)}
            return replace(path, unknown=unknown, after=(node.process_key, node.element_id))
        computed = Doubt(f"取决于「{label}」的结果", f'depends on the result of "{label}"')
        return replace(path, unknown={**path.unknown, **dict.fromkeys(_results(node, self.results), computed)})

    def leave(self, spec: ProcessSpec, node: Node, path: _Path) -> None:
        """Go on behind a node; behind the last one of a scope, out of it."""
        if isinstance(node, ThrowEvent) and isinstance(node.thrown, CodeThrow) and not node.outgoing:
            return  # an error or escalation: where it is caught is an exception
        if node.outgoing:
            for flow, doubt in self._flows(node, path):
                self.waiting.append((spec, spec.node(flow.target), path.doubting(doubt)))
            return
        for outer, host in hosts(self.compiled, spec):
            self.leave(outer, host, self.passed(host, path))

    def _flows(self, node: Node, path: _Path) -> Iterator[tuple[Flow, Doubt | None]]:
        """The flows that may be taken, each with why it may be not."""
        if isinstance(node, EventGateway):
            label = node.element_name or node.element_id
            doubt = Doubt(f"取决于「{label}」先等到什么", f'depends on what happens first at "{label}"')
            yield from ((flow, doubt if len(node.outgoing) > 1 else None) for flow in node.outgoing)
            return
        kept = node.assignment.refusal_flow if isinstance(node, HumanTask) else None
        if kept is not None:  # one way when it is refused, the others when not
            label = node.element_name or node.element_id
            doubt = Doubt(f"取决于「{label}」的办理结果", f'depends on the outcome of "{label}"')
            yield from ((flow, doubt) for flow in node.outgoing)
            return
        yield from self._first(node, path) if isinstance(node, ExclusiveGateway) else self._all(node, path)

    def _first(self, node: Node, path: _Path) -> Iterator[tuple[Flow, Doubt | None]]:
        """An exclusive gateway: the first flow that holds; behind one in doubt every other is in doubt too."""
        doubted: Doubt | None = None
        for flow in (flow for flow in node.outgoing if not flow.is_default):
            holds, doubt = self._condition(flow, path)
            doubted = doubted or doubt
            if holds or doubt is not None:
                yield flow, doubted
            if holds:
                return
        yield from ((flow, doubted) for flow in node.outgoing if flow.is_default)

    def _all(self, node: Node, path: _Path) -> Iterator[tuple[Flow, Doubt | None]]:
        """Every flow that holds; the default one when none does."""
        doubted: Doubt | None = None
        held = False
        for flow in (flow for flow in node.outgoing if not flow.is_default):
            holds, doubt = self._condition(flow, path)
            doubted = doubted or doubt
            held = held or (holds and flow.condition is not None)
            if holds or doubt is not None:
                yield flow, doubt
        if not held:
            yield from ((flow, doubted) for flow in node.outgoing if flow.is_default)

    def _condition(self, flow: Flow, path: _Path) -> tuple[bool, Doubt | None]:
        if flow.condition is None:
            return True, None
        for name in sorted(flow.condition.names):
            if name in path.unknown:
                return False, path.unknown[name]
        try:
            held = flow.condition.evaluate_condition(path.variables, now=self.now, functions=self.functions)
        except FeelError as error:
            return False, self._lacking(flow.condition, path.variables, error)
        return held, None

    def _go_in(self, node: SubProcess, path: _Path) -> None:
        spec = self.compiled.specs.get(node.spec_key)
        if spec is None or spec.initial is None:
            return
        if isinstance(node, CallActivity) and not node.going_in.all:
            path = self._called(node, path)
        self.waiting.append((spec, spec.node(spec.initial), path))

    def _called(self, node: CallActivity, path: _Path) -> _Path:
        """What a called process will see of the variables."""
        given: dict[str, Any] = {}
        unknown: dict[str, Doubt] = {}
        for target, source in node.going_in.items:
            late = next((path.unknown[name] for name in sorted(source.names) if name in path.unknown), None)
            if late is not None:
                unknown[target] = late
                continue
            try:
                given[target] = feel.to_json(source.evaluate(path.variables, now=self.now, functions=self.functions))
            except FeelError as error:
                unknown[target] = self._lacking(source, path.variables, error)
        return replace(path, variables=given, unknown=unknown)

    # ---- a task for people

    def _tell(self, node: Node, human: HumanTask, path: _Path) -> None:
        tasks: list[OpenTask] = []
        seen: list[Mapping[str, Any]] = []
        doubts = path
        try:
            for local in self._instances(node, path):
                variables = {**path.variables, **local}
                tasks.append(self._opened(human, variables, path, local))
                seen.append(variables)
        except _NotYet as error:
            doubts = doubts.doubting(error.doubt)
            tasks, seen = [], []
        key = (human.process_key, human.element_id)
        known = self.found.get(key)
        if known is not None and not known.doubts:
            return
        self.found[key] = Ahead(
            element_id=human.element_id,
            element_name=human.element_name or human.element_id,
            process_key=human.process_key,
            tasks=tuple(tasks),
            variables=tuple(seen),
            after=path.after,
            doubts=tuple(sorted(doubts.doubts, key=lambda each: (not each.is_exception, each.is_diversion))),
        )

    def _instances(self, node: Node, path: _Path) -> Iterator[Mapping[str, Any]]:
        """The local variables of each instance of a loop; one instance without any for a plain task."""
        if not isinstance(node, MultiInstance) or node.repetition.collection is None:
            yield {}
            return
        items = self._value(node.repetition.collection, path.variables, path)
        for position, item in enumerate(items if isinstance(items, list) else [items]):
            if position >= MAX_ITEMS:
                return
            yield {} if node.repetition.item is None else {node.repetition.item: item}

    def _opened(
        self, human: HumanTask, variables: Mapping[str, Any], path: _Path, local: Mapping[str, Any]
    ) -> OpenTask:
        assignment: Assignment = human.assignment
        found: dict[str, Any] = {"settings": {}}
        for name, text in assignment.settings:
            found["settings"][name] = self._text(text, variables, path)
        asked = [text.expression for name, text in assignment.settings if name == "who" and text.expression is not None]
        for name in ("assignee", "candidate_users", "candidate_groups"):
            written = getattr(assignment, name)
            texts = written if isinstance(written, tuple) else () if written is None else (written,)
            found[name] = [part for text in texts for part in _names(self._text(text, variables, path))]
            asked += [text.expression for text in texts if text.expression is not None]
        named = (found["assignee"], found["candidate_users"], found["candidate_groups"], found["settings"].get("who"))
        if not any(named):
            self._check_filled(asked, variables)
        return replace(
            _bare(human),
            assignee=next(iter(found["assignee"]), None),
            candidate_users=tuple(dict.fromkeys(found["candidate_users"])),
            candidate_groups=tuple(dict.fromkeys(found["candidate_groups"])),
            settings=found["settings"],
            local_variables=local,
        )

    def _check_filled(self, asked: list[feel.Expression], variables: Mapping[str, Any]) -> None:
        """Nobody is named: raise _NotYet when that is because a field is still empty."""
        for expression in asked:
            if told := feel.empty(expression, variables, self.label_of):
                raise _NotYet(Doubt(*told))

    def _text(self, text: Any, variables: Mapping[str, Any], path: _Path) -> Any:
        return text.literal if text.expression is None else self._value(text.expression, variables, path)

    def _value(self, expression: feel.Expression, variables: Mapping[str, Any], path: _Path) -> Any:
        late = next((path.unknown[name] for name in sorted(expression.names) if name in path.unknown), None)
        if late is not None:
            raise _NotYet(late)
        try:
            return feel.to_json(expression.evaluate(variables, now=self.now, functions=self.functions))
        except FeelError as error:
            raise _NotYet(self._lacking(expression, variables, error)) from error

    def _lacking(self, expression: feel.Expression, variables: Mapping[str, Any], error: FeelError) -> Doubt:
        """What is missing for an expression that failed: a variable that is not there, or whose field nobody filled in."""
        zh, en = feel.lacking(expression, variables, error, self.label_of)
        return Doubt(zh, en)


def _label(node: Node) -> str:
    return node.element_name or node.element_id


class _NotYet(Exception):
    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.en)
        self.doubt = doubt


def _bare(human: HumanTask) -> OpenTask:
    return OpenTask(
        token_id="",
        element_id=human.element_id,
        element_name=human.element_name,
        process_key=human.process_key,
        kind=TaskKind(human.element_type),
        lane=human.lane,
        outcomes=tuple(code for code, _ in human.assignment.outcomes),
    )


def _results(node: Node, by_verb: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The variables that a node computes when it is passed."""
    if isinstance(node, ScriptTask):
        return tuple(node.script.results)
    if isinstance(node, ServiceTask):
        if node.call.result_variable:
            return (node.call.result_variable,)
        return tuple(by_verb.get(node.call.verb.literal, ())) if node.call.verb is not None else ()
    if isinstance(node, CallActivity):
        return tuple(target for target, _ in node.coming_out.items)
    return ()


def _names(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [part.strip() for item in items if item is not None for part in str(item).split(",") if part.strip()]
