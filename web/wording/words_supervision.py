"""Codes of supervision in the words of the office."""

from collections.abc import Mapping

CARD_LEVELS: Mapping[str, str] = {"warn": "预警", "yellow": "黄牌", "red": "红牌"}
CARD_STATES: Mapping[str, str] = {
    "awaiting": "待发",
    "issued": "待签收",
    "signed": "待回复",
    "answered": "已回复",
    "closed": "已核销",
    "escalated": "督办中",
    "withdrawn": "已撤销",
    "superseded": "已取消",
}
CARD_COLOURS: Mapping[str, str] = {
    "awaiting": "blue",
    "issued": "amber",
    "signed": "amber",
    "answered": "blue",
    "closed": "green",
    "escalated": "red",
}
CARD_SUBJECTS: Mapping[str, str] = {
    "case": "办件",
    "special": "特别程序",
    "pre_accept": "网上预受理",
    "licence": "出证",
    "consultation": "咨询",
    "complaint": "投诉",
    "step": "环节",
    "acceptance": "受理",
    "conduct": "办理行为",
}
CARD_ISSUES: Mapping[str, str] = {"automatic": "自动发牌", "awaiting": "确认后发牌", "manual": "人工发牌"}
CARD_GROUNDS: Mapping[str, str] = {"recheck": "复核", "appeal": "申诉成立", "hand": "督查撤销"}
APPEAL_STATES: Mapping[str, str] = {
    "open": "申诉中",
    "withdrawn": "申诉成立",
    "rejected": "申诉打回",
    "referred": "申诉上报",
}
ORDER_LEVELS: Mapping[str, str] = {"1": "一级催办", "2": "二级督办", "3": "三级通报"}
ORDER_STATES: Mapping[str, str] = {"open": "待回复", "answered": "已回复", "closed": "已销号", "withdrawn": "已撤销"}
ORDER_COLOURS: Mapping[str, str] = {"open": "amber", "answered": "blue", "closed": "green"}
SCAN_TRIGGERS: Mapping[str, str] = {"daily": "日扫描", "hand": "人工巡检"}
SCAN_SITUATIONS: Mapping[str, str] = {"near": "临期", "over": "超期"}
FINDING_ANSWERS: Mapping[str, str] = {"finish": "及时办结", "extend": "申请延期"}

# Events of supervision as the flow record and the audit show them.
EVENTS: Mapping[str, str] = {
    "CardIssued": "发牌",
    "CardConfirmed": "确认发牌",
    "CardSigned": "签收监察牌",
    "CardAnswered": "回复监察牌",
    "CardClosed": "核销监察牌",
    "CardSuperseded": "监察牌被更高一级取代",
    "CardWithdrawn": "撤销监察牌",
    "CardEscalated": "转督办",
    "CardAppealed": "对监察牌申诉",
    "CardAppealAnswered": "答复申诉",
    "OrderIssued": "发出督办",
    "OrderAnswered": "回复督办",
    "OrderReturned": "督办退回重报",
    "OrderEscalated": "督办升级",
    "OrderClosed": "督办销号",
    "OrderWithdrawn": "督办随牌撤销",
    "ScanStarted": "时限扫描",
    "ScanFindingsListed": "扫描查出的问题",
    "ScanFindingAnswered": "回复扫描发现",
    "CardRulesChanged": "修改监察规则",
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "card_level": CARD_LEVELS,
    "card_state": CARD_STATES,
    "card_subject": CARD_SUBJECTS,
    "card_issue": CARD_ISSUES,
    "card_ground": CARD_GROUNDS,
    "appeal_state": APPEAL_STATES,
    "order_level": ORDER_LEVELS,
    "order_state": ORDER_STATES,
    "scan_trigger": SCAN_TRIGGERS,
    "scan_situation": SCAN_SITUATIONS,
    "finding_answer": FINDING_ANSWERS,
}
COLOURS: Mapping[str, Mapping[str, str]] = {"card_state": CARD_COLOURS, "order_state": ORDER_COLOURS}
