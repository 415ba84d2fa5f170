"""Reading a form: form-js JSON in, a Form out, or findings that name each component."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import feel
from engine.errors import InvalidInput
from engine.forms import checking, showing
from engine.forms.components import SHOWN_ONLY, WITH_OPTIONS, WITH_PARTS, Component, Kind, Option, Rules
from engine.forms.identifiers import NAMES
from engine.forms.rights import ALL, Right

MAX_BYTES = 500_000
MAX_PARTS = 500
MAX_DEPTH = 4
_KEY = re.compile(r"[^\W\d]\w{0,99}")


class FormRefused(InvalidInput):
    """A form has errors; ``facts["findings"]`` lists them as {severity, code, zh, en, element, element_name}."""

    code = "form-refused"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was read without error."""

    id: str
    components: tuple[Component, ...]

    def walk(self) -> Iterator[Component]:
        """All parts in order, with those inside groups."""
        for component in self.components:
            yield from component.walk()

    @property
    def keys(self) -> tuple[str, ...]:
        """The variables that this form fills, in order."""
        return tuple(component.key for component in self.walk() if component.holds_value)

    def check(
        self,
        values: Mapping[str, Any],
        *,
        now: datetime,
        rights: Mapping[str, Right | str] = ALL,
        original: Mapping[str, Any] | None = None,
    ) -> checking.CheckedForm:
        """Check what was sent against the form and the rights; see ``engine.forms.checking``."""
        return checking.check(self, values, now=now, rights=rights, original=original or {})

    def fields(
        self,
        values: Mapping[str, Any],
        *,
        now: datetime,
        rights: Mapping[str, Right | str] = ALL,
        errors: Mapping[str, checking.FieldError] | None = None,
    ) -> tuple[showing.Field, ...]:
        """Describe what a page has to draw; see ``engine.forms.showing``."""
        return showing.fields(self, values, now=now, rights=rights, errors=errors or {})


def read(source: bytes | str | Mapping[str, Any]) -> Form:
    """Read a form-js form. Raises FormRefused with every fault."""
    return _Reader().form(_parsed(source))


def _parsed(source: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(source, (bytes, str)):
        if len(source) > MAX_BYTES:
            raise _refused(
                [_fault("", "", "form-too-large", f"表单超过 {MAX_BYTES} 字节", f"larger than {MAX_BYTES} bytes")]
            )
        try:
            source = json.loads(source)
        except (ValueError, RecursionError) as error:
            raise _refused(
                [_fault("", "", "form-not-json", "表单不是 JSON", f"the form is not JSON: {error}")]
            ) from None
    if not isinstance(source, Mapping) or not isinstance(source.get("components"), list):
        raise _refused(
            [_fault("", "", "form-without-components", "表单没有 components 列表", "there is no list components")]
        )
    return source


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


class _Reader:
    """Reads one form and collects its faults."""

    def __init__(self) -> None:
        self.faults: list[dict[str, Any]] = []
        self.seen: set[str] = set()
        self.count = 0

    def form(self, source: Mapping[str, Any]) -> Form:
        components = self.parts(source["components"], depth=0, columns=False)
        if self.faults:
            raise _refused(self.faults)
        return Form(str(source.get("id", "")), components)

    def parts(self, given: list[Any], *, depth: int, columns: bool) -> tuple[Component, ...]:
        return tuple(part for each in given if (part := self.part(each, depth, columns)) is not None)

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
        try:
            kind = Kind(given.get("type", ""))
        except ValueError:
            known = ", ".join(Kind)
            self.fault(
                given, "form-unknown-type", f"不支持组件类型 {given.get('type')!r}", f"unknown type; known: {known}"
            )
            return None
        if column and kind in WITH_PARTS:
            self.fault(given, "form-nested-list", "表格列表中不能再有分组或列表", "a list cannot hold groups or lists")
            return None
        return self.component(given, kind, depth, column)

    def component(self, given: Mapping[str, Any], kind: Kind, depth: int, column: bool) -> Component:
        layout = given.get("layout") or {}
        appearance = given.get("appearance") or {}
        key = self.key(given, kind, column)
        label = given.get("label") or given.get("dateLabel") or given.get("timeLabel") or ""
        return Component(
            kind=kind,
            id=str(given.get("id") or key),
            key=key,
            label=str(label),
            description=str(given.get("description") or ""),
            text=str(given.get("text") or ""),
            default=given.get("defaultValue"),
            hide=self.hide(given),
            readonly=given.get("readonly") is True or given.get("disabled") is True,
            rules=self.rules(given),
            options=self.options(given, kind),
            options_key=str(given.get("valuesKey") or ""),
            subtype=str(given.get("subtype") or "date") if kind is Kind.DATETIME else "",
            decimal_digits=self.number(given, "decimalDigits"),
            prefix=str(appearance.get("prefixAdorner") or ""),
            suffix=str(appearance.get("suffixAdorner") or ""),
            columns=layout["columns"]
            if isinstance(layout.get("columns"), int) and 1 <= layout["columns"] <= 16
            else 16,
            row=str(layout.get("row") or ""),
            parts=self.inner(given, kind, depth),
        )

    def inner(self, given: Mapping[str, Any], kind: Kind, depth: int) -> tuple[Component, ...]:
        if kind not in WITH_PARTS:
            return ()
        outer = self.seen
        if kind is Kind.DYNAMIC_LIST:
            self.seen = set()  # the columns of a list have names of their own
        parts = self.parts(given.get("components") or [], depth=depth + 1, columns=kind is Kind.DYNAMIC_LIST)
        self.seen = outer
        return parts

    def key(self, given: Mapping[str, Any], kind: Kind, column: bool) -> str:
        if kind in SHOWN_ONLY or kind is Kind.GROUP:
            return ""
        key = given.get("path" if kind is Kind.DYNAMIC_LIST else "key") or given.get("key") or ""
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self.fault(
                given, "form-bad-key", f"键 {key!r} 不可用", f"the key {key!r} is no name (letters, digits and _)"
            )
            return ""
        if key in self.seen:
            self.fault(given, "form-duplicate-key", f"键 {key!r} 重复", f"the key {key!r} is used twice")
        self.seen.add(key)
        return key

    def hide(self, given: Mapping[str, Any]) -> feel.Expression | None:
        text = (given.get("conditional") or {}).get("hide")
        if not text:
            return None
        try:
            return feel.compile(str(text))
        except feel.FeelSyntaxError as error:
            self.fault(given, "form-bad-condition", f"显示条件有误：{error.zh}", f"the condition is wrong: {error.en}")
            return None

    def rules(self, given: Mapping[str, Any]) -> Rules:
        rules = given.get("validate") or {}
        kind = rules.get("validationType")
        if kind in ("", "custom"):
            kind = None
        if kind is not None and kind not in NAMES:
            self.fault(given, "form-unknown-validation", f"校验类型 {kind!r} 未知", f"unknown validationType {kind!r}")
            kind = None
        return Rules(
            required=rules.get("required") is True,
            min_length=self.number(rules, "minLength"),
            max_length=self.number(rules, "maxLength"),
            minimum=self.number(rules, "min"),
            maximum=self.number(rules, "max"),
            pattern=self.pattern(given, rules.get("pattern")),
            pattern_text=str(rules.get("pattern") or ""),
            pattern_message=str(rules.get("patternMessage") or ""),
            validation_type=kind,
        )

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
        if not listed and not given.get("valuesKey"):
            self.fault(given, "form-without-options", "没有选项", "there are no values to choose from")
        found = []
        for each in listed if isinstance(listed, list) else []:
            if not isinstance(each, Mapping) or not isinstance(each.get("value"), (str, int, float, bool)):
                self.fault(given, "form-bad-option", f"选项 {each!r} 有误", f"the option {each!r} is wrong")
                continue
            found.append(Option(each["value"], str(each.get("label", each["value"]))))
        return tuple(found)

    def number(self, given: Mapping[str, Any], name: str) -> Any:
        value = given.get(name)
        if value in (None, ""):
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            self.fault(given, "form-bad-number", f"{name} 应为数字", f"{name} is not a number")
            return None
        return int(number) if number.is_integer() else number

    def fault(self, given: Mapping[str, Any], code: str, zh: str, en: str) -> None:
        element = str(given.get("key") or given.get("id") or "")
        self.faults.append(_fault(element, str(given.get("label") or ""), code, zh, en))
