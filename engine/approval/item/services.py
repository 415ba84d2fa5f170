"""The rules of what is answered, published or disclosed rather than licensed: hotline orders, disclosure, publicity.

Every default is the national frame or the most common practice and carries its source; an item overrides what its place
has decided.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final

from engine.approval.item import toml
from engine.approval.item.terms import LOCAL, SourcedLimit
from engine.approval.item.toml import Faults, any_text, count, limit, listed, mapped, table, text
from engine.calendar import Limit
from engine.errors import InvalidInput
from engine.records import record

DISCLOSURE_LAW: Final = "《政府信息公开条例》"
FEE_RULES: Final = "《政府信息公开信息处理费管理办法》"
REVIEW_LAW: Final = "《行政复议法》"
LITIGATION_LAW: Final = "《行政诉讼法》"
REGISTRATION_LAW: Final = "《市场主体登记管理条例》"
NOTICE_45: Final = "国市监注发〔2021〕45号"


def _by(limit: str, source: str = LOCAL) -> Callable[[], SourcedLimit]:
    return lambda: SourcedLimit(Limit.parse(limit), source)


def sourced(value: object, key: str, faults: Faults) -> Any:
    """Read ``"5wd"``, or ``{ limit = "5wd", source = "..." }``."""
    if isinstance(value, str):
        found = limit(value, key, faults)
        return found if found is toml.WRONG else SourcedLimit(found)
    return _SOURCED(value, key, faults)


_SOURCED: Final = table(SourcedLimit, {"limit": limit, "source": any_text}, ["limit"])


# ---------------------------------------------------------------- 12345


@record
class Unit:
    """A unit that handles orders 承办单位: its code, its name, and the candidate group that signs for them."""

    code: str
    name: str
    group: str


@record
class Topic:
    """One line of the dispatch catalogue 派单目录: what belongs to which unit (国办函〔2025〕66号)."""

    code: str
    name: str
    unit: str


@record
class HotlineRules:
    """How this place handles orders of its hotline. ``forbidden_reasons`` may never be used to turn a caller away."""

    units: tuple[Unit, ...]
    catalogue: tuple[Topic, ...]
    simple: SourcedLimit = field(default_factory=_by("5wd"))
    complex: SourcedLimit = field(default_factory=_by("15wd"))
    sign_in: SourcedLimit = field(default_factory=_by("2h"))
    sign_in_latest: SourcedLimit = field(default_factory=_by("1wd"))
    returning: SourcedLimit = field(
        default_factory=_by("1wd")
    )  # how long after the dispatch its return may be asked for
    settlement: SourcedLimit = field(default_factory=_by("1wd"))
    consultation: SourcedLimit = field(default_factory=_by("1wd"))  # for the opinions of the units that meet
    extension: SourcedLimit = field(default_factory=_by("10wd"))  # the most that may be granted, once
    warning: SourcedLimit = field(default_factory=_by("2wd"))  # before the end
    call_back: SourcedLimit = field(default_factory=_by("1wd"))
    redo: SourcedLimit = field(default_factory=_by("5wd"))
    redos: int = 2  # then the supervisor decides
    forbidden_reasons: tuple[str, ...] = ("提供不了", "不在职责范围内", "程序互为前置")

    def __post_init__(self) -> None:
        known = {unit.code for unit in self.units}
        strange = sorted({topic.unit for topic in self.catalogue} - known)
        if strange or not self.catalogue:
            raise InvalidInput(
                f"派单目录里的承办单位不存在：{'、'.join(strange)}" if strange else "派单目录是空的",
                f"the catalogue names unknown units: {', '.join(strange)}" if strange else "the catalogue is empty",
            )

    def unit(self, code: str) -> Unit:
        """Return the unit with this code; raises InvalidInput."""
        for unit in self.units:
            if unit.code == code:
                return unit
        raise InvalidInput(f"没有承办单位“{code}”。", f"There is no unit {code!r}.")

    def topic(self, code: str) -> Topic:
        """Return the line of the catalogue with this code; raises InvalidInput."""
        for topic in self.catalogue:
            if topic.code == code:
                return topic
        raise InvalidInput(f"派单目录里没有“{code}”。", f"The catalogue has no topic {code!r}.")


_UNIT: Final = table(Unit, {"code": text, "name": text, "group": text}, ["code", "name", "group"])
_TOPIC: Final = table(Topic, {"code": text, "name": text, "unit": text}, ["code", "name", "unit"])
HOTLINE: Final = table(
    HotlineRules,
    {
        "units": listed(_UNIT),
        "catalogue": listed(_TOPIC),
        "simple": sourced,
        "complex": sourced,
        "sign_in": sourced,
        "sign_in_latest": sourced,
        "returning": sourced,
        "settlement": sourced,
        "consultation": sourced,
        "extension": sourced,
        "warning": sourced,
        "call_back": sourced,
        "redo": sourced,
        "redos": count,
        "forbidden_reasons": listed(text),
    },
    ["units", "catalogue"],
)


# ---------------------------------------------------------------- 政府信息公开


@record
class DisclosureRules:
    """政府信息公开条例 (2019) as this organ applies it; the correction notice and period stand in ``[correction]``."""

    third_party: SourcedLimit = field(default_factory=_by("15wd", DISCLOSURE_LAW + "第三十二条"))
    co_producer: SourcedLimit = field(default_factory=_by("15wd", DISCLOSURE_LAW + "第三十四条"))
    extension: SourcedLimit = field(default_factory=_by("20wd", DISCLOSURE_LAW + "第三十三条"))
    reasons: SourcedLimit = field(
        default_factory=_by("7wd")
    )  # the applicant explains an unusual number of requests (art. 35)
    payment: SourcedLimit = field(default_factory=_by("20wd", FEE_RULES))
    remedy: SourcedLimit = field(default_factory=_by("6m", LITIGATION_LAW + "第四十六条"))
    remedy_review: SourcedLimit = field(
        default_factory=_by("60nd", REVIEW_LAW + "第二十条")
    )  # a review has to come first
    review_defence: SourcedLimit = field(default_factory=_by("10wd", REVIEW_LAW + "第四十八条、第八十八条"))
    litigation_defence: SourcedLimit = field(default_factory=_by("15nd", LITIGATION_LAW + "第六十七条"))
    after_review: SourcedLimit = field(default_factory=_by("15nd", LITIGATION_LAW + "第四十五条"))


DISCLOSURE: Final = table(
    DisclosureRules,
    {
        "third_party": sourced,
        "co_producer": sourced,
        "extension": sourced,
        "reasons": sourced,
        "payment": sourced,
        "remedy": sourced,
        "remedy_review": sourced,
        "review_defence": sourced,
        "litigation_defence": sourced,
        "after_review": sourced,
    },
)


# ---------------------------------------------------------------- 公示


@record
class PermitRule:
    """A permit that is cancelled together with the registration 证照并销: who is asked about it, and the item of this system
    that grants it ("" when it is granted elsewhere)."""

    code: str
    name: str
    group: str
    item: str = ""
    licence: str = (
        ""  # which licence of a package, by its title or the code of its branch; "" for all that the item grants
    )


@record
class PublicityRules:
    """Publicity before a simple deregistration. ``push`` is for 个体工商户, which are not published but pushed to tax and other
    organs; ``excluded`` are the situations in which the simple way is not open."""

    period: SourcedLimit = field(default_factory=_by("20nd", REGISTRATION_LAW + "第三十三条"))
    push: SourcedLimit = field(default_factory=_by("10nd", REGISTRATION_LAW + "第三十三条"))
    submission: SourcedLimit = field(default_factory=_by("20nd", REGISTRATION_LAW + "第三十三条"))
    submission_extension: SourcedLimit = field(default_factory=_by("30nd", NOTICE_45))  # on request, once
    objection_review: SourcedLimit = field(default_factory=_by("3wd"))
    excluded: Mapping[str, str] = field(
        default_factory=dict
    )  # code of the form -> what it is, as told to the applicant
    permits: tuple[PermitRule, ...] = ()
    permit_check: SourcedLimit = field(default_factory=_by("3wd"))  # a department says whether its permit may go


PUBLICITY: Final = table(
    PublicityRules,
    {
        "period": sourced,
        "push": sourced,
        "submission": sourced,
        "submission_extension": sourced,
        "objection_review": sourced,
        "excluded": mapped(text),
        "permits": listed(
            table(
                PermitRule,
                {"code": text, "name": text, "group": text, "item": any_text, "licence": any_text},
                ["code", "name", "group"],
            )
        ),
        "permit_check": sourced,
    },
)

__all__ = ["DISCLOSURE", "HOTLINE", "PUBLICITY", "DisclosureRules", "HotlineRules", "PublicityRules", "sourced"]
