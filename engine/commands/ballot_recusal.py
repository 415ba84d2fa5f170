"""A member of a ballot who is recused leaves it, also one whose turn has not come; who stands in is the node's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands import ballot_members, who
from engine.commands.ballot_box import Box
from engine.runtime.task import Power
from engine.store import organisation

if TYPE_CHECKING:
    from engine.commands.moving import Moving
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
    ballot_members.replace_member(context, ballot_id, login, stand_in, reason=reason)


def _stand_in(context: CommandContext, instance: Moving, box: Box, login: str) -> str | None:
    """Whoever the node's policies put in the place: somebody whom the resolver finds now and who is no member yet."""
    task = next((each for each in instance.before.tasks if each.token_id == box.row["token_id"]), None)
    found = None if task is None else who.resolve(context, instance, task, is_ballot=True, round=box.row["round"])
    strangers = [] if found is None else [each for each in found.users if _is_stranger(box, each)]
    if strangers:
        return strangers[0]
    if any(voter.login != login for voter in box.voters):
        return None
    directory = organisation.Directory(context.uow, "", "")
    for admin in directory.role_holders("admin") or ():
        if admin != login and _is_stranger(box, admin):
            return admin
    return None


def _is_stranger(box: Box, login: str) -> bool:
    return box.member(login) is None and login not in box.votes
