"""Whom the initiator, or whoever acts now, chooses for later steps (table rows C7 and C8): who can be chosen, and the choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn import ways
from engine.commands.running import eligibility, who
from engine.commands.running.who import Asked, Bar, Course
from engine.errors import Conflict, InvalidInput, together
from engine.records import record
from engine.runtime.step import OpenTask
from engine.runtime.who import language
from engine.runtime.who.choices import NotChosen
from engine.runtime.who.events import ApproversChosen
from engine.runtime.who.facts import Uncertain
from engine.runtime.who.language import Call, Who
from engine.runtime.who.policies import SETTINGS
from engine.runtime.who.strategies import Finder
from engine.store.rows import organisation

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess, UserTaskInfo
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

Chosen = Mapping[str, Sequence[str]]  # element id: logins


@record
class Choice:
    """One later step for which somebody is to be chosen. ``people`` are {login, name, department_name}, whoever may act."""

    element_id: str
    element_name: str
    most: int
    required: bool
    people: tuple[Mapping[str, str], ...]


def offered(
    context: CommandContext,
    instance_row: Values,
    compiled: CompiledProcess,
    by: str,
    *,
    element: ways.Element | None = None,
    variables: Mapping[str, Any] | None = None,
) -> list[Choice]:
    """The choices to make now: at the start (``by`` = start), or by whoever acts at ``element`` (previous)."""
    found = []
    for info, parsed, call in _asked_for(compiled, by, element):
        people = _eligible(context, instance_row, compiled, info, call, variables or {})
        found.append(
            Choice(
                element_id=info.id,
                element_name=info.name or info.id,
                most=call.number("most", 1),
                required=by == "start" and is_needed(parsed, info.attributes),
                people=tuple(people),
            )
        )
    return found


def asks(compiled: CompiledProcess, by: str, element: ways.Element | None = None) -> bool:
    """Whether there is anything to choose; costs no statement."""
    return any(True for _ in _asked_for(compiled, by, element))


def check(
    compiled: CompiledProcess, chosen: Chosen, by: str, *, element: ways.Element | None = None
) -> dict[str, tuple[UserTaskInfo, Call, tuple[str, ...]]]:
    """Return who is chosen, by element id, as far as it can be told without looking at the people. Raises InvalidInput that names
    every step that is not to be chosen, has too many, or, at the start, lacks the choice that nothing else can answer."""
    steps = {info.id: (info, parsed, call) for info, parsed, call in _asked_for(compiled, by, element)}
    faults = [_not_asked_for(element_id) for element_id in chosen if element_id not in steps]
    found = {}
    for info, parsed, call in steps.values():
        logins = tuple(dict.fromkeys(login for login in chosen.get(info.id, ()) if login))
        most = call.number("most", 1)
        if not logins and by == "start" and is_needed(parsed, info.attributes):
            faults.append(NotChosen.at(info.id, info.name or info.id))
        elif len(logins) > most:
            faults.append(_too_many(info, most))
        elif logins:
            found[info.id] = (info, call, logins)
    if faults:
        raise together(faults)
    return found


def keep(
    context: CommandContext,
    instance_row: Values,
    compiled: CompiledProcess,
    chosen: Chosen,
    by: str,
    *,
    element: ways.Element | None = None,
    variables: Mapping[str, Any] | None = None,
) -> None:
    """Check a choice and record it. Raises InvalidInput for a step that is not to be chosen, Conflict for people who may not.

    At the start everything that nothing else can answer has to be chosen; later, what is missing is noticed when the case
    comes to the step in the same transaction (``who.Course.chosen``).
    """
    for info, call, logins in check(compiled, chosen, by, element=element).values():
        _check_people(context, instance_row, compiled, info, call, logins, variables or {})
        context.record(
            instance_row["id"],
            ApproversChosen(element_id=info.id, element_name=info.name or info.id, by=by, logins=logins),
        )


def choose_again(
    context: CommandContext, instance_row: Values, compiled: CompiledProcess, element_id: str, login: str, to: str
) -> None:
    """Let ``to`` be chosen in the place of ``login``. Raises Conflict as a choice does; the list of the node holds here too."""
    row = organisation.chosen(context.uow, instance_row["id"], element_id)
    assert row is not None  # somebody was chosen
    steps = {info.id: (info, call) for info, _, call in _asked_for(compiled, row["by"], None)}
    info, call = steps[element_id]
    variables = context.machine.load(compiled, instance_row["machine_state"]).variables()
    _check_people(context, instance_row, compiled, info, call, (to,), variables)
    logins = tuple(dict.fromkeys(to if each == login else each for each in row["logins"]))
    name = info.name or info.id
    chosen = ApproversChosen(element_id=element_id, element_name=name, by=row["by"], logins=logins)
    context.record(instance_row["id"], chosen)


def is_needed(parsed: Who, attributes: Mapping[str, str]) -> bool:
    """Whether nothing but the choice says who acts: no other strategy, and no policy for nobody."""
    return who.only_chosen(parsed) and not attributes.get("onEmpty")


# ---------------------------------------------------------------- inside


def _not_asked_for(element_id: str) -> InvalidInput:
    return InvalidInput(
        f"这里不能为「{element_id}」选择办理人。",
        f"Nobody is chosen for {element_id!r} here.",
        fields={f"chosen.{element_id}": "多余"},
        fields_en={f"chosen.{element_id}": "not asked for"},
    )


def _too_many(info: UserTaskInfo, most: int) -> InvalidInput:
    name = info.name or info.id
    return InvalidInput(
        f"「{name}」最多选择 {most} 人。",
        f'At most {most} people are chosen for "{name}".',
        fields={f"chosen.{info.id}": f"最多 {most} 人"},
        fields_en={f"chosen.{info.id}": f"at most {most}"},
    )


def _asked_for(
    compiled: CompiledProcess, by: str, element: ways.Element | None
) -> Iterator[tuple[UserTaskInfo, Who, Call]]:
    for info in compiled.user_tasks:
        text = info.attributes.get("who", "")
        if not text or feel.is_expression(text):
            continue
        parsed = language.parse(text)
        call = next((each for each in parsed.calls() if each.name == "chosen" and each.words == (by,)), None)
        if call is None:
            continue
        if element is None or element in ways.before(compiled, info.process_key, info.id):
            yield info, parsed, call


def _asked(
    context: CommandContext,
    instance_row: Values,
    compiled: CompiledProcess,
    info: UserTaskInfo,
    variables: Mapping[str, Any],
) -> Asked:
    settings = {name: info.attributes[name] for name in SETTINGS if name in info.attributes}
    task = OpenTask(
        token_id="",
        element_id=info.id,
        element_name=info.name or info.id,
        process_key=info.process_key,
        settings=settings,
    )
    return Asked(context, instance_row, compiled, task, 1, variables, predicting=True)


def _pool(asked: Asked, call: Call, directory: organisation.Directory) -> tuple[str, ...] | None:
    """Whom ``from`` allows; None when everybody is."""
    narrowed = call.call("from")
    if narrowed is None:
        return None
    finder = Finder(directory, Course(asked), Bar(asked, directory))
    try:
        return tuple(dict.fromkeys(login for login, _ in finder.people(narrowed)))
    except Uncertain:
        return ()


def _eligible(
    context: CommandContext,
    instance_row: Values,
    compiled: CompiledProcess,
    info: UserTaskInfo,
    call: Call,
    variables: Mapping[str, Any],
) -> Iterator[Mapping[str, str]]:
    asked = _asked(context, instance_row, compiled, info, variables)
    directory = organisation.Directory(context.uow, compiled.process_key, info.id, deciding=False)
    pool = _pool(asked, call, directory)
    rows = organisation.everybody(context.uow)
    barred = eligibility.standing(context, instance_row, asked.element, set()).knowing(
        {row["login"]: row["name"] for row in rows}, frozenset()
    )
    for row in rows:
        if (pool is None or row["login"] in pool) and barred.against(row["login"]) is None:
            yield row


def _check_people(
    context: CommandContext,
    instance_row: Values,
    compiled: CompiledProcess,
    info: UserTaskInfo,
    call: Call,
    logins: tuple[str, ...],
    variables: Mapping[str, Any],
) -> None:
    name = info.name or info.id
    asked = _asked(context, instance_row, compiled, info, variables)
    for login in logins:
        eligibility.check(context, instance_row, asked.element, login, way="choose")
    directory = organisation.Directory(context.uow, compiled.process_key, info.id, deciding=False)
    pool = _pool(asked, call, directory)
    outside = [login for login in logins if pool is not None and login not in pool]
    if outside:
        raise Conflict(
            f"「{name}」不能选择 {'、'.join(outside)}：不在可选范围内。请从列表中选择。",
            f'{", ".join(outside)} cannot be chosen for "{name}": choose from the list.',
            login=outside[0],
            element_id=info.id,
        )
