"""Parallel approval: R4-1 to R4-8."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.approval.correction import CorrectionEntry
from engine.approval.item import MergeRule, TimeoutPolicy
from engine.approval.opinion import SYSTEM_BY_TIMEOUT, Opinion, OpinionValue
from engine.approval.parallel import BranchState, JointReview, MergedOutcome
from engine.calendar import WorkCalendar
from engine.errors import Conflict, InvalidInput, NotFound
from engine.events import restore
from tests.unit.approval.builders import a_joint_item, at

START = at("2026-11-23 10:00")
V = OpinionValue


def opinion(value: OpinionValue, department: str = "xfjy", **said: Any) -> Opinion:
    filled: dict[OpinionValue, dict[str, Any]] = {
        V.DISAGREE: {"reason": "疏散距离不足", "basis": "《建筑设计防火规范》5.5.17"},
        V.AGREE_WITH_CONDITIONS: {"conditions": "投用前完成联动测试"},
        V.NEEDS_CORRECTION: {"corrections": (CorrectionEntry(material="M02", requirement="补充消防专篇"),)},
        V.NOT_OURS: {"reason": "不涉及人防"},
    }
    facts = {"given_by": "zhang", "given_at": START, **filled.get(value, {}), **said}
    return Opinion(value=value, department=department, **facts)


def review(bureau: WorkCalendar, merge: MergeRule = MergeRule.LEAD_DECIDES) -> JointReview:
    """fire (licence), civil_defence (silence is agreement), quality (needs fire, goes back to the lead),
    distributed."""
    rules = a_joint_item().parallel
    assert rules is not None
    return JointReview.prepare("c1", replace(rules, merge=merge)).distribute(START, bureau)[0]


def answered(bureau: WorkCalendar, merge: MergeRule = MergeRule.LEAD_DECIDES, **values: OpinionValue) -> JointReview:
    joint = review(bureau, merge)
    for code, value in values.items():
        if joint.branch(code).state is BranchState.OPEN:
            joint, _ = joint.answer(code, opinion(value, joint.branch(code).department))
    return joint


# -- opinions


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        (V.DISAGREE, {"reason": ""}),
        (V.DISAGREE, {"basis": " "}),
        (V.AGREE_WITH_CONDITIONS, {"conditions": ""}),
        (V.NEEDS_CORRECTION, {"corrections": ()}),
        (V.NEEDS_CORRECTION, {"corrections": (CorrectionEntry(material="M02", requirement=""),)}),
        (V.NOT_OURS, {"reason": ""}),
    ],
)
def test_an_opinion_says_what_its_value_needs(value: OpinionValue, missing: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        opinion(value, **missing)

    assert set(refused.value.facts["fields"]) == set(missing)


def test_only_the_system_records_deemed_agreement() -> None:
    with pytest.raises(InvalidInput):
        opinion(V.DEEMED_AGREE)
    with pytest.raises(InvalidInput):
        opinion(V.AGREE, given_by=SYSTEM_BY_TIMEOUT)


def test_an_opinion_is_stored_and_read_back() -> None:
    for value in set(V) - {V.DEEMED_AGREE}:
        assert Opinion.from_json(opinion(value).to_json()) == opinion(value)


# -- distribution


def test_limits_of_branches_run_from_the_distribution(bureau: WorkCalendar) -> None:
    joint = review(bureau)

    assert [(b.code, b.due.date if b.due else None) for b in joint.branches] == [
        ("fire", date(2026, 12, 2)),
        ("civil_defence", date(2026, 11, 30)),
        ("quality", date(2026, 11, 30)),
    ]
    with pytest.raises(Conflict, match="No branch waits"):
        joint.distribute(START, bureau)


def test_branches_that_do_not_take_part_are_no_precondition(bureau: WorkCalendar) -> None:
    rules = a_joint_item().parallel
    assert rules is not None

    joint = JointReview.prepare("c1", rules, taking_part=["quality"])

    assert [branch.code for branch in joint.branches] == ["quality"]
    assert joint.branch("quality").needs == ()
    with pytest.raises(NotFound):
        joint.branch("fire")
    with pytest.raises(InvalidInput):
        JointReview.prepare("c1", rules, taking_part=[])


# -- answers


def test_a_branch_answers_once(bureau: WorkCalendar) -> None:
    joint, told = review(bureau).answer("fire", opinion(V.AGREE_WITH_CONDITIONS))

    assert joint.branch("fire").state is BranchState.ANSWERED
    assert restore(told[0].kind, told[0].payload()) == told[0]
    with pytest.raises(Conflict, match="takes no opinion"):
        joint.answer("fire", opinion(V.DISAGREE))


def test_a_branch_agrees_only_after_the_result_it_needs_but_refuses_at_any_time(bureau: WorkCalendar) -> None:
    joint = review(bureau)
    with pytest.raises(Conflict, match="needs the result of fire"):
        joint.answer("quality", opinion(V.AGREE, "zaz"))
    assert joint.answer("quality", opinion(V.DISAGREE, "zaz"))[0].branch("quality").refuses

    joint, _ = joint.answer("fire", opinion(V.AGREE))

    assert joint.answer("quality", opinion(V.AGREE, "zaz"))[0].branch("quality").is_closed


def test_under_any_refuse_stops_a_refusal_stops_the_others(bureau: WorkCalendar) -> None:
    joint, told = review(bureau, MergeRule.ANY_REFUSE_STOPS).answer("fire", opinion(V.DISAGREE))

    assert [branch.state for branch in joint.branches] == [
        BranchState.ANSWERED, BranchState.STOPPED, BranchState.STOPPED,
    ]  # fmt: skip
    assert [event.kind for event in told] == ["OpinionGiven", "BranchStopped", "BranchStopped"]
    assert joint.merged().outcome is MergedOutcome.REFUSED


def test_otherwise_the_lead_says_stop_or_continue(bureau: WorkCalendar) -> None:
    joint = answered(bureau, fire=V.DISAGREE)
    assert joint.branch("civil_defence").state is BranchState.OPEN

    joint, told = joint.stop(["civil_defence"], reason="消防不予许可，无需继续")

    assert joint.branch("civil_defence").state is BranchState.STOPPED
    assert joint.branch("quality").state is BranchState.OPEN
    assert len(told) == 1
    with pytest.raises(InvalidInput):
        joint.stop(reason="")


def test_a_withdrawal_stops_all_open_branches(bureau: WorkCalendar) -> None:
    joint, _ = answered(bureau, fire=V.AGREE).stop(reason="申请人撤回")

    assert joint.is_complete
    assert joint.branch("fire").state is BranchState.ANSWERED


# -- silence


def test_silence_after_the_limit_is_recorded_as_agreement_of_the_opinion_by_the_system(bureau: WorkCalendar) -> None:
    joint, told = review(bureau).time_out("civil_defence", now=at("2026-12-01 09:00"))

    deemed = joint.branch("civil_defence").opinion
    assert deemed is not None
    assert (deemed.value, deemed.given_by) == (V.DEEMED_AGREE, "系统（超时默认）")
    assert deemed.basis == "《人防联审办法》第六条"
    assert deemed.department == "rfb"  # who was silent stays responsible
    assert told[0].payload()["deemed"] is True


def test_silence_never_decides_a_licence_whatever_the_rule_says(bureau: WorkCalendar) -> None:
    rules = a_joint_item().parallel
    assert rules is not None
    loose = replace(rules, branches=(replace(rules.branches[0], timeout=TimeoutPolicy.DEEMED_AGREE),))
    joint, _ = JointReview.prepare("c1", loose).distribute(START, bureau)

    joint, told = joint.time_out("fire", now=at("2026-12-31 09:00"))

    assert joint.branch("fire").opinion is None
    assert joint.branch("fire").escalated
    assert told[0].kind == "BranchEscalated"


def test_a_silent_branch_goes_back_to_the_lead_who_answers_for_it(bureau: WorkCalendar) -> None:
    joint, told = answered(bureau, fire=V.AGREE).time_out("quality", now=at("2026-12-01 09:00"))
    assert (joint.branch("quality").state, told[0].kind) == (BranchState.RETURNED, "BranchReturnedToLead")
    assert not joint.is_complete

    joint, _ = joint.answer("quality", opinion(V.AGREE, "spj"))

    assert joint.branch("quality").state is BranchState.ANSWERED


def test_before_the_limit_nobody_is_silent_and_a_second_alarm_does_nothing(bureau: WorkCalendar) -> None:
    joint = review(bureau)
    with pytest.raises(Conflict, match="not over"):
        joint.time_out("fire", now=at("2026-12-02 17:30"))

    joint, _ = joint.time_out("fire", now=at("2026-12-02 17:31"))

    assert joint.time_out("fire", now=at("2026-12-03 09:00")) == (joint, [])
    assert answered(bureau, fire=V.AGREE).time_out("fire", now=at("2026-12-31 09:00"))[1] == []


# -- merging


@pytest.mark.parametrize(
    ("merge", "values", "outcome"),
    [
        (MergeRule.ALL_AGREE, {"fire": V.AGREE, "civil_defence": V.AGREE, "quality": V.AGREE}, "agreed"),
        (MergeRule.ALL_AGREE, {"fire": V.AGREE, "civil_defence": V.DISAGREE, "quality": V.AGREE}, "refused"),
        (MergeRule.LEAD_DECIDES, {"fire": V.AGREE, "civil_defence": V.DISAGREE, "quality": V.AGREE}, "lead_decides"),
        (MergeRule.LEAD_DECIDES, {"fire": V.AGREE, "civil_defence": V.NOT_OURS, "quality": V.AGREE}, "agreed"),
        (MergeRule.ANY_REFUSE_STOPS, {"fire": V.AGREE, "civil_defence": V.DISAGREE}, "refused"),
        (
            MergeRule.LEAD_DECIDES,
            {"fire": V.NEEDS_CORRECTION, "civil_defence": V.AGREE, "quality": V.NEEDS_CORRECTION},
            "correction",
        ),
    ],
)
def test_the_answers_become_one_by_the_items_rule(
    bureau: WorkCalendar, merge: MergeRule, values: dict[str, OpinionValue], outcome: str
) -> None:
    assert answered(bureau, merge, **values).merged().outcome.value == outcome


def test_a_refused_licence_stays_refused_whatever_the_lead_decides(bureau: WorkCalendar) -> None:
    joint = answered(bureau, fire=V.DISAGREE, civil_defence=V.DISAGREE)
    joint, _ = joint.stop(reason="不再继续")

    merged = joint.merged()

    assert merged.refused_licences == ("fire",)
    assert [branch.code for branch in merged.refusals] == ["fire", "civil_defence"]


def test_corrections_of_several_branches_are_one_notice(bureau: WorkCalendar) -> None:
    joint = answered(bureau, fire=V.NEEDS_CORRECTION, quality=V.NEEDS_CORRECTION, civil_defence=V.AGREE)

    merged, told = joint.merge()

    assert len(merged.corrections) == 1  # both ask the same of M02
    assert merged.corrections[0].departments == ("xfjy", "zaz")
    assert told[0].payload() == {"case_id": "c1", "round": 1, "outcome": "correction"}


def test_conditions_silence_and_forwarding_are_part_of_the_merged_answer(bureau: WorkCalendar) -> None:
    joint = answered(bureau, fire=V.AGREE_WITH_CONDITIONS, quality=V.AGREE_FORWARD)
    joint, _ = joint.time_out("civil_defence", now=at("2026-12-01 09:00"))

    merged = joint.merged()

    assert merged.outcome is MergedOutcome.AGREED
    assert merged.conditions == ("投用前完成联动测试",)
    assert [branch.code for branch in merged.deemed] == ["civil_defence"]
    assert [branch.code for branch in merged.forwarded] == ["quality"]


def test_when_everybody_has_to_agree_a_stopped_branch_is_for_the_lead(bureau: WorkCalendar) -> None:
    joint = answered(bureau, MergeRule.ALL_AGREE, fire=V.AGREE, civil_defence=V.AGREE)
    joint, _ = joint.stop(["quality"], reason="不涉及")

    assert joint.merged().outcome is MergedOutcome.LEAD_DECIDES


def test_nothing_is_merged_while_a_branch_is_open(bureau: WorkCalendar) -> None:
    with pytest.raises(Conflict) as refused:
        answered(bureau, fire=V.AGREE).merged()

    assert refused.value.facts["waiting"] == ["人防工程审查", "质量安全监督"]


def test_after_the_correction_only_those_look_again_who_asked(bureau: WorkCalendar) -> None:
    joint = answered(bureau, fire=V.NEEDS_CORRECTION, civil_defence=V.AGREE, quality=V.NEEDS_CORRECTION).again()

    assert joint.round == 2
    assert [branch.state for branch in joint.branches] == [
        BranchState.WAITING, BranchState.ANSWERED, BranchState.WAITING,
    ]  # fmt: skip
    assert joint.distribute(START, bureau)[1][0].payload()["branches"] == ["fire", "quality"]


def test_the_lead_may_change_with_a_reason(bureau: WorkCalendar) -> None:
    joint, told = review(bureau).change_lead("zjj", reason="职责调整")

    assert (joint.lead, told[0].kind) == ("zjj", "LeadChanged")
    with pytest.raises(InvalidInput):
        joint.change_lead("spj", reason="")


def test_a_review_is_stored_and_read_back(bureau: WorkCalendar) -> None:
    joint = answered(bureau, fire=V.NEEDS_CORRECTION, civil_defence=V.AGREE_WITH_CONDITIONS)

    assert JointReview.from_json(joint.to_json()) == joint
