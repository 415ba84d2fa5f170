"""A supervision order 督办单: three levels, each with its deadline; answered, returned, escalated, closed."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from engine.approval.supervision import events
from engine.approval.supervision.card import needed
from engine.errors import Conflict
from engine.events import Event
from engine.records import record


class OrderLevel(IntEnum):
    """How hard the word is."""

    REMINDER = 1  # 一级：催办通知
    ORDER = 2  # 二级：督办单
    NOTICE = 3  # 三级：通报、约谈、效能告诫

    @property
    def zh(self) -> str:
        return ("", "一级催办", "二级督办", "三级通报")[self]


class OrderState(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"  # with the card that led to it

    @property
    def zh(self) -> str:
        return {"open": "待回复", "answered": "已回复", "closed": "已销号", "withdrawn": "已撤销"}[self.value]


HIGHEST: Final = OrderLevel.NOTICE


@record
class Order:
    """What the rules need to know of an order."""

    id: str
    level: OrderLevel
    state: OrderState
    due_at: datetime

    def answer(self, text: str) -> list[Event]:
        self._only(OrderState.OPEN, "回复", "be answered")
        return [events.OrderAnswered(order_id=self.id, text=needed(text, "text"))]

    def send_back(self, reason: str, due_at: datetime) -> list[Event]:
        """The answer does not do."""
        self._only(OrderState.ANSWERED, "退回", "be sent back")
        return [events.OrderReturned(order_id=self.id, reason=needed(reason, "reason"), due_at=due_at)]

    def escalate(self, reason: str, due_at: datetime, addressees: tuple[str, ...]) -> list[Event]:
        """升级 to the next level, with a new deadline."""
        if not self.is_standing or self.level is HIGHEST:
            raise Conflict(
                f"这份督办为“{self.level.zh}、{self.state.zh}”，不能再升级。",
                f"This order of level {self.level.value} is {self.state.value} and cannot be escalated.",
                state=self.state.value,
            )
        told = events.OrderEscalated(
            order_id=self.id,
            level=self.level + 1,
            due_at=due_at,
            reason=needed(reason, "reason"),
            addressees=addressees,
        )
        return [told]

    def close(self, reason: str) -> list[Event]:
        """销号."""
        if not self.is_standing:
            raise Conflict(
                f"这份督办{self.state.zh}，不能再销号。",
                f"This order is {self.state.value} already.",
                state=self.state.value,
            )
        return [events.OrderClosed(order_id=self.id, reason=needed(reason, "reason"))]

    def withdraw(self, reason: str) -> list[Event]:
        """Nothing when it was closed: what people settled stays as they settled it."""
        return [events.OrderWithdrawn(order_id=self.id, reason=reason)] if self.is_standing else []

    @property
    def is_standing(self) -> bool:
        return self.state in (OrderState.OPEN, OrderState.ANSWERED)

    def is_overdue(self, now: datetime) -> bool:
        return self.state is OrderState.OPEN and now > self.due_at

    def _only(self, state: OrderState, zh: str, en: str) -> None:
        if self.state is not state:
            raise Conflict(
                f"这份督办现为“{self.state.zh}”，不能{zh}。",
                f"This order is {self.state.value} and cannot {en}.",
                state=self.state.value,
            )
