"""Rules of timers: each has one value, and a value that is written out is a date, duration or cycle within bounds."""

import re
from datetime import UTC, datetime
from typing import Final

from engine import feel
from engine.bpmn.graph import FlowNode, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Notebook, Spot, clip
from engine.bpmn.rules.expressions import How, Use, compiles
from engine.bpmn.timers import BadTimer, TimerExpression, TimerKind
from engine.bpmn.words import Words

CATALOGUE.add(
    Code(
        "timer-missing",
        ERROR,
        "{it}没有写时间；请填写日期、时长（如 PT1H、P5D）或周期（如 R3/PT1H），也可写 FEEL 表达式（如 wd(5)）",
        "{it} has no time; write a date, a duration (PT1H, P5D), a cycle (R3/PT1H) or a FEEL expression (wd(5)).",
        "A timer event without timeDate, timeDuration or timeCycle would never happen.",
    ),
    Code(
        "timer-ambiguous",
        ERROR,
        "{it}写了{count}个时间；请只保留日期、时长、周期中的一个",
        "{it} has {count} times; keep one of date, duration and cycle.",
        "BPMN 2.0 table 10.101: the three are mutually exclusive.",
    ),
    Code(
        "timer-invalid",
        ERROR,
        "{it}的时间「{source}」不能用：{reason}；例：PT1H、P5D、R3/PT1H、2026-12-01T09:00:00+08:00",
        "{it}: the time “{source}” cannot be used: {reason}. Examples: PT1H, P5D, R3/PT1H, 2026-12-01T09:00:00+08:00.",
        "ISO 8601. Durations up to 100 years, cycles of at least 60 seconds and at most 1,000 repeats; cron is not read.",
    ),
    Code(
        "timer-cycle-interrupts",
        WARNING,
        "{it}是中断的边界事件，周期只会触发第一次；要反复提醒请改为不中断",
        "{it} interrupts its activity, so its cycle only happens once; make it non-interrupting to be reminded repeatedly.",
        "An interrupting boundary event ends its host, and with it the timer.",
    ),
    Code(
        "timer-cycle-once",
        WARNING,
        "{it}写了周期，但它只触发一次；要反复提醒请用不中断的边界事件或事件子流程，只等一次请写时长",
        "{it} has a cycle but happens once only; to be reminded repeatedly use a non-interrupting boundary event or event "
        "subprocess, to wait once write a duration.",
        "An intermediate event lets its token go on, and an interrupting event subprocess ends what it is timed by.",
    ),
)

_CHECKED_AT = datetime(2000, 1, 1, tzinfo=UTC)  # literal values do not depend on the time of the check
# What was meant as ISO 8601 but is not: PT5D, P5H, pt1h, R-1/PT1H. FEEL would read a name in it that nobody sets.
_MISWRITTEN: Final = re.compile(
    r"[-+]?PT?\d[\dYMWDHST.,]*|R[-+]?\d*/.*|\d{8}(T\d{4,6}(Z|[-+]\d{2}:?\d{2})?)?"
    r"|\d{4}-(W\d{2}(-\d)?|\d{3})",
    re.IGNORECASE,
)


def check(model: ModelFile, book: Notebook) -> None:
    """Check every timer of one file."""
    for process in model.executable:
        for node in process.walk():
            for use, kind in times(node, book):
                _value(use, kind, node, book)


def times(node: FlowNode, book: Notebook | None = None) -> list[tuple[Use, TimerKind]]:
    """Return the timer texts of an event; writes what is missing or too much into ``book``."""
    found = []
    for definition in node.event_definitions:
        if definition.name != "timerEventDefinition":
            continue
        values = definition.find_all(*TimerKind)
        filled = [value for value in values if value.text.strip()]
        if not filled and book is not None:
            book.report("timer-missing", node)
        elif len(filled) > 1 and book is not None:
            book.report("timer-ambiguous", node, count=len(filled))
        for value in filled[:1]:
            spot = Spot(file=node.file, line=value.line, id=node.id, name=node.name, kind=node.kind)
            role = Words("时间", "time")
            use = Use(spot, value.text, role, How.FEEL, node, value.get("language") or "")
            found.append((use, TimerKind(value.name)))
    return found


def is_literal(use: Use, kind: TimerKind) -> bool:
    """Is the text ISO 8601 itself, no expression?"""
    try:
        return TimerExpression.compile(kind, use.source).expression is None
    except (BadTimer, feel.FeelError):
        return True


def _value(use: Use, kind: TimerKind, node: FlowNode, book: Notebook) -> None:
    if kind is TimerKind.CYCLE:
        _once(node, book)
    try:
        timer = TimerExpression.compile(kind, use.source)
        if timer.expression is not None and _MISWRITTEN.fullmatch(use.source.strip()):
            raise BadTimer("这不是 ISO 8601 的写法", "this is not how ISO 8601 is written")
    except BadTimer as error:
        book.report("timer-invalid", use.place, source=clip(use.source), reason=Words(error.zh, error.en))
        return
    except feel.FeelError as error:
        if _looks_like_cron(use.source):
            reason = Words("不支持 cron", "cron is not supported")
            book.report("timer-invalid", use.place, source=clip(use.source), reason=reason)
        elif _MISWRITTEN.fullmatch(use.source.strip()):
            reason = Words("请用带连字符和冒号的写法", "write it with hyphens and colons")
            book.report("timer-invalid", use.place, source=clip(use.source), reason=reason)
        elif compiles(use, book):
            book.report("timer-invalid", use.place, source=clip(use.source), reason=Words(error.zh, error.en))
        return
    expression = timer.expression
    if expression is None or expression.names or not compiles(use, book):
        return
    try:  # an expression without variables means the same at any time: "PT1H", duration("P1D")
        timer.schedule(expression.evaluate({}, now=_CHECKED_AT), _CHECKED_AT, UTC)
    except BadTimer as error:
        book.report("timer-invalid", use.place, source=clip(use.source), reason=Words(error.zh, error.en))
    except feel.FeelError:
        return  # it needs the host's functions (wd, nd), which are there when it runs


def _once(node: FlowNode, book: Notebook) -> None:
    """A cycle that cannot repeat where it stands."""
    inside = node.scope.parent
    if node.kind == "boundaryEvent" and node.interrupts:
        book.report("timer-cycle-interrupts", node)
    elif node.kind == "intermediateCatchEvent" or (
        node.kind == "startEvent"
        and inside is not None
        and inside.is_event_subprocess
        and node.node.get("isInterrupting") != "false"
    ):
        book.report("timer-cycle-once", node)


def _looks_like_cron(text: str) -> bool:
    parts = text.split()
    return 5 <= len(parts) <= 7 and all(
        set(part) <= set("0123456789*/,-?LW#ABCDEFGHIJKLMNOPQRSTUVWXYZ") for part in parts
    )
