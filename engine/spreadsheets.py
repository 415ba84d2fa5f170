"""Writing spreadsheets (XLSX): the room of XlsxWriter, which is loaded with the first sheet. Texts stay texts, so that none is
taken for a formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from engine.records import record

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | date | datetime | None
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_WIDTH, MAX_TITLE = 60, 31
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # what begins one, full width too
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@record
class Sheet:
    """One sheet: a title, the heads of its columns, its rows. Moments must be in the zone in which people read them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""  # a line above the table


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Write the sheets as one file: heads in bold and frozen, columns wide enough, filters on."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#EEF2F8", "bottom": 1}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            # shown as an apostrophe: the text stays one when somebody edits the cell
            "text": book.add_format({"quote_prefix": True}),
            "note": book.add_format({"font_color": "#565E6C"}),
        }
        used: set[str] = set()
        for sheet in sheets:
            _write(book.add_worksheet(_title(sheet.title, used)), sheet, formats)
    return buffer.getvalue()


def _title(wanted: str, used: set[str]) -> str:
    """A name that the format allows and that no other sheet has."""
    base = wanted.translate(_FORBIDDEN).strip()[:MAX_TITLE] or "Sheet"
    title, number = base, 2
    while title.lower() in used:
        title = f"{base[: MAX_TITLE - 3]} {number}"
        number += 1
    used.add(title.lower())
    return title


def _write(target: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    first = 0
    if sheet.note:
        target.write_string(0, 0, sheet.note, formats["note"])
        first = 2
    widths = [_width(name) + 2 for name in sheet.columns]
    for column, name in enumerate(sheet.columns):
        target.write_string(first, column, name, formats["head"])
    for index, row in enumerate(sheet.rows, start=first + 1):
        for column, value in enumerate(row):
            widths[column] = max(widths[column], _cell(target, index, column, value, formats))
    for column, width in enumerate(widths):
        target.set_column(column, column, min(width, MAX_WIDTH))
    target.freeze_panes(first + 1, 0)
    if sheet.rows:
        target.autofilter(first, 0, first + len(sheet.rows), len(sheet.columns) - 1)
    target.set_landscape()
    target.fit_to_pages(1, 0)


def _cell(target: Worksheet, row: int, column: int, value: Cell, formats: dict[str, Format]) -> int:
    """Write one cell by its type; return how wide it is."""
    if value is None or value == "":
        return 0
    if isinstance(value, datetime):
        target.write_datetime(row, column, value.replace(tzinfo=None), formats["moment"])
        return 17
    if isinstance(value, date):
        target.write_datetime(row, column, value, formats["day"])
        return 11
    if isinstance(value, str):
        kept = formats["text"] if value.lstrip(" \u3000").startswith(_FORMULA) else None
        target.write_string(row, column, value[:32_000], kept)
        return _width(value) + 1
    target.write_number(row, column, value)
    return len(f"{value:g}") + 2


def _width(text: str) -> int:
    """How wide a text is in characters: those of CJK take two."""
    return sum(2 if ord(char) > 0x2E80 else 1 for char in text)
