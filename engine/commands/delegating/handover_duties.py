"""离职交接 of what belongs to the house and to no instance: groups, posts 岗位, and who leads a department."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.people import DepartmentLed, MembershipChanged, PostsChanged
from engine.records import record
from engine.runtime.handover import Kind, Line
from engine.store import tables
from engine.store.rows import leaving, organisation

if TYPE_CHECKING:
    from engine.context import CommandContext


@record
class Duties:
    """Who takes over what: nobody does where it is empty, and the report says that it is vacant."""

    groups_to: str = ""
    posts_to: str = ""
    leads_to: str = ""

    @property
    def people(self) -> frozenset[str]:
        return frozenset({self.groups_to, self.posts_to, self.leads_to}) - {""}


def hand_over(context: CommandContext, leaver: str, duties: Duties) -> Iterator[Line]:
    """The leaver leaves all groups, posts and leaderships; those named take his places."""
    yield from _groups(context, leaver, duties.groups_to)
    yield from _posts(context, leaver, duties.posts_to)
    yield from _leads(context, leaver, duties.leads_to)


def _groups(context: CommandContext, leaver: str, to: str) -> Iterator[Line]:
    left = leaving.groups(context.uow, leaver)
    if not left:
        return
    joined = sorted(set(left) - set(leaving.groups(context.uow, to))) if to else []
    for key in left:
        context.uow.delete(tables.membership, (leaver, key))
    for key in joined:
        context.uow.insert(tables.membership, {"login": to, "group_key": key})
    context.record_admin(MembershipChanged(login=leaver, left=tuple(left)))
    if joined:
        context.record_admin(MembershipChanged(login=to, joined=tuple(joined)))
    for key in left:
        yield Line(kind=Kind.GROUP, id=key, what=key, to=to or None)


def _posts(context: CommandContext, leaver: str, to: str) -> Iterator[Line]:
    left = organisation.tenures(context.uow, leaver)
    if not left:
        return
    held = organisation.tenures(context.uow, to) if to else set()
    for key, department_id in sorted(left):
        context.uow.delete(tables.person_post, (leaver, key, department_id))
        if to and (key, department_id) not in held:
            row = {"login": to, "post_key": key, "department_id": department_id}
            context.uow.insert(tables.person_post, row)
    context.record_admin(PostsChanged(login=leaver, posts=()))
    if to and not left <= held:
        told = tuple(f"{key}@{department_id}" for key, department_id in sorted(held | left))
        context.record_admin(PostsChanged(login=to, posts=told))
    for key, department_id in sorted(left):
        post, department = (
            context.uow.get(tables.post, (key,)) or {},
            context.uow.get(tables.department, (department_id,)) or {},
        )
        what = " · ".join((department.get("name", department_id), post.get("name", key)))
        yield Line(kind=Kind.POST, id=f"{key}@{department_id}", what=what, to=to or None)


def _leads(context: CommandContext, leaver: str, to: str) -> Iterator[Line]:
    """Nobody is leader and deputy of one department: whoever is one of them already only loses the leaver beside him."""
    for row in leaving.led(context.uow, leaver):
        leader, deputies = row["leader"], list(row["deputies"] or ())
        place = Kind.LEADER if leader == leaver else Kind.DEPUTY
        if leader == leaver:
            leader = to or None
            deputies = [login for login in deputies if login not in (leaver, to)]
        else:
            takes = "" if to in (leader, *deputies) else to
            deputies = [login for each in deputies if (login := takes if each == leaver else each)]
        values = {"leader": leader, "deputies": deputies or None}
        context.uow.update(tables.department, (row["id"],), values)
        context.record_admin(DepartmentLed(department_id=row["id"], leader=leader, deputies=tuple(deputies)))
        yield Line(kind=place, id=row["id"], what=row["name"], to=to or None)
