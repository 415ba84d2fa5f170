"""The first start: an empty database becomes a bureau that a stranger can work in at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.bpmn.runner import Machine
from engine.calendar import SHANGHAI, DayKind
from engine.calendar.year_file import parse_year_file
from engine.cli import sample_calendar, sample_organisation, samples
from engine.passwords import Passwords
from engine.process_engine import ProcessEngine, build
from engine.store.base.database import Database
from engine.store.queries.subjects import Queries


@pytest.fixture
def engine(database: Database) -> Iterator[ProcessEngine]:
    return build(database, Machine(zone=SHANGHAI), secret=b"a secret for tests")


def test_the_first_start_tells_two_passwords_once_and_fills_every_inbox(engine: ProcessEngine) -> None:
    queries = Queries(engine.database)

    first = samples.seed(engine, queries)

    assert first is not None
    told = "\n".join(first.lines())
    assert first.password in told and first.sample_password in told and "chuangkou" in told
    for login, password in ((first.login, first.password), ("juzhang", first.sample_password)):
        hashed = queries.people.password_hash(login)
        assert hashed is not None and Passwords().verify(hashed, password)
    waiting = {person.login for person in sample_organisation.PEOPLE if _inbox(queries, person.login)}
    assert waiting >= {"chuangkou", "qiantou", "xiaofang", "renfang", "zhian", "paishui", "shipin", "jiandu"}
    assert waiting >= {"huawu", "chengguan", "gongkai", "dengji"}
    assert {row["state"] for row in queries.cases.page(limit=50).rows} >= {
        "received", "under_review", "accepted_tol", "decided_ok"
    }  # fmt: skip
    assert queries.instances.incidents().rows == []
    assert {item["code"] for item in queries.definitions.items()} >= {"000117012000", "000123015000", "000131010000"}


def test_the_sample_orders_requests_and_publicities_stand_where_their_clocks_tell_something(
    engine: ProcessEngine,
) -> None:
    queries = Queries(engine.database)
    engine.clock = lambda: datetime(2026, 11, 24, 2, 20, tzinfo=UTC)
    samples.seed(engine, queries)

    calendar = queries.admin.calendar()
    steps: dict[str, dict[str, Any]] = {}
    for login in ("huawu", "chengguan", "gongkai", "dengji"):
        steps |= {row["element_id"]: row for row in _inbox(queries, login)}
    assert set(steps) == {
        "triage", "settle_return", "handle",  # a call to dispatch, a return to settle, an order to answer
        "examine", "third_party_opinion",  # a request to examine, and one that waits for a third party
        "verify", "judge_objection",  # a publicity that is over, and an objection against another
    }  # fmt: skip
    assert calendar.local_date(steps["handle"]["due_at"]) == calendar.working_day(calendar.local_date(engine.now()), 1)
    asked, published = (
        queries.cases.get(steps[key]["business_key"]) for key in ("third_party_opinion", "judge_objection")
    )
    assert asked is not None and published is not None
    assert {"statutory": "paused"}.items() <= _clocks(queries, asked["id"]).items()
    assert _clocks(queries, published["id"])["publicity"] == "running"


def _clocks(queries: Queries, case_id: str) -> dict[str, str]:
    return {row["kind"]: row["state"] for row in queries.cases.clocks(case_id)}


def test_a_second_start_changes_nothing(engine: ProcessEngine) -> None:
    queries = Queries(engine.database)
    samples.seed(engine, queries, with_cases=False)
    before = queries.admin.admin_history(limit=1)

    assert samples.seed(engine, queries) is None

    assert queries.admin.admin_history(limit=1) == before


def test_a_first_start_that_was_interrupted_begins_again(engine: ProcessEngine) -> None:
    queries = Queries(engine.database)
    samples.furnish(engine, samples.OPERATOR, Passwords().hash("a password that nobody was told"))

    first = samples.seed(engine, queries, with_cases=False)

    assert first is not None
    hashed = queries.people.password_hash("chuangkou")
    assert hashed is not None and Passwords().verify(hashed, first.sample_password)
    assert {row["version"] for row in queries.definitions.page().rows} == {1}


def test_the_seeded_years_are_those_of_the_state_council() -> None:
    days = {row.date.isoformat(): row for row in parse_year_file(sample_calendar.year_file(2026))}

    worked = [day for day, row in days.items() if row.kind is DayKind.WORK]
    assert worked == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
    assert days["2026-02-17"].name == "春节" and days["2026-10-10"].name == "国庆节调休上班"


def _inbox(queries: Queries, login: str) -> list[dict[str, Any]]:
    signed_in = queries.people.active(login)
    assert signed_in is not None
    return [*queries.tasks.assigned(signed_in.actor()).rows, *queries.tasks.offered(signed_in.actor()).rows]
