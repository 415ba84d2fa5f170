"""时限条: how much of a case's limit is used, as a bar and in words, and what suspensions took from it."""

from engine.approval.clock import Clock
from engine.calendar import Unit, WorkCalendar
from engine.records import record
from web.frame.auth import services
from web.parts import clockview
from web.parts.casefile import LEADING, CaseView
from web.wording.i18n import translate as _
from web.wording.words_time import GROUNDS


@record
class LimitBar:
    """One limit of a case. ``used`` and ``whole`` are in the limit's own unit, which ``text`` names; ``taken`` are sentences."""

    kind: str
    used: float
    whole: float
    text: str
    colour: str
    stands: bool
    taken: tuple[str, ...]


def of_case(case: CaseView) -> list[LimitBar]:
    """The promised and the statutory limit, as far as the case has them; months are measured by no bar."""
    now, calendar = services().engine.now(), services().queries.admin.calendar()
    found = {each.clock.kind.value: each for each in reversed(clockview.of_case(case))}
    bars = []
    for kind in LEADING:
        view = found.get(kind)
        if view is None or view.clock.limit.unit is Unit.MONTH or not view.clock.limit.value:
            continue
        clock, whole = view.clock, float(view.clock.limit.value)
        used = max(0.0, whole - clock.remaining(calendar, now))
        bars.append(
            LimitBar(
                kind=kind,
                used=used,
                whole=whole,
                text=_used(clock.limit.unit, used, whole),
                colour=view.deadline.colour,
                stands=bool(clock.open_suspensions),
                taken=_taken(clock, calendar),
            )
        )
    return bars


def _used(unit: Unit, used: float, whole: float) -> str:
    if unit is Unit.WD:
        return _("已用 {used} / {whole} 工作日", used=f"{used:g}", whole=f"{whole:g}")
    if unit is Unit.HOUR:
        return _("已用 {used} / {whole} 工作小时", used=f"{used:.1f}", whole=f"{whole:g}")
    return _("已用 {used} / {whole} 天", used=f"{used:g}", whole=f"{whole:g}")


def _taken(clock: Clock, calendar: WorkCalendar) -> tuple[str, ...]:
    """What each suspension that is over took, by its reason; an open one has taken nothing yet."""
    told = []
    for each in clock.suspensions:
        name = _(GROUNDS[each.kind.value])
        if each.end is None:
            told.append(_("{name}，尚未结束", name=name))
        elif clock.limit.unit is Unit.WD:
            told.append(_("{name} {n} 工作日", name=name, n=f"{calendar.working_days_between(each.start, each.end):g}"))
        else:
            days = (calendar.local_date(each.end) - calendar.local_date(each.start)).days
            told.append(_("{name} {n} 天", name=name, n=days))
    return tuple(told)
