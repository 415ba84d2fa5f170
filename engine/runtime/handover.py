"""离职交接: what a leaver had, to whom it went, and what could not go and why; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from engine.errors import InvalidInput
from engine.events import Event
from engine.records import record


class Kind(StrEnum):
    """What was handed over."""

    TASK = "task"  # an open task of any seat, also one that waits for others
    RETURNED = "returned"  # a task that the leaver did for somebody else goes back
    SIGNER = "signer"  # a signature whose turn has not come
    MEMBER = "member"  # a vote whose turn has not come
    PROXY = "proxy"  # standing in for somebody
    PRINCIPAL = "principal"  # being stood in for
    GROUP = "group"  # membership of a candidate group
    CHOICE = "choice"  # was chosen for a step of a running instance
    POST = "post"  # a post in a department
    LEADER = "leader"  # of a department
    DEPUTY = "deputy"  # of its leader


@record
class Line:
    """One line of the report. ``to`` is who has it now, None when it could not be moved; ``zh`` and ``en`` say why."""

    kind: Kind
    id: str
    what: str = ""  # title, number, name of the group
    to: str | None = None
    zh: str = ""
    en: str = ""

    @property
    def is_refused(self) -> bool:
        return self.to is None and bool(self.zh)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "id": self.id,
            "what": self.what,
            "to": self.to,
            "refused": self.is_refused,
            "zh": self.zh,
            "en": self.en,
        }


@record
class LeaverHandedOver(Event):
    """``report`` holds the lines; ``moved`` and ``refused`` count them."""

    handover_id: str
    leaver: str
    moved: int
    refused: int
    report: tuple[Mapping[str, Any], ...] = ()


@record
class Receivers:
    """Who takes over: the first of ``anyone`` who may, unless the process (or item) has somebody of its own."""

    anyone: tuple[str, ...]
    by_process: Mapping[str, str] = field(default_factory=dict)

    def of(self, *processes: str | None) -> tuple[str, ...]:
        """Who is tried, in order, for something of these processes."""
        own = [self.by_process[key] for key in processes if key is not None and key in self.by_process]
        return tuple(dict.fromkeys((*own, *self.anyone)))

    @property
    def all(self) -> frozenset[str]:
        return frozenset(self.anyone) | frozenset(self.by_process.values())

    def check(self, leaver: str, others: frozenset[str] = frozenset()) -> None:
        """Raise InvalidInput unless somebody other than the leaver is named; ``others`` take over duties."""
        if not self.anyone:
            raise InvalidInput(
                "请至少指定一位接收人。",
                "Name at least one person who takes over.",
                fields={"receivers": "必填"},
                fields_en={"receivers": "required"},
            )
        if leaver in self.all | others:
            raise InvalidInput(
                "接收人不能是离职人本人。",
                "The leaver cannot take over from himself.",
                fields={"receivers": "不能是本人"},
                fields_en={"receivers": "not the leaver"},
            )
