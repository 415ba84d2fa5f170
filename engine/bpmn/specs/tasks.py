"""Tasks: abstract, user and manual, script, service and send tasks. (A receive task is a catching event.)"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.assignment import Assignment
from engine.bpmn.limits import failure
from engine.bpmn.specs.awaited import AWAITED, await_again, awaited_by
from engine.bpmn.specs.base import ENTERED, Facts, Flow, Node, ProcessSpec
from engine.bpmn.specs.events import MessageThrow
from engine.records import record
from engine.runtime.step import ServiceCall

if TYPE_CHECKING:
    from engine import feel
    from engine.bpmn.expressions import Text
    from engine.bpmn.tokens import Token


class AbstractTask(Node):
    """``task`` without a type: it completes at once (BPMN 2.0 chapter 13.3.3)."""


class HumanTask(Node):
    """``userTask`` and ``manualTask``: waits for a person, with its assignment evaluated once, on entering."""

    def __init__(self, process: ProcessSpec, facts: Facts, assignment: Assignment, *, name: str | None = None) -> None:
        super().__init__(process, facts, name=name)
        self.manual = True
        self.assignment = assignment

    def enter(self, token: "Token") -> bool:
        token.internal_data["task"] = self.assignment.evaluate(token)
        return True

    def finish(self, token: "Token") -> None:
        if self.boundaries:
            token.internal_data[AWAITED] = awaited_by(token)
        super().finish(token)

    def memory_of(self, token: "Token") -> dict[str, Any] | None:
        """What its boundary events were waiting for when somebody completed it."""
        kept = token.internal_data.get(AWAITED)
        return None if kept is None else {AWAITED: kept}

    def reopen(self, token: "Token", memory: Mapping[str, Any]) -> None:
        """Let a task that was complete wait again, with its boundary events as they waited then: what was taken back gives nobody
        more time, and what has begun beside it goes on."""
        token.workflow.top_workflow.record(ENTERED, token, reopens=True)
        await_again(token, memory.get(AWAITED))
        if self.enter(token):
            token._ready()

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        """The flow that is kept for a refusal (``banjie:onReject="flow:…"``) is taken by a refusal, and by nothing else."""
        kept = self.assignment.refusal_flow
        if kept is None:
            return super().choose(token)
        if token.internal_data.get("refused"):
            return tuple(flow for flow in self.outgoing if flow.id == kept) or self.no_flow()
        return self.choose_among(token, tuple(flow for flow in self.outgoing if flow.id != kept))


class ScriptTask(Node):
    """``scriptTask``: lines ``result = FEEL``, all or nothing."""

    def __init__(self, process: ProcessSpec, facts: Facts, script: "feel.Script", *, name: str | None = None) -> None:
        super().__init__(process, facts, name=name)
        self.script = script

    def run(self, token: "Token") -> None:
        token.workflow.script_engine.execute(token, self.script)


@record(kw_only=False)
class Call:
    """What a service task asks of the outside."""

    verb: "Text | None"
    inputs: "tuple[tuple[str, Text], ...]"
    settings: "tuple[tuple[str, Text], ...]"
    result_variable: str | None

    def evaluate_inputs(self, token: "Token") -> dict[str, object]:
        """Return the evaluated inputs."""
        return {name: text.value(token) for name, text in self.inputs}


class ServiceTask(Node):
    """``serviceTask``, or ``sendTask`` with a verb: tells the outside what to do and waits for its answer."""

    def __init__(self, process: ProcessSpec, facts: Facts, call: Call, *, name: str | None = None) -> None:
        super().__init__(process, facts, name=name)
        self.call = call

    def enter(self, token: "Token") -> bool:
        call = self.call
        verb = None if call.verb is None else call.verb.value(token)
        if not isinstance(verb, str) or not verb:
            raise failure(
                self,
                "service-without-verb",
                "服务任务没有写明要执行的动作（banjie:verb）",
                "the service task names no verb (banjie:verb)",
            )
        token._set_state(TaskState.STARTED)
        token.workflow.top_workflow.calls.append(
            ServiceCall(
                token_id=token.id,
                element_id=self.element_id,
                element_name=self.element_name,
                process_key=self.process_key,
                verb=verb,
                inputs=call.evaluate_inputs(token),
                settings={name: text.value(token) for name, text in call.settings},
            )
        )
        return False


class SendTask(Node):
    """``sendTask`` without a verb: throws its message and goes on."""

    def __init__(self, process: ProcessSpec, facts: Facts, message: MessageThrow, *, name: str | None = None) -> None:
        super().__init__(process, facts, name=name)
        self.message = message

    def run(self, token: "Token") -> None:
        self.message.throw(token)
