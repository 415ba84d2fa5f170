"""Reading the XML parts of office documents with expat: no DTD, UTF-8 only, a bounded number of elements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from engine.files.refusal import Refused

Attributes = Mapping[str, str]


@dataclass(slots=True)
class Budget:
    """How many XML elements may still be read in this file; a guard on time."""

    elements: int = 2_000_000

    def spend(self) -> None:
        self.elements -= 1
        if self.elements < 0:
            raise Refused(
                "too-complex", "文件过于复杂，请拆分后上传。", "The file is too complex; split it and upload the parts."
            )


class Visitor:
    """What to do with the elements of one part; names come without their namespace."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, content: str) -> None:
        """Text inside the current element; may come in pieces."""


def read_xml(data: bytes, visitor: Visitor, budget: Budget) -> None:
    """Walk ``data`` with ``visitor``; raises Refused for a DTD, another encoding than UTF-8, or broken XML.

    Only UTF-8: what these checks read must be what every viewer reads, and viewers differ on other encodings.
    """
    if b"\0" in data[:4] or data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        raise _not_utf8()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.XmlDeclHandler = _check_declaration
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = _starter(visitor, budget)
    parser.EndElementHandler = lambda name: visitor.end(local(name))
    parser.CharacterDataHandler = visitor.text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Refused("broken", "文件已损坏（内部 XML 有误）。", f"The file is damaged: {error}.") from error


def local(name: str) -> str:
    """Return an element or attribute name without its namespace."""
    return name.rpartition(" ")[2]


def _starter(visitor: Visitor, budget: Budget) -> Callable[[str, dict[str, str]], None]:
    def start(name: str, attributes: dict[str, str]) -> None:
        budget.spend()
        visitor.start(
            local(name), {local(key): value for key, value in attributes.items()} if attributes else attributes
        )

    return start


def _check_declaration(version: str, encoding: str | None, standalone: int) -> None:
    if encoding is not None and encoding.upper() not in ("UTF-8", "UTF8"):
        raise _not_utf8()


def _refuse_doctype(*_: object) -> None:
    raise Refused("dtd", "文件内部含有 DTD 声明，不能接受。", "The file holds a document type declaration.")


def _not_utf8() -> Refused:
    return Refused(
        "encoding", "文件内部的 XML 不是 UTF-8 编码，不能检查。", "The XML inside is not UTF-8 and cannot be checked."
    )
