"""What the engine runs: one table over every kind of BPMN element and event; the rest is refused by name at upload.

The runner's author flips entries here when the machine learns (with a conformance test); the findings and
``docs/bpmn-support.md`` follow from it. A kind that stands in no row is unknown and refused, so nothing can slip through.

Keys are ``kind`` or ``kind/event`` or ``kind/variant`` with BPMN's own local names; an event's key is that of its trigger
without ``EventDefinition`` ("none" for no trigger, "multiple" for several).
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from engine.bpmn.graph import FlowNode
from engine.bpmn.words import Words, kind_words
from engine.records import record


@record(kw_only=False)
class Support:
    """One row: ``refused`` is None when the engine runs it as BPMN 2.0 says, else the reason and the way out."""

    key: str
    name: Words
    refused: Words | None = None

    @property
    def runs(self) -> bool:
        return self.refused is None


def _name(key: str) -> Words:
    kind, _, variant = key.partition("/")
    special = _NAMES.get(key)
    return special if special is not None else kind_words(kind, variant)


_NAMES: Final[Mapping[str, Words]] = {
    "exclusiveGateway/loop": Words("循环中的排他网关", "exclusive gateway in a loop"),
    "parallelGateway/loop": Words("循环中的并行网关", "parallel gateway in a loop"),
    "inclusiveGateway/loop": Words("循环中的包容汇聚网关", "inclusive join in a loop"),
    "eventBasedGateway/two-timers": Words("带两个定时器的事件网关", "event-based gateway with two timers"),
    "eventBasedGateway/instantiate": Words("启动流程的事件网关", "instantiating event-based gateway"),
    "eventBasedGateway/parallel": Words("并行事件网关", "parallel event-based gateway"),
    "receiveTask/instantiate": Words("启动流程的接收任务", "instantiating receive task"),
    "startEvent/several": Words("一个流程多个开始事件", "several start events of one process"),
    "multiInstance/parallel": Words("并行多实例", "parallel multi-instance"),
    "multiInstance/sequential": Words("顺序多实例", "sequential multi-instance"),
    "compensation": Words("补偿活动", "compensation activity"),
    "sequenceFlow/conditional": Words("活动的多条出线、条件出线", "several or conditional flows out of an activity"),
    "message/correlation": Words("消息关联", "message correlation"),
    "standardLoop": Words("标准循环", "standard loop"),
}


def _runs(*keys: str) -> Iterable[Support]:
    return (Support(key, _name(key)) for key in keys)


def _refused(zh: str, en: str, *keys: str) -> Iterable[Support]:
    return (Support(key, _name(key), Words(zh, en)) for key in keys)


_ROWS: Final[tuple[Support, ...]] = (
    # Activities
    *_runs("task", "userTask", "manualTask", "scriptTask", "serviceTask", "sendTask", "receiveTask"),
    *_runs("subProcess", "callActivity", "multiInstance/parallel", "multiInstance/sequential", "standardLoop"),
    *_refused(
        "请改用脚本任务（FEEL）或服务任务",
        "use a script task (FEEL) or a service task instead",
        "businessRuleTask",
    ),
    *_runs("eventSubProcess/message", "eventSubProcess/timer", "eventSubProcess/signal"),
    *_runs("eventSubProcess/error", "eventSubProcess/escalation"),
    *_refused(
        "请给它的开始事件一个触发方式：消息、定时、信号、错误或升级",
        "give its start event a trigger: message, timer, signal, error or escalation",
        "eventSubProcess/none",
        "eventSubProcess/conditional",
        "eventSubProcess/multiple",
        "eventSubProcess/parallelMultiple",
    ),
    *_refused(
        "请改为用网关画出的普通子流程",
        "draw an ordinary subprocess with gateways instead",
        "adHocSubProcess",
    ),
    *_refused(
        "请改用普通子流程，以错误事件离开",
        "use an ordinary subprocess and leave it by an error event",
        "transaction",
        "endEvent/cancel",
        "boundaryEvent/cancel",
        "startEvent/cancel",
    ),
    *_refused(
        "请改用消息开始事件",
        "use a message start event instead",
        "receiveTask/instantiate",
        "eventBasedGateway/instantiate",
    ),
    # Gateways
    *_runs("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
    *_runs("exclusiveGateway/loop", "parallelGateway/loop", "inclusiveGateway/loop", "eventBasedGateway/two-timers"),
    *_refused(
        "请改用并行网关、包容网关或带完成条件的多实例",
        "use a parallel or inclusive gateway, or a multi-instance task with a completion condition",
        "complexGateway",
    ),
    *_refused("请改用并行网关", "use a parallel gateway instead", "eventBasedGateway/parallel"),
    # Start events
    *_runs("startEvent/none", "startEvent/message", "startEvent/timer", "startEvent/signal", "startEvent/several"),
    *_refused(
        "请改用消息、定时或信号开始事件",
        "use a message, timer or signal start event instead",
        "startEvent/conditional",
        "startEvent/multiple",
        "startEvent/parallelMultiple",
    ),
    *_refused(
        "它只能用在事件子流程里；请把它放进事件子流程，或改用边界事件",
        "it belongs into an event subprocess; put it into one, or use a boundary event",
        "startEvent/error",
        "startEvent/escalation",
        "startEvent/compensate",
    ),
    # End events
    *_runs("endEvent/none", "endEvent/message", "endEvent/signal"),
    *_runs("endEvent/error", "endEvent/escalation", "endEvent/terminate"),
    *_refused(
        "请画成普通的顺序流去撤销已做的事",
        "draw ordinary flows that undo what was done",
        "compensation",
        "eventSubProcess/compensate",
        "endEvent/compensate",
        "intermediateThrowEvent/compensate",
        "boundaryEvent/compensate",
    ),
    *_refused("请拆成几个单独的事件", "split it into several events", "endEvent/multiple"),
    # Intermediate events
    *_runs("intermediateCatchEvent/message", "intermediateCatchEvent/timer", "intermediateCatchEvent/signal"),
    *_runs(
        "intermediateThrowEvent/none",
        "intermediateThrowEvent/message",
        "intermediateThrowEvent/signal",
        "intermediateThrowEvent/escalation",
        "intermediateThrowEvent/link",
        "intermediateCatchEvent/link",
    ),
    *_refused(
        "请改用消息事件，或用排他网关判断",
        "use a message event, or decide by an exclusive gateway",
        "intermediateCatchEvent/conditional",
        "boundaryEvent/conditional",
    ),
    *_refused(
        "请给它一个触发方式：消息、定时或信号",
        "give it a trigger: message, timer or signal",
        "intermediateCatchEvent/none",
        "boundaryEvent/none",
    ),
    *_refused(
        "错误和升级由边界事件捕获；请把它附着到活动上",
        "errors and escalations are caught by boundary events; attach it to an activity",
        "intermediateCatchEvent/error",
        "intermediateCatchEvent/escalation",
    ),
    *_refused(
        "请拆成几个单独的事件（等待其一可用事件网关）",
        "split it into several events (an event-based gateway waits for the first of them)",
        "intermediateCatchEvent/multiple",
        "intermediateCatchEvent/parallelMultiple",
        "intermediateThrowEvent/multiple",
        "boundaryEvent/multiple",
        "boundaryEvent/parallelMultiple",
    ),
    # Boundary events, interrupting and not
    *_runs("boundaryEvent/timer", "boundaryEvent/message", "boundaryEvent/signal"),
    *_runs("boundaryEvent/error", "boundaryEvent/escalation"),
    # What is no flow node
    *_runs("sequenceFlow/conditional", "message/correlation", "lane", "participant"),
)

SUPPORTED: Final[Mapping[str, Support]] = MappingProxyType({row.key: row for row in _ROWS})


def support(key: str) -> Support:
    """Return the row of ``key``; a kind in no row is refused as unknown."""
    row = SUPPORTED.get(key)
    if row is not None:
        return row
    return Support(
        key, _name(key), Words("引擎不认识它，请改用受支持的元素", "the engine does not know it; use another")
    )


def rows_of(node: FlowNode) -> Iterator[Support]:
    """Return the rows that an element needs; it runs when each of them does."""
    host = node.scope.parent
    if node.kind == "startEvent" and host is not None and host.is_event_subprocess:
        yield support(f"eventSubProcess/{node.trigger}")
        return
    yield support(f"{node.kind}/{node.trigger}" if node.kind.endswith("Event") else node.kind)
    if node.kind in ("eventBasedGateway", "receiveTask") and node.node.get("instantiate") == "true":
        yield support(f"{node.kind}/instantiate")
    if node.kind == "eventBasedGateway" and node.node.get("eventGatewayType") == "Parallel":
        yield support("eventBasedGateway/parallel")
    if node.is_for_compensation:
        yield support("compensation")
    loop = node.loop
    if loop is not None and loop.name == "standardLoopCharacteristics":
        yield support("standardLoop")
    elif loop is not None:
        yield support(f"multiInstance/{'sequential' if loop.get('isSequential') == 'true' else 'parallel'}")
