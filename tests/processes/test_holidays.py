"""Every licence over the spring festival and the golden week of 2026, on the machine's own clock (frozen, moved hour by hour)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from engine.calendar import SHANGHAI
from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.job_executor import JobExecutor
from tests.integration.cases.filing import SHOP
from tests.integration.cases.filing import filed as food
from tests.integration.cases.test_clocks import ITEM
from tests.integration.cases.test_special_procedures import BESIDE
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.building import BUILDER, DEPARTMENTS
from tests.processes.construction_permit.building import FORM as PROJECT
from tests.processes.construction_permit.building import ITEM as CONSTRUCTION
from tests.processes.hygiene_permit_commitment import paths as hygiene

SPRING = (datetime(2026, 2, 13, 10, tzinfo=SHANGHAI), date(2026, 2, 15), date(2026, 2, 23), date(2026, 2, 27))
GOLDEN = (datetime(2026, 9, 30, 10, tzinfo=SHANGHAI), date(2026, 10, 1), date(2026, 10, 7), date(2026, 10, 13))


def construction(bureau: Bureau) -> str:
    """A department asks for corrections, and the lead sends no notice."""
    no = bureau.file(CONSTRUCTION, applicant=BUILDER, form=PROJECT)
    for login in DEPARTMENTS:
        bureau.do(login, no, "precheck_materials", "correct", precheck_items="M05：缺签章")
    return no


def ordinary_hygiene(bureau: Bureau) -> str:
    """No commitment is chosen, and nobody examines the materials."""
    no = bureau.file(hygiene.ITEM, applicant=hygiene.HOTEL, form=hygiene.FORM, offered=hygiene.REDUCED)
    bureau.do("chuangkou", no, "choose", "decline", notice_received=True)
    return no


FILE: dict[str, Callable[[Bureau], str]] = {"food": food, "construction": construction, "hygiene": ordinary_hygiene}


@pytest.fixture
def frozen(bureau: Bureau) -> Iterator[FrozenDateTimeFactory]:
    """The house reads the machine's clock, and freezegun holds that."""
    with freeze_time(datetime(2026, 1, 5, 1, tzinfo=UTC)) as clock:
        bureau.engine.clock = lambda: datetime.now(UTC)
        yield clock


def walk(bureau: Bureau, clock: FrozenDateTimeFactory, until: datetime) -> None:
    """Let the hours pass, with the workers running."""
    executor = JobExecutor(bureau.engine)
    while datetime.now(UTC) < until:
        clock.move_to(min(datetime.now(UTC) + timedelta(hours=6), until))
        bureau.now = datetime.now(UTC)
        executor.run_until_idle()


@pytest.mark.parametrize("name", sorted(FILE))
@pytest.mark.parametrize(("filed_at", "first", "last", "notice"), [SPRING, GOLDEN], ids=["spring", "golden"])
def test_no_limit_ends_on_a_holiday_and_silence_is_acceptance_after_five_working_days(
    bureau: Bureau,
    frozen: FrozenDateTimeFactory,
    name: str,
    filed_at: datetime,
    first: date,
    last: date,
    notice: date,
) -> None:
    frozen.move_to(filed_at)
    bureau.now = filed_at
    no = FILE[name](bureau)
    assert bureau.clock(no, "notice") == ("running", notice)

    eve = datetime.combine(notice, datetime.min.time(), SHANGHAI) + timedelta(hours=17, minutes=30)
    walk(bureau, frozen, eve)

    assert bureau.state(no) == "received", "until the office closes on the fifth working day"
    on_holidays = [row for row in bureau.history(no) if first <= bureau.local_day(row["at"]) <= last]
    assert on_holidays == [], "nothing happens while the office is closed"
    walk(bureau, frozen, eve + timedelta(hours=1))
    assert bureau.case(no)["facts"]["acceptance"] == "deemed"
    assert bureau.local_day(bureau.case(no)["accepted_at"]) == filed_at.date()
    clocks = bureau.queries.cases.clocks(bureau.case(no)["id"])
    for row in clocks:
        assert not first <= date.fromisoformat(row["facts"]["due"]["date"]) <= last, row["kind"]


def test_a_hearing_over_the_spring_festival_takes_its_working_days_only(
    bureau: Bureau, frozen: FrozenDateTimeFactory
) -> None:
    files = {"item.toml": ITEM.encode(), "special.bpmn": BESIDE.replace("PLANNED", "5wd").encode()}
    frozen.move_to(SPRING[0])
    bureau.now = SPRING[0]
    bureau.engine.execute(DeployResources(name="special", files=files), actor=OPERATOR)
    no = bureau.file("000131990000", applicant=SHOP, offered={"M01": {}})
    assert bureau.clock(no, "statutory")[1] == date(2026, 3, 19), "the vector of the calendar: 20 working days"
    bureau.do("shipin", no, "open")

    walk(bureau, frozen, datetime(2026, 3, 2, 9, tzinfo=SHANGHAI))

    # begun on Feb 13, five working days to the 27th (14, 24, 25, 26, 27), then the clocks ran again by themselves
    assert bureau.clock(no, "statutory") == ("running", date(2026, 3, 26))
    assert "reminded" not in bureau.open(no), "three working days of its own have not gone by"
    walk(bureau, frozen, datetime(2026, 3, 4, 18, tzinfo=SHANGHAI))
    assert bureau.open(no).count("reminded") == 1
