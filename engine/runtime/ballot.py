"""Ballots 会签/票签: who votes with which weight, what passes, and when the result is certain. Integers only.

The rules P-1.1 to P-1.6 of the approval verbs. A ballot has voters, each with at most one vote. ``result_of`` says what the
votes mean when nobody can vote any more; ``decide`` says it earlier, as soon as no vote that is still open can change it.
Advisers are no voters: nothing here knows of them.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from enum import StrEnum

from engine.records import record


class Choice(StrEnum):
    """One vote. It is always given by its voter, never inferred from a completed task."""

    APPROVE = "approve"  # 同意
    REJECT = "reject"  # 反对
    ABSTAIN = "abstain"  # 弃权


class Mode(StrEnum):
    """How many approvals a ballot needs."""

    ANY = "any"  # 或签: one
    ALL = "all"  # 会签: all
    COUNT = "count"  # so many people
    RATIO = "ratio"  # such a part of the people
    WEIGHT = "weight"  # so much weight, or such a part of it


class Base(StrEnum):
    """Of what a ratio is a part."""

    ALL = "all"  # all voters: who abstains or is absent counts like who rejects
    CAST = "cast"  # approvals and rejections: who abstains is not counted


class Tie(StrEnum):
    """What an equal number of approvals and rejections means."""

    FAIL = "fail"
    CHAIR = "chair"  # as the chair has voted
    PREVIOUS = "previous"  # as the previous round ended; failed when there was none


class Ground(StrEnum):
    """Why a ballot ended as it did."""

    THRESHOLD = "threshold"  # enough approvals, or not enough possible
    VETO = "veto"  # 一票否决
    TIE = "tie"  # 平票 and the rule for it
    QUORUM = "quorum"  # 未达到法定人数
    NOBODY = "nobody"  # no voter, or fewer than could ever pass it: decided by the node's policy


@record(kw_only=False)
class Threshold:
    """At least ``numerator`` of ``denominator`` parts, or (without a denominator) at least ``numerator`` units.

    ``strict`` asks for more than that: ``>1/2`` is more than half.
    """

    numerator: int
    denominator: int | None = None
    strict: bool = False

    def is_met(self, yes: int, base: int) -> bool:
        """Whether ``yes`` units out of ``base`` are enough; compared as integers, so 2 of 3 are two thirds exactly."""
        if self.denominator is None:
            have, need = yes, self.numerator
        else:
            have, need = yes * self.denominator, self.numerator * base
        return have > need if self.strict else have >= need

    @property
    def is_half(self) -> bool:
        return self.denominator is not None and self.numerator * 2 == self.denominator

    def __str__(self) -> str:
        part = f"/{self.denominator}" if self.denominator is not None else ""
        return f"{'>' if self.strict else ''}{self.numerator}{part}"


ONE = Threshold(1)
WHOLE = Threshold(1, 1)


@record
class Ballot:
    """The rules of one ballot; ``engine.runtime.ballot_settings`` reads them from a model and refuses what cannot be."""

    mode: Mode
    need: Threshold
    in_order: bool = False  # 顺序会签: one after the other
    veto_by_anyone: bool = False
    quorum: Threshold | None = None  # of the voters; who abstains is present
    may_abstain: bool = False
    base: Base = Base.ALL
    tie: Tie | None = (
        None  # None: the threshold alone decides. Only with a threshold of one half, counted on votes cast
    )
    secret: bool = False


@record
class Voter:
    """A person with one vote, in the order of the ballot. Veto and chair go with the seat when it is transferred."""

    login: str
    weight: int = 1
    veto: bool = False
    chair: bool = False


@record
class Tally:
    """A count: people, except ``yes``, ``no`` and ``base_all``, which are weights (1 for each person without weights)."""

    yes: int
    no: int
    approvals: int
    rejections: int
    abstentions: int
    voters: int
    base_all: int
    vetoed: bool
    chair: Choice | None

    @property
    def present(self) -> int:
        return self.approvals + self.rejections + self.abstentions


@record(kw_only=False)
class Verdict:
    """How a ballot ends."""

    passed: bool
    ground: Ground


Votes = Mapping[str, Choice]


def count(ballot: Ballot, voters: Sequence[Voter], votes: Votes) -> Tally:
    """Count the votes of the voters; a vote of anybody else counts nothing (P-1.4)."""
    weighted = ballot.mode is Mode.WEIGHT
    yes = no = approvals = rejections = abstentions = 0
    vetoed, chair = False, None
    for voter in voters:
        choice = votes.get(voter.login)
        weight = voter.weight if weighted else 1
        if choice is Choice.APPROVE:
            yes, approvals = yes + weight, approvals + 1
        elif choice is Choice.REJECT:
            no, rejections = no + weight, rejections + 1
            vetoed = vetoed or ballot.veto_by_anyone or voter.veto
        elif choice is Choice.ABSTAIN:
            abstentions += 1
        if voter.chair:
            chair = choice
    return Tally(
        yes=yes,
        no=no,
        approvals=approvals,
        rejections=rejections,
        abstentions=abstentions,
        voters=len(voters),
        base_all=sum(voter.weight if weighted else 1 for voter in voters),
        vetoed=vetoed,
        chair=chair,
    )


def result_of(ballot: Ballot, voters: Sequence[Voter], votes: Votes, *, previous: bool = False) -> Verdict:
    """What the votes mean when nobody can vote any more; who has not voted is absent.

    ``previous`` is whether the previous round passed. Without one approval nothing passes, however low the threshold.
    """
    tally = count(ballot, voters, votes)
    if tally.vetoed:
        return Verdict(False, Ground.VETO)
    if ballot.quorum is not None and not ballot.quorum.is_met(tally.present, tally.voters):
        return Verdict(False, Ground.QUORUM)
    if ballot.tie is not None and tally.yes == tally.no:
        by_chair = ballot.tie is Tie.CHAIR and tally.chair is Choice.APPROVE
        return Verdict(by_chair or (ballot.tie is Tie.PREVIOUS and previous), Ground.TIE)
    base = tally.base_all if ballot.base is Base.ALL else tally.yes + tally.no
    return Verdict(tally.yes > 0 and ballot.need.is_met(tally.yes, base), Ground.THRESHOLD)


def decide(ballot: Ballot, voters: Sequence[Voter], votes: Votes, *, previous: bool = False) -> Verdict | None:
    """The result, as soon as it is certain whatever the open voters do (vote, abstain or stay away), else None.

    Two completions are enough to know: an approval never harms and a rejection never helps, so if even approvals from
    everybody fail, all fail, and if the ballot passes with rejections from everybody, and with nobody else coming, all pass.
    """
    opened = open_voters(voters, votes)
    best = result_of(ballot, voters, {**votes, **dict.fromkeys(opened, Choice.APPROVE)}, previous=previous)
    if not best.passed or not opened:
        return best
    worst = result_of(ballot, voters, {**votes, **dict.fromkeys(opened, Choice.REJECT)}, previous=previous)
    now = result_of(ballot, voters, votes, previous=previous)  # the others stay away: only a quorum can make it differ
    return worst if worst.passed and now.passed else None


def open_voters(voters: Sequence[Voter], votes: Votes) -> list[str]:
    """Who has not voted yet, in the order of the ballot."""
    return [voter.login for voter in voters if voter.login not in votes]


def seated(ballot: Ballot, voters: Sequence[Voter], votes: Votes) -> list[str]:
    """Who may vote now: everybody who has not, or, in order, the first of them."""
    opened = open_voters(voters, votes)
    return opened[:1] if ballot.in_order else opened


def can_pass(ballot: Ballot, voters: Sequence[Voter]) -> bool:
    """Whether the ballot passes when everybody approves. One that cannot has too few people."""
    return result_of(ballot, voters, {voter.login: Choice.APPROVE for voter in voters}).passed


def approvals_missing(ballot: Ballot, voters: Sequence[Voter], votes: Votes, *, previous: bool = False) -> int | None:
    """How many more approvals decide the ballot, the heaviest voters first; None when it cannot pass any more."""
    waiting = sorted((voter for voter in voters if voter.login not in votes), key=lambda voter: -voter.weight)

    def passes_with(more: int) -> bool:
        known = {**votes, **{voter.login: Choice.APPROVE for voter in waiting[:more]}}
        verdict = decide(ballot, voters, known, previous=previous)
        return verdict is not None and verdict.passed

    if not passes_with(len(waiting)):
        return None
    return bisect_left(range(len(waiting)), True, key=passes_with)  # an approval more never harms
