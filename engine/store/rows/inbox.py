"""Rows of the inbox as commands need them: a person's saved views, copies of an instance, phrases."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import action_file, copy, person, phrase, saved_view

_VIEWS = saved_view.select().where(saved_view.c.owner == bindparam("owner"), saved_view.c.tab == bindparam("tab"))


def views_of(uow: UnitOfWork, owner: str, tab: str) -> list[Values]:
    """The person's views of one list."""
    found = uow.all(_VIEWS, {"owner": owner, "tab": tab})
    return [uow.remember(saved_view, dict(row._mapping)) for row in found]


_COPIED = select(copy.c.recipient).where(
    copy.c.instance_id == bindparam("instance_id"), copy.c.element_id == bindparam("element_id")
)
_ACTIVE = select(person.c.login).where(
    person.c.login.in_(bindparam("logins", expanding=True)), person.c.disabled.is_(False)
)


def copied(uow: UnitOfWork, instance_id: str, element_id: str) -> frozenset[str]:
    """Who has a copy of this step of the instance already."""
    asked = {"instance_id": instance_id, "element_id": element_id}
    return frozenset(row.recipient for row in uow.all(_COPIED, asked))


def active(uow: UnitOfWork, logins: Collection[str]) -> frozenset[str]:
    """Those of these people who exist and are not disabled."""
    return frozenset(row.login for row in uow.all(_ACTIVE, {"logins": sorted(logins)})) if logins else frozenset()


_FILES = action_file.select().where(action_file.c.task_id == bindparam("task_id"), action_file.c.removed_at.is_(None))
_MY_PHRASES = phrase.select().where(phrase.c.owner == bindparam("owner"))
_SHARED_PHRASES = phrase.select().where(phrase.c.owner.is_(None))


def files_of(uow: UnitOfWork, task_id: str) -> list[Values]:
    """The files of a task that stand."""
    return [dict(row._mapping) for row in uow.all(_FILES, {"task_id": task_id})]


def phrases_of(uow: UnitOfWork, owner: str | None) -> list[Values]:
    """The phrases of a person, or of the bureau."""
    rows = uow.all(_SHARED_PHRASES) if owner is None else uow.all(_MY_PHRASES, {"owner": owner})
    return [dict(row._mapping) for row in rows]
