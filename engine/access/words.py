"""How a refusal names what somebody wanted to do, and who may: the way out, in both languages."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from engine.access.verbs import Verb


class Named(NamedTuple):
    """``zh``/``en`` follow 您没有权限… and "You may not …"; ``who_zh``/``who_en`` are sentences of their own."""

    zh: str
    en: str
    who_zh: str
    who_en: str


_ADMIN = ("请联系管理员", "ask an administrator")
_WORKS_ON_IT = (
    "由正在办理这个办件的人操作，请先认领或办理其任务",
    "whoever has a task of the case now may; claim one first",
)
_HOLDER = ("只有当前办理人可以；在待认领中的请先认领", "only its holder may; claim it first if nobody has it")
_TAKES_PART = ("只有发起、办理过或正在办理的人可以", "whoever started it or takes part in it may")
_SUPERVISOR = ("请联系督查人员", "ask a supervisor")
_OVERSIGHT = ("只有管理员、督查和审计人员可以", "administrators, supervisors and auditors may")

NAMED: Final[Mapping[Verb, Named]] = {
    Verb.VIEW_INSTANCE: Named("查看此流程", "see this instance", *_TAKES_PART),
    Verb.VIEW_ALL_INSTANCES: Named("查看全部流程", "see all instances", *_OVERSIGHT),
    Verb.START_PROCESS: Named("发起流程", "start a process", "工作人员才可以发起", "members of staff may"),
    Verb.TERMINATE_INSTANCE: Named("终止此流程", "terminate this instance", *_ADMIN),
    Verb.SET_VARIABLES: Named("更正流程变量", "correct the variables of this instance", *_ADMIN),
    Verb.SEND_COPY: Named("抄送此办件", "send copies of this case", *_TAKES_PART),
    Verb.COMMENT: Named("在此办件发表意见", "comment on this case", *_TAKES_PART),
    Verb.MANAGE_PHRASES: Named("维护全局常用语", "keep the phrases of the bureau", *_ADMIN),
    Verb.VIEW_TASK: Named("查看此任务", "see this task", *_TAKES_PART),
    Verb.CLAIM_TASK: Named("认领此任务", "claim this task", "只有它的候选人可以认领", "only its candidates may"),
    Verb.UNCLAIM_TASK: Named(
        "放回此任务", "put this task back", "只有当前办理人或管理员可以", "only its holder or an administrator may"
    ),
    Verb.COMPLETE_TASK: Named("办理此任务", "complete this task", *_HOLDER),
    Verb.ASSIGN_TASK: Named(
        "转办此任务",
        "transfer this task",
        "只有当前办理人或管理员可以；在待认领中的请先认领",
        "only its holder or an administrator may; claim it first if nobody has it",
    ),
    Verb.RETURN_TASK: Named("退回此任务", "return this task", *_HOLDER),
    Verb.WITHDRAW_TASK: Named(
        "撤回此任务的办理",
        "take back what was done here",
        "只有办结它的本人可以撤回；需要更正请联系现在的办理人退回",
        "only who completed it may; ask whoever has the case now to return it",
    ),
    Verb.CANCEL_INSTANCE: Named(
        "撤销此流程",
        "cancel this instance",
        "只有发起人可以撤销；管理员可以终止",
        "only whoever started it may; an administrator may terminate it",
    ),
    Verb.CLOSE_BALLOT: Named(
        "结束此表决", "close this ballot", "只有表决的主席或管理员可以", "only its chair or an administrator may"
    ),
    Verb.REPAIR_INSTANCE: Named("跳转或重开流程", "jump in or reopen an instance", *_ADMIN),
    Verb.DELEGATE_TASK: Named("委派此任务", "delegate this task", *_HOLDER),
    Verb.RECALL_DELEGATION: Named(
        "撤回此任务的委派",
        "recall what was asked here",
        "只有委派人或管理员可以撤回",
        "only whoever asked, or an administrator, may",
    ),
    Verb.ADD_SIGNERS: Named("为此任务加签", "add signers to this task", *_HOLDER),
    Verb.REMOVE_SIGNER: Named(
        "为此任务减签",
        "remove signers of this task",
        "只有加签人或管理员可以减签",
        "only whoever added them, or an administrator, may",
    ),
    Verb.TAKE_AS_PROXY: Named(
        "代办此任务",
        "take this task as a proxy",
        "只有办理人现在的代理人可以代办",
        "only who stands in for its holder now may",
    ),
    Verb.TAKE_BACK_TASK: Named(
        "收回此任务", "take this task back", "只有被代理人本人可以收回", "only the person for whom it is held may"
    ),
    Verb.MANAGE_OWN_PROXIES: Named("设置代理", "set up a proxy", "工作人员才可以设置代理", "members of staff may"),
    Verb.MANAGE_PROXIES: Named("管理他人的代理", "manage the proxies of others", *_ADMIN),
    Verb.HAND_OVER: Named("办理离职交接", "hand over the tasks of a leaver", *_ADMIN),
    Verb.SEND_MESSAGE: Named("向流程发送消息", "send messages to processes", *_ADMIN),
    Verb.SEND_SIGNAL: Named("广播信号", "broadcast signals", *_ADMIN),
    Verb.VIEW_DEFINITIONS: Named("查看流程模型", "see process models", *_ADMIN),
    Verb.DEPLOY: Named(
        "部署流程", "deploy processes", "由流程设计人员或管理员部署", "designers and administrators may"
    ),
    Verb.FILE_CASE: Named("登记办件", "file a case", "由窗口人员登记", "clerks at the counter may"),
    Verb.VIEW_CASE: Named("查看此办件", "see this case", *_TAKES_PART),
    Verb.VIEW_ALL_CASES: Named("查看全部办件", "see all cases", *_OVERSIGHT),
    Verb.CHANGE_CASE: Named("修改此办件", "change this case", *_WORKS_ON_IT),
    Verb.JUDGE_MATERIAL: Named("核验此办件的材料", "judge the materials of this case", *_WORKS_ON_IT),
    Verb.WITHDRAW_CASE: Named(
        "撤回此办件", "withdraw this case", "由登记它的人或管理员撤回", "whoever filed it, or an administrator, may"
    ),
    Verb.TAKE_OBJECTION: Named(
        "登记对此办件的异议",
        "write down an objection to this case",
        "由登记它的窗口或主管机构登记",
        "the counter that filed it and those who keep it may",
    ),
    Verb.TAKE_REMEDY: Named(
        "登记此办件的复议、诉讼",
        "write down a review or a lawsuit about this case",
        "由公开机构或督查人员登记",
        "the office that keeps the case may",
    ),
    Verb.GUIDE_ORDER: Named(
        "催办或改派此工单", "guide this order", "由热线中心或督查人员操作", "the centre of the hotline may"
    ),
    Verb.REVEAL_APPLICANT: Named(
        "查看此办件的保密申请人",
        "see who the sealed applicant of this case is",
        "由热线中心或督查人员查看",
        "the centre of the hotline may",
    ),
    Verb.SUSPEND_CASE: Named("暂停此办件的时限", "suspend the limits of this case", *_WORKS_ON_IT),
    Verb.REQUEST_EXTENSION: Named("申请延长此办件的时限", "ask for a longer limit of this case", *_WORKS_ON_IT),
    Verb.DEMAND_CORRECTION: Named("对此办件提出补正要求", "ask for a correction of this case", *_WORKS_ON_IT),
    Verb.APPROVE_NOTICE: Named(
        "批准此办件再次补正告知",
        "approve a second notice of this case",
        "请所在部门负责人批准",
        "the head of the department may",
    ),
    Verb.END_CERTIFICATE: Named(
        "注销、撤销此办件的证照",
        "cancel or revoke a certificate of this case",
        "请作出许可决定的负责人办理",
        "who decides on the licence may",
    ),
    Verb.RATE_CASE: Named(
        "登记此办件的评价",
        "write down the rating of this case",
        "请登记办件的窗口或者督查办理",
        "the window that filed it or who oversees may",
    ),
    Verb.MANAGE_CREDIT: Named("维护信用记录", "keep credit records", *_SUPERVISOR),
    Verb.VIEW_PEOPLE: Named("查看人员", "see people", *_ADMIN),
    Verb.MANAGE_PEOPLE: Named("维护人员和组织", "manage people and the organisation", *_ADMIN),
    Verb.VIEW_CALENDAR: Named("查看日历", "see the calendar", *_ADMIN),
    Verb.MANAGE_CALENDAR: Named("维护日历", "keep the calendar", *_ADMIN),
    Verb.MANAGE_JOBS: Named("管理作业", "manage jobs", *_ADMIN),
    Verb.MANAGE_INCIDENTS: Named("处理异常", "handle incidents", *_ADMIN),
    Verb.VIEW_AUDIT: Named("查看审计日志", "see the audit trail", *_OVERSIGHT),
    Verb.VIEW_BOARD: Named(
        "查看时限看板", "see the board of limits", "部门负责人、督查和管理员可以查看", "heads of departments may"
    ),
    Verb.VIEW_CARD: Named(
        "查看此监察牌", "see this card", "由责任部门、接收人和督查人员查看", "those who are responsible or told may"
    ),
    Verb.ANSWER_CARD: Named(
        "回复此监察牌",
        "answer this card",
        "由责任人或责任部门负责人回复",
        "whoever is responsible, or the head of that department, may",
    ),
    Verb.MANAGE_CARDS: Named("发牌和督办", "issue cards and orders", *_SUPERVISOR),
    Verb.MANAGE_CARD_RULES: Named("修改监察规则", "change the rules of supervision", *_SUPERVISOR),
    Verb.URGE_TASK: Named(
        "催办此任务",
        "urge this task",
        "发起人、上一环节办理人和督查人员可以催办，办理人不能催办自己",
        "whoever started it, whoever handled it before and supervisors may; nobody urges himself",
    ),
    Verb.DECLARE_RECUSAL: Named("对此办件申请回避", "recuse yourself from this case", *_TAKES_PART),
    Verb.MANAGE_RECUSALS: Named(
        "决定他人的回避",
        "decide on the recusal of others",
        "由督查人员或管理员决定",
        "supervisors and administrators may",
    ),
    Verb.ARRANGE_INBOX: Named("整理收件箱", "arrange this inbox", "请用会话登录", "sign in to do so"),
    Verb.MANAGE_OWN_TOKENS: Named("管理访问令牌", "manage tokens", "请登录后在网页上操作", "sign in on the page"),
    Verb.MANAGE_OWN_ACCOUNT: Named("修改账号", "change this account", "请登录后在网页上操作", "sign in on the page"),
}


# Of a task that somebody else has these are his: the sentence names him.
_OF_THE_HOLDER: Final = frozenset(
    {
        *(
            Verb.CLAIM_TASK,
            Verb.UNCLAIM_TASK,
            Verb.COMPLETE_TASK,
            Verb.ASSIGN_TASK,
            Verb.RETURN_TASK,
            Verb.DELEGATE_TASK,
        ),
        *(Verb.RECALL_DELEGATION, Verb.ADD_SIGNERS, Verb.REMOVE_SIGNER, Verb.TAKE_BACK_TASK),
    }
)


def refusal(verb: Verb, holder: str | None) -> tuple[str, str]:
    """The sentence of a refusal in Chinese and English: what, who has it, and who may."""
    named = NAMED[verb]
    held_zh, held_en = (
        (f"它由 {holder} 持有；", f"{holder} holds it; ") if holder and verb in _OF_THE_HOLDER else ("", "")
    )
    return f"您不能{named.zh}：{held_zh}{named.who_zh}。", f"You may not {named.en}: {held_en}{named.who_en}."
