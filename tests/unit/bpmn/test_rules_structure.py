"""Rules of ids, references, shape and movement: one finding for each fault, on the element where the designer must act."""

from itertools import pairwise

import pytest

from engine.bpmn.reader import check_files
from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, errors, flow, report, straight, the, upload

GATES = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway", "event": "eventBasedGateway"}


def gate(kind: str, id: str, **attributes: str) -> str:
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{GATES[kind]} id="{id}"{extra}/>'


def catch(
    id: str, definition: str = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
) -> str:
    return f'<intermediateCatchEvent id="{id}">{definition}</intermediateCatchEvent>'


def chain(*ids: str) -> list[str]:
    return [flow(a, b) for a, b in pairwise(ids)]


# -- files and processes -----------------------------------------------------------------------------------------------


def test_a_plain_process_has_nothing_to_complain_about() -> None:
    assert report(*straight('<task id="a" name="受理"/>', ids="a")).findings == ()


def test_a_file_without_process_is_refused() -> None:
    data = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><collaboration id="c"/></definitions>'

    assert errors(check_files({"a": data}).files[0]) == ["no-process"]


def test_an_empty_process_is_refused_once() -> None:
    assert errors(report(executable="true")) == ["process-empty"]
    assert errors(report(executable=None)) == ["process-empty"]


def test_more_than_2000_nodes_or_6000_flows_are_refused_without_a_closer_look() -> None:
    nodes = straight(*[f'<task id="t{n}"/>' for n in range(2_000)], ids=" ".join(f"t{n}" for n in range(2_000)))
    flows = straight(gate("xor", "g"), *[flow("g", "end", id=f"f{n}") for n in range(6_000)], ids="g")

    assert errors(report(*nodes)) == ["process-too-large"]
    assert errors(report(*flows)) == ["process-too-large"]


def test_more_than_200_processes_are_refused() -> None:
    beside = "".join(f'<process id="q{n}"/>' for n in range(200))

    assert errors(report(*straight(), beside=beside)) == ["too-many-processes"]


def test_findings_of_one_kind_are_counted_when_they_are_too_many() -> None:
    found = report(*straight(*[f'<task id="t{n}"/>' for n in range(600)]))

    assert errors(found) == ["unreachable"] * 500
    assert "100 more findings of unreachable" in the(found, "more-findings").en


@pytest.mark.parametrize("kind", ["choreography", "globalUserTask"])
def test_what_is_not_run_beside_the_process_is_a_warning(kind: str) -> None:
    found = report(*straight(), beside=f'<{kind} id="x"/>')

    assert codes(found) == ["not-executed"]
    assert found.ok


# -- ids and references ------------------------------------------------------------------------------------------------


def test_an_id_that_is_missing_or_doubled_is_named_with_its_line() -> None:
    found = report(*straight('<task id="a"/>', '<task id="a"/>', "<task/>", ids="a"))

    assert [(f.code, f.line, f.element) for f in found.findings if f.code.startswith("id-")] == [
        ("id-duplicate", 5, "a"),
        ("id-missing", 6, ""),
    ]
    assert "第4行" in the(found, "id-duplicate").zh


def test_processes_and_subprocesses_of_all_files_share_one_space_of_ids() -> None:
    inner = '<subProcess id="p"><startEvent id="s2"/><endEvent id="e2"/>' + flow("s2", "e2") + "</subProcess>"
    first, second = upload(*straight()), upload(*straight(inner, ids="p"), key="q")

    found = check_files({"a.bpmn": first, "b.bpmn": second})

    assert [(f.file, f.code, f.line) for f in found.findings] == [("b.bpmn", "id-duplicate-across-files", 4)]


def test_tasks_of_different_files_may_have_the_same_id() -> None:
    files = {"a.bpmn": upload(*straight()), "b.bpmn": upload(*straight(), key="q")}

    assert check_files(files).ok


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('<sequenceFlow id="x" sourceRef="a" targetRef="nowhere"/>', "reference-dangling"),
        ('<sequenceFlow id="x" sourceRef="nowhere" targetRef="a"/>', "reference-dangling"),
        ('<sequenceFlow id="x" sourceRef="a"/>', "reference-empty"),
        ('<sequenceFlow id="x" sourceRef="a" targetRef="start-a"/>', "reference-wrong-kind"),
        ('<sequenceFlow id="x" sourceRef="a" targetRef="other"/>', "flow-crosses-scope"),
        (
            '<boundaryEvent id="x" attachedToRef="nowhere"><errorEventDefinition/></boundaryEvent>',
            "reference-dangling",
        ),
        ('<boundaryEvent id="x"><errorEventDefinition/></boundaryEvent>', "reference-empty"),
    ],
)
def test_a_reference_that_leads_nowhere_is_one_finding_without_consequences(line: str, code: str) -> None:
    beside = '<process id="q"><task id="other"/></process>'
    found = report(*straight('<task id="a"/>', ids="a"), line, beside=beside)

    assert errors(found) == [code]
    assert (the(found, code).line, the(found, code).element) == (8, "x")


def test_a_message_reference_to_something_else_is_named() -> None:
    found = report(*straight('<receiveTask id="a" messageRef="start"/>', ids="a"))

    assert errors(found) == ["reference-wrong-kind"]


def test_a_lane_that_lists_unknown_nodes_is_a_warning() -> None:
    lanes = '<laneSet id="ls"><lane id="l" name="窗口"><flowNodeRef>start</flowNodeRef><flowNodeRef>x</flowNodeRef></lane></laneSet>'

    found = report(lanes, *straight())

    assert codes(found) == ["lane-reference-dangling"]
    assert found.models[0].lanes == ("窗口",)


# -- starts, ends, boundary events -------------------------------------------------------------------------------------


def test_two_none_start_events_are_ambiguous() -> None:
    assert errors(report('<startEvent id="s2"/>', *straight(), flow("s2", "end"))) == ["start-ambiguous"]


def test_start_events_with_different_triggers_are_alternatives() -> None:
    timer = '<startEvent id="s2"><timerEventDefinition><timeCycle>R/P1D</timeCycle></timerEventDefinition></startEvent>'

    assert report(timer, *straight(), flow("s2", "end")).ok


def test_a_subprocess_begins_without_trigger() -> None:
    inner = '<startEvent id="s2"><signalEventDefinition signalRef="S"/></startEvent><endEvent id="e2"/>' + flow(
        "s2", "e2"
    )

    found = report(*straight(f'<subProcess id="a">{inner}</subProcess>', ids="a"), beside='<signal id="S" name="S"/>')

    assert errors(found) == ["subprocess-start-trigger"]


def test_flows_into_starts_and_boundary_events_and_out_of_ends_are_refused() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent><endEvent id="x"/>'
    lines = straight('<task id="a"/>', boundary, ids="a")

    assert errors(report(*lines, flow("b", "x"), flow("x", "start"))) == ["start-has-incoming", "end-has-outgoing"]
    assert errors(report(*lines, flow("b", "x"), flow("start", "b"))) == ["boundary-has-incoming"]


def test_a_boundary_event_belongs_on_an_activity() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="g"><errorEventDefinition/></boundaryEvent><endEvent id="x"/>'

    found = report(*straight(gate("xor", "g"), boundary, ids="g"), flow("b", "x"))

    assert errors(found) == ["boundary-on-wrong-host"]


def test_an_error_always_interrupts() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="a" cancelActivity="false"><errorEventDefinition/></boundaryEvent>'

    found = report(*straight('<task id="a"/>', boundary, '<endEvent id="x"/>', ids="a"), flow("b", "x"))

    assert errors(found) == ["boundary-must-interrupt"]


# -- gateways ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xor", "or"])
def test_each_flow_without_condition_that_is_not_the_default_is_named(kind: str) -> None:
    lines = (*straight(gate(kind, "g", default="g-end"), '<task id="x"/><task id="y"/>', ids="g"),)
    found = report(*lines, flow("g", "x"), flow("g", "y", "a &gt; 1"), *chain("x", "end"), *chain("y", "end"))

    assert errors(found) == ["flow-without-condition"]
    assert the(found, "flow-without-condition").element == "g-x"


def test_a_gateway_without_default_is_worth_a_note() -> None:
    lines = (
        *straight(gate("xor", "g"), '<endEvent id="x"/>'),
        flow("start", "g"),
        flow("g", "end", "a"),
        flow("g", "x", "b"),
    )

    found = report(*[line for line in lines if "start-end" not in line])

    assert found.ok
    assert the(found, "no-default-flow").severity is Severity.INFO


def test_a_single_flow_needs_no_condition() -> None:
    assert report(*straight(gate("xor", "g"), ids="g")).findings == ()


def test_a_default_flow_leaves_its_gateway_and_has_no_condition() -> None:
    base = ('<startEvent id="s"/><endEvent id="e"/><endEvent id="f"/>', flow("s", "g"), flow("g", "f", "b"))

    assert errors(report(gate("xor", "g", default="s-g"), *base, flow("g", "e", "a"))) == ["default-not-outgoing"]
    assert codes(report(gate("xor", "g", default="g-e"), *base, flow("g", "e", "a"))) == ["default-has-condition"]


@pytest.mark.parametrize("kind", ["and", "event"])
def test_conditions_where_they_have_no_effect_are_a_warning(kind: str) -> None:
    lines = (
        '<startEvent id="s"/><endEvent id="e"/>',
        gate(kind, "g"),
        catch("w"),
        catch("v"),
        *chain("s", "g"),
        flow("g", "w", "a"),
        flow("g", "v"),
        *chain("w", "e"),
        *chain("v", "e"),
    )

    assert codes(report(*lines)) == ["condition-ignored"]


def test_an_event_gateway_is_followed_by_events_of_its_own() -> None:
    lines = (
        '<startEvent id="s"/><endEvent id="e"/><task id="a"/>',
        gate("event", "g"),
        catch("w"),
        gate("and", "split"),
        *chain("s", "split", "g"),
        flow("split", "w"),
        flow("g", "w"),
        flow("g", "a"),
        *chain("w", "e"),
        *chain("a", "e"),
    )

    found = report(*lines)

    assert errors(found) == ["event-gateway-target", "event-gateway-target-shared"]
    assert the(found, "event-gateway-target").element == "a"


def test_two_timers_behind_one_event_gateway_are_fine() -> None:
    lines = (*straight(gate("event", "g"), catch("w"), catch("v")), flow("g", "w"), flow("g", "v"))
    lines = (*[x for x in lines if "start-end" not in x], flow("start", "g"), flow("w", "end"), flow("v", "end"))

    assert report(*lines).findings == ()


# -- movement ----------------------------------------------------------------------------------------------------------


def test_the_head_of_an_unreachable_part_is_named_once() -> None:
    found = report(*straight('<task id="x"/><task id="y"/><task id="z"/>'), *chain("x", "y", "z", "end"))

    assert errors(found) == ["unreachable"]
    finding = the(found, "unreachable")
    assert (finding.element, "2 behind it" in finding.en) == ("x", True)


def test_an_unreachable_ring_is_named_once() -> None:
    found = report(*straight('<task id="x"/><task id="y"/>'), *chain("x", "y", "x"))

    assert errors(found) == ["unreachable"]


def test_what_a_boundary_event_leads_to_is_reachable() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent><task id="x"/>'

    assert report(*straight('<task id="a"/>', boundary, ids="a"), *chain("b", "x", "end")).ok


def test_a_ring_that_nothing_leaves_is_an_error() -> None:
    found = report(
        *straight('<task id="a" name="甲"/><scriptTask id="b"><script>x = 1</script></scriptTask>'),
        *chain("start", "a", "b", "a"),
    )

    assert errors(found) == ["cycle-without-exit"]
    assert "甲 → b" in the(found, "cycle-without-exit").zh


def test_a_ring_with_a_decision_is_fine() -> None:
    lines = straight('<task id="a"/>', gate("xor", "g", default="g-end"), ids="a g")

    assert report(*lines, flow("g", "a", "again")).ok


def test_a_ring_with_a_decision_inside_and_an_endless_one_within_is_an_error() -> None:
    lines = (
        *straight('<task id="a"/>', gate("and", "split"), gate("xor", "g", default="g-end"), ids="a split g"),
        flow("split", "a"),
        flow("g", "a", "again"),
    )

    assert errors(report(*lines)) == ["cycle-without-exit"]


def test_a_ring_by_way_of_a_failure_is_left_when_nothing_fails() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent>'
    mend = '<userTask id="mend" banjie:assignee="x"/>'
    lines = (*straight('<task id="a"/>', boundary, mend, ids="a"), *chain("b", "mend", "a"))

    assert codes(report(*lines)) == []


def test_a_ring_that_one_stays_in_with_and_without_a_failure_is_told() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent>'
    mend = '<userTask id="mend" banjie:assignee="x"/>'
    lines = (*straight('<task id="a"/>', boundary, mend), *chain("start", "a", "mend", "a"), *chain("b", "mend"))

    assert "cycle-without-exit" in codes(report(*lines))


def test_a_ring_that_waits_is_a_warning_unless_something_can_end_it() -> None:
    ring = (
        *straight('<userTask id="a" banjie:assignee="x"/>', gate("and", "split"), ids="split"),
        *chain("split", "a", "a"),
    )
    boundary = '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent><endEvent id="x"/>'

    assert codes(report(*ring)) == ["implicit-split", "cycle-without-exit"] or codes(report(*ring)) == [
        "cycle-without-exit"
    ]
    assert codes(report(*ring, boundary, flow("b", "x"))) == []


def test_a_join_behind_an_exclusive_choice_never_completes() -> None:
    lines = (
        '<startEvent id="s"/><endEvent id="e"/><task id="a"/><task id="b"/>',
        gate("xor", "g", default="g-b"),
        gate("and", "j"),
        *chain("s", "g"),
        flow("g", "a", "x"),
        flow("g", "b"),
        *chain("a", "j", "e"),
        *chain("b", "j"),
    )

    found = report(*lines)

    assert codes(found) == ["join-never-complete"]
    assert the(found, "join-never-complete").element == "j"


def test_a_join_behind_a_parallel_split_is_fine_also_with_choices_inside() -> None:
    lines = (
        '<startEvent id="s"/><endEvent id="e"/><task id="a"/><task id="b"/><task id="c"/>',
        gate("and", "split"),
        gate("xor", "g", default="g-b"),
        gate("xor", "m"),
        gate("and", "j"),
        *chain("s", "split", "a", "j", "e"),
        *chain("split", "g"),
        flow("g", "b"),
        flow("g", "c", "x"),
        *chain("b", "m", "j"),
        *chain("c", "m"),
    )

    assert codes(report(*lines)) == []


# -- what the engine does not run --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "what"),
    [
        ('<complexGateway id="a"/>', "complex gateway"),
        (
            '<transaction id="a"><startEvent id="s2"/><endEvent id="e2"/><sequenceFlow id="f2" sourceRef="s2" targetRef="e2"/></transaction>',
            "transaction",
        ),
        ('<task id="a" isForCompensation="true"/>', "compensation"),
        ('<receiveTask id="a" instantiate="true" messageRef="M"/>', "instantiating"),
        ('<eventBasedGateway id="a" eventGatewayType="Parallel"/>', "parallel event-based"),
        ('<intermediateThrowEvent id="a"><compensateEventDefinition/></intermediateThrowEvent>', "compensation"),
        (
            '<intermediateCatchEvent id="a"><conditionalEventDefinition><condition>true</condition></conditionalEventDefinition></intermediateCatchEvent>',
            "conditional",
        ),
    ],
)
def test_what_does_not_run_is_refused_by_name(element: str, what: str) -> None:
    found = report(*straight(element, ids="a"), beside='<message id="M" name="M"/>')

    [finding] = [f for f in found.findings if f.code == "element-unsupported"]
    assert what in finding.en
    assert (finding.line, finding.element) == (4, "a")


@pytest.mark.parametrize(
    "line",
    ["<usrTask id='x'/>", "<task id='x'><usrTask/></task>", "<callChoreography id='x'/>"],
)
def test_elements_that_bpmn_does_not_know_are_errors(line: str) -> None:
    assert "element-unknown" in errors(report(*straight(line)))


@pytest.mark.parametrize(("attribute", "value"), [("startQuantity", "2"), ("completionQuantity", "0")])
def test_attributes_that_would_change_tokens_are_refused(attribute: str, value: str) -> None:
    found = report(*straight(f'<task id="a" {attribute}="{value}"/>', ids="a"))

    assert errors(found) == ["attribute-unsupported"]


def test_multi_instance_events_other_than_all_are_refused() -> None:
    loop = '<multiInstanceLoopCharacteristics behavior="One"><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>'

    assert errors(report(*straight(f'<task id="a">{loop}</task>', ids="a"))) == ["attribute-unsupported"]
