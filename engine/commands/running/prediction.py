"""Who will come next: the model walked ahead, with the people found by the resolver that will decide. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.bpmn import ahead
from engine.bpmn.ahead import Ahead
from engine.commands.running.labels import Labels
from engine.commands.running.service_tasks import results_by_verb
from engine.commands.running.who import Asked, Bar, Course, Unreadable
from engine.feel import FeelError
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.who.facts import Uncertain
from engine.runtime.who.policies import Pick
from engine.runtime.who.resolution import Automatic, Resolution
from engine.runtime.who.resolver import resolve
from engine.store import tables
from engine.store.rows import definitions, organisation

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess
    from engine.context import CommandContext
    from engine.runtime.step import OpenTask, Subscription, WaitingTimer
    from engine.store.base.unit_of_work import Values

Element = tuple[str, str]


@dataclass(slots=True)
class _Predicting:
    """One prediction: what waits now, what comes, and who is expected where."""

    context: CommandContext
    row: Values
    compiled: CompiledProcess
    expected: dict[Element, tuple[str, ...]] = field(default_factory=dict)  # who acts at an element, where it is sure
    passed: dict[Element, Element | None] = field(default_factory=dict)  # by a rule: the step before it
    labels: Labels = field(init=False)

    def __post_init__(self) -> None:
        self.labels = Labels(self.context.uow, self.compiled.definition_id)

    def step(self, step: Ahead) -> dict[str, Any]:
        """One coming task as JSON."""
        doubts = [{"zh": doubt.zh, "en": doubt.en} for doubt in step.doubts]
        found: list[Resolution] = []
        for task, variables in zip(step.tasks, step.variables, strict=True):
            try:
                found.append(self._resolve(step, task, variables))
            except (Uncertain, Unreadable, FeelError) as error:
                doubt = {"zh": error.zh, "en": error.en}
                if doubt not in doubts:
                    doubts.append(doubt)
        people = list(dict.fromkeys(login for each in found for login in _people(each)))
        groups = list(dict.fromkeys(key for each in found for key in each.groups))
        likely = all(doubt.is_diversion for doubt in step.doubts) and len(doubts) == len(step.doubts)
        if len(people) == 1 and not groups and likely:
            self.expected[step.process_key, step.element_id] = tuple(people)
        automatic = next((each.automatic for each in found if each.automatic is not None), None)
        if automatic is not None:
            self.passed[step.process_key, step.element_id] = step.after
        return {
            "element_id": step.element_id,
            "element_name": step.element_name,
            "certain": not doubts,
            "possible": any(doubt.is_exception for doubt in step.doubts),
            "doubts": doubts,
            "people": [] if automatic else people,
            "groups": [] if automatic else groups,
            "automatic": None if automatic is None else _automatic(automatic),
            "skipped": [note.to_json() for each in found for note in each.skipped],
        }

    def _resolve(self, step: Ahead, task: OpenTask, variables: Mapping[str, Any]) -> Resolution:
        context = self.context
        before = organisation.rounds_before(context.uow, self.row["id"], task.element_id, "")
        asked = Asked(
            context,
            self.row,
            self.compiled,
            task,
            1 + before,
            variables,
            predicting=True,
            previous=self._previous(step),
            expected={key[1]: (self._name(key), logins) for key, logins in self.expected.items()},
            approving=self._approving(step),
            label_of=self.labels.of,
        )
        directory = organisation.Directory(context.uow, self.row["definition_key"], task.element_id, deciding=False)
        question = asked.question(is_ballot=bool(task.settings.get("ballot")))
        found = resolve(question, directory, Course(asked), Bar(asked, directory))
        if (found.picked or {}).get("rule") == Pick.RANDOM.value and len(found.found) > 1:
            # The lot is drawn from the id of a token that does not exist yet.
            raise Uncertain("到时随机抽取", "drawn by lot when it opens")
        return found

    def _approving(self, step: Ahead) -> dict[str, tuple[str, bool]]:
        """Who is expected to have approved until then: {login: (name of the element, whether it is the step before)}."""
        found: dict[str, tuple[str, bool]] = {}
        before = self.decided_before(step)
        deciding = {(info.process_key, info.id) for info in self.compiled.user_tasks if info.outcomes}
        for key, logins in self.expected.items():
            for login in logins if key in deciding else ():
                if key == before or login not in found:  # the step before says more than any other
                    found[login] = (self._name(key), key == before)
        return found

    def _previous(self, step: Ahead) -> tuple[str, ...] | None:
        before = self.decided_before(step)
        return None if before is None else self.expected.get(before, ())

    def decided_before(self, step: Ahead) -> Element | None:
        """The step before at which somebody decides, behind those that a rule passes."""
        before, seen = step.after, set[Element]()
        while before in self.passed and before not in seen:
            seen.add(before)
            before = self.passed[before]
        return before

    def _name(self, key: Element) -> str:
        infos = self.compiled.user_tasks
        return next((info.name or info.id for info in infos if (info.process_key, info.id) == key), key[1])


def predict(context: CommandContext, instance_id: str, *, behind: Element | None = None) -> dict[str, Any]:
    """What waits now and what comes after it, as JSON: {now, next, all}; {} for an instance that is not there.

    ``behind`` (process key, element id) asks only for what comes directly after that waiting element, or after steps there
    that a rule passes. ``all`` is false when the walk was cut off at its bound. An ended instance has nothing ahead.
    """
    row = context.uow.get(tables.process_instance, (instance_id,))
    if row is None:
        return {}
    if InstanceState(row["state"]) in ENDED or row["machine_state"] is None:
        return {"now": [], "next": [], "all": True}
    compiled = definitions.compiled(context.uow, context.machine, row["definition_id"])
    execution = context.machine.load(compiled, row["machine_state"])
    waiting = execution.waiting()
    predicting = _Predicting(context, row, compiled)
    now = [_open(predicting, task) for task in organisation.open_tasks(context.uow, instance_id)]
    places: list[OpenTask | WaitingTimer | Subscription] = [*waiting.tasks, *waiting.timers, *waiting.subscriptions]
    starts = [
        ahead.Start(
            process_key=each.process_key,
            element_id=each.element_id,
            variables=execution.variables(each.token_id),
            is_left=behind is not None,
        )
        for each in places
        if behind is None or (each.process_key, each.element_id) == behind
    ]
    functions = context.machine.functions
    found, complete = ahead.look(
        compiled,
        starts,
        now=context.calendar.local(context.now),
        functions=functions(context.now) if functions else {},
        results=results_by_verb(context.environment.verbs),
        label_of=predicting.labels.of,
    )
    open_now = {(each.process_key, each.element_id) for each in waiting.tasks}
    coming = (step for step in found if (step.process_key, step.element_id) not in open_now)
    # One after the other: whether a rule passes a step is known when it has been asked, and decides what comes directly.
    steps = [predicting.step(step) for step in coming if behind is None or predicting.decided_before(step) == behind]
    return {"now": now, "next": steps, "all": complete}


def _open(predicting: _Predicting, row: Values) -> dict[str, Any]:
    if row["assignee"] is not None:
        key = (row["process_key"], row["element_id"])
        predicting.expected[key] = (*predicting.expected.get(key, ()), row["principal"] or row["assignee"])
    return {
        "task_id": row["id"],
        "element_id": row["element_id"],
        "element_name": row["element_name"],
        "people": [row["assignee"]] if row["assignee"] else list(row["candidate_users"]),
        "groups": [] if row["assignee"] else list(row["candidate_groups"]),
    }


def _people(found: Resolution) -> tuple[str, ...]:
    return (found.assignee,) if found.assignee is not None else found.users


def _automatic(automatic: Automatic) -> dict[str, Any]:
    return {"outcome": automatic.outcome, "rule": automatic.rule, "zh": automatic.zh, "en": automatic.en}
