"""Verbs of further rounds of a joint review: after a correction, after what stood in the way was put right, after experts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from engine.approval.clock_kind import ClockKind
from engine.approval.parallel import BranchState
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import take_correction, text_of
from engine.commands.procedures.parallel import AGAIN, REVIEW, part_of, send_out, told_of, wants_correction
from engine.commands.running.service_tasks import verb

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

_OF_EXPERTS: Final = (
    "expert_reason",
    "expert_days",
    "expert_date",
    "expert_members",
    "expert_result",
    "expert_conclusion",
)


@verb(
    "parallel.reopen",
    "补正后重新征求意见",
    "Ask those again that wanted corrections",
    results=(
        "co_departments",
        "review_stopped",
    ),
)
def reopen(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Only the departments that asked for corrections look again; the others keep their answers."""
    file = CaseFile.of(context, moving)
    take_correction(file)
    review = part_of(file, REVIEW)
    asked = [branch.code for branch in review.branches if wants_correction(branch)]
    if not asked:
        return {"co_departments": [], "review_stopped": False}
    review = send_out(file, REVIEW, review.again(asked))
    again = [told_of(file, branch) for branch in review.branches if branch.code in asked]
    return {"co_departments": again, "review_stopped": False}


@verb(
    "parallel.ask_again",
    "整改后再审",
    "Ask those again that refused or wanted corrections",
    results=("co_departments", "review_stopped"),
)
def ask_again(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The applicant has put right what stood in the way, or the time for it is over: whoever refused, wanted corrections or was
    stopped by a refusal looks again (整改后再审); the others keep their answers."""
    file = CaseFile.of(context, moving)
    review = part_of(file, REVIEW)
    asked = [
        each.code
        for each in review.branches
        if each.refuses or wants_correction(each) or each.state is BranchState.STOPPED
    ]
    if not asked:
        return {"co_departments": [], "review_stopped": False}
    review = send_out(file, REVIEW, review.again(asked))
    again = [told_of(file, branch) for branch in review.branches if branch.code in asked]
    return {"co_departments": again, "review_stopped": False}


@verb(
    "parallel.resume_opinion",
    "登记专家评审意见",
    "Go on with an opinion after its expert review",
    results=("department", "expert_reviews", *_OF_EXPERTS),
)
def resume_opinion(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``branch``, ``reviews`` (what is known of other reviews), ``date``, ``members``, ``result``, ``conclusion``. The
    department goes on with what is left of its limit, which stood meanwhile (art. 45), and with one working day at least.
    ``expert_reviews`` is for all who decide; the fields of the review are empty for the next one."""
    file = CaseFile.of(context, moving)
    branch = part_of(file, REVIEW).branch(text_of(call, "branch"))
    calendar = context.calendar
    least = calendar.due(file.now, AGAIN, file.item.limits.mode)
    # The clock has moved with the suspension that just ended; what the branch knows of it follows when all is recorded.
    clock = next(each for each in file.time.open(ClockKind.BRANCH) if each.about == branch.code)
    due = max(clock.due, least, key=lambda each: each.at)
    left = max(1, int(calendar.working_days_between(file.now, due.date)))
    experts = "、".join(text_of(call, "members").split())
    found = f"{branch.name}专家评审（{text_of(call, 'date')}）：{text_of(call, 'result')}；{text_of(call, 'conclusion')}（专家：{experts}）"
    told = told_of(file, replace(branch, due=due)) | {"limit": f"{left}wd"}
    return {
        "department": told,
        "expert_reviews": "\n".join(filter(None, (text_of(call, "reviews"), found))),
        **dict.fromkeys(_OF_EXPERTS),
    }
