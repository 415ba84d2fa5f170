"""One random sequence: a house with seven people, one process, steps with their checks, and the way to its end."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.access import SYSTEM, Role
from engine.bpmn.runner import Machine
from engine.commands.administration.people import ChangeMembership, EnablePerson
from engine.commands.delegating.proxies import RevokeProxy
from engine.commands.delegating.recusal import LiftRecusal
from engine.commands.returning import modification, returns
from engine.commands.running.incidents import ResolveIncident, RetryIncident
from engine.commands.running.instances import SetVariables
from engine.commands.running.service_tasks import Verb
from engine.commands.tasks.handling import AssignTask, CompleteTask
from engine.context import Command
from engine.errors import BanjieError, Conflict, StepFailed
from engine.process_engine import build
from engine.store import tables
from engine.store.base.database import Database
from tests.integration.engine.house import SECRET, House, bpmn, flows
from tests.integration.verbs import checks
from tests.integration.verbs.acting import WITHOUT, act_of
from tests.integration.verbs.rights import decides_data
from tests.integration.verbs.shapes import FLAGS, FRAGILE, VERB, Block, Drawing
from tests.integration.verbs.stage import STAFF, Act, Answer, Dialogs, Move, Stage
from tests.integration.verbs.world import APPLICATION, Row, World, differing

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

ALL_GROUPS = ("g1", "g2")
GROUPS = {"a": ("g1",), "b": ("g1",), "c": ("g1", "g2"), "d": ("g2",), "e": ("g2",)}
HOURS = (1, 20, 30, 50, 100)
PATIENCE = 80  # commands after which an office that only wants to be done should be
# What a step that failed leaves: its incident, and that in the history.
OF_AN_INCIDENT = {"incident", "history", "process_instance"}
REPAIRS = (modification.JumpInstance, modification.ReopenInstance)
APPLYING = bpmn(
    '<startEvent id="s"/><userTask id="approve" banjie:candidateUsers="boss,sup" banjie:outcomes="approve:同意,refuse:不同意"/>'
    '<exclusiveGateway id="granted" default="granted_no"/><serviceTask id="end" banjie:verb="instance.end_withdrawn">'
    '<extensionElements><banjie:input name="instance">=withdrawn_instance</banjie:input>'
    '<banjie:input name="reason">=withdraw_reason</banjie:input></extensionElements></serviceTask>'
    '<endEvent id="yes"/><endEvent id="no"/>'
    + flows("s-approve", "approve-granted", 'granted-end?approve_outcome = "approve"', "granted-no", "end-yes"),
    key=APPLICATION,
)


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
        self.shape = shape
        self.is_broken = False
        self._furnish()
        self.instance_id = ""
        self.world: World | None = None
        self.tried: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()

    def begin(self, initiator: str, flags: int) -> None:
        drawing = Drawing(self.shape)
        self.elements = drawing.names
        self.house.deploy(drawing.file, APPLYING)
        given: dict[str, Any] = {name: bool(flags >> place & 1) for place, name in enumerate(FLAGS)}
        self.instance_id = self.house.start("p", by=self.house.actors[initiator], items=["d", "b"], **given)
        self.book = checks.Book(self.instance_id)
        self._look()
        checks.check_all(self.here, self.shape, self.book)
        self.is_broken = any(element.startswith(FRAGILE) for element in self.elements)

    def _furnish(self) -> None:
        """The server knows a verb that fails as long as the machine behind it stands still."""
        press = Verb(VERB, "盖章", "Press", self._press, irreversible=False)
        environment = self.house.engine.environment
        self.house.engine.environment = replace(environment, verbs={**environment.verbs, VERB: press})

    def _press(self, context: CommandContext, moving: Moving, call: ServiceCall) -> dict[str, Any]:
        if self.is_broken:
            raise Conflict("机器没有响应。", "The machine does not answer.")
        return {}

    @property
    def here(self) -> World:
        assert self.world is not None
        return self.world

    @property
    def steps(self) -> int:
        return sum(self.tried.values())

    # ---- steps

    def stage(self, move: Move | None = None) -> Stage:
        dialogs = Dialogs(self._returns, self._reopenings, self._jumps)
        return Stage(self.here, self.house.now, dialogs, move or Move("time"), self.is_broken)

    def tell(self, move: Move) -> str:
        """The step in words, for the report of a failure."""
        return f"{move}: {act_of(self.stage(move)) if move.verb not in WITHOUT else ''}"

    def step(self, move: Move) -> None:
        self.tried[move.verb] += 1
        if move.verb == "time":
            self.accepted["time"] += self._time_goes_on(timedelta(hours=HOURS[move.how % len(HOURS)]))
        elif move.verb == "outage":
            self.is_broken = not self.is_broken
            self.accepted["outage"] += 1
        elif move.verb == "restart":
            self._restart()
            self.accepted["restart"] += 1
        else:
            act = act_of(self.stage(move))
            if act is not None:
                self.accepted[move.verb] += self._try(act)

    def _try(self, act: Act) -> bool:
        """Do it; whether it was accepted."""
        before = self.here
        answer, refused = self._execute(act.command, act.by)
        self._look()
        if refused is None:
            assert act.lawful(), f"accepted without right: {act}"
            checks.check_all(self.here, self.shape, self.book)
            self._check_who({act.by, act.speaks_for, SYSTEM.login}, before)
            if act.then is not None:
                act.then(self.here, answer)
            return True
        assert refused.zh and refused.message("en"), "a refusal without a sentence"
        if self.here is before:
            told = self.here.incidents or not isinstance(refused, StepFailed)
            assert told, f"a step failed, and no incident tells of it: {refused.en}"
            return False
        stands_still = refused.facts.get("reason") == "verb-failed"
        assert stands_still or not isinstance(act.command, REPAIRS), f"the wrong place is no failure: {refused.en}"
        changed = differing(before.everything, self.here.everything)
        assert not changed or (isinstance(refused, StepFailed) and changed <= OF_AN_INCIDENT), f"changed {changed}"
        checks.check_all(self.here, self.shape, self.book)
        return False

    def _look(self) -> None:
        self.world = World.of(self.house.database, self.instance_id, self.elements, self.world)
        for login, actor in self.house.actors.items():
            mine = self.world.groups.get(login, set())
            if actor.groups != mine:  # as the session reads them at the next request
                self.house.actors[login] = replace(actor, groups=frozenset(mine))

    def _execute(self, command: Command, by: str) -> tuple[Answer, BanjieError | None]:
        try:
            answer = self.house.engine.execute(command, actor=self.house.actors[by])
        except BanjieError as refused:
            return {}, refused
        self.house.run_jobs()
        return answer, None

    def _check_who(self, acted: set[str | None], before: World) -> None:
        """Every new event is by one of those who acted (the system always may); whoever acts for somebody has a task of that person."""
        rows = [*before.tasks.values(), *self.here.tasks.values()]
        principals = {row[who] for row in rows for who in ("principal", "assignee")}
        for row in self.here.fresh:
            assert row.actor in acted, f"{row.kind} by {row.actor}, not one of {acted}"
            assert row.acts_for is None or row.acts_for in principals, f"{row.kind} for {row.acts_for}"

    def _time_goes_on(self, later: timedelta) -> bool:
        """Whether anything came of it."""
        done = self.house.run_jobs(later)
        self._look()
        checks.check_all(self.here, self.shape, self.book)
        for row in self.here.fresh:
            assert row.actor == SYSTEM.login, f"{row.kind} by {row.actor} while time went on"
        return bool(done)

    def _restart(self) -> None:
        """Another server takes over: all that is known is what is stored, which it reads and writes alike."""
        self.house.engine = build(self.house.database, Machine(), secret=SECRET, clock=lambda: self.house.now)
        self._furnish()
        if self.here.running:
            stored = self.here.instance["machine_state"]
            again = self.house.engine.ask(
                lambda context: modification.moving.open_instance(context, self.here.instance).execution.dump(),
                actor=self.house.admin,
            )
            assert again == stored, f"stored {stored}, read {again}"

    # ---- what the pages offer

    def _returns(self, task_id: str, by: str) -> list[str]:
        try:
            offered = self.house.engine.ask(
                lambda context: returns.offers_of(context, task_id), actor=self.house.actors[by]
            )
        except BanjieError:
            return []
        return [each["element_id"] for each in offered["targets"] if each["possible"]]

    def _reopenings(self) -> list[str]:
        found = self.house.engine.ask(
            lambda context: modification.places_of(context, self.instance_id), actor=self.house.admin
        )
        return [each["element_id"] for each in found["elements"]]

    def _jumps(self) -> list[tuple[str, str]]:
        found = self.house.engine.ask(
            lambda context: modification.tokens_of(context, self.instance_id), actor=self.house.admin
        )
        return [(each["token_id"], target["element_id"]) for each in found for target in each["targets"]]

    # ---- the end

    def finish(self) -> None:
        """Everybody approves, no loop goes round again, and an administrator helps where nobody else can."""
        if not self.here.running:
            return
        self.is_broken = False
        self._clear_the_way()
        self._do(SetVariables(instance_id=self.instance_id, variables=dict.fromkeys(FLAGS, False)), "boss")
        for _ in range(PATIENCE):
            if not self.here.running:
                return
            if not any(self._finish_one(task) for task in self.here.open if task["state"] != "waiting"):
                self._clear_the_way()
                self._time_goes_on(timedelta(days=4))
        raise AssertionError(f"no end in sight: {[(row['element_id'], row['state']) for row in self.here.open]}")

    def _clear_the_way(self) -> None:
        self._bring_people_back()
        for rule in self.here.rules:
            if rule["active"]:
                self._do(RevokeProxy(rule_id=rule["id"]), "boss")
        for recusal in self.here.recusals:
            if recusal["lifted_at"] is None:
                by = "sup" if recusal["login"] == "boss" else "boss"
                self._do(LiftRecusal(instance_id=self.instance_id, recusal_id=recusal["id"], reason="结束"), by)
        for incident in self.here.incidents:
            if self.here.running and not self._retry(incident):
                self._do(ResolveIncident(incident_id=incident["id"], comment="已处理"), "boss")

    def _retry(self, incident: Row) -> bool:
        failed = incident["command"] or {}
        command = RetryIncident(incident_id=incident["id"])
        return self._try(Act("boss", command, lambda: True, speaks_for=failed.get("actor")))

    def _bring_people_back(self) -> None:
        """Who left is there again, and everybody is in all groups: a ballot with too few people has enough."""
        for login in STAFF:
            self._do(EnablePerson(login=login), "boss")
            if len(self.here.groups.get(login, ())) < len(ALL_GROUPS):
                self._do(ChangeMembership(login=login, groups=ALL_GROUPS), "boss")

    def _finish_one(self, task: Row) -> bool:
        """Let somebody answer this task; whether anybody could."""
        if self.here.tasks[task["id"]]["state"] not in ("offered", "assigned"):
            return False
        for login in sorted(self.here.may_act(task)):
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
