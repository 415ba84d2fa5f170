"""What changed between two versions of a process: elements that came, went or say something else. Drawing does not count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.bpmn.xml import BPMN, PREFIXES, Node, XmlRefused, parse
from engine.records import record

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"

# Children that only repeat what the sequence flows and the lanes say themselves.
_REPEATED: Final = frozenset({"incoming", "outgoing"})


@record(kw_only=False)
class Said:
    """One thing that an element says differently: an attribute or a child by its path; "" where it was or is missing."""

    what: str
    before: str
    after: str


@record(kw_only=False)
class Difference:
    """One element that is not as it was. ``kind`` is added, removed or changed; ``type`` is its BPMN name."""

    kind: str
    element_id: str
    type: str
    name: str
    said: tuple[Said, ...] = ()


def compare(before: bytes, after: bytes) -> list[Difference]:
    """The differences between two BPMN files, by the ids of elements: what came, what changed, what went."""
    old, new = _elements(before), _elements(after)
    found = [_of(ADDED, new[each]) for each in new if each not in old]
    for each in new:
        if each in old and (said := _said(old[each], new[each])):
            found.append(_of(CHANGED, new[each], said))
    return found + [_of(REMOVED, old[each]) for each in old if each not in new]


def _of(kind: str, node: Node, said: tuple[Said, ...] = ()) -> Difference:
    return Difference(kind, node.get("id") or "", node.name, node.get("name") or "", said)


def _elements(data: bytes) -> dict[str, Node]:
    """The elements that have an id, without the drawing; nothing for what cannot be read."""
    try:
        root = parse(data).root
    except XmlRefused:
        return {}
    parts = [part for part in root.children if part.space == BPMN]
    return {id_: node for part in parts for node in part.iter() if node.space == BPMN and (id_ := node.get("id"))}


def _said(old: Node, new: Node) -> tuple[Said, ...]:
    before, after = _facts(old), _facts(new)
    changed = [what for what in before | after if before.get(what) != after.get(what)]
    return tuple(Said(what, before.get(what, ""), after.get(what, "")) for what in changed)


def _facts(node: Node) -> dict[str, str]:
    """Everything that an element says itself, {path: text}; children with an id of their own speak for themselves."""
    facts = {"": node.name}
    for path, text in _walk(node, ""):
        facts[path] = f"{facts[path]}\n{text}" if path in facts else text
    return facts


def _walk(node: Node, path: str) -> Iterator[tuple[str, str]]:
    for name, text in node.attributes.items():
        yield f"{path}{_plain(name)}", text
    if text := node.text.strip():
        yield path.rstrip("/") or "text", text
    for child in node.children:
        if child.name in _REPEATED or (child.space == BPMN and child.get("id")):
            continue
        name = _plain(f"{{{child.space}}}{child.name}").removeprefix("bpmn:")
        yield from _walk(child, f"{path}{name}/".replace("extensionElements/", ""))


def _plain(name: str) -> str:
    """An attribute or element with its usual prefix: ``banjie:limit``."""
    space, brace, local = name.removeprefix("{").rpartition("}")
    return f"{PREFIXES.get(space, space)}:{local}" if brace else name
