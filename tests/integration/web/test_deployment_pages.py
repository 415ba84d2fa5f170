"""Deployments: upload, findings by element and line, consent, versions."""

import io
import zipfile

import pytest

from engine.access import Role
from engine.store import tables
from tests.integration.engine.house import bpmn, flows
from tests.integration.web import samples
from tests.integration.web.office import Browser, Office

DESIGNER = (Role.DESIGNER, Role.STAFF)
FILES = {"purchase.bpmn": samples.PURCHASE, "apply.form": samples.APPLY_FORM, "review.form": samples.REVIEW_FORM}
BROKEN = bpmn(
    '<startEvent id="start"/>\n<userTask id="t" name="审批"/>\n<exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>'
    + flows("start-t", "t-g", "g-a?n > 1", "g-b?n >< 2"),
    key="broken",
)
BARE = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" targetNamespace="x">
<process id="bare" name="bare" isExecutable="true"><userTask id="t" name="T" banjie:assignee="zhang"/></process></definitions>"""


@pytest.fixture
def designer(office: Office) -> Browser:
    browser = office.person("ma", roles=DESIGNER)
    browser.get("/deployments")
    return browser


def test_good_files_become_a_version_with_its_diagram(designer: Browser) -> None:
    designer.upload("/deployments", "files", FILES, action="deploy", comment="首版")

    assert "已部署：采购申请 v1" in designer.text
    designer.get(designer.page.find("a", string="采购申请")["href"])
    assert "业务审查" in designer.text and "批准" in designer.text
    answer = designer.client.get(designer.page.select_one(".bj-diagram img")["src"])
    assert "<svg" in answer.text


def test_the_same_files_again_make_no_new_version(designer: Browser) -> None:
    designer.upload("/deployments", "files", FILES, action="deploy")

    designer.upload("/deployments", "files", FILES, action="deploy")

    assert "没有生成新版本" in designer.messages[0]
    assert "v2" not in designer.text


def test_checking_alone_stores_nothing(office: Office, designer: Browser) -> None:
    designer.upload("/deployments", "files", FILES, action="check")

    assert "可以部署，还没有部署" in designer.text
    assert office.house.queries.definitions.page().rows == []


def test_errors_are_listed_by_element_and_line_and_nothing_is_stored(office: Office, designer: Browser) -> None:
    designer.upload("/deployments", "files", {"broken.bpmn": BROKEN}, action="deploy")

    assert designer.status == 422
    report = designer.page.find(id="report")
    assert "没有部署" in report.get_text()
    rows = [[" ".join(cell.get_text(" ").split()) for cell in row.select("td")] for row in report.select("tbody tr")]
    errors = [row for row in rows if row[0] == "错误"]
    assert errors and all(row[1].isdigit() for row in errors)
    assert any("g_b" in row[2] or "g" in row[2] for row in errors)
    assert office.house.queries.definitions.page().rows == []


def test_repairs_need_consent(office: Office, designer: Browser) -> None:
    designer.upload("/deployments", "files", {"bare.bpmn": BARE}, action="deploy")
    assert "勾选同意后重新上传" in designer.text
    assert office.house.queries.definitions.page().rows == []

    designer.upload("/deployments", "files", {"bare.bpmn": BARE}, action="deploy", normalise="1")
    assert [row["key"] for row in office.house.queries.definitions.page().rows] == ["bare"]
    assert "已改" in designer.text


def test_an_archive_is_opened(office: Office, designer: Browser) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(f"purchase/{name}", data)
        archive.writestr("__MACOSX/x.bpmn", b"junk")

    designer.upload("/deployments", "files", {"purchase.zip": out.getvalue()}, action="deploy")

    assert [row["key"] for row in office.house.queries.definitions.page().rows] == ["purchase"]


def test_an_archive_that_inflates_too_far_is_refused(designer: Browser) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bpmn", b"\0" * (21 << 20))

    designer.upload("/deployments", "files", {"bomb.zip": out.getvalue()}, action="deploy")

    assert designer.status == 413


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"not an archive"])
def test_a_broken_archive_is_told_in_words(designer: Browser, data: bytes) -> None:
    designer.upload("/deployments", "files", {"x.zip": data}, action="deploy")

    assert designer.status == 422
    assert "压缩包已损坏" in designer.text


def test_no_file_at_all_is_told_in_words(designer: Browser) -> None:
    designer.send("/deployments", {"action": "deploy"})

    assert designer.status == 422
    assert "请选择要上传的文件" in designer.text


def test_a_suspended_version_cannot_be_started(office: Office, designer: Browser) -> None:
    designer.upload("/deployments", "files", FILES, action="deploy")
    row = office.house.queries.definitions.latest("purchase")
    path = f"/deployments/definitions/{row['id']}"

    designer.send(f"{path}/suspend")
    designer.get("/start/process/purchase")
    assert designer.status == 404
    designer.get(path)
    designer.send(f"{path}/activate")
    designer.get("/start/process/purchase")
    assert designer.status == 200


def test_everybody_may_look_and_only_designers_deploy(office: Office, designer: Browser) -> None:
    designer.upload("/deployments", "files", FILES, action="deploy")
    zhang = office.person("zhang")

    zhang.get("/deployments")
    assert zhang.status == 200 and zhang.page.find("input", type="file") is None
    zhang.upload("/deployments", "files", FILES, action="deploy")
    assert zhang.status == 403


def test_the_file_is_handed_back_as_it_was_uploaded(office: Office, designer: Browser) -> None:
    designer.upload("/deployments", "files", FILES, action="deploy")
    row = office.house.queries.definitions.latest("purchase")

    answer = designer.client.get(f"/deployments/definitions/{row['id']}/process.bpmn")

    assert answer.data == samples.PURCHASE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="purchase-v1.bpmn"'


def test_a_version_tells_what_changed_since_the_one_before(designer: Browser) -> None:
    designer.upload("/deployments", "files", FILES, action="deploy")
    changed = FILES | {"purchase.bpmn": samples.PURCHASE.replace("业务审查".encode(), "业务初审".encode())}
    designer.upload("/deployments", "files", changed, action="deploy")

    designer.get(designer.page.find("a", string="采购申请")["href"])

    told = designer.page.select_one("#differences")
    assert "与 v1 相比" in told.text and "有改动" in told.text
    assert [cell.text for cell in told.select("tbody td")[2:5]] == ["name", "业务审查", "业务初审"]


def test_a_house_with_hundreds_of_processes_and_versions_lists_them_all(office: Office, designer: Browser) -> None:
    """Given 220 processes and 220 versions of one, when they are listed, none is left out: the last ones were, in silence."""
    designer.upload("/deployments", "files", FILES, action="deploy")
    first = office.house.queries.definitions.newest()[0]
    definition = tables.process_definition
    with office.database.write() as connection:
        row = dict(connection.execute(definition.select().where(definition.c.id == first["id"])).one()._mapping)
        connection.execute(definition.update().values(is_latest=False))
        versions = [row | {"id": f"v{n}", "version": n, "is_latest": n == 221} for n in range(2, 222)]
        others = [row | {"id": f"o{n}", "key": f"other{n:03}", "name": f"流程{n:03}"} for n in range(220)]
        connection.execute(definition.insert(), versions + [each | {"is_latest": True} for each in others])

    designer.get("/deployments")
    assert all(f"流程{n:03}" in designer.text for n in (0, 199, 219)) and "采购申请" in designer.text
    designer.get("/deployments/definitions/v221")
    assert "v221" in designer.text and "与 v220 相比" in designer.text and "v21 2026" in designer.text
    designer.get("/inbox")
    options = {option.text for option in designer.page.select("select[name=process] option")}
    assert {"流程219", "采购申请"} <= options
