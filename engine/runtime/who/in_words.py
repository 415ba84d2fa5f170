"""Strategies in plain words, for whoever reads why a task is his: ``leader(of: initiator, level: 2)`` is 发起人的上级（第 2 级）."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.runtime.who.language import Call, WhoSyntaxError, parse

Words = tuple[str, str]  # Chinese, English

_PLAIN: Final[Mapping[str, Words]] = {
    "assignee": ("模型指定的办理人", "named by the model"),
    "candidateUsers": ("模型列名的候选人", "one of those named by the model"),
    "candidateGroups": ("办理组成员", "member of the group that it is offered to"),
    "feel": ("由模型中的表达式得出", "found by an expression of the model"),
}


def in_words(by: str) -> Words:
    """What found somebody, as a task's account names it (an attribute or the text of a strategy), in both languages.

    What is no strategy comes back as it is.
    """
    if by in _PLAIN:
        return _PLAIN[by]
    try:
        calls = [call for alternative in parse(by).alternatives for call in alternative]
    except WhoSyntaxError:
        return by, by
    return _call(calls[0]) if len(calls) == 1 else (by, by)


def _call(call: Call) -> Words:
    return _STRATEGIES[call.name](call)


def _list(call: Call) -> str:
    return "、".join(call.words)


def _posts(call: Call) -> Words:
    place = call.call("in")
    zh, en = _place(place) if place is not None else ("", "")
    return f"{zh + '的' if zh else ''}岗位 {_list(call)}", f"post {', '.join(call.words)}{' in ' + en if en else ''}"


def _departments(call: Call) -> Words:
    below = call.yes("below")
    return (
        f"部门 {_list(call)}{'及其下级' if below else ''}的人员",
        f"people of {', '.join(call.words)}{' and below' if below else ''}",
    )


def _leader(call: Call) -> Words:
    zh, en = _place(call.call("of"))
    level = call.number("level", 1)
    return (
        f"{zh}的负责人{f'（第 {level} 级）' if level > 1 else ''}",
        f"leader of {en}{f' (level {level})' if level > 1 else ''}",
    )


def _leaders(call: Call) -> Words:
    zh, en = _place(call.call("of"))
    upto = call.number("upto", 0)
    return (
        f"{zh}逐级以上的负责人{f'（到第 {upto} 级）' if upto else ''}",
        f"leaders above {en}{f' (up to level {upto})' if upto else ''}",
    )


def _chosen(call: Call) -> Words:
    if call.words == ("start",):
        return "发起时选定", "chosen at the start"
    return "由上一环节选定", "chosen at the step before"


def _place(call: Call | None) -> Words:
    """Of whom or of what: a person stands for his department; left out it is the initiator."""
    if call is None or call.name == "initiator":
        return "发起人所在部门", "the initiator's department"
    if call.name == "previous":
        return "上一环节办理人所在部门", "the department of whoever acted before"
    if call.name == "field":
        return f"表单字段 {_list(call)} 所指部门", f"the department in the form field {_list(call)}"
    if call.name == "users":
        return f"{_list(call)} 所在部门", f"the department of {_list(call)}"
    return f"部门 {_list(call)}", f"the department {_list(call)}"


_STRATEGIES: Final[Mapping[str, Callable[[Call], Words]]] = {
    "users": lambda call: ("模型列名", "named by the model"),
    "groups": lambda call: (f"办理组 {_list(call)} 的成员", f"member of {', '.join(call.words)}"),
    "roles": lambda call: (f"具有角色 {_list(call)}", f"has the role {', '.join(call.words)}"),
    "posts": _posts,
    "departments": _departments,
    "leader": _leader,
    "leaders": _leaders,
    "initiator": lambda call: ("发起人", "the initiator"),
    "previous": lambda call: ("上一环节的办理人", "acted at the step before"),
    "chosen": _chosen,
    "field": lambda call: (f"由表单字段 {_list(call)} 指定", f"named in the form field {_list(call)}"),
    "feel": lambda call: _PLAIN["feel"],
}
