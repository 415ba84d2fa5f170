"""The decision of a joint case 统一决定: all licences of the package, none, or a part of them, each with its own paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.approval import document
from engine.approval.case import Result
from engine.approval.certificate import MAIN
from engine.approval.clock import ClockKind
from engine.approval.document import DocumentKind
from engine.approval.opinion import OpinionValue
from engine.approval.parallel import JointReview
from engine.approval.stored import Stored
from engine.commands.cases.case_decisions import GRANTING, make_certificate, settle
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running.service_tasks import BpmnError, verb
from engine.records import record

if TYPE_CHECKING:
    from engine.approval.parallel import Branch
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

PART, REVIEW = "package", "review"
PARTLY: Final = "partly"
PROBLEM: Final = "NOT_DECIDABLE"


@record
class Package(Stored):
    """Which licences of the package were granted and which were refused, by code: ``main``, or that of a branch."""

    granted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def licences(file: CaseFile) -> dict[str, str]:
    """What the package consists of, by code: the lead's licence, and that of each branch that decides one of its own."""
    review, rules = file.part(REVIEW, JointReview), file.item.parallel
    papers = {} if rules is None else {rule.code: rule.licence for rule in rules.branches}
    branches = () if review is None else review.branches
    return {MAIN: file.item.guide.get("certificate") or file.item.name} | {
        branch.code: papers.get(branch.code) or branch.name for branch in branches if branch.decides_licence
    }


def choices(file: CaseFile) -> list[dict[str, str]]:
    """The package for a list of checkboxes."""
    return [{"value": code, "label": name} for code, name in licences(file).items()]


@verb(
    "parallel.decide",
    "统一作出决定，制作决定书",
    "Decide the package, and write the decisions",
    results=("decided_at", "decision_number", "refusal_number", "result", "decide_problem"),
)
def decide(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``decision`` (approve, partly or refuse), ``granted`` (codes, for partly), ``reason``, ``basis``. ``result`` becomes
    granted, partly_granted or refused. Throws NOT_DECIDABLE with ``decide_problem``: a licence whose own organ did not agree
    is never granted (4.3), and a part of the package only where the item says ``partial_issue`` (4.9)."""
    file = CaseFile.of(context, moving)
    names, decision = licences(file), text_of(call, "decision")
    granted = _granted(names, decision, call.inputs.get("granted") or ())
    problem = _against(file, names, granted, decision)
    if problem:
        raise BpmnError(PROBLEM, problem, {"decide_problem": problem})
    refused = tuple(code for code in names if code not in granted)
    result = Result.REFUSED if not granted else Result.PARTLY_GRANTED if refused else Result.GRANTED
    reason = text_of(call, "reason")
    basis = text_of(call, "basis") or "、".join(each.cite() for each in file.item.legal_basis)
    case = settle(file, result, reason=reason, basis=basis)
    file.keep(PART, Package(granted=granted, refused=refused))
    grant, refusal = _write(file, names, granted, refused, reason=reason, basis=basis)
    file.start_clock(ClockKind.DELIVERY, file.item.limits.delivery)
    return {
        "result": result.value,
        "decided_at": (case.decided_at or file.now).isoformat(),
        "decision_number": grant or refusal,
        "refusal_number": refusal,
        "decide_problem": "",
    }


def _granted(names: Mapping[str, str], decision: str, chosen: Iterable[Any]) -> tuple[str, ...]:
    if decision == PARTLY:
        wanted = {str(code) for code in chosen}
        return tuple(code for code in names if code in wanted)
    return tuple(names) if decision in GRANTING else ()


def _against(file: CaseFile, names: Mapping[str, str], granted: tuple[str, ...], decision: str) -> str:
    """Why it cannot be decided so, "" when it can."""
    review = file.part(REVIEW, JointReview)
    branches = {} if review is None else {branch.code: branch for branch in review.branches}
    for code in granted:
        branch = branches.get(code)
        if branch is not None and not _agreed(branch):
            return f"{branch.name}没有明确同意，不能准予“{names[code]}”：请选择部分准予（不勾选它）、整改后再审或者不予许可"
    if decision != PARTLY:
        return ""
    rules = file.item.parallel
    if rules is None or not rules.partial_issue:
        return "本事项不分开决定：请选择准予许可或者不予许可"
    if not granted or len(granted) == len(names):
        return "部分准予至少勾选一项准予、留下一项不予：全部准予或者全部不予的，请选择相应的决定"
    return ""


def _agreed(branch: Branch) -> bool:
    """Did the organ itself say yes? Silence and being stopped are no licence."""
    return (
        branch.opinion is not None
        and branch.opinion.is_positive
        and branch.opinion.value is not OpinionValue.DEEMED_AGREE
    )


def _write(
    file: CaseFile,
    names: Mapping[str, str],
    granted: tuple[str, ...],
    refused: tuple[str, ...],
    *,
    reason: str,
    basis: str,
) -> tuple[str, str]:
    """The numbers of the decision that grants and of the one that refuses, "" for none. What is refused tells its reasons and
    the remedies in a paper of its own."""
    review = file.part(REVIEW, JointReview)
    merged = review.merged() if review is not None and review.is_complete else None
    several = len(names) > 1
    grant = refusal = ""
    if granted:
        conditions = () if merged is None else merged.conditions
        parts = [names[code] for code in granted] if several else []
        grant = file.issue(
            DocumentKind.GRANT,
            lambda desk, serial: document.grant(desk, serial, conditions=conditions, parts=parts),
        ).number
    if refused:
        parts_refused = [names[code] for code in refused] if several else []
        refusal = file.issue(
            DocumentKind.REFUSAL,
            lambda desk, serial: document.refusal(desk, serial, reason=reason, basis=basis, parts=parts_refused),
        ).number
    return grant, refusal


@verb("parallel.issue", "制作准予的证照", "Make the licences that were granted", results=("certificate_number",))
def issue(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """One paper for each licence of the package that was granted, the lead's own last: it is the one that the case shows."""
    file = CaseFile.of(context, moving)
    package, names = file.part(PART, Package) or Package(), licences(file)
    order = sorted(package.granted, key=lambda code: code == MAIN)
    rules = file.item.parallel
    valid = {MAIN: file.item.limits.licence_valid}
    valid |= {} if rules is None else {rule.code: rule.licence_valid for rule in rules.branches}
    numbers = [make_certificate(file, names[code], code=code, valid=valid.get(code)) for code in order]
    return {"certificate_number": numbers[-1] if numbers else ""}


def granted_main(file: CaseFile) -> bool:
    """Was the lead's own licence granted, alone or with others?"""
    package = file.part(PART, Package)
    return package is not None and MAIN in package.granted
