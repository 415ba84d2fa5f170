"""撤销 outside cases: possible until the decision is signed; then by an application that is itself approved (P-6.3)."""

import pytest

from engine.commands.returning.cancelling import ApplyForWithdrawal, CancelInstance, way_out
from engine.commands.running.service_tasks import VERBS, Verb
from engine.errors import Conflict
from tests.integration.engine.house import bpmn, flows
from tests.integration.returns.desk import Desk, user

VERDICT = "agree:同意,refuse:不同意"

# apply -> review -> sign -> (refused: back to apply) -> file
SEAL = '<startEvent id="start"/><exclusiveGateway id="signed"/><endEvent id="end"/>' + flows(
    "start-apply",
    "apply-review",
    "review-sign",
    "sign-signed",
    'signed-apply?sign_outcome = "refuse"',
    'signed-file?sign_outcome = "agree"',
    "file-end",
)


def seal(*, review: dict[str, str] | None = None, sign: dict[str, str] | None = None) -> bytes:
    return bpmn(
        SEAL
        + user("apply")
        + user("review", outcomes=VERDICT, **(review or {}))
        + user("sign", "签发", outcomes=VERDICT, **(sign or {}))
        + user("file", "归档")
    )


def cancel(desk: Desk, instance_id: str) -> None:
    desk.house.engine.execute(CancelInstance(instance_id=instance_id, reason="不办了"), actor=desk.person("apply"))


def way(desk: Desk, instance_id: str) -> str:
    found = desk.house.engine.ask(lambda context: way_out(context, instance_id), actor=desk.person("apply"))
    assert (found["why"] is None) == (found["way"] == "cancel")
    return str(found["way"])


def test_p_6_3_until_the_last_decision_is_made_the_initiator_cancels(desk: Desk) -> None:
    instance_id = desk.start(seal())
    desk.complete(instance_id, "apply")
    desk.complete(instance_id, "review", outcome="agree")
    assert way(desk, instance_id) == "cancel", "the decision of the review is not the last one"
    cancel(desk, instance_id)
    assert desk.house.state(instance_id) == "terminated"


def test_p_6_3_behind_it_the_refusal_names_the_decision_and_the_application(desk: Desk) -> None:
    instance_id = desk.start(seal())
    desk.complete(instance_id, "apply")
    for step in ("review", "sign"):
        desk.complete(instance_id, step, outcome="agree")
    with pytest.raises(Conflict, match=r"签发 has decided.*apply for a withdrawal") as refused:
        cancel(desk, instance_id)
    assert refused.value.zh == "「签发」已作出决定，此后不能自行撤销；请提交撤回申请，经审批后终止。"
    assert way(desk, instance_id) == "none", "no process for applications is deployed here, and the page says so"
    with pytest.raises(Conflict, match="deploy it first"):
        desk.house.engine.execute(
            ApplyForWithdrawal(instance_id=instance_id, reason="不办了"), actor=desk.person("apply")
        )


def test_p_6_3_a_refusal_that_leads_back_to_the_applicant_is_no_end_of_deciding(desk: Desk) -> None:
    instance_id = desk.start(seal())
    desk.complete(instance_id, "apply")
    desk.complete(instance_id, "review", outcome="agree")
    desk.complete(instance_id, "sign", outcome="refuse")
    assert desk.open(instance_id) == ["apply"]
    cancel(desk, instance_id)


def test_p_6_3_a_return_over_the_decision_opens_the_way_again(desk: Desk) -> None:
    instance_id = desk.start(seal())
    desk.complete(instance_id, "apply")
    for step in ("review", "sign"):
        desk.complete(instance_id, step, outcome="agree")
    desk.send_back(instance_id, "file", "review")
    cancel(desk, instance_id)


def test_p_6_3_the_model_says_earlier_or_never(desk: Desk) -> None:
    instance_id = desk.start(seal(review={"cancelBarrier": "true"}))
    desk.complete(instance_id, "apply")
    desk.complete(instance_id, "review", outcome="agree")
    with pytest.raises(Conflict, match="review is done"):
        cancel(desk, instance_id)

    off = {"cancelBarrier": "false"}
    instance_id = desk.start(seal(review=off, sign=off))
    desk.complete(instance_id, "apply")
    for step in ("review", "sign"):
        desk.complete(instance_id, step, outcome="agree")
    cancel(desk, instance_id)


def test_p_6_3_what_is_marked_irreversible_ends_it_as_well(desk: Desk) -> None:
    told = '<serviceTask id="tell" name="公示" banjie:verb="test.tell" banjie:irreversible="true"/>'
    model = bpmn(
        '<startEvent id="start"/><endEvent id="end"/>'
        + user("apply")
        + user("sign", outcomes=VERDICT)
        + told
        + flows("start-apply", "apply-tell", "tell-sign", "sign-end")
    )
    VERBS["test.tell"] = Verb("test.tell", "公示", "Publish", lambda *_: {})
    try:
        instance_id = desk.start(model)
        assert way(desk, instance_id) == "cancel"
        desk.complete(instance_id, "apply")
    finally:
        VERBS.pop("test.tell")
    with pytest.raises(Conflict, match="公示 was carried out and cannot be undone"):
        cancel(desk, instance_id)


def test_p_6_3_of_two_decisions_side_by_side_both_must_be_made(desk: Desk) -> None:
    model = bpmn(
        '<startEvent id="start"/><parallelGateway id="fork"/><parallelGateway id="join"/><endEvent id="end"/>'
        + user("apply")
        + "".join(user(name, outcomes=VERDICT) for name in ("fire", "water"))
        + user("file")
        + flows("start-apply", "apply-fork", "fork-fire", "fork-water", "fire-join", "water-join", "join-file")
        + '<sequenceFlow id="last" sourceRef="file" targetRef="end"/>'
    )
    instance_id = desk.start(model)
    desk.complete(instance_id, "apply")
    desk.complete(instance_id, "fire", outcome="agree")
    assert way(desk, instance_id) == "cancel"
    desk.complete(instance_id, "water", outcome="agree")
    with pytest.raises(Conflict, match="water has decided"):
        cancel(desk, instance_id)
