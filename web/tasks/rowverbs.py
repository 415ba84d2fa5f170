"""The verbs in the rows of the inbox: what the cheap facts of a whole page allow; the click asks everything else.

One statement for a page of 待办, 待认领 or 已办, none for 我发起的, whose page has read the open tasks anyhow.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.access import Actor, TaskFacts
from engine.records import record
from engine.runtime.allowance import NodeVerb, allows
from engine.runtime.instance import ENDED, InstanceState
from engine.runtime.task import OPEN, Seat, TaskState
from engine.store.base.paging import Row
from engine.store.projections.returns import RETURNED
from web.frame.auth import services
from web.tasks import asking


@record
class RowVerbs:
    """Whether 撤回 stands in a row of 已办, and which open tasks 催办 there would urge."""

    withdraw: bool = False
    urge: tuple[str, ...] = ()


@record
class More:
    """What stands under 更多 in a row of 待办 or 待认领. ``urges``: the urges of the task, latest first."""

    transfer: bool = False
    delegate: bool = False
    urges: tuple[Row, ...] = ()


def of_open(rows: Sequence[Row]) -> dict[str, More]:
    """By task, for a page of 待办 or 待认领; a row that would have nothing under 更多 is left out."""
    urges = services().queries.supervision.urges_of([row["id"] for row in rows])
    found = {row["id"]: _more(row, urges.get(row["id"], ())) for row in rows}
    return {task_id: more for task_id, more in found.items() if more != More()}


def batchable(rows: Iterable[Row], more: Mapping[str, More]) -> frozenset[str]:
    """Which of 批量同意 and 批量转办 the designer allowed for anything on this page of 待办."""
    approve = any(allows(row["settings"], NodeVerb.BATCH) for row in rows)
    transfer = any(each.transfer for each in more.values())
    return frozenset(name for name, offered in (("approve", approve), ("transfer", transfer)) if offered)


def of_done(actor: Actor, rows: Sequence[Row]) -> dict[str, RowVerbs]:
    """By task, for a page of 已办."""
    around = services().queries.returns.around([row["instance_id"] for row in rows])
    return {
        row["id"]: RowVerbs(
            withdraw=_may_withdraw(row, around.get(row["instance_id"], ())),
            urge=urgeable(actor, around.get(row["instance_id"], ())),
        )
        for row in rows
    }


def urgeable(actor: Actor, tasks: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The open ones among the tasks of an instance that somebody else has, or may claim; nobody urges himself (P-8.1)."""
    return tuple(task["id"] for task in tasks if task["state"] in OPEN and task["assignee"] != actor.login)


def cancellable(row: Mapping[str, Any]) -> bool:
    """Whether a row of 我发起的 has the way to 撤销 or 申请撤回; which of the two, its page asks."""
    return InstanceState(row["state"]) not in ENDED


def _more(row: Row, urges: Sequence[Row]) -> More:
    facts = TaskFacts(task_id=row["id"], assignee=row["assignee"])
    return More(
        transfer=asking.can_transfer(row, facts), delegate=asking.can_delegate(row, facts), urges=tuple(reversed(urges))
    )


def _may_withdraw(row: Row, around: Sequence[Row]) -> bool:
    """Not where somebody has acted on everything that came in the moment of the decision: then it is surely too late."""
    if row["outcome"] == RETURNED or row["seat"] not in (Seat.HOLDER.value, Seat.MEMBER.value):
        return False
    if not around or around[0]["instance_state"] != InstanceState.RUNNING.value:
        return False
    if not allows(row["settings"], NodeVerb.WITHDRAW):
        return False
    came = [task for task in around if task["created_at"] == row["closed_at"] and task["id"] != row["id"]]
    return not came or any(task["state"] != TaskState.COMPLETED.value for task in came)
