"""Materials of a case: one slot for each material of the guide, its state and its versions."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from engine.approval import events
from engine.approval.item.terms import MaterialClass, MaterialForm, MaterialRule, Necessity
from engine.approval.stored import Stored
from engine.errors import Conflict, InvalidInput
from engine.events import Event
from engine.records import record

SlotMoved: TypeAlias = "tuple[MaterialSlot, list[Event]]"
Slots: TypeAlias = "Mapping[str, MaterialSlot]"  # by code of the material


class SlotState(StrEnum):
    """Where one material stands."""

    MISSING = "missing"
    SUBMITTED = "submitted"  # handed in, not looked at yet
    VERIFIED = "verified"
    REJECTED = "rejected"  # does not conform; another version is needed
    TOLERATED = "tolerated"  # promised for later
    COMPLETED = "completed"  # what was promised came in, not looked at yet
    COMMITTED = "committed"  # a written commitment stands for this proof
    WAIVED = "waived"  # not needed in this case
    LAPSED = "lapsed"  # promised and not brought

    @property
    def zh(self) -> str:
        return _WORDS[self]


_S = SlotState
_WORDS: Final = {
    _S.MISSING: "未提交",
    _S.SUBMITTED: "已提交",
    _S.VERIFIED: "已核验",
    _S.REJECTED: "不符合要求",
    _S.TOLERATED: "容缺待补",
    _S.COMPLETED: "已补齐待核验",
    _S.COMMITTED: "以承诺替代",
    _S.WAIVED: "免提交",
    _S.LAPSED: "逾期未补",
}

SLOT_MOVES: Final[Mapping[SlotState, frozenset[SlotState]]] = {
    _S.MISSING: frozenset({_S.SUBMITTED, _S.TOLERATED, _S.COMMITTED, _S.WAIVED}),
    _S.SUBMITTED: frozenset({_S.SUBMITTED, _S.VERIFIED, _S.REJECTED}),
    # A reviewer may find a fault that the window did not see.
    _S.VERIFIED: frozenset({_S.REJECTED, _S.SUBMITTED}),
    _S.REJECTED: frozenset({_S.SUBMITTED, _S.TOLERATED, _S.COMMITTED, _S.WAIVED}),
    _S.TOLERATED: frozenset({_S.TOLERATED, _S.COMPLETED, _S.LAPSED}),  # TOLERATED again: a later deadline
    _S.COMPLETED: frozenset({_S.COMPLETED, _S.VERIFIED, _S.TOLERATED, _S.LAPSED}),
    # A withdrawn commitment is replaced by the paper itself.
    _S.COMMITTED: frozenset({_S.SUBMITTED}),
    _S.WAIVED: frozenset({_S.MISSING, _S.SUBMITTED}),
    _S.LAPSED: frozenset(),
}

LACKING: Final = frozenset({_S.MISSING, _S.REJECTED})
PROMISED: Final = frozenset({_S.TOLERATED, _S.COMPLETED})  # part of a tolerance that is still open
SETTLED: Final = frozenset({_S.VERIFIED, _S.COMMITTED, _S.WAIVED})


@record
class MaterialVersion(Stored):
    """What was handed in once. ``files`` are ids of stored files; none for paper that stays at the window."""

    number: int
    files: tuple[str, ...]
    form: MaterialForm
    submitted_at: datetime
    submitted_by: str
    note: str = ""


@record
class MaterialSlot(Stored):
    """One material of one case."""

    case_id: str
    code: str
    name: str
    material_class: MaterialClass
    required: bool
    state: SlotState = SlotState.MISSING
    versions: tuple[MaterialVersion, ...] = ()
    reason: str = ""  # why it was rejected, returned or waived
    tolerated_until: date | None = None

    @property
    def is_lacking(self) -> bool:
        """Is it needed and not there, or there and not conforming?"""
        return self.required and self.state in LACKING

    def submit(self, files: tuple[str, ...], *, at: datetime, by: str, form: MaterialForm, note: str = "") -> SlotMoved:
        """Hand in a version; what was tolerated is completed by it."""
        number = len(self.versions) + 1
        version = MaterialVersion(number=number, files=files, form=form, submitted_at=at, submitted_by=by, note=note)
        state = SlotState.COMPLETED if self.state in PROMISED else SlotState.SUBMITTED
        return self._move(
            state,
            events.MaterialSubmitted,
            {"versions": (*self.versions, version), "reason": ""},
            version=number,
            files=files,
        )

    def verify(self) -> SlotMoved:
        """The last version conforms."""
        return self._move(SlotState.VERIFIED, events.MaterialVerified, version=len(self.versions))

    def reject(self, reason: str) -> SlotMoved:
        """The last version does not conform. What completes a tolerance is returned by the tolerance, not here."""
        self._need(reason)
        return self._move(
            SlotState.REJECTED, events.MaterialRejected, {"reason": reason}, version=len(self.versions), reason=reason
        )

    def tolerate(self, until: date) -> SlotMoved:
        """It may come until the end of ``until`` (or, when tolerated before, until a later day). Whether this is
        allowed is decided by the tolerance."""
        return self._move(SlotState.TOLERATED, events.MaterialTolerated, {"tolerated_until": until}, until=until)

    def return_completion(self, reason: str) -> SlotMoved:
        """What came to complete a tolerance does not conform and may come once more."""
        self._need(reason)
        if self.state is not SlotState.COMPLETED:
            raise self._refusal(SlotState.TOLERATED)
        return self._move(
            SlotState.TOLERATED, events.MaterialRejected, {"reason": reason}, version=len(self.versions), reason=reason
        )

    def lapse(self) -> SlotMoved:
        """It was promised and did not come."""
        return self._move(SlotState.LAPSED, events.MaterialLapsed)

    def replace_by_commitment(self, rule: MaterialRule) -> SlotMoved:
        """A written commitment stands for this proof, if the guide allows it (国办发〔2020〕42号)."""
        if not rule.commitment_allowed:
            raise Conflict(
                f"材料“{self.name}”不在可用告知承诺替代的证明事项目录中。",
                f"Material {self.code} is not on the list of proofs that a commitment may replace.",
                material=self.code,
            )
        return self._move(SlotState.COMMITTED, events.MaterialReplacedByCommitment)

    def waive(self, reason: str) -> SlotMoved:
        """It is not needed in this case: its condition is not met, or the office has it by data sharing."""
        self._need(reason)
        return self._move(SlotState.WAIVED, events.MaterialWaived, {"reason": reason}, reason=reason)

    def _move(
        self,
        state: SlotState,
        event: type[events.MaterialEvent],
        changes: dict[str, Any] | None = None,
        **facts: Any,
    ) -> SlotMoved:
        if state not in SLOT_MOVES[self.state]:
            raise self._refusal(state)
        told = event(case_id=self.case_id, code=self.code, before=self.state.value, after=state.value, **facts)
        return replace(self, state=state, **(changes or {})), [told]

    def _refusal(self, state: SlotState) -> Conflict:
        return Conflict(
            f"材料“{self.name}”现为“{self.state.zh}”，不能转为“{state.zh}”。",
            f"Material {self.code} is {self.state.value} and cannot become {state.value}.",
            material=self.code,
            state=self.state.value,
            wanted=state.value,
        )

    def _need(self, reason: str) -> None:
        if not reason.strip():
            raise InvalidInput(
                f"请写明材料“{self.name}”的理由。",
                f"Please give the reason for material {self.code}.",
                fields={"reason": {"zh": "请填写理由", "en": "reason is required"}},
            )


def open_slots(case_id: str, rules: Iterable[MaterialRule], conditions: Mapping[str, bool]) -> dict[str, MaterialSlot]:
    """Return one empty slot for each material. ``conditions`` says, by code, which conditional ones are needed; one
    that is not named is needed, so that a forgotten condition never lets a paper slip."""
    return {
        rule.code: MaterialSlot(
            case_id=case_id,
            code=rule.code,
            name=rule.name,
            material_class=rule.material_class,
            required=rule.necessity is Necessity.REQUIRED
            or (rule.necessity is Necessity.CONDITIONAL and conditions.get(rule.code, True)),
        )
        for rule in rules
    }


def lacking(slots: Slots) -> tuple[MaterialSlot, ...]:
    """Return what is needed and is not there or does not conform, in the order of the guide."""
    return tuple(slot for slot in slots.values() if slot.is_lacking)


def unverified(slots: Slots) -> tuple[MaterialSlot, ...]:
    """Return what was handed in and nobody has looked at."""
    return tuple(slot for slot in slots.values() if slot.state in (SlotState.SUBMITTED, SlotState.COMPLETED))
