"""Lists of cases and of supervision tell how many there are in all: exactly up to a bound, "more than" behind it."""

from datetime import timedelta

import pytest

from engine.access import Role
from engine.store import tables
from engine.store.base import totals
from tests.integration.api.site import Client, Site
from tests.integration.web.office import Browser, Office


@pytest.fixture
def chief(office: Office) -> Browser:
    """A supervisor, with 25 cases: five of them with the word park in the title, ten of another item."""
    office.stalls()
    now, item_id = office.house.now, office.house.queries.definitions.items()[0]["id"]
    rows = [
        {
            "id": f"c{n:02}",
            "no": f"no{n:02}",
            "item_id": item_id,
            "item_code": "B" if n % 5 < 2 else "A",
            "item_name": "事项",
            "title": "停车场" if n % 5 == 0 else "其他",
            "applicant_kind": "person",
            "applicant_name": "王",
            "applicant_id": "1",
            "applicant": {},
            "channel": "window",
            "form": {},
            "state": "received",
            "filed_by": "clerk",
            "query_code_hash": "",
            "facts": {},
            "created_at": now + timedelta(minutes=n),
        }
        for n in range(25)
    ]
    with office.house.database.write() as connection:
        connection.execute(tables.case_file.insert(), rows)
    return office.person("chief", roles=(Role.SUPERVISOR,))


def told(browser: Browser, address: str) -> str:
    browser.get(address)
    assert browser.status == 200
    pager = browser.page.select_one(".bj-pager span")
    assert pager is not None
    return pager.get_text()


@pytest.mark.parametrize(
    ("narrowed", "total"),
    [("", 25), ("?item=B", 10), ("?state=received", 25), ("?q=停车场", 5), ("?item=B&q=停车场&state=received", 5)],
)
def test_cases_are_counted_as_they_are_narrowed(chief: Browser, narrowed: str, total: int) -> None:
    assert told(chief, f"/cases{narrowed}") == f"共 {total} 条"


def test_the_total_stands_on_every_page(chief: Browser) -> None:
    chief.get("/cases")
    onward = chief.page.select_one(".bj-pager a[rel=next]")
    assert onward is not None
    assert told(chief, str(onward["href"])) == "共 25 条"


@pytest.mark.parametrize(
    ("narrowed", "total"),
    [("", "12+"), ("?item=B", "10"), ("?q=停车场", "5"), ("?q=王", "12+")],
)
def test_beyond_the_bound_there_are_more_and_no_more_is_looked_at(
    chief: Browser, monkeypatch: pytest.MonkeyPatch, narrowed: str, total: str
) -> None:
    monkeypatch.setattr(totals, "BOUND", 12)
    assert told(chief, f"/cases{narrowed}") == f"共 {total} 条"


def test_the_api_tells_it_when_asked(office: Office, chief: Browser) -> None:
    token = Site.token(office, "chief")  # type: ignore[arg-type]
    client = Client(office.app, token)

    assert client.get("/cases", limit=5, total="true").json["total"] == {"n": 25, "more": False}
    assert client.get("/cases", limit=5).json["total"] is None
    assert client.get("/cards", total="true").json["total"] == {"n": 0, "more": False}
    assert client.get("/supervision-orders", total="true").json["total"] == {"n": 0, "more": False}
