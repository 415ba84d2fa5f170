"""The support table, the conformance tests and the page about them say the same."""

from collections import Counter

from engine.bpmn.rules.support import SUPPORTED
from tests.unit.bpmn.conformance.document import PATH, document
from tests.unit.bpmn.conformance.rows import ROWS


def test_every_row_that_runs_has_exactly_one_test_class_and_no_other_row_has_one() -> None:
    document()  # imports all tests
    assert Counter(row.key for row in ROWS) == Counter(key for key, row in SUPPORTED.items() if row.runs)


def test_the_page_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), (
        "docs/bpmn-support.md is stale: run python -m tests.unit.bpmn.conformance.document"
    )
