"""Every path of an appeal against a card: withdrawn, rejected, referred and then either; and who may not."""

import pytest

from engine.commands.supervision.appeals import AppealCard
from engine.commands.supervision.cards import AnswerCard, CloseCard
from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.store import tables
from engine.store.projections.projector import MemoryRows, replay
from tests.integration.supervision.watching import accepted, card, look, rows, scan
from tests.processes.bureau import Bureau


def appealed(bureau: Bureau) -> tuple[str, str]:
    """A yellow card and the appeal against it; returns the number of the case and the instance of the appeal."""
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")
    answer = bureau.execute(AppealCard(card_id=card(bureau, no)["id"], text="系统停机两天，有运维记录"), "shipin")
    return no, str(answer["instance_id"])


def act(bureau: Bureau, by: str, instance_id: str, element: str, outcome: str, comment: str = "经核实") -> None:
    (task,) = [row for row in bureau.inbox(by) if (row["instance_id"], row["element_id"]) == (instance_id, element)]
    bureau.execute(CompleteTask(task_id=task["id"], outcome=outcome, comment=comment), by)


def outcome(bureau: Bureau, no: str) -> tuple[str, str | None, str]:
    found = card(bureau, no)
    return found["state"], found["appeal_state"], found["appeal_reply"]


def test_an_appeal_that_is_right_withdraws_the_card_for_good(bureau: Bureau) -> None:
    no, instance_id = appealed(bureau)
    assert outcome(bureau, no) == ("issued", "open", "")

    act(bureau, "ducha", instance_id, "review", "withdraw", "停机属实，撤销")

    assert outcome(bureau, no) == ("withdrawn", "withdrawn", "停机属实，撤销")
    assert (card(bureau, no)["ground"], card(bureau, no)["replied_by"]) == ("appeal", "ducha")
    assert "现撤销" in bureau.document(no, "card_withdrawn")
    scan(bureau)
    assert card(bureau, no)["state"] == "withdrawn", "no scan issues it again"


def test_an_appeal_that_is_not_right_leaves_the_card(bureau: Bureau) -> None:
    no, instance_id = appealed(bureau)

    act(bureau, "ducha", instance_id, "review", "reject", "停机不影响办理")

    assert outcome(bureau, no) == ("issued", "rejected", "停机不影响办理")
    with pytest.raises(Conflict, match="once"):
        bureau.execute(AppealCard(card_id=card(bureau, no)["id"], text="再申诉"), "shipin")


@pytest.mark.parametrize(
    ("decision", "expected"),
    [("withdraw", ("withdrawn", "withdrawn", "同意撤销")), ("reject", ("issued", "rejected", "同意撤销"))],
)
def test_a_referred_appeal_is_decided_above(bureau: Bureau, decision: str, expected: tuple[str, str, str]) -> None:
    no, instance_id = appealed(bureau)
    act(bureau, "ducha", instance_id, "review", "refer", "涉及多个部门，请领导定")
    assert outcome(bureau, no) == ("issued", "referred", "涉及多个部门，请领导定")

    act(bureau, "juzhang", instance_id, "decide", decision, "同意撤销")

    assert outcome(bureau, no) == expected


def test_no_answer_without_words_and_no_closing_while_an_appeal_is_open(bureau: Bureau) -> None:
    no, instance_id = appealed(bureau)
    with pytest.raises(InvalidInput):
        act(bureau, "ducha", instance_id, "review", "reject", "")
    bureau.execute(AnswerCard(card_id=card(bureau, no)["id"], text="已说明"), "shipin")

    with pytest.raises(Conflict):
        bureau.execute(CloseCard(card_id=card(bureau, no)["id"], reason="x"), "ducha")


def test_only_the_responsible_appeal_and_only_in_time(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-04 09:00")
    with pytest.raises(Conflict, match="warning"):
        bureau.execute(AppealCard(card_id=card(bureau, no)["id"], text="x"), "shipin")
    look(bureau, "2026-12-08 09:00")
    yellow = next(row["id"] for row in rows(bureau, tables.card) if row["level"] == "yellow")

    with pytest.raises(NotFound):
        bureau.execute(AppealCard(card_id=yellow, text="x"), "weisheng")
    with pytest.raises(Forbidden):
        bureau.execute(AppealCard(card_id=yellow, text="x"), "ducha")
    bureau.at("2027-03-01 09:00")
    with pytest.raises(Conflict, match="ended"):
        bureau.execute(AppealCard(card_id=yellow, text="x"), "shipin")


def test_an_appeal_rebuilds_from_the_history_of_its_case(bureau: Bureau) -> None:
    no, instance_id = appealed(bureau)
    act(bureau, "ducha", instance_id, "review", "withdraw")

    memory = MemoryRows()
    with bureau.database.read() as connection:
        replay(connection, bureau.case(no)["instance_id"], memory)

    assert list(memory.tables[tables.card].values()) == rows(bureau, tables.card)
