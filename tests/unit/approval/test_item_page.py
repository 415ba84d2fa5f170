"""docs/item-toml.md names every key that an item may have, and no other."""

import re
from pathlib import Path

import pytest

from engine.approval.item import ItemRefused, read_item

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "item-toml.md").read_text(encoding="utf-8")
# heading of the page -> where the table stands in the file
TABLES = {
    "事项本身": "",
    "`[limits]` 时限": "[limits]",
    "`[correction]` 收件和补正": "[correction]",
    "`[[materials]]` 材料": "[[materials]]",
    "`[tolerance]` 容缺受理": "[tolerance]",
    "`[commitment]` 告知承诺": "[commitment]",
    "`[parallel]` 并联审批": "[parallel]",
    "`[[parallel.branches]]`": "[[parallel.branches]]",
    "`[hotline]` 热线工单": "[hotline]",
    "`[[hotline.units]]`": "[[hotline.units]]",
    "`[[hotline.catalogue]]`": "[[hotline.catalogue]]",
    "`[disclosure]` 政府信息公开": "[disclosure]",
    "`[publicity]` 公示": "[publicity]",
    "`[[legal_basis]]` 设定依据": "[[legal_basis]]",
}


def known_keys(table: str) -> set[str]:
    """Ask the reader by a key that nobody knows."""
    with pytest.raises(ItemRefused) as refused:
        read_item(f"{table}\nnobody_knows_this = 1\n")
    told = next(fault.en for fault in refused.value.faults if fault.key.endswith("nobody_knows_this"))
    return set(told.partition("known keys: ")[2].split(", "))


def described_keys(heading: str) -> set[str]:
    section = re.split(r"^#{2,3} ", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_describes_exactly_the_keys_of_the_reader(heading: str) -> None:
    assert described_keys(heading) == known_keys(TABLES[heading])
