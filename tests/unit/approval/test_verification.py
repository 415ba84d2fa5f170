"""Verification after a decision on commitment: R3-4 to R3-6."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.approval.credit import CreditKind
from engine.approval.item import CommitmentRules, SourcedLimit, VerifyMode
from engine.approval.verification import (
    VERIFICATION_MOVES,
    Verification,
    VerificationResult,
    VerificationState,
    is_sampled,
)
from engine.calendar import Limit, WorkCalendar
from engine.errors import Conflict, InvalidInput
from engine.events import restore
from tests.unit.approval.builders import an_applicant, at

DECIDED = at("2026-03-02 10:00")
NOW = at("2026-04-01 10:00")
RULES = CommitmentRules(verify=SourcedLimit(Limit.parse("60wd")))
TWO = ("甲", "乙")
R = VerificationResult


def opened(bureau: WorkCalendar, rules: CommitmentRules = RULES, **options: Any) -> Verification:
    facts = {"case_id": "c1", "case_number": "n1", "decided_at": DECIDED, "calendar": bureau, "seed": "2026", **options}
    return Verification.open("v1", rules, **facts)[0]


def found(
    verification: Verification,
    result: VerificationResult,
    bureau: WorkCalendar,
    rules: CommitmentRules = RULES,
    inspectors: tuple[str, ...] = TWO,
) -> Verification:
    note = "" if result is R.CONFORMS else "与承诺不符"
    return verification.record(result, rules, inspectors=inspectors, at=NOW, calendar=bureau, note=note)[0]


# -- opening and sampling


def test_the_decision_opens_a_verification_with_its_working_day_deadline(bureau: WorkCalendar) -> None:
    verification = opened(bureau)

    assert verification.state is VerificationState.WAITING
    assert verification.due is not None
    assert bureau.working_days_between(DECIDED, verification.due.date) == 60
    assert verification.due.date == date(2026, 5, 28)
    assert verification.is_overdue(at("2026-05-29 09:00"))
    assert not verification.is_overdue(NOW)


def test_an_exempt_item_has_nothing_to_check(bureau: WorkCalendar) -> None:
    verification = opened(bureau, replace(RULES, verify_mode=VerifyMode.NONE))

    assert (verification.state, verification.due, verification.sampled) == (VerificationState.EXEMPT, None, False)


def test_on_site_and_online_checks_cover_everybody(bureau: WorkCalendar) -> None:
    for mode in (VerifyMode.ON_SITE, VerifyMode.ONLINE):
        rules = replace(RULES, verify_mode=mode, sample_rates={"A": 0.0})
        assert opened(bureau, rules, credit_class="A").state is VerificationState.WAITING


def test_random_inspection_draws_by_the_rate_of_the_credit_class(bureau: WorkCalendar) -> None:
    rules = replace(RULES, verify_mode=VerifyMode.RANDOM, sample_rates={"A": 0.0, "B": 0.3})

    assert opened(bureau, rules, credit_class="A").state is VerificationState.NOT_SAMPLED
    assert opened(bureau, rules, credit_class="").state is VerificationState.WAITING  # unknown or first time: always
    drawn = [
        opened(bureau, rules, credit_class="B", case_number=f"n{n}").sampled for n in range(2000)
    ]  # fmt: skip
    assert 0.27 < sum(drawn) / len(drawn) < 0.33


@settings(deadline=None)
@given(st.text(), st.text(), st.floats(0, 1))
def test_a_drawing_can_be_repeated_and_a_higher_rate_never_lets_a_case_go(seed: str, number: str, rate: float) -> None:
    assert is_sampled(seed, number, rate) == is_sampled(seed, number, rate)
    assert is_sampled(seed, number, 1.0)
    assert not is_sampled(seed, number, 0.0)
    assert is_sampled(seed, number, rate) <= is_sampled(seed, number, 1.0)


def test_a_case_that_was_not_drawn_may_be_checked_for_cause(bureau: WorkCalendar) -> None:
    rules = replace(RULES, verify_mode=VerifyMode.RANDOM, default_rate=0.0)
    due = bureau.due(NOW, Limit.parse("5wd"))

    verification, told = opened(bureau, rules).check_for_cause("群众投诉", due)

    assert (verification.state, verification.due) == (VerificationState.WAITING, due)
    assert told[0].kind == "VerificationReopened"
    with pytest.raises(InvalidInput):
        opened(bureau, rules).check_for_cause("", due)


# -- results


def test_a_check_that_conforms_ends_it(bureau: WorkCalendar) -> None:
    passed = found(opened(bureau), R.CONFORMS, bureau)

    assert passed.state is VerificationState.PASSED
    assert not VERIFICATION_MOVES[VerificationState.PASSED]
    assert Verification.from_json(passed.to_json()) == passed


def test_on_site_two_different_officers_check(bureau: WorkCalendar) -> None:
    for inspectors in ((), ("甲",), ("甲", "甲")):
        with pytest.raises(InvalidInput, match="2 officers"):
            found(opened(bureau), R.CONFORMS, bureau, inspectors=inspectors)
    online = opened(bureau, replace(RULES, verify_mode=VerifyMode.ONLINE))
    assert found(online, R.CONFORMS, bureau, inspectors=("甲",)).state is VerificationState.PASSED


def test_what_does_not_conform_is_described(bureau: WorkCalendar) -> None:
    with pytest.raises(InvalidInput, match="describe"):
        opened(bureau).record(R.NOT_CONFORMING, RULES, inspectors=TWO, at=NOW, calendar=bureau)


@pytest.mark.parametrize("result", [R.NOT_CONFORMING, R.REFUSED_COOPERATION, R.NOT_FULFILLED])
def test_not_conforming_leads_to_rectification_with_its_deadline(
    bureau: WorkCalendar, result: VerificationResult
) -> None:
    verification, told = opened(bureau).record(
        result, RULES, inspectors=TWO, at=NOW, calendar=bureau, note="通风不足", to_rectify=("增设机械通风",)
    )

    assert verification.state is VerificationState.RECTIFYING
    assert verification.rectify_due is not None
    assert verification.rectify_due.date == date(2026, 5, 6)  # thirty days end on 05-01, a holiday
    assert [event.kind for event in told] == ["VerificationResultRecorded", "RectificationOrdered"]
    assert [restore(event.kind, event.payload()) for event in told] == told


def test_a_false_promise_leads_straight_to_revocation_unless_the_place_says_otherwise(bureau: WorkCalendar) -> None:
    lenient = replace(RULES, false_promise_revokes_at_once=False)
    strict = replace(RULES, unfulfilled_revokes_at_once=True)

    assert found(opened(bureau), R.FALSE_PROMISE, bureau).state is VerificationState.FAILED
    assert found(opened(bureau), R.FALSE_PROMISE, bureau, lenient).state is VerificationState.RECTIFYING
    assert found(opened(bureau), R.NOT_FULFILLED, bureau, strict).state is VerificationState.FAILED


def test_a_rectified_case_is_checked_again_and_a_second_failure_leads_to_revocation(bureau: WorkCalendar) -> None:
    recheck, _ = found(opened(bureau), R.NOT_CONFORMING, bureau).report_rectified("已整改")

    assert recheck.state is VerificationState.RECHECK
    assert found(recheck, R.CONFORMS, bureau).state is VerificationState.PASSED
    assert found(recheck, R.NOT_CONFORMING, bureau).state is VerificationState.FAILED


# -- revocation


def revoking(bureau: WorkCalendar, result: VerificationResult = R.FALSE_PROMISE) -> Verification:
    failed = found(opened(bureau), result, bureau, replace(RULES, unfulfilled_revokes_at_once=True))
    return failed.propose_revocation("承诺的消毒设施不存在", RULES, at=NOW, calendar=bureau)[0]


def revoke(verification: Verification, now: str) -> Any:
    return verification.revoke(at=at(now), applicant=an_applicant(), credit_id="k1")


def test_nobody_is_revoked_before_being_heard_or_letting_the_time_pass(bureau: WorkCalendar) -> None:
    verification = revoking(bureau)
    assert verification.statement_due is not None
    assert verification.statement_due.date == date(2026, 4, 7)  # over Qingming
    with pytest.raises(Conflict, match="not heard"):
        revoke(verification, "2026-04-07 10:00")

    heard, _ = verification.hear("设备在途", accepted=False)

    assert revoke(heard, "2026-04-02 10:00")[0].state is VerificationState.REVOKED
    assert revoke(verification, "2026-04-08 10:00")[0].state is VerificationState.REVOKED


def test_an_accepted_statement_leads_to_another_check(bureau: WorkCalendar) -> None:
    heard, told = revoking(bureau).hear("设备已到", accepted=True)

    assert heard.state is VerificationState.RECHECK
    assert told[0].kind == "StatementHeard"


@pytest.mark.parametrize(
    ("result", "credit_kind"),
    [(R.FALSE_PROMISE, CreditKind.FALSE_COMMITMENT), (R.NOT_FULFILLED, CreditKind.COMMITMENT_BROKEN)],
)
def test_a_revocation_is_recorded_as_what_it_was(
    bureau: WorkCalendar, result: VerificationResult, credit_kind: CreditKind
) -> None:
    _, credit, told = revoke(revoking(bureau, result), "2026-04-08 10:00")

    assert credit.kind is credit_kind
    assert credit.reason == "承诺的消毒设施不存在"
    assert [event.kind for event in told] == ["RevocationDecided", "CreditEventRecorded"]


def test_nothing_is_revoked_that_was_not_proposed(bureau: WorkCalendar) -> None:
    with pytest.raises(Conflict):
        revoke(opened(bureau), "2026-04-08 10:00")
