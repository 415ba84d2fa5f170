"""People who do not use the page: conditions played against each other, rights, odd data, and forms made by machines."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import forms
from engine.forms import CheckedForm, Form

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FUZZ = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def form(*components: dict[str, Any]) -> Form:
    return forms.read({"components": [{"id": c.get("key", ""), **c} for c in components]})


def text(key: str, **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": key, **more}


def check(a_form: Form, given: dict[str, Any], rights: str = "", **original: Any) -> CheckedForm:
    return a_form.check(given, now=NOW, rights=forms.parse_rights(rights), original=original)


class TestConditions:
    """What is hidden or locked has no say."""

    def test_a_hidden_field_cannot_hide_another_one(self) -> None:
        a_form = form(
            text("kind"),
            text("exempt", conditional={"hide": '=kind != "special"'}),
            text("proof", conditional={"hide": '=exempt = "yes"'}, validate={"required": True}),
        )
        assert check(a_form, {"kind": "normal", "exempt": "yes"}).errors["proof"].zh == "必填"
        assert check(a_form, {"kind": "special", "exempt": "yes"}).ok
        honest = check(a_form, {"kind": "normal", "exempt": "yes", "proof": "p.pdf"})
        assert honest.values == {"kind": "normal", "proof": "p.pdf"}

    def test_a_field_without_right_cannot_hide_another_one(self) -> None:
        a_form = form(
            text("exempt"), text("proof", conditional={"hide": '=exempt = "yes"'}, validate={"required": True})
        )
        checked = check(a_form, {"exempt": "yes"}, "exempt:read")
        assert set(checked.errors) == {"exempt", "proof"}

    def test_two_fields_that_hide_each_other_come_to_rest(self) -> None:
        a_form = form(text("a", conditional={"hide": "=b != null"}), text("b", conditional={"hide": "=a != null"}))
        assert check(a_form, {"a": "1", "b": "2"}).values == {}
        assert check(a_form, {"a": "1"}).values == {"a": "1"}

    def test_a_condition_that_fails_shows_the_field(self) -> None:
        a_form = form(text("a"), text("b", conditional={"hide": '=date(a) < 5 and "x" > a'}))
        assert check(a_form, {"a": "?", "b": "kept"}).values == {"a": "?", "b": "kept"}

    def test_readonly_may_be_an_expression_and_is_enforced(self) -> None:
        a_form = form(text("state"), text("amount", readonly='=state = "final"'))
        assert check(a_form, {"state": "draft", "amount": "2"}, amount="1").ok
        locked = check(a_form, {"state": "final", "amount": "2"}, amount="1")
        assert "无权" in locked.errors["amount"].zh
        assert check(a_form, {"state": "final", "amount": "1"}, amount="1").values == {"state": "final"}

    def test_a_lock_that_fails_locks(self) -> None:
        a_form = form(text("amount", readonly="=[1][1].x > 5 or 1 > amount"), text("b", disabled="=2 ** 99999 > 1"))
        assert set(check(a_form, {"b": "x"}).errors) == {"b"}

    def test_a_page_shows_what_the_check_enforces(self) -> None:
        a_form = form(text("state"), text("amount", readonly='=state = "final"'))
        fields = a_form.fields({"state": "final", "amount": "1"}, now=NOW)
        assert [field.readonly for field in fields] == [False, True]

    def test_a_form_tells_which_variables_its_conditions_read(self) -> None:
        a_form = form(
            text("a", conditional={"hide": "=is defined(b) and c"}),
            text("d", readonly="=e = 1"),
            {"type": "select", "key": "f", "valuesKey": "officers"},
            {"type": "dynamiclist", "path": "l", "components": [text("x", conditional={"hide": "=y"})]},
        )
        assert a_form.names == {"b", "c", "e", "officers", "y"}
        assert a_form.keys == ("a", "d", "f", "l")


class TestLists:
    """Rows of a dynamic list."""

    ROWS: ClassVar[dict[str, Any]] = {
        "type": "dynamiclist",
        "path": "rows",
        "label": "明细",
        "components": [
            {"type": "textfield", "key": "kind", "label": "类别"},
            text("note", conditional={"hide": '=kind = "a"'}, validate={"required": True}),
            {"type": "checkbox", "key": "urgent"},
        ],
    }

    def test_a_condition_of_a_column_looks_at_its_own_row(self) -> None:
        a_form = form(self.ROWS)
        checked = check(a_form, {"rows": [{"kind": "a", "note": "dropped"}, {"kind": "b"}]})
        assert set(checked.errors) == {"rows[1].note"}
        checked = check(
            a_form, {"rows": [{"kind": "a", "note": "dropped"}, {"kind": "b", "note": "n"}, {"urgent": False}]}
        )
        assert checked.values == {
            "rows": [{"kind": "a", "note": None, "urgent": False}, {"kind": "b", "note": "n", "urgent": False}]
        }

    def test_a_list_may_be_required_by_right_and_not_be_changed_without(self) -> None:
        a_form = form(self.ROWS)
        assert check(a_form, {"rows": [{}]}, "rows:required").errors["rows"].zh == "必填"
        stored = [{"kind": "b", "note": "n"}]
        assert check(a_form, {"rows": [*stored, {"kind": ""}]}, "rows:read", rows=stored).ok
        assert not check(a_form, {"rows": [{"kind": "b", "note": "m"}]}, "rows:read", rows=stored).ok

    @pytest.mark.parametrize("given", ["x", [1], {"a": 1}, [{}] * 201])
    def test_what_is_no_list_of_rows_is_refused(self, given: Any) -> None:
        assert set(check(form(self.ROWS), {"rows": given}).errors) == {"rows"}


class TestRights:
    """Without the right to write, a value may be sent back as it stands, in whatever spelling the store has."""

    @pytest.mark.parametrize(
        "component, stored, sent",
        [
            ({"type": "number"}, 5.0, "5"),
            ({"type": "datetime", "subtype": "datetime"}, "2026-11-22T09:30:00", "2026-11-22T09:30"),
            ({"type": "checklist", "values": [{"value": "a"}, {"value": "b"}]}, ["b", "a"], ["a", "b"]),
            ({"type": "checkbox"}, True, False),
            ({"type": "textfield"}, None, ""),
            ({"type": "select", "values": [{"value": 2}]}, 2, "2"),
        ],
    )
    def test_unchanged(self, component: dict[str, Any], stored: Any, sent: Any) -> None:
        checked = check(form({"key": "x", **component}), {"x": sent}, "x:read", x=stored)
        assert checked.ok
        assert checked.values == {}

    def test_a_value_that_the_form_could_not_have_made_must_be_the_very_same(self) -> None:
        a_form = form({"type": "number", "key": "x"})
        assert not check(a_form, {"x": "5"}, "x:hidden", x="five").ok


@pytest.mark.parametrize(
    "component, code",
    [
        ({"type": "group", "path": "applicant", "components": []}, "form-group-path"),
        ({"type": "select", "key": "x", "valuesExpression": "=officers"}, "form-values-expression"),
        ({"type": "select", "key": "x", "values": [{"value": 1}, {"value": "1"}]}, "form-duplicate-option"),
        ({"type": "select", "key": "x", "values": [{"value": [1]}]}, "form-bad-option"),
        ({"type": "select", "key": "x", "values": "a"}, "form-bad-option"),
        ({"type": "select", "key": "x", "values": [{"value": 1}], "defaultValue": 2}, "form-bad-default"),
        ({"type": "number", "key": "x", "defaultValue": "viel"}, "form-bad-default"),
        ({"type": "number", "key": "x", "validate": {"min": 5, "max": 4}}, "form-bad-range"),
        ({"type": "number", "key": "x", "validate": {"min": "=limit"}}, "form-bad-number"),
        ({"type": "number", "key": "x", "decimalDigits": True}, "form-bad-number"),
        ({"type": "textfield", "key": "x", "validate": {"required": "=other"}}, "form-bad-rule"),
        ({"type": "textfield", "key": "x", "readonly": "=1 +"}, "form-bad-condition"),
        ({"type": "textfield", "key": "x", "conditional": {"hide": "=wd(5) > now()"}}, "form-bad-condition"),
        ({"type": "textfield", "key": "x", "conditional": {"hide": "(" * 5_000}}, "form-bad-condition"),
        ({"type": "textfield", "key": "x", "validate": {"pattern": "(?=a)"}}, "form-bad-pattern"),
        ({"type": "datetime", "key": "x", "subtype": "month"}, "form-bad-subtype"),
        ({"type": "textfield", "key": "a.b"}, "form-bad-key"),
        ({"type": "textfield", "key": "__class__" * 20}, "form-bad-key"),
        ({"type": "html", "content": "<b>"}, "form-unknown-type"),
        ({"type": ["textfield"], "key": "x"}, "form-unknown-type"),
        ({"type": "dynamiclist", "path": "l", "components": [{"type": "group", "components": []}]}, "form-nested-list"),
        (7, "form-bad-component"),
    ],
)
def test_what_the_server_would_not_do_is_refused_by_name(component: Any, code: str) -> None:
    with pytest.raises(forms.FormRefused) as refused:
        forms.read({"components": [component]})
    findings = refused.value.facts["findings"]
    assert code in [finding["code"] for finding in findings]
    assert all(finding["zh"] and finding["en"] for finding in findings)


@pytest.mark.parametrize(
    "source",
    [
        b'{"components": [], "components": []}',
        b'{"components": [NaN]}',
        '{"components": ["\ud800"]}',
        b"\xff",
        "[" * 100_000,
    ],
    ids=["a name twice", "NaN", "half a character", "no UTF-8", "brackets"],
)
def test_json_that_readers_disagree_about_is_refused(source: bytes | str) -> None:
    with pytest.raises(forms.FormRefused):
        forms.read(source)


def test_a_page_can_show_values_that_the_form_did_not_make() -> None:
    a_form = form(
        {"type": "checklist", "key": "a", "values": [{"value": "x", "label": "X"}]},
        {"type": "number", "key": "b"},
        {"type": "dynamiclist", "path": "c", "components": [text("d")]},
        {"type": "select", "key": "e", "valuesKey": "f"},
    )
    fields = a_form.fields({"a": 5, "b": {"x": None}, "c": ["?", {"d": 1}], "e": [1], "f": "no list"}, now=NOW)
    assert [field.text for field in fields] == ["5", '{"x": null}', "", "1"]
    assert [len(field.rows) for field in fields] == [0, 0, 2, 0]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 10**30), st.floats(), st.text(max_size=8), st.just("=a > 1")),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=6,
)
ANY_COMPONENT = st.deferred(
    lambda: st.fixed_dictionaries(
        {"type": st.one_of(st.sampled_from(list(forms.Kind)), JSON)},
        optional={
            "key": st.one_of(st.sampled_from("abc"), JSON),
            "path": JSON,
            "id": JSON,
            "label": JSON,
            "conditional": st.one_of(JSON, st.fixed_dictionaries({"hide": JSON})),
            "readonly": JSON,
            "validate": st.one_of(
                JSON,
                st.dictionaries(
                    st.sampled_from(["required", "min", "maxLength", "pattern", "validationType", "minLength"]), JSON
                ),
            ),
            "values": st.one_of(JSON, st.lists(st.fixed_dictionaries({"value": JSON}), max_size=3)),
            "valuesKey": JSON,
            "defaultValue": JSON,
            "subtype": JSON,
            "decimalDigits": JSON,
            "layout": JSON,
            "appearance": JSON,
            "components": st.one_of(JSON, st.lists(ANY_COMPONENT, max_size=2)),
        },
    )
)
GOOD = form(
    text("a", validate={"required": True, "pattern": "^x"}),
    {"type": "number", "key": "b", "decimalDigits": 2, "validate": {"min": 1}},
    {"type": "datetime", "key": "c", "subtype": "datetime", "disallowPassedDates": True},
    {"type": "select", "key": "d", "valuesKey": "e"},
    {"type": "checklist", "key": "f", "values": [{"value": 1}, {"value": "x"}]},
    {"type": "checkbox", "key": "g", "conditional": {"hide": "=a = b"}},
    {
        "type": "dynamiclist",
        "path": "h",
        "components": [text("i", validate={"validationType": "cn-id"}), {"type": "number", "key": "j"}],
    },
    text("k", readonly="=b > 5"),
)


@FUZZ
@given(st.lists(ANY_COMPONENT, max_size=4))
def test_any_json_is_a_form_or_refused(components: list[Any]) -> None:
    try:
        a_form = forms.read({"components": components})
    except forms.FormRefused:
        return
    a_form.fields({}, now=NOW)
    a_form.check({}, now=NOW)


@FUZZ
@given(st.dictionaries(st.sampled_from("abcdefghkz"), JSON), st.dictionaries(st.sampled_from("abcdefghk"), JSON))
def test_any_json_is_checked_and_shown(sent: dict[str, Any], stored: dict[str, Any]) -> None:
    rights = forms.parse_rights("a:write,b:required,g:read,*:write")
    checked = GOOD.check(sent, now=NOW, rights=rights, original=stored)
    assert not set(checked.values) & {name.partition("[")[0] for name in checked.errors}
    assert set(checked.values) <= set(GOOD.keys)
    assert "g" not in checked.values
    again = GOOD.check(checked.values, now=NOW, rights=rights, original=stored)
    assert {key: again.values[key] for key in again.values} == {key: checked.values[key] for key in again.values}
    GOOD.fields({**stored, **sent}, now=NOW, rights=rights, errors=checked.errors)
