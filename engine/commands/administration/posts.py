"""Who leads a department, which posts 岗位 there are and who holds them, and whose ID number tells that an applicant works here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.commands.running.eligibility import identity_hash
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people import (
    DepartmentLed,
    IdentityKept,
    PostChanged,
    PostCreated,
    PostsChanged,
    check_group_key,
    check_name,
)
from engine.records import record
from engine.store import tables
from engine.store.rows import organisation

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

MAX_DEPUTIES = 20
_IDENTITY = re.compile(r"[0-9A-Za-z]{6,30}")


@record
class LeadDepartment(Command):
    """任命: the leader of a department ("" means none) and its deputies, in the order in which they stand in."""

    department_id: str
    leader: str = ""
    deputies: tuple[str, ...] = ()

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        row = context.uow.get(tables.department, (self.department_id,))
        if row is None:
            raise NotFound(f"没有编号为 {self.department_id} 的部门。", f"There is no department {self.department_id}.")
        leader = self.leader or None
        deputies = list(dict.fromkeys(login for login in self.deputies if login))
        if leader in deputies or len(deputies) > MAX_DEPUTIES:
            raise InvalidInput(
                f"负责人不能同时是副职，副职最多 {MAX_DEPUTIES} 人。",
                f"The leader is no deputy, and there are at most {MAX_DEPUTIES} of them.",
                fields={"deputies": "不能包含负责人"},
                fields_en={"deputies": "not the leader"},
            )
        for login in filter(None, (leader, *deputies)):
            _check_active(context, login)
        if (row["leader"], list(row["deputies"] or ())) != (leader, deputies):
            values = {"leader": leader, "deputies": deputies or None}
            context.uow.update(tables.department, (self.department_id,), values)
            context.record_admin(
                DepartmentLed(department_id=self.department_id, leader=leader, deputies=tuple(deputies))
            )
        return {"id": self.department_id, "leader": leader, "deputies": deputies}


@record
class CreatePost(Command):
    """Add a post: ``key`` is what models write in ``posts(...)``."""

    key: str
    name: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        check_group_key(self.key)
        name = check_name(self.name)
        if context.uow.get(tables.post, (self.key,)) is not None:
            raise Conflict(f"岗位 {self.key} 已存在。", f"The post {self.key} is taken.", fields={"key": "taken"})
        context.uow.insert(tables.post, {"key": self.key, "name": name})
        context.record_admin(PostCreated(key=self.key, name=name))
        return {"key": self.key}


@record
class ChangePost(Command):
    """Rename a post."""

    key: str
    name: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        name = check_name(self.name)
        if _post(context, self.key)["name"] != name:
            context.uow.update(tables.post, (self.key,), {"name": name})
            context.record_admin(PostChanged(key=self.key, name=name))
        return {"key": self.key}


@record
class SetPosts(Command):
    """Set which posts somebody holds, each in a department: exactly ``posts`` ((key, id of the department), ...)."""

    login: str
    posts: tuple[tuple[str, str], ...]

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        context.person(self.login)
        wanted = {(key, department_id) for key, department_id in self.posts}
        for key, department_id in sorted(wanted):
            _post(context, key)
            if context.uow.get(tables.department, (department_id,)) is None:
                raise NotFound(f"没有编号为 {department_id} 的部门。", f"There is no department {department_id}.")
        now = organisation.tenures(context.uow, self.login)
        for key, department_id in sorted(wanted - now):
            row = {"login": self.login, "post_key": key, "department_id": department_id}
            context.uow.insert(tables.person_post, row)
        for key, department_id in sorted(now - wanted):
            context.uow.delete(tables.person_post, (self.login, key, department_id))
        if wanted != now:
            told = tuple(f"{key}@{department_id}" for key, department_id in sorted(wanted))
            context.record_admin(PostsChanged(login=self.login, posts=told))
        return {"login": self.login, "posts": [list(each) for each in sorted(wanted)]}


@record
class SetIdentity(Command):
    """Keep the keyed hash of somebody's ID number, so that a case that he files for himself never comes to him.

    ``number`` "" forgets it. The number itself is stored nowhere, the history only tells that it was set.
    """

    login: str
    number: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        context.person(self.login)
        number = "".join(self.number.split())
        if number and not _IDENTITY.fullmatch(number):
            raise InvalidInput(
                "证件号码由 6 至 30 位数字和字母组成。",
                "An ID number has 6 to 30 digits and letters.",
                fields={"number": "格式不对"},
                fields_en={"number": "format"},
            )
        hashed = identity_hash(context.environment.secret, number) if number else None
        context.uow.update(tables.person, (self.login,), {"identity_hash": hashed})
        context.record_admin(IdentityKept(login=self.login, known=hashed is not None))
        return {"login": self.login, "known": hashed is not None}

    def as_json(self) -> dict[str, Any]:
        """Without the number: what is kept of a command must not hold it."""
        return {"command": type(self).__name__, "fields": {"login": self.login, "number": ""}}

    def identity(self) -> dict[str, Any]:
        return {"command": type(self).__name__, "fields": {"login": self.login, "number": self.number}}


def _check_active(context: CommandContext, login: str) -> None:
    row = context.person(login)
    if row["disabled"]:
        raise Conflict(
            f"{row['name']}（{login}）已停用，不能任命。", f"{login} is disabled and cannot be appointed.", login=login
        )


def _post(context: CommandContext, key: str) -> Values:
    row = context.uow.get(tables.post, (key,))
    if row is None:
        raise NotFound(f"没有岗位 {key}。", f"There is no post {key}.", key=key)
    return row
