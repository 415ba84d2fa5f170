"""Reading for signing in and for lists of people: who a session or a token stands for, and how groups are called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, case, exists, false, func, literal, select, union_all

from engine.access import Actor, Role, Scope
from engine.records import record
from engine.store.base.database import Database
from engine.store.base.paging import Row
from engine.store.queries.inbox_lists import escaped
from engine.store.rows.people import STANDS_IN
from engine.store.tables import api_token, department, group, membership, person, post, session, task

_PERSON = (
    select(
        *(each for each in person.c if each.key not in ("password_hash", "identity_hash")),
        department.c.name.label("department_name"),
        STANDS_IN,
    )
).outerjoin(department, department.c.id == person.c.department_id)

_ACTIVE = (
    select(person.c.login, person.c.name, func.coalesce(department.c.name, "").label("department_name"))
    .outerjoin(department, department.c.id == person.c.department_id)
    .where(person.c.disabled.is_(False))
)


@record
class SignedIn:
    """A person who is signed in, as pages greet them."""

    login: str
    name: str
    department_id: str | None
    department_name: str
    roles: frozenset[Role]
    groups: tuple[str, ...]
    language: str
    must_change_password: bool
    leads: tuple[str, ...] = ()  # ids of departments
    stands_in: bool = False

    def actor(self, scopes: frozenset[Scope] | None = None) -> Actor:
        """The person as the one who asks; ``scopes`` is None for a session."""
        return Actor(
            login=self.login,
            name=self.name,
            roles=self.roles,
            groups=frozenset(self.groups),
            department_id=self.department_id,
            leads=frozenset(self.leads),
            scopes=scopes,
            language=self.language,
            stands_in=self.stands_in,
        )


class PeopleQueries:
    """Reads people. ``AdminQueries`` has the lists that administrators page through."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def password_hash(self, login: str) -> str | None:
        """The stored hash of an active person, or None."""
        statement = select(person.c.password_hash).where(person.c.login == login, person.c.disabled.is_(False))
        with self.database.read() as connection:
            found: str | None = connection.scalar(statement)
            return found

    def active(self, login: str) -> SignedIn | None:
        """One active person, or None."""
        with self.database.read() as connection:
            return _active(connection, login)

    def by_session(self, id_hash: str) -> tuple[Row, SignedIn] | None:
        """The session with this hash and its active person, or None. Whether it has run out is the caller's question."""
        return self._behind(select(session).where(session.c.id_hash == id_hash))

    def by_token(self, token_id: str, secret_hash: str) -> tuple[Row, SignedIn] | None:
        """The API token with this id and secret and its active person, or None. Whether it has run out is the caller's question.

        One query when it is wrong, whether the id or the secret is: how long that takes tells nobody which ids there are.
        """
        return self._behind(select(api_token).where(api_token.c.id == token_id, api_token.c.secret_hash == secret_hash))

    def group_names(self) -> dict[str, str]:
        """{key: name} of all candidate groups."""
        with self.database.read() as connection:
            return {row.key: row.name for row in connection.execute(select(group.c.key, group.c.name))}

    def in_departments(self) -> dict[str | None, int]:
        """{department id: number of its active people}."""
        count = func.count().label("n")
        statement = select(person.c.department_id, count).where(person.c.disabled.is_(False))
        with self.database.read() as connection:
            rows = connection.execute(statement.group_by(person.c.department_id))
            return {row.department_id: row.n for row in rows}

    def active_names(self, most: int) -> list[Row]:
        """Who can be given a task, {login, name, department_name}, by department and name; not more than ``most``."""
        return self._rows(_ACTIVE.order_by(department.c.code, person.c.name, person.c.login).limit(most))

    def named(self, name: str) -> list[Row]:
        """Who can be given a task and has exactly this name, or failing that this login."""
        rows = self._rows(_ACTIVE.where((person.c.name == name) | (person.c.login == name)).order_by(person.c.login))
        return [row for row in rows if row["login"] == name] or rows

    def found(self, text: str, most: int) -> list[Row]:
        """Who can be given a task and has ``text`` in his name or login, those whose name begins with it first."""
        inside, begins = f"%{escaped(text)}%", f"{escaped(text)}%"
        matches = person.c.name.ilike(inside, escape="\\") | person.c.login.ilike(inside, escape="\\")
        first = case((person.c.name.ilike(begins, escape="\\"), 0), else_=1)
        return self._rows(_ACTIVE.where(matches).order_by(first, person.c.name, person.c.login).limit(most))

    def addresses(self) -> list[Row]:
        """Groups, departments and posts to which copies can go: {kind, key, name, above}, by kind and key.

        ``above`` says of a department whether others stand below it.
        """
        below = department.alias("below")
        has_below = exists().where(below.c.parent_id == department.c.id)
        parts = (
            select(literal("department").label("kind"), department.c.code.label("key"), department.c.name, has_below),
            select(literal("group"), group.c.key, group.c.name, false()),
            select(literal("post"), post.c.key, post.c.name, false()),
        )
        merged = union_all(*parts).subquery("addresses")
        kind, key, name, above = merged.c
        statement = select(kind, key, name, above.label("above")).order_by(kind, key)
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]

    def at_work_on(self, instance_ids: list[str]) -> dict[str, list[Row]]:
        """Who has some instances now: {instance id: [its open tasks with their holders and due dates]}."""
        names = (
            *("instance_id", "id", "state", "element_name", "assignee", "candidate_groups"),
            *("candidate_users", "closed_by", "created_at", "due_at", "due_provisional"),
            *("token_id", "seat", "parent_id"),
        )
        columns = tuple(task.c[name] for name in names)
        statement = select(*columns).where(
            task.c.instance_id.in_(instance_ids), task.c.state.in_(["offered", "assigned"])
        )
        found: dict[str, list[Row]] = {}
        with self.database.read() as connection:
            for row in connection.execute(statement.order_by(task.c.created_at, task.c.id)):
                found.setdefault(row.instance_id, []).append(dict(row._mapping))
        return found

    def tasks_in_hand(self, login: str) -> int:
        """How many open tasks a person holds: somebody has to take them over when the person goes."""
        statement = select(func.count()).where(task.c.state == "assigned", task.c.assignee == login)
        with self.database.read() as connection:
            return connection.scalar(statement) or 0

    def _behind(self, statement: Any) -> tuple[Row, SignedIn] | None:
        with self.database.read() as connection:
            row = connection.execute(statement).first()
            found = None if row is None else _active(connection, row.login)
            return None if row is None or found is None else (dict(row._mapping), found)

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]


def _active(connection: Connection, login: str) -> SignedIn | None:
    row = connection.execute(_PERSON.where(person.c.login == login, person.c.disabled.is_(False))).first()
    if row is None:
        return None
    keys = select(membership.c.group_key).where(membership.c.login == login).order_by(membership.c.group_key)
    return SignedIn(
        login=row.login,
        name=row.name,
        department_id=row.department_id,
        department_name=row.department_name or "",
        roles=frozenset(Role(role) for role in row.roles),
        groups=tuple(connection.execute(keys).scalars()),
        language=row.language,
        must_change_password=row.must_change_password,
        leads=tuple(connection.execute(select(department.c.id).where(department.c.leader == login)).scalars()),
        stands_in=bool(row.stands_in),
    )
