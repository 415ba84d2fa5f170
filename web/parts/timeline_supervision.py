"""Urging, cards and orders as lines of the story: event kind -> (title, mood)."""

from collections.abc import Callable, Mapping
from typing import Any

from web.frame.filters import person_name
from web.wording.i18n import choose
from web.wording.i18n import translate as _
from web.wording.words import word


def _urged(data: Mapping[str, Any]) -> tuple[str, str]:
    people = "、".join(person_name(login) for login in data["to"])
    return _("催办 {people}：{text}", people=people, text=data["text"]), "bad"


def _card(data: Mapping[str, Any]) -> tuple[str, str]:
    why = choose(data["text"], data.get("text_en") or data["text"])
    return _("{card}：{why}", card=word(data["level"], "card_level"), why=why), "bad"


def _order(data: Mapping[str, Any]) -> tuple[str, str]:
    return _(
        "{card}：{why}", card=word(data["level"], "order_level"), why=data.get("text") or data.get("reason", "")
    ), "bad"


TOLD: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "TaskUrged": _urged,
    "CardIssued": _card,
    "CardAnswered": lambda data: (_("回复监察牌"), "quiet"),
    "CardClosed": lambda data: (_("核销监察牌"), "quiet"),
    "CardWithdrawn": lambda data: (_("撤销监察牌"), "quiet"),
    "CardAppealed": lambda data: (_("对监察牌申诉"), "quiet"),
    "OrderIssued": _order,
    "OrderEscalated": lambda data: (_("督办升级"), "bad"),
    "OrderAnswered": lambda data: (_("回复督办"), "quiet"),
    "OrderClosed": lambda data: (_("督办销号"), "quiet"),
    "OrderWithdrawn": lambda data: (_("督办随牌撤销"), "quiet"),
}
