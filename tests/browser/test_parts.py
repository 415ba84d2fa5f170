"""The parts of a task: form, materials, diagram, story. One is seen, none is lost, and paper shows them all."""

import pytest
from playwright.sync_api import expect

from engine.cli.sample_cases import FOOD, shop
from engine.commands.cases.filing import FileCase
from engine.store.rows import people
from tests.browser.bureau import Bureau

pytestmark = pytest.mark.browser


def test_without_scripts_the_parts_change_and_what_was_typed_stays(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou", scripts=False).page
    page.goto(bureau.start("不用脚本"))
    page.fill("#comment", "同意")
    page.get_by_text("办理过程", exact=False).first.click()

    expect(page.locator(".bj-part--story")).to_be_visible()
    expect(page.locator("#work")).to_be_hidden()
    expect(page.locator(".bj-do")).to_be_visible()  # what one decides with is always there
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".bj-part--diagram")).to_be_visible()
    expect(page.locator("#comment")).to_have_value("同意")


def test_what_is_wrong_is_in_front_and_a_reload_shows_the_part_that_was_chosen(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou").page
    page.goto(bureau.start("有错"))
    page.locator("label[for=part-story]").click()
    page.reload()
    expect(page.locator(".bj-part--story")).to_be_visible()

    page.locator("button[value='outcome:reject']").click()  # without an opinion
    expect(page.locator("#errors")).to_be_visible()
    page.locator("label[for=part-diagram]").click()
    page.evaluate("location.hash = 'errors'")
    expect(page.locator("#errors")).to_be_visible()


def test_paper_shows_all_parts_with_their_headings(bureau: Bureau) -> None:
    page = bureau.desk("chuangkou").page
    page.goto(bureau.start("打印"))
    page.emulate_media(media="print")

    for part in ("form", "diagram", "story"):
        expect(page.locator(f".bj-part--{part}")).to_be_visible()
        expect(page.locator(f"#head-{part}")).to_be_visible()
    expect(page.locator(".bj-parts label").first).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_a_click_on_a_step_of_the_diagram_tells_who_has_it_beside_it(bureau: Bureau, scripts: bool) -> None:
    with bureau.engine.database.read() as connection:
        clerk = people.actor(connection, "chuangkou")
    applicant = {"kind": "organisation", "name": "好吃小馆", "id_number": "91330100MA27XXXX1K"}
    filing = FileCase(item_code=FOOD, applicant=applicant, form=shop("好吃小馆", "catering", 80))
    no = bureau.engine.execute(filing, actor=clerk)["no"]
    page = bureau.desk("ducha", scripts=scripts).page
    page.goto(f"/cases/{no}?tab=process")
    expect(page.locator(".bj-node:visible")).to_have_count(0)

    page.locator(".bj-diagram a[data-node]").first.click()

    expect(page.locator(".bj-node:visible")).to_have_count(1)
    expect(page.locator(".bj-node:visible")).to_contain_text("综合窗口")
    expect(page.locator(".bj-diagram svg")).to_be_in_viewport()
