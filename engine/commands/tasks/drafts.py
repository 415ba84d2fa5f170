"""Drafts: what somebody has typed and not yet sent. Nobody else sees them, and the history does not keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.commands.running.variables import check_variables
from engine.context import Command
from engine.errors import InvalidInput
from engine.records import record
from engine.store import tables

if TYPE_CHECKING:
    from engine.context import CommandContext

KINDS = frozenset({"start", "task"})


@record
class SaveDraft(Command):
    """暂存: keep ``data`` (JSON, as typed, unchecked by any form) as the actor's draft of ``ref``; a newer one replaces it.

    ``kind`` is "task" (``ref`` a task id) or "start" (``ref`` an item code or process key).
    """

    kind: str
    ref: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        if self.kind not in KINDS or not 1 <= len(self.ref) <= 100:
            raise InvalidInput("草稿不属于任何任务或事项。", "A draft belongs to a task or to something to start.")
        data = check_variables({"data": dict(self.data)})["data"]
        return {"id": keep(context, context.actor.login, self.kind, self.ref, data)}


@record
class DiscardDraft(Command):
    """Throw the actor's own draft away; one that is gone already is no error."""

    kind: str
    ref: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        row = find(context, self.kind, self.ref)
        if row is not None:
            context.uow.delete(tables.draft, (row["id"],))
        return {"discarded": row is not None}


def keep(context: CommandContext, owner: str, kind: str, ref: str, data: Mapping[str, Any]) -> str:
    """Keep ``data`` as the draft of a person, in the place of an older one; returns its id."""
    row = find(context, kind, ref, owner)
    if row is None:
        draft_id = context.new_id()
        values = {"id": draft_id, "owner": owner, "kind": kind, "ref": ref}
        context.uow.insert(tables.draft, values | {"data": dict(data), "updated_at": context.now})
        return draft_id
    context.uow.update(tables.draft, (row["id"],), {"data": dict(data), "updated_at": context.now})
    return str(row["id"])


def find(context: CommandContext, kind: str, ref: str, owner: str | None = None) -> dict[str, Any] | None:
    """A person's draft, by default the actor's own, or None."""
    draft = tables.draft
    mine = (draft.c.owner == (owner or context.actor.login)) & (draft.c.kind == kind) & (draft.c.ref == ref)
    row = context.uow.first(draft.select().where(mine))
    return None if row is None else context.uow.remember(draft, dict(row._mapping))
