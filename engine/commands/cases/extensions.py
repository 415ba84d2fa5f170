"""Extension of a limit 延期 (行政许可法 42): asked for before the limit ends, once, approved by the right head in the inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine.access import Verb
from engine.approval import document
from engine.approval.case_state import CaseState
from engine.approval.clock import Clock
from engine.approval.clock_kind import ClockKind
from engine.approval.document import DocumentKind
from engine.approval.filing import ExtensionRefused, ExtensionRequested
from engine.approval.reason import Reason
from engine.approval.stored import Stored
from engine.commands.cases import leaders
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running import instances
from engine.commands.running.service_tasks import verb
from engine.context import Command
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.store.rows import cases, definitions

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

PROCESS: Final = "limit_extension"
instances.BEGUN_ELSEWHERE.add(PROCESS)
PART: Final = "extension"
HEAD, GOVERNMENT_HEAD = (
    "organ_head",
    "government_head",
)  # roles of an item: who approves for one organ, for joint handling
LEADING: Final = (ClockKind.STATUTORY, ClockKind.PROMISED)


@record
class Request(Stored):
    """What was asked for, by whom and when, and what became of it: pending, granted, refused or lapsed."""

    reason: str
    by: str
    at: datetime
    instance_id: str = ""
    state: str = "pending"
    answer: str = ""


def request_of(file: CaseFile) -> Request | None:
    """The latest request of a case."""
    return file.part(PART, Request)


@record
class RequestExtension(Command):
    """Ask for a longer limit: the process of the extension begins, and its task lies in the inbox of the right head (of the
    organ, or of the government for joint handling). Answers {no, instance_id, extension, approvers}."""

    no: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.REQUEST_EXTENSION)
        if not self.reason.strip():
            raise InvalidInput("请填写延长期限的理由。", "Please give the reasons.", fields={"reason": "required"})
        check(file)
        group, people = approvers(file)
        request = Request(reason=self.reason.strip(), by=context.actor.login, at=file.now)
        extension = file.item.extension
        definition = definitions.latest(context.uow, PROCESS)
        started = instances.start(
            context,
            definition,
            {
                "case_no": file.number,
                "item_name": file.item.name,
                "applicant_name": file.applicant.name,
                "extension": extension.limit.text(),
                "extension_source": extension.source,
                "extension_reason": request.reason,
                "due_now": "；".join(f"{each.kind.zh}{each.due.date}" for each in leading(file)),
                "requested_by": context.actor.name or context.actor.login,
                "approver_groups": group,
                "approver_people": people,
            },
            business_key=file.number,
            title=f"延长办理期限 · {file.row['title']}"[:200],
        )
        told = ExtensionRequested(
            case_id=file.id,
            reason=request.reason,
            extension=extension.limit.to_json(),
            instance_id=started.id,
            people=tuple(filter(None, people.split(","))),
            groups=(group,) if group else (),
        )
        file.keep(PART, replace(request, instance_id=started.id), [told])
        return {
            "no": file.number,
            "instance_id": started.id,
            "extension": str(extension.limit),
            "approvers": group or people,
        }


def leading(file: CaseFile) -> list[Clock]:
    """The clocks that an extension lengthens."""
    return file.time.open(*LEADING)


def check(file: CaseFile) -> None:
    """Raise Conflict unless an extension may be asked for now, with the reason."""
    pending = request_of(file)
    if pending is not None and pending.state == "pending":
        raise Conflict(
            f"办件{file.number}已有一件延期申请正在审批。",
            f"An extension of case {file.number} is being decided already.",
        )
    refused = against(file, file.now)
    if refused is not None:
        raise Conflict(refused.zh, refused.en)


def against(file: CaseFile, asked_at: datetime) -> Reason | None:
    """What speaks against an extension asked for at ``asked_at``, None when nothing does: it takes an accepted case, is given
    once, and is asked for before the limit ends (行政许可法 42)."""
    clocks, state = leading(file), file.case.state
    if not state.is_accepted or not clocks:
        return Reason(
            code="no-limit",
            zh=f"办件{file.number}现为“{state.label()}”，没有正在计算的办理期限。",
            en=f"Case {file.number} is {state.label('en')!r} and has no limit that runs.",
        )
    if CaseState.EXTENDED in (state, file.case.resumes_to) or any(clock.extension is not None for clock in clocks):
        return Reason(
            code="extended-before",
            zh=f"办件{file.number}已延长过一次期限，不能再延长（行政许可法第四十二条）。",
            en=f"The limit of case {file.number} was extended before; the law gives one extension (art. 42).",
        )
    over = next((clock for clock in clocks if clock.is_overdue(asked_at)), None)
    if over is not None:
        return Reason(
            code="limit-over",
            zh=f"{over.kind.zh}已于{over.due.date}届满，延期应在期限届满前申请。",
            en=f"The {over.kind.value} limit ended on {over.due.date}; an extension is asked for before that.",
        )
    return None


def approvers(file: CaseFile) -> tuple[str, str]:
    """Who approves: the group that the item names for it or that decides its cases, else the heads of the department, but
    never who asks; as a group and a list of logins.

    A joint item is extended by the head of the people's government: it has to name that group. Raises Conflict.
    """
    roles = file.item.roles
    if file.item.is_joint:
        if GOVERNMENT_HEAD not in roles:
            raise Conflict(
                f"联合办理的延期由本级人民政府负责人批准：事项“{file.item.name}”的 [roles] 没有写 {GOVERNMENT_HEAD}。",
                f"The extension of joint handling is approved by the head of the government: the item's [roles] lack "
                f"{GOVERNMENT_HEAD!r}.",
            )
        return roles[GOVERNMENT_HEAD], ""
    for role in (HEAD, leaders.ROLE):
        if role in roles:
            return roles[role], ""
    heads = leaders.heads(file, but=file.context.actor.login)
    if heads:
        return "", ",".join(heads)
    raise Conflict(
        f"找不到批准延期的机关负责人：请在事项的 [roles] 写明 {HEAD}，或为部门设置负责人。",
        f"Nobody can approve the extension: name {HEAD!r} in the item's [roles], or give the department a leader.",
    )


def asked_at(file: CaseFile, call: ServiceCall) -> datetime:
    """When the extension that a verb gives was asked for: as the step named by its input ``asked_in`` was completed, else now.
    Whoever asks before the limit ends does not lose by the time that others take to approve."""
    step = text_of(call, "asked_in")
    found = cases.done_at(file.context.uow, file.stream, step) if step else None
    return file.now if found is None else found


def grant(file: CaseFile, *, reason: str, approved_by: str, asked_at: datetime | None = None) -> None:
    """Lengthen the limits by what the item gives, and tell the applicant with the reasons."""
    extension = file.item.extension.limit
    if not file.case.state.may_become(CaseState.EXTENDED):
        file.move(file.case.start_review())
    file.move(file.case.extend(extension, approved_by=approved_by, reason=reason))
    for clock in leading(file):
        options: dict[str, Any] = {"asked_at": asked_at} if asked_at is not None else {}
        file.time.extend(clock, extension, reason=reason, approved_by=approved_by, **options)
    promised = file.clock(ClockKind.PROMISED)
    if promised is not None:
        due = promised.expected(file.context.calendar) or promised.due
        file.issue(
            DocumentKind.EXTENSION,
            lambda desk, serial: document.extension(desk, serial, promised=due, reason=reason, approved_by=approved_by),
        )


# ---------------------------------------------------------------- verbs of the process


def _case_of(context: CommandContext, call: ServiceCall) -> tuple[CaseFile, Request]:
    row = cases.by_number(context.uow, str(call.inputs.get("case") or ""))
    file = None if row is None else CaseFile(context, row)
    request = None if file is None else request_of(file)
    if file is None or request is None:
        raise Conflict("没有这个办件的延期申请。", "There is no request for an extension of this case.")
    return file, request


@verb("extension.grant", "批准延长期限", "Grant the extension", results=("extension_result", "extended_until"))
def grant_request(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case`` (its number), ``answer``. ``extension_result`` is granted, or lapsed when the case was decided, ended
    or extended otherwise meanwhile. What counts is when it was asked for: before the limit ended."""
    file, request = _case_of(context, call)
    answer = str(call.inputs.get("answer") or "")
    refused = against(file, request.at)
    if refused is not None:
        file.keep(PART, replace(request, state="lapsed", answer=answer or refused.zh))
        return {"extension_result": "lapsed", "extended_until": ""}
    approved_by = context.actor.name or context.actor.login
    grant(file, reason=request.reason, approved_by=approved_by, asked_at=request.at)
    file.keep(PART, replace(request, state="granted", answer=answer))
    promised = file.clock(ClockKind.PROMISED)
    until = "" if promised is None else promised.due.date.isoformat()
    return {"extension_result": "granted", "extended_until": until}


@verb("extension.refuse", "不同意延长期限", "Refuse the extension", results=("extension_result",))
def refuse_request(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``case``, ``answer`` (why not). The limit stays as it is; another request may be made while it runs."""
    file, request = _case_of(context, call)
    answer = str(call.inputs.get("answer") or "").strip()
    told = ExtensionRefused(case_id=file.id, refused_by=context.actor.name or context.actor.login, answer=answer)
    file.keep(PART, replace(request, state="refused", answer=answer), [told])
    return {"extension_result": "refused"}
