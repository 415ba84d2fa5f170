"""Rules of what two claim at once: one event that two wait for in one place, one task that stands in two lanes."""

from collections.abc import Iterable, Iterator
from typing import Final

from engine.bpmn.graph import FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook, clip, label
from engine.bpmn.rules.tasks import banjie
from engine.bpmn.words import Words
from engine.bpmn.xml import BANJIE, Node

CATALOGUE.add(
    Code(
        "catch-ambiguous",
        ERROR,
        "{it}和{other}在同一处等同一个{what}，到时不知道走哪一个；请删除其中一个，或让它们等不同的名称或代码",
        "{it} and {other} wait for the same {what} in one place, so it is not clear which of them goes on; delete one, or give "
        "them different names or codes.",
        "Boundary events of one activity, event subprocesses of one scope, branches of one event-based gateway, message start "
        "events of one process. A catcher of one code beside one that catches all is no fault: the exact one comes first.",
    ),
    Code(
        "lane-ambiguous",
        ERROR,
        "{it}同时在泳道「{first}」和「{second}」里，又没有写办理人，不知道派给谁；请只放进一个泳道，或写明候选组",
        "{it} stands in the lanes “{first}” and “{second}” and names nobody, so it is not clear whose it is; put it into one "
        "lane, or name candidate groups.",
        "A lane's name counts as the candidate group of a task that names nobody. In nested lanes the innermost one counts.",
    ),
)

_WORDS: Final = {
    "message": Words("消息", "message"),
    "signal": Words("信号", "signal"),
    "error": Words("错误", "error"),
    "escalation": Words("升级", "escalation"),
}
_MOST_LANES: Final = 20  # of one task, that are looked at
_NAMES_PEOPLE: Final = ("assignee", "candidateUsers", "candidateGroups", "who")


def check(model: ModelFile, book: Notebook) -> None:
    """Check one file's executable processes."""
    for process in model.executable:
        starts = [node for node in process.of_kind("startEvent") if node.trigger == "message"]
        _catchers(model, [(node, True) for node in starts], book)
        for scope in process.scopes():
            for node in scope.nodes:
                _catchers(model, [(boundary, boundary.interrupts) for boundary in node.boundaries], book)
                if node.kind == "eventBasedGateway":
                    _catchers(model, [(flow.target, True) for flow in node.outgoing], book)
            _catchers(model, list(_event_subprocesses(scope)), book)
            _lanes(scope, book)


def _event_subprocesses(scope: Scope) -> Iterator[tuple[FlowNode, bool]]:
    for node in scope.nodes:
        if node.is_event_subprocess and node.inner is not None:
            for start in node.inner.of_kind("startEvent"):
                yield start, start.node.get("isInterrupting") != "false"


def _catchers(model: ModelFile, catchers: list[tuple[FlowNode, bool]], book: Notebook) -> None:
    """Report who waits for what another one has; a signal may have several catchers as long as none ends the others."""
    seen: dict[tuple[str, ...], tuple[FlowNode, bool]] = {}
    for catcher, ends in catchers:
        awaited = _awaited(model, catcher)
        if awaited is None:
            continue
        first, first_ends = seen.setdefault(awaited, (catcher, ends))
        if first is not catcher and (awaited[0] != "signal" or ends or first_ends):
            book.report("catch-ambiguous", catcher, other=label(first), what=_WORDS[awaited[0]])


def _awaited(model: ModelFile, node: FlowNode) -> tuple[str, ...] | None:
    """What a catcher waits for: kind, name or code ("" for every one), correlation; None for timers and the like."""
    kind = "message" if node.kind == "receiveTask" else node.trigger
    if kind not in _WORDS:
        return None
    reference = (node.node if node.kind == "receiveTask" else node.event_definitions[0]).get(f"{kind}Ref")
    definition = model.definition(kind, reference)
    if definition is None:
        return (kind, "") if kind in ("error", "escalation") else None
    code = definition.node.get(f"{kind}Code") if kind in ("error", "escalation") else None
    key = banjie(node, "correlationKey") or definition.node.get(f"{{{BANJIE}}}correlationKey") or ""
    return kind, code or definition.name or definition.id, key if kind == "message" else ""


def _lanes(scope: Scope, book: Notebook) -> None:
    tasks = {node.id: node for node in scope.walk() if node.kind in ("userTask", "manualTask")}
    homes: dict[str, list[Node]] = {}
    for lane in _all_lanes(scope.node.find_all("laneSet")):
        for reference in lane.find_all("flowNodeRef"):
            homes.setdefault(reference.text.strip(), []).append(lane)
    for identifier, lanes in homes.items():
        node = tasks.get(identifier)
        if node is None or any(banjie(node, name) for name in _NAMES_PEOPLE):
            continue
        lanes = lanes[:_MOST_LANES]
        inner = [lane for lane in lanes if not any(_within(other, lane) for other in lanes if other is not lane)]
        if len(inner) > 1:
            first, second = (clip(lane.get("name") or lane.get("id") or "", 60) for lane in inner[:2])
            if first != second:
                book.report("lane-ambiguous", node, first=first, second=second)


def _all_lanes(lane_sets: Iterable[Node]) -> Iterator[Node]:
    for lane_set in lane_sets:
        for lane in lane_set.find_all("lane"):
            yield lane
            yield from _all_lanes(lane.find_all("childLaneSet"))


def _within(lane: Node, outer: Node) -> bool:
    current = lane.parent
    while current is not None:
        if current is outer:
            return True
        current = current.parent
    return False
