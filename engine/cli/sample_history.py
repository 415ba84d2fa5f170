"""Some weeks of the sample bureau's past, so that its board has curves, lamps, steps and cards from the first start on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

from engine.access import SYSTEM
from engine.calendar import WorkCalendar
from engine.cli.sample_cases import FOOD, WINDOW, Applicant, Desk, shop
from engine.cli.sample_services import Services
from engine.commands.limits.scanning import KeepSchedules
from engine.commands.supervision.urging import UrgeTask
from engine.job_executor import JobExecutor
from engine.process_engine import ProcessEngine
from engine.records import record
from engine.store.queries.subjects import Queries
from engine.store.rows import people


@record(kw_only=False)
class _Story:
    """One shop: filed so many working days ago, reviewed, audited and decided so many days after that (None: not yet)."""

    shop: str
    ago: int
    review: int | None = None
    decide: int | None = None
    verdict: str = "approve"


_STORIES = (
    _Story("老码头火锅", 24, 3, 6),
    _Story("晨光早点铺", 23, 2, 4),
    _Story("蜀味轩", 21, 6, 9),
    _Story("小城故事咖啡", 20, 9, 12),
    _Story("鲜果时光", 18, 2, 3),
    _Story("锦绣社区食堂", 16, 5, 8),
    _Story("好邻居便利店", 16, 1, 3),
    _Story("江湖烤鱼", 15, 7, None),
    _Story("星星幼儿园食堂", 14, None, None),
    _Story("满堂红饭店", 12, 4, 7, "refuse"),
    _Story("清真牛肉面", 11, 8, None),
    _Story("青禾素食", 9, None, None),
    _Story("四季水饺", 9, 5, 7),
    _Story("海港生鲜", 5, 3, None),
    _Story("云上书吧", 3, None, None),
)


@contextmanager
def _clock(engine: ProcessEngine) -> Iterator[Callable[[datetime], None]]:
    """Lend the engine a clock that can be set; nobody else is at work while the samples are made."""
    real, present = engine.clock, [engine.clock()]

    def set_to(moment: datetime) -> None:
        present[0] = moment

    engine.clock = lambda: present[0]
    try:
        yield set_to
    finally:
        engine.clock = real


def live(engine: ProcessEngine, queries: Queries) -> None:
    """Let the stories happen, day by day, with the scan of each morning."""
    calendar, now = queries.admin.calendar(), engine.now()
    days = _days(calendar, now)
    with _clock(engine) as set_to:
        desk, numbers = Desk(engine), dict[str, str]()
        services = Services(desk)
        for back in sorted(days, reverse=True):
            if back % 3 == 0 or back < 2:
                set_to(_moment(calendar, days[back], 8, 40))
                _scan(engine)
            set_to(_moment(calendar, days[back], 9, 10))
            services.on(back)
            for story in _STORIES:
                set_to(_moment(calendar, days[back], 9, 20))
                if story.ago == back:
                    numbers[story.shop] = _file(desk, story.shop)
                elif story.shop in numbers:
                    _work(desk, story, story.ago - back, numbers[story.shop], set_to, days[back], calendar)
        set_to(_moment(calendar, days[min(days)], 17, 40))
        _scan(engine)
        _urge(engine, queries, numbers["星星幼儿园食堂"])
    services.on(0)


def _file(desk: Desk, name: str) -> str:
    """File a food permit with all its papers and accept it."""
    number = sum(map(ord, name)) % 10_000
    owner = Applicant("organisation", f"星河市{name}", f"92510100MA{number:08d}")
    no = desk.file(FOOD, owner, shop(name, "catering", 60 + number % 200), "M01 M02 M03 M04 S01 S02 S03")
    desk.do(WINDOW, no, "examine_materials")
    return no


def _work(
    desk: Desk,
    story: _Story,
    day: int,
    no: str,
    set_to: Callable[[datetime], None],
    on: datetime,
    calendar: WorkCalendar,
) -> None:
    """What is done about one shop on the ``day``-th working day after it was filed."""
    if story.review == day:
        set_to(_moment(calendar, on, 11, 10))
        desk.do("shipin", no, "review", "pass", review_record="布局、设备和人员符合要求")
    if story.decide is not None and story.decide - 1 == day:
        set_to(_moment(calendar, on, 15, 0))
        desk.do("shenhe", no, "audit", "agree")
    if story.decide == day:
        set_to(_moment(calendar, on, 16, 30))
        why = {} if story.verdict == "approve" else {"decision_basis": "《食品安全法》第三十五条"}
        desk.do("juzhang", no, "decide", story.verdict, "" if not why else "经营场所不符合要求", **why)


def _days(calendar: WorkCalendar, now: datetime) -> dict[int, datetime]:
    """{n: the n-th working day before today}; the last one is yesterday's."""
    today = calendar.local(now)
    found = {}
    for back in range(1, max(story.ago for story in _STORIES) + 1):
        day = calendar.working_day(today.date(), -back)
        found[back] = datetime.combine(day, time(0), calendar.timezone)
    return found


def _moment(calendar: WorkCalendar, day: datetime, hour: int, minute: int) -> datetime:
    return (day + timedelta(hours=hour, minutes=minute)).astimezone(UTC)


def _scan(engine: ProcessEngine) -> None:
    engine.execute(KeepSchedules(), actor=SYSTEM)
    JobExecutor(engine).run_until_idle()


def _urge(engine: ProcessEngine, queries: Queries, no: str) -> None:
    with engine.database.read() as connection:
        supervisor = people.actor(connection, "ducha")
    case = queries.cases.get(no) or {}
    task = queries.tasks.open(instance_id=case["instance_id"]).rows[0]
    engine.execute(UrgeTask(task_id=task["id"], text="幼儿园即将开园，请尽快安排现场核查。"), actor=supervisor)
