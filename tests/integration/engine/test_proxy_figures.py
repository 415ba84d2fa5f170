"""The figure 待认领 of a proxy: what he may claim for himself and for others, each task once, as his list has it (P-7.2)."""

from dataclasses import replace
from typing import Any

import pytest

from engine.cli.bench.measuring import counted
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.test_proxies import grant


@pytest.fixture
def house(house: House) -> House:
    """li and zhao are examiners, zhao and wang are clerks; clerk starts."""
    house.person("li", "examiners")
    house.person("zhao", "examiners", "clerks")
    house.person("wang", "clerks")
    house.person("clerk")
    for key, group, more in (
        ("exam", "examiners", ""),
        ("copy", "clerks", ""),
        ("own", "examiners", 'banjie:onSelf="exclude"'),
    ):
        task = f'<userTask id="a" banjie:candidateGroups="{group}" {more}/>'
        house.deploy(bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>' + flows("s-a", "a-e"), key=key))
    return house


def figure(house: House, login: str) -> int:
    actor = replace(house.actors[login], stands_in=True)
    listed = house.queries.proxy_offers.page(actor, house.now, limit=100).rows
    found = house.queries.proxy_offers.count(actor, house.now)
    assert found == len(listed), "the figure is that of the list"
    return found


def started(house: House, key: str, by: str = "clerk", **variables: Any) -> None:
    house.start(key, by=house.actors[by], **variables)


def test_p_7_2_own_pools_and_those_of_the_principals_each_task_once(house: House) -> None:
    for key in ("exam", "exam", "copy"):
        started(house, key)
    grant(house, "li", "wang")
    grant(house, "zhao", "wang")
    assert figure(house, "wang") == 3
    assert figure(house, "clerk") == 0


def test_p_7_2_only_what_the_scope_covers(house: House) -> None:
    for key in ("exam", "own", "exam"):
        started(house, key, amount=5)
    grant(house, "li", "wang", processes=("own",))
    grant(house, "zhao", "clerk", amount_limit="3")
    assert figure(house, "wang") == 1
    assert figure(house, "clerk") == 0
    started(house, "exam", by="wang", amount=2)
    assert figure(house, "clerk") == 1


def test_p_7_3_not_what_is_his_own_application(house: House) -> None:
    grant(house, "li", "clerk")
    started(house, "own")
    assert figure(house, "clerk") == 0
    started(house, "own", by="wang")
    assert figure(house, "clerk") == 1


def test_the_figure_costs_four_statements_however_much_is_offered(house: House) -> None:
    grant(house, "li", "wang")
    wang, costs = replace(house.actors["wang"], stands_in=True), []
    for _ in range(2):
        started(house, "exam")
        with counted(house.database.engine) as count:
            house.queries.proxy_offers.count(wang, house.now)
        costs.append(count.statements)
    assert costs == [4, 4]
