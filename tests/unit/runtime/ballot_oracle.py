"""Ballots by brute force: every way in which the votes can still fall, counted in fractions and in other words than the code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from engine.runtime.ballot import Ballot, Base, Choice, Mode, Tie, Voter

YES, NO, ABSTAIN = Choice.APPROVE, Choice.REJECT, Choice.ABSTAIN


def completions(ballot: Ballot, voters: Sequence[Voter], cast: dict[str, Choice]) -> Iterator[dict[str, Choice]]:
    """Everything that can still happen: each open voter votes one way or another, or stays away."""
    opened = [voter.login for voter in voters if voter.login not in cast]
    ways = [YES, NO, None, *([ABSTAIN] if ballot.may_abstain else [])]
    for chosen in product(ways, repeat=len(opened)):
        yield {**cast, **{login: choice for login, choice in zip(opened, chosen, strict=True) if choice is not None}}


def outcome(ballot: Ballot, voters: Sequence[Voter], cast: dict[str, Choice], previous: bool) -> bool:
    """The rules once more, in fractions and in other words than the code."""
    weight = {voter.login: voter.weight if ballot.mode is Mode.WEIGHT else 1 for voter in voters}
    by = {choice: [login for login in weight if cast.get(login) is choice] for choice in Choice}
    if any(ballot.veto_by_anyone or voter.veto for voter in voters if voter.login in by[NO]):
        return False
    present = sum(map(len, by.values()))
    if ballot.quorum is not None:
        share = ballot.quorum.denominator
        least = Fraction(ballot.quorum.numerator, share) * len(voters) if share else Fraction(ballot.quorum.numerator)
        if present < least:
            return False
    yes, no = (sum(weight[login] for login in by[choice]) for choice in (YES, NO))
    if ballot.tie is not None and yes == no:
        chair = {voter.login for voter in voters if voter.chair}
        return previous if ballot.tie is Tie.PREVIOUS else ballot.tie is Tie.CHAIR and not chair.isdisjoint(by[YES])
    base = sum(weight.values()) if ballot.base is Base.ALL else yes + no
    share = ballot.need.denominator
    needed = Fraction(ballot.need.numerator, share) * base if share else Fraction(ballot.need.numerator)
    return yes > 0 and (yes > needed or (yes == needed and not ballot.need.strict))


def certain(ballot: Ballot, voters: Sequence[Voter], cast: dict[str, Choice], previous: bool) -> bool | None:
    """The one result to which every completion leads, or None."""
    possible: set[bool] = set()
    for full in completions(ballot, voters, cast):
        possible.add(outcome(ballot, voters, full, previous))
        if len(possible) == 2:
            return None
    return possible.pop()
