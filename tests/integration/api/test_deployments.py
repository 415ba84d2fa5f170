"""Deployments and definitions over HTTP."""

from engine.access import Role
from tests.integration.api.site import Site
from tests.integration.engine.house import LEAVE, bpmn

BROKEN = bpmn('<startEvent id="start"/><userTask id="a"/><sequenceFlow id="f" sourceRef="start" targetRef="nowhere"/>')
NO_START = bpmn('<userTask id="a" name="A"/>', key="implicit")


def test_files_are_deployed_as_one_deployment_that_can_be_read(site: Site):
    designer = site.person("designer", roles=(Role.DESIGNER,))

    answer = designer.upload("/deployments", {"leave.bpmn": LEAVE}, fields={"name": "请假", "comment": "第一版"})

    assert answer.status_code == 201
    assert [(each["key"], each["version"], each["created"]) for each in answer.json["definitions"]] == [
        ("leave", 1, True)
    ]
    seen = designer.call("GET", answer.headers["Location"].removeprefix("/api/v1")).json
    assert (seen["name"], seen["comment"], seen["files"], seen["created_by"]) == (
        "请假",
        "第一版",
        ["leave.bpmn"],
        "designer",
    )
    assert designer.get("/deployments").json["items"] == [seen]


def test_the_same_file_again_makes_no_new_version(site: Site):
    site.admin.upload("/deployments", {"leave.bpmn": LEAVE})

    again = site.admin.upload("/deployments", {"leave.bpmn": LEAVE})

    assert (again.status_code, again.json["created"], again.json["definitions"][0]["version"]) == (200, False, 1)


def test_a_file_with_errors_stores_nothing_and_every_finding_has_element_and_line(site: Site):
    answer = site.admin.upload("/deployments", {"bad.bpmn": BROKEN, "good.bpmn": LEAVE})

    assert (answer.status_code, answer.json["title"]) == (422, "model-refused")
    finding = answer.json["findings"][0]
    assert {"severity", "code", "file", "line", "element", "zh", "en"} <= set(finding)
    assert finding["file"] == "bad.bpmn"
    assert site.admin.get("/process-definitions").json["items"] == []


def test_a_dry_run_reports_and_stores_nothing(site: Site):
    good = site.admin.upload("/deployments?dry_run", {"leave.bpmn": LEAVE})
    bad = site.admin.upload("/deployments?dry_run=true", {"bad.bpmn": BROKEN})

    assert (good.status_code, good.json["report"][0]["ok"]) == (200, True)
    assert (bad.status_code, bad.json["report"][0]["ok"]) == (200, False)
    assert site.admin.get("/process-definitions").json["items"] == []


def test_changes_are_applied_only_with_consent(site: Site):
    refused = site.admin.upload("/deployments", {"a.bpmn": NO_START})
    assert refused.status_code == 422

    changes = site.admin.upload("/deployments?dry_run", {"a.bpmn": NO_START}).json["report"][0]["changes"]
    codes = ",".join(sorted({change["code"] for change in changes}))
    assert codes
    assert site.admin.upload(f"/deployments?normalise={codes}", {"a.bpmn": NO_START}).status_code == 201
    assert site.admin.upload("/deployments?normalise", {"b.bpmn": NO_START}).status_code == 200
    assert site.admin.upload("/deployments?normalise=Not a code", {"b.bpmn": NO_START}).status_code == 422


def test_a_definition_its_file_and_its_picture_can_be_read(site: Site):
    definition = site.admin.upload("/deployments", {"leave.bpmn": LEAVE}).json["definitions"][0]["id"]

    seen = site.admin.get(f"/process-definitions/{definition}").json
    assert (seen["key"], seen["version"], seen["is_latest"]) == ("leave", 1, True)
    file = site.admin.get(f"/process-definitions/{definition}/xml")
    assert (file.mimetype, file.data) == ("application/xml", LEAVE)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert site.admin.get(f"/process-definitions/{definition}/xml", normalised="true").data != b""
    assert site.admin.get(f"/process-definitions/{definition}/diagram.svg").data.startswith(b"<svg")


def test_old_versions_are_listed_on_demand(site: Site):
    site.admin.upload("/deployments", {"leave.bpmn": LEAVE})
    site.admin.upload("/deployments", {"leave.bpmn": LEAVE.replace("归档".encode(), "存档".encode())})

    latest = site.admin.get("/process-definitions").json["items"]
    every = site.admin.get("/process-definitions", latest="false", key="leave").json["items"]

    assert [row["version"] for row in latest] == [2]
    assert [row["version"] for row in every] == [1, 2]


def test_a_version_is_suspended_and_activated(site: Site):
    definition = site.admin.upload("/deployments", {"leave.bpmn": LEAVE}).json["definitions"][0]["id"]

    assert site.admin.post(f"/process-definitions/{definition}/suspend").json == {"id": definition, "suspended": True}
    assert site.admin.post(f"/process-definitions/{definition}/activate").json == {"id": definition, "suspended": False}


def test_what_does_not_exist_is_not_found(site: Site):
    for path in (
        "/deployments/x",
        "/process-definitions/x",
        "/process-definitions/x/xml",
        "/process-definitions/x/diagram.svg",
    ):
        assert site.admin.get(path).status_code == 404
    assert site.admin.post("/process-definitions/x/suspend").status_code == 404


def test_a_deployment_without_files_or_with_unknown_fields_is_refused(site: Site):
    assert site.admin.upload("/deployments", {}).status_code == 422
    assert site.admin.upload("/deployments", {"leave.bpmn": LEAVE}, fields={"nmae": "x"}).status_code == 422
    assert site.admin.upload("/deployments", {"": LEAVE}).status_code == 422
    assert site.admin.post("/deployments", {"files": []}).status_code == 415


def test_two_files_with_one_name_are_refused(site: Site):
    import io

    data = {"files": [(io.BytesIO(LEAVE), "a.bpmn"), (io.BytesIO(LEAVE), "x/a.bpmn")]}

    assert site.admin.call("POST", "/deployments", data=data, content_type="multipart/form-data").status_code == 422
