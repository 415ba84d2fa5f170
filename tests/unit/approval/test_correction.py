"""The one correction notice."""

from datetime import date

from engine.approval.correction import (
    CorrectionEntry,
    correction_due,
    is_deemed_accepted,
    merge_corrections,
    new_demands,
    notice_due,
)
from engine.calendar import WorkCalendar
from tests.unit.approval.builders import an_item, at

RULES = an_item().correction


def entry(material: str, requirement: str) -> CorrectionEntry:
    return CorrectionEntry(material=material, requirement=requirement)


def test_lists_of_several_departments_are_one_list_by_material() -> None:
    merged = merge_corrections(
        {
            "消防": [entry("M02", "补充消防专篇"), entry("M01", "签字")],
            "质安": [entry("M02", "加盖出图章"), entry("M02", "补充消防专篇")],
            "人防": [],
        }
    )

    assert [(each.material, each.requirements, each.departments) for each in merged] == [
        ("M02", ("补充消防专篇", "加盖出图章"), ("消防", "质安")),
        ("M01", ("签字",), ("消防",)),
    ]


def test_the_notice_is_due_five_working_days_after_receipt(bureau: WorkCalendar) -> None:
    assert notice_due(RULES, at("2026-09-24 10:00"), bureau).date == date(2026, 10, 9)
    assert notice_due(RULES, at("2026-11-27 20:00"), bureau).date == date(2026, 12, 7)  # received on Monday


def test_who_lets_the_five_days_pass_has_accepted(bureau: WorkCalendar) -> None:
    due = notice_due(RULES, at("2026-11-23 10:00"), bureau)

    assert not is_deemed_accepted(due, notice_sent_at=None, now=due.at)
    assert is_deemed_accepted(due, notice_sent_at=None, now=at("2026-12-01 09:00"))
    assert not is_deemed_accepted(due, notice_sent_at=due.at, now=at("2026-12-01 09:00"))
    assert is_deemed_accepted(due, notice_sent_at=at("2026-12-01 08:00"), now=at("2026-12-01 09:00"))


def test_the_applicant_has_the_items_period(bureau: WorkCalendar) -> None:
    assert correction_due(RULES, at("2026-11-23 10:00"), bureau).date == date(2026, 12, 14)


def test_after_the_correction_nothing_new_is_asked() -> None:
    first = [entry("M02", "补充消防专篇")]

    assert new_demands(first, [entry("M02", "消防专篇仍缺盖章")]) == ()
    assert [reason.zh for reason in new_demands(first, [entry("M04", "另交检测报告")])] == [
        "补正后不得提出新的要求：M04，另交检测报告"
    ]
