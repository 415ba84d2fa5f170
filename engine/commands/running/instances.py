"""Starting, ending and changing process instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from engine.access import Role, Verb, require
from engine.commands.running import choosing, moving
from engine.commands.running.forms import check_start_form
from engine.commands.running.moving import Moving
from engine.commands.running.variables import check_variables
from engine.context import Command, CommandContext
from engine.errors import Conflict, gathered
from engine.records import record
from engine.runtime.instance import InstanceStarted, VariablesChanged
from engine.store import tables
from engine.store.rows import definitions

if TYPE_CHECKING:
    from engine.bpmn.compiled import CompiledProcess
    from engine.store.base.unit_of_work import Values


# Keys of processes that begin with facts of a case, a card or another instance, which no form asks for: by commands of their own.
BEGUN_ELSEWHERE: set[str] = set()


@record
class StartInstance(Command):
    """Start the newest version of a process (or ``definition_id``), with variables; answers {id, state}.

    A person is held to the form of the start event. Who has the administrator's right, such as a program that integrates
    another system, may send anything, with the form's fields in their types; ``by_form`` holds him to the form too.
    """

    key: str = ""
    definition_id: str | None = None
    business_key: str | None = None
    title: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, list[str]] = field(default_factory=dict)  # element id: whom the initiator chooses for it
    by_form: bool = False  # it comes from the page with the form

    def execute(self, context: CommandContext) -> dict[str, Any]:
        definition, compiled, variables = self.checked(context)

        def choose(instance_id: str) -> None:
            row = context.uow.get(tables.process_instance, (instance_id,))
            assert row is not None
            choosing.keep(context, row, compiled, self.chosen, "start", variables=variables)

        started = start(
            context, definition, variables, business_key=self.business_key, title=self.title, prepare=choose
        )
        return {"id": started.id, "state": started.row["state"], "definition_id": definition["id"]}

    def checked(self, context: CommandContext) -> tuple[Values, CompiledProcess, dict[str, Any]]:
        """Return what is started, and with which variables. Raises InvalidInput that names all that is wrong with them."""
        require(context.actor, Verb.START_PROCESS)
        if self.definition_id is not None:
            definition = definitions.by_id(context.uow, self.definition_id)
        else:
            definition = definitions.latest(context.uow, self.key)
        is_held = self.by_form or not context.actor.is_any(Role.ADMIN)
        if is_held and definition["key"] in BEGUN_ELSEWHERE:
            raise begun_elsewhere(definition["name"])
        compiled = definitions.compiled(context.uow, context.machine, definition["id"])
        variables, _ = gathered(
            lambda: check_start_form(context, definition, compiled, self.variables, held=is_held),
            lambda: choosing.check(compiled, self.chosen, "start"),
        )
        return definition, compiled, variables


def begun_elsewhere(name: str) -> Conflict:
    """The refusal to start by itself what begins with facts of something else."""
    return Conflict(
        f"「{name}」不在这里发起：请打开要办的那个办件或监察牌，从它的页面申请。",
        f"{name} is not started here: open the case or the card that it is about and apply on its page.",
    )


def start(
    context: CommandContext,
    definition: Values,
    variables: Mapping[str, Any],
    *,
    business_key: str | None = None,
    title: str = "",
    start_element: str | None = None,
    payload: Mapping[str, Any] | None = None,
    prepare: Callable[[str], None] | None = None,
) -> Moving:
    """Start an instance of ``definition`` and run it to rest. ``initiator`` and ``business_key`` are set as variables.

    ``prepare`` is called with the new instance's id before the first step: what the first verbs need must be there.
    """
    if definition["suspended"]:
        raise Conflict(
            f"流程「{definition['name']}」第 {definition['version']} 版已停用，不能发起。",
            f"Version {definition['version']} of process {definition['name']} is suspended and cannot be started.",
            definition_id=definition["id"],
        )
    instance_id = context.new_id()
    compiled = definitions.compiled(context.uow, context.machine, definition["id"])
    given = {"initiator": context.actor.login, "business_key": business_key, **variables}
    own_name = compiled.start_event(start_element).initiator
    if own_name is not None:  # the model has a name of its own for whoever starts it
        given[own_name] = context.actor.login
    context.record(
        instance_id,
        InstanceStarted(
            definition_id=definition["id"],
            definition_key=definition["key"],
            definition_version=definition["version"],
            definition_name=definition["name"],
            business_key=business_key,
            title=title,
            started_by=context.actor.login,
            variables=given,
        ),
    )
    # Beside the projection: the ends of the chain, written for good before the commit.
    context.uow.update(tables.process_instance, (instance_id,), {"revision": 0, "history_seq": 0, "history_hash": ""})
    if prepare is not None:
        prepare(instance_id)
    execution = context.machine.start(compiled, given, now=context.now, start_element=start_element, payload=payload)
    row = context.uow.get(tables.process_instance, (instance_id,))
    assert row is not None
    started = Moving(context, row, compiled, execution)
    try:
        started.move()
    except Exception as error:
        # The instance does not exist outside this transaction: there is nothing to hang an incident on.
        getattr(error, "facts", {}).pop("instance_id", None)
        raise
    return started


@record
class TerminateInstance(Command):
    """End an instance before its end: all its tokens, tasks, timers and jobs, in one transaction (P-2.2)."""

    instance_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.TERMINATE_INSTANCE)
        running = moving.load(context, self.instance_id)
        running.terminate(self.reason)
        return {"id": running.id, "state": running.row["state"]}


@record
class SetVariables(Command):
    """Correct process variables by hand (administrators only); recorded with their new values."""

    instance_id: str
    variables: Mapping[str, Any]

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.SET_VARIABLES)
        running = moving.load(context, self.instance_id)
        checked = check_variables(self.variables)
        context.record(running.id, VariablesChanged(variables=checked, source="administrator"))
        running.move(lambda execution: execution.set_variables(checked))
        return {"id": running.id, "variables": dict(running.variables)}
