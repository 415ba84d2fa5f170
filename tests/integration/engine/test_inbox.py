"""Inbox pages: by deadline, page by page, each task once however many groups offer it."""

from datetime import timedelta

from engine.commands.tasks.handling import ClaimTask
from engine.store.queries.inbox_lists import TaskFilter
from tests.integration.engine.house import House, bpmn, flows


def offered_to(groups: str, key: str, limit: str) -> bytes:
    return bpmn(
        f'<startEvent id="s"/><userTask id="t" name="{key}" banjie:candidateGroups="{groups}" banjie:limit="{limit}"/>'
        '<endEvent id="e"/>' + flows("s-t", "t-e"),
        key=key,
    )


def filled(house: House) -> None:
    house.deploy(offered_to("window,fire", "both", "2wd"), offered_to("fire", "fire_only", "1wd"))
    for _ in range(5):
        house.start("both")
        house.start("fire_only")
        house.now += timedelta(minutes=1)


def test_pages_follow_each_other_without_gap_or_repetition_and_sorted_by_deadline(house: House) -> None:
    filled(house)
    reader = house.person("li", "window", "fire")
    seen, after = [], None
    while True:
        page = house.queries.tasks.offered(reader, after=after, limit=3)
        seen += page.rows
        after = page.next
        if after is None:
            break
    assert len(seen) == len({row["id"] for row in seen}) == 10
    assert [row["due_sort"] for row in seen] == sorted(row["due_sort"] for row in seen)
    assert house.queries.tasks.counts(reader) == {"assigned": 0, "offered": 10}


def test_a_person_sees_only_the_pools_of_her_groups(house: House) -> None:
    filled(house)
    reader = house.person("wang", "window")
    assert {row["definition_key"] for row in house.queries.tasks.offered(reader).rows} == {"both"}


def test_a_filter_narrows_the_pool_and_the_pages_of_it(house: House) -> None:
    filled(house)
    reader = house.person("li", "window", "fire")
    narrow = TaskFilter(definition_key="both")
    first = house.queries.tasks.offered(reader, narrow, limit=3)
    second = house.queries.tasks.offered(reader, narrow, limit=3, after=first.next)
    assert [row["definition_key"] for row in first.rows + second.rows] == ["both"] * 5
    assert second.next is None
    assert house.queries.tasks.offered(reader, TaskFilter(text="fire_")).rows != []
    assert house.queries.tasks.offered(reader, TaskFilter(text="fire%only")).rows == []


def test_held_and_done_tasks_page_by_key_too(house: House) -> None:
    filled(house)
    li = house.person("li", "window", "fire")
    for row in house.queries.tasks.offered(li, limit=50).rows:
        house.engine.execute(ClaimTask(task_id=row["id"]), actor=li)
    first = house.queries.tasks.assigned(li, limit=6)
    second = house.queries.tasks.assigned(li, limit=6, after=first.next)
    assert len({row["id"] for row in first.rows + second.rows}) == 10
    for row in first.rows:
        house.complete(row, li)
        house.now += timedelta(minutes=1)
    newest = house.queries.tasks.done(li, limit=4)
    older = house.queries.tasks.done(li, limit=4, after=newest.next)
    assert [row["id"] for row in newest.rows + older.rows] == [row["id"] for row in reversed(first.rows)]
