"""转办: responsibility moves from one person to the next, in a chain that is kept (P-5.1, P-5.4)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.errors import Conflict
from engine.records import record
from engine.runtime.task import Seat, Task


class TransferScope(StrEnum):
    """To whom a node lets its task be transferred (``banjie:transferScope``)."""

    ANY = "any"  # anybody who may act here
    CANDIDATES = "candidates"  # whoever the node would have offered it to
    DEPARTMENT = "department"  # colleagues of the holder's own department


@record
class Transfer:
    """One link of the chain; ``sender`` is None when the task lay in a pool."""

    sender: str | None
    receiver: str
    at: datetime
    reason: str = ""
    by: str = ""


@record
class Holding:
    """For how long one person answered for the task: ``[since, until)``, ``until`` None while it lasts."""

    login: str | None  # None: nobody yet, the pool
    since: datetime
    until: datetime | None


def holdings(
    first: str | None, since: datetime, chain: Sequence[Transfer], until: datetime | None
) -> tuple[Holding, ...]:
    """Divide the life of a task among its holders: each counts from the moment of the transfer to him (P-5.4).

    ``first`` held it at ``since``; ``chain`` is in the order of time. Together the holdings are the whole life, without gap.
    """
    starts = [(first, since), *((link.receiver, link.at) for link in chain)]
    ends = [at for _, at in starts[1:]] + [until]
    return tuple(Holding(login=login, since=at, until=end) for (login, at), end in zip(starts, ends, strict=True))


def scope_of(settings: Mapping[str, Any], label: str) -> TransferScope:
    """The node's ``transferScope``; a word that is none is a fault of the model, and nothing is transferred by it."""
    text = str(settings.get("transferScope") or "").strip()
    try:
        return TransferScope(text) if text else TransferScope.ANY
    except ValueError:
        known = "、".join(TransferScope)
        raise Conflict(
            f"「{label}」的 transferScope 写成了 {text!r}，只能是 {known}；请联系流程设计人员改正。",
            f'transferScope of "{label}" is {text!r}; it takes {", ".join(TransferScope)}. Ask the designer to correct it.',
        ) from None


def check_own(task: Task) -> None:
    """Raise Conflict when the holder's seat is not his to give: he was asked in person (trap 2.5: who answers to whom)."""
    if task.seat is Seat.DELEGATE:
        raise Conflict(
            f"「{task.label}」是委派给您本人的，不能转办；请直接答复，或再委派他人。",
            f'"{task.label}" was delegated to you in person and cannot be transferred; answer it, or delegate it further.',
            task_id=task.id,
        )
    if task.seat in (Seat.BEFORE, Seat.AFTER):
        raise Conflict(
            f"「{task.label}」是加签给您本人的，不能转办；请签署意见，或请加签人减签后另加他人。",
            f'You were added in person to sign "{task.label}"; sign, or ask whoever added you to choose somebody else.',
            task_id=task.id,
        )


def check_receiver(
    label: str, holder: str | None, receiver: str, *, by: str, seated: Collection[str], in_scope: bool
) -> None:
    """Raise Conflict unless the task at ``label`` can go from ``holder`` to ``receiver``.

    ``seated`` are the other people who sit at the same table (members of the ballot, signers, those who were asked);
    ``by`` is who transfers. Whether the receiver may act here at all is asked elsewhere, at the one point for it.
    """
    if receiver == holder:
        who = "您" if by == holder else f" {holder} "
        raise Conflict(
            f"「{label}」已经由{who}持有，请选择其他人。",
            f'"{label}" is already held by {receiver}; choose somebody else.',
            login=receiver,
        )
    if receiver in seated:
        raise Conflict(
            f"{receiver} 已在「{label}」中有自己的席位，不能再接收转办；请选择其他人。",
            f'{receiver} already has a seat at "{label}" and cannot take over another; choose somebody else.',
            login=receiver,
        )
    if not in_scope:
        raise Conflict(
            f"「{label}」只能在规定范围内转办，{receiver} 不在范围内；请选择其他人。",
            f'"{label}" can only be transferred within its scope, and {receiver} is outside; choose somebody else.',
            login=receiver,
        )
