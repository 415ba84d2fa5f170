"""The board 时限看板: figures that open lists, curves, lamps, steps against their limits, heat on the diagram, what is due."""

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from engine.access import TaskFacts, Verb, may
from engine.bpmn.diagram import render_svg
from engine.calendar import SHANGHAI, Unit
from engine.errors import NotFound
from engine.spreadsheets import MEDIA_TYPE, Cell, Sheet, workbook
from engine.store.base.paging import MAX_LIMIT
from engine.store.queries.board import Lamp
from web.frame import charts, deadlines, listing
from web.frame.auth import current_actor, services
from web.frame.filters import person_name, prefetch_names
from web.frame.policy import asks
from web.supervision.boardview import DAYS, Board, StepRow
from web.supervision.tiles import tiles_of
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("board", __name__, url_prefix="/board")

MEASURES = ("count", "mean", "late")
SHOWN_STEPS, SHOWN_CASES, EXPORTED = 10, 12, 5_000


@blueprint.get("")
@asks(Verb.VIEW_BOARD)
def index() -> str:
    """The page that the bureau's head opens every morning."""
    board = _board()
    urgent = board.list((Lamp.RED, Lamp.AMBER), limit=SHOWN_CASES)
    steps = [row for row in board.steps if row.mean is not None and round(row.mean, 2) > 0][:SHOWN_STEPS]
    return render_template(
        "board/index.html",
        board=board,
        tiles=tiles_of(board),
        filters=_filters(board),
        curve=_curve(board),
        ring=_ring(board),
        step_chart=_step_chart(steps) if steps else None,
        overdue_chart=_overdue_chart(board),
        heat=_heat(board),
        lamps=_lamp_rows(board),
        cases=_shown(urgent.rows),
        more_urgent=urgent.next is not None,
        export_url=url_for("board.export", **board.arguments()),
        can_manage=may(current_actor(), Verb.MANAGE_CARDS).allowed,
    )


@blueprint.get("/cases")
@asks(Verb.VIEW_BOARD)
def cases() -> str:
    """Open cases with one lamp, most urgent first."""
    board = _board()
    lamp = listing.text("lamp", 12)
    found = board.list((lamp,), after=listing.text("after", 500) or None)
    return render_template(
        "board/cases.html",
        board=board,
        filters=_filters(board),
        lamp=lamp,
        lamps=[(name, _(_LAMPS[name])) for name in (*Lamp.ALL, Lamp.TODAY)],
        rows=_shown(found.rows),
        pager=listing.pager(found.next, total=found.total),
        can_manage=may(current_actor(), Verb.MANAGE_CARDS).allowed,
    )


@blueprint.get("/decided")
@asks(Verb.VIEW_BOARD)
def decided() -> str:
    """Cases decided in the span, with the time that they took."""
    board = _board()
    after = listing.text("after", 500) or None
    found = services().queries.board.decided(board.span, board.calendar, after=after)
    return render_template(
        "board/decided.html",
        board=board,
        filters=_filters(board),
        rows=found.rows,
        pager=listing.pager(found.next, total=found.total),
    )


@blueprint.get("/heat.svg")
@asks(Verb.VIEW_BOARD)
def heat_svg() -> Response:
    """The diagram of one process, warm where much waits, long is taken, or much is late."""
    board = _board()
    definition = board.definition(board.heat_process)
    xml = services().queries.definitions.xml(definition["id"], normalised=True) if definition else None
    if definition is None or xml is None:
        raise NotFound("没有这个流程。", "There is no such process.")
    warm, badges, titles = board.heat(_measure())
    drawn = render_svg(xml, process_key=definition["key"], heat=warm, badges=badges, titles=titles, language=language())
    response = Response(drawn, content_type="image/svg+xml; charset=utf-8")
    # Opened on its own, the picture is a document: it may run and load nothing.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response


@blueprint.get("/export.xlsx")
@asks(Verb.VIEW_BOARD)
def export() -> Response:
    """Everything on the board as one workbook, and the list of what is due and overdue in full."""
    board = _board()
    data = workbook(_sheets(board))
    name = f"board-{board.calendar.local_date(board.now):%Y%m%d}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, content_type=MEDIA_TYPE, headers=headers)


# ---------------------------------------------------------------- the parts of the page


def _board() -> Board:
    return Board.of_request(listing.text("department"), listing.text("process"), listing.number("days"))


def _measure() -> str:
    asked = listing.text("measure", 12)
    return asked if asked in MEASURES else MEASURES[0]


_LAMPS = {"red": "超期", "amber": "临期", "green": "正常", "paused": "暂停", "today": "今日到期"}


def _filters(board: Board) -> dict[str, Any]:
    """The choices of the filter."""
    departments = {each.department for each in board.catalogue}
    processes = {
        each.process_key: each.name
        for each in board.catalogue
        if not board.department or each.department == board.department
    }
    return {
        "departments": sorted((code, board.names.get(code, code)) for code in departments),
        "processes": sorted(processes.items(), key=lambda pair: pair[1]),
        "days": [(str(days), _("近 {n} 天", n=days)) for days in DAYS],
        "sees_all": board.allowed is None or len(board.allowed) > 1,
    }


def _curve(board: Board) -> Any:
    days = [charts.Day(label, found.received, found.decided) for label, found in board.curve_rows]
    return charts.curve(days, _("收件和办结"), _("收件"), _("办结"))


def _lamp_rows(board: Board) -> list[tuple[str, str, int]]:
    """(lamp, words, how many), gravest first."""
    words = {
        Lamp.RED: _("超期（红灯）"),
        Lamp.AMBER: _("临期（黄灯）"),
        Lamp.GREEN: _("正常（绿灯）"),
        Lamp.PAUSED: _("暂停"),
    }
    return [(lamp, text, board.lamps[lamp]) for lamp, text in words.items()]


def _ring(board: Board) -> Any:
    slices = [charts.Slice(text, count, lamp) for lamp, text, count in _lamp_rows(board)]
    return charts.ring(slices, _("在办件灯色"), f"{board.open:,}", _("在办"))


def _step_chart(steps: list[StepRow]) -> Any:
    rows = [
        charts.Pair(
            row.name, round(row.mean or 0, 2), None if row.limit is None else round(row.limit, 2), _is_over(row)
        )
        for row in steps
    ]
    return charts.pairs(rows, _("各环节平均用时与时限（工作日）"), _("平均用时"), _("时限"), _("工作日"))


def _is_over(row: StepRow) -> bool:
    return row.limit is not None and row.mean is not None and row.mean > row.limit


def _overdue_chart(board: Board) -> Any:
    rows = [(name, count) for _code, name, count in board.overdue[:8]]
    return charts.bars(rows, _("超期件按部门"), _("件")) if rows else None


def _heat(board: Board) -> dict[str, Any] | None:
    """The picture of the process that is shown, and the links to its three measures."""
    key = board.heat_process
    if not key:
        return None
    measure = _measure()
    words = {"count": _("在办件数"), "mean": _("平均用时"), "late": _("超期率")}
    version = f"{board.now:%Y%m%d%H%M}"
    return {
        "name": board.process_name(key),
        "url": url_for("board.heat_svg", **board.arguments(process=key, measure=measure, lang=language(), v=version)),
        "measures": [
            (text, url_for("board.index", **board.arguments(measure=name)) + "#heat", name == measure)
            for name, text in words.items()
        ],
        "text": _("流程图：{name}", name=board.process_name(key)),
        "rows": [row for row in board.steps if row.process_key == key],
    }


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their lamp in words and who has them now."""
    queries, now = services().queries, services().engine.now()
    holders = queries.people.at_work_on([row["instance_id"] for row in rows if row["instance_id"]])
    prefetch_names(task["assignee"] for tasks in holders.values() for task in tasks)
    calendar = queries.admin.calendar()
    urged = queries.supervision.urged([task["id"] for tasks in holders.values() for task in tasks])
    units = queries.units.of_cases(row["id"] for row in rows)
    for row in rows:
        judged = deadlines.deadline(
            row["due_at"],
            now=now,
            calendar=calendar,
            since=row["accepted_at"],
            provisional=row["due_provisional"],
            unit=units.get(row["id"], Unit.WD),
        )
        row["deadline"] = judged
        row["word"] = _(_LAMPS[row["lamp"]])
        row["tasks"] = [task | {"can_assign": _may_assign(task)} for task in holders.get(row["instance_id"], [])]
        row["urged"] = any(task["id"] in urged for task in row["tasks"])
    return rows


def _may_assign(task: dict[str, Any]) -> bool:
    """Whether the one who looks may give this open task to somebody else 改派; a supervisor may not."""
    facts = TaskFacts(task_id=task["id"], assignee=task["assignee"])
    return may(current_actor(), Verb.ASSIGN_TASK, facts).allowed


# ---------------------------------------------------------------- the workbook


def _sheets(board: Board) -> list[Sheet]:
    note = _("数据截至 {at}；用时为工作时间，不含暂停。", at=f"{board.now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")
    tiles: list[list[Cell]] = [[tile.label, tile.figure, tile.note] for tile in tiles_of(board)]
    days: list[list[Cell]] = [[day, found.received, found.decided, found.late] for day, found in board.day_rows]
    overdue: list[list[Cell]] = [[name, count] for _code, name, count in board.overdue]
    cases, more = _case_cells(board)
    cut = _("只导出了前面的部分，请缩小查询范围后再导出其余的") if more else ""
    return [
        Sheet(title=_("概况"), columns=[_("指标"), _("数值"), _("说明")], rows=tiles, note=note),
        Sheet(title=_("收件和办结"), columns=[_("日期"), _("收件"), _("办结"), _("超期办结")], rows=days),
        Sheet(title=_("环节用时"), columns=_step_columns(), rows=[_step_cells(row) for row in board.steps]),
        Sheet(title=_("超期件按部门"), columns=[_("部门"), _("超期件")], rows=overdue),
        Sheet(title=_("即将到期与超期"), columns=_case_columns(), rows=cases, note=cut),
    ]


def _step_columns() -> list[str]:
    return [
        _("流程"), _("环节"), _("办理件次"), _("平均用时（工作日）"), _("时限（工作日）"), _("超期率"), _("在办"),
        _("在办超期"), _("催办次数"),
    ]  # fmt: skip


def _step_cells(row: StepRow) -> list[Cell]:
    share = None if row.late_share is None else round(row.late_share, 4)
    mean = None if row.mean is None else round(row.mean, 2)
    limit = None if row.limit is None else round(row.limit, 2)
    return [row.process, row.name, row.done, mean, limit, share, row.waiting, row.waiting_late, row.urged]


def _case_columns() -> list[str]:
    return [
        _("灯色"), _("编号"), _("标题"), _("事项"), _("申请人"), _("环节"), _("办理人"), _("承诺办结"), _("剩余或超期"),
    ]  # fmt: skip


def _case_cells(board: Board) -> tuple[list[list[Cell]], bool]:
    """The rows of red and yellow cases, as far as EXPORTED, and whether there are more."""
    rows: list[list[Cell]] = []
    after = None
    while len(rows) < EXPORTED:
        page = board.list((Lamp.RED, Lamp.AMBER), after=after, limit=min(MAX_LIMIT, EXPORTED - len(rows)))
        for row in _shown(page.rows):
            steps = "、".join(dict.fromkeys(task["element_name"] for task in row["tasks"]))
            people = "、".join(
                dict.fromkeys(person_name(task["assignee"]) for task in row["tasks"] if task["assignee"])
            )
            due = row["due_at"].astimezone(SHANGHAI)
            about = [row["word"], row["no"], row["title"], row["item_name"], row["applicant_name"]]
            rows.append([*about, steps, people or _("待认领"), due, row["deadline"].left])
        after = page.next
        if after is None:
            break
    return rows, after is not None
