"""One random sequence: a house with seven people, one process, steps with their checks, and the way to its end."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from engine.access import SYSTEM, Role
from engine.commands.incidents import ResolveIncident
from engine.commands.instances import SetVariables
from engine.commands.proxies import RevokeProxy
from engine.commands.recusal import LiftRecusal
from engine.commands.tasks import AssignTask, CompleteTask
from engine.context import Command
from engine.errors import BanjieError, StepFailed
from engine.store import tables
from engine.store.database import Database
from tests.integration.engine.house import House
from tests.integration.verbs import checks
from tests.integration.verbs.acting import STAFF, Act, Move, act_of, decides_data
from tests.integration.verbs.shapes import FLAGS, Block, Drawing
from tests.integration.verbs.world import Row, World, differing

GROUPS = {"a": ("g1",), "b": ("g1",), "c": ("g1", "g2"), "d": ("g2",), "e": ("g2",)}
HOURS = (1, 20, 30, 50, 100)
PATIENCE = 80  # commands after which an office that only wants to be done should be
# What a step that failed leaves: its incident, and that in the history.
OF_AN_INCIDENT = {"incident", "history", "process_instance"}


class Story:
    """``begin``, any number of ``step``, ``finish``; each raises AssertionError for what must not be."""

    def __init__(self, database: Database, shape: Block) -> None:
        _empty(database)
        self.house = House(database)
        for login in STAFF:
            self.house.person(login, *GROUPS[login])
        self.house.person("boss", roles=(Role.ADMIN, Role.STAFF, Role.DESIGNER))
        self.house.person("sup", roles=(Role.SUPERVISOR, Role.STAFF))
        self.house.actors["admin"] = self.house.actors["boss"]
        self.people = {login: actor.groups for login, actor in self.house.actors.items() if login != "admin"}
        self.shape = shape
        self.instance_id = ""
        self.accepted = 0

    def begin(self, initiator: str, flags: int) -> None:
        drawing = Drawing(self.shape)
        self.elements = drawing.names
        self.house.deploy(drawing.file)
        given: dict[str, Any] = {name: bool(flags >> place & 1) for place, name in enumerate(FLAGS)}
        started = self.house.start("p", by=self.house.actors[initiator], items=[1, 2], **given)
        self.instance_id = started
        self.book = checks.Book(started)
        self.world = self._look()
        checks.check_all(self.world, self.shape, self.book)

    # ---- steps

    def tell(self, move: Move) -> str:
        """The step in words, for the report of a failure."""
        act = None if move.verb == "time" else act_of(move, self.world, self.house.now)
        return f"{move}: {act}"

    def step(self, move: Move) -> None:
        if move.verb == "time":
            self._time_goes_on(timedelta(hours=HOURS[move.how % len(HOURS)]))
            return
        act = act_of(move, self.world, self.house.now)
        if act is not None:
            self._try(act)

    def _try(self, act: Act) -> bool:
        """Do it; whether it was accepted."""
        before = self.world
        refused = self._execute(act.command, act.by)
        self.world = self._look()
        if refused is None:
            assert act.lawful(), f"accepted without right: {act}"
            checks.check_all(self.world, self.shape, self.book)
            self._check_who(act.by)
            return True
        assert refused.zh and refused.message("en"), "a refusal without a sentence"
        changed = differing(before.everything, self.world.everything)
        assert not changed or (isinstance(refused, StepFailed) and changed <= OF_AN_INCIDENT), f"changed {changed}"
        checks.check_all(self.world, self.shape, self.book)
        return False

    def _look(self) -> World:
        return World.of(self.house.database, self.instance_id, self.people, self.elements, self.book.head.seq)

    def _execute(self, command: Command, by: str) -> BanjieError | None:
        try:
            self.house.engine.execute(command, actor=self.house.actors[by])
        except BanjieError as refused:
            return refused
        self.accepted += 1
        self.house.run_jobs()
        return None

    def _check_who(self, by: str) -> None:
        """Every new event is by the one who acted, or by the system; whoever acts for somebody has a task of that person."""
        principals = {row["principal"] for row in self.world.tasks.values()} | {
            row["assignee"] for row in self.world.tasks.values()
        }
        for row in self.world.fresh:
            assert row.actor in (by, SYSTEM.login), f"{row.kind} by {row.actor}, not {by}"
            assert row.acts_for is None or row.acts_for in principals, f"{row.kind} for {row.acts_for}"

    def _time_goes_on(self, later: timedelta) -> None:
        self.house.run_jobs(later)
        self.world = self._look()
        checks.check_all(self.world, self.shape, self.book)
        for row in self.world.fresh:
            assert row.actor == SYSTEM.login, f"{row.kind} by {row.actor} while time went on"

    # ---- the end

    def finish(self) -> None:
        """Everybody approves, no loop goes round again, and an administrator helps where nobody else can."""
        self._clear_the_way()
        self._do(SetVariables(instance_id=self.instance_id, variables=dict.fromkeys(FLAGS, False)), "boss")
        for _ in range(PATIENCE):
            if not self.world.running:
                return
            if not any(self._finish_one(task) for task in self.world.open if task["state"] != "waiting"):
                self._clear_the_way()
                self._time_goes_on(timedelta(days=4))
        raise AssertionError(f"no end in sight: {[(row['element_id'], row['state']) for row in self.world.open]}")

    def _clear_the_way(self) -> None:
        for rule in self.world.rules:
            if rule["active"]:
                self._do(RevokeProxy(rule_id=rule["id"]), "boss")
        for recusal in self.world.recusals:
            if recusal["lifted_at"] is None:
                by = "sup" if recusal["login"] == "boss" else "boss"
                self._do(LiftRecusal(instance_id=self.instance_id, recusal_id=recusal["id"], reason="结束"), by)
        for incident in self.world.incidents:
            if incident["state"] == "open":
                self._do(ResolveIncident(incident_id=incident["id"], comment="已处理"), "boss")

    def _finish_one(self, task: Row) -> bool:
        """Let somebody answer this task; whether anybody could."""
        if self.world.tasks[task["id"]]["state"] not in ("offered", "assigned"):
            return False
        for login in sorted(self.world.may_act(task)):
            if self._do(_approval(task), login):
                return True
        for login in (*STAFF, "boss", "sup"):
            if self._do(AssignTask(task_id=task["id"], assignee=login), "boss"):
                return self._do(_approval(task), login)
        return False

    def _do(self, command: Command, by: str) -> bool:
        return self._try(Act(by, command, lambda: True))


def _approval(task: Row) -> CompleteTask:
    outcome = task["outcomes"][0] if task["outcomes"] else None
    given = dict.fromkeys(FLAGS, False) if decides_data(task) else {}
    return CompleteTask(task_id=task["id"], outcome=outcome, comment="同意", variables=given)


def _empty(database: Database) -> None:
    """No row of the sequence before: the tables are those of the fixture."""
    logging.getLogger("banjie").setLevel(logging.ERROR)
    with database.write() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
