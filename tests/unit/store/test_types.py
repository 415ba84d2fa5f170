"""Date-times in SQLite are the text that SQLAlchemy's own type would have written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from engine.store.tables.types import Moment

SQLITE = sqlite.dialect()
WRITE = Moment().dialect_impl(SQLITE).bind_processor(SQLITE)
READ = Moment().dialect_impl(SQLITE).result_processor(SQLITE, None)
THEIRS = sqlite.DATETIME().bind_processor(SQLITE)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9, minutes=-30))])
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001 - a zone is added


@given(MOMENTS)
def test_a_moment_is_written_as_before_and_comes_back_in_utc(moment: datetime) -> None:
    written = WRITE(moment)
    assert written == THEIRS(moment.astimezone(UTC).replace(tzinfo=None))
    assert READ(written) == moment
    assert READ(written).tzinfo is UTC


def test_no_moment_stays_none() -> None:
    assert WRITE(None) is None
    assert READ(None) is None


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        WRITE(datetime(2026, 12, 1, 9))  # noqa: DTZ001 - that is the mistake
