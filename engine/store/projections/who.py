"""From recusals, choices and renewed offers to rows."""

from __future__ import annotations

from engine.runtime.task import TaskState
from engine.runtime.who.events import ApproversChosen, RecusalDeclared, RecusalLifted, TaskExplained, TaskReoffered
from engine.store import tables
from engine.store.projections.projector import Recorded, Rows, offer, projects, withdraw_offer


@projects(RecusalDeclared)
def _declared(rows: Rows, recorded: Recorded, event: RecusalDeclared) -> None:
    rows.insert(
        tables.recusal,
        {
            "id": event.recusal_id,
            "instance_id": recorded.stream,
            "login": event.login,
            "ground": event.ground.value,
            "reason": event.reason,
            "declared_by": recorded.actor,
            "declared_at": recorded.at,
            "lifted_at": None,
            "lifted_by": None,
            "lifted_why": None,
        },
    )
    now = _recused(rows, recorded)
    rows.update(tables.process_instance, (recorded.stream,), {"recused": sorted({*now, event.login})})


@projects(RecusalLifted)
def _lifted(rows: Rows, recorded: Recorded, event: RecusalLifted) -> None:
    values = {"lifted_at": recorded.at, "lifted_by": recorded.actor, "lifted_why": event.reason}
    rows.update(tables.recusal, (event.recusal_id,), values)
    left = [login for login in _recused(rows, recorded) if login != event.login]
    rows.update(tables.process_instance, (recorded.stream,), {"recused": left or None})


@projects(ApproversChosen)
def _chosen(rows: Rows, recorded: Recorded, event: ApproversChosen) -> None:
    key = (recorded.stream, event.element_id)
    values = {
        "chosen_by": recorded.actor,
        "chosen_at": recorded.at,
        "by": event.by,
        "logins": list(event.logins),
    }
    if rows.get(tables.choice, key) is None:
        rows.insert(tables.choice, {"instance_id": recorded.stream, "element_id": event.element_id, **values})
    else:
        rows.update(tables.choice, key, values)


@projects(TaskReoffered)
def _reoffered(rows: Rows, recorded: Recorded, event: TaskReoffered) -> None:
    row = rows.get(tables.task, (event.task_id,))
    if row is None:
        raise LookupError(f"the history names task {event.task_id}, which has no row")
    withdraw_offer(rows, row)
    values = {
        "state": TaskState.OFFERED.value,
        "assignee": None,
        "claimed_at": None,
        "candidate_users": list(event.candidate_users),
        "candidate_groups": list(event.candidate_groups),
    }
    rows.update(tables.task, (event.task_id,), values)
    offer(rows, rows.get(tables.task, (event.task_id,)) or row)


@projects(TaskExplained)
def _explained(rows: Rows, recorded: Recorded, event: TaskExplained) -> None:
    rows.update(tables.task, (event.task_id,), {"why": dict(event.why) or None})


def _recused(rows: Rows, recorded: Recorded) -> list[str]:
    instance = rows.get(tables.process_instance, (recorded.stream,)) or {}
    return list(instance.get("recused") or ())
