"""What a preview hides in the page and what posted forms become."""

import json

from werkzeug.datastructures import MultiDict

from engine import forms
from web.frame import filters
from web.parts.formview import BoundForm, hidden_inputs

SCHEMA = {
    "id": "f",
    "components": [
        {"type": "textfield", "key": "name", "label": "名称"},
        {"type": "checkbox", "key": "urgent", "label": "急"},
        {"type": "checklist", "key": "kinds", "label": "类", "values": [{"value": "a"}, {"value": "b"}]},
        {
            "type": "dynamiclist",
            "path": "goods",
            "label": "清单",
            "components": [{"type": "textfield", "key": "what", "label": "何物"}],
        },
        {"type": "textfield", "key": "comment", "label": "备注"},
    ],
}
FORM = BoundForm(forms.read(json.dumps(SCHEMA)))


def test_a_preview_carries_everything_that_was_typed_and_reads_it_back() -> None:
    typed = {
        "name": "甲 & <乙>",
        "urgent": True,
        "kinds": ["a", "b"],
        "goods": [{"what": "x"}, {"what": "y"}],
        "comment": "",
    }

    again = FORM.read(MultiDict(hidden_inputs(FORM, typed)))

    assert again == typed | {"comment": ""}


def test_an_unticked_box_is_false_and_not_missing() -> None:
    assert FORM.read(MultiDict([("f.name", "x")]))["urgent"] is False


def test_the_pages_own_fields_are_never_taken_for_those_of_the_form() -> None:
    read = FORM.read(MultiDict([("comment", "意见"), ("name", "x"), ("f.name", "y")]))

    assert read["name"] == "y"
    assert read.get("comment") is None


def test_ids_of_controls_can_be_linked_to() -> None:
    assert filters.control_id("goods[0].what") == "f-goods-0--what"


def test_identity_numbers_show_their_ends_only() -> None:
    assert filters.masked("330102199001011234") == "330102********1234"
    assert filters.masked("12345") == "1***5"
    assert filters.masked("") == ""


def test_values_are_shown_as_people_say_them() -> None:
    assert filters.shown(True) == "是"
    assert filters.shown(None) == "—"
    assert filters.shown(["a", {"b": 1}]) == "a、b：1"
