"""The one point that every path to a task asks: may this person act at this element of this instance?

Asked when people are found, when a task is claimed, assigned, transferred, delegated, taken by a proxy, when a signer is
added, in a batch, and again when the person acts. A task without ``differentFrom`` and ``onSelf`` costs no statement for
the person who acts himself: recusals stand in the instance's row, which the command has locked already.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from engine.bpmn.expressions import LOOP_COUNTER
from engine.errors import Conflict
from engine.records import record
from engine.runtime.task import Seat
from engine.runtime.who import policies
from engine.runtime.who.standing import Ground, Refusal, Standing
from engine.store.rows import organisation

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import OpenTask

# How a sentence names the way by which somebody would come to act. A way that is not here is named as it is.
WAYS: Mapping[str, tuple[str, str]] = {
    "resolve": ("被指派到", "be given"),
    "claim": ("认领", "claim"),
    "complete": ("办理", "act at"),
    "assign": ("接收", "be assigned"),
    "transfer": ("接收转办的", "take over"),
    "delegate": ("接受委派办理", "be asked about"),
    "sign": ("加签到", "be added to"),
    "proxy": ("代理办理", "act as a proxy at"),
    "batch": ("办理", "act at"),
    "choose": ("被选为办理", "be chosen for"),
}


@record
class ElementFacts:
    """The element at which somebody would act: its settings as the model has them, and how often it was begun."""

    element_id: str
    element_name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    round: int = 1
    seat: Mapping[str, Any] | None = None  # the row of the task in question, where it is one that others have beside it

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> ElementFacts:
        """The element of a task's row."""
        return cls(
            element_id=row["element_id"],
            element_name=row["element_name"],
            settings=row["settings"],
            round=row["round"],
            seat=row if LOOP_COUNTER in row["local_variables"] else None,
        )

    @property
    def label(self) -> str:
        return self.element_name or self.element_id


@record
class Found:
    """Who may act, in the given order, and why the others may not."""

    eligible: tuple[str, ...]
    refused: Mapping[str, Refusal]


def check(
    context: CommandContext,
    instance_row: Mapping[str, Any],
    element: ElementFacts,
    login: str,
    *,
    way: str,
    principal: str | None = None,
) -> None:
    """Raise Conflict, in plain words, unless ``login`` may act at ``element``; ``principal`` is for whom a proxy acts."""
    logins = {login} if principal is None else {login, principal}
    known = standing(context, instance_row, element, logins)
    refusal = known.against(login, principal)
    if refusal is not None:
        raise conflict(known, element, login, refusal, way)


def find(
    context: CommandContext,
    instance_row: Mapping[str, Any],
    element: ElementFacts,
    logins: Iterable[str],
    *,
    way: str = "resolve",
) -> Found:
    """Sort ``logins`` into those who may act and those who may not, with the reason for each. At most two statements."""
    wanted = tuple(dict.fromkeys(logins))
    known = standing(context, instance_row, element, set(wanted))
    refused = {login: found for login in wanted if (found := known.against(login)) is not None}
    return Found(eligible=tuple(login for login in wanted if login not in refused), refused=refused)


def standing(
    context: CommandContext, instance_row: Mapping[str, Any], element: ElementFacts, logins: set[str]
) -> Standing:
    """What is known of ``logins`` at ``element``: the facts that all refusals come from."""
    # Who asks was read from the database as an active person when he came in.
    others = logins - {context.actor.login}
    names = {context.actor.login: context.actor.name} if context.actor.login in logins else {}
    disabled: set[str] = set()
    if others:
        for person in organisation.people(context.uow, others):
            names[person.login] = person.name
            if person.disabled:
                disabled.add(person.login)
    apart = policies.names(element.settings.get("differentFrom"))
    return Standing(
        names=names,
        disabled=frozenset(disabled),
        recused=frozenset(instance_row.get("recused") or ()),
        acted=organisation.actors_at(context.uow, instance_row["id"], apart) if apart else {},
        initiator=instance_row.get("started_by")
        if policies.keeps_initiator_away(element.settings, element.round)
        else None,
        taking_part=_taking_part(context, element.seat, logins),
    )


Sharing = Callable[["CommandContext", Mapping[str, Any], "Moving | None"], frozenset[str]]
SHARING: list[
    Sharing
] = []  # who else takes part in the multi-instance of a task: engine.commands.tasks.participants tells


def _taking_part(context: CommandContext, seat: Mapping[str, Any] | None, logins: set[str]) -> frozenset[str]:
    """Who has a part beside this task (P-1.4). Whoever has the task was asked when he got it, and is not asked each time he acts."""
    if seat is None or logins <= {seat["assignee"], seat["principal"]}:
        return frozenset()
    return frozenset().union(*(tell(context, seat, None) for tell in SHARING))


def others_at(moving: Moving, task: OpenTask, seat: Mapping[str, Any] | None) -> frozenset[str]:
    """Who has a part beside a task of a multi-instance that opens now, or whose row is ``seat``."""
    if task.loop_index is None:
        return frozenset()
    opens = {"instance_id": moving.id, "token_id": task.token_id, "seat": Seat.HOLDER.value}
    about = seat or opens | {"local_variables": task.local_variables}
    return frozenset().union(*(tell(moving.context, about, moving) for tell in SHARING))


def identity_hash(secret: bytes, number: str) -> str:
    """What is kept of an ID number of somebody who works here: enough to tell that an applicant is that person."""
    plain = "".join(number.split()).upper()
    return hmac.new(secret, f"identity:{plain}".encode(), hashlib.sha256).hexdigest()


def conflict(known: Standing, element: ElementFacts, login: str, refusal: Refusal, way: str) -> Conflict:
    """The refusal of one person as an error that names the way out."""
    zh, en = WAYS.get(way, (way, way))
    out_zh, out_en = _WAY_OUT.get(refusal.ground, ("请选择其他人。", "Choose somebody else."))
    return Conflict(
        f"{known.name(login)}不能{zh}「{element.label}」：{refusal.zh}。{out_zh}",
        f'{known.name(login)} cannot {en} "{element.label}": {refusal.en}. {out_en}',
        login=login,
        ground=refusal.ground.value,
        element_id=element.element_id,
    )


_WAY_OUT: Mapping[Ground, tuple[str, str]] = {
    Ground.OWN_INSTANCE: (
        "请选择在本环节没有任务的人。",
        "Choose somebody who has no task of his own here.",
    ),
    Ground.DISABLED: (
        "请选择其他人，或由管理员重新启用该账号。",
        "Choose somebody else, or let an administrator enable the account.",
    ),
    Ground.RECUSED: (
        "请选择其他人，或由督查、管理员解除回避。",
        "Choose somebody else, or let a supervisor lift the recusal.",
    ),
}
