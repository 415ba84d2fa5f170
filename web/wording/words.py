"""Codes of the engine in the words of the office. Keys are codes, values Chinese; the catalogue has the English."""

from collections.abc import Mapping

from engine.access import Role, Scope
from engine.approval.item.code import ITEM_TYPES
from engine.bpmn.difference import ADDED, CHANGED, REMOVED
from engine.runtime.instance import InstanceState
from engine.runtime.job import JobState
from engine.runtime.task import TaskState
from web.wording import words_asking as asking
from web.wording import words_office as office
from web.wording import words_supervision as supervision
from web.wording import words_time as time
from web.wording.i18n import translate

ROLES: Mapping[str, str] = {
    Role.ADMIN: "系统管理员",
    Role.DESIGNER: "流程设计",
    Role.CLERK: "窗口人员",
    Role.SUPERVISOR: "督查",
    Role.AUDITOR: "审计",
    Role.STAFF: "工作人员",
}

SCOPES: Mapping[str, str] = {
    Scope.READ: "读取",
    Scope.TASKS: "办理任务、发起流程",
    Scope.CASES: "登记和修改办件",
    Scope.MESSAGES: "发送消息和信号",
    Scope.DEPLOY: "部署流程",
    Scope.ADMIN: "系统管理",
}

TASK_STATES: Mapping[str, str] = {
    TaskState.OFFERED: "待认领",
    TaskState.ASSIGNED: "办理中",
    TaskState.COMPLETED: "已办",
    TaskState.CANCELLED: "已取消",
    TaskState.WAITING: "待征询",
    TaskState.SUPERSEDED: "已由他人决定",
}

INSTANCE_STATES: Mapping[str, str] = {
    InstanceState.RUNNING: "进行中",
    InstanceState.INCIDENT: "异常",
    InstanceState.COMPLETED: "已完成",
    InstanceState.TERMINATED: "已终止",
    InstanceState.FAILED: "出错结束",
}

INSTANCE_COLOURS: Mapping[str, str] = {"running": "blue", "incident": "red", "completed": "green", "failed": "red"}

JOB_STATES: Mapping[str, str] = {
    JobState.WAITING: "等待",
    JobState.DONE: "完成",
    JobState.DEAD: "失败",
    JobState.CANCELLED: "取消",
}

JOB_KINDS: Mapping[str, str] = {
    "timer": "定时事件",
    "mail": "发送邮件",
    "hook": "推送通知",
    "start-timer": "定时启动",
    "service": "外部调用",
    "message": "发送消息",
    "signal": "广播信号",
    "deliver-signal": "送达信号",
    "clock": "时限检查",
    "clock-due": "时限届满",
    "sync-timers": "定时随时限移动",
    "follow-limit": "流程随时限更新日期",
    "reproject-clocks": "日历变更后重算时限",
    "reproject-instance": "重算一个流程的时限",
    "proxy-begin": "代理开始",
    "proxy-end": "代理结束",
    "proxy-settle": "代理转接",
    "step-timeout": "环节逾期处理",
    "scan-clocks": "时限扫描",
    "card-feedback": "监察牌回复到期",
    "answer-dates": "牌和督办的回复期限重新计算",
    "card-check": "监察核对",
    "order-due": "督办回复到期",
    "member-overdue": "会签人逾期处理",
}

# What the audit's records are about; what is not listed is shown as it is.
FACTS: Mapping[str, str] = {
    "login": "账号",
    "name": "名称",
    "address": "来源地址",
    "department_id": "部门",
    "department": "部门",
    "key": "代码",
    "code": "代码",
    "roles": "角色",
    "joined": "加入",
    "left": "退出",
    "leader": "负责人",
    "posts": "岗位",
    "version": "版本",
    "files": "文件",
    "items": "事项",
    "year": "年份",
    "days": "天数",
    "source": "依据",
    "reason": "理由",
    "trigger": "由什么引起",
    "found": "查出",
    "findings": "查出的问题",
    "rules_version": "规则版本",
    "value": "值",
    "language": "语言",
    "sha256": "校验值",
    "run_id": "扫描编号",
    "deployment_id": "部署编号",
    "definition_id": "定义编号",
    "region": "区域代码",
}

DAY_KINDS: Mapping[str, str] = {"work": "上班", "rest": "休息", "half_am": "上午上班", "half_pm": "下午上班"}

SEVERITIES: Mapping[str, str] = {"error": "错误", "warning": "警告", "info": "提示"}
SEVERITY_COLOURS: Mapping[str, str] = {"error": "red", "warning": "amber", "info": "blue"}

DIFFERENCES: Mapping[str, str] = {ADDED: "新增", CHANGED: "有改动", REMOVED: "已删去"}
DIFFERENCE_COLOURS: Mapping[str, str] = {ADDED: "green", CHANGED: "amber", REMOVED: "red"}

# Outcomes that a model names by code alone; a model may bring its own labels.
OUTCOMES: Mapping[str, str] = {
    "approve": "同意",
    "agree": "同意",
    "reject": "不同意",
    "disagree": "不同意",
    "return": "退回",
    "returned": "退回",
    "accept": "受理",
    "refuse": "不予受理",
    "pass": "通过",
    "fail": "不通过",
    "correct": "需补正",
    "complete": "完成",
    "submit": "提交",
    "withdraw": "撤回",
    "abstain": "弃权",
}

RECUSALS: Mapping[str, str] = {"declared": "自行回避", "ordered": "责令回避", "applicant": "申请人本人"}

# Events of the history stream "admin".
EVENTS: Mapping[str, str] = {
    "PersonCreated": "新增人员",
    "PersonChanged": "修改人员",
    "PersonDisabled": "停用人员",
    "PersonEnabled": "启用人员",
    "PasswordSet": "设置密码",
    "DepartmentCreated": "新增部门",
    "DepartmentChanged": "修改部门",
    "DepartmentLed": "任命部门负责人",
    "PostCreated": "新增岗位",
    "PostChanged": "修改岗位",
    "PostsChanged": "调整岗位",
    "IdentityKept": "登记证件号码",
    "GroupCreated": "新增办理组",
    "GroupChanged": "修改办理组",
    "MembershipChanged": "调整组员",
    "TokenCreated": "创建令牌",
    "TokenRevoked": "撤销令牌",
    "PersonSignedIn": "登录",
    "PersonSignedOut": "退出登录",
    "SignInBlocked": "登录被暂时封锁",
    "CalendarYearLoaded": "载入年历",
    "CalendarDayChanged": "修改日历",
    "OfficeHoursChanged": "修改作息时间",
    "ResourcesDeployed": "部署",
    "DefinitionDeployed": "部署流程版本",
    "DefinitionSuspended": "停用流程版本",
    "DefinitionActivated": "启用流程版本",
    "ProxyGranted": "设置代理",
    "ProxyActivated": "启用代理",
    "ProxyRevoked": "撤销代理",
    "ProxyEnded": "代理期满",
    "LeaverHandedOver": "离职交接",
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "role": ROLES,
    **asking.TABLES,
    "scope": SCOPES,
    "fact": FACTS,
    "task": TASK_STATES,
    "instance": INSTANCE_STATES,
    "job": JOB_STATES,
    "job_kind": JOB_KINDS,
    "day": DAY_KINDS,
    "severity": SEVERITIES,
    "difference": DIFFERENCES,
    "outcome": OUTCOMES,
    "event": {**EVENTS, **supervision.EVENTS, **time.EVENTS},
    "case": office.CASE_STATES,
    "result": office.RESULTS,
    "acceptance": office.ACCEPTANCES,
    "infotype": office.INFOTYPES,
    "applicant": office.APPLICANT_KINDS,
    "channel": office.CHANNELS,
    "objector": office.OBJECTORS,
    "rating_grade": office.RATING_GRADES,
    "rating_channel": office.RATING_CHANNELS,
    "rating_reason": office.RATING_REASONS,
    "rating_state": office.RATING_STATES,
    "material": office.MATERIAL_STATES,
    "material_class": office.MATERIAL_CLASSES,
    "necessity": office.NECESSITIES,
    "material_form": office.MATERIAL_FORMS,
    "clock": office.CLOCK_KINDS,
    "clock_state": office.CLOCK_STATES,
    "opinion": office.OPINIONS,
    "credit": office.CREDIT_KINDS,
    "guide": office.GUIDE,
    "case_event": office.CASE_EVENTS,
    **supervision.TABLES,
    **time.TABLES,
    "recusal": RECUSALS,
    "item_type": ITEM_TYPES,
}


# Which tag a code gets; what is not listed is plain.
COLOURS: Mapping[str, Mapping[str, str]] = {
    "instance": INSTANCE_COLOURS,
    "difference": DIFFERENCE_COLOURS,
    "severity": SEVERITY_COLOURS,
    "case": office.CASE_COLOURS,
    "material": office.MATERIAL_COLOURS,
    "opinion": office.OPINION_COLOURS,
    **supervision.COLOURS,
}


def colour(code: object, table: str) -> str:
    """Return the colour of the tag for ``code``: red, amber, green, blue or ""."""
    return COLOURS.get(table, {}).get(str(code), "")


def word(code: object, table: str) -> str:
    """Return the word for ``code`` in the language of the page; the code itself when there is none."""
    text = TABLES[table].get(str(code))
    return str(code) if text is None else translate(text)
