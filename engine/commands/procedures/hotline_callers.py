"""What the centre does for a caller while an order is under way: urge the unit, take the order back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.access import Verb
from engine.approval.filing import CaseReminded
from engine.commands.cases.case_files import CaseFile
from engine.commands.cases.case_intake import text_of
from engine.commands.cases.filing import send_to_case
from engine.commands.procedures.hotline_orders import ORDER, order_of, rules_of
from engine.commands.running.service_tasks import verb
from engine.context import Command
from engine.errors import Conflict, InvalidInput
from engine.records import record

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

URGE, RECALL = "催办", "改派"  # the messages for which the model waits


@record
class UrgeOrder(Command):
    """催办: the caller rang again about an order that is not answered. Answers {no, state}."""

    no: str
    text: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        return _tell(context, self.no, URGE, "urge_text", self.text)


@record
class RecallOrder(Command):
    """改派: the centre takes an order back from its unit, to dispatch it to another one. Answers {no, state}."""

    no: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        return _tell(context, self.no, RECALL, "recall_reason", self.reason)


def _tell(context: CommandContext, no: str, message: str, name: str, text: str) -> dict[str, Any]:
    file = CaseFile.open(context, no, Verb.GUIDE_ORDER)
    rules_of(file)
    if not text.strip():
        raise InvalidInput("请写明原因。", "Please say why.", fields={"text": "必填"})
    if not order_of(file).dispatches:
        raise Conflict(f"工单{file.number}还没有派单。", f"Order {file.number} was not dispatched yet.")
    return send_to_case(file, message, {name: text})


@verb("hotline.urge", "登记催办", "Record that the caller urged")
def urge(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``text``: what the caller said. It stands in the order's story and in the ledger of reminders 催办台账."""
    file = CaseFile.of(context, moving)
    text = text_of(call, "text")
    order, told = order_of(file).urge(file.id, text)
    file.keep(ORDER, order, told)
    file.tell(
        CaseReminded(
            case_id=file.id,
            subject="caller",
            day=file.now.date().isoformat(),
            zh=f"诉求人催办（第{order.urged}次）：{text}",
            en=f"The caller urges ({order.urged}): {text}",
        )
    )
    return {}
