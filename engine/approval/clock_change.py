"""What an event of a clock tells of it: not the whole clock, which holds all its suspensions, but what became otherwise.

A history that repeats everything at each step grows with the square of the steps. A change is a JSON object with the members
of the clock that differ; of ``due`` it has the members that differ, of ``suspensions`` those that differ, by their place
(``{"suspensions": {"3": {"end": "2026-09-22T10:00:00+08:00"}}}``): the list only grows and keeps its order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.approval.stored import write

if TYPE_CHECKING:
    from engine.approval.clock import Clock
    from engine.approval.suspension import Suspension
    from engine.calendar import Due


def difference(before: Clock, after: Clock) -> dict[str, Any]:
    """Return the change from ``before`` to ``after``, two states of one clock."""
    found = _members(before, after, but=("due", "suspensions"))
    if (due := _members(before.due, after.due, but=("pauses",))) != {}:
        found["due"] = due
    if (suspensions := _suspensions(before.suspensions, after.suspensions)) != {}:
        found["suspensions"] = suspensions
    return found


def changed(facts: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a clock as JSON after ``change``; members that it does not name stay as they are."""
    found = {**facts, **change}
    if "due" in change:
        found["due"] = {**facts["due"], "pauses": [], **change["due"]}  # pauses follow from the suspensions
    if "suspensions" in change:
        listed = list(facts["suspensions"])
        for place, members in sorted(change["suspensions"].items(), key=lambda each: int(each[0])):
            at = int(place)
            listed[at : at + 1] = [{**listed[at], **members} if at < len(listed) else dict(members)]
        found["suspensions"] = listed
    return found


def _suspensions(before: tuple[Suspension, ...], after: tuple[Suspension, ...]) -> dict[str, Any]:
    found = {}
    for place, each in enumerate(after):
        known = before[place] if place < len(before) else None
        if known is None:
            found[str(place)] = _said(each)
        elif known is not each and (differs := _members(known, each)):
            found[str(place)] = differs
    return found


def _said(suspension: Suspension) -> dict[str, Any]:
    """A suspension without what it leaves at its default."""
    return {
        field.name: write(value)
        for field in dataclasses.fields(suspension)
        if (value := getattr(suspension, field.name)) != field.default
    }


def _members(
    before: Clock | Due | Suspension, after: Clock | Due | Suspension, but: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        field.name: write(value)
        for field in dataclasses.fields(after)
        if field.name not in but and (value := getattr(after, field.name)) != getattr(before, field.name)
    }
