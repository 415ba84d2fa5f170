"""Every model that runs in these tests is also one that the upload accepts as it is: the two sides agree."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import pytest

from engine.bpmn.reader import check_files
from engine.runtime.finding import Severity
from tests.unit.bpmn.driving import Run


@pytest.fixture(params=[False, True], ids=["straight", "reloaded"])
def run(request: pytest.FixtureRequest) -> Callable[..., Run]:
    """Start an instance: once straight through, once written and read back between all steps."""
    return partial(_run, reload=request.param)


def _run(source: bytes | Mapping[str, bytes], *arguments: Any, **options: Any) -> Run:
    case = Run(source, *arguments, **options)  # what fails here need not be accepted
    files = {"model.bpmn": source} if isinstance(source, bytes) else dict(source)
    assert _refusals(tuple(files.items())) == []
    return case


@cache
def _refusals(files: tuple[tuple[str, bytes], ...]) -> list[str]:
    report = check_files(dict(files))
    return [f"{finding.code}: {finding.en}" for finding in report.findings if finding.severity is Severity.ERROR]
