"""Rule sets 监察规则: which lateness leads to which card, who is told, when it is looked at. Data, never code.

A rule speaks of what is *out*: the used working time, rounded up to whole days ("one second over is over"), minus the
limit. ``out_at_least = 1`` on the promised clock is the yellow card, ``-2`` the warning three working days before the end.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import time
from enum import StrEnum
from typing import Final

from engine.approval.clock import ClockKind
from engine.calendar import Limit, Unit
from engine.errors import InvalidInput
from engine.records import record


class Level(StrEnum):
    """How grave a card is; each is above the one before."""

    WARN = "warn"  # 预警
    YELLOW = "yellow"  # 黄牌
    RED = "red"  # 红牌

    @property
    def rank(self) -> int:
        return _RANKS[self.value]

    @property
    def zh(self) -> str:
        return {"warn": "预警", "yellow": "黄牌", "red": "红牌"}[self.value]


_RANKS: Final = {"warn": 1, "yellow": 2, "red": 3}


class Subject(StrEnum):
    """What a card is about 监察对象."""

    CASE = "case"  # 办件
    SPECIAL = "special"  # 特别程序
    PRE_ACCEPT = "pre_accept"  # 网上预受理
    LICENCE = "licence"  # 电子证照出证
    CONSULTATION = "consultation"  # 咨询
    COMPLAINT = "complaint"  # 投诉
    STEP = "step"  # 环节
    ACCEPTANCE = "acceptance"  # 受理：五日内没有告知
    CONDUCT = "conduct"  # 其他办理行为，多由人工发牌

    @property
    def zh(self) -> str:
        return _SUBJECTS[self.value]


_SUBJECTS: Final = {
    "case": "办件",
    "special": "特别程序",
    "pre_accept": "网上预受理",
    "licence": "电子证照出证",
    "consultation": "咨询",
    "complaint": "投诉",
    "step": "环节",
    "acceptance": "受理",
    "conduct": "办理行为",
}


class Measure(StrEnum):
    """How used time is measured."""

    TO_THE_SECOND = "to_the_second"  # working days of 24 hours, rounded up: one second over is over
    AS_THE_CLOCK = "as_the_clock"  # as the clock itself ends: at the close of its last day, or as its item says


class Occasion(StrEnum):
    """What else than a clock leads to a card."""

    ACCEPTANCE_DEEMED = "acceptance_deemed"  # five days of silence (行政许可法 32)
    CONSENT_DEEMED = "consent_deemed"  # a department was silent and counts as having agreed (默认同意)
    ALERTED = "alerted"  # a process asked for the supervisor's attention


class Receiver(StrEnum):
    """Who is told of a card."""

    HOLDER = "holder"  # who has the open tasks of the case; of an unclaimed one all its candidates
    HEAD = "head"  # the heads of the responsible department
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Issue(StrEnum):
    """How a card comes into the world 发牌方式."""

    AUTOMATIC = "automatic"  # 自动
    AWAITING = "awaiting"  # 待发: a supervisor confirms it
    MANUAL = "manual"  # 人工


@record
class Rule:
    """One line of a rule set. Either ``on`` an occasion, or a clock with exactly one condition.

    ``out_at_least``, ``out_above``: whole units over the limit, used time rounded up. ``share_at_least``, ``share_above``: used
    part of the limit (0.9 is 90 %). ``unit`` and ``limit_below``/``limit_from`` (in that unit) pick the limits that it is for;
    ``processes`` names those whose cases are judged by such rules alone.
    """

    code: str
    level: Level
    text: str
    text_en: str
    subject: Subject = Subject.CASE
    clock: ClockKind | None = None
    on: Occasion | None = None
    out_at_least: int | None = None
    out_above: int | None = None
    share_at_least: float | None = None
    share_above: float | None = None
    unit: Unit | None = None
    limit_below: int | None = None
    limit_from: int | None = None
    processes: tuple[str, ...] = ()
    issue: Issue = Issue.AUTOMATIC
    enabled: bool = True

    def __post_init__(self) -> None:
        conditions = (self.out_at_least, self.out_above, self.share_at_least, self.share_above)
        given = sum(each is not None for each in conditions)
        if (self.on is None) == (self.clock is None) or given != (self.on is None):
            raise InvalidInput(
                f"规则 {self.code} 应当写明一个时钟（clock）和一个条件（out_at_least、out_above、share_at_least、share_above"
                "之一），或者写明一个场合（on）。",
                f"Rule {self.code} takes a clock with one condition (out_at_least, out_above, share_at_least or share_above), "
                "or an occasion (on).",
            )
        if self.issue is Issue.MANUAL:
            raise InvalidInput(
                f"规则 {self.code} 不能是人工发牌：人工发牌没有规则。",
                f"Rule {self.code} cannot be manual: cards issued by hand have no rule.",
            )

    def fits(self, limit: Limit) -> bool:
        """Is the rule made for limits like this one?"""
        return (
            (self.unit is None or self.unit is limit.unit)
            and (self.limit_below is None or limit.value < self.limit_below)
            and (self.limit_from is None or limit.value >= self.limit_from)
        )


@record
class ScanRules:
    """日扫描: the daily look at everything that is due soon, and how often due clocks are looked at in between."""

    daily: time = time(8, 30)
    every_minutes: int = 5
    ahead: Limit = field(default_factory=lambda: Limit(2, Unit.WD))

    def __post_init__(self) -> None:
        if not 1 <= self.every_minutes <= 1440 or self.ahead.unit is not Unit.WD or self.ahead.value < 1:
            raise InvalidInput(
                "扫描间隔应为 1 至 1440 分钟，提前量应为工作日（如“2wd”）。",
                "The scan runs every 1 to 1440 minutes and looks ahead by working days (such as 2wd).",
            )


@record
class UrgeRules:
    """催办: at most once per task in so many office hours, and so often a day (P-8.2)."""

    every: Limit = field(default_factory=lambda: Limit(2, Unit.HOUR))
    per_day: int = 3

    def __post_init__(self) -> None:
        if self.every.unit is not Unit.HOUR or self.per_day < 1:
            raise InvalidInput(
                "催办间隔应为工作小时（如“2h”），每天至少一次。",
                "Urging is spaced by office hours (such as 2h), at least once a day.",
            )


@record
class OrderRules:
    """督办: how long an addressee has to answer each of the three levels; and which cards of a rule are made an order as they
    go out (``at_once``), not only when nobody answers them."""

    reply: tuple[Limit, ...] = (Limit(1, Unit.WD), Limit(3, Unit.WD), Limit(5, Unit.WD))
    at_once: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        if len(self.reply) != 3:
            raise InvalidInput("督办分三级，应写三个回复期限。", "There are three levels of orders: give three limits.")
        if Level.WARN in self.at_once:
            raise InvalidInput(
                "预警不是处理，不能转督办：at_once 只写 yellow、red。",
                "A warning is no measure and leads to no order: at_once takes yellow and red.",
            )


@record
class RuleSet:
    """Everything that a bureau decides about its supervision, with its source."""

    id: str
    name: str
    name_en: str
    source: str
    rules: tuple[Rule, ...]
    measure: Measure = Measure.AS_THE_CLOCK
    feedback: Limit = field(default_factory=lambda: Limit(30, Unit.WD))
    appeal: Limit = field(default_factory=lambda: Limit(30, Unit.WD))
    office: str = ""  # code of the department in whose name notices are issued; "" = the responsible one
    receivers: Mapping[str, tuple[Receiver, ...]] = field(default_factory=dict)
    scan: ScanRules = field(default_factory=ScanRules)
    urging: UrgeRules = field(default_factory=UrgeRules)
    orders: OrderRules = field(default_factory=OrderRules)

    def __post_init__(self) -> None:
        codes = [rule.code for rule in self.rules]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise InvalidInput(
                f"规则代码重复：{'、'.join(twice)}。", f"These rule codes stand twice: {', '.join(twice)}."
            )

    def of_process(self, key: str) -> tuple[Rule, ...]:
        """The rules by which cases of this process are judged: those that name it, else those that name none."""
        enabled = [rule for rule in self.rules if rule.enabled]
        own = tuple(rule for rule in enabled if key in rule.processes)
        return own or tuple(rule for rule in enabled if not rule.processes)

    def on(self, occasion: Occasion) -> tuple[Rule, ...]:
        """The rules for an occasion."""
        return tuple(rule for rule in self.rules if rule.enabled and rule.on is occasion)

    def told(self, level: Level) -> tuple[Receiver, ...]:
        """Who is told of a card of this level."""
        return tuple(self.receivers.get(level.value, ()))
