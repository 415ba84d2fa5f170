"""退回: to an earlier node and back again (P-3.1 to P-3.8, traps 2.3)."""

import pytest

from engine.access import Role
from engine.commands.returning.returns import ReturnTask, offers_of
from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.integration.engine.house import bpmn, flows
from tests.integration.returns.desk import FORK, Desk, line, user


def at_review(desk: Desk, **settings: dict[str, str]) -> str:
    instance_id = desk.start(line(**settings))
    desk.complete(instance_id, "apply", "check")
    return instance_id


class TestReturning:
    def test_p_3_1_returned_to_an_executed_node_whoever_did_it_has_it_again(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        answer = desk.send_back(instance_id, "review", "check")
        assert (answer["target"], answer["retired"], answer["instance_state"]) == ("check", 1, "running")
        task = desk.house.task(instance_id)
        assert (task["element_id"], task["assignee"], task["round"]) == ("check", "checker", 2)
        desk.finish(instance_id)

    def test_p_3_1_a_node_that_never_ran_is_refused_with_the_possible_ones(self, desk: Desk) -> None:
        # Trap 2.3: with others the list is checked in the browser only, and a crafted request gets through.
        instance_id = at_review(desk)
        for target in ("sign", "nowhere", "end", "start"):
            with pytest.raises(Conflict) as refused:
                desk.send_back(instance_id, "review", target)
            assert refused.value.facts["possible"] == ["check", "apply"]
        assert "「check」、「apply」" in refused.value.zh

    @pytest.mark.parametrize(
        ("policy", "possible"),
        [
            ("none", []),
            ("previous", ["check"]),
            ("initiator", ["apply"]),
            ("any", ["check", "apply"]),
            ("listed:apply", ["apply"]),
        ],
    )
    def test_p_3_1_the_node_says_how_far_it_returns(self, desk: Desk, policy: str, possible: list[str]) -> None:
        instance_id = at_review(desk, review={"returnPolicy": policy})
        task = desk.house.task(instance_id)
        person = desk.person("review")
        found = desk.house.engine.ask(lambda context: offers_of(context, task["id"]), actor=person)["targets"]
        assert [each["element_id"] for each in found if each["possible"]] == possible
        for target in {"check", "apply"} - set(possible):
            with pytest.raises(Conflict, match=r"this (node|one) returns|does not return"):
                desk.send_back(instance_id, "review", target)
        for target in possible[-1:]:
            desk.send_back(instance_id, "review", target)

    def test_the_returner_has_it_in_his_done_list_with_his_reason(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        task = desk.house.task(instance_id)
        desk.send_back(instance_id, "review", "apply", reason="  缺少身份证  ")
        row = desk.house.queries.tasks.get(task["id"])
        assert row is not None
        assert (row["state"], row["outcome"], row["comment"], row["closed_by"]) == (
            "completed",
            "returned",
            "缺少身份证",
            "reviewer",
        )
        (kept,) = desk.returns(instance_id)
        assert (kept["reason"], kept["returned_by"], kept["target_id"], kept["round"]) == (
            "缺少身份证",
            "reviewer",
            "apply",
            2,
        )
        desk.check(instance_id)

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, "nul \0 here"])
    def test_a_reason_is_required(self, desk: Desk, reason: str) -> None:
        instance_id = at_review(desk)
        with pytest.raises(InvalidInput) as refused:
            desk.send_back(instance_id, "review", "apply", reason=reason)
        assert "reason" in refused.value.facts["fields"]

    def test_only_its_holder_returns(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        task = desk.house.task(instance_id)
        command = ReturnTask(task_id=task["id"], target="apply", reason="x")
        with pytest.raises(NotFound):
            desk.house.engine.execute(command, actor=desk.house.person("stranger"))
        with pytest.raises(Forbidden):
            desk.house.engine.execute(command, actor=desk.person("apply"))
        with pytest.raises(Forbidden):
            desk.house.engine.execute(command, actor=desk.house.person("boss", roles=(Role.SUPERVISOR,)))

    def test_twice_is_refused_with_who_and_when(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        task = desk.house.task(instance_id)
        command = ReturnTask(task_id=task["id"], target="apply", reason="x")
        desk.house.engine.execute(command, actor=desk.person("review"))
        with pytest.raises(Conflict, match="already"):
            desk.house.engine.execute(command, actor=desk.person("review"))

    def test_rounds_are_counted_for_every_node_that_comes_again(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        desk.send_back(instance_id, "review", "apply")
        desk.complete(instance_id, "apply")
        assert desk.house.task(instance_id)["round"] == 2, "check is asked a second time"
        desk.complete(instance_id, "check")
        desk.send_back(instance_id, "review", "apply")
        assert desk.house.task(instance_id)["round"] == 3
        desk.finish(instance_id)

    def test_a_task_that_was_never_returned_is_its_first_round(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        assert desk.house.task(instance_id)["round"] == 1


class TestBranches:
    def test_p_3_3_before_the_fork_all_branches_are_taken_back_with_their_reason(self, desk: Desk) -> None:
        instance_id = desk.start(FORK)
        desk.complete(instance_id, "apply")
        water = desk.house.task(instance_id, "water")["id"]
        desk.send_back(instance_id, "fire", "apply")
        assert desk.open(instance_id) == ["apply"]
        assert [event["reason"] for event in desk.told(instance_id, "TaskCancelled")] == ["returned"]
        row = desk.house.queries.tasks.get(water)
        assert row is not None
        assert row["state"] == "cancelled"
        desk.finish(instance_id)

    def test_p_3_4_after_the_join_the_whole_fork_is_reopened_or_nothing(self, desk: Desk) -> None:
        instance_id = desk.start(FORK)
        desk.complete(instance_id, "apply", "fire", "water")
        with pytest.raises(Conflict, match="whole fork"):
            desk.send_back(instance_id, "sign", "fire")
        desk.send_back(instance_id, "sign", "fork")
        assert desk.open(instance_id) == ["fire", "water"]
        assert {row["round"] for row in desk.house.open_tasks(instance_id)} == {2}
        desk.finish(instance_id)

    def test_p_3_2_timers_and_messages_of_what_is_retired_leave_no_row(self, desk: Desk) -> None:
        instance_id = desk.start(
            bpmn(
                '<startEvent id="start"/><parallelGateway id="fork"/><parallelGateway id="join"/><endEvent id="end"/>'
                + user("apply")
                + user("fire")
                + '<intermediateCatchEvent id="pause"><timerEventDefinition><timeDuration>P1D</timeDuration>'
                "</timerEventDefinition></intermediateCatchEvent>"
                '<intermediateCatchEvent id="paid"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
                '<serviceTask id="call" banjie:verb="http.request"><extensionElements>'
                '<banjie:input name="url">https://example.com/</banjie:input></extensionElements></serviceTask>'
                + flows("start-apply", "apply-fork", "fork-fire", "fork-pause", "fork-paid", "fork-call")
                + flows("fire-join", "pause-join", "paid-join", "call-join", "join-end"),
                more='<message id="m" name="paid"/>',
            )
        )
        desk.complete(instance_id, "apply")
        desk.send_back(instance_id, "fire", "apply")
        assert desk.house.queries.admin.job_counts(desk.house.now) == {"waiting": 0, "due": 0, "dead": 0}
        with desk.house.database.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM subscription").scalar() == 0
        desk.check(instance_id)


class TestStraight:
    def test_trap_2_3_p_3_6_straight_back_to_me_and_what_lies_between_is_kept(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        desk.send_back(instance_id, "review", "apply", resubmit="straight")
        assert desk.returns(instance_id)[0]["kept"] == ["check"]
        desk.complete(instance_id, "apply", note="corrected")
        task = desk.house.task(instance_id)
        assert (task["element_id"], task["round"]) == ("review", 2)
        assert desk.returns(instance_id)[0]["went_straight"] is True
        desk.finish(instance_id)

    def test_p_3_6_step_by_step_goes_the_whole_way_again(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        desk.send_back(instance_id, "review", "apply", resubmit="step")
        desk.complete(instance_id, "apply")
        assert desk.open(instance_id) == ["check"]
        assert desk.returns(instance_id)[0]["went_straight"] is False

    def test_p_3_6_a_changed_field_of_a_node_between_is_asked_there_again(self, desk: Desk) -> None:
        instance_id = desk.start(line())
        desk.complete(instance_id, "apply", amount=100)
        desk.complete(instance_id, "check", verified=True)
        desk.send_back(instance_id, "review", "apply", resubmit="straight")
        desk.complete(instance_id, "apply", amount=100, verified=False)
        assert desk.open(instance_id) == ["check"]
        (answered,) = desk.told(instance_id, "ReturnAnswered")
        assert answered["changed"] == ["verified"]

    def test_p_3_6_own_fields_may_change(self, desk: Desk) -> None:
        instance_id = desk.start(line())
        desk.complete(instance_id, "apply", amount=100)
        desk.complete(instance_id, "check", verified=True)
        desk.send_back(instance_id, "review", "apply", resubmit="straight")
        desk.complete(instance_id, "apply", amount=200)
        assert desk.open(instance_id) == ["review"]

    def test_p_3_6_what_a_node_alone_may_write_is_its_own_though_it_left_it_empty(self, desk: Desk) -> None:
        instance_id = at_review(desk, check={"fields": "opinion:write,*:read"})
        desk.send_back(instance_id, "review", "apply", resubmit="straight")
        desk.complete(instance_id, "apply", opinion="forged")
        assert desk.open(instance_id) == ["check"]

    def test_p_3_6_another_way_at_a_gateway_between_goes_step_by_step(self, desk: Desk) -> None:
        instance_id = desk.start(
            bpmn(
                '<startEvent id="start"/><exclusiveGateway id="big" default="big_review"/><endEvent id="end"/>'
                + "".join(user(name) for name in ("apply", "check", "review"))
                + flows(
                    "start-apply", "apply-big", "big-check?amount > 1000", "big-review", "check-review", "review-end"
                )
            )
        )
        desk.complete(instance_id, "apply", amount=100)
        desk.send_back(instance_id, "review", "apply", resubmit="straight")
        desk.complete(instance_id, "apply", amount=5000)
        assert desk.open(instance_id) == ["check"]

    def test_p_3_6_another_outcome_than_before_goes_where_the_model_says(self, desk: Desk) -> None:
        instance_id = desk.start(
            bpmn(
                '<startEvent id="start"/><exclusiveGateway id="how" default="how_review"/><endEvent id="end"/>'
                '<endEvent id="given_up"/>'
                + user("apply", outcomes="hand_in,give_up")
                + user("review")
                + flows(
                    "start-apply", "apply-how", 'how-given_up?apply_outcome = "give_up"', "how-review", "review-end"
                )
            )
        )
        desk.complete(instance_id, "apply", outcome="hand_in")
        desk.send_back(instance_id, "review", "apply", resubmit="straight")
        desk.complete(instance_id, "apply", outcome="give_up")
        assert desk.house.state(instance_id) == "completed"

    @pytest.mark.parametrize(("setting", "refused"), [("step", "straight"), ("straight", "step")])
    def test_p_3_6_within_what_the_node_allows(self, desk: Desk, setting: str, refused: str) -> None:
        instance_id = at_review(desk, review={"resubmit": setting})
        with pytest.raises(Conflict, match="comes back"):
            desk.send_back(instance_id, "review", "apply", resubmit=refused)
        desk.send_back(instance_id, "review", "apply")
        desk.complete(instance_id, "apply")
        assert desk.open(instance_id) == (["review"] if setting == "straight" else ["check"])

    def test_p_3_6_siblings_that_were_retired_come_back_where_they_stood(self, desk: Desk) -> None:
        instance_id = desk.start(FORK)
        desk.complete(instance_id, "apply", "water")
        desk.send_back(instance_id, "fire", "apply", resubmit="straight")
        desk.complete(instance_id, "apply")
        assert desk.open(instance_id) == ["fire"], "water is done and stays done"
        desk.finish(instance_id)


class TestPolicies:
    def test_trap_2_3_p_3_7_a_returned_node_does_not_approve_itself(self, desk: Desk) -> None:
        # Trap 2.3: with others "has approved already" lets the returned node pass at once.
        model = line(check={"onRepeat": "anywhere", "outcomes": "approve,reject", "assignee": "applyer"})
        instance_id = desk.start(model)
        desk.complete(instance_id, "apply")
        task = desk.house.task(instance_id)
        assert task["element_id"] == "check"
        desk.house.engine.execute(CompleteTask(task_id=task["id"], outcome="approve"), actor=desk.person("apply"))
        desk.send_back(instance_id, "review", "check")
        again = desk.house.task(instance_id)
        assert (again["element_id"], again["assignee"], again["round"]) == ("check", "applyer", 2)

    def test_p_3_8_a_return_tells_whether_the_applicant_is_to_act(self, desk: Desk) -> None:
        instance_id = at_review(desk)
        desk.send_back(instance_id, "review", "check")
        desk.complete(instance_id, "check")
        desk.send_back(instance_id, "review", "apply")
        assert [row["to_applicant"] for row in desk.returns(instance_id)] == [False, True]
        assert "ClockPaused" not in desk.house.kinds(instance_id)


def test_the_history_verifies_and_explains_after_many_returns(desk: Desk) -> None:
    instance_id = desk.start(FORK)
    desk.complete(instance_id, "apply", "water")
    for resubmit in ("step", "straight", "step"):
        desk.send_back(instance_id, "fire", "apply", resubmit=resubmit)
        desk.complete(instance_id, "apply")
    desk.finish(instance_id)
