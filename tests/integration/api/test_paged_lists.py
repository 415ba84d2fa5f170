"""Lists that grow for ever page by key: nothing falls off their end."""

from typing import Any

import pytest

from engine.access import Role
from tests.integration.api.site import Client, Site


def paged(client: Client, path: str, size: int) -> list[dict[str, Any]]:
    """All rows, read ``size`` at a time."""
    rows: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        page = client.get(path, limit=size, **after).json
        assert len(page["items"]) <= size
        rows += page["items"]
        if page["next"] is None:
            return rows
        after = {"after": page["next"]}


def five_breaches(site: Site) -> None:
    for number in range(5):
        applicant = {"applicant_name": f"公司{number}", "applicant_id": f"91430105MA4L0000{number}X"}
        site.admin.post("/credit-events", applicant | {"reason": "列入名单"})


def five_scans(site: Site) -> None:
    supervisor = site.person("ducha", roles=(Role.SUPERVISOR, Role.STAFF))
    for _ in range(5):
        assert supervisor.post("/scans", {}).status_code == 200


def five_versions(site: Site) -> None:
    site.admin.post("/calendar/years", {"text": "date,kind,name\n2026-10-01,rest,国庆节\n"})
    for day in range(2, 6):
        site.admin.put(f"/calendar/days/2026-10-0{day}", {"kind": "rest"})


@pytest.mark.parametrize(
    ("path", "fill"),
    [("/credit-events", five_breaches), ("/scans", five_scans), ("/calendar/revisions", five_versions)],
)
def test_every_row_comes_once_newest_first_however_small_the_pages(site: Site, path: str, fill: Any) -> None:
    fill(site)

    whole = site.admin.get(path, limit=200).json

    assert len(whole["items"]) >= 5 and whole["next"] is None
    assert paged(site.admin, path, 2) == whole["items"]
    moments = [row.get("recorded_at") or row.get("started_at") or row.get("changed_at") for row in whole["items"]]
    assert moments == sorted(moments, reverse=True)
