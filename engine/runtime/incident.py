"""Incidents: a step failed, nothing of it was kept, and a person has to look."""

from enum import StrEnum

from engine.events import Event
from engine.records import record


class IncidentState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"  # by a successful retry or by hand


@record
class IncidentOpened(Event):
    incident_id: str
    reason: str  # code, e.g. "unknown-name", "no-flow-matches", "job-dead"
    zh: str
    en: str
    element_id: str = ""
    element_name: str = ""
    job_id: str | None = None


@record
class IncidentRetried(Event):
    incident_id: str


@record
class IncidentResolved(Event):
    incident_id: str
    comment: str = ""
    given_up: str | None = None  # the dead job that is not run again, for it was resolved by hand
