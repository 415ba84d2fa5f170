"""好差评: an applicant's rating is written down; a poor one begins the process of call-back and rectification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from engine.access import SYSTEM, Verb
from engine.approval import rating
from engine.approval.filing import ServiceRated
from engine.approval.rating import Rating, RatingState
from engine.calendar import DueMode
from engine.commands.cases import leaders
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running import instances
from engine.commands.running.service_tasks import verb
from engine.context import Command
from engine.errors import Conflict, InvalidInput
from engine.records import record
from engine.store import tables
from engine.store.rows import definitions

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

PROCESS: Final = "rating_rectification"
PART: Final = "rating"
instances.BEGUN_ELSEWHERE.add(PROCESS)


@record
class RateCase(Command):
    """评价: once for each matter, within seven days after it is done. Answers {no, grade, state}.

    ``grade`` is 5 (非常满意) to 1, ``reasons`` are codes of :data:`engine.approval.rating.REASONS`. Of an ``anonymous`` rating the
    people who rectify learn neither the case nor the applicant.
    """

    no: str
    grade: int
    reasons: tuple[str, ...] = ()
    text: str = ""
    channel: str = "window"
    anonymous: bool = False

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.RATE_CASE)
        rating.check(self.grade, self.reasons, self.text.strip(), self.channel)
        finished_at = file.row["finished_at"]
        until = context.calendar.due(finished_at or file.now, rating.WITHIN, DueMode.MIDNIGHT)
        refused = rating.against(file.part(PART, Rating), finished_at, until, file.now)
        if refused is not None:
            raise Conflict(f"不能评价：{refused.zh}。", f"It cannot be rated: {refused.en}.")
        given = Rating(
            grade=self.grade,
            reasons=tuple(self.reasons),
            text=self.text.strip()[:1000],
            channel=self.channel,
            anonymous=self.anonymous,
            at=file.now,
        )
        if given.is_poor:
            given = replace(given, state=RatingState.OPEN)
            _begin(file, given)
        file.keep(PART, given, [ServiceRated(case_id=file.id, poor=given.is_poor)])
        return {"no": file.number, "grade": given.grade, "state": given.state.value}


def _begin(file: CaseFile, given: Rating) -> None:
    """The process of call-back and rectification, for the unit that answers for the item."""
    context = file.context
    heads = ",".join(leaders.heads(file, but=""))
    named = {} if given.anonymous else {"case_no": file.number, "applicant_name": file.applicant.name}
    person, context.actor = context.actor, SYSTEM
    try:
        instances.start(
            context,
            definitions.latest(context.uow, PROCESS),
            {
                "rated_case": file.id,
                "case_no": "（匿名评价）",
                "applicant_name": "（匿名评价）",
                "item_name": file.item.name,
                "grade": rating.GRADES[given.grade],
                "rating_why": given.why,
                "unit_groups": "" if heads else file.item.roles.get(leaders.ROLE, ""),
                "unit_people": heads,
            }
            | named,
            business_key=None if given.anonymous else file.number,
            title=f"差评整改 · {file.item.name}"[:200],
        )
    finally:
        context.actor = person


@verb("rating.conclude", "登记差评处理结果", "Write down what came of a poor rating", results=("rating_result",))
def conclude(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``result`` (rectified, explained, or invalid: a mistaken rating that a second person confirmed), ``outcome`` in
    words, ``grade`` (1 to 5, what the applicant says now)."""
    row = context.uow.get(tables.case_file, (str(moving.variables.get("rated_case") or ""),))
    file = None if row is None else CaseFile(context, row)
    given = None if file is None else file.part(PART, Rating)
    if file is None or given is None:
        raise Conflict("这个流程没有对应的评价。", "This process handles no rating.")
    grade = text_of(call, "grade")
    if grade and grade not in {str(each) for each in rating.GRADES}:
        raise InvalidInput("评价等级应为1至5。", "A grade is 1 to 5.", fields={"grade": "1–5"})
    result = RatingState(text_of(call, "result"))
    again = int(grade) if grade else None
    file.keep(PART, replace(given, state=result, again=again, outcome=text_of(call, "outcome")))
    return {"rating_result": result.value}
