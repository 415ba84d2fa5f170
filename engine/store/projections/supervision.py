"""From the events of supervision to rows: card, supervision_order, urge, scan_run, scan_finding, card_rules."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.approval.supervision import events
from engine.store import tables
from engine.store.projections.projector import Recorded, Rows, projects

# ---------------------------------------------------------------- cards

_BLANK: Mapping[str, Any] = {
    "number": "",
    "document_id": None,
    "signed_at": None,
    "signed_by": None,
    "answer": "",
    "answered_at": None,
    "answered_by": None,
    "closed_at": None,
    "closed_by": None,
    "close_reason": "",
    "ground": None,
    "superseded_by": None,
    "order_id": None,
    "appeal_state": None,
    "appeal_instance_id": None,
    "appeal_text": "",
    "appealed_at": None,
    "appealed_by": None,
    "appeal_reply": "",
    "replied_at": None,
    "replied_by": None,
}
_SAME = (
    "case_id", "case_no", "title", "process_key", "item_code", "state", "level", "subject", "subject_key", "issue",
    "clock_id", "rule_code", "rules_id", "rules_version", "department", "department_id", "feedback_due", "appeal_due",
    "run_id",
)  # fmt: skip


@projects(events.CardIssued)
def _issued(rows: Rows, recorded: Recorded, event: events.CardIssued) -> None:
    rows.insert(
        tables.card,
        {
            "id": event.card_id,
            "instance_id": recorded.stream,
            **{name: getattr(event, name) for name in _SAME},
            "reason": event.text,
            "reason_en": event.text_en,
            "facts": dict(event.facts),
            "responsible": list(event.responsible),
            "receivers": list(event.receivers),
            "issued_at": recorded.at,
            "issued_by": recorded.actor,
            **_BLANK,
        },
    )
    for login in sorted({*event.responsible, *event.receivers}):
        rows.insert(tables.card_receiver, {"login": login, "card_id": event.card_id})


def _closed(recorded: Recorded, state: str, reason: str) -> dict[str, Any]:
    return {"state": state, "closed_at": recorded.at, "closed_by": recorded.actor, "close_reason": reason}


Told = Callable[[Recorded, Any], Mapping[str, Any]]
_CARD_MOVES: Mapping[type[events.CardEvent], Told] = {
    events.CardConfirmed: lambda recorded, event: {
        "state": "issued",
        "issued_at": recorded.at,
        "issued_by": recorded.actor,
        "feedback_due": event.feedback_due,
        "appeal_due": event.appeal_due,
    },
    events.CardDatesMoved: lambda recorded, event: {
        "feedback_due": event.feedback_due,
        "appeal_due": event.appeal_due,
    },
    events.CardNotified: lambda recorded, event: {"document_id": event.document_id, "number": event.number},
    events.CardSigned: lambda recorded, event: {
        "state": "signed",
        "signed_at": recorded.at,
        "signed_by": recorded.actor,
    },
    events.CardAnswered: lambda recorded, event: {
        "state": "answered",
        "answer": event.text,
        "answered_at": recorded.at,
        "answered_by": recorded.actor,
    },
    events.CardClosed: lambda recorded, event: _closed(recorded, "closed", event.reason),
    events.CardSuperseded: lambda recorded, event: {
        **_closed(recorded, "superseded", ""),
        "superseded_by": event.by_card_id,
    },
    events.CardWithdrawn: lambda recorded, event: {
        **_closed(recorded, "withdrawn", event.reason),
        "ground": event.ground,
    },
    events.CardEscalated: lambda recorded, event: {"state": "escalated", "order_id": event.order_id},
    events.CardAppealed: lambda recorded, event: {
        "appeal_state": "open",
        "appeal_instance_id": event.instance_id,
        "appeal_text": event.text,
        "appealed_at": recorded.at,
        "appealed_by": recorded.actor,
    },
    events.CardAppealAnswered: lambda recorded, event: {
        "appeal_state": event.result,
        "appeal_reply": event.reply,
        "replied_at": recorded.at,
        "replied_by": recorded.actor,
    },
}


def _card_moved(rows: Rows, recorded: Recorded, event: events.CardEvent) -> None:
    rows.update(tables.card, (event.card_id,), _CARD_MOVES[type(event)](recorded, event))


for _kind in _CARD_MOVES:
    projects(_kind)(_card_moved)


# ---------------------------------------------------------------- orders


@projects(events.OrderIssued)
def _order_issued(rows: Rows, recorded: Recorded, event: events.OrderIssued) -> None:
    rows.insert(
        tables.supervision_order,
        {
            "id": event.order_id,
            "case_id": event.case_id,
            "case_no": event.case_no,
            "instance_id": recorded.stream,
            "title": event.title,
            "card_id": event.card_id,
            "level": event.level,
            "state": "open",
            "department": event.department,
            "department_id": event.department_id,
            "addressees": list(event.addressees),
            "body": event.text,
            "number": "",
            "document_id": None,
            "issued_at": recorded.at,
            "issued_by": recorded.actor,
            "due_at": event.due_at,
            "answer": "",
            "answered_at": None,
            "answered_by": None,
            "closed_at": None,
            "closed_by": None,
            "close_reason": "",
            "steps": [],
        },
    )


_ORDER_MOVES: Mapping[type[events.OrderEvent], Told] = {
    events.OrderNotified: lambda recorded, event: {"document_id": event.document_id, "number": event.number},
    events.OrderAnswered: lambda recorded, event: {
        "state": "answered",
        "answer": event.text,
        "answered_at": recorded.at,
        "answered_by": recorded.actor,
    },
    events.OrderReturned: lambda recorded, event: {"state": "open", "due_at": event.due_at},
    events.OrderEscalated: lambda recorded, event: {"state": "open", "level": event.level, "due_at": event.due_at},
    events.OrderDueMoved: lambda recorded, event: {"due_at": event.due_at},
    events.OrderClosed: lambda recorded, event: _closed(recorded, "closed", event.reason),
    events.OrderWithdrawn: lambda recorded, event: _closed(recorded, "withdrawn", event.reason),
}


def _order_moved(rows: Rows, recorded: Recorded, event: events.OrderEvent) -> None:
    columns = dict(_ORDER_MOVES[type(event)](recorded, event))
    if isinstance(event, events.OrderReturned | events.OrderEscalated):
        row = rows.get(tables.supervision_order, (event.order_id,))
        assert row is not None  # nothing happens to an order before it was issued
        step = {
            "what": "escalated" if isinstance(event, events.OrderEscalated) else "returned",
            "at": recorded.at.isoformat(),
            "by": recorded.actor,
            "reason": event.reason,
            "level": columns.get("level", row["level"]),
            "answer": row["answer"] if isinstance(event, events.OrderReturned) else "",
        }
        columns["steps"] = [*row["steps"], step]
        if isinstance(event, events.OrderEscalated):
            columns["addressees"] = sorted({*row["addressees"], *event.addressees})
    rows.update(tables.supervision_order, (event.order_id,), columns)


for _told in _ORDER_MOVES:
    projects(_told)(_order_moved)


# ---------------------------------------------------------------- urging


@projects(events.TaskUrged)
def _urged(rows: Rows, recorded: Recorded, event: events.TaskUrged) -> None:
    rows.insert(
        tables.urge,
        {
            "id": event.urge_id,
            "instance_id": recorded.stream,
            "task_id": event.task_id,
            "element_id": event.element_id,
            "element_name": event.element_name,
            "definition_key": event.definition_key,
            "urged_by": recorded.actor,
            "urged_at": recorded.at,
            "to": list(event.to),
            "channel": event.channel,
            "body": event.text,
            "message_id": event.message_id or event.urge_id,
            "read_at": None,
            "read_by": None,
        },
    )


@projects(events.UrgeRead)
def _urge_read(rows: Rows, recorded: Recorded, event: events.UrgeRead) -> None:
    rows.update(tables.urge, (event.urge_id,), {"read_at": recorded.at, "read_by": recorded.actor})


# ---------------------------------------------------------------- scans and rules


@projects(events.ScanStarted)
def _scan_started(rows: Rows, recorded: Recorded, event: events.ScanStarted) -> None:
    rows.insert(
        tables.scan_run,
        {
            "id": event.run_id,
            "trigger": event.trigger,
            "started_at": recorded.at,
            "started_by": recorded.actor,
            "found": event.found,
            "rules_version": event.rules_version,
        },
    )


@projects(events.ScanFindingsListed)
def _findings_listed(rows: Rows, recorded: Recorded, event: events.ScanFindingsListed) -> None:
    for finding in event.findings:
        told = {name: value for name, value in finding.items() if name not in ("finding_id", "due_at")}
        rows.insert(
            tables.scan_finding,
            {
                "id": finding["finding_id"],
                "run_id": event.run_id,
                "due_at": datetime.fromisoformat(finding["due_at"]),
                **told,
                "answer": None,
                "note": "",
                "answered_at": None,
                "answered_by": None,
            },
        )


@projects(events.ScanFindingAnswered)
def _finding_answered(rows: Rows, recorded: Recorded, event: events.ScanFindingAnswered) -> None:
    answered = {"answer": event.answer, "note": event.note, "answered_at": recorded.at, "answered_by": recorded.actor}
    rows.update(tables.scan_finding, (event.finding_id,), answered)


@projects(events.CardRulesChanged)
def _rules_changed(rows: Rows, recorded: Recorded, event: events.CardRulesChanged) -> None:
    rows.insert(
        tables.card_rules,
        {
            "version": event.version,
            "rules_id": event.rules_id,
            "name": event.name,
            "source": event.text,
            "reason": event.reason,
            "changed_at": recorded.at,
            "changed_by": recorded.actor,
        },
    )
