"""One process as many tools write it: prefixes, encodings, references, diagrams and notes change nothing of how it runs."""

import codecs
import re
from collections.abc import Callable

import pytest

from engine.bpmn.reader import check_files
from tests.unit.bpmn.driving import Run
from tests.unit.bpmn.uploads import flow, upload

ONE_HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
PLAIN = upload(
    '<startEvent id="start"/><userTask id="a" name="受理"/><exclusiveGateway id="g" default="g-end"/>',
    '<subProcess id="sub"><startEvent id="in"/><userTask id="b"/><endEvent id="out"/>',
    flow("in", "b"),
    flow("b", "out"),
    f'</subProcess><boundaryEvent id="late" attachedToRef="sub" cancelActivity="false">{ONE_HOUR}</boundaryEvent>',
    '<endEvent id="end"/><endEvent id="end-late"/>',
    flow("start", "a"),
    flow("a", "g"),
    flow("g", "sub", "${amount &gt; 10}"),
    flow("g", "end"),
    flow("sub", "end"),
    flow("late", "end-late"),
).decode()


def prefixed(prefix: str) -> Callable[[str], str]:
    """As Eclipse, Signavio, Trisotech, jBPM... write it: every element of BPMN with a prefix."""

    def write(text: str) -> str:
        named = re.sub(r"<(/?)(?=[a-z])", rf"<\1{prefix}:", text)
        return named.replace('xmlns="', f'xmlns:{prefix}="', 1)

    return write


def with_qualified_references(text: str) -> str:
    """References are QNames in BPMN: some tools write them with the prefix of the file's own namespace."""
    found = re.sub(r'(sourceRef|targetRef|attachedToRef|default)="', r'\1="own:', text)
    return found.replace('targetNamespace="t"', 'targetNamespace="t" xmlns:own="t"')


def with_flow_lists(text: str) -> str:
    """Most tools repeat the flows in each node."""
    listed = '<userTask id="a" name="受理"><incoming>start-a</incoming><outgoing>a-g</outgoing></userTask>'
    return text.replace('<userTask id="a" name="受理"/>', listed)


def with_a_diagram(text: str) -> str:
    diagram = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="D"><bpmndi:BPMNPlane '
        'bpmnElement="p" id="P"><bpmndi:BPMNShape bpmnElement="a" id="S"><dc:Bounds '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" x="1" y="1" width="100" height="80"/></bpmndi:BPMNShape>'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
    )
    return text.replace("</definitions>", diagram + "</definitions>")


def with_documentation_and_artifacts(text: str) -> str:
    inside = (
        "<documentation>说明 <b xmlns='http://www.w3.org/1999/xhtml'>粗体</b></documentation>"
        '<textAnnotation id="note"><text>注</text></textAnnotation><association id="as" sourceRef="a" targetRef="note"/>'
        '<dataObject id="data"/><dataObjectReference id="dataRef" dataObjectRef="data"/><group id="gr"/>'
    )
    return text.replace('<startEvent id="start"/>', inside + '<startEvent id="start"/>')


def in_a_pool(text: str) -> str:
    pool = (
        '<collaboration id="c"><participant id="us" processRef="p"/><participant id="them" name="申请人"/>'
        '<messageFlow id="mf" sourceRef="them" targetRef="start"/></collaboration>'
    )
    return text.replace('<process id="p"', pool + '<process id="p"')


TOOLS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "bpmn:": lambda text: prefixed("bpmn")(text).encode(),
    "bpmn2:": lambda text: prefixed("bpmn2")(text).encode(),
    "semantic:": lambda text: prefixed("semantic")(text).encode(),
    "ns0:": lambda text: prefixed("ns0")(text).encode(),
    "CDATA": lambda text: text.replace("${amount &gt; 10}", "<![CDATA[${amount > 10}]]>").encode(),
    "a comment inside": lambda text: text.replace("amount &gt;", "amount <!-- 万元 --> &gt;").encode(),
    "pretty": lambda text: text.replace("><", ">\r\n\t<").encode(),
    "one line": lambda text: text.replace("\n", "").encode(),
    "typed": lambda text: text.replace(
        "<conditionExpression", '<conditionExpression xsi:type="tFormalExpression"'
    ).encode(),
    "qualified references": lambda text: with_qualified_references(text).encode(),
    "flow lists": lambda text: with_flow_lists(text).encode(),
    "a diagram": lambda text: with_a_diagram(text).encode(),
    "documentation": lambda text: with_documentation_and_artifacts(text).encode(),
    "a pool": lambda text: in_a_pool(text).encode(),
    "reversed": lambda text: "\n".join([*text.split("\n")[:2], *_reversed(text), text.split("\n")[-1]]).encode(),
    "a byte order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16": lambda text: f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16"),
    "GB18030": lambda text: f'<?xml version="1.0" encoding="GBK"?>{text}'.encode("gb18030"),
    "XPath as its language": lambda text: text.replace(
        'id="d"', 'id="d" expressionLanguage="http://www.w3.org/1999/XPath" typeLanguage="x" exporter="tool"', 1
    ).encode(),
    "a tool's own data": lambda text: text.replace(
        "<userTask id", '<userTask t:colour="red" xmlns:t="urn:tool" id'
    ).encode(),
}


def _reversed(text: str) -> list[str]:
    """The flows before the nodes: the order in a file means nothing but to a choice."""
    lines = text.split("\n")[2:-1]
    return [*lines[6:], *lines[:6]]


@pytest.mark.parametrize("tool", TOOLS)
def test_one_process_runs_the_same_whichever_tool_wrote_it(tool: str) -> None:
    found = check_files({"stranger.bpmn": TOOLS[tool](PLAIN)}).files[0]
    assert found.ok, [finding.en for finding in found.findings]
    assert found.normalised is not None
    case = Run({"stranger.bpmn": found.normalised}, {"amount": 11}, reload=True)

    case.complete("a")
    case.wait(hours=1)
    case.complete("b")

    assert case.completed
    assert case.passed() == ["start", "a", "g", "in", "late", "end-late", "b", "out", "sub", "end"]
