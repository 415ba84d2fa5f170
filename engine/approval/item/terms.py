"""The parts of an item: limits with their sources, materials, and the rules of each pattern. Nothing local is
hard-coded.

Every default is the national frame or the most common practice and carries its source; an item overrides what its place
has decided.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Final

from engine.calendar import DueMode, Limit, ReceiptRule
from engine.records import record


@record(kw_only=False)
class SourcedLimit:
    """A limit and the rule from which it comes, as shown to people."""

    limit: Limit
    source: str = ""


def _by(limit: str, source: str) -> SourcedLimit:
    return SourcedLimit(Limit.parse(limit), source)


ART_32: Final = "《行政许可法》第三十二条"
ART_42: Final = "《行政许可法》第四十二条"
ART_44: Final = "《行政许可法》第四十四条"
ART_45_SOURCE: Final = "《行政许可法》第四十五条"
LOCAL: Final = "本事项设定"


class InfoType(StrEnum):
    """How an item is handled 办件类型. ``digit`` is the exchange code (1即办 2承诺 3联办 4上报)."""

    ON_THE_SPOT = "on_the_spot"
    PROMISED = "promised"
    JOINT = "joint"
    FORWARDED = "forwarded"

    @property
    def digit(self) -> str:
        return {"on_the_spot": "1", "promised": "2", "joint": "3", "forwarded": "4"}[self.value]

    @property
    def zh(self) -> str:
        return {"on_the_spot": "即办件", "promised": "承诺件", "joint": "联办件", "forwarded": "上报件"}[self.value]

    @classmethod
    def from_digit(cls, digit: str) -> "InfoType":
        """Return the type of an exchange code; raises ValueError for another digit."""
        for each in cls:
            if each.digit == digit:
                return each
        raise ValueError(f"{digit!r} is no type of handling")


class Identification(StrEnum):
    """Must an applicant be identified? A caller of the hotline need not, but must be reachable."""

    REQUIRED = "required"  # the number of an identity card, or the unified social credit code
    CONTACT = "contact"  # a telephone number is enough

    @property
    def zh(self) -> str:
        return {"required": "须核对证件", "contact": "留联系电话即可"}[self.value]


@record
class Limits:
    """The limits of the item itself and how they are counted."""

    statutory: SourcedLimit
    promised: SourcedLimit
    mode: DueMode = DueMode.END_OF_DAY
    extension: SourcedLimit | None = None  # what the head may add once; None = 10 (single) or 15 (joint) working days
    delivery: SourcedLimit = field(default_factory=lambda: _by("10wd", ART_44))
    licence_making: SourcedLimit = field(default_factory=lambda: _by("3wd", LOCAL))
    licence_valid: Limit | None = None  # how long the licence is valid; None where no law ends it
    promised_pauses_for_local_procedures: bool = True  # 公示、踏勘等 stop the promised clock, never the statutory one
    suspended_by: Mapping[str, str] = field(default_factory=dict)  # kind of suspension -> the law, other than art. 45
    silence: str = ""  # the law by which the item counts as decided when nobody decides in time, such as article 50


class CorrectionOutcome(StrEnum):
    """What becomes of a case whose applicant did not correct in time."""

    CLOSED_NOT_CORRECTED = "closed_not_corrected"  # 补正不来办结
    DEEMED_WITHDRAWN = "deemed_withdrawn"  # 视为撤回申请 (浙江)


@record
class CorrectionRules:
    """Receipt and correction: art. 32 gives five working days for the one notice, silence is acceptance from
    receipt."""

    notice: SourcedLimit = field(default_factory=lambda: _by("5wd", ART_32 + "第一款第四项"))
    period: SourcedLimit = field(default_factory=lambda: _by("15wd", LOCAL))
    pre_accept: SourcedLimit = field(default_factory=lambda: _by("2wd", LOCAL))
    # how long departments may say what the one notice shall ask for
    window: SourcedLimit = field(default_factory=lambda: _by("2wd", "滨州市工程建设项目并联审批管理规定第十条"))
    receipt: ReceiptRule = ReceiptRule.NEXT_WORKING_DAY
    outcome: CorrectionOutcome = CorrectionOutcome.CLOSED_NOT_CORRECTED


# -- materials


class MaterialClass(StrEnum):
    """May the material be brought later? White list: what the guide does not name as secondary cannot (浙江 4, 11)."""

    MAIN = "main"  # 主件: decides whether the legal conditions are met
    SECONDARY = "secondary"  # 副件 / 可容缺: does not affect the substance of the review
    NOT_TOLERABLE = "not_tolerable"  # 不得容缺: safety, environment, or simply not listed

    @property
    def zh(self) -> str:
        return {"main": "主件", "secondary": "可容缺材料", "not_tolerable": "不得容缺"}[self.value]


class Necessity(StrEnum):
    """Is the material needed? ``conditional`` ones are needed in the situation that the form tells."""

    REQUIRED = "required"
    CONDITIONAL = "conditional"
    OPTIONAL = "optional"

    @property
    def zh(self) -> str:
        return {"required": "必要", "conditional": "视情形", "optional": "非必要"}[self.value]


class MaterialForm(StrEnum):
    """In which form it is handed in (CLLX: 0原件 1复印件 2电子)."""

    ORIGINAL = "original"
    COPY = "copy"
    ELECTRONIC = "electronic"

    @property
    def zh(self) -> str:
        return {"original": "原件", "copy": "复印件", "electronic": "电子件"}[self.value]


@record
class MaterialRule:
    """One material of the guide. ``condition`` is a FEEL expression over the form for a conditional material."""

    code: str
    name: str
    material_class: MaterialClass = MaterialClass.NOT_TOLERABLE
    necessity: Necessity = Necessity.REQUIRED
    form: MaterialForm = MaterialForm.ELECTRONIC
    copies: int = 1
    condition: str = ""
    source: str = ""  # where it comes from: 申请人自备, 政府部门核发
    basis: str = ""  # the rule that asks for it
    requirement: str = ""  # 受理标准, shown in notices
    tags: frozenset[str] = frozenset()  # safety, environment, health ... (never tolerable)
    commitment_allowed: bool = False  # a proof that a written commitment may replace 证明事项告知承诺
    after_decision: bool = False  # may be handed in after the decision on commitment 领证后限期补交


# -- tolerance 容缺受理


class ToleranceGate(StrEnum):
    """Before which step everything promised must be there and verified (R2-4)."""

    BEFORE_DECISION = "before_decision"
    BEFORE_ISSUE = "before_issue"
    BEFORE_COMPLETION_FILING = "before_completion_filing"  # 竣工验收备案前 (上海 2024, 重庆 2021)


class ToleranceTimeout(StrEnum):
    """What becomes of the case when the promise is not kept (R2-6)."""

    REVOKE_ACCEPTANCE = "revoke_acceptance"
    DEEMED_WITHDRAWN = "deemed_withdrawn"
    REFUSE = "refuse"
    RETURN = "return"
    TERMINATE = "terminate"

    @property
    def zh(self) -> str:
        return {
            "revoke_acceptance": "撤销受理",
            "deemed_withdrawn": "视为撤回申请",
            "refuse": "不予许可",
            "return": "退件",
            "terminate": "终止办理",
        }[self.value]


@record
class ToleranceRules:
    """Tolerance as this item's place has decided it (R2-1 to R2-10)."""

    enabled: bool = True
    gate: ToleranceGate = ToleranceGate.BEFORE_DECISION
    # 20 and 2 working days as in 深圳, of whose rule only an excerpt was read; so no source is shown to applicants.
    deadline_at_most: SourcedLimit = field(default_factory=lambda: _by("20wd", LOCAL))
    deadline_before_promised: SourcedLimit = field(default_factory=lambda: _by("2wd", LOCAL))
    timeout: ToleranceTimeout = ToleranceTimeout.REVOKE_ACCEPTANCE
    timeout_source: str = "浙江省保障“最多跑一次”改革规定第十一条"
    suspend: SourcedLimit | None = None  # a second chance with the promised clock standing (台州: 15 working days)
    needs_supervisor: bool = False
    recorrections: int = 1  # how often a completion that does not conform may be handed in again
    reminders: tuple[Limit, ...] = (Limit.parse("3wd"), Limit.parse("1wd"), Limit.parse("0wd"))  # before the deadline
    source: str = ""


# -- commitment 告知承诺


class CommitmentKind(StrEnum):
    """What the commitment replaces (3.2)."""

    PROOF = "proof"  # one proof; the case runs as usual
    LICENCE = "licence"  # the examination before the decision

    @property
    def zh(self) -> str:
        return {"proof": "证明事项告知承诺", "licence": "涉企经营许可事项告知承诺"}[self.value]


class VerifyMode(StrEnum):
    """How it is verified after the decision (国办发〔2020〕42号)."""

    NONE = "none"  # 免予核查
    ONLINE = "online"  # 在线核查
    ON_SITE = "on_site"  # 现场核查, by two officers (行政许可法 34)
    RANDOM = "random"  # 双随机抽查, on site

    @property
    def zh(self) -> str:
        return {"none": "免予核查", "online": "在线核查", "on_site": "现场核查", "random": "双随机抽查"}[self.value]


# Items whose risk is too great for commitments (国办发〔2020〕42号); an item says by tags what it touches.
EXCLUSION_TAGS: Final = {
    "national_security": "国家安全",
    "state_secret": "国家秘密",
    "public_safety": "公共安全",
    "prudential_finance": "金融业审慎监管",
    "environment": "生态环境保护",
    "life_health_property": "人身健康、生命财产安全",
    "foreign": "重要涉外",
}


@record
class CommitmentRules:
    """Commitment as this item's place has decided it (R3-1)."""

    enabled: bool = True
    kind: CommitmentKind = CommitmentKind.LICENCE
    decision: SourcedLimit = field(default_factory=lambda: _by("0wd", LOCAL))  # 当场; 安阳 26, 上海 27, 北京 33
    verify_mode: VerifyMode = VerifyMode.ON_SITE
    verify: SourcedLimit = field(default_factory=lambda: _by("2m", LOCAL))  # or 60 working days (浙江 14)
    sample_rates: Mapping[str, float] = field(default_factory=lambda: {"A": 0.1, "B": 0.3, "C": 1.0})
    default_rate: float = 1.0  # for a credit class without a rate, and for the first time
    rectify: SourcedLimit = field(default_factory=lambda: _by("30nd", LOCAL))
    rechecks: int = 1
    supplement: SourcedLimit | None = None  # 领证后限期补交材料
    statement: SourcedLimit = field(default_factory=lambda: _by("3wd", LOCAL))  # 陈述申辩
    false_promise_revokes_at_once: bool = True  # 北京 33: without rectification
    unfulfilled_revokes_at_once: bool = False  # 安阳 27
    exclusion_tags: frozenset[str] = frozenset(EXCLUSION_TAGS)
    is_public: bool = True  # the commitment may be seen by everybody (R3-8)
    agent_may_sign: bool = True  # with an authorisation
    source: str = ""


# -- parallel approval 并联审批


class BranchKind(StrEnum):
    """What a branch does. Only a licence decision blocks by itself; the others advise the lead."""

    OPINION = "opinion"
    LICENCE_DECISION = "licence_decision"
    MEETING = "meeting"
    SURVEY = "survey"

    @property
    def zh(self) -> str:
        return {
            "opinion": "征求意见",
            "licence_decision": "许可决定",
            "meeting": "联合会审",
            "survey": "联合踏勘",
        }[self.value]


class TimeoutPolicy(StrEnum):
    """What happens when a branch is silent after its limit (4.4)."""

    ESCALATE = "escalate"
    DEEMED_AGREE = "deemed_agree"  # never for a licence decision
    RETURN_TO_LEAD = "return_to_lead"


class MergeRule(StrEnum):
    """How the answers of the branches become one (4.9)."""

    ALL_AGREE = "all_agree"
    ANY_REFUSE_STOPS = "any_refuse_stops"
    LEAD_DECIDES = "lead_decides"


@record
class BranchRule:
    """One co-department. ``needs`` names branches whose result it waits for before it may *decide* (R4-4)."""

    code: str
    name: str
    department: str
    kind: BranchKind = BranchKind.OPINION
    limit: SourcedLimit
    timeout: TimeoutPolicy = TimeoutPolicy.ESCALATE
    timeout_source: str = ""
    materials: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    optional: bool = False
    condition: str = ""  # FEEL over the form: does this branch take part?
    licence: str = ""  # the paper that this branch's own licence is, "" for an opinion
    licence_valid: Limit | None = None  # how long that is valid


@record
class ParallelRules:
    """One lead, several branches, one limit for the whole."""

    lead: str
    branches: tuple[BranchRule, ...]
    limit: SourcedLimit
    merge: MergeRule = MergeRule.LEAD_DECIDES
    distribution: SourcedLimit = field(default_factory=lambda: _by("0.5wd", LOCAL))
    pre_review: SourcedLimit = field(default_factory=lambda: _by("2wd", "滨州市工程建设项目并联审批管理规定第十条"))
    pre_review_timeout: TimeoutPolicy = TimeoutPolicy.ESCALATE
    partial_issue: bool = False
    source: str = ""


@record
class LegalBasis:
    """One rule on which the item rests 设定依据."""

    title: str
    article: str = ""
    text: str = ""
    url: str = ""

    def cite(self) -> str:
        """Return it as a notice cites it: 《title》article."""
        title = self.title if self.title.startswith("《") else f"《{self.title}》"
        return f"{title}{self.article}"
