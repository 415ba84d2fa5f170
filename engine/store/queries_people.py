"""Reading people, departments, groups, sessions and tokens."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine.access import Actor, Role, Scope
from engine.store.database import Database
from engine.store.tables import api_token, department, group, membership, person, session, task


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    id: str
    code: str
    name: str
    parent_id: str | None
    people: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    key: str
    name: str
    department_id: str | None
    department_name: str = ""
    members: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    login: str
    name: str
    department_id: str | None
    department_name: str
    email: str
    mobile: str
    roles: frozenset[Role]
    groups: tuple[str, ...]
    disabled: bool
    language: str
    must_change_password: bool
    created_at: datetime

    def actor(self, scopes: frozenset[Scope] | None = None) -> Actor:
        """The person as the one who asks; ``scopes`` is None for a session."""
        return Actor(
            login=self.login,
            name=self.name,
            roles=self.roles,
            groups=frozenset(self.groups),
            department_id=self.department_id,
            scopes=scopes,
            language=self.language,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    id_hash: str
    login: str
    csrf: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    id: str
    login: str
    name: str
    secret_hash: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class PeopleQueries:
    """All reading about the people of the house."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- who asks

    def person(self, login: str) -> Person | None:
        """Return one person with groups and department, or None."""
        with self._database.read() as connection:
            return _one_person(connection, login)

    def password_hash(self, login: str) -> str | None:
        """Return the stored hash of an enabled person, or None."""
        statement = select(person.c.password_hash).where(person.c.login == login, person.c.disabled.is_(False))
        with self._database.read() as connection:
            return connection.execute(statement).scalar()

    def signed_in(self, id_hash: str) -> tuple[SessionRow, Person] | None:
        """Return the session with this hash and its enabled person, or None. Whether it has run out is the caller's question."""
        columns = (session.c.id_hash, session.c.login, session.c.csrf, session.c.created_at, session.c.seen_at)
        statement = select(*columns).where(session.c.id_hash == id_hash)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
            found = None if row is None else _one_person(connection, row.login)
        if row is None or found is None or found.disabled:
            return None
        return SessionRow(**row._mapping), found

    def token(self, token_id: str) -> tuple[TokenRow, Person] | None:
        """Return the API token with this id and its enabled person, or None. Secret and expiry are the caller's question."""
        with self._database.read() as connection:
            row = connection.execute(api_token.select().where(api_token.c.id == token_id)).first()
            found = None if row is None else _one_person(connection, row.login)
        if row is None or found is None or found.disabled:
            return None
        return _token(row), found

    def tokens(self, login: str | None = None) -> list[TokenRow]:
        """Return the tokens of one person, or of all, newest first."""
        statement = api_token.select().order_by(api_token.c.created_at.desc(), api_token.c.id)
        if login is not None:
            statement = statement.where(api_token.c.login == login)
        with self._database.read() as connection:
            return [_token(row) for row in connection.execute(statement)]

    # ---- lists

    def people(
        self, *, search: str = "", department_id: str | None = None, disabled: bool | None = None
    ) -> list[Person]:
        """Return people by department and name; ``search`` looks in login and name. A bureau has hundreds, not millions."""
        statement = _people().order_by(department.c.name, person.c.name, person.c.login)
        if search:
            like = f"%{search.replace('%', '').replace('_', '')}%"
            statement = statement.where(person.c.login.ilike(like) | person.c.name.ilike(like))
        if department_id:
            statement = statement.where(person.c.department_id == department_id)
        if disabled is not None:
            statement = statement.where(person.c.disabled.is_(disabled))
        with self._database.read() as connection:
            groups = _groups_by_person(connection)
            return [_person(row, groups.get(row.login, ())) for row in connection.execute(statement)]

    def members(self, group_key: str) -> list[Person]:
        """Return the people of a group by name."""
        return [found for found in self.people() if group_key in found.groups]

    def departments(self) -> list[Department]:
        """Return all departments by code, each with the number of its own people."""
        count = select(func.count()).where(person.c.department_id == department.c.id).scalar_subquery()
        statement = select(*department.c, count.label("people")).order_by(department.c.code)
        with self._database.read() as connection:
            return [Department(**row._mapping) for row in connection.execute(statement)]

    def groups(self) -> list[Group]:
        """Return all candidate groups by key, each with the number of its members."""
        count = select(func.count()).where(membership.c.group_key == group.c.key).scalar_subquery()
        statement = (
            select(*group.c, func.coalesce(department.c.name, "").label("department_name"), count.label("members"))
            .outerjoin(department, department.c.id == group.c.department_id)
            .order_by(group.c.key)
        )
        with self._database.read() as connection:
            return [Group(**row._mapping) for row in connection.execute(statement)]

    def names(self, logins: set[str]) -> Mapping[str, str]:
        """Return {login: name} for those that exist: lists show names, rows hold logins."""
        if not logins:
            return {}
        statement = select(person.c.login, person.c.name).where(person.c.login.in_(sorted(logins)))
        with self._database.read() as connection:
            return {row.login: row.name for row in connection.execute(statement)}

    def group_names(self, keys: set[str]) -> Mapping[str, str]:
        """Return {key: name} for the groups that exist."""
        if not keys:
            return {}
        statement = select(group.c.key, group.c.name).where(group.c.key.in_(sorted(keys)))
        with self._database.read() as connection:
            return {row.key: row.name for row in connection.execute(statement)}

    def tasks_in_hand(self, login: str) -> int:
        """Return how many open tasks a person holds; somebody has to take them over when the person goes."""
        statement = select(func.count()).where(task.c.assignee == login, task.c.state == "assigned")
        with self._database.read() as connection:
            return int(connection.execute(statement).scalar() or 0)


def _people() -> Any:
    columns = [column for column in person.c if column.key != "password_hash"]
    named = func.coalesce(department.c.name, "").label("department_name")
    return select(*columns, named).outerjoin(department, department.c.id == person.c.department_id)


def _one_person(connection: Connection, login: str) -> Person | None:
    row = connection.execute(_people().where(person.c.login == login)).first()
    if row is None:
        return None
    keys = connection.execute(select(membership.c.group_key).where(membership.c.login == login)).scalars()
    return _person(row, tuple(sorted(keys)))


def _person(row: Any, groups: tuple[str, ...]) -> Person:
    values = dict(row._mapping)
    values["roles"] = frozenset(Role(role) for role in values["roles"])
    return Person(**values, groups=groups)


def _groups_by_person(connection: Connection) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(membership.select().order_by(membership.c.login, membership.c.group_key)):
        found[row.login].append(row.group_key)
    return {login: tuple(keys) for login, keys in found.items()}


def _token(row: Any) -> TokenRow:
    values = dict(row._mapping)
    values["scopes"] = frozenset(Scope(scope) for scope in values["scopes"])
    return TokenRow(**values)
