"""P-9.2: a licence is decided by people; what lets time or nobody decide it is refused where process and item meet."""

from __future__ import annotations

import pytest

from engine.commands.administration.deployments import DeployResources
from engine.errors import ModelRefused
from engine.store.base.database import Database
from tests.integration.engine.house import House, bpmn, flows

SILENCE = '\nsilence = "《行政许可法》第五十条第二款"\n'
OUTCOMES = 'banjie:outcomes="approve:同意,refuse:不同意"'
TIMED = 'banjie:limit="3wd" banjie:onTimeout="{}" banjie:timeoutBasis="本机关内部规定"'


def item(more: str = "", code: str = "000131990000") -> bytes:
    return (
        f'code = "{code}"\nname = "测试事项"\ndepartment = "scjg"\nprocess = "granting"\ninfotype = "promised"\n'
        'materials = [{ code = "M01", name = "申请表", class = "main" }]\n'
        'legal_basis = [{ title = "中华人民共和国行政许可法", article = "第十二条" }]\n'
        f'[limits]\nstatutory = "20wd"\npromised = "10wd"\n{more}'
    ).encode()


def decides(value: str = "=outcome", id: str = "decided") -> str:
    return (
        f'<serviceTask id="{id}" name="作出决定" banjie:verb="case.decide"><extensionElements>'
        f'<banjie:input name="decision">{value}</banjie:input></extensionElements></serviceTask>'
    )


def granting(approve: str, examine: str = "", more: str = "", *ways: str) -> bytes:
    """start > examine > approve > a gateway > the decision > end."""
    body = (
        f'<startEvent id="start"/><userTask id="examine" name="审查" banjie:assignee="li" {examine}/>'
        f'<userTask id="approve" name="审批" banjie:candidateUsers="li,wang" {OUTCOMES} {approve}/>'
        f'<exclusiveGateway id="route" default="route_decided"/>{decides()}<endEvent id="end"/>{more}'
        + flows("start-examine", "examine-approve", "approve-route", "route-decided", "decided-end", *ways)
        + '<sequenceFlow id="back" sourceRef="route" targetRef="examine"><conditionExpression>1 = 2</conditionExpression>'
        "</sequenceFlow>"
    )
    return bpmn(body, key="granting")


def codes(house: House, **files: bytes) -> dict[str, list[tuple[str, str]]]:
    """What a look at these files finds: (code, element) of each error, by file."""
    named = {name.replace("__", "."): data for name, data in files.items()}
    answer = house.engine.execute(DeployResources(name="look", files=named, dry_run=True), actor=house.admin)
    return {
        report["file"]: [(each["code"], each["element"]) for each in report["findings"] if each["severity"] == "error"]
        for report in answer["report"]
    }


@pytest.fixture
def house(database: Database) -> House:
    found = House(database)
    for login in ("li", "wang"):
        found.person(login)
    return found


@pytest.mark.parametrize(
    "approve",
    [
        TIMED.format("pass"),
        TIMED.format("fail"),
        'banjie:ballot="all" banjie:memberLimit="2wd" banjie:memberOverdue="approve" banjie:memberOverdueBasis="惯例"',
        'banjie:auto="pass"',
        'banjie:onEmpty="pass"',
    ],
)
def test_p_9_2_a_step_at_which_silence_would_decide_a_licence_is_refused(house: House, approve: str) -> None:
    found = codes(house, granting__bpmn=granting(approve), item__toml=item())
    assert found == {"granting.bpmn": [("licence-by-silence", "approve")], "item.toml": []}
    with pytest.raises(ModelRefused) as refused:
        house.deploy(granting(approve), item__toml=item())
    assert "licence-by-silence" in str(refused.value.facts)


@pytest.mark.parametrize(
    ("approve", "examine", "file"),
    [
        (TIMED.format("pass"), "", item(SILENCE)),  # the law of the matter says so
        (TIMED.format("leader"), "", item()),  # somebody decides
        ("", f"{OUTCOMES} {TIMED.format('pass')}", item()),  # the step before is an opinion; a person decides after it
        (TIMED.format("pass"), "", item(code="000720990000")),  # no licence
        ('banjie:auto="pass" banjie:autoBasis="《办法》第八条"', "", item()),  # a rule, with its ground
        (
            'banjie:ballot="all" banjie:memberLimit="2wd" banjie:memberOverdue="none"',
            "",
            item(),
        ),
    ],
)
def test_p_9_2_what_somebody_decides_or_a_law_of_the_matter_is_not(
    house: House, approve: str, examine: str, file: bytes
) -> None:
    found = codes(house, granting__bpmn=granting(approve, examine), item__toml=file)
    assert found == {"granting.bpmn": [], "item.toml": []}


@pytest.mark.parametrize(("decision", "refused"), [("approve", True), ("refuse", False)])
def test_p_9_2_nor_does_a_timer_at_the_border_of_the_step_grant_it(house: House, decision: str, refused: bool) -> None:
    late = (
        '<boundaryEvent id="late" attachedToRef="approve"><timerEventDefinition><timeDuration>P3D</timeDuration>'
        f"</timerEventDefinition></boundaryEvent>{decides(decision, 'granted')}"
    )
    process = granting("", "", late, "late-granted", "granted-end")
    expected = [("licence-by-silence", "late")] if refused else []
    assert codes(house, granting__bpmn=process, item__toml=item())["granting.bpmn"] == expected


def test_p_9_2_whichever_of_the_two_comes_later_is_refused(house: House) -> None:
    silent = granting(TIMED.format("pass"))
    house.deploy(silent)
    assert codes(house, item__toml=item()) == {"item.toml": [("licence-by-silence", "approve")]}
    house.deploy(granting(""), item__toml=item())
    assert codes(house, granting__bpmn=silent) == {"granting.bpmn": [("licence-by-silence", "approve")]}


def test_p_9_2_nor_is_it_hidden_in_a_process_that_is_called(house: House) -> None:
    inner = bpmn(
        f'<startEvent id="s"/><userTask id="vote" banjie:assignee="li" {OUTCOMES} {TIMED.format("pass")}/><endEvent id="e"/>'
        + flows("s-vote", "vote-e"),
        key="inner",
    )
    outer = bpmn(
        f'<startEvent id="s"/><callActivity id="call" calledElement="inner"/>{decides()}<endEvent id="e"/>'
        + flows("s-call", "call-decided", "decided-e"),
        key="granting",
    )
    found = codes(house, inner__bpmn=inner, outer__bpmn=outer, item__toml=item())
    assert found["inner.bpmn"] == [("licence-by-silence", "vote")]
