"""What Camunda, Flowable, Activiti and Zeebe files say is turned into banjie's words, or refused by name."""

import pytest

from engine.bpmn.model import FileReport
from engine.bpmn.xml import BANJIE, Node, parse
from engine.forms import read as read_form
from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, errors, flow, report, straight, the


def normalised(found: FileReport) -> Node:
    """The tree that the machine compiles."""
    assert found.normalised is not None, [f.en for f in found.findings]
    return parse(found.normalised).root


def named(found: FileReport, identifier: str) -> Node:
    return next(node for node in normalised(found).iter() if node.get("id") == identifier)


def ours(node: Node) -> dict[str, str]:
    """The banjie: attributes by local name."""
    return {k.partition("}")[2]: v for k, v in node.attributes.items() if k.startswith(f"{{{BANJIE}}}")}


def inside(node: Node) -> list[tuple[str, dict[str, str], str]]:
    """The banjie: elements in the extensions."""
    extensions = node.find("extensionElements")
    return [(c.name, c.attributes, c.text) for c in extensions.children if c.space == BANJIE] if extensions else []


# -- people ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["camunda", "flowable", "activiti", "banjie"])
def test_assignment_and_form_are_read_from_every_dialect(prefix: str) -> None:
    task = (
        f'<userTask id="a" {prefix}:assignee="${{initiator}}" {prefix}:candidateUsers="li, wang" '
        f'{prefix}:candidateGroups="window,${{dept}}" {prefix}:formKey="apply" {prefix}:priority="70"/>'
    )

    found = report(*straight(task, ids="a"))

    assert ours(named(found, "a")) == {
        "assignee": "${initiator}",
        "candidateUsers": "li, wang",
        "candidateGroups": "window,${dept}",
        "formKey": "apply",
        "priority": "70",
    }
    [model] = found.models[0].user_tasks
    assert (model.candidate_users, model.candidate_groups) == (("li", "wang"), ("window", "${dept}"))


def test_zeebe_assignment_schedule_and_form_are_read() -> None:
    task = """<userTask id="a"><extensionElements><zeebe:userTask/>
      <zeebe:assignmentDefinition assignee="= owner" candidateGroups="window"/>
      <zeebe:formDefinition formId="apply"/><zeebe:taskSchedule dueDate="= wd(5)"/>
      <zeebe:priorityDefinition priority="60"/></extensionElements></userTask>"""

    node = named(report(*straight(task, ids="a")), "a")

    assert ours(node) == {
        "assignee": "= owner",
        "candidateGroups": "window",
        "formKey": "apply",
        "dueDate": "= wd(5)",
        "priority": "60",
    }
    assert node.find("extensionElements") is None


def test_our_own_words_win_over_a_dialect() -> None:
    task = '<userTask id="a" camunda:assignee="theirs" banjie:assignee="ours"/>'

    assert ours(named(report(*straight(task, ids="a")), "a")) == {"assignee": "ours"}


@pytest.mark.parametrize(
    ("role", "text", "expected"),
    [
        (
            "potentialOwner",
            "user(kermit), group(sales), management",
            {"candidateUsers": "kermit", "candidateGroups": "sales,management"},
        ),
        ("humanPerformer", "${initiator}", {"assignee": "${initiator}"}),
    ],
)
def test_performers_of_bpmn_itself_are_read(role: str, text: str, expected: dict[str, str]) -> None:
    expression = (
        f"<resourceAssignmentExpression><formalExpression>{text}</formalExpression></resourceAssignmentExpression>"
    )
    task = f'<userTask id="a"><{role}>{expression}</{role}></userTask>'

    assert ours(named(report(*straight(task, ids="a")), "a")) == expected


def test_a_performer_by_resource_is_a_group_of_that_name() -> None:
    task = '<userTask id="a"><potentialOwner><resourceRef>r</resourceRef></potentialOwner></userTask>'

    found = report(*straight(task, ids="a"), beside='<resource id="r" name="窗口"/>')

    assert ours(named(found, "a")) == {"candidateGroups": "窗口"}


@pytest.mark.parametrize(
    "written", ["apply", "apply.form", "camunda-forms:deployment:apply.form", "camunda-forms:bpmn:apply"]
)
def test_a_form_key_loses_its_vendors_wrapping(written: str) -> None:
    found = report(*straight(f'<userTask id="a" camunda:formKey="{written}"/>', ids="a"))

    assert found.models[0].forms == ("apply",)


def test_a_form_inside_the_file_is_handed_out_and_counts_as_known() -> None:
    lines = straight(
        '<userTask id="a" camunda:assignee="x"><extensionElements><zeebe:formDefinition formKey="camunda-forms:bpmn:F"/>'
        "</extensionElements></userTask>",
        ids="a",
    )
    form = '<extensionElements><zeebe:userTaskForm id="F">{"components":[]}</zeebe:userTaskForm></extensionElements>'

    found = report(form, *lines, forms={})

    assert found.ok
    assert found.forms == {"F": '{"components":[]}'}


def with_fields(fields: str, attributes: str = "") -> tuple[str, ...]:
    extensions = f"<extensionElements>{fields}</extensionElements>"
    return straight(f'<userTask id="a" camunda:assignee="x" {attributes}>{extensions}</userTask>', ids="a")


CAMUNDA_FIELDS = """<camunda:formData>
  <camunda:formField id="amount" label="金额" type="long" defaultValue="5"><camunda:validation>
    <camunda:constraint name="required"/><camunda:constraint name="min" config="1"/></camunda:validation></camunda:formField>
  <camunda:formField id="kind" label="类型" type="enum"><camunda:value id="a" name="甲"/><camunda:value id="b" name="乙"/>
  </camunda:formField><camunda:formField id="urgent" type="boolean"/><camunda:formField id="day" type="date"/>
  </camunda:formData>"""


def test_form_fields_inside_the_model_become_a_form_with_consent() -> None:
    refused = report(*with_fields(CAMUNDA_FIELDS), forms={})
    agreed = report(*with_fields(CAMUNDA_FIELDS), forms={}, normalise={"form-data-converted"})

    assert errors(refused) == ["form-data-converted"]
    assert agreed.ok
    assert agreed.models[0].forms == ("p-a",)
    form = read_form(agreed.forms["p-a"])
    assert [(c.key, c.kind.value, c.label) for c in form.walk()] == [
        ("amount", "number", "金额"),
        ("kind", "select", "类型"),
        ("urgent", "checkbox", "urgent"),
        ("day", "datetime", "day"),
    ]


def test_flowable_form_properties_become_a_form_too() -> None:
    fields = '<flowable:formProperty id="reason" name="理由" type="string" required="true"/><flowable:formProperty id="n" type="long"/>'

    found = report(*with_fields(fields), normalise=True)

    assert [c.key for c in read_form(found.forms["p-a"]).walk()] == ["reason", "n"]


@pytest.mark.parametrize(
    ("fields", "attributes"),
    [
        ('<activiti:formProperty id="values" type="json"/>', ""),
        ('<activiti:formProperty id="two words"/>', ""),
        ('<camunda:formData><camunda:formField id="a" type="long"/></camunda:formData>', 'camunda:formKey="apply"'),
        (
            '<camunda:formData><camunda:formField id="a"><camunda:validation><camunda:constraint name="validator" '
            'config="org.example.V"/></camunda:validation></camunda:formField></camunda:formData>',
            "",
        ),
    ],
)
def test_form_fields_that_cannot_be_a_form_are_dropped_with_consent(fields: str, attributes: str) -> None:
    assert errors(report(*with_fields(fields, attributes))) == ["form-data-dropped"]
    assert report(*with_fields(fields, attributes), normalise=True).ok


def test_the_starters_variable_and_form_stay_with_the_start_event() -> None:
    found = report(
        '<startEvent id="s" camunda:initiator="starter" flowable:formKey="apply"/>',
        '<endEvent id="e"/>',
        flow("s", "e"),
    )

    [start] = found.models[0].start_events
    assert (start.initiator, start.form_key) == ("starter", "apply")


# -- services ----------------------------------------------------------------------------------------------------------


def test_an_external_tasks_topic_is_the_verb() -> None:
    task = """<serviceTask id="a" camunda:type="external" camunda:topic="case.accept"><extensionElements>
      <camunda:inputOutput><camunda:inputParameter name="no">${case_no}</camunda:inputParameter></camunda:inputOutput>
      </extensionElements></serviceTask>"""

    node = named(report(*straight(task, ids="a")), "a")

    assert ours(node) == {"verb": "case.accept"}
    assert inside(node) == [("input", {"name": "no"}, "${case_no}")]


def test_a_zeebe_job_is_a_verb_with_inputs_and_headers() -> None:
    task = """<serviceTask id="a"><extensionElements><zeebe:taskDefinition type="http.request" retries="3"/>
      <zeebe:ioMapping><zeebe:input source="= url" target="url"/></zeebe:ioMapping>
      <zeebe:taskHeaders><zeebe:header key="method" value="POST"/><zeebe:header key="mark" value="= not FEEL"/>
      </zeebe:taskHeaders></extensionElements></serviceTask>"""

    node = named(report(*straight(task, ids="a")), "a")

    assert ours(node) == {"verb": "http.request"}
    assert inside(node) == [
        ("input", {"name": "url"}, "= url"),
        ("input", {"name": "method"}, "POST"),
        ("input", {"name": "mark"}, '="= not FEEL"'),
    ]


@pytest.mark.parametrize(
    "attributes",
    [
        'camunda:class="org.example.Delegate"',
        'flowable:delegateExpression="${bean}"',
        'activiti:expression="#{bean.call()}"',
        'flowable:type="mail"',
        'flowable:type="case" flowable:caseDefinitionKey="c"',
        'camunda:type="external"',
    ],
)
def test_an_implementation_in_java_or_by_the_vendor_is_refused_once_and_by_name(attributes: str) -> None:
    found = report(*straight(f'<serviceTask id="a" name="登记" {attributes}/>', ids="a"))

    assert errors(found) == ["implementation-unsupported"]
    finding = the(found, "implementation-unsupported")
    assert finding.line == 4
    assert (finding.element, finding.element_name) == ("a", "登记")
    assert attributes.split()[0].split("=")[0] in finding.zh


def test_a_connector_and_its_parameters_are_one_finding() -> None:
    task = """<serviceTask id="a"><extensionElements><camunda:connector><camunda:connectorId>http</camunda:connectorId>
      <camunda:inputOutput/></camunda:connector></extensionElements></serviceTask>"""

    assert errors(report(*straight(task, ids="a"))) == ["implementation-unsupported"]


def test_an_expression_without_effect_becomes_a_plain_task_with_consent() -> None:
    task = '<serviceTask id="a" camunda:expression="${true}"/>'

    refused, agreed = report(*straight(task, ids="a")), report(*straight(task, ids="a"), normalise=True)

    assert errors(refused) == ["expression-without-effect"]
    assert named(agreed, "a").name == "task"


def test_a_business_rule_task_is_refused_once_with_all_that_it_carries() -> None:
    task = """<businessRuleTask id="a" camunda:decisionRef="d" camunda:mapDecisionResult="singleEntry"><extensionElements>
      <camunda:inputOutput><camunda:outputParameter name="x">1</camunda:outputParameter></camunda:inputOutput>
      <zeebe:calledDecision decisionId="d" resultVariable="x"/></extensionElements></businessRuleTask>"""

    assert errors(report(*straight(task, ids="a"))) == ["element-unsupported"]


# -- calls, loops, scripts, messages -----------------------------------------------------------------------------------

CALLED = (
    '<process id="q" isExecutable="true"><startEvent id="qs"/><endEvent id="qe"/>' + flow("qs", "qe") + "</process>"
)


@pytest.mark.parametrize(
    ("mappings", "expected"),
    [
        ('<camunda:in source="a" target="b"/>', [("in", {"source": "a", "target": "b"})]),
        ('<camunda:in sourceExpression="${a + 1}" target="b"/>', [("in", {"source": "${a + 1}", "target": "b"})]),
        ('<flowable:out source="b" target="a"/>', [("out", {"source": "b", "target": "a"})]),
        ('<camunda:in variables="all"/><camunda:in businessKey="#{x}"/>', [("in", {"all": "true"})]),
    ],
)
def test_call_mappings_of_camunda_7_and_flowable_are_read(mappings: str, expected: list[object]) -> None:
    call = f'<callActivity id="c" calledElement="q"><extensionElements>{mappings}</extensionElements></callActivity>'

    found = report(*straight(call, ids="c"), beside=CALLED)

    assert [(name, attributes) for name, attributes, _ in inside(named(found, "c"))] == expected


@pytest.mark.parametrize(
    ("attributes", "mappings", "expected"),
    [
        ("", "", []),
        ('propagateAllChildVariables="false"', "", [("in", {"all": "true"})]),
        ('propagateAllParentVariables="false"', "", [("out", {"all": "true"})]),
        (
            "",
            '<zeebe:output source="= r" target="r"/>',
            [("out", {"source": "= r", "target": "r"}), ("in", {"all": "true"})],
        ),
        (
            'propagateAllParentVariables="false"',
            '<zeebe:input source="= a" target="b"/><zeebe:output source="= r" target="r"/>',
            [("in", {"source": "= a", "target": "b"}), ("out", {"source": "= r", "target": "r"})],
        ),
    ],
)
def test_zeebe_calls_carry_what_zeebe_would_carry(attributes: str, mappings: str, expected: list[object]) -> None:
    io = f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" if mappings else ""
    call = f"""<callActivity id="c"><extensionElements>{io}<zeebe:calledElement processId="q" {attributes}/>
      </extensionElements></callActivity>"""

    found = report(*straight(call, ids="c"), beside=CALLED)

    assert named(found, "c").get("calledElement") == "q"
    assert [(name, attributes) for name, attributes, _ in inside(named(found, "c"))] == expected


def test_a_call_without_mappings_in_a_camunda_7_file_says_what_is_different_here() -> None:
    found = report(*straight('<callActivity id="c" calledElement="q"/>', ids="c"), beside=CALLED)

    assert the(found, "call-shares-all").severity is Severity.INFO


def test_multi_instance_settings_of_both_camundas_are_read_alike() -> None:
    seven = '<multiInstanceLoopCharacteristics camunda:collection="${depts}" camunda:elementVariable="dept"/>'
    eight = """<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="= depts"
      inputElement="dept" outputCollection="opinions" outputElement="= opinion"/></extensionElements>
      </multiInstanceLoopCharacteristics>"""

    loops = [
        ours(loop)
        for xml in (seven, eight)
        if (
            loop := named(report(*straight(f'<userTask id="a">{xml}</userTask>', ids="a")), "a").find(
                "multiInstanceLoopCharacteristics"
            )
        )
    ]

    assert loops == [
        {"collection": "${depts}", "elementVariable": "dept"},
        {
            "collection": "= depts",
            "elementVariable": "dept",
            "outputCollection": "opinions",
            "outputElement": "= opinion",
        },
    ]


@pytest.mark.parametrize(
    "task",
    [
        '<scriptTask id="a" scriptFormat="feel" camunda:resultVariable="b"><script>= a + 1</script></scriptTask>',
        '<scriptTask id="a"><extensionElements><zeebe:script expression="= a + 1" resultVariable="b"/></extensionElements>'
        "</scriptTask>",
        '<scriptTask id="a"><script>b = a + 1</script></scriptTask>',
    ],
)
def test_scripts_become_lines_of_result_and_expression(task: str) -> None:
    script = named(report(*straight(task, ids="a")), "a").find("script")

    assert script is not None
    assert script.text == "b = a + 1"


def test_zeebe_subscriptions_give_the_message_its_correlation_key() -> None:
    message = (
        '<message id="M" name="paid"><extensionElements><zeebe:subscription correlationKey="= case_no"/></extensionElements>'
        "</message>"
    )

    found = report(*straight('<receiveTask id="a" messageRef="M"/>', ids="a"), beside=message)

    assert ours(named(found, "M")) == {"correlationKey": "= case_no"}


def test_bpmn_js_correlations_get_the_standards_element() -> None:
    prop = """<message id="M" name="paid"/><correlationProperty id="no"><correlationPropertyRetrievalExpression messageRef="M">
      <formalExpression>case_no</formalExpression></correlationPropertyRetrievalExpression></correlationProperty>"""

    root = normalised(report(*straight('<receiveTask id="a" messageRef="M"/>', ids="a"), beside=prop))

    assert [n.text for n in root.iter() if n.is_bpmn("messagePath")] == ["case_no"]


# -- what cannot be honoured, what does no harm -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extension", "what"),
    [
        ('<camunda:taskListener event="create" class="X"/>', "camunda:taskListener"),
        ('<flowable:executionListener event="start" class="X"/>', "flowable:executionListener"),
        (
            '<zeebe:taskListeners><zeebe:taskListener eventType="creating" type="x"/></zeebe:taskListeners>',
            "zeebe:taskListener",
        ),
    ],
)
def test_listeners_are_refused_by_name_at_their_own_line(extension: str, what: str) -> None:
    task = f'<userTask id="a" camunda:assignee="x">\n<extensionElements>\n{extension}</extensionElements></userTask>'

    finding = the(report(*straight(task, ids="a")), "listener-unsupported")

    assert what in finding.en
    assert (finding.line, finding.element) == (6, "a")


@pytest.mark.parametrize(
    "attribute",
    [
        'flowable:skipExpression="${x}"',
        'camunda:unheardOf="1"',
        'activiti:businessCalendarName="x"',
        'zeebe:invented="1"',
    ],
)
def test_an_engine_attribute_that_we_do_not_know_is_refused_by_name(attribute: str) -> None:
    found = report(*straight(f'<userTask id="a" camunda:assignee="x" {attribute}/>', ids="a"))

    assert errors(found) == ["vendor-behaviour-unsupported"]
    assert attribute in the(found, "vendor-behaviour-unsupported").en


def test_tuning_of_a_vendors_jobs_is_ignored_and_said_once() -> None:
    tasks = [f'<userTask id="t{n}" camunda:assignee="x" camunda:asyncBefore="true"/>' for n in range(3)]

    found = report(*straight(*tasks, ids="t0 t1 t2"))

    assert codes(found) == []
    assert "3 times" in the(found, "vendor-setting-ignored").en


def test_colours_and_modeller_data_are_dropped_without_a_word() -> None:
    beside = '<message id="m" name="m" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:fill="#fff"/>'
    properties = "<extensionElements><camunda:properties><camunda:property name='a' value='b'/></camunda:properties></extensionElements>"

    assert report(properties, *straight(), beside=beside).findings == ()


def test_a_tools_own_data_is_noted_once_for_each_namespace() -> None:
    lines = [f'<task id="t{n}" xmlns:x="urn:tool" x:cost="{n}"/>' for n in range(2)]

    found = report(*straight(*lines, ids="t0 t1"))

    assert [(f.code, f.severity) for f in found.findings] == [("vendor-data-ignored", Severity.INFO)]
    assert found.normalised is not None
    assert b"urn:tool" not in found.normalised


def test_an_extension_that_must_be_understood_is_refused() -> None:
    found = report(*straight(), beside='<extension mustUnderstand="true" definition="x:y"/>')

    assert errors(found) == ["must-understand-unsupported"]


@pytest.mark.parametrize(
    "mapping",
    [
        '<zeebe:ioMapping><zeebe:input source="= a" target="b"/></zeebe:ioMapping>',
        '<camunda:inputOutput><camunda:outputParameter name="b">${a}</camunda:outputParameter></camunda:inputOutput>',
    ],
)
def test_variable_mappings_of_tasks_are_refused(mapping: str) -> None:
    task = f'<userTask id="a" camunda:assignee="x"><extensionElements>{mapping}</extensionElements></userTask>'

    assert errors(report(*straight(task, ids="a"))) == ["mapping-unsupported"]


def test_references_with_prefixes_are_read() -> None:
    beside = '<message id="M" name="m" xmlns:tns="t"/>'
    data = [*straight('<receiveTask id="a" messageRef="tns:M" xmlns:tns="t"/>', ids="a")]

    assert report(*data, beside=beside).ok


def test_shared_event_definitions_are_put_into_their_events() -> None:
    timer = '<timerEventDefinition id="T"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    event = '<intermediateCatchEvent id="w"><eventDefinitionRef>T</eventDefinitionRef></intermediateCatchEvent>'

    found = report(*straight(event, ids="w"), beside=timer)

    assert [timer.text for timer in found.models[0].timers] == ["PT1H"]
