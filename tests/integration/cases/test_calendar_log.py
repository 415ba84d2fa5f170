"""After a calendar was changed: which limits it moved, from when to when, by how much, why; paged by key."""

from datetime import date

from flask import Flask

from engine.access import Role
from engine.calendar import SHANGHAI
from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.administration.people import CreatePerson
from tests.integration.cases.filing import filed
from tests.integration.supervision.test_pages import app, desk
from tests.processes.bureau import Bureau

__all__ = ["app"]


def accepted(bureau: Bureau) -> str:
    no = filed(bureau)
    bureau.do("chuangkou", no, "examine_materials")
    return no


def changed(bureau: Bureau, day: str, name: str) -> int:
    answer = bureau.execute(ChangeCalendarDay(day=day, kind="rest", name=name), "admin")
    bureau.at(bureau.now.strftime("%Y-%m-%d %H:%M"))
    return int(answer["version"])


def test_a_version_lists_what_it_moved_and_only_that(bureau: Bureau) -> None:
    bureau.at("2026-09-21 10:00")
    no = accepted(bureau)
    first = changed(bureau, "2026-09-24", "防汛停工")
    second = changed(bureau, "2026-12-24", "系统维护")

    moved = [row for row in bureau.queries.moves.page(first).rows if row["case_no"] == no]

    promised = next(row for row in moved if row["kind"] == "promised")
    ends = [promised[name].astimezone(SHANGHAI).date() for name in ("before", "after")]
    assert ends == [date(2026, 10, 12), date(2026, 10, 13)] and promised["days"] == 1
    assert {row["kind"] for row in moved} >= {"promised", "statutory"}
    assert bureau.queries.moves.page(second).rows == [], "a day that no limit sees moves none"
    revision = bureau.queries.moves.revision(first)
    assert revision is not None and "防汛停工" in revision["detail"]
    assert revision["moved"] == len(bureau.queries.moves.first(first, 100))


def test_the_list_is_paged_by_key_in_the_order_of_the_ends_without_loss(bureau: Bureau) -> None:
    bureau.at("2026-09-21 10:00")
    for _ in range(3):
        accepted(bureau)
    version = changed(bureau, "2026-09-24", "防汛停工")
    whole = bureau.queries.moves.first(version, 100)

    found, after = [], None
    while True:
        page = bureau.queries.moves.page(version, after=after, limit=2)
        found += page.rows
        after = page.next
        if after is None:
            break

    assert found == whole and len(whole) >= 6
    assert [row["before"] for row in whole] == sorted(row["before"] for row in whole)


def test_administrators_find_the_list_on_the_calendar_page_and_take_it_along(bureau: Bureau, app: Flask) -> None:
    bureau.at("2026-09-21 10:00")
    no = accepted(bureau)
    version = changed(bureau, "2026-09-24", "防汛停工")
    bureau.execute(CreatePerson(login="guanli", name="关立", roles=(Role.ADMIN.value,)), "admin")
    admin, clerk = desk(bureau, app, "guanli"), desk(bureau, app, "chuangkou")

    assert f"/calendar/revisions/{version}" in admin.get("/calendar")
    page = admin.get(f"/calendar/revisions/{version}")
    assert no in page and "推迟 1 天" in page and "防汛停工" in page
    assert "1 days later" in admin.get(f"/calendar/revisions/{version}?lang=en")
    assert admin.client.get(f"/calendar/revisions/{version}/export.xlsx").data[:2] == b"PK"
    assert f"/calendar/revisions/{version}" not in clerk.get("/calendar")
    assert clerk.client.get(f"/calendar/revisions/{version}").status_code in (403, 404)
    assert admin.client.get("/calendar/revisions/999").status_code == 404
