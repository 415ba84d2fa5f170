"""Which values of a task's form are told as different since the step before."""

from typing import Any

from web.parts.changed import since_step_before


def story(*events: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"seq": n, "kind": kind, "data": data} for n, (kind, data) in enumerate(events, start=1)]


def started(**variables: Any) -> tuple[str, dict[str, Any]]:
    return "InstanceStarted", {"variables": variables}


def opened(task: str) -> tuple[str, dict[str, Any]]:
    return "TaskCreated", {"task_id": task}


def done(task: str, **variables: Any) -> tuple[str, dict[str, Any]]:
    return "TaskCompleted", {"task_id": task, "element_id": task.rstrip("0123456789"), "variables": variables}


def returned(task: str) -> tuple[str, dict[str, Any]]:
    return "TaskReturned", {"task_id": task, "element_id": task}


def test_what_the_step_before_has_changed_is_told_with_what_it_was() -> None:
    history = story(
        started(amount=500, project="空调"), opened("a"), done("a", amount=800, project="空调"), opened("b")
    )
    assert since_step_before("b", {"amount": 800, "project": "空调"}, history) == {"amount": 500}


def test_what_it_has_filled_in_was_nothing_before_and_nothing_stays_nothing() -> None:
    history = story(started(), opened("a"), done("a", risk="low", why=None, goods=[], urgent=False, n=0), opened("b"))
    values = {"risk": "low", "why": None, "goods": [], "urgent": False, "n": 0}
    assert since_step_before("b", values, history) == {"risk": None, "n": None}


def test_the_first_step_has_none_before_it() -> None:
    assert since_step_before("a", {"amount": 1}, story(started(amount=1), opened("a"))) == {}


def test_what_an_earlier_step_had_changed_is_no_news() -> None:
    history = story(started(x=1), opened("a"), done("a", x=2), opened("b"), done("b", x=2), opened("c"))
    assert since_step_before("c", {"x": 2}, history) == {}


def test_a_task_that_was_returned_shows_nothing_and_the_returner_then_sees_what_was_mended() -> None:
    history = story(started(x=1), opened("a"), done("a", x=2), opened("b"), returned("b"), opened("a2"))
    assert since_step_before("a2", {"x": 2}, history) == {}
    history += [
        {"seq": 7, "kind": "TaskCompleted", "data": {"task_id": "a2", "element_id": "a", "variables": {"x": 3}}},
        {"seq": 8, "kind": "TaskCreated", "data": {"task_id": "b2"}},
    ]
    assert since_step_before("b2", {"x": 3}, history) == {"x": 2}


def test_branches_and_members_that_acted_side_by_side_are_one_step() -> None:
    side = story(started(x=1, y=1), opened("a"), opened("b"), done("a", x=2), done("b", y=2), opened("c"))
    assert since_step_before("c", {"x": 2, "y": 2}, side) == {"x": 1, "y": 1}
    one_by_one = story(started(x=1), opened("m1"), done("m1", x=2), opened("m2"), done("m2", x=3), opened("c"))
    assert since_step_before("c", {"x": 3}, one_by_one) == {"x": 1}


def test_what_comes_from_another_branch_while_the_task_is_open_is_told_too() -> None:
    history = story(started(x=1), opened("a"), done("a"), opened("b"), ("VariablesChanged", {"variables": {"x": 9}}))
    assert since_step_before("b", {"x": 9}, history) == {"x": 1}


def test_what_nobody_is_known_to_have_written_is_told_as_nobodys_change() -> None:
    history = story(started(x=1), opened("a"), done("a", x=2), opened("b"))
    assert since_step_before("b", {"x": 5}, history) == {}, "a script has written over it"
