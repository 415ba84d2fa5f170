"""我的代理: for whom I stand in and who stands in for me. Everybody's: see ``web.administration.allproxies``."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.calendar import SHANGHAI
from engine.commands.delegating.proxies import ActivateProxy, GrantProxy, RevokeProxy
from engine.errors import BanjieError, Conflict, InvalidInput, NotFound
from engine.runtime.proxy import ProxyMode
from engine.runtime.task import Power
from engine.store.queries.asking import SHOWN
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks
from web.parts import colleagues
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("proxies", __name__, url_prefix="/proxies")


@blueprint.get("")
@asks(Verb.MANAGE_OWN_PROXIES)
def index() -> str:
    """我的代理: my rules, what I may take, what is done for me, what I asked."""
    return _own()


@blueprint.post("")
@asks(Verb.MANAGE_OWN_PROXIES)
def grant() -> Response | tuple[str, int]:
    try:
        services().engine.execute(given(None), actor=current_actor())
    except (InvalidInput, Conflict, NotFound) as error:
        return _own(error), error.status
    flash(_("代理已保存。"), "success")
    return redirect(url_for("proxies.index"), 303)


@blueprint.post("/<rule_id>/revoke")
@asks(Verb.MANAGE_OWN_PROXIES)
def revoke(rule_id: str) -> Response:
    reason = request.form.get("reason", "").strip()[:500]
    services().engine.execute(RevokeProxy(rule_id=rule_id, reason=reason), actor=current_actor())
    flash(_("代理已撤销，未办的任务会转回。"), "success")
    return _back()


@blueprint.post("/<rule_id>/activate")
@asks(Verb.MANAGE_OWN_PROXIES)
def activate(rule_id: str) -> Response:
    services().engine.execute(ActivateProxy(rule_id=rule_id), actor=current_actor())
    flash(_("代理已启用。"), "success")
    return _back()


def given(principal: str | None) -> GrantProxy:
    """The rule as the form has it."""
    form = request.form
    return GrantProxy(
        principal=principal,
        proxy=colleagues.chosen("proxy"),
        start=_moment("start"),
        end=_moment("end"),
        processes=tuple(key for key in form.getlist("processes") if key),
        departments=tuple(key for key in form.getlist("departments") if key),
        amount_limit=form.get("amount_limit", "").strip() or None,
        power=form.get("power", Power.DECIDE.value),
        mode=form.get("mode", ProxyMode.MOVE.value),
        reason=form.get("reason", "").strip()[:500],
    )


def _moment(name: str) -> str:
    """A local date-time of the form, in the office's own zone."""
    text = request.form.get(name, "").strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).isoformat()
    except ValueError:
        return text  # the command says what is wrong with it


def _own(error: BanjieError | None = None) -> str:
    actor, queries, now = current_actor(), services().queries.asking, services().engine.now()
    rules = queries.rules_of(actor.login)
    to_take, done_for, waiting = (
        queries.to_take(actor, now),
        queries.done_for(actor.login),
        queries.waiting(actor.login),
    )
    prefetch_names([row["assignee"] for row in (*to_take, *done_for)])
    return page(rules, error, own=True, most=SHOWN, to_take=to_take, done_for=done_for, waiting=waiting)


def page(rules: list[dict[str, Any]], error: BanjieError | None, *, own: bool, **more: Any) -> str:
    """The page with these rules, and the form with what was typed."""
    prefetch_names([name for rule in rules for name in (rule["principal"], rule["proxy"], rule["granted_by"])])
    now, queries = services().engine.now().astimezone(UTC), services().queries
    return render_template(
        "asking/proxies.html",
        own=own,
        rules=[rule | {"standing": _standing(rule, now)} for rule in rules],
        typed=request.form,
        problem=error.message(language()) if error else "",
        colleagues=colleagues.listed(current_actor().login if own else None),
        processes=[(row["key"], row["name"]) for row in queries.definitions.newest()],
        departments=[(row["id"], row["name"]) for row in queries.admin.departments()],
        **more,
    )


def _standing(rule: dict[str, Any], now: datetime) -> str:
    """Where a rule stands now: planned, running, revoked or over."""
    if rule["ends_at"] <= now:
        return "over"
    if not rule["active"]:
        return "revoked" if rule["revoked_at"] else "asleep"
    return "planned" if rule["starts_at"] > now else "running"


def _back() -> Response:
    """To the page from which the button was pressed."""
    here = "allproxies.index" if request.form.get("from") == "all" else "proxies.index"
    return redirect(url_for(here), 303)
