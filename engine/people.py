"""People, departments, groups, sign-ins and API tokens: what happens to them, and the rules of their names; pure."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from engine.errors import InvalidInput
from engine.events import Event
from engine.records import record

TOKENS_BEGIN = "bj"  # fixed, so that secret scanners can find leaked tokens
MAX_TOKEN_DAYS = 365

_LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9._@-]{1,63}")
_GROUP_KEY = re.compile(r"[^\s,;:=${}#<>\"']{1,100}")
RESERVED_LOGINS = frozenset({"system", "admin-stream", "anonymous"})


def check_login(login: str) -> None:
    """Raise InvalidInput unless ``login`` is a latin word of 2 to 64 letters, digits and ``. _ - @``, and not reserved."""
    if not _LOGIN.fullmatch(login) or login.lower() in RESERVED_LOGINS:
        raise InvalidInput(
            f"账号 {login!r} 不能用：以字母开头，2 至 64 位，只含字母、数字和 . _ - @，且不是保留字。",
            f"The login {login!r} cannot be used: 2 to 64 letters, digits and . _ - @, starting with a letter, not reserved.",
            fields={"login": "format"},
        )


def check_group_key(key: str) -> None:
    """Raise InvalidInput unless ``key`` can stand in a model's comma separated list of candidate groups."""
    if not _GROUP_KEY.fullmatch(key):
        raise InvalidInput(
            f"办理组代码 {key!r} 不能用：1 至 100 个字符，不含空格、逗号、冒号、引号和 $ {{ }} # = < >。",
            f"The group key {key!r} cannot be used: 1 to 100 characters without blanks, commas, colons, quotes or $ {{ }} # = < >.",
            fields={"key": "format"},
        )


def check_name(name: str, field_name: str = "name") -> str:
    """Return ``name`` without blanks around it; raise InvalidInput when it is empty, too long, or holds control characters."""
    name = name.strip()
    if not name or len(name) > 200 or any(ord(character) < 0x20 for character in name):
        raise InvalidInput(
            "名称不能为空，最多 200 字，不含控制字符。",
            "A name is not empty, has at most 200 characters and no control characters.",
            fields={field_name: "format"},
        )
    return name


# ---------------------------------------------------------------- tokens and sessions


def new_secret() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return what is stored of a session or token secret: SHA-256 is enough, because the secret itself is random."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_text(token_id: str, secret: str) -> str:
    """Return the API token as its owner sees it, once: ``bj_<id>_<secret>``."""
    return f"{TOKENS_BEGIN}_{token_id}_{secret}"


def parse_token(text: str) -> tuple[str, str] | None:
    """Return (id, secret) of an API token, or None when it has not the form of one."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != TOKENS_BEGIN or not parts[1] or not parts[2]:
        return None
    return parts[1], parts[2]


# ---------------------------------------------------------------- events (history stream "admin")


@record
class PersonCreated(Event):
    login: str
    name: str
    roles: tuple[str, ...] = ()
    department_id: str | None = None


@record
class PersonChanged(Event):
    """``changes`` holds the new values; of e-mail and mobile number only that they changed (personal data)."""

    login: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@record
class PersonDisabled(Event):
    login: str


@record
class PersonEnabled(Event):
    login: str


@record
class PasswordSet(Event):
    login: str


@record
class DepartmentCreated(Event):
    department_id: str
    code: str
    name: str
    parent_id: str | None = None


@record
class DepartmentChanged(Event):
    department_id: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@record
class GroupCreated(Event):
    key: str
    name: str
    department_id: str | None = None


@record
class GroupChanged(Event):
    key: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@record
class MembershipChanged(Event):
    login: str
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@record
class DepartmentLed(Event):
    department_id: str
    leader: str | None = None
    deputies: tuple[str, ...] = ()


@record
class PostCreated(Event):
    key: str
    name: str


@record
class PostChanged(Event):
    key: str
    name: str


@record
class PostsChanged(Event):
    """``posts`` are what the person holds now, each "key@department id"."""

    login: str
    posts: tuple[str, ...] = ()


@record
class IdentityKept(Event):
    """Whether the house knows the person's ID number (as a keyed hash); never the number."""

    login: str
    known: bool


@record
class TokenCreated(Event):
    token_id: str
    login: str
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime


@record
class TokenRevoked(Event):
    token_id: str
    login: str


@record
class PersonSignedIn(Event):
    login: str
    address: str = ""


@record
class PersonSignedOut(Event):
    login: str


@record
class SignInBlocked(Event):
    """Too many wrong passwords for an account or from an address; ``subject`` is "account:zhang" or "address:10.0.0.7"."""

    subject: str
    failures: int
    blocked_until: datetime
