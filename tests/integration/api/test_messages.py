"""Messages and signals over HTTP."""

from tests.integration.api.site import Site
from tests.integration.engine.house import bpmn, flows

PAID = bpmn(
    '<startEvent id="start"/><intermediateCatchEvent id="paid"><messageEventDefinition messageRef="m"/>'
    '</intermediateCatchEvent><userTask id="file" name="归档"/><endEvent id="end"/>'
    + flows("start-paid", "paid-file", "file-end"),
    key="fee",
    more='<message id="m" name="payment"/>',
)
FILED = bpmn(
    '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent><userTask id="look" name="看"/>'
    '<endEvent id="end"/>' + flows("start-look", "look-end"),
    key="filed",
    more='<message id="m" name="application"/>',
)
ALARM = bpmn(
    '<startEvent id="start"/><intermediateCatchEvent id="alarm"><signalEventDefinition signalRef="s"/>'
    '</intermediateCatchEvent><endEvent id="end"/>' + flows("start-alarm", "alarm-end"),
    key="watch",
    more='<signal id="s" name="alarm"/>',
)


def test_a_message_reaches_the_one_who_waits(site: Site):
    site.house.deploy(PAID)
    instance = site.house.start("fee")

    answer = site.admin.post("/messages", {"name": "payment", "variables": {"amount": 12.5}})

    assert (answer.status_code, answer.json["delivered"], answer.json["instance_id"]) == (200, True, instance)
    seen = site.admin.get(f"/process-instances/{instance}").json
    assert (seen["variables"]["amount"], [task["element_id"] for task in seen["tasks"]]) == (12.5, ["file"])


def test_a_message_can_start_a_process(site: Site):
    site.house.deploy(FILED)

    answer = site.admin.post("/messages", {"name": "application", "variables": {"who": "张三"}}).json

    assert answer["started"] is True
    assert site.admin.get(f"/process-instances/{answer['instance_id']}").json["variables"]["who"] == "张三"


def test_with_nobody_there_a_message_is_not_found_or_kept(site: Site):
    site.house.deploy(PAID)

    assert site.admin.post("/messages", {"name": "payment"}).status_code == 404
    kept = site.admin.post("/messages", {"name": "payment", "keep_seconds": 3600})
    assert (kept.status_code, kept.json["kept"]) == (202, True)


def test_with_more_than_one_there_a_message_is_a_conflict(site: Site):
    site.house.deploy(PAID)
    instances = {site.house.start("fee"), site.house.start("fee")}

    refused = site.admin.post("/messages", {"name": "payment"})

    assert (refused.status_code, set(refused.json["instances"])) == (409, instances)


def test_a_signal_is_told_to_everybody(site: Site):
    site.house.deploy(ALARM)
    instances = [site.house.start("watch") for _ in range(3)]

    answer = site.admin.post("/signals", {"name": "alarm"})
    site.house.run_jobs()

    assert (answer.status_code, answer.json) == (202, {"receivers": 3})
    assert [site.house.state(instance) for instance in instances] == ["completed"] * 3
