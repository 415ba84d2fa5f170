"""Verbs of parallel approval 并联审批: pre-check, distribution, opinions, silence, and the merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.approval.clock_kind import ClockKind
from engine.approval.correction import MergedCorrection
from engine.approval.filing import ConsentDeemed
from engine.approval.item.terms import BranchKind
from engine.approval.opinion import Opinion, OpinionValue
from engine.approval.parallel import Branch, BranchState, JointReview
from engine.calendar import Limit
from engine.commands.cases import materials
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import entries_of, text_of, wake_up
from engine.commands.procedures import joint_decisions
from engine.commands.running.service_tasks import verb
from engine.errors import Conflict
from engine.store.rows.people import department_name

if TYPE_CHECKING:
    from engine.approval.clock import Clock
    from engine.approval.item.terms import BranchRule, ParallelRules
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.events import Event
    from engine.runtime.step import ServiceCall

PRECHECK, REVIEW = "precheck", "review"
AGAIN = Limit.parse("1wd")  # an escalated branch is urged every working day

# The outcomes of a task in a model, as the values of an opinion.
VALUES: Mapping[str, OpinionValue] = {
    "agree": OpinionValue.AGREE,
    "complete": OpinionValue.AGREE,
    "conditional": OpinionValue.AGREE_WITH_CONDITIONS,
    "forward": OpinionValue.AGREE_FORWARD,
    "disagree": OpinionValue.DISAGREE,
    "correct": OpinionValue.NEEDS_CORRECTION,
    "not_ours": OpinionValue.NOT_OURS,
}


# ---------------------------------------------------------------- going out


@verb(
    "parallel.open",
    "确定并联部门，分发预审",
    "Choose the departments and send them the materials for the pre-check",
    results=("co_departments",),
)
def open_branches(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``co_departments`` is the collection of the model's multi-instance: one object for each department that takes part."""
    file = CaseFile.of(context, moving)
    rules = _rules(file)
    taking_part = [rule.code for rule in rules.branches if _takes_part(file, rule)]
    review = JointReview.prepare(file.id, rules, taking_part=taking_part)
    file.keep(REVIEW, review)
    first_look = replace(review, round=0, branches=tuple(_for_precheck(branch, rules) for branch in review.branches))
    first_look = send_out(file, PRECHECK, first_look)
    return {"co_departments": [told_of(file, branch) for branch in first_look.branches]}


def _takes_part(file: CaseFile, rule: BranchRule) -> bool:
    """An optional branch takes part only when its condition says so; the others unless theirs says no."""
    return materials.holds(file, rule.condition) if rule.condition else not rule.optional


def _rules(file: CaseFile) -> ParallelRules:
    rules = file.item.parallel
    if rules is None:
        raise Conflict(
            f"事项“{file.item.name}”没有并联审批规则。", f"Item {file.item.code} has no rules for parallel approval."
        )
    return rules


def _for_precheck(branch: Branch, rules: ParallelRules) -> Branch:
    """The look at the materials is no decision: its own short limit, and silence may count as "complete"."""
    return replace(
        branch,
        kind=BranchKind.OPINION,
        limit=rules.pre_review.limit,
        timeout=rules.pre_review_timeout,
        timeout_source=branch.timeout_source or rules.pre_review.source,
        needs=(),
    )


def told_of(file: CaseFile, branch: Branch) -> dict[str, Any]:
    """What a branch's tasks need to know: who, until when."""
    rule = next(rule for rule in _rules(file).branches if rule.code == branch.code)
    assert branch.due is not None  # it was distributed
    return {
        "code": branch.code,
        "name": branch.name,
        "department": branch.department,
        "group": file.item.roles.get(branch.code, branch.department),
        "limit": str(branch.limit),
        "due": wake_up(branch.due),
        "materials": [file.slots[code].name for code in rule.materials],
    }


@verb(
    "parallel.distribute",
    "分发各部门审查",
    "Send the accepted case to all departments",
    results=(
        "co_departments",
        "review_stopped",
    ),
)
def distribute(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The limits of the departments run from here, not from acceptance (R4-3)."""
    file = CaseFile.of(context, moving)
    file.move(file.case.start_review())
    review = send_out(file, REVIEW, part_of(file, REVIEW))
    return {"co_departments": [told_of(file, branch) for branch in review.branches], "review_stopped": False}


def send_out(file: CaseFile, part: str, review: JointReview) -> JointReview:
    """Send the case to the branches that wait; each has a clock of its own from here (R4-3)."""
    waiting = [branch.code for branch in review.branches if branch.state is BranchState.WAITING]
    review, events = review.distribute(file.now, file.context.calendar, file.item.limits.mode)
    file.keep(part, review, events)
    for branch in map(review.branch, waiting):
        options: dict[str, Any] = {"mode": file.item.limits.mode, "source": branch.name, "about": branch.code}
        file.time.start(ClockKind.BRANCH, branch.limit, **options)
    return review


def _keep(file: CaseFile, part: str, review: JointReview, events: Iterable[Event]) -> None:
    """Keep what became of the branches; the clocks of those that are not asked any more stop."""
    file.keep(part, review, events)
    asked = {branch.code for branch in review.branches if branch.state is BranchState.OPEN}
    file.time.stop(clock for clock in file.time.open(ClockKind.BRANCH) if clock.about not in asked)


def limit_moved(file: CaseFile, clock: Clock) -> None:
    """The clock of a branch ends at another time (a suspension, another calendar), and so does the branch."""
    for part in (PRECHECK, REVIEW):
        review = file.part(part, JointReview)
        if review is not None and any(branch.code == clock.about for branch in review.branches):
            moved = review.move_due(clock.about, clock.due)
            if moved != review:
                file.keep(part, moved)


def wants_correction(branch: Branch) -> bool:
    return branch.opinion is not None and branch.opinion.value is OpinionValue.NEEDS_CORRECTION


def part_of(file: CaseFile, name: str) -> JointReview:
    review = file.part(name, JointReview)
    if review is None:
        raise Conflict(f"办件{file.number}尚未分发各部门。", f"Case {file.number} was not sent to its departments yet.")
    return review


# ---------------------------------------------------------------- coming back


@verb(
    "parallel.record_precheck",
    "登记预审意见",
    "Record what a department found in the pre-check",
    results=("precheck_items",),
)
def record_precheck(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``branch``, ``outcome`` (complete or correct), ``items`` (one demand a line), ``comment``."""
    _answer(CaseFile.of(context, moving), PRECHECK, call)
    return {"precheck_items": None}  # the next department starts with an empty form


@verb(
    "parallel.record_opinion",
    "登记审查意见",
    "Record the opinion of a department",
    results=(
        "opinion_basis",
        "opinion_conditions",
        "opinion_items",
        "review_stopped",
    ),
)
def record_opinion(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``branch``, ``outcome``, ``comment`` (the reason), ``basis``, ``conditions``, ``items``.

    ``review_stopped`` tells the model that a refusal has stopped the others, where the item says so.
    """
    review = _answer(CaseFile.of(context, moving), REVIEW, call)
    stopped = any(branch.state is BranchState.STOPPED for branch in review.branches)
    return {"opinion_basis": None, "opinion_conditions": None, "opinion_items": None, "review_stopped": stopped}


def _answer(file: CaseFile, part: str, call: ServiceCall) -> JointReview:
    review = part_of(file, part)
    branch = review.branch(text_of(call, "branch"))
    value = VALUES.get(text_of(call, "outcome"), OpinionValue.AGREE)
    comment = text_of(call, "comment")
    items = call.inputs.get("items") or comment
    opinion = Opinion(
        value=value,
        department=branch.department,
        given_by=file.context.actor.login,
        given_at=file.now,
        reason=comment,
        basis=text_of(call, "basis"),
        conditions=text_of(call, "conditions") or (comment if value is OpinionValue.AGREE_WITH_CONDITIONS else ""),
        corrections=entries_of(file, items) if value is OpinionValue.NEEDS_CORRECTION else (),
    )
    review, events = review.answer(branch.code, opinion)
    _keep(file, part, review, events)
    return review


@verb(
    "parallel.record_precheck_silence", "预审逾期处理", "A department was silent in the pre-check", results=("silence",)
)
def record_precheck_silence(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``branch``. By the item's rule: the materials count as complete, the department is urged, or the lead looks."""
    return _silence(CaseFile.of(context, moving), PRECHECK, call)


@verb(
    "parallel.record_silence",
    "审查逾期处理",
    "A department was silent in the review",
    results=(
        "department",
        "silence",
    ),
)
def record_silence(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``branch``. Deemed consent of the *opinion* by 系统（超时默认）, never of a licence; else urge, or back to the
    lead (``silence`` = deemed, waits, returned)."""
    return _silence(CaseFile.of(context, moving), REVIEW, call)


def _silence(file: CaseFile, part: str, call: ServiceCall) -> dict[str, Any]:
    before = part_of(file, part)
    code = text_of(call, "branch")
    review, events = before.time_out(code, now=file.now)
    _keep(file, part, review, events)
    branch = review.branch(code)
    if branch.state is BranchState.OPEN:
        again = file.context.calendar.due(file.now, AGAIN, file.item.limits.mode)
        urged = told_of(file, branch) | {"due": wake_up(again), "limit": str(AGAIN)}
        return {"silence": "waits", "department": urged}
    if branch.state is BranchState.ANSWERED and part == REVIEW and branch.due is not None:
        file.tell(
            ConsentDeemed(
                case_id=file.id,
                branch=branch.code,
                name=branch.name,
                department=branch.department,
                group=file.item.roles.get(branch.code, branch.department),
                due=branch.due.at,
            )
        )
    if branch.state is BranchState.RETURNED and part == PRECHECK:
        review, events = review.stop([code], reason="预审逾期未反馈，由牵头部门核对")
        _keep(file, part, review, events)
    return {"silence": "returned" if branch.state is BranchState.RETURNED and part == REVIEW else "deemed"}


# ---------------------------------------------------------------- merging


@verb(
    "parallel.merge_corrections",
    "汇总预审意见",
    "Merge the pre-checks into one list of corrections",
    results=(
        "correction_needed",
        "correction_text",
    ),
)
def merge_corrections(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``correction_needed`` for the gateway, ``correction_text`` for the one notice (4.5)."""
    file = CaseFile.of(context, moving)
    merged, events = part_of(file, PRECHECK).merge()
    file.tell(*events)
    return {"correction_needed": bool(merged.corrections), "correction_text": _demands(file, merged.corrections)}


@verb(
    "parallel.merge_opinions",
    "汇总部门意见",
    "Merge the opinions",
    results=(
        "correction_text",
        "merged_opinions",
        "merged_outcome",
        "package_choices",
    ),
)
def merge_opinions(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """``merged_outcome`` (agreed, refused, correction, lead_decides), all opinions in words, the merged corrections, and the
    licences of the package for who decides of which to grant (``package_choices``)."""
    file = CaseFile.of(context, moving)
    review = part_of(file, REVIEW)
    merged, events = review.merge()
    file.tell(*events)
    return {
        "merged_outcome": merged.outcome.value,
        "merged_opinions": "\n".join(_in_words(file, branch) for branch in review.branches),
        "correction_text": _demands(file, merged.corrections),
        "package_choices": joint_decisions.choices(file),
    }


def _demands(file: CaseFile, corrections: tuple[MergedCorrection, ...]) -> str:
    lines = []
    for entry in corrections:
        name = f"{file.item.material(entry.material).name}：" if entry.material else ""
        asked_by = "、".join(_department(file, department) for department in entry.departments)
        lines.append(f"{name}{'；'.join(entry.requirements)}（{asked_by}）")
    return "\n".join(lines)


def _in_words(file: CaseFile, branch: Branch) -> str:
    """One line on what a branch answered."""
    opinion = branch.opinion
    if opinion is None:
        return f"{branch.name}（{_department(file, branch.department)}）：{branch.state.zh}{branch.note and '，' + branch.note}"
    parts = [opinion.value.zh]
    parts += [f"条件：{opinion.conditions}"] * bool(opinion.conditions)
    parts += [f"理由：{opinion.reason}"] * bool(opinion.reason and opinion.reason != opinion.conditions)
    parts += [f"依据：{opinion.basis}"] * bool(opinion.basis)
    parts += [f"补正：{entry.requirement}" for entry in opinion.corrections]
    return f"{branch.name}（{_department(file, branch.department)}）：{'；'.join(parts)}"


def _department(file: CaseFile, code: str) -> str:
    return department_name(file.context.uow, code) or code
