"""Notices follow proxies (P-7.2, P-8.5): within scope and period, each person once, and nobody who may not act."""

from typing import Any

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.cli.bench.measuring import counted
from engine.commands.administration.views import SetPreference
from engine.commands.delegating.proxies import RevokeProxy, TakeAsProxy
from engine.commands.notices.notifications import AnnounceTasks
from engine.commands.supervision.urging import UrgeTask
from engine.runtime.notice import Kind, sentence
from engine.store import tables
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.test_proxies import HOUR, grant


@pytest.fixture
def house(house: House) -> House:
    """li and zhao are examiners; clerk starts; ``leave`` is offered to the examiners, ``own`` is held by li."""
    for login in ("li", "zhao"):
        house.person(login, "examiners")
    for login in ("wang", "sun", "clerk"):
        house.person(login)
    for key, people in (("leave", 'banjie:candidateGroups="examiners"'), ("own", 'banjie:assignee="li"')):
        task = f'<userTask id="a" name="审核" {people} banjie:limit="2wd"/>'
        body = f'<startEvent id="s"/>{task}<endEvent id="e"/>'
        house.deploy(bpmn(body + flows("s-a", "a-e"), key=key))
    return house


def told(house: House, kind: Kind = Kind.TASK) -> dict[str, list[dict[str, Any]]]:
    """{login: the notices of this kind}."""
    table = tables.notification
    found: dict[str, list[dict[str, Any]]] = {}
    with house.database.read() as connection:
        for row in connection.execute(select(table).where(table.c.kind == kind.value)):
            found.setdefault(row.recipient, []).append(dict(row._mapping))
    return found


def start(house: House, key: str = "leave") -> str:
    return house.start(key, by=house.actors["clerk"])


def test_p_7_2_what_is_offered_to_a_pool_is_told_to_the_proxies_of_its_members(house: House) -> None:
    grant(house, "li", "wang")
    instance = start(house)
    notices = told(house)
    assert list(notices) == ["wang"], "the members have it in their list"
    (notice,) = notices["wang"]
    assert notice["task_id"] == house.task(instance)["id"]
    assert sentence(Kind.TASK, notice["title"], notice["facts"], "zh") == f"代Li：新的待认领：{notice['title']}（审核）"
    assert sentence(Kind.TASK, "T", notice["facts"], "en") == "For Li: New task to claim: T (审核)"


def test_p_7_2_only_within_period_and_scope_and_with_the_power_to_decide(house: House) -> None:
    grant(house, "li", "wang", start=HOUR, end=2 * HOUR)
    grant(house, "zhao", "sun", processes=("own",))
    start(house)
    assert told(house) == {}
    grant(house, "zhao", "clerk", start=HOUR * 9, end=HOUR * 10, power="advise")
    house.now += HOUR * 9
    start(house)
    assert told(house) == {}
    house.now -= HOUR * 7.5
    start(house)
    assert list(told(house)) == ["wang"]


def test_p_7_2_nobody_is_told_twice_nor_of_what_is_offered_to_himself(house: House) -> None:
    grant(house, "li", "wang")
    grant(house, "zhao", "wang")
    instance = start(house)
    (notice,) = told(house)["wang"]
    assert notice["facts"]["proxy_for"] == "Li"
    house.engine.execute(TakeAsProxy(task_id=house.task(instance)["id"]), actor=house.actors["wang"])
    house.engine.execute(AnnounceTasks(), actor=SYSTEM)
    assert len(told(house)["wang"]) == 1, "he has claimed it himself"


def test_p_7_2_a_member_who_is_a_proxy_too_is_not_told_of_his_own_pool(house: House) -> None:
    grant(house, "li", "zhao")
    start(house)
    assert told(house) == {}


def test_p_7_3_who_may_not_act_for_himself_is_not_told(house: House) -> None:
    grant(house, "li", "clerk")
    house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="a" banjie:candidateGroups="examiners" banjie:onSelf="exclude"/>'
            '<endEvent id="e"/>' + flows("s-a", "a-e")
        )
    )
    start(house)  # clerk's own application
    assert told(house) == {}


def test_p_7_2_who_shares_is_told_of_what_the_other_holds(house: House) -> None:
    rule = grant(house, "li", "wang", mode="share")
    start(house, "own")
    for _ in range(2):
        house.engine.execute(AnnounceTasks(), actor=SYSTEM)
    assert {login: len(rows) for login, rows in told(house).items()} == {"li": 1, "wang": 1}
    assert told(house)["wang"][0]["facts"]["proxy_for"] == "Li"
    house.engine.execute(RevokeProxy(rule_id=rule), actor=house.actors["li"])
    start(house, "own")
    house.engine.execute(AnnounceTasks(), actor=SYSTEM)
    assert {login: len(rows) for login, rows in told(house).items()} == {"li": 2, "wang": 1}


def test_p_7_2_what_moves_when_a_period_begins_is_told_to_the_proxy_and_what_comes_back_to_its_principal(
    house: House,
) -> None:
    start(house, "own")
    house.engine.execute(AnnounceTasks(), actor=SYSTEM)
    rule = grant(house, "li", "wang", start=HOUR)
    house.run_jobs(HOUR)
    house.engine.execute(AnnounceTasks(), actor=SYSTEM)
    assert {login: len(rows) for login, rows in told(house).items()} == {"li": 1, "wang": 1}
    house.engine.execute(RevokeProxy(rule_id=rule), actor=house.admin)
    house.run_jobs()
    house.engine.execute(AnnounceTasks(), actor=SYSTEM)
    assert {login: len(rows) for login, rows in told(house).items()} == {"li": 2, "wang": 1}


@pytest.mark.parametrize(
    ("key", "mode", "reached"),
    [
        ("leave", "move", ["li", "zhao", "wang"]),
        ("own", "move", ["wang"]),
        ("own", "share", ["li", "wang"]),
    ],
)
def test_p_8_5_an_urge_reaches_the_active_proxy_once(house: House, key: str, mode: str, reached: list[str]) -> None:
    for principal in ("li", "zhao") if key == "leave" else ("li",):
        grant(house, principal, "wang", mode=mode)
    instance = start(house, key)
    answer = house.engine.execute(UrgeTask(task_id=house.task(instance)["id"]), actor=house.actors["clerk"])
    assert answer["to"] == reached
    assert sorted(told(house, Kind.URGED)) == sorted(reached)


def test_p_7_2_the_digest_of_a_proxy_counts_what_he_may_claim_for_others(house: House) -> None:
    grant(house, "li", "wang", processes=("leave",), end=HOUR * 48)
    wang = house.actors["wang"]
    house.engine.execute(SetPreference(key="notices", value={"digest": ["mail"]}), actor=wang)
    for _ in range(2):
        start(house)
    house.now += HOUR * 24
    house.engine.execute(AnnounceTasks(), actor=SYSTEM)
    (digest,) = told(house, Kind.DIGEST)["wang"]
    assert digest["facts"]["offered"] == 2


def test_p_7_2_where_nobody_stands_in_a_pool_costs_no_statement_more(house: House) -> None:
    counts = []
    for _ in range(2):
        start(house)
        with counted(house.database.engine) as count:
            start(house)
        counts.append(count.statements)
        if len(counts) == 1:
            grant(house, "li", "wang", start=HOUR * 20, end=HOUR * 21)
    assert counts[0] < counts[1], "the rules are read only where there are some"
    assert told(house) == {}
