"""Hardened XML: untrusted bytes in, a small plain tree with exact line numbers out; and the way back to bytes.

One streaming pass of expat builds the tree. A DOCTYPE is refused before a single entity exists, every quantity is counted
while the file is read, and nothing outside the bytes is ever opened. Comments and processing instructions (Camunda's,
``xml-stylesheet``...) are dropped: nobody here acts on them. The machine never sees the uploaded bytes, only what
:func:`serialise` writes from the tree that was checked, so the two can never read one file in two ways.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.parsers import expat

from engine.records import record

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
BANJIE: Final = "urn:banjie:bpmn:1.0"

PREFIXES: Final[Mapping[str, str]] = {
    BPMN: "bpmn",
    BANJIE: "banjie",
    XSI: "xsi",
    BPMNDI: "bpmndi",
    DC: "dc",
    DI: "di",
    "http://www.w3.org/XML/1998/namespace": "xml",
}

# gb2312 and gbk are read as their superset gb18030: Chinese tools write any of the three names over the same bytes.
_ENCODINGS: Final[Mapping[str, str]] = {
    "utf-8": "utf-8",
    "ascii": "ascii",
    "iso8859-1": "iso8859-1",
    "iso8859-15": "iso8859-15",
    "cp1252": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "utf-16": "utf-8",  # without UTF-16's own marks in the bytes the name is a left-over of the tool that wrote them
}
_DECLARED = re.compile(rb"""^<\?xml[^>]{1,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SEPARATOR: Final = "\x1f"  # not a character of XML, so no namespace can contain it


@record
class Limits:
    """How much one file may hold. Real files (10,880 measured) stay below half of each."""

    bytes: int = 2_000_000
    depth: int = 64
    elements: int = 40_000
    attributes: int = 64  # of one element
    attribute_length: int = 65_536
    text_length: int = 262_144
    name_length: int = 256
    namespaces: int = 64  # different declarations in the file


class XmlRefused(Exception):
    """The bytes are not XML that we read; ``code`` is the finding's code, ``line`` is 1-based or 0."""

    def __init__(self, code: str, line: int = 0, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.words = words


class Node:
    """One element. Attributes of no namespace stand under their name, others under ``{namespace}name``."""

    __slots__ = ("attributes", "children", "line", "name", "parent", "space", "text")

    def __init__(
        self, space: str, name: str, attributes: dict[str, str] | None = None, *, line: int = 0, text: str = ""
    ) -> None:
        self.space = space
        self.name = name
        self.attributes = attributes if attributes is not None else {}
        self.children: list[Node] = []
        self.parent: Node | None = None
        self.line = line
        self.text = text  # the element's own characters, those between its children included

    def __repr__(self) -> str:
        return f"<{self.name} {self.attributes.get('id', '')} line {self.line}>"

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the attribute ``name`` (see the class for namespaces)."""
        return self.attributes.get(name, default)

    def is_bpmn(self, *names: str) -> bool:
        """Is this a BPMN element, of one of these names if any are given?"""
        return self.space == BPMN and (not names or self.name in names)

    def find(self, name: str, space: str = BPMN) -> "Node | None":
        """Return the first child of that name."""
        return next((c for c in self.children if c.name == name and c.space == space), None)

    def find_all(self, *names: str, space: str = BPMN) -> "list[Node]":
        """Return all children of these names, in document order."""
        return [c for c in self.children if c.name in names and c.space == space]

    def iter(self) -> "Iterator[Node]":
        """Walk this element and everything below it in document order (a snapshot of each level: removing is safe)."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def all_text(self) -> str:
        """Return the characters of this element and of all below it (documentation may hold markup)."""
        return " ".join(part for part in (n.text.strip() for n in self.iter()) if part)

    def append(self, child: "Node") -> "Node":
        """Put ``child`` behind the last child and return it."""
        child.parent = self
        self.children.append(child)
        return child

    def insert(self, index: int, child: "Node") -> "Node":
        """Put ``child`` before the child that stands at ``index`` and return it."""
        child.parent = self
        self.children.insert(index, child)
        return child

    def remove(self) -> None:
        """Take this element (and all below it) out of the tree."""
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent = None


@record(kw_only=False)
class Document:
    """A parsed file: its tree, the same characters as UTF-8 bytes, and the prefixes that it declares."""

    root: Node
    utf8: bytes
    prefixes: Mapping[str, str]  # prefix -> namespace; "" is the default namespace


def parse(data: bytes, limits: Limits | None = None) -> Document:
    """Read one XML file. Raises XmlRefused, and nothing else, for whatever cannot be read."""
    limits = limits or Limits()
    if len(data) > limits.bytes:
        raise XmlRefused("file-too-large", limit=limits.bytes, size=len(data))
    if not data.strip():
        raise XmlRefused("file-empty")
    utf8 = _to_utf8(data)
    builder = _Builder(limits)
    root = builder.run(utf8)
    return Document(root, utf8, builder.prefixes)


def _to_utf8(data: bytes) -> bytes:
    """Decode strictly: BOM first, then the declaration, else UTF-8. Lines stay where they are."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise XmlRefused("encoding-unknown", 1, encoding="UTF-32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, label = "utf-16", "UTF-16"
    elif data[:4] in (b"<\0?\0", b"<\0b\0", b"<\0d\0"):
        encoding, label = "utf-16-le", "UTF-16"
    elif data[:4] in (b"\0<\0?", b"\0<\0b", b"\0<\0d"):
        encoding, label = "utf-16-be", "UTF-16"
    elif data.startswith(codecs.BOM_UTF8):
        encoding, label = "utf-8-sig", "UTF-8"
    else:
        declared = _DECLARED.match(data)
        label = declared[1].decode() if declared else "UTF-8"
        encoding = _known_encoding(label)
    try:
        return data.decode(encoding).encode()
    except UnicodeError as error:
        position = getattr(error, "start", 0)
        line = data.count(b"\n", 0, position) + 1
        raise XmlRefused("encoding-wrong", line, encoding=label) from None


def _known_encoding(label: str) -> str:
    try:
        return _ENCODINGS[codecs.lookup(label).name]
    except (LookupError, ValueError):
        raise XmlRefused("encoding-unknown", 1, encoding=label) from None


class _Builder:
    """The handlers of one expat pass, with the counters that keep it small."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.prefixes: dict[str, str] = {}
        self.declarations: set[tuple[str | None, str | None]] = set()
        self.elements = 0
        self.stack: list[Node] = []
        self.texts: list[list[str]] = []
        self.text_length = 0
        self.root: Node | None = None
        # The given encoding overrides whatever the declaration says: the bytes are UTF-8 by now.
        self.parser = expat.ParserCreate("utf-8", _SEPARATOR)
        self.parser.buffer_text = True

    def run(self, utf8: bytes) -> Node:
        parser = self.parser
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartNamespaceDeclHandler = self.namespace
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.doctype
        parser.ExternalEntityRefHandler = self.doctype
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        try:
            parser.Parse(utf8, True)
        except expat.ExpatError as error:
            raise XmlRefused("xml-broken", error.lineno, reason=expat.ErrorString(error.code)) from None
        if self.root is None:  # expat refuses a file without root element; this is for the type checker
            raise XmlRefused("xml-broken", reason="no element found")
        return self.root

    def refuse(self, code: str, **words: object) -> XmlRefused:
        return XmlRefused(code, self.parser.CurrentLineNumber, **words)

    def doctype(self, *_: object) -> int:
        raise self.refuse("doctype-refused")

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        self.declarations.add((prefix, uri))
        if len(self.declarations) > self.limits.namespaces:
            raise self.refuse("too-many-namespaces", limit=self.limits.namespaces)
        if uri is not None:
            self.prefixes.setdefault(prefix or "", uri)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        limits = self.limits
        self.elements += 1
        self.text_length = 0
        if self.elements > limits.elements:
            raise self.refuse("too-many-elements", limit=limits.elements)
        if len(self.stack) >= limits.depth:
            raise self.refuse("nested-too-deeply", limit=limits.depth)
        if len(attributes) > limits.attributes:
            raise self.refuse("too-many-attributes", limit=limits.attributes)
        clean: dict[str, str] = {}
        for key, value in attributes.items():
            if len(key) > limits.name_length or len(value) > limits.attribute_length:
                raise self.refuse("text-too-long", limit=limits.attribute_length)
            space, mark, name = key.rpartition(_SEPARATOR)
            clean[f"{{{space}}}{name}" if mark else key] = value
        if len(tag) > limits.name_length:
            raise self.refuse("text-too-long", limit=limits.name_length)
        space, _, name = tag.rpartition(_SEPARATOR)
        node = Node(space, name, clean, line=self.parser.CurrentLineNumber)
        if self.stack:
            self.stack[-1].append(node)
        else:
            self.root = node
        self.stack.append(node)
        self.texts.append([])

    def end(self, _tag: str) -> None:
        self.stack.pop().text = "".join(self.texts.pop())
        self.text_length = 0

    def characters(self, text: str) -> None:
        self.text_length += len(text)
        if self.text_length > self.limits.text_length:
            raise self.refuse("text-too-long", limit=self.limits.text_length)
        self.texts[-1].append(text)


def serialise(root: Node) -> bytes:
    """Write the tree as UTF-8 XML. Namespaces are declared on the root; white space between elements is not kept."""
    prefixes: dict[str, str] = {}
    for node in root.iter():
        for space in (node.space, *(key[1:].partition("}")[0] for key in node.attributes if key[0] == "{")):
            if space and space not in prefixes:
                prefixes[space] = PREFIXES.get(space, f"ns{len(prefixes)}")
    declarations = "".join(
        f' xmlns{":" if prefix else ""}{prefix}="{_attribute(space)}"'
        for space, prefix in prefixes.items()
        if prefix != "xml"
    )
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(root, prefixes, declarations, parts, "")
    return "".join(parts).encode()


def _write(node: Node, prefixes: Mapping[str, str], declarations: str, parts: list[str], indent: str) -> None:
    prefix = prefixes.get(node.space, "")
    tag = f"{prefix}:{node.name}" if prefix else node.name
    parts.append(f"{indent}<{tag}{declarations}")
    for key, value in node.attributes.items():
        name = key
        if key[0] == "{":
            space, _, local = key[1:].partition("}")
            name = f"{prefixes[space]}:{local}"
        parts.append(f' {name}="{_attribute(value)}"')
    text = node.text if node.text.strip() else ""
    if not node.children and not text:
        parts.append("/>\n")
        return
    parts.append(f">{_characters(text)}")
    if node.children:
        parts.append("\n")
        for child in node.children:
            _write(child, prefixes, "", parts, indent + " ")
        parts.append(indent)
    parts.append(f"</{tag}>\n")


def _characters(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _attribute(text: str) -> str:
    return _characters(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
