"""Fixtures for tests of the machine."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.unit.bpmn.driving import Run


@pytest.fixture(params=[False, True], ids=["straight", "reloaded"])
def run(request: pytest.FixtureRequest) -> Callable[..., Run]:
    """Start an instance: once straight through, once written and read back between all steps."""
    return partial(Run, reload=request.param)
