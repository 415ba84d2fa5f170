"""Words of limits: why they stand, what a ledger entry is, how a day counts, how an extension stands."""

from collections.abc import Mapping

GROUNDS: Mapping[str, str] = {
    "hearing": "听证",
    "tender": "招标",
    "auction": "拍卖",
    "inspection": "检验",
    "testing": "检测",
    "quarantine": "检疫",
    "appraisal": "鉴定",
    "expert_review": "专家评审",
    "publicity": "公示",
    "site_survey": "现场踏勘",
    "consultation": "征求意见",
    "fact_finding": "核实",
    "tolerance": "容缺逾期挂起",
    "correction": "补正",
    "other": "挂起",
}
LEDGER: Mapping[str, str] = {
    "suspended": "暂停",
    "resumed": "恢复",
    "replanned": "延长计划时间",
    "extended": "延长期限",
    "reprojected": "日历变更后重新计算",
    "continued": "撤回后继续计时",
}
DAY_NOTES: Mapping[str, str] = {
    "start": "起算日，不计",
    "counted": "计入",
    "skipped": "跳过",
    "paused": "暂停，不计",
    "rolled": "顺延到此日",
}
EXTENSIONS: Mapping[str, str] = {
    "pending": "审批中",
    "granted": "已批准",
    "refused": "未批准",
    "lapsed": "办件已办结，申请失效",
}
EVENTS: Mapping[str, str] = {
    "AcceptanceDeemed": "视为受理",
    "CaseOpenedTo": "可由负责人查看",
    "ConsentDeemed": "逾期未反馈，默认同意",
    "CorrectionDemanded": "提出补正要求",
    "SecondNoticeRequested": "申请再次补正告知",
    "SecondNoticeApproved": "批准再次补正告知",
    "SecondNoticeRefused": "不同意再次补正告知",
    "ExtensionRequested": "申请延长期限",
    "ExtensionRefused": "不同意延长期限",
    "ClockReplanned": "延长特别程序计划时间",
}
REVISIONS: Mapping[str, str] = {
    "CalendarYearLoaded": "载入年历",
    "CalendarDayChanged": "修改一天",
    "OfficeHoursChanged": "修改作息时间",
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "ground": GROUNDS,
    "ledger": LEDGER,
    "day_note": DAY_NOTES,
    "extension": EXTENSIONS,
    "revision": REVISIONS,
}
