"""Returns, withdrawals and what administrators move, as lines of the story: event kind -> (title, mood)."""

from collections.abc import Callable, Mapping
from typing import Any

from web.wording.i18n import translate as _


def _name(data: Mapping[str, Any], end: str = "element") -> str:
    return str(data.get(f"{end}_name") or data.get(f"{end}_id") or "")


def _returned(data: Mapping[str, Any]) -> tuple[str, str]:
    names = {"name": _name(data), "target": _name(data, "target")}
    if data.get("resubmit") == "straight":
        return _("{name}：退回到「{target}」，补正后直接送回", **names), "bad"
    return _("{name}：退回到「{target}」", **names), "bad"


def _answered(data: Mapping[str, Any]) -> tuple[str, str]:
    if data.get("straight"):
        return _("补正后直接送回退回人"), "quiet"
    if data.get("changed") or data.get("other_outcome"):
        return _("补正改变了中间环节依据的内容，重新逐级送办"), "quiet"
    return _("补正后逐级再送"), "quiet"


TOLD: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "TaskReturned": _returned,
    "ReturnAnswered": _answered,
    "DecisionWithdrawn": lambda data: (_("撤回办理：{name}", name=_name(data)), "bad"),
    "TokenJumped": lambda data: (_("管理员调整到「{target}」", target=_name(data, "target")), "bad"),
    "InstanceReopened": lambda data: (_("重新打开：{name}", name=_name(data)), "bad"),
}
