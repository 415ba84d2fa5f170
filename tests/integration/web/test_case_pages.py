"""One case on its pages: what is shown to whom, materials up and down, judging, withdrawing."""

import io

import pytest
from PIL import Image

from engine.access import Role
from engine.commands.cases.filing import FileCase
from tests.integration.web.office import Browser, Office


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def no(office: Office) -> str:
    """A case that chen filed and that waits at the window."""
    office.stalls()
    office.employ("chen", "window", roles=(Role.CLERK, Role.STAFF))
    command = FileCase(
        item_code="000131010001",
        applicant={"kind": "person", "name": "王小明", "id_number": "330102199001011234", "phone": "13900000000"},
        form={"stall": "A-12"},
    )
    return str(office.house.engine.execute(command, actor=office.house.actors["chen"])["no"])


def at_desk(office: Office, login: str) -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def test_every_tab_is_a_page_of_its_own(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")

    shown = {}
    for tab in ("overview", "form", "process", "materials", "documents", "nonsense"):
        chen.get(f"/cases/{no}?tab={tab}")
        assert chen.status == 200, tab
        shown[tab] = chen.text

    assert "王小明" in shown["overview"] and "窗口受理 · window 待认领" in shown["overview"]
    assert "A-12" in shown["form"]
    assert "单独打开大图" in shown["process"] and "窗口受理" in shown["process"]
    assert "申请书" in shown["materials"] and "未提交" in shown["materials"]
    assert shown["nonsense"] == shown["overview"]


def test_identity_numbers_are_masked(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")

    chen.get(f"/cases/{no}")

    assert "330102********1234" in chen.text and "199001011234" not in chen.answer.text


def test_the_instance_of_a_case_leads_to_the_case(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")
    case = office.house.queries.cases.get(no)

    chen.get(f"/instances/{case['instance_id']}")

    assert chen.status == 302 and chen.answer.headers["Location"] == f"/cases/{no}"


def test_outsiders_get_the_same_answer_as_for_no_case(office: Office, no: str) -> None:
    outsider = office.person("wang")

    for path in (
        f"/cases/{no}",
        f"/cases/{no}/receipt",
        f"/cases/{no}/sheet",
        f"/cases/{no}/diagram.svg",
        "/cases/123",
    ):
        outsider.get(path)
        assert outsider.status == 404, path


def test_supervisors_search_all_cases_and_others_have_no_such_page(office: Office, no: str) -> None:
    supervisor = office.person("sun", roles=(Role.SUPERVISOR,))
    chen = at_desk(office, "chen")

    supervisor.get("/cases?q=王小明")
    assert no in supervisor.rows()[0]
    supervisor.get("/cases?state=finished")
    assert "没有符合条件的办件" in supervisor.text
    chen.get("/cases")
    assert chen.status == 403


def test_a_material_is_uploaded_looked_at_verified_and_downloaded_inertly(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")
    chen.get(f"/cases/{no}?tab=materials")
    chen.upload(f"/cases/{no}/attachments", "files", {"申请 书.png": picture()}, material="M01")
    assert chen.messages == ["已上传 1 个文件。"]
    link = chen.page.select_one(".bj-file a")["href"]

    shown = chen.client.get(link)
    taken = chen.client.get(link.split("?")[0])
    chen.send(f"/cases/{no}/materials/M01/judge", {"verdict": "verified"})

    assert shown.content_type == "image/png"
    assert taken.content_type == "application/octet-stream"
    assert (
        taken.headers["Content-Disposition"].startswith("attachment")
        and "UTF-8''" in taken.headers["Content-Disposition"]
    )
    for answer in (shown, taken):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "材料已核验" in chen.text and "已核验" in chen.rows()[0]


def test_a_file_of_another_case_is_not_found_under_this_one(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")
    chen.get(f"/cases/{no}?tab=materials")
    chen.upload(f"/cases/{no}/attachments", "files", {"a.png": picture()}, material="M01")
    file_id = office.house.queries.cases.attachments(office.house.queries.cases.get(no)["id"])[0]["id"]
    other = FileCase(
        item_code="000131010001", applicant={"kind": "person", "name": "李", "id_number": "1"}, form={"stall": "B"}
    )
    other_no = office.house.engine.execute(other, actor=office.house.actors["chen"])["no"]

    chen.get(f"/cases/{other_no}/attachments/{file_id}")

    assert chen.status == 404


def test_a_rejected_material_says_why(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")
    chen.get(f"/cases/{no}?tab=materials")
    chen.upload(f"/cases/{no}/attachments", "files", {"a.png": picture()}, material="M01")

    chen.send(f"/cases/{no}/materials/M01/judge", {"verdict": "rejected", "reason": "没有签字"})

    assert "不符合要求" in chen.rows()[0] and "没有签字" in chen.rows()[0]


def test_upload_from_the_task_page_leads_back_to_the_task(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")
    case = office.house.queries.cases.get(no)
    path = office.task(case["instance_id"])
    chen.get(path)

    chen.upload(f"/cases/{no}/attachments", "files", {"a.png": picture()}, material="M01", back=path)

    assert chen.answer.request.path == path and "a.png" in chen.text


def test_somebody_who_only_sees_the_case_cannot_touch_its_materials(office: Office, no: str) -> None:
    supervisor = office.person("sun", roles=(Role.SUPERVISOR,))
    supervisor.get(f"/cases/{no}?tab=materials")
    assert supervisor.page.select("form[action*=attachments], form[action*=judge]") == []

    supervisor.upload(f"/cases/{no}/attachments", "files", {"a.png": picture()}, material="M01")
    assert supervisor.status == 403
    supervisor.send(f"/cases/{no}/materials/M01/judge", {"verdict": "verified"})
    assert supervisor.status == 403


def test_the_receipt_and_the_sheet_are_made_to_be_printed(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")

    chen.get(f"/cases/{no}/receipt")
    assert no in chen.text and "申请书" in chen.text and "查询密码" not in chen.text
    chen.get(f"/cases/{no}/sheet")
    assert no in chen.text and "A-12" in chen.text


def test_a_withdrawal_that_the_process_does_not_take_is_told_in_words(office: Office, no: str) -> None:
    chen = at_desk(office, "chen")
    chen.get(f"/cases/{no}")

    chen.send(f"/cases/{no}/withdraw", {"reason": "不办了"})

    assert chen.status == 409
    assert "撤回" in chen.text


def test_a_big_upload_is_refused_in_words(office: Office, no: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(office.app.config, "MAX_CONTENT_LENGTH", 100 << 10)
    chen = at_desk(office, "chen")
    chen.get(f"/cases/{no}?tab=materials")

    chen.upload(f"/cases/{no}/attachments", "files", {"a.png": b"x" * (200 << 10)}, material="M01")

    assert chen.status == 413
    assert "最多 100 KB" in chen.text
