"""Text to tokens, for FEEL and for the JUEL dialect; linear in the length of the text."""

import re
from enum import StrEnum
from typing import NoReturn

from engine.feel.errors import FeelSyntaxError
from engine.records import record


class Kind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    STRING = "string"
    TEMPORAL = "temporal"  # @"2026-11-22"
    NAME = "name"
    KEYWORD = "keyword"
    OPERATOR = "operator"
    END = "end"


@record(kw_only=False)
class Token:
    """One word or sign. ``text`` is the value for strings (unescaped), else as written; ``line_start``: first of its line."""

    kind: Kind
    text: str
    position: int
    end: int
    line_start: bool = False


FEEL_KEYWORDS = frozenset(
    "if then else for in return some every satisfies and or not between true false null function external".split()
)
JUEL_KEYWORDS = frozenset("and or not empty eq ne lt gt le ge div mod true false null instanceof".split())

# FEEL names may hold letters of all scripts and the planes above the first one (DMN 10.3.1.2, name start char).
_NAME = r"(?:[^\W\d]|[\U00010000-\U000EFFFF])(?:\w|[\U00010000-\U000EFFFF])*"
_COMMON = rf"""
    (?P<number>[0-9]+(?:\.(?!\.)[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)
  | (?P<temporal>@"[^"\\]*")
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<name>{_NAME})
"""
_FEEL = re.compile(
    rf"(?P<space>\s+|//[^\n]*|/\*.*?\*/)|{_COMMON}|(?P<operator>\*\*|\.\.|->|==|!=|<=|>=|[-+*/(){{}}\[\],.:;<>=?])",
    re.VERBOSE | re.DOTALL,
)
_JUEL = re.compile(
    rf"(?P<space>\s+)|{_COMMON}|(?P<operator>==|!=|<=|>=|&&|\|\||[-+*/%()\[\],.:<>!?])", re.VERBOSE | re.DOTALL
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_FULL_WIDTH = dict(zip("，（）“”‘’；：＝＞＜！＋－＊／［］｛｝．", ",()\"\"'';:=><!+-*/[]{}.", strict=True))


def tokenize(source: str, *, juel: bool = False) -> list[Token]:
    """Return the tokens of ``source``, the last one of kind END; raise FeelSyntaxError at what cannot be read."""
    pattern, keywords = (_JUEL, JUEL_KEYWORDS) if juel else (_FEEL, FEEL_KEYWORDS)
    tokens: list[Token] = []
    position, line_start = 0, True
    while position < len(source):
        match = pattern.match(source, position)
        if match is None:
            _refuse(source, position)
        group, text, start = str(match.lastgroup), match.group(), position
        position = match.end()
        if group == "space":
            line_start = line_start or "\n" in text
            continue
        tokens.append(_token(group, text, start, position, line_start, keywords))
        line_start = False
    tokens.append(Token(Kind.END, "", len(source), len(source), True))
    return tokens


def _token(group: str, text: str, start: int, end: int, line_start: bool, keywords: frozenset[str]) -> Token:
    if group == "string":
        return Token(Kind.STRING, unescape(text[1:-1], start), start, end, line_start)
    if group == "temporal":
        return Token(Kind.TEMPORAL, text[2:-1], start, end, line_start)
    if group == "name" and text in keywords:
        return Token(Kind.KEYWORD, text, start, end, line_start)
    return Token(Kind(group), text, start, end, line_start)


def unescape(text: str, position: int = 0) -> str:
    """Resolve the escapes of a string literal; refuse characters that no database or JSON reader takes."""
    if "\\" in text:
        text = _ESCAPE.sub(_unescape_one, text)
        # \uD83D\uDCA9 is one character written as two halves, as in JSON.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        raise FeelSyntaxError(
            "文本中有不能使用的字符（空字符或半个代理对）", "The text holds a NUL or half a surrogate pair", position
        )
    return text


def _unescape_one(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"
    # A sign that needs no escape keeps its backslash: "\d" is what the author of a pattern means.
    return _ESCAPED.get(escape, match[0])


def _refuse(source: str, position: int) -> NoReturn:
    sign = source[position]
    if sign in "\"'@":
        raise FeelSyntaxError(
            f"第 {position + 1} 个字符处的引号没有配对",
            f"The quote at character {position + 1} is not closed",
            position,
        )
    if sign in _FULL_WIDTH:
        raise FeelSyntaxError(
            f"第 {position + 1} 个字符「{sign}」是全角符号，请改用半角「{_FULL_WIDTH[sign]}」",
            f'Character {position + 1} "{sign}" is full-width, write "{_FULL_WIDTH[sign]}"',
            position,
        )
    raise FeelSyntaxError(
        f"第 {position + 1} 个字符「{sign}」不能出现在表达式里",
        f"Character {position + 1} {sign!r} may not stand in an expression",
        position,
    )
