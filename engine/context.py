"""What a command works with: the rows, the machine, the calendar, the clock reading, the actor and the record of events."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from engine.access import Actor
from engine.errors import NotFound
from engine.events import Event
from engine.records import record
from engine.runtime.notice import Announcing
from engine.store import tables
from engine.store.base import history
from engine.store.base.history import ADMIN_STREAM, Head, Mark
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.projections.projector import Recorded, apply
from engine.store.rows.known_people import KnownPeople

if TYPE_CHECKING:
    from engine.bpmn.runner import Machine
    from engine.calendar import WorkCalendar
    from engine.files import FileStore

COMMANDS: dict[str, type[Command]] = {}


@record
class Command:
    """One use case: its parameters as fields (JSON values), its story in ``execute``. Subclasses are named VerbNoun."""

    idempotent: ClassVar[bool] = False  # asking twice is harmless: no Idempotency-Key is kept
    told_once: ClassVar[frozenset[str]] = frozenset()  # secrets in the answer: never kept with an Idempotency-Key

    def __init_subclass__(cls, **kwargs: Any) -> None:
        COMMANDS[cls.__name__] = cls

    def execute(self, context: CommandContext) -> dict[str, Any]:
        """Check, change, tell; return a JSON object for the caller."""
        raise NotImplementedError

    def as_json(self) -> dict[str, Any]:
        """Return the command as JSON, to be kept with an incident and run again."""
        return {"command": type(self).__name__, "fields": dataclasses.asdict(self)}

    @classmethod
    def kept_for_retry(cls, context: CommandContext, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what an incident may keep of a failed command's ``fields``; None: nothing, the person is asked again."""
        return fields

    def retell(self, context: CommandContext, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the secrets of a kept ``answer`` again, for the same request asked twice."""
        return {}

    def identity(self) -> dict[str, Any]:
        """Return what makes two requests under one Idempotency-Key the same one: everything that was asked for."""
        return self.as_json()


def command_from_json(value: Mapping[str, Any]) -> Command:
    """Rebuild a command that ``Command.as_json`` wrote."""
    return COMMANDS[value["command"]](**value["fields"])


@dataclass(slots=True)
class Environment:
    """What all commands of one process engine share."""

    machine: Machine
    secret: bytes
    files: FileStore | None
    calendar: Callable[[UnitOfWork], WorkCalendar]
    verbs: Mapping[str, Any]
    region: str = "510100"
    announcing: Announcing = field(default_factory=Announcing)
    people: KnownPeople = field(default_factory=KnownPeople)


@dataclass(slots=True)
class CommandContext:
    """One command's surroundings. Created by the process engine, gone after the commit."""

    uow: UnitOfWork
    now: datetime
    actor: Actor
    environment: Environment
    acts_for: str | None = None
    agenda: list[Recorded] = field(default_factory=list)  # events that no reaction has seen yet
    seats: dict[str, list[str]] = field(default_factory=dict)  # the task ids of tokens whose tasks are all read
    has_due_jobs: bool = False  # workers of this process need not wait for their next look
    kept: dict[str, Any] = field(default_factory=dict)  # what reactions read once and use for many events
    _heads: dict[str, Head] = field(default_factory=dict)
    _events: list[dict[str, Any]] = field(default_factory=list)
    _calendar: WorkCalendar | None = None
    written: tuple[Mark, ...] = ()  # what ``write_history`` hands over to the commit

    @property
    def machine(self) -> Machine:
        return self.environment.machine

    @property
    def local_now(self) -> datetime:
        """The present moment on the office's clock: what is past, and which day it is, is judged there."""
        return self.now.astimezone(self.machine.zone)

    @property
    def calendar(self) -> WorkCalendar:
        """The bureau's working calendar as it stands in this transaction."""
        if self._calendar is None:
            self._calendar = self.environment.calendar(self.uow)
        return self._calendar

    def new_id(self) -> str:
        """Return a new unique id, roughly ordered by time, so that indexes grow at their end."""
        return new_id(self.now)

    def record(self, stream: str, *events: Event, actor: str | None = None) -> None:
        """Append events to the history of ``stream``, project them, and put them on the agenda of reactions."""
        for event in events:
            head = self._head(stream)
            row = history.row_of(
                self.environment.secret,
                head,
                stream,
                self.now,
                actor or self.actor.login,
                self.acts_for,
                event.kind,
                event.payload(),
            )
            self._events.append(row)
            recorded = Recorded(stream, head.seq, self.now, row["actor"], self.acts_for, event)
            apply(self.uow, recorded)
            self.agenda.append(recorded)

    def record_admin(self, *events: Event) -> None:
        """Append events that belong to no instance."""
        self.record(ADMIN_STREAM, *events)

    def pending(self, stream: str) -> list[dict[str, Any]]:
        """The history rows of ``stream`` that this command has recorded and not written yet, in order."""
        return [row for row in self._events if row["stream"] == stream]

    def write_history(self) -> None:
        """Hand the collected history rows and the new stream ends to the unit of work (once, before the commit)."""
        firsts: dict[str, int] = {}
        for row in self._events:
            self.uow.insert(tables.history, row)
            firsts.setdefault(row["stream"], row["seq"])
        heads = self._heads
        self.written = tuple(Mark(each, first, heads[each].seq, heads[each].hash) for each, first in firsts.items())
        for stream, head in self._heads.items():
            end = {"history_seq": head.seq, "history_hash": head.hash}
            if stream == ADMIN_STREAM:
                self.uow.update(tables.stream_head, (stream,), end)
            else:
                instance = self.uow.get(tables.process_instance, (stream,)) or {}
                revision = instance.get("revision") or 0
                self.uow.update(tables.process_instance, (stream,), end | {"revision": revision + 1, "anchor": 0})
        self._events, self._heads = [], {}

    def _head(self, stream: str) -> Head:
        head = self._heads.get(stream)
        if head is None:
            row = self._locked_head(stream)
            if row is None or row.get("history_hash") is None:
                head = history.first_head(self.environment.secret, stream)
            else:
                head = Head(row["history_seq"], row["history_hash"])
            self._heads[stream] = head
        return head

    def _locked_head(self, stream: str) -> Values | None:
        if stream != ADMIN_STREAM:
            # The instance row is already locked by whoever moves it, or brand new.
            return self.uow.get(tables.process_instance, (stream,))
        statement = tables.stream_head.select().where(tables.stream_head.c.stream == stream).with_for_update()
        found = self.uow.first(statement)
        if found is not None:
            return self.uow.remember(tables.stream_head, dict(found._mapping))
        head = history.first_head(self.environment.secret, stream)
        fresh = {"stream": stream, "history_seq": 0, "history_hash": head.hash}
        self.uow.insert(tables.stream_head, fresh)
        return fresh

    def person(self, login: str) -> Values:
        """Return the person's row, or raise NotFound."""
        row = self.uow.get(tables.person, (login,))
        if row is None:
            raise NotFound(f"没有账号 {login}。", f"There is no person {login}.", login=login)
        return row


def new_id(now: datetime) -> str:
    """Return a UUID of version 7 (RFC 9562): 48 bits of milliseconds, the rest random."""
    random = uuid.uuid4().int
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = (
        (milliseconds << 80) | (0x7 << 76) | ((random >> 64 & 0xFFF) << 64) | (0b10 << 62) | (random & ((1 << 62) - 1))
    )
    return str(uuid.UUID(int=value))


def record_all(context: CommandContext, stream: str, events: Iterable[Event]) -> None:
    """Record what a domain method returned."""
    context.record(stream, *events)
