"""Rules of days counted too early: a date that ``wd`` or ``nd`` gave to a variable stays, while the limits around it move.

A timer that says ``wd(5)`` itself has a clock: it stands while the case is suspended and moves with the calendar. A date in a
variable was told to somebody and is a fact; moving it in silence would be worse than leaving it. So the designer is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine import feel
from engine.bpmn.expressions import Text
from engine.bpmn.graph import FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, WARNING, Code, Notebook
from engine.bpmn.rules.calls import called
from engine.bpmn.rules.tasks import banjie
from engine.bpmn.rules.timers import times
from engine.bpmn.timers import LIMIT_FUNCTIONS, BadTimer, TimerExpression
from engine.bpmn.words import Words
from engine.bpmn.xml import BANJIE

CATALOGUE.add(
    Code(
        "timer-counted-before",
        WARNING,
        "{it}的时间来自变量「{name}」，它在「{origin}」已按 wd/nd 算成固定日期，办件暂停或日历变更时不会顺延；要跟着顺延，请在定时里直接写 wd(n) 或 nd(n)",
        "{it} waits for the variable “{name}”, which “{origin}” has counted by wd/nd: that date stays when the case is suspended or the "
        "calendar changes. To move with them, write wd(n) or nd(n) in the timer itself.",
        "A timer with wd(n) or nd(n) in it has a clock, which suspensions and calendars move; a date in a variable is a fact and stays as it "
        "was told. docs/time.md, section 1.",
    ),
    Code(
        "due-date-counted",
        WARNING,
        "{it}的到期时间（dueDate）{how}，是固定日期，办件暂停或日历变更时不会顺延；要跟着顺延，请改写 banjie:limit，例如 5wd",
        "{it}: its dueDate {how}; that date stays when the case is suspended or the calendar changes. To move with them, write "
        "banjie:limit, such as 5wd.",
        "A limit has a clock, which suspensions and calendars move; a dueDate is a date that the model gives. docs/time.md, section 1.",
    ),
)

_COUNTING: Final = frozenset(LIMIT_FUNCTIONS)
_ROUNDS: Final = 12  # calls are few and shallow
Origins = dict[str, str]  # of each variable that holds a counted date: the name of the element that counted it


def check(files: Sequence[ModelFile], book: Notebook) -> None:
    """Name every timer and dueDate that reads a date counted before."""
    processes = {process.id: process for model in files for process in model.executable}
    counted: dict[str, Origins] = {key: {} for key in processes}
    for _ in range(_ROUNDS):
        before = sum(map(len, counted.values()))
        for key, process in processes.items():
            for node in process.walk():
                _spread(node, key, counted)
        if sum(map(len, counted.values())) == before:
            break
    for key, process in processes.items():
        _told(process, counted[key], book)


def _spread(node: FlowNode, key: str, counted: dict[str, Origins]) -> None:
    """What this element adds: by its script, or by what it carries into a called process and back."""
    for name, expression in _statements(node):
        if found := _origin(expression, counted[key], node):
            counted[key].setdefault(name, found)
    inner = counted.get(called(node)) if node.kind == "callActivity" else None
    if inner is None:
        return
    going_in, coming_back = _mappings(node, "in"), _mappings(node, "out")
    if going_in is None or not (going_in or coming_back):
        _carry_all(counted[key], inner)
    if coming_back is None or not (going_in or coming_back):
        _carry_all(inner, counted[key])
    for mappings, source, target in ((going_in, counted[key], inner), (coming_back, inner, counted[key])):
        for name, expression in mappings or ():
            if found := _origin(expression, source, node):
                target.setdefault(name, found)


def _carry_all(source: Origins, target: Origins) -> None:
    for name, origin in list(source.items()):
        target.setdefault(name, origin)


def _origin(expression: feel.Expression, counted: Origins, node: FlowNode) -> str:
    """The name of the element that counted what this expression gives, "" when nobody did."""
    if expression.functions & _COUNTING:
        return node.name or node.id
    return next((counted[name] for name in sorted(expression.names) if name in counted), "")


def _statements(node: FlowNode) -> Sequence[tuple[str, feel.Expression]]:
    script = node.node.find("script") if node.kind == "scriptTask" else None
    if script is None:
        return ()
    try:
        return feel.parse_script(script.text).statements
    except feel.FeelError:
        return ()  # said already


def _mappings(node: FlowNode, kind: str) -> list[tuple[str, feel.Expression]] | None:
    """(target, expression) of the mappings of a call; None when all variables are carried."""
    extensions = node.node.find("extensionElements")
    found = extensions.find_all(kind, space=BANJIE) if extensions is not None else []
    if any(child.get("all") == "true" for child in found):
        return None
    compiled = ((child.get("target") or "", _compiled(child.get("source") or "")) for child in found)
    return [(target, expression) for target, expression in compiled if expression is not None]


def _compiled(source: str) -> feel.Expression | None:
    try:
        return feel.compile(source)
    except feel.FeelError:
        return None  # said already


def _told(process: Scope, counted: Mapping[str, str], book: Notebook) -> None:
    for node in process.walk():
        for use, kind in times(node):
            try:
                expression = TimerExpression.compile(kind, use.source).expression
            except (BadTimer, feel.FeelError):
                continue  # said already
            for name in _read(expression, counted):
                book.report("timer-counted-before", use.place, name=name, origin=counted[name])
        if banjie(node, "dueDate") and not banjie(node, "limit"):
            for how in _due_date(banjie(node, "dueDate"), counted):
                book.report("due-date-counted", node, how=how)


def _read(expression: feel.Expression | None, counted: Mapping[str, str]) -> list[str]:
    """The counted dates that an expression reads: the first is enough to be told."""
    return [name for name in sorted(expression.names) if name in counted][:1] if expression is not None else []


def _due_date(source: str, counted: Mapping[str, str]) -> Iterator[Words]:
    try:
        expression = Text.compile(source).expression
    except feel.FeelError:
        return  # said already
    if expression is not None and expression.functions & _COUNTING:
        yield Words("按 wd/nd 算出", "is counted by wd/nd")
        return
    for name in _read(expression, counted):
        yield Words(
            f"来自变量「{name}」，它在「{counted[name]}」已按 wd/nd 算好",
            f"is the variable “{name}”, which “{counted[name]}” has counted by wd/nd",
        )
