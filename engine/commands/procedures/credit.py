"""Credit of applicants: repairing a recorded breach, recording one from outside, and the verb for models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.approval.applicant import Applicant, ApplicantKind
from engine.approval.credit import CreditEvent, CreditKind
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.running.service_tasks import verb
from engine.context import Command
from engine.errors import InvalidInput, NotFound
from engine.people import check_name
from engine.records import record
from engine.store import tables
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall
    from engine.store.base.unit_of_work import Values


@record
class RecordCredit(Command):
    """Record a breach that is known from outside (严重失信主体), with the day on which it expires. Answers {id}."""

    applicant_name: str
    applicant_id: str
    reason: str
    kind: str = CreditKind.SERIOUS.value
    expires_on: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CREDIT)
        try:
            kind = CreditKind(self.kind)
            last_day = None if self.expires_on is None else date.fromisoformat(self.expires_on)
        except ValueError:
            raise InvalidInput(
                "失信类型或失效日期有误。", "The kind or the day of expiry is wrong.", fields={"kind": self.kind}
            ) from None
        applicant = Applicant(
            kind=ApplicantKind.ORGANISATION,
            name=check_name(self.applicant_name, "applicant_name"),
            id_number=check_name(self.applicant_id, "applicant_id"),
        )
        zone = context.calendar.timezone
        credit, events = CreditEvent.record(
            context.new_id(),
            applicant,
            kind,
            reason=check_name(self.reason, "reason"),
            at=context.calendar.local(context.now),
            expires_at=None if last_day is None else datetime.combine(last_day, time(23, 59, 59), zone),
        )
        context.record_admin(*events)
        return {"id": credit.id}


@record
class RepairCredit(Command):
    """信用修复: a recorded breach no longer blocks its applicant. Answers {id, repaired_at}."""

    credit_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CREDIT)
        row = context.uow.get(tables.credit_event, (self.credit_id,))
        if row is None:
            raise NotFound(f"没有编号为 {self.credit_id} 的失信记录。", f"There is no credit record {self.credit_id}.")
        now = context.calendar.local(context.now)
        _, events = cases.credit_event(row).repair(now, by=context.actor.login, reason=self.reason)
        context.record(_stream_of(context, row), *events)
        return {"id": self.credit_id, "repaired_at": now.isoformat()}


def _stream_of(context: CommandContext, row: Values) -> str:
    """The history in which the breach was recorded: that of its case, or the administration's."""
    case = None if row["case_id"] is None else context.uow.get(tables.case_file, (row["case_id"],))
    if case is None:
        return "admin"
    cases.lock_instance(context.uow, case["instance_id"])
    return str(case["instance_id"])


@verb("credit.record", "记入信用记录", "Record a breach of trust", results=("credit_id",))
def record_breach(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``kind`` (tolerance_breach, false_commitment, commitment_broken, serious), ``reason``."""
    file = CaseFile.of(context, moving)
    credit, events = CreditEvent.record(
        context.new_id(),
        file.applicant,
        CreditKind(text_of(call, "kind") or CreditKind.COMMITMENT_BROKEN.value),
        reason=text_of(call, "reason") or "未履行承诺",
        at=file.now,
        case_id=file.id,
    )
    file.tell(*events)
    return {"credit_id": credit.id}
