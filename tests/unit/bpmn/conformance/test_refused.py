"""What does not run is refused by name: at upload with a finding, and by the compiler should it get that far."""

import pytest

from engine.bpmn.reader import check_files
from engine.bpmn.rules.support import SUPPORTED
from engine.errors import ModelRefused
from engine.runtime.finding import Severity
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    catch,
    element,
    end,
    event_gateway,
    event_sub,
    message,
    on_message,
    path,
    receive,
    signal,
    start,
    task,
    throw,
    user,
)
from tests.unit.bpmn.driving import compiled

_CONDITION = "<conditionalEventDefinition><condition>true</condition></conditionalEventDefinition>"
_SIGNAL = element("signalEventDefinition", "", signalRef="S")
_DEFINITIONS = {
    "conditional": _CONDITION,
    "compensate": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "error": "<errorEventDefinition/>",
    "escalation": "<escalationEventDefinition/>",
    "none": "",
    "multiple": on_message("M") + _SIGNAL,
    "parallelMultiple": on_message("M") + _SIGNAL,
}


def _model(key: str) -> bytes:
    """A small process with the element of that row, and nothing else that could be refused."""
    kind, _, event = key.partition("/")
    extra = ' parallelMultiple="true"' if event == "parallelMultiple" else ""
    definition = _DEFINITIONS.get(event, "")
    parts = {
        "startEvent": [start("x", definition), end(), path("x", "end")],
        "endEvent": [start(), end("x", definition), path("start", "x")],
        "intermediateCatchEvent": [start(), catch("x", definition), end(), path("start", "x", "end")],
        "intermediateThrowEvent": [start(), throw("x", definition), end(), path("start", "x", "end")],
        "boundaryEvent": [
            start(),
            user("a"),
            boundary("x", "a", definition),
            end(),
            path("start", "a", "end"),
            path("x", "end"),
        ],
        "eventSubProcess": [
            start(),
            user("a"),
            end(),
            path("start", "a", "end"),
            event_sub("sub", start("x", definition), end("e2"), path("x", "e2")),
        ],
    }.get(kind) or _OTHER[key]
    text = bpmn(*parts, definitions=message("M") + signal("S")).decode()
    return text.replace(' id="x"', f' id="x"{extra}', 1).encode()


def _plain(kind: str, attributes: str = "", content: str = "") -> list[str]:
    return [start(), f'<{kind} id="x" {attributes}>{content}</{kind}>', end(), path("start", "x", "end")]


_INSIDE = start("s2") + end("e2") + path("s2", "e2")
_OTHER = {
    "businessRuleTask": _plain("businessRuleTask"),
    "adHocSubProcess": _plain("adHocSubProcess", content=task("t")),
    "transaction": _plain("transaction", content=_INSIDE),
    "complexGateway": _plain("complexGateway"),
    "compensation": [*_plain("task"), '<task id="undo" isForCompensation="true"/>'],
    "receiveTask/instantiate": [
        receive("x", "M").replace("<receiveTask", '<receiveTask instantiate="true"'),
        end(),
        path("x", "end"),
    ],
    "eventBasedGateway/instantiate": [
        event_gateway("x").replace("<eventBasedGateway", '<eventBasedGateway instantiate="true"'),
        catch("c", on_message("M")),
        end(),
        path("x", "c", "end"),
    ],
    "eventBasedGateway/parallel": [
        start(),
        event_gateway("x").replace("<eventBasedGateway", '<eventBasedGateway eventGatewayType="Parallel"'),
        catch("c", on_message("M")),
        end(),
        path("start", "x", "c", "end"),
    ],
}
REFUSED = [key for key, row in SUPPORTED.items() if not row.runs]


@pytest.mark.parametrize("key", REFUSED)
class TestRefused:
    def test_the_upload_is_refused_with_a_finding_at_the_element(self, key: str) -> None:
        report = check_files({"model.bpmn": _model(key)}, normalise=True)
        found = [finding for finding in report.findings if finding.severity is Severity.ERROR]
        assert "element-unsupported" in {finding.code for finding in found}
        assert all(finding.line for finding in found)

    def test_the_compiler_refuses_it_too(self, key: str) -> None:
        with pytest.raises(ModelRefused):
            compiled(_model(key))
