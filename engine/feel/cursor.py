"""Where a parser stands in its tokens: look, take, demand, and the guard against deep nesting."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from engine.feel import limits
from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Kind, Token


class Cursor:
    """Base of the two parsers; ``self.token`` is the next token that nobody has taken yet."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._nesting = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._index]

    def ahead(self, count: int = 1) -> Token:
        """Return the token ``count`` places further on (the end token when there are fewer)."""
        return self._tokens[min(self._index + count, len(self._tokens) - 1)]

    def next(self) -> Token:
        token = self.token
        if token.kind is not Kind.END:
            self._index += 1
        return token

    def sees(self, *texts: str) -> bool:
        """Is the next token an operator or keyword that reads like one of ``texts``?"""
        token = self.token
        return token.text in texts and token.kind in (Kind.OPERATOR, Kind.KEYWORD)

    def take(self, *texts: str) -> str | None:
        """Take the next token if it is one of these operators or keywords."""
        return self.next().text if self.sees(*texts) else None

    def demand(self, text: str) -> Token:
        if not self.sees(text):
            self.refuse(f"这里应为「{text}」", f'"{text}" is expected here')
        return self.next()

    def demand_end(self) -> None:
        if self.token.kind is not Kind.END:
            self.refuse("表达式到这里已经完整，后面多出内容", "The expression is complete before this")

    def refuse(self, zh: str, en: str, token: Token | None = None) -> NoReturn:
        """Raise FeelSyntaxError with the place of ``token`` (the next one by default)."""
        token = token or self.token
        if token.kind is Kind.END:
            raise FeelSyntaxError(f"表达式在结尾处不完整：{zh}", f"The expression ends too early: {en}", token.position)
        raise FeelSyntaxError(
            f"第 {token.position + 1} 个字符「{token.text[:40]}」处有误：{zh}",
            f'At character {token.position + 1} "{token.text[:40]}": {en}',
            token.position,
        )

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Count one level of nesting while the block runs."""
        self._nesting += 1
        if self._nesting > limits.MAX_NESTING:
            limits.too_long("表达式嵌套层数", "nesting of the expression", limits.MAX_NESTING)
        try:
            yield
        finally:
            self._nesting -= 1
