"""Choosing colleagues: in a large house one types a name and sends a login."""

import pytest

from engine.store import tables
from tests.integration.web.office import Browser, Office
from web.parts import colleagues


@pytest.fixture
def zhang(office: Office, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Zhang in a house of more people than one list shows; two of them are called 张伟."""
    office.purchases()
    monkeypatch.setattr(colleagues, "MOST", 3)
    zhang = office.person("zhang", "reviewers")
    for login, name in (("zw1", "张伟"), ("zw2", "张伟"), ("zhou", "周杰"), ("qian", "钱多")):
        office.employ(login)
        with office.database.write() as connection:
            connection.execute(tables.person.update().where(tables.person.c.login == login).values(name=name))
    return zhang


@pytest.fixture
def task(office: Office, zhang: Browser) -> str:
    """A task that zhang holds."""
    path = office.task(office.house.start("purchase", amount=1, project="空调"))
    zhang.send(f"{path}/claim")
    return path


def holder(office: Office, path: str) -> str | None:
    row = office.house.queries.tasks.get(path.split("/")[2])
    assert row is not None
    return row["assignee"]


def test_whoever_types_part_of_a_name_is_shown_who_has_it(zhang: Browser) -> None:
    zhang.get("/colleagues?assignee=张")
    assert [(each["value"], each.text) for each in zhang.page.select("option")] == [("zw1", "张伟"), ("zw2", "张伟")]
    zhang.get("/colleagues?to=ZHOU")
    assert [each["value"] for each in zhang.page.select("option")] == ["zhou"]
    zhang.get("/colleagues?to=%25")
    assert zhang.page.select("option") == [], "a sign of the search language is a letter like any other"


def test_a_page_of_a_large_house_holds_no_list_of_everybody(zhang: Browser, task: str) -> None:
    zhang.get(task)
    assert "周杰" not in zhang.answer.text
    field = zhang.page.select_one("#assignee")
    assert field is not None and field.name == "input" and field["hx-get"] == "/colleagues"


@pytest.mark.parametrize("typed", ["周杰", "zhou", "周杰（zhou）"])
def test_a_name_typed_in_full_is_enough(office: Office, zhang: Browser, task: str, typed: str) -> None:
    zhang.send(f"{task}/assign", {"assignee": typed})
    assert holder(office, task) == "zhou"


def test_a_name_that_two_have_is_asked_for_by_login_and_nothing_moves(
    office: Office, zhang: Browser, task: str
) -> None:
    zhang.send(f"{task}/assign", {"assignee": "张伟"})
    assert zhang.status == 422 and "zw1" in zhang.text and "zw2" in zhang.text
    assert holder(office, task) == "zhang"


def test_a_name_that_nobody_has_is_told(office: Office, zhang: Browser, task: str) -> None:
    zhang.send(f"{task}/assign", {"assignee": "没有此人"})
    assert zhang.status in (404, 422) and "没有此人" in zhang.text
    assert holder(office, task) == "zhang"


def test_copies_signers_and_mentions_take_typed_names_too(office: Office, zhang: Browser, task: str) -> None:
    instance = office.house.queries.tasks.get(task.split("/")[2])["instance_id"]  # type: ignore[index]
    zhang.send(f"/inbox/copies/of/{instance}", {"person": ["周杰", ""]})
    assert [row["recipient"] for row in office.house.queries.inbox.copies_of(instance)] == ["zhou"]
    zhang.send(f"{task}/delegate", {"to": "钱多", "question": "可以吗"})
    assert [
        each["login"] for each in office.house.queries.asking.asked(office.house.queries.tasks.get(task.split("/")[2]))
    ] == ["qian"]  # type: ignore[arg-type]


def test_an_administrator_searches_for_heads_receivers_and_principals(office: Office, zhang: Browser) -> None:
    admin = office.admin()
    for path in ("/admin/proxies", "/admin/people/zhou/hand-over"):
        admin.get(path)
        assert admin.status == 200 and admin.page.select("input[hx-get='/colleagues']") != [], path


def test_a_small_house_chooses_from_a_list(
    office: Office, task: str, zhang: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colleagues, "MOST", 300)
    zhang.get(task)
    assert "周杰（zhou）" in [each.text for each in zhang.page.select("select[name=assignee] option")]
