"""What people asked of each other, as lines of the story: event kind -> (title, mood)."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.runtime.signers import Position
from engine.runtime.task import Seat
from web.frame.filters import person_name
from web.wording.i18n import translate as _
from web.wording.words_asking import SEATS

ASKED = frozenset({Seat.DELEGATE.value, Seat.BEFORE.value, Seat.AFTER.value})


def role(task: Mapping[str, Any] | None) -> str:
    """As what somebody answered who was asked; "" for everybody else."""
    return _(SEATS[task["seat"]]) if task is not None and task.get("seat") in ASKED else ""


def _added(data: Mapping[str, Any]) -> tuple[str, str]:
    people = "、".join(person_name(signer["login"]) for signer in data["signers"])
    if data["position"] == Position.BEFORE.value:
        return _("前加签：{people}", people=people), "quiet"
    return _("后加签：{people}", people=people), "quiet"


TOLD: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "TaskDelegated": lambda data: (_("委派给 {name}", name=person_name(data["delegate"])), "quiet"),
    "DelegationRecalled": lambda data: (_("撤回对 {name} 的委派", name=person_name(data["delegate"])), "quiet"),
    "SignersAdded": _added,
    "SignerRemoved": lambda data: (_("减签 {name}", name=person_name(data["login"])), "quiet"),
    "ParticipantAdded": lambda data: (_("并加签：{people}", people=person_name(data["login"])), "quiet"),
    "ParticipantRemoved": lambda data: (_("减签 {name}", name=person_name(data["login"])), "quiet"),
    "SignerReplaced": lambda data: (_("加签改由 {name} 签署", name=person_name(data["login"])), "quiet"),
    "TaskEntrusted": lambda data: (
        _(
            "由 {proxy} 代 {principal} 办理",
            proxy=person_name(data["assignee"]),
            principal=person_name(data["principal"]),
        ),
        "quiet",
    ),
    "TaskHandedBack": lambda data: (_("代理结束，转回 {name}", name=person_name(data["assignee"])), "quiet"),
    "ProxyPassedOver": lambda data: (
        _(
            "{proxy} 不能代 {principal} 办理",
            proxy=person_name(data["proxy"]),
            principal=person_name(data["principal"]),
        ),
        "quiet",
    ),
}

# Reasons that are codes of the engine, not words of a person.
CODES = frozenset({"recalled", "removed", "decided", "proxy-ended", "taken-back", "leaver", "timeout"})
