"""ProcessEngine.execute: one command, one transaction, one commit; a retry on contention, an incident on failure."""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

from engine.access import SYSTEM, Actor
from engine.calendar import Limit, Unit
from engine.commands import office as office  # makes the office's commands, verbs and projections known
from engine.commands.running.incidents import OpenIncident
from engine.commands.running.service_tasks import VERBS
from engine.context import Command, CommandContext, Environment
from engine.errors import Conflict, StepFailed
from engine.reactions import react
from engine.store import tables
from engine.store.base.database import RETRY_AFTER, Database, DatabaseUnavailable, is_contention, is_worth_again
from engine.store.base.history import Mark, is_kept
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.rows import definitions
from engine.store.rows.calendar import CalendarCache
from engine.store.tables.types import dump

logger = logging.getLogger("banjie.engine")

ATTEMPTS = 4
T = TypeVar("T")

# How many commands were committed in this context (a request, a thread): whoever tells of an error can say what stands.
COMMITTED: ContextVar[int] = ContextVar("banjie_committed", default=0)
# The context of the command that runs in this thread: expressions ask it for working days.
PRESENT: ContextVar[CommandContext] = ContextVar("banjie_command")


class _Run:
    """What one attempt at a command was about to commit: its answer, and the ends of the streams that it adds to."""

    answer: dict[str, Any]
    written: tuple[Mark, ...] = ()


class ProcessEngine:
    """The only door through which anything changes.

    ``clock`` returns the present moment (aware); it is read once for each command. ``secret`` keys the history's hashes.
    """

    def __init__(
        self,
        database: Database,
        environment: Environment,
        *,
        clock: Callable[[], datetime] | None = None,
        clock_frozen: bool = False,
    ) -> None:
        self.database = database
        self.environment = environment
        self.clock = clock or (lambda: datetime.now(UTC))
        self.clock_frozen = clock_frozen
        self.wake_workers: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The engine's present moment, in UTC."""
        return self.clock().astimezone(UTC)

    def local_now(self) -> datetime:
        """The same moment on the office's clock: forms judge by it what is past, and which day it is."""
        return self.now().astimezone(self.environment.machine.zone)

    def variables(self, instance_id: str, token_id: str | None = None) -> dict[str, Any]:
        """What an instance, or one open task of it (``token_id``), can see now; {} when there is no such instance."""
        with self.database.read() as connection:
            uow = UnitOfWork(connection)
            row = uow.get(tables.process_instance, (instance_id,))
            if row is None or row["machine_state"] is None:
                return {}
            compiled = definitions.compiled(uow, self.environment.machine, row["definition_id"])
        execution = self.environment.machine.load(compiled, row["machine_state"])
        return execution.variables(token_id)

    def ask(self, question: Callable[[CommandContext], T], *, actor: Actor) -> T:
        """Answer a question with the tools of commands, in a transaction that writes nothing."""
        with self.database.read() as connection:
            context = CommandContext(
                uow=UnitOfWork(connection), now=self.now(), actor=actor, environment=self.environment
            )
            PRESENT.set(context)
            return question(context)

    def execute(self, command: Command, *, actor: Actor, idempotency_key: str | None = None) -> dict[str, Any]:
        """Run ``command`` for ``actor`` and return its answer (a JSON object).

        The same ``idempotency_key`` of the same actor acts once and gets the first answer again; with another request it is a
        Conflict. Contention, and a connection that is cut, run the whole command again, at most three times. A StepFailed
        leaves nothing of the step and opens an incident, whose id is in the error's facts. Raises DatabaseUnavailable when
        there is no database to run it on.
        """
        doubt = False
        for attempt in range(1, ATTEMPTS + 1):
            run = _Run()
            try:
                self._once(command, actor, idempotency_key, run)
                return run.answer
            except DatabaseUnavailable as error:
                if error.in_doubt and idempotency_key is None and self._was_kept(run):
                    COMMITTED.set(COMMITTED.get() + 1)
                    return run.answer
                doubt = doubt or (error.in_doubt and idempotency_key is not None)
                if error.connecting or attempt == ATTEMPTS:
                    raise (_in_doubt() if doubt else error) from error.__cause__
                logger.warning("%s is run again: the connection to the database was cut", type(command).__name__)
                time.sleep(0.01 * 2**attempt)
            except StepFailed as error:
                self._open_incident(command, actor, error)
                raise
            except Exception as error:
                if not _worth_again(error):
                    raise
                if attempt == ATTEMPTS:
                    raise _as_conflict(error) from error
                logger.info("%s is run again: %s", type(command).__name__, error)
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    def _once(self, command: Command, actor: Actor, key: str | None, run: "_Run") -> None:
        """Run ``command`` in a transaction of its own; ``run`` gets its answer and what it adds to the history."""
        with self.database.write() as connection:
            uow = UnitOfWork(connection)
            context = CommandContext(uow=uow, now=self.now(), actor=actor, environment=self.environment)
            PRESENT.set(context)
            if key is not None and (answer := self._answered(context, command, key)) is not None:
                run.answer = answer
                return
            run.answer = command.execute(context)
            react(context)
            context.write_history()
            run.written = context.written
            if key is not None:
                self._keep_answer(context, command, key, run.answer)
            uow.flush()
        COMMITTED.set(COMMITTED.get() + 1)
        if context.has_due_jobs:
            self.wake_workers()

    def _was_kept(self, run: "_Run") -> bool:
        """Whether the transaction whose commit nobody answered is there. Raises DatabaseUnavailable when nobody can say."""
        try:
            with self.database.write() as connection:
                kept = is_kept(connection, run.written)
        except DatabaseUnavailable as error:
            raise _in_doubt() from error
        if kept is None:
            raise _in_doubt()
        return kept

    # ---- the same request twice

    def _answered(self, context: CommandContext, command: Command, key: str) -> dict[str, Any] | None:
        row = context.uow.get(tables.idempotency, (context.actor.login, key))
        if row is None:
            return None
        if row["request"] != _fingerprint(command):
            raise Conflict(
                f"Idempotency-Key {key!r} 已用于另一个请求，请换一个。",
                f"The Idempotency-Key {key!r} was already used for another request; take a new one.",
                idempotency_key=key,
            )
        answer: dict[str, Any] = row["response"]
        return answer | command.retell(context, answer)

    def _keep_answer(self, context: CommandContext, command: Command, key: str, answer: Mapping[str, Any]) -> None:
        row = {
            "actor": context.actor.login,
            "key": key,
            "request": _fingerprint(command),
            "response": {name: value for name, value in answer.items() if name not in command.told_once},
            "created_at": context.now,
        }
        context.uow.insert(tables.idempotency, row)

    # ---- failures

    def _open_incident(self, command: Command, actor: Actor, error: StepFailed) -> None:
        instance_id = error.facts.get("instance_id")
        if instance_id is None or isinstance(command, OpenIncident):
            return
        opening = OpenIncident(
            instance_id=instance_id,
            reason=str(error.facts.get("reason", "step-failed")),
            zh=error.zh,
            en=error.en,
            element_id=str(error.facts.get("element_id") or ""),
            element_name=str(error.facts.get("element_name") or ""),
            job_id=error.facts.get("job_id"),
            failed=command.as_json() | {"actor": actor.login},
        )
        try:
            error.facts["incident_id"] = self.execute(opening, actor=SYSTEM)["incident_id"]
        except Exception:
            # The person must see why the step failed, whatever happens to the incident.
            logger.exception("no incident could be opened for %s", instance_id)


def _in_doubt() -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "保存时与数据库的连接中断，无法确定是否已经生效。请先查看最新情况，再决定是否重做。",
        "The connection to the database was cut while this was saved, and nobody can say whether it was. Look first, then "
        "decide whether to do it again; with the same Idempotency-Key a program may simply ask again.",
        retry_after=RETRY_AFTER,
    )


def _worth_again(error: Exception) -> bool:
    return bool(error.facts.get("retry")) if isinstance(error, Conflict) else is_worth_again(error)


def _as_conflict(error: Exception) -> Exception:
    if not is_contention(error):
        return error
    return Conflict(
        "同一办件正被他人办理，请稍后再试。", "Somebody else is working on the same instance; try again in a moment."
    )


def host_functions(now: datetime) -> dict[str, Callable[..., Any]]:
    """What expressions may call beside FEEL's own functions: ``wd(n)`` and ``nd(n)``, n working or natural days from now."""

    def in_days(unit: Unit) -> Callable[[Any], datetime]:
        def due(days: Any) -> datetime:
            limit = Limit(int(days) if float(days).is_integer() else float(days), unit)
            return PRESENT.get().calendar.due(now, limit).at

        return due

    return {"wd": in_days(Unit.WD), "nd": in_days(Unit.ND)}


def _fingerprint(command: Command) -> str:
    return hashlib.sha256(dump(command.identity()).encode()).hexdigest()


def build(
    database: Database, machine: Any, *, secret: bytes, files: Any = None, region: str = "510100", **options: Any
) -> ProcessEngine:
    """Put a process engine together from its parts; ``options`` are those of ProcessEngine."""
    machine.functions = host_functions
    environment = Environment(
        machine=machine, secret=secret, files=files, calendar=CalendarCache(region).get, verbs=VERBS, region=region
    )
    return ProcessEngine(database, environment, **options)
