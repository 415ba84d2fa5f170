"""Who was told of an instance, by a copy or by name in a comment, and may therefore see it."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, union

from engine.store.tables import copy, mention

_INFORMED = union(
    select(copy.c.recipient).where(copy.c.instance_id == bindparam("instance_id")),
    select(mention.c.login).where(mention.c.instance_id == bindparam("instance_id")),
)


def informed(connection: Connection, instance_id: str) -> frozenset[str]:
    """The logins of those who got a copy of the instance or were mentioned in it."""
    return frozenset(connection.scalars(_INFORMED, {"instance_id": instance_id}))
