"""After the answer 救济: a review or a lawsuit is written down, defended, concluded; an answer ordered anew has a new clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from engine.access import Verb
from engine.approval.clock import ClockKind
from engine.approval.disclosure import Answer
from engine.approval.item.terms import SourcedLimit
from engine.approval.remedies import Remedies, RemedyKind, RemedyResult
from engine.calendar import Limit, Unit
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of, wake_up
from engine.commands.cases.filing import send_to_case
from engine.commands.procedures.disclosure_requests import REPLY, REQUEST, UNTIL, days_of, ends_of, request_of, rules_of
from engine.commands.running.service_tasks import verb
from engine.context import Command
from engine.errors import InvalidInput
from engine.records import record

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

PART: Final = "remedies"
TAKEN: Final = "复议诉讼"  # the message for which the model waits
OPEN_UNTIL: Final = ("remedy_due", "remedy_until")
PREMATURE: Final = (
    "本答复不予公开的内容依法应当先申请行政复议，原告未经复议直接起诉的，请在答辩中请求裁定驳回起诉"
    "（《行政复议法》第二十三条第一款第四项；法释〔2018〕1号第五十六条、第六十九条）。"
)


def remedies_of(file: CaseFile) -> Remedies:
    """The reviews and lawsuits of a request."""
    return file.part(PART, Remedies) or Remedies()


@record
class TakeRemedy(Command):
    """登记复议、诉讼: the organ got the copy of an application for review or of a claim. Answers {no, state, premature}.

    ``kind`` is review or litigation, ``organ`` who decides it, ``number`` the number of its case. ``premature``: the claim came
    without the review that this answer needs first; it is defended all the same, and whoever defends it is told.
    """

    no: str
    kind: str
    organ: str
    number: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.TAKE_REMEDY)
        rules = rules_of(file)
        if self.kind not in {each.value for each in RemedyKind}:
            raise InvalidInput(
                "请选择行政复议或者行政诉讼。", "Choose review or litigation.", fields={"kind": "请选择"}
            )
        organ, number = self.organ.strip()[:200], self.number.strip()[:100]
        if not organ or not number:
            raise InvalidInput(
                "请填写复议机关或者法院，以及案号。", "Give the organ or court and the number of its case.",
                fields={name: "必填" for name, given in (("organ", organ), ("number", number)) if not given},
            )  # fmt: skip
        kind = RemedyKind(self.kind)
        remedies, events = remedies_of(file).take(
            file.id, kind, organ, number, review_first=_answer_of(file).review_first
        )
        file.keep(PART, remedies, events)
        premature = remedies.taken[-1].premature
        defence = rules.review_defence if kind is RemedyKind.REVIEW else rules.litigation_defence
        told = {
            "remedy_text": f"{kind.zh}：{organ}，{number}" + (f"\n{PREMATURE}" if premature else ""),
            "defence_limit": defence.limit.to_json(),
        }
        return {**send_to_case(file, TAKEN, told), "premature": premature}


def _answer_of(file: CaseFile) -> Answer:
    """What was answered; before that nothing can be contested, which the model says."""
    known = {each.value for each in Answer}
    return Answer(file.row["result"]) if file.row["result"] in known else Answer.DISCLOSED


def time_for_remedies(file: CaseFile) -> SourcedLimit:
    """How long the answer may be contested: the time for a review where that comes first and concerns all of it."""
    rules = rules_of(file)
    return rules.remedy_review if _answer_of(file) is Answer.WITHHELD else rules.remedy


def open_remedies(file: CaseFile, limit: SourcedLimit, at: datetime | None = None) -> dict[str, Any]:
    """Let the time run within which the answer may be contested; what ran before is replaced."""
    file.stop_clocks(ClockKind.REMEDY)
    clock = file.start_clock(ClockKind.REMEDY, limit, at=at)
    return {"remedy_due": wake_up(clock.due), "remedy_until": clock.due.date.isoformat()}


@verb(
    "disclosure.conclude_remedy",
    "登记复议、诉讼结果",
    "Record what came out of a review or a lawsuit",
    results=(*OPEN_UNTIL, *UNTIL, "reanswer", "answer_kind"),
)
def conclude(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``result`` (upheld, withdrawn, unlawful, reanswer), ``decision`` (its number), ``days`` (working days for a new
    answer). ``reanswer`` is for the gateway: the request is open again, with a clock of its own by the order; no extension is
    left. Otherwise the answer may be contested for fifteen days more at least (行政诉讼法 45)."""
    file = CaseFile.of(context, moving)
    rules, before = rules_of(file), file.clock(ClockKind.REMEDY)
    result, decision = RemedyResult(text_of(call, "result")), text_of(call, "decision")
    pending = remedies_of(file).pending
    file.keep(PART, *remedies_of(file).conclude(file.id, result, decision, days_of(call)))
    if result is not RemedyResult.REANSWER:
        more = file.context.calendar.due(file.now, rules.after_review.limit, file.item.limits.mode)
        if before is not None and before.due.at >= more.at:
            until = {"remedy_due": wake_up(before.due), "remedy_until": before.due.date.isoformat()}
        else:
            until = open_remedies(file, rules.after_review)
        return {"reanswer": False, **until}
    assert pending is not None  # it was concluded
    source = f"{pending.kind.zh}{decision or pending.number}"
    file.stop_clocks()
    file.move(file.case.reopen(f"{source}责令重新答复"))
    request, told = request_of(file).restart(file.id, "remedy")
    file.keep(REQUEST, replace(request, extended=True, extension_requested_at=None), told)
    for kind in REPLY:
        file.start_clock(kind, SourcedLimit(Limit(days_of(call), Unit.WD), source))
    return {"reanswer": True, "answer_kind": "", **ends_of(file)}


@verb("disclosure.archive", "救济期满归档", "Close the file when nothing can be contested any more")
def archive(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The time for remedies is over."""
    CaseFile.of(context, moving).stop_clocks(ClockKind.REMEDY)
    return {}
