"""JSON at the border: one function that takes bytes from strangers and gives values that every part of the house can keep.

Refused are NaN and infinities, names given twice, NUL characters, lone surrogates, integers that no column can hold, and
nesting without end: each of them breaks a database, a template or another reader of JSON later, far from who sent it.
"""

import json
import math
from typing import Any, NoReturn

from engine.errors import InvalidInput, TooLarge

MAX_BYTES = 1 << 20
MAX_DEPTH = 24
MAX_INTEGER_BITS = 112  # what FEEL's 34 decimal digits hold


def parse(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """Return the JSON value in ``data`` (UTF-8); raises InvalidInput naming the place, or TooLarge."""
    if len(data) > max_bytes:
        raise TooLarge(f"数据超过 {max_bytes} 字节。", f"The data has more than {max_bytes} bytes.", limit=max_bytes)
    try:
        value = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except InvalidInput:
        raise
    except (ValueError, RecursionError) as error:  # ValueError: not UTF-8, not JSON, an integer of thousands of digits
        raise InvalidInput("内容不是合法的 JSON。", f"The content is not valid JSON: {str(error)[:200]}.") from error
    check(value)
    return value


def check(value: Any, path: str = "") -> None:
    """Raise InvalidInput unless ``value`` is plain JSON; ``facts["fields"]`` names the first bad place as ``a.b[3]``."""
    waiting = [(value, path, 0)]
    while waiting:
        item, place, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise refused(place, f"嵌套超过 {MAX_DEPTH} 层", f"nested more than {MAX_DEPTH} levels")
        if isinstance(item, str):
            check_text(item, place)
        elif isinstance(item, dict):
            for key, inner in item.items():
                check_text(key, place)
                waiting.append((inner, f"{place}.{key}" if place else str(key), depth + 1))
        elif isinstance(item, list):
            waiting.extend((inner, f"{place}[{index}]", depth + 1) for index, inner in enumerate(item))
        else:
            _check_number(item, place)


def check_text(text: Any, place: str) -> None:
    """Raise InvalidInput when ``text`` holds what databases refuse: NUL characters or lone surrogates."""
    if not isinstance(text, str):
        raise refused(place, "名称须为文字", "a name must be text")
    if "\0" in text:
        raise refused(place, "文字中含有 NUL 字符", "the text holds a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise refused(place, "文字中含有不成对的代理字符", "the text holds a lone surrogate") from None


def refused(place: str, zh: str, en: str) -> InvalidInput:
    """Return the error for one bad place of a value."""
    shown = place.encode(errors="replace").decode().replace("\0", "?")[:200] or "$"
    return InvalidInput(f"{shown}：{zh}。", f"{shown}: {en}.", fields={shown: zh}, fields_en={shown: en})


def _check_number(item: Any, place: str) -> None:
    if item is None or isinstance(item, bool):
        return
    if isinstance(item, int):
        if item.bit_length() > MAX_INTEGER_BITS:
            raise refused(place, "整数过大", "the integer is too large")
    elif isinstance(item, float):
        if not math.isfinite(item):
            raise refused(place, "不是有限的数", "not a finite number")
    else:
        raise refused(place, f"不支持 {type(item).__name__}", f"{type(item).__name__} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of a doubled name may take different values: one shows the clerk what the other does not do."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        doubled = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise refused(doubled, "名称重复", "the name stands twice")
    return found


def _constant(text: str) -> NoReturn:
    raise refused("", f"{text} 不是 JSON", f"{text} is not JSON")
