"""Appeals against cards 申诉: handed in by the responsible, decided by the process card_appeal, whose verbs are here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.access import Verb
from engine.approval.supervision import events
from engine.approval.supervision.card import AppealResult, Ground, needed
from engine.commands.cases.case_intake import text_of
from engine.commands.running import instances
from engine.commands.running.service_tasks import verb
from engine.commands.supervision.cards import answer_of, card_file, open_card
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from engine.records import record
from engine.store.rows import definitions, supervision
from engine.store.rows.people import department_name

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.runtime.step import ServiceCall

PROCESS: Final = "card_appeal"
instances.BEGUN_ELSEWHERE.add(PROCESS)


@record
class AppealCard(Command):
    """申诉: within the time that the card names, once. Starts the process; answers {id, state, level, number, instance_id}."""

    card_id: str
    text: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, row, card = open_card(context, self.card_id, Verb.ANSWER_CARD)
        card.check_appeal()
        text = needed(self.text, "text")
        due = row["appeal_due"]
        if due is not None and context.now > due:
            day = context.calendar.local_date(due)
            raise Conflict(f"申诉期限已于 {day} 届满。", f"The time for an appeal ended on {day}.", due=due.isoformat())
        try:
            definition = definitions.latest(context.uow, PROCESS)
        except NotFound as error:
            raise Conflict(
                f"没有申诉流程 {PROCESS}，请管理员先部署它。", f"There is no process {PROCESS}; deploy it first."
            ) from error
        unit = department_name(context.uow, row["department"]) or row["department"]
        started = instances.start(
            context,
            definition,
            {
                "card_id": card.id,
                "card_number": row["number"] or card.level.zh,
                "card_level": card.level.value,
                "card_reason": row["reason"],
                "card_facts": (row["facts"].get("sum") or {}).get("zh", ""),
                "case_number": row["case_no"],
                "case_title": row["title"],
                "unit": unit,
                "appeal_text": text,
            },
            business_key=row["number"] or None,
            title=f"{row['number'] or card.level.zh} 申诉 · {row['title']}"[:200],
        )
        appealed = events.CardAppealed(card_id=card.id, appeal_id=started.id, instance_id=started.id, text=text)
        file.tell(card.id, [appealed])
        return answer_of(context, card.id) | {"instance_id": started.id}


@verb("card.conclude_appeal", "答复对监察牌的申诉", "Answer the appeal against a card", results=("appeal_result",))
def conclude(context: CommandContext, moving: Moving, call: ServiceCall) -> Mapping[str, Any]:
    """Inputs: ``result`` (withdrawn 撤销: the card goes; rejected 打回: it stands; referred 上报: somebody higher decides) and
    ``reply``. The card is the one for which the process was started."""
    row = supervision.card_row(context.uow, str(moving.variables.get("card_id") or ""))
    if row["appeal_instance_id"] not in (None, moving.id):
        raise Conflict("这个流程不是这张牌的申诉。", "This process is not the appeal against this card.")
    try:
        result = AppealResult(text_of(call, "result"))
    except ValueError as error:
        raise InvalidInput(
            "申诉的结果应为 withdrawn（撤销）、rejected（打回）或 referred（上报）。",
            "The result of an appeal is withdrawn, rejected or referred.",
        ) from error
    reply = needed(text_of(call, "reply"), "reply")
    file = card_file(context, row["instance_id"])
    file.tell(row["id"], [events.CardAppealAnswered(card_id=row["id"], result=result.value, reply=reply)])
    if result is AppealResult.WITHDRAWN and supervision.card_of(row).may("withdraw"):
        file.withdraw(row, Ground.APPEAL, reply)
    return {"appeal_result": result.value}
