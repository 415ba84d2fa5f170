"""Judging plain text and CSV: really text, and no cell that a spreadsheet would compute."""

import csv
import io
import re
import unicodedata

from engine.files.refusal import Refused

_MARKUP = re.compile(r"\s*<(!doctype|html|head|body|script|svg|\?xml|\?php|iframe|%)", re.IGNORECASE)
_SIGNATURES = ("%PDF-", "%!PS", "{\\rtf", "#!", "MZ\x90", "PK\x03\x04")
_FORMULA = re.compile(r"[=@\uff1d\uff20]|[+\-\uff0b\uff0d]")  # spreadsheets take the full-width signs too
_PLAIN_NUMBER = re.compile(r"[+\-\uff0b\uff0d][\d\s.,()%eE+\-]*$")  # -12.5, +86 138-0000-0000, or a dash for "none"
_CONTROLS = frozenset("\t\n\r\f")


def check_text(data: bytes) -> str:
    """Return the text of ``data`` (UTF-8, or GB18030 as older Chinese software writes), or raise Refused."""
    text = _decoded(data)
    if any(unicodedata.category(character) == "Cc" for character in set(text) - _CONTROLS):
        raise Refused("content-differs", "内容不是纯文本（含有控制字符）。", "The content is not plain text.")
    if text.startswith(_SIGNATURES) or _MARKUP.match(text):
        raise Refused(
            "content-differs",
            "内容是网页、脚本或其他格式，不是纯文本。",
            "The content is markup or a script, not text.",
        )
    return text


def check_csv(data: bytes) -> None:
    """Raise Refused unless ``data`` is text in which no cell starts a formula, whichever separator the reader takes."""
    text = check_text(data)
    for separator in ",;\t":
        try:
            for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):
                for cell in row:
                    _check_cell(cell, number)
        except csv.Error as error:
            raise Refused("broken", f"CSV 无法读取：{error}。", f"The CSV cannot be read: {error}.") from error


def _check_cell(cell: str, row: int) -> None:
    content = cell.lstrip(" \u3000\"'")
    if content[:1] in ("\t", "\r") or (_FORMULA.match(content) and not _PLAIN_NUMBER.match(content)):
        raise Refused(
            "formula-in-csv",
            f"第 {row} 行有单元格以「{content[:1]}」开头，会被当作公式执行，请修改后上传。",
            f"A cell in row {row} starts with {content[:1]!r} and would be run as a formula.",
        )


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(
        "content-differs", "内容不是 UTF-8 或 GB18030 编码的文本。", "The content is not text in UTF-8 or GB18030."
    )
