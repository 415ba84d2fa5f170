"""Verbs: what a service task may do, by name. A verb either acts here in the same transaction or leaves the house as a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.access import SYSTEM
from engine.errors import BanjieError, RuleForbids, StepFailed
from engine.records import record
from engine.runtime.step import ServiceCall

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext

Perform = Callable[["CommandContext", "Moving", ServiceCall], Mapping[str, Any]]


class BpmnError(Exception):
    """A verb's business error: it travels through the model to the error boundary event with this code."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or code)
        self.code = code
        self.variables = dict(variables or {})


@record(kw_only=False)
class Verb:
    """One entry of the registry: its name in models, what it does in both languages, and the function."""

    name: str
    zh: str
    en: str
    function: Perform | None = None  # None: it leaves the house; a job carries it out
    results: tuple[str, ...] = ()  # the variables that it brings back, so that the check of a model knows them
    irreversible: bool = True  # nobody can take back what it did (P-6.1); False only for what merely looks and reckons

    @property
    def leaves_house(self) -> bool:
        return self.function is None


VERBS: dict[str, Verb] = {
    "http.request": Verb(
        "http.request",
        "调用外部接口（经作业，失败重试）",
        "Call an outside interface (by a job, with retries)",
    )
}


def verb(
    name: str, zh: str, en: str, *, results: tuple[str, ...] = (), irreversible: bool = True
) -> Callable[[Perform], Perform]:
    """Register the decorated function as the verb ``name`` that brings back the variables ``results``.

    ``irreversible``: a decision that led to it cannot be withdrawn any more. That is the rule, since a verb moves the case,
    issues or serves; what only looks and reckons says that it does not.
    """

    def register(function: Perform) -> Perform:
        VERBS[name] = Verb(name, zh, en, function, results, irreversible)
        return function

    return register


def results_by_verb(verbs: Mapping[str, Verb]) -> dict[str, tuple[str, ...]]:
    """What the check of a model asks: the names of the verbs, and of the variables that each brings back."""
    return {name: found.results for name, found in verbs.items()}


def is_irreversible(context: CommandContext, name: str, settings: Mapping[str, Any]) -> bool:
    """Whether nobody can take back what the verb did; ``banjie:irreversible`` of the element has the last word."""
    said = str(settings.get("irreversible", "")).strip()
    found = context.environment.verbs.get(name)
    return said == "true" or (said != "false" and found is not None and found.irreversible)


def perform(context: CommandContext, moving: Moving, call: ServiceCall) -> dict[str, Any]:
    """Perform a verb in this transaction and return the variables that go back into the process.

    A rule that forbids what a person is doing is told to that person (409); what happens by itself, by a timer or a message,
    has nobody to tell it to and fails the step."""
    found = context.environment.verbs.get(call.verb)
    if found is None or found.function is None:
        raise StepFailed(
            f"服务任务「{call.element_name or call.element_id}」使用了未知的动作 {call.verb!r}。",
            f"Service task {call.element_name or call.element_id} names an unknown verb {call.verb!r}.",
            reason="unknown-verb",
            element_id=call.element_id,
            element_name=call.element_name,
        )
    try:
        return dict(found.function(context, moving, call))
    except BanjieError as error:
        if isinstance(error, StepFailed) and "element_id" in error.facts:
            raise
        if isinstance(error, RuleForbids) and context.actor.login != SYSTEM.login:
            raise
        name = call.element_name or call.element_id
        raise StepFailed(
            f"服务任务「{name}」执行 {call.verb} 时出错：{error.zh}",
            f"Service task {name} failed at {call.verb}: {error.en}",
            reason="verb-failed",
            element_id=call.element_id,
            element_name=call.element_name,
            process_key=call.process_key,
        ) from error
