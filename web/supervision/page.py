"""Supervision 督办与黄红牌: cards by state, one card with its sum, orders, urging."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import CardFacts, Verb, may, not_found, require
from engine.commands.supervision.appeals import AppealCard
from engine.commands.supervision.cards import (
    AnswerCard,
    CloseCard,
    ConfirmCard,
    EscalateCard,
    IssueCard,
    SignCard,
    WithdrawCard,
)
from engine.commands.supervision.orders import AnswerOrder, CloseOrder, EscalateOrder, IssueOrder, ReturnOrder
from engine.commands.supervision.urging import UrgeTask, UrgeTasks
from engine.context import Command
from engine.errors import BanjieError, NotFound
from engine.runtime.task import OPEN
from engine.store.queries.supervision import TABS
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks, asks_thing, signed_in
from web.parts import casefile
from web.supervision.boardview import departments_of
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("supervision", __name__, url_prefix="/supervision")

Made = Callable[[str, str], Command]


@blueprint.get("")
@signed_in
def index() -> str:
    """Cards by tab: everybody sees what they were told of, heads what concerns their departments, oversight everything."""
    tab = listing.text("tab", 12)
    tab = tab if tab in TABS else ""
    page = services().queries.supervision.cards(
        tab=tab,
        text=listing.text("q"),
        **_narrowed(),
        after=listing.text("after", 500) or None,
        count=True,
        **seen(),
    )
    prefetch_names(login for row in page.rows for login in row["responsible"])
    return render_template(
        "supervision/index.html",
        is_provisional=is_provisional,
        tabs=tabs_of(tab),
        tab=tab,
        rows=page.rows,
        pager=listing.pager(page.next, total=page.total),
        departments=department_names(),
        can_manage=may(current_actor(), Verb.MANAGE_CARDS).allowed,
    )


def _narrowed() -> dict[str, Any]:
    """The department and the process of the address: those of the board from which somebody came."""
    return {"department_code": listing.text("department") or None, "process_key": listing.text("process") or None}


def seen() -> dict[str, Any]:
    """What lists are narrowed to for the present person."""
    actor = current_actor()
    departments = departments_of(actor)
    return {} if departments is None else {"departments": departments, "login": actor.login}


def is_provisional(due: datetime | None) -> bool:
    """Does a date lie in a year whose holidays nobody has loaded?"""
    if due is None:
        return False
    calendar = services().queries.admin.calendar()
    return not calendar.is_firm(calendar.local_date(services().engine.now()), calendar.local_date(due))


def department_names() -> dict[str, str]:
    """The names of departments by code."""
    return {row["code"]: row["name"] for row in services().queries.admin.departments()}


def tabs_of(current: str) -> list[dict[str, Any]]:
    """The tabs above the lists of supervision, with their figures."""
    counts = services().queries.supervision.counts(**seen())
    words = {
        "": _("全部"),
        "warn": _("预警"),
        "yellow": _("黄牌"),
        "red": _("红牌"),
        "awaiting": _("待发"),
        "unanswered": _("待回复"),
        "closed": _("已核销"),
        "withdrawn": _("撤销与取消"),
    }
    tabs: list[dict[str, Any]] = [
        {
            "label": text,
            "url": url_for("supervision.index", tab=name or None),
            "current": name == current,
            "count": counts.get(name),
        }
        for name, text in words.items()
    ]
    orders = {"label": _("督办单"), "url": url_for("supervision.orders"), "current": current == "orders"}
    tabs.append(orders | {"count": counts["orders"]})
    if may(current_actor(), Verb.VIEW_BOARD).allowed:
        scans = {"label": _("扫描记录"), "url": url_for("scanning.index"), "current": current == "scans"}
        tabs.append(scans | {"count": None})
    return tabs


# ---------------------------------------------------------------- one card


@blueprint.get("/cards/<card_id>")
@asks_thing(Verb.VIEW_CARD)
def card(card_id: str) -> str:
    """One card: the facts with the sum of the clock, its notice, what was done, and what can be done."""
    row = _thing(services().queries.supervision.card(card_id), card_id)
    return _card_page(row)


def _card_page(row: dict[str, Any], problem: str = "") -> str:
    actor, queries = current_actor(), services().queries
    facts = queries.supervision.facts(row)
    rules, version = queries.supervision.rules()
    prefetch_names([*row["responsible"], *row["receivers"], row["issued_by"], row["answered_by"], row["closed_by"]])
    return render_template(
        "supervision/card.html",
        is_provisional=is_provisional,
        row=row,
        problem=problem,
        department=department_names().get(row["department"], row["department"]),
        rules=rules if row["rules_version"] == version["version"] else None,
        can_answer=may(actor, Verb.ANSWER_CARD, facts).allowed,
        can_manage=may(actor, Verb.MANAGE_CARDS).allowed,
        can_see_case=_sees_case(row["case_no"]),
        may_appeal=row["level"] != "warn"
        and row["appeal_state"] is None
        and row["state"] in ("issued", "signed", "answered", "escalated"),
        late=row["feedback_due"] is not None
        and row["answered_at"] is None
        and row["feedback_due"] < services().engine.now(),
    )


def _thing(row: dict[str, Any] | None, key: str) -> dict[str, Any]:
    """The card or order, if the present person may see it."""
    if row is None:
        raise not_found(CardFacts(card_id=key))
    require(current_actor(), Verb.VIEW_CARD, services().queries.supervision.facts(row))
    return row


def _sees_case(no: str) -> bool:
    row = services().queries.cases.get(no)
    return row is not None and casefile.may_open(row)


_ANSWERS: Mapping[str, Made] = {
    "sign": lambda key, text: SignCard(card_id=key),
    "answer": lambda key, text: AnswerCard(card_id=key, text=text),
    "appeal": lambda key, text: AppealCard(card_id=key, text=text),
}
_MEASURES: Mapping[str, Made] = {
    "confirm": lambda key, text: ConfirmCard(card_id=key),
    "close": lambda key, text: CloseCard(card_id=key, reason=text),
    "withdraw": lambda key, text: WithdrawCard(card_id=key, reason=text),
    "escalate": lambda key, text: EscalateCard(card_id=key, text=text),
}


@blueprint.post("/cards/<card_id>/answer")
@asks_thing(Verb.ANSWER_CARD)
def answer_card(card_id: str) -> Response | tuple[str, int]:
    """签收, 回复, 申诉."""
    row = _thing(services().queries.supervision.card(card_id), card_id)
    require(current_actor(), Verb.ANSWER_CARD, services().queries.supervision.facts(row))
    return _do(_ANSWERS, card_id, url_for("supervision.card", card_id=card_id), lambda text: _card_page(row, text))


@blueprint.post("/cards/<card_id>/manage")
@asks(Verb.MANAGE_CARDS)
def manage_card(card_id: str) -> Response | tuple[str, int]:
    """确认发牌, 核销, 撤销, 转督办."""
    row = _thing(services().queries.supervision.card(card_id), card_id)
    return _do(_MEASURES, card_id, url_for("supervision.card", card_id=card_id), lambda text: _card_page(row, text))


def _do(known: Mapping[str, Made], key: str, back: str, again: Callable[[str], str]) -> Response | tuple[str, int]:
    """Carry out the action that the form names; what is refused comes back on the page."""
    made = known.get(request.form.get("action", ""))
    if made is None:
        raise NotFound("没有这个操作。", "There is no such action.")
    try:
        services().engine.execute(made(key, request.form.get("text", "")), actor=current_actor())
    except BanjieError as error:
        return again(error.message(language())), error.status
    flash(_("已记录。"), "success")
    return redirect(back, 303)


@blueprint.route("/issue/<no>", methods=["GET", "POST"])
@asks(Verb.MANAGE_CARDS)
def issue(no: str) -> Response | tuple[str, int] | str:
    """人工发牌."""
    case, problem, status = casefile.open_case(no), "", 200
    if request.method == "POST":
        level, reason = request.form.get("level", ""), request.form.get("text", "")
        try:
            made = services().engine.execute(IssueCard(no=no, level=level, reason=reason), actor=current_actor())
        except BanjieError as error:
            problem, status = error.message(language()), error.status
        else:
            flash(_("已发牌 {number}。", number=made["number"]), "success")
            return redirect(url_for("supervision.card", card_id=made["id"]), 303)
    page = render_template("supervision/issue.html", case=case, row=case.row, problem=problem)
    return page if status == 200 else (page, status)


# ---------------------------------------------------------------- orders


@blueprint.get("/orders")
@signed_in
def orders() -> str:
    """Supervision orders, newest first."""
    page = services().queries.supervision.orders(
        state=listing.text("state", 12) or None,
        level=listing.number("level"),
        after=listing.text("after", 500) or None,
        count=True,
        **_narrowed(),
        **seen(),
    )
    prefetch_names(login for row in page.rows for login in row["addressees"])
    return render_template(
        "supervision/orders.html",
        is_provisional=is_provisional,
        tabs=tabs_of("orders"),
        rows=page.rows,
        pager=listing.pager(page.next, total=page.total),
        departments=department_names(),
    )


@blueprint.get("/orders/<order_id>")
@asks_thing(Verb.VIEW_CARD)
def order(order_id: str) -> str:
    return _order_page(_thing(services().queries.supervision.order(order_id), order_id))


def _order_page(row: dict[str, Any], problem: str = "") -> str:
    actor = current_actor()
    facts = services().queries.supervision.facts(row)
    prefetch_names([*row["addressees"], row["issued_by"], row["answered_by"], row["closed_by"]])
    return render_template(
        "supervision/order.html",
        is_provisional=is_provisional,
        row=row,
        problem=problem,
        department=department_names().get(row["department"], row["department"]),
        can_answer=may(actor, Verb.ANSWER_CARD, facts).allowed,
        can_manage=may(actor, Verb.MANAGE_CARDS).allowed,
        can_see_case=_sees_case(row["case_no"]),
    )


_ORDER_ANSWERS: Mapping[str, Made] = {"answer": lambda key, text: AnswerOrder(order_id=key, text=text)}
_ORDER_MEASURES: Mapping[str, Made] = {
    "return": lambda key, text: ReturnOrder(order_id=key, reason=text),
    "escalate": lambda key, text: EscalateOrder(order_id=key, reason=text),
    "close": lambda key, text: CloseOrder(order_id=key, reason=text),
}


@blueprint.post("/orders/<order_id>/answer")
@asks_thing(Verb.ANSWER_CARD)
def answer_order(order_id: str) -> Response | tuple[str, int]:
    row = _thing(services().queries.supervision.order(order_id), order_id)
    require(current_actor(), Verb.ANSWER_CARD, services().queries.supervision.facts(row))
    back = url_for("supervision.order", order_id=order_id)
    return _do(_ORDER_ANSWERS, order_id, back, lambda text: _order_page(row, text))


@blueprint.post("/orders/<order_id>/manage")
@asks(Verb.MANAGE_CARDS)
def manage_order(order_id: str) -> Response | tuple[str, int]:
    """退回重报, 升级, 销号."""
    row = _thing(services().queries.supervision.order(order_id), order_id)
    back = url_for("supervision.order", order_id=order_id)
    return _do(_ORDER_MEASURES, order_id, back, lambda text: _order_page(row, text))


@blueprint.route("/orders/new/<no>", methods=["GET", "POST"])
@asks(Verb.MANAGE_CARDS)
def new_order(no: str) -> Response | tuple[str, int] | str:
    """发督办."""
    case, problem, status = casefile.open_case(no), "", 200
    if request.method == "POST":
        level = request.form.get("level", "")
        command = IssueOrder(no=no, level=int(level) if level.isdecimal() else 0, text=request.form.get("text", ""))
        try:
            made = services().engine.execute(command, actor=current_actor())
        except BanjieError as error:
            problem, status = error.message(language()), error.status
        else:
            flash(_("已发出督办 {number}。", number=made["number"]), "success")
            return redirect(url_for("supervision.order", order_id=made["id"]), 303)
    rules, _version = services().queries.supervision.rules()
    page = render_template(
        "supervision/new_order.html", case=case, row=case.row, problem=problem, reply=rules.orders.reply
    )
    return page if status == 200 else (page, status)


# ---------------------------------------------------------------- urging


@blueprint.route("/urge/<no>", methods=["GET", "POST"])
@asks(Verb.MANAGE_CARDS)
def urge(no: str) -> Response | str:
    """催办 everybody who has a case now: one message for each person."""
    case = casefile.open_case(no)
    queries = services().queries
    tasks = [row for row in queries.tasks.of_instance(case.row["instance_id"]) if row["state"] in OPEN]
    if request.method == "POST":
        command = UrgeTasks(task_ids=tuple(row["id"] for row in tasks), text=request.form.get("text", ""))
        made = services().engine.execute(command, actor=current_actor())
        _tell_urged(made)
        return redirect(url_for("cases.show", no=no, tab="process"), 303)
    prefetch_names(row["assignee"] for row in tasks)
    urges = queries.supervision.urges(case.row["instance_id"])
    return render_template("supervision/urge.html", case=case, row=case.row, tasks=tasks, urges=urges)


@blueprint.post("/urges")
@asks(Verb.MANAGE_CARDS)
def urge_cases() -> Response:
    """批量催办 everybody who has one of the ticked cases now: one message for each person (P-8.4)."""
    cases = [casefile.open_case(no) for no in request.form.getlist("no")[: listing.PAGE_SIZE]]
    queries = services().queries.tasks
    waiting = [row for case in cases for row in queries.of_instance(case.row["instance_id"]) if row["state"] in OPEN]
    if waiting:
        command = UrgeTasks(task_ids=tuple(row["id"] for row in waiting), text=request.form.get("text", ""))
        _tell_urged(services().engine.execute(command, actor=current_actor()))
    else:
        flash(_("请先勾选要催办的办件。"), "warning")
    return redirect(back_to(url_for("board.cases")), 303)


def back_to(usual: str) -> str:
    """Where the form was, if that is a place in this house."""
    asked = request.form.get("back", "")
    return asked if asked.startswith("/") and not asked.startswith(("//", "/\\")) else usual


def _tell_urged(made: Mapping[str, Any]) -> None:
    if made["urged"]:
        flash(_("已催办 {n} 人。", n=len(made["messages"])), "success")
    for refused in made["refused"]:
        flash(refused["zh"] if language() == "zh" else refused["en"], "warning")


@blueprint.post("/tasks/<task_id>/urge")
@asks_thing(Verb.URGE_TASK)
def urge_task(task_id: str) -> Response:
    """催办 one task, by whoever started or handled it before, or a supervisor."""
    back = back_to(url_for("inbox.started"))
    made = services().engine.execute(
        UrgeTask(task_id=task_id, text=request.form.get("text", "")), actor=current_actor()
    )
    flash(_("已催办 {n} 人。", n=len(made["to"])), "success")
    return redirect(back, 303)
