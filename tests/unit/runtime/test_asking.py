"""Transfers, delegations, signers, proxies: the rules without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Conflict, InvalidInput
from engine.runtime.allowance import NodeVerb, allows
from engine.runtime.delegation import MAX_DEPTH, check_delegate
from engine.runtime.proxy import Matter, ProxyMode, ProxyRule, ProxyScope, amount_of, chain, check_rule
from engine.runtime.signers import Plan, Position, SignerState, verdicts
from engine.runtime.task import Power
from engine.runtime.transfer import Transfer, check_receiver, holdings, scope_of

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


# ---------------------------------------------------------------- allow


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("", "transfer delegate addSign cc batch withdraw", ""),
        ("-transfer", "delegate addSign", "transfer"),
        ("cc, transfer", "cc transfer", "delegate addSign batch"),
        ("cc,-cc", "", "cc transfer"),
    ],
)
def test_trap_2_10_4_allow_permits_and_forbids(text: str, yes: str, no: str) -> None:
    assert all(allows({"allow": text}, NodeVerb(word)) for word in yes.split())
    assert not any(allows({"allow": text}, NodeVerb(word)) for word in no.split())


# ---------------------------------------------------------------- transfers


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from("abcd")), max_size=8), st.integers(0, 50))
def test_p_5_4_the_holders_share_the_whole_life_of_a_task(steps: list[tuple[int, str]], more: int) -> None:
    at, links = 0, []
    for wait, receiver in steps:
        at += wait
        links.append(Transfer(sender=None, receiver=receiver, at=hours(at)))
    end = hours(at + more)

    found = holdings("z", NOON, links, end)

    assert found[0].login == "z" and found[0].since == NOON and found[-1].until == end
    assert all(first.until == second.since for first, second in pairwise(found))
    assert sum(((each.until or end) - each.since for each in found), timedelta()) == end - NOON
    assert [each.login for each in found[1:]] == [link.receiver for link in links]


def test_p_5_4_the_last_holders_time_goes_on() -> None:
    (only,) = holdings("a", NOON, (), None)

    assert only.until is None


def test_p_5_1_refused_to_the_holder_to_a_member_and_out_of_scope() -> None:
    for receiver, seated, in_scope in [("li", (), True), ("wang", ("wang",), True), ("wang", (), False)]:
        with pytest.raises(Conflict):
            check_receiver("审批", "li", receiver, by="li", seated=seated, in_scope=in_scope)
    check_receiver("审批", "li", "wang", by="li", seated=("zhao",), in_scope=True)


def test_a_scope_that_is_none_transfers_nothing() -> None:
    with pytest.raises(Conflict, match="Ask the designer"):
        scope_of({"transferScope": "deparment"}, "审批")


# ---------------------------------------------------------------- delegation


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5, unique=True), st.sampled_from("abcdef"))
def test_p_5_2_the_stack_has_each_person_once_and_three_levels(stack: list[str], to: str) -> None:
    allowed = to not in stack and len(stack) <= MAX_DEPTH

    if allowed:
        check_delegate("审批", stack, to)
    else:
        with pytest.raises(Conflict):
            check_delegate("审批", stack, to)


# ---------------------------------------------------------------- signers

BATCHES = st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=3)


def plan_of(batches: list[tuple[int, bool]], position: Position) -> Plan:
    plan, number = Plan(), 0
    for size, in_order in batches:
        ids = [f"s{number + index}" for index in range(size)]
        number += size
        plan = plan.add(plan.batch(ids, ids, position, Power.ADVISE, in_order=in_order))
    return plan


def test_p_4_2_a_batch_does_not_wait_for_another() -> None:
    """The second in order has his turn when the first one of his own batch has signed, whoever of others is still silent."""
    plan = plan_of([(1, False), (2, True)], Position.BEFORE)
    for signer in plan.due(Position.BEFORE):
        plan = plan.asked(signer.id)
    _silent, first, second = plan.signers
    plan = plan.answered(first.id, None)
    assert [each.id for each in plan.due(Position.BEFORE)] == [second.id]


@given(BATCHES, st.sampled_from([Position.BEFORE, Position.AFTER]), st.randoms(use_true_random=False))
def test_p_4_2_p_4_4_whoever_signs_or_is_removed_in_whatever_order_the_plan_comes_to_its_end(
    batches: list[tuple[int, bool]], position: Position, random: Random
) -> None:
    """Nobody is asked twice, in an ordered batch nobody before his turn, and nobody waits for ever."""
    plan, asked = plan_of(batches, position), []
    steps = 0
    while plan.pending(position):
        for signer in plan.due(position):
            asked.append(signer.id)
            plan = plan.asked(signer.id)
        assert Plan.from_json(plan.to_json()) == plan
        for signer in plan.signers:
            earlier = [each for each in plan.pending() if each.batch == signer.batch and each.place < signer.place]
            assert signer.state is not SignerState.ASKED or not earlier
        chosen = random.choice(plan.pending(position))
        if chosen.state is SignerState.ASKED and random.random() < 0.6:
            plan = plan.answered(chosen.id, None)
        else:
            plan = plan.removed(chosen.id)
        steps += 1
        assert steps <= sum(size for size, _ in batches)

    assert plan.due(position) == ()
    assert len(asked) == len(set(asked))


def test_yes_and_no_of_a_node() -> None:
    assert verdicts(("agree", "refuse")) == ("agree", "refuse")
    assert verdicts(("refuse", "agree", "correct")) == ("agree", "refuse")
    assert verdicts(("done",)) == () == verdicts(())


# ---------------------------------------------------------------- proxies


def rule(principal: str, proxy: str, start: float = 0, end: float = 24, **more: object) -> ProxyRule:
    return ProxyRule(
        id=f"{principal}-{proxy}-{start}",
        principal=principal,
        proxy=proxy,
        start=hours(start),
        end=hours(end),
        **more,  # type: ignore[arg-type]
    )


def scope(*processes: str, departments: tuple[str, ...] = (), limit: str | None = None) -> ProxyScope:
    amount = None if limit is None else Decimal(limit)
    return ProxyScope(processes=frozenset(processes), departments=frozenset(departments), amount_limit=amount)


def test_p_7_1_a_period_is_half_open() -> None:
    found = rule("a", "b", 0, 8)

    assert [found.runs(hours(at)) for at in (-1, 0, 7.99, 8)] == [False, True, True, False]


def test_p_7_1_two_periods_follow_each_other_without_overlap() -> None:
    check_rule(rule("a", "c", 8, 16), [rule("a", "b", 0, 8)], now=NOON)


@pytest.mark.parametrize(
    ("mine", "theirs", "meet"),
    [
        (scope(), scope(), True),
        (scope("leave"), scope(), True),
        (scope("leave"), scope("purchase"), False),
        (scope("leave", departments=("A",)), scope("leave", departments=("B",)), False),
        (scope(limit="100"), scope(limit="5"), True),
    ],
)
def test_p_7_1_overlaps_are_refused_per_scope(mine: ProxyScope, theirs: ProxyScope, meet: bool) -> None:
    known = rule("a", "b", scope=theirs)
    if not meet:
        check_rule(rule("a", "c", 2, scope=mine), [known], now=NOON)
        return
    with pytest.raises(Conflict, match="already has b"):
        check_rule(rule("a", "c", 2, scope=mine), [known], now=NOON)


def test_p_7_3_a_circle_is_refused_when_saved_and_only_where_all_its_rules_hold_together() -> None:
    known = [rule("b", "c"), rule("c", "d")]

    with pytest.raises(Conflict, match="d → b → c → d"):
        check_rule(rule("d", "b"), known, now=NOON)
    check_rule(rule("d", "b", 24, 48), known, now=NOON)
    check_rule(rule("d", "b", scope=scope("x")), [rule("b", "c", scope=scope("y")), rule("c", "d")], now=NOON)


def test_nobody_is_his_own_proxy_and_a_period_lies_ahead() -> None:
    with pytest.raises(Conflict):
        check_rule(rule("a", "a"), [], now=NOON)
    for start, end in [(8, 8), (9, 8), (-9, 0)]:
        with pytest.raises(InvalidInput):
            check_rule(rule("a", "b", start, end), [], now=NOON)


@given(st.permutations("abcdef"), st.integers(1, 5))
def test_p_7_3_chains_are_followed_three_deep_and_no_further(people: list[str], length: int) -> None:
    rules = [rule(people[index], people[index + 1]) for index in range(length)]

    found = chain(rules, people[0], Matter(), NOON)

    assert [each.proxy for each in found] == people[1 : 1 + min(length, 3)]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=8))
def test_p_7_3_rules_that_were_saved_never_lead_back(pairs: list[tuple[str, str]]) -> None:
    saved: list[ProxyRule] = []
    for principal, proxy in pairs:
        new = rule(principal, proxy)
        try:
            check_rule(new, saved, now=NOON)
        except (Conflict, InvalidInput):
            continue
        saved.append(new)

    for person in "abcd":
        found = chain(saved, person, Matter(), NOON)
        assert len({person, *(each.proxy for each in found)}) == len(found) + 1


def test_a_chain_ends_where_only_advice_is_given_or_tasks_stay() -> None:
    rules = [rule("a", "b"), rule("b", "c", power=Power.ADVISE), rule("c", "d")]
    assert [each.proxy for each in chain(rules, "a", Matter(), NOON)] == ["b", "c"]

    rules = [rule("a", "b", mode=ProxyMode.SHARE), rule("b", "c")]
    assert [each.proxy for each in chain(rules, "a", Matter(), NOON)] == ["b"]


@pytest.mark.parametrize(
    ("amount", "covered"), [(100, True), ("100.00", True), (100.01, False), (None, False), ("many", False)]
)
def test_p_7_1_a_limit_holds_up_to_its_amount_and_never_blindly(amount: object, covered: bool) -> None:
    assert scope(limit="100").covers(Matter(variables={"amount": amount})) is covered


def test_amounts_are_numbers_that_are_finite() -> None:
    assert amount_of("1e2") == 100
    assert [amount_of(value) for value in (True, "NaN", "Infinity", [], "")] == [None] * 5


def test_a_scope_comes_back_as_it_was_written() -> None:
    written = scope("leave", departments=("A", "B"), limit="12.50")

    assert ProxyScope.from_json(written.to_json()) == written
    with pytest.raises(InvalidInput):
        ProxyScope.from_json({"amount_limit": "much"})
