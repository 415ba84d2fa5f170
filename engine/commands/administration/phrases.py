"""常用语: what people write again and again, each their own and those of the whole bureau."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from engine.records import record
from engine.store import tables
from engine.store.rows import inbox as inbox_rows

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

MAX_PHRASES = 50


@record
class AddPhrase(Command):
    """Add a phrase of one's own, or with ``shared`` one of the bureau (administrators). Answers {id}."""

    body: str
    shared: bool = False

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PHRASES if self.shared else Verb.ARRANGE_INBOX)
        body = _checked_body(self.body)
        owner = None if self.shared else context.actor.login
        known = inbox_rows.phrases_of(context.uow, owner)
        for row in known:
            if row["body"] == body:
                return {"id": row["id"]}
        if len(known) >= MAX_PHRASES:
            raise InvalidInput(
                f"最多 {MAX_PHRASES} 条常用语。", f"At most {MAX_PHRASES} phrases.", fields={"body": "太多"}
            )
        phrase_id = context.new_id()
        row = {"id": phrase_id, "owner": owner, "position": len(known), "body": body, "created_at": context.now}
        context.uow.insert(tables.phrase, row)
        return {"id": phrase_id}


@record
class ChangePhrase(Command):
    """Write a phrase of one's own anew, or as administrator one of the bureau. Answers {id}."""

    phrase_id: str
    body: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = _mine(context, self.phrase_id)
        body = _checked_body(self.body)
        known = inbox_rows.phrases_of(context.uow, row["owner"])
        if any(each["body"] == body and each["id"] != self.phrase_id for each in known):
            raise Conflict("已有相同的常用语。", "There is a phrase with these words already.")
        context.uow.update(tables.phrase, (self.phrase_id,), {"body": body})
        return {"id": self.phrase_id}


@record
class RemovePhrase(Command):
    """Remove a phrase of one's own, or as administrator one of the bureau."""

    phrase_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        _mine(context, self.phrase_id)
        context.uow.delete(tables.phrase, (self.phrase_id,))
        return {"id": self.phrase_id}


def _mine(context: CommandContext, phrase_id: str) -> Values:
    """The phrase, if the actor may change it."""
    row = context.uow.get(tables.phrase, (phrase_id,))
    if row is None or row["owner"] not in (None, context.actor.login):
        raise NotFound("没有这条常用语，或不是您的。", "There is no such phrase of yours.")
    require(context.actor, Verb.MANAGE_PHRASES if row["owner"] is None else Verb.ARRANGE_INBOX)
    return row


def _checked_body(given: str) -> str:
    body = " ".join(given.split())
    if not 1 <= len(body) <= 200 or not body.isprintable():
        raise InvalidInput("常用语须为 1 至 200 字。", "A phrase has 1 to 200 characters.", fields={"body": "1–200 字"})
    return body
