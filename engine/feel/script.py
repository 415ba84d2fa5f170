"""Script tasks: lines ``result = FEEL``, all or nothing, each of which sees the results before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.feel import limits
from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.expression import HOST_FUNCTIONS, Expression, compile
from engine.feel.lexer import Kind, Token, tokenize
from engine.feel.run import NO_FUNCTIONS
from engine.feel.values import to_json


class Script:
    """A parsed script. ``results`` are the names that it sets, in order; ``names`` what it needs from outside."""

    def __init__(self, source: str, statements: tuple[tuple[str, Expression], ...]) -> None:
        self.source = source
        self._statements = statements
        self.results = tuple(dict.fromkeys(name for name, _ in statements))
        known: set[str] = set()
        needed: set[str] = set()
        optional: set[str] = set()
        for name, expression in statements:
            needed |= expression.names - known
            optional |= expression.optional_names - known
            known.add(name)
        self.names = frozenset(needed)
        self.optional_names = frozenset(optional - needed)
        self.functions = frozenset().union(*(expression.functions for _, expression in statements))

    @property
    def statements(self) -> tuple[tuple[str, Expression], ...]:
        """The statements in order: (result, expression)."""
        return self._statements

    def run(
        self,
        variables: Mapping[str, Any],
        *,
        now: datetime,
        functions: Mapping[str, Callable[..., Any]] = NO_FUNCTIONS,
    ) -> dict[str, Any]:
        """Return the results as JSON values by name; an error in one line gives no result at all."""
        values: dict[str, Any] = {}
        for name, expression in self._statements:
            try:
                values[name] = expression.evaluate({**variables, **values}, now=now, functions=functions)
            except FeelError as error:
                error.facts.setdefault("result", name)
                raise
        return {name: to_json(values[name]) for name in self.results}


def parse_script(source: str, *, host_functions: frozenset[str] = HOST_FUNCTIONS) -> Script:
    """Return the script; raise FeelSyntaxError (position in the whole text) or FeelLimit.

    A statement starts with ``name =`` at the start of a line or after ``;``, outside brackets; other lines go on with the
    statement before.
    """
    if len(source) > limits.MAX_SCRIPT:
        limits.too_long("脚本的字数", "characters of the script", limits.MAX_SCRIPT)
    tokens = tokenize(source)
    statements: list[tuple[str, Expression]] = []
    starts = _starts(tokens)
    if not starts or starts[0] != 0:
        raise FeelSyntaxError(
            "脚本的每一句应为「结果 = 表达式」", 'Each statement of a script is "result = expression"', 0
        )
    for start, following in zip(starts, [*starts[1:], len(tokens) - 1], strict=True):
        name = tokens[start]
        begin, end = tokens[start + 1].end, tokens[following].position
        try:
            expression = compile("=" + source[begin:end].rstrip().removesuffix(";"), host_functions=host_functions)
        except FeelSyntaxError as error:
            line = source.count("\n", 0, name.position) + 1
            raise FeelSyntaxError(
                f"第 {line} 行「{name.text}」：{error.zh}",
                f'Line {line}, "{name.text}": {error.en}',
                begin + max(error.position - 1, 0),
            ) from None
        statements.append((name.text, expression))
    return Script(source, tuple(statements))


def _starts(tokens: list[Token]) -> list[int]:
    """Return the places of the tokens that start a statement."""
    starts: list[int] = []
    depth = 0
    for place, token in enumerate(tokens[:-1]):
        if token.kind is Kind.OPERATOR:
            depth += (token.text in "([{") - (token.text in ")]}")
        previous = tokens[place - 1] if place else None
        after_sign = bool(starts) and place == starts[-1] + 2  # "a =" is followed by its value or by nothing
        if (
            depth <= 0
            and _is_assignment(token, tokens[place + 1])
            and (previous is None or token.line_start or previous.text == ";")
            and (after_sign or not _wants_more(previous))
        ):
            starts.append(place)
    return starts


def _is_assignment(token: Token, following: Token) -> bool:
    return token.kind is Kind.NAME and following.kind is Kind.OPERATOR and following.text == "="


def _wants_more(previous: Token | None) -> bool:
    """Does the line before want another value, so that ``name = ...`` continues it as a comparison?"""
    return previous is not None and (
        (previous.kind is Kind.OPERATOR and previous.text not in (")", "]", "}", ";"))
        or (previous.kind is Kind.KEYWORD and previous.text not in ("true", "false", "null"))
    )
