"""item.toml: the file that describes one item, as an office writes it.

A file, with the keys that most items need (every key is listed in this module, with its default in :mod:`terms`)::

    code = "11430105MB0000000M400011234500001"   # 12, 31 or 33 characters
    type = "行政许可"                    # may be left out; where it stands, the code has to say the same
    name = "公共场所卫生许可"
    department = "wsjk"                 # who decides; in parallel approval the lead
    process = "hygiene_permit_commitment"
    infotype = "promised"               # on_the_spot, promised, joint, forwarded
    tags = ["life_health_property"]     # what it touches: decides about commitments

    [limits]
    statutory = { limit = "20wd", source = "《行政许可法》第四十二条" }
    promised = "10wd"                   # a limit may stand alone or with its source
    mode = "end_of_day"                 # end_of_day, midnight, same_time

    [correction]
    period = "15wd"

    [[materials]]
    code = "M01"
    name = "申请表"
    class = "main"                      # main, secondary, not_tolerable (default)
    necessity = "required"              # required, conditional (with condition = FEEL), optional

    [tolerance]
    gate = "before_decision"
    timeout = "revoke_acceptance"

    [commitment]
    kind = "licence"
    verify = "60wd"
    sample_rates = { A = 0.1, B = 0.3, C = 1.0 }

    [parallel]
    limit = "15wd"
    merge = "lead_decides"
    [[parallel.branches]]
    code = "fire"
    name = "消防设计审查"
    department = "xfjy"
    limit = "7wd"
    kind = "opinion"
    timeout = "deemed_agree"

    [forms]
    start = "apply.form"

    [roles]
    window = "window"                   # role in the process -> candidate group

    [[legal_basis]]
    title = "公共场所卫生管理条例"
    article = "第四条"

    [guide]
    conditions = "……"
"""

import tomllib
from functools import lru_cache
from typing import Any, Final

from engine.approval.item import toml
from engine.approval.item.code import ITEM_TYPES, ItemCode
from engine.approval.item.item import Item
from engine.approval.item.services import DISCLOSURE, HOTLINE, PUBLICITY, sourced
from engine.approval.item.terms import (
    BranchKind,
    BranchRule,
    CommitmentKind,
    CommitmentRules,
    CorrectionOutcome,
    CorrectionRules,
    Identification,
    InfoType,
    LegalBasis,
    Limits,
    MaterialClass,
    MaterialForm,
    MaterialRule,
    MergeRule,
    Necessity,
    ParallelRules,
    TimeoutPolicy,
    ToleranceGate,
    ToleranceRules,
    ToleranceTimeout,
    VerifyMode,
)
from engine.approval.item.toml import (
    Fault,
    Faults,
    any_text,
    choice,
    count,
    flag,
    limit,
    listed,
    mapped,
    share,
    table,
    text,
)
from engine.calendar import DueMode, ReceiptRule
from engine.errors import InvalidInput


class ItemRefused(InvalidInput):
    """item.toml cannot be read; ``faults`` and ``facts["fields"]`` name what is wrong by dotted key."""

    code = "item-refused"

    def __init__(self, faults: Faults) -> None:
        super().__init__(
            "事项文件有误：" + "；".join(f"{fault.key} {fault.zh}".strip() for fault in faults) + "。",
            "The item file has errors: " + "; ".join(f"{fault.key} {fault.en}".strip() for fault in faults) + ".",
            fields={fault.key: {"zh": fault.zh, "en": fault.en} for fault in faults},
        )
        self.faults = tuple(faults)


KEPT: Final = 4_000  # items, of 10 KB each; a city's bureau has one to two thousand, and its pages list them all


@lru_cache(maxsize=KEPT)
def deployed_item(source: str) -> Item:
    """The item of a text that was checked when it was deployed; it is read once, however often it is asked for."""
    return read_item(source)


def read_item(source: str) -> Item:
    """Return the item that the text of an item.toml describes. Raises :class:`ItemRefused` with every fault.

    That it can be read does not make it lawful: see :meth:`Item.findings`.
    """
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ItemRefused([Fault("", f"不是有效的 TOML：{error}", f"is not TOML: {error}")]) from error
    faults: Faults = []
    item = _ITEM(document, "", faults)
    if faults:
        raise ItemRefused(faults)
    assert isinstance(item, Item)
    return item


def _code(value: object, key: str, faults: Faults) -> Any:
    found = text(value, key, faults)
    if found is not toml.WRONG:
        try:
            ItemCode.parse(found)
        except InvalidInput as error:
            faults.append(Fault(key, error.zh.rstrip("。"), error.en.rstrip(".")))
    return found


def _item_type(value: object, key: str, faults: Faults) -> Any:
    """A type of the national catalogue, as its name or its two digits."""
    found = text(value, key, faults)
    for digits, name in ITEM_TYPES.items():
        if found in (digits, name):
            return digits
    if found is not toml.WRONG:
        known = "、".join(f"{digits} {name}" for digits, name in ITEM_TYPES.items())
        faults.append(Fault(key, f"应为其中之一：{known}", f"must be one of {known}"))
    return toml.WRONG


def _material(**values: Any) -> MaterialRule:
    if "class" in values:
        values["material_class"] = values.pop("class")
    return MaterialRule(**values)


def _item(**values: Any) -> Item:
    """Build the item; a parallel item without a lead of its own is led by the department that decides."""
    values["process_key"] = values.pop("process")
    if "parallel" in values:
        values["parallel"] = _parallel(values["department"], values["parallel"])
    return Item(**values)


def _parallel(department: str, values: dict[str, Any]) -> ParallelRules:
    return ParallelRules(**{"lead": department, **values})


_TAGS: Final = listed(text, frozenset)
_LIMITS: Final = table(
    Limits,
    {
        "statutory": sourced,
        "promised": sourced,
        "mode": choice(DueMode),
        "extension": sourced,
        "delivery": sourced,
        "licence_making": sourced,
        "licence_valid": limit,
        "promised_pauses_for_local_procedures": flag,
        "suspended_by": mapped(text),
        "silence": text,
    },
    ["statutory", "promised"],
)
_CORRECTION: Final = table(
    CorrectionRules,
    {
        "notice": sourced,
        "period": sourced,
        "pre_accept": sourced,
        "window": sourced,
        "receipt": choice(ReceiptRule),
        "outcome": choice(CorrectionOutcome),
    },
)
_MATERIAL: Final = table(
    _material,
    {
        "code": text,
        "name": text,
        "class": choice(MaterialClass),
        "necessity": choice(Necessity),
        "form": choice(MaterialForm),
        "copies": count,
        "condition": any_text,
        "source": any_text,
        "basis": any_text,
        "requirement": any_text,
        "tags": _TAGS,
        "commitment_allowed": flag,
        "after_decision": flag,
    },
    ["code", "name"],
)
_TOLERANCE: Final = table(
    ToleranceRules,
    {
        "enabled": flag,
        "gate": choice(ToleranceGate),
        "deadline_at_most": sourced,
        "deadline_before_promised": sourced,
        "timeout": choice(ToleranceTimeout),
        "timeout_source": any_text,
        "suspend": sourced,
        "needs_supervisor": flag,
        "recorrections": count,
        "reminders": listed(limit),
        "source": any_text,
    },
)
_COMMITMENT: Final = table(
    CommitmentRules,
    {
        "enabled": flag,
        "kind": choice(CommitmentKind),
        "decision": sourced,
        "verify_mode": choice(VerifyMode),
        "verify": sourced,
        "sample_rates": mapped(share),
        "default_rate": share,
        "rectify": sourced,
        "rechecks": count,
        "supplement": sourced,
        "statement": sourced,
        "false_promise_revokes_at_once": flag,
        "unfulfilled_revokes_at_once": flag,
        "exclusion_tags": _TAGS,
        "is_public": flag,
        "agent_may_sign": flag,
        "source": any_text,
    },
)
_BRANCH: Final = table(
    BranchRule,
    {
        "code": text,
        "name": text,
        "department": text,
        "kind": choice(BranchKind),
        "limit": sourced,
        "timeout": choice(TimeoutPolicy),
        "timeout_source": any_text,
        "materials": listed(text),
        "needs": listed(text),
        "optional": flag,
        "condition": any_text,
        "licence": any_text,
        "licence_valid": limit,
    },
    ["code", "name", "department", "limit"],
)
_PARALLEL: Final = table(
    dict,
    {
        "lead": text,
        "branches": listed(_BRANCH),
        "limit": sourced,
        "merge": choice(MergeRule),
        "distribution": sourced,
        "pre_review": sourced,
        "pre_review_timeout": choice(TimeoutPolicy),
        "partial_issue": flag,
        "source": any_text,
    },
    ["branches", "limit"],
)
_LEGAL_BASIS: Final = table(
    LegalBasis, {"title": text, "article": any_text, "text": any_text, "url": any_text}, ["title"]
)
_ITEM: Final = table(
    _item,
    {
        "code": _code,
        "type": _item_type,
        "name": text,
        "name_en": any_text,
        "department": text,
        "process": text,
        "infotype": choice(InfoType),
        "audience": listed(text),
        "identification": choice(Identification),
        "sealed_when": any_text,
        "tags": _TAGS,
        "limits": _LIMITS,
        "materials": listed(_MATERIAL),
        "correction": _CORRECTION,
        "tolerance": _TOLERANCE,
        "commitment": _COMMITMENT,
        "parallel": _PARALLEL,
        "hotline": HOTLINE,
        "disclosure": DISCLOSURE,
        "publicity": PUBLICITY,
        "forms": mapped(text),
        "roles": mapped(text),
        "legal_basis": listed(_LEGAL_BASIS),
        "guide": mapped(any_text),
    },
    ["code", "name", "department", "process", "infotype", "limits", "materials"],
)
