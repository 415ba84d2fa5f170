"""A message is meant for whoever waits for keys that it brings; a digest of the keys finds them among thousands."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.correlation import MOST_NAMES, correlates, digest, digests

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.0, 1.0, 1.5]), st.sampled_from(["", "1", "甲"])
)
KEYS = st.dictionaries(st.sampled_from("abcd"), st.one_of(VALUES, st.lists(VALUES, max_size=2)), max_size=4)


@given(KEYS, KEYS)
def test_whoever_a_message_is_meant_for_is_among_those_it_asks_for(
    awaited: dict[str, Any], offered: dict[str, Any]
) -> None:
    assert correlates(awaited, offered) == (digest(awaited) in (digests(offered) or []))


def test_a_message_is_meant_for_whoever_awaits_some_of_its_keys_or_none() -> None:
    offered = {"order": 7, "shop": "甲"}
    assert all(correlates(awaited, offered) for awaited in ({}, {"order": 7}, {"shop": "甲", "order": 7}))
    assert not any(correlates(awaited, offered) for awaited in ({"order": 8}, {"buyer": 7}, {"order": "7"}))


def test_a_number_is_the_same_however_it_is_written_and_is_no_truth_value() -> None:
    assert correlates({"order": 1}, {"order": 1.0}) and digest({"order": [1]}) == digest({"order": [1.0]})
    assert not correlates({"order": 1}, {"order": True}) and digest({"order": 1}) != digest({"order": True})


def test_the_order_of_the_keys_is_nothing() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})


def test_a_message_with_very_many_keys_asks_for_everybody() -> None:
    assert digests({str(n): n for n in range(MOST_NAMES + 1)}) is None
