"""Who takes part in a running multi-instance task: people join, leave, and take back what they completed (P-1.3, P-4, P-6).

BPMN's multi-instance counts who is done and knows no votes; a ballot is something else (``engine.runtime.ballot``). Where a node
is one, its own rules hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import Conflict, Forbidden, NotFound
from engine.events import Event
from engine.records import record
from engine.runtime.task import Power


@record
class ParticipantAdded(Event):
    """并加签: one more instance for ``login``, beside the one whose task this is; in order it comes last."""

    task_id: str
    element_id: str
    element_name: str = ""
    login: str
    added_by: str
    reason: str = ""


@record
class ParticipantRemoved(Event):
    """减签: an instance that was not complete goes; whether the others are enough was asked at once."""

    task_id: str
    element_id: str
    element_name: str = ""
    login: str
    reason: str = ""


@record
class Participant:
    """An instance that is not complete. ``login`` is whom the model names for it: a task may have been handed on since."""

    number: int  # from 0, in the order of the collection
    login: str | None
    token_id: str | None = None  # None: its turn has not come
    added_by: str | None = None


def why(added_by: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """The account of the task of somebody who was added: what is ``known`` of how people were found, and who added him."""
    note = {"login": added_by, "zh": "并加签，增加一名办理人", "en": "added one more beside himself"}
    return {**known, "notes": [*known.get("notes", ()), note]}


def check_power(label: str, own: Power, wanted: Power) -> None:
    """Raise Conflict unless whoever joins gets what the others have: an instance has no opinion-only form."""
    if own is not Power.DECIDE:
        raise Conflict(
            f"您在「{label}」只提意见，不能增加办理人；请由办理人本人加签。",
            f'At "{label}" you only advise; whoever holds the task adds people beside himself.',
        )
    if wanted is not Power.DECIDE:
        raise Conflict(
            f"「{label}」是多实例环节，并加的人与您一样办理，没有只提意见的席位；请把权限选为“可作决定”，或用前加签征求意见。",
            f'"{label}" is multi-instance: whoever is added beside you acts as you do, and nobody only advises. Choose the power '
            "to decide, or add them before you to hear their opinion.",
        )


def check_may_remove(participant: Participant, who: str, *, by: str, is_admin: bool) -> None:
    """Raise Forbidden unless ``by`` has added the participant, or is an administrator (P-4.4)."""
    if participant.added_by != by and not is_admin:
        raise Forbidden(
            f"{who} 不是您加签的，只有加签人或管理员可以减签。",
            f"{who} was not added by you; only whoever added them, or an administrator, may remove them.",
            login=who,
        )


def check_not_last(label: str, who: str, *, total: int) -> None:
    """Raise Conflict when nobody would be left: a node that people were to decide does not pass by itself."""
    if total <= 1:
        raise Conflict(
            f"{who} 是「{label}」唯一的办理人，不能减签；请先加签其他人，或改用转办。",
            f'{who} is the only one at "{label}" and cannot be removed; add somebody first, or transfer the task.',
            login=who,
        )


def acted(label: str, who: str) -> Conflict:
    """Whoever has acted is not removed."""
    return Conflict(
        f"{who} 已办理「{label}」，不能减签；需要更正请其本人撤回。",
        f'{who} has acted at "{label}" and cannot be removed; they may take it back themselves.',
        login=who,
    )


def unknown(label: str, who: str) -> NotFound:
    """Nobody of that name takes part."""
    return NotFound(
        f"「{label}」没有办理人或加签人 {who}；请刷新页面查看最新情况。",
        f'Nobody called {who} takes part in "{label}"; reload the page.',
        login=who,
    )


def not_of_people(label: str, element_id: str) -> Conflict:
    """The instances of the node do not stand for people."""
    return Conflict(
        f"「{label}」的多实例不是一人一份（办理人不由集合的元素决定），不能并加或减少办理人；请改为前加签、后加签或转办，"
        "或在模型中以集合的元素作办理人，或改用 banjie:ballot。",
        f'The instances of "{label}" are not one for each person (the assignee does not come from the element variable), so '
        "nobody can be added beside you or removed; add them before or after you, or transfer the task; in the model, let the "
        "assignee be the element of the collection, or use banjie:ballot.",
        reason="not-of-people",
        element_id=element_id,
    )
