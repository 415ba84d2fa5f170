"""The base of all events of a case."""

from engine.events import Event
from engine.records import record


@record
class CaseEvent(Event):
    """Base: something happened to this case."""

    case_id: str
