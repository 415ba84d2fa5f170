"""An order of the 12345 hotline 热线工单: who may return it and why not, how often it may be extended and done again.

Sources: 国办发〔2020〕53号 (the closed loop), 国办函〔2025〕66号 (catalogue, disputes, merging), 潍坊市12345政务服务便民热线条例
16-27 (a designated unit may not return), 安阳市政务服务条例 49-50 (return within 24 hours, with reasons).
"""

import re
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from engine.approval.events import hotline as events
from engine.approval.item.services import HotlineRules, Topic, Unit
from engine.approval.item.terms import SourcedLimit
from engine.approval.reason import Reason
from engine.approval.stored import Stored
from engine.events import Event
from engine.records import record

Ordered: TypeAlias = "tuple[Order, list[Event]]"


class ReturnReason(StrEnum):
    """The only grounds on which the return of an order may be asked for."""

    OTHER_UNIT = "other_unit"  # a law or the list of duties names another unit
    DUPLICATE = "duplicate"
    UNCLEAR = "unclear"  # the centre has to ask the caller again
    NOT_ACCEPTABLE = "not_acceptable"  # litigation, petition, disclosure ...

    @property
    def zh(self) -> str:
        return {
            "other_unit": "依法属于其他单位管辖",
            "duplicate": "重复派单",
            "unclear": "诉求要素不全，须向诉求人核实",
            "not_acceptable": "属于热线不予受理的范围",
        }[self.value]


class Settlement(StrEnum):
    """The centre's answer to a request for a return."""

    APPROVED = "approved"
    REFUSED = "refused"
    DESIGNATED = "designated"
    CONSULT = "consult"  # the units meet first


@record
class Opinion:
    """What one unit said in a consultation 会商: whether it can handle the order, and why; "" is silence."""

    unit_name: str
    answer: str = ""
    text: str = ""

    @property
    def zh(self) -> str:
        """For the people who conclude: an answer in the words of the office."""
        said = {"lead": "可以主办", "co": "可以协办", "unable": "不能办理"}.get(self.answer, "期满未反馈")
        return f"{self.unit_name}：{said}" + (f"。{self.text}" if self.text else "")


class Satisfaction(StrEnum):
    """What the caller says when called back."""

    SATISFIED = "satisfied"
    FAIRLY = "fairly"
    DISSATISFIED = "dissatisfied"
    UNREACHABLE = "unreachable"


class Next(StrEnum):
    """What follows a call-back."""

    CLOSE = "close"
    REDO = "redo"
    SUPERVISE = "supervise"


NOT_ACCEPTED = {
    "litigation": "已经或者应当通过诉讼、仲裁、行政复议解决",
    "petition": "已进入信访程序",
    "discipline": "属于纪检监察机关管辖",
    "disclosure": "属于政府信息公开申请",
    "secret": "涉及国家秘密、商业秘密、个人隐私",
    "settled": "已依法作出处理，诉求人以同一事实和理由再次提出",
    "not_public": "不属于政务服务和公共管理事项",
}
EMERGENCY_NUMBERS = {"110": "110 公安报警", "119": "119 火警", "120": "120 急救", "122": "122 交通事故报警"}

_SPACING = re.compile(r"[\s，。、；：！？,.;:!?“”\"'（）()]+")


def forbidden_in(text: str, rules: HotlineRules) -> list[str]:
    """Return the forbidden reasons that stand in ``text``, however it is spaced and punctuated."""
    plain = _SPACING.sub("", text)
    return [reason for reason in rules.forbidden_reasons if _SPACING.sub("", reason) in plain]


ORDER: Final = "order"  # the part of the case


@record
class Order(Stored):
    """What is kept of an order beside its case. Units are codes of the item's ``[hotline]`` table."""

    complex: bool = False
    topic: str = ""
    unit: str = ""
    unit_name: str = ""
    co_units: tuple[str, ...] = ()
    designated: bool = False
    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    dispatches: int = 0
    returns: int = 0
    extension_requested_at: datetime | None = None
    extended: bool = False
    redos: int = 0
    urged: int = 0
    satisfaction: str = ""
    copies: tuple[str, ...] = ()  # numbers of the orders that were merged into this one

    # -- to a unit

    def limit(self, rules: HotlineRules) -> SourcedLimit:
        """The limit for handling: by what the centre found on acceptance."""
        return rules.complex if self.complex else rules.simple

    def dispatch(
        self, case_id: str, topic: Topic, unit: Unit, co_units: tuple[Unit, ...], *, complex: bool, at: datetime
    ) -> Ordered:
        """派单. The limit of the caller runs from the first dispatch; what kind of order it is stays as found then."""
        others = tuple(each.code for each in co_units if each.code != unit.code)
        order = replace(
            self,
            complex=complex if self.accepted_at is None else self.complex,
            topic=topic.code,
            unit=unit.code,
            unit_name=unit.name,
            co_units=others,
            accepted_at=self.accepted_at or at,
            dispatched_at=at,
            signed_at=None,
            dispatches=self.dispatches + 1,
        )
        told = events.OrderDispatched(case_id=case_id, unit=unit.code, unit_name=unit.name, co_units=others)
        return order, [told]

    def sign(self, case_id: str, *, at: datetime, latest: datetime | None) -> Ordered:
        """签收."""
        late = latest is not None and at > latest
        return replace(self, signed_at=at), [events.OrderSigned(case_id=case_id, unit=self.unit, late=late)]

    # -- returning

    def against_return(
        self, reason: str, text: str, rules: HotlineRules, *, at: datetime, until: datetime | None
    ) -> list[Reason]:
        """Return everything that speaks against asking for a return at ``at``."""
        against = []
        if self.designated:
            against.append(
                Reason(
                    code="designated",
                    zh="本工单已经指定承办，不得再申请退单",
                    en="the unit was designated and may not return the order",
                    rule="潍坊市12345政务服务便民热线条例",
                )
            )
        if until is not None and at > until:
            against.append(
                Reason(
                    code="too-late",
                    zh=f"已过申请退单的时限（派单后{rules.returning.limit.text()}）",
                    en=f"a return may be asked for within {rules.returning.limit} of the dispatch",
                    rule=rules.returning.source,
                )
            )
        if reason not in {each.value for each in ReturnReason}:
            against.append(
                Reason(code="unknown-reason", zh="请从列出的退单情形中选择", en="choose one of the grounds listed")
            )
        against += [
            Reason(
                code="forbidden-reason",
                zh=f"不得以“{each}”为由退单，请写明事实和依据",
                en=f"{each!r} is a forbidden reason; give facts and the rule",
            )
            for each in forbidden_in(text, rules)
        ]
        if len(_SPACING.sub("", text)) < 10:
            against.append(
                Reason(
                    code="no-basis",
                    zh="请写明退单的事实和依据（不少于10字），属于其他单位的写明单位",
                    en="give the facts and the rule (10 characters or more), and the right unit",
                )
            )
        return against

    def request_return(self, case_id: str, reason: str, text: str) -> Ordered:
        """申请退单, after ``against_return`` found nothing."""
        told = events.OrderReturnRequested(case_id=case_id, unit=self.unit, reason=reason, text=text)
        return replace(self, returns=self.returns + 1), [told]

    def settle_return(
        self,
        case_id: str,
        settlement: Settlement,
        text: str,
        unit: Unit | None,
        at: datetime,
        *,
        co_units: tuple[Unit, ...] | None = None,
    ) -> Ordered:
        """The centre's answer; who is designated has no way back. ``co_units`` None leaves those of the dispatch; a unit that
        is designated does not help itself."""
        told: list[Event] = [events.OrderReturnSettled(case_id=case_id, decision=settlement.value, text=text)]
        if settlement is not Settlement.DESIGNATED or unit is None:
            return self, told
        helping = self.co_units if co_units is None else tuple(each.code for each in co_units)
        others = tuple(code for code in helping if code != unit.code)
        order = replace(
            self,
            unit=unit.code,
            unit_name=unit.name,
            co_units=others,
            designated=True,
            dispatched_at=at,
            dispatches=self.dispatches + 1,
        )
        dispatched = events.OrderDispatched(
            case_id=case_id, unit=unit.code, unit_name=unit.name, co_units=others, designated=True
        )
        return order, [*told, dispatched]

    def consulting(self, units: tuple[Unit, ...], rules: HotlineRules) -> tuple[Unit, ...]:
        """Who meets 会商: the unit that disputes the order, and those that are named, each once."""
        named = {unit.code: unit for unit in (rules.unit(self.unit), *units)}
        return tuple(named.values())

    def consulted(self, case_id: str, opinions: list[Opinion]) -> Event:
        """会商: everybody has answered, or the limit has ended; silence holds nobody up."""
        silent = tuple(each.unit_name for each in opinions if not each.answer)
        return events.OrderConsulted(case_id=case_id, text="；".join(each.zh for each in opinions), silent=silent)

    def recall(self, case_id: str, reason: str) -> Ordered:
        """改派: the centre takes the order back; the next unit is free to return it again."""
        told = events.OrderRecalled(case_id=case_id, unit=self.unit, reason=reason)
        return replace(self, signed_at=None, designated=False), [told]

    # -- extension

    def against_extension(self, days: int, rules: HotlineRules, *, at: datetime, due: datetime) -> list[Reason]:
        """Return everything that speaks against asking for ``days`` more working days at ``at``."""
        against = []
        if self.extension_requested_at is not None or self.extended:
            against.append(Reason(code="asked-before", zh="只能申请延期一次", en="an extension may be asked for once"))
        if self.redos:
            against.append(Reason(code="redo", zh="重办工单不能延期", en="an order that is done again is not extended"))
        if at > due:
            against.append(
                Reason(
                    code="too-late",
                    zh="办理时限已满，应当在期满前申请延期",
                    en="the limit is over; an extension is asked for before",
                )
            )
        most = int(rules.extension.limit.value)
        if not 1 <= days <= most:
            against.append(
                Reason(
                    code="too-long",
                    zh=f"延期应为1至{most}个工作日",
                    en=f"an extension is 1 to {most} working days",
                    rule=rules.extension.source,
                )
            )
        return against

    def request_extension(self, case_id: str, days: int, reason: str, at: datetime) -> Ordered:
        """申请延期, once, whatever the answer will be."""
        told = events.OrderExtensionRequested(case_id=case_id, days=days, reason=reason)
        return replace(self, extension_requested_at=at), [told]

    # -- after the answer

    def call_back(
        self, case_id: str, satisfaction: Satisfaction, fault: str, text: str, rules: HotlineRules
    ) -> tuple["Order", Next, list[Event]]:
        """回访. Who is dissatisfied by a fault of the office is served again, at most ``rules.redos`` times; then the
        supervisor decides. Where the wish cannot be met at present, it is explained and closed."""
        order = replace(self, satisfaction=satisfaction.value)
        told = events.OrderCalledBack(case_id=case_id, satisfaction=satisfaction.value, fault=fault, text=text)
        if satisfaction is not Satisfaction.DISSATISFIED or fault != "subjective":
            return order, Next.CLOSE, [told]
        return order, Next.REDO if self.redos < rules.redos else Next.SUPERVISE, [told]

    def redo(self, case_id: str, reason: str) -> Ordered:
        """重办 by the same unit, without the co-units."""
        order = replace(self, redos=self.redos + 1, co_units=())
        return order, [events.OrderRedoOrdered(case_id=case_id, number=order.redos, reason=reason)]

    def urge(self, case_id: str, text: str) -> Ordered:
        """催办."""
        order = replace(self, urged=self.urged + 1)
        return order, [events.OrderUrged(case_id=case_id, text=text, number=order.urged)]
