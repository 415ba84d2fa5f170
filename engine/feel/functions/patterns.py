"""Regular expressions, by RE2 only: its time grows linearly with the text, whatever the pattern (DMN table 72).

The dialect is that of XPath without back references and class subtraction, which RE2 does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from engine.feel import limits
from engine.feel.errors import FeelSyntaxError
from engine.feel.functions.registry import builtin
from engine.feel.run import Run
from engine.records import record

_OTHER_MEANING = frozenset("0123456789C")  # after a backslash
_MATCH_COST = 4  # steps of one match,
_CHARACTERS_PER_STEP = 1_024  # and of the text that it may have looked at
_MEMORY = 1 << 20  # bytes that one compiled pattern may take


@record(kw_only=False)
class Pattern:
    """A compiled pattern, for other rooms that check text (forms)."""

    source: str
    _regexp: Any

    def found_in(self, text: str) -> bool:
        """Does the pattern match anywhere in the text?"""
        return _first_match(self._regexp, text) is not None


def compile_pattern(source: str) -> Pattern:
    """Return the pattern; raise FeelSyntaxError when RE2 does not know it, FeelLimit when it is too long."""
    regexp = _compiled(source, "")
    if regexp is None:
        raise FeelSyntaxError(
            f"正则表达式「{source[:60]}」有误或不受支持", f'The pattern "{source[:60]}" is not supported'
        )
    return Pattern(source, regexp)


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Any:
    """Return the compiled pattern or None; flags are those of XPath: s, m, i, x."""
    if len(pattern) > limits.MAX_PATTERN:
        limits.too_long("正则表达式的字数", "characters of a pattern", limits.MAX_PATTERN)
    if not set(flags) <= set("smix"):
        return None
    translated = _translated(pattern, flags)
    if translated is None:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    modes = "".join(flag for flag in "smi" if flag in flags)
    try:
        return re2.compile((f"(?{modes})" if modes else "") + translated, options)
    except (re2.error, UnicodeError):
        return None


def _translated(pattern: str, flags: str) -> str | None:
    """XPath to RE2: blanks mean nothing with flag x, and a dot matches no line end of any kind without flag s.

    None for what RE2 would read as something else: class subtraction, references as octal codes, half characters.
    """
    result: list[str] = []
    escaped = in_class = False
    for sign in pattern:
        if escaped:
            if "x" in flags and sign.isspace():
                continue
            if sign in _OTHER_MEANING:
                return None
            escaped = False
            result.append(sign)
            continue
        if "x" in flags and sign.isspace() and not in_class:
            continue
        escaped = sign == "\\"
        if sign == "[" and in_class and result[-1] == "-":
            return None
        if sign == "[":
            in_class = True
        elif sign == "]":
            in_class = False
        result.append(r"[^\n\r]" if sign == "." and not in_class and "s" not in flags else sign)
    return "".join(result)


def _first_match(regexp: Any, text: str) -> Any:
    return next(_finditer(regexp, text), None)


def _all_matches(regexp: Any, text: str, run: Run, cost: int) -> Iterator[Any]:
    """Yield all matches. One search is linear, all of them are not: each may look at the whole rest of the text."""
    for match in _finditer(regexp, text):
        run.spend(cost + (len(text) - match.start()) // _CHARACTERS_PER_STEP)
        yield match


def _finditer(regexp: Any, text: str) -> Iterator[Any]:
    try:
        yield from regexp.finditer(text)
    except UnicodeError:  # half a surrogate pair has no UTF-8 form: nothing matches it
        return


def _regexp(run: Run, pattern: str, flags: str | None) -> Any:
    regexp = _compiled(pattern, flags or "")
    if regexp is None:
        run.null(f"正则表达式「{pattern[:60]}」有误或不受支持", f'The pattern "{pattern[:60]}" is not supported')
    return regexp


@builtin("matches(input: string, pattern: string, flags?: string?)", "有一处符合正则表达式")
def _matches_function(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    regexp = _regexp(run, pattern, flags)
    return None if regexp is None else _first_match(regexp, text) is not None


@builtin(
    "replace(input: string, pattern: string, replacement: string, flags?: string?)",
    "替换符合正则表达式的部分，$1 为第一组",
)
def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    regexp = _regexp(run, pattern, flags)
    if regexp is None:
        return None
    template = _template(replacement)
    pieces: list[str] = []
    length = end = 0
    for match in _all_matches(regexp, text, run, _MATCH_COST + len(template)):
        piece = text[end : match.start()] + _expanded(template, match, regexp.groups)
        pieces.append(piece)
        length, end = length + len(piece), match.end()
        limits.check_text(length)
    return "".join(pieces) + text[end:]


def _template(replacement: str) -> list[str | int]:
    r"""Split a replacement into texts and group numbers: ``$1``; ``\$`` and ``\\`` are the signs themselves."""
    parts: list[str | int] = []
    signs = iter(range(len(replacement)))
    for i in signs:
        sign, after = replacement[i], replacement[i + 1 : i + 2]
        if sign == "$" and after in "0123456789" and after:
            parts.append(int(after))
            next(signs, None)
        elif sign == "\\" and after in ("$", "\\"):
            parts.append(after)
            next(signs, None)
        else:
            parts.append(sign)
    return parts


def _expanded(template: list[str | int], match: Any, groups: int) -> str:
    return "".join(
        part if isinstance(part, str) else (match.group(part) or "") if part <= groups else "" for part in template
    )


@builtin("split(string: string, delimiter: string)", "按正则表达式拆成列表")
def _split(run: Run, text: str, delimiter: str) -> list[str] | None:
    regexp = _regexp(run, delimiter, None)
    if regexp is None:
        return None
    pieces: list[str] = []
    end = 0
    for match in _all_matches(regexp, text, run, _MATCH_COST):
        if match.end() == match.start():
            continue
        pieces.append(text[end : match.start()])
        end = match.end()
        limits.check_list(len(pieces))
    return [*pieces, text[end:]]


@builtin("extract(string: string, pattern: string)", "取出符合正则表达式的各部分", extension=True)
def _extract(run: Run, text: str, pattern: str) -> list[str] | None:
    regexp = _regexp(run, pattern, None)
    if regexp is None:
        return None
    found: list[str] = []
    for match in _all_matches(regexp, text, run, _MATCH_COST):
        found.append(match.group(0))
        limits.check_list(len(found))
    return found
