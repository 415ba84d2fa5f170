"""Reading a form: form-js JSON in, a Form out, or findings that name each component.

What the server would not do as the browser does is refused by name, never left out in silence: unknown component types,
``valuesExpression``, groups with a ``path``, rules that are expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine import feel, plain
from engine.errors import BanjieError, InvalidInput
from engine.forms.components import SHOWN_ONLY, WITH_OPTIONS, WITH_PARTS, Component, Kind, Option, Rules
from engine.forms.form import Form
from engine.forms.identifiers import NAMES
from engine.forms.values import Bad, coerced

MAX_BYTES = 500_000
MAX_PARTS = 500
MAX_DEPTH = 4
SUBTYPES = ("date", "time", "datetime")
_KEY = re.compile(r"[^\W\d]\w{0,99}")


class FormRefused(InvalidInput):
    """A form has errors; ``facts["findings"]`` lists them as {severity, code, zh, en, element, element_name}."""

    code = "form-refused"


def read(source: bytes | str | Mapping[str, Any]) -> Form:
    """Read a form-js form. Raises FormRefused with every fault."""
    return _Reader().form(_parsed(source))


def _parsed(source: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        if isinstance(source, str):
            source = source.encode(errors="surrogatepass")
        given = plain.parse(source, max_bytes=MAX_BYTES) if isinstance(source, bytes) else source
    except BanjieError as error:
        raise _refused([_fault("", "", "form-not-json", error.zh.rstrip("。"), error.en.rstrip("."))]) from None
    if not isinstance(given, Mapping) or not isinstance(given.get("components"), list):
        raise _refused(
            [_fault("", "", "form-without-components", "表单没有 components 列表", "there is no list components")]
        )
    return given


def _fault(element: str, name: str, code: str, zh: str, en: str) -> dict[str, Any]:
    where = f"「{name or element}」" if name or element else ""
    return {
        "severity": "error",
        "code": code,
        "zh": f"{where}{zh}。",
        "en": f"{name or element}: {en}." if where else f"{en}.",
        "element": element,
        "element_name": name,
    }


def _refused(faults: list[dict[str, Any]]) -> FormRefused:
    return FormRefused(
        "".join(fault["zh"] for fault in faults), " ".join(fault["en"] for fault in faults), findings=faults
    )


def _section(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of a component that is an object; whatever else stands there says nothing."""
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(given: Mapping[str, Any], *names: str) -> str:
    return next((str(given[name]) for name in names if given.get(name)), "")


class _Reader:
    """Reads one form and collects its faults."""

    def __init__(self) -> None:
        self.faults: list[dict[str, Any]] = []
        self.seen: set[str] = set()
        self.count = 0

    def form(self, source: Mapping[str, Any]) -> Form:
        components = self.parts(source["components"], depth=0, column=False)
        if self.faults:
            raise _refused(self.faults)
        return Form(_text(source, "id"), components)

    def parts(self, given: Any, *, depth: int, column: bool) -> tuple[Component, ...]:
        listed = given if isinstance(given, list) else []
        return tuple(part for each in listed if (part := self.part(each, depth, column)) is not None)

    def part(self, given: Any, depth: int, column: bool) -> Component | None:
        if not isinstance(given, Mapping):
            self.fault({}, "form-bad-component", "组件不是对象", "a component is not an object")
            return None
        self.count += 1
        if self.count > MAX_PARTS or depth > MAX_DEPTH:
            if self.count == MAX_PARTS + 1 or depth == MAX_DEPTH + 1:
                self.fault(
                    given, "form-too-large", "表单组件过多或嵌套过深", "too many components, or nested too deeply"
                )
            return None
        kind = self.kind(given)
        if kind is None:
            return None
        if column and kind in WITH_PARTS:
            self.fault(given, "form-nested-list", "表格列表中不能再有分组或列表", "a list cannot hold groups or lists")
            return None
        return self.component(given, kind, depth, column)

    def kind(self, given: Mapping[str, Any]) -> Kind | None:
        name = given.get("type")
        if isinstance(name, str) and name in list(Kind):
            return Kind(name)
        shown = str(name)[:40]
        self.fault(
            given, "form-unknown-type", f"不支持组件类型 {shown!r}", f"unknown type {shown!r}; known: {', '.join(Kind)}"
        )
        return None

    def component(self, given: Mapping[str, Any], kind: Kind, depth: int, column: bool) -> Component:
        layout, appearance = _section(given, "layout"), _section(given, "appearance")
        key = self.key(given, kind, column)
        width = layout.get("columns")
        component = Component(
            kind=kind,
            id=_text(given, "id") or key,
            key=key,
            label=_text(given, "label", "dateLabel", "timeLabel"),
            description=_text(given, "description"),
            text=_text(given, "text"),
            default=given.get("defaultValue"),
            hide=self.expression(given, "conditional.hide", _section(given, "conditional").get("hide")),
            readonly=self.readonly(given),
            rules=self.rules(given),
            options=self.options(given, kind),
            options_key=_text(given, "valuesKey"),
            subtype=self.subtype(given, kind),
            not_in_the_past=given.get("disallowPassedDates") is True,
            decimal_digits=self.number(given, "decimalDigits"),
            prefix=_text(appearance, "prefixAdorner"),
            suffix=_text(appearance, "suffixAdorner"),
            columns=width if isinstance(width, int) and 1 <= width <= 16 else 16,
            row=_text(layout, "row"),
            parts=self.inner(given, kind, depth),
        )
        self.check_default(given, component)
        return component

    def inner(self, given: Mapping[str, Any], kind: Kind, depth: int) -> tuple[Component, ...]:
        if kind not in WITH_PARTS:
            return ()
        if kind is Kind.GROUP and given.get("path"):
            self.fault(given, "form-group-path", "分组不能有数据路径（path）", "a group may not have a path")
        outer = self.seen
        if kind is Kind.DYNAMIC_LIST:
            self.seen = set()  # the columns of a list have names of their own
        parts = self.parts(given.get("components"), depth=depth + 1, column=kind is Kind.DYNAMIC_LIST)
        self.seen = outer
        return parts

    def key(self, given: Mapping[str, Any], kind: Kind, column: bool) -> str:
        if kind in SHOWN_ONLY or kind is Kind.GROUP:
            return ""
        key = given.get("path" if kind is Kind.DYNAMIC_LIST else "key") or given.get("key") or ""
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            shown = str(key)[:40]
            self.fault(
                given, "form-bad-key", f"键 {shown!r} 不可用", f"the key {shown!r} is no name (letters, digits and _)"
            )
            return ""
        if key in self.seen:
            self.fault(given, "form-duplicate-key", f"键 {key!r} 重复", f"the key {key!r} is used twice")
        self.seen.add(key)
        return key

    def expression(self, given: Mapping[str, Any], name: str, text: Any) -> feel.Expression | None:
        if not text:
            return None
        try:
            return feel.compile(str(text), host_functions=frozenset())
        except feel.FeelError as error:
            self.fault(given, "form-bad-condition", f"{name} 有误：{error.zh}", f"{name} is wrong: {error.en}")
            return None

    def readonly(self, given: Mapping[str, Any]) -> bool | feel.Expression:
        for name in ("readonly", "disabled"):
            value = given.get(name)
            if value is True:
                return True
            if isinstance(value, str) and value.strip():
                return self.expression(given, name, value) or True
        return False

    def subtype(self, given: Mapping[str, Any], kind: Kind) -> str:
        if kind is not Kind.DATETIME:
            return ""
        subtype = given.get("subtype") or "date"
        if subtype not in SUBTYPES:
            self.fault(
                given, "form-bad-subtype", "subtype 应为 date、time 或 datetime", "subtype is date, time or datetime"
            )
            return "date"
        return str(subtype)

    def rules(self, given: Mapping[str, Any]) -> Rules:
        rules = _section(given, "validate")
        validation = rules.get("validationType")
        if validation in ("", "custom", None):
            validation = None
        elif not isinstance(validation, str) or validation not in NAMES:
            shown = str(validation)[:40]
            self.fault(
                given, "form-unknown-validation", f"校验类型 {shown!r} 未知", f"unknown validationType {shown!r}"
            )
            validation = None
        if rules.get("required") not in (None, True, False):
            self.fault(given, "form-bad-rule", "required 应为 true 或 false", "required is true or false")
        found = Rules(
            required=rules.get("required") is True,
            min_length=self.number(rules, "minLength", given),
            max_length=self.number(rules, "maxLength", given),
            minimum=self.number(rules, "min", given),
            maximum=self.number(rules, "max", given),
            pattern=self.pattern(given, rules.get("pattern")),
            pattern_text=_text(rules, "pattern"),
            pattern_message=_text(rules, "patternErrorMessage") or _text(rules, "patternMessage"),
            validation_type=validation,
        )
        for low, high in ((found.min_length, found.max_length), (found.minimum, found.maximum)):
            if low is not None and high is not None and low > high:
                self.fault(given, "form-bad-range", "最小值大于最大值", "the minimum is above the maximum")
        return found

    def pattern(self, given: Mapping[str, Any], text: Any) -> feel.Pattern | None:
        if not text:
            return None
        try:
            return feel.compile_pattern(str(text))
        except feel.FeelError as error:
            self.fault(given, "form-bad-pattern", f"格式表达式有误：{error.zh}", f"the pattern is wrong: {error.en}")
            return None

    def options(self, given: Mapping[str, Any], kind: Kind) -> tuple[Option, ...]:
        if kind not in WITH_OPTIONS:
            return ()
        listed = given.get("values") or given.get("data") or []
        if given.get("valuesExpression"):
            self.fault(
                given,
                "form-values-expression",
                "不支持 valuesExpression，请用 values 或 valuesKey",
                "valuesExpression is not supported, use values or valuesKey",
            )
        elif not listed and not given.get("valuesKey"):
            self.fault(given, "form-without-options", "没有选项", "there are no values to choose from")
        found: dict[str, Option] = {}
        for each in listed if isinstance(listed, list) else [listed]:
            if not isinstance(each, Mapping) or not isinstance(each.get("value"), str | int | float | bool):
                shown = str(each)[:40]
                self.fault(given, "form-bad-option", f"选项 {shown!r} 有误", f"the option {shown!r} is wrong")
                continue
            if str(each["value"]) in found:
                shown = str(each["value"])[:40]
                self.fault(given, "form-duplicate-option", f"选项 {shown!r} 重复", f"the option {shown!r} stands twice")
            found[str(each["value"])] = Option(each["value"], str(each.get("label", each["value"])))
        return tuple(found.values())

    def check_default(self, given: Mapping[str, Any], component: Component) -> None:
        """A default value that the form itself would refuse shows a person an error that is not theirs."""
        if component.default is None or not component.holds_value or component.kind is Kind.DYNAMIC_LIST:
            return
        if component.kind in WITH_OPTIONS and component.options_key:
            return
        try:
            coerced(component, component.default, {})
        except Bad as bad:
            self.fault(given, "form-bad-default", f"默认值有误：{bad.zh}", f"the default value {bad.en}")

    def number(self, given: Mapping[str, Any], name: str, owner: Mapping[str, Any] | None = None) -> Any:
        value = given.get(name)
        if value in (None, ""):
            return None
        try:
            number = float(value) if not isinstance(value, bool) else None
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is None or number != number or abs(number) > 1e15:
            self.fault(owner or given, "form-bad-number", f"{name} 应为数字", f"{name} is not a number")
            return None
        return int(number) if number.is_integer() else number

    def fault(self, given: Mapping[str, Any], code: str, zh: str, en: str) -> None:
        element = _text(given, "key", "path", "id")[:100]
        self.faults.append(_fault(element, _text(given, "label")[:100], code, zh, en))
