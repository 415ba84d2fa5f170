"""From events to rows: transfers, signers, proxies."""

from collections.abc import Callable

from engine.runtime import proxy as proxies
from engine.runtime import signers
from engine.runtime.handover import LeaverHandedOver
from engine.runtime.signers import Plan, Signer
from engine.runtime.task import TaskAssigned, TaskCompleted, TaskState
from engine.store import tables
from engine.store.base.unit_of_work import Values
from engine.store.projections.projector import Recorded, Rows, projects, withdraw_offer

# ---------------------------------------------------------------- transfers


@projects(TaskAssigned)
def _transferred(rows: Rows, recorded: Recorded, event: TaskAssigned) -> None:
    rows.insert(
        tables.task_transfer,
        {
            "task_id": event.task_id,
            "seq": recorded.seq,
            "instance_id": recorded.stream,
            "sender": event.from_assignee,
            "receiver": event.assignee,
            "reason": event.reason,
            "by_login": recorded.actor,
            "at": recorded.at,
        },
    )
    # Whoever takes over answers for himself, also when a proxy handed it on; but the vote of a member stays the member's.
    if _task(rows, event.task_id)["ballot_id"] is None:
        rows.update(tables.task, (event.task_id,), {"principal": None})


@projects(TaskCompleted)
def _done_for_another(rows: Rows, recorded: Recorded, event: TaskCompleted) -> None:
    """Who decided with the power of another did it on his behalf (P-7.4): both have acted."""
    if recorded.acts_for is not None:
        rows.update(tables.task, (event.task_id,), {"principal": recorded.acts_for})


# ---------------------------------------------------------------- signers


@projects(signers.SignersAdded)
def _signers_added(rows: Rows, recorded: Recorded, event: signers.SignersAdded) -> None:
    added = [Signer.from_json(value) for value in event.signers]
    _replan(rows, event.task_id, lambda plan: plan.add(added))


@projects(signers.SignerAsked)
def _signer_asked(rows: Rows, recorded: Recorded, event: signers.SignerAsked) -> None:
    _replan(rows, event.task_id, lambda plan: plan.asked(event.signer_id))


@projects(signers.SignerAnswered)
def _signer_answered(rows: Rows, recorded: Recorded, event: signers.SignerAnswered) -> None:
    _replan(rows, event.task_id, lambda plan: plan.answered(event.signer_id, event.outcome))


@projects(signers.SignerRemoved)
def _signer_removed(rows: Rows, recorded: Recorded, event: signers.SignerRemoved) -> None:
    _replan(rows, event.task_id, lambda plan: plan.removed(event.signer_id))


@projects(signers.SignerReplaced)
def _signer_replaced(rows: Rows, recorded: Recorded, event: signers.SignerReplaced) -> None:
    _replan(rows, event.task_id, lambda plan: plan.replaced(event.signer_id, event.login))


def _replan(rows: Rows, task_id: str, change: Callable[[Plan], Plan]) -> None:
    plan = Plan.from_json(_task(rows, task_id)["signers"])
    rows.update(tables.task, (task_id,), {"signers": change(plan).to_json()})


def _task(rows: Rows, task_id: str) -> Values:
    row = rows.get(tables.task, (task_id,))
    if row is None:
        raise LookupError(f"the history names task {task_id}, which has no row")
    return row


# ---------------------------------------------------------------- proxies


@projects(proxies.ProxyGranted)
def _proxy_granted(rows: Rows, recorded: Recorded, event: proxies.ProxyGranted) -> None:
    rows.insert(
        tables.proxy_rule,
        {
            "id": event.rule_id,
            "principal": event.principal,
            "proxy": event.proxy,
            "starts_at": event.start,
            "ends_at": event.end,
            "scope": dict(event.scope),
            "power": event.power.value,
            "mode": event.mode.value,
            "reason": event.reason,
            "granted_by": recorded.actor,
            "granted_at": recorded.at,
            "active": event.active,
            "revoked_at": None,
            "revoked_by": None,
            "revoke_reason": "",
        },
    )


@projects(proxies.ProxyActivated)
def _proxy_activated(rows: Rows, recorded: Recorded, event: proxies.ProxyActivated) -> None:
    values = {"active": True, "revoked_at": None, "revoked_by": None, "revoke_reason": ""}
    rows.update(tables.proxy_rule, (event.rule_id,), values)


@projects(proxies.ProxyRevoked)
def _proxy_revoked(rows: Rows, recorded: Recorded, event: proxies.ProxyRevoked) -> None:
    values = {
        "active": False,
        "revoked_at": recorded.at,
        "revoked_by": recorded.actor,
        "revoke_reason": event.reason,
    }
    rows.update(tables.proxy_rule, (event.rule_id,), values)


@projects(proxies.ProxyEnded)
def _proxy_ended(rows: Rows, recorded: Recorded, event: proxies.ProxyEnded) -> None:
    rows.update(tables.proxy_rule, (event.rule_id,), {"active": False})


@projects(proxies.TaskEntrusted)
def _task_entrusted(rows: Rows, recorded: Recorded, event: proxies.TaskEntrusted) -> None:
    row = _task(rows, event.task_id)
    withdraw_offer(rows, row)  # taken out of a pool of the principal's
    values = _comes_to(recorded, event.assignee) | {"principal": event.principal}
    if row["state"] == TaskState.OFFERED.value:
        values["state"] = TaskState.ASSIGNED.value
    rows.update(tables.task, (event.task_id,), values)


@projects(proxies.TaskHandedBack)
def _task_handed_back(rows: Rows, recorded: Recorded, event: proxies.TaskHandedBack) -> None:
    values = _comes_to(recorded, event.assignee) | {"principal": None}
    rows.update(tables.task, (event.task_id,), values)


def _comes_to(recorded: Recorded, assignee: str) -> Values:
    """A task has somebody new: unread, and to be announced to him unless he took it himself."""
    told = recorded.at if recorded.actor == assignee else None
    return {"assignee": assignee, "claimed_at": recorded.at, "read_at": None, "announced_at": told}


# ---------------------------------------------------------------- hand-over


@projects(LeaverHandedOver)
def _handed_over(rows: Rows, recorded: Recorded, event: LeaverHandedOver) -> None:
    rows.insert(
        tables.handover,
        {
            "id": event.handover_id,
            "leaver": event.leaver,
            "by_login": recorded.actor,
            "at": recorded.at,
            "moved": event.moved,
            "refused": event.refused,
            "report": [dict(line) for line in event.report],
        },
    )
