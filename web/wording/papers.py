"""A document of the office laid out for paper: its text repeats what its head already says, and ends with who signs."""

from collections.abc import Mapping
from typing import Any

from engine.records import record

SIGNATURE_LINES = 3  # who, and when; a longer last paragraph is text


@record
class Paper:
    """``issuer`` stands above the title, ``body`` below its number, ``sign`` at the right below that; each may be empty."""

    issuer: str
    body: str
    sign: str


def paper(row: Mapping[str, Any]) -> Paper:
    """Lay out a document's row ({title, number, body}); a text of any other shape stays whole."""
    lines = str(row["body"]).strip().split("\n")
    issuer = lines.pop(0) if lines[1:2] == [row["title"]] else ""
    for said in (row["title"], row["number"]):
        if lines[:1] == [said]:
            del lines[0]
    text = "\n".join(lines).strip("\n")
    body, _gap, sign = text.rpartition("\n\n")
    if not body or sign.count("\n") >= SIGNATURE_LINES:
        return Paper(issuer=issuer, body=text, sign="")
    return Paper(issuer=issuer, body=body, sign=sign)
