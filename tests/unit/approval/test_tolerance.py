"""Tolerance: R2-1 to R2-10."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from engine.approval.credit import Benefit, CreditStanding
from engine.approval.item import InfoType, Item, SourcedLimit, ToleranceGate, ToleranceTimeout
from engine.approval.material import MaterialSlot, SlotState
from engine.approval.tolerance import (
    Tolerance,
    ToleranceDecision,
    ToleranceState,
    may_tolerate,
    tolerance_deadline,
)
from engine.calendar import Limit, WorkCalendar
from engine.errors import Conflict, InvalidInput
from engine.events import restore
from tests.unit.approval.builders import (
    an_applicant,
    an_item,
    at,
    bad_credit,
    empty_slots,
    good_credit,
    hand_in,
)

ACCEPTED = at("2026-11-23 10:00")  # a Monday; ten working days later it is Monday 2026-12-07
DEADLINE = date(2026, 12, 3)  # two working days earlier
IN_TIME, LATE = at("2026-12-03 10:00"), at("2026-12-04 00:01")


def tolerant(**rules: Any) -> Item:
    item = an_item()
    assert item.tolerance is not None
    return replace(item, tolerance=replace(item.tolerance, **rules))


def lacking_licence(item: Item) -> dict[str, MaterialSlot]:
    """Everything is there but the copy of the business licence, a secondary material."""
    return hand_in(empty_slots(item), "M01", "M02", "M04")


def decide(
    item: Item, slots: dict[str, MaterialSlot], *, credit: CreditStanding | None = None, agrees: bool = True
) -> ToleranceDecision:
    return may_tolerate(item, slots, credit=credit or good_credit(), now=ACCEPTED, applicant_agrees=agrees)


def promised(
    bureau: WorkCalendar, item: Item | None = None, **options: Any
) -> tuple[Tolerance, dict[str, MaterialSlot]]:
    item = item or an_item()
    slots = lacking_licence(item)
    tolerance, slots, _ = Tolerance.promise(
        decide(item, slots), item, slots,
        case_id="c1", promise_no="容承1号", accepted_at=ACCEPTED, signed_by="王小明", calendar=bureau, **options,
    )  # fmt: skip
    return tolerance, slots


def codes(decision: ToleranceDecision) -> list[str]:
    return [reason.code for reason in decision.against]


# -- may it be tolerated?


def test_a_case_that_lacks_only_secondary_materials_may_be_tolerated() -> None:
    decision = decide(an_item(), lacking_licence(an_item()))

    assert decision.allowed
    assert decision.materials == ("M03",)


def test_a_missing_main_material_cannot_be_tolerated() -> None:
    decision = decide(an_item(), hand_in(empty_slots(an_item()), "M01", "M04"))

    assert codes(decision) == ["main-lacking"]
    assert decision.against[0].zh == "缺少主件“场所平面图”，不得容缺"


def test_what_the_guide_does_not_list_as_secondary_cannot_be_tolerated() -> None:
    assert codes(decide(an_item(), hand_in(empty_slots(an_item()), "M01", "M02", "M03"))) == ["not-tolerable"]


def test_a_defective_secondary_material_counts_as_lacking() -> None:
    slots = hand_in(lacking_licence(an_item()), "M03", verified=False)
    slots["M03"], _ = slots["M03"].reject("未加盖公章")

    assert decide(an_item(), slots).materials == ("M03",)


def test_every_reason_against_it_is_told_at_once() -> None:
    item = replace(tolerant(enabled=False), infotype=InfoType.ON_THE_SPOT)

    decision = decide(item, empty_slots(item), credit=bad_credit(), agrees=False)

    assert codes(decision) == [
        "not-enabled", "on-the-spot", "main-lacking", "main-lacking", "not-tolerable", "credit-blocked", "not-agreed",
    ]  # fmt: skip
    with pytest.raises(Conflict) as refused:
        decision.require("容缺受理", "accept with tolerance")
    assert "缺少主件“申请表”，不得容缺" in refused.value.zh
    assert len(refused.value.facts["reasons"]) == 7


def test_a_complete_case_is_accepted_and_not_tolerated() -> None:
    assert codes(decide(an_item(), hand_in(lacking_licence(an_item()), "M03"))) == ["nothing-lacking"]


# -- until when?


@pytest.mark.parametrize(
    ("promise", "at_most", "before", "expected"),
    [
        ("10wd", "20wd", "2wd", date(2026, 12, 3)),  # promise - 2
        ("20wd", "5wd", "2wd", date(2026, 11, 30)),  # at most 5
        ("20wd", "20wd", "0wd", date(2026, 12, 18)),  # always before the statutory end (12-21)
        ("1wd", "20wd", "2wd", date(2026, 11, 24)),  # never less than one working day
        ("15nd", "20wd", "2wd", date(2026, 12, 4)),  # two working days before Tuesday 12-08
    ],
)
def test_the_deadline_is_the_earliest_that_the_rules_name(
    bureau: WorkCalendar, promise: str, at_most: str, before: str, expected: date
) -> None:
    item = tolerant(
        deadline_at_most=SourcedLimit(Limit.parse(at_most)), deadline_before_promised=SourcedLimit(Limit.parse(before))
    )
    item = replace(item, limits=replace(item.limits, promised=SourcedLimit(Limit.parse(promise))))

    assert tolerance_deadline(item, ACCEPTED, bureau).date == expected


def test_the_applicant_may_promise_an_earlier_day_but_no_later_one(bureau: WorkCalendar) -> None:
    assert promised(bureau, until=date(2026, 11, 30))[0].deadline.date == date(2026, 11, 30)
    for wrong in (date(2026, 12, 4), date(2026, 11, 23)):
        with pytest.raises(InvalidInput):
            promised(bureau, until=wrong)


# -- the promise


def test_the_promise_marks_its_materials_and_tells_it(bureau: WorkCalendar) -> None:
    item = an_item()
    slots = lacking_licence(item)

    tolerance, changed, told = Tolerance.promise(
        decide(item, slots), item, slots,
        case_id="c1", promise_no="容承1号", accepted_at=ACCEPTED, signed_by="王小明", calendar=bureau,
    )  # fmt: skip

    assert tolerance.deadline.date == DEADLINE
    assert changed["M03"].state is SlotState.TOLERATED
    assert changed["M03"].tolerated_until == DEADLINE
    assert [event.kind for event in told] == ["TolerancePromised", "MaterialTolerated"]
    assert [restore(event.kind, event.payload()) for event in told] == told
    assert Tolerance.from_json(tolerance.to_json()) == tolerance


def test_some_items_need_a_supervisors_consent(bureau: WorkCalendar) -> None:
    item = tolerant(needs_supervisor=True)

    with pytest.raises(Conflict, match="supervisor"):
        promised(bureau, item)
    assert promised(bureau, item, supervisor="shouxi")[0].state is ToleranceState.OPEN


def test_reminders_come_three_and_one_working_days_before_and_on_the_day(bureau: WorkCalendar) -> None:
    tolerance, _ = promised(bureau)

    assert tolerance.reminders(an_item(), bureau) == (date(2026, 11, 30), date(2026, 12, 2), DEADLINE)


# -- the guard


def test_the_decision_waits_until_everything_promised_is_verified(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)
    assert not tolerance.guard(slots, ToleranceGate.BEFORE_DECISION).allowed

    slots = hand_in(slots, "M03", verified=False)
    assert not tolerance.guard(slots, ToleranceGate.BEFORE_DECISION).allowed

    slots["M03"], _ = slots["M03"].verify()
    assert tolerance.guard(slots, ToleranceGate.BEFORE_DECISION).allowed
    done, _ = tolerance.fulfil(slots)
    assert done.state is ToleranceState.FULFILLED


@pytest.mark.parametrize(
    ("gate", "decision", "issue", "filing"),
    [
        (ToleranceGate.BEFORE_DECISION, False, False, False),
        (ToleranceGate.BEFORE_ISSUE, True, False, False),
        (ToleranceGate.BEFORE_COMPLETION_FILING, True, True, False),
    ],
)
def test_the_items_gate_says_which_step_waits(
    bureau: WorkCalendar, gate: ToleranceGate, decision: bool, issue: bool, filing: bool
) -> None:
    tolerance, slots = promised(bureau, tolerant(gate=gate))

    allowed = [tolerance.guard(slots, step).allowed for step in ToleranceGate]

    assert allowed == [decision, issue, filing]


def test_a_promise_is_not_fulfilled_while_something_is_outstanding(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)

    with pytest.raises(Conflict, match="outstanding"):
        tolerance.fulfil(slots)


# -- completion


def test_a_completion_that_does_not_conform_may_come_once_more_inside_the_deadline(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)
    slots = hand_in(slots, "M03", verified=False)

    tolerance, slots, told = tolerance.return_completion(slots, {"M03": "复印件未盖章"}, now=IN_TIME)

    assert slots["M03"].state is SlotState.TOLERATED
    assert told[-1].kind == "ToleranceCompletionReturned"
    slots = hand_in(slots, "M03", verified=False)
    with pytest.raises(Conflict, match="time-out"):
        tolerance.return_completion(slots, {"M03": "还是没盖章"}, now=IN_TIME)


def test_after_the_deadline_there_is_no_further_chance(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)
    slots = hand_in(slots, "M03", verified=False)

    with pytest.raises(Conflict, match="time-out"):
        tolerance.return_completion(slots, {"M03": "复印件未盖章"}, now=LATE)


def test_only_force_majeure_moves_the_deadline_and_somebody_approves_it(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)
    later = bureau.due(ACCEPTED, Limit.parse("12wd"))

    moved, slots, told = tolerance.extend(slots, later, reason="暴雨封路", approved_by="kezhang")

    assert moved.deadline.date == slots["M03"].tolerated_until == date(2026, 12, 9)
    assert [event.kind for event in told] == ["ToleranceExtended", "MaterialTolerated"]
    with pytest.raises(InvalidInput, match="force majeure"):
        tolerance.extend(slots, later, reason="", approved_by="kezhang")
    with pytest.raises(InvalidInput, match="not later"):
        moved.extend(slots, later, reason="暴雨封路", approved_by="kezhang")


# -- time-out


def time_out(
    tolerance: Tolerance, slots: dict[str, MaterialSlot], bureau: WorkCalendar, now: datetime = LATE, **options: Any
) -> Any:
    return tolerance.time_out(slots, now=now, calendar=bureau, applicant=an_applicant(), credit_id="k9", **options)


@pytest.mark.parametrize("outcome", list(ToleranceTimeout))
def test_a_broken_promise_has_the_items_outcome_and_is_recorded(
    bureau: WorkCalendar, outcome: ToleranceTimeout
) -> None:
    tolerance, slots = promised(bureau, tolerant(timeout=outcome))

    over = time_out(tolerance, slots, bureau)

    assert over.outcome is outcome
    assert over.tolerance.state is ToleranceState.TIMED_OUT
    assert over.slots["M03"].state is SlotState.LAPSED
    assert [event.kind for event in over.events] == ["MaterialLapsed", "ToleranceTimedOut", "CreditEventRecorded"]


def test_the_breach_blocks_the_applicants_next_tolerance(bureau: WorkCalendar) -> None:
    over = time_out(*promised(bureau), bureau)
    credit = CreditStanding(records=(over.credit,))

    assert codes(decide(an_item(), lacking_licence(an_item()), credit=credit)) == ["credit-blocked"]
    assert credit.against(Benefit.COMMITMENT, LATE)


def test_the_deadline_is_over_only_after_its_last_second(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)

    with pytest.raises(Conflict, match="not over"):
        time_out(tolerance, slots, bureau, now=tolerance.deadline.at)


def test_what_was_delivered_in_time_and_waits_for_verification_is_not_late(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)
    slots = hand_in(slots, "M03", verified=False)

    over = time_out(tolerance, slots, bureau)

    assert over.events == []
    assert over.tolerance == tolerance
    late = time_out(tolerance, slots, bureau, nonconforming=("M03",))  # verified too late and found wanting
    assert late.outcome is ToleranceTimeout.REVOKE_ACCEPTANCE
    assert late.slots["M03"].state is SlotState.LAPSED


def test_an_item_may_give_a_second_time_with_the_case_suspended(bureau: WorkCalendar) -> None:
    item = tolerant(suspend=SourcedLimit(Limit.parse("15wd"), "台州住建"), timeout=ToleranceTimeout.RETURN)
    tolerance, slots = promised(bureau, item)

    first = time_out(tolerance, slots, bureau)

    assert first.outcome is None
    assert first.credit is None
    assert first.tolerance.state is ToleranceState.SUSPENDED
    assert first.tolerance.deadline.date == date(2026, 12, 24)
    assert first.slots["M03"].tolerated_until == date(2026, 12, 24)
    second = time_out(first.tolerance, first.slots, bureau, now=at("2026-12-25 09:00"))
    assert second.outcome is ToleranceTimeout.RETURN
    assert second.credit is not None


def test_a_closed_promise_is_left_alone(bureau: WorkCalendar) -> None:
    tolerance, slots = promised(bureau)
    ended, told = tolerance.end("申请人撤回")

    assert told[0].kind == "ToleranceEnded"
    assert ended.guard(slots, ToleranceGate.BEFORE_DECISION).allowed
    with pytest.raises(Conflict, match="closed"):
        time_out(ended, slots, bureau)
