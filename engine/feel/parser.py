"""The FEEL parser: tokens to syntax tree by recursive descent (grammar of DMN 10.3.1.2).

Beyond the grammar it takes two spellings of other languages that can mean nothing else, because exports use them:
``==`` for ``=`` and ``'text'`` for ``"text"``. Names may hold single blanks (``Vacation Approval``): two names that
follow each other in one line have no other reading.
"""

from collections.abc import Callable
from typing import ClassVar

from engine.feel import syntax as s
from engine.feel.lexer import Kind
from engine.feel.parser_primary import BLOCK_KEYWORDS, COMPARISONS, PrimaryParser


def parse_expression(source: str) -> s.Node:
    """Return the tree of one FEEL expression; raise FeelSyntaxError or FeelLimit."""
    parser = Parser(source)
    node = parser.expression()
    parser.demand_end()
    return node


def parse_unary_tests(source: str) -> s.Node:
    """Return the tree of a DMN input cell: a test of the variable ``?`` (DMN 10.3.1.2, rule 15)."""
    if source.strip() in ("", "-"):
        return s.Literal(True)
    parser = Parser(source, cell=True)
    negated = parser.sees("not") and parser.ahead().text == "("
    if negated:
        parser.next()
        parser.next()
    tests = parser.tests()
    if negated:
        parser.demand(")")
    parser.demand_end()
    node = s.In(s.Variable("?"), tests, cell=True)
    return s.Not(node) if negated else node


class Parser(PrimaryParser):
    """One method for each rule of the grammar, loosest binding first."""

    def expression(self) -> s.Node:
        with self.nested():
            rule = self._KEYWORD_RULES.get(self.token.text) if self.token.kind is Kind.KEYWORD else None
            return rule(self) if rule else self._disjunction()

    def _disjunction(self) -> s.Node:
        return self._logic("or", self._conjunction)

    def _conjunction(self) -> s.Node:
        return self._logic("and", self._comparison)

    def _logic(self, operator: str, operand: Callable[[], s.Node]) -> s.Node:
        operands = [operand()]
        while self.take(operator):
            operands.append(operand())
        return s.Logic(operator, tuple(operands)) if len(operands) > 1 else operands[0]

    def _comparison(self) -> s.Node:
        node = self._sum()
        while True:
            if operator := self.take(*COMPARISONS):
                node = s.Comparison("=" if operator == "==" else operator, node, self._sum())
            elif self.take("between"):
                low = self._sum()
                self.demand("and")
                node = s.Between(node, low, self._sum())
            elif self.take("in"):
                node = s.In(node, self._in_tests())
            elif self.sees_instance_of():
                self.next(), self.next()
                node = s.InstanceOf(node, self.type_name())
            else:
                return node

    def _in_tests(self) -> tuple[s.Node, ...]:
        if not self.take("("):
            return (self.unary_comparison() if self.sees(*COMPARISONS) else self._sum(),)
        with self.nested():
            first = self._test()
            if self.take(".."):
                return (self.rest_of_range(first, start_included=False),)
            tests = (first, *self.tests()) if self.take(",") else (first,)
        self.demand(")")
        return tests

    def tests(self) -> tuple[s.Node, ...]:
        """Comma-separated tests of one value."""
        tests = [self._test()]
        while self.take(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> s.Node:
        if self.sees(*COMPARISONS):
            return self.unary_comparison()
        return self.expression()

    def unary_comparison(self) -> s.Node:
        operator = self.next().text
        with self.nested():
            return s.UnaryComparison("=" if operator == "==" else operator, self._sum())

    def _sum(self) -> s.Node:
        return self._arithmetic(("+", "-"), self._product)

    def _arithmetic(self, operators: tuple[str, ...], operand: Callable[[], s.Node]) -> s.Node:
        first = operand()
        rest = []
        while operator := self.take(*operators):
            rest.append((operator, operand()))
        return s.Arithmetic(first, tuple(rest)) if rest else first

    def _product(self) -> s.Node:
        return self._arithmetic(("*", "/"), self._power)

    def _power(self) -> s.Node:
        return self._arithmetic(("**",), self._sign)

    def _sign(self) -> s.Node:
        if not self.take("-"):
            return self._postfix()
        with self.nested():
            return s.Negate(self._sign())

    def _if(self) -> s.Node:
        self.demand("if")
        condition = self.expression()
        self.demand("then")
        then = self.expression()
        self.demand("else")
        return s.If(condition, then, self.expression())

    def _for(self) -> s.Node:
        self.demand("for")
        bindings = self._bindings()
        self.demand("return")
        return s.For(bindings, self.expression())

    def _quantified(self) -> s.Node:
        every = self.next().text == "every"
        bindings = self._bindings()
        self.demand("satisfies")
        return s.Quantified(every, bindings, self.expression())

    def _bindings(self) -> tuple[s.Binding, ...]:
        bindings: list[s.Binding] = []
        while not bindings or self.take(","):
            name = self.words()
            self.demand("in")
            source = self.expression()
            bindings.append(s.Binding(name, source, self.expression() if self.take("..") else None))
        return tuple(bindings)

    def _function(self) -> s.Node:
        self.demand("function")
        self.demand("(")
        names: list[str] = []
        types: list[s.TypeName | None] = []
        while not self.take(")"):
            if names:
                self.demand(",")
            names.append(self.words())
            types.append(self.type_name() if self.take(":") else None)
        if self.sees("external"):
            self.refuse("不支持外部函数（external）", "external functions are not supported")
        if len(set(names)) != len(names):
            self.refuse("函数的参数重名", "two parameters have one name")
        return s.FunctionOf(tuple(names), tuple(types), self.expression())

    def _postfix(self) -> s.Node:
        node = self.primary()
        while True:
            if self.take("."):
                node = s.Path(node, self.key())
            elif self.sees("[") and not self._ends_open_range():
                self.next()
                node = s.Filter(node, self.expression())
                self.demand("]")
            elif self.sees("("):
                node = s.Invoke(node, *self.arguments())
            else:
                return node

    def _ends_open_range(self) -> bool:
        """Is this ``[`` the end of ``]1..5[``? A filter would go on with an expression."""
        after = self.ahead()
        return after.kind is Kind.END or (
            after.kind in (Kind.OPERATOR, Kind.KEYWORD)
            and after.text not in ("(", "[", "{", "-", "?", "not", "true", "false", "null", *BLOCK_KEYWORDS)
        )

    _KEYWORD_RULES: ClassVar[dict[str, Callable[["Parser"], s.Node]]] = {
        "if": _if,
        "for": _for,
        "some": _quantified,
        "every": _quantified,
        "function": _function,
    }
