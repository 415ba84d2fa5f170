"""The language of ``banjie:who``: calls of strategies, joined by commas (all of them) and ``else`` (when nobody was found).

    leader(of: initiator), groups(legal) else roles(admin)

A word is a key, code or login; in double quotes it may hold anything. ``feel(...)`` holds one FEEL expression as it stands.
Everything is checked when it is read: names of strategies, number of words, keywords and what they take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from typing import Final

from engine.records import record

MAX_LENGTH: Final = 2000
MAX_DEPTH: Final = 4
MAX_LEVEL: Final = 20


class WhoSyntaxError(ValueError):
    """A ``banjie:who`` that cannot be read: why, in both languages, and where (0-based)."""

    def __init__(self, zh: str, en: str, position: int = 0) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.position = position


@record(kw_only=False)
class Call:
    """One strategy with its words and keywords; ``text`` is how it is written."""

    name: str
    words: tuple[str, ...] = ()
    keywords: Mapping[str, Call | str] = field(default_factory=dict, hash=False)
    text: str = ""
    position: int = 0

    def number(self, keyword: str, default: int) -> int:
        """The value of a keyword that takes a number."""
        value = self.keywords.get(keyword)
        return int(value) if isinstance(value, str) else default

    def yes(self, keyword: str) -> bool:
        """The value of a keyword that takes yes or no; no when it is left out."""
        return self.keywords.get(keyword) == "yes"

    def call(self, keyword: str) -> Call | None:
        """The value of a keyword that takes a strategy."""
        value = self.keywords.get(keyword)
        return value if isinstance(value, Call) else None

    def walk(self) -> Iterator[Call]:
        """This call and those inside it."""
        yield self
        for value in self.keywords.values():
            if isinstance(value, Call):
                yield from value.walk()


@record(kw_only=False)
class Who:
    """A whole ``banjie:who``: alternatives in order; the strategies of one alternative are joined."""

    alternatives: tuple[tuple[Call, ...], ...]
    text: str

    def calls(self) -> Iterator[Call]:
        """Every call, also those inside others."""
        for alternative in self.alternatives:
            for call in alternative:
                yield from call.walk()


@record(kw_only=False)
class _Signature:
    least: int = 0
    most: int = 0
    keywords: Mapping[str, str] = field(
        default_factory=dict, hash=False
    )  # name: "number", "yes", "person", "place", "call"


_MANY: Final = 100
_PEOPLE: Final = frozenset({"initiator", "previous", "users", "field"})  # what may stand for one person
_PLACES: Final = _PEOPLE | {"departments"}  # and for a department: that of the person

STRATEGIES: Final[Mapping[str, _Signature]] = {
    "users": _Signature(1, _MANY),
    "groups": _Signature(1, _MANY),
    "roles": _Signature(1, _MANY),
    "posts": _Signature(1, _MANY, {"in": "place"}),
    "departments": _Signature(1, _MANY, {"below": "yes"}),
    "leader": _Signature(keywords={"of": "place", "level": "number"}),
    "leaders": _Signature(keywords={"of": "place", "upto": "number"}),
    "initiator": _Signature(),
    "previous": _Signature(),
    "chosen": _Signature(1, 1, {"from": "call", "most": "number"}),
    "field": _Signature(1, 1),
    "feel": _Signature(1, 1),
}
CHOOSERS: Final = frozenset({"start", "previous"})


@lru_cache(maxsize=1024)
def parse(text: str) -> Who:
    """Read a ``banjie:who``. Raises WhoSyntaxError."""
    if len(text) > MAX_LENGTH:
        raise WhoSyntaxError(f"最多 {MAX_LENGTH} 字", f"at most {MAX_LENGTH} characters")
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> Who:
        alternatives = [self._joined()]
        while not self._ended():
            if self._word() != "else":
                raise self._wrong("这里应是逗号或 else", "a comma or else is expected here")
            alternatives.append(self._joined())
        return Who(tuple(alternatives), " ".join(self.text.split()))

    def _joined(self) -> tuple[Call, ...]:
        calls = [self._call(1)]
        while self._take(","):
            calls.append(self._call(1))
        return tuple(calls)

    def _call(self, depth: int) -> Call:
        self._blanks()
        start = self.at
        name = self._word()
        signature = STRATEGIES.get(name)
        if signature is None:
            known = "、".join(STRATEGIES)
            self.at = start
            raise self._wrong(
                f"没有策略「{name}」；可用：{known}", f"no strategy {name!r}; there are {', '.join(STRATEGIES)}"
            )
        if depth > MAX_DEPTH:
            raise self._wrong("嵌套过深", "nested too deeply")
        words: list[str] = []
        keywords: dict[str, Call | str] = {}
        if self._take("("):
            if name == "feel":
                words.append(self._raw())
            else:
                self._arguments(name, signature, words, keywords, depth)
        call = Call(name, tuple(words), keywords, " ".join(self.text[start : self.at].split()), start)
        self._check(call, signature)
        return call

    def _arguments(
        self, name: str, signature: _Signature, words: list[str], keywords: dict[str, Call | str], depth: int
    ) -> None:
        if self._take(")"):
            return
        while True:
            word = self._word()
            if self._take(":"):
                kind = signature.keywords.get(word)
                if kind is None or word in keywords:
                    known = "、".join(signature.keywords) or "（无）"
                    raise self._wrong(
                        f"{name} 没有参数「{word}」，或写了两次；可用：{known}",
                        f"{name} has no parameter {word!r}, or it stands twice; there are {', '.join(signature.keywords) or 'none'}",
                    )
                keywords[word] = self._value(kind, word, depth)
            else:
                words.append(word)
            if self._take(")"):
                return
            if not self._take(","):
                raise self._wrong("缺少 ) 或逗号", "a ) or a comma is missing")

    def _value(self, kind: str, keyword: str, depth: int) -> Call | str:
        if kind == "call":
            call = self._call(depth + 1)
            if call.name == "chosen":
                raise self._wrong(f"{keyword} 里不能再选人", f"{keyword} cannot be chosen again")
            return call
        if kind == "place":
            return self._place(depth)
        word = self._word()
        if kind == "number" and not (word.isascii() and word.isdigit() and 1 <= int(word) <= MAX_LEVEL):
            raise self._wrong(
                f"{keyword} 应为 1 到 {MAX_LEVEL} 的整数", f"{keyword} takes a whole number from 1 to {MAX_LEVEL}"
            )
        if kind == "yes" and word not in ("yes", "no"):
            raise self._wrong(f"{keyword} 应为 yes 或 no", f"{keyword} takes yes or no")
        return word

    def _place(self, depth: int) -> Call:
        """A strategy that stands for one person or department, or the code of a department alone."""
        self._blanks()
        start = self.at
        word = self._word()
        if word in _PLACES:
            self.at = start
            return self._call(depth + 1)
        if word in STRATEGIES:
            self.at = start
            raise self._wrong(f"「{word}」不能作为起点", f"{word!r} is no place to start from")
        return Call("departments", (word,), {}, word, start)

    def _check(self, call: Call, signature: _Signature) -> None:
        if not signature.least <= len(call.words) <= signature.most:
            needed = f"{signature.least}" if signature.least == signature.most else f"{signature.least} 个以上"
            raise WhoSyntaxError(
                f"{call.name} 需要 {needed} 个名称" if signature.most else f"{call.name} 不带名称",
                f"{call.name} takes {'no' if not signature.most else f'at least {signature.least}'} words",
                call.position,
            )
        if call.name == "chosen" and call.words[0] not in CHOOSERS:
            raise WhoSyntaxError(
                "chosen 应为 chosen(start)（发起时选）或 chosen(previous)（上一步选）",
                "it is chosen(start) or chosen(previous)",
                call.position,
            )

    # ---- characters

    def _word(self) -> str:
        self._blanks()
        if self.at < len(self.text) and self.text[self.at] == '"':
            end = self.text.find('"', self.at + 1)
            if end < 0:
                raise self._wrong("引号没有结束", "a quote is not closed")
            word, self.at = self.text[self.at + 1 : end], end + 1
        else:
            start = self.at
            while self.at < len(self.text) and self.text[self.at] not in '(),:"' and not self.text[self.at].isspace():
                self.at += 1
            word = self.text[start : self.at]
        if not word:
            raise self._wrong("这里应有名称", "a name is expected here")
        return word

    def _raw(self) -> str:
        """The text up to the bracket that closes ``feel(``; brackets inside, and those in strings, do not count."""
        start, depth, quoted = self.at, 0, False
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"' and self.text[self.at - 1] != "\\":
                quoted = not quoted
            elif not quoted and character == "(":
                depth += 1
            elif not quoted and character == ")":
                if depth == 0:
                    found = self.text[start : self.at].strip()
                    self.at += 1
                    return found
                depth -= 1
            self.at += 1
        raise self._wrong("feel( 没有结束", "feel( is not closed")

    def _take(self, character: str) -> bool:
        self._blanks()
        found = self.text.startswith(character, self.at)
        self.at += found
        return found

    def _ended(self) -> bool:
        self._blanks()
        return self.at >= len(self.text)

    def _blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _wrong(self, zh: str, en: str) -> WhoSyntaxError:
        return WhoSyntaxError(f"第 {self.at + 1} 个字：{zh}", f"at character {self.at + 1}: {en}", self.at)
