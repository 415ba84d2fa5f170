"""What is to be corrected is typed one demand a line; the line says by its first words which material is meant."""

from types import SimpleNamespace
from typing import Any

import pytest

from engine.commands.cases.corrections import entries_of

FILE: Any = SimpleNamespace(
    slots={
        "M1": SimpleNamespace(name="申请书"),
        "M10": SimpleNamespace(name="规划许可证"),
        "M5": SimpleNamespace(name="规划"),
    }
)


@pytest.mark.parametrize(
    ("line", "material", "asked"),
    [
        ("M10：缺附图", "M10", "缺附图"),
        ("M10 缺附图", "M10", "缺附图"),
        ("规划许可证: 缺附图", "M10", "缺附图"),
        ("规划许可证缺附图", "M10", "缺附图"),
        ("M1", "M1", "请补交"),
        ("M12 缺附图", "", "M12 缺附图"),
        ("联系电话打不通", "", "联系电话打不通"),
        ("其他：电话打不通", "", "其他：电话打不通"),
    ],
)
def test_a_line_names_its_material_by_code_or_name(line: str, material: str, asked: str) -> None:
    (entry,) = entries_of(FILE, line)

    assert (entry.material, entry.requirement) == (material, asked)
