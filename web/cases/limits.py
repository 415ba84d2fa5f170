"""Limits of a case 时限: the page to print, and what those at work on the case do about them: suspend, extend, correct."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.approval.clock import ClockKind, ClockState
from engine.approval.suspension import ART_45, SuspensionKind
from engine.commands.cases.corrections import DemandCorrection
from engine.commands.cases.extensions import RequestExtension
from engine.commands.cases.suspending import ExtendSuspension, ResumeCase, SuspendCase
from engine.commands.procedures.second_notices import ApproveSecondNotice, RefuseSecondNotice, RequestSecondNotice
from engine.context import Command
from engine.errors import BanjieError
from engine.store.rows.cases import readers
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts import casefile, clockview
from web.parts.casefile import CaseView
from web.parts.clockview import ClockWithSum
from web.wording.i18n import choose
from web.wording.i18n import translate as _
from web.wording.words_time import GROUNDS

blueprint = Blueprint("limits", __name__, url_prefix="/cases")

LOCAL_GROUNDS = (
    SuspensionKind.PUBLICITY,
    SuspensionKind.SITE_SURVEY,
    SuspensionKind.CONSULTATION,
    SuspensionKind.FACT_FINDING,
    SuspensionKind.OTHER,
)


def shown(case: CaseView) -> dict[str, object]:
    """What the tab 时限 of a case shows."""
    queries, facts = services().queries, case.parts
    works = case.may(Verb.SUSPEND_CASE)
    request = facts.get("second_notice_request")
    waits = request is not None and request["state"] == "pending"
    again = bool((facts.get("notices") or {}).get("sent")) and not facts.get("second_notice")
    limits, standing = clockview.of_case(case), (facts.get("suspensions") or {}).get("open", [])
    accepted = bool(case.row["accepted_at"]) and not case.row["decided_at"] and not case.row["finished_at"]
    return {
        "limits": limits,
        "ledger": queries.clocks.ledger(case.row["id"]),
        "suspensions": standing,
        "overrun": _overrun(limits, {each["id"] for each in standing}),
        "extension": facts.get("extension"),
        "demands": (facts.get("demands") or {}).get("demands", []),
        "notices": facts.get("notices"),
        "second_notice": facts.get("second_notice"),
        "can_suspend": works and accepted,
        "can_extend": case.may(Verb.REQUEST_EXTENSION) and accepted and case.row["state"] != "extended",
        "can_demand": case.may(Verb.DEMAND_CORRECTION) and case.row["state"] == "received",
        "notice_request": request,
        "can_ask": again and not waits and case.may(Verb.DEMAND_CORRECTION),
        "can_approve": again and not case.row["decided_at"] and not case.row["finished_at"] and _was_asked(case),
        "grounds": [
            (kind.value, _("{kind}（法定特别程序，两个时限都暂停）", kind=_(GROUNDS[kind.value])))
            for kind in sorted(ART_45)
        ]
        + [(kind.value, _("{kind}（只暂停承诺时限）", kind=_(GROUNDS[kind.value]))) for kind in LOCAL_GROUNDS],
    }


def _was_asked(case: CaseView) -> bool:
    """Was the case opened to the one who looks because something about it is theirs to decide? The command asks whether it is
    this."""
    actor = current_actor()
    people, groups = readers(case.row)
    return actor.login in people or not groups.isdisjoint(actor.groups)


def _overrun(limits: list[ClockWithSum], standing: set[str]) -> list[ClockWithSum]:
    """The special procedures begun on this page that go on beyond their planned time: the limits run again, and somebody has
    to say when the procedure is over. Those that the process draws end with their tasks."""
    drawn = {each.id for limit in limits for each in limit.clock.suspensions if each.token_id}
    return [
        limit
        for limit in limits
        if limit.clock.kind is ClockKind.SPECIAL
        and limit.clock.state is not ClockState.STOPPED
        and limit.clock.about not in standing | drawn
    ]


@blueprint.get("/<no>/limits")
@asks_thing(Verb.VIEW_CASE)
def sheet(no: str) -> str:
    """时限计算表: every limit of the case with its sum, for paper and PDF."""
    case = casefile.open_case(no)
    return render_template(
        "limits/sheet.html",
        case=case,
        row=case.row,
        limits=clockview.of_case(case),
        ledger=services().queries.clocks.ledger(case.row["id"]),
        now=services().engine.now(),
    )


@blueprint.post("/<no>/suspensions")
@asks_thing(Verb.SUSPEND_CASE)
def suspend(no: str) -> Response:
    form = request.form
    command = SuspendCase(
        no=no, kind=form.get("kind", ""), reason=_text("reason"), planned=form.get("planned", "").strip()[:20]
    )
    return _done(no, command, _("时限已暂停，特别程序告知书已制作。"))


@blueprint.post("/<no>/suspensions/<suspension_id>/resume")
@asks_thing(Verb.SUSPEND_CASE)
def resume(no: str, suspension_id: str) -> Response:
    return _done(no, ResumeCase(no=no, suspension_id=suspension_id), _("时限已恢复计算。"))


@blueprint.post("/<no>/suspensions/<suspension_id>/extend")
@asks_thing(Verb.SUSPEND_CASE)
def extend_suspension(no: str, suspension_id: str) -> Response:
    more = request.form.get("more", "").strip()[:20]
    command = ExtendSuspension(no=no, suspension_id=suspension_id, more=more, reason=_text("reason"))
    return _done(no, command, _("计划时间已延长，并已书面告知。"))


@blueprint.post("/<no>/extension")
@asks_thing(Verb.REQUEST_EXTENSION)
def request_extension(no: str) -> Response:
    return _done(no, RequestExtension(no=no, reason=_text("reason")), _("延期申请已送负责人审批。"))


@blueprint.post("/<no>/demands")
@asks_thing(Verb.DEMAND_CORRECTION)
def demand(no: str) -> Response:
    command = DemandCorrection(no=no, items=request.form.get("items", "").strip()[:10_000])
    return _done(no, command, _("补正要求已收集，将汇入一次性补正告知书。"))


@blueprint.post("/<no>/second-notice")
@asks_thing(Verb.APPROVE_NOTICE)
def approve_second_notice(no: str) -> Response:
    return _done(no, ApproveSecondNotice(no=no, reason=_text("reason")), _("已批准再次补正告知一次。"))


@blueprint.post("/<no>/second-notice/request")
@asks_thing(Verb.DEMAND_CORRECTION)
def request_second_notice(no: str) -> Response:
    return _done(no, RequestSecondNotice(no=no, reason=_text("reason")), _("已提请负责人批准再次补正告知。"))


@blueprint.post("/<no>/second-notice/refuse")
@asks_thing(Verb.APPROVE_NOTICE)
def refuse_second_notice(no: str) -> Response:
    return _done(no, RefuseSecondNotice(no=no, reason=_text("reason")), _("已答复申请人员：不同意再次补正告知。"))


def _done(no: str, command: Command, told: str) -> Response:
    """Execute, say how it went, and go back to the tab; a refusal is a sentence there, not a page of its own."""
    try:
        services().engine.execute(command, actor=current_actor())
    except BanjieError as error:
        if error.status not in (409, 422):
            raise
        flash(choose(error.zh, error.en), "error")
    else:
        flash(told, "success")
    return redirect(url_for("cases.show", no=no, tab="clocks"), 303)


def _text(name: str) -> str:
    return request.form.get(name, "").strip()[:2000]
