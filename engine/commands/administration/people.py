"""People, departments and candidate groups: who belongs to the house and who is offered which tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Role, Verb, require
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people import (
    DepartmentChanged,
    DepartmentCreated,
    GroupChanged,
    GroupCreated,
    MembershipChanged,
    PasswordSet,
    PersonChanged,
    PersonCreated,
    PersonDisabled,
    PersonEnabled,
    check_group_key,
    check_login,
    check_name,
)
from engine.records import record
from engine.store import tables

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

_PRIVATE = frozenset({"email", "mobile"})


@record
class CreatePerson(Command):
    """Add a person. ``password_hash`` is made by ``engine.passwords`` beforehand; None means that nobody can sign in yet."""

    login: str
    name: str
    roles: tuple[str, ...] = (Role.STAFF.value,)
    department_id: str | None = None
    groups: tuple[str, ...] = ()
    email: str = ""
    mobile: str = ""
    password_hash: str | None = None
    must_change_password: bool = False

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        check_login(self.login)
        name = check_name(self.name)
        roles = _roles(self.roles)
        _check_department(context, self.department_id)
        if _person(context, self.login) is not None:
            raise Conflict(
                f"账号 {self.login} 已存在。", f"The login {self.login} is taken.", fields={"login": "taken"}
            )
        context.uow.insert(
            tables.person,
            {
                "login": self.login,
                "name": name,
                "department_id": self.department_id,
                "email": self.email.strip(),
                "mobile": self.mobile.strip(),
                "roles": list(roles),
                "password_hash": self.password_hash,
                "must_change_password": self.must_change_password,
                "disabled": False,
                "language": "zh",
                "created_at": context.now,
            },
        )
        created = PersonCreated(login=self.login, name=name, roles=roles, department_id=self.department_id)
        context.record_admin(created)
        _set_groups(context, self.login, self.groups)
        return {"login": self.login}


@record
class ChangePerson(Command):
    """Change what is known of a person; fields that are None stay as they are. ``department_id`` "" means none."""

    login: str
    name: str | None = None
    roles: tuple[str, ...] | None = None
    department_id: str | None = None
    email: str | None = None
    mobile: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        row = context.person(self.login)
        wanted: Values = {}
        if self.name is not None:
            wanted["name"] = check_name(self.name)
        if self.roles is not None:
            wanted["roles"] = list(_roles(self.roles))
        if self.department_id is not None:
            wanted["department_id"] = self.department_id or None
            _check_department(context, wanted["department_id"])
        for field_name in ("email", "mobile"):
            value = getattr(self, field_name)
            if value is not None:
                wanted[field_name] = value.strip()
        changes = {key: value for key, value in wanted.items() if row[key] != value}
        roles: list[str] = changes.get("roles", row["roles"]) or []
        if Role.ADMIN in row["roles"] and Role.ADMIN not in roles:
            _check_another_admin(context, self.login)
        if changes:
            context.uow.update(tables.person, (self.login,), changes)
            told = {key: "…" if key in _PRIVATE else value for key, value in changes.items()}
            context.record_admin(PersonChanged(login=self.login, changes=told))
        return {"login": self.login, "changed": sorted(changes)}


@record
class SetPassword(Command):
    """Set a password by its hash and end the person's other sessions. One's own always; another's as administrator.

    ``keep_session`` is the id hash of the session that may go on (the one in which the change was made).
    """

    login: str
    password_hash: str
    must_change_password: bool = False
    keep_session: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        own = self.login == context.actor.login
        require(context.actor, Verb.MANAGE_OWN_ACCOUNT if own else Verb.MANAGE_PEOPLE)
        context.person(self.login)
        context.uow.update(
            tables.person,
            (self.login,),
            {"password_hash": self.password_hash, "must_change_password": self.must_change_password},
        )
        _end_sessions(context, self.login, keep=self.keep_session)
        context.record_admin(PasswordSet(login=self.login))
        return {"login": self.login}


@record
class SetLanguage(Command):
    """Remember in which language a person reads the pages; nothing that the history needs to know."""

    language: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_OWN_ACCOUNT)
        if self.language not in ("zh", "en"):
            raise InvalidInput("语言只能是中文或英文。", "The language is zh or en.", fields={"language": "unknown"})
        context.person(context.actor.login)
        context.uow.update(tables.person, (context.actor.login,), {"language": self.language})
        return {"language": self.language}


@record
class DisablePerson(Command):
    """停用: the person cannot sign in any more, sessions end, tokens are revoked. Tasks in hand stay and can be reassigned."""

    login: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        row = context.person(self.login)
        if self.login == context.actor.login:
            raise Conflict("不能停用自己的账号。", "You cannot disable your own account.", login=self.login)
        if Role.ADMIN in row["roles"]:
            _check_another_admin(context, self.login)
        if not row["disabled"]:
            context.uow.update(tables.person, (self.login,), {"disabled": True})
            _end_sessions(context, self.login)
            token = tables.api_token
            context.uow.execute(
                token.update()
                .where(token.c.login == self.login, token.c.revoked_at.is_(None))
                .values(revoked_at=context.now)
            )
            context.record_admin(PersonDisabled(login=self.login))
        return {"login": self.login}


@record
class EnablePerson(Command):
    """启用: the person may sign in again."""

    login: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        if context.person(self.login)["disabled"]:
            context.uow.update(tables.person, (self.login,), {"disabled": False})
            context.record_admin(PersonEnabled(login=self.login))
        return {"login": self.login}


# ---------------------------------------------------------------- departments and groups


@record
class CreateDepartment(Command):
    """Add a department, under ``parent_id`` or at the top."""

    code: str
    name: str
    parent_id: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        code, name = check_name(self.code, "code"), check_name(self.name)
        _check_department(context, self.parent_id)
        department = tables.department
        if context.uow.first(department.select().where(department.c.code == code)) is not None:
            raise Conflict(
                f"部门代码 {code} 已存在。", f"The department code {code} is taken.", fields={"code": "taken"}
            )
        created = DepartmentCreated(department_id=context.new_id(), code=code, name=name, parent_id=self.parent_id)
        row = {"id": created.department_id, "code": code, "name": name, "parent_id": self.parent_id}
        context.uow.insert(department, row)
        context.record_admin(created)
        return {"id": created.department_id, "code": code}


@record
class ChangeDepartment(Command):
    """Rename a department or hang it elsewhere; ``parent_id`` "" means the top, None leaves it where it is."""

    department_id: str
    name: str | None = None
    parent_id: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        row = _check_department(context, self.department_id)
        wanted: Values = {}
        if self.name is not None:
            wanted["name"] = check_name(self.name)
        if self.parent_id is not None:
            wanted["parent_id"] = self.parent_id or None
            self._check_no_cycle(context, wanted["parent_id"])
        changes = {key: value for key, value in wanted.items() if row is not None and row[key] != value}
        if changes:
            context.uow.update(tables.department, (self.department_id,), changes)
            context.record_admin(DepartmentChanged(department_id=self.department_id, changes=changes))
        return {"id": self.department_id, "changed": sorted(changes)}

    def _check_no_cycle(self, context: CommandContext, parent_id: str | None) -> None:
        while parent_id is not None:
            if parent_id == self.department_id:
                raise Conflict(
                    "上级部门不能是本部门或它的下级。",
                    "A department cannot stand below itself.",
                    fields={"parent_id": "cycle"},
                )
            row = _check_department(context, parent_id)
            parent_id = row["parent_id"] if row else None


@record
class CreateGroup(Command):
    """Add a candidate group: ``key`` is what models write in candidateGroups."""

    key: str
    name: str
    department_id: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        check_group_key(self.key)
        name = check_name(self.name)
        _check_department(context, self.department_id)
        if context.uow.get(tables.group, (self.key,)) is not None:
            raise Conflict(f"办理组 {self.key} 已存在。", f"The group {self.key} is taken.", fields={"key": "taken"})
        context.uow.insert(tables.group, {"key": self.key, "name": name, "department_id": self.department_id})
        context.record_admin(GroupCreated(key=self.key, name=name, department_id=self.department_id))
        return {"key": self.key}


@record
class ChangeGroup(Command):
    """Rename a group or give it to another department ("" means none)."""

    key: str
    name: str | None = None
    department_id: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        row = _group(context, self.key)
        wanted: Values = {}
        if self.name is not None:
            wanted["name"] = check_name(self.name)
        if self.department_id is not None:
            wanted["department_id"] = self.department_id or None
            _check_department(context, wanted["department_id"])
        changes = {key: value for key, value in wanted.items() if row[key] != value}
        if changes:
            context.uow.update(tables.group, (self.key,), changes)
            context.record_admin(GroupChanged(key=self.key, changes=changes))
        return {"key": self.key, "changed": sorted(changes)}


@record
class ChangeMembership(Command):
    """Set in which groups a person is: exactly ``groups``."""

    login: str
    groups: tuple[str, ...]

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        context.person(self.login)
        joined, left = _set_groups(context, self.login, self.groups)
        return {"login": self.login, "joined": joined, "left": left}


# ---------------------------------------------------------------- shared checks


def _person(context: CommandContext, login: str) -> Values | None:
    """Find a person by login in any case: zhang and Zhang must not be two people."""
    lowered = login.lower()
    statement = tables.person.select().where(tables.person.c.login.ilike(_like_exactly(lowered), escape="\\"))
    row = context.uow.first(statement)
    return None if row is None else dict(row._mapping)


def _like_exactly(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    known = {role.value for role in Role} - {Role.SYSTEM.value}
    unknown = sorted(set(roles) - known)
    if unknown:
        raise InvalidInput(
            f"没有角色 {'、'.join(unknown)}；可选：{'、'.join(sorted(known))}。",
            f"No such role: {', '.join(unknown)}; choose from {', '.join(sorted(known))}.",
            fields={"roles": "unknown"},
        )
    return tuple(sorted(set(roles)))


def _check_department(context: CommandContext, department_id: str | None) -> Values | None:
    if department_id is None:
        return None
    row = context.uow.get(tables.department, (department_id,))
    if row is None:
        raise NotFound(f"没有编号为 {department_id} 的部门。", f"There is no department {department_id}.")
    return row


def _group(context: CommandContext, key: str) -> Values:
    row = context.uow.get(tables.group, (key,))
    if row is None:
        raise NotFound(f"没有办理组 {key}。", f"There is no group {key}.", key=key)
    return row


def _check_another_admin(context: CommandContext, login: str) -> None:
    """An installation without an administrator could never be repaired from inside."""
    person = tables.person
    others = context.uow.all(person.select().where(person.c.disabled.is_(False), person.c.login != login))
    if not any(Role.ADMIN in row.roles for row in others):
        raise Conflict(
            "这是最后一位系统管理员，请先指定另一位。",
            "This is the last administrator; appoint another one first.",
            login=login,
        )


def _set_groups(context: CommandContext, login: str, groups: tuple[str, ...]) -> tuple[list[str], list[str]]:
    for key in groups:
        _group(context, key)
    membership = tables.membership
    now = {row.group_key for row in context.uow.all(membership.select().where(membership.c.login == login))}
    joined, left = sorted(set(groups) - now), sorted(now - set(groups))
    for key in joined:
        context.uow.insert(membership, {"login": login, "group_key": key})
    for key in left:
        context.uow.delete(membership, (login, key))
    if joined or left:
        context.record_admin(MembershipChanged(login=login, joined=tuple(joined), left=tuple(left)))
    return joined, left


def _end_sessions(context: CommandContext, login: str, *, keep: str | None = None) -> None:
    session = tables.session
    statement = session.delete().where(session.c.login == login)
    context.uow.execute(statement if keep is None else statement.where(session.c.id_hash != keep))
