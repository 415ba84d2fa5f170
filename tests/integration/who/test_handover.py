"""D9: with a leaver go his posts, his leaderships and the choices that others made of him; what cannot go is told."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.delegating.handover import HandOver
from engine.commands.running.instances import StartInstance
from engine.errors import Conflict, InvalidInput
from engine.store import tables
from tests.integration.engine.rebuilding import assert_rebuilt
from tests.integration.who.bureau import Bureau


def hand_over(bureau: Bureau, leaver: str, *receivers: str, **more: Any) -> dict[str, Any]:
    command = HandOver(leaver=leaver, receivers=receivers, **more)
    return bureau.engine.execute(command, actor=bureau.admin)


def lines(answer: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(line["kind"], line["id"], line["to"]) for line in answer["report"]]


def led(bureau: Bureau, department: str) -> tuple[str | None, list[str]]:
    with bureau.database.read() as connection:
        row = connection.execute(tables.department.select().where(tables.department.c.id == department)).one()
    return row.leader, list(row.deputies or ())


def test_d9_posts_and_leaderships_go_to_whom_they_are_given(bureau: Bureau) -> None:
    bureau.post("examiner", ("chief", "section"), ("vice", "section"))
    bureau.post("archivist", ("chief", "desk"))

    answer = hand_over(bureau, "chief", "vice", posts_to="vice", leads_to="vice")

    assert lines(answer) == [
        ("post", "archivist@desk", "vice"),
        ("post", "examiner@section", "vice"),
        ("leader", "section", "vice"),
    ]
    assert led(bureau, "section") == ("vice", [])  # nobody is his own deputy
    assert bureau.who('banjie:who="posts(archivist)"') == ["vice"]
    assert hand_over(bureau, "chief", "vice", posts_to="vice", leads_to="vice")["report"] == []


@pytest.mark.parametrize(
    ("to", "expected"),
    [("qian", ("chief", ["qian"])), ("chief", ("chief", [])), ("", ("chief", []))],
)
def test_d9_a_deputys_place_is_taken_or_vacant_and_nobody_has_two(
    bureau: Bureau, to: str, expected: tuple[str, list[str]]
) -> None:
    answer = hand_over(bureau, "vice", "qian", leads_to=to)
    assert lines(answer) == [("deputy", "section", to or None)]
    assert led(bureau, "section") == expected


def test_d9_who_was_chosen_for_a_step_to_come_is_replaced_within_the_list_of_the_node(bureau: Bureau) -> None:
    bureau.one('banjie:who="chosen(start, from: departments(section))"')
    start = StartInstance(key="one", chosen={"approve": ["chief"]})
    instance_id = str(bureau.engine.execute(start, actor=bureau.actors["zhou"])["id"])

    refused = hand_over(bureau, "chief", "mayor")
    assert (refused["moved"], refused["refused"]) == (1, 1)  # the leadership is vacant now; the choice could not go
    assert "list" in next(line["en"] for line in refused["report"] if line["kind"] == "choice")
    assert lines(hand_over(bureau, "chief", "mayor", "vice")) == [("choice", instance_id, "vice")]

    bureau.complete(bureau.task(instance_id, "fill"), bureau.actors["zhou"])
    assert bureau.row(instance_id)["assignee"] == "vice"
    assert_rebuilt(bureau, instance_id)


def test_d9_nobody_disabled_and_not_the_leaver_takes_over_a_duty(bureau: Bureau) -> None:
    bureau.set_person("vice", disabled=True)
    with pytest.raises(Conflict, match="vice is disabled"):
        hand_over(bureau, "chief", "qian", leads_to="vice")
    with pytest.raises(InvalidInput, match="The leaver cannot"):
        hand_over(bureau, "chief", "qian", posts_to="chief")
    assert led(bureau, "section") == ("chief", ["vice"])
