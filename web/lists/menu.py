"""The menu on the left, by what the person may do; and the lines above the page that must not be overlooked."""

from datetime import timedelta

from flask import g, request, url_for

from engine.access import Actor, Verb, may
from engine.calendar import SHANGHAI
from engine.records import record
from web.frame.auth import services
from web.parts import standingin
from web.wording.i18n import translate as _


@record
class Entry:
    """One line of the menu. ``count`` None shows no figure; ``id`` is under which the figure is refreshed."""

    label: str
    url: str
    icon: str
    current: bool = False
    count: int | None = None
    id: str = ""


@record(kw_only=False)
class Section:
    label: str
    entries: list[Entry]


@record(kw_only=False)
class Note:
    """One line above the page."""

    text: str
    url: str = ""
    link: str = ""


@record(kw_only=False)
class _Line:
    """A line of the menu before it is known who looks: endpoint, words, icon, the right that it needs."""

    endpoint: str
    label: str
    icon: str
    verb: Verb | None = None
    count: str = ""


def _lines() -> list[tuple[str, list[_Line]]]:
    return [
        (
            _("我的办件"),
            [
                _Line("inbox.index", _("待办"), "inbox", count="assigned"),
                _Line("inbox.offered", _("待认领"), "hand", count="offered"),
                _Line("inbox.done", _("已办"), "done"),
                _Line("inbox.started", _("我发起的"), "send"),
                _Line("copies.index", _("抄送我的"), "list", count="copies"),
                _Line("start.index", _("发起申请"), "plus", Verb.START_PROCESS),
                _Line("proxies.index", _("我的代理"), "people", Verb.MANAGE_OWN_PROXIES),
            ],
        ),
        (
            _("办件与流程"),
            [
                _Line("cases.index", _("办件查询"), "folder", Verb.VIEW_ALL_CASES),
                _Line("instances.index", _("流程实例"), "flow", Verb.VIEW_ALL_INSTANCES),
                _Line("deployments.index", _("流程与部署"), "upload", Verb.VIEW_DEFINITIONS),
            ],
        ),
        (
            _("监督"),
            [
                _Line("board.index", _("时限看板"), "chart", Verb.VIEW_BOARD),
                _Line("supervision.index", _("督办与黄红牌"), "flag", count="cards"),
                _Line("scanning.rules", _("监察规则"), "gear", Verb.MANAGE_CARD_RULES),
            ],
        ),
        (
            _("系统管理"),
            [
                _Line("people.index", _("人员"), "people", Verb.MANAGE_PEOPLE),
                _Line("organisation.index", _("部门与办理组"), "tree", Verb.MANAGE_PEOPLE),
                _Line("allproxies.index", _("代理管理"), "people", Verb.MANAGE_PROXIES),
                _Line("calendar.index", _("工作日历"), "calendar", Verb.VIEW_CALENDAR),
                _Line("incidents.index", _("异常"), "warning", Verb.MANAGE_INCIDENTS, count="incidents"),
                _Line("jobs.index", _("定时与外呼作业"), "clock", Verb.MANAGE_JOBS),
                _Line("credit.index", _("信用记录"), "shield", Verb.MANAGE_CREDIT),
                _Line("audit.index", _("审计记录"), "list", Verb.VIEW_AUDIT),
            ],
        ),
    ]


def build(actor: Actor) -> list[Section]:
    """Return the menu of ``actor``; sections in which nothing is left are gone."""
    figures = counts(actor)
    sections = []
    for label, lines in _lines():
        entries = [_entry(line, figures) for line in lines if line.verb is None or may(actor, line.verb).allowed]
        if entries:
            sections.append(Section(label, entries))
    return sections


def counts(actor: Actor) -> dict[str, int]:
    """The figures of the menu: what waits for this person."""
    figures = {**waiting(actor), "notices": services().queries.inbox.unread_notices(actor)}
    figures["cards"] = services().queries.supervision.waiting_for(actor.login, actor.leads)
    if may(actor, Verb.MANAGE_INCIDENTS).allowed:
        figures["incidents"] = services().queries.instances.open_incidents()
    return figures


def waiting(actor: Actor) -> dict[str, int]:
    """What stands in the inbox and waits for this person; counted once for a page, though menu and tabs both show it."""
    known: dict[str, dict[str, int]] = g.setdefault("waiting", {})
    if actor.login not in known:
        queries = services().queries
        known[actor.login] = standingin.offered_count(queries.tasks.counts(actor)) | {
            "copies": queries.inbox.unread_copies(actor)
        }
    return known[actor.login]


def notes(actor: Actor) -> list[Note]:
    """From November on, an administrator is told that next year's calendar is missing (due dates would be provisional)."""
    if not may(actor, Verb.MANAGE_CALENDAR).allowed:
        return []
    ahead = (services().engine.now().astimezone(SHANGHAI) + timedelta(days=61)).year
    loaded = services().queries.admin.calendar().loaded_years
    if ahead in loaded:
        return []
    text = _("{year} 年的工作日历还没有载入，跨到这一年的时限都只是暂定。", year=ahead)
    return [Note(text, url_for("calendar.index", year=ahead), _("去载入"))]


def _entry(line: _Line, figures: dict[str, int]) -> Entry:
    return Entry(
        label=line.label,
        url=url_for(line.endpoint),
        icon=line.icon,
        current=_is_current(line.endpoint),
        count=figures.get(line.count, 0) if line.count else None,
        id=line.count,
    )


def _is_current(endpoint: str) -> bool:
    """The inbox has one line per tab; every other line stands for all pages of its noun."""
    here = request.endpoint or ""
    if endpoint.startswith("inbox.") or "scanning.rules" in (here, endpoint):
        return here == endpoint
    if endpoint == "supervision.index" and here.startswith("scanning."):
        return True
    return here.split(".")[0] == endpoint.split(".")[0]
