"""Rules of who approves: bad strategies are found at the upload, not when a case has come to the node."""

import pytest

from engine.bpmn.model import FileReport
from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, errors, flow, report, straight, the

OUTCOMES = 'banjie:outcomes="approve:同意,reject:不同意"'
ORGANISATION = {"posts": {"chief"}, "departments": {"desk"}, "users": {"li"}}


def two(settings: str, **options: object) -> FileReport:
    """first (assigned to x), then ``a`` with these settings."""
    tasks = '<userTask id="first" banjie:assignee="li"/>', f'<userTask id="a" name="审批" {OUTCOMES} {settings}/>'
    return report(*straight(*tasks, ids="first a"), **options)


@pytest.mark.parametrize(
    "who",
    [
        "users(li)",
        "leader(of: initiator), groups(legal) else roles(admin)",
        "leaders(of: field(unit), upto: 3)",
        "posts(chief, in: desk)",
        "departments(desk, below: yes)",
        "chosen(previous, from: departments(desk), most: 2)",
        "chosen(start)",
        "feel(if amount > 1 then &quot;li&quot; else (&quot;wang&quot;))",
        "= approvers",
        "${approver}",
    ],
)
def test_every_strategy_can_be_written(who: str) -> None:
    assert codes(two(f'banjie:who="{who}"')) == []


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("users()", "at least 1"),
        ("boss()", "no strategy 'boss'"),
        ("leader(of: desk", "is missing"),
        ("leader(level: 0)", "from 1 to 20"),
        ("leader(above: desk)", "no parameter 'above'"),
        ("leader(of: groups(x))", "no place to start from"),
        ("initiator previous", "else is expected"),
        ("chosen(later)", "chosen(start)"),
        ("chosen(start, from: chosen(previous))", "cannot be chosen again"),
        ("feel(1 +)", ""),
        ("feel((1)", "not closed"),
        ("users(&quot;li)", "quote is not closed"),
        ("= 1 +", ""),
    ],
)
def test_a_strategy_that_cannot_be_read_is_an_error_that_says_why(who: str, reason: str) -> None:
    finding = the(two(f'banjie:who="{who}"'), "who-unreadable")
    assert finding.severity is Severity.ERROR
    assert reason in finding.en


def test_texts_are_not_pasted_into_strategies() -> None:
    assert errors(two('banjie:who="users(${approver})"')) == ["who-template"]


@pytest.mark.parametrize(
    "who",
    ["groups(nobody)", "posts(janitor)", "users(wang)", "departments(cellar)", "leader(of: cellar)", "roles(king)"],
)
def test_what_does_not_exist_in_the_organisation_is_a_warning(who: str) -> None:
    found = two(f'banjie:who="{who}"', groups={"legal"}, organisation=ORGANISATION)
    assert the(found, "who-unknown").severity is Severity.WARNING
    assert found.ok


def test_people_of_a_policy_are_looked_up_too() -> None:
    found = two('banjie:who="initiator" banjie:onEmpty="users:wang"', organisation=ORGANISATION)
    assert codes(found) == ["who-unknown"]


def test_who_and_an_assignment_together_are_a_contradiction() -> None:
    assert codes(two('banjie:who="initiator" banjie:candidateGroups="x"')) == ["who-beside-assignment"]


@pytest.mark.parametrize(
    "policy",
    ['onSelf="maybe"', 'onEmpty="users"', 'onEmpty="leader"', 'onRepeat="always"', 'onExcluded="pass"', 'pick="first"'],
)
def test_a_policy_that_does_not_exist_is_an_error_with_the_choices(policy: str) -> None:
    assert errors(two(f'banjie:who="initiator" banjie:{policy}')) == ["policy-invalid"]


def test_a_node_without_a_negative_outcome_cannot_fail_by_itself() -> None:
    task = '<userTask id="a" banjie:who="initiator" banjie:onEmpty="fail" banjie:outcomes="done"/>'
    assert codes(report(*straight(task, ids="a"))) == ["policy-without-rejection"]


@pytest.mark.parametrize("name", ["nowhere", "a", "start", "first, end"])
def test_four_eyes_name_other_tasks_of_the_file(name: str) -> None:
    assert errors(two(f'banjie:who="initiator" banjie:differentFrom="{name}"')) == ["different-from-unknown"]


def test_a_first_node_has_nobody_who_could_choose_for_it() -> None:
    task = '<userTask id="a" banjie:who="chosen(previous)"/>'
    assert codes(report(*straight(task, ids="a"))) == ["chooser-missing"]
    other = '<userTask id="a" banjie:who="chosen(previous) else initiator"/>'
    assert codes(report(*straight(other, ids="a"))) == []


def test_two_steps_that_choose_each_other_are_told() -> None:
    tasks = "".join(f'<userTask id="{name}" banjie:who="chosen(previous)"/>' for name in ("a", "b"))
    gateway = '<exclusiveGateway id="g" default="g-end"/>'
    found = report(
        '<startEvent id="start"/><userTask id="first" banjie:assignee="li"/>',
        tasks,
        gateway,
        '<endEvent id="end"/>',
        flow("start", "first"),
        flow("first", "a"),
        flow("a", "b"),
        flow("b", "g"),
        flow("g", "a", "b_outcome = 1"),
        flow("g", "end"),
    )
    assert codes(found) == ["chooser-cycle"]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ('banjie:auto="pass" banjie:autoBasis="第十二条"', []),
        (
            'banjie:auto="=if amount &lt; 3 then &quot;pass&quot; else null" banjie:autoBasis="小额"',
            [],
        ),
        ('banjie:auto="pass"', ["auto-without-basis"]),
        ('banjie:auto="yes" banjie:autoBasis="小额"', ["policy-invalid"]),
        ('banjie:auto="pass" banjie:autoBasis="小额" banjie:ballot="all"', ["auto-on-ballot"]),
    ],
)
def test_b9_what_the_model_decides_itself_has_its_ground(settings: str, found: list[str]) -> None:
    assert codes(two(f'banjie:assignee="li" {settings}')) == found
