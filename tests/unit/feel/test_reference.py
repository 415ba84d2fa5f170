"""docs/feel.md says what the language can do: its table is that of the program, its examples run."""

import re
from pathlib import Path

import pytest

from engine import feel
from engine.feel import limits
from engine.feel.reference import function_table

PAGE = (Path(__file__).parents[3] / "docs" / "feel.md").read_text(encoding="utf-8")


def test_the_table_of_functions_is_the_one_that_the_program_makes() -> None:
    assert PAGE.endswith(function_table()), "run: python -m engine.feel.reference, and replace the end of docs/feel.md"


def test_every_function_is_in_the_table() -> None:
    table = function_table()
    assert sum(len(forms) for forms in feel.BUILTINS.values()) == table.count("| `")


@pytest.mark.parametrize("name", ["MAX_SOURCE", "MAX_SCRIPT", "MAX_STEPS", "MAX_STRING", "MAX_LIST", "MAX_EXPONENT"])
def test_the_bounds_on_the_page_are_those_of_the_program(name: str) -> None:
    assert f"{getattr(limits, name):,}" in PAGE


SECTION = PAGE.split("## 值和写法")[1].split("运算：")[0]
EXAMPLES = [text for text in re.findall(r"`([^`]+)`", SECTION) if text not in ("in", "'…'")]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_values_are_read(example: str) -> None:
    assert feel.compile(example).source == example
