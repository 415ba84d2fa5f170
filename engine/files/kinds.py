"""The types of files that are accepted: extension, media type, size limit and how the content begins."""

from collections.abc import Mapping

from engine.files.refusal import Refused
from engine.records import record

MIB = 1 << 20


@record(kw_only=False)
class Kind:
    """One accepted type. ``signature`` is how its content must begin at byte 0 (empty for text)."""

    name: str
    media_type: str
    max_bytes: int
    signature: bytes
    label_zh: str


_ALL = (
    Kind("pdf", "application/pdf", 20 * MIB, b"%PDF-", "PDF 文档"),
    Kind("png", "image/png", 10 * MIB, b"\x89PNG\r\n\x1a\n", "PNG 图片"),
    Kind("jpg", "image/jpeg", 10 * MIB, b"\xff\xd8\xff", "JPEG 图片"),
    Kind(
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        10 * MIB,
        b"PK\x03\x04",
        "Word 文档",
    ),
    Kind(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        10 * MIB,
        b"PK\x03\x04",
        "Excel 表格",
    ),
    Kind("ofd", "application/ofd", 20 * MIB, b"PK\x03\x04", "OFD 版式文档"),
    Kind("txt", "text/plain", 1 * MIB, b"", "文本文件"),
    Kind("csv", "text/csv", 5 * MIB, b"", "CSV 表格"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL} | {"jpeg": _ALL[2]}  # by extension
LARGEST = max(kind.max_bytes for kind in _ALL)

# How files that call themselves something else really begin. Only used to say it in the message.
_FAMILIAR = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"PK\x03\x04", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "Office 97-2003 (doc, xls) or an encrypted document"),
    (b"MZ", "Windows program"),
    (b"\x7fELF", "Linux program"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"{\\rtf", "RTF"),
    (b"<", "HTML, XML or SVG"),
)


def kind_of(extension: str) -> Kind:
    """Return the kind for an extension in lower case; raises Refused for one that is not accepted."""
    kind = KINDS.get(extension)
    if kind is None:
        accepted = ", ".join(sorted(KINDS))
        raise Refused(
            "type-not-accepted",
            f"不接受 .{extension} 文件，可上传：{accepted}。",
            f"Files of type .{extension} are not accepted; accepted are {accepted}.",
        )
    return kind


def check_beginning(kind: Kind, data: bytes) -> None:
    """Raise Refused unless ``data`` begins as ``kind`` must, at the first byte.

    Readers that look for a signature further on would let one file be two things at once.
    """
    if not kind.signature or data.startswith(kind.signature):
        return
    found = next((label for start, label in _FAMILIAR if data.lstrip()[: len(start)] == start), "")
    raise Refused(
        "content-differs",
        f"内容不是{kind.label_zh}" + (f"（看起来是 {found}）" if found else "") + "，请用原软件另存为正确的格式。",
        f"The content is not {kind.name}"
        + (f" but looks like {found}" if found else "")
        + "; save it in the right format.",
    )
