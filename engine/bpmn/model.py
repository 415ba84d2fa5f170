"""What an uploaded file is, as plain values: findings, changes, and for each executable process what the rooms above ask."""

from collections.abc import Mapping
from dataclasses import field

from engine.records import record
from engine.runtime.finding import Change, Finding, Severity


@record
class StartEventModel:
    """One way in which a process begins. ``reference`` is the name of its message or signal."""

    element_id: str
    name: str
    line: int
    kind: str  # "none", "message", "timer", "signal"
    reference: str | None = None
    timer: str | None = None  # the text of its date, duration or cycle
    form_key: str | None = None
    initiator: str | None = None  # name of the variable that gets the starter's login


@record
class UserTaskModel:
    """A task for a person, as it is written; every text may be an expression."""

    element_id: str
    name: str
    line: int
    kind: str  # "userTask" or "manualTask"
    documentation: str = ""
    lane: str | None = None
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    form_key: str | None = None
    priority: str | None = None
    limit: str | None = None
    outcomes: tuple[tuple[str, str], ...] = ()  # (code, label)
    settings: Mapping[str, str] = field(default_factory=dict)  # every other banjie: attribute
    multi_instance: bool = False


@record
class ServiceModel:
    """A service or send task: the verb that it calls."""

    element_id: str
    name: str
    line: int
    verb: str


@record
class CallModel:
    """A call activity: the key of the process that it calls."""

    element_id: str
    name: str
    line: int
    process_key: str


@record
class TimerModel:
    """A timer event: where it sits and its text."""

    element_id: str
    name: str
    line: int
    kind: str  # "startEvent", "boundaryEvent", "intermediateCatchEvent"
    text: str


@record
class ProcessModel:
    """One executable process of a checked file."""

    key: str
    name: str
    file: str
    line: int
    documentation: str = ""
    start_events: tuple[StartEventModel, ...] = ()
    lanes: tuple[str, ...] = ()
    user_tasks: tuple[UserTaskModel, ...] = ()
    services: tuple[ServiceModel, ...] = ()
    calls: tuple[CallModel, ...] = ()
    timers: tuple[TimerModel, ...] = ()
    forms: tuple[str, ...] = ()  # keys, in the order of the file, literal ones only
    messages: tuple[str, ...] = ()  # names that it throws or catches
    signals: tuple[str, ...] = ()
    element_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # id -> (name, BPMN local name)
    settings: Mapping[str, str] = field(default_factory=dict)  # banjie: attributes of the process itself


@record
class FileReport:
    """What was found in one file. ``normalised`` is what the machine compiles; None when the file has an error."""

    file: str
    sha256: str  # of the bytes as uploaded
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    models: tuple[ProcessModel, ...] = ()
    normalised: bytes | None = None
    forms: Mapping[str, str] = field(default_factory=dict)  # form-js JSON that stands inside the file, by form key

    @property
    def ok(self) -> bool:
        """Can it be stored and run?"""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


@record
class CheckReport:
    """What was found in an upload. It is stored as a whole or not at all."""

    files: tuple[FileReport, ...]

    @property
    def ok(self) -> bool:
        """Are all files ok?"""
        return all(report.ok for report in self.files)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all files."""
        return tuple(finding for report in self.files for finding in report.findings)

    @property
    def models(self) -> tuple[ProcessModel, ...]:
        """The executable processes of all files."""
        return tuple(model for report in self.files for model in report.models)
