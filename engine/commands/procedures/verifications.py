"""Verbs of verification 核查: opened by a decision on commitment as a case of its own, checked by two officers, rectified,
checked again, and in the end passed or revoked."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.access import SYSTEM
from engine.approval import document
from engine.approval.case_number import CaseNumber
from engine.approval.case_state import CaseState
from engine.approval.certificate import CertificateState
from engine.approval.clock import ClockKind
from engine.approval.document import DocumentKind
from engine.approval.document.decisions import WAIVED
from engine.approval.filing import CaseAlerted, VerificationCaseMoved
from engine.approval.item.terms import CommitmentRules
from engine.approval.verification import Verification, VerificationResult, VerificationState
from engine.commands.cases import certificates
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import lines_of, text_of, wake_up
from engine.commands.cases.filing import Filing
from engine.commands.running.service_tasks import verb
from engine.errors import Conflict
from engine.store import tables
from engine.store.rows import cases, definitions
from engine.store.rows.people import members_named

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.events import Event
    from engine.runtime.step import ServiceCall
    from engine.store.base.unit_of_work import Values

INSPECTORS = "inspectors"  # the role in item.toml whose group they belong to
RESULTS: Mapping[str, VerificationResult] = {
    "conform": VerificationResult.CONFORMS,
    "nonconform": VerificationResult.NOT_CONFORMING,
    "false_promise": VerificationResult.FALSE_PROMISE,
    "not_cooperating": VerificationResult.REFUSED_COOPERATION,
    "not_fulfilled": VerificationResult.NOT_FULFILLED,
}
_OVER = frozenset(
    {
        VerificationState.PASSED,
        VerificationState.EXEMPT,
        VerificationState.NOT_SAMPLED,
        VerificationState.REVOKED,
    }
)


def rules_of(file: CaseFile) -> CommitmentRules:
    """What the item says about commitments; raises Conflict when it says nothing."""
    rules = file.item.commitment
    if rules is None:
        raise Conflict(
            f"事项“{file.item.name}”未实行告知承诺。", f"Item {file.item.code} is not granted on commitments."
        )
    return rules


def _verification(file: CaseFile) -> Verification:
    verification = file.part("verification", Verification)
    if verification is None:
        raise Conflict(f"办件{file.number}不是核查办件。", f"Case {file.number} is no verification.")
    return verification


def _keep(file: CaseFile, verification: Verification, events: Iterable[Event] = ()) -> None:
    """Record where the verification stands, for itself and for lists of cases."""
    file.keep("verification", verification, events)
    over = verification.state in _OVER
    state = CaseState.FINISHED if over else CaseState.UNDER_REVIEW
    file.tell(
        VerificationCaseMoved(case_id=file.id, state=state.value, result=verification.state.value if over else None)
    )
    if over:
        file.stop_clocks()


# ---------------------------------------------------------------- opening


@verb(
    "verification.open",
    "开立核查",
    "Open the verification of a decision on commitment",
    results=("verification_sampled", "verification_no", "verification_id"),
)
def open_verification(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``process`` (key of the verification's process). Draws by credit class where the item says so (R3-4); the
    child case has its own number, instance and working-day deadline, counted from the decision."""
    parent = CaseFile.of(context, moving)
    decided_at = parent.case.decided_at
    if decided_at is None:
        raise Conflict(f"办件{parent.number}尚未作出决定。", f"Case {parent.number} is not decided yet.")
    credit = cases.credit_standing(context.uow, parent.row["applicant_id"])
    verification, events = Verification.open(
        context.new_id(),
        rules_of(parent),
        case_id=parent.id,
        case_number=parent.number,
        decided_at=decided_at,
        calendar=context.calendar,
        credit_class=credit.credit_class,
        seed=_seed(context, parent.number),
    )
    parent.tell(*events)
    child = _start(parent, verification, text_of(call, "process"))
    return {
        "verification_sampled": verification.sampled,
        "verification_no": child["no"],
        "verification_id": child["id"],
    }


def open_for_cause(parent: CaseFile, first_case_id: str, process: str, reason: str) -> str | None:
    """Check a decision that was not drawn after all, for ``reason``, as a second child case; return its number. None when
    there is nothing to open: the first verification was drawn, or the item has none."""
    first = parent.context.uow.get(tables.case_file, (first_case_id,))
    assert first is not None  # it was opened with the decision
    verification = Verification.from_json(first["facts"]["verification"])
    if verification.state is not VerificationState.NOT_SAMPLED:
        return None
    due = parent.context.calendar.due(parent.now, rules_of(parent).verify.limit)
    verification, events = verification.check_for_cause(reason, due)
    parent.tell(*events)
    return str(_start(parent, verification, process, ordinal=2)["no"])


def _start(parent: CaseFile, verification: Verification, process: str, *, ordinal: int = 1) -> dict[str, Any]:
    """File the child case and start its process, for the house itself; return {id, no, instance_id}."""
    context = parent.context
    filing = Filing(
        context=context,
        item_row=_item_row(parent),
        item=parent.item,
        applicant=parent.applicant,
        form=parent.row["form"],
        title=f"告知承诺核查：{parent.row['title']}"[:200],
        channel=parent.row["channel"],
        parent_id=parent.id,
        with_materials=False,
    )
    number = CaseNumber.parse(parent.number).with_child(ordinal)

    def hand_in(child: CaseFile) -> None:
        _keep(child, verification)
        if verification.due is not None:
            child.start_clock(ClockKind.VERIFICATION, rules_of(child).verify, at=verification.due.start)
            child.issue(
                DocumentKind.VERIFICATION_NOTICE,
                lambda desk, serial: document.verification_notice(desk, serial, verification),
            )

    person, context.actor = context.actor, SYSTEM
    try:
        definition = definitions.latest(context.uow, process)
        return filing.start(definition, str(number), hand_in, _told(parent, verification))
    finally:
        context.actor = person


def _item_row(file: CaseFile) -> Values:
    row: Values | None = file.context.uow.get(tables.item, (file.row["item_id"],))
    assert row is not None  # the case was filed under it
    return row


def _told(parent: CaseFile, verification: Verification) -> dict[str, Any]:
    """What the verification's process starts with. Its timer listens before its first gateway, so there is a date even for
    a case that was not drawn."""
    due = verification.due or parent.context.calendar.due(verification.decided_at, rules_of(parent).verify.limit)
    return {
        "parent_no": parent.number,
        "verification_sampled": verification.state is VerificationState.WAITING,
        "verification_reason": verification.reason,
        "verification_due": wake_up(due),
        "verification_until": due.date.isoformat(),
        "inspectors_problem": "",
    }


def _seed(context: CommandContext, number: str) -> str:
    """The seed of one drawing. Nobody can guess it before; it is kept with the verification, so that the drawing can be
    repeated, and who knows the installation's secret can see that it was not chosen."""
    secret = context.environment.secret
    return hmac.new(secret, f"verification:{number}".encode(), hashlib.sha256).hexdigest()[:16]


@verb("verification.skip", "登记免予核查", "Not sampled, or exempt: nothing is checked", results=("result",))
def skip(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """The drawing was recorded when the case was opened; nothing is left to do."""
    _verification(CaseFile.of(context, moving))
    return {"result": "not_sampled"}


@verb("verification.overdue", "核查超期督办", "The day until which it had to be checked is over")
def overdue(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Tell the supervisor, unless it was checked in time: after the first check the clock stands."""
    file = CaseFile.of(context, moving)
    if _verification(file).is_overdue(file.now):
        zh, en = "告知承诺核查超过期限", "The verification of a commitment is overdue"
        file.tell(CaseAlerted(case_id=file.id, alert="verification-overdue", zh=zh, en=en))
    return {}


# ---------------------------------------------------------------- checking


@verb(
    "verification.assign",
    "核对核查人员",
    "See that there are two officers",
    results=("inspectors_accepted", "inspectors_problem", "inspector_1", "inspector_2", "inspection_limit"),
)
def assign(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``first``, ``second``: logins or names. Two different active members of the item's group of inspectors
    (行政许可法 34); ``inspectors_accepted`` for the gateway, ``inspectors_problem`` for the person who assigns, and
    ``inspection_limit``: what is left until the day by which it has to be checked."""
    file = CaseFile.of(context, moving)
    group = file.item.roles.get(INSPECTORS, INSPECTORS)
    given = [text_of(call, "first"), text_of(call, "second")]
    found = [members_named(context.uow, group, name) for name in given]
    unknown = [name for name, logins in zip(given, found, strict=True) if len(logins) != 1]
    if unknown:
        problem = f"不是核查人员，或有重名，请填写账号：{'、'.join(name or '（空）' for name in unknown)}"
    elif found[0] == found[1]:
        problem = "现场核查应当由两名不同的人员进行"
    else:
        problem = ""
    if problem:
        return {"inspectors_accepted": False, "inspectors_problem": problem}
    due = _verification(file).due
    days = 0 if due is None else max(0, context.calendar.working_days_between(file.now, due.date))
    return {
        "inspectors_accepted": True,
        "inspectors_problem": "",
        "inspector_1": found[0][0],
        "inspector_2": found[1][0],
        "inspection_limit": f"{int(days)}wd",
    }


@verb("verification.record", "登记核查结论", "Record what the check found", results=("verification_next",))
def record(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``result`` (conform, nonconform, false_promise, not_cooperating), ``note``, ``items`` (to rectify), ``first``
    and ``second`` (who checked). ``verification_next`` becomes closed, rectify or revoke, by the item's rules."""
    file = CaseFile.of(context, moving)
    verification, events = _verification(file).record(
        RESULTS[text_of(call, "result")],
        rules_of(file),
        inspectors=tuple(filter(None, (text_of(call, "first"), text_of(call, "second")))),
        at=file.now,
        calendar=context.calendar,
        note=text_of(call, "note"),
        to_rectify=tuple(lines_of(call.inputs.get("items"))),
    )
    _keep(file, verification, events)
    file.stop_clocks(ClockKind.VERIFICATION, ClockKind.RECTIFICATION)
    file.issue(
        DocumentKind.VERIFICATION_RECORD,
        lambda desk, serial: document.verification_record(desk, serial, verification),
    )
    states = {VerificationState.PASSED: "closed", VerificationState.RECTIFYING: "rectify"}
    return {"verification_next": states.get(verification.state, "revoke")}


@verb(
    "verification.order_rectification", "责令限期整改", "Order rectification", results=("rectify_due", "rectify_until")
)
def order_rectification(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``items`` (one a line). ``rectify_due`` is for a timer."""
    file = CaseFile.of(context, moving)
    verification = _verification(file)
    items = lines_of(call.inputs.get("items")) or [verification.checks[-1].note]
    clock = file.start_clock(ClockKind.RECTIFICATION, rules_of(file).rectify)
    file.issue(
        DocumentKind.RECTIFICATION, lambda desk, serial: document.rectification(desk, serial, verification, items)
    )
    return {"rectify_due": wake_up(clock.due), "rectify_until": clock.due.date.isoformat()}


@verb("verification.reopen", "转复查", "Check again", results=("inspection_limit",))
def reopen(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``note``: what the holder reported, empty when the time for rectification passed in silence; ``limit`` of the
    next check."""
    file = CaseFile.of(context, moving)
    verification = _verification(file)
    if verification.state is VerificationState.RECTIFYING:
        _keep(file, *verification.report_rectified(text_of(call, "note")))
        file.stop_clocks(ClockKind.RECTIFICATION)
    return {"inspection_limit": text_of(call, "limit") or None}


# ---------------------------------------------------------------- revoking


@verb(
    "verification.propose_revocation",
    "出具撤销事先告知书",
    "Tell the holder that the licence may be revoked",
    results=("statement_until", "statement_last_day"),
)
def propose_revocation(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``. ``statement_until`` is for a timer: until then the holder may be heard (R3-6)."""
    file = CaseFile.of(context, moving)
    rules = rules_of(file)
    before = _verification(file)
    reason = text_of(call, "reason") or (before.checks[-1].note if before.checks else "")
    verification, events = before.propose_revocation(reason, rules, at=file.now, calendar=context.calendar)
    _keep(file, verification, events)
    clock = file.start_clock(ClockKind.STATEMENT, rules.statement)
    file.issue(
        DocumentKind.REVOCATION_PROPOSAL,
        lambda desk, serial: document.revocation_proposal(desk, serial, verification),
    )
    return {"statement_until": wake_up(clock.due), "statement_last_day": clock.due.date.isoformat()}


@verb("verification.hear", "登记陈述申辩", "Record the statement of the holder")
def hear(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``outcome`` (stated or waived), ``statement``. Not called when the holder let the time pass."""
    file = CaseFile.of(context, moving)
    statement = text_of(call, "statement") if text_of(call, "outcome") == "stated" else WAIVED
    _keep(file, *_verification(file).hear(statement or WAIVED, accepted=False))
    file.stop_clocks(ClockKind.STATEMENT)
    return {}


@verb("verification.accept_statement", "采纳陈述申辩", "The statement is accepted: check again")
def accept_statement(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``. The licence stands for now and the case is checked once more."""
    file = CaseFile.of(context, moving)
    reason = text_of(call, "reason") or "采纳陈述、申辩意见"
    _keep(file, *_verification(file).hear(reason, accepted=True))
    file.stop_clocks(ClockKind.STATEMENT)
    return {}


@verb(
    "verification.revoke",
    "撤销许可并记入信用",
    "Revoke the licence and record the breach",
    results=("result", "revocation_number"),
)
def revoke(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``reason``. The decided case becomes revoked, its certificate is struck off (行政许可法 70), and its applicant is
    barred until repair."""
    file = CaseFile.of(context, moving)
    verification, _, events = _verification(file).revoke(
        at=file.now, applicant=file.applicant, credit_id=context.new_id()
    )
    _keep(file, verification, events)
    parent = _parent(file)
    reason = text_of(call, "reason") or verification.reason
    basis = "《中华人民共和国行政许可法》第六十九条"
    parent.move(parent.case.revoke(file.now, reason, basis))
    made = certificates.in_force(parent)
    numbers = "、".join(each.number for each in made)
    written = parent.issue(
        DocumentKind.REVOCATION,
        lambda desk, serial: document.revocation(desk, serial, verification, certificate=numbers),
    )
    for each in made:
        certificates.end(parent, each, CertificateState.REVOKED, by=file.number, reason=reason)
    parent.stop_clocks()
    return {"result": VerificationState.REVOKED.value, "revocation_number": written.number}


def _parent(file: CaseFile) -> CaseFile:
    """The decided case, under the lock of its own instance."""
    row: Values | None = file.context.uow.get(tables.case_file, (file.row["parent_id"],))
    assert row is not None  # a verification case hangs under a decided one
    cases.lock_instance(file.context.uow, row["instance_id"])
    return CaseFile(file.context, row)
