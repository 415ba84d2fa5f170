"""Asking others over HTTP: delegate, recall, add and remove signers, proxies, hand-over."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from engine.access import TaskFacts, Verb, not_found, require
from engine.commands.delegating.delegations import DelegateTask, RecallDelegation
from engine.commands.delegating.handover import HandOver
from engine.commands.delegating.proxies import ActivateProxy, GrantProxy, RevokeProxy, TakeAsProxy, TakeBackFromProxy
from engine.commands.delegating.signers import AddSigners, RemoveSigner
from engine.runtime.handover import Kind
from engine.runtime.task import TaskState
from web.api.acting import actor, created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Code, Id, Listing, Login, Moment, Name, Out, PageQuery
from web.api.tasks import StateOfTask
from web.frame.policy import asks, asks_thing
from web.parts import standingin
from web.tasks import asking

tasks = Noun(blueprint, "tasks")
proxies = Noun(blueprint, "proxies")
people = Noun(blueprint, "people")

Reason = Annotated[str, StringConstraints(max_length=500)]
GivenPower = Literal["advise", "decide"]
Amount = Annotated[str, StringConstraints(max_length=40)]


class Delegation(Body):
    to: Login
    question: Reason = ""
    power: GivenPower = "advise"


class Delegated(Out):
    id: str
    instance_id: str
    delegate_task_id: str = Field(description="The task of whoever was asked.")
    state: TaskState


class RecallReason(Body):
    reason: Reason = ""


class Signers(Body):
    people: list[Login] = Field(min_length=1, max_length=20)
    position: Literal["before", "after", "beside"] = Field(
        description="Seen from the caller; `beside` needs a ballot, or a multi-instance of people (power `decide`)."
    )
    power: GivenPower = "advise"
    in_order: bool = Field(False, description="One after the other, as they stand; else all together.")
    reason: Reason = ""


class SignersAdded(Out):
    id: str
    instance_id: str
    signers: list[str] = Field(description="By which each is removed: the id of the task, beside the caller the login.")
    state: TaskState


class Asked(Out):
    id: str
    login: str
    seat: str = Field(description="delegate, before or after.")
    power: str
    state: str = Field(description="That of the task; `planned` or `removed` for a signer who has none.")
    question: str
    asked_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    comment: str


class Link(Out):
    sender: str | None = Field(description="null: it lay in a pool.")
    receiver: str
    at: datetime
    by: str
    reason: str


class Participant(Out):
    id: str | None = Field(description="Of the task; null while the turn has not come.")
    login: str | None
    principal: str | None
    state: str = Field(description="That of the task; `planned` while the turn has not come.")
    added_by: str | None
    outcome: str | None
    closed_at: datetime | None


class AskedOfTask(Out):
    asked: list[Asked]
    participants: list[Participant] = Field(description="Of a running multi-instance task of people, in order.")
    transfers: list[Link] = Field(description="From hand to hand, first to last.")


class TakenTask(StateOfTask):
    principal: str | None = Field(description="On whose behalf the assignee holds it.")


@tasks.get(
    "/tasks/<task_id>/asked",
    asks_thing(Verb.VIEW_TASK),
    zh="任务征询了谁、转办过谁",
    answers={200: AskedOfTask},
    errors=(404,),
)
def get_asked(task_id: str) -> Any:
    """Get whom the holder of a task asked, and through whose hands it went."""
    row = queries().tasks.get(task_id)
    facts = TaskFacts(task_id=task_id, assignee=None) if row is None else standingin.task_facts(row)
    require(actor(), Verb.VIEW_TASK, facts)
    if row is None:
        raise not_found(facts)
    links = [{**link, "by": link["by_login"]} for link in queries().asking.transfers(task_id)]
    asked = queries().asking.asked(row)
    return {"asked": asked, "participants": asking.participants_of(row), "transfers": links}


@tasks.post(
    "/tasks/<task_id>/delegate",
    asks_thing(Verb.DELEGATE_TASK),
    zh="委派",
    body=Delegation,
    answers={200: Delegated},
    errors=(404, 409),
)
def delegate(task_id: str, body: Delegation) -> Any:
    """Ask somebody; the task waits until the answer has come back or is recalled.

    With `decide`, where the node permits it, an answer with an outcome is the caller's decision.
    """
    return execute(DelegateTask(task_id=task_id, to=body.to, question=body.question, power=body.power))


@tasks.post(
    "/tasks/<task_id>/recall",
    asks_thing(Verb.RECALL_DELEGATION),
    zh="撤回委派",
    body=RecallReason,
    answers={200: StateOfTask},
    errors=(404, 409),
)
def recall(task_id: str, body: RecallReason) -> Any:
    """Take a delegation back, with everything that was asked further."""
    return execute(RecallDelegation(task_id=task_id, reason=body.reason))


@tasks.post(
    "/tasks/<task_id>/signers",
    asks_thing(Verb.ADD_SIGNERS),
    zh="加签",
    body=Signers,
    answers={200: SignersAdded},
    errors=(404, 409),
)
def add_signers(task_id: str, body: Signers) -> Any:
    """Let people sign before, after or beside the caller.

    `advise` is an opinion; `decide` can refuse: a refusal is the node's. Beside the caller they join the ballot, or get one more instance of
    the multi-instance task.
    """
    command = AddSigners(
        task_id=task_id,
        people=tuple(body.people),
        position=body.position,
        power=body.power,
        in_order=body.in_order,
        reason=body.reason,
    )
    return execute(command)


@tasks.delete(
    "/tasks/<task_id>/signers/<signer_id>",
    asks_thing(Verb.REMOVE_SIGNER),
    zh="减签",
    answers={200: StateOfTask},
    errors=(404, 409),
)
def remove_signer(task_id: str, signer_id: str) -> Any:
    """Remove somebody whom the caller added and who has not acted: by the id of the task, or beside the caller by the login."""
    return execute(RemoveSigner(task_id=task_id, signer_id=signer_id))


@tasks.post(
    "/tasks/<task_id>/take",
    asks_thing(Verb.TAKE_AS_PROXY),
    zh="代办任务",
    answers={200: TakenTask},
    errors=(404, 409),
)
def take(task_id: str) -> Any:
    """Take a task of somebody for whom the caller stands in."""
    return execute(TakeAsProxy(task_id=task_id))


@tasks.post(
    "/tasks/<task_id>/take-back",
    asks_thing(Verb.TAKE_BACK_TASK),
    zh="收回代办",
    answers={200: TakenTask},
    errors=(404, 409),
)
def take_back(task_id: str) -> Any:
    """Take back a task that a proxy holds on the caller's behalf."""
    return execute(TakeBackFromProxy(task_id=task_id))


# ---------------------------------------------------------------- proxies


class ProxyScope(Out):
    processes: list[str]
    departments: list[str]
    amount_limit: str | None
    amount_variable: str


class Proxy(Out):
    id: str
    principal: str
    proxy: str
    starts_at: datetime
    ends_at: datetime
    scope: ProxyScope
    power: str
    mode: str
    reason: str
    granted_by: str
    granted_at: datetime
    active: bool
    revoked_at: datetime | None
    revoked_by: str | None


class ProxyList(Listing):
    items: list[Proxy]


class ProxiesQuery(PageQuery):
    all: Annotated[bool, Field(description="Everybody's, for administrators.")] = False


class NewProxy(Body):
    proxy: Login
    start: Moment = Field(description="With a zone; the period is [start, end).")
    end: Moment
    principal: Login | None = Field(None, description="Who is stood in for: the caller; others for administrators.")
    processes: list[Code] = Field([], max_length=100, description="Process keys or item codes; empty: all.")
    departments: list[Id] = Field([], max_length=100, description="Ids, of whoever started it; empty: all.")
    amount_limit: Amount | None = Field(None, description="Up to and including this amount.")
    amount_variable: Code = "amount"
    power: GivenPower = "decide"
    mode: Literal["move", "share"] = Field("move", description="share: the tasks stay, the proxy may take one.")
    reason: Reason = ""
    active: bool = True


class ProxyState(Out):
    id: str
    active: bool


@proxies.get("/proxies", asks(Verb.MANAGE_OWN_PROXIES), zh="代理", query=ProxiesQuery, answers={200: ProxyList})
def list_proxies(query: ProxiesQuery) -> Any:
    """List the proxies in which the caller is stood in for or stands in."""
    if not query.all:
        return {"items": queries().asking.rules_of(actor().login), "next": None}
    require(actor(), Verb.MANAGE_PROXIES)
    page = queries().asking.rules(after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@proxies.post(
    "/proxies",
    asks(Verb.MANAGE_OWN_PROXIES),
    zh="设置代理",
    body=NewProxy,
    answers={201: ProxyState},
    errors=(404, 409),
)
def grant(body: NewProxy) -> Answer:
    """Let somebody stand in for a period.

    Refused when it overlaps another rule of the same person in period and scope, or closes a circle.
    """
    command = GrantProxy(
        proxy=body.proxy,
        start=body.start.isoformat(),
        end=body.end.isoformat(),
        principal=body.principal,
        processes=tuple(body.processes),
        departments=tuple(body.departments),
        amount_limit=body.amount_limit,
        amount_variable=body.amount_variable,
        power=body.power,
        mode=body.mode,
        reason=body.reason,
        active=body.active,
    )
    answer = execute(command)
    return created(answer, f"/proxies/{answer['id']}")


@proxies.post(
    "/proxies/<rule_id>/activate",
    asks(Verb.MANAGE_OWN_PROXIES),
    zh="启用代理",
    answers={200: ProxyState},
    errors=(404, 409),
)
def activate(rule_id: str) -> Any:
    """Let a rule hold that waits or was revoked."""
    return execute(ActivateProxy(rule_id=rule_id))


@proxies.post(
    "/proxies/<rule_id>/revoke",
    asks(Verb.MANAGE_OWN_PROXIES),
    zh="撤销代理",
    body=RecallReason,
    answers={200: ProxyState},
    errors=(404,),
)
def revoke(rule_id: str, body: RecallReason) -> Any:
    """Revoke a rule at any time; what the proxy has not acted on goes back."""
    return execute(RevokeProxy(rule_id=rule_id, reason=body.reason))


# ---------------------------------------------------------------- hand-over


class Receivers(Body):
    receivers: list[Login] = Field(min_length=1, max_length=20, description="Tried in this order.")
    by_process: dict[Code, Login] = Field({}, description="Who takes over the tasks of one process, by its key.")
    groups_to: Login | None = Field(None, description="Who joins the leaver's groups.")
    posts_to: Login | None = Field(None, description="Who gets the leaver's posts; vacant when left out.")
    leads_to: Login | None = Field(None, description="Who leads his departments, or is their deputy, in his place.")
    reason: Reason = ""


class HandoverLine(Out):
    kind: str = Field(description=", ".join(Kind))
    id: str
    what: str
    to: str | None
    refused: bool
    zh: str
    en: str


class Handover(Out):
    id: str | None = Field(description="null when there was nothing to hand over.")
    moved: int
    refused: int
    remaining: int = Field(description="Instances left for the next run; repeat until it is 0.")
    report: list[HandoverLine]


class KeptHandover(Out):
    id: str
    by: str
    at: datetime
    moved: int
    refused: int
    report: list[HandoverLine]


class HandoverList(Out):
    items: list[KeptHandover]


@people.post(
    "/people/<login>/hand-over",
    asks(Verb.HAND_OVER),
    zh="离职交接",
    body=Receivers,
    answers={200: Handover},
    errors=(404, 409),
)
def hand_over(login: Login, body: Receivers) -> Any:
    """Hand over everything that somebody has; safe to repeat.

    Open tasks, answers owed and awaited, signatures and votes to come, choices, proxies, groups, posts and leaderships: each is a line of the report.
    """
    command = HandOver(
        leaver=login,
        receivers=tuple(body.receivers),
        by_process=dict(body.by_process),
        groups_to=body.groups_to or "",
        posts_to=body.posts_to or "",
        leads_to=body.leads_to or "",
        reason=body.reason,
    )
    return execute(command)


@people.get(
    "/people/<login>/hand-overs",
    asks(Verb.HAND_OVER),
    zh="交接记录",
    answers={200: HandoverList},
)
def list_handovers(login: Name) -> Any:
    """List the hand-overs of a person, latest first."""
    return {"items": [{**row, "by": row["by_login"]} for row in queries().asking.handovers(login)]}
