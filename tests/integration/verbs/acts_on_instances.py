"""Verbs on the instance and around it: end it, apply for its end, repair it, close its ballots, tell and urge people."""

from __future__ import annotations

from engine.commands.returning.ballot_closing import CloseBallot
from engine.commands.returning.cancelling import ApplyForWithdrawal, CancelInstance
from engine.commands.returning.modification import JumpInstance, ReopenInstance
from engine.commands.running.incidents import ResolveIncident, RetryIncident
from engine.commands.running.instances import TerminateInstance
from engine.commands.supervision.urging import UrgeTask
from engine.commands.tasks.comments import AddComment
from engine.commands.tasks.copies import ReadCopy, SendCopies
from engine.commands.tasks.handling import CompleteTask
from tests.integration.verbs import rights
from tests.integration.verbs.stage import PEOPLE, RIGHTFUL, STAFF, Act, Stage, verb
from tests.integration.verbs.world import Row


def _retryable(stage: Stage) -> list[Row]:
    """What failed and was not overtaken: its task is still open, and the machine runs again."""
    acting = {row["id"] for row in stage.acting}
    found = [] if stage.is_broken else stage.world.incidents
    return [row for row in found if (row["command"] or {}).get("fields", {}).get("task_id") in acting]


@verb(500, _retryable)
def retry(stage: Stage) -> Act | None:
    """What failed is tried again, in the name of whoever asked for it: he must still be the one who may."""
    found = stage.choose(_retryable(stage), stage.world.incidents)
    if found is None:
        return None
    by, failed = stage.only("boss"), found["command"] or {}
    return Act(by, RetryIncident(incident_id=found["id"]), lambda: by == "boss", speaks_for=failed.get("actor"))


@verb(90, lambda stage: stage.world.incidents)
def resolve(stage: Stage) -> Act | None:
    """An administrator says what was done about it."""
    found = stage.pick(stage.world.incidents, stage.move.what)
    if found is None:
        return None
    by = stage.only("boss")
    return Act(by, ResolveIncident(incident_id=found["id"], comment="已处理"), lambda: by == "boss")


@verb(2, lambda stage: stage.world.running)
def terminate(stage: Stage) -> Act | None:
    by = stage.only("boss")
    command = TerminateInstance(instance_id=stage.world.instance["id"], reason="终止")
    return Act(by, command, lambda: stage.world.running and by == "boss")


@verb(3, lambda stage: stage.world.running)
def cancel(stage: Stage) -> Act | None:
    world = stage.world
    by = stage.only(world.instance["started_by"])
    command = CancelInstance(instance_id=world.instance["id"], reason="不再需要")
    return Act(by, command, lambda: world.running and by == world.instance["started_by"])


@verb(4, lambda stage: stage.world.running and not stage.world.applications)
def apply(stage: Stage) -> Act | None:
    """撤回申请: a process of its own, after which the instance ends or goes on."""
    world = stage.world
    by = stage.only(world.instance["started_by"])
    command = ApplyForWithdrawal(instance_id=world.instance["id"], reason="不再需要")
    return Act(by, command, lambda: world.running and by == world.instance["started_by"])


@verb(14, lambda stage: stage.world.applications)
def decide(stage: Stage) -> Act | None:
    """An application for withdrawal is refused, for most numbers, so that the instance lives on."""
    task = stage.pick(stage.world.applications, stage.move.what)
    if task is None:
        return None
    by = stage.only("boss", "sup")
    outcome = "approve" if stage.move.how % 4 == 0 else "refuse"
    command = CompleteTask(task_id=task["id"], outcome=outcome, comment="意见")
    return Act(by, command, lambda: by in ("boss", "sup") and by in task["candidate_users"])


def _open_ballots(stage: Stage) -> list[Row]:
    return [row for row in stage.world.ballots.values() if row["state"] == "open"]


@verb(16, _open_ballots)
def close(stage: Stage) -> Act | None:
    """结束表决 by a chair or an administrator, or by anybody."""
    world = stage.world
    ballot = stage.choose(_open_ballots(stage), list(world.ballots.values()))
    if ballot is None:
        return None
    chairs = [row["login"] for row in world.members_of(ballot["id"]) if row["chair"]]
    by = stage.only(*chairs, "boss")
    lawful = ballot["state"] == "open" and by in (*chairs, "boss") and by not in world.recused
    return Act(by, CloseBallot(ballot_id=ballot["id"], reason="多人未到"), lambda: lawful)


@verb(5, lambda stage: stage.world.running)
def jump(stage: Stage) -> Act | None:
    """跳转 from anything that waits to any element of the process."""
    world, move = stage.world, stage.move
    tokens = list(dict.fromkeys(row["token_id"] for row in [*world.open, *world.jobs] if row["token_id"]))
    anywhere = [(token, element) for token in tokens for element in world.elements]
    chosen = stage.pick(stage.dialogs.jumps() if move.what < RIGHTFUL else anywhere, 100 * move.what + move.other)
    if chosen is None:
        return None
    token, target = chosen
    by = stage.only("boss")
    command = JumpInstance(instance_id=world.instance["id"], token_id=token, target=target, reason="纠正")
    return Act(by, command, lambda: world.running and by == "boss")


@verb(40, lambda stage: not stage.world.running)
def reopen(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    anywhere = list(dict.fromkeys(row["element_id"] for row in world.in_order))
    target = stage.pick((stage.dialogs.reopenings() if move.what < RIGHTFUL else []) or anywhere, move.other)
    if target is None:
        return None
    by = stage.only("boss")
    command = ReopenInstance(instance_id=world.instance["id"], element_id=target, reason="补办")
    return Act(by, command, lambda: not world.running and by == "boss")


# ---------------------------------------------------------------- people are told


@verb(3, lambda stage: True)
def copy(stage: Stage) -> Act | None:
    """抄送 of the instance or of one of its steps; nobody gets one of the same step twice."""
    world, move = stage.world, stage.move
    by = stage.only(*(login for login in STAFF if rights.takes_part(world, login)))
    task = stage.pick(world.in_order, move.what) if move.how % 2 else None
    recipients = (PEOPLE[move.other % len(PEOPLE)], PEOPLE[move.how % len(PEOPLE)])
    command = SendCopies(instance_id=world.instance["id"], recipients=recipients, task_id=task["id"] if task else None)
    return Act(by, command, lambda: rights.takes_part(world, by))


def _unread(stage: Stage) -> list[Row]:
    return [row for row in stage.world.copies if row["read_at"] is None]


@verb(7, _unread)
def read(stage: Stage) -> Act | None:
    found = stage.choose(_unread(stage), stage.world.copies)
    if found is None:
        return None
    by = stage.only(found["recipient"])
    return Act(by, ReadCopy(copy_id=found["id"]), lambda: by == found["recipient"])


def _quiet(stage: Stage) -> list[Row]:
    """Open tasks that nobody has urged yet."""
    urged = {row["task_id"] for row in stage.world.urges}
    return [row for row in stage.world.open if row["id"] not in urged]


@verb(4, _quiet)
def urge(stage: Stage) -> Act | None:
    world, task = stage.world, stage.choose(_quiet(stage), stage.all_tasks)
    if task is None:
        return None
    by = stage.only("sup", *(login for login in STAFF if rights.takes_part(world, login) and login != task["assignee"]))

    def lawful() -> bool:
        is_open = task["state"] in ("offered", "assigned", "waiting")
        return is_open and by != task["assignee"] and (by == "sup" or rights.takes_part(world, by))

    return Act(by, UrgeTask(task_id=task["id"]), lawful)


@verb(2, lambda stage: True)
def comment(stage: Stage) -> Act | None:
    world, move = stage.world, stage.move
    by = stage.only(*(login for login in STAFF if rights.takes_part(world, login)))
    body = f"请 @{PEOPLE[move.other % len(PEOPLE)]} 看看"
    command = AddComment(instance_id=world.instance["id"], body=body)
    return Act(by, command, lambda: rights.takes_part(world, by) or rights.is_told(world, by))
