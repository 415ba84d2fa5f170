"""item.toml: read, refused by key, and judged by law."""

from dataclasses import replace

import pytest

from engine.approval.finding import ItemFinding, Severity
from engine.approval.item import (
    BranchKind,
    InfoType,
    Item,
    ItemCode,
    ItemRefused,
    MaterialClass,
    MergeRule,
    Necessity,
    SourcedLimit,
    TimeoutPolicy,
    ToleranceGate,
    ToleranceTimeout,
    read_item,
)
from engine.calendar import DueMode, Limit, ReceiptRule
from engine.errors import InvalidInput
from tests.unit.approval.builders import ITEM_TOML, PARALLEL_TOML, a_joint_item, an_item


def faults(toml: str) -> dict[str, str]:
    with pytest.raises(ItemRefused) as refused:
        read_item(toml)
    return {fault.key: fault.en for fault in refused.value.faults}


def codes(item: Item) -> set[str]:
    return {finding.code for finding in item.findings()}


def the(item: Item, code: str) -> ItemFinding:
    return next(finding for finding in item.findings("item.toml") if finding.code == code)


def by(limit: str, source: str = "") -> SourcedLimit:
    return SourcedLimit(Limit.parse(limit), source)


# -- reading


def test_an_item_is_read_with_all_its_parts() -> None:
    item = an_item()

    assert item.infotype is InfoType.PROMISED
    assert item.process_key == "hygiene_permit"
    assert item.limits.statutory == by("20wd", "《行政许可法》第四十二条")
    assert item.limits.mode is DueMode.END_OF_DAY
    assert item.material("M01").material_class is MaterialClass.MAIN
    assert item.material("M01").copies == 2
    assert item.material("M05").necessity is Necessity.CONDITIONAL
    assert item.tolerance is not None
    assert item.tolerance.gate is ToleranceGate.BEFORE_DECISION
    assert item.tolerance.timeout is ToleranceTimeout.REVOKE_ACCEPTANCE
    assert item.commitment is not None
    assert item.commitment.verify.limit == Limit.parse("60wd")
    assert item.legal_basis[0].cite() == "《公共场所卫生管理条例》第四条"
    assert item.guide["conditions"] == "经营场所符合卫生标准"


def test_what_an_item_does_not_say_has_the_national_default_with_its_source() -> None:
    correction = an_item().correction

    assert correction.notice == by("5wd", "《行政许可法》第三十二条第一款第四项")
    assert correction.receipt is ReceiptRule.NEXT_WORKING_DAY
    assert an_item().limits.delivery.limit == Limit.parse("10wd")


def test_a_parallel_item_is_led_by_the_department_that_decides() -> None:
    parallel = a_joint_item().parallel

    assert parallel is not None
    assert parallel.lead == "spj"
    assert parallel.merge is MergeRule.LEAD_DECIDES
    assert [branch.code for branch in parallel.branches] == ["fire", "civil_defence", "quality"]
    assert parallel.branches[0].kind is BranchKind.LICENCE_DECISION
    assert parallel.branches[1].timeout is TimeoutPolicy.DEEMED_AGREE
    assert a_joint_item().extension.limit == Limit.parse("15wd")
    assert an_item().extension.limit == Limit.parse("10wd")


# -- refused


def test_what_is_missing_is_named_by_its_key() -> None:
    assert faults('name = "x"\n[limits]\npromised = "5wd"\n') == {
        "code": "is required",
        "department": "is required",
        "process": "is required",
        "infotype": "is required",
        "limits.statutory": "is required",
        "materials": "is required",
    }


def test_every_wrong_value_is_named_by_its_dotted_key() -> None:
    wrong = ITEM_TOML
    for good, bad in {
        'infotype = "promised"': 'infotype = "quick"',
        'promised = { limit = "10wd", source = "本局承诺" }': 'promised = "P10D"',
        "copies = 2": "copies = -2",
        'gate = "before_decision"': 'gate = "sometimes"\nsuspendd = "5wd"',
        'supplement = "60nd"': "supplement = 60\nsample_rates = { A = 1.5 }",
        'audience = ["person", "organisation"]': 'audience = "person"',
    }.items():
        assert good in wrong
        wrong = wrong.replace(good, bad)

    found = faults(wrong)

    assert set(found) == {
        "infotype",
        "limits.promised",
        "materials[0].copies",
        "tolerance.gate",
        "tolerance.suspendd",
        "commitment.supplement",
        "commitment.sample_rates.A",
        "audience",
    }
    assert found["infotype"] == "must be one of on_the_spot, promised, joint, forwarded"
    assert "known keys" in found["tolerance.suspendd"]


def test_a_file_that_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(ItemRefused, match="line 1"):
        read_item("code = \n")


def test_the_refusal_is_readable_by_people_and_programs() -> None:
    with pytest.raises(ItemRefused) as refused:
        read_item(ITEM_TOML.replace("copies = 2", "copies = -2"))

    assert refused.value.zh == "事项文件有误：materials[0].copies 应为不小于 0 的整数。"
    assert refused.value.facts["fields"]["materials[0].copies"]["en"] == "must be a whole number from 0"


# -- codes


def test_item_codes_have_12_31_or_33_characters() -> None:
    full = ItemCode.parse("11310000MB2F30661Y231200356400001")

    assert (full.organ, full.level, full.variant) == ("11310000MB2F30661Y", "2", "01")
    assert full.item_type == "20"
    assert str(full) == "11310000MB2F30661Y231200356400001"
    assert ItemCode.parse("000123456000").is_licence
    assert ItemCode.parse("11310000MB2F30661Y2312003564000").variant == ""
    for text in ("", "123", "00012345600001", "11310000MB2F30661Y2312003564000011"):
        with pytest.raises(InvalidInput):
            ItemCode.parse(text)


def test_the_check_character_of_the_organ_is_that_of_gb_32100() -> None:
    assert ItemCode.parse("11310000MB2F30661Y231200356400001").organ_check == "Y"  # Shanghai's civil affairs bureau
    assert ItemCode.parse("000123456000").organ_check == ""


# -- judged


def test_a_code_whose_type_part_contradicts_the_item_is_refused() -> None:
    licence = read_item(ITEM_TOML.replace('name = "', 'type = "行政许可"\nname = "', 1))
    penalty = replace(licence, code="000212345000")

    assert licence.type == "01" and licence.findings() == []
    found = [each for each in penalty.findings() if each.code == "code-contradicts-type"]
    assert found[0].severity is Severity.ERROR and "“02”是行政处罚，而事项写明的类型应为01 行政许可" in found[0].zh
    assert "许可事项告知承诺" in found[1].zh, "and its commitment speaks of a licence too"


def test_an_item_says_its_type_by_name_or_by_digits_of_the_catalogue() -> None:
    assert read_item(ITEM_TOML.replace('name = "', 'type = "01"\nname = "', 1)).type == "01"
    with pytest.raises(ItemRefused, match="20 公共服务"):
        read_item(ITEM_TOML.replace('name = "', 'type = "许可"\nname = "', 1))


def test_a_credit_code_with_a_slip_of_the_pen_is_refused() -> None:
    item = replace(an_item(), code="11310000MB2F30661X231010356400001")

    assert the(item, "organ-check-digit").severity is Severity.ERROR
    assert all(each.code != "organ-check-digit" for each in replace(item, code="000112345000").findings())


def test_a_lawful_item_has_no_findings() -> None:
    assert an_item().findings() == []
    assert [f for f in a_joint_item().findings() if f.severity is Severity.ERROR] == []


def test_a_promise_longer_than_the_law_is_an_error() -> None:
    item = an_item()
    item = replace(item, limits=replace(item.limits, promised=by("21wd")))

    found = the(item, "promised-longer-than-statutory")

    assert (found.severity, found.element, found.file) == (Severity.ERROR, "limits.promised", "item.toml")
    assert "21个工作日" in found.zh


def test_limits_that_cannot_be_compared_are_to_be_checked_by_a_person() -> None:
    item = an_item()
    item = replace(item, limits=replace(item.limits, statutory=by("7nd", "《建筑法》第八条"), promised=by("3wd")))

    assert the(item, "promised-longer-than-statutory-unknown").severity is Severity.WARNING


def test_a_single_licence_has_20_working_days_unless_a_special_law_is_named() -> None:
    item = an_item()
    without_source = replace(item, limits=replace(item.limits, statutory=by("30wd")))
    with_source = replace(item, limits=replace(item.limits, statutory=by("30wd", "《某法》第九条")))

    assert the(without_source, "statutory-limit-too-long").severity is Severity.ERROR
    assert the(with_source, "statutory-limit-by-special-law").severity is Severity.WARNING


def test_a_joint_licence_has_45_working_days_and_no_exception() -> None:
    item = a_joint_item()
    longer = replace(item, limits=replace(item.limits, statutory=by("46wd", "《某法》")))

    assert the(longer, "statutory-limit-too-long").severity is Severity.ERROR
    assert item.parallel is not None
    assert "joint-limit-too-long" in codes(replace(item, parallel=replace(item.parallel, limit=by("46wd"))))


def test_the_licence_law_does_not_bind_a_public_service() -> None:
    item = an_item()
    limits = replace(item.limits, statutory=by("60wd"))
    service = replace(item, code="002012345600", limits=limits, commitment=None)

    assert codes(service) == set()


def test_extension_correction_notice_and_delivery_have_their_caps() -> None:
    item = an_item()
    item = replace(
        item,
        limits=replace(item.limits, extension=by("11wd"), delivery=by("11wd")),
        correction=replace(item.correction, notice=by("6wd")),
    )

    assert {"extension-too-long", "delivery-too-late", "correction-notice-too-late"} <= codes(item)


def test_tolerance_is_not_for_items_decided_on_the_spot() -> None:
    assert the(replace(an_item(), infotype=InfoType.ON_THE_SPOT), "tolerance-on-the-spot").basis == "R2-9"


def test_a_material_that_touches_health_is_never_tolerable() -> None:
    item = an_item()
    loose = replace(item.material("M04"), material_class=MaterialClass.SECONDARY)
    item = replace(item, materials=(*item.materials[:3], loose))

    assert the(item, "sensitive-material-tolerable").element == "materials.M04.class"


def test_a_risky_item_cannot_be_granted_on_commitment() -> None:
    found = the(replace(an_item(), tags=frozenset({"public_safety"})), "commitment-excluded")

    assert found.severity is Severity.ERROR
    assert "公共安全" in found.zh


def test_a_branch_may_not_take_longer_than_the_whole() -> None:
    item = a_joint_item()
    assert item.parallel is not None
    slow = replace(item.parallel.branches[0], limit=by("16wd"))
    item = replace(item, parallel=replace(item.parallel, branches=(slow,)))

    assert the(item, "branch-limit-too-long").element == "parallel.branches.fire.limit"


def test_silence_never_grants_a_licence() -> None:
    item = read_item(
        PARALLEL_TOML.replace('kind = "licence_decision"', 'kind = "licence_decision"\ntimeout = "deemed_agree"')
    )

    assert the(item, "licence-by-silence").severity is Severity.ERROR


def test_preconditions_in_a_circle_are_named() -> None:
    item = read_item(PARALLEL_TOML.replace('materials = ["M02"]', 'needs = ["quality"]'))

    assert the(item, "precondition-circle").zh == "分支互为前置：fire → quality → fire。"


def test_unknown_materials_and_branches_and_double_codes_are_errors() -> None:
    item = read_item(PARALLEL_TOML.replace('materials = ["M02"]', 'materials = ["M99"]\nneeds = ["water"]'))
    twice = replace(item, materials=(*item.materials, item.materials[0]))

    assert {"unknown-material", "unknown-branch", "code-twice"} <= codes(twice)


def test_a_condition_belongs_to_a_conditional_material_only() -> None:
    item = an_item()
    loose = replace(item.material("M05"), condition="")

    assert "condition-mismatch" in codes(replace(item, materials=(*item.materials[:4], loose)))
