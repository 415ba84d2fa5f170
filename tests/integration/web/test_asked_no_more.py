"""Whoever is asked no more, because time ran out and the system acted, is told so and can still read why."""

from datetime import timedelta

from engine.commands.delegating.signers import AddSigners
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office

TIMED = bpmn(
    '<startEvent id="s"/><userTask id="approve" name="审批" banjie:assignee="a" banjie:limit="3nd" banjie:onTimeout="pass" '
    'banjie:timeoutBasis="《办法》第二十条" banjie:outcomes="approve:同意,reject:不同意"/><endEvent id="e"/>'
    + flows("s-approve", "approve-e"),
    key="timed",
)


def test_p_9_3_a_signer_who_was_silent_is_told_that_he_is_asked_no_more(office: Office) -> None:
    for login in ("a", "b"):
        office.employ(login)
    office.deploy(timed__bpmn=TIMED)
    instance_id = office.house.start("timed")
    task = office.house.task(instance_id)
    asked = AddSigners(task_id=task["id"], people=("b",), position="before")
    office.house.engine.execute(asked, actor=office.house.actors["a"])

    office.house.run_jobs(timedelta(days=5))

    b = Browser(office.app.test_client(), "b").sign_in()
    b.get("/notices")
    assert "不再征询您的意见：timed（办理期限已到，系统按规定处理；尚未提交的意见不再计入）" in b.text
    link = b.page.find("a", href=lambda href: bool(href) and href.startswith("/notices/") and len(href) > 30)
    assert link is not None
    b.get(str(link["href"]))
    b.get(b.answer.headers["Location"])
    assert (b.status, "onTimeout=pass" in b.text) == (200, True)
