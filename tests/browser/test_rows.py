"""The verbs in the rows of 已办 and 我发起的, pressed in Chromium with scripts and without."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.bureau import Bureau
from tests.browser.test_verbs import instance_of, memo, said, task

pytestmark = pytest.mark.browser


def row_of(page: Page, path: str, title: str) -> Locator:
    page.goto(path)
    return page.get_by_role("row").filter(has_text=title).first


def decide(page: Page, address: str, outcome: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=outcome, exact=True).click()
    expect(page.locator(".bj-message--success").first).to_be_visible()


def test_a_decision_is_taken_back_from_its_row_until_somebody_acted_on_it(bureau: Bureau) -> None:
    title = "行内一件"
    address = memo(bureau, title)
    instance = instance_of(bureau, address)
    reviewer = bureau.desk("shenhe").page
    decide(reviewer, address, "同意")

    row = row_of(reviewer, "/inbox/done?view=all", title)
    expect(row.get_by_role("button", name="催办")).to_be_visible()
    row.get_by_role("link", name="撤回").click()
    reviewer.get_by_label("原因").fill("看漏一处")
    reviewer.get_by_role("button", name="确认撤回").click()
    said(reviewer, "「审核」已撤回，请重新办理。")
    assert bureau.queries.tasks.open(instance_id=instance).rows[0]["element_id"] == "review"

    decide(reviewer, task(bureau, instance), "同意")
    for login in ("juzhang", "qiantou"):
        decide(bureau.desk(login).page, task(bureau, instance, login), "同意")
    # In a house whose clock stands, cheap facts cannot tell what came before what: the click says it.
    row_of(reviewer, "/inbox/done?view=all", title).get_by_role("link", name="撤回").click()
    expect(reviewer.locator(".bj-message--warning")).to_contain_text("不能撤回：后续的「班子会签」")
    expect(reviewer.get_by_role("button", name="确认撤回")).to_have_count(0)


def test_without_scripts_the_initiator_cancels_from_the_row_or_applies_for_it(bureau: Bureau) -> None:
    early, late = "行内撤销", "行内申请撤回"
    memo(bureau, early)
    address = memo(bureau, late, upto="vote")
    instance = instance_of(bureau, address)
    for login in ("juzhang", "qiantou"):
        decide(bureau.desk(login).page, task(bureau, instance, login), "同意")

    drafter = bureau.desk("shipin", scripts=False).page
    row_of(drafter, "/inbox/started?view=all", early).get_by_role("link", name="撤销申请").click()
    drafter.get_by_label("原因").fill("不办了")
    drafter.get_by_role("button", name="确认撤销").click()
    said(drafter, "已撤销。")
    expect(row_of(drafter, "/inbox/started?view=all", early)).to_contain_text("已终止")

    row_of(drafter, "/inbox/started?view=all", late).get_by_role("link", name="撤销申请").click()
    expect(drafter.locator(".bj-message--warning")).to_contain_text("「班子会签」已作出决定，此后不能自行撤销")
    drafter.get_by_label("原因").fill("计划有变")
    drafter.get_by_role("button", name="提交撤回申请").click()
    said(drafter, "撤回申请已提交，等待审批；流程继续办理。")

    head = bureau.desk("juzhang").page
    row_of(head, "/inbox/offered?view=all", f"撤回申请 · {late}").get_by_role("link", name="查看").click()
    head.fill("#comment", "可以")
    head.get_by_role("button", name="同意撤回").click()
    said(head, "「审批撤回申请」已办理。")
    found = bureau.queries.instances.get(instance)
    assert found is not None and (found["state"], found["outcome"]) == ("terminated", "withdrawn")
