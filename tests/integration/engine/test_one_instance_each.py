"""At a multi-instance each person counts once, however many ways lead to a second part (P-1.4, P-4.6, P-5.1, P-7.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.handover import HandOver
from engine.commands.delegating.proxies import GrantProxy, TakeAsProxy
from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.delegating.signers import AddSigners
from engine.commands.tasks.handling import AssignTask, ClaimTask, CompleteTask, UnclaimTask
from engine.errors import Conflict
from tests.integration.engine.house import House
from tests.integration.engine.multi_instance import Office, shared

HOUR = timedelta(hours=1)
ONCE = "each person counts once"


def stands_in(office: Office, principal: str, proxy: str, *, after: int = 0, **more: Any) -> None:
    start, end = office.house.now + HOUR * after, office.house.now + HOUR * 8
    office.act(principal, GrantProxy(proxy=proxy, start=start.isoformat(), end=end.isoformat(), **more))


def asks(office: Office, by: str, to: str, position: str, power: str = "decide") -> None:
    office.act(by, AddSigners(task_id=office.task(by)["id"], people=(to,), position=position, power=power))


def refused(office: Office, by: str, command: Any) -> None:
    with pytest.raises(Conflict, match=ONCE) as told:
        office.act(by, command)
    assert told.value.facts["ground"] == "own-instance"
    assert "一人只算一份" in told.value.zh


# ---------------------------------------------------------------- by proxy


@pytest.mark.parametrize("proxy", ["qian", "li"])  # who has acted; whose turn is to come
def test_p_7_4_a_proxy_with_a_part_of_his_own_is_passed_over_when_the_task_is_offered(house: House, proxy: str) -> None:
    office = Office(house, shared(in_order=True))
    stands_in(office, "sun", proxy)
    office.complete("qian")
    assert office.open == ["sun"]
    assert ONCE in office.told("ProxyPassedOver")[0]["en"]


def test_p_7_2_a_proxy_with_a_part_of_his_own_is_passed_over_when_his_period_begins(house: House) -> None:
    office = Office(house, shared())
    stands_in(office, "sun", "li", after=1)
    stands_in(office, "qian", "wu", after=1)
    house.run_jobs(HOUR * 2)
    assert office.open == ["li", "sun", "wu"]


def test_p_7_4_one_person_stands_in_for_one_of_two_members(house: House) -> None:
    office = Office(house, shared())
    stands_in(office, "qian", "wu")
    stands_in(office, "sun", "wu")
    house.run_jobs()
    assert office.open in (["li", "qian", "wu"], ["li", "sun", "wu"])


def test_p_7_4_nobody_takes_a_task_as_proxy_beside_his_own(house: House) -> None:
    office = Office(house, shared())
    stands_in(office, "sun", "li", mode="share")
    refused(office, "li", TakeAsProxy(task_id=office.task("sun")["id"]))


# ---------------------------------------------------------------- by a signature, or asked, with the power to decide


@pytest.mark.parametrize("position", ["before", "after"])
def test_p_4_6_whoever_has_a_part_of_his_own_signs_at_no_other(house: House, position: str) -> None:
    office = Office(house, shared())
    task = office.task("qian")["id"]
    refused(office, "qian", AddSigners(task_id=task, people=("sun",), position=position, power="decide"))
    refused(office, "qian", AddSigners(task_id=task, people=("li",), position=position, power="advise"))


@pytest.mark.parametrize("position", ["before", "after"])
def test_p_1_4_whoever_decides_by_a_signature_gets_no_part_besides(house: House, position: str) -> None:
    office = Office(house, shared())
    asks(office, "qian", "zhou", position)  # after: his turn has not come yet
    refused(office, "sun", AssignTask(task_id=office.task("sun")["id"], assignee="zhou"))
    office.complete(*(("zhou", "agree") if position == "before" else ("qian", "agree")))
    refused(office, "sun", AssignTask(task_id=office.task("sun")["id"], assignee="zhou"))


def test_an_opinion_is_no_part(house: House) -> None:
    office = Office(house, shared())
    asks(office, "qian", "zhou", "before", power="advise")
    office.act("sun", AssignTask(task_id=office.task("sun")["id"], assignee="zhou"))
    assert office.open == ["li", "zhou", "zhou"]


def test_p_5_2_a_delegate_who_decides_gets_no_part_besides(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:delegatePower="decide"'))
    office.act("qian", DelegateTask(task_id=office.task("qian")["id"], to="zhou", power="decide"))
    refused(office, "sun", AssignTask(task_id=office.task("sun")["id"], assignee="zhou"))
    refused(office, "sun", DelegateTask(task_id=office.task("sun")["id"], to="li", power="decide"))


# ---------------------------------------------------------------- from a pool, by an order, by a rule


def test_p_1_4_nobody_claims_or_completes_what_another_put_back_beside_his_own(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:candidateUsers="qian, sun, li, wu"'))
    task = office.task("qian")["id"]
    office.act("qian", UnclaimTask(task_id=task))
    refused(office, "sun", ClaimTask(task_id=task))
    refused(office, "sun", CompleteTask(task_id=task, outcome="agree"))
    office.act("wu", ClaimTask(task_id=task))


def test_a_hand_over_leaves_out_whoever_has_a_part_of_his_own(house: House) -> None:
    office = Office(house, shared())
    answer = office.act("admin", HandOver(leaver="qian", receivers=("sun", "wu")))
    assert [line["to"] for line in answer["report"]] == ["wu"]
    assert office.open == ["li", "sun", "wu"]


@pytest.mark.parametrize("in_order", [False, True])
def test_whoever_stands_in_for_nobody_is_not_one_with_a_part_of_his_own(house: House, in_order: bool) -> None:
    model = shared(in_order=in_order, attributes=' banjie:onEmpty="users:sun,li,wu"')
    office = Office(house, model, people=("sun", "left us", "li"))
    if in_order:  # sun has acted, li is to come
        office.complete("sun")
    assert office.open == (["wu"] if in_order else ["li", "sun", "wu"])


def test_whoever_stands_in_for_somebody_recused_is_not_one_with_a_part_of_his_own(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:onExcluded="users:sun,wu" banjie:onEmpty="users:sun,wu"'))
    office.act("admin", DeclareRecusal(instance_id=office.id, reason="亲属", login="qian"))
    assert office.open == ["li", "sun", "wu"]
