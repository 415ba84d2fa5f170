"""代理: who is away is stood in for, for a period, within a scope, and nobody acts for another unseen."""

from datetime import timedelta
from typing import Any

import pytest

from engine.access import Role
from engine.commands.administration.people import DisablePerson
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.proxies import ActivateProxy, GrantProxy, RevokeProxy, TakeAsProxy, TakeBackFromProxy
from engine.commands.tasks.handling import AssignTask, ClaimTask, CompleteTask
from engine.errors import Conflict, Forbidden, NotFound
from engine.store import tables
from engine.store.queries import asking
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt

HOUR = timedelta(hours=1)


def office(house: House, settings: str = "", people: str = 'banjie:assignee="li"') -> None:
    for login in ("li", "wang", "zhao", "sun", "zhou", "clerk"):
        house.person(login)
    for key in ("leave", "purchase"):
        house.deploy(
            bpmn(
                f'<startEvent id="s"/><userTask id="approve" name="审批" {people} banjie:outcomes="agree,refuse" '
                f'{settings}/><userTask id="file" name="归档" banjie:assignee="clerk"/><endEvent id="e"/>'
                + flows("s-approve", "approve-file", "file-e"),
                key=key,
            )
        )


def grant(
    house: House, principal: str, proxy: str, start: timedelta = HOUR * 0, end: timedelta = HOUR * 8, **more: Any
) -> str:
    command = GrantProxy(proxy=proxy, start=(house.now + start).isoformat(), end=(house.now + end).isoformat(), **more)
    return str(house.engine.execute(command, actor=house.actors[principal])["id"])


def row(house: House, task_id: str) -> dict[str, Any]:
    found = house.queries.tasks.get(task_id)
    assert found is not None
    return found


def holder(house: House, task_id: str) -> tuple[str | None, str | None]:
    """(who holds it, on behalf of whom)."""
    found = row(house, task_id)
    return found["assignee"], found["principal"]


def started(house: House, key: str = "leave", **variables: Any) -> tuple[str, str]:
    """An instance and its one open task."""
    instance = house.start(key, by=house.actors["clerk"], **variables)
    return instance, house.task(instance)["id"]


# ---------------------------------------------------------------- when a task is offered


def test_p_7_2_a_task_that_is_offered_during_the_period_goes_to_the_proxy(house: House) -> None:
    office(house)
    grant(house, "li", "wang")

    instance, task = started(house)

    assert holder(house, task) == ("wang", "li")
    assert_rebuilt(house, instance)


def test_p_7_4_b_acts_on_behalf_of_a(house: House) -> None:
    office(house)
    grant(house, "li", "wang")
    instance, task = started(house)

    house.engine.execute(CompleteTask(task_id=task, outcome="agree"), actor=house.actors["wang"])

    told = [each for each in house.queries.instances.history(instance, limit=1000) if each["kind"] == "TaskCompleted"]
    assert [(each["actor"], each["acts_for"]) for each in told] == [("wang", "li")]
    assert_rebuilt(house, instance)


def test_p_7_1_before_and_after_the_period_the_task_is_the_principals(house: House) -> None:
    office(house)
    grant(house, "li", "wang", HOUR, HOUR * 2)
    _, before = started(house)
    assert holder(house, before) == ("li", None)

    house.now += HOUR * 2
    _, after = started(house)
    assert holder(house, after) == ("li", None)


def test_a_later_node_too_goes_to_the_proxy_at_the_cost_of_no_statement_without_rules(house: House) -> None:
    office(house)
    _, task = started(house)
    grant(house, "clerk", "zhou")

    house.engine.execute(CompleteTask(task_id=task, outcome="agree"), actor=house.actors["li"])

    found = [each for each in house.queries.tasks.open(assignee="zhou").rows if each["element_id"] == "file"]
    assert [each["principal"] for each in found] == ["clerk"]


def test_a_transfer_to_somebody_who_is_away_goes_to_the_proxy(house: House) -> None:
    office(house)
    grant(house, "zhao", "wang")
    instance, task = started(house)

    house.engine.execute(AssignTask(task_id=task, assignee="zhao"), actor=house.actors["li"])

    assert holder(house, task) == ("wang", "zhao")
    assert_rebuilt(house, instance)


def test_a_proxy_hands_a_task_to_the_principal_and_it_stays_there(house: House) -> None:
    office(house)
    grant(house, "li", "wang")
    _, task = started(house)

    house.engine.execute(AssignTask(task_id=task, assignee="li"), actor=house.actors["wang"])

    assert holder(house, task) == ("li", None)


def test_whoever_claims_a_task_himself_is_there(house: House) -> None:
    office(house, people='banjie:candidateUsers="li,zhao"')
    grant(house, "li", "wang")
    _, task = started(house)

    house.engine.execute(ClaimTask(task_id=task), actor=house.actors["li"])

    assert holder(house, task) == ("li", None)


# ---------------------------------------------------------------- when the period begins and ends


def test_trap_2_7_p_7_2_open_tasks_move_when_the_period_begins_and_come_back_when_it_ends(house: House) -> None:
    office(house)
    instance, task = started(house)
    other, acted = started(house)
    grant(house, "li", "wang", HOUR, HOUR * 3)
    assert holder(house, task) == ("li", None)

    house.run_jobs(HOUR)
    assert holder(house, task) == holder(house, acted) == ("wang", "li")
    house.engine.execute(CompleteTask(task_id=acted, outcome="agree"), actor=house.actors["wang"])
    house.run_jobs(HOUR * 2)

    assert holder(house, task) == ("li", None)
    assert row(house, acted)["state"] == "completed"
    assert_rebuilt(house, instance)
    assert_rebuilt(house, other)


def test_jobs_that_run_late_or_twice_change_nothing_more(house: House) -> None:
    office(house)
    instance, task = started(house)
    rule = grant(house, "li", "wang", HOUR, HOUR * 3)

    house.run_jobs(HOUR * 4)  # nobody ran jobs while the period lasted

    assert holder(house, task) == ("li", None)
    house.engine.execute(RevokeProxy(rule_id=rule), actor=house.actors["li"])
    house.run_jobs()
    assert house.kinds(instance).count("TaskEntrusted") == 0


def test_p_7_1_revoked_at_any_time_the_tasks_come_back_at_once(house: House) -> None:
    office(house)
    rule = grant(house, "li", "wang")
    _, task = started(house)

    house.engine.execute(RevokeProxy(rule_id=rule, reason="提前返岗"), actor=house.actors["li"])
    house.run_jobs()

    assert holder(house, task) == ("li", None)
    _, later = started(house)
    assert holder(house, later) == ("li", None)


def test_p_7_1_a_rule_is_activated_when_it_is_wanted(house: House) -> None:
    office(house)
    rule = grant(house, "li", "wang", active=False)
    _, task = started(house)
    assert holder(house, task) == ("li", None)

    house.engine.execute(ActivateProxy(rule_id=rule), actor=house.actors["li"])
    house.run_jobs()

    assert holder(house, task) == ("wang", "li")


def test_a_task_that_waits_for_others_comes_back_too(house: House) -> None:
    office(house)
    rule = grant(house, "li", "wang")
    _, task = started(house)
    command = DelegateTask(task_id=task, to="zhao")
    asked = house.engine.execute(command, actor=house.actors["wang"])["delegate_task_id"]

    house.engine.execute(RevokeProxy(rule_id=rule), actor=house.actors["li"])
    house.run_jobs()
    house.engine.execute(CompleteTask(task_id=asked, comment="好"), actor=house.actors["zhao"])

    assert (*holder(house, task), row(house, task)["state"]) == ("li", None, "assigned")


# ---------------------------------------------------------------- scope


def test_p_7_1_a_rule_holds_for_its_matters_only(house: House) -> None:
    office(house)
    grant(house, "li", "wang", processes=("purchase",))

    assert holder(house, started(house, "leave")[1]) == ("li", None)
    assert holder(house, started(house, "purchase")[1]) == ("wang", "li")


def test_p_7_1_a_rule_holds_for_its_departments_only(house: House) -> None:
    office(house)
    with house.database.write() as connection:
        connection.execute(tables.department.insert(), {"id": "d1", "code": "d1", "name": "d1"})
        where = tables.person.c.login == "clerk"
        connection.execute(tables.person.update().where(where).values(department_id="d1"))
    grant(house, "li", "wang", departments=("d1",))
    grant(house, "li", "zhao", departments=("d2",))

    assert holder(house, started(house)[1]) == ("wang", "li")


@pytest.mark.parametrize(("amount", "who"), [(100, "wang"), (101, "li"), (None, "li")])
def test_p_7_1_a_rule_holds_up_to_its_amount(house: House, amount: int | None, who: str) -> None:
    office(house)
    grant(house, "li", "wang", amount_limit="100")

    assert row(house, started(house, amount=amount)[1])["assignee"] == who


def test_p_7_1_overlaps_are_refused_per_scope(house: House) -> None:
    office(house)
    grant(house, "li", "wang", processes=("leave",))
    grant(house, "li", "zhao", processes=("purchase",))

    with pytest.raises(Conflict, match=r"already has (wang|zhao)"):
        grant(house, "li", "sun")


# ---------------------------------------------------------------- chains


def test_p_7_3_a_chain_is_followed_three_deep(house: House) -> None:
    office(house)
    for principal, proxy in [("li", "wang"), ("wang", "zhao"), ("zhao", "sun"), ("sun", "zhou")]:
        grant(house, principal, proxy)

    instance, task = started(house)

    assert holder(house, task) == ("sun", "li")
    told = [each for each in house.queries.instances.history(instance, limit=1000) if each["kind"] == "TaskEntrusted"]
    assert len(told) == 1 and len(told[0]["data"]["chain"]) == 3


def test_trap_2_7_p_7_3_circles_are_refused_when_saved(house: House) -> None:
    office(house)
    grant(house, "li", "wang")
    grant(house, "wang", "zhao")

    with pytest.raises(Conflict, match="circle"):
        grant(house, "zhao", "li")


def test_a_link_in_the_middle_ends_and_the_task_goes_one_back(house: House) -> None:
    office(house)
    grant(house, "li", "wang")
    middle = grant(house, "wang", "zhao")
    _, task = started(house)
    assert holder(house, task) == ("zhao", "li")

    house.engine.execute(RevokeProxy(rule_id=middle), actor=house.actors["wang"])
    house.run_jobs()

    assert holder(house, task) == ("wang", "li")


# ---------------------------------------------------------------- who may stand in


def test_trap_2_7_p_7_3_a_proxy_does_not_decide_his_own_application(house: House) -> None:
    office(house, 'banjie:onSelf="exclude"')
    grant(house, "li", "wang")

    instance = house.start("leave", by=house.actors["wang"])

    task = house.task(instance)
    assert (task["assignee"], task["principal"]) == ("li", None)
    assert "ProxyPassedOver" in house.kinds(instance)


def test_trap_2_7_p_7_3_a_proxy_who_is_recused_is_passed_over(house: House) -> None:
    office(house)
    instance, task = started(house)
    with house.database.write() as connection:
        where = tables.process_instance.c.id == instance
        connection.execute(tables.process_instance.update().where(where).values(recused=["wang"]))
    grant(house, "li", "wang")

    house.run_jobs()

    assert holder(house, task) == ("li", None)
    assert "ProxyPassedOver" in house.kinds(instance)


def test_a_disabled_person_stands_in_for_nobody(house: House) -> None:
    office(house)
    grant(house, "li", "wang")
    house.engine.execute(DisablePerson(login="wang"), actor=house.admin)

    assert holder(house, started(house)[1]) == ("li", None)
    with pytest.raises(Conflict, match="disabled"):
        grant(house, "zhao", "wang")


def test_ones_own_rules_and_for_administrators_everybodys(house: House) -> None:
    office(house)
    rule = grant(house, "li", "wang")
    period = {"start": house.now.isoformat(), "end": (house.now + HOUR).isoformat()}

    with pytest.raises(Forbidden):
        house.engine.execute(GrantProxy(principal="zhao", proxy="wang", **period), actor=house.actors["li"])
    with pytest.raises(Forbidden):
        house.engine.execute(RevokeProxy(rule_id=rule), actor=house.actors["wang"])
    house.engine.execute(GrantProxy(principal="zhao", proxy="wang", **period), actor=house.admin)
    house.engine.execute(RevokeProxy(rule_id=rule), actor=house.admin)


# ---------------------------------------------------------------- sharing, advising, taking back


def test_trap_2_7_p_7_2_shared_tasks_stay_and_the_proxy_may_take_one(house: House) -> None:
    office(house)
    grant(house, "li", "wang", mode="share")
    instance, task = started(house)
    assert holder(house, task) == ("li", None)

    house.engine.execute(TakeAsProxy(task_id=task), actor=house.actors["wang"])

    assert holder(house, task) == ("wang", "li")
    house.engine.execute(CompleteTask(task_id=task, outcome="agree"), actor=house.actors["wang"])
    assert_rebuilt(house, instance)


def test_what_a_proxy_may_take_is_listed_however_much_else_its_holder_has(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a list of one, when the first of the principal's tasks is not covered, the second one is listed all the same."""
    office(house)
    grant(house, "li", "wang", mode="share", processes=("purchase",))
    started(house, "leave")
    _, wanted = started(house, "purchase")
    monkeypatch.setattr(asking, "SHOWN", 1)

    listed = house.queries.asking.to_take(house.actors["wang"], house.now)

    assert [each["id"] for each in listed] == [wanted]


def test_nobody_takes_the_task_of_somebody_for_whom_he_does_not_stand_in(house: House) -> None:
    office(house)
    grant(house, "li", "wang", mode="share")
    _, task = started(house)

    with pytest.raises(NotFound):
        house.engine.execute(TakeAsProxy(task_id=task), actor=house.actors["zhao"])
    house.now += HOUR * 8
    with pytest.raises(NotFound):
        house.engine.execute(TakeAsProxy(task_id=task), actor=house.actors["wang"])


def test_the_principal_takes_back_what_the_proxy_has_not_acted_on(house: House) -> None:
    office(house)
    grant(house, "li", "wang")
    instance, task = started(house)

    house.engine.execute(TakeBackFromProxy(task_id=task), actor=house.actors["li"])

    assert holder(house, task) == ("li", None)
    with pytest.raises(Forbidden):
        house.engine.execute(TakeBackFromProxy(task_id=task), actor=house.actors["li"])
    assert_rebuilt(house, instance)


def test_p_7_1_a_proxy_who_advises_is_asked_and_decides_nothing(house: House) -> None:
    office(house)
    grant(house, "li", "wang", HOUR * 0, HOUR * 4, power="advise", reason="请先核对材料")
    instance = house.start("leave", by=house.actors["clerk"])
    (task,) = (each["id"] for each in house.queries.tasks.of_instance(instance) if each["seat"] == "holder")

    assert (*holder(house, task), row(house, task)["state"]) == ("li", None, "waiting")
    (asked,) = house.queries.tasks.open(assignee="wang").rows
    assert (asked["seat"], asked["power"], asked["why"]["question"]) == ("delegate", "advise", "请先核对材料")
    with pytest.raises(Conflict):
        house.engine.execute(CompleteTask(task_id=asked["id"], outcome="agree"), actor=house.actors["wang"])

    house.run_jobs(HOUR * 4)
    assert row(house, task)["state"] == "assigned"
    assert row(house, asked["id"])["state"] == "cancelled"
    assert_rebuilt(house, instance)


def test_advice_that_was_given_is_not_asked_for_again(house: House) -> None:
    office(house)
    _, task = started(house)
    rule = grant(house, "li", "wang", power="advise")
    house.run_jobs()
    (asked,) = house.queries.tasks.open(assignee="wang").rows
    house.engine.execute(CompleteTask(task_id=asked["id"], comment="可以"), actor=house.actors["wang"])

    house.engine.execute(RevokeProxy(rule_id=rule), actor=house.actors["li"])
    house.engine.execute(ActivateProxy(rule_id=rule), actor=house.actors["li"])
    house.run_jobs()

    assert row(house, task)["state"] == "assigned"


def test_the_history_of_the_house_explains_the_rules(house: House) -> None:
    from engine.store.base.history import ADMIN_STREAM
    from engine.store.projections.projector import replay

    office(house)
    rule = grant(house, "li", "wang", processes=("leave",), amount_limit="9.5")
    house.engine.execute(RevokeProxy(rule_id=rule, reason="返岗"), actor=house.actors["li"])
    grant(house, "li", "zhao", HOUR, HOUR * 2)
    house.run_jobs(HOUR * 2)

    with house.database.read() as connection:
        rebuilt = replay(connection, ADMIN_STREAM).tables[tables.proxy_rule]
        stored = {each.id: dict(each._mapping) for each in connection.execute(tables.proxy_rule.select())}
    assert {key[0]: value for key, value in rebuilt.items()} == stored


def test_two_members_of_staff_see_what_is_done_for_them(house: House) -> None:
    office(house)
    house.person("boss", roles=(Role.STAFF,))
    grant(house, "li", "wang")
    _, task = started(house)

    facts = house.queries.tasks.facts(row(house, task))

    assert {"li", "wang"} <= facts.involved


def test_whoever_sees_a_task_but_is_no_proxy_is_told_so_and_whoever_may_not_see_it_finds_nothing(house: House) -> None:
    office(house)
    _, task = started(house)

    with pytest.raises(Forbidden):
        house.engine.execute(TakeAsProxy(task_id=task), actor=house.actors["clerk"])
    with pytest.raises(NotFound):
        house.engine.execute(TakeAsProxy(task_id=task), actor=house.actors["zhou"])
