"""An item 事项: what may be applied for, by which rules, with which materials, within which limits."""

from collections.abc import Mapping
from dataclasses import field

from engine.approval.finding import ItemFinding
from engine.approval.item.check import findings_of
from engine.approval.item.code import ItemCode
from engine.approval.item.services import DisclosureRules, HotlineRules, PublicityRules
from engine.approval.item.terms import (
    CommitmentRules,
    CorrectionRules,
    Identification,
    InfoType,
    LegalBasis,
    Limits,
    MaterialRule,
    ParallelRules,
    SourcedLimit,
    ToleranceRules,
)
from engine.calendar import Limit
from engine.records import record


@record
class Item:
    """One version of an item, as read from item.toml. A pattern that is not used is None."""

    code: str  # 12, 31 or 33 characters
    name: str
    department: str  # code of the department that decides; in parallel approval the lead
    process_key: str
    infotype: InfoType
    limits: Limits
    materials: tuple[MaterialRule, ...]
    name_en: str = ""
    type: str = ""  # 事项类型, two digits of ITEM_TYPES, as the office says; "" says nothing beside the code
    audience: tuple[str, ...] = ()  # person, organisation
    identification: Identification = Identification.REQUIRED
    sealed_when: str = ""  # FEEL over the form: then who applies is shown to nobody but those who call back
    tags: frozenset[str] = frozenset()  # what it touches, see EXCLUSION_TAGS
    correction: CorrectionRules = field(default_factory=CorrectionRules)
    tolerance: ToleranceRules | None = None
    commitment: CommitmentRules | None = None
    parallel: ParallelRules | None = None
    hotline: HotlineRules | None = None
    disclosure: DisclosureRules | None = None
    publicity: PublicityRules | None = None
    forms: Mapping[str, str] = field(default_factory=dict)  # use -> form file: start = "apply.form"
    roles: Mapping[str, str] = field(default_factory=dict)  # role of the process -> candidate group
    legal_basis: tuple[LegalBasis, ...] = ()
    guide: Mapping[str, str] = field(default_factory=dict)  # texts of the guide: conditions, fee, contact, ...

    @property
    def item_code(self) -> ItemCode:
        return ItemCode.parse(self.code)

    @property
    def is_joint(self) -> bool:
        """Is it handled by several departments under one lead (行政许可法 26)?"""
        return self.parallel is not None or self.infotype is InfoType.JOINT

    @property
    def extension(self) -> SourcedLimit:
        """What may be added once: 10 working days, 15 in joint handling, or what the item says (行政许可法 42)."""
        if self.limits.extension is not None:
            return self.limits.extension
        return SourcedLimit(Limit.parse("15wd" if self.is_joint else "10wd"), "《行政许可法》第四十二条")

    def material(self, code: str) -> MaterialRule:
        """Return the material of the guide with this code; raises KeyError."""
        for material in self.materials:
            if material.code == code:
                return material
        raise KeyError(code)

    def findings(self, file: str = "") -> list[ItemFinding]:
        """Return what law and practice have to say about this item; an error means that it must not be used."""
        return findings_of(self, file)
