"""提前结束表决: a ballot whose members stay away is closed with the votes that were cast; who is absent is absent.

Without it a ballot below its quorum would wait for ever for people who do not come.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.access import Verb, require
from engine.commands.ballots import voting as ballots
from engine.commands.ballots.ballot_box import Box
from engine.commands.returning.returns import checked_reason
from engine.commands.running import moving
from engine.context import Command, CommandContext
from engine.errors import Conflict
from engine.records import record
from engine.runtime.ballot import result_of
from engine.runtime.task import Power
from engine.store import tables
from engine.store.rows import organisation, running


@record
class CloseBallot(Command):
    """Decide an open ballot now, by its chair or an administrator; answers {id, instance_id, state, outcome, ground}.

    The result is what the votes mean when nobody else comes: without its quorum it has failed. The token goes on as after any
    decision, and the reason stands in the history.
    """

    ballot_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        found = context.uow.get(tables.ballot, (self.ballot_id,))
        instance = running.lock_instance(context.uow, found["instance_id"]) if found is not None else None
        box = Box.of(context, self.ballot_id)
        assert instance is not None
        chairs = {
            member["login"] for member in box.members if member["chair"] and member["power"] == Power.DECIDE.value
        }
        facts = organisation.facts(context.uow, instance)
        require(context.actor, Verb.CLOSE_BALLOT, replace(facts, chairs=frozenset(chairs)))
        reason = checked_reason(self.reason, what=("提前结束", "closing"))
        box.check_open()
        if context.actor.login in (instance["recused"] or ()):
            raise Conflict(
                f"您已对本办件回避，不能结束「{box.label}」的表决；请由其他管理员处理。",
                f"You are recused here and cannot close the ballot {box.label}; another administrator can.",
                login=context.actor.login,
            )
        verdict = result_of(box.node.ballot, box.voters, box.choices, previous=box.previous)
        ballots.close(context, moving.load(context, instance["id"], row=instance), box, verdict, reason=reason)
        now = context.uow.get(tables.ballot, (self.ballot_id,)) or {}
        return {"id": box.id, **{name: now[name] for name in ("instance_id", "state", "outcome", "ground")}}
