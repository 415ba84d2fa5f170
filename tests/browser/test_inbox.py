"""The inbox in Chromium: keys, ticking, signing with the mouse, and what works without scripts."""

import pytest
from playwright.sync_api import expect

from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from tests.browser.bureau import Bureau
from tests.integration.engine.house import bpmn, flows

pytestmark = pytest.mark.browser

SIGNED = bpmn(
    '<startEvent id="s"/><userTask id="t" name="签发" banjie:assignee="juzhang" banjie:outcomes="agree:同意,refuse:不同意" '
    'banjie:signature="required"/><endEvent id="e"/>' + flows("s-t", "t-e"),
    key="signed",
)


def signed(bureau: Bureau, *titles: str) -> list[str]:
    """Deploy the process once and start it; returns the addresses of its tasks."""
    if bureau.queries.definitions.latest("signed") is None:
        bureau.engine.execute(DeployResources(name="签发", files={"signed.bpmn": SIGNED}), actor=OPERATOR)
    return [bureau.start(title, key="signed") for title in titles]


def test_keys_walk_the_list_open_a_row_and_never_decide(bureau: Bureau) -> None:
    signed(bureau, "甲件", "乙件")
    desk = bureau.desk("juzhang")
    page = desk.page
    page.goto("/inbox?q=件&sort=received")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("tr.bj-row--here a[data-open]").inner_text()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    expect(page.locator("[data-ticked] b")).to_have_text("1")

    page.locator("tr.bj-row--here a[data-open]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/**")
    page.keyboard.press("a")

    expect(page.locator("h1")).to_contain_text(first)
    expect(page.locator("button[value='outcome:agree']")).to_be_focused()
    assert page.url.endswith("sort=received")  # nothing was sent
    page.keyboard.press("j")
    page.wait_for_function("title => !document.querySelector('h1').textContent.includes(title)", arg=first)


def test_a_signature_drawn_with_the_mouse_goes_with_the_decision(bureau: Bureau) -> None:
    (address,) = signed(bureau, "要签字的件")
    desk = bureau.desk("juzhang")
    page = desk.page
    page.goto(address)
    page.locator("button[value='outcome:agree']").click()
    page.wait_for_selector("#signature-error")
    canvas = page.locator("canvas.bj-sign")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 50, steps=5)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('#signature').files.length === 1")

    page.locator("button[value='outcome:agree']").click()
    page.wait_for_selector(".bj-message--success")
    page.goto(address)

    assert page.locator("img.bj-signature").evaluate("image => image.complete && image.naturalWidth") == 600


def test_without_scripts_one_ticks_approves_and_sees_why_something_was_left(bureau: Bureau) -> None:
    signed(bureau, "批量甲", "批量乙")
    desk = bureau.desk("juzhang", scripts=False)
    page = desk.page
    page.goto("/inbox?q=批量")
    for box in page.locator("input[name=task]").all():
        box.check()
    page.locator("summary:has-text('批量同意')").click()
    page.locator("button[value=approve]").click()

    expect(page.locator("h1")).to_have_text("批量办理结果")
    expect(page.locator("tbody tr:has-text('需要手写签名')")).to_have_count(2)


def test_without_scripts_each_list_is_saved_arranged_and_exported(bureau: Bureau) -> None:
    signed(bureau, "导出甲", "导出乙")
    page = bureau.desk("juzhang", scripts=False).page
    page.goto("/inbox?q=导出")
    assert not page.get_by_role("button", name="快捷键").is_visible()  # keys need scripts
    page.locator("summary", has_text="常用查询").click()
    page.get_by_label("把现在的条件和排序存为").fill("要导出的")
    page.get_by_role("button", name="保存", exact=True).first.click()
    expect(page.locator(".bj-chip[aria-current]")).to_have_text("要导出的")

    page.locator("summary", has_text="列").last.click()
    page.get_by_label("流程", exact=True).last.check()
    page.get_by_role("button", name="应用").click()
    expect(page.locator("thead")).to_contain_text("流程")
    expect(page.locator("tbody tr")).to_have_count(2)

    with page.expect_download() as download:
        page.get_by_role("link", name="导出", exact=True).click()
    assert download.value.suggested_filename == "inbox-assigned-20261124.xlsx"
