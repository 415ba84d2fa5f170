"""加签: whom the holder of a task lets sign before him and after him, in which order, and how far they have come (P-4).

The plan stands in the row of the task whose holder added the signers. Those beside him are members of his ballot and stand
there instead. Signers of one batch sign one after the other (places 0, 1, 2 …) or together (all at place 0); batches do not
wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from typing import Any

from engine.errors import Conflict, InvalidInput, NotFound
from engine.events import Event
from engine.records import record
from engine.runtime.task import Power, Seat
from engine.runtime.who import policies

MAX_DEPTH = 3
MAX_SIGNERS = 10  # at one node; ``banjie:maxSigners`` says otherwise


class Position(StrEnum):
    """Where a signer stands, seen from the one who added him."""

    BEFORE = "before"  # 前加签: I wait for them
    AFTER = "after"  # 后加签: my decision is stored, then they
    BESIDE = "beside"  # 并加签: a further member of my ballot


SEAT_AT: Mapping[Position, Seat] = {
    Position.BEFORE: Seat.BEFORE,
    Position.AFTER: Seat.AFTER,
    Position.BESIDE: Seat.MEMBER,
}


class SignerState(StrEnum):
    PLANNED = "planned"  # his turn has not come
    ASKED = "asked"  # has a task
    ANSWERED = "answered"
    REMOVED = "removed"


PENDING = frozenset({SignerState.PLANNED, SignerState.ASKED})


@record
class SignersAdded(Event):
    """``signers`` are those of one batch, as ``Signer.to_json`` gives them."""

    task_id: str
    position: Position
    signers: tuple[Mapping[str, Any], ...]
    reason: str = ""
    element_name: str = ""


@record
class SignerAsked(Event):
    """The signer's turn came: his task has the signer's id."""

    task_id: str
    signer_id: str


@record
class SignerAnswered(Event):
    task_id: str
    signer_id: str
    outcome: str | None = None


@record
class SignerRemoved(Event):
    """减签: taken out before he acted, by the one who added him or by an administrator."""

    task_id: str
    signer_id: str
    login: str
    reason: str = ""


@record
class SignerReplaced(Event):
    """Somebody else stands in for a signer whose turn has not come (hand-over of a leaver)."""

    task_id: str
    signer_id: str
    login: str


@record
class Signer:
    """One added person. ``id`` is the id of the task that he gets."""

    id: str
    login: str
    position: Position
    power: Power = Power.ADVISE
    batch: int = 0
    place: int = 0
    state: SignerState = SignerState.PLANNED
    outcome: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The signer as the task's row and the history keep it."""
        return {
            "id": self.id,
            "login": self.login,
            "position": self.position.value,
            "power": self.power.value,
            "batch": self.batch,
            "place": self.place,
            "state": self.state.value,
            "outcome": self.outcome,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Signer:
        known = {"position": Position(value["position"]), "power": Power(value["power"])}
        return cls(**{**value, **known, "state": SignerState(value["state"])})


@record(kw_only=False)
class Plan:
    """All signers whom one holder added, in the order of adding. Every method returns a new plan."""

    signers: tuple[Signer, ...] = field(default=())

    @classmethod
    def from_json(cls, value: Iterable[Mapping[str, Any]] | None) -> Plan:
        return cls(tuple(Signer.from_json(each) for each in value or ()))

    def to_json(self) -> list[dict[str, Any]]:
        return [signer.to_json() for signer in self.signers]

    def batch(
        self, ids: Sequence[str], logins: Sequence[str], position: Position, power: Power, *, in_order: bool
    ) -> tuple[Signer, ...]:
        """Build the next batch: one signer for each login, one after the other or all together."""
        number = 1 + max((signer.batch for signer in self.signers), default=-1)
        return tuple(
            Signer(id=id, login=login, position=position, power=power, batch=number, place=index if in_order else 0)
            for index, (id, login) in enumerate(zip(ids, logins, strict=True))
        )

    def add(self, batch: Iterable[Signer]) -> Plan:
        return Plan((*self.signers, *batch))

    def knows(self, signer_id: str) -> bool:
        """Whether somebody of this id was added, whatever became of him."""
        return any(signer.id == signer_id for signer in self.signers)

    def get(self, signer_id: str) -> Signer:
        """Return the signer, or raise NotFound."""
        for signer in self.signers:
            if signer.id == signer_id:
                return signer
        raise NotFound(f"没有编号为 {signer_id} 的加签人。", f"There is no signer {signer_id}.", signer_id=signer_id)

    def pending(self, *positions: Position) -> tuple[Signer, ...]:
        """Whoever has not answered yet, at these positions (at all, when none is named)."""
        wanted = positions or tuple(Position)
        return tuple(each for each in self.signers if each.state in PENDING and each.position in wanted)

    def due(self, position: Position) -> tuple[Signer, ...]:
        """Whose turn it is now: everybody before them in their batch has answered or is gone."""
        waiting = self.pending(position)
        return tuple(
            each
            for each in waiting
            if each.state is SignerState.PLANNED
            and not any(other.batch == each.batch and other.place < each.place for other in waiting)
        )

    def asked(self, signer_id: str) -> Plan:
        return self._with(signer_id, lambda signer: replace(signer, state=SignerState.ASKED))

    def answered(self, signer_id: str, outcome: str | None) -> Plan:
        return self._with(signer_id, lambda signer: replace(signer, state=SignerState.ANSWERED, outcome=outcome))

    def removed(self, signer_id: str) -> Plan:
        return self._with(signer_id, lambda signer: replace(signer, state=SignerState.REMOVED))

    def replaced(self, signer_id: str, login: str) -> Plan:
        return self._with(signer_id, lambda signer: replace(signer, login=login))

    def _with(self, signer_id: str, change: Callable[[Signer], Signer]) -> Plan:
        self.get(signer_id)
        return Plan(tuple(change(each) if each.id == signer_id else each for each in self.signers))


def verdicts(outcomes: Iterable[str]) -> tuple[str, ...]:
    """(yes, no) of a node with a negative outcome, from which a signer with the power to decide chooses; else ()."""
    offered = tuple(outcomes)
    yes, no = policies.approving(offered), policies.rejecting(offered)
    return () if yes is None or no is None or yes == no else (yes, no)


def check_power(label: str, own: Power, wanted: Power, *, can_refuse: bool) -> None:
    """Raise Conflict when signers would get a power that the one who adds them, or the node, does not have (P-4.3)."""
    if wanted is Power.ADVISE:
        return
    if own is not Power.DECIDE:
        raise Conflict(
            f"您在「{label}」只提意见，加签的人也只能提意见；请把权限选为“提供意见”。",
            f'At "{label}" you only advise, and so do those whom you add; choose the power to advise.',
        )
    if not can_refuse:
        raise Conflict(
            f"「{label}」没有“不同意”一类的结果，加签的人无从否决；请把权限选为“提供意见”。",
            f'"{label}" has no negative outcome with which a signer could refuse; choose the power to advise.',
        )


def check_signers(label: str, logins: Sequence[str], *, by: str, seated: Iterable[str]) -> None:
    """Raise InvalidInput or Conflict unless ``by`` may add these people (P-4.6).

    ``seated`` are the people who sit at this node already or whose turn is planned.
    """
    if not logins:
        raise InvalidInput(
            "请选择要加签的人。", "Choose whom to add.", fields={"people": "必填"}, fields_en={"people": "required"}
        )
    doubled = sorted({login for login in logins if logins.count(login) > 1})
    if doubled:
        raise Conflict(
            f"{'、'.join(doubled)} 重复了，一人只能加签一次。",
            f"{', '.join(doubled)} stands there twice; a person signs once.",
            logins=doubled,
        )
    if by in logins:
        raise Conflict("不能给自己加签，请选择其他人。", "You cannot add yourself; choose somebody else.", login=by)
    taken = sorted(set(logins) & set(seated))
    if taken:
        raise Conflict(
            f"{'、'.join(taken)} 已在「{label}」中有席位，不能再加签；请选择其他人。",
            f'{", ".join(taken)} already has a seat at "{label}"; choose somebody else.',
            logins=taken,
        )


def check_room(label: str, *, depth: int, known: int, more: int, limit: int) -> None:
    """Raise Conflict when signers would stand too deep or be too many. ``depth``: 1 for the holder's own, 2 for theirs …"""
    if depth > MAX_DEPTH:
        raise Conflict(
            f"「{label}」的加签已有 {MAX_DEPTH} 层，不能再加；请先签署意见，由上一级加签。",
            f'Signers at "{label}" already stand {MAX_DEPTH} deep; sign first and let the one who added you add more.',
            limit=MAX_DEPTH,
        )
    if known + more > limit:
        raise Conflict(
            f"「{label}」最多加签 {limit} 人，已有 {known} 人；请减少人数，或先减签。",
            f'At most {limit} people can be added at "{label}", {known} are; choose fewer or remove some first.',
            limit=limit,
        )


def check_removable(signer: Signer) -> None:
    """Raise Conflict when the signer has acted or is gone already (P-4.4)."""
    if signer.state is SignerState.ANSWERED:
        raise Conflict(
            f"{signer.login} 已经签署，不能减签。",
            f"{signer.login} has signed already and cannot be removed.",
            login=signer.login,
        )
    if signer.state is SignerState.REMOVED:
        raise Conflict(f"{signer.login} 已经被减签。", f"{signer.login} was removed already.", login=signer.login)
