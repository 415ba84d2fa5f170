"""Supervision over HTTP: the board's figures, cards, orders, urging, scans, and the rule set."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from engine.access import CardFacts, Verb, not_found, require
from engine.commands.supervision.appeals import AppealCard
from engine.commands.supervision.cards import (
    AnswerCard,
    ChangeCardRules,
    CloseCard,
    ConfirmCard,
    EscalateCard,
    IssueCard,
    SignCard,
    WithdrawCard,
)
from engine.store.base.paging import Row
from web.api.acting import actor, created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Code, CountedListing, CountedQuery, Name, Out, Remark, Variables, told_total
from web.frame.policy import asks, asks_thing
from web.supervision.boardview import departments_of

supervision = Noun(blueprint, "supervision")

Level = Literal["warn", "yellow", "red"]


# ---------------------------------------------------------------- cards


class Card(Out):
    id: str
    level: Level
    state: str
    subject: str
    issue: str
    number: str
    case_no: str
    title: str
    department: str
    responsible: list[str]
    receivers: list[str]
    reason: str
    reason_en: str
    rule_code: str
    rules_id: str
    rules_version: int
    facts: Variables = Field(description="The sum of the clock as it stood when the card was issued.")
    issued_at: datetime
    issued_by: str
    feedback_due: datetime | None
    appeal_due: datetime | None
    signed_at: datetime | None
    answer: str
    answered_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    ground: str | None
    superseded_by: str | None
    order_id: str | None
    appeal_state: str | None
    appeal_text: str
    appeal_reply: str


class CardList(CountedListing):
    items: list[Card]


class CardsQuery(CountedQuery):
    tab: Literal["warn", "yellow", "red", "awaiting", "unanswered", "closed", "withdrawn"] | None = None
    department: Code | None = None


class NewCard(Body):
    no: Name
    level: Literal["yellow", "red"]
    reason: Remark


class Words(Body):
    text: Remark


class Reason(Body):
    reason: Remark


class SupervisionMove(Out):
    id: str
    state: str
    level: Any
    number: str


class Escalated(SupervisionMove):
    order_id: str


class Appealed(SupervisionMove):
    instance_id: str


def seen() -> dict[str, Any]:
    """What lists are narrowed to for the present caller."""
    departments = departments_of(actor())
    return {} if departments is None else {"departments": departments, "login": actor().login}


def thing(row: Row | None, key: str) -> Row:
    """The card or order, if the caller may see it."""
    facts = CardFacts(card_id=key) if row is None else queries().supervision.facts(row)
    require(actor(), Verb.VIEW_CARD, facts)
    if row is None:
        raise not_found(facts)
    return row


@supervision.get("/cards", asks_thing(Verb.VIEW_CARD), zh="监察牌", query=CardsQuery, answers={200: CardList})
def list_cards(query: CardsQuery) -> Any:
    """List warnings, yellow and red cards, newest first: those that the caller may see."""
    page = queries().supervision.cards(
        tab=query.tab or "",
        department_code=query.department,
        after=query.after,
        limit=query.limit,
        count=query.total,
        **seen(),
    )
    return {"items": page.rows, "next": page.next, "total": told_total(page)}


@supervision.get("/cards/<card_id>", asks_thing(Verb.VIEW_CARD), zh="一张监察牌", answers={200: Card}, errors=(404,))
def get_card(card_id: str) -> Row:
    """Get one card with its facts."""
    return thing(queries().supervision.card(card_id), card_id)


@supervision.post(
    "/cards", asks(Verb.MANAGE_CARDS), zh="人工发牌", body=NewCard, answers={201: SupervisionMove}, errors=(404,)
)
def issue_card(body: NewCard) -> Answer:
    """Issue a yellow or red card on a case by hand."""
    made = execute(IssueCard(no=body.no, level=body.level, reason=body.reason))
    return created(made, f"/cards/{made['id']}")


@supervision.post(
    "/cards/<card_id>/confirm",
    asks(Verb.MANAGE_CARDS),
    zh="确认发牌",
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def confirm_card(card_id: str) -> Any:
    """Issue a card that waits for it."""
    return execute(ConfirmCard(card_id=card_id))


@supervision.post(
    "/cards/<card_id>/sign", asks_thing(Verb.ANSWER_CARD), zh="签收", answers={200: SupervisionMove}, errors=(404, 409)
)
def sign_card(card_id: str) -> Any:
    """Sign for a card."""
    return execute(SignCard(card_id=card_id))


@supervision.post(
    "/cards/<card_id>/answer",
    asks_thing(Verb.ANSWER_CARD),
    zh="回复监察牌",
    body=Words,
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def answer_card(card_id: str, body: Words) -> Any:
    """Answer a card: the cause, and what was done."""
    return execute(AnswerCard(card_id=card_id, text=body.text))


@supervision.post(
    "/cards/<card_id>/appeal",
    asks_thing(Verb.ANSWER_CARD),
    zh="申诉",
    body=Words,
    answers={200: Appealed},
    errors=(404, 409),
)
def appeal_card(card_id: str, body: Words) -> Any:
    """Appeal against a card, once and in time. Starts the process `card_appeal`."""
    return execute(AppealCard(card_id=card_id, text=body.text))


@supervision.post(
    "/cards/<card_id>/close",
    asks(Verb.MANAGE_CARDS),
    zh="核销",
    body=Reason,
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def close_card(card_id: str, body: Reason) -> Any:
    """Close a card that was answered."""
    return execute(CloseCard(card_id=card_id, reason=body.reason))


@supervision.post(
    "/cards/<card_id>/withdraw",
    asks(Verb.MANAGE_CARDS),
    zh="撤销监察牌",
    body=Reason,
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def withdraw_card(card_id: str, body: Reason) -> Any:
    """Withdraw a card; it stays on record."""
    return execute(WithdrawCard(card_id=card_id, reason=body.reason))


@supervision.post(
    "/cards/<card_id>/escalate",
    asks(Verb.MANAGE_CARDS),
    zh="转督办",
    body=Words,
    answers={200: Escalated},
    errors=(404, 409),
)
def escalate_card(card_id: str, body: Words) -> Any:
    """Make a supervision order of a card."""
    return execute(EscalateCard(card_id=card_id, text=body.text))


# ---------------------------------------------------------------- rules


class CardRules(Out):
    version: int
    rules_id: str
    name: str
    source: str = Field(description="TOML.")
    reason: str
    changed_at: datetime | None
    changed_by: str | None


class NewCardRules(Body):
    text: str = Field("", max_length=100_000, description="TOML; or name a shipped set.")
    shipped: Literal["default", "hunan", "share"] | None = None
    reason: Remark = ""


class RulesVersion(Out):
    version: int
    id: str


@supervision.get("/card-rules", asks(Verb.VIEW_BOARD), zh="监察规则", answers={200: CardRules})
def get_card_rules() -> Row:
    """Get the rule set that holds."""
    return queries().supervision.rules()[1]


@supervision.put(
    "/card-rules", asks(Verb.MANAGE_CARD_RULES), zh="修改监察规则", body=NewCardRules, answers={200: RulesVersion}
)
def change_card_rules(body: NewCardRules) -> Any:
    """Put another version of the rule set into force; all clocks are judged anew."""
    return execute(ChangeCardRules(text=body.text, shipped=body.shipped or "", reason=body.reason))
