"""讨论: people talk about an instance beside their decisions, and call others by @name, who may then see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.access import Verb, may
from engine.commands.running.variables import check_variables
from engine.commands.tasks.addresses import GROUP, addressed
from engine.commands.tasks.copies import locked
from engine.context import Command
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.records import record
from engine.runtime.inbox import CommentAdded, CommentWithdrawn
from engine.store import tables
from engine.store.queries.informed import informed
from engine.store.rows import inbox as inbox_rows
from engine.store.rows import organisation

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

MAX_BODY, MAX_MENTIONS = 2000, 20
# An @ that begins a word: "li@example.cn" calls nobody.
_CALLED = re.compile(r"(?<![\w.@-])@([A-Za-z0-9][A-Za-z0-9._-]{0,63})")


@record
class AddComment(Command):
    """Say something about an instance. Answers {id, mentions}.

    ``mentions`` are logins, beside those written as ``@login`` in the text; an @ with no such person stays mere text.
    """

    instance_id: str
    body: str
    mentions: tuple[str, ...] = ()
    task_id: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        instance = locked(context, self.instance_id, Verb.COMMENT)
        body = str(check_variables({"body": self.body})["body"]).strip()
        if not 1 <= len(body) <= MAX_BODY:
            raise InvalidInput(
                f"请写 1 至 {MAX_BODY} 字。", f"Write 1 to {MAX_BODY} characters.", fields={"body": f"1–{MAX_BODY} 字"}
            )
        called = self._called(context, body)
        if called:
            _check_may_call(context, instance, called)
        if self.task_id is not None:
            row = context.uow.get(tables.task, (self.task_id,))
            if row is None or row["instance_id"] != self.instance_id:
                raise NotFound(f"这个办件没有任务 {self.task_id}。", f"This instance has no task {self.task_id}.")
        comment_id = context.new_id()
        said = CommentAdded(comment_id=comment_id, body=body, task_id=self.task_id, mentions=called)
        context.record(self.instance_id, said)
        return {"id": comment_id, "mentions": list(called)}

    def _called(self, context: CommandContext, body: str) -> tuple[str, ...]:
        written, chosen = set(_CALLED.findall(body)), set(self.mentions)
        found = inbox_rows.active(context.uow, written | chosen) - {context.actor.login}
        strangers = sorted(chosen - found - {context.actor.login})
        if strangers:
            raise Conflict(
                f"没有这些账号，或已停用：{'、'.join(strangers)}。",
                f"Unknown or disabled: {', '.join(strangers)}.",
                logins=strangers,
            )
        if len(found) > MAX_MENTIONS:
            raise InvalidInput(
                f"一次最多提醒 {MAX_MENTIONS} 人。",
                f"Mention at most {MAX_MENTIONS} people at once.",
                fields={"mentions": f"≤ {MAX_MENTIONS}"},
            )
        return tuple(sorted(found))


def _check_may_call(context: CommandContext, instance: Values, called: tuple[str, ...]) -> None:
    """Whoever was only told may answer those who are in it, and opens the instance to nobody else: that would be a copy."""
    facts = organisation.facts(context.uow, instance)
    if may(context.actor, Verb.SEND_COPY, facts).allowed:
        return
    told = informed(context.uow.connection, instance["id"])
    groups = (f"{GROUP}:{key}" for key in facts.offered_groups | facts.keepers)
    inside = {facts.started_by, *facts.involved, *facts.offered_users, *told, *addressed(context.uow, groups).people}
    outside = [login for login in called if login not in inside]
    if outside:
        raise Forbidden(
            f"您只是被告知这个办件，不能让别人也看到它（{'、'.join(outside)}）；请办理人抄送。",
            f"You were only told of this instance and cannot open it to others ({', '.join(outside)}); ask whoever works on "
            "it to send a copy.",
            logins=outside,
        )


@record
class WithdrawComment(Command):
    """Take one's own comment back: others no longer read it, the history keeps it. Answers {id}."""

    comment_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = context.uow.get(tables.comment, (self.comment_id,))
        if row is None or row["author"] != context.actor.login:
            raise NotFound("没有这条意见，或不是您写的。", "There is no such comment of yours.")
        locked(context, row["instance_id"], Verb.COMMENT)
        if row["withdrawn_at"] is None:
            context.record(row["instance_id"], CommentWithdrawn(comment_id=self.comment_id))
        return {"id": self.comment_id}
