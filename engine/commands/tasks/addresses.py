"""Whom an address of copies means: a login, or everybody in a group, a department or a post, as they are at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from engine.errors import Conflict
from engine.records import record
from engine.store.rows import inbox as inbox_rows
from engine.store.rows import organisation

if TYPE_CHECKING:
    from engine.store.base.unit_of_work import UnitOfWork
    from engine.store.rows.organisation import Directory

GROUP, DEPARTMENT, BELOW, POST = "group", "department", "departments", "post"
KINDS: Final = {
    GROUP: ("办理组", "group"),
    DEPARTMENT: ("部门", "department"),
    BELOW: ("部门", "department"),
    POST: ("岗位", "post"),
}


@record
class Addressed:
    """What addresses came to: active ``people`` in their order, each once; ``nobody`` and ``unknown`` are addresses."""

    people: tuple[str, ...]
    nobody: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def check_known(self) -> None:
        """Raise Conflict that names what does not exist or is disabled."""
        if self.unknown:
            told = "、".join(self.unknown)
            raise Conflict(
                f"没有这些账号、办理组、部门或岗位，或已停用：{told}。",
                f"Unknown or disabled: {', '.join(self.unknown)}.",
                logins=sorted(self.unknown),
            )


def addressed(uow: UnitOfWork, addresses: Iterable[str]) -> Addressed:
    """Resolve addresses: ``li``, ``group:legal``, ``department:spj`` (its own people), ``departments:spj`` (also those of the
    departments below), ``post:examiner``, ``post:examiner@spj`` (of one department)."""
    directory = organisation.Directory(uow, "", "", deciding=False)
    wanted = list(dict.fromkeys(each.strip() for each in addresses if each.strip()))
    found = {address: _members(directory, address) for address in wanted}
    active = inbox_rows.active(uow, {login for members in found.values() for login in members or ()})
    people: dict[str, None] = {}
    nobody, unknown = [], []
    for address, members in found.items():
        kept = [login for login in members or () if login in active]
        people |= dict.fromkeys(kept)
        if members is None or (not kept and _kind(address) is None):
            unknown.append(address)
        elif not kept:
            nobody.append(address)
    return Addressed(people=tuple(people), nobody=tuple(nobody), unknown=tuple(unknown))


def _kind(address: str) -> str | None:
    kind, mark, _key = address.partition(":")
    return kind if mark and kind in KINDS else None


def _members(directory: Directory, address: str) -> tuple[str, ...] | None:
    """The logins behind an address; None for a group, department or post that does not exist."""
    kind = _kind(address)
    if kind is None:
        return (address,)
    key = address.partition(":")[2].strip()
    if kind == GROUP:
        return directory.group_members(key)
    if kind == POST:
        return _holders(directory, key)
    department = directory.department(key)
    return None if department is None else directory.department_members(department.id, below=kind == BELOW)


def _holders(directory: Directory, key: str) -> tuple[str, ...] | None:
    post, mark, code = (part.strip() for part in key.partition("@"))
    department = directory.department(code) if mark else None
    if mark and department is None:
        return None
    return directory.post_holders(post, department.id if department is not None else None)
