"""The table of rules: which verb is allowed to whom on what. What no rule allows is forbidden."""

from collections.abc import Callable, Mapping

from engine.access.facts import Actor, CardFacts, InstanceFacts, TaskFacts, Thing
from engine.access.verbs import Role, Verb

Rule = Callable[[Actor, Thing], bool]


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


def _views_instance(actor: Actor, thing: Thing) -> bool:
    """Also whoever may take one of its tasks as a proxy: he looks before he takes it, and does no more until then."""
    return _sees_instance(actor, thing) or (isinstance(thing, InstanceFacts) and actor.login in thing.proxies)


def _views_case(actor: Actor, thing: Thing) -> bool:
    """Also the head of the responsible department: what a head's board counts, he may open. And whoever verifies what a case
    decided, as long as a task of the verification lies with him: he has to know what was promised."""
    return _views_instance(actor, thing) or (
        isinstance(thing, InstanceFacts) and actor.login in (thing.heads | thing.inspectors)
    )


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


def _chairs(actor: Actor, thing: Thing) -> bool:
    return actor.is_any(Role.ADMIN) or (isinstance(thing, InstanceFacts) and actor.login in thing.chairs)


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
    Verb.VIEW_INSTANCE: _views_instance,
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
    Verb.CLOSE_BALLOT: _chairs,
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
    Verb.VIEW_CASE: _views_case,
    Verb.VIEW_ALL_CASES: _oversight,
    Verb.CHANGE_CASE: _changes_case,
    Verb.JUDGE_MATERIAL: _works_on_case,
    Verb.WITHDRAW_CASE: _filed_case,
    Verb.TAKE_OBJECTION: _takes_objection,
    Verb.TAKE_REMEDY: _keeps_case,
    Verb.GUIDE_ORDER: _keeps_case,
    Verb.REVEAL_APPLICANT: _keeps_case,
    Verb.SUSPEND_CASE: _works_on_case,
    Verb.REQUEST_EXTENSION: _works_on_case,
    Verb.DEMAND_CORRECTION: _works_on_case,
    Verb.APPROVE_NOTICE: _sees_instance,  # and the command asks whether they lead the department
    Verb.END_CERTIFICATE: _sees_instance,  # and the command asks whether they decide the item
    Verb.RATE_CASE: _takes_objection,  # at the counter where it was filed, or by telephone to who oversees
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
    Verb.ARRANGE_INBOX: _anybody,
    Verb.MANAGE_OWN_TOKENS: _anybody,
    Verb.MANAGE_OWN_ACCOUNT: _anybody,
}

SEEING: Mapping[Verb, Verb] = {
    # Who may not do the first but may see the thing learns why; who may not see it learns nothing.
    Verb.CLAIM_TASK: Verb.VIEW_TASK,
    Verb.UNCLAIM_TASK: Verb.VIEW_TASK,
    Verb.COMPLETE_TASK: Verb.VIEW_TASK,
    Verb.ASSIGN_TASK: Verb.VIEW_TASK,
    Verb.RETURN_TASK: Verb.VIEW_TASK,
    Verb.WITHDRAW_TASK: Verb.VIEW_TASK,
    Verb.CANCEL_INSTANCE: Verb.VIEW_INSTANCE,
    Verb.CLOSE_BALLOT: Verb.VIEW_INSTANCE,
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
    Verb.TAKE_REMEDY: Verb.VIEW_CASE,
    Verb.GUIDE_ORDER: Verb.VIEW_CASE,
    Verb.REVEAL_APPLICANT: Verb.VIEW_CASE,
    Verb.SUSPEND_CASE: Verb.VIEW_CASE,
    Verb.REQUEST_EXTENSION: Verb.VIEW_CASE,
    Verb.DEMAND_CORRECTION: Verb.VIEW_CASE,
    Verb.APPROVE_NOTICE: Verb.VIEW_CASE,
    Verb.END_CERTIFICATE: Verb.VIEW_CASE,
    Verb.RATE_CASE: Verb.VIEW_CASE,
    Verb.VIEW_CARD: Verb.VIEW_CARD,
    Verb.ANSWER_CARD: Verb.VIEW_CARD,
    Verb.URGE_TASK: Verb.VIEW_TASK,
}
