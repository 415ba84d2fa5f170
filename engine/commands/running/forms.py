"""The forms of starts and of tasks, checked on the server; a task's with the rights that the task gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine import forms
from engine.bpmn.compiled import CompiledProcess
from engine.commands.running.moving import Moving
from engine.commands.running.variables import RESERVED, check_variables
from engine.context import CommandContext
from engine.errors import InvalidInput
from engine.runtime.task import Task
from engine.store import tables
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.rows import definitions

RESULTS = ("_outcome", "_votes", "_answers")  # behind the id of a task: what was decided there
NEEDED = forms.FieldError("选这个办理结果时必填", "required for this outcome")


def check_task_form(
    context: CommandContext, running: Moving, task: Task, given: Mapping[str, Any], outcome: str | None
) -> dict[str, Any]:
    """Return the variables that a completed task brings, checked by its form and its field rights.

    Every field of the form is a variable afterwards: one that nobody filled in is null, so that expressions may name it.
    Raises InvalidInput with ``facts["fields"]``. A task without a form takes any JSON variables under free names.
    """
    checked = check_variables(given)
    if task.form_key is None:
        check_free(running.compiled, checked)
        _check_starter(running.compiled, checked)
        return checked
    form, original, result = _judged(context, running, task, task.form_key, checked, outcome)
    refuse(result.errors, form)
    return blank(form, original) | {name: value for name, value in result.values.items() if name not in RESERVED}


def in_order(
    context: CommandContext, running: Moving, task: Task, given: Mapping[str, Any], outcome: str | None
) -> dict[str, Any]:
    """What ``check_task_form`` would return, without the fields with which something is wrong."""
    try:
        checked = check_variables(given)
        if task.form_key is None:
            return check_task_form(context, running, task, given, outcome)
    except InvalidInput:
        return {}
    form, original, result = _judged(context, running, task, task.form_key, checked, outcome)
    wrong = {name.partition("[")[0] for name in result.errors} | RESERVED
    values = blank(form, original) | result.values
    return {name: value for name, value in values.items() if name not in wrong}


def _judged(
    context: CommandContext,
    running: Moving,
    task: Task,
    form_key: str,
    given: Mapping[str, Any],
    outcome: str | None,
) -> tuple[forms.Form, Mapping[str, Any], forms.CheckedForm]:
    """The form, what stood before, and what was sent judged by the form, its rights and the outcome."""
    form = form_of(context.uow, running.row["definition_id"], form_key)
    original = {**running.variables, **local_variables(context.uow, task.id)}
    rights = forms.parse_rights(str(task.settings.get("fields", "")))
    result = form.check(given, rights=rights, now=context.local_now, original={**original, "outcome": outcome})
    needed = _needed_for(task, outcome)
    missing = {key: NEEDED for key in needed if not result.values.get(key, original.get(key))}
    return form, original, forms.CheckedForm(result.values, missing | result.errors)


def check_start_form(
    context: CommandContext, definition: Values, compiled: CompiledProcess, given: Mapping[str, Any], *, held: bool
) -> dict[str, Any]:
    """Return the variables with which a process is started, checked by the form of its start event, as far as it has one.

    Who is ``held`` to the form sends nothing else than its fields, each in order (types, rules, conditions, required ones):
    what later steps find out nobody sends along. Else only the types are checked. A field that was not sent is null. Without
    a form any JSON variables are taken under free names. Raises InvalidInput with ``facts["fields"]``.
    """
    checked = check_variables(given)
    check_free(compiled, checked)
    form = _start_form(context, definition, compiled, None)
    if form is None:
        return checked
    if not held:
        return _in_types(context, form, checked)
    result = form.check(checked, now=context.local_now)
    refuse(result.errors, form)
    return blank(form, {}) | {name: value for name, value in result.values.items() if name not in RESERVED}


def fit_start_form(
    context: CommandContext, definition: Values, compiled: CompiledProcess, given: Mapping[str, Any], start_element: str
) -> dict[str, Any]:
    """Return what a message starts a process with: what it carries into fields of the start event's form, in their types."""
    form = _start_form(context, definition, compiled, start_element)
    return dict(given) if form is None else _in_types(context, form, given)


def _start_form(
    context: CommandContext, definition: Values, compiled: CompiledProcess, start_element: str | None
) -> forms.Form | None:
    form_key = compiled.start_event(start_element).form_key
    return None if form_key is None else find_form(context.uow, definition, form_key)


def _in_types(context: CommandContext, form: forms.Form, given: Mapping[str, Any]) -> dict[str, Any]:
    result = form.fit(given, now=context.local_now)
    refuse(result.errors, form)
    return blank(form, given) | result.values


def check_free(compiled: CompiledProcess, given: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a name under which the engine keeps what is decided at a task: nobody would have decided it."""
    for name in given:
        element, mark, result = name.rpartition("_")
        if f"{mark}{result}" in RESULTS and any(
            task.id == element and (task.outcomes or "ballot" in task.attributes) for task in compiled.user_tasks
        ):
            raise _written_by_the_engine(name)


def _check_starter(compiled: CompiledProcess, given: Mapping[str, Any]) -> None:
    """The model's own name for whoever started the process stands from its start on."""
    for start in compiled.start_events:
        if start.initiator is not None and start.initiator in given:
            raise _written_by_the_engine(start.initiator)


def _written_by_the_engine(name: str) -> InvalidInput:
    return InvalidInput(
        f"变量 {name!r} 由系统填写（办理结果或发起人），不能直接提交。",
        f"Variable {name!r} is written by the engine (a decision, or who started); it cannot be sent.",
        fields={name: "由系统填写"},
        fields_en={name: "written by the engine"},
    )


def blank(form: forms.Form, known: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields that are no variables yet, as nulls."""
    return {key: None for key in form.keys if key not in known and key not in RESERVED}


def refuse(errors: Mapping[str, forms.FieldError], form: forms.Form) -> None:
    """Raise InvalidInput that names every bad field as the form calls it, when there is one; ``facts`` have the keys."""
    if errors:
        names = {key: error.zh for key, error in errors.items()}
        english = {key: error.en for key, error in errors.items()}
        raise InvalidInput(
            "表单有误：" + "；".join(f"{form.label_of(key)}：{text}" for key, text in names.items()),
            "The form has errors: " + "; ".join(f"{key}: {text}" for key, text in english.items()),
            fields=names,
            fields_en=english,
        )


def _needed_for(task: Task, outcome: str | None) -> list[str]:
    """The fields that this outcome needs, by the setting ``banjie:requireFields="disagree:basis,correct:items"``."""
    pairs = [part.partition(":") for part in str(task.settings.get("requireFields", "")).split(",")]
    return [field.strip() for wanted, mark, field in pairs if mark and wanted.strip() == outcome]


def local_variables(uow: UnitOfWork, task_id: str) -> dict[str, Any]:
    """What only this task sees (the element of a multi-instance and the like)."""
    row = uow.get(tables.task, (task_id,))
    return dict(row["local_variables"]) if row else {}


def form_of(uow: UnitOfWork, definition_id: str, form_key: str) -> forms.Form:
    """The form that a definition version is fixed to under this key, also one of a process that it calls."""
    form = find_form(uow, definitions.by_id(uow, definition_id), form_key)
    if form is None:
        raise InvalidInput(
            f"表单 {form_key!r} 没有随流程部署。", f"The form {form_key!r} was not deployed with the process."
        )
    return form


def find_form(uow: UnitOfWork, definition: Values, form_key: str) -> forms.Form | None:
    """The same, None when there is no such form."""
    for candidate in (definition["id"], *definition["pins"].values()):
        pinned = definition if candidate == definition["id"] else definitions.by_id(uow, candidate)
        resource_id = pinned["model"].get("forms", {}).get(form_key)
        if resource_id is not None:
            row = uow.get(tables.resource, (resource_id,))
            if row is not None:
                return parsed(row["original"])
    return None


@lru_cache(maxsize=500)
def parsed(original: bytes) -> forms.Form:
    """Read a stored form; it was checked when it was deployed."""
    return forms.read(original)
