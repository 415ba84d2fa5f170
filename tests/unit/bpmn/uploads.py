"""Uploads for tests of the reader: a process as lines of XML, so that a finding's line can be read off the test.

``upload(...)`` puts ``definitions`` on line 1, the process on line 2 and the given lines from line 3 on.
"""

from itertools import pairwise
from typing import Any

from engine.bpmn.model import FileReport
from engine.bpmn.reader import check_files
from engine.runtime.finding import Finding, Severity

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:banjie="urn:banjie:bpmn:1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
)


def upload(*lines: str, beside: str = "", executable: str | None = "true", key: str = "p") -> bytes:
    """A file with one process of these lines; ``beside`` (messages, errors, collaborations) stands on line 1."""
    flag = "" if executable is None else f' isExecutable="{executable}"'
    return "\n".join(
        [
            f'<definitions {NAMESPACES} id="d" targetNamespace="t">{beside}',
            f'<process id="{key}" name="流程"{flag}>',
            *lines,
            "</process></definitions>",
        ]
    ).encode()


def flow(source: str, target: str, condition: str = "", id: str = "") -> str:
    """A sequence flow with the id ``source-target``."""
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{id or f"{source}-{target}"}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def straight(*middle: str, ids: str = "") -> tuple[str, ...]:
    """Start, the elements, end; ``ids`` names the elements to connect one after the other."""
    chain = ["start", *ids.split(), "end"]
    flows = [flow(a, b) for a, b in pairwise(chain)]
    return ('<startEvent id="start"/>', *middle, '<endEvent id="end"/>', *flows)


def report(*lines: str, beside: str = "", executable: str | None = "true", **options: Any) -> FileReport:
    """Check one file."""
    data = upload(*lines, beside=beside, executable=executable)
    return check_files({"a.bpmn": data}, **options).files[0]


def errors(found: FileReport) -> list[str]:
    """The codes of all errors, in order."""
    return [finding.code for finding in found.findings if finding.severity is Severity.ERROR]


def codes(found: FileReport) -> list[str]:
    """The codes of errors and warnings, the schema's opinion excepted."""
    return [f.code for f in found.findings if f.severity is not Severity.INFO and f.code != "schema"]


def the(found: FileReport, code: str) -> Finding:
    """The one finding of that code."""
    [finding] = [finding for finding in found.findings if finding.code == code]
    return finding
