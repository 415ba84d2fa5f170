"""Random text and random expressions: always a value or a FeelError, never another exception, and the last net stays unused."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import feel

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=timezone(timedelta(hours=8)))
DATA = {
    "x": {"a": 1, "b": [1, 2.5, None], "申请": "是"},
    "items": [{"k": 1}, {"k": "z"}, {"j": [1]}],
    "n": 5,
    "s": "2026-01-01",
    "t": True,
    "z": None,
}
FUZZ = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,  # the suite finds the same every day; long random runs are for the developer
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

KEYWORDS = (
    "x items n s t z item partial if then else for in return some every satisfies and or between true false null not "
    "function instance of number list date time a k . .. ( ) [ ] { } , : ? + - * / ** < <= > >= = != -> ; ' \" @ ${ } #{ "
    "&& || ! % 0 1 -1 2.5 1e30 1e6000 /* // \\ ， “"
)
LITERALS = ('"a"', '"[a"', '@"2026-01-01"', '@"P1D"', '@"-P1M"', '@"10:00:00Z"', "\n", "\0", "\ud800", "🐎")
WORDS = st.sampled_from([*KEYWORDS.split(), *feel.BUILTINS, *LITERALS])
LEAVES = st.sampled_from(
    [
        *(
            "x",
            "items",
            "n",
            "s",
            "t",
            "z",
            "x.a",
            "x.b",
            "items.k",
            "0",
            "1",
            "-1",
            "2",
            "1.5",
            "1e33",
            "1e6000",
            "-1e-6000",
        ),
        *('"a"', '""', '"2026-01-01"', '"P1D"', '"["', "null", "true", "false", "[]", "{}", "[1, 2, 3]", '["b", "a"]'),
        *("[1..5]", "(1..5)", "(< 5)", "(>= 2)", '[@"2026-01-01"..@"2026-02-01"]', "{k: 1}", "now()", "today()"),
        *('@"2026-01-01"', '@"9999-12-31"', '@"P1D"', '@"-P13M"', '@"10:00:00"', '@"10:00:00@Europe/Paris"'),
        *('@"0001-01-01T00:00:00+14:00"', '@"2026-01-01T10:00:00"', '@"2026-01-01T10:00:00@Asia/Shanghai"'),
        *("function(a) a", "function(a, b) a < b", "sqrt"),
    ]
)
FORMS = st.sampled_from([form for forms in feel.BUILTINS.values() for form in forms])


def grown(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger expressions from smaller ones."""
    operators = st.sampled_from("+ - * / ** < <= > >= = != and or in".split())
    types = st.sampled_from(
        ["Any", "number", "list<number>", "context<a: number>", "range<date>", "function<Any> -> Any"]
    )
    keys = st.sampled_from(["a", "k", "year", "start", "days", "second", "timezone", "time offset", "__class__"])
    calls = FORMS.flatmap(
        lambda form: st.lists(part, min_size=len(form.parameters), max_size=len(form.parameters)).map(
            lambda arguments: f"{form.name}({', '.join(arguments)})"
        )
    )
    return st.one_of(
        st.builds("({} {} {})".format, part, operators, part),
        st.builds("(if {} then {} else {})".format, part, part, part),
        st.builds("(for i in {} return {})".format, part, part),
        st.builds("(for i in {}..{} return partial)".format, part, part),
        st.builds("(some i in {} satisfies {})".format, part, part),
        st.builds("(every i in {} satisfies i = {})".format, part, part),
        st.builds("({} between {} and {})".format, part, part, part),
        st.builds("({} in ({}, < {}))".format, part, part, part),
        st.builds("{}[{}]".format, part, part),
        st.builds("{}.{}".format, part, keys),
        st.builds("({} instance of {})".format, part, types),
        st.builds("[{}, {}]".format, part, part),
        st.builds("{{a: {}, b: {}}}".format, part, part),
        st.builds("[{}..{}]".format, part, part),
        st.builds("-{}".format, part),
        st.builds("get or else({}, {})".format, part, part),
        st.builds("is defined({})".format, part),
        st.builds("(function(a) {})({})".format, part, part),
        calls,
        calls,
    )


def fault(action: Callable[[], Any]) -> feel.FeelError | None:
    """Do something; return the FeelError that it ended with, let every other exception through."""
    try:
        action()
    except feel.FeelError as error:
        return error
    return None


def check(action: Callable[[], Any]) -> None:
    """FeelErrors are fine; the last net of ``evaluate``, an error with a cause, is not."""
    error = fault(action)
    if error is not None:
        assert error.__cause__ is None, repr(error.__cause__)
        assert error.zh
        assert error.en


def run(source: str) -> Any:
    return feel.to_json(feel.compile(source).evaluate(DATA, now=NOW))


@FUZZ
@given(st.lists(WORDS, max_size=25))
def test_any_heap_of_words(words: list[str]) -> None:
    check(lambda: run(" ".join(words)))


@FUZZ
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    check(lambda: run(text))
    check(lambda: run("${" + text + "}"))


@FUZZ
@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_any_expression(source: str) -> None:
    check(lambda: run(source))


@FUZZ
@given(st.lists(WORDS, max_size=15))
def test_any_cell_and_any_script(words: list[str]) -> None:
    source = " ".join(words)
    check(lambda: feel.compile_unary_tests(source).matches(5, DATA, now=NOW))
    check(lambda: feel.parse_script(source).run(DATA, now=NOW))
    check(lambda: feel.parse_script(f"a = {source}").run(DATA, now=NOW))


@FUZZ
@given(st.recursive(LEAVES, grown, max_leaves=8))
def test_the_names_of_an_expression_are_all_that_it_can_miss(source: str) -> None:
    if fault(lambda: feel.compile(source)):
        return
    expression = feel.compile(source)
    asked = expression.names | expression.optional_names
    error = fault(lambda: expression.evaluate({name: DATA[name] for name in asked if name in DATA}, now=NOW))
    assert not isinstance(error, feel.UnknownName) or error.name in asked
