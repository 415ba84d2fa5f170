"""Who leads: the people who may decide for the organ that answers for a case 负责人."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from engine.store import tables

if TYPE_CHECKING:
    from engine.commands.cases.case_files import CaseFile
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

ROLE = "decider"  # the role of an item whose group decides


def leads(file: CaseFile, login: str, groups: Collection[str]) -> bool:
    """Is this the head or a deputy of the case's department (or of one above it), or one of those who decide its item?"""
    if file.item.roles.get(ROLE) in groups:
        return True
    return any(
        login == department["leader"] or login in (department["deputies"] or ()) for department in _upwards(file)
    )


def named(file: CaseFile) -> str:
    """Who that is, for a sentence: the head of the department, else the group that decides."""
    for department in _upwards(file):
        if department["leader"]:
            person = file.context.uow.get(tables.person, (department["leader"],))
            return str(person["name"]) if person is not None else str(department["leader"])
    group = file.item.roles.get(ROLE)
    row = None if group is None else file.context.uow.get(tables.group, (group,))
    return str(row["name"]) if row is not None else "部门负责人"


def heads(file: CaseFile, *, but: str) -> tuple[str, ...]:
    """The head of the case's department and the deputies, nearest department first; () when nobody is entered.

    ``but`` is who asks: nobody grants what he asked for himself.
    """
    for department in _upwards(file):
        entered = (department["leader"], *(department["deputies"] or ()))
        found = tuple(login for login in entered if login and login != but)
        if found:
            return found
    return ()


def department_code(context: CommandContext, department_id: str | None) -> str:
    """The code of a department, "" when there is none."""
    row = None if department_id is None else context.uow.get(tables.department, (department_id,))
    return "" if row is None else str(row["code"])


def _upwards(file: CaseFile) -> list[Values]:
    """The case's department and those above it."""
    uow = file.context.uow
    found = uow.first(tables.department.select().where(tables.department.c.code == file.item.department))
    chain: list[Values] = []
    row = None if found is None else dict(found._mapping)
    while row is not None and len(chain) < 20:
        chain.append(row)
        row = None if row["parent_id"] is None else uow.get(tables.department, (row["parent_id"],))
    return chain
