"""An address that keeps coming with wrong tokens waits; whoever has a right one does not wait for it."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import TooManyRequests
from web.frame.brake import FREE, WINDOW, Brake

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def brake() -> Brake:
    """A brake after as many wrong tokens of one address as are free."""
    brake = Brake()
    for second in range(FREE):
        brake.check("10.0.0.1", "none", NOW + timedelta(seconds=second))
        brake.wrong("10.0.0.1", "none", NOW + timedelta(seconds=second))
    return brake


def test_one_more_is_refused_and_told_when_to_come_again(brake: Brake) -> None:
    with pytest.raises(TooManyRequests) as refused:
        brake.check("10.0.0.1", "other", NOW + timedelta(seconds=FREE))

    assert refused.value.facts["retry_after"] == WINDOW.total_seconds() - FREE + 1


def test_another_address_and_a_token_that_was_right_pass(brake: Brake) -> None:
    brake.right("good")

    brake.check("10.0.0.2", "none", NOW)
    brake.check("10.0.0.1", "good", NOW)
    brake.wrong("10.0.0.1", "good", NOW)  # revoked meanwhile
    with pytest.raises(TooManyRequests):
        brake.check("10.0.0.1", "good", NOW)


def test_after_the_window_the_address_begins_afresh(brake: Brake) -> None:
    later = NOW + WINDOW + timedelta(seconds=FREE)

    brake.check("10.0.0.1", "none", later)
    brake.wrong("10.0.0.1", "none", later)
    brake.check("10.0.0.1", "none", later)
