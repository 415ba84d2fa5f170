"""What law says about the limits of an item: 20+10 and 45+15 working days, the notice, delivery, decisions on the spot."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from engine.approval.finding import ItemFinding
from engine.approval.item.judging import capped, error, longer, warning
from engine.approval.item.terms import ART_32, ART_42, ART_44, InfoType
from engine.calendar import Limit

if TYPE_CHECKING:
    from engine.approval.item.item import Item

SINGLE: Final = Limit.parse("20wd")  # 行政许可法 42 first paragraph
JOINT: Final = Limit.parse("45wd")  # second paragraph
SINGLE_EXTENSION: Final = Limit.parse("10wd")
JOINT_EXTENSION: Final = Limit.parse("15wd")
CORRECTION_NOTICE: Final = Limit.parse("5wd")  # 行政许可法 32
DELIVERY: Final = Limit.parse("10wd")  # 行政许可法 44


def promised_within_statutory(item: "Item") -> Iterator[ItemFinding]:
    limits = item.limits
    yield from longer(
        limits.promised.limit,
        limits.statutory.limit,
        "promised-longer-than-statutory",
        f"承诺时限{limits.promised.limit.text()}长于法定时限{limits.statutory.limit.text()}。",
        f"The promised limit {limits.promised.limit} is longer than the statutory limit {limits.statutory.limit}.",
        "limits.promised",
        ART_42,
    )


def statutory_within_law(item: "Item") -> Iterator[ItemFinding]:
    """Art. 42: 20 working days for one organ, unless a law or regulation says otherwise; 45 for joint handling."""
    if not item.item_code.is_licence:
        return
    statutory, joint = item.limits.statutory, item.is_joint
    cap = JOINT if joint else SINGLE
    if statutory.limit.within(cap) is not False:
        return
    zh = f"法定时限{statutory.limit.text()}超过{'联合办理' if joint else '单独办理'}的上限{cap.text()}"
    en = f"The statutory limit {statutory.limit} is longer than {cap}, the most for {'joint' if joint else 'single'} handling"
    if joint or not statutory.source:
        yield error("statutory-limit-too-long", f"{zh}。", f"{en}.", "limits.statutory", ART_42)
    else:
        yield warning(
            "statutory-limit-by-special-law",
            f"{zh}，依据“{statutory.source}”；只有法律、行政法规可以另行规定。",
            f"{en}, by {statutory.source!r}; only a law or an administrative regulation may say so.",
            "limits.statutory",
            ART_42,
        )


def extension_within_law(item: "Item") -> Iterator[ItemFinding]:
    cap = JOINT_EXTENSION if item.is_joint else SINGLE_EXTENSION
    if item.item_code.is_licence:
        yield from capped(
            item.extension, cap, "extension-too-long", "延长期限", "The extension", "limits.extension", ART_42
        )


def extension_can_be_added(item: "Item") -> Iterator[ItemFinding]:
    """What is added has the unit of what it is added to."""
    for name, zh, limit in (
        ("statutory", "法定时限", item.limits.statutory.limit),
        ("promised", "承诺时限", item.limits.promised.limit),
    ):
        if item.extension.limit.unit is not limit.unit:
            yield error(
                "extension-unit",
                f"延长期限{item.extension.limit.text()}与{zh}{limit.text()}单位不同，批准延期时无法相加。",
                f"The extension {item.extension.limit} and the {name} limit {limit} have different units and cannot be added.",
                "limits.extension",
                ART_42,
            )


def joint_extension_has_its_head(item: "Item") -> Iterator[ItemFinding]:
    if item.is_joint and item.item_code.is_licence and "government_head" not in item.roles:
        yield warning(
            "extension-without-head",
            "联合办理的延期由本级人民政府负责人批准，[roles] 没有写 government_head，届时不能申请延期。",
            "The extension of joint handling is approved by the head of the government; [roles] lack government_head, so none "
            "can be asked for.",
            "roles.government_head",
            ART_42,
        )


def on_the_spot_is_today(item: "Item") -> Iterator[ItemFinding]:
    """即办件 are decided on the spot: the promise is the same day (行政许可法 34)."""
    promised = item.limits.promised.limit
    if item.infotype is InfoType.ON_THE_SPOT and promised.value:
        yield error(
            "on-the-spot-not-today",
            f"即办件应当场决定，承诺时限应写“当日”（0wd），这里是{promised.text()}。",
            f"An on-the-spot item is decided at once: its promised limit is the same day (0wd), not {promised}.",
            "limits.promised",
            "《行政许可法》第三十四条第二款",
        )
    elif item.infotype is not InfoType.ON_THE_SPOT and not promised.value:
        yield warning(
            "today-not-on-the-spot",
            f"承诺当日办结的事项应为即办件，这里是{item.infotype.zh}。",
            f"An item that is promised for the same day is an on-the-spot one, not {item.infotype.value}.",
            "infotype",
        )


def correction_and_delivery_within_law(item: "Item") -> Iterator[ItemFinding]:
    if item.item_code.is_licence:
        notice, delivery = item.correction.notice, item.limits.delivery
        yield from capped(
            notice, CORRECTION_NOTICE, "correction-notice-too-late", "补正告知时限", "The limit for the correction notice",
            "correction.notice", ART_32,
        )  # fmt: skip
        yield from capped(
            delivery, DELIVERY, "delivery-too-late", "送达时限", "The limit for delivery", "limits.delivery", ART_44
        )
