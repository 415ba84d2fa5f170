"""What a task may do with each field of its form: hidden, read, write, required. Enforced on the server."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from engine.errors import InvalidInput


class Right(StrEnum):
    """From least to most."""

    HIDDEN = "hidden"
    READ = "read"
    WRITE = "write"
    REQUIRED = "required"  # write, and it must be filled in


Rights = Mapping[str, Right]
ALL: Rights = MappingProxyType({})


def parse_rights(text: str) -> Rights:
    """Read ``opinion:required, amount:read, *:hidden``; ``*`` stands for every field that is not named.

    Raises InvalidInput that names the bad part.
    """
    found: dict[str, Right] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key, _, word = (piece.strip() for piece in part.partition(":"))
        try:
            found[key] = Right(word)
        except ValueError:
            words = "、".join(Right)
            raise InvalidInput(
                f"字段权限 {part!r} 写法有误，应为「字段:权限」，权限是 {words} 之一。",
                f"The field right {part!r} is not written as field:right with one of {', '.join(Right)}.",
                fields={"fields": part},
            ) from None
    return MappingProxyType(found)


def right_of(key: str, rights: Mapping[str, Right | str]) -> Right:
    """The right on one field: its own, else that of ``*``, else write."""
    return Right(rights.get(key) or rights.get("*") or Right.WRITE)
