"""The process tab of a case: its diagram, what is known of each step, its story as a line or a table, its limits as bars."""

from datetime import timedelta

import pytest

from engine.access import Role
from engine.commands.cases.filing import FileCase
from engine.commands.tasks.handling import CompleteTask
from tests.integration.web.office import Browser, Office
from web.parts import newest


@pytest.fixture
def chen(office: Office) -> Browser:
    """A clerk before the process tab of a case that she has accepted; it is to be decided."""
    office.stalls()
    chen = office.person("chen", "window", roles=(Role.CLERK, Role.STAFF))
    filed = office.house.engine.execute(
        FileCase(
            item_code="000131010001",
            applicant={"kind": "person", "name": "陈小明", "id_number": "330102199001011234"},
            form={"stall": "A1"},
        ),
        actor=office.house.actors["chen"],
    )
    instance = office.house.queries.cases.get(filed["no"])["instance_id"]  # type: ignore[index]
    office.house.now += timedelta(hours=2)
    command = CompleteTask(task_id=office.house.task(instance)["id"], outcome="accept", comment="材料齐全")
    office.house.engine.execute(command, actor=office.house.actors["chen"])
    chen.get(f"/cases/{filed['no']}?tab=process")
    return chen


def test_a_step_that_was_come_to_leads_to_who_when_opinion_and_time(chen: Browser) -> None:
    drawn = {each["href"] for each in chen.page.select(".bj-diagram svg a")}
    assert drawn == {"#node-accept", "#node-decide"}
    node = chen.page.select_one("#node-accept")
    assert node is not None
    told = " ".join(node.get_text(" ").split())
    assert all(text in told for text in ("窗口受理", "Chen", "受理", "材料齐全", "2 小时 / 无时限"))
    waiting = chen.page.select_one("#node-decide")
    assert waiting is not None and "待认领 · deciders" in " ".join(waiting.get_text(" ").split())


def test_the_story_is_a_line_or_a_table_and_the_address_says_which(chen: Browser) -> None:
    assert chen.page.select_one(".bj-timeline") is not None and chen.rows() == []

    chen.get(chen.page.select_one(".bj-switch a:last-child")["href"].split("#")[0])

    assert chen.page.select_one("#story .bj-timeline") is None
    accepted = next(row for row in chen.rows() if row.startswith("窗口受理"))
    assert "材料齐全" in accepted and "2 小时" in accepted


def test_what_a_long_story_leaves_out_is_said_in_both_views_and_the_sheet_on_paper_leaves_out_nothing(
    chen: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "SHOWN", 1)
    path = str(chen.answer.request.path)

    for view in ("time", "table"):
        chen.get(f"{path}?tab=process&story={view}")
        assert (
            chen.page.find("a", string="列出全部") is not None and "材料齐全" not in chen.page.select_one("#story").text
        )

    chen.get(f"{path}/sheet")
    assert "材料齐全" in chen.text and chen.page.find("a", string="列出全部") is None


def test_a_process_without_a_case_has_its_steps_beside_its_diagram_too(office: Office) -> None:
    office.purchases()
    zhang = office.person("zhang", "reviewers")
    zhang.get(f"/instances/{office.house.start('purchase')}")

    assert [each["href"] for each in zhang.page.select(".bj-diagram svg a")] == ["#node-review"]
    assert zhang.page.select_one("#node-review") is not None
