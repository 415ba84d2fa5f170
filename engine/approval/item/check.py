"""What law and practice say about an item: limits, white lists, exclusions, tacit consent, preconditions.

Each check is a function that yields findings; ``findings_of`` runs them all. An error makes the item unusable.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.approval.finding import ItemFinding, Severity
from engine.approval.item.code import ITEM_TYPES
from engine.approval.item.terms import (
    ART_32,
    ART_42,
    ART_44,
    EXCLUSION_TAGS,
    BranchKind,
    CommitmentKind,
    InfoType,
    MaterialClass,
    Necessity,
    ParallelRules,
    SourcedLimit,
    TimeoutPolicy,
)
from engine.calendar import Limit

if TYPE_CHECKING:
    from engine.approval.item.item import Item

Check = Callable[["Item"], Iterable[ItemFinding]]

SINGLE: Final = Limit.parse("20wd")  # 行政许可法 42 first paragraph
JOINT: Final = Limit.parse("45wd")  # second paragraph
SINGLE_EXTENSION: Final = Limit.parse("10wd")
JOINT_EXTENSION: Final = Limit.parse("15wd")
CORRECTION_NOTICE: Final = Limit.parse("5wd")  # 行政许可法 32
DELIVERY: Final = Limit.parse("10wd")  # 行政许可法 44
SENSITIVE_TAGS: Final = frozenset({"safety", "environment", "health"}) | frozenset(EXCLUSION_TAGS)


def findings_of(item: "Item", file: str = "") -> list[ItemFinding]:
    """Return all findings on ``item``, in the order of its parts."""
    return [replace(finding, file=file) for check in CHECKS for finding in check(item)]


def _longer(
    shorter: Limit, longer: Limit, code: str, zh: str, en: str, element: str, basis: str
) -> Iterator[ItemFinding]:
    """Yield an error when the first limit is longer than the second, a warning when nobody can say."""
    within = shorter.within(longer)
    if within is False:
        yield _error(code, zh, en, element, basis)
    elif within is None:
        yield _warning(
            f"{code}-unknown",
            f"{shorter.text()}与{longer.text()}单位不同，请人工核对：{zh}",
            f"{shorter} and {longer} have different units, please check: {en}",
            element,
            basis,
        )


def _error(code: str, zh: str, en: str, element: str, basis: str = "") -> ItemFinding:
    return ItemFinding(severity=Severity.ERROR, code=code, zh=zh, en=en, element=element, basis=basis)


def _warning(code: str, zh: str, en: str, element: str, basis: str = "") -> ItemFinding:
    return ItemFinding(severity=Severity.WARNING, code=code, zh=zh, en=en, element=element, basis=basis)


# -- limits


def _promised_within_statutory(item: "Item") -> Iterator[ItemFinding]:
    limits = item.limits
    yield from _longer(
        limits.promised.limit,
        limits.statutory.limit,
        "promised-longer-than-statutory",
        f"承诺时限{limits.promised.limit.text()}长于法定时限{limits.statutory.limit.text()}。",
        f"The promised limit {limits.promised.limit} is longer than the statutory limit {limits.statutory.limit}.",
        "limits.promised",
        ART_42,
    )


def _statutory_within_law(item: "Item") -> Iterator[ItemFinding]:
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
        yield _error("statutory-limit-too-long", f"{zh}。", f"{en}.", "limits.statutory", ART_42)
    else:
        yield _warning(
            "statutory-limit-by-special-law",
            f"{zh}，依据“{statutory.source}”；只有法律、行政法规可以另行规定。",
            f"{en}, by {statutory.source!r}; only a law or an administrative regulation may say so.",
            "limits.statutory",
            ART_42,
        )


def _extension_within_law(item: "Item") -> Iterator[ItemFinding]:
    cap = JOINT_EXTENSION if item.is_joint else SINGLE_EXTENSION
    if item.item_code.is_licence:
        yield from _capped(
            item.extension, cap, "extension-too-long", "延长期限", "The extension", "limits.extension", ART_42
        )


def _correction_and_delivery_within_law(item: "Item") -> Iterator[ItemFinding]:
    if item.item_code.is_licence:
        notice, delivery = item.correction.notice, item.limits.delivery
        yield from _capped(
            notice, CORRECTION_NOTICE, "correction-notice-too-late", "补正告知时限", "The limit for the correction notice",
            "correction.notice", ART_32,
        )  # fmt: skip
        yield from _capped(
            delivery, DELIVERY, "delivery-too-late", "送达时限", "The limit for delivery", "limits.delivery", ART_44
        )


def _capped(
    found: SourcedLimit, cap: Limit, code: str, zh: str, en: str, element: str, basis: str
) -> Iterator[ItemFinding]:
    yield from _longer(
        found.limit,
        cap,
        code,
        f"{zh}{found.limit.text()}超过上限{cap.text()}。",
        f"{en} of {found.limit} is longer than {cap}.",
        element,
        basis,
    )


# -- what the item is made of


def _parts_are_named_once(item: "Item") -> Iterator[ItemFinding]:
    named = {"materials": [material.code for material in item.materials]}
    if item.parallel is not None:
        named["parallel.branches"] = [branch.code for branch in item.parallel.branches]
    for element, codes in named.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield _error(
                    "code-twice",
                    f"编码“{code}”出现了{times}次。",
                    f"The code {code!r} is there {times} times.",
                    element,
                )


def _item_is_complete(item: "Item") -> Iterator[ItemFinding]:
    if item.item_code.item_type not in ITEM_TYPES:
        yield _warning(
            "unknown-item-type",
            f"事项编码中的类型“{item.item_code.item_type}”不在国家目录中。",
            f"The type {item.item_code.item_type!r} in the code is not of the national catalogue.",
            "code",
        )
    if not item.legal_basis:
        yield _warning("no-legal-basis", "没有写设定依据。", "No legal basis is given.", "legal_basis")
    if not any(material.material_class is MaterialClass.MAIN for material in item.materials):
        yield _warning("no-main-material", "没有任何主件材料。", "No material is a main one.", "materials")
    for material in item.materials:
        if (material.necessity is Necessity.CONDITIONAL) != bool(material.condition):
            yield _error(
                "condition-mismatch",
                f"材料“{material.name}”：视情形提交的材料要写 condition，其他材料不写。",
                f"Material {material.code}: a conditional material, and only that, has a condition.",
                f"materials.{material.code}.condition",
            )


# -- tolerance


def _tolerance_is_lawful(item: "Item") -> Iterator[ItemFinding]:
    rules = item.tolerance
    if rules is None or not rules.enabled:
        return
    if item.infotype is InfoType.ON_THE_SPOT:
        yield _error(
            "tolerance-on-the-spot",
            "即办件不适用容缺受理。",
            "An on-the-spot item cannot be tolerated.",
            "tolerance",
            "R2-9",
        )
    if not any(material.material_class is MaterialClass.SECONDARY for material in item.materials):
        yield _warning(
            "tolerance-without-secondary",
            "启用了容缺受理，但没有可容缺材料。",
            "Tolerance is enabled but no material is secondary.",
            "tolerance",
            "R2-9",
        )
    yield from _longer(
        rules.deadline_at_most.limit,
        item.limits.statutory.limit,
        "tolerance-deadline-beyond-statutory",
        f"容缺补正期限上限{rules.deadline_at_most.limit.text()}长于法定时限{item.limits.statutory.limit.text()}。",
        f"The longest tolerance {rules.deadline_at_most.limit} is longer than the statutory limit.",
        "tolerance.deadline_at_most",
        "R2-2",
    )


def _sensitive_materials_are_not_tolerable(item: "Item") -> Iterator[ItemFinding]:
    for material in item.materials:
        touched = sorted(material.tags & SENSITIVE_TAGS)
        if touched and material.material_class is MaterialClass.SECONDARY:
            yield _error(
                "sensitive-material-tolerable",
                f"材料“{material.name}”涉及{'、'.join(EXCLUSION_TAGS.get(tag, tag) for tag in touched)}，不得容缺。",
                f"Material {material.code} touches {', '.join(touched)} and cannot be tolerated.",
                f"materials.{material.code}.class",
                "R2-9",
            )


# -- commitment


def _commitment_is_lawful(item: "Item") -> Iterator[ItemFinding]:
    rules = item.commitment
    if rules is None or not rules.enabled:
        return
    excluded = sorted(item.tags & rules.exclusion_tags)
    if excluded and rules.kind is CommitmentKind.LICENCE:
        yield _error(
            "commitment-excluded",
            f"事项涉及{'、'.join(EXCLUSION_TAGS.get(tag, tag) for tag in excluded)}，不得实行告知承诺。",
            f"The item touches {', '.join(excluded)}; commitments are excluded.",
            "commitment",
            "国办发〔2020〕42号",
        )
    if item.infotype is InfoType.ON_THE_SPOT and rules.kind is CommitmentKind.LICENCE:
        yield _warning(
            "commitment-on-the-spot",
            "即办件本来就当场决定，不需要告知承诺。",
            "An on-the-spot item is decided at once anyway; it needs no commitment.",
            "commitment",
            "上海市优化营商环境条例第二十七条",
        )
    if rules.kind is CommitmentKind.LICENCE and rules.decision.limit.value:
        yield _warning(
            "commitment-not-same-day",
            f"告知承诺的许可应当场决定，这里写了{rules.decision.limit.text()}。",
            f"A licence on commitment is decided the same day, not in {rules.decision.limit}.",
            "commitment.decision",
            "国发〔2021〕7号",
        )
    replaceable = any(material.commitment_allowed for material in item.materials)
    if rules.kind is CommitmentKind.PROOF and not replaceable:
        yield _warning(
            "commitment-without-proof",
            "证明事项告知承诺没有任何可用承诺替代的材料。",
            "No material may be replaced by a commitment.",
            "commitment.kind",
        )


# -- parallel approval


def _parallel_is_lawful(item: "Item") -> Iterator[ItemFinding]:
    rules = item.parallel
    if rules is None:
        return
    if item.infotype is not InfoType.JOINT:
        yield _warning(
            "parallel-not-joint",
            f"并联审批的事项应为联办件，这里是{item.infotype.zh}。",
            f"An item in parallel approval is a joint one, not {item.infotype.value}.",
            "infotype",
        )
    if not rules.branches:
        yield _error("no-branches", "并联审批没有任何分支。", "Parallel approval has no branches.", "parallel.branches")
    for cap, code in (
        (JOINT, "joint-limit-too-long"),
        (item.limits.statutory.limit, "joint-limit-beyond-statutory"),
    ):
        yield from _capped(rules.limit, cap, code, "联合办理时限", "The joint limit", "parallel.limit", ART_42)
    yield from _branches(item, rules)


def _branches(item: "Item", rules: ParallelRules) -> Iterator[ItemFinding]:
    codes = {branch.code for branch in rules.branches}
    materials = {material.code for material in item.materials}
    for branch in rules.branches:
        element = f"parallel.branches.{branch.code}"
        yield from _capped(
            branch.limit, rules.limit.limit, "branch-limit-too-long", f"分支“{branch.name}”的时限", f"Branch {branch.code}",
            f"{element}.limit", "R4-2",
        )  # fmt: skip
        if branch.timeout is TimeoutPolicy.DEEMED_AGREE and branch.kind is BranchKind.LICENCE_DECISION:
            yield _error(
                "licence-by-silence",
                f"分支“{branch.name}”是许可决定，不得超时默认同意。",
                f"Branch {branch.code} decides a licence; silence never grants one.",
                f"{element}.timeout",
                "R4 / 4.4",
            )
        for unknown in sorted(set(branch.materials) - materials):
            yield _error(
                "unknown-material", f"分支“{branch.name}”引用了不存在的材料“{unknown}”。",
                f"Branch {branch.code} names the unknown material {unknown!r}.", f"{element}.materials",
            )  # fmt: skip
        for unknown in sorted(set(branch.needs) - codes):
            yield _error(
                "unknown-branch", f"分支“{branch.name}”的前置“{unknown}”不存在。",
                f"Branch {branch.code} needs the unknown branch {unknown!r}.", f"{element}.needs",
            )  # fmt: skip
    circle = _circle({branch.code: branch.needs for branch in rules.branches})
    if circle:
        yield _error(
            "precondition-circle",
            f"分支互为前置：{' → '.join(circle)}。",
            f"Branches are preconditions of each other: {' -> '.join(circle)}.",
            "parallel.branches",
            "R4-5",
        )


def _circle(needs: dict[str, tuple[str, ...]]) -> list[str]:
    """Return one circle of preconditions, its first member at both ends; empty when there is none."""
    settled: set[str] = set()

    def visit(code: str, path: list[str]) -> list[str]:
        if code in path:
            return [*path[path.index(code) :], code]
        if code in settled or code not in needs:
            return []
        for other in needs[code]:
            found = visit(other, [*path, code])
            if found:
                return found
        settled.add(code)
        return []

    return next((found for code in needs if (found := visit(code, []))), [])


CHECKS: Final[tuple[Check, ...]] = (
    _item_is_complete,
    _parts_are_named_once,
    _promised_within_statutory,
    _statutory_within_law,
    _extension_within_law,
    _correction_and_delivery_within_law,
    _tolerance_is_lawful,
    _sensitive_materials_are_not_tolerable,
    _commitment_is_lawful,
    _parallel_is_lawful,
)
