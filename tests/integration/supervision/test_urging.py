"""Urging: who may, how often, whom it reaches, and that it is kept."""

from typing import Any

import pytest

from engine.commands.supervision.urging import ReadUrges, UrgeTask, UrgeTasks
from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.store import tables
from engine.store.projections.projector import MemoryRows, replay
from tests.integration.supervision.watching import accepted, rows
from tests.processes.bureau import Bureau


def review(bureau: Bureau, no: str) -> dict[str, Any]:
    return bureau.task("shipin", no, "review")


def urges(bureau: Bureau) -> list[dict[str, Any]]:
    return sorted(rows(bureau, tables.urge), key=lambda row: row["urged_at"])


@pytest.mark.parametrize("who", ["chuangkou", "ducha"])
def test_trap_2_8_the_previous_handler_and_supervisors_may_urge(bureau: Bureau, who: str) -> None:
    no = accepted(bureau)

    answer = bureau.execute(UrgeTask(task_id=review(bureau, no)["id"], text="申请人等着开业"), who)

    (urge,) = urges(bureau)
    assert answer == {"id": urge["id"], "to": ["shipin"]}
    assert (urge["urged_by"], urge["body"], urge["channel"], urge["element_id"]) == (
        who, "申请人等着开业", "inbox", "review",
    )  # fmt: skip


def test_others_may_not_and_the_holder_not_himself(bureau: Bureau) -> None:
    no = accepted(bureau)
    task = review(bureau, no)
    bureau.claim("shipin", no, "review")

    with pytest.raises(NotFound):
        bureau.execute(UrgeTask(task_id=task["id"]), "weisheng")
    with pytest.raises(Forbidden):
        bureau.execute(UrgeTask(task_id=task["id"]), "shipin")
    with pytest.raises(Forbidden):
        bureau.execute(UrgeTask(task_id=task["id"]), "shenji")
    with pytest.raises(InvalidInput):
        bureau.execute(UrgeTask(task_id=task["id"], text="x" * 501), "ducha")


def test_trap_2_8_not_again_within_two_office_hours_and_not_more_than_three_times_a_day(bureau: Bureau) -> None:
    no = accepted(bureau, "2026-11-23 09:00")
    task_id = review(bureau, no)["id"]
    bureau.execute(UrgeTask(task_id=task_id), "ducha")

    bureau.at("2026-11-23 10:59")
    with pytest.raises(Conflict):
        bureau.execute(UrgeTask(task_id=task_id), "chuangkou")
    for at in ("2026-11-23 11:00", "2026-11-23 15:00"):
        bureau.at(at)
        bureau.execute(UrgeTask(task_id=task_id), "ducha")
    bureau.at("2026-11-23 17:29")
    with pytest.raises(Conflict, match="today"):
        bureau.execute(UrgeTask(task_id=task_id), "ducha")
    bureau.at("2026-11-24 09:00")
    bureau.execute(UrgeTask(task_id=task_id), "ducha")
    assert len(urges(bureau)) == 4


def test_trap_2_8_it_goes_to_whom_the_task_was_handed(bureau: Bureau) -> None:
    no = accepted(bureau)
    task = review(bureau, no)
    bureau.claim("shipin", no, "review")
    bureau.execute(AssignTask(task_id=task["id"], assignee="shenhe", reason="出差"), "shipin")

    assert bureau.execute(UrgeTask(task_id=task["id"]), "ducha")["to"] == ["shenhe"]


def test_trap_2_8_a_closed_task_is_not_urged(bureau: Bureau) -> None:
    no = accepted(bureau)
    task = review(bureau, no)
    bureau.do("shipin", no, "review", "pass", review_record="符合")

    with pytest.raises(Conflict, match="closed"):
        bureau.execute(UrgeTask(task_id=task["id"]), "ducha")


def test_trap_2_8_a_batch_makes_one_message_for_each_person_and_says_what_was_refused(bureau: Bureau) -> None:
    first, second = accepted(bureau), accepted(bureau)
    ids = [review(bureau, no)["id"] for no in (first, second)]
    third = accepted(bureau)
    urged_before = review(bureau, third)["id"]
    bureau.execute(UrgeTask(task_id=urged_before), "ducha")

    answer = bureau.execute(UrgeTasks(task_ids=(*ids, urged_before, "nothing"), text="今日办结"), "ducha")

    assert sorted(answer["urged"]) == sorted(ids) and answer["messages"] == {"shipin": 2}
    assert {each["task_id"] for each in answer["refused"]} == {urged_before, "nothing"}
    assert len({row["message_id"] for row in urges(bureau) if row["body"] == "今日办结"}) == 1
    with pytest.raises(Forbidden):
        bureau.execute(UrgeTasks(task_ids=tuple(ids)), "chuangkou")


def test_opening_the_task_reads_the_urge(bureau: Bureau) -> None:
    no = accepted(bureau)
    task_id = review(bureau, no)["id"]
    bureau.execute(UrgeTask(task_id=task_id), "ducha")

    assert bureau.execute(ReadUrges(task_id=task_id), "ducha") == {"read": 0}
    assert bureau.execute(ReadUrges(task_id=task_id), "shipin") == {"read": 1}
    assert bureau.execute(ReadUrges(task_id=task_id), "shipin") == {"read": 0}

    (urge,) = urges(bureau)
    assert urge["read_by"] == "shipin" and urge["read_at"] == bureau.now
    memory = MemoryRows()
    with bureau.database.read() as connection:
        replay(connection, bureau.case(no)["instance_id"], memory)
    assert list(memory.tables[tables.urge].values()) == [urge]
