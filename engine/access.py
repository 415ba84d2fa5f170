"""Who may do what on this thing now: one table of rules, one function, default deny.

Every read and every write asks ``may`` (or ``require``, which raises). A rule sees the actor and the facts of the thing; if
no rule says yes, the answer is no. Whoever may not even know of a thing gets NotFound, not Forbidden.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.errors import BanjieError, Forbidden, NotFound


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
    GUIDE_ORDER = "guide-order"  # 12345: urge the unit, take the order back
    REVEAL_APPLICANT = "reveal-applicant"  # who a sealed applicant is; every look is told
    SUSPEND_CASE = "suspend-case"  # special procedures and suspensions, by those at work on the case
    REQUEST_EXTENSION = "request-extension"  # ask for a longer limit (行政许可法 42), by those at work on the case
    DEMAND_CORRECTION = "demand-correction"  # what the one correction notice shall ask for
    APPROVE_NOTICE = "approve-notice"  # a second correction notice, by a leader
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
    Verb.REPAIR_INSTANCE: Scope.ADMIN,
    Verb.DELEGATE_TASK: Scope.TASKS,
    Verb.RECALL_DELEGATION: Scope.TASKS,
    Verb.ADD_SIGNERS: Scope.TASKS,
    Verb.REMOVE_SIGNER: Scope.TASKS,
    Verb.TAKE_AS_PROXY: Scope.TASKS,
    Verb.TAKE_BACK_TASK: Scope.TASKS,
    Verb.MANAGE_OWN_PROXIES: Scope.TASKS,
    Verb.TERMINATE_INSTANCE: Scope.TASKS,
    Verb.DECLARE_RECUSAL: Scope.TASKS,
    Verb.MANAGE_RECUSALS: Scope.TASKS,
    Verb.FILE_CASE: Scope.CASES,
    Verb.CHANGE_CASE: Scope.CASES,
    Verb.JUDGE_MATERIAL: Scope.CASES,
    Verb.WITHDRAW_CASE: Scope.CASES,
    Verb.TAKE_OBJECTION: Scope.CASES,
    Verb.GUIDE_ORDER: Scope.CASES,
    Verb.REVEAL_APPLICANT: Scope.CASES,
    Verb.SUSPEND_CASE: Scope.CASES,
    Verb.REQUEST_EXTENSION: Scope.CASES,
    Verb.DEMAND_CORRECTION: Scope.CASES,
    Verb.APPROVE_NOTICE: Scope.CASES,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person (or the system) who asks. ``scopes`` is None for a session, a set for an API token."""

    login: str
    name: str = ""
    roles: frozenset[Role] = frozenset()
    groups: frozenset[str] = frozenset()
    department_id: str | None = None
    leads: frozenset[str] = frozenset()  # ids of the departments whose head (负责人) the person is
    scopes: frozenset[Scope] | None = None
    language: str = "zh"

    def is_any(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(login="system", name="系统", roles=frozenset({Role.SYSTEM}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """What the rules need to know of a task, and of the instance or case around it."""

    task_id: str
    assignee: str | None
    candidate_users: frozenset[str] = frozenset()
    candidate_groups: frozenset[str] = frozenset()
    closed_by: str | None = None
    involved: frozenset[str] = frozenset()  # as in InstanceFacts
    informed: frozenset[str] = frozenset()  # as in InstanceFacts
    proxies: frozenset[str] = frozenset()  # who may take it now in its holder's place
    principal: str | None = None  # on whose behalf its holder has it

    def offered_to(self, actor: Actor) -> bool:
        return actor.login in self.candidate_users or not self.candidate_groups.isdisjoint(actor.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """What the rules need to know of an instance or case."""

    instance_id: str
    started_by: str | None = None
    involved: frozenset[str] = frozenset()  # logins that hold or closed a task of it
    informed: frozenset[str] = (
        frozenset()
    )  # logins that got a copy of it or were mentioned in it: they may see it, no more
    offered_users: frozenset[str] = frozenset()  # candidates of its open tasks
    offered_groups: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()  # logins that hold an open task of it
    unclaimed_users: frozenset[str] = frozenset()  # candidates of its open tasks that nobody holds
    unclaimed_groups: frozenset[str] = frozenset()
    takes_materials: bool = False  # a case that still takes materials from whoever filed it
    keepers: frozenset[str] = frozenset()  # groups that answer for a case as a whole: the centre of the hotline


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What the rules need to know of a card, a supervision order or a finding of a scan."""

    card_id: str
    department_id: str | None = None  # the responsible one
    responsible: frozenset[str] = frozenset()  # logins that have, or had, the work
    receivers: frozenset[str] = frozenset()  # logins that were told


Thing = TaskFacts | InstanceFacts | CardFacts | None
Rule = Callable[[Actor, Thing], bool]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer; ``hidden`` means that the actor may not even know that the thing exists."""

    allowed: bool
    hidden: bool = False
    zh: str = ""
    en: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def _anybody(actor: Actor, thing: Thing) -> bool:
    return True


def _role(*roles: Role) -> Rule:
    return lambda actor, thing: actor.is_any(*roles)


_oversight = _role(Role.ADMIN, Role.SUPERVISOR, Role.AUDITOR)
_worker = _role(Role.STAFF, Role.CLERK, Role.ADMIN, Role.SUPERVISOR, Role.DESIGNER)


def _sees_instance(actor: Actor, thing: Thing) -> bool:
    if isinstance(thing, InstanceFacts) and actor.login in thing.informed:
        return True
    return _takes_part(actor, thing)


def _takes_part(actor: Actor, thing: Thing) -> bool:
    """Whoever oversees, started, held, did or is offered something of it; not those who were only told."""
    if _oversight(actor, thing):
        return True
    if isinstance(thing, InstanceFacts):
        return (
            actor.login == thing.started_by
            or actor.login in thing.involved
            or actor.login in thing.offered_users
            or not thing.offered_groups.isdisjoint(actor.groups)
            or not thing.keepers.isdisjoint(actor.groups)
        )
    return False


def _sees_task(actor: Actor, thing: Thing) -> bool:
    if _oversight(actor, thing):
        return True
    if isinstance(thing, TaskFacts):
        return (
            actor.login in (thing.assignee, thing.closed_by)
            or thing.offered_to(actor)
            or actor.login in thing.involved
            or actor.login in thing.informed
            or actor.login in thing.proxies
            or actor.login == thing.principal
        )
    return False


def _is_candidate(actor: Actor, thing: Thing) -> bool:
    return isinstance(thing, TaskFacts) and (thing.offered_to(actor) or thing.assignee == actor.login)


def _holds_task(actor: Actor, thing: Thing) -> bool:
    """The holder completes; an unclaimed task may be completed by any candidate, which claims it on the way."""
    if not isinstance(thing, TaskFacts):
        return False
    return thing.assignee == actor.login or (thing.assignee is None and thing.offered_to(actor))


def _holds_or_admin(actor: Actor, thing: Thing) -> bool:
    return actor.is_any(Role.ADMIN) or (isinstance(thing, TaskFacts) and thing.assignee == actor.login)


def _is_holder(actor: Actor, thing: Thing) -> bool:
    """Whoever asks others does it with a task of his own in hand."""
    return isinstance(thing, TaskFacts) and thing.assignee == actor.login


def _is_proxy(actor: Actor, thing: Thing) -> bool:
    return isinstance(thing, TaskFacts) and actor.login in thing.proxies


def _is_principal(actor: Actor, thing: Thing) -> bool:
    return isinstance(thing, TaskFacts) and thing.principal == actor.login


def _works_on_case(actor: Actor, thing: Thing) -> bool:
    """Who holds a task of the case, or may take one that nobody holds: the same as for completing it."""
    if not isinstance(thing, InstanceFacts):
        return False
    if actor.login in thing.holders or actor.is_any(Role.SYSTEM):
        return True
    return actor.login in thing.unclaimed_users or not thing.unclaimed_groups.isdisjoint(actor.groups)


def _changes_case(actor: Actor, thing: Thing) -> bool:
    if _works_on_case(actor, thing):
        return True
    return isinstance(thing, InstanceFacts) and thing.takes_materials and actor.login == thing.started_by


def _closed_task(actor: Actor, thing: Thing) -> bool:
    return isinstance(thing, TaskFacts) and thing.closed_by == actor.login


def _started_instance(actor: Actor, thing: Thing) -> bool:
    return isinstance(thing, InstanceFacts) and thing.started_by == actor.login


def _filed_case(actor: Actor, thing: Thing) -> bool:
    return isinstance(thing, InstanceFacts) and (actor.login == thing.started_by or actor.is_any(Role.ADMIN))


def _leads(actor: Actor, thing: Thing) -> bool:
    """Heads of departments: of any, or of the one that is responsible for this thing."""
    if isinstance(thing, CardFacts):
        return thing.department_id is not None and thing.department_id in actor.leads
    return thing is None and bool(actor.leads)


def _sees_board(actor: Actor, thing: Thing) -> bool:
    return _oversight(actor, thing) or _leads(actor, thing)


def _answers_card(actor: Actor, thing: Thing) -> bool:
    return isinstance(thing, CardFacts) and (actor.login in thing.responsible or _leads(actor, thing))


def _sees_card(actor: Actor, thing: Thing) -> bool:
    if _oversight(actor, thing) or actor.is_any(Role.SYSTEM) or _answers_card(actor, thing):
        return True
    return isinstance(thing, CardFacts) and actor.login in thing.receivers


def _urges(actor: Actor, thing: Thing) -> bool:
    """P-8.1: who started it, who handled it before, supervisors; nobody urges himself."""
    if not isinstance(thing, TaskFacts) or thing.assignee == actor.login:
        return False
    return actor.is_any(Role.SUPERVISOR, Role.SYSTEM) or actor.login in thing.involved


def _takes_objection(actor: Actor, thing: Thing) -> bool:
    """An objector comes to the counter where the case was filed, or writes to the registrar that keeps it."""
    return _keeps_case(actor, thing) or (isinstance(thing, InstanceFacts) and actor.login == thing.started_by)


def _keeps_case(actor: Actor, thing: Thing) -> bool:
    """The centre that keeps the case, and the supervisor; not the unit that works on it, and not even the administrator."""
    if actor.is_any(Role.SUPERVISOR):
        return True
    return isinstance(thing, InstanceFacts) and not thing.keepers.isdisjoint(actor.groups)


RULES: Mapping[Verb, Rule] = {
    Verb.VIEW_INSTANCE: _sees_instance,
    Verb.VIEW_ALL_INSTANCES: _oversight,
    Verb.START_PROCESS: _worker,
    Verb.TERMINATE_INSTANCE: _role(Role.ADMIN),
    Verb.SET_VARIABLES: _role(Role.ADMIN),
    Verb.SEND_COPY: _takes_part,
    Verb.COMMENT: _sees_instance,
    Verb.MANAGE_PHRASES: _role(Role.ADMIN),
    Verb.VIEW_TASK: _sees_task,
    Verb.CLAIM_TASK: _is_candidate,
    Verb.UNCLAIM_TASK: _holds_or_admin,
    Verb.COMPLETE_TASK: _holds_task,
    Verb.ASSIGN_TASK: _holds_or_admin,
    Verb.RETURN_TASK: _holds_task,
    Verb.WITHDRAW_TASK: _closed_task,
    Verb.CANCEL_INSTANCE: _started_instance,
    Verb.REPAIR_INSTANCE: _role(Role.ADMIN),
    Verb.DELEGATE_TASK: _is_holder,
    Verb.RECALL_DELEGATION: _holds_or_admin,
    Verb.ADD_SIGNERS: _is_holder,
    Verb.REMOVE_SIGNER: _holds_or_admin,
    Verb.TAKE_AS_PROXY: _is_proxy,
    Verb.TAKE_BACK_TASK: _is_principal,
    Verb.MANAGE_OWN_PROXIES: _worker,
    Verb.MANAGE_PROXIES: _role(Role.ADMIN),
    Verb.HAND_OVER: _role(Role.ADMIN),
    Verb.DECLARE_RECUSAL: _sees_instance,
    Verb.MANAGE_RECUSALS: _role(Role.ADMIN, Role.SUPERVISOR),
    Verb.SEND_MESSAGE: _role(Role.ADMIN, Role.SYSTEM),
    Verb.SEND_SIGNAL: _role(Role.ADMIN, Role.SYSTEM),
    Verb.VIEW_DEFINITIONS: _anybody,
    Verb.DEPLOY: _role(Role.DESIGNER, Role.ADMIN),
    Verb.FILE_CASE: _role(Role.CLERK),
    Verb.VIEW_CASE: _sees_instance,
    Verb.VIEW_ALL_CASES: _oversight,
    Verb.CHANGE_CASE: _changes_case,
    Verb.JUDGE_MATERIAL: _works_on_case,
    Verb.WITHDRAW_CASE: _filed_case,
    Verb.TAKE_OBJECTION: _takes_objection,
    Verb.GUIDE_ORDER: _keeps_case,
    Verb.REVEAL_APPLICANT: _keeps_case,
    Verb.SUSPEND_CASE: _works_on_case,
    Verb.REQUEST_EXTENSION: _works_on_case,
    Verb.DEMAND_CORRECTION: _works_on_case,
    Verb.APPROVE_NOTICE: _sees_instance,  # and the command asks whether they lead the department
    Verb.MANAGE_CREDIT: _role(Role.ADMIN, Role.SUPERVISOR),
    Verb.VIEW_PEOPLE: _anybody,
    Verb.MANAGE_PEOPLE: _role(Role.ADMIN),
    Verb.VIEW_CALENDAR: _anybody,
    Verb.MANAGE_CALENDAR: _role(Role.ADMIN),
    Verb.MANAGE_JOBS: _role(Role.ADMIN, Role.SYSTEM),
    Verb.MANAGE_INCIDENTS: _role(Role.ADMIN),
    Verb.VIEW_AUDIT: _role(Role.ADMIN, Role.AUDITOR, Role.SUPERVISOR),
    Verb.VIEW_BOARD: _sees_board,
    Verb.VIEW_CARD: _sees_card,
    Verb.ANSWER_CARD: _answers_card,
    Verb.MANAGE_CARDS: _role(Role.SUPERVISOR, Role.SYSTEM),
    Verb.MANAGE_CARD_RULES: _role(Role.SUPERVISOR, Role.ADMIN),
    Verb.URGE_TASK: _urges,
    Verb.MANAGE_OWN_TOKENS: _anybody,
    Verb.MANAGE_OWN_ACCOUNT: _anybody,
}

_SEEING: Mapping[Verb, Verb] = {
    # Who may not do the first but may see the thing learns why; who may not see it learns nothing.
    Verb.CLAIM_TASK: Verb.VIEW_TASK,
    Verb.UNCLAIM_TASK: Verb.VIEW_TASK,
    Verb.COMPLETE_TASK: Verb.VIEW_TASK,
    Verb.ASSIGN_TASK: Verb.VIEW_TASK,
    Verb.RETURN_TASK: Verb.VIEW_TASK,
    Verb.WITHDRAW_TASK: Verb.VIEW_TASK,
    Verb.CANCEL_INSTANCE: Verb.VIEW_INSTANCE,
    Verb.DELEGATE_TASK: Verb.VIEW_TASK,
    Verb.RECALL_DELEGATION: Verb.VIEW_TASK,
    Verb.ADD_SIGNERS: Verb.VIEW_TASK,
    Verb.REMOVE_SIGNER: Verb.VIEW_TASK,
    Verb.TAKE_AS_PROXY: Verb.VIEW_TASK,
    Verb.TAKE_BACK_TASK: Verb.VIEW_TASK,
    Verb.VIEW_TASK: Verb.VIEW_TASK,
    Verb.VIEW_INSTANCE: Verb.VIEW_INSTANCE,
    Verb.DECLARE_RECUSAL: Verb.VIEW_INSTANCE,
    Verb.MANAGE_RECUSALS: Verb.VIEW_INSTANCE,
    Verb.SEND_COPY: Verb.VIEW_INSTANCE,
    Verb.COMMENT: Verb.VIEW_INSTANCE,
    Verb.VIEW_CASE: Verb.VIEW_CASE,
    Verb.CHANGE_CASE: Verb.VIEW_CASE,
    Verb.JUDGE_MATERIAL: Verb.VIEW_CASE,
    Verb.WITHDRAW_CASE: Verb.VIEW_CASE,
    Verb.TAKE_OBJECTION: Verb.VIEW_CASE,
    Verb.GUIDE_ORDER: Verb.VIEW_CASE,
    Verb.REVEAL_APPLICANT: Verb.VIEW_CASE,
    Verb.SUSPEND_CASE: Verb.VIEW_CASE,
    Verb.REQUEST_EXTENSION: Verb.VIEW_CASE,
    Verb.DEMAND_CORRECTION: Verb.VIEW_CASE,
    Verb.APPROVE_NOTICE: Verb.VIEW_CASE,
    Verb.VIEW_CARD: Verb.VIEW_CARD,
    Verb.ANSWER_CARD: Verb.VIEW_CARD,
    Verb.URGE_TASK: Verb.VIEW_TASK,
}

_LABEL_ZH: Mapping[Verb, str] = {
    Verb.CLAIM_TASK: "认领此任务",
    Verb.UNCLAIM_TASK: "放回此任务",
    Verb.COMPLETE_TASK: "办理此任务",
    Verb.ASSIGN_TASK: "转办此任务",
    Verb.RETURN_TASK: "退回此任务",
    Verb.WITHDRAW_TASK: "撤回此任务的办理",
    Verb.CANCEL_INSTANCE: "撤销此流程",
    Verb.REPAIR_INSTANCE: "跳转或重开流程",
    Verb.DELEGATE_TASK: "委派此任务",
    Verb.RECALL_DELEGATION: "撤回此任务的委派",
    Verb.ADD_SIGNERS: "为此任务加签",
    Verb.REMOVE_SIGNER: "为此任务减签",
    Verb.TAKE_AS_PROXY: "代办此任务",
    Verb.TAKE_BACK_TASK: "收回此任务",
    Verb.MANAGE_OWN_PROXIES: "设置代理",
    Verb.MANAGE_PROXIES: "管理他人的代理",
    Verb.HAND_OVER: "办理离职交接",
    Verb.DECLARE_RECUSAL: "对此办件申请回避",
    Verb.MANAGE_RECUSALS: "决定他人的回避",
    Verb.SEND_COPY: "抄送此办件",
    Verb.COMMENT: "在此办件发表意见",
    Verb.FILE_CASE: "登记办件",
    Verb.CHANGE_CASE: "修改此办件",
    Verb.JUDGE_MATERIAL: "核验此办件的材料",
    Verb.WITHDRAW_CASE: "撤回此办件",
    Verb.TAKE_OBJECTION: "登记对此办件的异议",
    Verb.GUIDE_ORDER: "催办或改派此工单",
    Verb.REVEAL_APPLICANT: "查看此办件的保密申请人",
    Verb.SUSPEND_CASE: "暂停此办件的时限",
    Verb.REQUEST_EXTENSION: "申请延长此办件的时限",
    Verb.DEMAND_CORRECTION: "对此办件提出补正要求",
    Verb.APPROVE_NOTICE: "批准此办件再次补正告知",
    Verb.DEPLOY: "部署流程",
    Verb.START_PROCESS: "发起流程",
    Verb.VIEW_BOARD: "查看时限看板",
    Verb.VIEW_CARD: "查看此监察牌",
    Verb.ANSWER_CARD: "回复此监察牌",
    Verb.MANAGE_CARDS: "发牌和督办",
    Verb.MANAGE_CARD_RULES: "修改监察规则",
    Verb.URGE_TASK: "催办此任务",
}


def may(actor: Actor, verb: Verb, thing: Thing = None) -> Decision:
    """Answer whether ``actor`` may do ``verb`` on ``thing`` now."""
    if actor.scopes is not None:
        scope = SCOPE_OF.get(verb)
        if scope is None or scope not in actor.scopes:
            needed = scope.value if scope else "session"
            return Decision(
                False,
                zh=f"此令牌没有「{needed}」权限。",
                en=f"This token lacks the scope {needed!r}.",
                facts={"scope": needed},
            )
    rule = RULES.get(verb)
    if rule is not None and rule(actor, thing):
        return Decision(True)
    seeing = _SEEING.get(verb)
    hidden = seeing is not None and not RULES[seeing](actor, thing)
    label = _LABEL_ZH.get(verb, verb.value)
    holder = thing.assignee if isinstance(thing, TaskFacts) else None
    if holder and holder != actor.login:
        return Decision(
            False,
            hidden,
            f"您不能{label}：它由 {holder} 持有。",
            f"You may not {verb.value}: {holder} holds it.",
            {"by": holder},
        )
    return Decision(False, hidden, f"您没有权限{label}。", f"You may not {verb.value}.")


def require(actor: Actor, verb: Verb, thing: Thing = None) -> None:
    """Raise Forbidden, or NotFound when the actor may not know of the thing, unless ``may`` says yes."""
    decision = may(actor, verb, thing)
    if decision.allowed:
        return
    if decision.hidden:
        raise not_found(thing)
    raise Forbidden(decision.zh, decision.en, **decision.facts)


def not_found(thing: Thing) -> BanjieError:
    """The same answer as for something that does not exist."""
    if isinstance(thing, TaskFacts):
        return NotFound(
            f"没有编号为 {thing.task_id} 的任务，或您无权查看。", f"No task {thing.task_id}, or not for you to see."
        )
    if isinstance(thing, CardFacts):
        return NotFound(
            f"没有编号为 {thing.card_id} 的监察牌或督办，或您无权查看。",
            f"No card or order {thing.card_id}, or not for you to see.",
        )
    if isinstance(thing, InstanceFacts):
        return NotFound(
            f"没有编号为 {thing.instance_id} 的办件或流程，或您无权查看。",
            f"No instance {thing.instance_id}, or not for you to see.",
        )
    return NotFound("没有找到，或您无权查看。", "Not found, or not for you to see.")
