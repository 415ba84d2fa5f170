"""The life of a case."""

from collections.abc import Callable

import pytest

from engine.approval import events
from engine.approval.case import Acceptance, Case, Result
from engine.approval.case_state import ENDED, EXTERNAL, LABELS, MOVES, CaseState, construction_code
from engine.approval.item import CorrectionOutcome, InfoType, ToleranceTimeout
from engine.calendar import Limit
from engine.errors import Conflict, InvalidInput
from engine.events import Event, restore
from tests.unit.approval.builders import a_case, an_applicant, an_item, at

MORNING = at("2026-11-24 10:00")
TEN_DAYS = Limit.parse("10wd")


# -- the table


def test_every_state_has_words_moves_and_codes() -> None:
    assert set(LABELS) == set(MOVES) == set(EXTERNAL) == set(CaseState)
    assert len({zh for zh, _ in LABELS.values()}) == len(CaseState)
    assert all(len(state.value) <= 24 for state in CaseState)


def test_every_state_can_be_reached_and_every_open_one_has_a_way_to_an_end() -> None:
    reached, front = {CaseState.DRAFT}, {CaseState.DRAFT}
    while front := {after for state in front for after in MOVES[state]} - reached:
        reached |= front
    assert reached == set(CaseState)

    ending = set(ENDED)
    while more := {state for state in CaseState if MOVES[state] & ending} - ending:
        ending |= more
    assert ending == set(CaseState)


def test_what_has_ended_stays_ended_but_a_decision_may_be_revoked_and_an_answer_ordered_anew() -> None:
    assert all(not MOVES[state] for state in ENDED - {CaseState.FINISHED})
    assert MOVES[CaseState.FINISHED] == {CaseState.REVOKED, CaseState.UNDER_REVIEW}


def test_nothing_is_decided_while_a_special_procedure_is_open() -> None:
    assert not MOVES[CaseState.SPECIAL] & {CaseState.DECIDED_OK, CaseState.DECIDED_NO, CaseState.SPECIAL}


@pytest.mark.parametrize(
    ("state", "code"),
    [("received", "1"), ("accepted_tol", "3"), ("not_needed", "4"), ("rejected_accept", "5"), ("decided_no", "13")],
)
def test_the_construction_platform_has_its_own_codes(state: str, code: str) -> None:
    assert construction_code(CaseState(state)) == code


def test_granted_with_something_still_promised_is_code_12() -> None:
    assert construction_code(CaseState.DECIDED_OK) == "11"
    assert construction_code(CaseState.DECIDED_OK, tolerated=True) == "12"
    assert construction_code(CaseState.FINISHED, granted=False) == "13"


# -- a straight life


def test_a_case_goes_from_filing_to_the_end() -> None:
    case, told = Case.file(id="c1", number="n1", item=an_item(), applicant=an_applicant())
    steps: list[Callable[[Case], tuple[Case, list[Event]]]] = [
        lambda case: case.receive(at("2026-11-23 10:00")),
        lambda case: case.accept(MORNING),
        lambda case: case.start_review(),
        lambda case: case.decide(MORNING, Result.GRANTED),
        lambda case: case.finish(MORNING),
    ]
    for step in steps:
        case, more = step(case)
        told += more

    assert case.state is CaseState.FINISHED
    assert case.result is Result.GRANTED
    assert (case.received_at, case.accepted_at) == (at("2026-11-23 10:00"), MORNING)
    assert [event.kind for event in told] == [
        "CaseFiled", "CaseReceived", "CaseAccepted", "CaseReviewStarted", "CaseDecided", "CaseFinished",
    ]  # fmt: skip
    assert [restore(event.kind, event.payload()) for event in told] == told
    assert Case.from_json(case.to_json()) == case


def test_a_move_that_is_not_in_the_table_is_refused_in_words() -> None:
    with pytest.raises(Conflict) as refused:
        a_case(CaseState.FINISHED).accept(MORNING)

    assert refused.value.zh == "办件43010520261123201000017现为“办结”，不能转为“已受理”。"
    assert refused.value.facts["state"] == "finished"


# -- intake


def test_the_first_correction_notice_needs_nobody_and_the_second_a_leader() -> None:
    case, _ = a_case().request_correction(("M02",))
    case, _ = case.corrected()
    with pytest.raises(Conflict, match="leader's approval"):
        case.request_correction(("M03",))

    case, told = case.request_correction(("M03",), approved_by="lihua")

    assert case.corrections == 2
    assert told == [
        events.CaseCorrectionRequested(
            case_id="c1", before="received", after="correction", round=2, materials=("M03",), approved_by="lihua"
        )
    ]


def test_silence_for_five_days_is_acceptance_from_the_day_of_receipt() -> None:
    case, told = a_case().deem_accepted()

    assert case.state is CaseState.ACCEPTED
    assert case.acceptance is Acceptance.DEEMED
    assert case.accepted_at == case.received_at == at("2026-11-23 10:00")
    assert isinstance(told[0], events.CaseAccepted)
    assert told[0].accepted_at == at("2026-11-23 10:00")


def test_deemed_acceptance_is_not_a_choice_of_the_clerk() -> None:
    with pytest.raises(InvalidInput):
        a_case().accept(MORNING, Acceptance.DEEMED)
    with pytest.raises(Conflict):
        a_case(CaseState.CORRECTION).deem_accepted()


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (CorrectionOutcome.CLOSED_NOT_CORRECTED, CaseState.CLOSED_NOCOMPLETE),
        (CorrectionOutcome.DEEMED_WITHDRAWN, CaseState.DEEMED_WITHDRAWN),
    ],
)
def test_what_becomes_of_an_uncorrected_case_is_the_items_choice(outcome: CorrectionOutcome, state: CaseState) -> None:
    case, _ = a_case(CaseState.CORRECTION).close_uncorrected(MORNING, outcome)

    assert (case.state, case.finished_at) == (state, MORNING)


def test_refusals_carry_reasons() -> None:
    refusals: tuple[Callable[[], object], ...] = (
        lambda: a_case().refuse_acceptance(MORNING, " "),
        lambda: a_case().find_not_needed(MORNING, ""),
        lambda: a_case(CaseState.UNDER_REVIEW).decide(MORNING, Result.REFUSED, reason="不符合条件"),
        lambda: a_case(CaseState.UNDER_REVIEW).decide(MORNING, Result.REFUSED, basis="第三十八条"),
        lambda: a_case(CaseState.UNDER_REVIEW).void(MORNING, ""),
    )
    for refuse in refusals:
        with pytest.raises(InvalidInput):
            refuse()


# -- review


def test_a_pause_goes_back_to_where_it_began_also_after_an_extension() -> None:
    case, _ = a_case(CaseState.UNDER_REVIEW).extend(TEN_DAYS, approved_by="juzhang", reason="案情复杂")
    case, _ = case.pause(MORNING, "听证", special=True)
    assert case.state is CaseState.SPECIAL
    with pytest.raises(Conflict):
        case.pause(MORNING, "专家评审", special=True)
    with pytest.raises(Conflict):
        case.decide(MORNING, Result.GRANTED)

    case, _ = case.resume(MORNING)

    assert case.state is CaseState.EXTENDED
    assert case.resumes_to is None


@pytest.mark.parametrize("special", [True, False])
def test_what_is_extended_while_it_stands_goes_on_standing_and_comes_back_extended(special: bool) -> None:
    case, _ = a_case(CaseState.UNDER_REVIEW).pause(MORNING, "听证", special=special)
    standing = case.state

    case, (told,) = case.extend(TEN_DAYS, approved_by="juzhang", reason="案情复杂")
    assert case.state is standing and isinstance(told, events.CaseExtended) and told.after == standing.value
    with pytest.raises(Conflict):
        case.extend(TEN_DAYS, approved_by="juzhang", reason="还是复杂")

    case, _ = case.resume(MORNING)
    assert case.state is CaseState.EXTENDED


def test_a_case_is_extended_once() -> None:
    case, _ = a_case(CaseState.UNDER_REVIEW).extend(TEN_DAYS, approved_by="juzhang", reason="案情复杂")

    with pytest.raises(Conflict):
        case.extend(TEN_DAYS, approved_by="juzhang", reason="还是复杂")
    with pytest.raises(InvalidInput):
        a_case(CaseState.UNDER_REVIEW).extend(TEN_DAYS, approved_by="", reason="案情复杂")


def test_resuming_what_is_not_paused_is_refused() -> None:
    with pytest.raises(Conflict, match="not paused"):
        a_case(CaseState.UNDER_REVIEW).resume(MORNING)


def test_before_acceptance_an_applicant_cancels_and_after_it_withdraws() -> None:
    assert a_case(CaseState.CORRECTION).withdraw(MORNING)[0].state is CaseState.CANCELLED
    assert (
        a_case(CaseState.SPECIAL, resumes_to=CaseState.UNDER_REVIEW).withdraw(MORNING)[0].state is CaseState.WITHDRAWN
    )
    with pytest.raises(Conflict):
        a_case(CaseState.DECIDED_OK).withdraw(MORNING)


def test_a_withdrawn_commitment_starts_the_ordinary_procedure() -> None:
    case, _ = a_case().accept(MORNING, Acceptance.COMMITMENT)

    case, told = case.return_to_ordinary()

    assert (case.state, case.accepted_at, case.acceptance) == (CaseState.RECEIVED, None, None)
    assert told[0].kind == "CaseReturnedToOrdinary"
    with pytest.raises(Conflict, match="not accepted on a commitment"):
        a_case(CaseState.UNDER_REVIEW, acceptance=Acceptance.ORDINARY).return_to_ordinary()


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (ToleranceTimeout.REVOKE_ACCEPTANCE, CaseState.ACCEPTANCE_REVOKED),
        (ToleranceTimeout.DEEMED_WITHDRAWN, CaseState.DEEMED_WITHDRAWN),
        (ToleranceTimeout.REFUSE, CaseState.DECIDED_NO),
        (ToleranceTimeout.RETURN, CaseState.RETURNED),
        (ToleranceTimeout.TERMINATE, CaseState.TERMINATED),
    ],
)
@pytest.mark.parametrize("before", [CaseState.ACCEPTED_TOL, CaseState.UNDER_REVIEW, CaseState.SUSPENDED])
def test_a_broken_promise_ends_the_case_as_its_item_says(
    before: CaseState, outcome: ToleranceTimeout, state: CaseState
) -> None:
    case, _ = a_case(before).end_tolerance(MORNING, outcome, reason="逾期未补齐", basis="办法第十条")

    assert case.state is state


def test_a_granted_licence_can_be_revoked_before_and_after_it_was_served() -> None:
    for state in (CaseState.DECIDED_OK, CaseState.FINISHED):
        assert a_case(state).revoke(MORNING, "虚假承诺")[0].state is CaseState.REVOKED
    with pytest.raises(Conflict):
        a_case(CaseState.DECIDED_NO).revoke(MORNING, "x")


def test_types_of_handling_have_their_exchange_digits() -> None:
    assert [InfoType.from_digit(digit).digit for digit in "1234"] == ["1", "2", "3", "4"]
    with pytest.raises(ValueError, match="no type"):
        InfoType.from_digit("5")
