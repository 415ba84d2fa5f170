"""抄送: copies of an instance, sent by hand or by a node, at most one for each person and step, with read marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from engine.access import InstanceFacts, Verb, require
from engine.commands.tasks.addresses import addressed
from engine.context import Command
from engine.errors import InvalidInput, NotFound
from engine.records import record
from engine.runtime.allowance import NodeVerb, check_allowed
from engine.runtime.inbox import CopyRead, CopySent
from engine.runtime.instance import ActivityCompleted
from engine.runtime.task import TaskCreated
from engine.store import tables
from engine.store.queries.informed import informed
from engine.store.rows import inbox as inbox_rows
from engine.store.rows import organisation, running

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

MAX_RECIPIENTS = 50  # addresses in one sending
MAX_PEOPLE = 300  # that they may come to


@record
class SendCopies(Command):
    """Send copies of an instance, or of the step of ``task_id``. Answers {sent, already: logins, nobody: addresses without people}.

    ``recipients`` are logins, groups, departments and posts (see ``engine.commands.tasks.addresses``): each person in them gets one
    copy, the sender none. Whoever has a copy of that step already gets no second one.
    """

    instance_id: str
    recipients: tuple[str, ...]
    task_id: str | None = None
    note: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        instance = locked(context, self.instance_id, Verb.SEND_COPY)
        addresses = {address.strip() for address in self.recipients} - {""}
        note = self.note.strip()[:500]
        if not 1 <= len(addresses) <= MAX_RECIPIENTS:
            raise InvalidInput(
                f"请选择 1 至 {MAX_RECIPIENTS} 位抄送人（或办理组、部门、岗位）。",
                f"Choose 1 to {MAX_RECIPIENTS} recipients.",
                fields={"recipients": f"1–{MAX_RECIPIENTS}"},
            )
        found = addressed(context.uow, self.recipients)
        found.check_known()
        wanted = [login for login in found.people if login != context.actor.login]
        _check_number(wanted)
        element = self._element(context, instance)
        sent = send(context, instance["id"], element, wanted, sent_by=context.actor.login, note=note)
        already = [login for login in wanted if login not in sent]
        return {"sent": sent, "already": already, "nobody": list(found.nobody)}

    def _element(self, context: CommandContext, instance: Values) -> tuple[str, str]:
        if self.task_id is None:
            return "", ""
        row = context.uow.get(tables.task, (self.task_id,))
        if row is None or row["instance_id"] != instance["id"]:
            raise NotFound(f"这个办件没有任务 {self.task_id}。", f"This instance has no task {self.task_id}.")
        check_allowed(row["settings"], NodeVerb.CC, row["element_name"])
        return row["element_id"], row["element_name"]


@record
class ReadCopy(Command):
    """The recipient opens a copy; the first time is its read mark. Answers {id, instance_id}."""

    idempotent: ClassVar[bool] = True
    copy_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = context.uow.get(tables.copy, (self.copy_id,))
        if row is None or row["recipient"] != context.actor.login:
            raise NotFound("没有这份抄送，或不是给您的。", "There is no such copy for you.")
        if row["read_at"] is None:
            running.lock_instance(context.uow, row["instance_id"])
            context.record(row["instance_id"], CopyRead(copy_id=self.copy_id))
        return {"id": self.copy_id, "instance_id": row["instance_id"]}


def _check_number(people: list[str]) -> None:
    if not people:
        raise InvalidInput(
            "所选的组、部门、岗位中除您本人外没有可以抄送的人，请另选。",
            "Nobody but yourself is among those whom you chose; choose others.",
            fields={"recipients": "除本人外无人"},
            fields_en={"recipients": "nobody but yourself"},
        )
    if len(people) > MAX_PEOPLE:
        raise InvalidInput(
            f"所选共 {len(people)} 人，一次最多抄送 {MAX_PEOPLE} 人；请分几次，或选小一些的组、部门。",
            f"These are {len(people)} people; at most {MAX_PEOPLE} get copies at once. Choose smaller groups or departments.",
            fields={"recipients": f"最多 {MAX_PEOPLE} 人"},
            fields_en={"recipients": f"at most {MAX_PEOPLE} people"},
        )


def send(
    context: CommandContext,
    instance_id: str,
    element: tuple[str, str],
    recipients: Iterable[str],
    *,
    sent_by: str,
    note: str = "",
) -> list[str]:
    """Send a copy of a step to each who has none yet; return who got one."""
    element_id, element_name = element
    known = inbox_rows.copied(context.uow, instance_id, element_id)
    fresh = [login for login in recipients if login not in known]
    for login in fresh:
        sent = CopySent(
            copy_id=context.new_id(),
            recipient=login,
            sent_by=sent_by,
            element_id=element_id,
            element_name=element_name,
            note=note,
        )
        context.record(instance_id, sent)
    return fresh


def locked(context: CommandContext, instance_id: str, verb: Verb) -> Values:
    """Lock an instance, running or ended, and ask whether the actor may do ``verb`` on it. Raises NotFound or Forbidden."""
    row = running.lock_instance(context.uow, instance_id)
    if row is None:
        require(context.actor, Verb.VIEW_INSTANCE, InstanceFacts(instance_id=instance_id))
        raise NotFound(f"没有编号为 {instance_id} 的流程实例。", f"There is no process instance {instance_id}.")
    facts = organisation.facts(context.uow, row)
    told = informed(context.uow.connection, instance_id)
    require(context.actor, verb, replace(facts, informed=told))
    return row


# ---------------------------------------------------------------- by a node


def node_entered(context: CommandContext, recorded: Recorded) -> None:
    """A node with ``banjie:cc="li, group:leaders"`` is reached: copies go out at once, unless it says ``ccWhen="done"``."""
    event = recorded.event
    assert isinstance(event, TaskCreated)
    if event.settings.get("cc") and not _when_done(event.settings):
        _by_node(context, recorded.stream, (event.element_id, event.element_name), event.settings)


def node_left(context: CommandContext, recorded: Recorded) -> None:
    """A node with ``ccWhen="done"`` is completed."""
    event = recorded.event
    assert isinstance(event, ActivityCompleted)
    if event.element_type not in ("userTask", "manualTask"):
        return
    row = context.uow.get(tables.task, (event.token_id,))
    if row is not None and row["settings"].get("cc") and _when_done(row["settings"]):
        _by_node(context, recorded.stream, (event.element_id, event.element_name), row["settings"])


def _when_done(settings: Any) -> bool:
    return str(settings.get("ccWhen") or "").strip() == "done"


def _by_node(context: CommandContext, instance_id: str, element: tuple[str, str], settings: Any) -> None:
    """What a node names and nobody is behind gets no copy; a step does not fail for that."""
    found = addressed(context.uow, named(settings["cc"]))
    send(context, instance_id, element, sorted(found.people), sent_by="system")


def named(value: Any) -> list[str]:
    """The addresses in a ``cc`` setting: a text with commas, or the list that its expression gave."""
    parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
    return [str(part) for part in parts if part is not None]
