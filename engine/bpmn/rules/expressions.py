"""Rules of expressions: where they stand in a model, whether each can be read, and which language it is in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from engine import feel
from engine.bpmn.expressions import Text
from engine.bpmn.graph import Flow, FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook, Place, Spot, clip
from engine.bpmn.words import Words
from engine.bpmn.xml import BANJIE, Node
from engine.records import record

CATALOGUE.add(
    Code(
        "expression-syntax",
        ERROR,
        "{it}的{role}「{source}」读不懂：{reason}",
        "{it}: the {role} “{source}” cannot be read: {reason}",
        "Expressions are FEEL; ${...} of Camunda 7 and Flowable and = ... of Camunda 8 are read as dialects. Every expression "
        "is compiled at upload.",
    ),
    Code(
        "expressions-too-long",
        ERROR,
        "文件里的表达式和脚本共{size}个字符，超过上限{limit}；请拆分流程，或把计算移到服务里",
        "The expressions and scripts of the file have {size} characters, more than the limit of {limit}; split the process, "
        "or move the calculation into a service.",
        "Bounds what checking one file may cost. One expression may have 4,096 characters.",
    ),
    Code(
        "expression-empty",
        ERROR,
        "{it}的{role}是空的；请填写表达式，或删除它",
        "The {role} of {it} is empty; write an expression, or delete it.",
        "An empty condition would neither be true nor false.",
    ),
    Code(
        "expression-language",
        ERROR,
        "{it}的{role}是 {language} 语言；引擎只读 FEEL，请改写",
        "The {role} of {it} is written in {language}; the engine only reads FEEL, rewrite it.",
        "The attribute language of an expression names another language.",
    ),
    Code(
        "condition-never-true",
        ERROR,
        "{it}的{role}「{source}」永远得不出真或假，只会得出{gives}；请写成判断，例如 amount > 1000 and urgent",
        "{it}: the {role} “{source}” can never be true or false, only {gives}; write what is to be decided, as in "
        "amount > 1000 and urgent.",
        "A condition without variables that gives a number or a text, and a text around ${...}: the whole belongs inside, as in "
        "${a > 1 and b}.",
    ),
    Code(
        "script-language",
        ERROR,
        "{it}的脚本是 {language} 语言；请改写成一行一个“变量 = FEEL 表达式”，或改用服务任务",
        "The script of {it} is in {language}; rewrite it as lines “variable = FEEL expression”, or use a service task.",
        "Scripts are lines of result = FEEL. Groovy, JavaScript, Python and the rest would have to run as code.",
    ),
    Code(
        "script-syntax",
        ERROR,
        "{it}的脚本读不懂：{reason}",
        "The script of {it} cannot be read: {reason}",
        "Each line of a script is “variable = FEEL expression”.",
    ),
)

MAX_TEXT: Final = 100_000  # characters of all expressions and scripts of one file

# languages that mean: not said, or the ones that we read
_READ: Final = frozenset({"", "feel", "juel", "https://www.omg.org/spec/dmn/20180521/feel/"})


class How(StrEnum):
    """How a text is read."""

    FEEL = "feel"  # always an expression
    TEXT = "text"  # a literal unless it is marked
    SCRIPT = "script"


@record(kw_only=False)
class Use:
    """One expression of the model, where it stands and what it is for."""

    place: Place
    source: str
    role: Words
    how: How = How.FEEL
    owner: FlowNode | None = None  # the activity whose local names it sees
    language: str = ""
    elsewhere: bool = False  # it reads the variables of another process

    def names(self) -> frozenset[str]:
        """The variables that it reads. Raises feel.FeelError."""
        return _names(self.how, self.source)


@lru_cache(maxsize=4_096)
def _names(how: How, source: str) -> frozenset[str]:
    if how is How.SCRIPT:
        return frozenset(feel.parse_script(source).names)
    if how is How.TEXT:
        return Text.compile(source).names
    return feel.compile(source).names


_CHECKED_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)  # what has no variables does not depend on the time of the check
_CONDITION: Final = Words("条件", "condition")
_COMPLETION: Final = Words("完成条件", "completion condition")
_LOOPING: Final = Words("循环条件", "loop condition")
_DECIDING: Final = (_CONDITION, _COMPLETION, _LOOPING)
_ATTRIBUTES: Final = {
    "assignee": Words("办理人", "assignee"),
    "candidateUsers": Words("候选人", "candidate users"),
    "candidateGroups": Words("候选组", "candidate groups"),
    "formKey": Words("表单", "form key"),
    "priority": Words("优先级", "priority"),
    "limit": Words("时限", "limit"),
    "dueDate": Words("到期时间", "due date"),
    "followUpDate": Words("跟进时间", "follow-up date"),
    "verb": Words("动词", "verb"),
}


def check(model: ModelFile, book: Notebook) -> None:
    """Compile every expression of one file."""
    for process in model.executable:
        for use in uses(model, process):
            if compiles(use, book) and use.role in _DECIDING:
                _decides(use, book)


def _decides(use: Use, book: Notebook) -> None:
    """A condition must be able to give true or false."""
    text, gives = use.source.strip(), None
    marks = text.count("${") + text.count("#{")
    if marks and text[0] != "=" and (marks > 1 or text[:2] not in ("${", "#{") or text[-1] != "}"):
        gives = Words("一段文字", "a text")
    elif not use.names():
        try:
            value = feel.compile(text).evaluate({}, now=_CHECKED_AT)
        except feel.FeelError:
            return  # it needs what is only there when it runs
        if not isinstance(value, bool):
            gives = Words(f"「{clip(str(value), 20)}」", f"“{clip(str(value), 20)}”")
    if gives is not None:
        book.report("condition-never-true", use.place, role=use.role, source=clip(use.source), gives=gives)


def too_much(model: ModelFile, book: Notebook) -> bool:
    """Does the file hold more expression text than may be compiled at one upload?"""
    size = sum(
        len(use.source) for process in model.executable for use in uses(model, process) if use.how is not How.TEXT
    )
    if size > MAX_TEXT:
        book.report("expressions-too-long", Spot(file=model.file), size=size, limit=MAX_TEXT)
    return size > MAX_TEXT


def compiles(use: Use, book: Notebook) -> bool:
    """Can the expression be read? Writes a finding if not."""
    language = use.language.strip()
    if language.lower() not in _READ and not language.lower().endswith("/feel/"):
        code = "script-language" if use.how is How.SCRIPT else "expression-language"
        book.report(code, use.place, role=use.role, language=clip(language, 60))
        return False
    if not use.source.strip():
        book.report("expression-empty", use.place, role=use.role)
        return False
    try:
        use.names()
    except feel.FeelError as error:
        code = "script-syntax" if use.how is How.SCRIPT else "expression-syntax"
        reason = Words(error.zh, error.en)
        book.report(code, use.place, role=use.role, source=clip(use.source), reason=reason)
        return False
    return True


def uses(model: ModelFile, process: Scope) -> Iterator[Use]:
    """Yield every expression of a process, timers excepted (see ``rules.timers``)."""
    for scope in process.scopes():
        for flow in scope.flows:
            yield from _flow(flow)
        for node in scope.nodes:
            yield from _node(node)
    for binding in _bindings(process):
        path = binding.find("dataPath") or binding  # a binding without a path expects nothing, which is said
        place = Spot(file=model.file, line=path.line, id=process.id, name=process.name, kind=process.kind)
        source = path.text if path is not binding else ""
        yield Use(place, source, Words("关联取值", "correlation binding"), language=path.get("language") or "")
    for message in model.definitions["message"].values():
        key = message.node.get(_banjie("correlationKey"))
        if key is not None:
            yield Use(message, key, Words("关联键", "correlation key"))
    for expression in model.root.iter():
        if expression.is_bpmn("correlationPropertyRetrievalExpression"):
            path = next((c for c in expression.children if c.is_bpmn("messagePath", "formalExpression")), expression)
            prop = expression.parent or expression
            place = Spot(file=model.file, line=path.line, id=prop.get("id") or "", name=prop.get("name") or "")
            yield Use(place, path.text, Words("消息取值", "retrieval expression"), language=path.get("language") or "")


def _bindings(process: Scope) -> Iterator[Node]:
    for subscription in process.node.find_all("correlationSubscription"):
        yield from subscription.find_all("correlationPropertyBinding")


def _banjie(name: str) -> str:
    return f"{{{BANJIE}}}{name}"


def _at(node: FlowNode | Flow, line: int) -> Spot:
    return Spot(file=node.file, line=line, id=node.id, name=node.name, kind=node.kind)


def _flow(flow: Flow) -> Iterator[Use]:
    condition = flow.condition
    if (
        condition is not None
        and not flow.is_default
        and flow.source.kind not in ("parallelGateway", "eventBasedGateway")
    ):
        yield Use(_at(flow, condition.line), condition.text, _CONDITION, language=condition.get("language") or "")


def _node(node: FlowNode) -> Iterator[Use]:
    for key, value in node.node.attributes.items():
        name = key.partition("}")[2]
        if key.startswith(f"{{{BANJIE}}}") and name not in ("resultVariable", "initiator"):
            how = How.FEEL if name == "correlationKey" else How.TEXT
            yield Use(node, value, _ATTRIBUTES.get(name, Words(name, name)), how, node)
    if node.kind == "scriptTask":
        script = node.node.find("script")
        if script is not None and script.text.strip() and node.node.get(_banjie("verb")) is None:
            role = Words("脚本", "script")
            yield Use(_at(node, script.line), script.text, role, How.SCRIPT, node, node.node.get("scriptFormat") or "")
    extensions = node.node.find("extensionElements")
    for child in extensions.children if extensions is not None else ():
        if child.space == BANJIE:
            yield from _extension(node, child)
    if node.loop is not None:
        yield from _loop(node, node.loop)


def _extension(node: FlowNode, child: Node) -> Iterator[Use]:
    place = _at(node, child.line)
    if child.name == "input":
        name = child.get("name") or ""
        if child.text.strip():
            yield Use(place, child.text, Words(f"输入 {name}", f"input {name}"), How.TEXT, node)
    elif child.name in ("in", "out") and child.get("source") is not None:
        target = child.get("target") or ""
        role = Words(f"变量映射 {target}", f"mapping of {target}")
        # What comes back is evaluated in the called process.
        yield Use(place, child.get("source") or "", role, owner=node, elsewhere=child.name == "out")


def _loop(node: FlowNode, loop: Node) -> Iterator[Use]:
    roles: dict[str, Words] = {
        "loopCardinality": Words("循环次数", "loop cardinality"),
        "completionCondition": _COMPLETION,
        "loopCondition": _LOOPING,
    }
    for child in loop.children:
        if child.is_bpmn(*roles):
            language = child.get("language") or ""
            yield Use(_at(node, child.line), child.text, roles[child.name], owner=node, language=language)
    attributes = {
        "collection": Words("循环集合", "collection"),
        "outputElement": Words("输出元素", "output element"),
    }
    for name, role in attributes.items():
        value = loop.get(_banjie(name))
        if value is not None:
            yield Use(_at(node, loop.line), value, role, owner=node)
