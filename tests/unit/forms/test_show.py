"""What a page is told to draw, and how a posted page is read."""

from datetime import UTC, datetime
from typing import Any

from engine import forms
from engine.forms import Field, Kind

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FORM = forms.read(
    {
        "components": [
            {"type": "text", "text": "# 说明\n请填写"},
            {"type": "textfield", "key": "name", "label": "名称", "validate": {"required": True}},
            {"type": "number", "key": "area", "label": "面积", "appearance": {"suffixAdorner": "㎡"}},
            {"type": "radio", "key": "kind", "label": "种类", "values": [{"value": "a", "label": "甲"}]},
            {"type": "checkbox", "key": "sign", "label": "招牌", "defaultValue": True},
            {
                "type": "checklist",
                "key": "papers",
                "values": [{"value": "x", "label": "X"}, {"value": "y", "label": "Y"}],
            },
            {"type": "textfield", "key": "where", "conditional": {"hide": "=not(sign)"}},
            {
                "type": "dynamiclist",
                "path": "people",
                "components": [
                    {"type": "textfield", "key": "who"},
                    {"type": "checklist", "key": "days", "values": [{"value": "1"}]},
                ],
            },
            {"type": "button", "label": "Submit"},
        ]
    }
)


def drawn(rights: str = "", **values: Any) -> dict[str, Field]:
    return {field.name: field for field in FORM.fields(values, now=NOW, rights=forms.parse_rights(rights))}


def test_fields_come_in_order_with_labels_rights_and_text() -> None:
    fields = drawn("area:read", name="某店", area=35, kind="a", papers=["y", "x"])
    assert [field.label for field in fields.values() if field.label] == ["名称", "面积", "种类", "招牌"]
    assert fields["name"].required
    assert fields["area"].readonly
    assert fields["area"].text == "35㎡"
    assert fields["kind"].text == "甲"
    assert fields["papers"].text == "Y、X"
    assert fields["sign"].value is True
    assert all(field.kind is not Kind.BUTTON for field in fields.values())


def test_a_hidden_field_is_not_drawn() -> None:
    assert "name" not in drawn("name:hidden")
    assert "where" in drawn(sign=True)
    assert "where" not in drawn(sign=False)


def test_a_list_has_its_rows_and_an_empty_one_to_fill_in_unless_it_is_only_read() -> None:
    people = [{"who": "李", "days": ["1"]}]
    assert [[cell.name for cell in row] for row in drawn(people=people)["people"].rows] == [
        ["people[0].who", "people[0].days"],
        ["people[1].who", "people[1].days"],
    ]
    assert len(drawn("people:read", people=people)["people"].rows) == 1


def test_a_posted_page_is_read_with_unticked_boxes_and_rows() -> None:
    posted = {
        "name": ["某店"],
        "papers": ["x"],
        "people[0].who": ["李"],
        "people[0].days": ["1"],
        "people[2].who": ["王"],
        "csrf": ["…"],
    }
    rights = forms.parse_rights("area:read")
    found = forms.collect(FORM, posted, lambda name: posted.get(name, []), rights)
    assert found == {
        "name": "某店",
        "papers": ["x"],
        "sign": False,
        "people": [{"who": "李", "days": ["1"]}, {"who": "王"}],
    }
