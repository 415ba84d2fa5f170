"""Repairs are listed, made only with consent, and never guess what decides a case."""

import pytest

from engine.bpmn.model import FileReport
from engine.bpmn.reader import check_files
from engine.bpmn.xml import Node, parse
from tests.unit.bpmn.uploads import codes, errors, flow, report, straight, the, upload


def tree(found: FileReport) -> Node:
    """The normalised tree."""
    assert found.normalised is not None, [f.en for f in found.findings]
    return parse(found.normalised).root


def kinds(found: FileReport) -> list[str]:
    """The BPMN elements of the (one) process, in order."""
    process = tree(found).find("process")
    assert process is not None
    return [child.name for child in process.children if child.name != "sequenceFlow"]


def links(found: FileReport) -> set[tuple[str | None, str | None]]:
    """All sequence flows as pairs of ids."""
    return {(n.get("sourceRef"), n.get("targetRef")) for n in tree(found).iter() if n.name == "sequenceFlow"}


NO_START = ('<task id="a" name="受理"/>', '<endEvent id="e"/>', flow("a", "e"))
NO_END = ('<startEvent id="s"/>', '<task id="a" name="受理"/>', flow("s", "a"))
SPLIT = (
    '<startEvent id="s"/>',
    '<task id="a"/>',
    '<endEvent id="e"/>',
    '<endEvent id="f"/>',
    flow("s", "a"),
    flow("a", "e"),
    flow("a", "f"),
)
BARE_TIMER = (
    '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition/></intermediateCatchEvent><endEvent id="e"/>',
    flow("s", "w"),
    flow("w", "e"),
)


def test_without_consent_a_change_is_listed_and_the_file_stays_as_it_is() -> None:
    found = report(*NO_START)

    assert errors(found) == ["implicit-start"]
    assert [(c.code, c.applied, c.line) for c in found.changes] == [("implicit-start", False, 2)]
    assert found.normalised is None
    assert "可以自动修正" in the(found, "implicit-start").zh


def test_with_consent_it_is_made_and_is_no_finding_any_more() -> None:
    found = report(*NO_START, normalise=True)

    assert found.ok
    assert codes(found) == []
    assert [(c.code, c.applied) for c in found.changes] == [("implicit-start", True)]
    assert kinds(found) == ["task", "endEvent", "startEvent"]
    assert ("added-startEvent-1", "a") in links(found)


def test_consent_may_be_given_for_single_changes() -> None:
    found = report(*NO_START, executable=None, normalise={"implicit-start"})

    assert errors(found) == ["executable-missing"]
    assert {c.code: c.applied for c in found.changes} == {"executable-missing": False, "implicit-start": True}


@pytest.mark.parametrize(("written", "code"), [(None, "executable-missing"), ("false", "executable-false")])
def test_a_file_without_executable_process_can_be_made_one(written: str | None, code: str) -> None:
    assert errors(report(*straight(), executable=written)) == [code]
    assert report(*straight(), executable=written, normalise=True).models[0].key == "p"


def test_a_partner_process_beside_an_executable_one_stays_documentation() -> None:
    partner = '<process id="q"><task id="x"/></process>'

    found = report(*straight(), beside=partner, normalise=True)

    assert found.ok
    assert [model.key for model in found.models] == ["p"]
    assert the(found, "process-not-executable").element == "q"


def test_several_places_without_incoming_flow_begin_together() -> None:
    lines = ('<task id="a"/><task id="b"/><endEvent id="e"/>', flow("a", "e"), flow("b", "e"))

    found = report(*lines, normalise=True)

    assert links(found) >= {
        ("added-startEvent-1", "added-parallelGateway-1"),
        ("added-parallelGateway-1", "a"),
        ("added-parallelGateway-1", "b"),
    }


def test_a_ring_without_entry_is_not_repaired() -> None:
    lines = ('<task id="a"/><task id="b"/><endEvent id="e"/>', flow("a", "b"), flow("b", "a"))

    assert "start-missing" in errors(report(*lines, normalise=True))


def test_a_missing_end_runs_as_it_is_and_can_be_made_visible() -> None:
    plain, agreed = report(*NO_END), report(*NO_END, normalise=True)

    assert codes(plain) == ["implicit-end"]
    assert plain.ok
    assert kinds(plain) == ["startEvent", "task"]
    assert kinds(agreed) == ["startEvent", "task", "endEvent"]


def test_one_path_without_end_among_others_is_a_dead_end() -> None:
    lines = (*straight('<parallelGateway id="g"/><task id="a" name="抄送"/>', ids="g"), flow("g", "a"))

    found = report(*lines)

    assert (the(found, "dead-end").element, found.ok) == ("a", True)


def test_several_flows_leaving_a_task_become_a_parallel_gateway() -> None:
    plain, agreed = report(*SPLIT), report(*SPLIT, normalise=True)

    assert codes(plain) == ["implicit-split"]
    assert plain.ok
    assert links(agreed) == {
        ("s", "a"),
        ("a", "added-parallelGateway-1"),
        ("added-parallelGateway-1", "e"),
        ("added-parallelGateway-1", "f"),
    }


def test_conditions_behind_a_task_become_an_inclusive_gateway_with_the_tasks_default() -> None:
    lines = (
        '<startEvent id="s"/><task id="a" default="a-f"/><endEvent id="e"/><endEvent id="f"/><endEvent id="g"/>',
        flow("s", "a"),
        flow("a", "e", "x &gt; 1"),
        flow("a", "f"),
        flow("a", "g"),
    )

    plain, agreed = report(*lines), report(*lines, normalise=True)

    assert codes(plain) == ["conditional-flow"]
    gateway = next(n for n in tree(agreed).iter() if n.name == "inclusiveGateway")
    assert gateway.get("default") == "a-f"
    conditions = {
        n.get("id"): (found.text if (found := n.find("conditionExpression")) else None)
        for n in tree(agreed).iter()
        if n.name == "sequenceFlow"
    }
    assert conditions["a-e"] == "x > 1"
    assert conditions["a-f"] is None
    assert conditions["a-g"] == "true"  # an unconditional flow beside conditional ones is always taken


@pytest.mark.parametrize(
    ("kind", "code"), [("message", ""), ("signal", ""), ("error", "errorCode"), ("escalation", "escalationCode")]
)
def test_what_has_no_name_is_named_by_its_id(kind: str, code: str) -> None:
    thrown = "endEvent" if kind in ("error", "escalation") else "intermediateThrowEvent"
    lines = (
        '<startEvent id="s"/>',
        f'<{thrown} id="x"><{kind}EventDefinition {kind}Ref="D"/></{thrown}>',
        flow("s", "x"),
    )

    refused = report(*lines, beside=f'<{kind} id="D"/>')
    agreed = report(*lines, beside=f'<{kind} id="D"/>', normalise=True)

    assert errors(refused) == ["name-missing"]
    assert the(refused, "name-missing").line == 1
    assert next(n for n in tree(agreed).iter() if n.get("id") == "D").get("name") == "D"
    if code:
        assert report(*lines, beside=f'<{kind} id="D" {code}="K"/>').ok


def test_an_event_without_message_gets_one_of_its_own_name() -> None:
    lines = (
        '<startEvent id="s"/><receiveTask id="r" name="收到 补正"/><endEvent id="e"/>',
        flow("s", "r"),
        flow("r", "e"),
    )

    refused, agreed = report(*lines), report(*lines, normalise=True)

    assert errors(refused) == ["reference-missing"]
    assert agreed.models[0].messages == ("收到 补正",)


def test_a_reference_to_an_undefined_error_takes_it_for_the_code() -> None:
    lines = ('<startEvent id="s"/><endEvent id="x"><errorEventDefinition errorRef="E-1"/></endEvent>', flow("s", "x"))

    assert errors(report(*lines)) == ["definition-missing"]
    error = next(n for n in tree(report(*lines, normalise=True)).iter() if n.name == "error")
    assert (error.get("id"), error.get("errorCode")) == ("E-1", "E-1")


def test_catching_any_error_needs_no_reference() -> None:
    lines = straight(
        '<task id="a"/><boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent><endEvent id="x"/>',
        ids="a",
    )

    assert report(*lines, flow("b", "x")).ok


@pytest.mark.parametrize(
    ("element", "code"),
    [
        (
            '<task id="a"><dataInputAssociation><sourceRef>x</sourceRef><targetRef>y</targetRef></dataInputAssociation></task>',
            "data-association-dropped",
        ),
        ('<task id="a"><ioSpecification><inputSet/><outputSet/></ioSpecification></task>', "io-specification-dropped"),
        ('<task id="a"/><dataStoreReference id="ds"/>', "data-store-dropped"),
        ('<serviceTask id="a"/>', "task-without-implementation"),
        ('<sendTask id="a"/>', "task-without-implementation"),
        ('<scriptTask id="a"/>', "task-without-implementation"),
        ('<subProcess id="a"/>', "subprocess-empty"),
    ],
)
def test_what_only_documents_is_dropped_with_consent(element: str, code: str) -> None:
    lines = straight(element, ids="a")

    assert errors(report(*lines)) == [code]
    agreed = report(*lines, normalise=True)
    assert agreed.ok
    assert [n.name for n in tree(agreed).iter() if n.get("id") == "a"] == ["task"]


def test_data_objects_alone_are_documentation() -> None:
    assert report(*straight('<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/>')).findings == ()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (
            (
                *straight('<exclusiveGateway id="g"/><endEvent id="x"/>', ids="g"),
                flow("g", "x"),
            ),
            "flow-without-condition",
        ),
        (BARE_TIMER, "timer-missing"),
    ],
)
def test_a_missing_condition_or_time_is_never_made_up(lines: tuple[str, ...], code: str) -> None:
    found = report(*lines, normalise=True)

    assert set(errors(found)) == {code}
    assert found.changes == ()


@pytest.mark.parametrize("time", ["PT1H", "R3/PT1H", "2026-12-01T09:00:00+08:00", '"PT1H"', "wd(5)", "= wd(n)"])
def test_times_work_as_they_are_written(time: str) -> None:
    event = f"<timerEventDefinition><timeDuration>{time}</timeDuration></timerEventDefinition>"

    found = report(*straight(f'<intermediateCatchEvent id="w">{event}</intermediateCatchEvent>', ids="w"))

    assert found.ok, [f.en for f in found.findings]
    assert found.changes == ()


def test_normalising_a_normalised_file_changes_nothing() -> None:
    once = report(*SPLIT, executable=None, normalise=True)
    assert once.normalised is not None

    twice = check_files({"a.bpmn": once.normalised}, normalise=True).files[0]

    assert twice.changes == ()
    assert twice.normalised == once.normalised


def test_new_ids_do_not_collide_with_those_of_the_file() -> None:
    lines = ('<task id="added-startEvent-1"/>', '<endEvent id="e"/>', flow("added-startEvent-1", "e"))

    assert ("added-startEvent-2", "added-startEvent-1") in links(report(*lines, normalise=True))


def test_sequence_flows_without_id_get_one() -> None:
    data = upload('<startEvent id="s"/><endEvent id="flow-1"/>', '<sequenceFlow sourceRef="s" targetRef="flow-1"/>')

    found = check_files({"a.bpmn": data}).files[0]

    assert found.ok
    assert found.models[0].element_names["flow-2"] == ("", "sequenceFlow")


def two_pools(flow_attributes: str = "", sender: str = "", receiver: str = "", thrown: str = "throw") -> bytes:
    """A pool that sends to another one's start, with a message flow between them."""
    sends = {
        "throw": f'<endEvent id="out" name="tell them">{event("message", sender)}</endEvent>',
        "task": f'<sendTask id="out" name="tell them"{sender}/><endEvent id="e"/>' + flow("out", "e"),
    }[thrown]
    pools = (
        '<collaboration id="c"><participant id="pp" processRef="p"/><participant id="pq" processRef="q"/>'
        f'<messageFlow id="m" sourceRef="out" targetRef="come"{flow_attributes}/></collaboration>'
        '<message id="M" name="request"/><process id="q" isExecutable="true">'
        f'<startEvent id="come" name="they came">{event("message", receiver)}</startEvent><endEvent id="qe"/>'
        f"{flow('come', 'qe')}</process>"
    )
    return upload('<startEvent id="s"/>', sends, flow("s", "out"), beside=pools)


def event(kind: str, reference: str) -> str:
    return f"<{kind}EventDefinition{reference}/>"


@pytest.mark.parametrize("thrown", ["throw", "task"])
@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "they came"),  # of the end that stands first in the file
        ({"flow_attributes": ' messageRef="M"'}, "request"),
        ({"receiver": ' messageRef="M"'}, "request"),
        ({"sender": ' messageRef="M"'}, "request"),
    ],
)
def test_both_ends_of_a_message_flow_get_the_same_message(thrown: str, given: dict[str, str], name: str) -> None:
    data = two_pools(thrown=thrown, **given)

    refused, agreed = check_files({"a": data}).files[0], check_files({"a": data}, normalise=True).files[0]

    assert set(errors(refused)) <= {"message-of-flow", "reference-missing"}
    assert not refused.ok
    assert [model.messages for model in agreed.models] == [(name,), (name,)]
