"""Drives one process instance in a test: say what people do, then look at what is open and what happened.

With ``reload`` the instance is written as text and read back after every step, with the keys of the text in another order,
so that each test shows both that the machine is right and that its state is whole.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.bpmn.compiled import CompiledProcess
from engine.bpmn.runner import Execution, Machine
from engine.runtime.lineage import Lineage, Passage, told
from engine.runtime.returning import Returned, ReturnTarget
from engine.runtime.step import ActivityTrace, EndKind, OpenTask, ServiceCall, Step, Subscription, ThrownEvent

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def compiled(source: bytes | Mapping[str, bytes], key: str = "p", machine: Machine | None = None) -> CompiledProcess:
    """Compile one file, or several by name."""
    sources = {"model.bpmn": source} if isinstance(source, bytes) else source
    return (machine or Machine()).compile("definition", key, sources)


class Run:
    """One instance under test. ``step`` is what the last advance told; lists of events collect over the whole run."""

    def __init__(
        self,
        source: bytes | Mapping[str, bytes],
        variables: Mapping[str, Any] | None = None,
        *,
        reload: bool = False,
        key: str = "p",
        start: str | None = None,
        payload: Mapping[str, Any] | None = None,
        machine: Machine | None = None,
        now: datetime = NOW,
    ) -> None:
        self.machine = machine or Machine()
        self.reload = reload
        self.now = now
        self.compiled = compiled(source, key, self.machine)
        self.calls: list[ServiceCall] = []
        self.thrown: list[ThrownEvent] = []
        self.history: list[ActivityTrace] = []
        self.passages: list[Passage] = []  # what the history keeps of the trace
        self.execution: Execution = self.machine.start(
            self.compiled, variables or {}, now=now, start_element=start, payload=payload
        )
        self.step = Step()
        self.advance()

    # -- what happens ------------------------------------------------------------------------------------------------

    def complete(self, element: str, index: int = 0, **variables: Any) -> Step:
        """A person completes the open task of that element (the ``index``-th if there are several)."""
        return self.complete_token(self.task(element, index).token_id, **variables)

    def complete_token(self, token_id: str, **variables: Any) -> Step:
        self._between()
        self.execution.complete_task(token_id, variables)
        return self.advance()

    def serve(self, element: str, **variables: Any) -> Step:
        """The service call of that element succeeds."""
        self._between()
        self.execution.complete_service(self.call(element).token_id, variables)
        return self.advance()

    def fail(self, element: str, code: str, **variables: Any) -> Step:
        """The task or service call of that element ends in a BPMN error."""
        self._between()
        self.execution.throw_error(self._token(element), code, "it went wrong", variables)
        return self.advance()

    def escalate(self, element: str, code: str, **variables: Any) -> Step:
        self._between()
        self.execution.throw_escalation(self._token(element), code, variables)
        return self.advance()

    def message(self, name: str, correlation: Mapping[str, Any] | None = None, **payload: Any) -> bool:
        self._between()
        caught = self.execution.deliver_message(name, correlation or {}, payload)
        self.advance()
        return caught

    def signal(self, name: str, **payload: Any) -> int:
        self._between()
        caught = self.execution.deliver_signal(name, payload)
        self.advance()
        return caught

    def wait(self, **time: float) -> Step:
        """Let time pass: ``wait(hours=1)``."""
        self._between()
        self.now += timedelta(**time)
        return self.advance()

    def return_to(self, target: str, source: str, index: int = 0, *, straight: bool = False) -> Returned:
        """Whoever has the open task ``source`` returns to the element ``target``."""
        self._between()
        token_id = self.task(source, index).token_id
        lineage = Lineage.of(self.passages)
        returned = self.execution.return_to(target, token_id, lineage, now=self.now, straight=straight)
        self._advance_to_a_sound_rest()
        return returned

    def take_back(self, token_id: str, **instance: Any) -> Returned:
        """Whoever completed the task of that token takes the decision back; ``instance`` tells of one of several (``seen``,
        ``added_by``)."""
        self._between()
        taken = self.execution.take_back(token_id, Lineage.of(self.passages), now=self.now, **instance)
        self._advance_to_a_sound_rest()
        return taken

    def jump(self, source: str, target: str) -> Step:
        self._between()
        self.execution.jump(self._token(source), target, now=self.now)
        return self._advance_to_a_sound_rest()

    def reopen(self, element: str) -> Step:
        self._between()
        self.execution.reopen(element, Lineage.of(self.passages), now=self.now)
        return self._advance_to_a_sound_rest()

    def _advance_to_a_sound_rest(self) -> Step:
        step = self.advance()
        self.execution.check_sound()
        return step

    def returns(self, source: str, index: int = 0) -> list[ReturnTarget]:
        """Where the open task ``source`` could return to, and why not elsewhere."""
        return self.execution.possible_returns(self.task(source, index).token_id, Lineage.of(self.passages))

    def advance(self) -> Step:
        self.step = self.execution.advance(self.now)
        self.calls.extend(self.step.calls)
        self.thrown.extend(self.step.thrown)
        self.history.extend(self.step.trace)
        self.passages.extend(told(self.step.trace))
        return self.step

    def _between(self) -> None:
        if self.reload:
            stored = json.loads(self.execution.dump())
            self.execution = self.machine.load(self.compiled, json.dumps(_reversed_keys(stored)))
            assert json.loads(self.execution.dump()) == stored

    # -- what there is -----------------------------------------------------------------------------------------------

    @property
    def open(self) -> list[str]:
        """The elements of the open tasks."""
        return [task.element_id for task in self.step.tasks]

    @property
    def timers(self) -> dict[str, timedelta]:
        """How long each waiting timer still has."""
        return {timer.element_id: timer.due_at - self.now for timer in self.step.timers}

    @property
    def waiting(self) -> list[tuple[str, str]]:
        """Element and name of each message or signal that is waited for."""
        return [(item.element_id, item.name) for item in self.step.subscriptions]

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.step.variables

    @property
    def ended(self) -> EndKind | None:
        return self.step.ended

    @property
    def completed(self) -> bool:
        return self.step.ended is EndKind.COMPLETED

    def task(self, element: str, index: int = 0) -> OpenTask:
        return [task for task in self.step.tasks if task.element_id == element][index]

    def call(self, element: str) -> ServiceCall:
        """The newest service call of that element."""
        return [call for call in self.calls if call.element_id == element][-1]

    def subscription(self, element: str) -> Subscription:
        return next(item for item in self.step.subscriptions if item.element_id == element)

    def passed(self, *, flows: bool = False) -> list[str]:
        """The elements that were completed, in order, over the whole run."""
        return [
            trace.element_id
            for trace in self.history
            if trace.state == "completed" and (flows or trace.element_type != "sequenceFlow")
        ]

    def told(self) -> list[str]:
        """The trace of the last advance: "entered a", "completed a", "flow a-b"."""
        return [
            f"flow {trace.element_id}" if trace.element_type == "sequenceFlow" else f"{trace.state} {trace.element_id}"
            for trace in self.step.trace
        ]

    def whole_trace(self) -> list[tuple[Any, ...]]:
        """The trace of the whole run, with token ids replaced by the order in which they first appear."""
        numbers: dict[str | None, int] = {None: -1}

        def number(token: str | None) -> int:
            return numbers.setdefault(token, len(numbers))

        return [
            (
                trace.state.value,
                trace.element_id,
                trace.element_type,
                trace.process_key,
                number(trace.token_id),
                tuple(number(token) for token in trace.scope),
                number(trace.origin),
            )
            for trace in self.history
        ]

    def _token(self, element: str) -> str:
        found = [task.token_id for task in self.step.tasks if task.element_id == element]
        return found[0] if found else self.call(element).token_id


def _reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed_keys(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [_reversed_keys(item) for item in value]
    return value
