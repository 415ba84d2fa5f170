"""Verbs of publicity and of the simple deregistration after it 简易注销; and the command that takes an objection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.access import Verb
from engine.approval.case import Result
from engine.approval.case_state import ENDED, CaseState
from engine.approval.clock import ClockKind
from engine.approval.document import DocumentKind
from engine.approval.document import publicity as document
from engine.approval.publicity import Objector, Outcome, Publicity, earlier_of, may_use
from engine.calendar import Limit, Unit
from engine.commands.cases import extensions
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of, wake_up
from engine.commands.cases.filing import send_to_case
from engine.commands.running.service_tasks import BpmnError, verb
from engine.context import Command
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.store.rows import matters

if TYPE_CHECKING:
    from engine.approval.item.services import PublicityRules
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

PART = "publicity"  # the part of the case
OBJECT = "提出异议"  # the message for which the model waits
SHOWN = ("publicity_due", "publicity_until", "publicity_round", "published")
SUBMISSION = ("submission_due", "submission_until")


def rules_of(file: CaseFile) -> PublicityRules:
    """The item's ``[publicity]`` table; raises Conflict for an item that has none."""
    rules = file.item.publicity
    if rules is None:
        raise Conflict(f"事项“{file.item.name}”没有公示规则。", f"Item {file.item.code} has no [publicity] rules.")
    return rules


def publicity_of(file: CaseFile) -> Publicity:
    """The publicity as it stands."""
    return file.part(PART, Publicity) or Publicity()


def _yes(value: Any) -> bool:
    return value is True or str(value or "").strip().lower() in ("yes", "true")


# ---------------------------------------------------------------- before it


@verb(
    "deregistration.check",
    "资格核查",
    "Check whether the simple way is open",
    results=("simple_allowed", "simple_reasons", "review_problem", "objection_problem", "submission_problem"),
)
def check(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``excluded`` (codes of the item's list, 细则 48), ``no_debts``, ``all_committed``, ``resolved`` (what stopped an
    earlier application is settled). Earlier applications of the same subject are looked up. ``simple_allowed`` is for the
    gateway; who may not is told why, in writing."""
    file = CaseFile.of(context, moving)
    file.move(file.case.receive(file.now))
    rows = matters.earlier(context.uow, file.row["applicant_id"], file.item.code, case_id=file.id)
    decision = may_use(
        rules_of(file),
        excluded=[str(code) for code in call.inputs.get("excluded") or ()],
        no_debts=_yes(call.inputs.get("no_debts")),
        all_committed=_yes(call.inputs.get("all_committed")),
        earlier=earlier_of(rows, [state.value for state in ENDED]),
        resolved=_yes(call.inputs.get("resolved")),
    )
    reasons = [reason.zh for reason in decision.against]
    if reasons:
        file.issue(DocumentKind.NOT_APPLICABLE, lambda desk, serial: document.not_applicable(desk, serial, reasons))
        file.move(file.case.refuse_acceptance(file.now, "；".join(reasons)))
        file.stop_clocks()
    empty = dict.fromkeys(("review_problem", "objection_problem", "submission_problem"), "")
    return {"simple_allowed": decision.allowed, "simple_reasons": "\n".join(reasons), **empty}


# ---------------------------------------------------------------- publicity and objections


@verb("publicity.open", "公示公告", "Open the publicity", results=(*SHOWN, "objection_limit", "objection_problem"))
def open_publicity(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``published``: false only pushes to the tax and other organs (个体工商户, ten days). Natural days; a period that ends
    on a day off ends on the next working day (民法典 203). ``publicity_due`` is for a timer."""
    file = CaseFile.of(context, moving)
    rules = rules_of(file)
    published = _yes(call.inputs.get("published", True))
    file.stop_clocks(ClockKind.PUBLICITY)
    clock = file.start_clock(ClockKind.PUBLICITY, rules.period if published else rules.push)
    file.keep(PART, *publicity_of(file).open(file.id, clock.due, published=published))
    file.issue(
        DocumentKind.PUBLICITY_NOTICE,
        lambda desk, serial: document.notice(desk, serial, due=clock.due, published=published),
    )
    return {
        "publicity_due": wake_up(clock.due),
        "publicity_until": clock.due.date.isoformat(),
        "publicity_round": publicity_of(file).round,
        "published": published,
        "objection_limit": rules.objection_review.limit.to_json(),
        "objection_problem": "",
    }


@record
class RaiseObjection(Command):
    """提出异议 within the publicity, taken at the window or from another organ. Answers {no, state}.

    ``by`` is one of tax, social_insurance, other_organ, creditor, employee, investor, other.
    """

    no: str
    by: str
    name: str
    text: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.TAKE_OBJECTION)
        rules_of(file)
        try:
            by = Objector(self.by)
        except ValueError:
            raise InvalidInput(
                "请选择异议人的身份。", "Say in what capacity the objector speaks.", fields={"by": "请选择"}
            ) from None
        publicity = publicity_of(file)
        against = publicity.against_objection(by, self.name, self.text, at=file.now)
        if against:
            raise Conflict(
                "不能受理这件异议：" + "；".join(reason.zh for reason in against) + "。",
                "The objection cannot be taken: " + "; ".join(reason.en for reason in against) + ".",
                reasons=[reason.to_json() for reason in against],
            )
        number = len(publicity.objections) + 1
        name, text = self.name.strip()[:200], self.text.strip()[:1500]
        file.keep(PART, *publicity.raise_objection(file.id, by, name, text, file.now))
        return send_to_case(file, OBJECT, {"objection_taken": f"{number}. {by.zh} {name}：{text}"})


@verb(
    "publicity.judge",
    "登记异议审查结果",
    "Record whether an objection stands",
    results=("objection_stands", "objection_problem"),
)
def judge(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``objection`` (as its task shows it, its number first), ``outcome`` (valid or invalid), ``reason``. Throws NOT_TO_JUDGE with ``objection_problem`` when an
    organ's objection would be rejected, or that of somebody without an interest would stop the procedure."""
    file = CaseFile.of(context, moving)
    publicity = publicity_of(file)
    number, valid = int(text_of(call, "objection").partition(".")[0] or 0), text_of(call, "outcome") == "valid"
    against = publicity.against_judgement(number, valid=valid)
    if against:
        problem = "；".join(reason.zh for reason in against)
        raise BpmnError("NOT_TO_JUDGE", problem, {"objection_problem": problem})
    judged, told = publicity.judge(file.id, number, valid=valid, reason=text_of(call, "reason"))
    file.keep(PART, judged, told)
    objection = judged.objections[number - 1]
    file.issue(DocumentKind.OBJECTION_RESULT, lambda desk, serial: document.objection_result(desk, serial, objection))
    return {"objection_stands": valid, "objection_problem": ""}


@verb("publicity.stop", "终止简易程序", "Stop the simple procedure", results=("result",))
def stop(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``outcome`` (stopped by an objection, or lapsed because nobody applied in time), ``reason``. It may be applied for
    again when what stopped it is settled (容错)."""
    file = CaseFile.of(context, moving)
    outcome, reason = Outcome(text_of(call, "outcome")), text_of(call, "reason")
    file.keep(PART, *publicity_of(file).end(file.id, outcome, reason))
    file.move(file.case.terminate(file.now, reason))
    file.stop_clocks()
    file.issue(DocumentKind.PUBLICITY_ENDED, lambda desk, serial: document.ended(desk, serial, reason=reason))
    return {"result": outcome.value}


@verb("publicity.fail", "公示无效，重新公示", "The publicity does not count")
def fail(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``: it was interrupted, or what was shown was wrong. The whole period begins anew."""
    file = CaseFile.of(context, moving)
    file.keep(PART, *publicity_of(file).fail(file.id, text_of(call, "reason") or "公示内容有误或者中断"))
    return {}


@verb("publicity.complete", "公示期满", "The publicity is over without objection", results=SUBMISSION)
def complete(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """From the end of the publicity the applicant has twenty days to apply for the registration itself (条例 33)."""
    file = CaseFile.of(context, moving)
    publicity = publicity_of(file)
    ended = file.clock(ClockKind.PUBLICITY)
    file.keep(PART, *publicity.end(file.id, Outcome.COMPLETED))
    file.stop_clocks(ClockKind.PUBLICITY)
    at = ended.due.at if ended is not None and ended.due.at <= file.now else file.now
    clock = file.start_clock(ClockKind.SUBMISSION, rules_of(file).submission, at=at)
    return {"submission_due": wake_up(clock.due), "submission_until": clock.due.date.isoformat()}


@verb(
    "publicity.extend_submission",
    "延长申请期限",
    "Extend the time to apply for the registration",
    results=(*SUBMISSION, "submission_problem"),
)
def extend_submission(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``. On request, once, to thirty days after the publicity at most (国市监注发〔2021〕45号). Throws
    NOT_EXTENDABLE with ``submission_problem``."""
    file = CaseFile.of(context, moving)
    publicity, rules = publicity_of(file), rules_of(file)
    clock = file.clock(ClockKind.SUBMISSION)
    assert clock is not None  # it was started when the publicity was over
    if publicity.submission_extended or clock.is_overdue(file.now):
        problem = "只能申请延长一次" if publicity.submission_extended else f"申请期限已于{clock.due.date}届满，不能延长"
        raise BpmnError("NOT_EXTENDABLE", problem, {"submission_problem": problem})
    more = Limit(rules.submission_extension.limit.value - rules.submission.limit.value, Unit.ND)
    extended = file.time.extend(clock, more, reason=text_of(call, "reason") or "申请人申请延长")
    file.keep(PART, replace(publicity, submission_extended=True))
    due = extended.due
    return {"submission_due": wake_up(due), "submission_until": due.date.isoformat(), "submission_problem": ""}


# ---------------------------------------------------------------- the registration


@verb("deregistration.submit", "收到注销登记申请", "The registration was applied for", results=("decide_until",))
def submit(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Accepted on the spot; three working days to decide, three more with the head's approval (条例 19)."""
    file = CaseFile.of(context, moving)
    file.stop_clocks(ClockKind.SUBMISSION, ClockKind.PUBLICITY)
    file.move(file.case.accept(file.now))
    file.start_clock(ClockKind.PROMISED, file.item.limits.promised)
    statutory = file.start_clock(ClockKind.STATUTORY, file.item.limits.statutory)
    return {"decide_until": statutory.due.date.isoformat()}


@verb("deregistration.extend", "延长登记期限", "Extend the time to decide", results=("decide_until", "review_problem"))
def extend(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``, ``approved_by``, ``asked_in`` (id of the step in which it was asked for): once, by the head, for what
    is complicated (条例 19). What counts is that it was asked for before the limit ended. Throws NOT_EXTENDABLE with
    ``review_problem``."""
    file = CaseFile.of(context, moving)
    reason, approved_by = text_of(call, "reason"), text_of(call, "approved_by")
    asked_at, limit = extensions.asked_at(file, call), file.clock(ClockKind.STATUTORY)
    extended = file.case.state is CaseState.EXTENDED
    if extended or limit is None or limit.is_overdue(asked_at):
        problem = "只能延长一次" if extended else "登记期限已经届满，不能延长，请尽快决定"
        raise BpmnError("NOT_EXTENDABLE", problem, {"review_problem": problem})
    file.move(file.case.start_review())
    file.move(file.case.extend(file.item.extension.limit, approved_by=approved_by, reason=reason))
    for kind in (ClockKind.STATUTORY, ClockKind.PROMISED):
        clock = file.clock(kind)
        if clock is not None and not clock.is_overdue(asked_at):
            extension = file.item.extension.limit
            file.time.extend(clock, extension, reason=reason, approved_by=approved_by, asked_at=asked_at)
    statutory = file.clock(ClockKind.STATUTORY)
    assert statutory is not None
    return {"decide_until": statutory.due.date.isoformat(), "review_problem": ""}


@verb("deregistration.decide", "作出登记决定", "Decide on the registration", results=("result", "decision_number"))
def decide(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``decision`` (approve or refuse), ``reason``, ``basis``. The notice is served with the decision."""
    file = CaseFile.of(context, moving)
    granted = text_of(call, "decision") == "approve"
    reason, basis = text_of(call, "reason"), text_of(call, "basis")
    result = Result.GRANTED if granted else Result.REFUSED
    file.move(file.case.decide(file.now, result, reason=reason, basis=basis))
    kind = DocumentKind.DEREGISTRATION if granted else DocumentKind.DEREGISTRATION_REFUSED
    written = file.issue(
        kind,
        lambda desk, serial: (
            document.deregistered(desk, serial, individual=file.row["form"].get("entity_kind") == "individual")
            if granted
            else document.refused(desk, serial, reason=reason, basis=basis)
        ),
    )
    file.move(file.case.finish(file.now))
    file.stop_clocks()
    return {"result": result.value, "decision_number": written.number}
