"""From the events of the office to the rows of cases: case_file, material, attachment, opinion, document, credit."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from engine.approval import events, filing
from engine.approval.certificate import FACT as CERTIFICATES
from engine.approval.certificate import Certificate
from engine.store import tables
from engine.store.projections.projector import Recorded, Rows, projects

_ROW_SPACE = uuid.UUID("0d5f8a5e-5a0e-4f0b-9f5e-7a3d9d0c6b11")


def material_id(case_id: str, code: str) -> str:
    """The id of the row of one material of a case: derived, so that it is found without a query and rebuilt the same."""
    return str(uuid.uuid5(_ROW_SPACE, f"material:{case_id}:{code}"))


def opinion_id(case_id: str, round: int, branch: str) -> str:
    """The id of the row of one opinion, derived likewise."""
    return str(uuid.uuid5(_ROW_SPACE, f"opinion:{case_id}:{round}:{branch}"))


# ---------------------------------------------------------------- cases


@projects(filing.CaseRegistered)
def _registered(rows: Rows, recorded: Recorded, event: filing.CaseRegistered) -> None:
    rows.insert(
        tables.case_file,
        {
            "id": event.case_id,
            "no": event.number,
            "item_id": event.item_id,
            "item_code": event.item_code,
            "item_name": event.item_name,
            "instance_id": recorded.stream,
            "parent_id": event.parent_id,
            "state": "draft",
            "title": event.title,
            "applicant_kind": event.applicant_kind,
            "applicant_name": event.applicant_name,
            "applicant_id": event.applicant_id,
            "applicant": dict(event.applicant),
            "channel": event.channel,
            "urgency": event.urgency,
            "form": dict(event.form),
            "facts": {"infotype": event.infotype, "corrections": 0},
            "filed_by": recorded.actor,
            "received_at": None,
            "accepted_at": None,
            "decided_at": None,
            "finished_at": None,
            "result": None,
            "promised_due": None,
            "statutory_due": None,
            "due_provisional": False,
            "query_code_hash": event.query_code_hash,
            "created_at": recorded.at,
        },
    )


@projects(filing.CaseFormChanged)
def _form_changed(rows: Rows, recorded: Recorded, event: filing.CaseFormChanged) -> None:
    rows.update(tables.case_file, (event.case_id,), {"form": dict(event.form)})


@projects(filing.CasePartKept)
def _part_kept(rows: Rows, recorded: Recorded, event: filing.CasePartKept) -> None:
    value = None if event.value is None else dict(event.value)
    _set_facts(rows, event.case_id, {event.part: value})


@projects(filing.CaseReminded)
def _reminded(rows: Rows, recorded: Recorded, event: filing.CaseReminded) -> None:
    entry = {"subject": event.subject, "day": event.day, "zh": event.zh, "en": event.en, "at": recorded.at.isoformat()}
    _append_fact(rows, event.case_id, "reminders", entry)


@projects(filing.CaseAlerted)
def _alerted(rows: Rows, recorded: Recorded, event: filing.CaseAlerted) -> None:
    entry = {"alert": event.alert, "zh": event.zh, "en": event.en, "at": recorded.at.isoformat()}
    _append_fact(rows, event.case_id, "alerts", entry)


@projects(filing.CaseOpenedTo)
def _opened_to(rows: Rows, recorded: Recorded, event: filing.CaseOpenedTo) -> None:
    _append_fact(rows, event.case_id, "readers", {"people": list(event.people), "groups": list(event.groups)})


@projects(filing.ExtensionRequested)
def _extension_requested(rows: Rows, recorded: Recorded, event: filing.ExtensionRequested) -> None:
    """Whoever decides on the extension may read the case."""
    _append_fact(rows, event.case_id, "readers", {"people": list(event.people), "groups": list(event.groups)})


@projects(filing.CertificateMade)
def _certificate_made(rows: Rows, recorded: Recorded, event: filing.CertificateMade) -> None:
    value = {"number": event.number, "title": event.title, "note": event.note, "made_at": recorded.at.isoformat()}
    made = Certificate(
        number=event.number,
        title=event.title,
        code=event.code,
        holder=event.holder,
        issued_on=event.valid_from,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        note=event.note,
        document_id=event.document_id,
    )
    _set_facts(rows, event.case_id, {"certificate": value})
    _append_fact(rows, event.case_id, CERTIFICATES, made.to_json())


@projects(filing.CertificateCancelled)
def _certificate_cancelled(rows: Rows, recorded: Recorded, event: filing.CertificateCancelled) -> None:
    """This one alone; ``certificate``, the last that was made, tells it too when it is the one."""
    case = rows.get(tables.case_file, (event.case_id,))
    facts: Mapping[str, Any] = {} if case is None else case["facts"]
    on, made = event.on.isoformat(), facts.get("certificate") or {}
    entries = [dict(entry) for entry in facts.get(CERTIFICATES) or ()]
    ended = next((entry for entry in entries if entry["number"] == event.number), None)
    if ended is None:  # of before each was kept by itself
        ended = {"number": event.number}
        entries.append(ended)
    ended.update({"state": event.state, "ended_on": on, "ended_by": event.by, "reason": event.reason})
    told = {"certificate": {**made, "cancelled_on": on}} if made.get("number", event.number) == event.number else {}
    _set_facts(rows, event.case_id, {CERTIFICATES: entries, **told})


@projects(filing.VerificationCaseMoved)
def _verification_case_moved(rows: Rows, recorded: Recorded, event: filing.VerificationCaseMoved) -> None:
    columns: dict[str, Any] = {"state": event.state, "result": event.result}
    if event.result is not None:
        columns["finished_at"] = recorded.at
    rows.update(tables.case_file, (event.case_id,), columns)


Told = Callable[[Any], Mapping[str, Any]]

# What each move of a case says beside the state: columns of its row, and facts.
_COLUMNS: Mapping[type[events.CaseMoved], Told] = {
    events.CaseReceived: lambda event: {"received_at": event.received_at},
    events.CaseAccepted: lambda event: {"accepted_at": event.accepted_at},
    events.CaseReturnedToOrdinary: lambda event: {"accepted_at": None, "promised_due": None, "statutory_due": None},
    events.CaseDecided: lambda event: {"decided_at": event.decided_at, "result": event.result},
    events.CaseAnswered: lambda event: {"decided_at": event.decided_at, "result": event.result},
    events.CaseReopened: lambda event: {"decided_at": None, "finished_at": None},
    events.CaseAcceptanceRefused: lambda event: {"finished_at": event.finished_at},
    events.CaseFoundNotNeeded: lambda event: {"finished_at": event.finished_at},
    events.CaseForwarded: lambda event: {"finished_at": event.finished_at},
    events.CaseEnded: lambda event: {"finished_at": event.finished_at},
    events.CaseFinished: lambda event: (
        {"finished_at": event.finished_at} | ({} if event.result is None else {"result": event.result})
    ),
}
_FACTS: Mapping[type[events.CaseMoved], Told] = {
    events.CaseCorrectionRequested: lambda event: {"corrections": event.round},
    events.CaseAccepted: lambda event: {"acceptance": event.acceptance},
    events.CaseReturnedToOrdinary: lambda event: {"acceptance": None},
    events.CasePaused: lambda event: {"resumes_to": event.resumes_to or event.before},
    events.CaseResumed: lambda event: {"resumes_to": None},
    events.CaseExtended: lambda event: {"resumes_to": event.resumes_to} if event.resumes_to else {},
    events.CaseDecided: lambda event: {"resumes_to": None, "reason": event.reason, "basis": event.basis},
    events.CaseAnswered: lambda event: {"resumes_to": None},
    events.CaseAcceptanceRefused: lambda event: {"reason": event.reason, "basis": event.basis},
    events.CaseFoundNotNeeded: lambda event: {"reason": event.reason},
    events.CaseEnded: lambda event: {"resumes_to": None, "reason": event.reason},
    events.CaseRevoked: lambda event: {"reason": event.reason, "basis": event.basis},
}
_MOVES: tuple[type[events.CaseMoved], ...] = (
    events.CasePreAccepted,
    events.CaseReceived,
    events.CaseCorrectionRequested,
    events.CaseCorrected,
    events.CaseAccepted,
    events.CaseAcceptanceRefused,
    events.CaseFoundNotNeeded,
    events.CaseReopened,
    events.CaseReviewStarted,
    events.CasePaused,
    events.CaseResumed,
    events.CaseExtended,
    events.CaseDecided,
    events.CaseAnswered,
    events.CaseForwarded,
    events.CaseEnded,
    events.CaseReturnedToOrdinary,
    events.CaseFinished,
    events.CaseRevoked,
)


def _moved(rows: Rows, recorded: Recorded, event: events.CaseMoved) -> None:
    columns = _COLUMNS.get(type(event), _nothing)(event)
    rows.update(tables.case_file, (event.case_id,), {"state": event.after, **columns})
    facts = _FACTS.get(type(event), _nothing)(event)
    if facts:
        _set_facts(rows, event.case_id, facts)


def _nothing(event: Any) -> Mapping[str, Any]:
    return {}


for _kind in _MOVES:
    projects(_kind)(_moved)


def _set_facts(rows: Rows, case_id: str, facts: Mapping[str, Any]) -> None:
    row = rows.get(tables.case_file, (case_id,))
    assert row is not None  # nothing is told of a case before it was registered
    rows.update(tables.case_file, (case_id,), {"facts": {**row["facts"], **facts}})


def _append_fact(rows: Rows, case_id: str, name: str, entry: Mapping[str, Any]) -> None:
    row = rows.get(tables.case_file, (case_id,))
    assert row is not None
    _set_facts(rows, case_id, {name: [*row["facts"].get(name, ()), dict(entry)]})


# ---------------------------------------------------------------- materials and attachments


@projects(filing.MaterialKept)
def _material_kept(rows: Rows, recorded: Recorded, event: filing.MaterialKept) -> None:
    value = event.value
    key = (material_id(event.case_id, event.code),)
    columns = {
        "name": value["name"],
        "class_": value["material_class"],
        "required": value["required"],
        "state": value["state"],
        "remark": value["reason"],
        "facts": {name: value[name] for name in ("versions", "tolerated_until")},
    }
    if rows.get(tables.material, key) is None:
        rows.insert(tables.material, {"id": key[0], "case_id": event.case_id, "code": event.code, **columns})
    else:
        rows.update(tables.material, key, columns)


@projects(filing.AttachmentAdded)
def _attachment_added(rows: Rows, recorded: Recorded, event: filing.AttachmentAdded) -> None:
    rows.insert(
        tables.attachment,
        {
            "id": event.attachment_id,
            "case_id": event.case_id,
            "material_code": event.material_code,
            "version": event.version,
            "name": event.name,
            "media_type": event.media_type,
            "size": event.size,
            "sha256": event.sha256,
            "storage_key": event.storage_key,
            "uploaded_by": recorded.actor,
            "uploaded_at": recorded.at,
            "removed_at": None,
        },
    )


@projects(filing.AttachmentRemoved)
def _attachment_removed(rows: Rows, recorded: Recorded, event: filing.AttachmentRemoved) -> None:
    rows.update(tables.attachment, (event.attachment_id,), {"removed_at": recorded.at})


# ---------------------------------------------------------------- opinions, documents


@projects(events.OpinionGiven)
def _opinion_given(rows: Rows, recorded: Recorded, event: events.OpinionGiven) -> None:
    rows.insert(
        tables.opinion,
        {
            "id": opinion_id(event.case_id, event.round, event.branch),
            "case_id": event.case_id,
            "round": event.round,
            "branch": event.branch,
            "task_id": None,
            "value": event.value,
            "reason": event.reason,
            "basis": event.basis,
            "conditions": event.conditions,
            "corrections": list(event.corrections),
            "deemed": event.deemed,
            "given_by": event.given_by,
            "given_at": event.given_at,
        },
    )


@projects(filing.DocumentKept)
def _document_kept(rows: Rows, recorded: Recorded, event: filing.DocumentKept) -> None:
    rows.insert(
        tables.document,
        {
            "id": event.document_id,
            "case_id": event.case_id,
            "kind": event.document_kind,
            "number": event.number,
            "title": event.title,
            "body": event.body,
            "facts": {**event.facts, "seq": recorded.seq},  # the order within one moment
            "issued_by": recorded.actor,
            "issued_at": recorded.at,
        },
    )


# ---------------------------------------------------------------- credit


@projects(events.CreditEventRecorded)
def _credit_recorded(rows: Rows, recorded: Recorded, event: events.CreditEventRecorded) -> None:
    rows.insert(
        tables.credit_event,
        {
            "id": event.credit_id,
            "applicant_id": event.applicant_id,
            "applicant_name": event.applicant_name,
            "kind": event.credit_kind,
            "case_id": event.case_id,
            "reason": event.reason,
            "recorded_at": event.recorded_at,
            "expires_at": event.expires_at,
            "repaired_at": None,
            "repaired_by": None,
        },
    )


@projects(events.CreditRepaired)
def _credit_repaired(rows: Rows, recorded: Recorded, event: events.CreditRepaired) -> None:
    repaired = {"repaired_at": event.repaired_at, "repaired_by": event.repaired_by}
    rows.update(tables.credit_event, (event.credit_id,), repaired)
