"""Files in which a word is misspelt, stands in the wrong place, or lets two claim the same: each is refused by element and line.

Every one of them was once read as if the word were not there, and would have run otherwise than it was drawn.
"""

import pytest

from engine.bpmn.model import FileReport
from tests.unit.bpmn.driving import Run
from tests.unit.bpmn.uploads import codes, errors, flow, report, straight, the

USER = '<userTask id="a" name="审核"/>'
MESSAGE = '<message id="M" name="paid"/>'
ON_MESSAGE = '<messageEventDefinition messageRef="M"/>'


def loop(inside: str, attributes: str = "") -> str:
    start = f"<multiInstanceLoopCharacteristics{attributes}><loopCardinality>3</loopCardinality>"
    return f'<userTask id="a">{start}{inside}</multiInstanceLoopCharacteristics></userTask>'


# -- misspelt and misplaced --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activity", "tag"),
    [
        (loop("<completionConditon>true</completionConditon>"), "completionConditon"),
        (
            '<userTask id="a"><standardLoopCharacteristics loopMaximum="3"><loopCondtion>x</loopCondtion>'
            "</standardLoopCharacteristics></userTask>",
            "loopCondtion",
        ),
        (
            '<intermediateCatchEvent id="a"><timerEventDefinition id="t"><timeDuration>PT1H</timeDuration>'
            "<timeCycel>R3/PT1H</timeCycel></timerEventDefinition></intermediateCatchEvent>",
            "timeCycel",
        ),
    ],
)
def test_a_misspelt_part_of_a_loop_or_of_an_event_is_refused_at_its_element(activity: str, tag: str) -> None:
    finding = the(report(*straight(activity, ids="a")), "element-unknown")

    assert (finding.element, finding.line) == ("a", 4)
    assert tag in finding.zh
    assert tag in finding.en


def test_a_misspelt_condition_does_not_make_its_flow_unconditional() -> None:
    wrong = '<sequenceFlow id="f" sourceRef="a" targetRef="b"><conditionExpresion>x</conditionExpresion></sequenceFlow>'

    found = report(
        '<startEvent id="start"/>', USER, '<task id="b"/><endEvent id="e"/>', flow("start", "a"), wrong, flow("b", "e")
    )

    assert the(found, "element-unknown").element == "f"


@pytest.mark.parametrize(
    ("activity", "meant"),
    [
        (loop("", ' isSequental="true"'), "isSequential"),
        (loop("", ' issequential="true"'), "isSequential"),
        (
            f'{USER}<boundaryEvent id="b" attachedToRef="a" cancelActivty="false">{ON_MESSAGE}</boundaryEvent>',
            "cancelActivity",
        ),
        ('<task id="a" isForCompensaton="true"/>', "isForCompensation"),
    ],
)
def test_a_misspelt_attribute_is_refused_with_the_word_that_was_meant(activity: str, meant: str) -> None:
    finding = the(report(*straight(activity, ids="a"), beside=MESSAGE), "attribute-misspelt")

    assert finding.element in ("a", "b")
    assert meant in finding.zh
    assert meant in finding.en


@pytest.mark.parametrize(
    ("activity", "owner"),
    [
        (
            f'{USER}<boundaryEvent id="b" attachedToRef="a" isInterrupting="false">{ON_MESSAGE}</boundaryEvent>',
            "startEvent",
        ),
        ('<userTask id="a" isSequential="true"/>', "multiInstanceLoopCharacteristics"),
        ('<userTask id="a" instantiate="true"/>', "receiveTask"),
        ('<parallelGateway id="a" default="a-end"/>', "exclusiveGateway"),
    ],
)
def test_an_attribute_on_an_element_that_does_not_have_it_is_refused(activity: str, owner: str) -> None:
    assert owner in the(report(*straight(activity, ids="a"), beside=MESSAGE), "attribute-misplaced").en


def test_a_default_written_out_where_nobody_reads_it_is_no_fault_nor_is_a_word_of_another_standard() -> None:
    task = '<userTask id="a" isForCompensation="false" startQuantity="1" isInterrupting="true" colour="red"/>'

    assert "attribute-misplaced" not in codes(report(*straight(task, ids="a")))
    assert "attribute-misspelt" not in codes(report(*straight(task, ids="a")))


# -- two claim the same ------------------------------------------------------------------------------------------------

ERROR = '<error id="X" errorCode="x"/><error id="Y" errorCode="x"/><error id="Z" errorCode="z"/>'


def boundaries(*definitions: str, cancels: str = "true") -> tuple[str, ...]:
    events = [
        f'<boundaryEvent id="b{n}" attachedToRef="a" cancelActivity="{cancels}">{definition}</boundaryEvent>{flow(f"b{n}", "end")}'
        for n, definition in enumerate(definitions)
    ]
    return (*straight('<serviceTask id="a" banjie:verb="v"/>', ids="a"), *events)


def caught(reference: str = "") -> str:
    return f'<errorEventDefinition errorRef="{reference}"/>' if reference else "<errorEventDefinition/>"


@pytest.mark.parametrize("definitions", [(caught("X"), caught("Y")), (caught(), caught()), (ON_MESSAGE, ON_MESSAGE)])
def test_two_boundary_events_of_one_activity_that_wait_for_the_same_are_refused(definitions: tuple[str, str]) -> None:
    finding = the(report(*boundaries(*definitions), beside=ERROR + MESSAGE), "catch-ambiguous")

    assert finding.element == "b1"
    assert "b0" in finding.zh


def test_catchers_of_different_codes_and_one_for_all_the_others_are_fine() -> None:
    assert "catch-ambiguous" not in codes(report(*boundaries(caught(), caught("X"), caught("Z")), beside=ERROR))


@pytest.mark.parametrize(("cancels", "refused"), [("true", True), ("false", False)])
def test_a_signal_may_have_several_catchers_unless_one_ends_the_other(cancels: str, *, refused: bool) -> None:
    on_signal = '<signalEventDefinition signalRef="S"/>'

    found = report(*boundaries(on_signal, on_signal, cancels=cancels), beside='<signal id="S" name="s"/>')

    assert ("catch-ambiguous" in errors(found)) is refused


def test_two_branches_of_an_event_based_gateway_cannot_wait_for_one_message() -> None:
    branches = [
        f'<intermediateCatchEvent id="{name}">{ON_MESSAGE}</intermediateCatchEvent>{flow("g", name)}{flow(name, "end")}'
        for name in ("c1", "c2")
    ]

    found = report(*straight('<eventBasedGateway id="g"/>', ids="g")[:3], flow("start", "g"), *branches, beside=MESSAGE)

    assert the(found, "catch-ambiguous").element == "c2"


def test_two_message_start_events_of_one_process_cannot_wait_for_one_message() -> None:
    starts = [f'<startEvent id="{name}">{ON_MESSAGE}</startEvent>{flow(name, "a")}' for name in ("s1", "s2")]

    found = report(*starts, USER, '<endEvent id="end"/>', flow("a", "end"), beside=MESSAGE)

    assert the(found, "catch-ambiguous").element == "s2"


def test_two_event_subprocesses_of_one_scope_cannot_catch_one_error() -> None:
    handlers = [
        f'<subProcess id="{name}" triggeredByEvent="true"><startEvent id="{name}s">{caught("X")}</startEvent>'
        f'<endEvent id="{name}e"/>{flow(f"{name}s", f"{name}e")}</subProcess>'
        for name in ("h1", "h2")
    ]

    assert the(report(*straight(USER, ids="a"), *handlers, beside=ERROR), "catch-ambiguous").element == "h2s"


# -- lanes and people --------------------------------------------------------------------------------------------------


def lane(name: str, *nodes: str, inside: str = "") -> str:
    listed = "".join(f"<flowNodeRef>{node}</flowNodeRef>" for node in nodes)
    return f'<lane id="L{name}" name="{name}">{listed}{inside}</lane>'


def test_a_task_of_nobody_in_two_lanes_is_refused_and_one_that_names_somebody_is_not() -> None:
    lanes = f"<laneSet>{lane('窗口', 'a')}{lane('审批', 'a')}</laneSet>"

    finding = the(report(lanes, *straight(USER, ids="a")), "lane-ambiguous")

    assert finding.element == "a"
    assert "窗口" in finding.zh
    assert "审批" in finding.zh
    named = '<userTask id="a" banjie:candidateGroups="窗口"/>'
    assert "lane-ambiguous" not in codes(report(lanes, *straight(named, ids="a")))


def test_the_innermost_lane_counts_also_for_what_a_lane_lists_of_the_inside_of_a_subprocess() -> None:
    inner = (
        '<subProcess id="s"><startEvent id="i"/><userTask id="a"/><endEvent id="j"/>'
        + flow("i", "a")
        + flow("a", "j")
        + "</subProcess>"
    )
    nested = f"<childLaneSet>{lane('二科', 'a')}</childLaneSet>"
    lanes = f"<laneSet>{lane('一科', 's')}{lane('审批处', 'a', inside=nested)}</laneSet>"

    found = report(lanes, *straight(inner, ids="s"))

    assert errors(found) == []
    assert found.normalised is not None
    assert Run(found.normalised, reload=True).task("a").lane == "二科"


def owner(kind: str, inside: str) -> str:
    expression = (
        f"<resourceAssignmentExpression><formalExpression>{inside}</formalExpression></resourceAssignmentExpression>"
    )
    return f"<{kind}>{expression}</{kind}>"


def test_every_potential_owner_of_a_task_may_do_it() -> None:
    task = f'<userTask id="a">{owner("potentialOwner", "user(li), 窗口")}{owner("potentialOwner", "法制科")}</userTask>'

    found = report(*straight(task, ids="a"))

    assert found.normalised is not None
    opened = Run(found.normalised).task("a")
    assert (opened.candidate_users, opened.candidate_groups) == (("li",), ("窗口", "法制科"))


def test_a_query_for_people_and_a_second_performer_are_refused_and_a_mere_role_is_told_to_name_nobody() -> None:
    query = '<potentialOwner><resourceRef>R</resourceRef><resourceParameterBinding parameterRef="P"/></potentialOwner>'
    two = owner("humanPerformer", "li") + owner("humanPerformer", "wang")
    for roles in (query, two):
        assert "vendor-behaviour-unsupported" in errors(
            report(*straight(f'<userTask id="a">{roles}</userTask>', ids="a"))
        )

    found = report(*straight(f'<userTask id="a">{owner("resourceRole", "li")}</userTask>', ids="a"))

    assert errors(found) == []
    assert the(found, "resource-role-ignored").element == "a"


# -- references --------------------------------------------------------------------------------------------------------

CORRELATION = (
    '<correlationProperty id="P" name="number"><correlationPropertyRetrievalExpression messageRef="M">'
    "<messagePath>no</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
    '<collaboration id="C"><participant id="pa" processRef="p"/><correlationKey id="K"><correlationPropertyRef>P'
    "</correlationPropertyRef></correlationKey></collaboration>"
)


def binding(path: str, reference: str = "P") -> str:
    inside = f'<correlationPropertyBinding correlationPropertyRef="{reference}">{path}</correlationPropertyBinding>'
    return f'<correlationSubscription id="cs" correlationKeyRef="K">{inside}</correlationSubscription>'


@pytest.mark.parametrize(
    ("subscription", "code"),
    [
        (binding("<dataPath>order no ===</dataPath>"), "expression-syntax"),
        (binding('<dataPath language="http://www.w3.org/1999/XPath">/order/no</dataPath>'), "expression-language"),
        (binding(""), "expression-empty"),
        (binding("<dataPath>mine</dataPath>", "Q"), "reference-dangling"),
        (binding("<dataPath>mine</dataPath>", "M"), "reference-wrong-kind"),
    ],
)
def test_what_a_process_expects_of_its_messages_must_be_readable(subscription: str, code: str) -> None:
    catching = f'<intermediateCatchEvent id="a">{ON_MESSAGE}</intermediateCatchEvent>'

    assert errors(report(subscription, *straight(catching, ids="a"), beside=CORRELATION + MESSAGE)) == [code]


@pytest.mark.parametrize(("old", "new"), [('messageRef="M"', 'messageRef="N"'), (">P<", ">Q<")])
def test_a_correlation_that_refers_to_nothing_is_refused_for_it_would_let_any_message_in(old: str, new: str) -> None:
    catching = f'<intermediateCatchEvent id="a">{ON_MESSAGE}</intermediateCatchEvent>'
    beside = CORRELATION.replace(old, new) + MESSAGE

    assert errors(report(*straight(catching, ids="a"), beside=beside)) == ["reference-dangling"]


def test_a_message_of_an_imported_file_is_not_taken_for_one_of_this_file_that_has_the_same_id() -> None:
    catching = '<intermediateCatchEvent id="a"><messageEventDefinition messageRef="o:M"/></intermediateCatchEvent>'
    imported = (
        '<import xmlns:o="urn:other" importType="http://www.omg.org/spec/BPMN/20100524/MODEL" namespace="urn:other"/>'
    )

    assert errors(report(*straight(catching, ids="a"), beside=imported + MESSAGE)) == ["definition-missing"]
    assert (
        errors(report(*straight(catching, ids="a"), beside=MESSAGE.replace("<message", '<message xmlns:o="t"'))) == []
    )


@pytest.mark.parametrize("text", ["2026-W49-5", "2026-W49", "2026-340"])
def test_a_week_date_is_no_subtraction(text: str) -> None:
    timer = f"<timerEventDefinition><timeDate>{text}</timeDate></timerEventDefinition>"

    assert errors(report(*straight(f'<intermediateCatchEvent id="a">{timer}</intermediateCatchEvent>', ids="a"))) == [
        "timer-invalid"
    ]


@pytest.mark.parametrize("condition", ['"yes"', "1", "null", "${a &gt; 1} and ${b}", "${a}是", "= 1 + 1"])
def test_a_condition_that_can_be_neither_true_nor_false_is_refused(condition: str) -> None:
    decision = ('<exclusiveGateway id="g" default="g-end"/>', flow("g", "a", condition), flow("g", "end"))

    found = report(*straight(USER, ids="a")[:3], *decision, flow("start", "g"), flow("a", "end"))

    assert errors(found) == ["condition-never-true"]


@pytest.mark.parametrize(
    "condition", ["true", "a", "${a}", "${a &gt; 1 and b}", "= a", "today() &gt; date(&quot;2026-01-01&quot;)"]
)
def test_a_condition_that_may_be_either_is_none_of_the_checks_concern(condition: str) -> None:
    decision = ('<exclusiveGateway id="g" default="g-end"/>', flow("g", "a", condition), flow("g", "end"))

    assert errors(report(*straight(USER, ids="a")[:3], *decision, flow("start", "g"), flow("a", "end"))) == []


def test_a_cycle_where_it_cannot_repeat_is_told() -> None:
    cycle = "<timerEventDefinition><timeCycle>R3/PT10H</timeCycle></timerEventDefinition>"
    handler = '<subProcess id="h" triggeredByEvent="true"><startEvent id="hs" isInterrupting="{}">{}</startEvent>{}</subProcess>'
    end = '<endEvent id="he"/>' + flow("hs", "he")

    catching = report(*straight(f'<intermediateCatchEvent id="a">{cycle}</intermediateCatchEvent>', ids="a"))
    once = report(*straight(USER, ids="a"), handler.format("true", cycle, end))
    again = report(*straight(USER, ids="a"), handler.format("false", cycle, end))

    assert the(catching, "timer-cycle-once").element == "a"
    assert the(once, "timer-cycle-once").element == "hs"
    assert "timer-cycle-once" not in codes(again)


def test_a_vendors_word_deep_inside_an_element_names_that_element() -> None:
    cycle = '<timerEventDefinition><timeCycle flowable:endDate="2027-01-01">R3/PT1H</timeCycle></timerEventDefinition>'

    found = report(*straight(f'<intermediateCatchEvent id="a">{cycle}</intermediateCatchEvent>', ids="a"))

    assert the(found, "vendor-behaviour-unsupported").element == "a"


# -- what a hostile file may cost --------------------------------------------------------------------------------------


def test_only_so_many_unknown_names_are_compared_with_those_of_bpmn() -> None:
    names = " ".join(f'isSequentialy{n:03}="true"' for n in range(60))
    tasks = "".join(f'<task id="t{n}" {names.replace("y0", f"{n}y")}/>' for n in range(10))

    found = report(*straight('<userTask id="a"/>' + tasks, ids="a"))

    assert 0 < codes(found).count("attribute-misspelt") <= 200


def test_a_link_of_many_targets_is_refused_without_looking_at_every_pair() -> None:
    throws = "".join(
        f'<intermediateThrowEvent id="t{n}"><linkEventDefinition name="L"/></intermediateThrowEvent>' for n in range(40)
    )
    catches = "".join(
        f'<intermediateCatchEvent id="c{n}"><linkEventDefinition name="L"/></intermediateCatchEvent>' for n in range(40)
    )

    found = report('<startEvent id="start"/>', throws, catches, flow("start", "t0"))

    assert codes(found).count("link-without-target") == 40
    assert "10" in the_first(found, "link-without-target")


def the_first(found: FileReport, code: str) -> str:
    return next(finding.en for finding in found.findings if finding.code == code)
