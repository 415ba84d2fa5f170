"""People, departments and candidate groups over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import Field, StringConstraints

from engine import passwords
from engine.access import Verb, may
from engine.commands.administration.people import (
    ChangeDepartment,
    ChangeGroup,
    ChangeMembership,
    ChangePerson,
    CreateDepartment,
    CreateGroup,
    CreatePerson,
    DisablePerson,
    EnablePerson,
    SetPassword,
)
from engine.errors import NotFound
from engine.store.base.paging import Row
from web.api.acting import actor, created, engine, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Code, Id, Listing, Login, Name, Out, PageQuery, Title
from web.frame.auth import services
from web.frame.policy import asks

people = Noun(blueprint, "people")
organisation = Noun(blueprint, "organisation")

GivenRole = Literal["admin", "designer", "clerk", "supervisor", "auditor", "staff"]
Mobile = Annotated[str, StringConstraints(max_length=40)]
PathId = Annotated[str, StringConstraints(max_length=36)]  # "" takes the reference away


class PersonSummary(Out):
    login: str
    name: str
    department_id: str | None
    groups: list[str]
    disabled: bool


class Person(PersonSummary):
    """With the fields that only administrators see; for others they are null."""

    roles: list[str] | None = None
    email: str | None = None
    mobile: str | None = None
    language: str | None = None
    must_change_password: bool | None = None
    created_at: datetime | None = None


class PersonList(Listing):
    items: list[PersonSummary]


class PeopleQuery(PageQuery):
    text: Name = Field("", description="In login or name.")
    department_id: Name | None = None


class NewPerson(Body):
    login: Login
    name: Title
    roles: list[GivenRole] = Field(["staff"], max_length=10)
    department_id: Id | None = None
    groups: list[Code] = Field([], max_length=200)
    email: Name = ""
    mobile: Mobile = ""


class PersonChange(Body):
    name: Title | None = None
    roles: list[GivenRole] | None = Field(None, max_length=10)
    department_id: PathId | None = Field(None, description='"" takes the person out of the department.')
    email: Name | None = None
    mobile: Mobile | None = None


class Membership(Body):
    groups: list[Code] = Field(max_length=200)


class LoginOnly(Out):
    login: str


class OneTimePassword(LoginOnly):
    password: str = Field(description="Shown once; must be changed at the first sign-in.")


class Department(Out):
    id: str
    code: str
    name: str
    parent_id: str | None


class DepartmentList(Out):
    items: list[Department]


class NewDepartment(Body):
    code: Code
    name: Title
    parent_id: Id | None = None


class DepartmentChange(Body):
    name: Title | None = None
    parent_id: PathId | None = Field(None, description='"" moves it to the top.')


class Group(Out):
    key: str
    name: str
    department_id: str | None
    members: int


class Member(Out):
    login: str
    name: str


class GroupWithMembers(Out):
    key: str
    name: str
    department_id: str | None
    members: list[Member]


class GroupList(Out):
    items: list[Group]


class NewGroup(Body):
    key: Code
    name: Title
    department_id: Id | None = None


class GroupChange(Body):
    name: Title | None = None
    department_id: PathId | None = Field(None, description='"" takes the group out of its department.')


class Key(Out):
    key: str


@people.get("/people", asks(Verb.VIEW_PEOPLE), zh="人员", query=PeopleQuery, answers={200: PersonList})
def list_people(query: PeopleQuery) -> Any:
    """List people by login."""
    page = queries().admin.people(
        text=query.text, department_id=query.department_id, after=query.after, limit=query.limit
    )
    return {"items": page.rows, "next": page.next}


@people.get("/people/<login>", asks(Verb.VIEW_PEOPLE), zh="一位人员", answers={200: Person}, errors=(404,))
def get_person(login: str) -> Any:
    """Get one person; roles, addresses and account details only for administrators."""
    row = queries().admin.person(login)
    if row is None:
        raise NotFound(f"没有账号 {login}。", f"There is no person {login}.", login=login)
    return row if may(actor(), Verb.MANAGE_PEOPLE).allowed else PersonSummary.model_validate(row).model_dump()


@people.post(
    "/people", asks(Verb.MANAGE_PEOPLE), zh="新增人员", body=NewPerson, answers={201: LoginOnly}, errors=(404, 409)
)
def create_person(body: NewPerson) -> Answer:
    """Add a person. Nobody can sign in with the account until a password is set."""
    result = execute(
        CreatePerson(
            login=body.login,
            name=body.name,
            roles=tuple(body.roles),
            department_id=body.department_id,
            groups=tuple(body.groups),
            email=body.email,
            mobile=body.mobile,
        )
    )
    return created(result, f"/people/{body.login}")


@people.patch(
    "/people/<login>",
    asks(Verb.MANAGE_PEOPLE),
    zh="修改人员",
    body=PersonChange,
    answers={200: LoginOnly},
    errors=(404, 409),
)
def change_person(login: str, body: PersonChange) -> Any:
    """Change what is known of a person; fields that are left out stay as they are."""
    return execute(
        ChangePerson(
            login=login,
            name=body.name,
            roles=None if body.roles is None else tuple(body.roles),
            department_id=body.department_id,
            email=body.email,
            mobile=body.mobile,
        )
    )


@people.put(
    "/people/<login>/groups",
    asks(Verb.MANAGE_PEOPLE),
    zh="设置人员所在的办理组",
    body=Membership,
    answers={200: LoginOnly},
    errors=(404,),
)
def set_groups(login: str, body: Membership) -> Any:
    """Set in which groups a person is: exactly these."""
    return execute(ChangeMembership(login=login, groups=tuple(body.groups)))


@people.post(
    "/people/<login>/disable", asks(Verb.MANAGE_PEOPLE), zh="停用账号", answers={200: LoginOnly}, errors=(404, 409)
)
def disable_person(login: str) -> Any:
    """Disable an account: sessions end and tokens are revoked at once; tasks in hand stay."""
    return execute(DisablePerson(login=login))


@people.post("/people/<login>/enable", asks(Verb.MANAGE_PEOPLE), zh="启用账号", answers={200: LoginOnly}, errors=(404,))
def enable_person(login: str) -> Any:
    """Enable a disabled account."""
    return execute(EnablePerson(login=login))


@people.post(
    "/people/<login>/password",
    asks(Verb.MANAGE_PEOPLE),
    zh="重置密码",
    answers={200: OneTimePassword},
    errors=(404,),
    takes_key=False,
)
def reset_password(login: str) -> Any:
    """Give a person a new generated password and end all sessions of the person."""
    password = passwords.generate()
    command = SetPassword(login=login, password_hash=services().passwords.hash(password), must_change_password=True)
    return engine().execute(command, actor=actor()) | {"password": password}


@organisation.get("/departments", asks(Verb.VIEW_PEOPLE), zh="部门", answers={200: DepartmentList})
def list_departments() -> Any:
    """List departments by code."""
    return {"items": queries().admin.departments()}


@organisation.post(
    "/departments",
    asks(Verb.MANAGE_PEOPLE),
    zh="新增部门",
    body=NewDepartment,
    answers={201: Department},
    errors=(404, 409),
)
def create_department(body: NewDepartment) -> Answer:
    """Add a department."""
    result = execute(CreateDepartment(code=body.code, name=body.name, parent_id=body.parent_id))
    made = {"id": result["id"], "code": result["code"], "name": body.name.strip(), "parent_id": body.parent_id}
    return created(made, f"/departments/{result['id']}")


@organisation.get(
    "/departments/<department_id>", asks(Verb.VIEW_PEOPLE), zh="一个部门", answers={200: Department}, errors=(404,)
)
def get_department(department_id: str) -> Row:
    """Get one department."""
    return _department(department_id)


@organisation.patch(
    "/departments/<department_id>",
    asks(Verb.MANAGE_PEOPLE),
    zh="修改部门",
    body=DepartmentChange,
    answers={200: Department},
    errors=(404, 409),
)
def change_department(department_id: str, body: DepartmentChange) -> Any:
    """Rename a department or move it below another one."""
    execute(ChangeDepartment(department_id=department_id, name=body.name, parent_id=body.parent_id))
    return _department(department_id)


@organisation.get("/groups", asks(Verb.VIEW_PEOPLE), zh="办理组", answers={200: GroupList})
def list_groups() -> Any:
    """List candidate groups by key."""
    return {"items": queries().admin.groups()}


@organisation.post(
    "/groups", asks(Verb.MANAGE_PEOPLE), zh="新增办理组", body=NewGroup, answers={201: Key}, errors=(404, 409)
)
def create_group(body: NewGroup) -> Answer:
    """Add a candidate group; models name it by its key."""
    result = execute(CreateGroup(key=body.key, name=body.name, department_id=body.department_id))
    return created(result, f"/groups/{quote(body.key, safe='')}")


@organisation.get(
    "/groups/<key>", asks(Verb.VIEW_PEOPLE), zh="一个办理组", answers={200: GroupWithMembers}, errors=(404,)
)
def get_group(key: str) -> Any:
    """Get one group with its active members."""
    row = next((row for row in queries().admin.groups() if row["key"] == key), None)
    if row is None:
        raise NotFound(f"没有办理组 {key}。", f"There is no group {key}.", key=key)
    return row | {"members": queries().admin.members(key)}


@organisation.patch(
    "/groups/<key>",
    asks(Verb.MANAGE_PEOPLE),
    zh="修改办理组",
    body=GroupChange,
    answers={200: Key},
    errors=(404,),
)
def change_group(key: str, body: GroupChange) -> Any:
    """Rename a group or give it to another department."""
    return execute(ChangeGroup(key=key, name=body.name, department_id=body.department_id))


def _department(department_id: str) -> Row:
    row = next((row for row in queries().admin.departments() if row["id"] == department_id), None)
    if row is None:
        raise NotFound(f"没有编号为 {department_id} 的部门。", f"There is no department {department_id}.")
    return row
