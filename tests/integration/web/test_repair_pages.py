"""Cancelling what one has started; jumping and reopening as an administrator; without scripts."""

import pytest

from tests.integration.engine.house import LEAVE
from tests.integration.web.office import Browser, Office


@pytest.fixture
def admin(office: Office) -> Browser:
    return office.admin()


@pytest.fixture
def instance_id(office: Office) -> str:
    office.employ("zhang")
    office.employ("li", "leaders")
    office.house.deploy(LEAVE)
    return office.house.start("leave", by=office.house.actors["zhang"])


def test_whoever_started_it_cancels_it(office: Office, instance_id: str) -> None:
    zhang, li = (Browser(office.app.test_client(), login).sign_in() for login in ("zhang", "li"))
    li.get(f"/instances/{instance_id}")
    assert li.page.select_one("a[href$='/cancel']") is None
    zhang.get(f"/instances/{instance_id}")
    zhang.get(zhang.page.select_one("a[href$='/cancel']")["href"])
    assert zhang.page.select_one("main form[action$='/cancel']") is not None
    zhang.send(f"/instances/{instance_id}/cancel", {"reason": ""})
    assert zhang.status == 422 and "请填写撤销原因" in zhang.text
    zhang.send(f"/instances/{instance_id}/cancel", {"reason": "不请假了"})
    assert zhang.messages == ["已撤销。"]
    assert office.house.state(instance_id) == "terminated"


def test_an_administrator_jumps_and_reopens(office: Office, instance_id: str, admin: Browser) -> None:
    admin.get(f"/instances/{instance_id}")
    admin.get(admin.page.select_one("a[href$='/repair']")["href"])
    form = admin.page.select_one("form[action$='/jump']")
    targets = [option["value"] for option in form.select("option") if option["value"]]
    assert targets == ["decided", "file", "end"]
    token = form.select_one("input[name=token]")["value"]
    admin.send(f"/instances/{instance_id}/jump", {"token": token, "target": "file", "reason": "领导已口头同意"})
    assert admin.messages == ["已跳转。"]
    assert [row["element_id"] for row in office.house.open_tasks(instance_id)] == ["file"]

    token = office.house.task(instance_id)["token_id"]
    admin.send(f"/instances/{instance_id}/jump", {"token": token, "target": "end", "reason": "作废"})
    assert office.house.state(instance_id) == "completed"
    admin.get(f"/instances/{instance_id}/repair")
    places = [option["value"] for option in admin.page.select("#element option") if option["value"]]
    assert places == ["file", "approve"]
    admin.send(f"/instances/{instance_id}/reopen", {"element": "file", "reason": "补归档"})
    assert admin.messages == ["流程已重开。"]
    assert office.house.state(instance_id) == "running"


def test_nobody_else_sees_the_page(office: Office, instance_id: str) -> None:
    zhang = Browser(office.app.test_client(), "zhang").sign_in()
    zhang.get(f"/instances/{instance_id}")
    assert zhang.page.select_one("a[href$='/repair']") is None
    zhang.get(f"/instances/{instance_id}/repair")
    assert zhang.status == 403
