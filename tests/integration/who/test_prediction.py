"""Prediction: who comes next by the resolver that will decide; in doubt where data is missing, with the reason; never writing."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.running.prediction import predict
from tests.integration.engine.house import bpmn, flows
from tests.integration.who.bureau import APPROVE, Bureau


def ahead(bureau: Bureau, instance_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bureau.engine.ask(lambda context: predict(context, instance_id), actor=bureau.admin)[
        "next"
    ]
    return found


def told(bureau: Bureau, instance_id: str) -> dict[str, list[str] | str]:
    """{element: its people when they are sure, else the first doubt}."""
    return {
        step["element_id"]: [*step["people"], *(f"group:{key}" for key in step["groups"])]
        if step["certain"]
        else step["doubts"][0]["zh"]
        for step in ahead(bureau, instance_id)
    }


def deploy(bureau: Bureau, body: str, *pairs: str, **variables: Any) -> str:
    bureau.deploy(bpmn('<startEvent id="s"/>' + body + '<endEvent id="e"/>' + flows(*pairs), key="p"))
    return bureau.start("p", by=bureau.actors["zhou"], **variables)


FILL = '<userTask id="fill" name="填写" banjie:assignee="${initiator}"/>'
LEADER = f'<userTask id="lead" name="审批" banjie:who="leader(of: initiator)" {APPROVE}/>'
FINAL = f'<userTask id="final" name="终审" banjie:candidateGroups="deciders" {APPROVE}/>'


def test_the_steps_ahead_with_their_people(bureau: Bureau) -> None:
    bureau.worker("gao", "office", "deciders")
    instance_id = deploy(bureau, FILL + LEADER + FINAL, "s-fill", "fill-lead", "lead-final", "final-e")
    assert told(bureau, instance_id) == {"lead": ["head"], "final": ["group:deciders"]}


def test_a_gateway_with_present_data_is_passed_one_way(bureau: Bureau) -> None:
    gateway = '<exclusiveGateway id="g" default="g_final"/>'
    path = ("s-fill", "fill-g", "g-lead?amount > 100", "g-final", "lead-e", "final-e")
    bureau.person("gao", "deciders")
    assert list(told(bureau, deploy(bureau, FILL + gateway + LEADER + FINAL, *path, amount=500))) == ["lead"]
    assert list(told(bureau, deploy(bureau, FILL + gateway + LEADER + FINAL, *path, amount=50))) == ["final"]


def test_where_data_is_missing_every_way_is_in_doubt_with_the_reason(bureau: Bureau) -> None:
    gateway = '<exclusiveGateway id="g" default="g_final"/>'
    path = ("s-fill", "fill-g", "g-lead?amount > 100", "g-final", "lead-e", "final-e")
    instance_id = deploy(bureau, FILL + gateway + LEADER + FINAL, *path)
    assert told(bureau, instance_id) == {"lead": "还没有「amount」的值", "final": "还没有「amount」的值"}
    assert ahead(bureau, instance_id)[0]["people"] == ["head"]  # who it would be is told all the same


APPLY = """{"id": "apply", "components": [
    {"type": "number", "key": "amount", "label": "金额"},
    {"type": "textfield", "key": "approver", "label": "审批人"},
    {"type": "textfield", "key": "unlabelled"}]}""".encode()


def doubts(bureau: Bureau, body: str, *pairs: str, form_key: str = "apply", **variables: Any) -> set[tuple[str, str]]:
    """Every doubt, in both languages, of what comes after a start with this form."""
    start = f'<startEvent id="s" banjie:formKey="{form_key}"/>' if form_key else '<startEvent id="s"/>'
    model = bpmn(start + body + '<endEvent id="e"/>' + flows(*pairs), key="p")
    bureau.deploy(model, apply__form=APPLY)
    instance_id = bureau.start("p", by=bureau.actors["zhou"], **variables)
    return {(each["zh"], each["en"]) for step in ahead(bureau, instance_id) for each in step["doubts"]}


GATEWAY = '<exclusiveGateway id="g" default="g_final"/>'


def test_a_value_that_is_still_to_come_is_called_as_the_form_calls_it(bureau: Bureau) -> None:
    path = ("s-fill", "fill-g", "g-lead?amount > 100", "g-final", "lead-e", "final-e")
    expected = {("还没有「金额」的值", '"金额" has no value yet')}
    assert doubts(bureau, FILL + GATEWAY + LEADER + FINAL, *path) == expected


def test_also_where_a_later_task_has_the_form(bureau: Bureau) -> None:
    fill = FILL.replace('id="fill"', 'id="fill" banjie:formKey="apply"')
    path = ("s-fill", "fill-g", "g-lead?amount > limit", "g-final", "lead-e", "final-e")
    expected = {("还没有「金额」的值", '"金额" has no value yet')}
    assert doubts(bureau, fill + GATEWAY + LEADER + FINAL, *path, form_key="", limit=3) == expected


@pytest.mark.parametrize("name", ["strange", "unlabelled"])
def test_a_value_without_a_label_is_called_by_its_name_in_quotes(bureau: Bureau, name: str) -> None:
    path = ("s-fill", "fill-g", f"g-lead?{name} > 100", "g-final", "lead-e", "final-e")
    expected = {(f"还没有「{name}」的值", f'"{name}" has no value yet')}
    assert doubts(bureau, FILL + GATEWAY + LEADER + FINAL, *path) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('banjie:assignee="${approver}"', ("还没有「审批人」的值", '"审批人" has no value yet')),
        ('banjie:candidateUsers="${approver}"', ("还没有「审批人」的值", '"审批人" has no value yet')),
        ('banjie:who="field(approver)"', ("表单字段「审批人」没有填写", 'the form field "审批人" is empty')),
        ("banjie:who=\"=if amount > 5 then 'head' else approver\"", None),
        ('banjie:who="=substring(approver, 2)"', ("还没有「审批人」的值", '"审批人" has no value yet')),
        ('banjie:who="=missing"', ("还没有「missing」的值", '"missing" has no value yet')),
    ],
)
def test_so_is_a_field_that_says_who_acts(bureau: Bureau, settings: str, expected: tuple[str, str] | None) -> None:
    body = FILL + f'<userTask id="a" name="甲" {settings.replace("&", "&amp;")} {APPROVE}/>'
    found = doubts(bureau, body, "s-fill", "fill-a", "a-e")
    assert all("approver" not in zh + en and "amount" not in zh + en for zh, en in found)
    assert expected is None or found == {expected}


def test_what_depends_on_a_decision_to_come_is_in_doubt_even_when_an_old_one_is_there(bureau: Bureau) -> None:
    gateway = '<exclusiveGateway id="g" default="g_fill"/>'
    instance_id = deploy(
        bureau,
        FILL + LEADER + gateway + FINAL,
        *("s-fill", "fill-lead", "lead-g", 'g-final?lead_outcome = "approve"', "g-fill", "final-e"),
    )
    bureau.complete(bureau.task(instance_id), bureau.actors["zhou"])
    bureau.complete(bureau.task(instance_id), bureau.actors["head"], "reject")
    bureau.complete(bureau.task(instance_id), bureau.actors["zhou"])  # lead again; lead_outcome is still "reject"
    assert told(bureau, instance_id) == {
        "final": "取决于「审批」的办理结果",
        "fill": "取决于「审批」的办理结果",
    }


def test_whoever_is_still_to_be_chosen_is_in_doubt(bureau: Bureau) -> None:
    body = FILL + f'<userTask id="a" name="甲" banjie:who="chosen(previous)" {APPROVE}/>'
    body += f'<userTask id="b" name="乙" banjie:who="leader(of: previous)" {APPROVE}/>'
    instance_id = deploy(bureau, body, "s-fill", "fill-a", "a-b", "b-e")
    assert told(bureau, instance_id) == {"a": "上一步办理人还没有选择办理人", "b": "之前还没有人办理"}


def test_the_leader_of_whoever_is_expected_before(bureau: Bureau) -> None:
    body = FILL + LEADER + f'<userTask id="b" name="乙" banjie:who="leader(of: previous)" {APPROVE}/>'
    instance_id = deploy(bureau, body, "s-fill", "fill-lead", "lead-b", "b-e")
    assert told(bureau, instance_id) == {"lead": ["head"], "b": ["chief"]}


def test_a_node_that_will_decide_itself_says_by_which_rule(bureau: Bureau) -> None:
    body = FILL + LEADER
    body += f'<userTask id="b" banjie:who="users(head)" banjie:onRepeat="previous" {APPROVE}/>'
    instance_id = deploy(bureau, body, "s-fill", "fill-lead", "lead-b", "b-e")
    step = next(step for step in ahead(bureau, instance_id) if step["element_id"] == "b")
    assert step["automatic"]["rule"] == "onRepeat=previous"


def test_four_eyes_hold_for_whoever_is_expected_too(bureau: Bureau) -> None:
    body = FILL + '<userTask id="b" banjie:who="users(zhou, qian)" banjie:differentFrom="fill"/>'
    assert told(bureau, deploy(bureau, body, "s-fill", "fill-b", "b-e")) == {"b": ["qian"]}


def test_parallel_branches_subprocesses_and_loops_over_people(bureau: Bureau) -> None:
    inner = '<startEvent id="is"/><userTask id="deep" name="深" banjie:assignee="vice"/><endEvent id="ie"/>'
    inner += flows("is-deep", "deep-ie")
    several = (
        '<userTask id="each" name="各" banjie:assignee="${one}"><multiInstanceLoopCharacteristics '
        'banjie:collection="signers" banjie:elementVariable="one"/></userTask>'
    )
    body = FILL + '<parallelGateway id="f"/><parallelGateway id="j"/>' + LEADER
    body += f'<subProcess id="sub">{inner}</subProcess>' + several
    path = ("s-fill", "fill-f", "f-lead", "f-sub", "lead-j", "sub-j", "j-each", "each-e")
    instance_id = deploy(bureau, body, *path, signers=["mayor", "chief"])
    assert told(bureau, instance_id) == {"lead": ["head"], "deep": ["vice"], "each": ["mayor", "chief"]}


def test_round_robin_is_told_and_its_turn_is_not_taken(bureau: Bureau) -> None:
    body = FILL + '<userTask id="b" banjie:who="users(mayor, chief)" banjie:pick="round-robin"/>'
    instance_id = deploy(bureau, body, "s-fill", "fill-b", "b-e")
    assert [told(bureau, instance_id) for _ in range(3)] == [{"b": ["chief"]}] * 3
    lot = FILL + '<userTask id="b" banjie:who="users(mayor, chief)" banjie:pick="random"/>'
    assert told(bureau, deploy(bureau, lot, "s-fill", "fill-b", "b-e")) == {"b": "到时随机抽取"}


def test_a_ring_is_walked_once(bureau: Bureau) -> None:
    body = (
        FILL + LEADER + '<exclusiveGateway id="g" default="g_e"/><scriptTask id="t"><script>n = 1</script></scriptTask>'
    )
    path = ("s-fill", "fill-lead", "lead-g", 'g-t?outcome = "reject"', "t-lead", "g-e")
    assert told(bureau, deploy(bureau, body, *path)) == {"lead": ["head"]}


@pytest.mark.parametrize(
    "who",
    [
        "leader(of: initiator)",
        "leaders(of: initiator, upto: 2)",
        "users(mayor, zhou)",
        "departments(section, below: yes)",
        "leader(of: initiator, level: 3) else users(mayor)",
        "previous",
    ],
)
@pytest.mark.parametrize(
    "policy", ["", 'banjie:onSelf="leader"', 'banjie:differentFrom="fill"', 'banjie:pick="least-busy"']
)
def test_what_was_predicted_is_what_is_decided(bureau: Bureau, who: str, policy: str) -> None:
    bureau.lead("desk", "zhou")
    body = FILL + f'<userTask id="b" banjie:who="{who}" {policy}/>'
    instance_id = deploy(bureau, body, "s-fill", "fill-b", "b-e")
    expected = told(bureau, instance_id)["b"]
    bureau.complete(bureau.task(instance_id), bureau.actors["zhou"])
    task = bureau.task(instance_id, "b")
    assert ([task["assignee"]] if task["assignee"] else task["candidate_users"]) == expected


def test_nothing_is_written_and_nothing_is_ahead_of_what_has_ended(bureau: Bureau) -> None:
    instance_id = deploy(bureau, FILL + LEADER, "s-fill", "fill-lead", "lead-e")
    before = bureau.queries.instances.get(instance_id)
    events = len(bureau.kinds(instance_id))
    ahead(bureau, instance_id)
    assert bureau.queries.instances.get(instance_id) == before
    assert len(bureau.kinds(instance_id)) == events
    bureau.complete(bureau.task(instance_id), bureau.actors["zhou"])
    bureau.complete(bureau.task(instance_id), bureau.actors["head"], "approve")
    assert ahead(bureau, instance_id) == []


# ---------------------------------------------------------------- boundary events

TIMEOUT = (
    '<boundaryEvent id="late" name="逾期" attachedToRef="fill"{more}><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    "</timerEventDefinition></boundaryEvent>"
)


def test_what_an_interrupting_boundary_event_leads_to_is_possible_and_what_it_prevents_is_uncertain(
    bureau: Bureau,
) -> None:
    bureau.worker("gao", "office", "deciders")
    body = FILL + LEADER + FINAL + TIMEOUT.format(more="")
    instance_id = deploy(bureau, body, "s-fill", "fill-lead", "lead-e", "late-final", "final-e")

    assert told(bureau, instance_id) == {
        "lead": "「填写」发生「逾期」时改走别处",
        "final": "只有「填写」发生「逾期」时才经过",
    }
    steps = {step["element_id"]: step for step in ahead(bureau, instance_id)}
    assert (steps["lead"]["possible"], steps["final"]["possible"]) == (False, True)
    assert steps["lead"]["people"] == ["head"]  # who it would be is told all the same


def test_a_boundary_event_that_does_not_interrupt_prevents_nothing(bureau: Bureau) -> None:
    bureau.worker("gao", "office", "deciders")
    body = FILL + LEADER + FINAL + TIMEOUT.format(more=' cancelActivity="false"')
    instance_id = deploy(bureau, body, "s-fill", "fill-lead", "lead-e", "late-final", "final-e")

    assert told(bureau, instance_id) == {"lead": ["head"], "final": "只有「填写」发生「逾期」时才经过"}


def test_where_a_boundary_event_leads_back_to_the_way_it_is_told_once(bureau: Bureau) -> None:
    body = FILL + LEADER + TIMEOUT.format(more="")
    instance_id = deploy(bureau, body, "s-fill", "fill-lead", "late-lead", "lead-e")
    assert told(bureau, instance_id) == {"lead": "「填写」发生「逾期」时改走别处"}


def test_a_boundary_event_of_a_whole_subprocess_is_possible_and_makes_nothing_inside_uncertain(bureau: Bureau) -> None:
    bureau.worker("gao", "office", "deciders")
    inner = '<startEvent id="is"/>' + FILL + LEADER + '<endEvent id="ie"/>' + flows("is-fill", "fill-lead", "lead-ie")
    body = (
        f'<subProcess id="sub" name="审查">{inner}</subProcess>'
        + FINAL
        + TIMEOUT.format(more="").replace('"fill"', '"sub"')
    )
    instance_id = deploy(bureau, body, "s-sub", "sub-e", "late-final", "final-e")
    assert told(bureau, instance_id) == {"lead": ["head"], "final": "只有「审查」发生「逾期」时才经过"}


def test_who_may_be_passed_over_by_a_boundary_event_still_counts_for_four_eyes(bureau: Bureau) -> None:
    lead = f'<userTask id="lead" banjie:who="users(zhou, head)" banjie:differentFrom="fill" {APPROVE}/>'
    instance_id = deploy(bureau, FILL + lead + TIMEOUT.format(more=""), "s-fill", "fill-lead", "lead-e", "late-e")
    assert ahead(bureau, instance_id)[0]["people"] == ["head"]


def test_c15_whoever_is_expected_at_two_steps_is_kept_apart_from_both_and_so_it_comes(bureau: Bureau) -> None:
    first = f'<userTask id="first" name="初审" banjie:assignee="head" {APPROVE}/>'
    second = f'<userTask id="second" name="复审" banjie:assignee="head" {APPROVE}/>'
    last = f'<userTask id="last" name="终审" banjie:who="users(head, chief)" banjie:differentFrom="first" {APPROVE}/>'
    body = FILL + first + second + last
    instance_id = deploy(bureau, body, "s-fill", "fill-first", "first-second", "second-last", "last-e")

    expected = ahead(bureau, instance_id)[-1]
    assert expected["people"] == ["chief"] and "「初审」" in expected["skipped"][0]["zh"]

    for element_id, login in (("fill", "zhou"), ("first", "head"), ("second", "head")):
        outcome = None if element_id == "fill" else "approve"
        bureau.complete(bureau.task(instance_id, element_id), bureau.actors[login], outcome)
    assert bureau.row(instance_id, "last")["assignee"] == "chief" or bureau.row(instance_id, "last")[
        "candidate_users"
    ] == ["chief"]


def test_c14_an_approval_at_the_step_before_is_expected_although_there_was_an_earlier_one(bureau: Bureau) -> None:
    first = f'<userTask id="first" name="初审" banjie:assignee="head" {APPROVE}/>'
    second = f'<userTask id="second" name="复审" banjie:assignee="head" {APPROVE}/>'
    last = f'<userTask id="last" name="终审" banjie:who="users(head)" banjie:onRepeat="previous" {APPROVE}/>'
    body = FILL + last + second + first  # the order of the file says nothing
    instance_id = deploy(bureau, body, "s-fill", "fill-first", "first-second", "second-last", "last-e")

    assert ahead(bureau, instance_id)[-1]["automatic"]["rule"] == "onRepeat=previous"
    for element_id, login in (("fill", "zhou"), ("first", "head"), ("second", "head")):
        outcome = None if element_id == "fill" else "approve"
        bureau.complete(bureau.task(instance_id, element_id), bureau.actors[login], outcome)
    assert bureau.state(instance_id) == "completed"
