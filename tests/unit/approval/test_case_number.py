"""Case numbers: 23 digits, one of them to catch slips."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.approval.case_number import CaseNumber, check_digit, is_case_number, query_password
from engine.approval.item import InfoType
from engine.errors import InvalidInput

NUMBER = CaseNumber(region="430105", day=date(2026, 11, 23), infotype=InfoType.PROMISED, department="01", serial=7)
NUMBERS = st.builds(
    CaseNumber,
    region=st.from_regex(r"[0-9]{6}", fullmatch=True),
    day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    infotype=st.sampled_from(InfoType),
    department=st.from_regex(r"[0-9]{2}", fullmatch=True),
    serial=st.integers(1, 99_999),
    child=st.integers(0, 99),
)


def test_a_number_tells_region_day_kind_department_and_serial() -> None:
    assert str(NUMBER) == "43010520261123201000075"[:22] + check_digit("4301052026112320100007")
    assert NUMBER.prefix == "43010520261123201"
    assert len(str(NUMBER)) == 23


def test_the_check_digit_follows_the_published_example() -> None:
    assert check_digit("0794") == "5"  # the example of ISO/IEC 7064 for MOD 11,10


def test_the_children_of_a_bundle_have_its_number_and_their_own() -> None:
    assert str(NUMBER.with_child(1)) == f"{NUMBER}-01"
    assert CaseNumber.parse(f"{NUMBER}-12").child == 12


@settings(deadline=None)
@given(NUMBERS)
def test_a_number_is_read_back(number: CaseNumber) -> None:
    assert CaseNumber.parse(str(number)) == number


@settings(deadline=None)
@given(NUMBERS, st.integers(0, 22), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number: CaseNumber, place: int, step: int) -> None:
    text = str(number)
    wrong = text[:place] + str((int(text[place]) + step) % 10) + text[place + 1 :]

    assert not is_case_number(wrong)


def test_of_swapped_neighbours_at_least_19_in_20_are_found() -> None:
    random = Random(7064)
    swaps = []
    for _ in range(2000):
        digits = "".join(random.choices("0123456789", k=22))
        text, place = digits + check_digit(digits), random.randrange(22)
        if text[place] != text[place + 1]:
            swaps.append(text[:place] + text[place + 1] + text[place] + text[place + 2 :])

    found = sum(check_digit(text[:22]) != text[22] for text in swaps)

    assert found / len(swaps) > 0.95


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("123", "23 digits"),
        ("", "23 digits"),
        ("４３０１０５２０２６１１２３２０１０００７５１", "23 digits"),
        (f"{NUMBER}-1", "23 digits"),
    ],
)
def test_what_is_no_case_number_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        CaseNumber.parse(text)


def test_a_day_that_does_not_exist_is_refused() -> None:
    digits = "4301052026133120100007"

    with pytest.raises(InvalidInput, match="no day 20261331"):
        CaseNumber.parse(digits + check_digit(digits))


def test_spaces_that_people_write_do_not_matter() -> None:
    text = str(NUMBER)

    assert CaseNumber.parse(f" {text[:6]} {text[6:14]} {text[14:]} ") == NUMBER


def test_the_serial_of_a_day_has_an_end() -> None:
    with pytest.raises(InvalidInput, match="out of range"):
        CaseNumber(region="430105", day=date(2026, 11, 23), infotype=InfoType.JOINT, department="01", serial=100_000)
    with pytest.raises(InvalidInput, match="region of 6"):
        CaseNumber(region="43", day=date(2026, 11, 23), infotype=InfoType.JOINT, department="01", serial=1)


def test_the_query_password_has_six_digits_drawn_from_all() -> None:
    drawn = [query_password(b"secret", f"case-{number}") for number in range(3000)]

    assert all(len(code) == 6 and code.isdigit() for code in drawn)
    assert {code[0] for code in drawn} == set("0123456789")
    assert len(set(drawn)) > 2950


def test_the_query_password_needs_the_installations_secret() -> None:
    assert query_password(b"secret", "case") == query_password(b"secret", "case")
    assert query_password(b"other", "case") != query_password(b"secret", "case")
