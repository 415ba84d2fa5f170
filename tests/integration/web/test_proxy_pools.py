"""A proxy at his desk: the pools of his principal, what he may look at before he takes it, and the figures (P-7.2)."""

from datetime import timedelta

import pytest

from engine.access import Actor
from engine.commands.delegating.proxies import GrantProxy
from engine.store.rows import people
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office

HOUR = timedelta(hours=1)


@pytest.fixture
def pooled(office: Office) -> str:
    """The address of an instance in the pool of the examiners; li is one, wang stands in for him."""
    office.employ("li", "examiners")
    for login in ("wang", "zhao", "clerk"):
        office.employ(login)
    office.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="a" name="审核" banjie:candidateGroups="examiners" '
            'banjie:outcomes="agree:同意,refuse:不同意"/><endEvent id="e"/>' + flows("s-a", "a-e")
        )
    )
    start, end = ((office.house.now + HOUR * each).isoformat() for each in (0, 8))
    grant = GrantProxy(proxy="wang", start=start, end=end, mode="share")
    office.house.engine.execute(grant, actor=office.house.actors["li"])
    return office.house.start("leave", by=office.house.actors["clerk"])


def at_desk(office: Office, login: str) -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def figure(browser: Browser) -> int:
    counts = browser.client.get("/inbox/counts").json
    assert counts is not None
    return int(counts["offered"])


def test_p_7_2_the_proxy_claims_from_his_principals_pool_with_his_name_on_it(office: Office, pooled: str) -> None:
    wang, zhao = at_desk(office, "wang"), at_desk(office, "zhao")
    page = wang.get("/inbox/offered")
    (row,) = page.select("tr[data-row]")
    assert "代 Li" in row.get_text()
    assert (figure(wang), figure(zhao)) == (1, 0)

    wang.get(office.task(pooled))
    assert wang.page.find("button", string="代 Li 认领") is not None
    wang.get("/inbox/offered")
    wang.send(row.select_one("form")["action"])

    assert "Wang 代 Li 办理" in wang.text
    assert figure(wang) == 0
    wang.get("/inbox")
    assert "代 Li" in wang.page.select_one("tr[data-row]").get_text()


def test_p_7_2_in_a_batch_too_and_through_the_filters_of_the_list(office: Office, pooled: str) -> None:
    wang = at_desk(office, "wang")
    task = office.house.task(pooled)
    wang.get("/inbox/offered?step=审核")
    assert len(wang.page.select("tr[data-row]")) == 1
    wang.get("/inbox/offered?step=归档")
    assert wang.page.select("tr[data-row]") == []
    wang.get("/inbox/offered")

    wang.send("/inbox/batch", {"task": task["id"], "action": "claim", "key": "k" * 32, "tab": "offered"})

    assert (office.house.task(pooled)["assignee"], office.house.task(pooled)["principal"]) == ("wang", "li")


def test_who_may_take_a_task_as_a_proxy_may_look_at_its_instance_first_and_others_may_not(
    office: Office, pooled: str
) -> None:
    wang, zhao = at_desk(office, "wang"), at_desk(office, "zhao")
    wang.get(f"/instances/{pooled}")
    assert wang.status == 200
    zhao.get(f"/instances/{pooled}")
    assert zhao.status == 404

    office.house.now += HOUR * 9
    wang.get(f"/instances/{pooled}")
    assert wang.status == 404  # the period is over, and he has not acted


def test_a_principal_sees_the_instance_that_his_proxy_handles_and_handled(office: Office) -> None:
    for login in ("li", "wang", "clerk"):
        office.employ(login)
    office.house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="a" banjie:assignee="li"/><userTask id="b" banjie:assignee="clerk"/>'
            '<endEvent id="e"/>' + flows("s-a", "a-b", "b-e")
        )
    )
    start, end = ((office.house.now + HOUR * each).isoformat() for each in (0, 8))
    house = office.house
    house.engine.execute(GrantProxy(proxy="wang", start=start, end=end), actor=house.actors["li"])
    instance = house.start("leave", by=house.actors["clerk"])
    li, wang = at_desk(office, "li"), at_desk(office, "wang")

    for _ in ("while he holds it", "after he has acted"):
        for browser in (li, wang):
            browser.get(f"/instances/{instance}")
            assert browser.status == 200
        if house.task(instance)["element_id"] == "a":
            house.complete(house.task(instance), known(office, "wang"))


def known(office: Office, login: str) -> Actor:
    with office.house.database.read() as connection:
        return people.actor(connection, login)
