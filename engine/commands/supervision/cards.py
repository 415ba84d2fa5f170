"""What people do with cards: issue by hand, confirm, sign, answer, close, withdraw, escalate; and the bureau's rule set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.approval.supervision import events
from engine.approval.supervision.card import Ground, needed
from engine.approval.supervision.reader import SHIPPED, read_rules, shipped_text
from engine.approval.supervision.rules import Issue, Level, Subject
from engine.commands.cases.case_files import CaseFile
from engine.commands.running import jobs
from engine.commands.supervision.card_files import FEEDBACK_JOB, Ask, CardFile, rules_of
from engine.context import Command
from engine.errors import InvalidInput
from engine.records import record
from engine.store import tables
from engine.store.rows import cases, supervision

if TYPE_CHECKING:
    from engine.approval.supervision.card import Card
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values


def open_card(context: CommandContext, card_id: str, verb: Verb) -> tuple[CardFile, Values, Card]:
    """A card under the lock of its case, if the actor may do ``verb`` on it. Raises NotFound or Forbidden."""
    row = supervision.card_row(context.uow, card_id)
    facts = supervision.facts(row)
    require(context.actor, Verb.VIEW_CARD, facts)
    require(context.actor, verb, facts)
    return card_file(context, row["instance_id"]), row, supervision.card_of(row)


def card_file(context: CommandContext, instance_id: str) -> CardFile:
    """The cards of the case that an instance (locked by the caller) handles."""
    row = cases.of_instance(context.uow, instance_id)
    assert row is not None  # cards belong to cases
    return CardFile(context, CaseFile(context, row))


def answer_of(context: CommandContext, card_id: str) -> dict[str, Any]:
    """What a command on a card answers: {id, state, level, number}."""
    row = context.uow.get(tables.card, (card_id,)) or {}
    return {name: row[name] for name in ("id", "state", "level", "number")}


@record
class IssueCard(Command):
    """人工发牌: a supervisor issues a card on a case for any conduct; answers {id, state, level, number}."""

    no: str
    level: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CARDS)
        if self.level not in (Level.YELLOW.value, Level.RED.value):
            raise InvalidInput(
                "人工发牌只发黄牌或红牌。", "Issued by hand are yellow and red cards.", fields={"level": "yellow, red"}
            )
        file = CaseFile.open(context, self.no, Verb.VIEW_CASE)
        ask = Ask(
            level=Level(self.level),
            subject=Subject.CONDUCT,
            key=file.id,
            issue=Issue.MANUAL,
            text=needed(self.reason, "reason"),
        )
        return answer_of(context, CardFile(context, file).issue(ask))


@record
class ConfirmCard(Command):
    """确认发牌: a card that waited goes out."""

    card_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, _row, card = open_card(context, self.card_id, Verb.MANAGE_CARDS)
        card.check_confirm()
        file.tell(card.id, [events.CardConfirmed(card_id=card.id, **file.deadlines())])
        file.go_out(card.id)
        return answer_of(context, card.id)


@record
class SignCard(Command):
    """签收."""

    card_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, _row, card = open_card(context, self.card_id, Verb.ANSWER_CARD)
        file.tell(card.id, card.sign())
        return answer_of(context, card.id)


@record
class AnswerCard(Command):
    """回复: why it came to this, and what was done."""

    card_id: str
    text: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, _row, card = open_card(context, self.card_id, Verb.ANSWER_CARD)
        file.tell(card.id, card.answer(self.text))
        return answer_of(context, card.id)


@record
class CloseCard(Command):
    """核销: a supervisor accepts the answer."""

    card_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, _row, card = open_card(context, self.card_id, Verb.MANAGE_CARDS)
        file.tell(card.id, card.close(self.reason))
        return answer_of(context, card.id)


@record
class WithdrawCard(Command):
    """撤销 by a supervisor; the card stays on record with the reason."""

    card_id: str
    reason: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, row, _card = open_card(context, self.card_id, Verb.MANAGE_CARDS)
        file.withdraw(row, Ground.HAND, needed(self.reason, "reason"))
        return answer_of(context, self.card_id)


@record
class EscalateCard(Command):
    """转督办: the card becomes a supervision order of the second level; answers also {order_id}."""

    card_id: str
    text: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file, _row, card = open_card(context, self.card_id, Verb.MANAGE_CARDS)
        return answer_of(context, card.id) | {"order_id": file.escalate(card.id, needed(self.text, "text"))}


def _feedback(context: CommandContext, job: Values) -> None:
    """Nobody answered a yellow or red card in time: it becomes a supervision order by itself."""
    row = supervision.card_row(context.uow, job["payload"]["card_id"])
    card = supervision.card_of(row)
    moved = row["feedback_due"] is not None and row["feedback_due"] > context.now  # that day has a job of its own
    if card.state.value in ("issued", "signed") and not moved:
        file = card_file(context, row["instance_id"])
        file.escalate(card.id, f"{row['number']}{card.level.zh}到期没有回复，请立即说明原因并整改。")
    context.uow.delete(tables.job, (job["id"],))


jobs.HANDLERS[FEEDBACK_JOB] = _feedback


# ---------------------------------------------------------------- rules


@record
class ChangeCardRules(Command):
    """Put another version of the rule set into force: ``text`` (TOML), or a shipped one by its name.

    Everything that is watched is judged anew by it: cards that it would not have issued are withdrawn. Answers {version, id}.
    """

    text: str = ""
    shipped: str = ""
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CARD_RULES)
        if bool(self.text.strip()) == bool(self.shipped):
            listed = "、".join(SHIPPED)
            raise InvalidInput(
                f"请写出规则，或者选一套自带的规则（{listed}），只能二选一。",
                f"Give the text of the rules, or the name of a shipped set ({listed}), one of the two.",
                fields={"text": "二选一"},
            )
        text = shipped_text(self.shipped) if self.shipped else self.text
        rules = read_rules(text)
        _, version = rules_of(context)
        context.record_admin(
            events.CardRulesChanged(
                version=version + 1,
                rules_id=rules.id,
                name=rules.name,
                text=text,
                reason=needed(self.reason, "reason") if self.reason.strip() else "",
            )
        )
        supervision.look_at_all(context.uow, context.now)
        return {"version": version + 1, "id": rules.id}
