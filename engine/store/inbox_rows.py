"""Rows of the inbox as commands need them: a person's saved views, copies of an instance, phrases."""

from __future__ import annotations

from sqlalchemy import bindparam

from engine.store.tables import saved_view
from engine.store.unit_of_work import UnitOfWork, Values

_VIEWS = saved_view.select().where(saved_view.c.owner == bindparam("owner"), saved_view.c.tab == bindparam("tab"))


def views_of(uow: UnitOfWork, owner: str, tab: str) -> list[Values]:
    """The person's views of one list."""
    found = uow.all(_VIEWS, {"owner": owner, "tab": tab})
    return [uow.remember(saved_view, dict(row._mapping)) for row in found]
