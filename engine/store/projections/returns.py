"""Rows of returns, and what a return, a withdrawal and a reopening change in the rows of others."""

from engine.runtime import return_events as events
from engine.runtime.instance import InstanceState
from engine.runtime.task import TaskState
from engine.store import tables
from engine.store.projections.projector import Recorded, Rows, projects, withdraw_offer

RETURNED = "returned"  # the outcome of a task by which its holder returned the case


@projects(events.TaskReturned)
def _returned(rows: Rows, recorded: Recorded, event: events.TaskReturned) -> None:
    rows.insert(
        tables.task_return,
        {
            "id": event.return_id,
            "instance_id": recorded.stream,
            "task_id": event.task_id,
            "element_id": event.element_id,
            "element_name": event.element_name or event.element_id,
            "target_id": event.target_id,
            "target_name": event.target_name or event.target_id,
            "reason": event.reason,
            "resubmit": event.resubmit.value,
            "only_straight": event.only_straight,
            "round": event.round,
            "to_applicant": event.to_applicant,
            "kept": list(event.kept),
            "guarded": dict(event.guarded),
            "outcome_before": event.outcome,
            "returned_by": recorded.actor,
            "returned_at": recorded.at,
            "answered_at": None,
            "answered_by": None,
            "went_straight": None,
        },
    )
    instance = rows.get(tables.process_instance, (recorded.stream,)) or {}
    rows.update(tables.process_instance, (recorded.stream,), {"returns": (instance.get("returns") or 0) + 1})
    if event.task_id is None:
        return
    task = rows.get(tables.task, (event.task_id,))
    if task is not None:
        withdraw_offer(rows, task)
    closing = {
        "state": TaskState.COMPLETED.value,
        "closed_at": recorded.at,
        "closed_by": recorded.actor,
        "outcome": RETURNED,
        "comment": event.reason,
    }
    rows.update(tables.task, (event.task_id,), closing)


@projects(events.ReturnAnswered)
def _answered(rows: Rows, recorded: Recorded, event: events.ReturnAnswered) -> None:
    values = {"answered_at": recorded.at, "answered_by": recorded.actor, "went_straight": event.straight}
    rows.update(tables.task_return, (event.return_id,), values)


@projects(events.DecisionWithdrawn)
def _withdrawn(rows: Rows, recorded: Recorded, event: events.DecisionWithdrawn) -> None:
    for task_id in event.undone:
        rows.update(tables.task, (task_id,), {"round": 0})


@projects(events.InstanceReopened)
def _reopened(rows: Rows, recorded: Recorded, event: events.InstanceReopened) -> None:
    values = {"state": InstanceState.RUNNING.value, "outcome": None, "ended_at": None}
    rows.update(tables.process_instance, (recorded.stream,), values)
