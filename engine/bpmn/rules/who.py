"""Rules of who approves: strategies and policies that can be read, and name what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine import feel
from engine.access import Role
from engine.bpmn.assignment import split
from engine.bpmn.graph import FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Notebook, clip
from engine.bpmn.rules.tasks import Known, banjie
from engine.bpmn.words import Words
from engine.feel import FeelError
from engine.runtime.ballot_settings import PLAIN_OUTCOMES
from engine.runtime.who import language
from engine.runtime.who.language import Call, Who
from engine.runtime.who.policies import SETTINGS, Auto, Fallback, OnRepeat, Policies, PolicyError, rejecting

CATALOGUE.add(
    Code(
        "who-unreadable",
        ERROR,
        "{it}的 who「{value}」读不懂：{reason}",
        "{it}: who=“{value}” cannot be read: {reason}",
        "A list of strategies, such as leader(of: initiator), groups(legal); see docs/approval-verbs.md.",
    ),
    Code(
        "who-template",
        ERROR,
        "{it}的 who「{value}」把表达式拼进了策略；请改用 field(字段名)、feel(表达式)，或整段以 = 开头",
        "{it}: who=“{value}” mixes an expression into strategies; use field(name), feel(expression), or begin the whole with =.",
        "What an applicant types must never become a strategy, so texts are not pasted into one.",
    ),
    Code(
        "who-unknown",
        WARNING,
        "{it}的{kind}「{name}」在组织里不存在；请先建立，或改用已有的",
        "{it}: the {kind} “{name}” does not exist in the organisation; create it, or use another one.",
        "Groups, posts, departments, people and roles that strategies and policies name, and the people of assignee and "
        "candidateUsers, checked as they are at the upload. A task that names only people who do not exist follows onEmpty.",
    ),
    Code(
        "who-beside-assignment",
        WARNING,
        "{it}同时写了 who 和 {other}；只有 who 有效，请删去其一",
        "{it} has both who and {other}; only who counts, remove one of them.",
        "Strategies take the place of assignee, candidateUsers and candidateGroups.",
    ),
    Code(
        "policy-invalid",
        ERROR,
        "{it}的 {name} 不能是「{value}」；可选：{choices}",
        "{it}: {name} cannot be “{value}”; choose from {choices}.",
        "The policies pick, onEmpty, onSelf, onRepeat, onExcluded and auto, see docs/approval-verbs.md.",
    ),
    Code(
        "policy-without-rejection",
        WARNING,
        "{it}的 {name} 是 fail，但没有不同意的结果选项；没有人时将交给管理员。请补上 outcomes",
        "{it}: {name} is fail, but there is no outcome that says no; administrators would get the task. Add outcomes.",
        "onEmpty=fail and onExcluded=fail end the node with its negative outcome.",
    ),
    Code(
        "auto-without-basis",
        WARNING,
        "{it}由模型自动办理（auto），但没有写依据；请补上 autoBasis，例：autoBasis=“《…办法》第十二条”，它会写进办理意见",
        "{it} is decided by the model (auto) without saying on what ground; add autoBasis, which stands in its opinion.",
        "Who reads the file later asks why nobody decided.",
    ),
    Code(
        "auto-on-ballot",
        ERROR,
        "{it}是表决环节，由票决定，不能写 auto；请删去 auto 或 ballot",
        "{it} is a ballot, which votes decide; remove auto, or the ballot.",
        "A ballot is never decided without its members.",
    ),
    Code(
        "different-from-unknown",
        ERROR,
        "{it}的 differentFrom 里的「{name}」不是{where}；请改正",
        "{it}: “{name}” in differentFrom is no {where}; correct it.",
        "Four eyes: the ids of the user or manual tasks whose actors may not act here.",
    ),
    Code(
        "chooser-missing",
        WARNING,
        "{it}由上一步选人，但可以不经任何人工环节就到达它，那时没有人来选；请改用 chosen(start)，或补上备用策略（else）",
        "{it} is chosen by the step before, but can be reached without one, so that nobody chooses; use chosen(start), or add an "
        "alternative (else).",
        "chosen(previous) needs a user task before it on every way.",
    ),
    Code(
        "chooser-cycle",
        WARNING,
        "{it}和{other}互相由对方选人；在循环里同样的人可以一直互选下去，请让其中一步用其他策略",
        "{it} and {other} choose each other, so that in a loop the same people can go on choosing each other; use another strategy "
        "for one of them.",
        "Four eyes are worth nothing where those who check each other also pick each other.",
    ),
)

_HUMAN: Final = ("userTask", "manualTask")
_KINDS: Final = {
    "groups": Words("办理组", "group"),
    "posts": Words("岗位", "post"),
    "departments": Words("部门", "department"),
    "users": Words("人员", "person"),
    "roles": Words("角色", "role"),
}


def check(model: ModelFile, known: Known, book: Notebook) -> None:
    """Check the tasks of one file."""
    for process in model.executable:
        tasks = [node for node in process.walk() if node.kind in _HUMAN]
        for node in tasks:
            for attribute in ("assignee", "candidateUsers"):
                named = tuple(login for login in split(banjie(node, attribute)) if not feel.is_expression(login))
                _exist(node, "users", named, known, book)
            if any(banjie(node, name) for name in SETTINGS):
                _task(model, node, known, book)
        _choosers(process, [node for node in tasks if _chosen_by_previous(node)], book)


def _task(model: ModelFile, node: FlowNode, known: Known, book: Notebook) -> None:
    who = _read(node, book)
    if who is not None:
        for call in who.calls():
            _names(node, call, known, book)
        for attribute in ("assignee", "candidateUsers", "candidateGroups"):
            if banjie(node, attribute):
                book.report("who-beside-assignment", node, other=attribute)
    _policies(node, known, book)
    for name in split(banjie(node, "differentFrom")):
        other = model.elements.get(name)
        if name == node.id:
            book.report("different-from-unknown", node, name=clip(name, 60), where=Words("另一个环节", "other task"))
        elif other is None or other.name not in _HUMAN:
            book.report(
                "different-from-unknown",
                node,
                name=clip(name, 60),
                where=Words("本文件里的人工环节", "user or manual task of this file"),
            )


def _read(node: FlowNode, book: Notebook) -> Who | None:
    """The strategies of a task; None without any, for a whole expression, and for what cannot be read."""
    text = banjie(node, "who")
    if not text:
        return None
    if feel.is_expression(text):
        if not (text.startswith("=") or (text[:2] in ("${", "#{") and text.find("}") == len(text) - 1)):
            book.report("who-template", node, value=clip(text, 60))
        else:
            _compiles(node, text, book)
        return None
    try:
        who = language.parse(text)
    except language.WhoSyntaxError as error:
        book.report("who-unreadable", node, value=clip(text, 60), reason=Words(error.zh, error.en))
        return None
    for call in who.calls():
        if call.name == "feel":
            _compiles(node, call.words[0], book)
    return who


def _compiles(node: FlowNode, source: str, book: Notebook) -> None:
    try:
        feel.compile(source)
    except FeelError as error:
        book.report("who-unreadable", node, value=clip(source, 60), reason=Words(error.zh, error.en))


def _names(node: FlowNode, call: Call, known: Known, book: Notebook) -> None:
    if call.name in _KINDS:
        _exist(node, call.name, call.words, known, book)


def _exist(node: FlowNode, kind: str, names: tuple[str, ...], known: Known, book: Notebook) -> None:
    if kind == "groups":
        there = known.groups
    elif kind == "roles":
        there = frozenset(role.value for role in Role if role is not Role.SYSTEM)
    else:
        there = known.organisation.get(kind)
    for name in names:
        if there is not None and name not in there:
            book.report("who-unknown", node, kind=_KINDS[kind], name=clip(name, 60))


def _policies(node: FlowNode, known: Known, book: Notebook) -> None:
    settings = {name: banjie(node, name) for name in SETTINGS}
    if settings["auto"]:
        _auto(node, book)
        if feel.is_expression(settings["auto"]):
            settings["auto"] = ""  # pass, fail or null when the node opens
    try:
        policies = Policies.read(settings)
    except PolicyError as error:
        book.report("policy-invalid", node, name=error.name, value=clip(error.value, 40), choices=error.choices)
        return
    codes = tuple(part.partition(":")[0].strip() for part in banjie(node, "outcomes").split(",") if part.strip())
    if banjie(node, "ballot"):
        codes = codes or PLAIN_OUTCOMES  # a ballot that names none has these
    if policies.auto is Auto.FAIL and rejecting(codes) is None:
        book.report("policy-without-rejection", node, name="auto")
    for name, rule in (("onEmpty", policies.on_empty), ("onExcluded", policies.on_excluded)):
        _exist(node, "users", rule.users, known, book)
        if rule.kind is Fallback.FAIL and rejecting(codes) is None:
            book.report("policy-without-rejection", node, name=name)
    if policies.on_repeat is not OnRepeat.NONE and not codes:
        choices = "outcomes"
        book.report("policy-invalid", node, name="onRepeat", value=policies.on_repeat.value, choices=choices)


def _auto(node: FlowNode, book: Notebook) -> None:
    if banjie(node, "ballot"):
        book.report("auto-on-ballot", node)
    elif not banjie(node, "autoBasis"):
        book.report("auto-without-basis", node)


# ---------------------------------------------------------------- chosen by the step before


def _chosen_by_previous(node: FlowNode) -> bool:
    """Whether nobody but the step before says who acts here."""
    text = banjie(node, "who")
    if not text or feel.is_expression(text):
        return False
    try:
        who = language.parse(text)
    except language.WhoSyntaxError:
        return False
    return all(
        any(call.name == "chosen" and call.words == ("previous",) for call in alternative)
        for alternative in who.alternatives
    )


def _choosers(process: Scope, nodes: list[FlowNode], book: Notebook) -> None:
    chosen = set(nodes)
    before = {node: set(_before(node)) for node in nodes}
    for node in nodes:
        if None in before[node]:
            book.report("chooser-missing", node)
    for position, node in enumerate(nodes):
        for other in nodes[position + 1 :]:
            if other in chosen and other in before[node] and node in before[other]:
                book.report(
                    "chooser-cycle", node, other=Words(f"「{other.name or other.id}」", f"“{other.name or other.id}”")
                )


def _before(node: FlowNode) -> Iterator[FlowNode | None]:
    """The user tasks directly before a node; None when it can be reached from a start without one."""
    seen: set[FlowNode] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        for source in _sources(current):
            if source is None:
                yield None
            elif source.kind in _HUMAN:
                yield source
            elif source not in seen:
                seen.add(source)
                waiting.append(source)


def _sources(node: FlowNode) -> Iterator[FlowNode | None]:
    if node.host is not None:
        yield node.host
    for flow in node.incoming:
        yield from _ends_of(flow.source)
    if not node.incoming and node.host is None and not node.links:
        outer = node.scope.parent
        if outer is None or outer.is_event_subprocess:
            yield None
        else:
            yield from _sources(outer)


def _ends_of(node: FlowNode) -> Iterator[FlowNode]:
    """Where a token that leaves ``node`` was last: the ends of a subprocess, or the node itself."""
    if node.inner is None:
        yield node
        return
    for last in node.inner.nodes:
        if not last.outgoing and last.host is None:
            yield from _ends_of(last)
