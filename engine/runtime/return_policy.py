"""Where a node lets its holder return to, and how the case comes back: ``returnPolicy`` and ``resubmit`` (P-3.1c, P-3.6)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from engine.errors import Conflict
from engine.records import record
from engine.runtime.return_events import Resubmit


class Reach(StrEnum):
    """How far a node may return."""

    NONE = "none"  # not at all
    PREVIOUS = "previous"  # to the nearest node
    INITIATOR = "initiator"  # to where the initiator acted
    ANY = "any"  # to every node that the graph allows
    LISTED = "listed"  # to those that are named


@record(kw_only=False)
class Visited:
    """A node on the way here, as the policy sees it; in a list the nearest comes first."""

    element_id: str
    possible: bool  # by the graph
    human: bool
    by_initiator: bool = False


_REFUSALS: Mapping[Reach, tuple[str, str]] = {
    Reach.NONE: ("本环节不允许退回", "this node does not return"),
    Reach.PREVIOUS: ("本环节只能退回上一环节", "this node returns only to the one before it"),
    Reach.INITIATOR: ("本环节只能退回发起人", "this node returns only to the initiator"),
    Reach.LISTED: ("它不在本环节允许退回的环节之列", "it is none of the nodes to which this one returns"),
}


@record(kw_only=False)
class ReturnPolicy:
    """The two settings of a node, read. What cannot be read counts as the strictest: nothing is allowed by mistake."""

    reach: Reach = Reach.ANY
    listed: frozenset[str] = frozenset()
    ways_back: tuple[Resubmit, ...] = (Resubmit.STEP, Resubmit.STRAIGHT)

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> "ReturnPolicy":
        reach, listed = read_reach(str(settings.get("returnPolicy") or ""))
        return cls(reach or Reach.NONE, listed, read_resubmit(str(settings.get("resubmit") or "")) or (Resubmit.STEP,))

    def resubmit(self, wish: str) -> Resubmit:
        """The way back that was wished for, or the node's first one. Raises Conflict when the node does not allow it."""
        if not wish:
            return self.ways_back[0]
        for way in self.ways_back:
            if way == wish:
                return way
        only = "重走" if Resubmit.STEP in self.ways_back else "补正后直接回到退回人"
        only_en = "step by step" if Resubmit.STEP in self.ways_back else "straight back"
        raise Conflict(
            f"本环节退回后只能「{only}」。", f"What this node returns comes back {only_en}, not {wish}.", resubmit=wish
        )

    def refusals(self, visited: Sequence[Visited]) -> dict[str, tuple[str, str]]:
        """Which of the nodes the policy does not allow, each with the reason in both languages."""
        if self.reach is Reach.ANY:
            return {}
        allowed = self._allowed(visited)
        return {each.element_id: _REFUSALS[self.reach] for each in visited if each.element_id not in allowed}

    def _allowed(self, visited: Sequence[Visited]) -> frozenset[str]:
        possible = [each for each in visited if each.possible]
        if self.reach is Reach.LISTED:
            return self.listed
        if self.reach is Reach.PREVIOUS:
            return frozenset(each.element_id for each in possible[:1])
        if self.reach is Reach.INITIATOR:
            own = [each.element_id for each in possible if each.by_initiator]
            first = [each.element_id for each in possible if each.human][-1:]  # nobody knows who: where the case began
            return frozenset(own or first)
        return frozenset()


def read_reach(text: str) -> tuple[Reach | None, frozenset[str]]:
    """Read ``none``, ``previous``, ``initiator``, ``any`` or ``listed:a,b``; the reach is None when it cannot be read."""
    kind, _, rest = (part.strip() for part in (text or Reach.ANY.value).partition(":"))
    listed = frozenset(part.strip() for part in rest.split(",") if part.strip())
    known = kind in set(Reach) and bool(listed) == (kind == Reach.LISTED)
    return (Reach(kind), listed) if known else (None, frozenset())


def read_resubmit(text: str) -> tuple[Resubmit, ...] | None:
    """Read ``step``, ``straight`` or ``choose``; None when it cannot be read."""
    known = {"": tuple(Resubmit), "choose": tuple(Resubmit), "step": (Resubmit.STEP,), "straight": (Resubmit.STRAIGHT,)}
    return known.get(text.strip())
