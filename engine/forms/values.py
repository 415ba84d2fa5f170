"""From what was sent to a value of the component's type: HTML sends text for everything, clients send JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from engine.forms.components import MANY, WITH_OPTIONS, Component, Kind, Option


class Bad(Exception):
    """The value is not of the component's type; says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def is_empty(value: Any) -> bool:
    """Whether nothing was filled in. False and 0 are something."""
    return value is None or value == "" or value == []


def options_of(component: Component, data: Mapping[str, Any]) -> tuple[Option, ...]:
    """The options as drawn, or those that the variable named by ``valuesKey`` holds."""
    if not component.options_key:
        return component.options
    found = []
    for each in data.get(component.options_key) or []:
        if isinstance(each, Mapping) and "value" in each:
            found.append(Option(each["value"], str(each.get("label", each["value"]))))
        elif isinstance(each, (str, int, float)):
            found.append(Option(each, str(each)))
    return tuple(found) or component.options


def coerced(component: Component, value: Any, data: Mapping[str, Any]) -> Any:
    """Return ``value`` in the component's type, None when empty. Raises Bad."""
    if isinstance(value, str):
        value = value.strip() if component.kind is not Kind.TEXTAREA else value.replace("\r\n", "\n").strip("\n ")
    if component.kind is Kind.CHECKBOX:
        return _boolean(value)
    if is_empty(value):
        return [] if component.kind in MANY else None
    if component.kind in WITH_OPTIONS:
        return _chosen(component, value, options_of(component, data))
    if component.kind is Kind.NUMBER:
        return _number(component, value)
    if component.kind is Kind.DATETIME:
        return _moment(component, value)
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise Bad("应为文字", "must be a text")
    return str(value)


def _boolean(value: Any) -> bool:
    if value in (True, "true", "on", "1", "yes", 1):
        return True
    if value in (False, None, "", "false", "off", "0", "no", 0):
        return False
    raise Bad("应为是或否", "must be true or false")


def _number(component: Component, value: Any) -> int | float:
    try:
        if isinstance(value, bool):
            raise ValueError(value)
        number = float(value)
        if not math.isfinite(number) or len(str(value)) > 40:
            raise ValueError(value)
    except (TypeError, ValueError):
        raise Bad("请填写数字", "must be a number") from None
    digits = component.decimal_digits
    if digits is not None and round(number, int(digits)) != number:
        raise Bad(f"最多 {digits} 位小数" if digits else "应为整数", f"has more than {digits} decimal places")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _moment(component: Component, value: Any) -> str:
    text = str(value)
    try:
        if component.subtype == "date":
            return date.fromisoformat(text[:10]).isoformat()
        if component.subtype == "time":
            return time.fromisoformat(text).isoformat("minutes")
        return datetime.fromisoformat(text).isoformat("minutes")
    except ValueError:
        shown = {"date": "2026-11-22", "time": "09:30"}.get(component.subtype, "2026-11-22 09:30")
        raise Bad(f"格式应为 {shown}", f"must look like {shown}") from None


def _chosen(component: Component, value: Any, options: tuple[Option, ...]) -> Any:
    by_text = {str(option.value): option.value for option in options}
    if component.kind not in MANY:
        if isinstance(value, (list, dict)) or str(value) not in by_text:
            raise Bad("选项不在范围内", "is not one of the options")
        return by_text[str(value)]
    given = value if isinstance(value, list) else [value]
    if any(isinstance(each, (list, dict)) or str(each) not in by_text for each in given):
        raise Bad("选项不在范围内", "is not one of the options")
    wanted = {str(each) for each in given}
    return [option.value for option in options if str(option.value) in wanted]
