"""A member of a ballot who is recused leaves it, also one whose turn has not come; who stands in is the node's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.ballots import ballot_members
from engine.commands.ballots.ballot_box import Box
from engine.commands.running import seats, who
from engine.commands.tasks import answering, transfers
from engine.runtime.task import Power
from engine.store import tables
from engine.store.rows import organisation

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext


def leave(context: CommandContext, instance: Moving, ballot_id: str, login: str, reason: str) -> None:
    """Take ``login`` out of an open ballot; a vote that was cast stays, as everything that was done before.

    Raises Conflict for the only voter when there is nobody, not even an administrator, to take the place.
    """
    box = Box.of(context, ballot_id)
    member = box.member(login)
    if member is None or login in box.votes or not box.is_open:
        return
    stand_in = _stand_in(context, instance, box, login) if member["power"] == Power.DECIDE.value else None
    if stand_in is None:
        ballot_members.remove_member(context, instance, ballot_id, login, reason=reason)
        return
    seat = context.uow.get(tables.task, (member["task_id"],)) if member["task_id"] else None
    if seat is not None and seat["closed_at"] is None:
        answering.ask_no_more(context, seat, reason)
    ballot_members.replace_member(context, ballot_id, login, stand_in, reason=reason)


def _stand_in(context: CommandContext, instance: Moving, box: Box, login: str) -> str | None:
    """Whoever the node's policies put in the place: somebody whom the resolver finds now and who is no member yet."""
    task = next((each for each in instance.before.tasks if each.token_id == box.row["token_id"]), None)
    found = None if task is None else who.resolve(context, instance, task, is_ballot=True, round=box.row["round"])
    taken = _seated(context, box) | box.votes.keys()
    strangers = [] if found is None else [each for each in found.users if each not in taken]
    if strangers:
        return strangers[0]
    if any(voter.login != login for voter in box.voters):
        return None
    directory = organisation.Directory(context.uow, "", "")
    for admin in directory.role_holders("admin") or ():
        if admin != login and admin not in taken:
            return admin
    return None


def _seated(context: CommandContext, box: Box) -> frozenset[str]:
    """Everybody who sits at this table already, also those who were only asked (P-4.6)."""
    rows = seats.of_token(context, box.row["token_id"])
    members = {member["login"] for member in box.members}
    return frozenset(members.union(*(transfers.seated(context, row) for row in rows)))
