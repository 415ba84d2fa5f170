"""The start form holds whoever starts a process over the API as on the page; a program of an administrator may send anything."""

import json

import pytest

from engine.access import Role
from tests.integration.api.office import FILES, NEW_CASE
from tests.integration.api.site import Client, Site
from tests.integration.engine.house import bpmn, flows

APPLY = json.dumps(
    {
        "id": "apply",
        "components": [
            {
                "type": "textfield",
                "key": "project",
                "label": "项目名称",
                "validate": {"required": True, "pattern": "[A-Z]-[0-9]+", "patternErrorMessage": "形如 A-1"},
            },
            {"type": "number", "key": "amount", "label": "金额", "validate": {"required": True, "min": 1}},
            {"type": "select", "key": "risk", "label": "风险", "values": [{"value": "low"}, {"value": "high"}]},
            {
                "type": "textfield",
                "key": "why",
                "label": "高风险说明",
                "conditional": {"hide": '=risk != "high"'},
                "validate": {"required": True},
            },
            {"type": "textfield", "key": "checked_by", "label": "核验人", "readonly": True},
            {
                "type": "dynamiclist",
                "path": "goods",
                "label": "清单",
                "components": [{"type": "number", "key": "count", "label": "数量"}],
            },
        ],
    }
).encode()
BODY = (
    '<userTask id="approve" name="审批" banjie:assignee="boss"/><exclusiveGateway id="g" default="g_no"/>'
    '<endEvent id="yes"/><endEvent id="no"/>' + flows("approve-g", 'g-yes?risk = "low"', "g-no")
)
PURCHASE = bpmn('<startEvent id="s" banjie:formKey="apply"/>' + BODY + flows("s-approve"), key="purchase")
BY_MESSAGE = bpmn(
    '<startEvent id="s" banjie:formKey="apply"><messageEventDefinition messageRef="m"/></startEvent>'
    + BODY
    + flows("s-approve"),
    key="ordered",
    more='<message id="m" name="order"/>',
)
GOOD = {"project": "A-1", "amount": 5}


@pytest.fixture
def staff(site: Site) -> Client:
    site.house.person("boss")
    site.house.deploy(PURCHASE, apply__form=APPLY)
    return site.person("li")


def start(client: Client, key: str = "purchase", **variables: object):
    return client.post("/process-instances", {"key": key, "variables": variables})


def test_every_field_that_is_wrong_or_missing_is_named_at_once_in_both_languages(staff: Client):
    refused = start(staff, project="a 1", risk="high", goods=[{"count": "many"}])

    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert refused.json["fields"] == {
        "project": "形如 A-1",
        "amount": "必填",
        "why": "必填",
        "goods[0].count": "请填写数字",
    }
    assert refused.json["fields_en"].keys() == refused.json["fields"].keys()
    assert "金额：必填" in refused.json["detail"] and "amount" in refused.json["detail_en"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("approved", True), ("approve_outcome", "approve"), ("checked_by", "boss"), ("initiator", "boss")],
)
def test_no_starter_sends_along_what_the_form_does_not_ask(staff: Client, name: str, value: object):
    refused = start(staff, **GOOD, **{name: value})

    assert (refused.status_code, list(refused.json["fields"])) == (422, [name])


def test_what_is_in_order_starts_with_every_field_as_a_variable(staff: Client):
    started = start(staff, **GOOD, risk="low", why="hidden by its condition")

    assert started.status_code == 201
    variables = staff.get(f"/process-instances/{started.json['id']}").json["variables"]
    assert {name: variables[name] for name in (*GOOD, "risk", "why", "goods")} == {
        **GOOD,
        "risk": "low",
        "why": None,
        "goods": None,
    }


def test_a_version_of_its_own_holds_by_its_own_form(site: Site, staff: Client):
    old = site.house.queries.definitions.latest("purchase")
    site.house.deploy(PURCHASE, apply__form=APPLY.replace(b"A-Z", b"X-Z"))

    assert old is not None
    given = {"definition_id": old["id"], "variables": GOOD}
    assert staff.post("/process-instances", given).status_code == 201
    assert list(start(staff, **GOOD).json["fields"]) == ["project"]


def test_an_administrators_token_sends_any_variables_in_the_types_of_the_form(site: Site, staff: Client):
    assert start(site.admin).status_code == 201
    started = start(site.admin, amount="12", approved=True, goods=[{"count": "3", "unit": "箱"}])
    refused = start(site.admin, amount="many", risk="none", goods="x")

    variables = staff.get(f"/process-instances/{started.json['id']}")
    assert variables.status_code == 404  # not his
    kept = site.house.engine.variables(started.json["id"])
    assert (kept["amount"], kept["approved"], kept["goods"]) == (12, True, [{"count": 3, "unit": "箱"}])
    assert kept["project"] is None
    assert (refused.status_code, set(refused.json["fields"])) == (422, {"amount", "risk", "goods"})


def test_a_process_without_a_start_form_takes_any_variables_from_everybody(site: Site):
    site.house.person("boss")
    site.house.deploy(bpmn('<startEvent id="s"/>' + BODY + flows("s-approve"), key="free"))
    li = site.person("li")

    assert start(li, "free", approved=True, anything=[1]).status_code == 201
    assert start(li, "free", case_no="1").status_code == 422


def test_a_message_that_starts_is_held_to_the_types_of_the_form_of_its_start(site: Site):
    site.house.person("boss")
    site.house.deploy(BY_MESSAGE, apply__form=APPLY)

    refused = site.admin.post("/messages", {"name": "order", "variables": {"amount": "many"}})
    sent = site.admin.post("/messages", {"name": "order", "variables": {"amount": "7", "approved": True}})

    assert (refused.status_code, list(refused.json["fields"])) == (422, ["amount"])
    kept = site.house.engine.variables(sent.json["instance_id"])
    assert (kept["amount"], kept["approved"], kept["project"]) == (7, True, None)


def test_a_case_of_an_item_without_a_form_is_held_to_the_form_of_its_process(site: Site):
    with_form = FILES["hygiene.bpmn"].replace(b'id="start"', b'id="start" banjie:formKey="apply"')
    site.admin.upload("/deployments", {**FILES, "hygiene.bpmn": with_form, "apply.form": APPLY})
    clerk = site.person("chen", "window", roles=(Role.CLERK, Role.STAFF))

    refused = clerk.post("/cases", {**NEW_CASE, "form": {"project": "A-1", "accepted": True}})

    assert (refused.status_code, set(refused.json["fields"])) == (422, {"amount", "accepted"})
    assert clerk.post("/cases", {**NEW_CASE, "form": GOOD}).status_code == 201


def test_of_a_case_applicant_form_and_choices_are_told_together(site: Site):
    chosen = FILES["hygiene.bpmn"].replace(b'banjie:assignee="holder"', b'banjie:who="chosen(start)"')
    chosen = chosen.replace(b'id="start"', b'id="start" banjie:formKey="apply"')
    site.admin.upload("/deployments", {**FILES, "hygiene.bpmn": chosen, "apply.form": APPLY})
    clerk = site.person("chen", "window", roles=(Role.CLERK, Role.STAFF))

    refused = clerk.post(
        "/cases", {**NEW_CASE, "applicant": {"kind": "person", "name": " "}, "form": {"project": "A-1"}}
    )

    told = {"applicant.name", "applicant.id_number", "amount", "chosen.review"}
    assert (refused.status_code, set(refused.json["fields"])) == (422, told)
    assert set(refused.json["fields_en"]) == told


def test_what_begins_on_a_page_of_its_own_is_started_there_by_people(site: Site):
    site.house.person("boss")
    site.house.deploy(bpmn('<startEvent id="s"/>' + BODY + flows("s-approve"), key="withdrawal_application"))

    refused = start(site.person("li"), "withdrawal_application", withdrawn_instance="x")

    assert refused.status_code == 409 and "apply on its page" in refused.json["detail_en"]
    assert start(site.admin, "withdrawal_application", withdrawn_instance="x").status_code == 201
