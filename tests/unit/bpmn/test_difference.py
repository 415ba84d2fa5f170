"""What changed between two versions, as the page of a version tells it."""

from engine.bpmn.difference import ADDED, CHANGED, REMOVED, Difference, Said, compare

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" targetNamespace="x">'
DRAWING = '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" id="picture"/>'


def bpmn(inside: str) -> bytes:
    return f'{HEAD}<process id="leave" isExecutable="true">{inside}</process>{DRAWING}</definitions>'.encode()


def test_the_same_process_has_no_differences_however_it_is_drawn() -> None:
    one = bpmn('<task id="a" name="审批"><incoming>f1</incoming></task>')
    other = bpmn('\n  <task name="审批" id="a">\n    <incoming>f2</incoming></task>').replace(b"picture", b"other")

    assert compare(one, other) == []


def test_elements_come_and_go() -> None:
    one, other = bpmn('<task id="a" name="甲"/>'), bpmn('<userTask id="b" name="乙"/>')

    assert compare(one, other) == [Difference(ADDED, "b", "userTask", "乙"), Difference(REMOVED, "a", "task", "甲")]


def test_an_attribute_a_condition_and_an_extension_each_say_what_they_were() -> None:
    one = bpmn(
        '<userTask id="a" name="审批" banjie:limit="3"><extensionElements><banjie:note level="1">旧</banjie:note>'
        '</extensionElements></userTask><sequenceFlow id="f"><conditionExpression>days > 3</conditionExpression></sequenceFlow>'
    )
    other = bpmn(
        '<userTask id="a" name="审核" banjie:limit="5"><extensionElements><banjie:note level="1">新</banjie:note>'
        '</extensionElements></userTask><sequenceFlow id="f"/>'
    )

    task, flow = compare(one, other)

    assert (task.kind, task.name) == (CHANGED, "审核")
    assert set(task.said) == {
        Said("name", "审批", "审核"),
        Said("banjie:limit", "3", "5"),
        Said("banjie:note", "旧", "新"),
    }
    assert flow.said == (Said("conditionExpression", "days > 3", ""),)


def test_what_lies_in_a_subprocess_is_compared_and_its_frame_is_not_blamed() -> None:
    one = bpmn('<subProcess id="s"><task id="a" name="甲"/></subProcess>')
    other = bpmn('<subProcess id="s"><task id="a" name="乙"/></subProcess>')

    assert [each.element_id for each in compare(one, other)] == ["a"]


def test_another_kind_of_element_under_the_same_id_is_a_change() -> None:
    assert compare(bpmn('<task id="a"/>'), bpmn('<userTask id="a"/>'))[0].said == (Said("", "task", "userTask"),)


def test_what_cannot_be_read_counts_as_empty() -> None:
    assert [each.kind for each in compare(b"<broken", bpmn(""))] == [ADDED]
