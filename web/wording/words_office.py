"""Codes of the office in words: states and results of cases, materials, limits, opinions, documents, promises."""

from collections.abc import Mapping

from engine.approval.case_state import LABELS, CaseState
from engine.approval.clock_kind import ClockKind
from engine.approval.rating import CHANNELS as CHANNELS_OF_RATING
from engine.approval.rating import GRADES
from engine.approval.rating import REASONS as REASONS_OF_RATING

CASE_STATES: Mapping[str, str] = {state.value: zh for state, (zh, _en) in LABELS.items()}

CASE_COLOURS: Mapping[str, str] = {
    **{state.value: "blue" for state in CaseState if state.is_accepted},
    **{state.value: "red" for state in (CaseState.DECIDED_NO, CaseState.REVOKED, CaseState.REJECTED_ACCEPT)},
    **{state.value: "amber" for state in (CaseState.CORRECTION, CaseState.SUSPENDED, CaseState.SPECIAL)},
    **{state.value: "green" for state in (CaseState.DECIDED_OK, CaseState.ANSWERED, CaseState.FINISHED)},
    "accepted_tol": "amber",
}

RESULTS: Mapping[str, str] = {
    "granted": "准予许可",
    "partly_granted": "部分准予",
    "refused": "不予许可",
    # 12345
    "satisfied": "满意",
    "fairly": "基本满意",
    "dissatisfied": "不满意",
    "unreachable": "未能回访",
    "limited": "客观受限",
    "direct": "直接答复",
    # 政府信息公开
    "disclosed": "予以公开",
    "partly": "部分公开",
    "withheld": "不予公开",
    "public": "已主动公开",
    "absent": "信息不存在",
    "not_ours": "不属于本机关公开",
    "repeated": "重复申请不予处理",
    "special": "按专门规定办理",
    "not_information": "不予处理（信访、投诉、举报）",
    "excessive": "不予处理（理由不合理）",
    "processing": "不予提供（需加工、分析）",
}

ACCEPTANCES: Mapping[str, str] = {
    "ordinary": "正常受理",
    "tolerance": "容缺受理",
    "commitment": "告知承诺",
    "deemed": "视为受理",
}

INFOTYPES: Mapping[str, str] = {
    "on_the_spot": "即办件",
    "promised": "承诺件",
    "joint": "联办件",
    "forwarded": "上报件",
}

APPLICANT_KINDS: Mapping[str, str] = {"person": "个人", "organisation": "单位"}

CHANNELS: Mapping[str, str] = {
    "window": "窗口",
    "phone": "电话",
    "online": "网上",
    "mail": "邮寄",
    "terminal": "自助终端",
    "meeting": "座谈、走访",
}

MATERIAL_STATES: Mapping[str, str] = {
    "missing": "未提交",
    "submitted": "已提交",
    "verified": "已核验",
    "rejected": "不符合要求",
    "tolerated": "容缺待补",
    "completed": "已补齐待核验",
    "committed": "以承诺替代",
    "waived": "免提交",
    "lapsed": "逾期未补",
}

MATERIAL_COLOURS: Mapping[str, str] = {
    "missing": "",
    "submitted": "blue",
    "verified": "green",
    "rejected": "red",
    "tolerated": "amber",
    "completed": "blue",
    "committed": "blue",
    "waived": "",
    "lapsed": "red",
}

MATERIAL_CLASSES: Mapping[str, str] = {"main": "主件", "secondary": "可容缺材料", "not_tolerable": "不得容缺"}
NECESSITIES: Mapping[str, str] = {"required": "必要", "conditional": "视情形", "optional": "非必要"}
MATERIAL_FORMS: Mapping[str, str] = {"original": "原件", "copy": "复印件", "electronic": "电子件"}

CLOCK_KINDS: Mapping[str, str] = {kind.value: kind.zh for kind in ClockKind}

CLOCK_STATES: Mapping[str, str] = {"running": "计时中", "paused": "暂停", "stopped": "已停止"}

OPINIONS: Mapping[str, str] = {
    "agree": "同意",
    "agree_with_conditions": "有条件同意",
    "agree_forward": "同意但需转报上级",
    "disagree": "不同意",
    "needs_correction": "需补正",
    "not_ours": "不属于本部门职责",
    "deemed_agree": "默认同意（超时）",
}

OPINION_COLOURS: Mapping[str, str] = {"disagree": "red", "needs_correction": "amber", "deemed_agree": "amber"}

CREDIT_KINDS: Mapping[str, str] = {
    "tolerance_breach": "容缺失信",
    "false_commitment": "虚假承诺",
    "commitment_broken": "未履行承诺",
    "serious": "严重失信主体",
}

RATING_GRADES: Mapping[str, str] = {str(grade): word for grade, word in GRADES.items()}
RATING_CHANNELS: Mapping[str, str] = CHANNELS_OF_RATING
RATING_REASONS: Mapping[str, str] = REASONS_OF_RATING
RATING_STATES: Mapping[str, str] = {
    "open": "已转回访整改",
    "rectified": "已整改",
    "explained": "已解释",
    "invalid": "评价无效",
}

OBJECTORS: Mapping[str, str] = {
    "tax": "税务机关",
    "social_insurance": "人力资源和社会保障部门",
    "other_organ": "其他有关部门",
    "creditor": "债权人",
    "employee": "职工",
    "investor": "投资人",
    "other": "其他人",
}

# The texts of an item's guide; others are shown under their own key.
GUIDE: Mapping[str, str] = {
    "conditions": "办理条件",
    "fee": "收费",
    "contact": "咨询方式",
    "place": "办理地点",
    "hours": "办理时间",
    "certificate": "许可证件",
    "result": "办理结果",
    "notice": "注意事项",
    "supervision": "监督投诉",
}

# What the story of a case tells: event -> words. Events that are missing here are for auditors.
CASE_EVENTS: Mapping[str, str] = {
    "CasePreAccepted": "预受理",
    "CaseReceived": "收件",
    "CaseCorrectionRequested": "一次性补正告知",
    "CaseCorrected": "补正完成",
    "CaseAccepted": "已受理",
    "CaseAcceptanceRefused": "不予受理",
    "CaseFoundNotNeeded": "不受理（不需许可）",
    "CaseReviewStarted": "开始承办",
    "CasePaused": "暂停计时",
    "CaseResumed": "恢复计时",
    "CaseExtended": "延长办理期限",
    "CaseDecided": "作出决定",
    "CaseAnswered": "答复",
    "CaseForwarded": "转报办结",
    "CaseEnded": "办件终结",
    "CaseReturnedToOrdinary": "转为一般程序",
    "CaseFinished": "办结",
    "CaseRevoked": "撤销许可",
    "CaseFormChanged": "修改申请表",
    "MaterialRejected": "退回材料",
    "MaterialTolerated": "容缺材料",
    "MaterialLapsed": "容缺材料逾期未补",
    "AttachmentAdded": "上传材料",
    "AttachmentRemoved": "删除材料",
    "DocumentIssued": "制发文书",
    "CertificateMade": "制证",
    "TolerancePromised": "签署容缺补正承诺",
    "ToleranceCompletionReturned": "补齐的材料退回再补",
    "ToleranceFulfilled": "容缺材料已补齐",
    "ToleranceExtended": "延长容缺补正期限",
    "ServiceRated": "评价",
    "ToleranceExtensionRequested": "因不可抗力申请延长补齐期限",
    "ToleranceExtensionRefused": "不同意延长补齐期限",
    "ToleranceSuspended": "容缺逾期，暂停办理",
    "ToleranceTimedOut": "容缺逾期",
    "CommitmentOffered": "告知承诺告知",
    "CommitmentDeclined": "不选择告知承诺",
    "CommitmentSigned": "签署承诺",
    "CommitmentWithdrawn": "撤回承诺",
    "CommitmentDecided": "按承诺作出决定",
    "VerificationOpened": "转入核查",
    "VerificationResultRecorded": "核查结果",
    "RectificationOrdered": "责令整改",
    "RectificationReported": "报告整改情况",
    "RevocationProposed": "拟撤销许可",
    "StatementHeard": "听取陈述申辩",
    "RevocationDecided": "决定撤销许可",
    "CreditEventRecorded": "记入信用记录",
    "CreditRepaired": "信用修复",
    "ApplicantSealed": "申请人身份保密",
    "ApplicantRevealed": "查看保密申请人",
    "RequestRegistered": "登记申请",
    "ReplyClockRestarted": "重新计算答复期限",
    "ReasonsDemanded": "要求说明理由",
    "FeeCharged": "发出收费通知",
    "RemedyTaken": "登记复议、诉讼",
    "RemedyConcluded": "复议、诉讼结果",
    "CaseReopened": "责令重新办理",
    "OpinionSought": "征求意见",
    "OpinionReceived": "收到意见",
    "PublicityOpened": "开始公示",
    "ObjectionRaised": "提出异议",
    "ObjectionJudged": "异议审查结果",
    "PublicityFailed": "公示无效",
    "PublicityEnded": "公示结束",
    "PermitsCancelled": "证照并销",
    "PermitsCollected": "收缴、作废证照",
    "CertificateCancelled": "证件注销",
    "OrderDispatched": "派单",
    "OrderSigned": "签收",
    "OrderReturnRequested": "申请退单",
    "OrderReturnSettled": "审核退单申请",
    "OrderConsulted": "汇总会商意见",
    "OrderRecalled": "收回改派",
    "OrderExtensionRequested": "申请延期",
    "OrderUrged": "诉求人催办",
    "OrderCalledBack": "回访",
    "OrderRedoOrdered": "重办",
    "OrderMerged": "并入其他工单",
    "OrderCopyLinked": "并入重复工单",
    "CaseReminded": "催办提醒",
    "CaseAlerted": "督办提示",
}

BAD_EVENTS = frozenset(
    {
        "CaseAcceptanceRefused",
        "CaseRevoked",
        "MaterialRejected",
        "ToleranceTimedOut",
        "CaseAlerted",
        "RevocationDecided",
    }
)
QUIET_EVENTS = frozenset(
    {
        "CaseReviewStarted",
        "AttachmentAdded",
        "AttachmentRemoved",
        "MaterialTolerated",
        "CaseFormChanged",
        "CaseReminded",
    }
)
