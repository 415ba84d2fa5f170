"""What an event of the hotline, a request for information or a publicity came to, in the words of its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from web.wording.i18n import translate as _


def _returns(code: str) -> str:
    words = {
        "other_unit": _("依法属于其他单位管辖"),
        "duplicate": _("重复派单"),
        "unclear": _("诉求要素不全，须向诉求人核实"),
        "not_acceptable": _("属于热线不予受理的范围"),
    }
    return words.get(code, code)


def _settled(code: str) -> str:
    words = {
        "approved": _("同意退单"),
        "refused": _("驳回"),
        "designated": _("指定承办"),
        "consult": _("召集会商"),
    }
    return words.get(code, code)


def _satisfied(code: str) -> str:
    words = {
        "satisfied": _("满意"),
        "fairly": _("基本满意"),
        "dissatisfied": _("不满意"),
        "unreachable": _("未能联系上"),
    }
    return words.get(code, code)


def _ways(code: str) -> str:
    words = {
        "in_person": _("当面提交"),
        "signed_mail": _("签收的邮寄"),
        "ordinary_mail": _("平常信函"),
        "internet": _("互联网"),
        "fax": _("传真"),
    }
    return words.get(code, code)


def _opinions(code: str) -> str:
    words = {
        "agree": _("同意公开"),
        "object": _("不同意公开"),
        "silent": _("逾期未答复"),
    }
    return words.get(code, code)


def _causes(code: str) -> str:
    words = {
        "correction": _("收到补正"),
        "payment": _("已缴费"),
        "remedy": _("责令重新答复"),
    }
    return words.get(code, code)


def _remedies(code: str) -> str:
    words = {
        "review": _("行政复议"),
        "litigation": _("行政诉讼"),
        "upheld": _("维持"),
        "withdrawn": _("撤回或者终止"),
        "unlawful": _("确认违法"),
        "reanswer": _("责令重新答复"),
    }
    return words.get(code, code)


def _publicity(code: str) -> str:
    words = {
        "completed": _("期满无异议"),
        "stopped": _("异议成立，终止"),
        "lapsed": _("失效"),
    }
    return words.get(code, code)


_OUTCOMES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "OrderReturnRequested": lambda data: _returns(data["reason"]),
    "OrderReturnSettled": lambda data: _settled(data["decision"]),
    "OrderCalledBack": lambda data: _satisfied(data["satisfaction"]),
    "OrderExtensionRequested": lambda data: _("{n} 个工作日", n=data["days"]),
    "OrderSigned": lambda data: _("逾期签收") if data.get("late") else "",
    "RequestRegistered": lambda data: _ways(data["way"]),
    "ReplyClockRestarted": lambda data: _causes(data["cause"]),
    "FeeCharged": lambda data: _("{n} 元", n=data["amount"]),
    "OpinionReceived": lambda data: _opinions(data["opinion"]),
    "RemedyTaken": lambda data: _("行政诉讼（未经复议）") if data.get("premature") else _remedies(data["remedy"]),
    "RemedyConcluded": lambda data: _remedies(data["result"]),
    "ObjectionJudged": lambda data: _("成立") if data["valid"] else _("不成立"),
    "PublicityEnded": lambda data: _publicity(data["outcome"]),
}


def outcome(kind: str, data: Mapping[str, Any]) -> str:
    """The outcome that stands beside the title of the line; "" for an event that has none."""
    say = _OUTCOMES.get(kind)
    return "" if say is None else say(data)


def said(kind: str, data: Mapping[str, Any]) -> str | None:
    """What was said, where ``reason`` is a code that ``outcome`` tells already; None for every other event."""
    return str(data["text"]) if kind == "OrderReturnRequested" else None
