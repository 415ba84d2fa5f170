"""The XML Schema of BPMN 2.0 as a second opinion: what it says becomes warnings, since many tools' files break it and run."""

import re
from functools import lru_cache
from importlib.resources import as_file, files
from threading import Lock
from typing import Final

from lxml import etree

from engine.bpmn.report import CATALOGUE, WARNING, Code, Notebook, Spot
from engine.bpmn.words import Words
from engine.bpmn.xml import BPMN, Document, Node

CATALOGUE.add(
    Code(
        "schema",
        WARNING,
        "不符合 BPMN 2.0 的 XSD{times}：{reason}",
        "Does not follow the BPMN 2.0 schema{times}: {reason}",
        "The XML Schema that the OMG publishes with BPMN 2.0. Many exporters break it in ways that do no harm; a misspelt "
        "attribute or element shows here.",
    ),
)

MAX_WARNINGS: Final = 20
# Validating costs up to 50 microseconds an element in the worst case (thousands of doubled ids); real files have fewer
# than 8,000 elements.
MAX_ELEMENTS: Final = 10_000
_MAX_LINE: Final = 65_535  # what libxml2 keeps
_NAMESPACE: Final = re.compile(r"\{[^}]*\}")
_LOCK: Final = Lock()  # a schema object keeps the errors of its last validation


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    """Load the schema that SpiffWorkflow ships, with its four includes, from the installed package only."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    with as_file(files("SpiffWorkflow.bpmn.parser") / "schema") as folder:
        return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd"), parser))


def check(file: str, document: Document, book: Notebook) -> None:
    """Validate one file; each different complaint is written once, with the number of its places."""
    ours = list(document.root.iter())
    if len(ours) > MAX_ELEMENTS:
        return
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        encoding="utf-8",
    )
    try:
        tree = etree.fromstring(document.utf8, parser)
    except etree.XMLSyntaxError as error:  # stricter than expat in a few places, e.g. about namespace names
        book.report("schema", Spot(file=file, line=error.lineno or 0), reason=_short(error.msg or ""), times="")
        return
    for theirs, node in zip(tree.iter(), ours, strict=False):
        if 0 < node.line <= _MAX_LINE:
            # Where the tag begins, not where it ends. (The stubs do not know that lxml lets the line be set.)
            theirs.sourceline = node.line  # type: ignore[misc]
    with _LOCK:
        schema = _schema()
        if schema.validate(tree):
            return
        complaints = [(entry.line, _short(entry.message)) for entry in schema.error_log]
    by_line = {node.line: node for node in reversed(ours) if node.space == BPMN and node.get("id")}
    _write(file, complaints, by_line, book)


def _write(file: str, complaints: list[tuple[int, str]], by_line: dict[int, Node], book: Notebook) -> None:
    groups: dict[str, list[int]] = {}
    for line, reason in complaints:
        groups.setdefault(reason, []).append(line)
    for reason, lines in list(groups.items())[:MAX_WARNINGS]:
        node = by_line.get(lines[0])
        spot = Spot(
            file=file,
            line=lines[0],
            id=(node.get("id") or "") if node is not None else "",
            name=(node.get("name") or "") if node is not None else "",
        )
        times = Words(f"（{len(lines)}处）", f" ({len(lines)} times)") if len(lines) > 1 else ""
        book.report("schema", spot, reason=reason, times=times)


def _short(message: str) -> str:
    text = _NAMESPACE.sub("", message)
    return text if len(text) <= 300 else text[:299] + "…"
