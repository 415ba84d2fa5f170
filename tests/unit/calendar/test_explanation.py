"""The readable sum."""

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import (
    SHANGHAI,
    DayKind,
    DayNote,
    DayRow,
    DueMode,
    Explanation,
    Limit,
    Pause,
    ReceiptRule,
    Unit,
    WorkCalendar,
    explain,
)
from tests.unit.calendar.years import bureau_calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_a_sum_of_working_days_names_what_was_counted_and_what_was_skipped(bureau: WorkCalendar) -> None:
    due = bureau.due(at("2026-02-13 10:00"), Limit.parse("5wd"))

    told = explain(bureau, due)

    assert told.text("zh") == (
        "自2026-02-13（周五）起算，当日不计；时限5个工作日；计入2026-02-14（周六）春节调休上班；"
        "跳过春节2026-02-15至2026-02-23共9天；到期2026-02-27（周五）17:30。"
    )
    assert told.text("en") == (
        "From Fri 2026-02-13, start day not counted; limit 5 working days; counted Sat 2026-02-14 春节调休上班; "
        "skipped 春节 2026-02-15 to 2026-02-23 (9); due Fri 2026-02-27 17:30."
    )
    assert [(day.date.day, day.count) for day in told.days if day.note is DayNote.COUNTED] == [
        (14, 1), (24, 2), (25, 3), (26, 4), (27, 5),
    ]  # fmt: skip
    assert told.days[0].note is DayNote.START


def test_half_days_are_named_and_what_is_left_of_them_takes_a_whole_day(bureau: WorkCalendar) -> None:
    half = DayRow(date=date(2026, 3, 2), kind=DayKind.HALF_AM, name="迎检")
    calendar = bureau.with_days([half])

    told = explain(calendar, calendar.due(at("2026-02-26 10:00"), Limit.parse("5wd")))

    assert told.text("zh") == (
        "自2026-02-26（周四）起算，当日不计；时限5个工作日；"
        "计入2026-02-28（周六）春节调休上班、2026-03-02（周一）迎检（半天，计半个工作日）；"
        "跳过周末2026-03-01（周日）共1天；到期2026-03-05（周四）17:30（余下的半天按一天计）。"
    )
    assert "(half a day)" in told.text("en") and "counts as a whole one" in told.text("en")


def test_a_pause_is_part_of_the_sum(bureau: WorkCalendar) -> None:
    pause = Pause(at("2026-09-15 14:00"), at("2026-09-22 09:30"))
    due = bureau.due(at("2026-09-10 10:00"), Limit.parse("10wd"), pauses=[pause])

    told = explain(bureau, due)

    assert "暂停2026-09-15至2026-09-22，不计入" in told.text("zh")
    assert [day.date.day for day in told.days if day.note is DayNote.PAUSED] == [16, 17, 18, 20, 21, 22]
    assert [day.count for day in told.days if day.count][-1] == 10


def test_a_natural_period_says_why_it_went_on(bureau: WorkCalendar) -> None:
    due = bureau.due(at("2026-09-15 09:00"), Limit.parse("20nd"))

    assert explain(bureau, due).text("zh") == (
        "自2026-09-15（周二）起算，当日不计；时限20日；期满日为休息日，顺延，跳过国庆节2026-10-05至2026-10-07共3天；"
        "到期2026-10-08（周四）17:30。"
    )


def test_a_provisional_date_says_so(bureau: WorkCalendar) -> None:
    told = explain(bureau, bureau.due(at("2026-12-25 10:00"), Limit.parse("10wd")))

    assert "日期为暂定" in told.text("zh")
    assert "provisional" in told.text("en")
    assert next(day.date for day in told.days if not day.firm) == date(2027, 1, 1)


def test_a_receipt_outside_office_hours_is_told(bureau: WorkCalendar) -> None:
    due = bureau.due(at("2026-11-27 20:00"), Limit.parse("5wd"), receipt=ReceiptRule.NEXT_WORKING_DAY)

    assert explain(bureau, due).text("zh").startswith(
        "2026-11-27（周五）20:00为非办公时间，视为2026-11-30（周一）收到，自该日起算，当日不计；"
    )  # fmt: skip


def test_to_the_second_the_sum_names_the_times(bureau: WorkCalendar) -> None:
    pause = Pause(at("2026-11-24 10:00"), at("2026-11-25 16:00"))
    due = bureau.due(at("2026-11-23 10:00"), Limit.parse("2wd"), DueMode.SAME_TIME, pauses=[pause])

    told = explain(bureau, due)

    assert told.text("zh").startswith("自2026-11-23（周一）10:00起算；时限2个工作日；")
    assert told.text("zh").endswith("到期2026-11-26（周四）16:00。")
    assert told.days[-1].count == 2


def test_hours_and_the_same_day_have_a_sum_too(bureau: WorkCalendar) -> None:
    hours = explain(bureau, bureau.due(at("2026-11-27 16:30"), Limit.parse("2h")))
    today = explain(bureau, bureau.due(at("2026-11-27 10:00"), Limit.parse("0wd"), DueMode.MIDNIGHT))

    assert hours.text("zh") == (
        "自2026-11-27（周五）16:30起算；时限2小时；计入2026-11-27（周五）1小时、2026-11-30（周一）1小时；"
        "跳过周末2026-11-28至2026-11-29共2天；到期2026-11-30（周一）10:00。"
    )
    assert today.text("zh") == "自2026-11-27（周五）起算；时限当日；到期2026-11-27（周五）24:00。"


def test_the_same_day_after_closing_tells_why_it_is_the_next_working_day(bureau: WorkCalendar) -> None:
    found = explain(bureau, bureau.due(at("2026-11-27 17:44"), Limit.parse("0wd")))

    assert found.text("zh") == (
        "2026-11-27（周五）17:44已过下班时间，自下一个工作日2026-11-30（周一）起算；时限当日；到期2026-11-30（周一）17:30。"
    )
    assert "after closing" in found.text("en")
    assert counts(found) == {"11-30": 0}


def test_the_sum_is_json(bureau: WorkCalendar) -> None:
    told = explain(bureau, bureau.due(at("2026-02-13 10:00"), Limit.parse("5wd")))

    assert json.loads(json.dumps(told.to_json()))["days"][1] == {
        "date": "2026-02-14", "note": "counted", "kind": "work", "name": "春节调休上班", "firm": True, "count": 1.0,
    }  # fmt: skip


# ---------------------------------------------------------------- recounted by hand: the golden week of 2026 with half days and closures

GOLDEN = [
    DayRow(date=date(2026, 9, 30), kind=DayKind.HALF_AM, name="节前半天"),
    DayRow(date=date(2026, 10, 9), kind=DayKind.REST, name="防汛停工"),
]


@pytest.fixture
def golden(bureau: WorkCalendar) -> WorkCalendar:
    return bureau.with_days(GOLDEN)


def counts(found: Explanation) -> dict[str, float]:
    return {f"{day.date:%m-%d}": day.count for day in found.days if day.count is not None}


def test_office_hours_are_told_day_by_day_so_that_a_finger_can_add_them(golden: WorkCalendar) -> None:
    stood = [Pause(at("2026-09-28 15:00"), at("2026-09-29 10:00"))]

    plain = explain(golden, golden.due(at("2026-09-30 11:00"), Limit.parse("8h")))
    paused = explain(golden, golden.due(at("2026-09-28 10:00"), Limit.parse("16h"), pauses=stood))

    assert "计入2026-09-30（周三）1小时（节前半天）、2026-10-08（周四）7小时；" in plain.text("zh")
    assert "counted Wed 2026-09-30 1 h (节前半天), Thu 2026-10-08 7 h;" in plain.text("en")
    assert counts(paused) == {"09-28": 3.5, "09-29": 9.5, "09-30": 12.5, "10-08": 16}


def test_a_limit_that_would_have_run_out_while_it_stood_says_so_and_still_adds_up(golden: WorkCalendar) -> None:
    """Two working days from 09-21: the second is 09-23, at whose closing the clock stood; it was resumed when nobody worked."""
    stood = [Pause(at("2026-09-23 15:00"), at("2026-09-23 18:30"))]

    found = explain(golden, golden.due(at("2026-09-21 10:00"), Limit.parse("2wd"), pauses=stood))
    days = explain(golden, golden.due(at("2026-09-21 10:00"), Limit.parse("2nd"), pauses=stood))

    assert found.due.date == days.due.date == date(2026, 9, 24)
    assert counts(found) == {"09-22": 1, "09-24": 2}, "no third day of two"
    for each in (found, days):
        assert "2026-09-23（周三）本应届满，当时正在暂停，不在暂停中届满" in each.text("zh")
        assert "it stood when it would have run out on Wed 2026-09-23" in each.text("en")
    assert not found.text("zh").count("余下的半天")


def test_the_same_day_counts_nothing_also_when_it_is_the_next_one_worked(golden: WorkCalendar) -> None:
    found = explain(golden, golden.due(at("2026-09-26 10:00"), Limit.parse("0wd")))

    assert counts(found) == {"09-28": 0}


def test_what_is_counted_to_the_second_begins_at_the_opening_and_counts_that_day(golden: WorkCalendar) -> None:
    rule, saturday = ReceiptRule.NEXT_WORKING_DAY, at("2026-09-26 10:00")

    exact = explain(golden, golden.due(saturday, Limit.parse("3wd"), DueMode.SAME_TIME, receipt=rule)).text("zh")
    hours = explain(golden, golden.due(saturday, Limit.parse("2h"), receipt=rule)).text("zh")
    days = explain(golden, golden.due(saturday, Limit.parse("3wd"), receipt=rule)).text("zh")

    for each in (exact, hours):
        assert "视为2026-09-28（周一）09:00收到，自该时起算；" in each and "当日不计" not in each
    assert "视为2026-09-28（周一）收到，自该日起算，当日不计；" in days


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["1wd", "5wd", "7.5wd", "12wd", "3h", "20h"]),
    st.sampled_from(DueMode),
    st.integers(0, 60 * 24 * 30),
    st.lists(st.tuples(st.integers(0, 60 * 24 * 20), st.integers(0, 60 * 24 * 6)), max_size=3),
)
def test_every_sum_ends_at_its_limit(limit: str, mode: DueMode, after: int, stood: list[tuple[int, int]]) -> None:
    calendar, first = bureau_calendar().with_days(GOLDEN), at("2026-09-14 00:00") + timedelta(minutes=after)
    begun = [(first + timedelta(minutes=later), timedelta(minutes=long)) for later, long in stood]
    due = calendar.due(first, Limit.parse(limit), mode, pauses=[Pause(each, each + long) for each, long in begun])

    told = [day.count for day in explain(calendar, due).days if day.count is not None]

    assert told == sorted(told) and len(set(told)) == len(told), "each counted day adds something"
    assert 0 <= told[-1] - due.limit.value <= (0.5 if due.limit.unit is Unit.WD else 0.01)
