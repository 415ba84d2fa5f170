"""代理管理: everybody's proxies, for administrators, who grant and revoke for others too."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from engine.access import Verb
from engine.errors import BanjieError, Conflict, InvalidInput, NotFound
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.policy import asks
from web.own import proxies
from web.parts import colleagues
from web.wording.i18n import translate as _

blueprint = Blueprint("allproxies", __name__, url_prefix="/admin/proxies")


@blueprint.get("")
@asks(Verb.MANAGE_PROXIES)
def index() -> str:
    return _page()


@blueprint.post("")
@asks(Verb.MANAGE_PROXIES)
def grant() -> Response | tuple[str, int]:
    """Let somebody stand in for somebody else."""
    command = proxies.given(colleagues.chosen("principal"))
    try:
        services().engine.execute(command, actor=current_actor())
    except (InvalidInput, Conflict, NotFound) as error:
        return _page(error), error.status
    flash(_("代理已保存。"), "success")
    return redirect(url_for("allproxies.index"), 303)


def _page(error: BanjieError | None = None) -> str:
    page = services().queries.asking.rules(after=listing.text("after", 500) or None, limit=listing.PAGE_SIZE)
    return proxies.page(page.rows, error, own=False, pager=listing.pager(page.next))
