"""Who gets a task that has just opened: the resolver of ``engine.runtime.who`` with the facts of this transaction.

``Moving`` asks ``concerns`` for each new task and calls ``enter`` where it says yes; ballots call ``resolve`` for their
members. A plain task in an instance without recusals is none of its business and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.access import SYSTEM
from engine.bpmn import ways
from engine.commands.running import eligibility, seats
from engine.commands.running.eligibility import ElementFacts
from engine.errors import BanjieError, StepFailed
from engine.events import Event
from engine.feel import FeelError
from engine.runtime.task import TaskAssigned, TaskCompleted
from engine.runtime.who import language
from engine.runtime.who.choices import NotChosen
from engine.runtime.who.events import TaskExplained, TaskReoffered
from engine.runtime.who.facts import Uncertain
from engine.runtime.who.policies import SETTINGS, OnRepeat, Pick, Policies, PolicyError, approving, names
from engine.runtime.who.resolution import Automatic, Resolution
from engine.runtime.who.resolver import Question
from engine.runtime.who.resolver import resolve as find_people
from engine.runtime.who.standing import Refusal, Standing, own_instance
from engine.runtime.who.strategies import Finder
from engine.store import tables
from engine.store.projections import who as projections_who
from engine.store.rows import organisation, running

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import OpenTask
    from engine.store.base.unit_of_work import Values

_PROJECTED = projections_who  # importing this module makes its rows known


def concerns(instance_row: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether somebody has to be looked for: the node has settings for it, or somebody is recused from the instance."""
    return bool(instance_row.get("recused")) or any(settings.get(name) for name in SETTINGS)


def names_nobody(moving: Moving, task: OpenTask) -> bool:
    """Whether all whom the plain attributes of a task name are disabled or do not exist: then the policy for nobody holds (C12)."""
    named = (task.assignee,) if task.assignee else task.candidate_users
    if not named or (not task.assignee and (task.candidate_groups or task.lane)):
        return False
    context = moving.context
    if context.actor.login in named and context.actor.login != SYSTEM.login:
        return False  # he was read as an active person when he came in
    as_of = running.administered(context.uow, moving.row)
    return not context.environment.people.active(context.uow, as_of, named)


def enter(moving: Moving, task: OpenTask) -> None:
    """Open the one seat of a token whose people are found by settings; a node that decides itself goes on at once."""
    context = moving.context
    round = round_of(moving, task) if concerns(moving.row, task.settings) else moving.round(task)
    found = resolve(context, moving, task, round=round)
    created = moving.created(
        task,
        assignee=found.assignee,
        candidate_users=found.users,
        candidate_groups=found.groups,
        round=round,
        why=found.why,
    )
    task_id = seats.record_created(context, moving.id, created)
    if found.automatic is not None:
        automatic = found.automatic
        # After the move is stored, in the same transaction (trap 2.10.2 of the approval verbs).
        moving.afterwards.append(lambda: decide(moving, task, task_id, automatic))


def resolve(
    context: CommandContext,
    moving: Moving,
    task: OpenTask,
    *,
    is_ballot: bool = False,
    round: int | None = None,
    seat: Values | None = None,
) -> Resolution:
    """Find the people of a task that opens now. ``is_ballot`` freezes pools: ``users`` are the members in order.

    Of a ballot, ``carried`` says whose earlier approval counts again, and ``automatic`` that the node decides itself (nobody
    is there, or somebody excluded ends it). Raises StepFailed when a setting cannot be read, InvalidInput when the person
    who acts now has to choose somebody for this task first. ``seat`` is the row of a task for which people are found anew.
    """
    if round is None:
        round = round_of(moving, task)
    variables = moving.execution.variables(task.token_id)
    asked = Asked(context, moving.row, moving.compiled, task, round, variables)
    directory = organisation.Directory(context.uow, moving.row["definition_key"], task.element_id)
    try:
        bar = Bar(asked, directory, partial(eligibility.others_at, moving, task, seat))
        found = find_people(asked.question(is_ballot=is_ballot), directory, Course(asked), bar)
    except Unreadable as error:
        raise _failed(task, error.zh, error.en) from error
    except FeelError as error:
        raise _failed(task, error.zh, error.en) from error
    picked = found.picked or {}
    if picked.get("rule") == Pick.ROUND_ROBIN.value:
        organisation.take_turn(context.uow, moving.row["definition_key"], task.element_id, picked["taken"])
    return found


def round_of(moving: Moving, task: OpenTask) -> int:
    """How often the element was begun, this time counted. The instances of a loop are one beginning."""
    known = moving.rounds.get((task.process_key, task.element_id))
    if known is not None:
        return known
    if task.loop_index is not None or not concerns(moving.row, task.settings):
        return 1
    return 1 + organisation.rounds_before(moving.context.uow, moving.id, task.element_id, task.token_id)


def find_again(moving: Moving, row: Values, reason: str) -> None:
    """Look again for the people of an open task, because somebody may not act any more. A holder who still may keeps it."""
    context = moving.context
    task = next((each for each in moving.before.tasks if each.token_id == row["token_id"]), None)
    if task is None:
        return
    found = resolve(context, moving, task, round=row["round"], seat=row)
    context.record(moving.id, TaskExplained(task_id=row["id"], why=found.why))
    if found.automatic is not None:
        decide(moving, task, row["id"], found.automatic)
        return
    told: Event = TaskReoffered(
        task_id=row["id"], candidate_users=found.users, candidate_groups=found.groups, reason=reason
    )
    if found.assignee is not None:
        told = TaskAssigned(task_id=row["id"], assignee=found.assignee, from_assignee=row["assignee"], reason=reason)
    context.record(moving.id, told)


def decide(moving: Moving, task: OpenTask, task_id: str, automatic: Automatic) -> None:
    """Complete a task by a rule of its node, as ``system``."""
    context = moving.context
    row = context.uow.get(tables.task, (task_id,))
    if row is None or row["closed_at"] is not None:
        return  # something else in the same step has taken the token away
    comment = f"{automatic.zh}（{automatic.rule}）"
    completed = TaskCompleted(
        task_id=task_id,
        element_id=task.element_id,
        element_name=task.element_name,
        outcome=automatic.outcome,
        comment=comment,
    )
    principal, context.acts_for = context.acts_for, None  # the rule acts for nobody
    context.record(moving.id, completed, actor=SYSTEM.login)
    context.acts_for = principal
    moving.conclude(task.token_id, task.element_id, automatic.outcome, comment=comment)


def leaders_of(moving: Moving, row: Values) -> tuple[str, ...]:
    """The heads above whoever has an open task, nearest first, as far as they may act at it; () while nobody has it."""
    holder = row["principal"] or row["assignee"]
    task = next((each for each in moving.before.tasks if each.token_id == row["token_id"]), None)
    if holder is None or task is None:
        return ()
    directory = organisation.Directory(moving.context.uow, moving.row["definition_key"], task.element_id)
    person = directory.person(holder)
    department = directory.department(person.department_id) if person and person.department_id else None
    asked = Asked(moving.context, moving.row, moving.compiled, task, row["round"], {})
    finder = Finder(directory, Course(asked), Bar(asked, directory))
    return tuple(finder.leaders_above(department, holder, 20))


# ---------------------------------------------------------------- the facts, for deciding and for predicting


class Unreadable(BanjieError):
    """A setting of the node that the upload should have refused."""


Expected = tuple[str, tuple[str, ...]]  # the name of an element, and who is expected to act there


@dataclass(slots=True)
class Asked:
    """One element of one instance for which people are looked for."""

    context: CommandContext
    instance_row: Values
    compiled: CompiledProcess
    task: OpenTask
    round: int
    variables: Mapping[str, Any]
    predicting: bool = False
    previous: tuple[str, ...] | None = None  # while predicting: who is expected to have acted before
    expected: Mapping[str, Expected] = field(default_factory=dict)  # and who is expected to act, by element id
    approving: Mapping[str, tuple[str, bool]] = field(
        default_factory=dict
    )  # and to approve: name, is it the step before?
    label_of: feel.LabelOf = str  # while predicting: how people call a variable

    @property
    def element(self) -> ElementFacts:
        task = self.task
        return ElementFacts(
            element_id=task.element_id, element_name=task.element_name, settings=task.settings, round=self.round
        )

    def question(self, *, is_ballot: bool) -> Question:
        """The node's settings, read."""
        task = self.task
        groups = task.candidate_groups
        if not task.assignee and not task.candidate_users and not groups and task.lane:
            groups = (task.lane,)
        try:
            policies, who = Policies.read(task.settings), self._who()
        except PolicyError as error:
            raise Unreadable(f"{error.name} 不能是「{error.value}」", str(error)) from error
        except language.WhoSyntaxError as error:
            raise Unreadable(f"who 读不懂：{error.zh}", f"who cannot be read: {error.en}") from error
        users = task.candidate_users
        if is_ballot and task.assignee and task.assignee not in users:
            users = (task.assignee, *users)
        return Question(
            token_id=task.token_id,
            who=who,
            assignee=None if is_ballot else task.assignee,
            users=users,
            groups=groups,
            outcomes=task.outcomes,
            round=self.round,
            is_ballot=is_ballot,
            policies=policies,
        )

    @property
    def needs_choice(self) -> bool:
        """Whether nothing but a choice says who acts here."""
        parsed = self._who()
        return parsed is not None and only_chosen(parsed) and not self.task.settings.get("onEmpty")

    def _who(self) -> language.Who | None:
        """Read ``who`` as the model writes it: what an expression gives are people, never further strategies."""
        if not self.task.settings.get("who"):
            return None
        written = written_settings(self.compiled, self.task.process_key, self.task.element_id).get("who", "")
        if feel.is_expression(written):
            call = language.Call("feel", (written,), {}, "feel")
            return language.Who(((call,),), written)
        return language.parse(written)


def only_chosen(parsed: language.Who) -> bool:
    """Whether every strategy is a choice, so that nobody is found when nobody chose."""
    return all(call.name == "chosen" for alternative in parsed.alternatives for call in alternative)


def written_settings(compiled: CompiledProcess, process_key: str, element_id: str) -> Mapping[str, str]:
    """The banjie: attributes of a user task as the model writes them."""
    for info in compiled.user_tasks:
        if (info.process_key, info.id) == (process_key, element_id):
            return info.attributes
    return {}


@dataclass
class Course:
    """The instance as strategies see it (``engine.runtime.who.facts.Course``)."""

    asked: Asked

    @property
    def initiator(self) -> str | None:
        started_by: str | None = self.asked.instance_row["started_by"]
        return None if started_by == SYSTEM.login else started_by

    @cached_property
    def _decided(self) -> list[Any]:
        return organisation.decided(self.asked.context.uow, self.asked.instance_row["id"])

    @cached_property
    def _before(self) -> list[Any]:
        """What people decided at the steps that lead here, latest first; behind a step that a rule of the model passed lies the
        one before it."""
        steps = self._steps_before
        found = self._decided_at(steps)
        if found or not steps:
            return found
        passed = organisation.passed_by_rule(self.asked.context.uow, self.asked.instance_row["id"])
        seen: set[tuple[str, str]] = set()
        while not found and (through := (steps & passed) - seen):
            seen |= through
            steps = frozenset().union(*(ways.before(self.asked.compiled, *step) for step in through))
            found = self._decided_at(steps)
        return found

    @cached_property
    def _steps_before(self) -> frozenset[tuple[str, str]]:
        task = self.asked.task
        return ways.before(self.asked.compiled, task.process_key, task.element_id)

    def _decided_at(self, steps: Collection[tuple[str, str]]) -> list[Any]:
        return [row for row in self._decided if (row.process_key, row.element_id) in steps]

    def previous(self) -> tuple[str, ...]:
        if self.asked.previous is not None:
            return self.asked.previous  # () while it is not sure: the strategy then says that it lacks it
        return tuple(dict.fromkeys(row.principal or row.closed_by for row in self._before))

    def field(self, path: str) -> Any:
        value: Any = self.asked.variables
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def evaluate(self, source: str) -> Any:
        context = self.asked.context
        functions = context.machine.functions
        now = context.calendar.local(context.now)
        expression, variables = feel.compile(source), self.asked.variables
        try:
            value = expression.evaluate(variables, now=now, functions=functions(context.now) if functions else {})
        except FeelError as error:
            if self.asked.predicting:
                raise Uncertain(*feel.lacking(expression, variables, error, self.asked.label_of)) from error
            raise
        return feel.to_json(value)

    def label(self, path: str) -> str:
        return self.asked.label_of(path)

    def chosen(self, by: str) -> tuple[str, ...] | None:
        asked = self.asked
        row = organisation.chosen(asked.context.uow, asked.instance_row["id"], asked.task.element_id)
        if row is not None and row["by"] == by:
            return tuple(row["logins"])
        if by == "previous" and not asked.predicting and asked.needs_choice and self._acted_now():
            raise NotChosen.at(asked.task.element_id, asked.element.label)
        return None

    def _acted_now(self) -> bool:
        """Whether the step before was done in this very transaction by the one who asks, who can still choose."""
        context = self.asked.context
        last = next(iter(self._decided_at(self._steps_before)), None)
        return last is not None and last.closed_by == context.actor.login and last.closed_at == context.now

    def approved(self, where: OnRepeat) -> Mapping[str, str]:
        rows = self._before if where is OnRepeat.PREVIOUS else self._decided
        everywhere = where is OnRepeat.ANYWHERE
        found = {login: name for login, (name, before) in self.asked.approving.items() if everywhere or before}
        for row in rows:
            if row.outcomes and row.outcome == approving(tuple(row.outcomes)):
                found.setdefault(row.principal or row.closed_by, row.element_name)
        return found

    def lacks(self, zh: str, en: str) -> None:
        if self.asked.predicting:
            raise Uncertain(zh, en)


@dataclass
class Bar:
    """Who may not act (``engine.runtime.who.facts.Bar``): the point that all paths ask, person by person."""

    asked: Asked
    directory: organisation.Directory
    others_at: Callable[[], frozenset[str]] = frozenset  # who has a part of his own in the same multi-instance
    _known: dict[str, Refusal | None] = field(default_factory=dict)

    @cached_property
    def _standing(self) -> Standing:
        """Everything that does not depend on the person, read once."""
        asked = self.asked
        known = eligibility.standing(asked.context, asked.instance_row, asked.element, set())
        if not asked.expected:
            return known
        apart = names(asked.task.settings.get("differentFrom"))
        expected = {
            login: name for element, (name, logins) in asked.expected.items() if element in apart for login in logins
        }
        return replace(known, acted={**expected, **known.acted})

    def against(self, login: str) -> Refusal | None:
        if login not in self._known:
            person = self.directory.person(login)
            known = self._standing.knowing(
                {} if person is None else {login: person.name},
                frozenset({login} if person is not None and person.disabled else ()),
            )
            self._known[login] = known.against(login) or self._second_part(login)
        return self._known[login]

    def _second_part(self, login: str) -> Refusal | None:
        """Whoever stands in for the one whom the model names counts once as well (P-1.4)."""
        return own_instance() if login != self.asked.task.assignee and login in self._others else None

    @cached_property
    def _others(self) -> frozenset[str]:
        return self.others_at()


def _failed(task: OpenTask, zh: str, en: str) -> StepFailed:
    return StepFailed(
        f"「{task.element_name or task.element_id}」找不到办理人：{zh}",
        f'Nobody can be found for "{task.element_name or task.element_id}": {en}',
        element_id=task.element_id,
        element_name=task.element_name,
        process_key=task.process_key,
        reason="who-unreadable",
    )
