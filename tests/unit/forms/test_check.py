"""What a form lets through, and what not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine import forms
from engine.errors import InvalidInput
from engine.forms import CheckedForm, Form

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def form(*components: dict[str, Any]) -> Form:
    return forms.read({"type": "default", "components": list(components)})


def field(type_: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "key": key, "id": key, "label": key, **more}


def check(a_form: Form, rights: str = "", original: dict[str, Any] | None = None, **given: Any) -> CheckedForm:
    return a_form.check(given, now=NOW, rights=forms.parse_rights(rights), original=original or {})


def test_html_text_becomes_the_value_of_the_field() -> None:
    a_form = form(
        field("number", "amount"),
        field("checkbox", "urgent"),
        field("datetime", "on", subtype="date"),
        field("select", "level", values=[{"value": 1, "label": "低"}, {"value": 2, "label": "高"}]),
        field("checklist", "papers", values=[{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]),
    )
    checked = check(a_form, amount="12.50", urgent="on", on="2026-11-22", level="2", papers=["b", "a"])
    assert checked.ok
    assert checked.values == {"amount": 12.5, "urgent": True, "on": "2026-11-22", "level": 2, "papers": ["a", "b"]}


@pytest.mark.parametrize(
    ("component", "value", "word"),
    [
        (field("textfield", "x", validate={"required": True}), "  ", "必填"),
        (field("textfield", "x", validate={"maxLength": 3}), "四个字啊", "不超过 3 字"),
        (field("textfield", "x", validate={"minLength": 3}), "二字", "不少于 3 字"),
        (field("textfield", "x", validate={"pattern": "^[A-Z]+$"}), "abc", "格式不符"),
        (field("textfield", "x"), "字" * 501, "不超过 500 字"),
        (field("textarea", "x"), "字" * 4001, "不超过 4000 字"),
        (field("textfield", "x"), ["a"], "应为文字"),
        (field("number", "x"), "abc", "请填写数字"),
        (field("number", "x"), "nan", "请填写数字"),
        (field("number", "x"), True, "请填写数字"),
        (field("number", "x", decimalDigits=0), "1.5", "应为整数"),
        (field("number", "x", validate={"min": 10}), 9, "不小于 10"),
        (field("number", "x", validate={"max": 10}), 11, "不大于 10"),
        (field("datetime", "x", subtype="date"), "22.11.2026", "格式应为 2026-11-22"),
        (field("datetime", "x", subtype="time"), "25:00", "格式应为 09:30"),
        (field("select", "x", values=[{"value": "a", "label": "A"}]), "b", "选项不在范围内"),
        (field("checklist", "x", values=[{"value": "a", "label": "A"}]), ["a", "b"], "选项不在范围内"),
        (field("checkbox", "x", validate={"required": True}), False, "必填"),
        (field("checkbox", "x"), "perhaps", "应为是或否"),
        (field("textfield", "x", validate={"validationType": "cn-id"}), "110101199003070012", "身份证号码有误"),
        (field("textfield", "x", validate={"validationType": "cn-uscc"}), "91350100M000100Y44", "统一社会信用代码有误"),
        (field("textfield", "x", validate={"validationType": "cn-mobile"}), "12345678901", "手机号码"),
        (field("textfield", "x", validate={"validationType": "email"}), "li@", "电子邮箱"),
    ],
)
def test_a_bad_value_is_named_with_its_field(component: dict[str, Any], value: Any, word: str) -> None:
    checked = check(form(component), x=value)
    assert word in checked.errors["x"].zh
    assert checked.errors["x"].en
    assert "x" not in checked.values


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        ("cn-id", "11010519491231002X"),
        ("cn-uscc", "91350100M000100Y43"),
        ("cn-mobile", "13800138000"),
        ("email", "li@example.org"),
        ("phone", "+86 28-8512 3456"),
    ],
)
def test_a_number_with_a_right_check_digit_passes(kind: str, good: str) -> None:
    assert check(form(field("textfield", "x", validate={"validationType": kind})), x=good).ok


def test_a_field_that_the_form_does_not_have_is_refused_not_merged() -> None:
    checked = check(form(field("textfield", "a")), a="1", approved=True)
    assert list(checked.errors) == ["approved"]
    assert checked.values == {"a": "1"}


def test_a_field_without_the_right_to_write_may_be_sent_unchanged_but_not_changed() -> None:
    a_form = form(field("number", "amount"), field("textfield", "note"))
    same = check(a_form, "amount:read", {"amount": 100}, amount="100", note="ok")
    assert same.ok
    assert same.values == {"note": "ok"}
    changed = check(a_form, "amount:read", {"amount": 100}, amount="999999", note="ok")
    assert "无权" in changed.errors["amount"].zh
    assert "amount" not in changed.values


def test_a_hidden_right_and_a_readonly_component_protect_too() -> None:
    a_form = form(field("textfield", "secret"), field("textfield", "fixed", readonly=True))
    checked = check(a_form, "secret:hidden", {"secret": "s", "fixed": "f"}, secret="x", fixed="y")
    assert set(checked.errors) == {"secret", "fixed"}


def test_a_right_may_require_what_the_form_does_not() -> None:
    a_form = form(field("textfield", "opinion"))
    assert check(a_form).ok
    assert check(a_form, "opinion:required").errors["opinion"].zh == "必填"


def test_star_stands_for_every_other_field() -> None:
    a_form = form(field("textfield", "a"), field("textfield", "b"))
    checked = check(a_form, "a:write,*:read", {"b": "old"}, a="new", b="changed")
    assert checked.values == {"a": "new"}
    assert list(checked.errors) == ["b"]


def test_a_field_that_a_condition_hides_is_neither_required_nor_kept() -> None:
    a_form = form(
        field("checkbox", "discharge"),
        field("textfield", "where", validate={"required": True}, conditional={"hide": "=discharge != true"}),
    )
    assert check(a_form, discharge=False, where="somewhere").values == {"discharge": False}
    assert check(a_form, discharge=True).errors["where"].zh == "必填"
    assert check(a_form, discharge=True, where="河").values == {"discharge": True, "where": "河"}


def test_a_condition_may_ask_for_a_variable_of_the_process() -> None:
    a_form = form(field("textfield", "x", validate={"required": True}, conditional={"hide": '=kind = "b"'}))
    assert check(a_form, original={"kind": "b"}).ok
    assert not check(a_form, original={"kind": "a"}).ok
    assert not check(a_form).ok  # unknown is not "b"


def test_a_hidden_group_hides_what_is_in_it() -> None:
    inner = field("textfield", "x", validate={"required": True})
    a_form = form(
        field("checkbox", "on"),
        {"type": "group", "id": "g", "components": [inner], "conditional": {"hide": "=not(on)"}},
    )
    assert check(a_form, on=False).ok
    assert not check(a_form, on=True).ok


def test_what_was_not_sent_keeps_its_value_and_satisfies_required() -> None:
    a_form = form(field("textfield", "a", validate={"required": True}))
    assert check(a_form, original={"a": "before"}).ok
    assert check(a_form, original={"a": "before"}, a="").errors["a"].zh == "必填"


def test_rows_of_a_list_are_checked_cell_by_cell_and_empty_rows_are_dropped() -> None:
    a_form = form(
        {
            "type": "dynamiclist",
            "id": "l",
            "path": "people",
            "components": [field("textfield", "name", validate={"required": True}), field("number", "age")],
        }
    )
    good = check(a_form, people=[{"name": "李", "age": "30"}, {"name": "", "age": ""}])
    assert good.values == {"people": [{"name": "李", "age": 30}]}
    bad = check(a_form, people=[{"name": "", "age": "x"}, {"name": "王", "height": 1}])
    assert set(bad.errors) == {"people[0].name", "people[0].age", "people[1].height"}


def test_options_may_come_from_a_variable() -> None:
    a_form = form(field("select", "who", valuesKey="officers"))
    officers = {"officers": [{"value": "li", "label": "李"}, "wang"]}
    assert check(a_form, original=officers, who="wang").ok
    assert not check(a_form, original=officers, who="zhao").ok


def test_a_bad_form_is_refused_with_every_fault_by_component() -> None:
    with pytest.raises(forms.FormRefused) as refused:
        form(
            field("iframe", "a"),
            field("textfield", "b c"),
            field("textfield", "d"),
            field("textfield", "d"),
            field("select", "e"),
            field("textfield", "f", conditional={"hide": "=1 +"}),
            field("textfield", "g", validate={"pattern": "("}),
            field("textfield", "h", validate={"validationType": "iban"}),
        )
    codes = [(finding["element"], finding["code"]) for finding in refused.value.facts["findings"]]
    assert codes == [
        ("a", "form-unknown-type"),
        ("b c", "form-bad-key"),
        ("d", "form-duplicate-key"),
        ("e", "form-without-options"),
        ("f", "form-bad-condition"),
        ("g", "form-bad-pattern"),
        ("h", "form-unknown-validation"),
    ]


@pytest.mark.parametrize("source", [b"{", b"[]", b'{"components": 1}', b"[" * 2000, b"x" * 600_000])
def test_what_is_no_form_is_refused_in_words(source: bytes) -> None:
    with pytest.raises(forms.FormRefused):
        forms.read(source)


def test_a_bad_right_is_named() -> None:
    with pytest.raises(InvalidInput, match="amount:own"):
        forms.parse_rights("opinion:write, amount:own")


def test_a_field_is_called_by_its_label_also_in_the_row_of_a_list() -> None:
    a_form = forms.read(
        {
            "type": "default",
            "components": [
                {"type": "textfield", "key": "maker", "id": "maker", "label": "生产厂家"},
                {
                    "type": "dynamiclist",
                    "path": "devices",
                    "id": "devices",
                    "label": "设备",
                    "components": [{"type": "textfield", "key": "model", "id": "model", "label": "型号"}],
                },
            ],
        }
    )

    called = {
        name: a_form.label_of(name) for name in ("maker", "devices[1].model", "devices[0].x", "devices", "strange")
    }

    assert list(called.values()) == ["生产厂家", "设备 2 · 型号", "设备 1 · x", "设备", "strange"]
