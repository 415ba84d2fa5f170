"""Records: dataclasses that share what dataclasses write anew for each class."""

import copy
import dataclasses
import pickle
from dataclasses import field
from typing import Any

import pytest

from engine.records import record


@record
class Stamp:
    number: int
    words: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list, compare=False, repr=False)


@record
class Dated(Stamp):
    on: str


@record(kw_only=False)
class Point:
    x: int
    y: int = 0


@record
class Nothing:
    """Has no fields."""


@record
class Checked:
    number: int
    words: tuple[str, ...] = ()
    doubled: int = field(init=False)

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(self.number)
        object.__setattr__(self, "doubled", 2 * self.number)


@record
class Once:
    inner: Any

    def __repr__(self) -> str:
        return "mine"


def test_records_with_equal_fields_are_equal_and_hash_alike():
    one, two = Stamp(number=1, words=("a",)), Stamp(number=1, words=("a",))

    assert one == two
    assert hash(one) == hash(two)
    assert len({one, two, Stamp(number=2)}) == 2


def test_what_is_not_compared_makes_no_difference_and_need_not_be_hashable():
    one, two = Stamp(number=1, seen=["x"]), Stamp(number=1, seen=["y"])

    assert one == two
    assert hash(one) == hash(two)
    assert "seen" not in repr(one)


def test_a_record_is_never_equal_to_one_of_another_class_with_the_same_fields():
    assert Stamp(number=1) != Dated(number=1, on="today")
    assert Nothing() == Nothing()
    assert Nothing() != Point(1)
    assert Point(1) != (1, 0)


def test_a_record_of_a_subclass_compares_the_fields_of_both():
    assert Dated(number=1, on="today") != Dated(number=1, on="tomorrow")
    assert Dated(number=1, on="today") != Dated(number=2, on="today")


def test_a_record_shows_itself_as_the_call_that_makes_it():
    assert repr(Stamp(number=1, words=("a",))) == "Stamp(number=1, words=('a',))"
    assert repr(Point(1)) == "Point(x=1, y=0)"
    assert repr(Nothing()) == "Nothing()"
    assert repr(Once(inner=1)) == "mine"


def test_a_record_that_holds_itself_is_shown_and_does_not_hang():
    inner: list[Any] = []
    one = Stamp.__new__(Stamp)
    object.__setattr__(one, "number", inner)
    object.__setattr__(one, "words", ())
    inner.append(one)

    assert repr(one) == "Stamp(number=[...], words=())"


def test_nothing_of_a_record_can_be_changed_and_nothing_added():
    one = Stamp(number=1)

    with pytest.raises(dataclasses.FrozenInstanceError):
        one.number = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.number
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        one.other = 2  # type: ignore[attr-defined]


def test_fields_come_by_name_unless_the_class_says_otherwise():
    with pytest.raises(TypeError):
        Stamp(1)  # type: ignore[misc]
    assert Point(1, 2) == Point(x=1, y=2)


def test_records_are_dataclasses():
    one = Dated(number=1, words=("a",), on="today")

    assert dataclasses.replace(one, on="tomorrow") == Dated(number=1, words=("a",), on="tomorrow")
    assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 0}
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.deepcopy(one) == copy.copy(one) == one
    match Point(3, 4):
        case Point(x, y):
            assert (x, y) == (3, 4)


def test_what_a_record_does_after_filling_in_is_done_for_the_first_and_for_all_others():
    assert Checked(number=1).doubled == 2
    assert Checked(number=2, words=("a",)).doubled == 4
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            Checked(number=-1)


def test_a_default_that_is_made_is_made_for_each():
    one, two = Stamp(number=1), Stamp(number=1)

    one.seen.append("x")

    assert two.seen == []


def test_a_mistake_in_a_call_names_the_class_s_own_fields_from_the_first_call_on():
    @record
    class Fresh:
        number: int

    with pytest.raises(TypeError, match="number"):
        Fresh()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        Fresh(number=1, colour="red")  # type: ignore[call-arg]
    assert Fresh(number=1).number == 1
