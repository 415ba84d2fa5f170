"""What law and practice say about an item: limits, white lists, exclusions, tacit consent, preconditions.

Each check is a function that yields findings; ``findings_of`` runs them all. An error makes the item unusable.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.approval.finding import ItemFinding
from engine.approval.item import limit_checks
from engine.approval.item.code import ITEM_TYPES, LICENCE, SERVICE
from engine.approval.item.judging import capped, error, longer, warning
from engine.approval.item.limit_checks import JOINT
from engine.approval.item.terms import (
    ART_42,
    EXCLUSION_TAGS,
    BranchKind,
    CommitmentKind,
    InfoType,
    MaterialClass,
    Necessity,
    ParallelRules,
    TimeoutPolicy,
)

if TYPE_CHECKING:
    from engine.approval.item.item import Item

Check = Callable[["Item"], Iterable[ItemFinding]]

SENSITIVE_TAGS: Final = frozenset({"safety", "environment", "health"}) | frozenset(EXCLUSION_TAGS)


def findings_of(item: "Item", file: str = "") -> list[ItemFinding]:
    """Return all findings on ``item``, in the order of its parts."""
    return [replace(finding, file=file) for check in CHECKS for finding in check(item)]


# -- what the item is made of


def _parts_are_named_once(item: "Item") -> Iterator[ItemFinding]:
    named = {"materials": [material.code for material in item.materials]}
    if item.parallel is not None:
        named["parallel.branches"] = [branch.code for branch in item.parallel.branches]
    for element, codes in named.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield error(
                    "code-twice",
                    f"编码“{code}”出现了{times}次。",
                    f"The code {code!r} is there {times} times.",
                    element,
                )


def _code_says_what_it_is(item: "Item") -> Iterator[ItemFinding]:
    """Digits 3 and 4 of the code name the type of power; the organ's credit code ends in its check character."""
    code = item.item_code
    said = ITEM_TYPES.get(code.item_type, "国家目录外的类型")
    for wanted, zh, en in _types_wanted(item):
        if code.item_type not in wanted:
            names = "或者".join(f"{each} {ITEM_TYPES[each]}" for each in wanted)
            yield error(
                "code-contradicts-type",
                f"事项编码的第3、4位“{code.item_type}”是{said}，而{zh}应为{names}。",
                f"Digits 3 and 4 of the code say {code.item_type}, but {en}: {' or '.join(wanted)}.",
                "code",
                "GB/T 39554.1",
            )
    if code.organ and code.organ_check != code.organ[17]:
        yield error(
            "organ-check-digit",
            f"实施编码中的统一社会信用代码“{code.organ}”校验不符，请核对。",
            f"The organ's credit code {code.organ!r} in the item's code has a wrong check character.",
            "code",
            "GB 32100",
        )


def _types_wanted(item: "Item") -> Iterator[tuple[tuple[str, ...], str, str]]:
    """The types that the item's own words allow, and which words those are."""
    if item.type:
        yield (item.type,), "事项写明的类型", "the item says of itself that it is"
    if item.hotline is not None or item.disclosure is not None:
        yield (SERVICE,), "热线诉求、信息公开不是行政权力，", "a hotline or a disclosure is a public service"
    if item.commitment is not None and item.commitment.enabled and item.commitment.kind is CommitmentKind.LICENCE:
        yield (LICENCE,), "许可事项告知承诺的事项", "a licence on commitment is a licence"


def _item_is_complete(item: "Item") -> Iterator[ItemFinding]:
    if item.item_code.item_type not in ITEM_TYPES:
        yield warning(
            "unknown-item-type",
            f"事项编码中的类型“{item.item_code.item_type}”不在国家目录中。",
            f"The type {item.item_code.item_type!r} in the code is not of the national catalogue.",
            "code",
        )
    if not item.legal_basis:
        yield warning("no-legal-basis", "没有写设定依据。", "No legal basis is given.", "legal_basis")
    if not any(material.material_class is MaterialClass.MAIN for material in item.materials):
        yield warning("no-main-material", "没有任何主件材料。", "No material is a main one.", "materials")
    for material in item.materials:
        if (material.necessity is Necessity.CONDITIONAL) != bool(material.condition):
            yield error(
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
        yield error(
            "tolerance-on-the-spot",
            "即办件不适用容缺受理。",
            "An on-the-spot item cannot be tolerated.",
            "tolerance",
            "R2-9",
        )
    if not any(material.material_class is MaterialClass.SECONDARY for material in item.materials):
        yield warning(
            "tolerance-without-secondary",
            "启用了容缺受理，但没有可容缺材料。",
            "Tolerance is enabled but no material is secondary.",
            "tolerance",
            "R2-9",
        )
    yield from longer(
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
            yield error(
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
        yield error(
            "commitment-excluded",
            f"事项涉及{'、'.join(EXCLUSION_TAGS.get(tag, tag) for tag in excluded)}，不得实行告知承诺。",
            f"The item touches {', '.join(excluded)}; commitments are excluded.",
            "commitment",
            "国办发〔2020〕42号",
        )
    if item.infotype is InfoType.ON_THE_SPOT and rules.kind is CommitmentKind.LICENCE:
        yield warning(
            "commitment-on-the-spot",
            "即办件本来就当场决定，不需要告知承诺。",
            "An on-the-spot item is decided at once anyway; it needs no commitment.",
            "commitment",
            "上海市优化营商环境条例第二十七条",
        )
    if rules.kind is CommitmentKind.LICENCE and rules.decision.limit.value:
        yield warning(
            "commitment-not-same-day",
            f"告知承诺的许可应当场决定，这里写了{rules.decision.limit.text()}。",
            f"A licence on commitment is decided the same day, not in {rules.decision.limit}.",
            "commitment.decision",
            "国发〔2021〕7号",
        )
    replaceable = any(material.commitment_allowed for material in item.materials)
    if rules.kind is CommitmentKind.PROOF and not replaceable:
        yield warning(
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
        yield warning(
            "parallel-not-joint",
            f"并联审批的事项应为联办件，这里是{item.infotype.zh}。",
            f"An item in parallel approval is a joint one, not {item.infotype.value}.",
            "infotype",
        )
    if not rules.branches:
        yield error("no-branches", "并联审批没有任何分支。", "Parallel approval has no branches.", "parallel.branches")
    for cap, code in (
        (JOINT, "joint-limit-too-long"),
        (item.limits.statutory.limit, "joint-limit-beyond-statutory"),
    ):
        yield from capped(rules.limit, cap, code, "联合办理时限", "The joint limit", "parallel.limit", ART_42)
    yield from _branches(item, rules)


def _branches(item: "Item", rules: ParallelRules) -> Iterator[ItemFinding]:
    codes = {branch.code for branch in rules.branches}
    materials = {material.code for material in item.materials}
    for branch in rules.branches:
        element = f"parallel.branches.{branch.code}"
        yield from capped(
            branch.limit, rules.limit.limit, "branch-limit-too-long", f"分支“{branch.name}”的时限", f"Branch {branch.code}",
            f"{element}.limit", "R4-2",
        )  # fmt: skip
        if branch.timeout is TimeoutPolicy.DEEMED_AGREE and branch.kind is BranchKind.LICENCE_DECISION:
            yield error(
                "licence-by-silence",
                f"分支“{branch.name}”是许可决定，不得超时默认同意。",
                f"Branch {branch.code} decides a licence; silence never grants one.",
                f"{element}.timeout",
                "R4 / 4.4",
            )
        for unknown in sorted(set(branch.materials) - materials):
            yield error(
                "unknown-material", f"分支“{branch.name}”引用了不存在的材料“{unknown}”。",
                f"Branch {branch.code} names the unknown material {unknown!r}.", f"{element}.materials",
            )  # fmt: skip
        for unknown in sorted(set(branch.needs) - codes):
            yield error(
                "unknown-branch", f"分支“{branch.name}”的前置“{unknown}”不存在。",
                f"Branch {branch.code} needs the unknown branch {unknown!r}.", f"{element}.needs",
            )  # fmt: skip
    circle = _circle({branch.code: branch.needs for branch in rules.branches})
    if circle:
        yield error(
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
    _code_says_what_it_is,
    _item_is_complete,
    _parts_are_named_once,
    limit_checks.promised_within_statutory,
    limit_checks.statutory_within_law,
    limit_checks.extension_within_law,
    limit_checks.extension_can_be_added,
    limit_checks.joint_extension_has_its_head,
    limit_checks.on_the_spot_is_today,
    limit_checks.correction_and_delivery_within_law,
    _tolerance_is_lawful,
    _sensitive_materials_are_not_tolerable,
    _commitment_is_lawful,
    _parallel_is_lawful,
)
