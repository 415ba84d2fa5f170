"""A further correction notice 再次补正告知: whoever works on the case asks a leader, who allows one or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine.access import Verb
from engine.approval.case_state import CaseState
from engine.approval.filing import SecondNoticeApproved, SecondNoticeRefused, SecondNoticeRequested
from engine.approval.stored import Stored
from engine.commands.cases import leaders
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.corrections import APPROVAL, Approval, sent
from engine.commands.notices.notifications import tell
from engine.context import Command
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.records import record
from engine.runtime.notice import Kind
from engine.store.rows import cases, supervision

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.projections.projector import Recorded

REQUEST: Final = "second_notice_request"


@record
class NoticeRequest(Stored):
    """Who asked a leader for a further notice, why and when, and what became of it: pending, granted or refused."""

    reason: str
    by: str
    at: datetime
    state: str = "pending"
    answer: str = ""


def request_of(file: CaseFile) -> NoticeRequest | None:
    """The latest request of a case."""
    return file.part(REQUEST, NoticeRequest)


@record
class RequestSecondNotice(Command):
    """Ask a leader to allow one further correction notice. Those who lead are told and find it on the page of the case.
    Answers {no, leader, told}: who leads, in words, and how many people were asked."""

    no: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.DEMAND_CORRECTION)
        reason = _reason(self.reason, "请填写需要再次补正告知的理由。", "Say why a further notice is needed.")
        _check_useful(file)
        pending = request_of(file)
        if pending is not None and pending.state == "pending":
            raise Conflict(
                f"办件{file.number}的再次补正告知已提请{leaders.named(file)}批准，请等待答复。",
                f"A further notice of case {file.number} was asked for already; {leaders.named(file)} has to answer.",
            )
        people_asked = _leaders(file)
        if not people_asked:
            raise Conflict(
                "找不到可以批准再次补正告知的负责人：请在“部门与办理组”为部门设置负责人，或在事项的 [roles] 写明 decider。",
                "Nobody can approve a further notice: give the department a leader, or name a group as 'decider' in the "
                "item's [roles].",
            )
        told = SecondNoticeRequested(case_id=file.id, reason=reason, sent=sent(file).sent, people=people_asked)
        file.keep(REQUEST, NoticeRequest(reason=reason, by=context.actor.login, at=file.now), [told])
        return {"no": file.number, "leader": leaders.named(file), "told": len(people_asked)}


@record
class ApproveSecondNotice(Command):
    """A leader allows one further correction notice, asked for or not; it is counted. Answers {no, approved_by}."""

    no: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = _opened_by_leader(context, self.no)
        _check_useful(file)
        reason = _reason(self.reason, "请填写批准再次告知的理由。", "Please give the reason.")
        by = context.actor.name or context.actor.login
        told = SecondNoticeApproved(
            case_id=file.id,
            approved_by=by,
            reason=reason,
            sent=sent(file).sent,
            asked_by=_answered(file, "granted", reason),
        )
        file.keep(APPROVAL, Approval(by=by, reason=reason, at=file.now), [told])
        return {"no": file.number, "approved_by": by}


@record
class RefuseSecondNotice(Command):
    """A leader does not allow the further notice that was asked for, and says why. Answers {no, refused_by}."""

    no: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = _opened_by_leader(context, self.no)
        reason = _reason(self.reason, "请填写不批准的理由。", "Please give the reason.")
        asked_by = _answered(file, "refused", reason)
        if not asked_by:
            raise Conflict(
                f"办件{file.number}没有待批准的再次补正告知。",
                f"No further notice of case {file.number} waits for approval.",
            )
        by = context.actor.name or context.actor.login
        file.tell(SecondNoticeRefused(case_id=file.id, refused_by=by, answer=reason, asked_by=asked_by))
        return {"no": file.number, "refused_by": by}


def _check_useful(file: CaseFile) -> None:
    """Raise Conflict where a further notice is not to be thought of, or is allowed already."""
    if not sent(file).sent:
        raise Conflict(
            f"办件{file.number}还没有发出过补正告知，第一次告知不需要批准。",
            f"Case {file.number} has not been asked for corrections yet; the first notice needs no approval.",
        )
    state = file.case.state
    if state is not CaseState.RECEIVED and state is not CaseState.CORRECTION and not state.is_accepted:
        raise Conflict(
            f"办件{file.number}现为“{state.label()}”，不能再告知补正。",
            f"Case {file.number} is {state.label('en')!r}: nobody is asked for corrections any more.",
        )
    if file.part(APPROVAL, Approval) is not None:
        raise Conflict(
            f"办件{file.number}的再次补正告知已经批准，可以发出。",
            f"A further notice of case {file.number} is approved already and may be sent.",
        )


def _reason(given: str, zh: str, en: str) -> str:
    if not given.strip():
        raise InvalidInput(zh, en, fields={"reason": "required"})
    return given.strip()


def _opened_by_leader(context: CommandContext, no: str) -> CaseFile:
    file = CaseFile.open(context, no, Verb.APPROVE_NOTICE)
    if not leaders.leads(file, context.actor.login, context.actor.groups):
        raise Forbidden(
            f"再次补正告知由负责人批准：{leaders.named(file)}。",
            f"A second notice is approved by a leader: {leaders.named(file)}.",
        )
    return file


def _answered(file: CaseFile, state: str, answer: str) -> str:
    """Close the request that waits, if any; return who asked."""
    request = request_of(file)
    if request is None or request.state != "pending":
        return ""
    file.keep(REQUEST, replace(request, state=state, answer=answer))
    return request.by


def _leaders(file: CaseFile) -> tuple[str, ...]:
    """Whom to ask: the heads of the department, else the group that decides; never who asks."""
    me = file.context.actor.login
    group = file.item.roles.get(leaders.ROLE)
    members = () if group is None else supervision.members(file.context.uow, [group])
    return leaders.heads(file, but=me) or tuple(login for login in members if login != me)


# ---------------------------------------------------------------- who is told


def _requested(context: CommandContext, recorded: Recorded) -> None:
    event = recorded.event
    assert isinstance(event, SecondNoticeRequested)
    facts = {"what": "申请再次补正告知", "what_en": "A further correction notice is asked for"}
    _tell(context, recorded, event.people, facts, event.reason)


def _approved(context: CommandContext, recorded: Recorded) -> None:
    event = recorded.event
    assert isinstance(event, SecondNoticeApproved)
    facts = {
        "what": f"{event.approved_by}已批准再次补正告知",
        "what_en": f"{event.approved_by} allows a further notice",
    }
    _tell(context, recorded, (event.asked_by,) if event.asked_by else (), facts, event.reason)


def _refused(context: CommandContext, recorded: Recorded) -> None:
    event = recorded.event
    assert isinstance(event, SecondNoticeRefused)
    facts = {
        "what": f"{event.refused_by}不同意再次补正告知",
        "what_en": f"{event.refused_by} does not allow a further notice",
    }
    _tell(context, recorded, (event.asked_by,), facts, event.answer)


def _tell(
    context: CommandContext, recorded: Recorded, logins: tuple[str, ...], facts: Mapping[str, str], why: str
) -> None:
    case = cases.of_instance(context.uow, recorded.stream) or {}
    shown = {**facts, "no": case.get("no"), "why": why[:200], "why_en": why[:200]}
    for login in logins:
        tell(
            context, login, Kind.ASKED, f"second-notice@{recorded.stream}:{recorded.seq}", recorded.stream, facts=shown
        )


REACTIONS: Mapping[type[Any], Callable[[CommandContext, Recorded], None]] = {
    SecondNoticeRequested: _requested,
    SecondNoticeApproved: _approved,
    SecondNoticeRefused: _refused,
}
