"""From what was sent to a value of the component's type: HTML sends text for everything, clients send JSON."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine import feel, plain
from engine.errors import InvalidInput
from engine.forms.components import MANY, WITH_OPTIONS, Component, Kind, Option

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")


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
    listed = data.get(component.options_key)
    found = []
    for each in listed if isinstance(listed, list | tuple) else []:
        if isinstance(each, Mapping) and isinstance(each.get("value"), str | int | float):
            found.append(Option(each["value"], str(each.get("label", each["value"]))))
        elif isinstance(each, str | int | float):
            found.append(Option(each, str(each)))
    return tuple(found) or component.options


def coerced(component: Component, value: Any, data: Mapping[str, Any]) -> Any:
    """Return ``value`` in the component's type, None when empty. Raises Bad."""
    if isinstance(value, str):
        value = _text(component, value)
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
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Bad("应为文字", "must be a text")
    return str(value)


def _text(component: Component, value: str) -> str:
    try:
        plain.check_text(value, component.key)
    except InvalidInput:
        raise Bad("含有不能保存的字符", "holds characters that cannot be stored") from None
    if component.kind is Kind.TEXTAREA:
        return value.replace("\r\n", "\n").strip("\n ")
    if component.kind in (Kind.NUMBER, Kind.DATETIME):
        return unicodedata.normalize("NFKC", value[:100]).strip()  # １２３ of a Chinese keyboard is 123
    return value.strip()


def _boolean(value: Any) -> bool:
    if value in (True, "true", "True", "on", "1", "yes"):
        return True
    if value in (False, None, "", "false", "False", "off", "0", "no"):
        return False
    raise Bad("应为是或否", "must be true or false")


def _number(component: Component, value: Any) -> int | float:
    """The number itself, never a neighbour: what a float cannot hold exactly as written is refused."""
    number = _decimal(value)
    digits = component.decimal_digits
    exponent = number.normalize().as_tuple().exponent
    if digits is not None and isinstance(exponent, int) and -exponent > digits:
        raise Bad(f"最多 {digits} 位小数" if digits else "应为整数", f"has more than {digits} decimal places")
    if number == number.to_integral_value():
        return int(number)
    nearest = float(number)
    if Decimal(repr(nearest)) != number:
        raise Bad("数字的位数过多", "has too many digits")
    return nearest


def _decimal(value: Any) -> Decimal:
    if isinstance(value, float):
        value = format(Decimal(repr(value)), "f")  # NaN and infinity have no digits
    if isinstance(value, bool) or not isinstance(value, str | int) or not _NUMBER.fullmatch(str(value)[:50]):
        raise Bad("请填写数字", "must be a number")
    return Decimal(value)


def _moment(component: Component, value: Any) -> str:
    found: date | time | None = None
    if isinstance(value, str):
        if component.subtype == "date":
            found = feel.parse_date(value)
        elif component.subtype == "time":
            found = feel.parse_time(value)
        elif len(value) > 10:
            found = feel.parse_date_time(value.replace(" ", "T"))
    if found is None:
        shown = {"date": "2026-11-22", "time": "09:30"}.get(component.subtype, "2026-11-22 09:30")
        raise Bad(f"格式应为 {shown}", f"must look like {shown}")
    if isinstance(found, datetime | time):
        return found.isoformat(timespec="seconds" if found.second else "minutes")
    return found.isoformat()


def _chosen(component: Component, value: Any, options: tuple[Option, ...]) -> Any:
    by_text = {str(option.value): option.value for option in options}
    given = value if isinstance(value, list) else [value]
    if any(isinstance(each, list | dict) or str(each) not in by_text for each in given):
        raise Bad("选项不在范围内", "is not one of the options")
    if component.kind in MANY:
        wanted = {str(each) for each in given}
        return [option.value for option in options if str(option.value) in wanted]
    if isinstance(value, list):
        raise Bad("只能选一项", "takes one option only")
    return by_text[str(value)]
