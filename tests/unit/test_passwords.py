"""Rules of passwords: argon2id, equal work for unknown people, no poor ones."""

import pytest
from argon2 import PasswordHasher

from engine import passwords
from engine.errors import InvalidInput
from engine.passwords import Passwords

CHEAP = Passwords(memory_kib=64, passes=1, lanes=1)


def test_the_right_password_is_right_and_any_other_is_wrong() -> None:
    stored = CHEAP.hash("correct horse battery")

    assert CHEAP.verify(stored, "correct horse battery").right
    assert not CHEAP.verify(stored, "Correct horse battery").right
    assert not CHEAP.verify(stored, "").right


def test_the_same_password_never_gives_the_same_hash_and_the_hash_is_argon2id() -> None:
    first, second = CHEAP.hash("correct horse"), CHEAP.hash("correct horse")

    assert first != second
    assert first.startswith("$argon2id$")


def test_an_unknown_person_is_refused_after_the_same_kind_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    # given verifications that are watched
    hasher = Passwords(memory_kib=64, passes=1, lanes=1)
    seen: list[str] = []
    real = PasswordHasher.verify

    def watched(self: PasswordHasher, stored: str, password: str) -> bool:
        seen.append(stored)
        return real(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    monkeypatch.setattr(
        PasswordHasher, "hash", None
    )  # no hash is made either: the first one asked for would take longer

    # when nobody is asked for
    verdict = hasher.verify(None, "anything")

    # then one real argon2id verification of the same cost was made, and the answer is no
    assert not verdict.right
    assert len(seen) == 1
    assert seen[0].split("$")[3] == "m=64,t=1,p=1"


def test_a_broken_stored_hash_is_a_wrong_password_not_a_crash() -> None:
    assert not CHEAP.verify("not a hash", "anything").right


def test_a_hash_made_with_weaker_parameters_asks_to_be_made_again() -> None:
    stored = CHEAP.hash("correct horse")

    assert Passwords(memory_kib=128, passes=1, lanes=1).verify(stored, "correct horse").rehash
    assert not CHEAP.verify(stored, "correct horse").rehash


@pytest.mark.parametrize(
    "password", ["short", "x" * 201, "1234567890", "aaaaaaaaaaaa", "my-zhang-password", "PASSWORD123"]
)
def test_poor_passwords_are_refused_with_a_reason(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        passwords.check_strength(password, login="zhang")

    assert caught.value.zh and caught.value.facts["fields"]["password"]


def test_generated_passwords_are_strong_different_and_free_of_look_alikes() -> None:
    made = {passwords.generate() for _ in range(50)}

    assert len(made) == 50
    for password in made:
        passwords.check_strength(password, login="admin")
        assert not set(password) & set("01loi")
