"""What can be asked for, by whom and with which scope of a token: roles, verbs, scopes."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the house, beside the candidate groups that hand out tasks."""

    ADMIN = "admin"  # 系统管理员: people, calendar, jobs, incidents
    DESIGNER = "designer"  # 流程设计: deploys definitions and items
    CLERK = "clerk"  # 窗口人员: files cases for applicants
    SUPERVISOR = "supervisor"  # 督查: sees every case
    AUDITOR = "auditor"  # 审计: sees every history, changes nothing
    STAFF = "staff"  # any employee: starts processes, works tasks
    SYSTEM = "system"  # the engine itself; never given to a person


class Verb(StrEnum):
    """Everything that can be asked for."""

    VIEW_INSTANCE = "view-instance"
    VIEW_ALL_INSTANCES = "view-all-instances"
    START_PROCESS = "start-process"
    TERMINATE_INSTANCE = "terminate-instance"
    SET_VARIABLES = "set-variables"
    SEND_COPY = "send-copy"  # 抄送
    COMMENT = "comment"
    MANAGE_PHRASES = "manage-phrases"  # 常用语 of the whole bureau
    VIEW_TASK = "view-task"
    CLAIM_TASK = "claim-task"
    UNCLAIM_TASK = "unclaim-task"
    COMPLETE_TASK = "complete-task"
    ASSIGN_TASK = "assign-task"
    RETURN_TASK = "return-task"
    WITHDRAW_TASK = "withdraw-task"  # take back one's own vote or decision
    CANCEL_INSTANCE = "cancel-instance"  # 撤销, by whoever started it
    CLOSE_BALLOT = "close-ballot"  # 提前结束表决, by its chair or an administrator
    REPAIR_INSTANCE = "repair-instance"  # jump, reopen
    DELEGATE_TASK = "delegate-task"
    RECALL_DELEGATION = "recall-delegation"
    ADD_SIGNERS = "add-signers"
    REMOVE_SIGNER = "remove-signer"
    TAKE_AS_PROXY = "take-as-proxy"
    TAKE_BACK_TASK = "take-back-task"
    MANAGE_OWN_PROXIES = "manage-own-proxies"
    MANAGE_PROXIES = "manage-proxies"
    HAND_OVER = "hand-over"  # all that a leaver has
    SEND_MESSAGE = "send-message"
    SEND_SIGNAL = "send-signal"
    VIEW_DEFINITIONS = "view-definitions"
    DEPLOY = "deploy"
    FILE_CASE = "file-case"
    VIEW_CASE = "view-case"
    VIEW_ALL_CASES = "view-all-cases"
    CHANGE_CASE = "change-case"  # files and form: while a task of it is mine, or by its filer while it takes materials
    JUDGE_MATERIAL = "judge-material"  # verify or reject: while a task of the case is mine
    WITHDRAW_CASE = "withdraw-case"
    TAKE_OBJECTION = "take-objection"  # write down an objection against a publicity
    TAKE_REMEDY = "take-remedy"  # write down that an answer is contested before a review or a court
    GUIDE_ORDER = "guide-order"  # 12345: urge the unit, take the order back
    REVEAL_APPLICANT = "reveal-applicant"  # who a sealed applicant is; every look is told
    SUSPEND_CASE = "suspend-case"  # special procedures and suspensions, by those at work on the case
    REQUEST_EXTENSION = "request-extension"  # ask for a longer limit (行政许可法 42), by those at work on the case
    DEMAND_CORRECTION = "demand-correction"  # what the one correction notice shall ask for
    APPROVE_NOTICE = "approve-notice"  # a second correction notice, by a leader
    END_CERTIFICATE = "end-certificate"  # cancel or revoke one licence (行政许可法 69, 70), by who decides
    RATE_CASE = "rate-case"  # write down the applicant's rating 好差评
    MANAGE_CREDIT = "manage-credit"
    VIEW_PEOPLE = "view-people"
    MANAGE_PEOPLE = "manage-people"
    VIEW_CALENDAR = "view-calendar"
    MANAGE_CALENDAR = "manage-calendar"
    MANAGE_JOBS = "manage-jobs"
    MANAGE_INCIDENTS = "manage-incidents"
    VIEW_AUDIT = "view-audit"
    VIEW_BOARD = "view-board"  # supervision: board and cards; heads see their own departments
    VIEW_CARD = "view-card"
    ANSWER_CARD = "answer-card"  # sign, answer, appeal; answer orders and findings of scans
    MANAGE_CARDS = "manage-cards"  # issue, confirm, close, withdraw, escalate; orders; scans by hand
    MANAGE_CARD_RULES = "manage-card-rules"
    URGE_TASK = "urge-task"
    DECLARE_RECUSAL = "declare-recusal"  # 自行回避: oneself, in an instance that one may see
    MANAGE_RECUSALS = "manage-recusals"  # 责令回避, and lifting one
    ARRANGE_INBOX = "arrange-inbox"  # one's own saved views, columns and phrases, and what one has read
    MANAGE_OWN_TOKENS = "manage-own-tokens"
    MANAGE_OWN_ACCOUNT = "manage-own-account"


class Scope(StrEnum):
    """What an API token may be used for; a session has them all."""

    READ = "read"
    TASKS = "tasks"
    CASES = "cases"
    MESSAGES = "messages"
    DEPLOY = "deploy"
    ADMIN = "admin"


SCOPE_OF: Mapping[Verb, Scope] = {
    Verb.VIEW_INSTANCE: Scope.READ,
    Verb.VIEW_ALL_INSTANCES: Scope.READ,
    Verb.VIEW_TASK: Scope.READ,
    Verb.VIEW_DEFINITIONS: Scope.READ,
    Verb.VIEW_CASE: Scope.READ,
    Verb.VIEW_ALL_CASES: Scope.READ,
    Verb.VIEW_CALENDAR: Scope.READ,
    Verb.VIEW_PEOPLE: Scope.READ,
    Verb.VIEW_AUDIT: Scope.READ,
    Verb.VIEW_BOARD: Scope.READ,
    Verb.VIEW_CARD: Scope.READ,
    Verb.ANSWER_CARD: Scope.CASES,
    Verb.MANAGE_CARDS: Scope.CASES,
    Verb.MANAGE_CARD_RULES: Scope.ADMIN,
    Verb.URGE_TASK: Scope.TASKS,
    Verb.START_PROCESS: Scope.TASKS,
    Verb.SEND_COPY: Scope.TASKS,
    Verb.COMMENT: Scope.TASKS,
    Verb.MANAGE_PHRASES: Scope.ADMIN,
    Verb.CLAIM_TASK: Scope.TASKS,
    Verb.UNCLAIM_TASK: Scope.TASKS,
    Verb.COMPLETE_TASK: Scope.TASKS,
    Verb.ASSIGN_TASK: Scope.TASKS,
    Verb.RETURN_TASK: Scope.TASKS,
    Verb.WITHDRAW_TASK: Scope.TASKS,
    Verb.CANCEL_INSTANCE: Scope.TASKS,
    Verb.CLOSE_BALLOT: Scope.TASKS,
    Verb.REPAIR_INSTANCE: Scope.ADMIN,
    Verb.DELEGATE_TASK: Scope.TASKS,
    Verb.RECALL_DELEGATION: Scope.TASKS,
    Verb.ADD_SIGNERS: Scope.TASKS,
    Verb.REMOVE_SIGNER: Scope.TASKS,
    Verb.TAKE_AS_PROXY: Scope.TASKS,
    Verb.TAKE_BACK_TASK: Scope.TASKS,
    Verb.MANAGE_OWN_PROXIES: Scope.TASKS,
    Verb.ARRANGE_INBOX: Scope.TASKS,
    Verb.TERMINATE_INSTANCE: Scope.TASKS,
    Verb.DECLARE_RECUSAL: Scope.TASKS,
    Verb.MANAGE_RECUSALS: Scope.TASKS,
    Verb.FILE_CASE: Scope.CASES,
    Verb.CHANGE_CASE: Scope.CASES,
    Verb.JUDGE_MATERIAL: Scope.CASES,
    Verb.WITHDRAW_CASE: Scope.CASES,
    Verb.TAKE_OBJECTION: Scope.CASES,
    Verb.TAKE_REMEDY: Scope.CASES,
    Verb.GUIDE_ORDER: Scope.CASES,
    Verb.REVEAL_APPLICANT: Scope.CASES,
    Verb.SUSPEND_CASE: Scope.CASES,
    Verb.REQUEST_EXTENSION: Scope.CASES,
    Verb.DEMAND_CORRECTION: Scope.CASES,
    Verb.APPROVE_NOTICE: Scope.CASES,
    Verb.END_CERTIFICATE: Scope.CASES,
    Verb.RATE_CASE: Scope.CASES,
    Verb.SEND_MESSAGE: Scope.MESSAGES,
    Verb.SEND_SIGNAL: Scope.MESSAGES,
    Verb.DEPLOY: Scope.DEPLOY,
    Verb.SET_VARIABLES: Scope.ADMIN,
    Verb.MANAGE_CREDIT: Scope.ADMIN,
    Verb.MANAGE_PROXIES: Scope.ADMIN,
    Verb.HAND_OVER: Scope.ADMIN,
    Verb.MANAGE_PEOPLE: Scope.ADMIN,
    Verb.MANAGE_CALENDAR: Scope.ADMIN,
    Verb.MANAGE_JOBS: Scope.ADMIN,
    Verb.MANAGE_INCIDENTS: Scope.ADMIN,
    # MANAGE_OWN_TOKENS and MANAGE_OWN_ACCOUNT have no scope: a token can neither mint tokens nor change its owner's password.
}
