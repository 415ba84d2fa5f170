"""Rules of work: who does it, by which form, with which verb; and what may be said in banjie: attributes."""

import re
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Final

from engine import feel
from engine.bpmn.assignment import split
from engine.bpmn.graph import FlowNode, ModelFile, inherited_lane
from engine.bpmn.report import CATALOGUE, ERROR, INFO, WARNING, Code, Notebook, clip
from engine.bpmn.rules.forms import FormBook
from engine.bpmn.timers import BadTimer, TimerExpression, TimerKind
from engine.bpmn.vendor import REFUSED
from engine.bpmn.xml import BANJIE
from engine.feel import is_expression
from engine.records import record

CATALOGUE.add(
    Code(
        "task-unassigned",
        WARNING,
        "{it}没有办理人：没有 assignee、候选人、候选组，也不在泳道里；请至少设一项，否则只有管理员能看到它",
        "{it} has nobody to do it: no assignee, candidates or lane. Set one of them, or only an administrator will see it.",
        "A lane's name counts as its candidate group.",
    ),
    Code(
        "group-unknown",
        WARNING,
        "{it}的候选组「{group}」在组织里不存在；请先建组，或改用已有的组",
        "{it}: the candidate group “{group}” does not exist in the organisation; create it, or use another one.",
        "Checked against the groups known at upload.",
    ),
    Code(
        "lane-group-unknown",
        INFO,
        "{it}没有候选组，按泳道「{group}」派给同名的组，但组织里没有这个组",
        "{it} has no candidate group and goes to the group of its lane “{group}”, which does not exist in the organisation.",
        "Create a group of the lane's name, or name candidate groups.",
    ),
    Code(
        "form-missing",
        ERROR,
        "{it}引用的表单「{form}」不存在；请一起上传该表单，或改正 formKey",
        "{it} refers to the form “{form}”, which does not exist; upload it too, or correct the form key.",
        "Forms are form-js JSON files, known by their file name without .form or by their id.",
    ),
    Code(
        "verb-unknown",
        ERROR,
        "{it}的动词「{verb}」没有登记；请改用已登记的动词{near}",
        "{it}: there is no verb “{verb}”; use one that is registered{near}.",
        "Service tasks do what a registered verb says, such as case.accept or http.request.",
    ),
    Code(
        "limit-invalid",
        ERROR,
        "{it}的时限「{limit}」写法不对；例：5wd（工作日）、20nd（自然日）、2h（小时）、1m（月）",
        "{it}: the limit “{limit}” cannot be read; examples: 5wd (working days), 20nd (natural days), 2h (hours), 1m (months).",
        "A limit is a number and a unit: wd, nd, h or m.",
    ),
    Code(
        "due-date-invalid",
        ERROR,
        "{it}的到期时间「{value}」不能用；请写日期、时长（如 P2D）或表达式，工作日请改用 banjie:limit（如 5wd）",
        "{it}: the due date “{value}” cannot be used; write a date, a duration (P2D) or an expression; for working days use "
        "banjie:limit (5wd).",
        "dueDate of Camunda and Flowable: a point in time, or a duration from the moment at which the task opens.",
    ),
    Code(
        "outcomes-invalid",
        ERROR,
        "{it}的结果选项「{value}」写法不对：{part}；例：approve:同意,reject:不同意",
        "{it}: the outcomes “{value}” cannot be read at “{part}”; example: approve:Agree,reject:Disagree.",
        "A list of code[:label]; codes are letters, digits, dot, dash and underscore, each once.",
    ),
    Code(
        "fields-invalid",
        ERROR,
        "{it}的字段权限「{part}」写法不对；例：opinion:write,amount:read,*:hidden",
        "{it}: the field right “{part}” cannot be read; example: opinion:write,amount:read,*:hidden.",
        "A list of field:right with the rights write, read and hidden.",
    ),
    Code(
        "priority-invalid",
        ERROR,
        "{it}的优先级「{value}」应为 0 到 100 的整数或表达式",
        "{it}: the priority “{value}” must be a whole number from 0 to 100, or an expression.",
        "50 is the default.",
    ),
    Code(
        "variable-name-invalid",
        ERROR,
        "{it}的变量名「{value}」不能用；请用字母、汉字开头，由字母、汉字、数字和下划线组成",
        "{it}: “{value}” cannot be a variable name; begin with a letter and use letters, digits and underscores.",
        "Names that FEEL cannot read back would be lost.",
    ),
    Code(
        "mapping-incomplete",
        ERROR,
        "{it}的变量映射 {what} 不完整；需要 {needed}",
        "{it}: the mapping {what} is incomplete; it needs {needed}.",
        "banjie:in and banjie:out carry source (an expression) and target (a name), banjie:input a name and its value.",
    ),
    Code(
        "banjie-element-unknown",
        ERROR,
        "{it}里的 banjie:{tag} 不认识；请检查拼写",
        "{it} contains banjie:{tag}, which does not exist or has no place here; check its spelling.",
        "input belongs in service, send and throwing elements; in and out in call activities.",
    ),
)

_LIMIT: Final = re.compile(r"\d{1,4}(wd|nd|h|m)")
_OUTCOME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAME: Final = re.compile(r"[^\W\d]\w{0,119}")
_RIGHTS: Final = frozenset({"write", "read", "hidden", "required"})
_TAKES_INPUT: Final = frozenset({"serviceTask", "sendTask", "intermediateThrowEvent", "endEvent"})


@record(kw_only=False)
class Known:
    """What exists outside the files; None means: not known, do not check."""

    verbs: Mapping[str, Collection[str]] | None = None  # with the variables that each brings back
    groups: frozenset[str] | None = None
    forms: FormBook | None = None
    results: Mapping[str, Collection[str]] = field(default_factory=dict)  # verb -> the variables that it brings back
    organisation: Mapping[str, frozenset[str]] = field(default_factory=dict)  # posts, departments, users: their keys


def check(model: ModelFile, known: Known, book: Notebook) -> None:
    """Check the work of one file."""
    for process in model.executable:
        for node in process.walk():
            if node.kind in ("userTask", "manualTask"):
                _people(node, known, book)
            elif node.kind in ("serviceTask", "sendTask"):
                _verb(node, known.verbs, book)
            if node.kind in ("userTask", "manualTask", "startEvent"):
                _form(node, known.forms, book)
            _banjie_elements(node, book)
            for name in ("resultVariable", "initiator"):
                value = banjie(node, name)
                if value and not _NAME.fullmatch(value):
                    book.report("variable-name-invalid", node, value=clip(value, 40))


def banjie(node: FlowNode, name: str) -> str:
    """Return a banjie: attribute, stripped."""
    return (node.node.get(f"{{{BANJIE}}}{name}") or "").strip()


def listed(node: FlowNode, name: str) -> list[str]:
    """Return the parts of a comma separated banjie: attribute."""
    return split(banjie(node, name))


def _people(node: FlowNode, known: Known, book: Notebook) -> None:
    groups = listed(node, "candidateGroups")
    lane = inherited_lane(node)
    if not (banjie(node, "who") or banjie(node, "assignee") or banjie(node, "candidateUsers") or groups):
        if lane is None:
            book.report("task-unassigned", node)
        elif known.groups is not None and lane not in known.groups:
            book.report("lane-group-unknown", node, group=clip(lane, 60))
    for group in groups:
        if known.groups is not None and not _is_expression(group) and group not in known.groups:
            book.report("group-unknown", node, group=clip(group, 60))
    limit = banjie(node, "limit")
    if limit and not _is_expression(limit) and not _LIMIT.fullmatch(limit):
        book.report("limit-invalid", node, limit=clip(limit, 40))
    due = banjie(node, "dueDate")
    if due and not _is_expression(due) and not _is_time(due):
        book.report("due-date-invalid", node, value=clip(due, 40))
    priority = banjie(node, "priority")
    if priority and not _is_expression(priority) and not (priority.isdecimal() and int(priority) <= 100):
        book.report("priority-invalid", node, value=clip(priority, 40))
    _outcomes(node, book)
    for part in listed(node, "fields"):
        field, mark, right = part.rpartition(":")
        if not mark or not field.strip() or right.strip() not in _RIGHTS:
            book.report("fields-invalid", node, part=clip(part, 40))


def _outcomes(node: FlowNode, book: Notebook) -> None:
    value = banjie(node, "outcomes")
    seen: set[str] = set()
    for part in value.split(",") if value else ():
        code = part.partition(":")[0].strip()
        if not _OUTCOME.fullmatch(code) or code in seen:
            book.report("outcomes-invalid", node, value=clip(value), part=clip(part, 40))
            return
        seen.add(code)


def _is_expression(text: str) -> bool:
    return is_expression(text) or "${" in text or "#{" in text


def _is_time(text: str) -> bool:
    try:
        return TimerExpression.compile(TimerKind.DURATION, text).expression is None and text[0] != "R"
    except (BadTimer, feel.FeelError):
        return False


def _verb(node: FlowNode, verbs: Collection[str] | None, book: Notebook) -> None:
    verb = banjie(node, "verb")
    if not verb or verb == REFUSED or verbs is None or verb in verbs or _is_expression(verb):
        return
    book.report("verb-unknown", node, verb=clip(verb, 60), near=_near(verb, verbs))


def _near(word: str, words: Collection[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(word, sorted(words), n=3)
    return f" ({', '.join(found)})" if found else ""


def _form(node: FlowNode, forms: FormBook | None, book: Notebook) -> None:
    key = banjie(node, "formKey")
    if key and forms is not None and not _is_expression(key) and key not in forms:
        book.report("form-missing", node, form=clip(key, 80))


def _banjie_elements(node: FlowNode, book: Notebook) -> None:
    extensions = node.node.find("extensionElements")
    for child in extensions.children if extensions is not None else ():
        if child.space != BANJIE:
            continue
        name, target = child.get("name") or "", child.get("target") or ""
        if child.name == "input" and node.kind in _TAKES_INPUT:
            if not name.strip():
                book.report("mapping-incomplete", node, what="banjie:input", needed="name")
        elif child.name in ("in", "out") and node.kind == "callActivity":
            if child.get("all") == "true":
                continue
            if not child.get("source") or not target:
                book.report("mapping-incomplete", node, what=f"banjie:{child.name}", needed="source, target")
            elif not _NAME.fullmatch(target):
                book.report("variable-name-invalid", node, value=clip(target, 40))
        else:
            book.report("banjie-element-unknown", node, tag=child.name)
