"""Until when cards and orders are answered, beyond the last year whose holidays are loaded."""

import pytest
from flask import Flask

from engine.commands.administration.calendar import LoadCalendarYear
from engine.commands.supervision.cards import EscalateCard
from engine.store import tables
from tests.integration.supervision.test_pages import app, desk
from tests.integration.supervision.watching import accepted, card, look, rows
from tests.processes.bureau import Bureau

__all__ = ["app"]

NEW_YEAR = "2027-01-01..2027-01-03,休,元旦\n2027-02-05..2027-02-11,休,春节\n2027-02-14,班,春节调休\n"


def test_a_date_of_an_answer_in_a_year_that_is_not_loaded_is_provisional_and_firms_up(
    bureau: Bureau, app: Flask
) -> None:
    no = accepted(bureau, "2026-11-02 10:00")
    look(bureau, "2026-11-20 09:00")
    found = card(bureau, no)
    # the 30th working day after 2026-11-20 by weekdays alone is New Year
    assert bureau.local_day(found["feedback_due"]).isoformat() == "2027-01-01"
    page = f"/supervision/cards/{found['id']}"
    assert "暂定" in desk(bureau, app, "ducha").get(page)
    assert "公布后按工作日重新计算" in bureau.document(no, "yellow_card")

    bureau.execute(LoadCalendarYear(text=NEW_YEAR, source="国办"), "admin")
    bureau.at("2026-11-20 09:10")

    moved = card(bureau, no)
    assert (
        bureau.local_day(moved["feedback_due"]).isoformat() == "2027-01-04"
        and moved["appeal_due"] == moved["feedback_due"]
    )
    assert "暂定" not in desk(bureau, app, "ducha").get(page).split("事实")[0]


@pytest.mark.parametrize(("at", "state"), [("2027-01-02 09:00", "issued"), ("2027-01-05 09:00", "escalated")])
def test_nobody_is_late_by_the_date_that_was_provisional(bureau: Bureau, at: str, state: str) -> None:
    no = accepted(bureau, "2026-11-02 10:00")
    look(bureau, "2026-11-20 09:00")
    bureau.execute(LoadCalendarYear(text=NEW_YEAR, source="国办"), "admin")

    bureau.at(at)

    assert card(bureau, no)["state"] == state


def test_an_order_moves_with_the_calendar_too(bureau: Bureau) -> None:
    no = accepted(bureau, "2026-11-02 10:00")
    look(bureau, "2026-11-20 09:00")
    bureau.at("2026-12-30 09:00")
    bureau.execute(EscalateCard(card_id=card(bureau, no)["id"], text="限期说明"), "ducha")
    (order,) = rows(bureau, tables.supervision_order)
    assert bureau.local_day(order["due_at"]).isoformat() == "2027-01-04"

    bureau.execute(LoadCalendarYear(text=NEW_YEAR, source="国办"), "admin")
    bureau.at("2026-12-30 09:10")

    (order,) = rows(bureau, tables.supervision_order)
    assert bureau.local_day(order["due_at"]).isoformat() == "2027-01-05"
