"""The upload as a whole: reports, models, lines, several files, and that nothing in a file can raise."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn import findings_page, schema
from engine.bpmn.compiler import compile_process
from engine.bpmn.diagram import render_svg
from engine.bpmn.reader import check_files
from engine.bpmn.report import CATALOGUE
from engine.bpmn.xml import BPMN, Node, parse, serialise
from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, report, straight, the, upload

PERMIT = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0"
             xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="D" targetNamespace="urn:test">
  <message id="M" name="撤回"/><signal id="S" name="停办"/>
  <process id="permit" name="施工许可" isExecutable="true" banjie:item="JZ-001">
    <documentation>并联审批</documentation>
    <laneSet id="lanes">
      <lane id="l1" name="窗口"><flowNodeRef>start</flowNodeRef><flowNodeRef>accept</flowNodeRef></lane>
    </laneSet>
    <startEvent id="start" camunda:formKey="apply.form" camunda:initiator="applicant"/>
    <userTask id="accept" name="窗口受理" banjie:formKey="review" banjie:limit="1wd"
              banjie:outcomes="accept:受理,reject:不予受理" banjie:fields="*:read" banjie:mark="x">
      <documentation>核对材料</documentation>
    </userTask>
    <boundaryEvent id="late" name="超时" attachedToRef="accept" cancelActivity="false">
      <timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <intermediateThrowEvent id="stop"><signalEventDefinition signalRef="S"/></intermediateThrowEvent>
    <receiveTask id="wait" messageRef="M"/>
    <serviceTask id="issue" banjie:verb="case.issue"/>
    <callActivity id="archive" calledElement="archiving"/>
    <endEvent id="end"/><endEvent id="end2"/>
    <sequenceFlow id="f1" name="提交" sourceRef="start" targetRef="accept"/>
    <sequenceFlow id="f2" sourceRef="accept" targetRef="wait"/><sequenceFlow id="f3" sourceRef="wait" targetRef="issue"/>
    <sequenceFlow id="f4" sourceRef="issue" targetRef="archive"/><sequenceFlow id="f5" sourceRef="archive" targetRef="end"/>
    <sequenceFlow id="f6" sourceRef="late" targetRef="stop"/><sequenceFlow id="f7" sourceRef="stop" targetRef="end2"/>
  </process>
</definitions>
""".encode()


def test_a_report_holds_what_the_rooms_above_ask() -> None:
    report = check_files({"permit.bpmn": PERMIT}, known_processes={"archiving"}, verbs={"case.issue"}, groups={"窗口"})

    assert report.ok
    [file] = report.files
    assert (file.file, file.sha256) == ("permit.bpmn", hashlib.sha256(PERMIT).hexdigest())
    [model] = file.models
    assert (model.key, model.name, model.file, model.line, model.documentation) == (
        "permit",
        "施工许可",
        "permit.bpmn",
        5,
        "并联审批",
    )
    assert (model.lanes, model.forms, model.messages, model.signals) == (
        ("窗口",),
        ("apply", "review"),
        ("撤回",),
        ("停办",),
    )
    assert model.settings == {"item": "JZ-001"}
    assert model.element_names["accept"] == ("窗口受理", "userTask")
    assert model.element_names["f1"] == ("提交", "sequenceFlow")
    [start] = model.start_events
    assert (start.kind, start.form_key, start.initiator) == ("none", "apply", "applicant")
    [task] = model.user_tasks
    assert (task.line, task.lane, task.form_key, task.limit, task.documentation) == (
        11,
        "窗口",
        "review",
        "1wd",
        "核对材料",
    )
    assert task.outcomes == (("accept", "受理"), ("reject", "不予受理"))
    assert task.settings == {"fields": "*:read", "mark": "x"}
    assert [(service.element_id, service.verb) for service in model.services] == [("issue", "case.issue")]
    assert [(call.element_id, call.process_key) for call in model.calls] == [("archive", "archiving")]
    assert [(timer.element_id, timer.kind, timer.text) for timer in model.timers] == [("late", "boundaryEvent", "P1D")]


def test_a_file_with_an_error_has_no_model_and_nothing_to_run() -> None:
    file = check_files({"permit.bpmn": PERMIT}).files[0]

    assert not file.ok
    assert (file.models, file.normalised) == ((), None)


def test_every_file_is_reported_and_one_bad_file_refuses_the_upload() -> None:
    report = check_files({"good.bpmn": upload(*straight()), "bad.bpmn": b"PK\x03\x04"})

    assert [(file.file, file.ok) for file in report.files] == [("good.bpmn", True), ("bad.bpmn", False)]
    assert not report.ok
    assert report.files[0].normalised is not None


def test_no_files_are_fine() -> None:
    assert check_files({}).ok


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"hello", "xml-broken"),
        (b'{"type": "default"}', "xml-broken"),
        (b"<html/>", "not-bpmn"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "not-bpmn"),
        (b'<process xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not-bpmn"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "doctype-refused"),
        (b"<d>" + b"x" * 2_000_000 + b"</d>", "file-too-large"),
        ('<?xml version="1.0"?><d n="审批"/>'.encode("gbk"), "encoding-wrong"),
    ],
)
def test_bytes_that_are_no_bpmn_are_one_finding(data: bytes, code: str) -> None:
    file = check_files({"x": data}).files[0]

    assert [finding.code for finding in file.findings] == [code]
    assert file.findings[0].file == "x"


def test_the_encoding_of_chinese_tools_is_read() -> None:
    text = PERMIT.decode().replace("UTF-8", "GB18030")

    file = check_files({"a": text.encode("gb18030")}, known_processes={"archiving"}).files[0]

    assert file.models[0].name == "施工许可"
    assert b"GB18030" not in (file.normalised or b"")


def test_a_finding_speaks_both_languages_and_names_file_line_element() -> None:
    found = the(report(*straight('<serviceTask id="a" name="登记"/>', ids="a")), "task-without-implementation")

    assert (found.file, found.line, found.element, found.element_name) == ("a.bpmn", 4, "a", "登记")
    assert found.message("zh").startswith("服务任务「登记」没有说明做什么")
    assert found.message("en").startswith("Service task “登记” does not say what to do")


def test_findings_stand_in_the_order_of_weight_and_line() -> None:
    findings = report(
        *straight('<userTask id="u"/>', '<serviceTask id="a"/>', '<serviceTask id="b"/>', ids="u a b")
    ).findings

    assert [(finding.severity, finding.line) for finding in findings] == [
        (Severity.ERROR, 5),
        (Severity.ERROR, 6),
        (Severity.WARNING, 4),
    ]


def test_names_from_files_cannot_break_a_sentence() -> None:
    name = "{it} {0} &lt;b&gt; %s \u202e" + "长" * 200

    found = report(*straight(f'<userTask id="a" name="{name}"/>', ids="a"))

    assert "…」没有办理人" in the(found, "task-unassigned").zh


def test_the_same_file_gives_the_same_report() -> None:
    assert check_files({"a": PERMIT}, normalise=True) == check_files({"a": PERMIT}, normalise=True)


# -- the schema --------------------------------------------------------------------------------------------------------


def test_what_breaks_the_schema_is_a_warning_at_its_line() -> None:
    found = report(*straight('<userTask id="a" colour="red" banjie:assignee="li"/>', ids="a"))

    assert codes(found) == []
    finding = the(found, "schema")
    assert (finding.severity, finding.line, finding.element) == (Severity.WARNING, 4, "a")
    assert "'colour'" in finding.en


def test_the_same_complaint_is_counted_not_repeated() -> None:
    found = report(
        *straight(*[f'<task id="t{n}" colour="red"/>' for n in range(40)], ids=" ".join(f"t{n}" for n in range(40)))
    )

    assert "40 times" in the(found, "schema").en


def test_at_most_twenty_complaints_of_the_schema_are_listed() -> None:
    found = report(*straight("<task id='a' " + " ".join(f'x{n}="1"' for n in range(30)) + "/>", ids="a"))

    assert sum(1 for finding in found.findings if finding.code == "schema") == schema.MAX_WARNINGS


# -- nothing in a file can raise ---------------------------------------------------------------------------------------

_KINDS = st.sampled_from(
    "task userTask subProcess callActivity exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway startEvent "
    "endEvent boundaryEvent intermediateCatchEvent intermediateThrowEvent sendTask receiveTask scriptTask process "
    "sequenceFlow timerEventDefinition messageEventDefinition linkEventDefinition multiInstanceLoopCharacteristics "
    "lane laneSet documentation extensionElements message definitions".split()
)
_TEXTS = st.sampled_from(
    [
        "",
        "x",
        "${a",
        "= ]",
        "NaN",
        "1e309",
        "true",
        "P99999999999Y",
        "R9/PT1H",
        "\u202e'\"<",
        "accept",
        "start",
        "wait",
        "late",
        "f1",
        "permit",
        "9" * 50,
    ]
)
_ATTRIBUTES = st.sampled_from(
    "id name default isExecutable attachedToRef sourceRef targetRef messageRef calledElement cancelActivity loopMaximum "
    "triggeredByEvent processRef bpmnElement".split()
)
_EDITS = st.lists(
    st.tuples(
        st.integers(0, 60), st.sampled_from("drop rename text set move copy".split()), _KINDS, _ATTRIBUTES, _TEXTS
    ),
    min_size=1,
    max_size=12,
)


def edited(edits: list[tuple[int, str, str, str, str]]) -> bytes:
    """The permit with some of its elements dropped, renamed, moved or filled with nonsense."""
    root = parse(PERMIT).root
    for place, action, kind, attribute, text in edits:
        nodes = list(root.iter())
        node = nodes[place % len(nodes)]
        if action == "drop" and node is not root:
            node.remove()
        elif action == "rename":
            node.name = kind
        elif action == "text":
            node.text = text
        elif action == "set":
            node.attributes[attribute] = text
        elif action == "copy":
            node.append(Node(BPMN, kind, {"id": text, attribute: text}))
        elif action == "move" and node.parent is not None:
            other = nodes[len(text) % len(nodes)]
            if node not in _line(other):
                node.remove()
                other.append(node)
    return serialise(root)


def _line(node: Node | None) -> list[Node]:
    found = []
    while node is not None:
        found.append(node)
        node = node.parent
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_EDITS, st.booleans())
def test_whatever_is_in_a_file_is_reported_and_what_is_ok_compiles(
    edits: list[tuple[int, str, str, str, str]], consent: bool
) -> None:
    data = edited(edits)

    report = check_files({"a": data}, normalise=consent, known_processes={"archiving"}, verbs={"case.issue"}, forms={})

    assert render_svg(data).startswith("<svg ")
    [file] = report.files
    if file.ok and file.normalised is not None:
        callee = upload(*straight(), key="archiving")
        for model in file.models:
            compile_process("d", model.key, {"a": file.normalised, "b": callee})


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_one_report(data: bytes) -> None:
    assert not check_files({"a": data}).ok
    assert render_svg(data).startswith("<svg ")


# -- the page of findings ----------------------------------------------------------------------------------------------


def test_the_page_of_findings_is_up_to_date() -> None:
    written = Path(__file__).parents[3] / "docs" / "bpmn-findings.md"

    assert written.read_text(encoding="utf-8") == findings_page.page(), (
        "write it anew: python -m engine.bpmn.findings_page docs/bpmn-findings.md"
    )


def test_every_code_is_on_the_page_and_says_what_to_do_in_both_languages() -> None:
    page = findings_page.page()

    for code in CATALOGUE.all():
        assert f"### `{code.code}`" in page
        assert code.code == code.code.lower().replace(" ", "-")
        assert code.zh
        assert not code.zh.endswith("。")
        assert code.en[-1] in ".)}?"
        assert code.about.endswith((".", ")"))
