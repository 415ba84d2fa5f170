"""The database goes away: pages and API say so in words, and go on by themselves when it is back."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.access import Role
from engine.files import FileStore
from engine.files.store import StorageUnavailable
from tests import databases
from tests.integration.api.office import FILES, NEW_CASE
from tests.integration.api.site import Site
from tests.integration.engine.failing import FailingDatabase
from tests.integration.engine.house import LEAVE
from tests.integration.web.office import Office
from tests.unit.files.builders import pdf


@pytest.fixture
def database(database_url: str) -> Iterator[FailingDatabase]:
    with databases.opened(database_url, FailingDatabase) as opened:
        yield opened


@pytest.fixture
def office(database: FailingDatabase, tmp_path: Path) -> Office:
    office = Office(database, tmp_path / "uploads")
    office.house.deploy(LEAVE)
    return office


def test_a_page_without_a_database_is_503_with_the_time_to_wait_and_comes_back(
    office: Office, database: FailingDatabase
) -> None:
    boss = office.person("boss", "leaders")
    database.down = True

    page = boss.get("/inbox")

    assert (boss.status, boss.answer.headers["Retry-After"]) == (503, "5")
    assert "数据库暂时不能使用" in page.get_text()
    database.down = False
    boss.get("/inbox")
    assert boss.status == 200


def test_a_page_whose_database_goes_while_it_is_made_is_503_too(
    office: Office, database: FailingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = office.person("boss", "leaders")
    counts = office.house.queries.inbox.unread_notices

    def cut(actor: object) -> int:
        database.down = True
        return counts(actor)  # type: ignore[arg-type]

    monkeypatch.setattr(office.house.queries.inbox, "unread_notices", cut)

    page = boss.get("/inbox")

    assert boss.status == 503
    assert "数据库暂时不能使用" in page.get_text()


def test_a_program_is_told_in_both_languages_when_to_come_again(office: Office, database: FailingDatabase) -> None:
    database.down = True

    refused = office.app.test_client().get("/api/v1/tasks", headers={"Authorization": "Bearer bj_a_b"})

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert refused.content_type == "application/problem+json"
    assert (refused.json["title"], refused.json["retry_after"]) == ("database-unavailable", 5)
    assert refused.json["detail"].startswith("数据库")
    assert refused.json["detail_en"].startswith("The database")


def test_a_page_that_only_shows_speaks_of_no_change(office: Office, database: FailingDatabase) -> None:
    boss = office.person("boss", "leaders")
    database.down = True

    assert "修改" not in boss.get("/inbox").get_text()


def test_what_was_saved_before_its_answer_failed_is_told_as_saved_and_its_file_stays(
    database: FailingDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(database, tmp_path / "uploads")
    site.house.person("holder")
    clerk = site.person("chen", "window", roles=(Role.CLERK, Role.STAFF))
    site.admin.upload("/deployments", FILES)
    no = clerk.post("/cases", NEW_CASE).json["no"]
    execute = site.house.engine.execute

    def then_cut(*arguments: Any, **options: Any) -> Any:
        answer = execute(*arguments, **options)
        database.down = True
        return answer

    monkeypatch.setattr(site.house.engine, "execute", then_cut)

    refused = clerk.upload(f"/cases/{no}/materials/M02/files", {"a.pdf": pdf()}, field="file")

    assert (refused.status_code, refused.json["detail_en"][:15]) == (503, "This was saved,")
    database.down = False
    (kept,) = [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    assert kept.read_bytes().startswith(b"%PDF")
    assert {item["code"]: item["state"] for item in clerk.get(f"/cases/{no}/materials").json["items"]}[
        "M02"
    ] == "submitted"


def test_a_disk_that_takes_no_files_is_503_and_nothing_is_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("engine.files.store.os.open", refuse)

    with pytest.raises(StorageUnavailable, match="Read-only file system") as refused:
        FileStore(office.uploads).accept("a.pdf", pdf())

    assert (refused.value.status, refused.value.facts["retry_after"]) == (503, 30)
