"""A day at the bureau in Chromium: sign in, file, claim, decide, be too late."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.bureau import PASSWORD, Bureau
from tests.browser.papers import pdf

pytestmark = pytest.mark.browser


def test_sign_in_work_and_sign_out_by_keyboard_alone(bureau: Bureau) -> None:
    desk = bureau.desk()
    page = desk.page
    page.goto("/login")

    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type("chuangkou")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox")

    page.keyboard.press("Tab")  # the first stop of every page leads past the menu
    expect(page.locator(".bj-skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()

    page.locator(".bj-top .bj-menu summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="退出登录")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="退出登录").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    expect(page.locator(".bj-message")).to_have_text(["已退出登录。"])


def file_food_permit(bureau: Bureau, applicant: str) -> str:
    """The clerk files a food permit through all steps and returns the number on the receipt."""
    page = bureau.desk("chuangkou").page
    page.goto("/start")
    page.get_by_role("link", name="食品经营许可").first.click()  # 常用, and below by its kind
    page.goto(page.url.split("?")[0] + "?step=form")
    page.select_option("#applicant_kind", "organisation")
    page.fill("#applicant_name", applicant)
    page.fill("#applicant_id_number", "91330100MA27XXXX1K")
    for field in page.locator("#fields input[type=text]").all():
        field.fill("80" if field.get_attribute("inputmode") else "13900000000")
    page.fill("#fields [name='f.shop_name']", applicant)  # the case is called by the name of the shop
    for field in page.locator("#fields select").all():
        field.select_option(index=1)
    for field in page.locator("#fields input[type=checkbox]").all():
        field.check()
    for field in page.locator("#fields [role=radiogroup]").all():
        field.locator("input").last.check()
    page.get_by_role("button", name="下一步：材料").click()
    for code in ("M01", "M02", "M03", "M04"):
        page.set_input_files(f"#file-{code}", {"name": f"{code}.pdf", "mimeType": "application/pdf", "buffer": pdf()})
    page.get_by_role("button", name="上传所选文件").click()
    expect(page.locator(".bj-file")).to_have_count(4)
    page.get_by_role("button", name="下一步：预览").click()
    expect(page.get_by_text("缺次要材料")).to_be_visible()
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/receipt")
    return page.locator(".bj-paper__big").first.inner_text()


def test_a_clerk_files_a_case_and_hands_out_a_receipt(bureau: Bureau) -> None:
    no = file_food_permit(bureau, "星河市好吃餐饮有限公司")

    page = bureau.desks[-1].page
    assert re.fullmatch(r"\d{23}", no)
    expect(page.get_by_text("查询密码")).to_be_visible()
    page.get_by_role("link", name="查看办件").click()
    expect(page.get_by_role("heading", name="星河市好吃餐饮有限公司")).to_be_visible()
    page.get_by_role("link", name="流程与过程").click()
    assert page.locator(".bj-diagram > svg").evaluate("drawing => drawing.getBoundingClientRect().width > 200")


def test_materials_are_verified_and_the_step_is_completed_from_one_page(bureau: Bureau) -> None:
    no = file_food_permit(bureau, "星河市一碗面馆")
    page = bureau.desk("chuangkou2").page
    page.goto("/inbox/offered")
    page.get_by_role("row", name=no).get_by_role("button", name="认领").click()
    expect(page.get_by_text("已认领，请办理。")).to_be_visible()

    page.locator("label[for=part-materials]").click()
    verify = page.get_by_role("button", name="核验通过")
    expect(verify.first).to_be_visible()
    for left in reversed(range(verify.count())):  # the part stays in front after each
        verify.first.click()
        expect(page.get_by_text("材料已核验。")).to_be_visible()
        expect(verify).to_have_count(left)
    page.get_by_role("button", name="提交", exact=True).click()

    expect(page.locator(".bj-message").first).to_contain_text("已办理")


def test_the_slower_of_two_windows_learns_who_was_faster_and_when(bureau: Bureau) -> None:
    path = bureau.start("两人同时办理")
    first, second = bureau.desk("chuangkou"), bureau.desk("chuangkou2")
    for desk in (first, second):
        desk.page.goto(path)
        desk.page.fill('[name="f.project"]', "空调")

    first.page.get_by_role("button", name="批准").click()
    expect(first.page.get_by_text("「业务审查」已办理。")).to_be_visible()
    second.page.get_by_role("button", name="批准").click()

    expect(second.page.get_by_text("已由 陈静 于 2026-11-24 10:20 办理")).to_be_visible()
    expect(second.page.get_by_text("您刚才的办理没有提交，没有做任何修改。")).to_be_visible()
    expect(second.page.get_by_role("button", name="批准")).to_have_count(0)


def test_an_approver_needs_no_scripts(bureau: Bureau) -> None:
    path = bureau.start("没有脚本也能办")
    desk = bureau.desk("chuangkou", scripts=False)
    page = desk.page
    page.goto("/inbox/offered")
    page.get_by_role("row", name="没有脚本也能办").get_by_role("button", name="认领").click()
    assert page.url.endswith(path)

    page.fill('[name="f.project"]', "")
    page.get_by_role("button", name="批准").click()
    expect(page.locator("#errors")).to_contain_text("项目名称：必填")
    page.fill('[name="f.project"]', "空调")
    page.select_option('[name="f.risk"]', "high")
    page.get_by_role("button", name="批准").click()
    page.fill('[name="f.why"]', "金额大")
    page.get_by_role("button", name="暂存").click()
    expect(page.locator(".bj-message").first).to_contain_text("已暂存")
    page.fill("#comment", "同意")
    page.get_by_role("button", name="批准").click()

    expect(page.locator(".bj-message").first).to_have_text("「业务审查」已办理。")
    page.goto("/inbox/done")
    expect(page.get_by_role("row", name="没有脚本也能办")).to_contain_text("批准")


def test_a_condition_shows_its_field_while_one_is_typing(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou").page
    page.goto(bureau.start("高风险"))
    page.fill('[name="f.project"]', "空调")
    expect(page.locator('[name="f.why"]')).to_have_count(0)

    page.select_option('[name="f.risk"]', "high")

    expect(page.locator('[name="f.why"]')).to_be_visible()
    expect(page.locator('[name="f.project"]')).to_have_value("空调")
    page.select_option('[name="f.risk"]', "low")
    expect(page.locator('[name="f.why"]')).to_have_count(0)


def test_the_enter_key_in_a_field_does_not_decide(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou").page
    path = bureau.start("回车不办理")
    page.goto(path)

    page.fill('[name="f.project"]', "空调")
    page.locator('[name="f.project"]').press("Enter")

    expect(page.get_by_role("button", name="批准")).to_be_visible()
    expect(page.locator('[name="f.project"]')).to_have_value("空调")


def test_the_list_is_searched_while_one_is_typing(bureau: Bureau) -> None:
    bureau.start("打印机维修")
    bureau.start("窗口绿植")
    page = bureau.desk("chuangkou").page
    page.goto("/inbox/offered")

    page.fill("#q", "打印机")

    expect(page.get_by_role("row", name="窗口绿植")).to_have_count(0)
    expect(page.get_by_role("row", name="打印机维修")).to_be_visible()
    page.wait_for_url(re.compile("q=%E6%89%93"))
    expect(page.locator("#q")).to_be_focused()


def test_the_figures_of_the_menu_follow_within_a_minute(bureau: Bureau) -> None:
    desk = bureau.desk("chuangkou")
    page = desk.page
    page.clock.install()
    page.goto("/inbox/done")
    before = int(page.locator('.bj-side [data-count="offered"]').text_content() or 0)

    bureau.start("刚来的")
    page.clock.fast_forward(61_000)

    expect(page.locator('.bj-side [data-count="offered"]')).to_have_text(str(before + 1))


def test_what_was_typed_is_not_lost_without_a_question(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou").page
    page.goto(bureau.start("写到一半"))
    page.fill("#comment", "写了一半")
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.goto("/inbox")

    assert asked == ["beforeunload"]


def test_a_phrase_is_put_into_the_opinion(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou").page
    page.goto(bureau.start("常用语"))

    page.get_by_role("button", name="同意。", exact=True).click()

    expect(page.locator("#comment")).to_have_value("同意。")


def test_what_ends_something_asks_first(bureau: Bureau) -> None:
    page = bureau.desk("admin").page
    page.goto("/admin/people/sheji")
    page.on("dialog", lambda dialog: dialog.dismiss())

    page.get_by_role("button", name="停用账号").click()

    page.goto("/admin/people/sheji")
    expect(page.get_by_role("button", name="停用账号")).to_be_visible()
