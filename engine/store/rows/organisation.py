"""The organisation as commands need it: people, departments, posts, pools, who leads whom, who acted and approved where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from engine.access import InstanceFacts, Role
from engine.runtime.who.facts import Department, Person
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.tables import ballot, choice, department, group, membership, person, person_post, post, task, turn

_PEOPLE = select(person.c.login, person.c.name, person.c.department_id, person.c.disabled).where(
    person.c.login.in_(bindparam("logins", expanding=True))
)
_ACTED = select(task.c.element_id, task.c.element_name, task.c.closed_by, task.c.principal).where(
    task.c.instance_id == bindparam("instance_id"),
    task.c.state == "completed",
    task.c.element_id.in_(bindparam("elements", expanding=True)),
)
_DECIDED = (
    select(
        *(task.c[name] for name in ("element_id", "element_name", "process_key", "closed_by", "principal")),
        *(task.c[name] for name in ("closed_at", "outcome", "outcomes", "round", "id")),
    )
    .where(
        task.c.instance_id == bindparam("instance_id"),
        task.c.state == "completed",
        task.c.power == "decide",
        task.c.closed_by != "system",
    )
    .order_by(task.c.closed_at.desc(), task.c.id.desc())
)
_PASSED = select(task.c.process_key, task.c.element_id).where(
    task.c.instance_id == bindparam("instance_id"), task.c.state == "completed", task.c.closed_by == "system"
)
_TOKENS = select(func.count(task.c.token_id.distinct())).where(
    task.c.instance_id == bindparam("instance_id"),
    task.c.element_id == bindparam("element_id"),
    task.c.token_id != bindparam("token_id"),
    task.c.round > 0,
)
_DEPARTMENT = select(department).where(
    (department.c.code == bindparam("reference")) | (department.c.id == bindparam("reference"))
)
_MEMBERS = select(membership.c.login).where(membership.c.group_key == bindparam("key")).order_by(membership.c.login)
_ACTIVE = select(person.c.login, person.c.roles).where(person.c.disabled.is_(False)).order_by(person.c.login)
_HOLDERS = (
    select(person_post.c.login, person_post.c.department_id)
    .where(person_post.c.post_key == bindparam("key"))
    .order_by(person_post.c.login)
)
_IN_DEPARTMENTS = (
    select(person.c.login)
    .where(person.c.department_id.in_(bindparam("departments", expanding=True)), person.c.disabled.is_(False))
    .order_by(person.c.login)
)
_CHILDREN = select(department.c.id, department.c.parent_id)
_BURDEN = (
    select(task.c.assignee, func.count().label("n"))
    .where(task.c.state == "assigned", task.c.assignee.in_(bindparam("logins", expanding=True)))
    .group_by(task.c.assignee)
)
_TURN = select(turn.c.login).where(
    turn.c.definition_key == bindparam("definition_key"), turn.c.element_id == bindparam("element_id")
)
_EVERYBODY = (
    select(person.c.login, person.c.name, func.coalesce(department.c.name, "").label("department_name"))
    .outerjoin(department, department.c.id == person.c.department_id)
    .where(person.c.disabled.is_(False))
    .order_by(department.c.code, person.c.name)
)
_WITH_IDENTITY = select(person.c.login).where(person.c.identity_hash.in_(bindparam("hashes", expanding=True)))
_OPEN_TASKS = (
    task.select()
    .where(task.c.instance_id == bindparam("instance_id"), task.c.closed_at.is_(None))
    .order_by(task.c.created_at, task.c.id)
)
_OPEN_BALLOTS = select(ballot.c.id).where(ballot.c.instance_id == bindparam("instance_id"), ballot.c.state == "open")
_TOUCHED = select(
    *(task.c.assignee, task.c.closed_by, task.c.principal, task.c.closed_at),
    *(task.c.candidate_users, task.c.candidate_groups),
).where(task.c.instance_id == bindparam("instance_id"))
_TENURES = person_post.select().where(person_post.c.login == bindparam("login"))


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


def decided(uow: UnitOfWork, instance_id: str) -> list[Row[Any]]:
    """What people decided in an instance, latest first; of each element only its latest round, which alone still stands."""
    rows = uow.all(_DECIDED, {"instance_id": instance_id})
    latest: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.process_key, row.element_id)
        latest[key] = max(latest.get(key, 0), row.round)
    return [row for row in rows if row.round == latest[row.process_key, row.element_id]]


def passed_by_rule(uow: UnitOfWork, instance_id: str) -> frozenset[tuple[str, str]]:
    """(process key, element id) of what the system decided in an instance."""
    rows = uow.all(_PASSED, {"instance_id": instance_id})
    return frozenset((row.process_key, row.element_id) for row in rows)


def rounds_before(uow: UnitOfWork, instance_id: str, element_id: str, token_id: str) -> int:
    """How many tokens have waited at an element before this one; what was undone by a withdrawal counts for nothing."""
    row = uow.first(_TOKENS, {"instance_id": instance_id, "element_id": element_id, "token_id": token_id})
    return 0 if row is None else int(row[0])


def chosen(uow: UnitOfWork, instance_id: str, element_id: str) -> Mapping[str, Any] | None:
    """The choice made for an element: {by, logins, chosen_by, ...}, or None."""
    return uow.get(choice, (instance_id, element_id))


def take_turn(uow: UnitOfWork, definition_key: str, element_id: str, login: str) -> None:
    """Remember who got the task of an element last."""
    key = (definition_key, element_id)
    if uow.get(turn, key) is None:
        uow.insert(turn, {"definition_key": definition_key, "element_id": element_id, "login": login})
    else:
        uow.update(turn, key, {"login": login})


def tenures(uow: UnitOfWork, login: str) -> set[tuple[str, str]]:
    """The posts that somebody holds: {(key of the post, id of the department)}."""
    return {(row.post_key, row.department_id) for row in uow.all(_TENURES, {"login": login})}


def keys(uow: UnitOfWork) -> dict[str, list[str]]:
    """What models may name: the keys of posts, the codes of departments, the logins of people; kinds without any left out."""
    columns = {"posts": post.c.key, "departments": department.c.code, "users": person.c.login}
    found = {kind: [str(row[0]) for row in uow.all(select(column))] for kind, column in columns.items()}
    return {kind: names for kind, names in found.items() if names}


def everybody(uow: UnitOfWork) -> list[Values]:
    """Everybody who can be given a task, {login, name, department_name}, by department and name."""
    return [dict(row._mapping) for row in uow.all(_EVERYBODY)]


def people_with_identity(uow: UnitOfWork, hashes: Collection[str]) -> list[str]:
    """The logins of those whose ID number has one of these hashes."""
    return [str(row.login) for row in uow.all(_WITH_IDENTITY, {"hashes": sorted(hashes)})] if hashes else []


def open_tasks(uow: UnitOfWork, instance_id: str) -> list[Values]:
    """The tasks of an instance that are not closed, oldest first."""
    return [uow.remember(task, dict(row._mapping)) for row in uow.all(_OPEN_TASKS, {"instance_id": instance_id})]


def open_ballots(uow: UnitOfWork, instance_id: str) -> list[str]:
    """The ids of the ballots of an instance that are not decided."""
    return [str(row.id) for row in uow.all(_OPEN_BALLOTS, {"instance_id": instance_id})]


def facts(uow: UnitOfWork, instance: Mapping[str, Any]) -> InstanceFacts:
    """What the access rules need to know of an instance, for commands."""
    rows = uow.all(_TOUCHED, {"instance_id": instance["id"]})
    open_rows = [row for row in rows if row.closed_at is None]
    return InstanceFacts(
        instance_id=instance["id"],
        started_by=instance["started_by"],
        involved=frozenset(login for row in rows for login in (row.assignee, row.closed_by, row.principal) if login),
        offered_users=frozenset(login for row in open_rows for login in row.candidate_users),
        offered_groups=frozenset(key for row in open_rows for key in row.candidate_groups),
    )


@dataclass(slots=True)
class Directory:
    """The organisation for one resolution (``engine.runtime.who.facts.Directory``); what was read is kept.

    ``deciding`` locks the turn of round robin until the end of the transaction, so that two instances do not take the same.
    """

    uow: UnitOfWork
    definition_key: str
    element_id: str
    deciding: bool = True
    _people: dict[str, Person | None] = field(default_factory=dict)
    _departments: dict[str, Department | None] = field(default_factory=dict)

    def person(self, login: str) -> Person | None:
        if login not in self._people:
            self.load([login])
        return self._people[login]

    def load(self, logins: Collection[str]) -> None:
        """Read people at once, as far as they are not known yet."""
        unknown = {login for login in logins if login not in self._people}
        self._people |= dict.fromkeys(unknown)
        for row in people(self.uow, unknown):
            self._people[row.login] = Person(
                login=row.login, name=row.name, department_id=row.department_id, disabled=row.disabled
            )

    def department(self, reference: str) -> Department | None:
        if reference not in self._departments:
            row = self.uow.first(_DEPARTMENT, {"reference": reference})
            self._departments[reference] = None if row is None else _department(row)
        return self._departments[reference]

    def group_members(self, key: str) -> tuple[str, ...] | None:
        if self.uow.get(group, (key,)) is None:
            return None
        return tuple(row.login for row in self.uow.all(_MEMBERS, {"key": key}))

    def role_holders(self, role: str) -> tuple[str, ...] | None:
        if role not in {each.value for each in Role}:
            return None
        return tuple(row.login for row in self.uow.all(_ACTIVE) if role in row.roles)

    def post_holders(self, key: str, department_id: str | None) -> tuple[str, ...] | None:
        if self.uow.get(post, (key,)) is None:
            return None
        rows = self.uow.all(_HOLDERS, {"key": key})
        held = [row.login for row in rows if department_id in (None, row.department_id)]
        return tuple(dict.fromkeys(held))

    def department_members(self, department_id: str, *, below: bool) -> tuple[str, ...]:
        wanted = [department_id]
        if below:
            children: dict[str | None, list[str]] = {}
            for row in self.uow.all(_CHILDREN):
                children.setdefault(row.parent_id, []).append(row.id)
            for each in wanted:  # grows while it is walked
                wanted.extend(child for child in children.get(each, ()) if child not in wanted)
        return tuple(row.login for row in self.uow.all(_IN_DEPARTMENTS, {"departments": wanted}))

    def burden(self, logins: Collection[str]) -> Mapping[str, int]:
        return {row.assignee: row.n for row in self.uow.all(_BURDEN, {"logins": sorted(logins)})}

    def last_turn(self) -> str | None:
        statement = _TURN.with_for_update() if self.deciding else _TURN
        row = self.uow.first(statement, {"definition_key": self.definition_key, "element_id": self.element_id})
        return None if row is None else str(row.login)


def _department(row: Row[Any]) -> Department:
    return Department(
        id=row.id,
        code=row.code,
        name=row.name,
        parent_id=row.parent_id,
        leader=row.leader,
        deputies=tuple(row.deputies or ()),
    )
