"""The smallest parts of FEEL: literals, names, calls, and whatever stands in brackets."""

from collections.abc import Callable
from typing import ClassVar

from engine.feel import syntax as s
from engine.feel.cursor import Cursor
from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import Kind, tokenize
from engine.feel.numbers import parse_number
from engine.feel.temporal import parse_temporal

COMPARISONS = ("=", "==", "!=", "<", "<=", ">", ">=")
# The only names of the standard with a keyword inside; read as one name when a bracket follows.
_NAMES_WITH_KEYWORDS = (("date", "and", "time"), ("years", "and", "months", "duration"), ("get", "or", "else"))
_TYPES_WITH_KEYWORDS = (
    ("date", "and", "time"),
    ("years", "and", "months", "duration"),
    ("days", "and", "time", "duration"),
)
TYPES = frozenset("Any number string boolean date time context list function range".split()) | {
    " ".join(words) for words in _TYPES_WITH_KEYWORDS
}
BLOCK_KEYWORDS = frozenset("if for some every function".split())


class PrimaryParser(Cursor):
    """Rules that start with a token of their own; the rules of operators stand in ``parser.Parser``."""

    def __init__(self, source: str, *, cell: bool = False) -> None:
        super().__init__(tokenize(source))
        self._cell = cell  # "?" stands for the input of the decision table cell

    def expression(self) -> s.Node:
        raise NotImplementedError

    def unary_comparison(self) -> s.Node:
        raise NotImplementedError

    def primary(self) -> s.Node:
        token = self.token
        match token.kind:
            case Kind.NAME:
                return self._name_or_call()
            case Kind.NUMBER:
                self.next()
                return s.Literal(parse_number(token.text, token.position))
            case Kind.STRING:
                self.next()
                return s.Literal(token.text)
            case Kind.TEMPORAL:
                self.next()
                return s.Literal(self._temporal(token.text, token.position))
            case Kind.KEYWORD:
                return self._keyword()
        rule = self._BRACKET_RULES.get(token.text)
        if rule is None:
            self.refuse("这里应为一个值", "a value is expected here")
        return rule(self)

    def _keyword(self) -> s.Node:
        token = self.token
        if token.text in BLOCK_KEYWORDS:
            return self.expression()
        if token.text in ("true", "false", "null"):
            self.next()
            return s.Literal({"true": True, "false": False, "null": None}[token.text])
        if token.text == "not":
            self.next()
            if not self.sees("("):
                self.refuse("取反请写成 not(…)", "write not(...)")
            return s.Call("not", *self.arguments(), position=token.position)
        return self.refuse("这里应为一个值", "a value is expected here")

    def _temporal(self, text: str, position: int) -> object:
        value = parse_temporal(text)
        if value is None:
            raise FeelSyntaxError(
                f"@「{text[:40]}」不是日期、时间或时长", f'@"{text[:40]}" is no date, time or duration', position
            )
        return value

    def _input(self) -> s.Node:
        if not self._cell:
            self.refuse("「?」只能用在决策表的单元格里", '"?" has a meaning only in cells of decision tables')
        self.next()
        return s.Variable("?")

    def _name_or_call(self) -> s.Node:
        position = self.token.position
        name = self._name_with_keyword() or self.words()
        if not self.sees("("):
            return s.Variable(name)
        arguments, names = self.arguments()
        if name == "is defined" and len(arguments) == 1:
            return s.IsDefined(arguments[0])
        if name == "get or else" and len(arguments) == 2:
            return s.GetOrElse(*arguments)
        return s.Call(name, arguments, names, position)

    def _name_with_keyword(self) -> str | None:
        for words in _NAMES_WITH_KEYWORDS:
            if all(self.ahead(i).text == word for i, word in enumerate(words)) and self.ahead(len(words)).text == "(":
                for _ in words:
                    self.next()
                return " ".join(words)
        return None

    def words(self) -> str:
        """One name, blanks included: ``Vacation Approval``."""
        if self.token.kind is not Kind.NAME:
            self.refuse("这里应为一个名称", "a name is expected here")
        words = [self.next().text]
        while self._sees_more_of_name():
            words.append(self.next().text)
        return " ".join(words)

    def _sees_more_of_name(self) -> bool:
        return self.token.kind is Kind.NAME and not self.token.line_start and not self.sees_instance_of()

    def sees_instance_of(self) -> bool:
        return self.token.text == "instance" and self.ahead().text == "of" and self.token.kind is Kind.NAME

    def key(self) -> str:
        """A name after a dot; here a keyword is a name like any other."""
        return self.next().text if self.token.kind is Kind.KEYWORD else self.words()

    def arguments(self) -> tuple[tuple[s.Node, ...], tuple[str, ...]]:
        self.demand("(")
        nodes: list[s.Node] = []
        names: list[str] = []
        while not self.take(")"):
            if nodes:
                self.demand(",")
            if name := self._argument_name():
                names.append(name)
            nodes.append(self.expression())
            if names and len(names) != len(nodes):
                self.refuse("参数要么全部写名称，要么都不写", "name all arguments or none")
        return tuple(nodes), tuple(names)

    def _argument_name(self) -> str | None:
        count = 0
        while self.ahead(count).kind in (Kind.NAME, Kind.KEYWORD):
            count += 1
        if not count or self.ahead(count).text != ":":
            return None
        name = " ".join(self.next().text for _ in range(count))
        self.next()
        return name

    def _parenthesis(self) -> s.Node:
        self.demand("(")
        if self.sees(*COMPARISONS):
            node = self.unary_comparison()
            self.demand(")")
            return node
        node = self.expression()
        if self.take(".."):
            return self.rest_of_range(node, start_included=False)
        self.demand(")")
        return node

    def _bracket(self) -> s.Node:
        self.demand("[")
        items: list[s.Node] = []
        while not self.take("]"):
            if items:
                self.demand(",")
            items.append(self.expression())
            if len(items) == 1 and self.take(".."):
                return self.rest_of_range(items[0], start_included=True)
        return s.ListOf(tuple(items))

    def _reversed_bracket(self) -> s.Node:
        self.demand("]")
        start = self.expression()
        self.demand("..")
        return self.rest_of_range(start, start_included=False)

    def rest_of_range(self, start: s.Node, *, start_included: bool) -> s.Node:
        end = self.expression()
        closing = self.take("]", ")", "[")
        if closing is None:
            self.refuse("区间没有结束", "the range is not closed")
        return s.RangeOf(start, end, start_included, closing == "]")

    def _context(self) -> s.Node:
        self.demand("{")
        entries: dict[str, s.Node] = {}
        while not self.take("}"):
            if entries:
                self.demand(",")
            token = self.token
            key = self.next().text if token.kind is Kind.STRING else self._argument_name()
            if key is None or (token.kind is Kind.STRING and not self.take(":")):
                self.refuse("这里应为「名称: 值」", '"name: value" is expected here')
            if key in entries:
                self.refuse(f"「{key}」出现了两次", f'"{key}" stands here twice', token)
            entries[key] = self.expression()
        return s.ContextOf(tuple(entries.items()))

    def type_name(self) -> s.TypeName:
        with self.nested():
            name = self._simple_type()
            if name not in TYPES:
                self.refuse(f"没有类型「{name}」", f'there is no type "{name}"')
            return self._generic_type(name) if self.take("<") else s.TypeName(name)

    def _simple_type(self) -> str:
        for words in _TYPES_WITH_KEYWORDS:
            if all(self.ahead(i).text == word for i, word in enumerate(words)):
                return " ".join(self.next().text for _ in words)
        return self.next().text

    def _generic_type(self, name: str) -> s.TypeName:
        arguments: list[s.TypeName] = []
        keys: list[str] = []
        while not self.take(">"):
            if arguments:
                self.demand(",")
            if name == "context":
                keys.append(self._argument_name() or "")
            arguments.append(self.type_name())
        if name == "function":
            self.demand("->")
            arguments.append(self.type_name())
        return s.TypeName(name, tuple(arguments), tuple(keys))

    _BRACKET_RULES: ClassVar[dict[str, Callable[["PrimaryParser"], s.Node]]] = {
        "(": _parenthesis,
        "[": _bracket,
        "]": _reversed_bracket,
        "{": _context,
        "?": _input,
    }
