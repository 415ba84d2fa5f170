"""A bureau's calendar with the real days of 2024 to 2026, loaded from year files as an admin would load them."""

from engine.calendar import WorkCalendar, parse_year_file

YEAR_FILES = {
    2024: """
        2024-01-01,rest,元旦
        2024-02-10..2024-02-17,rest,春节
        2024-04-04..2024-04-06,rest,清明节
        2024-05-01..2024-05-05,rest,劳动节
        2024-06-10,rest,端午节
        2024-09-15..2024-09-17,rest,中秋节
        2024-10-01..2024-10-07,rest,国庆节
        2024-02-04,work,春节调休上班
        2024-02-18,work,春节调休上班
        2024-04-07,work,清明节调休上班
        2024-04-28,work,劳动节调休上班
        2024-05-11,work,劳动节调休上班
        2024-09-14,work,中秋节调休上班
        2024-09-29,work,国庆节调休上班
        2024-10-12,work,国庆节调休上班
    """,
    2025: """
        2025-01-01,rest,元旦
        2025-01-28..2025-02-04,rest,春节
        2025-04-04..2025-04-06,rest,清明节
        2025-05-01..2025-05-05,rest,劳动节
        2025-05-31..2025-06-02,rest,端午节
        2025-10-01..2025-10-08,rest,国庆节、中秋节
        2025-01-26,work,春节调休上班
        2025-02-08,work,春节调休上班
        2025-04-27,work,劳动节调休上班
        2025-09-28,work,国庆节调休上班
        2025-10-11,work,国庆节调休上班
    """,
    2026: """
        2026-01-01..2026-01-03,rest,元旦
        2026-02-15..2026-02-23,rest,春节
        2026-04-04..2026-04-06,rest,清明节
        2026-05-01..2026-05-05,rest,劳动节
        2026-06-19..2026-06-21,rest,端午节
        2026-09-25..2026-09-27,rest,中秋节
        2026-10-01..2026-10-07,rest,国庆节
        2026-01-04,work,元旦调休上班
        2026-02-14,work,春节调休上班
        2026-02-28,work,春节调休上班
        2026-05-09,work,劳动节调休上班
        2026-09-20,work,国庆节调休上班
        2026-10-10,work,国庆节调休上班
    """,
}


def bureau_calendar() -> WorkCalendar:
    """Offices open 09:00-12:00 and 13:30-17:30; 2024, 2025 and 2026 are loaded."""
    rows = [row for text in YEAR_FILES.values() for row in parse_year_file(text)]
    return WorkCalendar.from_rows(rows, region="430105", loaded_years=YEAR_FILES, version="2026-1")
