"""A compiled process: the specs that run, and what the rooms above may ask about its elements. Never changes."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine.bpmn.timers import BadTimer, Timer, TimerExpression
from engine.errors import InvalidInput
from engine.records import record

if TYPE_CHECKING:
    from engine.bpmn.specs.base import ProcessSpec


class StartKind(StrEnum):
    """What starts a process."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"


@record
class StartEvent:
    """A start event of the process itself (not of those that it calls)."""

    id: str
    name: str
    kind: StartKind
    event_name: str | None = None  # of the message or signal
    timer: TimerExpression | None = None
    form_key: str | None = None
    initiator: str | None = None  # name of the variable that gets the starter's login


@record
class ElementInfo:
    """What is known of any element with an id: flow nodes and sequence flows, of this and of called processes."""

    id: str
    name: str
    type: str  # BPMN local name
    process_key: str
    lane: str | None = None
    parent: str | None = None  # id of the subprocess around it
    special: str | None = None  # banjie:special of a subprocess: the kind of special procedure that it is
    planned: str | None = None  # banjie:planned: the time that the applicant is told, such as 10wd, or an expression
    reason: str | None = None  # banjie:reason: why, as the notice tells the applicant; a text or an expression


@record
class UserTaskInfo:
    """A user or manual task as it is drawn; texts may be expressions."""

    id: str
    name: str
    process_key: str
    lane: str | None
    outcomes: tuple[tuple[str, str], ...]  # code and label
    attributes: Mapping[str, str]  # every banjie: attribute as written


@record
class CompiledProcess:
    """One process definition with all that it calls, ready to run; shared by instances and threads."""

    definition_id: str
    process_key: str
    name: str
    root: "ProcessSpec"
    specs: "Mapping[str, ProcessSpec]"  # insides of subprocesses and called processes, by the keys of their hosts
    start_events: tuple[StartEvent, ...]
    messages: frozenset[str]  # names that it (or what it calls) catches or throws
    signals: frozenset[str]
    lanes: tuple[str, ...]  # of this process, in the order of the file
    user_tasks: tuple[UserTaskInfo, ...]
    elements: Mapping[tuple[str, str], ElementInfo]  # by (process key, element id)
    called: frozenset[str]  # keys of the processes that it calls, directly or not

    def element(self, element_id: str, process_key: str | None = None) -> ElementInfo | None:
        """Return the element of that id, in this process unless another one is named."""
        return self.elements.get((process_key or self.process_key, element_id))

    def start_event(self, element_id: str | None) -> StartEvent:
        """Return the start event of that id, or the none start event. Raises InvalidInput."""
        for event in self.start_events:
            if event.id == element_id or (element_id is None and event.kind is StartKind.NONE):
                return event
        choices = ", ".join(event.id for event in self.start_events)
        if element_id is None:
            raise InvalidInput(
                f"流程「{self.process_key}」没有空开始事件，请指明从哪个开始事件启动：{choices}",
                f'The process "{self.process_key}" has no none start event; say which one starts it: {choices}',
                fields={"start_element": choices},
            )
        raise InvalidInput(
            f"流程「{self.process_key}」没有开始事件「{element_id}」，可选：{choices}",
            f'The process "{self.process_key}" has no start event "{element_id}"; it has {choices}',
            fields={"start_element": choices},
        )

    def start_schedule(
        self,
        element_id: str,
        *,
        now: datetime,
        zone: tzinfo,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> Timer:
        """Return when a timer start event is due, counted from ``now`` (the deployment).

        Later times of a cycle are ``schedule.after(fired_at, zone)``; ``functions`` are the host functions (``wd``...).
        Raises InvalidInput or feel.FeelError.
        """
        event = self.start_event(element_id)
        if event.timer is None:
            raise InvalidInput(
                f"「{element_id}」不是定时开始事件",
                f'"{element_id}" is not a timer start event',
                fields={"start_element": element_id},
            )
        expression = event.timer.expression
        value: Any = event.timer.text
        if expression is not None:
            value = expression.evaluate({}, now=now.astimezone(zone), functions=functions or {})
        try:
            return event.timer.schedule(value, now, zone)
        except BadTimer as error:
            raise InvalidInput(error.zh, error.en, fields={"timer": error.en}) from error


def frozen(mapping: dict[Any, Any]) -> Mapping[Any, Any]:
    """Return a view that nobody can change."""
    return MappingProxyType(mapping)
