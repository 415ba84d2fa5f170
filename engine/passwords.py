"""Passwords: argon2id, the same work for unknown people, and never more hashes at once than there are cores.

The room of argon2. Hashing takes about a tenth of a second on purpose, so callers hash *before* they open a transaction and
hand the hash to a command; the plain text never enters a command, a log or the history.
"""

import base64
import os
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from engine.errors import InvalidInput
from engine.records import record

MIN_LENGTH = 10
MAX_LENGTH = 200  # characters; hashing a megabyte would be a free denial of service

_POOR = frozenset(
    (
        *("1234567890", "0123456789", "12345678910", "123456789a", "a123456789", "1q2w3e4r5t", "qwertyuiop"),
        *("password123", "password1234", "passw0rd123", "admin12345", "admin123456", "administrator"),
        *("iloveyou123", "woaini1314", "woaini520", "banjie12345", "abc1234567", "abcd123456"),
    )
)


@record(kw_only=False)
class Verdict:
    """Whether a password is right; ``rehash`` says that the stored hash is weaker than what we make today."""

    right: bool
    rehash: bool = False


class Passwords:
    """Makes and checks argon2id hashes. Defaults: 64 MiB, 3 passes, 4 lanes (RFC 9106, second recommended option)."""

    def __init__(self, *, memory_kib: int = 65536, passes: int = 3, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._slots = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))
        salt, digest = _phc(self._hasher.salt_len), _phc(self._hasher.hash_len)
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"  # of no password at all

    def hash(self, password: str) -> str:
        """Return the argon2id hash of ``password`` in PHC format."""
        with self._slots:
            return self._hasher.hash(password)

    def verify(self, stored: str | None, password: str) -> Verdict:
        """Check ``password`` against ``stored``; None (unknown person, or one without a password) costs the same and is wrong."""
        password = password[: MAX_LENGTH + 1]
        known = stored is not None
        reference = self._nobody if stored is None else stored
        try:
            with self._slots:
                self._hasher.verify(reference, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return Verdict(False)
        return Verdict(known, known and self._hasher.check_needs_rehash(reference))


def _phc(size: int) -> str:
    """``size`` random bytes as they stand in a hash."""
    return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")


def generate() -> str:
    """Return a password that a person can copy from a screen: 4 groups of 4, about 79 bits, no look-alike characters."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def check_strength(password: str, *, login: str) -> None:
    """Raise InvalidInput when ``password`` is too short, too long, too common, or contains the login.

    Length and a list of poor ones, no rules about kinds of characters (NIST SP 800-63B, 3.1.1.2).
    """
    if len(password) < MIN_LENGTH:
        raise _weak(f"密码至少 {MIN_LENGTH} 个字符。", f"A password has at least {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise _weak(f"密码最多 {MAX_LENGTH} 个字符。", f"A password has at most {MAX_LENGTH} characters.")
    lowered = password.lower()
    if lowered in _POOR or len(set(lowered)) < 4:
        raise _weak(
            "这个密码太常见，很容易被猜到，请换一个。",
            "This password is too common and easily guessed; choose another.",
        )
    if len(login) >= 3 and login.lower() in lowered:
        raise _weak("密码不能包含账号名。", "A password must not contain the login name.")


def _weak(zh: str, en: str) -> InvalidInput:
    return InvalidInput(zh, en, fields={"password": {"zh": zh, "en": en}})
