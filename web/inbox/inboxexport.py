"""A list of the inbox as a spreadsheet: the rows that its address finds, with the columns that the person has chosen."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from engine.calendar import SHANGHAI
from engine.errors import NotFound
from engine.spreadsheets import MEDIA_TYPE, Cell, Sheet, workbook
from engine.store.base.paging import MAX_LIMIT, Page, Row
from web.frame import deadlines
from web.frame.auth import current_actor, services
from web.frame.filters import group_name, outcome_label, person_name, prefetch_definitions, prefetch_names
from web.frame.policy import signed_in
from web.inbox import page as inbox
from web.lists import tabs as inboxlists
from web.lists import worklist
from web.lists.worklist import Worklist
from web.tasks import copies
from web.wording.i18n import translate as _
from web.wording.words import word

blueprint = Blueprint("inboxexport", __name__, url_prefix="/inbox/export")

# Nobody reads more rows than this, and a request must end: 25 pages, each of which looks at one window of the list at most.
PAGES = 25
MOST = PAGES * MAX_LIMIT

Read = Callable[[str | None, int], Page]


@blueprint.get("/<tab>.xlsx")
@signed_in
def show(tab: str) -> Response:
    """All rows of the list in its order, as far as MOST; the sheet says so when there are more."""
    if tab not in inboxlists.COLUMNS:
        raise NotFound("没有这个列表。", "There is no such list.")
    actor, now = current_actor(), services().engine.now()
    shown = [name for name in inboxlists.columns(actor, tab) if name != "number"]
    rows, more = _gathered(tab)
    names = inboxlists.column_names()
    heads = [names["number"], _("标题"), *(names[name] for name in shown)]
    if "due" in shown:
        heads.insert(heads.index(names["due"]) + 1, _("剩余时间"))
    sheet = Sheet(
        title=inboxlists.title(tab), columns=heads, rows=[_line(row, shown) for row in rows], note=_note(more)
    )
    headers = {"Content-Disposition": f'attachment; filename="inbox-{tab}-{now.astimezone(SHANGHAI):%Y%m%d}.xlsx"'}
    return Response(workbook([sheet]), content_type=MEDIA_TYPE, headers=headers)


def _note(more: bool) -> str:
    now = services().engine.now().astimezone(SHANGHAI)
    said = _("{name} 于 {at} 导出", name=person_name(current_actor().login), at=f"{now:%Y-%m-%d %H:%M}")
    return f"{said} · {_('只导出了前面的部分，请缩小查询范围后再导出其余的')}" if more else said


def _gathered(tab: str) -> tuple[list[Row], bool]:
    """The rows with what their cells need, and whether there are more."""
    if tab == "started":
        rows, more = _all(inbox.started_page)
        holders: dict[str, list[Row]] = {}
        for first in range(0, len(rows), MAX_LIMIT):
            holders |= services().queries.people.at_work_on([row["id"] for row in rows[first : first + MAX_LIMIT]])
        prefetch_names(task["assignee"] for tasks in holders.values() for task in tasks)
        return [row | {"holders": holders.get(row["id"], [])} for row in rows], more
    if tab == "copies":
        rows, more = _all(copies.page_of)
        prefetch_names(row["sent_by"] for row in rows)
        return rows, more
    wanted, actor = worklist.of_request(tab), current_actor()
    rows, more = _all(lambda after, limit: wanted.page(actor, after, limit))
    for first in range(0, len(rows), MAX_LIMIT):
        prefetch_definitions(row["instance_id"] for row in rows[first : first + MAX_LIMIT] if tab == "done")
    units: list[Row] = []
    for first in range(0, len(rows), MAX_LIMIT):
        units += deadlines.with_units(rows[first : first + MAX_LIMIT])
    return [_judged(row, wanted) for row in units], more


def _all(read: Read) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    after: str | None = None
    for _number in range(PAGES):
        page = read(after, MAX_LIMIT)
        rows, after = rows + page.rows, page.next
        if after is None:
            return rows, False
    return rows, True


def _judged(row: Row, wanted: Worklist) -> Row:
    closed = row["closed_at"]
    used = deadlines.spent(row["created_at"], closed, wanted.calendar) if closed is not None else ""
    return row | {"deadline": wanted.deadline(row), "used": used}


def _line(row: Row, shown: list[str]) -> list[Cell]:
    cells: list[Cell] = [row["business_key"], row["title"] or row["definition_name"]]
    for name in shown:
        cells.append(CELLS[name](row))
        if name == "due":
            cells.append(row["deadline"].left)
    return cells


def _local(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(SHANGHAI)


def _opinion(row: Row) -> str:
    outcome = outcome_label(row) if row["outcome"] else ""
    return "：".join(filter(None, (outcome, row["comment"])))


def _holder(task: Mapping[str, Any]) -> str:
    who = person_name(task["assignee"]) if task["assignee"] else "、".join(map(group_name, task["candidate_groups"]))
    return f"{task['element_name']} · {who}" if who else str(task["element_name"])


CELLS: Mapping[str, Callable[[Row], Cell]] = {
    "lamp": lambda row: row["deadline"].word,
    "applicant": lambda row: row["applicant"],
    "process": lambda row: row["definition_name"],
    "step": lambda row: row["element_name"],
    "received": lambda row: _local(row["created_at"]),
    "due": lambda row: _local(row["due_at"]),
    "opinion": _opinion,
    "closed": lambda row: _local(row["closed_at"]),
    "used": lambda row: row["used"],
    "state": lambda row: word(row["state"], "instance"),
    "holders": lambda row: "；".join(map(_holder, row["holders"])),
    "started": lambda row: _local(row["started_at"]),
    "ended": lambda row: _local(row["ended_at"]),
    "copied_step": lambda row: row["element_name"],
    "sent_by": lambda row: _("流程发出") if row["sent_by"] == "system" else person_name(row["sent_by"]),
    "note": lambda row: row["note"],
    "sent": lambda row: _local(row["sent_at"]),
    "read": lambda row: _local(row["read_at"]),
}
