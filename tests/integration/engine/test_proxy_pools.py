"""P-7.2 for pools: a proxy sees what is offered to those for whom he stands in, within the rule, and claims it for them."""

from datetime import timedelta
from typing import Any

import pytest

from engine.access import Actor, Role
from engine.cli.bench.measuring import counted
from engine.commands.delegating.proxies import GrantProxy, TakeAsProxy
from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.tasks.handling import ClaimTask, CompleteTask, UnclaimTask
from engine.errors import Conflict, NotFound
from engine.store.rows import people
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt

HOUR = timedelta(hours=1)


def pools(house: House, settings: str = "") -> None:
    """li and zhao are examiners; wang, qian and the clerk are not."""
    for login, groups in (("li", ["examiners"]), ("zhao", ["examiners"]), ("wang", []), ("qian", []), ("clerk", [])):
        house.person(login, *groups)
    for key in ("leave", "purchase"):
        body = (
            '<startEvent id="s"/><userTask id="check" name="审核" banjie:candidateGroups="examiners" '
            f'banjie:outcomes="agree,refuse" {settings}/><userTask id="file" name="归档" banjie:assignee="clerk"/>'
            '<endEvent id="e"/>' + flows("s-check", "check-file", "file-e")
        )
        house.deploy(bpmn(body, key=key))


def grant(house: House, principal: str, proxy: str, hours: tuple[int, int] = (0, 8), **more: Any) -> None:
    start, end = ((house.now + HOUR * each).isoformat() for each in hours)
    house.engine.execute(GrantProxy(proxy=proxy, start=start, end=end, **more), actor=house.actors[principal])


def actor(house: House, login: str) -> Actor:
    """The person as the pages know him: with whether he stands in for somebody."""
    with house.database.read() as connection:
        return people.actor(connection, login)


def offers(house: House, login: str) -> dict[str, str | None]:
    """What the person may claim, and for whom: {title: principal}."""
    asked = actor(house, login)
    page = house.queries.proxy_offers.page(asked, house.now)
    assert house.queries.proxy_offers.count(asked, house.now) == len(page.rows)
    return {row["definition_key"]: row.get("proxy_for") for row in page.rows}


@pytest.mark.parametrize("mode", ["move", "share"])
def test_p_7_2_a_proxy_sees_the_pools_of_his_principal_and_claims_for_him(house: House, mode: str) -> None:
    pools(house)
    instance = house.start("leave", by=house.actors["clerk"])
    assert offers(house, "wang") == {}
    grant(house, "li", "wang", mode=mode)
    assert offers(house, "wang") == {"leave": "li"}
    task = house.task(instance)

    house.engine.execute(ClaimTask(task_id=task["id"]), actor=actor(house, "wang"))

    held = house.task(instance)
    assert (held["state"], held["assignee"], held["principal"]) == ("assigned", "wang", "li")
    assert offers(house, "wang") == {} == offers(house, "zhao")
    house.engine.execute(CompleteTask(task_id=task["id"], outcome="agree"), actor=actor(house, "wang"))
    done = next(
        each for each in house.queries.instances.history(instance, limit=500) if each["kind"] == "TaskCompleted"
    )
    assert (done["actor"], done["acts_for"]) == ("wang", "li")
    assert_rebuilt(house, instance)


def test_p_7_1_only_within_scope_and_period_and_with_the_power_to_decide(house: House) -> None:
    pools(house)
    grant(house, "li", "wang", processes=("purchase",))
    grant(house, "zhao", "qian", power="advise")
    leave = house.start("leave", by=house.actors["clerk"])
    house.start("purchase", by=house.actors["clerk"])

    assert offers(house, "wang") == {"purchase": "li"}
    assert offers(house, "qian") == {}
    with pytest.raises(NotFound):
        house.engine.execute(ClaimTask(task_id=house.task(leave)["id"]), actor=actor(house, "wang"))
    house.now += HOUR * 9
    assert offers(house, "wang") == {}


def test_p_7_1_a_limit_of_the_amount_holds_for_pools_too(house: House) -> None:
    pools(house)
    grant(house, "li", "wang", amount_limit="1000")
    small = house.start("leave", by=house.actors["clerk"], amount=1000)
    house.start("purchase", by=house.actors["clerk"], amount=1001)

    assert offers(house, "wang") == {"leave": "li"}
    house.engine.execute(TakeAsProxy(task_id=house.task(small)["id"]), actor=actor(house, "wang"))


@pytest.mark.parametrize("recused", ["li", "wang"])
def test_p_7_3_neither_the_proxy_nor_his_principal_may_be_recused(house: House, recused: str) -> None:
    pools(house)
    house.person("ducha", roles=(Role.STAFF, Role.SUPERVISOR))
    grant(house, "li", "wang")
    instance = house.start("leave", by=house.actors["clerk"])
    house.engine.execute(
        DeclareRecusal(instance_id=instance, reason="亲属", login=recused), actor=house.actors["ducha"]
    )

    assert offers(house, "wang") == {}
    with pytest.raises((Conflict, NotFound)):
        house.engine.execute(TakeAsProxy(task_id=house.task(instance)["id"]), actor=actor(house, "wang"))


def test_p_7_3_who_started_it_does_not_decide_it_as_somebodys_proxy(house: House) -> None:
    pools(house, 'banjie:onSelf="exclude"')
    grant(house, "li", "clerk")
    instance = house.start("leave", by=house.actors["clerk"])

    assert offers(house, "clerk") == {}
    with pytest.raises(Conflict, match="is the initiator"):
        house.engine.execute(TakeAsProxy(task_id=house.task(instance)["id"]), actor=actor(house, "clerk"))


def test_p_7_3_a_chain_reaches_the_pools_of_the_first(house: House) -> None:
    pools(house)
    grant(house, "li", "wang")
    grant(house, "wang", "qian")
    house.start("leave", by=house.actors["clerk"])

    assert offers(house, "qian") == {"leave": "li"}


def test_p_7_2_what_was_claimed_for_him_comes_back_to_the_principal_and_put_back_to_all(house: House) -> None:
    pools(house)
    grant(house, "li", "wang")
    first, second = (house.start(key, by=house.actors["clerk"]) for key in ("leave", "purchase"))
    for instance in (first, second):
        house.engine.execute(ClaimTask(task_id=house.task(instance)["id"]), actor=actor(house, "wang"))

    house.engine.execute(UnclaimTask(task_id=house.task(first)["id"]), actor=actor(house, "wang"))
    house.run_jobs(HOUR * 9)

    back = house.task(first)
    assert (back["state"], back["assignee"], back["principal"]) == ("offered", None, None)
    assert offers(house, "zhao") == {"leave": None}
    assert (house.task(second)["assignee"], house.task(second)["principal"]) == ("li", None)
    for instance in (first, second):
        assert_rebuilt(house, instance)


def test_whoever_is_nobodys_proxy_pays_nothing_for_it(house: House) -> None:
    pools(house)
    grant(house, "li", "wang")
    house.start("leave", by=house.actors["clerk"])
    zhao = actor(house, "zhao")

    with counted(house.database.engine) as count:
        house.queries.proxy_offers.page(zhao, house.now)
    assert count.statements == 2  # as without proxies
    task = house.queries.tasks.offered(zhao).rows[0]
    with counted(house.database.engine) as count:
        assert house.queries.proxy_offers.principal(zhao, house.now, task) is None
    assert count.statements == 0
