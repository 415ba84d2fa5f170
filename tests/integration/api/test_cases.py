"""Cases, materials, items and credit over HTTP."""

import json

import pytest

from engine.access import Role
from tests.integration.api.office import APPLICANT, CODE, FILES, ITEM, NEW_CASE, PROCESS
from tests.integration.api.site import Client, Site
from tests.integration.engine.house import bpmn, flows
from tests.unit.files.builders import image, pdf


@pytest.fixture
def clerk(site: Site) -> Client:
    site.house.person("holder")
    clerk = site.person("chen", "window", roles=(Role.CLERK, Role.STAFF))
    assert site.admin.upload("/deployments", FILES).status_code == 201
    return clerk


@pytest.fixture
def no(clerk: Client) -> str:
    return str(clerk.post("/cases", NEW_CASE).json["no"])


def test_a_case_is_filed_and_read(site: Site, clerk: Client):
    filed = clerk.post("/cases", NEW_CASE)

    assert filed.status_code == 201
    assert len(filed.json["no"]) == 23
    assert filed.json["query_code"]
    case = clerk.call("GET", filed.headers["Location"].removeprefix("/api/v1")).json
    assert (case["state"], case["state_zh"], case["item_code"], case["filed_by"]) == (
        "received",
        "已收件",
        CODE,
        "chen",
    )
    assert (case["applicant"]["name"], case["form"], case["instance_id"]) == (
        "王小明",
        {"area": 120},
        filed.json["instance_id"],
    )
    assert [(clock["kind"], clock["limit"], clock["state"]) for clock in case["clocks"]] == [
        ("notice", "5wd", "running")
    ]
    document = case["documents"][0]
    assert "王小明" in clerk.get(f"/cases/{case['no']}/documents/{document['id']}").json["body"]


def test_what_is_wrong_with_an_application_is_told_by_field(clerk: Client):
    wrong = NEW_CASE | {"applicant": APPLICANT | {"kind": "robot", "id_number": ""}, "urgency": 9}

    fields = clerk.post("/cases", wrong).json["fields"]

    assert set(fields) == {"applicant.kind", "applicant.id_number", "urgency"}
    assert set(clerk.post("/cases", NEW_CASE | {"chosen": {"unasked": ["chen"]}}).json["fields"]) == {"chosen.unasked"}
    assert clerk.post("/cases", NEW_CASE | {"item": "unknown"}).status_code == 404
    assert clerk.post("/cases", NEW_CASE | {"offered": {"M99": {}}}).status_code == 422
    assert clerk.post("/cases", NEW_CASE | {"attachments": [{"key": "a" * 32}]}).status_code == 422


def test_lists_hide_the_middle_of_identity_numbers(site: Site, clerk: Client, no: str):
    listed = clerk.get("/cases").json["items"]

    assert [(case["no"], case["applicant_id"]) for case in listed] == [(no, "430105********1234")]
    assert site.person("stranger").get("/cases").json["items"] == []
    assert [
        case["no"] for case in site.admin.get("/cases", state="received", item=CODE, text="王小").json["items"]
    ] == [no]


def test_a_case_of_others_is_not_found(site: Site, clerk: Client, no: str):
    stranger = site.person("stranger")

    for path in ("", "/materials", "/documents/x", "/files/x"):
        assert stranger.get(f"/cases/{no}{path}").status_code == 404
        assert clerk.get(f"/cases/00000000000000000000000{path}").status_code == 404
    assert stranger.post(f"/cases/{no}/withdraw").status_code == 404


def test_a_material_is_uploaded_judged_and_downloaded(clerk: Client, no: str):
    data = pdf()

    added = clerk.upload(
        f"/cases/{no}/materials/M02/files", {"执照.pdf": data}, field="file", fields={"note": "第一版"}
    )
    assert (added.status_code, added.json["state"]) == (201, "submitted")
    materials = clerk.get(f"/cases/{no}/materials").json["items"]
    assert [(each["code"], each["state"], each["state_zh"]) for each in materials] == [
        ("M01", "submitted", "已提交"),
        ("M02", "submitted", "已提交"),
    ]
    file = materials[1]["files"][0]
    assert (file["name"], file["size"], file["media_type"], file["uploaded_by"]) == (
        "执照.pdf",
        len(data),
        "application/pdf",
        "chen",
    )
    assert "storage_key" not in file

    download = clerk.call("GET", added.headers["Location"].removeprefix("/api/v1"))
    assert download.data == data
    assert download.headers["Content-Disposition"].startswith("attachment; ")
    assert download.mimetype == "application/octet-stream"
    assert "sandbox" in download.headers["Content-Security-Policy"]

    judged = clerk.post(f"/cases/{no}/materials/M02/judge", {"verdict": "rejected", "reason": "看不清"})
    assert judged.json["state"] == "rejected"
    assert clerk.post(f"/cases/{no}/materials/M01/judge", {"verdict": "verified"}).json["state"] == "verified"


def test_a_file_without_a_material_belongs_to_the_case(clerk: Client, no: str):
    clerk.upload(f"/cases/{no}/files", {"现场.jpg": image("JPEG")}, field="file")

    assert [file["name"] for file in clerk.get(f"/cases/{no}/materials").json["files"]] == ["现场.jpg"]


def test_a_hostile_file_is_refused_and_leaves_nothing(site: Site, clerk: Client, no: str):
    refused = clerk.upload(f"/cases/{no}/materials/M02/files", {"a.pdf": b"MZ\x90"}, field="file")

    assert (refused.status_code, refused.json["reason"]) == (422, "content-differs")
    assert clerk.upload(f"/cases/{no}/materials/M02/files", {"a.html": b"<script>"}, field="file").status_code == 422
    assert (
        clerk.upload(f"/cases/{no}/materials/M02/files", {"a.txt": b"x" * (2 << 20)}, field="file").status_code == 413
    )
    assert clerk.upload(f"/cases/{no}/materials/M99/files", {"a.txt": b"x"}, field="file").status_code == 404
    assert clerk.upload(f"/cases/{no}/materials/M02/files", {}, field="file").status_code == 422
    assert [path for path in site.uploads.rglob("*") if path.is_file()] == []


def test_an_upload_sent_again_under_its_key_is_one_file(site: Site, clerk: Client, no: str):
    path, files = f"/cases/{no}/materials/M02/files", {"执照.pdf": pdf()}

    first = clerk.upload(path, files, field="file", key="u-1")
    again = clerk.upload(path, files, field="file", key="u-1")
    other = clerk.upload(path, {"执照.pdf": pdf() + b"\n"}, field="file", key="u-1")

    assert (again.status_code, again.json) == (201, first.json)
    assert other.status_code in (409, 422)
    assert len([path for path in site.uploads.rglob("*") if path.is_file()]) == 1


def test_a_file_added_by_mistake_is_removed_and_its_record_stays(site: Site, clerk: Client, no: str):
    added = clerk.upload(f"/cases/{no}/files", {"a.txt": b"x"}, field="file")
    path = added.headers["Location"].removeprefix("/api/v1")

    assert clerk.delete(path, query_string={"reason": "传错了"}).status_code == 204
    assert clerk.get(path).status_code == 404
    assert clerk.delete(path).status_code == 404


def test_the_application_is_corrected_until_it_is_accepted(site: Site, clerk: Client, no: str):
    assert clerk.patch(f"/cases/{no}/form", {"form": {"area": 200}}).json["changed"] == ["area"]

    instance = clerk.get(f"/cases/{no}").json["instance_id"]
    task = site.house.task(instance)["id"]
    clerk.post(f"/tasks/{task}/complete", {"outcome": "accept"})

    assert clerk.get(f"/cases/{no}").json["state"] == "accepted"
    assert clerk.patch(f"/cases/{no}/form", {"form": {"area": 300}}).status_code in (403, 409)


def test_an_application_is_withdrawn(clerk: Client, no: str):
    withdrawn = clerk.post(f"/cases/{no}/withdraw", {"reason": "不办了"})

    assert (withdrawn.status_code, withdrawn.json["state"]) == (200, "cancelled")
    assert clerk.post(f"/cases/{no}/withdraw", {}).status_code == 409
    assert clerk.post(f"/cases/{no}/withdraw-commitment", {}).status_code == 409


def test_items_are_listed_with_their_materials(clerk: Client):
    assert [item["code"] for item in clerk.get("/items").json["items"]] == [CODE]

    item = clerk.get(f"/items/{CODE}").json
    assert [(each["code"], each["material_class"]) for each in item["materials"]] == [
        ("M01", "main"),
        ("M02", "secondary"),
    ]
    assert item["guide"]["conditions"] == "经营场所符合卫生标准"
    assert (item["form"], item["form_names"]) == ([], [])
    assert clerk.get("/items/unknown").status_code == 404


def test_credit_is_recorded_and_repaired(site: Site):
    body = {
        "applicant_name": "某公司",
        "applicant_id": "91430105MA4L00000X",
        "reason": "列入名单",
        "expires_on": "2027-11-23",
    }

    made = site.admin.post("/credit-events", body)

    assert made.status_code == 201
    assert site.admin.get("/credit-events").json["items"][0]["applicant_id"] == "914301********000X"
    listed = site.admin.get("/credit-events", applicant_id="91430105MA4L00000X").json["items"][0]
    assert (listed["id"], listed["kind"], listed["repaired_at"]) == (made.json["id"], "serious", None)
    assert site.admin.post(f"/credit-events/{made.json['id']}/repair", {"reason": "已整改"}).status_code == 200
    assert site.admin.post(f"/credit-events/{made.json['id']}/repair", {"reason": "again"}).status_code == 409
    assert site.admin.post("/credit-events/unknown/repair", {"reason": "x"}).status_code == 404


ASKED = {
    "schemaVersion": 16,
    "type": "default",
    "components": [
        {"type": "number", "key": "area", "label": "面积", "validate": {"required": True}},
        {"type": "textfield", "key": "why", "label": "原因", "conditional": {"hide": "=area = null"}},
    ],
}


def test_an_item_tells_a_program_what_its_application_asks_for(site: Site):
    item = ITEM.replace(b"[limits]", b'[forms]\nstart = "apply.form"\n\n[limits]')
    process = PROCESS.replace(b'<startEvent id="start"/>', b'<startEvent id="start" banjie:formKey="apply"/>')
    files = {"hygiene.bpmn": process, "item.toml": item, "apply.form": json.dumps(ASKED).encode()}
    deployed = site.admin.upload("/deployments", files)
    assert deployed.status_code == 201, deployed.json

    found = site.admin.get(f"/items/{CODE}").json

    assert [(field["name"], field["kind"], field["required"]) for field in found["form"]] == [("area", "number", True)]
    assert found["form_names"] == ["area", "why"]


def test_a_definition_tells_a_program_what_its_start_asks_for(site: Site):
    form = json.dumps(ASKED).encode()
    process = bpmn(
        '<startEvent id="start" banjie:formKey="apply"/><endEvent id="end"/>' + flows("start-end"), key="asking"
    )
    deployed = site.admin.upload("/deployments", {"asking.bpmn": process, "apply.form": form}).json

    found = site.admin.get(f"/process-definitions/{deployed['definitions'][0]['id']}").json

    assert [(field["name"], field["label"]) for field in found["form"]] == [("area", "面积")]


def test_the_history_of_a_case_tells_neither_the_application_nor_what_is_the_engines_own(site: Site, clerk: Client):
    colleague = site.person("liu", "window")
    instance = clerk.post("/cases", NEW_CASE).json["instance_id"]

    def read(client: Client) -> str:
        answer = client.get(f"/process-instances/{instance}/history")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    assert APPLICANT["id_number"] in read(clerk)
    assert APPLICANT["id_number"] not in read(colleague)
    for client in (clerk, colleague, site.admin):
        assert "CaseRegistered" in read(client)
        assert "query_code_hash" not in read(client)


def test_a_case_takes_only_so_many_files_also_beside_its_materials(clerk: Client, no: str, monkeypatch):
    monkeypatch.setattr("engine.commands.cases.attachments.MAX_FILES", 2)

    answers = [clerk.upload(f"/cases/{no}/files", {"备注.txt": f"第{n}份".encode()}, field="file") for n in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
