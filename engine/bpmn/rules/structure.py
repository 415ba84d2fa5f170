"""Rules of shape: processes, starts, ends, boundary events and what may leave a gateway."""

from collections import Counter
from typing import Final

from engine.bpmn.graph import ACTIVITIES, FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, ERROR, INFO, WARNING, Code, Notebook, Spot, label
from engine.bpmn.words import Words, kind_words

CATALOGUE.add(
    Code(
        "no-process",
        ERROR,
        "文件里没有流程（process）；请画一个流程再上传",
        "The file contains no process; draw one and upload again.",
        "A file with only a collaboration, choreography or diagram has nothing to run.",
    ),
    Code(
        "process-empty",
        ERROR,
        "{it}是空的；请画上开始事件、任务和结束事件，或者删除它",
        "{it} is empty; draw a start event, tasks and an end event, or delete it.",
        "An executable process or a subprocess without flow nodes.",
    ),
    Code(
        "process-too-large",
        ERROR,
        "{it}有{count}个{what}，超过上限{limit}；请拆成几个流程，用调用活动相连",
        "{it} has {count} {what}, more than the limit of {limit}; split it into processes joined by call activities.",
        "Bounds what one definition can cost to check and to keep.",
    ),
    Code(
        "too-many-processes",
        ERROR,
        "文件里有{count}个流程，超过上限{limit}；请分成几个文件",
        "The file has {count} processes, more than the limit of {limit}; divide it into several files.",
        "Bounds what one file can cost to check.",
    ),
    Code(
        "start-missing",
        ERROR,
        "{it}没有开始事件，也找不到可以开始的节点；请添加开始事件",
        "{it} has no start event and nothing in it without incoming flow; add a start event.",
        "Every node has an incoming flow, so nothing could ever begin.",
    ),
    Code(
        "start-ambiguous",
        ERROR,
        "{it}有{count}个没有触发方式的开始事件，不知道从哪个开始；请只保留一个",
        "{it} has {count} none start events, so it is not clear where it begins; keep one.",
        "BPMN 2.0 chapter 10.5.2: several start events are alternatives, told apart by their triggers.",
    ),
    Code(
        "subprocess-start-trigger",
        ERROR,
        "{it}在子流程里，只能是没有触发方式的开始事件；请去掉触发方式，或在子流程前放一个捕获事件",
        "{it} is inside a subprocess and must be a none start event; remove its trigger, or put a catch event before the "
        "subprocess.",
        "BPMN 2.0 chapter 10.5.2: an embedded subprocess begins when its token arrives.",
    ),
    Code(
        "event-subprocess-start",
        ERROR,
        "{it}有{count}个开始事件，事件子流程只能有一个；请拆成几个事件子流程",
        "{it} has {count} start events, but an event subprocess has exactly one; split it into several.",
        "BPMN 2.0 chapter 10.3.5: an event subprocess has a single start event with a trigger.",
    ),
    Code(
        "event-subprocess-connected",
        ERROR,
        "{it}有进线或出线，事件子流程由事件触发，不能连线；请删除这些线",
        "{it} has incoming or outgoing flows, but an event subprocess is only started by its event; delete them.",
        "BPMN 2.0 chapter 10.3.5: an event subprocess must not have incoming or outgoing sequence flows.",
    ),
    Code(
        "link-without-name",
        ERROR,
        "{it}没有链接名称；请填写名称，抛出和捕获用同一个名称",
        "{it} has no link name; give the throw and the catch event the same one.",
        "BPMN 2.0 table 10.98: link events are paired by the name of their definition.",
    ),
    Code(
        "link-without-target",
        ERROR,
        "{it}的链接「{name}」在同一层里有{count}个捕获事件，应恰好有一个；请补上或改名",
        "{it}: the link “{name}” has {count} catch events in the same scope, but needs exactly one; add it or rename.",
        "BPMN 2.0 chapter 10.5.6: a link leads from its throw events to one catch event of the same process level.",
    ),
    Code(
        "link-connected",
        ERROR,
        "{it}有{what}，但链接事件在这一端不能连线，令牌只从链接走；请删除这条线，或改用普通事件",
        "{it} has {what}, which a link event cannot have on that side: its token goes by the link only. Delete the flow, or use "
        "an ordinary event.",
        "BPMN 2.0 table 10.98: a source link has no outgoing flow, a target link no incoming one.",
    ),
    Code(
        "start-has-incoming",
        ERROR,
        "{it}有进线，开始事件不能有进线；请把这条线连到它后面的节点",
        "{it} has an incoming flow, which a start event cannot have; connect that flow to the node behind it.",
        "BPMN 2.0 chapter 10.5.2.",
    ),
    Code(
        "end-has-outgoing",
        ERROR,
        "{it}有出线，结束事件后面什么也不会执行；请删除这条线，或改用中间事件",
        "{it} has an outgoing flow, but nothing runs behind an end event; delete it, or use an intermediate event.",
        "BPMN 2.0 chapter 10.5.3.",
    ),
    Code(
        "boundary-has-incoming",
        ERROR,
        "{it}有进线，边界事件由所附活动触发，不能连入；请改连到别的节点",
        "{it} has an incoming flow, but a boundary event is only triggered on its activity; connect the flow elsewhere.",
        "BPMN 2.0 chapter 10.5.4.",
    ),
    Code(
        "boundary-on-wrong-host",
        ERROR,
        "{it}附着在{host}上，边界事件只能附着在任务、子流程或调用活动上；请移动它",
        "{it} sits on the {host}; a boundary event belongs on a task, subprocess or call activity. Move it.",
        "BPMN 2.0 chapter 10.5.4. An event subprocess is no activity that a token enters; put a subprocess inside it.",
    ),
    Code(
        "boundary-must-interrupt",
        ERROR,
        "{it}设为不中断，但错误总是中断所附的活动；请改为中断，或改用升级事件",
        "{it} is set to non-interrupting, but an error always interrupts its activity; make it interrupting, or use an "
        "escalation.",
        "BPMN 2.0 table 10.92.",
    ),
    Code(
        "flow-without-condition",
        ERROR,
        "{it}没有条件，也不是{gateway}的默认流；请写上条件，或把它设为默认流",
        "{it} has no condition and is not the default flow of {gateway}; give it a condition, or make it the default.",
        "BPMN 2.0 chapter 13.4.2: of several flows leaving an exclusive or inclusive gateway each has a condition, except the "
        "default flow. Which one was meant is never guessed.",
    ),
    Code(
        "no-default-flow",
        INFO,
        "{it}没有默认流，所有条件都不成立时流程会停在这里并报事件（incident）；建议设一条默认流",
        "{it} has no default flow: if no condition holds, the instance stops here with an incident. Consider a default.",
        "BPMN 2.0 chapter 13.4.2 raises an exception in that case.",
    ),
    Code(
        "default-not-outgoing",
        ERROR,
        "{it}的默认流「{value}」不是从它出发的；请重新设置默认流",
        "The default flow “{value}” of {it} does not leave it; choose the default flow again.",
        "Often left behind when a flow was redrawn.",
    ),
    Code(
        "default-has-condition",
        WARNING,
        "{it}是默认流，它的条件不会被计算；请删除条件，或取消默认流",
        "{it} is the default flow, so its condition is never evaluated; remove the condition, or choose another default.",
        "BPMN 2.0 chapter 8.4.13: a default flow has no condition.",
    ),
    Code(
        "condition-ignored",
        WARNING,
        "{it}从{gateway}出发，条件不起作用；请删除条件，或改用排他或包容网关",
        "{it} leaves a {gateway}, where conditions have no effect; remove it, or use an exclusive or inclusive gateway.",
        "BPMN 2.0 chapter 13.4.1: a parallel gateway takes every outgoing flow; an event-based gateway waits for events.",
    ),
    Code(
        "event-gateway-target",
        ERROR,
        "{it}接在事件网关后面，但不是等待事件；请换成消息、定时、信号捕获事件或接收任务",
        "{it} follows an event-based gateway but does not wait for an event; use a message, timer or signal catch event or a "
        "receive task.",
        "BPMN 2.0 chapter 10.6.6.",
    ),
    Code(
        "event-gateway-target-shared",
        ERROR,
        "{it}接在事件网关后面，不能再有别的进线；请为别的进线另画一个事件",
        "{it} follows an event-based gateway and cannot have another incoming flow; draw a second event for that flow.",
        "BPMN 2.0 chapter 10.6.6.",
    ),
    Code(
        "event-gateway-receive-task",
        ERROR,
        "{it}接在事件网关后面，不能带边界事件，也不能重复执行；请改用消息捕获事件，或把定时画成网关后的另一个分支",
        "{it} follows an event-based gateway and can neither have boundary events nor repeat; use a message catch event, or "
        "draw the timer as another branch of the gateway.",
        "BPMN 2.0 chapter 10.6.6: receive tasks behind an event-based gateway have no attached events.",
    ),
    Code(
        "event-subprocess-loop",
        ERROR,
        "{it}是事件子流程，不能循环或多实例；请删除循环标记，需要时在里面画一个循环",
        "{it} is an event subprocess, which cannot repeat; remove its loop marker, or draw the loop inside it.",
        "BPMN 2.0 chapter 10.3.5: an event subprocess runs each time that its event happens.",
    ),
    Code(
        "event-gateway-single",
        WARNING,
        "{it}后面只有一个事件，没有可等的选择；请直接画这个事件，或补上其他事件",
        "{it} has a single event behind it, so there is no choice; draw the event alone, or add the others.",
        "BPMN 2.0 chapter 10.6.6 asks for two or more.",
    ),
)


MAX_NODES: Final = 2_000  # of one process, with its subprocesses
MAX_FLOWS: Final = 6_000
MAX_PROCESSES: Final = 200


def too_large(model: ModelFile, book: Notebook) -> bool:
    """Is the file too large to be checked any further?"""
    count = len(model.processes)
    if count > MAX_PROCESSES:
        book.report("too-many-processes", Spot(file=model.file), count=count, limit=MAX_PROCESSES)
        return True
    large = False
    for process in model.processes:
        scopes = list(process.scopes())
        for limit, what, count in (
            (MAX_NODES, Words("节点", "flow nodes"), sum(len(scope.nodes) for scope in scopes)),
            (MAX_FLOWS, Words("顺序流", "sequence flows"), sum(len(scope.flows) for scope in scopes)),
        ):
            if count > limit:
                book.report("process-too-large", process, count=count, what=what, limit=limit)
                large = True
    return large


def check(model: ModelFile, book: Notebook) -> None:
    """Check the shape of one file."""
    if not model.processes:
        book.report("no-process", Spot(file=model.file, line=model.root.line))
        return
    if not model.executable and not any(process.nodes for process in model.processes):
        # Nothing to repair: every process of the file is an empty pool.
        book.report("process-empty", model.processes[0])
    for process in model.executable:
        for scope in process.scopes():
            if scope.kind != "adHocSubProcess":
                _scope(scope, book)


def _scope(scope: Scope, book: Notebook) -> None:
    if not scope.nodes:
        book.report("process-empty", scope)
        return
    _starts(scope, book)
    for node in scope.nodes:
        if node.kind == "startEvent" and node.incoming:
            book.report("start-has-incoming", node)
        elif node.kind == "endEvent" and node.outgoing:
            book.report("end-has-outgoing", node)
        elif node.kind == "boundaryEvent":
            _boundary(node, book)
        elif node.is_event_subprocess:
            _event_subprocess(node, book)
        elif node.trigger == "link":
            _link(node, book)
        if node.kind in ("exclusiveGateway", "inclusiveGateway", "complexGateway"):
            _choice(node, book)
        elif node.kind in ("parallelGateway", "eventBasedGateway"):
            for flow in node.outgoing:
                if flow.condition is not None:
                    book.report("condition-ignored", flow, gateway=kind_words(node.kind))
        if node.kind == "eventBasedGateway":
            _event_gateway(node, book)
        _default(node, book)


def _starts(scope: Scope, book: Notebook) -> None:
    starts = scope.of_kind("startEvent")
    if not starts:
        book.report("start-missing", scope)
    if scope.parent is not None and scope.parent.is_event_subprocess:
        if len(starts) > 1:
            book.report("event-subprocess-start", scope.parent, count=len(starts))
        for node in starts:
            if node.trigger == "error" and node.node.get("isInterrupting") == "false":
                book.report("boundary-must-interrupt", node)
        return
    plain = [node for node in starts if node.trigger == "none"]
    if len(plain) > 1:
        book.report("start-ambiguous", scope, count=len(plain))
    if scope.parent is not None:
        for node in starts:
            if node.trigger != "none":
                book.report("subprocess-start-trigger", node)


def _event_subprocess(node: FlowNode, book: Notebook) -> None:
    if node.incoming or node.outgoing:
        book.report("event-subprocess-connected", node)
    if node.loop is not None:
        book.report("event-subprocess-loop", node)


def _link(node: FlowNode, book: Notebook) -> None:
    if node.kind == "intermediateThrowEvent" and node.outgoing:
        book.report("link-connected", node, what=Words("出线", "an outgoing flow"))
    elif node.kind == "intermediateCatchEvent" and node.incoming:
        book.report("link-connected", node, what=Words("进线", "an incoming flow"))
    if not node.link_name:
        book.report("link-without-name", node)
    elif node.kind == "intermediateThrowEvent" and len(node.links) != 1:
        book.report("link-without-target", node, name=node.link_name, count=len(node.links))


def _boundary(node: FlowNode, book: Notebook) -> None:
    if node.incoming:
        book.report("boundary-has-incoming", node)
    host = node.host
    if host is not None and (host.kind not in ACTIVITIES or host.is_event_subprocess):
        kind = "eventSubProcess" if host.is_event_subprocess else host.kind
        book.report("boundary-on-wrong-host", node, host=kind_words(kind))
    if node.trigger == "error" and not node.interrupts:
        book.report("boundary-must-interrupt", node)


def _choice(node: FlowNode, book: Notebook) -> None:
    if len(node.outgoing) < 2:
        return
    open_flows = [flow for flow in node.outgoing if flow.condition is None and not flow.is_default]
    for flow in open_flows:
        book.report("flow-without-condition", flow, gateway=label(node))
    if not open_flows and not any(flow.is_default for flow in node.outgoing):
        book.report("no-default-flow", node)


def _default(node: FlowNode, book: Notebook) -> None:
    default = node.node.get("default")
    if default is None:
        return
    flow = next((flow for flow in node.outgoing if flow.id == default), None)
    if flow is None:
        book.report("default-not-outgoing", node, value=default)
    elif flow.condition is not None:
        book.report("default-has-condition", flow)


def _event_gateway(node: FlowNode, book: Notebook) -> None:
    targets = Counter(flow.target for flow in node.outgoing)
    if len(targets) == 1:
        book.report("event-gateway-single", node)
    for target in targets:
        waits = target.kind == "receiveTask" or (
            target.kind == "intermediateCatchEvent" and target.trigger in ("message", "timer", "signal", "conditional")
        )
        if not waits:
            book.report("event-gateway-target", target)
        elif len(target.incoming) > 1:
            book.report("event-gateway-target-shared", target)
        if target.kind == "receiveTask" and (target.boundaries or target.loop is not None):
            book.report("event-gateway-receive-task", target)
