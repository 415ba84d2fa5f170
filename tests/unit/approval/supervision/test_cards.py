"""The life of cards and orders, what the rules owe, and how often one may urge."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.approval.supervision.card import Card, CardState, Ground, owed
from engine.approval.supervision.order import Order, OrderLevel, OrderState
from engine.approval.supervision.rules import Issue, Level, UrgeRules
from engine.approval.supervision.urging import check_frequency
from engine.calendar import WorkCalendar
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from tests.unit.approval.supervision.builders import at

WARN, YELLOW, RED = Level.WARN, Level.YELLOW, Level.RED


def card(level: Level = YELLOW, state: CardState = CardState.ISSUED, ground: Ground | None = None) -> Card:
    return Card(id=f"{level.value}-{state.value}", level=level, issue=Issue.AUTOMATIC, state=state, ground=ground)


MOVES: dict[str, Callable[[Card], list[Event]]] = {
    "sign": lambda card: card.sign(),
    "answer": lambda card: card.answer("已整改"),
    "close": lambda card: card.close("整改属实"),
    "escalate": lambda card: card.escalate("o"),
    "withdraw": lambda card: card.withdraw(Ground.HAND, "发错了"),
    "supersede": lambda card: card.supersede("r"),
}
ALLOWED = {
    CardState.AWAITING: "withdraw supersede",
    CardState.ISSUED: "sign answer escalate withdraw supersede",
    CardState.SIGNED: "answer escalate withdraw supersede",
    CardState.ANSWERED: "close escalate withdraw supersede",
    CardState.ESCALATED: "answer close withdraw supersede",
    CardState.CLOSED: "withdraw",
    CardState.WITHDRAWN: "",
    CardState.SUPERSEDED: "",
}


@pytest.mark.parametrize("state", CardState)
def test_a_card_moves_only_as_its_table_says(state: CardState) -> None:
    for name, move in MOVES.items():
        if name in ALLOWED[state].split():
            assert move(card(state=state)), name
        else:
            with pytest.raises(Conflict):
                move(card(state=state))


def test_a_warning_is_not_appealed_and_a_card_only_once() -> None:
    with pytest.raises(Conflict):
        card(WARN).check_appeal()
    with pytest.raises(Conflict):
        replace(card(), appealed=True).check_appeal()
    card().check_appeal()


def test_no_card_is_closed_while_its_appeal_is_open() -> None:
    with pytest.raises(Conflict):
        replace(card(state=CardState.ANSWERED), appeal_open=True).close("x")


def test_answers_and_reasons_must_be_written() -> None:
    for wrong in ("", "  ", "x" * 4001):
        with pytest.raises(InvalidInput):
            card().answer(wrong)


@pytest.mark.parametrize(
    ("level", "cards", "issue", "wrong"),
    [
        (YELLOW, [], True, []),
        (YELLOW, [card(WARN)], True, []),
        (YELLOW, [card(YELLOW)], False, []),
        (WARN, [card(WARN, CardState.SUPERSEDED), card(YELLOW)], True, ["yellow-issued"]),
        (None, [card(RED, CardState.CLOSED)], False, ["red-closed"]),
        (YELLOW, [card(YELLOW, CardState.CLOSED)], False, []),
        (YELLOW, [card(YELLOW, CardState.WITHDRAWN, Ground.APPEAL)], False, []),
        (RED, [card(YELLOW, CardState.WITHDRAWN, Ground.APPEAL)], True, []),
        (YELLOW, [card(YELLOW, CardState.WITHDRAWN, Ground.RECHECK)], True, []),
        (None, [], False, []),
    ],
)
def test_what_the_rules_owe_beside_what_was_issued(
    level: Level | None, cards: list[Card], issue: bool, wrong: list[str]
) -> None:
    must, false_ones = owed(level, cards)

    assert (must, [each.id for each in false_ones]) == (issue, wrong)


def test_an_order_goes_up_three_levels_and_no_further() -> None:
    order = Order(id="o", level=OrderLevel.REMINDER, state=OrderState.OPEN, due_at=at("2026-11-24 10:00"))

    (told,) = order.escalate("没有回复", at("2026-11-27 10:00"), ())
    assert told.payload()["level"] == 2
    with pytest.raises(Conflict):
        replace(order, level=OrderLevel.NOTICE).escalate("x", order.due_at, ())
    with pytest.raises(Conflict):
        replace(order, state=OrderState.CLOSED).escalate("x", order.due_at, ())
    assert order.is_overdue(at("2026-11-24 10:01")) and not order.is_overdue(order.due_at)


def test_an_answer_may_be_sent_back_and_an_order_is_closed_once() -> None:
    order = Order(id="o", level=OrderLevel.ORDER, state=OrderState.ANSWERED, due_at=at("2026-11-24 10:00"))

    assert order.send_back("没有说明原因", at("2026-11-27 10:00")) and order.close("已整改")
    with pytest.raises(Conflict):
        order.answer("再答")
    with pytest.raises(Conflict):
        replace(order, state=OrderState.CLOSED).close("x")


def test_a_task_is_urged_at_most_once_in_two_office_hours_and_three_times_a_day(bureau: WorkCalendar) -> None:
    rules = UrgeRules()

    def urge(now: str, *before: str) -> None:
        check_frequency(rules, [at(each) for each in before], now=at(now), calendar=bureau)

    urge("2026-11-23 09:00")
    urge("2026-11-23 14:30", "2026-11-23 11:00")  # lunch is no office time: an hour before, an hour after
    urge("2026-11-24 09:00", "2026-11-23 09:00", "2026-11-23 11:30", "2026-11-23 15:00")
    with pytest.raises(Conflict, match="again after"):
        urge("2026-11-23 14:29", "2026-11-23 11:00")
    with pytest.raises(Conflict, match="3 times today"):
        urge("2026-11-23 17:29", "2026-11-23 09:00", "2026-11-23 11:30", "2026-11-23 15:00")
