"""Process definitions: immutable versions of a deployed process."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from engine.events import Event
from engine.records import record


@record
class Definition:
    """One version of one process. ``pins`` maps the key of every called process to the definition id it is fixed to."""

    id: str
    key: str
    version: int
    name: str
    deployment_id: str
    sha256: str
    created_at: datetime
    suspended: bool = False
    pins: Mapping[str, str] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)  # what the reader found: lanes, tasks, forms, start events


@record
class DefinitionDeployed(Event):
    definition_id: str
    key: str
    version: int
    name: str
    sha256: str
    deployment_id: str
    pins: Mapping[str, str] = field(default_factory=dict)


@record
class DefinitionSuspended(Event):
    definition_id: str


@record
class DefinitionActivated(Event):
    definition_id: str
