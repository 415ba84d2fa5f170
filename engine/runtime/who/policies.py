"""The policies of a node: what happens when nobody is found, with the initiator, with the same person again, with the excluded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from engine.records import record


class OnSelf(StrEnum):
    """The initiator is among those who would approve (C13)."""

    ALLOW = "allow"
    SKIP = "skip"  # he is left out; when nobody else is there the node approves itself, in the first round only
    LEADER = "leader"  # his leader takes his place
    EXCLUDE = "exclude"  # he is left out, and may not act here in any round


class OnRepeat(StrEnum):
    """The one person who would approve has approved before (C14)."""

    NONE = "none"
    ANYWHERE = "anywhere"
    PREVIOUS = "previous"


class Auto(StrEnum):
    """Whether people decide the node at all, or the model does (B9): always, or as an expression says when it opens."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - in the first round only (P-3.7)
    FAIL = "fail"  # with its negative outcome


class Fallback(StrEnum):
    """What stands in for nobody (``onEmpty``, C12) or for somebody excluded (``onExcluded``, C15)."""

    DROP = "drop"  # only for the excluded: they are left out
    LEADER = "leader"  # only for the excluded: their leaders take their places
    PASS = "pass"  # noqa: S105 - only for nobody: the node approves itself
    FAIL = "fail"  # the node ends with its negative outcome
    ADMIN = "admin"
    USERS = "users"


class Pick(StrEnum):
    """How many of those found get the task (C11)."""

    ALL = "all"
    ROUND_ROBIN = "round-robin"
    LEAST_BUSY = "least-busy"
    RANDOM = "random"


class PolicyError(ValueError):
    """A setting that cannot be read; ``name`` is the setting."""

    def __init__(self, name: str, value: str, choices: str) -> None:
        super().__init__(f"{name}={value!r}: choose from {choices}")
        self.name = name
        self.value = value
        self.choices = choices


@record(kw_only=False)
class Rule:
    """A fallback with the people that it names."""

    kind: Fallback
    users: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"users:{','.join(self.users)}" if self.kind is Fallback.USERS else self.kind.value


_EMPTY: Final = (Fallback.PASS, Fallback.FAIL, Fallback.ADMIN, Fallback.USERS)
_EXCLUDED: Final = (Fallback.DROP, Fallback.LEADER, Fallback.FAIL, Fallback.ADMIN, Fallback.USERS)

SETTINGS: Final = frozenset({"who", "pick", "onEmpty", "onSelf", "onRepeat", "onExcluded", "differentFrom", "auto"})


@record
class Policies:
    """The settings of one node, read."""

    pick: Pick = Pick.ALL
    on_empty: Rule = Rule(Fallback.ADMIN)
    on_self: OnSelf = OnSelf.ALLOW
    on_repeat: OnRepeat = OnRepeat.NONE
    on_excluded: Rule = Rule(Fallback.DROP)
    different_from: tuple[str, ...] = ()
    auto: Auto = Auto.NONE
    auto_basis: str = ""  # why the model may decide: an article, a rule of the house

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Policies:
        """Read a task's settings. Raises PolicyError."""
        return cls(
            pick=_word(settings, "pick", Pick, Pick.ALL),
            on_empty=_rule(settings, "onEmpty", _EMPTY, Fallback.ADMIN),
            on_self=_word(settings, "onSelf", OnSelf, OnSelf.ALLOW),
            on_repeat=_word(settings, "onRepeat", OnRepeat, OnRepeat.NONE),
            on_excluded=_rule(settings, "onExcluded", _EXCLUDED, Fallback.DROP),
            different_from=names(settings.get("differentFrom")),
            auto=_word(settings, "auto", Auto, Auto.NONE),
            auto_basis=str(settings.get("autoBasis") or "").strip()[:200],
        )


def keeps_initiator_away(settings: Mapping[str, Any], round: int) -> bool:
    """Whether the node's ``onSelf`` means that its initiator must not act here by hand.

    ``skip`` spares the initiator a task; once the case came back (round 2 and later) nothing is skipped, and he acts (P-3.7).
    """
    policy = str(settings.get("onSelf") or "").strip()
    return policy in ("leader", "exclude") or (policy == "skip" and round <= 1)


def names(value: Any) -> tuple[str, ...]:
    """The names in a comma separated setting."""
    return tuple(dict.fromkeys(name for part in str(value or "").split(",") if (name := part.strip())))


_APPROVES: Final = ("approve", "agree", "pass", "accept", "yes", "ok")
_REJECTS: Final = ("reject", "refuse", "disagree", "deny", "fail", "no")
_VERDICTS: Final = ("同意", "不同意", "批准", "不批准", "不予", "通过", "不通过", "驳回", "拒绝", "核准")


def approving(outcomes: tuple[str, ...]) -> str | None:
    """The outcome that says yes: one of the usual words, else the first; None for a node without outcomes."""
    found = next((code for code in outcomes if code.lower() in _APPROVES), None)
    return found or (outcomes[0] if outcomes else None)


def rejecting(outcomes: tuple[str, ...]) -> str | None:
    """The outcome that says no: one of the usual words, else the last of several; None when there is none."""
    found = next((code for code in outcomes if code.lower() in _REJECTS), None)
    return found or (outcomes[-1] if len(outcomes) > 1 else None)


def is_verdict(outcomes: Iterable[tuple[str, str]]) -> bool:
    """Whether outcomes (code, label) are a yes and a no rather than ways to go on: one of them is one of the usual words."""
    return any(
        code.lower() in (*_APPROVES, *_REJECTS) or label.strip().startswith(_VERDICTS) for code, label in outcomes
    )


def _word(settings: Mapping[str, Any], name: str, kind: type[Any], default: Any) -> Any:
    text = str(settings.get(name) or "").strip()
    try:
        return kind(text) if text else default
    except ValueError:
        raise PolicyError(name, text, " | ".join(each.value for each in kind)) from None


def _rule(settings: Mapping[str, Any], name: str, allowed: tuple[Fallback, ...], default: Fallback) -> Rule:
    text = str(settings.get(name) or "").strip()
    if not text:
        return Rule(default)
    word, mark, rest = text.partition(":")
    users = names(rest)
    known = {each.value: each for each in allowed}
    kind = known.get(word.strip())
    if kind is None or (kind is Fallback.USERS) != bool(mark and users):
        shown = " | ".join("users:账号,…" if each is Fallback.USERS else each.value for each in allowed)
        raise PolicyError(name, text, shown)
    return Rule(kind, users)
