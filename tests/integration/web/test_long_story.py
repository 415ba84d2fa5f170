"""A case with more events than a page is read for: the newest are told, the rest is counted and one link away."""

import pytest

from engine.access import Role
from engine.commands.tasks.handling import ClaimTask
from tests.integration.web.office import Browser, Office
from web.parts import newest


@pytest.fixture
def claimed(office: Office) -> str:
    """A purchase that zhang has claimed just now."""
    office.purchases()
    office.employ("zhang", "reviewers", roles=(Role.STAFF, Role.AUDITOR))
    instance = office.house.start("purchase", amount=500)
    claim = ClaimTask(task_id=office.house.task(instance)["id"])
    office.house.engine.execute(claim, actor=office.house.actors["zhang"])
    return instance


@pytest.fixture
def zhang(office: Office, claimed: str) -> Browser:
    return Browser(office.app.test_client(), "zhang").sign_in()


@pytest.mark.parametrize("page", ["task", "instance"])
def test_the_newest_events_are_told_and_the_rest_is_one_link_away(
    office: Office, zhang: Browser, claimed: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until this rule a story ended in silence at its thousandth event: the oldest were shown, the newest missing."""
    path = office.task(claimed) if page == "task" else f"/instances/{claimed}"
    zhang.get(path)  # that somebody read it is an event too
    monkeypatch.setattr(newest, "SHOWN", 2)
    zhang.get(path)

    story = zhang.page.select_one(".bj-timeline")
    assert story is not None and "认领" in story.text and "发起" not in story.text
    whole = zhang.page.find("a", string="列出全部")
    assert whole is not None and "更早的" in whole.parent.text

    zhang.get(str(whole["href"]))
    story = zhang.page.select_one(".bj-timeline")
    assert story is not None and "认领" in story.text and "发起" in story.text
    assert zhang.page.find("a", string="列出全部") is None


def test_the_history_for_auditors_says_what_it_leaves_out(
    office: Office, zhang: Browser, claimed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(office.house.queries.instances.history(claimed))
    monkeypatch.setattr(newest, "SHOWN", 2)

    zhang.get(f"/instances/{claimed}")
    assert f"最近 2 条历史事件，更早的 {count - 2} 条没有列出" in zhang.text

    zhang.get(f"/instances/{claimed}?whole=1")
    assert f"全部历史事件（{count} 条）" in zhang.text
