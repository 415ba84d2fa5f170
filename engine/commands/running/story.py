"""How an instance came to where it is: its tokens' lineage and what was done on the way, read out of its history."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.runtime.lineage import Lineage, Passage
from engine.runtime.step import ActivityState
from engine.store.rows import returns as rows_of
from engine.store.rows import running

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

_STATES = {
    "ActivityEntered": ActivityState.ENTERED,
    "ActivityCompleted": ActivityState.COMPLETED,
    "ActivityCancelled": ActivityState.CANCELLED,
}


@dataclass(slots=True)
class Story:
    """The lineage, and what its passages did, by token."""

    lineage: Lineage = field(default_factory=Lineage)
    performed: dict[str, Values] = field(default_factory=dict)  # token -> the payload of its ServicePerformed
    filled: dict[str, Values] = field(default_factory=dict)  # task id -> the fields that were sent with it last
    thrown: list[str] = field(default_factory=list)  # elements that told something outside, in order

    @classmethod
    def of(cls, context: CommandContext, instance_id: str) -> Story:
        """Read the history, with what the running command has added to it."""
        story = cls()
        for kind, payload in rows_of.story(context.uow, instance_id):
            story._add(kind, payload)
        for row in context.pending(instance_id):
            if row["kind"] in rows_of.STORY:
                story._add(row["kind"], json.loads(row["payload"]))
        return story

    def _add(self, kind: str, payload: dict[str, Any]) -> None:
        if kind in _STATES:
            self.lineage.add(_passage(_STATES[kind], payload))
        elif kind == "ServicePerformed":
            self.performed[payload.get("token_id", "")] = payload
        elif kind == "TaskCompleted":
            self.filled[payload["task_id"]] = payload.get("variables", {})
        else:
            self.thrown.append(payload.get("element_id", ""))

    def tasks_of(self, context: CommandContext, tokens: Iterable[str]) -> list[Values]:
        """The task rows of those of ``tokens`` at which people act."""
        known = (self.lineage.passages.get(token_id) for token_id in tokens)
        human = sorted(passage.token_id for passage in known if passage is not None and passage.element_type in HUMAN)
        return running.seats_of_tokens(context.uow, human) if human else []


HUMAN = frozenset({"userTask", "manualTask"})


def _passage(state: ActivityState, payload: Mapping[str, Any]) -> Passage:
    return Passage(
        token_id=payload.get("token_id", ""),
        element_id=payload["element_id"],
        element_name=payload.get("element_name", ""),
        element_type=payload.get("element_type", ""),
        process_key=payload.get("process_key", ""),
        state=state,
        origins=tuple(payload.get("origins", ())),
        inside=payload.get("inside"),
        renews=payload.get("renews"),
        reopens=payload.get("reopens", False),
        memory=payload.get("memory"),
    )
