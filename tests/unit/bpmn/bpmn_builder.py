"""Small BPMN files for tests, written as they are read: elements, then the paths between them.

>>> source = bpmn(start(), user("review", assignee="${boss}"), end(), path("start", "review", "end"))

Every function returns XML text. Flows get the id ``source-target``.
"""

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" '
    'id="definitions" targetNamespace="urn:test">'
)


def element(kind: str, id: str, *children: str, **attributes: str | None) -> str:
    """Any element. Attributes that BPMN itself does not know belong to banjie; None leaves one out."""
    written = [f"id={quoteattr(id)}"] if id else []
    for name, value in attributes.items():
        if value is not None:
            prefix = "" if name in _BPMN_ATTRIBUTES else "banjie:"
            written.append(f"{prefix}{name}={quoteattr(value)}")
    return f"<{' '.join([kind, *written])}>{''.join(children)}</{kind}>"


_BPMN_ATTRIBUTES = frozenset(
    "name default isExecutable calledElement attachedToRef cancelActivity messageRef signalRef errorRef escalationRef "
    "errorCode escalationCode isSequential testBefore loopMaximum sourceRef targetRef processRef triggeredByEvent "
    "gatewayDirection isInterrupting".split()
)


# -- files and processes -----------------------------------------------------------------------------------------------


def bpmn(*parts: str, key: str = "p", name: str | None = None, definitions: str = "") -> bytes:
    """A file with one process. ``definitions`` stands beside it: messages, errors, further processes."""
    process = element("process", key, *parts, name=name, isExecutable="true")
    return f"{_HEAD}{definitions}{process}</definitions>".encode()


def process(key: str, *parts: str) -> str:
    """One more process for ``definitions``."""
    return element("process", key, *parts, isExecutable="true")


def message(id: str, name: str | None = None, key: str | None = None) -> str:
    return element("message", id, name=name or id, correlationKey=key)


def signal(id: str, name: str | None = None) -> str:
    return element("signal", id, name=name or id)


def error(id: str, code: str | None = None) -> str:
    return element("error", id, name=id, errorCode=code)


def escalation(id: str, code: str | None = None) -> str:
    return element("escalation", id, name=id, escalationCode=code)


# -- flows -------------------------------------------------------------------------------------------------------------


def flow(source: str, target: str, when: str | None = None, id: str | None = None) -> str:
    condition = f"<conditionExpression>{escape(when)}</conditionExpression>" if when is not None else ""
    return element("sequenceFlow", id or f"{source}-{target}", condition, sourceRef=source, targetRef=target)


def path(*ids: str) -> str:
    """Unconditional flows from each element to the next."""
    return "".join(flow(source, target) for source, target in pairwise(ids))


def lanes(**members: str) -> str:
    """Lanes by name, each with the ids in it, separated by blanks."""
    found = "".join(
        f'<lane id="lane-{name}" name="{name}">'
        + "".join(f"<flowNodeRef>{id}</flowNodeRef>" for id in ids.split())
        + "</lane>"
        for name, ids in members.items()
    )
    return f'<laneSet id="lanes">{found}</laneSet>'


# -- activities --------------------------------------------------------------------------------------------------------


def task(id: str, *children: str) -> str:
    return element("task", id, *children)


def user(id: str, *children: str, **attributes: str) -> str:
    return element("userTask", id, *children, **attributes)


def manual(id: str, *children: str, **attributes: str) -> str:
    return element("manualTask", id, *children, **attributes)


def script(id: str, text: str, *children: str) -> str:
    return element("scriptTask", id, *children, f"<script>{escape(text)}</script>")


def service(id: str, verb: str | None = None, *children: str, inputs: str = "", **attributes: str) -> str:
    return element("serviceTask", id, inputs, *children, verb=verb, **attributes)


def send(id: str, message_id: str | None = None, *children: str, **attributes: str) -> str:
    return element("sendTask", id, *children, messageRef=message_id, **attributes)


def receive(id: str, message_id: str, *children: str) -> str:
    return element("receiveTask", id, *children, messageRef=message_id)


def sub(id: str, *parts: str) -> str:
    return element("subProcess", id, *parts)


def event_sub(id: str, *parts: str) -> str:
    """An event subprocess; its start event says whether it interrupts: ``start("s", on_message("M"), isInterrupting="false")``."""
    return element("subProcess", id, *parts, triggeredByEvent="true")


def call(id: str, called: str, *children: str) -> str:
    return element("callActivity", id, *children, calledElement=called)


def inputs(**expressions: str) -> str:
    """``<banjie:input>`` elements; a text that is an expression starts with ``=``."""
    found = "".join(
        f"<banjie:input name={quoteattr(name)}>{escape(text)}</banjie:input>" for name, text in expressions.items()
    )
    return f"<extensionElements>{found}</extensionElements>"


def mappings(into: dict[str, str] | None = None, out: dict[str, str] | None = None) -> str:
    """``<banjie:in>`` and ``<banjie:out>`` of a call activity: target name -> source expression."""
    found = "".join(
        f"<banjie:{kind} source={quoteattr(source)} target={quoteattr(target)}/>"
        for kind, items in (("in", into), ("out", out))
        for target, source in (items or {}).items()
    )
    return f"<extensionElements>{found}</extensionElements>"


def multi(
    *,
    over: str | None = None,
    item: str | None = None,
    count: str | None = None,
    until: str | None = None,
    into: str | None = None,
    result: str | None = None,
    sequential: bool = False,
) -> str:
    """Multi-instance: ``over`` a collection as ``item``, or ``count`` times, ``until`` a condition, ``result`` s ``into``."""
    inner = f"<loopCardinality>{escape(count)}</loopCardinality>" if count else ""
    inner += f"<completionCondition>{escape(until)}</completionCondition>" if until else ""
    return element(
        "multiInstanceLoopCharacteristics",
        "",
        inner,
        isSequential="true" if sequential else "false",
        collection=over,
        elementVariable=item,
        outputCollection=into,
        outputElement=result,
    )


def loop(condition: str | None = None, *, maximum: int | None = None, test_before: bool = False) -> str:
    inner = f"<loopCondition>{escape(condition)}</loopCondition>" if condition else ""
    return element(
        "standardLoopCharacteristics",
        "",
        inner,
        testBefore="true" if test_before else "false",
        loopMaximum=str(maximum) if maximum is not None else None,
    )


# -- gateways ----------------------------------------------------------------------------------------------------------


def xor(id: str, default: str | None = None) -> str:
    return element("exclusiveGateway", id, default=default)


def par(id: str) -> str:
    return element("parallelGateway", id)


def inc(id: str, default: str | None = None) -> str:
    return element("inclusiveGateway", id, default=default)


def event_gateway(id: str) -> str:
    return element("eventBasedGateway", id)


# -- events ------------------------------------------------------------------------------------------------------------


def start(id: str = "start", *definition: str, **attributes: str) -> str:
    return element("startEvent", id, *definition, **attributes)


def end(id: str = "end", *definition: str) -> str:
    return element("endEvent", id, *definition)


def catch(id: str, *definition: str) -> str:
    return element("intermediateCatchEvent", id, *definition)


def throw(id: str, *definition: str) -> str:
    return element("intermediateThrowEvent", id, *definition)


def boundary(id: str, host: str, *definition: str, interrupting: bool = True) -> str:
    return element(
        "boundaryEvent", id, *definition, attachedToRef=host, cancelActivity="true" if interrupting else "false"
    )


def timer(*, duration: str | None = None, date: str | None = None, cycle: str | None = None) -> str:
    for name, text in (("timeDuration", duration), ("timeDate", date), ("timeCycle", cycle)):
        if text is not None:
            return f"<timerEventDefinition><{name}>{escape(text)}</{name}></timerEventDefinition>"
    raise ValueError("a timer needs a time")


def on_message(id: str) -> str:
    return element("messageEventDefinition", "", messageRef=id)


def on_signal(id: str) -> str:
    return element("signalEventDefinition", "", signalRef=id)


def on_error(id: str | None = None) -> str:
    return element("errorEventDefinition", "", errorRef=id)


def on_escalation(id: str | None = None) -> str:
    return element("escalationEventDefinition", "", escalationRef=id)


def link(name: str) -> str:
    return element("linkEventDefinition", "", name=name)


def terminating() -> str:
    return "<terminateEventDefinition/>"
