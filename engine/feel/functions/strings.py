"""Built-in functions on text (DMN table 72); characters are Unicode code points."""

from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.numbers import Number
from engine.feel.run import Run


@builtin("substring(string: string, start position: number, length?: number)", "取一段文字，从 1 数起，负数从末尾数起")
def _substring(string: str, start: Number, length: Number | None = None) -> str | None:
    place = int(start)
    if place == 0 or abs(place) > len(string) + 1:
        return None if place == 0 else ""
    begin = place - 1 if place > 0 else max(len(string) + place, 0)
    if length is None:
        return string[begin:]
    return string[begin : begin + int(length)] if length >= 1 else None


@builtin("string length(string: string)", "字数")
def _string_length(string: str) -> int:
    return len(string)


@builtin("upper case(string: string)", "转为大写")
def _upper_case(run: Run, string: str) -> str:
    result = string.upper()
    run.spend_text(len(result))
    return result


@builtin("lower case(string: string)", "转为小写")
def _lower_case(run: Run, string: str) -> str:
    result = string.lower()
    run.spend_text(len(result))
    return result


@builtin("substring before(string: string, match: string)", "某段文字之前的部分，没有时为空文本")
def _substring_before(string: str, match: str) -> str:
    return string.partition(match)[0] if match and match in string else ""


@builtin("substring after(string: string, match: string)", "某段文字之后的部分，没有时为空文本")
def _substring_after(string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@builtin("contains(string: string, match: string)", "包含某段文字")
def _contains(string: str, match: str) -> bool:
    return match in string


@builtin("starts with(string: string, match: string)", "以某段文字开头")
def _starts_with(string: str, match: str) -> bool:
    return string.startswith(match)


@builtin("ends with(string: string, match: string)", "以某段文字结尾")
def _ends_with(string: str, match: str) -> bool:
    return string.endswith(match)


@builtin("trim(string: string)", "去掉首尾空白", extension=True)
def _trim(string: str) -> str:
    return string.strip()


@builtin("is blank(string: string)", "为空或只有空白", extension=True)
def _is_blank(string: str) -> bool:
    return not string.strip()


@builtin("string join(list: list, delimiter?: string?, prefix?: string?, suffix?: string?)", "把列表中的文本连接起来")
def _string_join(
    run: Run, items: list[Any], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> str | None:
    texts = [item for item in items if item is not None]
    if not all(type(text) is str for text in texts):
        run.null("string join 的列表中有不是文本的项", "The list of string join holds items that are no text")
        return None
    run.spend_text(sum(map(len, texts)) + len(delimiter or "") * len(texts) + len(prefix or "") + len(suffix or ""))
    return (prefix or "") + (delimiter or "").join(texts) + (suffix or "")
