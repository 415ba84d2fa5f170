"""JSON from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import plain
from engine.errors import BanjieError, InvalidInput, TooLarge


@pytest.mark.parametrize(
    ("data", "value"),
    [(b"{}", {}), (b'{"a":[1,2.5,null,true,"x"]}', {"a": [1, 2.5, None, True, "x"]}), (b'"\xe4\xb8\xad"', "中")],
)
def test_ordinary_json_is_read(data, value):
    assert plain.parse(data) == value


BAD = {
    "nothing": b"",
    "no JSON": b"{a}",
    "no UTF-8": b'"\xff"',
    "NaN": b"NaN",
    "an infinity": b'{"a": -Infinity}',
    "a number beyond all floats": b"[1e999]",
    "a name given twice": b'{"a": 1, "a": 2}',
    "a NUL character": b'["\\u0000"]',
    "a NUL character in a name": b'{"\\u0000": 1}',
    "a lone surrogate": b'{"a": {"b": "\\ud83d"}}',
    "a lone surrogate in a name": b'{"\\udc00": 1}',
    "an integer for no column": b"1" + b"0" * 40,
    "an integer of ten thousand digits": b"9" * 10_000,
    "nesting": b"[" * 30 + b"]" * 30,
    "nesting without end": b"[" * 100_000,
}


@pytest.mark.parametrize("what", BAD)
def test_what_breaks_others_later_is_refused_at_the_border(what):
    with pytest.raises(InvalidInput):
        plain.parse(BAD[what])


def test_the_place_of_the_fault_is_named():
    with pytest.raises(InvalidInput) as caught:
        plain.parse(b'{"variables": {"list": [0, "\\u0000"]}}')

    assert list(caught.value.facts["fields"]) == ["variables.list[1]"]
    assert "variables.list[1]" in caught.value.zh


def test_too_many_bytes_are_too_large():
    with pytest.raises(TooLarge):
        plain.parse(b'"' + b"x" * 100 + b'"', max_bytes=100)


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0d8NaI+-e1 ', max_size=60).map(str.encode))
def test_whatever_comes_is_read_or_refused(data):
    try:
        value = plain.parse(data)
    except BanjieError:
        return
    plain.check(value)
