"""Files as strangers' tools write them: each runs as BPMN 2.0 says, or is refused by name; nothing is read in silence as
something else. What runs goes the whole way: upload, normalised file, compiler, machine, saved and restored at each step."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn.reader import check_files
from tests.unit.bpmn.driving import NOW, Run
from tests.unit.bpmn.uploads import errors, flow, report, straight, the, upload

MESSAGE = '<message id="M" name="withdrawn"/><message id="N" name="paid"/>'
ON_MESSAGE = '<messageEventDefinition messageRef="M"/>'
ONE_HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def run(*lines: str, beside: str = "", variables: dict[str, object] | None = None) -> Run:
    """Upload a process and start it."""
    found = check_files({"stranger.bpmn": upload(*lines, beside=beside)}).files[0]
    assert found.ok, [finding.en for finding in found.findings]
    assert found.normalised is not None
    return Run({"stranger.bpmn": found.normalised}, variables, reload=True)


def catching(definition: str) -> tuple[str, ...]:
    return straight(f'<intermediateCatchEvent id="a">{definition}</intermediateCatchEvent>', ids="a")


# -- true and false ----------------------------------------------------------------------------------------------------


def event_subprocess(interrupting: str) -> tuple[str, ...]:
    return (
        *straight('<userTask id="a"/>', ids="a"),
        f'<subProcess id="es" triggeredByEvent="1"><startEvent id="es-start" isInterrupting="{interrupting}">{ON_MESSAGE}',
        '</startEvent><userTask id="handle"/><endEvent id="es-end"/>',
        flow("es-start", "handle"),
        flow("handle", "es-end"),
        "</subProcess>",
    )


def boundary(cancels: str) -> tuple[str, ...]:
    return (
        *straight('<userTask id="a"/>', ids="a"),
        f'<boundaryEvent id="b" attachedToRef="a" cancelActivity="{cancels}">{ON_MESSAGE}</boundaryEvent>',
        '<userTask id="handle"/><endEvent id="end-b"/>',
        flow("b", "handle"),
        flow("handle", "end-b"),
    )


@pytest.mark.parametrize("model", [event_subprocess, boundary])
@pytest.mark.parametrize(("written", "left"), [("0", ["a", "handle"]), ("False", ["a", "handle"]), ("1", ["handle"])])
def test_a_boolean_means_the_same_however_a_tool_writes_it(model: object, written: str, left: list[str]) -> None:
    assert callable(model)
    case = run(*model(written), beside=MESSAGE)

    case.message("withdrawn")

    assert sorted(case.open) == left


@pytest.mark.parametrize("lines", [event_subprocess("no"), boundary("no")])
def test_what_is_neither_true_nor_false_is_refused_and_never_taken_for_the_default(lines: tuple[str, ...]) -> None:
    assert errors(report(*lines, beside=MESSAGE)) == ["attribute-value-invalid"]


def test_a_gateway_type_that_bpmn_does_not_know_is_refused() -> None:
    gateway = f'<eventBasedGateway id="g" eventGatewayType="parallel"/><intermediateCatchEvent id="a">{ONE_HOUR}'
    other = f'</intermediateCatchEvent><intermediateCatchEvent id="b">{ON_MESSAGE}</intermediateCatchEvent>'

    found = report(*straight(gateway, other, ids="g a"), flow("g", "b"), flow("b", "end"), beside=MESSAGE)

    assert errors(found) == ["attribute-value-invalid"]


# -- gateways and events -----------------------------------------------------------------------------------------------


def test_a_parallel_gateway_takes_every_flow_whatever_conditions_are_written_there() -> None:
    case = run(
        *straight('<parallelGateway id="g"/><userTask id="a"/><userTask id="b"/>', ids="g"),
        flow("g", "a", "amount &gt; 5"),
        flow("g", "b", "?!"),
        variables={"amount": 3},
    )

    assert case.open == ["a", "b"]


@pytest.mark.parametrize(
    "addition",
    [
        f'<boundaryEvent id="late" attachedToRef="b">{ONE_HOUR}</boundaryEvent>' + flow("late", "end"),
        None,
    ],
    ids=["boundary event", "multi-instance"],
)
def test_a_receive_task_behind_an_event_gateway_has_no_boundary_events_and_no_loop(addition: str | None) -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    found = report(
        *straight('<eventBasedGateway id="g"/>', ids="g")[:-1],
        f'<intermediateCatchEvent id="a">{ON_MESSAGE}</intermediateCatchEvent>',
        f'<receiveTask id="b" messageRef="N">{"" if addition else loop}</receiveTask>{addition or ""}',
        *(flow(*pair) for pair in (("g", "a"), ("g", "b"), ("a", "end"), ("b", "end"))),
        beside=MESSAGE,
    )

    assert errors(found) == ["event-gateway-receive-task"]
    assert the(found, "event-gateway-receive-task").element == "b"


def test_an_event_subprocess_neither_repeats_nor_has_boundary_events() -> None:
    loop = "<standardLoopCharacteristics><loopCondition>true</loopCondition></standardLoopCharacteristics>"
    lines = [line.replace('triggeredByEvent="1">', f'triggeredByEvent="1">{loop}') for line in event_subprocess("true")]
    late = f'<boundaryEvent id="late" attachedToRef="es">{ONE_HOUR}</boundaryEvent>' + flow("late", "end")

    found = report(*lines, late, beside=MESSAGE)

    assert errors(found) == ["event-subprocess-loop", "boundary-on-wrong-host"]


def test_a_flow_out_of_a_link_throw_event_or_into_its_catch_event_is_refused() -> None:
    link = '<linkEventDefinition name="next page"/>'
    found = report(
        *straight(f'<intermediateThrowEvent id="go">{link}</intermediateThrowEvent>', '<task id="a"/>', ids="go a"),
        f'<intermediateCatchEvent id="come">{link}</intermediateCatchEvent>',
        flow("a", "come"),
        flow("come", "end"),
    )

    assert errors(found) == ["link-connected", "link-connected"]


@pytest.mark.parametrize(
    ("beside", "definition"),
    [
        ('<signal id="S" name="flood-${region}"/>', '<signalEventDefinition signalRef="S"/>'),
        ('<message id="S" name="=&quot;paid-&quot; + no"/>', '<messageEventDefinition messageRef="S"/>'),
    ],
)
def test_a_name_that_is_an_expression_elsewhere_is_never_taken_literally(beside: str, definition: str) -> None:
    assert errors(report(*catching(definition), beside=beside)) == ["event-name-dynamic"]


def test_a_code_that_is_an_expression_is_refused_but_the_name_beside_a_code_is_only_shown() -> None:
    end = '<startEvent id="start"/><endEvent id="end"><errorEventDefinition errorRef="E"/></endEvent>'
    lines = (end, flow("start", "end"))

    assert errors(report(*lines, beside='<error id="E" name="E" errorCode="=code"/>')) == ["event-name-dynamic"]
    assert errors(report(*lines, beside='<error id="E" name="${shown}" errorCode="E1"/>')) == []


# -- expressions and times ---------------------------------------------------------------------------------------------


def choice(condition: str) -> tuple[str, ...]:
    return (
        *straight('<userTask id="a"/><userTask id="b"/><userTask id="c"/>', ids="a"),
        f'<sequenceFlow id="f" sourceRef="a" targetRef="b">{condition}</sequenceFlow>',
        flow("a", "c", "true"),
    )


def test_an_empty_condition_is_none_unless_it_says_elsewhere_what_it_is() -> None:
    outside = '<conditionExpression camunda:resource="deployment://rule.groovy"/>'

    assert errors(report(*choice("<conditionExpression> </conditionExpression>"))) == []
    assert errors(report(*choice("<conditionExpression><text>x</text></conditionExpression>"))) == ["expression-empty"]
    assert "vendor-behaviour-unsupported" in errors(report(*choice(outside)))


def test_the_language_of_the_file_is_that_of_expressions_which_name_none_and_xpath_is_only_a_default() -> None:
    def found(language: str) -> list[str]:
        data = upload(*choice("<conditionExpression>amount = 1</conditionExpression>"))
        given = data.replace(b'targetNamespace="t"', f'targetNamespace="t" expressionLanguage="{language}"'.encode())
        return errors(check_files({"a.bpmn": given}).files[0])

    assert found("http://www.mvel.org/2.0") == ["expression-language", "expression-language"]
    assert found("http://www.w3.org/1999/XPath") == []
    assert found("https://www.omg.org/spec/DMN/20240513/FEEL/") == []


@pytest.mark.parametrize(
    "text", ["PT5D", "P5H", "pt1h", "P1DT", "R-1/PT1H", "20261201T090000Z", "20261201", "R0/PT1H", "0 0 9 ? * MON-FRI"]
)
def test_a_time_that_is_nearly_iso_8601_is_refused_at_upload_and_no_variable(text: str) -> None:
    kind = "timeCycle" if " " in text or text[0] == "R" else "timeDuration" if text[0] in "Pp" else "timeDate"

    found = report(*catching(f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"))

    assert errors(found) == ["timer-invalid"]
    assert the(found, "timer-invalid").line == 4


# -- ids ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["a b", "a#instance", "../a", "..", "a?b", "100%", "a\u202eb", "a\u200bb"])
def test_an_id_that_can_stand_in_no_address_is_refused(id: str) -> None:
    lines = ('<startEvent id="start"/><endEvent id="end"/>', f'<task id="{id}"/>')

    found = report(*lines, flow("start", id, id="f"), flow(id, "end", id="g"))

    assert errors(found) == ["id-invalid"]


@pytest.mark.parametrize("id", ["受理", "sid-7AC12B31-73E6-4CF0", "_1.2", "{0A1B}", "Start", "Root", "End"])
def test_ids_of_any_tool_run_in_any_script_and_under_the_names_of_the_library_itself(id: str) -> None:
    case = run(*straight(f'<userTask id="{id}"/>', ids=id))

    assert case.open == [id]
    case.complete(id)
    assert case.completed


# -- other engines' words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("P2D", NOW + timedelta(days=2)),
        ("2026-12-05T17:30:00+08:00", datetime(2026, 12, 5, 9, 30, tzinfo=UTC)),
        ("${latest}", datetime(2026, 12, 24, 9, tzinfo=UTC)),
        ("= now() + duration(&quot;PT3H&quot;)", NOW + timedelta(hours=3)),
    ],
)
@pytest.mark.parametrize("dialect", ["camunda", "flowable", "banjie"])
def test_the_due_date_of_a_task_is_kept_from_the_moment_at_which_it_opens(
    dialect: str, written: str, due: datetime
) -> None:
    task = f'<userTask id="a" {dialect}:dueDate="{written}"/>'

    case = run(*straight(task, ids="a"), variables={"latest": "2026-12-24T09:00:00Z"})

    assert case.task("a").due_at == due
    case.wait(hours=1)
    assert case.task("a").due_at == due


@pytest.mark.parametrize("written", ["next week", "5", "R/P1D", "P5H"])
def test_a_due_date_that_is_no_time_is_refused(written: str) -> None:
    found = report(*straight(f'<userTask id="a" camunda:dueDate="{written}"/>', ids="a"))

    assert errors(found) == ["due-date-invalid"]


def test_what_is_wrong_in_a_part_without_id_names_the_element_around_it() -> None:
    loop = '<multiInstanceLoopCharacteristics flowable:collection="all" flowable:elementIndexVariable="i"/>'

    found = the(report(*straight(f'<userTask id="a">{loop}</userTask>', ids="a")), "vendor-behaviour-unsupported")

    assert (found.element, found.line) == ("a", 4)


@pytest.mark.parametrize(
    "task",
    [
        '<userTask id="a" assignee="li"/>',
        '<serviceTask id="a" class="org.x.Y" banjie:verb="http.request"/>',
        '<userTask id="a"><multiInstanceLoopCharacteristics collection="all" banjie:collection="all"/></userTask>',
    ],
)
def test_an_engines_word_without_its_prefix_is_refused_instead_of_going_unread(task: str) -> None:
    assert errors(report(*straight(task, ids="a"))) == ["attribute-without-prefix"]


def test_a_condition_written_as_an_attribute_is_refused() -> None:
    lines = straight('<task id="a"/>', ids="a")
    wrong = lines[-1].replace('targetRef="end"', 'targetRef="end" condition="x > 1"')

    assert errors(report(*lines[:-1], wrong)) == ["attribute-without-prefix"]


def test_a_second_element_of_its_kind_is_refused_instead_of_going_unread() -> None:
    twice = "<conditionExpression>true</conditionExpression>" * 2

    assert errors(report(*choice(twice))) == ["element-repeated"]


def test_several_extension_elements_are_read_as_one() -> None:
    parts = "".join(
        f"<extensionElements><zeebe:assignmentDefinition {name}/></extensionElements>"
        for name in ('assignee="li"', 'candidateGroups="heads"')
    )

    task = run(*straight(f'<userTask id="a">{parts}</userTask>', ids="a")).task("a")

    assert (task.assignee, task.candidate_groups) == ("li", ("heads",))


def test_attributes_that_carry_the_prefix_of_bpmn_itself_mean_what_they_say() -> None:
    lines = [line.replace("cancelActivity=", "bpmn:cancelActivity=") for line in boundary("false")]
    model = upload(*lines, beside=MESSAGE)
    model = model.replace(b'id="d"', b'id="d" xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"', 1)
    found = check_files({"a": model}).files[0]
    assert found.normalised is not None

    case = Run({"a": found.normalised}, reload=True)
    case.message("withdrawn")

    assert sorted(case.open) == ["a", "handle"]


def jbpm(task: str) -> bytes:
    """A process as the modeller of jBPM writes it."""
    model = upload(*straight(task, ids="a")).replace(
        b'<process id="p"', b'<process id="p" drools:packageName="org.x" drools:version="1.0" drools:adHoc="false"', 1
    )
    return model.replace(b'id="d"', b'id="d" xmlns:drools="http://www.jboss.org/drools"', 1)


def meta(name: str, value: str) -> str:
    data = f'<drools:metaData name="{name}"><drools:metaValue><![CDATA[{value}]]></drools:metaValue></drools:metaData>'
    return f'<userTask id="a"><extensionElements>{data}</extensionElements></userTask>'


def test_what_jbpm_only_calls_things_is_no_fault_but_what_it_would_do_is() -> None:
    def found(task: str) -> list[str]:
        return errors(check_files({"a.bpmn2": jbpm(task)}).files[0])

    assert found(meta("elementname", "Review")) == []
    assert found(meta("customAsync", "false")) == []
    assert found(meta("customSLADueDate", "1d")) == ["vendor-behaviour-unsupported"]
    assert found('<userTask id="a" drools:taskName="t"/>') == ["vendor-behaviour-unsupported"]
