"""Table rows C12 to C15 and P-3.7: nobody, oneself, the same again, four eyes; automatic decisions in the same transaction."""

from __future__ import annotations

import pytest

from engine.access import Role
from engine.commands.running.prediction import predict
from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict
from tests.integration.engine.house import bpmn, flows
from tests.integration.who.bureau import APPROVE, Bureau

NOBODY = 'banjie:who="leader(of: office, level: 1)"'


def vacant(bureau: Bureau, policy: str) -> str:
    assert bureau.admin.login == "admin"
    bureau.lead("office", None)
    return bureau.at_approval(f"{NOBODY} {policy}")


def events(bureau: Bureau, instance_id: str, kind: str) -> list[dict[str, object]]:
    rows = bureau.queries.instances.history(instance_id, limit=1000)
    return [row["data"] | {"by": row["actor"]} for row in rows if row["kind"] == kind]


# ---------------------------------------------------------------- B9


def test_b9_the_model_passes_a_step_as_system_with_its_basis(bureau: Bureau) -> None:
    instance_id = bureau.at_approval('banjie:assignee="qian" banjie:auto="pass" banjie:autoBasis="《办法》第十二条"')
    row = bureau.row(instance_id)
    assert (row["state"], row["closed_by"], row["outcome"]) == ("completed", "system", "approve")
    assert row["comment"] == "按模型规定自动办理，依据：《办法》第十二条（auto=pass）"
    assert bureau.state(instance_id) == "completed"


def test_b9_the_model_refuses_a_step(bureau: Bureau) -> None:
    row = bureau.row(bureau.at_approval('banjie:assignee="qian" banjie:auto="fail" banjie:autoBasis="停止受理"'))
    assert (row["closed_by"], row["outcome"]) == ("system", "reject")


@pytest.mark.parametrize(("limit", "by"), [(1000, "system"), (0, None)])
def test_b9_an_expression_says_whether_people_decide(bureau: Bureau, limit: int, by: str | None) -> None:
    rule = f"=if 100 &lt;= {limit} then &quot;pass&quot; else null"
    row = bureau.row(bureau.at_approval(f'banjie:assignee="qian" banjie:auto="{rule}" banjie:autoBasis="小额"'))
    assert (row["closed_by"], row["assignee"]) == (by, "qian" if by is None else None)


def test_b9_p3_7_a_case_that_came_back_is_decided_by_people(bureau: Bureau) -> None:
    again = came_back(bureau, 'banjie:assignee="qian" banjie:auto="pass" banjie:autoBasis="小额"')
    assert bureau.task(again, "approve")["assignee"] == "qian"


# ---------------------------------------------------------------- C12


def test_c12_nobody_is_found_and_the_node_passes_as_system_with_rule_and_reason(bureau: Bureau) -> None:
    instance_id = vacant(bureau, 'banjie:onEmpty="pass"')
    row = bureau.row(instance_id)
    assert (row["state"], row["closed_by"], row["outcome"]) == ("completed", "system", "approve")
    assert row["comment"] == "没有能办理的人，按规则通过（onEmpty=pass）"
    assert bureau.state(instance_id) == "completed"
    assert row["why"]["automatic"]["rule"] == "onEmpty=pass"


def test_c12_nobody_is_found_and_the_node_is_refused(bureau: Bureau) -> None:
    row = bureau.row(vacant(bureau, 'banjie:onEmpty="fail"'))
    assert (row["state"], row["closed_by"], row["outcome"]) == ("completed", "system", "reject")


def test_c12_nobody_is_found_and_named_people_stand_in(bureau: Bureau) -> None:
    assert bureau.row(vacant(bureau, 'banjie:onEmpty="users:qian"'))["assignee"] == "qian"


def test_c12_nobody_is_found_and_nothing_is_said_so_administrators_get_it(bureau: Bureau) -> None:
    row = bureau.row(vacant(bureau, ""))
    assert row["assignee"] == "admin"
    assert [note["code"] for note in row["why"]["notes"]] == ["vacant", "empty"]


def test_trap_2_10_2_an_automatic_approval_is_in_the_transaction_of_the_step_that_led_to_it(bureau: Bureau) -> None:
    bureau.lead("office", None)
    bureau.one(f'{NOBODY} banjie:onEmpty="pass"')
    instance_id = bureau.start("one", by=bureau.actors["zhou"])
    before = bureau.queries.instances.get(instance_id)
    bureau.complete(bureau.task(instance_id, "fill"), bureau.actors["zhou"])
    after = bureau.queries.instances.get(instance_id)
    assert before is not None and after is not None
    assert after["revision"] == before["revision"] + 1
    assert after["state"] == "completed"


# ---------------------------------------------------------------- C13


def test_c13_the_initiator_may_approve_where_the_node_says_nothing(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="users(zhou)"') == ["zhou"]


def test_c13_the_initiator_alone_is_skipped(bureau: Bureau) -> None:
    row = bureau.row(bureau.at_approval('banjie:who="users(zhou)" banjie:onSelf="skip"'))
    assert (row["closed_by"], row["outcome"]) == ("system", "approve")
    assert [note["code"] for note in row["why"]["skipped"]] == ["own-application"]


def test_c13_among_several_the_initiator_is_left_out(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="users(zhou, qian, vice)" banjie:onSelf="skip"') == ["qian", "vice"]


def test_c13_the_leader_takes_the_place_of_the_initiator(bureau: Bureau) -> None:
    assert bureau.who('banjie:who="users(zhou)" banjie:onSelf="leader"') == ["head"]
    assert bureau.who('banjie:who="users(head)" banjie:onSelf="leader"', by="head") == ["chief"]


def test_c13_whoever_must_not_approve_his_own_gets_it_on_no_path(bureau: Bureau) -> None:
    bureau.worker("shen", "desk", "pool")
    bureau.worker("zhu", "desk", "pool")
    instance_id = bureau.at_approval('banjie:candidateGroups="pool" banjie:onSelf="exclude"', by="zhu")
    task = bureau.task(instance_id, "approve")
    assert (task["candidate_users"], task["candidate_groups"]) == (["shen"], [])  # the pool is frozen without him
    bureau.claim(task, bureau.actors["shen"])
    with pytest.raises(Conflict, match="is the initiator") as refused:
        bureau.engine.execute(AssignTask(task_id=task["id"], assignee="zhu"), actor=bureau.actors["shen"])
    assert refused.value.facts["ground"] == "own-application"


# ---------------------------------------------------------------- C14


def twice(bureau: Bureau, on_repeat: str, *, between: str = "") -> str:
    """mayor approves; (somebody else in between;) mayor would approve again."""
    middle = f'<userTask id="middle" banjie:assignee="{between}" {APPROVE}/>' if between else ""
    path = ["s-first", "first-middle", "middle-again", "again-e"] if between else ["s-first", "first-again", "again-e"]
    body = (
        f'<startEvent id="s"/><userTask id="first" name="初审" banjie:assignee="mayor" {APPROVE}/>{middle}'
        f'<userTask id="again" name="终审" banjie:who="users(mayor)" banjie:onRepeat="{on_repeat}" {APPROVE}/>'
        '<endEvent id="e"/>' + flows(*path)
    )
    bureau.deploy(bpmn(body, key="twice"))
    instance_id = bureau.start("twice", by=bureau.actors["zhou"])
    bureau.complete(bureau.task(instance_id, "first"), bureau.actors["mayor"], "approve")
    if between:
        bureau.complete(bureau.task(instance_id, "middle"), bureau.actors[between], "approve")
    return instance_id


def test_c14_the_same_person_is_asked_again_where_the_node_says_nothing(bureau: Bureau) -> None:
    assert bureau.state(twice(bureau, "none")) == "running"


def test_c14_whoever_approved_the_step_before_is_not_asked_again(bureau: Bureau) -> None:
    instance_id = twice(bureau, "previous")
    assert bureau.state(instance_id) == "completed"
    row = bureau.row(instance_id, "again")
    assert (row["closed_by"], row["outcome"]) == ("system", "approve")
    assert row["comment"] == "mayor 已在「初审」同意，不再重复审批（onRepeat=previous）"


def test_c14_previous_means_the_step_before_and_anywhere_means_anywhere(bureau: Bureau) -> None:
    assert bureau.state(twice(bureau, "previous", between="chief")) == "running"
    assert bureau.state(twice(bureau, "anywhere", between="chief")) == "completed"


def test_trap_2_3_c14_only_an_approval_counts_not_that_somebody_acted(bureau: Bureau) -> None:
    # mayor fills in the form, which is no approval, and must still approve
    instance_id = bureau.at_approval('banjie:who="users(mayor)" banjie:onRepeat="anywhere"', by="mayor")
    assert bureau.task(instance_id, "approve")["assignee"] == "mayor"


LOOP = (
    '<startEvent id="s"/><userTask id="fill" banjie:assignee="${initiator}"/>'
    f'<userTask id="approve" name="审批" {{settings}} {APPROVE}/>'
    f'<userTask id="final" name="终审" banjie:assignee="mayor" {APPROVE}/><exclusiveGateway id="g" default="g_e"/>'
    '<endEvent id="e"/>'
    + flows("s-fill", "fill-approve", "approve-final", "final-g", 'g-fill?final_outcome = "reject"', "g-e")
)


def came_back(bureau: Bureau, settings: str, *, by: str = "zhou") -> str:
    """The final decision sends the case back, and it is filled in again."""
    bureau.deploy(bpmn(LOOP.replace("{settings}", settings), key="loop"))
    instance_id = bureau.start("loop", by=bureau.actors[by])
    bureau.complete(bureau.task(instance_id, "fill"), bureau.actors[by])
    bureau.complete(bureau.task(instance_id, "final"), bureau.actors["mayor"], "reject")
    bureau.complete(bureau.task(instance_id, "fill"), bureau.actors[by])
    return instance_id


def test_p3_7_a_node_to_which_the_case_came_back_never_approves_itself(bureau: Bureau) -> None:
    assert bureau.admin.login == "admin"
    self_skip = came_back(bureau, 'banjie:who="users(zhou)" banjie:onSelf="skip"')
    assert bureau.task(self_skip, "approve")["assignee"] == "zhou"  # skipped in round 1, asked in round 2
    bureau.complete(bureau.task(self_skip, "approve"), bureau.actors["zhou"], "approve")
    bureau.lead("office", None)
    empty = came_back(bureau, f'{NOBODY} banjie:onEmpty="pass"')
    assert bureau.task(empty, "approve")["assignee"] == "admin"


def test_p3_7_an_earlier_approval_does_not_stand_in_for_a_new_one_after_a_return(bureau: Bureau) -> None:
    bureau.deploy(
        bpmn(
            LOOP.replace("{settings}", 'banjie:who="users(mayor)" banjie:onRepeat="anywhere"'),
            key="loop",
        )
    )
    instance_id = bureau.start("loop", by=bureau.actors["zhou"])
    for _ in range(2):
        bureau.complete(bureau.task(instance_id, "fill"), bureau.actors["zhou"])
        bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["mayor"], "approve")
        bureau.complete(bureau.task(instance_id, "final"), bureau.actors["mayor"], "reject")
    assert sorted(row["round"] for row in bureau.rows(instance_id, "approve")) == [1, 2]


# ---------------------------------------------------------------- C15


FOUR_EYES = (
    '<startEvent id="s"/><userTask id="draft" name="拟稿" banjie:candidateGroups="desk"/>'
    '<userTask id="check" name="复核" banjie:candidateGroups="desk" banjie:differentFrom="draft" {more}/>'
    '<endEvent id="e"/>' + flows("s-draft", "draft-check", "check-e")
)


def four_eyes(bureau: Bureau, more: str = "") -> str:
    for login in ("an", "bai", "cao"):
        if login not in bureau.actors:
            bureau.worker(login, "desk", "desk")
    bureau.deploy(bpmn(FOUR_EYES.replace("{more}", more), key="four"))
    instance_id = bureau.start("four", by=bureau.actors["zhou"])
    bureau.complete(bureau.task(instance_id, "draft"), bureau.actors["an"])
    return instance_id


def test_c15_whoever_drafted_is_not_offered_the_check(bureau: Bureau) -> None:
    task = bureau.task(four_eyes(bureau), "check")
    assert (task["candidate_users"], task["candidate_groups"]) == (["bai", "cao"], [])
    assert task["why"]["skipped"][0]["zh"] == "已办理「拟稿」，本环节须由不同的人办理"


def test_c15_whoever_drafted_cannot_be_given_the_check(bureau: Bureau) -> None:
    task = bureau.task(four_eyes(bureau), "check")
    bureau.claim(task, bureau.actors["bai"])
    with pytest.raises(Conflict, match='acted at "拟稿"'):
        bureau.engine.execute(AssignTask(task_id=task["id"], assignee="an"), actor=bureau.actors["bai"])


def test_c15_in_parallel_branches_the_second_act_is_refused_when_it_is_done(bureau: Bureau) -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="one" name="甲" banjie:assignee="chief"/>'
        '<userTask id="two" name="乙" banjie:assignee="chief" banjie:differentFrom="one"/><parallelGateway id="j"/>'
        '<endEvent id="e"/>' + flows("s-f", "f-one", "f-two", "one-j", "two-j", "j-e")
    )
    bureau.deploy(bpmn(body, key="parallel"))
    instance_id = bureau.start("parallel", by=bureau.actors["zhou"])
    two = bureau.task(instance_id, "two")
    assert two["assignee"] == "chief"  # nobody has acted yet
    bureau.complete(bureau.task(instance_id, "one"), bureau.actors["chief"])
    with pytest.raises(Conflict, match='acted at "甲"'):
        bureau.complete(two, bureau.actors["chief"])
    bureau.engine.execute(AssignTask(task_id=two["id"], assignee="vice"), actor=bureau.actors["chief"])
    bureau.complete(two, bureau.actors["vice"])
    assert bureau.state(instance_id) == "completed"


def test_c15_the_leader_takes_the_place_of_an_excluded_person(bureau: Bureau) -> None:
    settings = 'banjie:who="users(zhou)" banjie:differentFrom="fill"'
    assert bureau.who(f'{settings} banjie:onExcluded="leader"') == ["head"]
    assert bureau.who(f'{settings} banjie:onExcluded="users:vice"') == ["vice"]


def test_c15_an_excluded_person_may_end_the_node(bureau: Bureau) -> None:
    settings = 'banjie:who="users(zhou, head)" banjie:differentFrom="fill" banjie:onExcluded="fail"'
    row = bureau.row(bureau.at_approval(settings))
    assert (row["closed_by"], row["outcome"]) == ("system", "reject")


def test_nobody_disabled_is_found_and_administrators_are_no_way_around(bureau: Bureau) -> None:
    bureau.worker("boss", "desk", roles=(Role.STAFF, Role.ADMIN))
    assert bureau.admin.login == "admin"
    bureau.set_person("admin", disabled=True)
    settings = 'banjie:who="initiator" banjie:differentFrom="fill"'
    row = bureau.row(bureau.at_approval(settings, by="boss"))  # the only active administrator is the excluded one
    assert (row["assignee"], row["candidate_users"]) == (None, [])
    assert row["why"]["notes"][-1]["code"] == "nobody"


def test_c6_c14_behind_a_step_that_a_rule_passed_lies_the_one_before_it_and_so_it_was_expected(bureau: Bureau) -> None:
    """RuoYi's APPROVE_SEQUENT: who approves three times in a row is asked once; and the next one knows who it was."""
    body = (
        '<startEvent id="s"/><endEvent id="e"/>'
        f'<userTask id="first" name="初审" banjie:assignee="head" {APPROVE}/>'
        f'<userTask id="second" name="复审" banjie:who="users(head)" banjie:onRepeat="previous" {APPROVE}/>'
        f'<userTask id="third" name="三审" banjie:who="users(head)" banjie:onRepeat="previous" {APPROVE}/>'
        f'<userTask id="last" name="告知" banjie:who="previous"/>'
        + flows("s-first", "first-second", "second-third", "third-last", "last-e")
    )
    bureau.deploy(bpmn(body, key="p"))
    instance_id = bureau.start("p", by=bureau.actors["zhou"])
    steps = bureau.engine.ask(lambda context: predict(context, instance_id), actor=bureau.admin)["next"]
    assert [(step["automatic"] or {}).get("rule") for step in steps] == ["onRepeat=previous", "onRepeat=previous", None]
    assert steps[-1]["certain"] and steps[-1]["people"] == ["head"]

    bureau.complete(bureau.task(instance_id, "first"), bureau.actors["head"], "approve")

    assert bureau.task(instance_id)["element_id"] == "last"
    assert bureau.row(instance_id, "last")["assignee"] == "head"
