"""The tiles on top of the board: eight figures, each of which opens the list that it counts."""

from flask import url_for

from engine.records import record
from engine.spreadsheets import Cell
from engine.store.queries.board import Lamp
from web.frame.auth import services
from web.supervision import page as supervision
from web.supervision.boardview import Board
from web.wording.i18n import translate as _


@record
class Tile:
    """One figure: ``figure`` for the spreadsheet, ``value`` as people read it; ``url`` opens what it counts."""

    label: str
    figure: Cell
    value: str
    url: str
    colour: str = ""
    note: str = ""


def tiles_of(board: Board) -> list[Tile]:
    return [*_open_cases(board), *_decided_cases(board), *_unanswered(board)]


def _open_cases(board: Board) -> list[Tile]:
    lamps = board.lamps
    paused = _("其中暂停 {n} 件", n=lamps[Lamp.PAUSED]) if lamps[Lamp.PAUSED] else ""
    return [
        _count(_("在办"), board.open, board.list_url("all"), note=paused),
        _count(_("临期（黄灯）"), lamps[Lamp.AMBER], board.list_url(Lamp.AMBER), colour="amber"),
        _count(_("超期（红灯）"), lamps[Lamp.RED], board.list_url(Lamp.RED), colour="red"),
        _count(_("今日到期"), lamps[Lamp.TODAY], board.list_url(Lamp.TODAY)),
    ]


def _decided_cases(board: Board) -> list[Tile]:
    mean, on_time = board.mean, board.on_time
    decided = url_for("board.decided", **board.arguments())
    return [
        Tile(
            label=_("平均办结"),
            figure=None if mean is None else round(mean, 2),
            value="—" if mean is None else f"{mean:.1f}",
            url=decided,
            note=_("工作日，扣除暂停"),
        ),
        Tile(
            label=_("按时办结率"),
            figure=None if on_time is None else round(on_time, 4),
            value="—" if on_time is None else f"{on_time:.1%}",
            url=decided,
            colour="green",
            note=_("已作出决定 {n} 件", n=board.total.decided),
        ),
    ]


def _unanswered(board: Board) -> list[Tile]:
    about = {"department_code": board.department or None, "process_key": board.process or None}
    counts = services().queries.supervision.counts(**supervision.seen(), **about)
    narrow = board.arguments(days="")
    cards = url_for("supervision.index", tab="unanswered", **narrow)
    orders = url_for("supervision.orders", state="open", **narrow)
    return [
        _count(_("待回复黄红牌"), counts["unanswered"], cards),
        _count(_("待回复督办"), counts["open_orders"], orders),
    ]


def _count(label: str, count: int, url: str, *, colour: str = "", note: str = "") -> Tile:
    return Tile(label=label, figure=count, value=f"{count:,}", url=url, colour=colour, note=note)
