"""The organisation as commands need it: people, who acted where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from engine.store.tables import person, task
from engine.store.unit_of_work import UnitOfWork

_PEOPLE = select(person.c.login, person.c.name, person.c.department_id, person.c.disabled).where(
    person.c.login.in_(bindparam("logins", expanding=True))
)
_ACTED = select(task.c.element_id, task.c.element_name, task.c.closed_by, task.c.principal).where(
    task.c.instance_id == bindparam("instance_id"),
    task.c.state == "completed",
    task.c.element_id.in_(bindparam("elements", expanding=True)),
)


def people(uow: UnitOfWork, logins: Collection[str]) -> Sequence[Row[Any]]:
    """Those of ``logins`` who exist: {login, name, department_id, disabled}."""
    return uow.all(_PEOPLE, {"logins": sorted(logins)}) if logins else []


def actors_at(uow: UnitOfWork, instance_id: str, elements: Collection[str]) -> dict[str, str]:
    """Who has acted at any of ``elements`` of an instance, in any round: {login: name of the element}.

    An act by proxy is an act of both: the proxy and the principal.
    """
    found: dict[str, str] = {}
    for row in uow.all(_ACTED, {"instance_id": instance_id, "elements": sorted(elements)}):
        for login in (row.closed_by, row.principal):
            if login is not None:
                found.setdefault(login, row.element_name)
    return found
