"""The file with which an admin loads a year: one line per day or span of days, as the State Council's notice has it.

Plain CSV, so that it can be written in a spreadsheet::

    # 国务院办公厅关于2026年部分节假日安排的通知
    date,kind,name,source
    2026-01-01..2026-01-03,rest,元旦,国办发明电〔2025〕7号
    2026-01-04,work,元旦调休上班
    2026-03-08,half_am,妇女节

``kind`` is rest/休, work/班, half_am/上午 or half_pm/下午; ``name`` and ``source`` may be left out, and an empty
source is that of the line above. Days that are not listed are worked from Monday to Friday. A file holds one year;
days in the last week before it and the first week after it may be listed too, since a New Year holiday often reaches
over.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from engine.calendar.days import DayKind, DayRow
from engine.errors import InvalidInput

MAX_SPAN_DAYS: Final = 62  # a longer "holiday" is a slip of the pen
_OVERLAP: Final = timedelta(days=7)
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TO: Final = re.compile(r"\s*(?:\.\.|…|至|~|—|–)\s*")
_KINDS: Final = {
    "rest": DayKind.REST, "休": DayKind.REST, "休息": DayKind.REST, "放假": DayKind.REST,
    "work": DayKind.WORK, "班": DayKind.WORK, "上班": DayKind.WORK,
    "half_am": DayKind.HALF_AM, "上午": DayKind.HALF_AM, "上午上班": DayKind.HALF_AM,
    "half_pm": DayKind.HALF_PM, "下午": DayKind.HALF_PM, "下午上班": DayKind.HALF_PM,
}  # fmt: skip
_HEADERS: Final = {"date", "日期"}


class LineError(NamedTuple):
    """What is wrong with one line (1-based; 0 for the whole file)."""

    line: int
    zh: str
    en: str


class YearFileRefused(InvalidInput):
    """A year file has errors; ``errors`` and ``facts["lines"]`` name each by line. Nothing of it is used."""

    code = "year-file-refused"

    def __init__(self, errors: list[LineError]) -> None:
        super().__init__(
            "年历文件有误："
            + "；".join(f"第{each.line}行{each.zh}" if each.line else each.zh for each in errors)
            + "。",
            "The year file has errors: "
            + "; ".join(f"line {each.line}: {each.en}" if each.line else each.en for each in errors)
            + ".",
            lines=[each._asdict() for each in errors],
        )
        self.errors = tuple(errors)


class _BadLineError(Exception):
    """One line cannot be read."""


def parse_year_file(text: str) -> list[DayRow]:
    """Return the days listed in ``text``, by date. Raises :class:`YearFileRefused` with every error that was found."""
    rows: dict[date, DayRow] = {}
    errors: list[LineError] = []
    source = ""
    for number, cells in _lines(text):
        try:
            for row in _rows(cells, source):
                if (known := rows.get(row.date)) is not None and known.kind is not row.kind:
                    raise _BadLineError(
                        f"{row.date}前面已写为{known.kind.zh}", f"{row.date} was listed before as {known.kind.value}"
                    )
                rows[row.date] = row
                source = row.source
        except _BadLineError as bad:
            errors.append(LineError(number, *bad.args))
    if not errors:
        errors += _whole_file(rows)
    if errors:
        raise YearFileRefused(errors)
    return sorted(rows.values(), key=lambda row: row.date)


def year_of(rows: Iterable[DayRow]) -> int:
    """Return the year that a file of these rows loads: the one in which most of them lie."""
    return Counter(row.date.year for row in rows).most_common(1)[0][0]


def write_year_file(rows: Iterable[DayRow]) -> str:
    """Return ``rows`` in the file's format, one line per day, so that an admin can take it out, edit it and load it."""
    lines = ["date,kind,name,source"]
    for row in sorted(rows, key=lambda row: row.date):
        lines.append(",".join([row.date.isoformat(), row.kind.value, _cell(row.name), _cell(row.source)]))
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in ',"，\n') else text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) without comments, empty lines and the heading."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip(" ,\t") or line.lstrip().startswith("#"):
            continue
        delimiter = "\t" if "\t" in line else ";" if ";" in line and "," not in line else ","
        normal = line if '"' in line else line.replace("，", ",")
        cells = [cell.strip() for cell in next(csv.reader([normal], delimiter=delimiter))]
        if cells[0].lower() not in _HEADERS:
            yield number, cells


def _rows(cells: list[str], source: str) -> Iterator[DayRow]:
    if len(cells) < 2:
        raise _BadLineError("至少要有日期和类别两列", "a date and a kind are needed")
    first, last = _span(cells[0])
    kind = _KINDS.get(cells[1].lower())
    if kind is None:
        raise _BadLineError(
            f"类别“{cells[1]}”不认识，应为 rest/休、work/班、half_am/上午、half_pm/下午",
            f"unknown kind {cells[1]!r}, use rest, work, half_am or half_pm",
        )
    name = cells[2] if len(cells) > 2 else ""
    source = cells[3] if len(cells) > 3 and cells[3] else source
    for offset in range((last - first).days + 1):
        yield DayRow(date=first + timedelta(days=offset), kind=kind, name=name, source=source)


def _span(text: str) -> tuple[date, date]:
    ends = _TO.split(text)
    if len(ends) > 2:
        raise _BadLineError(f"日期“{text}”看不懂", f"cannot read the date {text!r}")
    first, last = _date(ends[0]), _date(ends[-1])
    if last < first:
        raise _BadLineError(f"“{text}”的结束早于开始", f"{text!r} ends before it starts")
    if (last - first).days >= MAX_SPAN_DAYS:
        raise _BadLineError(f"“{text}”超过{MAX_SPAN_DAYS}天", f"{text!r} is longer than {MAX_SPAN_DAYS} days")
    return first, last


def _date(text: str) -> date:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise _BadLineError(
            f"日期“{text}”看不懂，应写成 2027-01-31", f"cannot read the date {text!r}, write 2027-01-31"
        )
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise _BadLineError(f"没有{text}这一天", f"there is no day {text}") from None


def _whole_file(rows: dict[date, DayRow]) -> Iterator[LineError]:
    if not rows:
        yield LineError(0, "文件里没有任何日期", "the file lists no day")
        return
    year = year_of(rows.values())
    first, last = date(year, 1, 1) - _OVERLAP, date(year, 12, 31) + _OVERLAP
    strangers = [day for day in sorted(rows) if not first <= day <= last]
    if strangers:
        listed = "、".join(day.isoformat() for day in strangers[:5])
        yield LineError(
            0,
            f"一个文件只写一年：{listed}不属于{year}年",
            f"a file holds one year: {listed.replace('、', ', ')} is not of {year}",
        )
