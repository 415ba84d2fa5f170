"""Who can come to whom: reachability in one scope, as bit masks over its rings (strongly connected components)."""

from collections.abc import Iterable

from engine.bpmn.graph import Flow, FlowNode, Scope


def reach(starts: Iterable[FlowNode], *, without: FlowNode | None = None) -> set[FlowNode]:
    """Return every node that a token can come to from ``starts`` (these included), not passing ``without``."""
    found: set[FlowNode] = set()
    stack = [node for node in starts if node is not without]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(successor for successor in node.successors if successor is not without)
    return found


def components(nodes: Iterable[FlowNode]) -> list[list[FlowNode]]:
    """Return the strongly connected components of the graph of these nodes, those that come last first (Tarjan)."""
    among = list(nodes)
    allowed = set(among)
    index: dict[FlowNode, int] = {}
    low: dict[FlowNode, int] = {}
    stack: list[FlowNode] = []
    on_stack: set[FlowNode] = set()
    found: list[list[FlowNode]] = []
    for root in among:
        if root in index:
            continue
        work = [(root, iter(root.successors))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:  # a loop instead of recursion: a process may be 2,000 nodes long
            node, successors = work[-1]
            successor = next((s for s in successors if s in allowed), None)
            if successor is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    found.append(stack[at:])
                    on_stack.difference_update(stack[at:])
                    del stack[at:]
            elif successor not in index:
                index[successor] = low[successor] = len(index)
                stack.append(successor)
                on_stack.add(successor)
                work.append((successor, iter(successor.successors)))
            elif successor in on_stack:
                low[node] = min(low[node], index[successor])
    return found


def rings(nodes: Iterable[FlowNode]) -> list[list[FlowNode]]:
    """Return the components in which a token can come back to where it was."""
    return [part for part in components(nodes) if len(part) > 1 or part[0] in part[0].successors]


class Reach:
    """For every node of a scope, the nodes that a token leaving it can come to."""

    def __init__(self, scope: Scope) -> None:
        self.bit = {node: 1 << number for number, node in enumerate(scope.nodes)}
        self._behind: dict[FlowNode, int] = {}
        for part in components(scope.nodes):
            mask = 0
            for node in part:
                for successor in node.successors:
                    mask |= self.bit[successor] | self._behind.get(successor, 0)
            if len(part) > 1:
                for node in part:
                    mask |= self.bit[node]
            for node in part:
                self._behind[node] = mask

    def can(self, source: FlowNode, target: FlowNode) -> bool:
        """Can a token that leaves ``source`` come to ``target``? (To itself: only round a ring.)"""
        return bool(self._behind[source] & self.bit[target])

    def along(self, flow: Flow, target: FlowNode) -> bool:
        """Can a token on ``flow`` come to ``target``?"""
        return flow.target is target or self.can(flow.target, target)
