"""Which token came from which: the history of an instance as a graph, to know what descends from what (P-3.2).

The graph is an occurrence net (Nielsen, Plotkin, Winskel 1981): each *passage* is one token's way through one element, its
``origins`` are the tokens from which it came (several at a join). What a return has undone is taken out of the graph, so at any
time the graph tells how the living tokens came about, and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engine.records import record
from engine.runtime.step import ActivityState, ActivityTrace, Variables

BOUNDARY: Final = "boundaryEvent"


@record
class Passage:
    """One token's way through one element, as far as it has come."""

    token_id: str
    element_id: str
    element_name: str = ""
    element_type: str = ""
    process_key: str = ""
    state: ActivityState = ActivityState.ENTERED
    origins: tuple[str, ...] = ()
    inside: str | None = None  # the token of the subprocess or called process around it; None in the process itself
    renews: str | None = None  # the token whose passage a return has undone, and in whose place this one stands
    reopens: bool = False  # it was complete and goes on: what came of it is undone, its own instances are not
    memory: Variables | None = None  # what a multi-instance body needs to go on after it was complete


def told(trace: Sequence[ActivityTrace]) -> Iterator[Passage]:
    """One passage for each element of a step's trace; what is entered and left in the same breath is told once, as left.

    Sequence flows are not told: they are the ``origins`` of the element to which they lead.
    """
    left = {entry.token_id for entry in trace if entry.state is not ActivityState.ENTERED and not _is_flow(entry)}
    origins: dict[str, dict[str, None]] = {}
    renews: dict[str, str] = {}
    reopened = {entry.token_id for entry in trace if entry.reopens}
    for entry in trace:
        known = origins.setdefault(entry.token_id, {})
        if entry.origin is not None:
            known[entry.origin] = None
        if entry.origins:
            origins[entry.token_id] = dict.fromkeys(entry.origins)
        if entry.renews is not None:
            renews[entry.token_id] = entry.renews
    for entry in trace:
        if _is_flow(entry) or (entry.state is ActivityState.ENTERED and entry.token_id in left):
            continue
        yield Passage(
            token_id=entry.token_id,
            element_id=entry.element_id,
            element_name=entry.element_name,
            element_type=entry.element_type,
            process_key=entry.process_key,
            state=entry.state,
            origins=tuple(origins.pop(entry.token_id, ())),
            inside=entry.scope[-1] if entry.scope else None,
            renews=renews.pop(entry.token_id, None),
            reopens=entry.token_id in reopened,
            memory=entry.memory,
        )
        reopened.discard(entry.token_id)


def _is_flow(entry: ActivityTrace) -> bool:
    return entry.element_type == "sequenceFlow"


@record(kw_only=False)
class Undoing:
    """What goes when one passage is to begin anew.

    ``removed`` are that passage and all that descends from it. ``joined`` are the joins among them into which tokens had come from
    outside: join -> those tokens. Where there is none, the removed part hangs on the rest by its root alone, and a new token in
    the root's place makes the instance what it was when the root was entered.
    """

    token_id: str
    removed: frozenset[str]
    joined: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _Undone:
    root: str
    passages: dict[str, Passage]


@dataclass(slots=True)
class Lineage:
    """The passages that led to what lives now, oldest first. Fed in the order of the history."""

    passages: dict[str, Passage] = field(default_factory=dict)
    _undone: dict[str, _Undone] = field(default_factory=dict)  # by the token that stands in the place of the root

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> "Lineage":
        lineage = cls()
        for passage in passages:
            lineage.add(passage)
        return lineage

    def add(self, passage: Passage) -> None:
        """Take in what was told next."""
        if passage.renews is not None:
            passage = self._renew(passage, passage.renews)
        if passage.reopens:
            for token_id in self.following(passage.token_id):
                del self.passages[token_id]
        known = self.passages.get(passage.token_id)
        if known is None:
            self.passages[passage.token_id] = passage
        else:  # a join is told with its first arrival when it is entered, and with all of them when it is passed
            self.passages[passage.token_id] = replace(
                known, state=passage.state, origins=passage.origins or known.origins, memory=passage.memory
            )

    def _renew(self, passage: Passage, old: str) -> Passage:
        if old not in self.passages:
            self._bring_back(old)
        root = self.passages.get(old)
        if root is None:  # a history from before origins were kept
            return passage
        removed = {old, *self.descendants(old)}
        gone = {token_id: self.passages.pop(token_id) for token_id in removed}
        self._undone[passage.token_id] = _Undone(old, gone)
        return replace(passage, origins=root.origins)

    def _bring_back(self, token_id: str) -> None:
        """The straight way back (P-3.6): what lies between the returned node and the returner counts again."""
        for by, undone in reversed(self._undone.items()):
            if token_id in undone.passages:
                root = undone.passages[undone.root]
                for passage in undone.passages.values():
                    if passage is not root and not _is_instance(passage, root):
                        origins = tuple(by if origin == undone.root else origin for origin in passage.origins)
                        self.passages[passage.token_id] = replace(passage, origins=origins)
                del self._undone[by]
                return

    # -- what the graph says -----------------------------------------------------------------------------------------

    def descendants(self, token_id: str) -> set[str]:
        """All passages that came, by whatever way, from this one."""
        children: dict[str, list[str]] = {}
        for passage in self.passages.values():
            for origin in passage.origins:
                children.setdefault(origin, []).append(passage.token_id)
        return _closure(token_id, children)

    def following(self, token_id: str) -> set[str]:
        """All passages that came of a multi-instance body when it was over: neither its instances, nor what its boundary events
        have begun beside it while it ran."""
        body = self.passages[token_id]
        begun = [each for each in self.passages.values() if token_id in each.origins]
        after = [each.token_id for each in begun if each.element_type != BOUNDARY and not _is_instance(each, body)]
        return set(after).union(*(self.descendants(each) for each in after))

    def ancestors(self, token_id: str) -> list[Passage]:
        """All passages from which this one came, the newest first."""
        found = _closure(token_id, {passage.token_id: passage.origins for passage in self.passages.values()})
        return [passage for passage in reversed(self.passages.values()) if passage.token_id in found]

    def undoing(self, token_id: str, parked: frozenset[str] = frozenset()) -> Undoing:
        """What goes when the passage ``token_id`` begins anew. ``parked`` are joins that still wait.

        A join that waits goes only when everything that has arrived goes; else it merely loses some arrivals.
        """
        return self._undoing(token_id, {token_id, *self.descendants(token_id)}, parked)

    def reopening(self, token_id: str, parked: frozenset[str] = frozenset()) -> Undoing:
        """What goes when the multi-instance body ``token_id``, which was over, goes on: what came of it, not its instances."""
        return self._undoing(token_id, {token_id, *self.following(token_id)}, parked)

    def _undoing(self, token_id: str, removed: set[str], parked: frozenset[str]) -> Undoing:
        removed -= {join for join in parked & removed if not removed.issuperset(self.passages[join].origins)}
        joined: dict[str, tuple[str, ...]] = {}
        for each in removed - {token_id}:
            outside = tuple(origin for origin in self.passages[each].origins if origin not in removed)
            if outside:
                joined[each] = outside
        return Undoing(token_id, frozenset(removed), joined)

    def with_insides(self, tokens: Iterable[str]) -> set[str]:
        """These tokens, and all that ran inside the subprocesses and called processes among them."""
        inside: dict[str, list[str]] = {}
        for passage in self.passages.values():
            if passage.inside is not None:
                inside.setdefault(passage.inside, []).append(passage.token_id)
        found = set(tokens)
        return found.union(*(_closure(token_id, inside) for token_id in tuple(found)))

    def fork_before(self, token_id: str, parked: frozenset[str] = frozenset()) -> Passage | None:
        """The nearest passage before this one that can begin anew without leaving half of a fork behind (P-3.4)."""
        for passage in self.ancestors(token_id):
            if not self.undoing(passage.token_id, parked).joined:
                return passage
        return None


def _is_instance(passage: Passage, body: Passage) -> bool:
    """Is it one instance of this multi-instance body? Both are one element of the diagram, told with types of their own."""
    same = (passage.element_id, passage.inside) == (body.element_id, body.inside)
    return same and passage.element_type != body.element_type and passage.origins == (body.token_id,)


def _closure(start: str, steps: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    pending = list(steps.get(start, ()))
    while pending:
        each = pending.pop()
        if each not in found:
            found.add(each)
            pending.extend(steps.get(each, ()))
    return found
