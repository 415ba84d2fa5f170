"""Spreadsheets open elsewhere with what was put in: texts as texts, numbers as numbers, moments as moments."""

import zipfile
from datetime import datetime
from io import BytesIO
from xml.etree import ElementTree

import pytest

from engine.calendar import SHANGHAI
from engine.spreadsheets import Sheet, workbook

SPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read(data: bytes) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """The names of the sheets, and of the first one the cells of each row as (type, value)."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        shared = [
            "".join(part.text or "" for part in entry.iter(f"{{{SPACE['x']}}}t"))
            for entry in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    names = [each.attrib["name"] for each in book.iterfind(".//x:sheet", SPACE)]
    rows = []
    for row in sheet.iterfind(".//x:row", SPACE):
        cells = []
        for cell in row.iterfind("x:c", SPACE):
            value = cell.findtext("x:v", "", SPACE)
            kind = cell.get("t", "n")
            cells.append((kind, shared[int(value)] if kind == "s" else value))
        rows.append(cells)
    return names, rows


def test_a_text_that_looks_like_a_formula_or_an_address_stays_a_text() -> None:
    data = workbook([Sheet(title="a", columns=["x"], rows=[["=1+1"], ["http://a.example"], ["@SUM(A1)"]])])

    _, rows = read(data)

    assert rows == [[("s", "x")], [("s", "=1+1")], [("s", "http://a.example")], [("s", "@SUM(A1)")]]


def test_numbers_and_moments_keep_their_kind_and_nothing_stays_empty() -> None:
    at = datetime(2026, 11, 24, 12, 0, tzinfo=SHANGHAI)

    _, rows = read(workbook([Sheet(title="a", columns=["n", "at", "none"], rows=[[2.5, at, None]])]))

    assert rows[1] == [("n", "2.5"), ("n", "46350.5")]


def test_names_of_sheets_are_what_the_format_allows_and_differ() -> None:
    sheets = [Sheet(title="超期/按部门", columns=["x"], rows=[]) for _ in range(2)]

    names, _ = read(workbook(sheets))

    assert names == ["超期 按部门", "超期 按部门 2"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d", "\u3000@"])
def test_a_text_that_begins_like_a_formula_stays_a_text_when_somebody_edits_it(begin: str) -> None:
    """It is stored as a text, and with the mark that spreadsheets show as an apostrophe."""
    data = workbook([Sheet(title="=a", columns=["=head"], rows=[[f"{begin}cmd|' /C calc'!A0"], ["甲"]])])

    with zipfile.ZipFile(BytesIO(data)) as archive:
        styles = ElementTree.fromstring(archive.read("xl/styles.xml")).findall("x:cellXfs/x:xf", SPACE)
        cells = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml")).findall(".//x:c", SPACE)
    marked = [styles[int(cell.get("s", "0"))].get("quotePrefix") == "1" for cell in cells]
    assert marked == [False, True, False]
    assert [cell.get("t") for cell in cells] == ["s", "s", "s"]
    assert all(cell.find("x:f", SPACE) is None for cell in cells)
