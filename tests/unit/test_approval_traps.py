"""The table of traps in the documentation and the tests that hold them name each other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "approval-traps.md"
FOUND = ROOT / "tests" / "integration" / "verbs" / "test_found.py"
OF_OUR_OWN = "## Faults of our own"
BY_READING = "## Faults of our own found by reading"


def _traps_with_tests() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found |= set(re.findall(r"def (test_(?:\w+_)?trap_2_\w+)", path.read_text(encoding="utf-8")))
    return found


def test_every_trap_of_the_table_has_its_test_and_every_such_test_its_trap() -> None:
    traps = DOCUMENT.read_text(encoding="utf-8").split(OF_OUR_OWN)[0]
    assert set(re.findall(r"`(test_\w+)`", traps)) == _traps_with_tests()


def test_every_fault_that_the_random_sequences_found_has_its_test_and_every_such_test_its_fault() -> None:
    _, faults, _ = DOCUMENT.read_text(encoding="utf-8").split(OF_OUR_OWN)
    tests = re.findall(r"def (test_\w+)", FOUND.read_text(encoding="utf-8"))
    assert sorted(re.findall(r"`(test_\w+)`", faults)) == sorted(tests)


def test_every_fault_that_was_found_by_reading_has_its_test() -> None:
    faults = DOCUMENT.read_text(encoding="utf-8").split(BY_READING)[1]
    named = re.findall(r"`(test_\w+)`", faults)
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named and not [name for name in named if f"def {name}(" not in tests]


def test_each_chapter_has_its_tests_under_its_number() -> None:
    traps = DOCUMENT.read_text(encoding="utf-8").split(OF_OUR_OWN)[0]
    chapters = re.split(r"^## (2\.\d+) ", traps, flags=re.MULTILINE)[1:]
    numbers, texts = chapters[::2], chapters[1::2]
    assert numbers == [f"2.{number}" for number in range(1, 11)]
    for number, text in zip(numbers, texts, strict=True):
        for name in re.findall(r"`(test_\w+)`", text):
            assert f"trap_{number.replace('.', '_')}_" in name, f"{name} stands under {number}"
