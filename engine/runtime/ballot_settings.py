"""Reads the ballot of a node out of its ``banjie:`` settings, or says precisely, in both languages, what cannot be.

Used twice: at upload, where each fault becomes a finding with element and line, and when the ballot opens, where settings
that are expressions have their values. The settings are those of docs/approval-verbs.md; who votes, and what happens when nobody is
found, is read by ``engine.runtime.who``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from typing import Any, Final

from engine.records import record
from engine.runtime import member_limits, refusal
from engine.runtime.ballot import ONE, WHOLE, Ballot, Base, Choice, Mode, Threshold, Tie, Voter, can_pass
from engine.runtime.refusal import CONTINUE, OnReject

# Words for a vote that need no ``votes`` setting.
WORDS: Final[Mapping[str, Choice]] = {
    **dict.fromkeys(("approve", "agree", "accept", "pass", "yes", "consent", "support"), Choice.APPROVE),
    **dict.fromkeys(("reject", "refuse", "disagree", "deny", "fail", "no", "oppose", "decline"), Choice.REJECT),
    **dict.fromkeys(("abstain", "abstention"), Choice.ABSTAIN),
}
# The settings that are read here; kept with the ballot when it opens.
NAMES: Final = (
    *("ballot", "votes", "weights", "veto", "quorum", "abstain", "base", "tie", "chair", "secret", "advisers"),
    *("onReject", "again", "proxyVotes", *member_limits.SETTINGS),
)
PLAIN_OUTCOMES: Final = (Choice.APPROVE.value, Choice.REJECT.value)
_FRACTION: Final = re.compile(r"(>?)\s*(\d{1,6})\s*/\s*(\d{1,6})")
_NUMBER: Final = re.compile(r"\d{1,6}")
_FLAGS: Final = {"true": True, "false": False}


@record(kw_only=False)
class Fault:
    """One thing that is wrong with a setting: which setting, and a sentence with the way out."""

    code: str  # of the finding: "ballot-invalid" …
    setting: str
    zh: str
    en: str


@record
class BallotNode:
    """A node that is a ballot: its rules, its outcomes as votes, its special people, and its policies."""

    ballot: Ballot
    outcomes: tuple[str, ...]  # what a member may choose
    votes: Mapping[str, Choice]  # by outcome
    weights: Mapping[str, int] = field(default_factory=dict)
    other_weight: int = 1  # of members whom ``weights`` does not name
    veto: frozenset[str] = frozenset()
    chair: str | None = None
    advisers: tuple[str, ...] = ()  # logins and "group:key"
    on_reject: OnReject = CONTINUE
    again: str = "all"  # P-3.5: in a further round "all" vote, or those who did not approve ("objectors")
    proxy_adds: bool = False  # P-7.4: whether somebody who is a member and also a proxy has both votes

    def voter(self, login: str) -> Voter:
        """The person with the weight and the rights that the node gives."""
        weight = self.weights.get(login, self.other_weight)
        return Voter(login=login, weight=weight, veto=login in self.veto, chair=login == self.chair)

    def code(self, choice: Choice) -> str:
        """The outcome under which the token goes on: the first that the node offers for this choice."""
        return next((code for code in self.outcomes if self.votes[code] is choice), choice.value)


def parse(
    settings: Mapping[str, Any],
    outcomes: Sequence[str],
    *,
    is_open: Callable[[str], bool] = lambda value: False,
) -> tuple[BallotNode, list[Fault]]:
    """Read the settings of a node with a ballot; a wrong one counts as not given, and is among the faults.

    ``is_open`` says of which texts the value is not known yet (expressions at upload): they are not judged.
    """
    reader = _Reader(settings, is_open)
    mode, need, in_order = reader.mode()
    tie = reader.choice("tie", Tie)
    base = reader.choice("base", Base) or (Base.CAST if tie is not None else Base.ALL)
    abstains = reader.flag("abstain")
    offered, votes = reader.votes(outcomes, abstains)
    veto, anyone = reader.veto()
    weights, other_weight = reader.weights(mode)
    ballot = Ballot(
        mode=mode,
        need=need,
        in_order=in_order,
        veto_by_anyone=anyone,
        quorum=reader.quorum(),
        may_abstain=abstains or Choice.ABSTAIN in votes.values(),
        base=base,
        tie=tie,
        secret=reader.flag("secret"),
    )
    node = BallotNode(
        ballot=ballot,
        outcomes=offered,
        votes=votes,
        weights=weights,
        other_weight=other_weight,
        veto=veto,
        chair=reader.text("chair") or None,
        advisers=reader.names("advisers"),
        on_reject=reader.on_reject(),
        again=reader.choice_of("again", ("all", "objectors")) or "all",
        proxy_adds=reader.choice_of("proxyVotes", ("one", "both")) == "both",
    )
    reader.check_tie(ballot, node.chair)
    reader.check_member_limit(may_abstain=ballot.may_abstain)
    return node, reader.faults


def faults_of_voters(node: BallotNode, voters: Collection[str]) -> list[Fault]:
    """What cannot work when exactly these people vote: thresholds out of reach, a chair or a veto of somebody else."""
    found: list[Fault] = []
    listed = "、".join(voters)
    if node.ballot.tie is Tie.CHAIR and node.chair is not None and node.chair not in voters:
        found.append(
            Fault(
                "ballot-chair-not-voter",
                "chair",
                f"主席「{node.chair}」不在表决人（{listed}）中；请把他加入候选人，或改用其他平票规则",
                f"the chair “{node.chair}” is not among the voters ({', '.join(voters)}); add this person or choose "
                "another rule for ties",
            )
        )
    strangers = sorted((node.veto | node.weights.keys()) - set(voters))
    if strangers:
        found.append(
            Fault(
                "ballot-names-stranger",
                "veto, weights",
                f"veto 或 weights 中的「{'、'.join(strangers)}」不是表决人（{listed}）；请改正名字，或加入候选人",
                f"“{', '.join(strangers)}” in veto or weights are no voters ({', '.join(voters)}); correct the names or "
                "add them",
            )
        )
    if not can_pass(node.ballot, [node.voter(login) for login in voters]):
        found.append(
            Fault(
                "ballot-cannot-pass",
                "ballot, quorum",
                f"表决人只有 {len(voters)} 名，即使全部同意也达不到 ballot 或 quorum 的要求；请降低要求，或增加表决人",
                f"there are only {len(voters)} voters: even if all approve, what ballot or quorum ask for is not reached; "
                "ask for less or add voters",
            )
        )
    return found


class _Reader:
    """The settings of one node, and what is wrong with them."""

    def __init__(self, settings: Mapping[str, Any], is_open: Callable[[str], bool]) -> None:
        self.faults: list[Fault] = []
        self._open = {name for name, value in settings.items() if isinstance(value, str) and is_open(value)}
        self._settings = {
            name: str(value).strip() for name, value in settings.items() if name not in self._open and value is not None
        }

    def text(self, name: str) -> str:
        return self._settings.get(name, "")

    def names(self, name: str) -> tuple[str, ...]:
        found = (part.strip() for part in self.text(name).split(","))
        return tuple(dict.fromkeys(part for part in found if part))

    def fault(self, setting: str, zh: str, en: str, code: str = "ballot-setting-invalid") -> None:
        self.faults.append(Fault(code, setting, zh, en))

    def choice_of(self, name: str, allowed: Collection[str]) -> str:
        value = self.text(name)
        if value and value not in allowed:
            self.fault(
                name,
                f"{name}=「{value}」不认识；可用：{'、'.join(allowed)}",
                f"{name}=“{value}” is none of {', '.join(allowed)}",
            )
            return ""
        return value

    def choice(self, name: str, kind: type[Any]) -> Any:
        value = self.choice_of(name, [each.value for each in kind])
        return kind(value) if value else None

    def flag(self, name: str) -> bool:
        return _FLAGS.get(self.choice_of(name, _FLAGS), False)

    def on_reject(self) -> OnReject:
        value = self.text(refusal.SETTING)
        found = refusal.read(value)
        if found is None:
            self.fault(
                refusal.SETTING,
                f"{refusal.SETTING}=「{value}」不认识；可用：{'、'.join(refusal.USAGE)}",
                f"{refusal.SETTING}=“{value}” is none of {', '.join(refusal.USAGE)}",
            )
        return found or OnReject()

    # ---- the threshold

    def mode(self) -> tuple[Mode, Threshold, bool]:
        value = self.text("ballot")
        kind, _, rest = (part.strip() for part in value.partition(":"))
        if kind == "sequential":
            kind, _, rest = (part.strip() for part in (rest or "all").partition(":"))
            return *self._mode(kind, rest, value), True
        return *self._mode(kind, rest, value), False

    def _mode(self, kind: str, rest: str, value: str) -> tuple[Mode, Threshold]:
        if kind in ("any", "all") and not rest:
            return (Mode.ANY, ONE) if kind == "any" else (Mode.ALL, WHOLE)
        if kind == "majority" and not rest:
            return Mode.RATIO, Threshold(1, 2, strict=True)
        need = _threshold(rest)
        if need is not None:
            if kind == "count" and need.denominator is None:
                return Mode.COUNT, need
            if kind == "ratio" and need.denominator is not None:
                return Mode.RATIO, need
            if kind == "weight":
                return Mode.WEIGHT, need
        if value:
            self.fault(
                "ballot",
                f"ballot=「{value}」读不懂；可用：any、all、majority、count:3、ratio:2/3、ratio:>1/2、weight:60/100、"
                "sequential、sequential:ratio:2/3",
                f"ballot=“{value}” cannot be read; use any, all, majority, count:3, ratio:2/3, ratio:>1/2, weight:60/100, "
                "sequential or sequential:ratio:2/3",
                "ballot-mode-invalid",
            )
        return Mode.ALL, WHOLE

    def quorum(self) -> Threshold | None:
        value = self.text("quorum")
        need = _threshold(value)
        if value and need is None:
            self.fault(
                "quorum",
                f"quorum=「{value}」读不懂；请写人数或比例，例：3、1/2、>1/2",
                f"quorum=“{value}” cannot be read; write a number of people or a ratio, such as 3, 1/2 or >1/2",
            )
        return need

    def check_tie(self, ballot: Ballot, chair: str | None) -> None:
        if ballot.tie is None:
            return
        if not {"ballot", "weights"} & self._open and not ballot.need.is_half:
            self.fault(
                "tie",
                "tie 只在半数表决时有意义（majority、ratio:1/2、weight:1/2）；请改用半数，或删去 tie",
                "tie has a meaning only with a threshold of one half (majority, ratio:1/2, weight:1/2); use that, or remove "
                "tie",
                "ballot-tie-without-half",
            )
        elif self.text("base") == Base.ALL.value:
            self.fault(
                "base",
                "有 tie 时按已投的同意与反对计算，不能写 base=all；请改为 cast 或删去 base",
                "with tie the votes cast are counted, which base=all contradicts; write cast, or remove base",
                "ballot-tie-without-half",
            )
        if ballot.tie is Tie.CHAIR and chair is None and "chair" not in self._open:
            self.fault(
                "chair",
                "tie=chair 需要写明主席；例：chair=“zhang”",
                "tie=chair needs a chair, such as chair=“zhang”",
                "ballot-chair-missing",
            )

    # ---- people

    def check_member_limit(self, *, may_abstain: bool) -> None:
        for fault in member_limits.faults(
            self.text, is_open=member_limits.LIMIT in self._open, may_abstain=may_abstain
        ):
            self.fault(*fault)

    def veto(self) -> tuple[frozenset[str], bool]:
        names = self.names("veto")
        special = {"none", "anyone"} & set(names)
        if special and len(names) > 1:
            self.fault(
                "veto",
                f"veto=「{self.text('veto')}」里 {'、'.join(sorted(special))} 不能与人名并列；请只留一种",
                f"veto=“{self.text('veto')}”: {', '.join(sorted(special))} cannot stand beside names; keep one of them",
            )
            return frozenset(), False
        return (frozenset(), "anyone" in special) if special else (frozenset(names), False)

    def weights(self, mode: Mode) -> tuple[dict[str, int], int]:
        found: dict[str, int] = {}
        for part in self.names("weights"):
            login, mark, weight = (each.strip() for each in part.partition(":"))
            if not mark or not login or not _NUMBER.fullmatch(weight) or int(weight) == 0 or login in found:
                self.fault(
                    "weights",
                    f"weights 的「{part}」读不懂；请写「账号:正整数」，每人一次，其余人用 *；例：zhang:3,*:1",
                    f"weights: “{part}” cannot be read; write login:positive number, each person once, * for all others, "
                    "such as zhang:3,*:1",
                )
                continue
            found[login] = int(weight)
        if found and mode is not Mode.WEIGHT and "ballot" not in self._open:
            self.fault(
                "weights",
                "weights 只用于 ballot=weight:…；请改用加权表决，或删去 weights",
                "weights are used by ballot=weight:… only; use a weighted ballot, or remove them",
                "ballot-weights-unused",
            )
        return found, found.pop("*", 1)

    # ---- outcomes

    def votes(self, outcomes: Sequence[str], abstains: bool) -> tuple[tuple[str, ...], dict[str, Choice]]:
        """The outcomes that a member may choose, each with its vote."""
        plain = (*PLAIN_OUTCOMES, *([Choice.ABSTAIN.value] if abstains else []))
        offered = tuple(outcomes) or plain
        named = self._named_votes(offered)
        votes: dict[str, Choice] = {}
        for code in offered:
            choice = named.get(code) or WORDS.get(code.lower())
            if choice is None:
                if "votes" not in self._open:
                    self._without_vote(code)
                choice = Choice.APPROVE
            votes[code] = choice
        self._check_sides(offered, votes, abstains)
        return offered, votes

    def _named_votes(self, offered: Sequence[str]) -> dict[str, Choice]:
        named: dict[str, Choice] = {}
        for part in self.names("votes"):
            code, _, word = (each.strip() for each in part.partition(":"))
            if code in offered and word in set(Choice):
                named[code] = Choice(word)
                continue
            self.fault(
                "votes",
                f"votes 的「{part}」读不懂；请写「结果:approve|reject|abstain」，结果须是 {'、'.join(offered)} 之一",
                f"votes: “{part}” cannot be read; write outcome:approve|reject|abstain with one of the outcomes "
                f"{', '.join(offered)}",
                "ballot-votes-invalid",
            )
        return named

    def _without_vote(self, code: str) -> None:
        self.fault(
            "outcomes",
            f"结果「{code}」不知算哪种票；请在 votes 中写明，例：votes=“{code}:reject”，或从 outcomes 中删去",
            f"nobody can tell which vote the outcome “{code}” is; say it, such as votes=“{code}:reject”, or remove it from "
            "outcomes",
            "ballot-outcome-without-vote",
        )

    def _check_sides(self, offered: Sequence[str], votes: Mapping[str, Choice], abstains: bool) -> None:
        missing = {Choice.APPROVE, Choice.REJECT} - set(votes.values())
        if missing and not self.faults:
            words = "、".join(sorted(missing))
            self.fault(
                "outcomes",
                f"结果 {'、'.join(offered)} 中没有 {words} 票，表决没有两面；请补上，或用 votes 指明",
                f"the outcomes {', '.join(offered)} have no vote to {' and to '.join(sorted(missing))}: a ballot has two "
                "sides; add one, or name it in votes",
                "ballot-one-sided",
            )
        if abstains and Choice.ABSTAIN not in votes.values() and "votes" not in self._open:
            self.fault(
                "abstain",
                "abstain=true，但 outcomes 里没有弃权；请加上 abstain:弃权，或删去 abstain",
                "abstain=true, but no outcome abstains; add abstain:Abstain to the outcomes, or remove abstain",
                "ballot-abstain-without-outcome",
            )


def _threshold(text: str) -> Threshold | None:
    """``3`` (at least three), ``2/3`` (at least two thirds), ``>1/2`` (more than half); None for anything else."""
    if _NUMBER.fullmatch(text):
        return Threshold(int(text)) if int(text) > 0 else None
    match = _FRACTION.fullmatch(text)
    if match is None:
        return None
    strict, numerator, denominator = bool(match[1]), int(match[2]), int(match[3])
    reachable = numerator < denominator if strict else numerator <= denominator
    return Threshold(numerator, denominator, strict) if denominator and numerator and reachable else None
