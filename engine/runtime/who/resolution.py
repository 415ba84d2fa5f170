"""What came of looking for people: who gets the task, why, who was left out and why, and whether the node decides itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from engine.records import record


@record
class Note:
    """One sentence of the account. ``login`` is whom it concerns; ``code`` is stable, for programs."""

    code: str
    zh: str
    en: str
    login: str | None = None

    def to_json(self) -> dict[str, Any]:
        said = {"code": self.code, "zh": self.zh, "en": self.en}
        return said | ({"login": self.login} if self.login is not None else {})


@record
class Candidate:
    """Somebody who was found: ``by`` is the strategy as written, ``group`` the pool that he came with."""

    login: str
    by: str
    group: str | None = None


@record
class Automatic:
    """The node decides itself, as ``system``: with this outcome, by this rule of the model, for this reason."""

    outcome: str | None
    rule: str
    zh: str
    en: str


@record
class Resolution:
    """Who gets the task. ``users`` are in order; for a ballot they are its members.

    A pool keeps its ``groups`` (new members see the task too) as long as nobody in it is excluded; else it is frozen to the
    people who may act. ``carried`` are members of a ballot whose approval of before counts again (onRepeat): they stay
    members, and their votes are cast by the system.
    """

    assignee: str | None = None
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    found: tuple[Candidate, ...] = ()
    skipped: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    picked: Mapping[str, Any] | None = None
    automatic: Automatic | None = None
    carried: Mapping[str, Note] = field(default_factory=dict)
    text: str = ""  # the strategies as the model writes them

    @property
    def why(self) -> dict[str, Any]:
        """The account as JSON, kept with the task and in the history; only what is not empty."""
        account: dict[str, Any] = {
            "who": self.text,
            "found": [{"login": each.login, "by": each.by} for each in self.found],
            "skipped": [note.to_json() for note in self.skipped],
            "notes": [note.to_json() for note in self.notes],
            "pick": self.picked and dict(self.picked),
            "carried": sorted(self.carried),
        }
        if self.automatic is not None:
            account["automatic"] = {
                "outcome": self.automatic.outcome,
                "rule": self.automatic.rule,
                "zh": self.automatic.zh,
                "en": self.automatic.en,
            }
        return {name: value for name, value in account.items() if value}
