"""Judging Word and Excel files: no macros, no embedded objects, nothing that is fetched or started on opening.

Source: ECMA-376 part 1 (fields 17.16, formulas 18.17) and part 2 (packages, relationships).
"""

import re

from engine.files.archive import Archive
from engine.files.markup import Attributes, Budget, Visitor, read_xml
from engine.files.refusal import Refused

_MAIN = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_IMAGES = frozenset({"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "svg", "wdp"})
_PARTS = _IMAGES | {"xml", "rels", "vml", "odttf", "fntdata"}
_PARSED = ("xml", "rels", "svg")  # vml is left out: Excel itself writes some that is not well-formed
_FOLDERS = re.compile(r"(^|/)(embeddings|activex|externallinks|macrosheets|dialogsheets|querytables|webextensions)/")
_FILES = re.compile(r"(^|/)(vbaproject|vbadata|connections)[^/]*$")
_CONTENT_TYPES = re.compile(
    r"macro|vba|activex|oleobject|externallink|dialogsheet|webextension|ms-package|html|rtf", re.IGNORECASE
)
_RELATIONS = re.compile(
    r"/(oleobject|package|afchunk|attachedtemplate|externallink|frame|subdocument|mailmergesource)[^/]*$",
    re.IGNORECASE,
)
_LINK = re.compile(r"(https?://|mailto:|tel:|#)", re.IGNORECASE)

# 17.16.5: fields that read other files, start programs or ask a database
_READING_FIELDS = frozenset({"INCLUDE", "INCLUDETEXT", "INCLUDEPICTURE", "IMPORT", "RD", "LINK", "EMBED", "DATABASE"})
_FIELDS = _READING_FIELDS | {"DDE", "DDEAUTO", "MACROBUTTON"}
_CALLS = re.compile(
    r"(?<![\w.])(?:_xl\w+\.)*(WEBSERVICE|RTD|CALL|REGISTER|REGISTER\.ID|EXEC|IMAGE|DDE)\s*\(", re.IGNORECASE
)
_QUOTED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'')


def check_office(data: bytes, kind: str) -> None:
    """Raise Refused unless ``data`` is an inert "docx" or "xlsx"."""
    budget = Budget()
    archive = Archive(data)
    types = _ContentTypes()
    for name, content in archive:
        low = name.lower()
        extension = low.rpartition(".")[2]
        if _FOLDERS.search(low) or _FILES.search(low):
            raise _active(f"「{name}」", name)
        if extension == "bin" and "/printersettings/" in low:
            continue
        if extension not in _PARTS:
            raise _active(f"「{name}」", name)
        if extension in _PARSED:
            read_xml(content, types if low == "[content_types].xml" else _visitor(kind, extension), budget)
    if _MAIN[kind] not in types.found:
        raise Refused("content-differs", f"内容不是 {kind} 文档。", f"The content is not a {kind} document.")


def _visitor(kind: str, extension: str) -> Visitor:
    if extension == "rels":
        return _Relationships()
    return _Fields() if kind == "docx" else _Formulas()


class _ContentTypes(Visitor):
    """[Content_Types].xml says what every part is; it decides, not the names of the parts."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        kind = attributes.get("ContentType", "")
        if _CONTENT_TYPES.search(kind):
            raise _active(f"「{kind}」", kind)
        self.found.add(kind)


class _Relationships(Visitor):
    """A part may point outside only by a hyperlink that somebody has to click, to the web or a mailbox."""

    def start(self, name: str, attributes: Attributes) -> None:
        kind, target = attributes.get("Type", ""), attributes.get("Target", "")
        if _RELATIONS.search(kind):
            raise _active("外部模板或嵌入对象", kind.rpartition("/")[2])
        if attributes.get("TargetMode", "").lower() == "external" and not (
            kind.rpartition("/")[2].lower() == "hyperlink" and _LINK.match(target.strip())
        ):
            raise _active(f"外部链接「{target[:80]}」", f"external link {target[:80]}")


class _Fields(Visitor):
    """The instructions of Word fields, which may be split over many runs and nested."""

    def __init__(self) -> None:
        self._open: list[str] = []  # the instruction so far of each open field
        self._collecting = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "fldSimple":
            _check_field(attributes.get("instr", ""))
        elif name == "fldChar" and attributes.get("fldCharType") == "begin":
            self._open.append("")
        elif name == "fldChar" and self._open:
            _check_field(self._open[-1])
            if attributes.get("fldCharType") == "end":
                self._open.pop()
        elif name in ("instrText", "delInstrText"):
            self._collecting = True

    def end(self, name: str) -> None:
        if name in ("instrText", "delInstrText"):
            self._collecting = False

    def text(self, content: str) -> None:
        if not self._collecting:
            return
        if not self._open:
            self._open.append("")  # an instruction outside a field: judged as one
        self._open[-1] += content
        if len(self._open[-1]) < 256:
            _check_field(self._open[-1])


def _check_field(instruction: str) -> None:
    word = instruction.strip().partition(" ")[0].strip('"\\').upper()
    if word in _FIELDS:
        raise _active(f"域代码 {word}", f"field {word}")


class _Formulas(Visitor):
    """The formulas of a workbook: cells, names, conditional formats and validations."""

    _HOLDERS = frozenset({"f", "definedName", "formula", "formula1", "formula2", "calculatedColumnFormula"})

    def __init__(self) -> None:
        self._pieces: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if name in ("ddeLink", "oleLink", "oleObject", "webPr"):
            raise _active(name, name)
        self._pieces = [] if name in self._HOLDERS else None

    def end(self, name: str) -> None:
        if self._pieces:
            _check_formula("".join(self._pieces))
        self._pieces = None

    def text(self, content: str) -> None:
        if self._pieces is not None:
            self._pieces.append(content)


def _check_formula(formula: str) -> None:
    bare = _QUOTED.sub("", formula)
    call = _CALLS.search(bare)
    if call:
        raise _active(f"函数 {call[1].upper()}", f"function {call[1].upper()}")
    if "|" in bare:  # program|topic!item: outside quotes nothing else in a formula has this sign
        raise _active("DDE 公式", "DDE formula")


def _active(zh: str, en: str) -> Refused:
    return Refused(
        "active-content",
        f"文件含有宏、嵌入对象或外部引用（{zh}），请去掉后重新上传，或另存为 PDF。",
        f"The file holds a macro, an embedded object or an outside reference ({en}); remove it or save as PDF.",
    )
