"""撤销, 跳转, 终止, 重开: by the initiator and by administrators, each leaving the instance whole (P-6.3, trap 2.6)."""

from datetime import timedelta

import pytest

from engine.access import Role
from engine.commands.returning.cancelling import CancelInstance
from engine.commands.returning.modification import JumpInstance, ReopenInstance, places_of
from engine.commands.running import invariants, moving
from engine.commands.running.instances import TerminateInstance
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound, StepFailed
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.returns.desk import FORK, Desk, line, user


class TestCancel:
    def test_p_6_3_whoever_started_it_ends_it_with_everything_in_it(self, desk: Desk) -> None:
        instance_id = desk.start(FORK)
        desk.complete(instance_id, "apply")
        command = CancelInstance(instance_id=instance_id, reason="不办了")
        answer = desk.house.engine.execute(command, actor=desk.person("apply"))
        assert answer["state"] == "terminated"
        row = desk.house.queries.instances.get(instance_id)
        assert row is not None
        assert row["outcome"] == "cancelled"
        assert desk.open(instance_id) == []
        desk.check(instance_id)

    def test_trap_2_6_p_6_3_until_the_point_that_the_model_sets(self, desk: Desk) -> None:
        instance_id = desk.start(line(check={"cancelBarrier": "true"}))
        desk.complete(instance_id, "apply", "check")
        command = CancelInstance(instance_id=instance_id, reason="不办了")
        with pytest.raises(Conflict, match="apply for a withdrawal"):
            desk.house.engine.execute(command, actor=desk.person("apply"))

    def test_p_6_3_a_return_before_that_point_opens_the_way_again(self, desk: Desk) -> None:
        instance_id = desk.start(line(check={"cancelBarrier": "true"}))
        desk.complete(instance_id, "apply", "check")
        desk.send_back(instance_id, "review", "apply")
        command = CancelInstance(instance_id=instance_id, reason="不办了")
        desk.house.engine.execute(command, actor=desk.person("apply"))
        assert desk.house.state(instance_id) == "terminated"

    def test_nobody_else_cancels(self, desk: Desk) -> None:
        instance_id = desk.start(line())
        desk.complete(instance_id, "apply")
        command = CancelInstance(instance_id=instance_id, reason="x")
        with pytest.raises(NotFound):
            desk.house.engine.execute(command, actor=desk.house.person("stranger"))
        with pytest.raises(Forbidden):
            desk.house.engine.execute(command, actor=desk.house.admin)
        with pytest.raises(InvalidInput):
            desk.house.engine.execute(CancelInstance(instance_id=instance_id, reason=" "), actor=desk.person("apply"))


def jump(desk: Desk, instance_id: str, source: str, target: str) -> dict[str, object]:
    task = desk.house.task(instance_id, source)
    desk.house.now += timedelta(minutes=1)
    command = JumpInstance(instance_id=instance_id, token_id=task["token_id"], target=target, reason="纠正")
    return desk.house.engine.execute(command, actor=desk.house.admin)


class TestJump:
    def test_an_administrator_moves_a_token(self, desk: Desk) -> None:
        instance_id = desk.start(line())
        jump(desk, instance_id, "apply", "sign")
        assert desk.open(instance_id) == ["sign"]
        (told,) = desk.told(instance_id, "TokenJumped")
        assert (told["element_id"], told["target_id"], told["reason"]) == ("apply", "sign", "纠正")
        desk.finish(instance_id)

    def test_trap_2_6_a_jump_that_starves_a_join_is_refused(self, desk: Desk) -> None:
        instance_id = desk.start(FORK)
        with pytest.raises(Conflict, match="join behind it would wait for ever"):
            jump(desk, instance_id, "apply", "fire")
        assert desk.house.state(instance_id) == "running"
        assert desk.open(instance_id) == ["apply"]
        assert "TokenJumped" not in desk.house.kinds(instance_id)

    def test_people_do_not_jump(self, desk: Desk) -> None:
        instance_id = desk.start(line())
        task = desk.house.task(instance_id)
        command = JumpInstance(instance_id=instance_id, token_id=task["token_id"], target="sign", reason="x")
        for actor in (desk.person("apply"), desk.house.person("boss", roles=(Role.SUPERVISOR,))):
            with pytest.raises(Forbidden):
                desk.house.engine.execute(command, actor=actor)

    def test_calls_to_the_outside_go_with_it(self, desk: Desk) -> None:
        model = bpmn(
            '<startEvent id="start"/><endEvent id="end"/><subProcess id="s"><startEvent id="ss"/><parallelGateway id="f"/>'
            '<serviceTask id="call" banjie:verb="http.request"><extensionElements>'
            '<banjie:input name="url">https://example.com/</banjie:input></extensionElements></serviceTask>'
            + user("apply")
            + flows("ss-f", "f-call", "f-apply", "call-e1", "apply-e2")
            + '<endEvent id="e1"/><endEvent id="e2"/></subProcess>'
            + user("sign")
            + flows("start-s", "s-sign", "sign-end")
        )
        instance_id = desk.start(model)
        jump(desk, instance_id, "apply", "sign")
        assert desk.house.queries.admin.job_counts(desk.house.now) == {"waiting": 0, "due": 0, "dead": 0}
        desk.finish(instance_id)


class TestReopen:
    def test_a_finished_instance_goes_on_from_a_chosen_element(self, desk: Desk) -> None:
        instance_id = desk.start(line())
        desk.finish(instance_id)
        places = desk.house.engine.ask(lambda context: places_of(context, instance_id), actor=desk.house.admin)
        assert [place["element_id"] for place in places["elements"]] == ["sign", "review", "check", "apply"]
        command = ReopenInstance(instance_id=instance_id, element_id="review", reason="材料造假")
        answer = desk.house.engine.execute(command, actor=desk.house.admin)
        assert answer["state"] == "running"
        assert desk.open(instance_id) == ["review"]
        desk.finish(instance_id)

    def test_a_terminated_one_too(self, desk: Desk) -> None:
        instance_id = desk.start(FORK)
        desk.complete(instance_id, "apply")
        command = TerminateInstance(instance_id=instance_id, reason="误操作")
        desk.house.engine.execute(command, actor=desk.house.admin)
        half = ReopenInstance(instance_id=instance_id, element_id="fire", reason="x")
        with pytest.raises(Conflict, match="parallel branches"):
            desk.house.engine.execute(half, actor=desk.house.admin)
        reopen = ReopenInstance(instance_id=instance_id, element_id="fork", reason="误操作")
        desk.house.engine.execute(reopen, actor=desk.house.admin)
        assert desk.open(instance_id) == ["fire", "water"]
        desk.finish(instance_id)

    def test_a_running_one_is_not_reopened(self, desk: Desk) -> None:
        instance_id = desk.start(line())
        command = ReopenInstance(instance_id=instance_id, element_id="apply", reason="x")
        with pytest.raises(Conflict, match="still running"):
            desk.house.engine.execute(command, actor=desk.house.admin)
        with pytest.raises(Forbidden):
            desk.house.engine.execute(command, actor=desk.person("apply"))


class TestInvariants:
    @pytest.mark.parametrize(
        "damage",
        [
            tables.task.update().values(closed_at=None, state="assigned"),
            tables.task.delete().where(tables.task.c.element_id == "check"),
            tables.job.delete(),
            tables.subscription.delete(),
        ],
        ids=["an open task without a token", "a token without a task", "a timer without a job", "a wait without a row"],
    )
    def test_rows_that_do_not_fit_the_tokens_are_found(self, desk: Desk, damage: object) -> None:
        model = bpmn(
            '<startEvent id="start"/><parallelGateway id="fork"/>'
            '<intermediateCatchEvent id="pause"><timerEventDefinition><timeDuration>P1D</timeDuration>'
            "</timerEventDefinition></intermediateCatchEvent>"
            '<intermediateCatchEvent id="paid"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
            + user("apply")
            + user("check")
            + flows("start-apply", "apply-fork", "fork-check", "fork-pause", "fork-paid"),
            more='<message id="m" name="paid"/>',
        )
        instance_id = desk.start(model)
        desk.complete(instance_id, "apply")

        def whole(context: object) -> None:
            invariants.check(moving.load(context, instance_id))  # type: ignore[arg-type]

        desk.house.engine.ask(whole, actor=desk.house.admin)
        with desk.house.database.write() as connection:
            connection.exec_driver_sql("DELETE FROM task_offer")
            connection.execute(damage)  # type: ignore[call-overload]
        with pytest.raises(StepFailed) as failed:
            desk.house.engine.ask(whole, actor=desk.house.admin)
        assert failed.value.facts["reason"] == "unsound"
