"""The seats of a ballot: a task for each member who may vote now, and for each adviser who has not said anything yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.commands.running import seats
from engine.runtime.task import Power, Seat, TaskState

if TYPE_CHECKING:
    from engine.commands.ballots.ballot_box import Box
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values


def seat_fields(box: Box, member: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a member's task that its place in the ballot decides."""
    advises = member["power"] == Power.ADVISE.value
    return {
        "assignee": member["login"],
        "seat": Seat.ADVISER if advises else Seat.MEMBER,
        "power": Power(member["power"]),
        "ballot_id": box.id,
        "added_by": member["added_by"],
        "outcomes": () if advises else box.node.outcomes,
        "settings": seats.advisers_settings(settings) if advises else dict(settings),
        "why": member["why"] or {},
    }


def to_be_seated(context: CommandContext, box: Box) -> list[Values]:
    """The members who may vote now and have no seat yet, or one that was taken from them.

    Who has answered has his seat, also while his vote waits for those who sign after him.
    """
    rows = {row["id"]: row for row in seats.of_token(context, box.row["token_id"])}

    def is_seated(member: Values) -> bool:
        row = rows.get(member["task_id"])
        return row is not None and row["state"] != TaskState.CANCELLED.value

    members = (box.member(login) for login in box.seated)
    return [member for member in members if member is not None and not is_seated(member)]


def arrange_seats(context: CommandContext, box: Box) -> None:
    """Open the seats of those who may vote now, and close those of members whose turn it is not: in order, after a vote was
    withdrawn."""
    turn = set(box.seated)
    rows = seats.of_token(context, box.row["token_id"])
    for row in rows:
        member = box.member_at(row["id"])
        if member is not None and member["login"] not in turn and row["seat"] == Seat.MEMBER.value:
            cancel_with_those_asked(context, row, "not-their-turn")
    like = next(row for row in rows if row["ballot_id"] == box.id and row["seat"] == Seat.MEMBER.value)
    for member in to_be_seated(context, box):
        fields = seat_fields(box, member, like["settings"])
        seats.open_seat(context, box.row["instance_id"], like=like, **fields)


def cancel_with_those_asked(context: CommandContext, row: Values, reason: str) -> None:
    """Close a seat with everything that its holder asked of others."""
    for other in seats.open_of(context, row["token_id"]):
        if other["parent_id"] == row["id"]:
            cancel_with_those_asked(context, other, reason)
    seats.cancel(context, row, reason)
