"""The dialect of Camunda 7 and Flowable: ``${...}`` and ``#{...}`` (JUEL), and text with such parts in it.

Read into the same tree as FEEL and evaluated with FEEL's values, so that ``null`` and types behave as everywhere else.
Calls of beans and methods are refused by name; Flowable's functions on variables (``var:equals``) are read.
"""

import re
from collections.abc import Callable

from engine.feel import syntax as s
from engine.feel.cursor import Cursor
from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Kind, Token, tokenize
from engine.feel.numbers import parse_number

_PART = re.compile(r"\\[$#]\{|[$#]\{((?:[^}'\"\\]|\\.|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*)\}", re.DOTALL)
_EQUALITY = {"==": "=", "eq": "=", "!=": "!=", "ne": "!="}
_ORDER = {"<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=", ">=": ">=", "ge": ">="}
_SUM = {"+": "+", "-": "-"}
_PRODUCT = {"*": "*", "/": "/", "div": "/", "%": "%", "mod": "%"}


def parse_template(source: str) -> s.Node:
    """Return the tree of a text with ``${...}``: of the expression itself when there is nothing else, else of the text."""
    parts: list[s.Node] = []
    position = 0
    for match in _PART.finditer(source):
        parts += _text(source, position, match.start())
        parts.append(s.Literal(match[0][1:]) if match[1] is None else _expression(source, match.start(1), match.end(1)))
        position = match.end()
    parts += _text(source, position, len(source))
    return parts[0] if len(parts) == 1 else s.Template(tuple(parts))


def _text(source: str, start: int, end: int) -> list[s.Node]:
    text = source[start:end]
    for mark in ("${", "#{"):
        if mark in text:
            place = start + text.index(mark)
            raise FeelSyntaxError(
                f"第 {place + 1} 个字符处的「{mark}」没有结束",
                f'"{mark}" at character {place + 1} is not closed',
                place,
            )
    return [s.Literal(text)] if text else []


def _expression(source: str, start: int, end: int) -> s.Node:
    parser = JuelParser(" " * start + source[start:end])  # blanks keep the positions of the whole text
    node = parser.expression()
    parser.demand_end()
    return node


class JuelParser(Cursor):
    """One method for each level of precedence of the Unified Expression Language (JSR 341, section 1.14)."""

    def __init__(self, source: str) -> None:
        super().__init__(tokenize(source, juel=True))

    def expression(self) -> s.Node:
        with self.nested():
            node = self._or()
            if not self.take("?"):
                return node
            then = self.expression()
            self.demand(":")
            return s.If(node, then, self.expression(), strict=True)

    def _or(self) -> s.Node:
        return self._logic("or", ("or", "||"), self._and)

    def _and(self) -> s.Node:
        return self._logic("and", ("and", "&&"), self._equality)

    def _logic(self, operator: str, signs: tuple[str, ...], operand: Callable[[], s.Node]) -> s.Node:
        operands = [operand()]
        while self.take(*signs):
            operands.append(operand())
        return s.Logic(operator, tuple(operands)) if len(operands) > 1 else operands[0]

    def _equality(self) -> s.Node:
        return self._comparison(_EQUALITY, self._order)

    def _order(self) -> s.Node:
        return self._comparison(_ORDER, self._sum)

    def _comparison(self, signs: dict[str, str], operand: Callable[[], s.Node]) -> s.Node:
        node = operand()
        while sign := self.take(*signs):
            node = s.Comparison(signs[sign], node, operand())
        return node

    def _sum(self) -> s.Node:
        return self._arithmetic(_SUM, self._product)

    def _product(self) -> s.Node:
        return self._arithmetic(_PRODUCT, self._unary)

    def _arithmetic(self, signs: dict[str, str], operand: Callable[[], s.Node]) -> s.Node:
        first = operand()
        rest = []
        while sign := self.take(*signs):
            rest.append((signs[sign], operand()))
        return s.Arithmetic(first, tuple(rest)) if rest else first

    def _unary(self) -> s.Node:
        sign = self.take("-", "!", "not", "empty")
        if sign is None:
            return self._postfix()
        with self.nested():
            operand = self._unary()
        if sign == "-":
            return s.Negate(operand)
        return s.Empty(operand) if sign == "empty" else s.Not(operand)

    def _postfix(self) -> s.Node:
        node = self._primary()
        while True:
            if self.take("."):
                token = self.next()
                if token.kind not in (Kind.NAME, Kind.KEYWORD):
                    self.refuse("点号后面应为名称", "a name is expected after the dot", token)
                node = self._method(node, token) if self.sees("(") else s.Path(node, token.text)
            elif self.take("["):
                node = s.Subscript(node, self.expression())
                self.demand("]")
            else:
                return node

    def _method(self, base: s.Node, token: Token) -> s.Node:
        """``execution.getVariable("x")`` reads a variable, null when absent; all other methods are Java's."""
        target = base.name if isinstance(base, s.Variable) else "…"
        if target == "execution" and token.text in ("getVariable", "hasVariable"):
            self.demand("(")
            argument = self.token
            if argument.kind is not Kind.STRING:
                self.refuse(
                    f"{token.text} 的参数应为引号中的变量名", f"{token.text} takes the name of a variable in quotes"
                )
            self.next()
            self.demand(")")
            optional = s.Variable(argument.text, optional=True)
            return optional if token.text == "getVariable" else s.IsDefined(optional)
        return self.refuse(
            f"不支持调用 Java 方法 {target}.{token.text}(…)，请改写为变量或 FEEL 函数",
            f"the Java method {target}.{token.text}(...) cannot be called, use a variable or a FEEL function",
            token,
        )

    def _primary(self) -> s.Node:
        token = self.next()
        if token.kind is Kind.NUMBER:
            return s.Literal(parse_number(token.text, token.position))
        if token.kind is Kind.STRING:
            return s.Literal(token.text)
        if token.kind is Kind.KEYWORD and token.text in ("true", "false", "null"):
            return s.Literal({"true": True, "false": False, "null": None}[token.text])
        if token.kind is Kind.NAME:
            if self.sees(":") and self.ahead().kind is Kind.NAME and self.ahead(2).text == "(":
                return self._variable_function(token)
            if self.sees("("):
                self.refuse(
                    f"不支持调用函数 {token.text}(…)", f"the function {token.text}(...) cannot be called", token
                )
            return s.Variable(token.text)
        if token.kind is Kind.OPERATOR and token.text == "(":
            node = self.expression()
            self.demand(")")
            return node
        return self.refuse("这里应为一个值", "a value is expected here", token)

    def _variable_function(self, prefix: Token) -> s.Node:
        """Flowable's ``variables:get(name)`` and its like: the first argument is the name of a variable, quoted or not."""
        self.next()
        name, place = self.next().text, self.token
        make = _VARIABLE_FUNCTIONS.get(name) if prefix.text in ("variables", "vars", "var") else None
        if make is None:
            self.refuse(
                f"不支持函数 {prefix.text}:{name}(…)",
                f"the function {prefix.text}:{name}(...) is not supported",
                prefix,
            )
        self.demand("(")
        target = self.next()
        if target.kind not in (Kind.NAME, Kind.STRING):
            self.refuse("第一个参数应为变量名", "the first argument is the name of a variable", target)
        arguments: list[s.Node] = []
        while self.take(","):
            arguments.append(self.expression())
        self.demand(")")
        node = make(s.Variable(target.text, optional=True), arguments)
        if node is None:
            self.refuse("参数个数不对", "wrong number of arguments", place)
        return node


def _compared(operator: str) -> Callable[[s.Variable, list[s.Node]], s.Node | None]:
    """A comparison that is false when the variable is absent, as Flowable has it."""

    def make(variable: s.Variable, arguments: list[s.Node]) -> s.Node | None:
        if len(arguments) != 1:
            return None
        return s.Logic("and", (s.IsDefined(variable), s.Comparison(operator, variable, arguments[0])))

    return make


def _without_arguments(make: Callable[[s.Variable], s.Node]) -> Callable[[s.Variable, list[s.Node]], s.Node | None]:
    return lambda variable, arguments: None if arguments else make(variable)


_VARIABLE_FUNCTIONS: dict[str, Callable[[s.Variable, list[s.Node]], s.Node | None]] = {
    "get": _without_arguments(lambda variable: variable),
    "exists": _without_arguments(s.IsDefined),
    "isEmpty": _without_arguments(s.Empty),
    "isNotEmpty": _without_arguments(lambda variable: s.Not(s.Empty(variable))),
    "getOrDefault": lambda variable, arguments: s.GetOrElse(variable, arguments[0]) if len(arguments) == 1 else None,
} | {
    name: _compared(operator)
    for operator, names in {
        "=": ("equals", "eq"),
        "!=": ("notEquals", "ne"),
        "<": ("lowerThan", "lessThan", "lt"),
        "<=": ("lowerThanOrEquals", "lessThanOrEquals", "lte"),
        ">": ("greaterThan", "gt"),
        ">=": ("greaterThanOrEquals", "gte"),
    }.items()
    for name in names
}
