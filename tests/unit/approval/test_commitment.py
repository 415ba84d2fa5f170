"""Commitment before the decision: R3-1 to R3-3, R3-7."""

from dataclasses import replace
from typing import Any

import pytest

from engine.approval.applicant import Agent
from engine.approval.commitment import Commitment, CommitmentState, decision_due, may_commit
from engine.approval.item import CommitmentKind, Item
from engine.approval.reason import Decision
from engine.calendar import WorkCalendar
from engine.errors import Conflict
from engine.events import restore
from tests.unit.approval.builders import a_joint_item, an_applicant, an_item, at, bad_credit, good_credit

NOW = at("2026-11-23 10:00")


def item_with(**rules: Any) -> Item:
    item = an_item()
    assert item.commitment is not None
    return replace(item, commitment=replace(item.commitment, **rules))


def codes(item: Item, **options: Any) -> list[str]:
    facts: dict[str, Any] = {"credit": good_credit(), "now": NOW, "chosen": True, **options}
    applicant = facts.pop("applicant", an_applicant())
    return [reason.code for reason in may_commit(item, applicant, **facts).against]


def signed() -> Commitment:
    commitment, _ = Commitment.offer(an_item(), case_id="c1", notice_no="告1号")
    commitment, _ = commitment.sign(Decision(), at=NOW, promise_no="承1号", signed_by="王小明")
    return commitment


def test_a_commitment_takes_three_things_item_person_and_choice() -> None:
    assert codes(an_item()) == []
    assert codes(a_joint_item()) == ["not-enabled"]
    assert codes(an_item(), credit=bad_credit()) == ["credit-blocked"]
    assert codes(an_item(), chosen=False) == ["not-chosen"]


def test_a_risky_item_is_excluded_also_when_somebody_switched_it_on() -> None:
    item = replace(an_item(), tags=frozenset({"public_safety"}))

    assert codes(item) == ["excluded"]
    assert codes(item_with(kind=CommitmentKind.PROOF)) == []


def test_an_agent_signs_only_with_authorisation_and_where_the_item_allows_it() -> None:
    agent = Agent(name="李代办", authorised=False)
    authorised = replace(agent, authorised=True)

    assert codes(an_item(), applicant=replace(an_applicant(), agent=agent), signs_by_agent=True) == [
        "agent-not-authorised"
    ]
    assert codes(an_item(), applicant=replace(an_applicant(), agent=authorised), signs_by_agent=True) == []
    assert codes(
        item_with(agent_may_sign=False), applicant=replace(an_applicant(), agent=authorised), signs_by_agent=True
    ) == ["agent-may-not-sign"]


def test_the_decision_is_due_on_the_same_working_day(bureau: WorkCalendar) -> None:
    assert decision_due(an_item(), at("2026-11-23 16:55"), bureau).at == at("2026-11-23 17:30")
    assert decision_due(an_item(), at("2026-11-21 10:00"), bureau).at == at("2026-11-23 17:30")  # a Saturday


def test_a_commitment_goes_from_notice_to_promise_to_decision() -> None:
    commitment, told = Commitment.offer(an_item(), case_id="c1", notice_no="告1号")
    commitment, more = commitment.sign(Decision(), at=NOW, promise_no="承1号", signed_by="王小明")
    told += more
    commitment, more = commitment.decide(NOW, granted=True)
    told += more

    assert commitment.state is CommitmentState.DECIDED
    assert commitment.granted
    assert [event.kind for event in told] == ["CommitmentOffered", "CommitmentSigned", "CommitmentDecided"]
    assert [restore(event.kind, event.payload()) for event in told] == told
    assert Commitment.from_json(commitment.to_json()) == commitment


def test_nobody_signs_who_may_not_commit() -> None:
    commitment, _ = Commitment.offer(an_item(), case_id="c1")
    refused = may_commit(an_item(), an_applicant(), credit=bad_credit(), now=NOW, chosen=True)

    with pytest.raises(Conflict, match="open record"):
        commitment.sign(refused, at=NOW, promise_no="承1号", signed_by="王小明")


def test_a_promise_is_withdrawn_before_the_decision_and_never_after() -> None:
    commitment = signed()
    assert commitment.may_be_withdrawn
    withdrawn, told = commitment.withdraw("改走一般程序")
    assert (withdrawn.state, told[0].kind) == (CommitmentState.WITHDRAWN, "CommitmentWithdrawn")

    decided, _ = commitment.decide(NOW, granted=True)
    assert not decided.may_be_withdrawn
    with pytest.raises(Conflict):
        decided.withdraw()


def test_who_declines_has_nothing_to_sign() -> None:
    commitment, _ = Commitment.offer(an_item(), case_id="c1")
    declined, _ = commitment.decline()

    with pytest.raises(Conflict):
        declined.sign(Decision(), at=NOW, promise_no="承1号", signed_by="王小明")


def test_only_listed_proofs_are_replaced_by_a_commitment() -> None:
    assert Commitment.offer(an_item(), case_id="c1", proofs=("M03",))[0].proofs == ("M03",)
    with pytest.raises(Conflict, match="M01"):
        Commitment.offer(an_item(), case_id="c1", proofs=("M01", "M03"))
    with pytest.raises(Conflict, match="not granted on commitments"):
        Commitment.offer(a_joint_item(), case_id="c1")
