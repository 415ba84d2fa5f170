"""Cleaning the names that browsers send, so that a name can be shown, stored and offered for download anywhere."""

import re
import unicodedata

from engine.files.refusal import Refused

MAX_NAME_BYTES = 200  # in UTF-8; common file systems take 255, and a download may get " (1)" added

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(\.|$)", re.IGNORECASE)


def clean_name(name: str) -> tuple[str, str]:
    """Return the name without folders and without invisible or reserved characters, and its extension in lower case.

    Control, format (bidirectional overrides, zero width), surrogate and private characters go away: they make a name
    look like another one. Raises Refused when nothing or no extension is left.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    stem, dot, extension = _FORBIDDEN.sub("_", visible).strip(" .").rpartition(".")
    stem, extension = stem.strip(" ."), extension.strip().lower()
    if not dot or not stem or not extension.isalnum() or not extension.isascii():
        raise Refused(
            "no-extension",
            "文件名须带扩展名，例如「身份证.jpg」。",
            "The file name needs an extension, such as licence.pdf.",
        )
    if stem.startswith("-"):
        stem = "_" + stem.lstrip("-")  # at a terminal "-rf.pdf" is an option, not a file
    if _DEVICES.match(stem):
        stem = f"_{stem}"  # on Windows "con.pdf" is the console, not a file
    return f"{_cut(stem, MAX_NAME_BYTES - len(extension) - 1)}.{extension}", extension


def _cut(text: str, limit: int) -> str:
    """Cut ``text`` to at most ``limit`` bytes of UTF-8, between characters."""
    return text.encode()[:limit].decode(errors="ignore").rstrip(" .")
