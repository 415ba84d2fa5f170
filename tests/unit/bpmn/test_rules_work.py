"""Rules of work: people, forms, verbs, scripts, timers, loops, calls, and the variables that expressions read."""

import pytest

from engine.bpmn.model import FileReport
from engine.bpmn.reader import check_files
from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, errors, flow, report, straight, the, upload

FORM = {
    "id": "Form_1",
    "components": [{"key": "amount"}, {"type": "group", "path": "site", "components": [{"key": "city"}]}],
}


def one(element: str, **options: object) -> FileReport:
    """A process with this one element, whose id is ``a``, on line 4."""
    beside = str(options.pop("beside", ""))
    return report(*straight(element, ids="a"), beside=beside, **options)


# -- people and forms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["userTask", "manualTask"])
def test_a_task_that_nobody_gets_is_a_warning(kind: str) -> None:
    found = one(f'<{kind} id="a" name="审批"/>')

    finding = the(found, "task-unassigned")
    assert (finding.severity, finding.line, finding.element_name) == (Severity.WARNING, 4, "审批")
    assert found.ok


@pytest.mark.parametrize("who", ["assignee", "candidateUsers", "candidateGroups"])
def test_any_assignment_is_enough(who: str) -> None:
    assert codes(one(f'<userTask id="a" banjie:{who}="x"/>')) == []


def test_a_lane_counts_as_the_group_of_its_name() -> None:
    lanes = '<laneSet id="ls"><lane id="l" name="窗口"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    lines = straight('<userTask id="a"/>', ids="a")

    assert codes(report(lanes, *lines)) == []
    assert the(report(lanes, *lines, groups={"后台"}), "lane-group-unknown").severity is Severity.INFO
    assert report(lanes, *lines, groups={"窗口"}).findings == ()


def test_a_task_inside_a_subprocess_stands_in_its_lane() -> None:
    lanes = '<laneSet id="ls"><lane id="l" name="窗口"><flowNodeRef>sub</flowNodeRef></lane></laneSet>'
    inner = '<startEvent id="s2"/><userTask id="a"/><endEvent id="e2"/>' + flow("s2", "a") + flow("a", "e2")

    found = report(lanes, *straight(f'<subProcess id="sub">{inner}</subProcess>', ids="sub"))

    assert codes(found) == []
    assert found.models[0].user_tasks[0].lane == "窗口"


def test_an_unknown_candidate_group_is_a_warning_when_the_groups_are_known() -> None:
    task = '<userTask id="a" banjie:candidateGroups="window, windwo, ${dept}"/>'

    assert codes(one(task)) == []
    found = one(task, groups={"window"})
    assert codes(found) == ["group-unknown"]
    assert "windwo" in the(found, "group-unknown").zh


@pytest.mark.parametrize("key", ["apply", "apply.form", "forms/apply.form", "Form_1"])
def test_a_form_is_known_by_its_name_or_its_id(key: str) -> None:
    task = f'<userTask id="a" banjie:assignee="x" banjie:formKey="{key}"/>'

    assert one(task, forms={"forms/apply.form": FORM}).ok
    assert errors(one(task, forms={"other.form": b"{}"})) == ["form-missing"]
    assert one(task).ok  # not known, not checked


def test_a_start_form_is_looked_up_too() -> None:
    lines = ('<startEvent id="s" banjie:formKey="missing"/><endEvent id="e"/>', flow("s", "e"))

    assert errors(report(*lines, forms={})) == ["form-missing"]


def test_a_broken_form_file_does_not_break_the_check() -> None:
    task = '<userTask id="a" banjie:assignee="x" banjie:formKey="apply"/>'

    for broken in (b"\xff", b"[", b"[]", b'{"components": 3}', b'{"components": [1, {"key": 2}]}', b"[" * 100_000):
        assert one(task, forms={"apply.form": broken}).ok


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("limit", "5 days", "limit-invalid"),
        ("limit", "5wd", ""),
        ("limit", "${days}", ""),
        ("priority", "high", "priority-invalid"),
        ("priority", "101", "priority-invalid"),
        ("priority", "100", ""),
        ("priority", "= 50 + 1", ""),
        ("outcomes", "approve:同意,reject:不同意", ""),
        ("outcomes", "同意", "outcomes-invalid"),
        ("outcomes", "approve,approve", "outcomes-invalid"),
        ("outcomes", "approve,,", "outcomes-invalid"),
        ("fields", "opinion:write,amount:read,*:hidden", ""),
        ("fields", "opinion:delete", "fields-invalid"),
        ("fields", "opinion", "fields-invalid"),
        ("candidateGroups", "${a +}", "expression-syntax"),
    ],
)
def test_settings_of_a_task_are_read_at_upload(attribute: str, value: str, code: str) -> None:
    assert errors(one(f'<userTask id="a" banjie:assignee="x" banjie:{attribute}="{value}"/>')) == (
        [code] if code else []
    )


# -- services and scripts ----------------------------------------------------------------------------------------------


def test_a_verb_must_be_registered_when_the_verbs_are_known() -> None:
    task = '<serviceTask id="a" banjie:verb="case.acept"/>'

    assert one(task).ok
    found = one(task, verbs={"case.accept", "http.request"})
    assert errors(found) == ["verb-unknown"]
    assert "case.accept" in the(found, "verb-unknown").zh


def test_a_verb_may_be_an_expression() -> None:
    assert one('<serviceTask id="a" banjie:verb="= chosen"/>', verbs={"x"}).ok


def test_a_send_task_sends_its_message_or_calls_its_verb() -> None:
    assert one('<sendTask id="a" messageRef="M"/>', beside='<message id="M" name="m"/>').ok
    assert one('<sendTask id="a" banjie:verb="http.request"/>').ok


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("<banjie:input>1</banjie:input>", "mapping-incomplete"),
        ("<banjie:inptu name='x'>1</banjie:inptu>", "banjie-element-unknown"),
        ("<banjie:in source='a' target='b'/>", "banjie-element-unknown"),
        ("<banjie:input name='x'>${a +}</banjie:input>", "expression-syntax"),
        ("<banjie:input name='x'>plain text, + no expression</banjie:input>", ""),
    ],
)
def test_inputs_of_a_service_are_read(element: str, code: str) -> None:
    task = f'<serviceTask id="a" banjie:verb="v"><extensionElements>{element}</extensionElements></serviceTask>'

    assert errors(one(task)) == ([code] if code else [])


def test_a_result_variable_is_a_name() -> None:
    assert errors(one('<serviceTask id="a" banjie:verb="v" banjie:resultVariable="a b"/>')) == ["variable-name-invalid"]


@pytest.mark.parametrize("language", ["groovy", "javascript", "python", "juel-script", "application/x-groovy"])
def test_scripts_in_other_languages_are_refused_by_name(language: str) -> None:
    found = one(f'<scriptTask id="a" scriptFormat="{language}"><script>x = 1</script></scriptTask>')

    assert errors(found) == ["script-language"]
    assert language in the(found, "script-language").zh


def test_a_script_is_parsed_at_upload() -> None:
    assert one('<scriptTask id="a"><script>x = 1\ny = x + 1</script></scriptTask>').ok
    found = one('<scriptTask id="a"><script>\n\nprint("x")</script></scriptTask>')
    assert errors(found) == ["script-syntax"]


# -- expressions -------------------------------------------------------------------------------------------------------


def condition(text: str, attributes: str = "") -> FileReport:
    lines = straight('<exclusiveGateway id="g" default="g-end"/><endEvent id="x"/>', ids="g")
    flow_x = f"""<sequenceFlow id="f" name="同意" sourceRef="g" targetRef="x">
      <conditionExpression {attributes}>{text}</conditionExpression></sequenceFlow>"""
    return report(*lines, flow_x)


@pytest.mark.parametrize(
    "text",
    [
        'outcome = "approve"',
        "${outcome == 'approve'}",
        "#{amount gt 100}",
        "= amount &gt; 100",
        "some x in votes satisfies x.ok",
    ],
)
def test_conditions_of_all_dialects_are_read(text: str) -> None:
    assert condition(text).ok


@pytest.mark.parametrize(
    "text", ["outcome ==", "${bean.call()}", "a === b", "(" * 100 + "1" + ")" * 100, "x" * 5_000 + "+"]
)
def test_a_condition_that_cannot_be_read_is_an_error_at_its_line(text: str) -> None:
    found = condition(text)

    finding = the(found, "expression-syntax")
    assert (finding.line, finding.element, finding.element_name) == (9, "f", "同意")
    assert len(finding.zh) < 500


def test_a_condition_in_another_language_is_refused_by_name() -> None:
    found = condition("a &gt; 1", 'language="http://www.w3.org/1999/XPath"')

    assert errors(found) == ["expression-language"]


@pytest.mark.parametrize("language", ["feel", "juel", "https://www.omg.org/spec/DMN/20191111/FEEL/"])
def test_our_own_languages_may_be_named(language: str) -> None:
    assert condition("a &gt; 1", f'language="{language}"').ok


def test_more_expression_text_than_can_be_checked_is_refused() -> None:
    script = "\n".join(f"x{n} = {n}" for n in range(12_000))

    assert errors(one(f'<scriptTask id="a"><script>{script}</script></scriptTask>')) == ["expressions-too-long"]


# -- timers ------------------------------------------------------------------------------------------------------------


def timer(inside: str, kind: str = "intermediateCatchEvent") -> FileReport:
    return one(f'<{kind} id="a"><timerEventDefinition>{inside}</timerEventDefinition></{kind}>')


@pytest.mark.parametrize(
    "inside",
    [
        "<timeDuration>PT1H</timeDuration>",
        "<timeDuration>P1Y2M3DT4H5M6S</timeDuration>",
        "<timeDate>2026-12-01</timeDate>",
        "<timeCycle>R3/P1D</timeCycle>",
        '<timeDuration>"PT1H"</timeDuration>',
        '<timeDuration>= duration("P1D")</timeDuration>',
        "<timeDuration>${waiting}</timeDuration>",
        "<timeDate>wd(5)</timeDate>",
        "<timeDuration>P100Y</timeDuration>",
    ],
)
def test_times_that_run_are_accepted(inside: str) -> None:
    assert errors(timer(inside)) == []


@pytest.mark.parametrize(
    "inside",
    [
        "<timeDuration>P101Y</timeDuration>",
        "<timeDuration>P999999999Y</timeDuration>",
        '<timeDuration>"P101Y"</timeDuration>',
        "<timeCycle>R9999999/PT1H</timeCycle>",
        "<timeCycle>R3/PT0S</timeCycle>",
        "<timeCycle>R3/PT59S</timeCycle>",
        "<timeCycle>0 0 9 * * ?</timeCycle>",
        "<timeDate>2026-13-45</timeDate>",
        '<timeDuration>"next week"</timeDuration>',
    ],
)
def test_times_out_of_bounds_are_refused_at_upload(inside: str) -> None:
    assert errors(timer(inside)) == ["timer-invalid"]


def test_a_timer_has_exactly_one_time() -> None:
    assert errors(timer("")) == ["timer-missing"]
    assert errors(timer("<timeDuration> </timeDuration>")) == ["timer-missing"]
    both = "<timeDuration>PT1H</timeDuration><timeCycle>R3/PT1H</timeCycle>"
    assert errors(timer(both)) == ["timer-ambiguous"]


def test_a_timer_expression_that_cannot_be_read_says_so() -> None:
    assert errors(timer("<timeDuration>${a +}</timeDuration>")) == ["expression-syntax"]


def test_a_cycle_on_an_interrupting_boundary_event_happens_once() -> None:
    boundary = """<task id="a"/><boundaryEvent id="b" attachedToRef="a"><timerEventDefinition><timeCycle>R3/P1D</timeCycle>
      </timerEventDefinition></boundaryEvent><endEvent id="x"/>"""

    assert codes(report(*straight(boundary, ids="a"), flow("b", "x"))) == ["timer-cycle-interrupts"]


# -- loops -------------------------------------------------------------------------------------------------------------


def multi(inside: str, attributes: str = "") -> FileReport:
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
    return one(f'<task id="a">{loop}</task>')


@pytest.mark.parametrize(
    ("inside", "attributes", "code"),
    [
        ("<loopCardinality>3</loopCardinality>", "", ""),
        ("<loopCardinality>${n}</loopCardinality>", "", ""),
        ("<loopCardinality>= count(depts)</loopCardinality>", "", ""),
        ("<loopDataInputRef>depts</loopDataInputRef>", "", ""),
        ("", 'banjie:collection="= depts" banjie:elementVariable="dept"', ""),
        ("", "", "loop-without-bounds"),
        ("<loopCardinality>3</loopCardinality>", 'banjie:collection="depts"', "loop-ambiguous"),
        ("<loopCardinality>1001</loopCardinality>", "", "loop-count-invalid"),
        ("<loopCardinality>0</loopCardinality>", "", "loop-count-invalid"),
        ("<loopCardinality>-1</loopCardinality>", "", "loop-count-invalid"),
        ("<loopCardinality>2.5</loopCardinality>", "", "loop-count-invalid"),
        ("<loopCardinality>${1000000}</loopCardinality>", "", "loop-count-invalid"),
        ("<loopCardinality> </loopCardinality>", "", "expression-empty"),
        (
            "<loopCardinality>3</loopCardinality><completionCondition>n &gt;</completionCondition>",
            "",
            "expression-syntax",
        ),
    ],
)
def test_multi_instance_bounds(inside: str, attributes: str, code: str) -> None:
    assert errors(multi(inside, attributes)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("data", "variable"),
    [
        ('<dataObject id="ref" name="depts"/>', "depts"),
        (
            '<dataObject id="o" name="depts"/><dataObjectReference id="ref" name="涉及部门 列表" dataObjectRef="o"/>',
            "depts",
        ),
        ('<dataObject id="o_1"/><dataObjectReference id="ref" name="two words" dataObjectRef="o_1"/>', "o_1"),
        ("", "ref"),
    ],
)
def test_a_collection_by_reference_is_the_variable_of_that_name(data: str, variable: str) -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>ref</loopDataInputRef></multiInstanceLoopCharacteristics>"
    )

    found = report(data, *straight(f'<task id="a">{loop}</task>', ids="a"))

    written = (found.normalised or b"").decode()
    assert f'collection="{variable}"' in written or f"<bpmn:loopDataInputRef>{variable}<" in written


def test_a_collection_by_reference_to_nothing_that_can_be_a_variable_is_an_error() -> None:
    data = '<dataObject id="r-1" name="two words"/>'

    found = report(
        data,
        *straight(
            '<task id="a"><multiInstanceLoopCharacteristics><loopDataInputRef>r-1</loopDataInputRef>'
            "</multiInstanceLoopCharacteristics></task>",
            ids="a",
        ),
    )

    assert errors(found)[0] == "loop-data-unresolved"


def test_output_collection_and_element_go_together() -> None:
    assert codes(multi("", 'banjie:collection="x" banjie:outputCollection="y"')) == ["loop-output-incomplete"]


@pytest.mark.parametrize(
    ("loop", "code"),
    [
        ('<standardLoopCharacteristics loopMaximum="3"/>', ""),
        ("<standardLoopCharacteristics><loopCondition>again</loopCondition></standardLoopCharacteristics>", ""),
        ("<standardLoopCharacteristics/>", "loop-endless"),
        ('<standardLoopCharacteristics loopMaximum=""/>', "loop-endless"),
        ('<standardLoopCharacteristics loopMaximum="many"/>', "loop-count-invalid"),
        ('<standardLoopCharacteristics loopMaximum="5000"/>', "loop-count-invalid"),
        (
            '<standardLoopCharacteristics loopMaximum="3"/><multiInstanceLoopCharacteristics/>',
            "loop-both",
        ),
    ],
)
def test_standard_loops(loop: str, code: str) -> None:
    assert errors(one(f'<task id="a">{loop}</task>')) == ([code] if code else [])


# -- calls -------------------------------------------------------------------------------------------------------------


def call(target: str, id: str = "a") -> str:
    return f'<callActivity id="{id}" calledElement="{target}"/>'


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ('<callActivity id="a"/>', "call-without-target"),
        (call("${chosen}"), "call-target-dynamic"),
        (call("= chosen"), "call-target-dynamic"),
        (call("nowhere"), "call-target-missing"),
        (call("paper"), "call-target-not-executable"),
        (call("late"), "call-target-without-start"),
        (call("p"), "call-cycle"),
        (call("deployed"), ""),
    ],
)
def test_what_a_call_activity_calls(element: str, code: str) -> None:
    late = """<process id="late" isExecutable="true"><startEvent id="ls"><messageEventDefinition messageRef="M"/></startEvent>
      <endEvent id="le"/><sequenceFlow id="lf" sourceRef="ls" targetRef="le"/></process><message id="M" name="m"/>"""

    found = one(element, beside=f'<process id="paper"/>{late}', known_processes={"deployed"})

    assert errors(found) == ([code] if code else [])


def chained(count: int) -> dict[str, bytes]:
    """Files p0 -> p1 -> ... that call each other in a row."""
    files = {f"{n}.bpmn": upload(*straight(call(f"p{n + 1}"), ids="a"), key=f"p{n}") for n in range(count)}
    return {**files, "last.bpmn": upload(*straight(), key=f"p{count}")}


def test_processes_of_several_files_call_each_other() -> None:
    assert check_files(chained(12)).ok


def test_a_chain_of_calls_that_is_too_deep_is_named_where_it_begins() -> None:
    found = check_files(chained(13))

    assert [(f.file, f.code) for f in found.findings if f.severity is Severity.ERROR] == [("0.bpmn", "call-too-deep")]


def test_a_circle_of_calls_over_files_is_named_once() -> None:
    files = {
        "a.bpmn": upload(*straight(call("q"), ids="a")),
        "b.bpmn": upload(*straight(call("p"), ids="a"), key="q"),
    }

    found = check_files(files)

    [finding] = [f for f in found.findings if f.severity is Severity.ERROR]
    assert (finding.code, "p → q → p" in finding.zh) == ("call-cycle", True)


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ("<banjie:in source='a' target='b'/>", ""),
        ("<banjie:in all='true'/>", ""),
        ("<banjie:in source='a'/>", "mapping-incomplete"),
        ("<banjie:out target='b'/>", "mapping-incomplete"),
        ("<banjie:out source='a' target='b c'/>", "variable-name-invalid"),
        ("<banjie:in source='a +' target='b'/>", "expression-syntax"),
    ],
)
def test_call_mappings_are_read(mapping: str, code: str) -> None:
    element = f'<callActivity id="a" calledElement="q"><extensionElements>{mapping}</extensionElements></callActivity>'

    assert errors(one(element, known_processes={"q"})) == ([code] if code else [])


# -- variables ---------------------------------------------------------------------------------------------------------


def undeclared(found: FileReport) -> list[str]:
    return [f.en.split("“")[2].split("”")[0] for f in found.findings if f.code == "name-undeclared"]


def test_names_that_nothing_sets_are_listed_once_each() -> None:
    script = "x = amount + 1\ny = x + amount + other"
    found = one(f'<scriptTask id="a"><script>{script}</script></scriptTask>')

    assert undeclared(found) == ["amount", "other"]
    assert {f.severity for f in found.findings} == {Severity.INFO}


def test_what_the_model_sets_is_declared() -> None:
    lines = straight(
        '<dataObject id="o" name="budget"/><property id="stage"/>',
        '<userTask id="u" banjie:assignee="= initiator" banjie:formKey="apply"/>',
        '<serviceTask id="v" banjie:verb="v" banjie:resultVariable="answer"/>',
        """<userTask id="m" banjie:assignee="${dept}"><multiInstanceLoopCharacteristics banjie:collection="= answer"
          banjie:elementVariable="dept" banjie:outputCollection="opinions" banjie:outputElement="= opinion">
          <completionCondition>nrOfCompletedInstances &gt; 1 and loopCounter &gt; 0</completionCondition>
          </multiInstanceLoopCharacteristics></userTask>""",
        "<scriptTask id='a'><script>x = amount + site.city + budget + stage + count(opinions)</script></scriptTask>",
        ids="u v m a",
    )

    assert undeclared(report(*lines, forms={"apply.form": FORM})) == []
    assert undeclared(report(*lines)) == ["amount", "site"]


def test_a_name_that_looks_like_a_known_one_is_a_warning() -> None:
    found = one("<scriptTask id='a'><script>amount = 1\nx = amuont + 1</script></scriptTask>")

    finding = the(found, "name-misspelt")
    assert codes(one("<scriptTask id='a'><script>amount1 = 1\nx = amount2 + 1</script></scriptTask>")) == []
    assert finding.severity is Severity.WARNING
    assert "amount" in finding.zh
    assert "amuont" in finding.zh


def test_names_travel_over_calls() -> None:
    caller = upload(*straight("<scriptTask id='s'><script>amount = 1</script></scriptTask>", call("q"), ids="s a"))
    reader = upload(*straight("<scriptTask id='a'><script>x = amount</script></scriptTask>", ids="a"), key="q")

    assert [undeclared(file) for file in check_files({"a": caller, "b": reader}).files] == [[], []]


def test_a_verb_declares_what_it_brings_back_and_a_task_its_outcome() -> None:
    lines = straight(
        '<serviceTask id="v" banjie:verb="case.accept"/><userTask id="review" banjie:assignee="x"/>',
        "<scriptTask id='a'><script>x = notice_due\ny = outcome + review_outcome + comment + case_no</script></scriptTask>",
        ids="v review a",
    )

    assert undeclared(report(*lines, verbs={"case.accept": ("notice_due",)})) == []
    assert undeclared(report(*lines, verbs={"case.accept"})) == ["notice_due"]


@pytest.mark.parametrize(
    ("name", "other", "misspelt"),
    [
        ("amuont", "amount", True),
        ("amoun", "amount", True),
        ("amounts", "amount", True),
        ("amaunt", "amount", True),
        ("amount2", "amount1", False),
        ("correction_due", "correction_text", False),
        ("ab", "ac", False),
    ],
)
def test_only_one_slip_makes_a_misspelling(name: str, other: str, misspelt: bool) -> None:
    found = one(f"<scriptTask id='a'><script>{other} = 1\nx = {name} + 1</script></scriptTask>")

    assert ("name-misspelt" in codes(found)) is misspelt


# -- our own words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ('<userTask id="a" banjie:assignee="x" banjie:remark="y"/>', ""),
        ('<userTask id="a" banjie:asignee="x" banjie:candidateUsers="y"/>', "banjie-attribute-misspelt"),
        ('<serviceTask id="a" banjie:verb="v" banjie:timeout="5"/>', ""),
        ('<serviceTask id="a" banjie:verb="v" banjie:resultVariabel="x"/>', "banjie-attribute-misspelt"),
        ('<task id="a" banjie:assignee="x"/>', "banjie-attribute-ignored"),
        (
            '<task id="a"><multiInstanceLoopCharacteristics banjie:collection="c" banjie:elementVar="x"/></task>',
            "banjie-attribute-ignored",
        ),
    ],
)
def test_our_own_attributes_are_checked_where_they_stand(element: str, code: str) -> None:
    assert codes(one(element)) == ([code] if code else [])


def test_starters_of_camunda_7_do_not_restrict_anybody_and_that_is_said() -> None:
    data = upload(*straight()).replace(b'<process id="p"', b'<process id="p" camunda:candidateStarterGroups="window"')

    found = check_files({"a": data}).files[0]

    assert codes(found) == ["starters-not-restricted"]
