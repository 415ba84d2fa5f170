"""Rules of movement: what no token can reach, rings that nothing leaves, joins that wait for ever."""

from engine.bpmn.graph import FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Notebook, label
from engine.bpmn.rules.elements import refuse
from engine.bpmn.rules.reachability import Reach, reach, rings
from engine.bpmn.rules.support import support
from engine.bpmn.words import Words

CATALOGUE.add(
    Code(
        "unreachable",
        ERROR,
        "{it}从任何开始事件都走不到{more}；请把它连上，或删除",
        "{it} cannot be reached from any start event{more}; connect it, or delete it.",
        "BPMN 2.0 chapter 10.5.2: where a start event is used, everything else needs an incoming flow. Reported for the first "
        "node of each unreachable part.",
    ),
    Code(
        "cycle-without-exit",
        ERROR,
        "从{it}开始的循环没有出口（{path}）；请在循环里加一个排他网关，让它能离开",
        "The loop through {it} has no exit ({path}); add an exclusive gateway by which it can be left.",
        "A ring in which every node passes its token on to the next one runs for ever. An error when nothing in it waits; a "
        "warning when something does (it then goes round once per event). Rings that an interrupting boundary event or a "
        "terminate end event can end are fine.",
    ),
    Code(
        "join-never-complete",
        WARNING,
        "{it}要等所有进线，但它的进线来自{split}的不同选择，永远等不齐；请改用排他网关汇合",
        "{it} waits for all its incoming flows, but they come from different choices of {split} and never all arrive; join "
        "them by an exclusive gateway.",
        "BPMN 2.0 chapter 13.4.1: a parallel join needs one token on every incoming flow.",
    ),
)

_DECISIONS = frozenset({"exclusiveGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
_CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})
_MOST_ANALYSED = 600  # nodes of a scope in which joins are traced back to choices: that costs splits times nodes
_WAITING = frozenset(
    {
        "userTask",
        "manualTask",
        "receiveTask",
        "serviceTask",
        "sendTask",
        "intermediateCatchEvent",
        "eventBasedGateway",
        "subProcess",
        "callActivity",
    }
)


def check(model: ModelFile, book: Notebook) -> None:
    """Check how tokens move through each scope of one file."""
    broken = {id(item.element.node.parent) for item in model.dangling}
    for process in model.executable:
        for scope in process.scopes():
            if scope.kind == "adHocSubProcess":
                continue
            # Where a flow has lost an end, what is behind it is unreachable for that reason, which is said already.
            if id(scope.node) not in broken and scope.of_kind("startEvent"):
                _unreachable(scope, book)
            _cycles(scope, book)
            _joins(scope, book)


def _entries(scope: Scope) -> list[FlowNode]:
    """Where tokens come from; what is refused by name (compensation) is not reported as unreachable besides."""
    return [
        node
        for node in scope.nodes
        if node.kind == "startEvent" or node.is_event_subprocess or node.is_for_compensation
    ]


def _unreachable(scope: Scope, book: Notebook) -> None:
    reached = reach(_entries(scope))
    # A boundary event goes with its host; one whose host is missing is reported for that.
    left = [node for node in scope.nodes if node not in reached and node.kind != "boundaryEvent"]
    while left:
        head = next((node for node in left if not node.incoming), left[0])  # or any node of a ring
        part = reach([head])
        others = sum(1 for node in left if node in part) - 1
        more = Words(f"（连同其后{others}个节点）", f" (nor can the {others} behind it)") if others else ""
        book.report("unreachable", head, more=more)
        left = [node for node in left if node not in part]


def _cycles(scope: Scope, book: Notebook) -> None:
    # What cannot be reached is said to be so, and so are flows into a start event or out of an end event.
    reached = reach(_entries(scope))
    running = [n for n in scope.nodes if n in reached and n.kind not in ("startEvent", "endEvent")]
    for ring in rings(running):
        for node in ring:
            if node.kind in ("inclusiveGateway", "parallelGateway") and len(node.incoming) > 1:
                refuse(node, support(f"{node.kind}/loop"), book)
        members = set(ring)
        if not any(successor not in members for node in ring for successor in node.successors):
            _without_exit(scope, ring, book)
            continue
        for inner in rings(node for node in ring if not _decides(node)):
            _without_exit(scope, inner, book)


def _decides(node: FlowNode) -> bool:
    return node.kind in _DECISIONS or any(flow.condition is not None for flow in node.outgoing)


def _without_exit(scope: Scope, ring: list[FlowNode], book: Notebook) -> None:
    """Report a ring that no flow leaves, unless something else can end it."""
    members = set(ring)
    if any(_leaves(node, members) for node in ring):
        return
    waits = any(node.kind in _WAITING for node in ring)
    ended_from_outside = any(node.trigger == "terminate" for node in scope.of_kind("endEvent")) or _interrupted(scope)
    if waits and ended_from_outside:
        return  # "remind every day until the other branch terminates"
    ring = sorted(ring, key=scope.nodes.index)
    path = " → ".join(node.name or node.id for node in ring[:6]) + (" → …" if len(ring) > 6 else "")
    book.report("cycle-without-exit", ring[0], WARNING if waits else ERROR, path=path)


def _leaves(node: FlowNode, members: set[FlowNode]) -> bool:
    """Does a token leave the ring where its activity is interrupted, or, if only interruption stays in the ring, where it is not?"""
    interrupting = [boundary for boundary in node.boundaries if boundary.interrupts]
    if any(boundary not in members for boundary in interrupting):
        return True
    return bool(interrupting) and all(flow.target not in members for flow in node.outgoing)


def _interrupted(scope: Scope) -> bool:
    """Can an event subprocess inside this scope, or a boundary event around it, end it?"""
    for node in scope.nodes:
        if node.is_event_subprocess and node.inner is not None:
            starts = node.inner.of_kind("startEvent")
            if any(start.node.get("isInterrupting") != "false" for start in starts):
                return True
    host = scope.parent
    return host is not None and (any(b.interrupts for b in host.boundaries) or _interrupted(host.scope))


def _joins(scope: Scope, book: Notebook) -> None:
    joins = [n for n in scope.nodes if n.kind == "parallelGateway" and len(n.incoming) > 1]
    splits = [n for n in scope.nodes if n.kind in _CHOICES and len(n.outgoing) > 1]
    if not joins or not splits or len(scope.nodes) > _MOST_ANALYSED:
        return
    ways = Reach(scope)
    for split in splits:
        behind = [join for join in joins if ways.can(split, join)]
        if not behind or ways.can(split, split) or _multiplied(scope, split, ways):
            continue
        around = reach(_entries(scope), without=split)
        for join in behind:
            if _starves(join, split, ways, around):
                book.report("join-never-complete", join, split=label(split))


def _starves(join: FlowNode, split: FlowNode, ways: Reach, around: set[FlowNode]) -> bool:
    """Is it certain that ``join`` cannot get all its tokens, because ``split`` sends its one token one way only?

    Certain means: only one token comes to the split, no loop leads back to it, and two of the join's flows can only be
    reached through it, by different flows of it.
    """
    choices = set()
    for flow in join.incoming:
        if flow.source in around:
            continue
        branches = [b for b in split.outgoing if b is flow or ways.along(b, flow.source)]
        if len(branches) == 1:
            choices.add(branches[0])
    return len(choices) > 1


def _multiplied(scope: Scope, split: FlowNode, ways: Reach) -> bool:
    """May more than one token come to ``split``?"""
    for node in scope.nodes:
        if node is split or node.kind in _CHOICES or not ways.can(node, split):
            continue
        sideways = [b for b in node.boundaries if not b.interrupts and (b is split or ways.can(b, split))]
        onward = [f for f in node.outgoing if ways.along(f, split)]
        if len(onward) + len(sideways) > 1:
            return True
    return False
