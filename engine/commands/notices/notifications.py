"""Telling people: in the page always, by mail and by signed webhook as each of them likes.

One row for each thing told; its unique cause makes trying again harmless. What goes out of the house is a job that is made in
the same transaction as the row. Tasks are announced a moment after they came, by ``AnnounceTasks``: a step costs nothing for
it, and who has opened the task meanwhile is not told.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from engine.access import Verb, require
from engine.approval.supervision.events import TaskUrged
from engine.calendar import SHANGHAI, Limit
from engine.commands.delegating.standing_in import has_rules
from engine.commands.notices.reaching import reached
from engine.commands.running.moving import insert_job
from engine.context import Command
from engine.errors import Conflict, NotFound
from engine.outgoing.request import OutgoingRequest
from engine.records import record
from engine.runtime.inbox import CommentAdded, CopySent
from engine.runtime.notice import Announcing, Channel, Kind, sentence, wanted
from engine.runtime.task import TaskResumed, TaskState
from engine.store import tables
from engine.store.queries import proxy_figures
from engine.store.queries.proxy_standing import Standing
from engine.store.rows import notices, people, proxies, running

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

AHEAD, NEAR = Limit.parse("2wd"), Limit.parse("1wd")
ANSWERED = "answered"  # why a task goes on that waited for others
LATE = timedelta(days=7)  # what ended longer ago is for the daily scan and the cards


@record
class AnnounceTasks(Command):
    """Tell holders of tasks that came, came back, or come to their end; and once a day what waits. Run every minute.

    Answers {told}: how many notices are new.
    """

    idempotent: ClassVar[bool] = True

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_JOBS)
        told = _announce(context) + _warn(context)
        if _is_digest_time(context):
            told += _digest(context)
        return {"told": told}


@record
class ReadNotice(Command):
    """The actor has seen one of his notices, or, without an id, all of them. Answers {read}."""

    idempotent: ClassVar[bool] = True
    notice_id: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        if self.notice_id is None:
            return {"read": notices.read_all(context.uow, context.actor.login, context.now)}
        row = context.uow.get(tables.notification, (self.notice_id,))
        if row is None or row["recipient"] != context.actor.login:
            raise NotFound("没有这条通知，或不是给您的。", "There is no such notice for you.")
        if row["read_at"] is None:
            context.uow.update(tables.notification, (self.notice_id,), {"read_at": context.now})
        return {"read": 1}


@record
class RecordDelivery(Command):
    """A mail or a webhook was taken by the other side: its job is done."""

    job_id: str
    worker: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = running.lock_job(context.uow, self.job_id)
        if row is None or row["leased_by"] not in (None, self.worker):
            return {"ran": False}
        context.uow.delete(tables.job, (self.job_id,))
        return {"ran": True}


# ---------------------------------------------------------------- what has happened


def copy_sent(context: CommandContext, recorded: Recorded) -> None:
    event = recorded.event
    assert isinstance(event, CopySent)
    facts = {"who": _name(context, event.sent_by), "step": event.element_name, "note": event.note}
    tell(context, event.recipient, Kind.COPIED, event.copy_id, recorded.stream, facts=facts)


def commented(context: CommandContext, recorded: Recorded) -> None:
    event = recorded.event
    assert isinstance(event, CommentAdded)
    facts = {"who": _name(context, recorded.actor), "note": event.body[:200]}
    for login in event.mentions:
        tell(context, login, Kind.MENTIONED, event.comment_id, recorded.stream, facts=facts)


def urged(context: CommandContext, recorded: Recorded) -> None:
    event = recorded.event
    assert isinstance(event, TaskUrged)
    facts = {"who": _name(context, recorded.actor), "step": event.element_name, "note": event.text}
    for login in event.to:
        tell(
            context,
            login,
            Kind.URGED,
            event.message_id or event.urge_id,
            recorded.stream,
            task_id=event.task_id,
            facts=facts,
        )


def resumed(context: CommandContext, recorded: Recorded) -> None:
    """Whoever waited for a delegate or for signers has his task again, or it was decided for him (P-4.1, P-5.2)."""
    event = recorded.event
    assert isinstance(event, TaskResumed)
    row = context.uow.get(tables.task, (event.task_id,)) or {}
    if not row.get("assignee") or (row["announced_at"] is None and row["read_at"] is None):
        return  # the task itself is about to be told, to whoever has it now
    if row["closed_at"] is not None:
        what = ("受托人已代您作出决定", "It was decided for you")
    elif event.reason == ANSWERED:
        what = ("征询已有答复，请继续办理", "You have an answer and go on")
    else:
        what = ("不再等候他人，请继续办理", "Nobody is asked any more and you go on")
    facts = {"what": what[0], "what_en": what[1], "why": row["element_name"], "why_en": row["element_name"]}
    cause = f"{row['id']}@{recorded.at.isoformat()}"
    tell(context, row["assignee"], Kind.ASKED, cause, recorded.stream, task_id=row["id"], facts=facts)


def pool_offered(context: CommandContext, recorded: Recorded) -> None:
    """A task is offered to a pool: whoever stands in for a member is told, once for each task (P-7.2).

    The members themselves have it in their list and its figure. Where nobody stands in for anybody it costs no statement.
    """
    task_id: str = getattr(recorded.event, "task_id", "")
    row = context.uow.get(tables.task, (task_id,))
    if row is None or row["state"] != TaskState.OFFERED.value or not has_rules(context, recorded.stream):
        return
    for proxy, principal in reached(context, row, proxies.running(context.uow, context.now)).items():
        facts = {"step": row["element_name"], "proxy_for": _name(context, principal), "pool": True}
        tell(context, proxy, Kind.TASK, f"{task_id}@pool", recorded.stream, task_id=task_id, facts=facts)


REACTIONS: Mapping[type[Any], Callable[[CommandContext, Recorded], None]] = {
    TaskResumed: resumed,
    CopySent: copy_sent,
    CommentAdded: commented,
    TaskUrged: urged,
}


# ---------------------------------------------------------------- what a look around finds


def _announce(context: CommandContext) -> int:
    rows = [dict(row._mapping) for row in notices.unannounced(context.uow)]
    notices.mark_announced(context.uow, [row["id"] for row in rows], context.now)
    told = 0
    for row in rows:
        if row["read_at"] is None:
            kind = Kind.RETURNED if notices.came_back(context.uow, row) else Kind.TASK
            cause = f"{row['id']}@{row['claimed_at'].isoformat()}"
            told += _tell_of_task(context, row, kind, cause)
    return told


def _warn(context: CommandContext) -> int:
    """The ladder of reminders (P-9.2): two working days before the end, one, and at the end; each is told once."""
    now, always = context.now, context.now + timedelta(seconds=1)
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    two, one = context.calendar.due(now, AHEAD).at, _near(context)
    # What came today and ends in two days is new enough.
    rungs = (("@2wd", one, two, today), ("", now, one, always), ("@due", now - LATE, now, always))
    return sum(
        _tell_of_task(context, dict(row._mapping), Kind.DUE_SOON, row.id + rung)
        for rung, *bounds in rungs
        for row in notices.due_between(context.uow, rung, *bounds)
    )


def _digest(context: CommandContext) -> int:
    day = context.now.astimezone(SHANGHAI).date().isoformat()
    told = 0
    for row in notices.without_digest(context.uow, day):
        login = row.login
        if wanted(row.value, Kind.DIGEST):
            person = people.actor(context.uow, login)
            facts = notices.waiting_for(context.uow, login, sorted(person.groups), context.now, _near(context))
            if person.stands_in:
                standing = Standing.of(context.uow.connection, person, context.now)
                facts["offered"] = proxy_figures.count(context.uow.connection, standing)
            told += tell(context, login, Kind.DIGEST, day, None, facts=facts)
    return told


def _is_digest_time(context: CommandContext) -> bool:
    local = context.now.astimezone(SHANGHAI)
    is_over = local.time() >= context.environment.announcing.digest_at
    return is_over and context.calendar.is_working(local.date())


def _near(context: CommandContext) -> datetime:
    return context.calendar.due(context.now, NEAR).at


def _tell_of_task(context: CommandContext, row: Mapping[str, Any], kind: Kind, cause: str) -> int:
    due = row["due_at"].astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if row["due_at"] else None
    facts = {"step": row["element_name"], "due": due, "number": row["business_key"]}
    title = row["title"] or row["definition_name"]
    instance_id, task_id = row["instance_id"], row["id"]
    told = tell(context, row["assignee"], kind, cause, instance_id, task_id=task_id, title=title, facts=facts)
    for proxy, principal in _sharing(context, row).items():
        shared = {**facts, "proxy_for": _name(context, principal)}
        told += tell(context, proxy, kind, cause, instance_id, task_id=task_id, title=title, facts=shared)
    return told


def _sharing(context: CommandContext, row: Mapping[str, Any]) -> dict[str, str]:
    """With whom the holder of a task shares it now; the rules are read once for a whole look around."""
    if "proxy_rules" not in context.kept:
        context.kept["proxy_rules"] = proxies.running(context.uow, context.now)
    rules = context.kept["proxy_rules"]
    if not any(rule.principal == row["assignee"] for rule in rules):
        return {}
    try:
        return reached(context, dict(row), rules)
    except Conflict:  # its instance stands still, and a scope asks for its data
        return {}


# ---------------------------------------------------------------- telling


def tell(
    context: CommandContext,
    recipient: str,
    kind: Kind,
    cause: str,
    instance_id: str | None,
    *,
    task_id: str | None = None,
    title: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Tell a person something once, on the ways he likes; return 1 when it is new, else 0. Nobody is told what he did himself."""
    person = context.uow.get(tables.person, (recipient,))
    if person is None or person["disabled"] or (recipient == context.actor.login and kind is not Kind.DIGEST):
        return 0
    if title is None and instance_id is not None:
        instance = context.uow.get(tables.process_instance, (instance_id,)) or {}
        title = instance.get("title") or instance.get("definition_name")
    row = {
        "id": context.new_id(),
        "recipient": recipient,
        "kind": kind.value,
        "cause": cause[:120],
        "instance_id": instance_id,
        "task_id": task_id,
        "title": (title or "")[:200],
        "facts": dict(facts or {}),
        "created_at": context.now,
    }
    if not notices.add(context.uow, row):
        return 0
    preference = context.uow.get(tables.preference, (recipient, "notices")) or {}
    for channel in sorted(wanted(preference.get("value"), kind) & context.environment.announcing.channels):
        (_mail if channel is Channel.MAIL else _hook)(context, row, person)
    return 1


def _mail(context: CommandContext, row: Values, person: Values) -> None:
    if not person["email"]:
        return
    line = sentence(Kind(row["kind"]), row["title"], row["facts"], person["language"])
    note, link = row["facts"].get("note"), _link(context, row)
    text = "\n\n".join(filter(None, (line, note, link))) + "\n"
    payload = {"to": person["email"], "subject": line[:150], "text": text, "message_id": row["id"]}
    insert_job(context, "mail", context.now, payload)


def _hook(context: CommandContext, row: Values, person: Values) -> None:
    body = {
        "id": row["id"],
        "kind": row["kind"],
        "to": {"login": person["login"], "name": person["name"]},
        "text": sentence(Kind(row["kind"]), row["title"], row["facts"], person["language"]),
        "link": _link(context, row),
        "instance_id": row["instance_id"],
        "task_id": row["task_id"],
        "at": context.now.isoformat(),
    }
    insert_job(context, "hook", context.now, {"body": body})


def webhook(setup: Announcing, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The inputs of the call that brings a notice to the webhook. It is signed when it is sent, each time anew, because the
    receiver refuses what is old; the signature covers that moment and the very bytes that are sent."""
    inputs: dict[str, Any] = {"url": setup.hook_url, "method": "POST", "body": dict(body)}
    sent = OutgoingRequest.from_inputs(inputs).body or b""
    return inputs | {"headers": {"X-Banjie-Signature": signature(setup.hook_secret, int(at.timestamp()), sent)}}


def signature(secret: bytes, moment: int, body: bytes) -> str:
    """``t=<seconds>,v1=<hex>``: HMAC-SHA256 over "<seconds>." and the body. The receiver computes it again and compares."""
    digest = hmac.new(secret, str(moment).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _link(context: CommandContext, row: Values) -> str:
    base = context.environment.announcing.base_url.rstrip("/")
    return f"{base}/notices/{row['id']}" if base else ""


def _name(context: CommandContext, login: str) -> str:
    row = context.uow.get(tables.person, (login,))
    return str(row["name"]) if row else login
