"""Incidents: a step failed, nothing of it was kept, and a person has to look."""

from dataclasses import dataclass
from enum import StrEnum

from engine.events import Event


class IncidentState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"  # by a successful retry or by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOpened(Event):
    incident_id: str
    reason: str  # code, e.g. "unknown-name", "no-flow-matches", "job-dead"
    zh: str
    en: str
    element_id: str = ""
    element_name: str = ""
    job_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRetried(Event):
    incident_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentResolved(Event):
    incident_id: str
    comment: str = ""
