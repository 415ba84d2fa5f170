"""The scan 扫描: every few minutes the clocks whose moment has come, once a working day everything that is due soon.

Each clock of a case has a row in ``watch`` with the moment at which a card may become due or a lamp may change. A change of
the clock sets it, the scan picks what has come, and one job for each case judges it: so a scan costs what is due, not what
exists, and running it twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from engine.access import CardFacts, Verb, require
from engine.approval.clock import Clock, ClockKind, ClockState
from engine.approval.supervision import events
from engine.approval.supervision.card import needed
from engine.approval.supervision.judgement import facts_of_clock, first_look
from engine.approval.supervision.rules import Issue, Occasion
from engine.calendar import Unit
from engine.commands.cases.case_files import CaseFile
from engine.commands.running import jobs, moving
from engine.commands.supervision.card_files import Ask, CardFile, rules_of
from engine.commands.supervision.cards import card_file
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from engine.records import record
from engine.store import tables
from engine.store.projections.projector import NEVER
from engine.store.rows import cases, clocks, figures, supervision

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values
    from engine.store.projections.projector import Recorded

SCAN_JOB: Final = "scan-clocks"
CHECK_JOB: Final = "card-check"
AT_ONCE: Final = 2_000  # clocks of one transaction; more are picked by the next one, at once
LISTED: Final = 500  # findings of one event
AGAIN: Final = timedelta(minutes=15)  # when a check that never came back is asked for again
DEEMED: Final = "deemed-accepted"  # the alert beside AcceptanceDeemed, which has a card of its own
SHORT: Final = 5  # limits under so many working days are near only on their last day


# ---------------------------------------------------------------- watching


def clock_changed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction to every change of a clock: say when somebody must look at it next."""
    event: Any = recorded.event
    if event.case_id is None:
        return
    case = context.uow.get(tables.case_file, (event.case_id,))
    instance = context.uow.get(tables.process_instance, (recorded.stream,))
    clock = clocks.by_id(context.uow, event.clock_id)
    if case is not None and instance is not None and clock is not None:
        watch(context, clock, case["item_code"], instance["definition_key"], event.case_id)


def watch(context: CommandContext, clock: Clock, item_code: str, process_key: str, case_id: str) -> None:
    """Write the row of one clock."""
    uow, key = context.uow, (clock.id,)
    known = uow.get(tables.watch, key)
    rules, _ = rules_of(context)
    look = first_look(rules, process_key, clock, now=context.now, calendar=context.calendar)
    if clock.state is ClockState.STOPPED and look is None and (known is None or not known["carded"]):
        if known is not None:
            uow.delete(tables.watch, key)
        return
    if known is not None and known["carded"]:
        look = context.now  # a card may be wrong now
    columns = {
        "state": clock.state.value,
        "due_at": clock.due.at,
        "short": clock.limit.unit is Unit.HOUR or (clock.limit.unit is Unit.WD and clock.limit.value < SHORT),
        "next_look": NEVER if look is None else look,
    }
    if known is not None:
        uow.update(tables.watch, key, columns)
        return
    row = {
        "clock_id": clock.id,
        "case_id": case_id,
        "kind": clock.kind.value,
        "item_code": item_code,
        "definition_key": process_key,
        "carded": False,
    }
    uow.insert(tables.watch, row | columns)


# ---------------------------------------------------------------- judging one case


def _check(context: CommandContext, job: Values) -> None:
    payload = job["payload"]
    case = context.uow.get(tables.case_file, (payload["case_id"],))
    if case is not None and case["instance_id"] is not None:
        cases.lock_instance(context.uow, case["instance_id"])
        file = card_file(context, case["instance_id"])
        judgement = file.check(payload.get("run_id"))
        _look_again(context, file, judgement.next_looks)
    context.uow.delete(tables.job, (job["id"],))


def _look_again(context: CommandContext, file: CardFile, next_looks: dict[str, datetime]) -> None:
    """Say of each clock of the case when the next look is; a clock that has stopped needs none."""
    uow = context.uow
    standing = {
        row["clock_id"]
        for row in supervision.cards(uow, file.file.id)
        if row["clock_id"] and row["issue"] == Issue.AUTOMATIC.value and supervision.card_of(row).may("supersede")
    }
    for clock in file.file.clocks.values():
        if uow.get(tables.watch, (clock.id,)) is None:
            continue
        if clock.state is ClockState.STOPPED:
            uow.delete(tables.watch, (clock.id,))
            continue
        columns = {"next_look": next_looks.get(clock.id, NEVER), "carded": clock.id in standing}
        uow.update(tables.watch, (clock.id,), columns)


# ---------------------------------------------------------------- the scan


@record
class ScanClocks(Command):
    """巡检: look at everything that is due soon or over, now; answers {run_id, found}. The record tells what was answered."""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_CARDS)
        return scan(context, "hand")


def scan(context: CommandContext, trigger: str) -> dict[str, Any]:
    """Record a run with its findings, and have every case judged whose moment has come or that has a card."""
    rules, version = rules_of(context)
    calendar = context.calendar
    until = calendar.closing(
        calendar.working_day(context.calendar.local_date(context.now), int(rules.scan.ahead.value))
    )
    found = supervision.overdue_or_near(context.uow, until)
    run_id = context.new_id()
    context.record_admin(events.ScanStarted(run_id=run_id, trigger=trigger, found=len(found), rules_version=version))
    listed = [_finding(context, row) for row in found]
    for start in range(0, len(listed), LISTED):
        context.record_admin(events.ScanFindingsListed(run_id=run_id, findings=tuple(listed[start : start + LISTED])))
    _watch_what_is_not(context)
    due = pick_due(context, run_id)
    ask_for(context, [case for case in supervision.cases_with_live_cards(context.uow) if case not in due], run_id)
    return {"run_id": run_id, "found": len(found)}


def _finding(context: CommandContext, row: Values) -> dict[str, Any]:
    return {
        "finding_id": context.new_id(),
        "clock_id": row["clock_id"],
        "case_id": row["case_id"],
        "case_no": row["no"],
        "title": row["title"],
        "item_code": row["item_code"],
        "department": cases.item(context.uow, row["item_id"]).department,
        "due_at": row["due_at"].isoformat(),
        "situation": "over" if row["due_at"] < context.now else "near",
    }


def _watch_what_is_not(context: CommandContext) -> None:
    for row in supervision.unwatched(context.uow, AT_ONCE):
        clock = Clock.from_json(row.facts)
        if clock.case_id is not None:
            watch(context, clock, row.item_code, row.definition_key, clock.case_id)


def pick_due(context: CommandContext, run_id: str | None = None) -> set[str]:
    """Ask for a judgement of every case whose moment has come; return them."""
    clocks, due = supervision.due_cases(context.uow, context.now, AT_ONCE)
    supervision.put_off(context.uow, clocks, context.now + AGAIN)
    ask_for(context, due, run_id)
    return set(due)


def ask_for(context: CommandContext, wanted: list[str], run_id: str | None) -> None:
    """One job for each case, so that one broken case does not keep the others from their cards."""
    for case_id in wanted:
        moving.insert_job(context, CHECK_JOB, context.now, {"case_id": case_id, "run_id": run_id})


def _scan_job(context: CommandContext, job: Values) -> None:
    """The recurring look: the daily scan when its time has come, else what is due. The job then waits for its next time."""
    rules, _ = rules_of(context)
    if _daily_is_due(context, rules.scan.daily):
        scan(context, "daily")
        more = False
    else:
        more = len(pick_due(context)) > 0 and len(supervision.due_cases(context.uow, context.now, 1)[0]) > 0
    more = figures.gather(context.uow, context.calendar, context.now) or more
    wait = timedelta(0) if more else timedelta(minutes=rules.scan.every_minutes)
    again = {"due_at": context.now + wait, "leased_by": None, "leased_until": None, "attempts": 0}
    context.uow.update(tables.job, (job["id"],), again)


def _daily_is_due(context: CommandContext, at: time) -> bool:
    now = context.calendar.local(context.now)
    if now.time() < at or not context.calendar.is_working(now.date()):
        return False
    midnight = datetime.combine(now.date(), time(0), now.tzinfo)
    return not supervision.scanned_since(context.uow, midnight)


@record
class KeepSchedules(Command):
    """At the start of a worker: see to it that the recurring scan waits among the jobs. Answers {added}."""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_JOBS)
        if supervision.job_exists(context.uow, SCAN_JOB):
            return {"added": False}
        moving.insert_job(context, SCAN_JOB, context.now, {}, job_id=SCAN_JOB)
        return {"added": True}


jobs.HANDLERS[CHECK_JOB] = _check
jobs.HANDLERS[SCAN_JOB] = _scan_job


# ---------------------------------------------------------------- answers to a scan


@record
class AnswerFinding(Command):
    """及时办结 (finish) or 申请延期 (extend): the department answers what the daily scan found."""

    finding_id: str
    answer: str
    note: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = context.uow.get(tables.scan_finding, (self.finding_id,))
        if row is None:
            raise NotFound(f"没有扫描发现 {self.finding_id}。", f"There is no finding {self.finding_id}.")
        department_id, _ = supervision.department(context.uow, row["department"])
        case = context.uow.get(tables.case_file, (row["case_id"],)) or {}
        holders = {task.assignee for task in supervision.open_tasks(context.uow, case.get("instance_id") or "")}
        facts = CardFacts(
            card_id=self.finding_id,
            department_id=department_id,
            responsible=frozenset(login for login in holders if login),
        )
        require(context.actor, Verb.ANSWER_CARD, facts)
        if self.answer not in ("finish", "extend"):
            raise InvalidInput(
                "请回答“及时办结”或“申请延期”。", "Answer finish or extend.", fields={"answer": "finish, extend"}
            )
        if row["answer"] is not None:
            raise Conflict("这一条已经回复过。", "This finding was answered before.", answer=row["answer"])
        note = needed(self.note, "note") if self.note.strip() else ""
        context.record_admin(events.ScanFindingAnswered(finding_id=self.finding_id, answer=self.answer, note=note))
        return {"id": self.finding_id, "answer": self.answer}


# ---------------------------------------------------------------- occasions


def acceptance_deemed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: five days of silence made an acceptance; a card for whoever let it happen."""
    event: Any = recorded.event
    people = (*event.people, *supervision.members(context.uow, event.groups))
    _on(
        context,
        recorded,
        Occasion.ACCEPTANCE_DEEMED,
        responsible=tuple(dict.fromkeys(people)),
        clock=lambda clock: clock.kind is ClockKind.NOTICE,
    )


def consent_deemed(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a department was silent and counts as having agreed; the card is its own."""
    event: Any = recorded.event
    people = supervision.members(context.uow, (event.group,))
    said = f"：{event.name}", f": {event.name}"
    _on(
        context,
        recorded,
        Occasion.CONSENT_DEEMED,
        *said,
        responsible=people,
        of=(event.branch, event.department),
        clock=lambda clock: clock.kind is ClockKind.BRANCH and clock.about == event.branch,
    )


def alerted(context: CommandContext, recorded: Recorded) -> None:
    """Reaction: a process asks for the supervisor's attention; a card waits to be confirmed."""
    event: Any = recorded.event
    if event.alert != DEEMED:
        _on(context, recorded, Occasion.ALERTED, f"：{event.zh}", f": {event.en}")


def _on(
    context: CommandContext,
    recorded: Recorded,
    occasion: Occasion,
    zh: str = "",
    en: str = "",
    responsible: tuple[str, ...] = (),
    of: tuple[str, str] = ("", ""),
    clock: Callable[[Clock], bool] = lambda clock: False,
) -> None:
    """``of``: the branch about which it is, and its department; empty for the case and that of its item. ``clock`` tells
    the clock (the latest of them) whose time ran out; its sum stands on the card."""
    branch, department = of
    row = cases.of_instance(context.uow, recorded.stream)
    if row is None:
        return
    file = CardFile(context, CaseFile(context, row))
    rules, _ = rules_of(context)
    ran_out = next((each for each in reversed(file.file.clocks.values()) if clock(each)), None)
    facts = (
        None
        if ran_out is None
        else facts_of_clock(ran_out, ran_out.due.at, rules.measure, file.file.now, context.calendar)
    )
    for rule in rules.on(occasion):
        ask = Ask(
            level=rule.level,
            subject=rule.subject,
            key=f"{file.file.id}:{branch}" if branch else file.file.id,
            issue=rule.issue,
            text=rule.text + zh,
            text_en=rule.text_en + en,
            rule_code=rule.code,
            facts=facts,
            responsible=responsible,
            department=department,
        )
        file.issue(ask)
