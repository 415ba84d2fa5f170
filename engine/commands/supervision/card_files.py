"""The cards of one case within one command: judged anew, issued, withdrawn; their notices; who is responsible and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.access import Role
from engine.approval.document import Document, DocumentKind
from engine.approval.filing import CaseOpenedTo, DocumentKept
from engine.approval.hotline import ORDER, Order
from engine.approval.supervision import events, notices
from engine.approval.supervision.card import LIVE, CardState, Ground, owed
from engine.approval.supervision.judgement import Judgement, Verdict, facts_of, judge
from engine.approval.supervision.notices import NoticeDesk
from engine.approval.supervision.order import OrderLevel
from engine.approval.supervision.rules import Issue, Level, Receiver, Rule, RuleSet, Subject
from engine.commands.cases import issuers
from engine.commands.running import moving
from engine.records import record
from engine.store import tables
from engine.store.rows import cases, supervision
from engine.store.rows.people import department_name

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.commands.cases.case_files import CaseFile
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

FEEDBACK_JOB, ORDER_JOB = "card-feedback", "order-due"
RECHECKED = "复核：按现在的工作日历和暂停记录，不符合发牌条件"


def rules_of(context: CommandContext) -> tuple[RuleSet, int]:
    """The rule set that holds and its version, read once in a command."""
    if "card rules" not in context.kept:
        context.kept["card rules"] = supervision.rules(context.uow)
    found: tuple[RuleSet, int] = context.kept["card rules"]
    return found


@record
class Ask:
    """A card to be issued: what it is about and why."""

    level: Level
    subject: Subject
    key: str
    issue: Issue
    text: str
    text_en: str = ""
    rule_code: str = ""
    clock_id: str | None = None
    facts: Mapping[str, Any] | None = None
    responsible: tuple[str, ...] = ()
    department: str = ""  # that of the item, unless another one is to answer
    run_id: str | None = None


@dataclass(slots=True)
class CardFile:
    """A case under the lock of its instance, with its cards."""

    context: CommandContext
    file: CaseFile
    _rows: list[Values] | None = None

    @property
    def rows(self) -> list[Values]:
        if self._rows is None:
            self._rows = supervision.cards(self.context.uow, self.file.id)
        return self._rows

    @property
    def rules(self) -> RuleSet:
        return rules_of(self.context)[0]

    @property
    def process_key(self) -> str:
        row = self.context.uow.get(tables.process_instance, (self.file.stream,))
        return "" if row is None else str(row["definition_key"])

    # ---- judging

    def judge(self) -> Judgement:
        """What the rules say now."""
        clocks = list(self.file.clocks.values())
        return judge(self.rules, self.process_key, clocks, now=self.file.now, calendar=self.context.calendar)

    def check(self, run_id: str | None = None) -> Judgement:
        """Issue what is owed and withdraw what is wrong; asking twice changes nothing."""
        judgement = self.judge()
        for verdict in judgement.verdicts:
            self._settle(verdict, run_id)
        return judgement

    def _settle(self, verdict: Verdict, run_id: str | None) -> None:
        mine = {
            row["id"]: row
            for row in self.rows
            if row["issue"] == Issue.AUTOMATIC.value
            and row["clock_id"] is not None
            and (row["subject"], row["subject_key"]) == (verdict.subject.value, verdict.key)
        }
        known = [supervision.card_of(row) for row in mine.values()]
        if verdict.is_over:
            for card in known:
                if card.level is Level.WARN and card.may("finish"):
                    self.tell(card.id, card.finish())
            known = [card for card in known if card.level is not Level.WARN]
        must, wrong = owed(None if verdict.rule is None else verdict.rule.level, known)
        for card in wrong:
            self.withdraw(mine[card.id], Ground.RECHECK, RECHECKED)
        if must and verdict.rule is not None and verdict.clock is not None:
            fresh = self.issue(self._asked(verdict, verdict.rule, run_id))
            for card in known:
                if card not in wrong and card.state in LIVE:
                    self.tell(card.id, card.supersede(fresh))

    def _asked(self, verdict: Verdict, rule: Rule, run_id: str | None) -> Ask:
        assert verdict.clock is not None
        return Ask(
            level=rule.level,
            subject=verdict.subject,
            key=verdict.key,
            issue=rule.issue,
            text=rule.text,
            text_en=rule.text_en,
            rule_code=rule.code,
            clock_id=verdict.clock.id,
            facts=facts_of(verdict, self.rules.measure, self.file.now, self.context.calendar),
            run_id=run_id,
        )

    # ---- writing

    def tell(self, card_id: str, told: list[Any]) -> None:
        """Record what a move of a card caused."""
        self.context.record(self.file.stream, *told)

    def issue(self, ask: Ask) -> str:
        """Record a card, and with it, unless it waits for a supervisor, its notice and the date of the answer."""
        context, (rules, version) = self.context, rules_of(self.context)
        responsible = ask.responsible or self.responsible()
        department = ask.department or self._department(responsible)
        department_id, heads = supervision.department(context.uow, department)
        waits = ask.issue is Issue.AWAITING
        card_id = context.new_id()
        deadlines: dict[str, datetime | None] = {} if waits else self.deadlines()
        self.tell(
            card_id,
            [
                events.CardIssued(
                    card_id=card_id,
                    state=(CardState.AWAITING if waits else CardState.ISSUED).value,
                    level=ask.level.value,
                    subject=ask.subject.value,
                    subject_key=ask.key,
                    issue=ask.issue.value,
                    case_id=self.file.id,
                    case_no=self.file.number,
                    title=str(self.file.row["title"]),
                    process_key=self.process_key,
                    item_code=str(self.file.row["item_code"]),
                    department=department,
                    department_id=department_id,
                    responsible=responsible,
                    receivers=self._receivers(rules, ask.level, responsible, heads),
                    text=ask.text,
                    text_en=ask.text_en,
                    rule_code=ask.rule_code,
                    rules_id=rules.id,
                    rules_version=version,
                    clock_id=ask.clock_id,
                    facts=dict(ask.facts or {}),
                    run_id=ask.run_id,
                    **deadlines,
                )
            ],
        )
        if not waits:
            self.go_out(card_id)
        return card_id

    def deadlines(self) -> dict[str, datetime | None]:
        """Until when a card of this moment is answered, and appealed."""
        due = self.context.calendar.due
        return {
            "feedback_due": due(self.context.now, self.rules.feedback).at,
            "appeal_due": due(self.context.now, self.rules.appeal).at,
        }

    def go_out(self, card_id: str) -> None:
        """Write the notice of a yellow or red card, and remember to look for its answer. A warning is only told."""
        row = self.context.uow.get(tables.card, (card_id,))
        assert row is not None
        level = Level(row["level"])
        if level is Level.WARN:
            return
        reason, facts, feedback = row["reason"], row["facts"], row["feedback_due"]
        on = self.context.calendar.local_date(feedback)
        source = self.rules.name
        document_id, number = self._write(
            notices.CARD_KINDS[level],
            row["responsible"],
            lambda desk, serial: notices.card_notice(
                desk, serial, level, reason=reason, facts=facts, feedback=on, source=source, firm=self._is_firm(on)
            ),
            department=row["department"],
        )
        self.tell(card_id, [events.CardNotified(card_id=card_id, document_id=document_id, number=number)])
        self._open_to((*row["responsible"], *row["receivers"]), number)
        moving.insert_job(self.context, FEEDBACK_JOB, feedback, {"card_id": card_id})
        if row["rule_code"] and level in self.rules.orders.at_once:
            self.escalate(card_id, f"{number}{level.zh}：{reason}。请立即说明原因并整改。")

    def escalate(self, card_id: str, text: str) -> str:
        """Make a supervision order of the second level of a card. Returns the order's id; raises Conflict for a second one."""
        row = self.context.uow.get(tables.card, (card_id,))
        assert row is not None  # the caller has seen it
        card = supervision.card_of(row)
        card.escalate("")  # refuses before anything is written
        order_id = self.order(OrderLevel.ORDER, text, card=row)
        self.tell(card_id, card.escalate(order_id))
        return order_id

    def withdraw(self, row: Values, ground: Ground, reason: str) -> None:
        """Withdraw a card, and the order that was made of it; the record says why, and a yellow or red one gets its notice of
        withdrawal."""
        card = supervision.card_of(row)
        self.tell(card.id, card.withdraw(ground, reason))
        order = self.context.uow.get(tables.supervision_order, (row["order_id"],)) if row["order_id"] else None
        if order is not None:
            told = supervision.order_of(order).withdraw(f"{row['number']}{card.level.zh}已撤销：{reason}")
            self.tell(card.id, list(told))
        if card.level is not Level.WARN and row["number"]:
            self._write(
                DocumentKind.CARD_WITHDRAWN,
                row["responsible"],
                lambda desk, serial: notices.withdrawal_notice(
                    desk,
                    serial,
                    number=row["number"],
                    level=card.level,
                    reason=reason,
                    order="" if order is None else order["number"],
                ),
                department=row["department"],
            )

    def order(self, level: OrderLevel, text: str, *, card: Values | None = None) -> str:
        """Record a supervision order with its notice, and remember its deadline. One that is made of a ``card`` goes to the
        department and the people of the card; who has the work now answers too where the card is about the time it takes."""
        context = self.context
        department = self._department(self.responsible()) if card is None else card["department"]
        department_id, heads = supervision.department(context.uow, department)
        due_at = self.reply_due(level)
        order_id = context.new_id()
        people = () if card is None else tuple(card["responsible"])
        if card is None or card["clock_id"] is not None:
            people += self.responsible()
        to = tuple(dict.fromkeys((*people, *(heads if level > OrderLevel.REMINDER else ()))))
        told = events.OrderIssued(
            order_id=order_id,
            level=int(level),
            case_id=self.file.id,
            case_no=self.file.number,
            title=str(self.file.row["title"]),
            department=department,
            department_id=department_id,
            addressees=to,
            text=text,
            due_at=due_at,
            card_id=None if card is None else card["id"],
        )
        context.record(self.file.stream, told)
        self.notify_order(order_id, level, text, due_at, to, department)
        return order_id

    def notify_order(
        self, order_id: str, level: OrderLevel, text: str, due_at: datetime, to: tuple[str, ...], department: str
    ) -> None:
        """Write the notice of an order, or of its next level."""
        on: date = self.context.calendar.local_date(due_at)
        document_id, number = self._write(
            notices.ORDER_KINDS[level],
            to,
            lambda desk, serial: notices.order_notice(desk, serial, level, text=text, due=on, firm=self._is_firm(on)),
            department=department,
        )
        told = events.OrderNotified(order_id=order_id, document_id=document_id, number=number)
        self.context.record(self.file.stream, told)
        self._open_to(to, number)
        moving.insert_job(self.context, ORDER_JOB, due_at, {"order_id": order_id})

    def reply_due(self, level: OrderLevel) -> datetime:
        """Until when an order of this level that goes out now is answered."""
        return self.context.calendar.due(self.context.now, self.rules.orders.reply[level - 1]).at

    # ---- people

    def responsible(self) -> tuple[str, ...]:
        """Who has the work now: holders, and of unclaimed tasks all candidates; else who closed the latest task."""
        uow, found, groups = self.context.uow, list[str](), set[str]()
        for task in supervision.open_tasks(uow, self.file.stream):
            if task.assignee:
                found.append(task.assignee)
            else:
                found += task.candidate_users
                groups.update(task.candidate_groups)
        found += supervision.members(uow, groups)
        if not found and (last := supervision.last_handler(uow, self.file.stream)):
            found.append(last)
        return tuple(dict.fromkeys(found))

    def _department(self, people: tuple[str, ...]) -> str:
        """The code of the department that answers for ``people``: that of the item; of a hotline order that lies with its unit,
        the department of the unit, though the item is the centre's."""
        rules, order = self.file.item.hotline, self.file.part(ORDER, Order)
        if rules is not None and order is not None and order.unit:
            group = rules.unit(order.unit).group
            if not set(people).isdisjoint(supervision.members(self.context.uow, (group,))):
                return supervision.department_of_group(self.context.uow, group) or self.file.item.department
        return self.file.item.department

    def _receivers(
        self, rules: RuleSet, level: Level, responsible: tuple[str, ...], heads: tuple[str, ...]
    ) -> tuple[str, ...]:
        who: Mapping[Receiver, Callable[[], tuple[str, ...]]] = {
            Receiver.HOLDER: lambda: responsible,
            Receiver.HEAD: lambda: heads,
            Receiver.SUPERVISOR: lambda: supervision.with_role(self.context.uow, Role.SUPERVISOR),
            Receiver.ADMIN: lambda: supervision.with_role(self.context.uow, Role.ADMIN),
        }
        return tuple(dict.fromkeys(login for receiver in rules.told(level) for login in who[receiver]()))

    def _is_firm(self, day: date) -> bool:
        return self.context.calendar.is_firm(self.file.now.date(), day)

    def _open_to(self, people: tuple[str, ...], reason: str) -> None:
        """Whoever has to answer may read what it is about, also when somebody else has the work by now."""
        known, _ = cases.readers(self.file.row)
        new = tuple(dict.fromkeys(login for login in people if login not in known))
        if new:
            self.file.tell(CaseOpenedTo(case_id=self.file.id, people=new, reason=reason))

    # ---- notices

    def _write(
        self, kind: DocumentKind, to: Any, write: Callable[[NoticeDesk, int], Document], *, department: str
    ) -> tuple[str, str]:
        """Write a notice to a department with the next number of its kind and keep it in the case; return its id and
        number."""
        context, file = self.context, self.file
        issuer = issuers.of_department(context, self.rules.office or department)
        names = [context.person(login)["name"] for login in to if context.uow.get(tables.person, (login,))]
        unit = department_name(context.uow, department) or department
        desk = NoticeDesk(
            issuer=issuer,
            addressee="、".join([unit, *names[:10]]),
            case_id=file.id,
            case_no=file.number,
            title=str(file.row["title"]),
            on=file.now.date(),
        )
        prefix = issuer.number_prefix(kind, desk.on.year)
        document = write(desk, cases.next_serial(context.uow, tables.document_number, prefix))
        document_id = context.new_id()
        kept = DocumentKept(
            case_id=file.id,
            document_id=document_id,
            document_kind=document.kind.value,
            number=document.number,
            title=document.title,
            body=document.text(),
            facts={
                "fields": dict(document.fields),
                "issuer": document.issuer,
                "addressee": document.addressee,
                "issued_on": document.issued_on.isoformat(),
            },
        )
        file.tell(*document.issue(), kept)
        return document_id, document.number
