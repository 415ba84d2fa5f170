"""Which step is the decision, and what lies ahead of a place: loops are walked forwards only, subprocesses and calls from inside."""

import pytest

from engine.bpmn import deciding
from engine.bpmn.compiled import CompiledProcess
from engine.bpmn.runner import Machine
from tests.integration.engine.house import bpmn, flows

OUTCOMES = 'banjie:outcomes="agree:同意,refuse:不同意"'


def compiled(*parts: str, key: str = "leave") -> CompiledProcess:
    return Machine().compile("d", key, {"a.bpmn": bpmn("".join(parts), key=key)})


def task(element_id: str, more: str = "") -> str:
    return f'<userTask id="{element_id}" name="{element_id}" {more}/>'


def names(found: frozenset[tuple[str, str]]) -> set[str]:
    return {element_id for _, element_id in found}


LOOP = (
    '<startEvent id="s"/><exclusiveGateway id="x"/><endEvent id="e"/>',
    task("draft"),
    task("review", OUTCOMES),
    task("sign", OUTCOMES),
    task("file"),
    flows("s-draft", "draft-review", "review-sign", "sign-x", "x-file", "x-draft", "file-e"),
)


def test_decisions_are_the_tasks_whose_outcomes_are_a_yes_or_a_no() -> None:
    ways = task("ask", 'banjie:outcomes="north:往北,south:往南"')
    model = compiled(
        '<startEvent id="s"/>', ways, task("t", 'banjie:outcomes="a:同意,b:退件"'), flows("s-ask", "ask-t")
    )
    assert names(deciding.decisions(model)) == {"t"}
    assert names(deciding.decisions(compiled(*LOOP))) == {"review", "sign"}


def test_a_ballot_decides_and_what_the_model_says_is_no_barrier_does_not() -> None:
    vote = task("vote", 'banjie:ballot="all"')
    hint = task("hint", f'{OUTCOMES} banjie:cancelBarrier="false"')
    model = compiled('<startEvent id="s"/>', hint, vote, flows("s-hint", "hint-vote"))
    assert names(deciding.decisions(model)) == {"vote"}
    assert deciding.barriers(model) == frozenset()


def test_without_any_decision_every_task_for_people_counts() -> None:
    model = compiled('<startEvent id="s"/>', task("a"), task("b"), flows("s-a", "a-b"))
    assert names(deciding.decisions(model)) == {"a", "b"}


@pytest.mark.parametrize(
    ("place", "ahead"),
    [
        ("s", {"draft", "review", "sign", "file"}),
        ("draft", {"review", "sign", "file"}),
        ("sign", {"file"}),
        ("file", set()),
    ],
)
def test_a_loop_back_makes_nothing_lie_ahead(place: str, ahead: set[str]) -> None:
    assert names(deciding.Forwards(compiled(*LOOP)).ahead("leave", place)) == ahead


def test_what_is_inside_a_subprocess_lies_ahead_and_the_way_out_of_it_too() -> None:
    inner = f'<startEvent id="i"/>{task("one")}{task("two")}<endEvent id="o"/>{flows("i-one", "one-two", "two-o")}'
    model = compiled(
        '<startEvent id="s"/>',
        task("first"),
        f'<subProcess id="sub">{inner}</subProcess>',
        task("last"),
        '<endEvent id="e"/>',
        flows("s-first", "first-sub", "sub-last", "last-e"),
    )
    forwards = deciding.Forwards(model)
    assert names(forwards.ahead("leave", "first")) == {"one", "two", "last"}
    assert names(forwards.ahead("leave", "one")) == {"two", "last"}
    assert names(forwards.ahead("leave", "two")) == {"last"}


def test_what_follows_a_boundary_event_is_not_ahead_of_its_task_but_of_the_event() -> None:
    late = '<boundaryEvent id="late" attachedToRef="sign"><timerEventDefinition><timeDuration>P1D</timeDuration>'
    model = compiled(
        '<startEvent id="s"/>',
        task("sign"),
        f"{late}</timerEventDefinition></boundaryEvent>",
        task("chief"),
        '<endEvent id="e"/>',
        flows("s-sign", "sign-e", "late-chief", "chief-e"),
    )
    forwards = deciding.Forwards(model)
    assert names(forwards.ahead("leave", "sign")) == set()
    assert names(forwards.ahead("leave", "late")) == {"chief"}
