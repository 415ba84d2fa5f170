"""What a README says of its model is there: every element that its table of rows names."""

import re
from pathlib import Path

import pytest

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
WITH_ROWS = sorted(
    path.parent for path in PROCESSES.glob("*/README.md") if "逐行对照" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("folder", WITH_ROWS, ids=lambda folder: folder.name)
def test_the_elements_that_a_readme_names_row_by_row_are_drawn(folder: Path) -> None:
    models = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.bpmn"))
    table = (folder / "README.md").read_text(encoding="utf-8").partition("逐行对照")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z][a-z0-9_]+)`", table)) - {path.name for path in PROCESSES.iterdir()} - {"suspend"}

    assert named, "a row says by which elements it is drawn"
    assert not {name for name in named if f'id="{name}"' not in models}
