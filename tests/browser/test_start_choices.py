"""Choosing later approvers on the page of a start, in a real browser."""

from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from tests.browser.bureau import Bureau
from tests.integration.engine.house import bpmn, flows

CHOSEN = bpmn(
    '<startEvent id="s"/><userTask id="a" name="签批" banjie:who="chosen(start)"/><endEvent id="e"/>'
    + flows("s-a", "a-e"),
    key="choosing",
)


def test_a_choice_is_as_wide_as_the_fields_around_it_and_is_reached_from_the_summary(bureau: Bureau) -> None:
    bureau.engine.execute(DeployResources(name="签批", files={"choosing.bpmn": CHOSEN}), actor=OPERATOR)
    page = bureau.desk("shipin").page
    page.goto("/start/process/choosing")

    title, choice = page.locator("#title").bounding_box(), page.locator("#chosen-a").bounding_box()
    assert title is not None and choice is not None
    assert (choice["x"], choice["width"]) == (title["x"], title["width"])

    page.get_by_role("button", name="下一步：预览").click()
    page.locator("#errors a").click()
    assert page.evaluate("document.activeElement.id") == "chosen-a"
