"""Builders for the tests of expressions: one clock, one way to evaluate."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from engine import feel

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def now() -> datetime:
    """A Sunday morning in the bureau."""
    return NOW


@pytest.fixture
def evaluate(now: datetime) -> Callable[..., Any]:
    """Evaluate an expression with variables given by name (and ``**{"name with blank": ...}``)."""

    def run(source: str, **variables: Any) -> Any:
        return feel.compile(source).evaluate(variables, now=now)

    return run


@pytest.fixture
def condition(now: datetime) -> Callable[..., bool]:
    """Evaluate a condition with variables given by name."""

    def run(source: str, **variables: Any) -> bool:
        return feel.compile(source).evaluate_condition(variables, now=now)

    return run
