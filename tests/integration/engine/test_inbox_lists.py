"""Lists of the inbox: three orders, a search that sees form fields but no hidden ones, and windows that bound it."""

from datetime import timedelta

import pytest

from engine.access import Actor
from engine.commands.running.instances import StartInstance
from engine.store.base.paging import cursor_of
from engine.store.queries import inbox_lists
from engine.store.queries import tasks as queries_tasks
from engine.store.queries.inbox_lists import DUE, ORDERS, RECEIVED, TaskFilter
from tests.integration.engine.house import House, bpmn, flows


def pool(key: str, groups: str, limit: str = "3wd", more: str = "") -> bytes:
    within = f'banjie:limit="{limit}"' if limit else ""
    return bpmn(
        f'<startEvent id="s"/><userTask id="t" name="{key}" banjie:candidateGroups="{groups}" {within} {more}/>'
        '<endEvent id="e"/>' + flows("s-t", "t-e"),
        key=key,
    )


def start(house: House, key: str, title: str = "", **variables: object) -> str:
    command = StartInstance(key=key, title=title, variables=variables)
    return str(house.engine.execute(command, actor=house.admin)["id"])


@pytest.fixture
def reader(house: House) -> Actor:
    house.deploy(pool("both", "window,fire", "2wd"), pool("one", "fire", "5wd"))
    return house.person("li", "window", "fire")


def all_pages(house: House, reader: Actor, narrow: TaskFilter, order: str, limit: int = 3) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = house.queries.tasks.offered(reader, narrow, order=ORDERS[order], after=after, limit=limit)
        found += [row["id"] for row in page.rows]
        after = page.next
        if after is None:
            return found


def filled(house: House) -> None:
    for _ in range(4):
        start(house, "both", project="空调")
        start(house, "one", project="打印机")
        house.now += timedelta(minutes=7)


@pytest.mark.parametrize("order", ["due", "received", "urgent"])
@pytest.mark.parametrize("narrow", [TaskFilter(), TaskFilter(text="空调"), TaskFilter(definition_key="one")])
def test_every_order_pages_through_the_pool_once_whether_narrowed_or_not(
    house: House, reader: Actor, order: str, narrow: TaskFilter
) -> None:
    filled(house)
    whole = house.queries.tasks.offered(reader, narrow, order=ORDERS[order], limit=50).rows

    paged = all_pages(house, reader, narrow, order)

    assert paged == [row["id"] for row in whole]
    assert len(set(paged)) == len(paged) == (8 if narrow == TaskFilter() else 4)
    keys = [tuple(row[name] for name in ORDERS[order].columns) for row in whole]
    assert keys == sorted(keys, reverse=ORDERS[order].descending)


@pytest.mark.parametrize("order", ["due", "received"])
def test_a_search_ends_with_its_window_and_the_next_page_goes_on_behind_it(
    house: House, reader: Actor, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trap 2.10.5: nothing is filtered after paging, so nothing is lost between two windows."""
    filled(house)
    for module in (inbox_lists, queries_tasks):
        monkeypatch.setattr(module, "WINDOW", 3)
    narrow = TaskFilter(text="空调")

    first = house.queries.tasks.offered(reader, narrow, order=ORDERS[order], limit=20)

    assert first.searched == 3 and first.next is not None
    assert len(all_pages(house, reader, narrow, order, limit=20)) == 4
    for row in house.queries.tasks.offered(reader, limit=50).rows:
        house.claim(row, reader)
    held = house.queries.tasks.assigned(reader, TaskFilter(text="没有的"), order=ORDERS[order])
    assert held.rows == [] and held.searched == 3


def test_a_keyword_finds_what_stands_in_the_form_fields_in_any_width_and_case(house: House, reader: Actor) -> None:
    start(house, "both", company="ＡＢＣ 科技", amount=3800, goods=[{"name": '说明 "A\\B" 100%'}])

    found = {
        text: len(house.queries.tasks.offered(reader, TaskFilter(text=text)).rows)
        for text in ("abc 科", "ABC", "3800", '"a\\b" 100%', "100_", "company", "true", "没有")
    }

    assert found == {"abc 科": 1, "ABC": 1, "3800": 1, '"a\\b" 100%': 1, "100_": 0, "company": 0, "true": 0, "没有": 0}


def test_a_keyword_finds_what_a_field_holds_now_not_what_it_held(house: House) -> None:
    worker = house.person("li", "window")
    house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="a" banjie:candidateGroups="window"/>'
            '<userTask id="b" banjie:candidateGroups="window"/><endEvent id="e"/>' + flows("s-a", "a-b", "b-e"),
            key="two",
        )
    )
    instance = start(house, "two", place="东湖")
    house.complete(house.task(instance), worker, place="西湖")

    assert house.queries.tasks.offered(worker, TaskFilter(text="西湖")).rows != []
    assert house.queries.tasks.offered(worker, TaskFilter(text="东湖")).rows == []


def test_a_hidden_field_cannot_be_found_out_by_searching(house: House) -> None:
    li = house.person("li", "window")
    house.deploy(pool("open", "window"), pool("closed", "window", more='banjie:fields="price:hidden"'))
    for key in ("open", "closed"):
        start(house, key, price="底价七百万", project="扩建")

    found = {text: house.queries.tasks.offered(li, TaskFilter(text=text)).rows for text in ("七百万", "扩建")}

    assert [row["definition_key"] for row in found["七百万"]] == ["open"]
    assert len(found["扩建"]) == 2


def test_tasks_without_a_deadline_page_like_all_others(house: House) -> None:
    li = house.person("li", "window")
    house.deploy(pool("endless", "window", limit=""))
    for _ in range(7):
        start(house, "endless")

    assert len(set(all_pages(house, li, TaskFilter(), "due"))) == 7


def test_the_place_in_a_list_is_known_also_when_the_task_has_left_it(house: House, reader: Actor) -> None:
    filled(house)
    rows = house.queries.tasks.offered(reader, order=RECEIVED, limit=50).rows
    middle = rows[3]
    house.complete(middle, reader)

    behind = house.queries.tasks.offered(
        reader, order=RECEIVED, after=cursor_of([middle[name] for name in RECEIVED.columns]), limit=1
    )

    assert behind.rows[0]["id"] == rows[4]["id"]
    assert house.queries.tasks.offered(reader, order=DUE, limit=50).rows != []
