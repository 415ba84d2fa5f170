"""Parallel approval 并联审批: one lead, several branches, one merged answer.

Rules R4-1 to R4-8: distribution, opinions, silence after the limit (never a licence), preconditions between branches,
stop and continue, and the merge. The bodies of opinions are checked in :mod:`engine.approval.opinion`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from engine.approval import events
from engine.approval.correction import MergedCorrection, merge_corrections
from engine.approval.item.terms import BranchKind, BranchRule, MergeRule, ParallelRules, TimeoutPolicy
from engine.approval.opinion import Opinion, OpinionValue
from engine.approval.stored import Stored
from engine.calendar import Due, DueMode, Limit, WorkCalendar
from engine.errors import Conflict, InvalidInput, NotFound
from engine.events import Event
from engine.records import record

Reviewed: TypeAlias = "tuple[JointReview, list[Event]]"


class BranchState(StrEnum):
    """Where one branch stands."""

    WAITING = "waiting"  # not distributed yet
    OPEN = "open"
    ANSWERED = "answered"
    RETURNED = "returned"  # silent; the lead has to see to it
    STOPPED = "stopped"

    @property
    def zh(self) -> str:
        return {
            "waiting": "待分发",
            "open": "办理中",
            "answered": "已反馈",
            "returned": "超时退回牵头部门",
            "stopped": "已终止",
        }[self.value]


@record
class Branch(Stored):
    """One co-department in one round."""

    code: str
    name: str
    department: str
    kind: BranchKind
    limit: Limit
    timeout: TimeoutPolicy
    timeout_source: str = ""
    needs: tuple[str, ...] = ()
    state: BranchState = BranchState.WAITING
    due: Due | None = None
    opinion: Opinion | None = None
    escalated: bool = False
    note: str = ""

    @classmethod
    def of(cls, rule: BranchRule) -> "Branch":
        """Return the branch of a rule, waiting to be distributed."""
        return cls(
            code=rule.code,
            name=rule.name,
            department=rule.department,
            kind=rule.kind,
            limit=rule.limit.limit,
            timeout=rule.timeout,
            timeout_source=rule.timeout_source,
            needs=rule.needs,
        )

    @property
    def is_closed(self) -> bool:
        return self.state in (BranchState.ANSWERED, BranchState.STOPPED)

    @property
    def decides_licence(self) -> bool:
        """Does this department decide a licence of its own, rather than give an opinion?"""
        return self.kind is BranchKind.LICENCE_DECISION

    @property
    def refuses(self) -> bool:
        return self.opinion is not None and self.opinion.value is OpinionValue.DISAGREE


class MergedOutcome(StrEnum):
    """What the answers come to."""

    AGREED = "agreed"
    REFUSED = "refused"
    CORRECTION = "correction"  # one merged correction notice is due
    LEAD_DECIDES = "lead_decides"  # there are refusals and the lead has to weigh them

    @property
    def zh(self) -> str:
        return {
            "agreed": "一致同意",
            "refused": "不同意",
            "correction": "需一次性补正",
            "lead_decides": "存在不同意见，由牵头部门决定",
        }[self.value]


@record
class Merged:
    """The merged answer. ``refused_licences`` are branches whose own licence is refused, whatever the lead decides."""

    outcome: MergedOutcome
    corrections: tuple[MergedCorrection, ...] = ()
    conditions: tuple[str, ...] = ()
    refusals: tuple[Branch, ...] = ()
    deemed: tuple[Branch, ...] = ()
    forwarded: tuple[Branch, ...] = ()
    refused_licences: tuple[str, ...] = ()


@record
class JointReview(Stored):
    """The branches of one case in one round, and who leads them."""

    case_id: str
    lead: str
    merge_rule: MergeRule
    branches: tuple[Branch, ...]
    round: int = 1

    @classmethod
    def prepare(cls, case_id: str, rules: ParallelRules, *, taking_part: Iterable[str] | None = None) -> "JointReview":
        """Return the review with the branches that take part (all that are not optional, when nobody says)."""
        codes = {rule.code for rule in rules.branches if not rule.optional} if taking_part is None else set(taking_part)
        chosen = [rule for rule in rules.branches if rule.code in codes]
        if not chosen:
            raise InvalidInput("并联审批至少要有一个部门参加。", "At least one branch has to take part.")
        branches = [
            replace(Branch.of(rule), needs=tuple(code for code in rule.needs if code in codes)) for rule in chosen
        ]
        return cls(case_id=case_id, lead=rules.lead, merge_rule=rules.merge, branches=tuple(branches))

    def branch(self, code: str) -> Branch:
        """Return the branch; raises :class:`NotFound`."""
        for branch in self.branches:
            if branch.code == code:
                return branch
        raise NotFound(f"没有分支“{code}”。", f"There is no branch {code!r}.", branch=code)

    # -- going out and coming back

    def distribute(self, at: datetime, calendar: WorkCalendar, mode: DueMode = DueMode.END_OF_DAY) -> Reviewed:
        """Send the case to all branches that wait; their limits run from here, not from acceptance (R4-3)."""
        codes = tuple(branch.code for branch in self.branches if branch.state is BranchState.WAITING)
        if not codes:
            raise Conflict("没有待分发的分支。", "No branch waits to be distributed.")
        review = self._with(
            codes,
            lambda branch: replace(
                branch, state=BranchState.OPEN, due=calendar.due(at, branch.limit, mode), escalated=False
            ),
        )
        return review, [events.ReviewDistributed(case_id=self.case_id, round=self.round, branches=codes)]

    def answer(self, code: str, opinion: Opinion) -> Reviewed:
        """Take the opinion of a branch (or the lead's, for one that came back silent).

        A branch that needs the result of others may ask for corrections or refuse at any time, but agrees only when
        those have agreed (R4-4). Under ANY_REFUSE_STOPS a refusal stops the others.
        """
        branch = self.branch(code)
        if branch.state not in (BranchState.OPEN, BranchState.RETURNED):
            raise Conflict(
                f"分支“{branch.name}”现为“{branch.state.zh}”，不能提交意见。",
                f"Branch {code} is {branch.state.value} and takes no opinion.",
                branch=code,
                state=branch.state.value,
            )
        if opinion.value is OpinionValue.DEEMED_AGREE:
            raise InvalidInput("默认同意由超时产生，请用 time_out。", "Deemed agreement comes from time_out only.")
        self._check_needs(branch, opinion)
        review = self._with((code,), lambda each: replace(each, state=BranchState.ANSWERED, opinion=opinion))
        told: list[Event] = [self._given(branch, opinion)]
        if opinion.value is OpinionValue.DISAGREE and self.merge_rule is MergeRule.ANY_REFUSE_STOPS:
            review, stopped = review.stop(reason=f"“{branch.name}”不同意")
            told += stopped
        return review, told

    def time_out(self, code: str, *, now: datetime) -> Reviewed:
        """The limit of a branch passed in silence: escalate, record agreement, or give it back to the lead (4.4).

        Firing twice does nothing the second time; silence never decides a licence, whatever the rule says.
        """
        branch = self.branch(code)
        if branch.state is not BranchState.OPEN or (branch.escalated and branch.timeout is TimeoutPolicy.ESCALATE):
            return self, []
        if branch.due is None or now <= branch.due.at:
            raise Conflict(f"分支“{branch.name}”的时限未满。", f"The limit of branch {code} is not over.", branch=code)
        if branch.timeout is TimeoutPolicy.DEEMED_AGREE and branch.kind is not BranchKind.LICENCE_DECISION:
            opinion = Opinion.deemed(branch.department, at=now, basis=branch.timeout_source)
            review = self._with((code,), lambda each: replace(each, state=BranchState.ANSWERED, opinion=opinion))
            return review, [self._given(branch, opinion)]
        if branch.timeout is TimeoutPolicy.RETURN_TO_LEAD:
            reason = "超时未反馈，退回牵头部门"
            review = self._with((code,), lambda each: replace(each, state=BranchState.RETURNED, note=reason))
            back = events.BranchReturnedToLead(case_id=self.case_id, round=self.round, branch=code, reason=reason)
            return review, [back]
        review = self._with((code,), lambda each: replace(each, escalated=True))
        return review, [events.BranchEscalated(case_id=self.case_id, round=self.round, branch=code)]

    def move_due(self, code: str, due: Due) -> "JointReview":
        """The limit of an open branch ends at another time: it stood, or the calendar has changed."""
        open_ = self.branch(code).state is BranchState.OPEN
        return self._with((code,) if open_ else (), lambda branch: replace(branch, due=due))

    def stop(self, codes: Iterable[str] | None = None, *, reason: str) -> Reviewed:
        """Stop branches that are not closed (all of them, when nobody says): the lead's word after a refusal (R4-8), or
        the applicant withdrew (R4-7)."""
        if not reason.strip():
            raise InvalidInput("请填写终止的理由。", "Please give the reason to stop.")
        wanted = {branch.code for branch in self.branches} if codes is None else set(codes)
        stopping = tuple(branch.code for branch in self.branches if branch.code in wanted and not branch.is_closed)
        review = self._with(stopping, lambda branch: replace(branch, state=BranchState.STOPPED, note=reason))
        told: list[Event] = [
            events.BranchStopped(case_id=self.case_id, round=self.round, branch=code, reason=reason)
            for code in stopping
        ]
        return review, told

    def change_lead(self, lead: str, *, reason: str) -> Reviewed:
        """Another department leads from now on (R4-6)."""
        if not reason.strip():
            raise InvalidInput("请填写变更牵头部门的理由。", "Please give the reason for the change.")
        told = events.LeadChanged(case_id=self.case_id, before=self.lead, after=lead, reason=reason)
        return replace(self, lead=lead), [told]

    # -- merging

    @property
    def is_complete(self) -> bool:
        """Has every branch answered or been stopped?"""
        return all(branch.is_closed for branch in self.branches)

    def merged(self) -> Merged:
        """Return what the answers come to by the item's merge rule (4.9). Raises :class:`Conflict` while one is
        open."""
        if not self.is_complete:
            waiting = [branch.name for branch in self.branches if not branch.is_closed]
            raise Conflict(
                f"还有部门未反馈意见：{'、'.join(waiting)}。",
                f"Not all branches have answered: {', '.join(waiting)}.",
                waiting=waiting,
            )
        refusals = tuple(branch for branch in self.branches if branch.refuses)
        corrections = merge_corrections(
            {branch.department: branch.opinion.corrections for branch in self.branches if branch.opinion is not None}
        )
        return Merged(
            outcome=self._outcome(refusals, corrections),
            corrections=corrections,
            conditions=tuple(b.opinion.conditions for b in self.branches if b.opinion and b.opinion.conditions),
            refusals=refusals,
            deemed=self._with_value(OpinionValue.DEEMED_AGREE),
            forwarded=self._with_value(OpinionValue.AGREE_FORWARD),
            refused_licences=tuple(b.code for b in refusals if b.kind is BranchKind.LICENCE_DECISION),
        )

    def merge(self) -> tuple[Merged, list[Event]]:
        """Return the merged answer and tell it."""
        found = self.merged()
        reason = "；".join(f"{branch.name}：{branch.opinion.reason}" for branch in found.refusals if branch.opinion)
        told = events.OpinionsMerged(case_id=self.case_id, round=self.round, outcome=found.outcome.value, reason=reason)
        return found, [told]

    def again(self, codes: Iterable[str] | None = None) -> "JointReview":
        """Return the next round: the named branches (those that asked for corrections, when nobody says) wait to be
        distributed again, the others keep their answers."""
        asked = {branch.code for branch in self._with_value(OpinionValue.NEEDS_CORRECTION)}
        wanted = asked if codes is None else set(codes)
        review = self._with(
            tuple(wanted),
            lambda branch: replace(branch, state=BranchState.WAITING, opinion=None, due=None, escalated=False, note=""),
        )
        return replace(review, round=self.round + 1)

    def _outcome(self, refusals: tuple[Branch, ...], corrections: tuple[MergedCorrection, ...]) -> MergedOutcome:
        if refusals and self.merge_rule is not MergeRule.LEAD_DECIDES:
            return MergedOutcome.REFUSED
        if corrections:
            return MergedOutcome.CORRECTION
        if refusals:
            return MergedOutcome.LEAD_DECIDES
        if self.merge_rule is MergeRule.ALL_AGREE and any(branch.opinion is None for branch in self.branches):
            return MergedOutcome.LEAD_DECIDES  # a branch was stopped without an answer: not everybody agreed
        return MergedOutcome.AGREED

    def _with_value(self, value: OpinionValue) -> tuple[Branch, ...]:
        return tuple(b for b in self.branches if b.opinion is not None and b.opinion.value is value)

    def _with(self, codes: Iterable[str], change: Callable[[Branch], Branch]) -> "JointReview":
        changing = set(codes)
        branches = tuple(change(branch) if branch.code in changing else branch for branch in self.branches)
        return replace(self, branches=branches)

    def _check_needs(self, branch: Branch, opinion: Opinion) -> None:
        if not opinion.is_positive:
            return
        waiting = [
            need for need in map(self.branch, branch.needs) if need.opinion is None or not need.opinion.is_positive
        ]
        if waiting:
            raise Conflict(
                f"“{branch.name}”须待前置结果：{'、'.join(need.name for need in waiting)}。",
                f"Branch {branch.code} needs the result of {', '.join(need.code for need in waiting)} first.",
                branch=branch.code,
                needs=[need.code for need in waiting],
            )

    def _given(self, branch: Branch, opinion: Opinion) -> Event:
        return events.OpinionGiven(
            case_id=self.case_id,
            round=self.round,
            branch=branch.code,
            department=opinion.department,
            value=opinion.value.value,
            given_by=opinion.given_by,
            given_at=opinion.given_at,
            reason=opinion.reason,
            basis=opinion.basis,
            conditions=opinion.conditions,
            corrections=tuple(f"{entry.material}：{entry.requirement}" for entry in opinion.corrections),
            deemed=opinion.value is OpinionValue.DEEMED_AGREE,
        )
