"""Persons as actors: their roles and groups as they are now."""

from sqlalchemy import Connection, Row, bindparam, exists, select

from engine.access import SYSTEM, Actor, Role, Scope
from engine.errors import NotFound
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.tables import department, membership, person, proxy_rule

# Whether somebody is a proxy at all: read with the person, so that the lists of whoever is nobody's proxy cost nothing more.
STANDS_IN = exists().where(proxy_rule.c.proxy == person.c.login, proxy_rule.c.active).label("stands_in")
_PERSON = select(person, STANDS_IN).where(person.c.login == bindparam("login"))
_MEMBERS = (
    select(person.c.login)
    .join(membership, membership.c.login == person.c.login)
    .where(
        membership.c.group_key == bindparam("group"),
        person.c.disabled.is_(False),
        (person.c.login == bindparam("name")) | (person.c.name == bindparam("name")),
    )
)
_DEPARTMENT = select(department.c.name).where(department.c.code == bindparam("code"))
_LED = select(department.c.id).where(department.c.leader == bindparam("login"))
_GROUPS = select(membership.c.group_key).where(membership.c.login == bindparam("login"))


def actor(source: UnitOfWork | Connection, login: str, *, scopes: frozenset[Scope] | None = None) -> Actor:
    """Build the actor for ``login`` from the database. A disabled or unknown person is NotFound."""
    if login == SYSTEM.login:
        return SYSTEM
    rows = _all(source, _PERSON, login)
    if not rows or rows[0].disabled:
        raise NotFound(f"没有账号 {login}，或已停用。", f"There is no active person {login}.", login=login)
    row = rows[0]
    return Actor(
        login=row.login,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        groups=frozenset(group for (group,) in _all(source, _GROUPS, login)),
        department_id=row.department_id,
        leads=frozenset(department_id for (department_id,) in _all(source, _LED, login)),
        scopes=scopes,
        language=row.language,
        stands_in=bool(row.stands_in),
    )


def _all(source: UnitOfWork | Connection, statement: object, login: str) -> list[Row]:  # type: ignore[type-arg]
    if isinstance(source, UnitOfWork):
        return list(source.all(statement, {"login": login}))  # type: ignore[arg-type]
    return list(source.execute(statement, {"login": login}))  # type: ignore[call-overload]


def members_named(uow: UnitOfWork, group: str, name: str) -> list[str]:
    """The logins of active members of a group whose login or name is ``name``."""
    return [str(row.login) for row in uow.all(_MEMBERS, {"group": group, "name": name})]


def department_name(uow: UnitOfWork, code: str) -> str | None:
    """The name of the department with this code, or None."""
    row = uow.first(_DEPARTMENT, {"code": code})
    return None if row is None else str(row.name)
