"""What a node allows its people to do beside deciding: the setting ``banjie:allow``, asked on the server for every verb."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from engine.errors import Conflict


class NodeVerb(StrEnum):
    """The verbs that a node can permit or forbid, by the word in ``banjie:allow``."""

    TRANSFER = "transfer"
    DELEGATE = "delegate"
    ADD_SIGN = "addSign"
    CC = "cc"
    BATCH = "batch"
    WITHDRAW = "withdraw"


_ZH: Mapping[NodeVerb, str] = {
    NodeVerb.TRANSFER: "转办",
    NodeVerb.DELEGATE: "委派",
    NodeVerb.ADD_SIGN: "加签",
    NodeVerb.CC: "抄送",
    NodeVerb.BATCH: "批量办理",
    NodeVerb.WITHDRAW: "撤回",
}


def allows(settings: Mapping[str, Any], verb: NodeVerb) -> bool:
    """Whether ``banjie:allow`` permits ``verb``. "" permits everything, "cc,transfer" only these, "-transfer" all but this."""
    words = [word.strip() for word in str(settings.get("allow") or "").split(",") if word.strip()]
    if f"-{verb.value}" in words:
        return False
    permitted = [word for word in words if not word.startswith("-")]
    return not permitted or verb.value in permitted


def check_allowed(settings: Mapping[str, Any], verb: NodeVerb, label: str) -> None:
    """Raise Conflict when the node named ``label`` does not allow ``verb``."""
    if not allows(settings, verb):
        raise Conflict(
            f"「{label}」环节不允许{_ZH[verb]}，这是流程模型的规定；确有需要请联系管理员。",
            f'The step "{label}" does not allow {verb.value}: the model says so. Ask an administrator if it must be.',
            verb=verb.value,
        )
