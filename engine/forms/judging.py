"""The rules of one field: required, lengths, ranges, patterns, numbers with check digits, dates that lie ahead."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine import feel
from engine.forms.components import Component, Kind
from engine.forms.identifiers import NAMES, is_valid
from engine.forms.values import is_empty
from engine.records import record

MAX_LENGTH = {Kind.TEXTAREA: 4000}
DEFAULT_MAX_LENGTH = 500


@record(kw_only=False)
class FieldError:
    """Why a field is refused."""

    zh: str
    en: str

    def message(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


def max_length(component: Component) -> int:
    """The most characters that a text may have; there is always a bound."""
    return component.rules.max_length or MAX_LENGTH.get(component.kind, DEFAULT_MAX_LENGTH)


def fault(component: Component, value: Any, *, required: bool, now: datetime) -> FieldError | None:
    """What is wrong with a value that has the type of its component, or None."""
    if is_empty(value) or (component.kind is Kind.CHECKBOX and value is False):
        return FieldError("必填", "is required") if required else None
    if component.kind in (Kind.TEXTFIELD, Kind.TEXTAREA) and isinstance(value, str):
        return _text_fault(component, value, now)
    if component.kind is Kind.NUMBER and isinstance(value, int | float):
        return _number_fault(component, value)
    if component.kind is Kind.DATETIME and component.not_in_the_past and _is_past(component.subtype, str(value), now):
        return FieldError("不能早于现在" if "T" in str(value) else "不能早于今天", "must not lie in the past")
    return None


def _number_fault(component: Component, value: float) -> FieldError | None:
    rules = component.rules
    if rules.minimum is not None and value < rules.minimum:
        return FieldError(f"不小于 {rules.minimum}", f"must be at least {rules.minimum}")
    if rules.maximum is not None and value > rules.maximum:
        return FieldError(f"不大于 {rules.maximum}", f"must be at most {rules.maximum}")
    return None


def _text_fault(component: Component, value: str, now: datetime) -> FieldError | None:
    rules = component.rules
    longest = max_length(component)
    if len(value) > longest:
        return FieldError(f"不超过 {longest} 字", f"has more than {longest} characters")
    if rules.min_length is not None and len(value) < rules.min_length:
        return FieldError(f"不少于 {rules.min_length} 字", f"has fewer than {rules.min_length} characters")
    # As form-js does: anywhere in the text, unless the pattern has ^ and $ itself.
    if rules.pattern is not None and not rules.pattern.found_in(value):
        return FieldError(rules.pattern_message or "格式不符", rules.pattern_message or "does not have the right form")
    if rules.validation_type is not None and not is_valid(rules.validation_type, value, today=now.date()):
        return FieldError(*NAMES[rules.validation_type])
    return None


def _is_past(subtype: str, text: str, now: datetime) -> bool:
    """A moment without zone is one of the bureau's clock, as ``now`` shows it."""
    if subtype == "date":
        day: date | None = feel.parse_date(text)
        return day is not None and day < now.date()
    moment = feel.parse_date_time(text)
    if moment is None:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)) < now
