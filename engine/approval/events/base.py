"""The base of all events of a case."""

from dataclasses import dataclass

from engine.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent(Event):
    """Base: something happened to this case."""

    case_id: str
