"""Variables at the border: JSON values only, of bounded size, under names that expressions can use."""

import math
import re
from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidInput

MAX_BYTES = 200_000
MAX_DEPTH = 20
MAX_NAMES = 500
# What the engine sets itself; a client that could set them could forge them.
RESERVED = frozenset(
    {
        "initiator",
        "business_key",
        "loopCounter",
        "nrOfInstances",
        "nrOfCompletedInstances",
        "nrOfActiveInstances",
        "case_no",
        "case_id",
    }
)
_NAME = re.compile(r"[^\W\d]\w{0,99}")


def check_variables(variables: Mapping[str, Any], *, trusted: bool = False) -> dict[str, Any]:
    """Return a copy of ``variables``; raise InvalidInput naming the first bad one. ``trusted`` allows reserved names."""
    if len(variables) > MAX_NAMES:
        raise InvalidInput(f"变量太多（最多 {MAX_NAMES} 个）。", f"Too many variables (at most {MAX_NAMES}).")
    budget = [MAX_BYTES]
    checked: dict[str, Any] = {}
    for name, value in variables.items():
        if not _NAME.fullmatch(name):
            raise _bad(
                name,
                "变量名须以字母或汉字开头，只含字母、数字和下划线",
                "a name starts with a letter and holds letters, digits and _",
            )
        if name in RESERVED and not trusted:
            raise _bad(name, "这是系统保留的名字", "this name is reserved for the engine")
        checked[name] = plain(value, name, budget)
    return checked


def plain(value: Any, name: str, budget: list[int], depth: int = 0) -> Any:
    """Return a copy of a JSON value; refuse what a database or another reader of JSON would choke on."""
    if depth > MAX_DEPTH:
        raise _bad(name, f"嵌套超过 {MAX_DEPTH} 层", f"nested more than {MAX_DEPTH} levels")
    budget[0] -= 8
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value.bit_length() > 112:
            raise _bad(name, "整数过大", "the integer is too large")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _bad(name, "不是有限的数", "not a finite number")
        return value
    if isinstance(value, str):
        return _text(value, name, budget)
    if isinstance(value, Mapping):
        return {_text(str(key), name, budget): plain(item, name, budget, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, name, budget, depth + 1) for item in value]
    raise _bad(name, f"不支持 {type(value).__name__} 类型", f"values of type {type(value).__name__} are not allowed")


def _text(value: str, name: str, budget: list[int]) -> str:
    budget[0] -= len(value)
    if budget[0] < 0:
        raise _bad(name, f"数据超过 {MAX_BYTES // 1000} KB", f"the data is larger than {MAX_BYTES // 1000} KB")
    if "\0" in value:
        raise _bad(name, "文字中含有 NUL 字符", "the text holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _bad(name, "文字中含有不成对的代理字符", "the text holds a lone surrogate") from None
    return value


def _bad(name: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(
        f"变量 {name!r} 不可用：{zh}。", f"Variable {name!r} is refused: {en}.", fields={name: zh}, fields_en={name: en}
    )
