"""Where a case stands: the states, the one table of allowed moves, and what other systems call them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engine.records import record


class CaseState(StrEnum):
    """The life of a case. Texts are stable; words for people are in :data:`LABELS`."""

    DRAFT = "draft"
    PRE_ACCEPT = "pre_accept"
    RECEIVED = "received"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    ACCEPTED_TOL = "accepted_tol"
    UNDER_REVIEW = "under_review"
    EXTENDED = "extended"  # under review with the limit extended; there is no way to be extended twice
    SPECIAL = "special"
    SUSPENDED = "suspended"
    DECIDED_OK = "decided_ok"
    DECIDED_NO = "decided_no"
    ANSWERED = "answered"  # a hotline order or a request for information, which are answered and not decided
    FINISHED = "finished"
    REVOKED = "revoked"
    REJECTED_ACCEPT = "rejected_accept"
    NOT_NEEDED = "not_needed"
    FORWARDED = "forwarded"
    CLOSED_NOCOMPLETE = "closed_nocomplete"
    DEEMED_WITHDRAWN = "deemed_withdrawn"
    ACCEPTANCE_REVOKED = "acceptance_revoked"
    RETURNED = "returned"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"  # by the applicant before acceptance
    WITHDRAWN = "withdrawn"  # by the applicant after acceptance
    VOID = "void"
    DELETED = "deleted"

    def label(self, language: str = "zh") -> str:
        """Return the state in words."""
        zh, en = LABELS[self]
        return zh if language.startswith("zh") else en

    def may_become(self, other: "CaseState") -> bool:
        """Is the move in the table?"""
        return other in MOVES[self]

    @property
    def is_ended(self) -> bool:
        """Has the case come to its end (even if a decision may still be revoked)?"""
        return self in ENDED

    @property
    def is_accepted(self) -> bool:
        """Was the case accepted and is not decided yet: do its statutory and promised clocks matter?"""
        return self in ACCEPTED


_S = CaseState

LABELS: Final[Mapping[CaseState, tuple[str, str]]] = {
    _S.DRAFT: ("暂存", "Draft"),
    _S.PRE_ACCEPT: ("预受理", "Pre-acceptance"),
    _S.RECEIVED: ("已收件", "Received"),
    _S.CORRECTION: ("补正中", "To be corrected"),
    _S.ACCEPTED: ("已受理", "Accepted"),
    _S.ACCEPTED_TOL: ("容缺受理", "Accepted with tolerance"),
    _S.UNDER_REVIEW: ("承办中", "Under review"),
    _S.EXTENDED: ("承办中（已延期）", "Under review, extended"),
    _S.SPECIAL: ("特别程序", "Special procedure"),
    _S.SUSPENDED: ("挂起", "Suspended"),
    _S.DECIDED_OK: ("准予许可", "Granted"),
    _S.DECIDED_NO: ("不予许可", "Refused"),
    _S.ANSWERED: ("已答复", "Answered"),
    _S.FINISHED: ("办结", "Finished"),
    _S.REVOKED: ("已撤销", "Revoked"),
    _S.REJECTED_ACCEPT: ("不予受理", "Acceptance refused"),
    _S.NOT_NEEDED: ("不受理（不需许可）", "No licence needed"),
    _S.FORWARDED: ("转报办结", "Forwarded"),
    _S.CLOSED_NOCOMPLETE: ("补正不来办结", "Closed, not corrected"),
    _S.DEEMED_WITHDRAWN: ("视为撤回", "Deemed withdrawn"),
    _S.ACCEPTANCE_REVOKED: ("撤销受理", "Acceptance revoked"),
    _S.RETURNED: ("退件", "Returned"),
    _S.TERMINATED: ("终止办理", "Terminated"),
    _S.CANCELLED: ("撤件", "Cancelled by the applicant"),
    _S.WITHDRAWN: ("撤回申请", "Withdrawn by the applicant"),
    _S.VOID: ("作废", "Void"),
    _S.DELETED: ("删除", "Deleted"),
}

# What may end a case that was accepted: the five outcomes of a broken promise beside the ordinary ones.
_BROKEN_PROMISE = frozenset({_S.ACCEPTANCE_REVOKED, _S.DEEMED_WITHDRAWN, _S.DECIDED_NO, _S.RETURNED, _S.TERMINATED})
_IN_REVIEW_ENDS = _BROKEN_PROMISE | {_S.WITHDRAWN, _S.FORWARDED, _S.VOID}
_INTAKE_ENDS = frozenset({_S.REJECTED_ACCEPT, _S.NOT_NEEDED, _S.CANCELLED, _S.VOID})

MOVES: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    _S.DRAFT: frozenset({_S.PRE_ACCEPT, _S.RECEIVED, _S.CANCELLED, _S.DELETED}),
    _S.PRE_ACCEPT: frozenset({_S.RECEIVED, _S.CORRECTION}) | _INTAKE_ENDS,
    _S.RECEIVED: frozenset({_S.CORRECTION, _S.ACCEPTED, _S.ACCEPTED_TOL, _S.FORWARDED, _S.RETURNED, _S.TERMINATED})
    | _INTAKE_ENDS,
    _S.CORRECTION: frozenset({_S.RECEIVED, _S.CLOSED_NOCOMPLETE, _S.DEEMED_WITHDRAWN}) | _INTAKE_ENDS,
    # RECEIVED again: a commitment was withdrawn and the ordinary procedure starts (R3-7).
    _S.ACCEPTED: frozenset({_S.UNDER_REVIEW, _S.DECIDED_OK, _S.RECEIVED, _S.ANSWERED}) | _IN_REVIEW_ENDS,
    _S.ACCEPTED_TOL: frozenset({_S.UNDER_REVIEW, _S.DECIDED_OK, _S.SUSPENDED}) | _IN_REVIEW_ENDS,
    _S.UNDER_REVIEW: (
        frozenset({_S.SPECIAL, _S.SUSPENDED, _S.EXTENDED, _S.DECIDED_OK, _S.RECEIVED, _S.ANSWERED}) | _IN_REVIEW_ENDS
    ),
    _S.EXTENDED: frozenset({_S.SPECIAL, _S.SUSPENDED, _S.DECIDED_OK, _S.ANSWERED}) | _IN_REVIEW_ENDS,
    # No decision while a special procedure is open: it has to be resumed first.
    # One of several that overlap ends, and another kind of them goes on: SPECIAL to SUSPENDED and back.
    _S.SPECIAL: (_IN_REVIEW_ENDS - {_S.DECIDED_NO, _S.FORWARDED}) | {_S.UNDER_REVIEW, _S.EXTENDED, _S.SUSPENDED},
    _S.SUSPENDED: (_IN_REVIEW_ENDS - {_S.FORWARDED}) | {_S.ACCEPTED_TOL, _S.UNDER_REVIEW, _S.EXTENDED, _S.SPECIAL},
    _S.DECIDED_OK: frozenset({_S.FINISHED, _S.REVOKED}),
    _S.DECIDED_NO: frozenset({_S.FINISHED}),
    _S.ANSWERED: frozenset({_S.FINISHED, _S.UNDER_REVIEW}),  # back when the caller is not satisfied 重办
    _S.FINISHED: frozenset({_S.REVOKED, _S.UNDER_REVIEW}),  # back when a review or a court orders a new answer
    **{
        end: frozenset()
        for end in (
            _S.REVOKED, _S.REJECTED_ACCEPT, _S.NOT_NEEDED, _S.FORWARDED, _S.CLOSED_NOCOMPLETE, _S.DEEMED_WITHDRAWN,
            _S.ACCEPTANCE_REVOKED, _S.RETURNED, _S.TERMINATED, _S.CANCELLED, _S.WITHDRAWN, _S.VOID, _S.DELETED,
        )
    },
}  # fmt: skip

ACCEPTED: Final = frozenset({_S.ACCEPTED, _S.ACCEPTED_TOL, _S.UNDER_REVIEW, _S.EXTENDED, _S.SPECIAL, _S.SUSPENDED})
ENDED: Final = frozenset(state for state, moves in MOVES.items() if not moves) | {_S.FINISHED}


@record
class ExternalCodes:
    """What exchange platforms call a state; "" where they have no word.

    ``construction``: 工改 办理状态 when the state begins, ``construction_end`` when it ends (住建部 exchange standard).
    ``node`` and ``special``: 山东 noderesult; ``done``: doneresult. ``hunan``: project_state. All are data of other
    systems, seen in vendors' code, and never our own states.
    """

    construction: str = ""
    construction_end: str = ""
    node: str = ""
    special: str = ""
    done: str = ""
    hunan: str = ""


EXTERNAL: Final[Mapping[CaseState, ExternalCodes]] = {
    _S.DRAFT: ExternalCodes(hunan="0"),
    _S.PRE_ACCEPT: ExternalCodes(special="6"),
    _S.RECEIVED: ExternalCodes(construction="1"),
    _S.CORRECTION: ExternalCodes(construction="6", construction_end="7", node="5", special="1", hunan="3"),
    _S.ACCEPTED: ExternalCodes(construction="3", node="4", hunan="1"),
    _S.ACCEPTED_TOL: ExternalCodes(construction="3", node="4", hunan="1"),
    _S.UNDER_REVIEW: ExternalCodes(construction="8", node="1"),
    _S.EXTENDED: ExternalCodes(construction="8", node="1"),
    _S.SPECIAL: ExternalCodes(construction="9", construction_end="10", node="6", special="4"),
    _S.SUSPENDED: ExternalCodes(construction="9", construction_end="10", node="6", special="5"),
    _S.DECIDED_OK: ExternalCodes(construction="11", done="0", hunan="6"),
    _S.DECIDED_NO: ExternalCodes(construction="13", node="0", done="1", hunan="6"),
    _S.ANSWERED: ExternalCodes(done="0"),
    _S.FINISHED: ExternalCodes(construction="11", done="6", hunan="5"),
    _S.REVOKED: ExternalCodes(construction="15"),
    _S.REJECTED_ACCEPT: ExternalCodes(construction="5", node="3", hunan="2"),
    _S.NOT_NEEDED: ExternalCodes(construction="4", node="2"),
    _S.FORWARDED: ExternalCodes(done="4"),
    _S.CLOSED_NOCOMPLETE: ExternalCodes(done="5"),
    _S.DEEMED_WITHDRAWN: ExternalCodes(construction="14", done="5"),
    _S.ACCEPTANCE_REVOKED: ExternalCodes(construction="15", done="5"),
    _S.RETURNED: ExternalCodes(construction="13", node="7", done="1", hunan="8"),
    _S.TERMINATED: ExternalCodes(construction="13", done="5"),
    _S.CANCELLED: ExternalCodes(construction="2", hunan="8"),
    _S.WITHDRAWN: ExternalCodes(construction="14", hunan="8"),
    _S.VOID: ExternalCodes(done="2", hunan="7"),
    _S.DELETED: ExternalCodes(done="3", hunan="7"),
}
CONSTRUCTION_GRANTED_WITH_TOLERANCE: Final = "12"  # 办结(容缺通过): granted while something promised is still open


def construction_code(state: CaseState, *, tolerated: bool = False, granted: bool = True) -> str:
    """Return the 工改 code of a state; ``tolerated`` when something promised is open, ``granted`` for a finished
    case."""
    if state in (_S.DECIDED_OK, _S.FINISHED) and granted and tolerated:
        return CONSTRUCTION_GRANTED_WITH_TOLERANCE
    if state is _S.FINISHED and not granted:
        return EXTERNAL[_S.DECIDED_NO].construction
    return EXTERNAL[state].construction
