"""A card 监察牌: its life as one table of moves. It is never deleted; a withdrawal is a record."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engine.approval.supervision import events
from engine.approval.supervision.rules import Issue, Level
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record

MAX_TEXT: Final = 4000


class CardState(StrEnum):
    """Where a card stands. ``code`` is the letter of the exchange (Y 已发, D 待发, C 撤销, Q 取消, B 督办)."""

    AWAITING = "awaiting"
    ISSUED = "issued"
    SIGNED = "signed"
    ANSWERED = "answered"
    CLOSED = "closed"
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"

    @property
    def zh(self) -> str:
        return _STATES[self.value][0]

    @property
    def code(self) -> str:
        return _STATES[self.value][1]


_STATES: Final = {
    "awaiting": ("待发", "D"),
    "issued": ("待签收", "Y"),
    "signed": ("待回复", "Y"),
    "answered": ("已回复", "Y"),
    "closed": ("已核销", "Y"),
    "escalated": ("督办", "B"),
    "withdrawn": ("已撤销", "C"),
    "superseded": ("已取消", "Q"),
}

LIVE: Final = frozenset(
    {CardState.AWAITING, CardState.ISSUED, CardState.SIGNED, CardState.ANSWERED, CardState.ESCALATED}
)
UNANSWERED: Final = frozenset({CardState.ISSUED, CardState.SIGNED, CardState.ESCALATED})

# Move -> the states from which it is allowed.
_MOVES: Final[Mapping[str, frozenset[CardState]]] = {
    "confirm": frozenset({CardState.AWAITING}),
    "sign": frozenset({CardState.ISSUED}),
    "answer": frozenset({CardState.ISSUED, CardState.SIGNED, CardState.ESCALATED}),
    "close": frozenset({CardState.ANSWERED, CardState.ESCALATED}),
    "finish": frozenset({CardState.ISSUED, CardState.SIGNED, CardState.ANSWERED}),
    "escalate": frozenset({CardState.ISSUED, CardState.SIGNED, CardState.ANSWERED}),
    "appeal": frozenset({CardState.ISSUED, CardState.SIGNED, CardState.ANSWERED, CardState.ESCALATED}),
    "supersede": LIVE,
    "withdraw": LIVE | {CardState.CLOSED},
}
_WORDS: Final = {
    "confirm": ("确认发牌", "be confirmed"),
    "sign": ("签收", "be signed for"),
    "answer": ("回复", "be answered"),
    "close": ("核销", "be closed"),
    "finish": ("核销", "be closed"),
    "escalate": ("转督办", "be escalated"),
    "appeal": ("申诉", "be appealed"),
    "supersede": ("取消", "be superseded"),
    "withdraw": ("撤销", "be withdrawn"),
}


class AppealResult(StrEnum):
    """What becomes of an appeal."""

    WITHDRAWN = "withdrawn"  # 撤销: the card goes
    REJECTED = "rejected"  # 打回: the card stands
    REFERRED = "referred"  # 上报: somebody higher decides


class Ground(StrEnum):
    """Why a card was withdrawn."""

    RECHECK = "recheck"
    APPEAL = "appeal"
    HAND = "hand"


@record
class Card:
    """What the rules need to know of a card."""

    id: str
    level: Level
    issue: Issue
    state: CardState
    subject_key: str = ""
    appeal_open: bool = False
    appealed: bool = False
    ground: Ground | None = None
    ordered: bool = False  # a supervision order was made of it

    def may(self, move: str) -> bool:
        """Is this move possible now?"""
        return self.state in _MOVES[move] and not (move == "appeal" and (self.appealed or self.level is Level.WARN))

    def sign(self) -> list[Event]:
        self._check("sign")
        return [events.CardSigned(card_id=self.id)]

    def answer(self, text: str) -> list[Event]:
        """Say why, and what was done; answering signs for it."""
        self._check("answer")
        return [events.CardAnswered(card_id=self.id, text=needed(text, "text"))]

    def close(self, reason: str) -> list[Event]:
        """核销 by a supervisor, after the answer."""
        self._check("close")
        if self.appeal_open:
            raise Conflict(
                "这张牌的申诉还没有答复，请先办理申诉。",
                "The appeal against this card is not decided yet; decide it first.",
            )
        return [events.CardClosed(card_id=self.id, reason=needed(reason, "reason"))]

    def finish(self) -> list[Event]:
        """A warning has done its work: the matter was finished in time."""
        self._check("finish")
        return [events.CardClosed(card_id=self.id, reason="办件已办结")]

    def escalate(self, order_id: str) -> list[Event]:
        """转督办, once."""
        self._check("escalate")
        if self.ordered:
            raise Conflict(
                f"这张{self.level.zh}已经转过督办，请在那份督办单上退回重报或者升级。",
                f"An order was made of this {self.level.value} card before; send that order back or escalate it.",
            )
        return [events.CardEscalated(card_id=self.id, order_id=order_id)]

    def withdraw(self, ground: Ground, reason: str, facts: Mapping[str, object] | None = None) -> list[Event]:
        self._check("withdraw")
        told = events.CardWithdrawn(
            card_id=self.id, ground=ground.value, reason=needed(reason, "reason"), facts=dict(facts or {})
        )
        return [told]

    def supersede(self, by_card_id: str) -> list[Event]:
        self._check("supersede")
        return [events.CardSuperseded(card_id=self.id, by_card_id=by_card_id)]

    def check_appeal(self) -> None:
        """Raise Conflict when no appeal is possible: a warning has none, another card has one."""
        if self.level is Level.WARN:
            raise Conflict("预警不是处理，不能申诉。", "A warning is no measure and cannot be appealed.")
        if self.appealed:
            raise Conflict("这张牌已经申诉过，只能申诉一次。", "This card was appealed before; once is all.")
        self._check("appeal")

    def check_confirm(self) -> None:
        self._check("confirm")

    def _check(self, move: str) -> None:
        if self.state not in _MOVES[move]:
            zh, en = _WORDS[move]
            raise Conflict(
                f"这张{self.level.zh}现为“{self.state.zh}”，不能{zh}。",
                f"This {self.level.value} card is {self.state.value} and cannot {en}.",
                state=self.state.value,
            )


def needed(text: str, name: str) -> str:
    """A text that people must write, without blanks around it. Raises InvalidInput."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        raise InvalidInput(
            f"请填写内容，最多 {MAX_TEXT} 字。", f"Please write something, at most {MAX_TEXT} characters.",
            fields={name: f"必填，最多 {MAX_TEXT} 字"}, fields_en={name: f"required, at most {MAX_TEXT} characters"},
        )  # fmt: skip
    return text


def owed(level: Level | None, cards: list[Card]) -> tuple[bool, list[Card]]:
    """Compare what the rules say now with the automatic cards of one subject.

    Returns whether a card of ``level`` must be issued, and the cards that are wrong now. A card that a person has settled
    (withdrawn on appeal or by hand) is not issued again; one that a re-check withdrew is, when it becomes right.
    """
    rank = 0 if level is None else level.rank
    standing = [card for card in cards if card.state in LIVE or card.state is CardState.CLOSED]
    wrong = [card for card in standing if card.level.rank > rank]
    settled = [
        card for card in cards if card.state is CardState.WITHDRAWN and card.ground in (Ground.APPEAL, Ground.HAND)
    ]
    held = [card for card in standing if card.level.rank <= rank] + settled
    return level is not None and all(card.level.rank < rank for card in held), wrong
