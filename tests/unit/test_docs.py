"""What the documents name is there: whoever follows a path out of the glossary finds the module."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
MODULE = re.compile(r"`((?:[a-z_]+/)+[a-z_0-9]*\.py)")


@pytest.mark.parametrize("document", WORDS, ids=lambda path: path.name)
def test_every_module_that_a_document_names_is_there(document):
    """Paths start at the root of the house, or below ``engine`` in the glossary."""
    named = MODULE.findall(document.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).is_file() and not (ROOT / "engine" / path).is_file()] == []
