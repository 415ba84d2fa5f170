"""What a version of the calendar moved: every limit with its end before and after, as a page and as a workbook."""

from typing import Any

from flask import Blueprint, Response, render_template

from engine.access import Verb
from engine.calendar import SHANGHAI
from engine.errors import NotFound
from engine.spreadsheets import MEDIA_TYPE, Cell, Sheet, workbook
from engine.store.base.paging import Row
from web.frame import listing
from web.frame.auth import services
from web.frame.policy import asks
from web.wording.i18n import translate as _
from web.wording.words import word

blueprint = Blueprint("calendarlog", __name__, url_prefix="/calendar/revisions")

MOST = 20_000  # rows of a workbook: nobody reads more, and a request must end


@blueprint.get("/<int:version>")
@asks(Verb.MANAGE_CALENDAR)
def show(version: int) -> str:
    """The limits that this version moved, by the end that they had."""
    revision = revision_of(version)
    page = services().queries.moves.page(version, after=listing.text("after", 500) or None)
    return render_template(
        "calendar/moves.html", revision=revision, rows=page.rows, pager=listing.pager(page.next), shift=shift
    )


@blueprint.get("/<int:version>/export.xlsx")
@asks(Verb.MANAGE_CALENDAR)
def export(version: int) -> Response:
    """The same list as a workbook, as far as MOST."""
    revision = revision_of(version)
    rows = services().queries.moves.first(version, MOST + 1)
    note = f"{_('第 {n} 版', n=version)} · {why(revision)}"
    if len(rows) > MOST:
        note += f" · {_('只列出最先到期的 {n} 个。', n=MOST)}"
    heads = [_("办件编号"), _("标题"), _("时限"), _("原到期"), _("现到期"), _("变化（天）"), _("说明")]
    sheet = Sheet(title=_("时限变动"), columns=heads, rows=[_cells(row) for row in rows[:MOST]], note=note)
    headers = {"Content-Disposition": f'attachment; filename="calendar-{version}.xlsx"'}
    return Response(workbook([sheet]), content_type=MEDIA_TYPE, headers=headers)


def revision_of(version: int) -> Row:
    """This version of the calendar. Raises NotFound."""
    found = services().queries.moves.revision(version)
    if found is None:
        raise NotFound(f"没有第 {version} 版工作日历。", f"There is no version {version} of the calendar.")
    return found


def why(revision: Row) -> str:
    """What made this version, in words."""
    return f"{word(revision['what'], 'revision')} {revision['detail']}".strip()


def shift(row: Row) -> str:
    """By how much a limit moved, in words."""
    days: int = row["days"]
    if days:
        return _("推迟 {days} 天", days=days) if days > 0 else _("提前 {days} 天", days=-days)
    if row["before"] == row["after"]:
        return _("日期暂定") if row["provisional"] else _("暂定日期已确定")
    return _("日期不变，时刻改变")


def _cells(row: dict[str, Any]) -> list[Cell]:
    moments = [row[name].astimezone(SHANGHAI).replace(tzinfo=None) for name in ("before", "after")]
    return [row["case_no"] or "", row["title"], word(row["kind"], "clock"), *moments, row["days"], shift(row)]
