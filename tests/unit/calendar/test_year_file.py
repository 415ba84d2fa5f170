"""The file that loads a year."""

from datetime import date

import pytest

from engine.calendar import DayKind, DayRow, YearFileRefused, parse_year_file, write_year_file, year_of


def test_a_file_lists_days_and_spans_with_name_and_source() -> None:
    rows = parse_year_file(
        """
        # 国务院办公厅关于2027年部分节假日安排的通知
        date,kind,name,source
        2027-02-06..2027-02-08,rest,春节,国办发明电〔2026〕1号
        2027-02-14,work,春节调休上班
        """
    )

    assert [(row.date, row.kind, row.name) for row in rows] == [
        (date(2027, 2, 6), DayKind.REST, "春节"),
        (date(2027, 2, 7), DayKind.REST, "春节"),
        (date(2027, 2, 8), DayKind.REST, "春节"),
        (date(2027, 2, 14), DayKind.WORK, "春节调休上班"),
    ]
    assert {row.source for row in rows} == {"国办发明电〔2026〕1号"}  # carried down from the line above


def test_what_a_spreadsheet_in_chinese_writes_is_read_too() -> None:
    rows = parse_year_file(
        "\ufeff日期\t类别\t名称\n2027/2/6至2027/2/7\t休\t春节\n2027年2月14日\t班\t\n2027.3.8\t上午\t妇女节\n"
    )

    assert [row.kind for row in rows] == [DayKind.REST, DayKind.REST, DayKind.WORK, DayKind.HALF_AM]
    assert parse_year_file("2027-03-08，下午，妇女节，\n")[0].kind is DayKind.HALF_PM


def test_a_new_year_holiday_may_reach_into_the_year_before() -> None:
    rows = parse_year_file("2022-12-31..2023-01-02,rest,元旦")

    assert year_of(rows) == 2023
    assert rows[0].date == date(2022, 12, 31)


def test_every_wrong_line_is_named() -> None:
    with pytest.raises(YearFileRefused) as refused:
        parse_year_file(
            "2027-13-01,rest\n"
            "2027-02-06,holiday\n"
            "2027-02-08..2027-02-06,rest\n"
            "\n"
            "yesterday,rest\n"
            "2027-02-10\n"
            "2027-01-01..2027-12-31,rest\n"
            "2027-03-01,rest\n"
            "2027-03-01,work\n"
        )

    assert [error.line for error in refused.value.errors] == [1, 2, 3, 5, 6, 7, 9]
    assert "第2行类别“holiday”不认识" in refused.value.zh
    assert refused.value.facts["lines"][0] == {
        "line": 1,
        "zh": "没有2027-13-01这一天",
        "en": "there is no day 2027-13-01",
    }


def test_a_file_without_days_or_with_two_years_is_refused() -> None:
    for text in ("", "# nothing\n", "date,kind\n", "2027-05-01..2027-05-05,rest\n2028-05-01,rest\n"):
        with pytest.raises(YearFileRefused):
            parse_year_file(text)


def test_what_is_written_is_read_back() -> None:
    rows = [
        DayRow(date=date(2027, 2, 6), kind=DayKind.REST, name="春节, 第一天", source='通知"甲"'),
        DayRow(date=date(2027, 2, 14), kind=DayKind.WORK, name="调休", source="通知"),
    ]

    assert parse_year_file(write_year_file(rows)) == rows
    assert [DayRow.from_json(row.to_json()) for row in rows] == rows
