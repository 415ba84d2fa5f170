"""What is wrong with a value, field by field, in both languages."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.errors import InvalidInput

MAX_FAULTS = 20

# pydantic's kinds of errors; what is not listed is "不符合要求" beside pydantic's own English sentence
_ZH: Mapping[str, str] = {
    "missing": "必填",
    "extra_forbidden": "没有这个字段",
    "string_type": "须为文字",
    "string_too_long": "最多 {max_length} 字",
    "string_too_short": "至少 {min_length} 字",
    "string_pattern_mismatch": "格式有误",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "list_type": "须为列表",
    "dict_type": "须为对象",
    "model_type": "须为对象",
    "model_attributes_type": "须为对象",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "date_type": "须为日期，例如 2026-11-22",
    "date_parsing": "须为日期，例如 2026-11-22",
    "date_from_datetime_parsing": "须为日期，例如 2026-11-22",
    "datetime_type": "须为带时区的时刻",
    "datetime_parsing": "须为带时区的时刻",
    "datetime_from_date_parsing": "须为带时区的时刻",
    "timezone_aware": "须为带时区的时刻",
    "out_of_calendar": "只能在 1900-01-01 与 2999-12-31 之间",
    "enum": "只能是 {expected}",
    "literal_error": "只能是 {expected}",
}


def as_invalid_input(error: ValidationError, model: type[BaseModel]) -> InvalidInput:
    """Turn pydantic's findings into one error whose facts name every bad field, and all that there are beside unknown ones."""
    zh: dict[str, str] = {}
    en: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False)[:MAX_FAULTS]:
        place = _place(fault["loc"])
        zh[place] = _ZH.get(fault["type"], "不符合要求").format_map(_Known(fault.get("ctx", {})))
        en[place] = fault["msg"]
    listed_zh = "；".join(f"{place}：{text}" for place, text in zh.items())
    listed_en = "; ".join(f"{place}: {text}" for place, text in en.items())
    facts: dict[str, Any] = {"fields": zh, "fields_en": en}
    if any(
        fault["type"] == "extra_forbidden" and len(fault["loc"]) == 1 for fault in error.errors(include_input=False)
    ):
        facts["known"] = [field.alias or name for name, field in model.model_fields.items()]
    return InvalidInput(f"请求有误：{listed_zh}。", f"The request has errors: {listed_en}.", **facts)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _place(path: tuple[int | str, ...]) -> str:
    found = ""
    for part in path:
        if isinstance(part, int):
            found += f"[{part}]"
        else:
            found += f".{part}" if found else part[:100]
    return found or "$"
