"""How a person likes the lists: saved views (常用查询), and preferences such as the columns of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.commands.running.variables import check_variables
from engine.context import Command
from engine.errors import Conflict, InvalidInput, NotFound
from engine.records import record
from engine.store import tables
from engine.store.rows import inbox as inbox_rows

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values

TABS = frozenset({"assigned", "offered", "done", "started", "copies"})
MAX_QUERY = 2000
MAX_VIEWS = 30  # of one person in one list
PREFERENCES = frozenset({*(f"columns.{tab}" for tab in TABS), "next-task", "notices"})


@record
class SaveView(Command):
    """保存为常用: keep a list's address under a name; the same name again replaces it. Answers {id}.

    ``query`` is what stands behind the question mark. With ``is_default`` the list opens with it.
    """

    tab: str
    name: str
    query: str
    is_default: bool = False

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        name = _checked_name(self.name)
        if self.tab not in TABS:
            raise InvalidInput("没有这个列表。", "There is no such list.", fields={"tab": "?"})
        query = _checked_query(self.query)
        mine = inbox_rows.views_of(context.uow, context.actor.login, self.tab)
        same = next((row for row in mine if row["name"] == name), None)
        if same is None and len(mine) >= MAX_VIEWS:
            raise InvalidInput(
                f"一个列表最多保存 {MAX_VIEWS} 个常用查询，请先删除不用的。",
                f"A list takes at most {MAX_VIEWS} saved views; remove one first.",
                fields={"name": "太多"},
            )
        if self.is_default:
            _none_is_default(context, mine)
        view_id: str = same["id"] if same else context.new_id()
        values = {"query": query, "is_default": self.is_default}
        if same:
            context.uow.update(tables.saved_view, (view_id,), values)
        else:
            fresh = {"id": view_id, "owner": context.actor.login, "tab": self.tab, "name": name}
            context.uow.insert(tables.saved_view, fresh | values | {"created_at": context.now})
        return {"id": view_id}


@record
class ChangeView(Command):
    """Rename one of the actor's views, give it another query, make it the default or not; None leaves it. Answers {id}."""

    view_id: str
    name: str | None = None
    query: str | None = None
    is_default: bool | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        row = context.uow.get(tables.saved_view, (self.view_id,))
        if row is None or row["owner"] != context.actor.login:
            raise _no_view()
        changes: dict[str, Any] = {}
        mine = inbox_rows.views_of(context.uow, context.actor.login, row["tab"])
        if self.name is not None:
            changes["name"] = _checked_name(self.name)
            if any(each["name"] == changes["name"] and each["id"] != self.view_id for each in mine):
                raise Conflict(
                    f"您已有名为「{changes['name']}」的常用查询，请换一个名称。",
                    f"You have a view named {changes['name']!r} already; choose another name.",
                )
        if self.query is not None:
            changes["query"] = _checked_query(self.query)
        if self.is_default is not None:
            if self.is_default:
                _none_is_default(context, mine)
            changes["is_default"] = self.is_default
        if changes:
            context.uow.update(tables.saved_view, (self.view_id,), changes)
        return {"id": self.view_id}


@record
class SetDefaultView(Command):
    """Let a list open with one of the actor's views, or, with ``view_id`` None, with everything."""

    tab: str
    view_id: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        mine = inbox_rows.views_of(context.uow, context.actor.login, self.tab)
        if self.view_id is not None and self.view_id not in {row["id"] for row in mine}:
            raise _no_view()
        _none_is_default(context, mine)
        if self.view_id is not None:
            context.uow.update(tables.saved_view, (self.view_id,), {"is_default": True})
        return {"id": self.view_id}


@record
class RemoveView(Command):
    """Remove one of the actor's views; one that is gone already is no error."""

    view_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        row = context.uow.get(tables.saved_view, (self.view_id,))
        if row is not None and row["owner"] == context.actor.login:
            context.uow.delete(tables.saved_view, (self.view_id,))
        return {"id": self.view_id}


@record
class SetPreference(Command):
    """Remember how the actor likes something; None forgets it."""

    key: str
    value: Any = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.ARRANGE_INBOX)
        if self.key not in PREFERENCES:
            raise InvalidInput("没有这项设置。", "There is no such preference.")
        value = check_variables({"value": self.value})["value"]
        key = (context.actor.login, self.key)
        known = context.uow.get(tables.preference, key)
        if value is None:
            if known is not None:
                context.uow.delete(tables.preference, key)
        elif known is None:
            context.uow.insert(tables.preference, {"login": context.actor.login, "key": self.key, "value": value})
        else:
            context.uow.update(tables.preference, key, {"value": value})
        return {"key": self.key}


def _none_is_default(context: CommandContext, views: list[Values]) -> None:
    for row in views:
        if row["is_default"]:
            context.uow.update(tables.saved_view, (row["id"],), {"is_default": False})


def _checked_name(given: str) -> str:
    name = " ".join(given.split())
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise InvalidInput(
            "请给常用查询起一个 1 至 40 字的名称。",
            "Give the view a name of 1 to 40 characters.",
            fields={"name": "1–40 字"},
        )
    return name


def _checked_query(given: str) -> str:
    if len(given) > MAX_QUERY or not given.isprintable():
        raise InvalidInput(
            f"查询条件不能超过 {MAX_QUERY} 个字符。",
            f"A query has at most {MAX_QUERY} characters.",
            fields={"query": f"≤ {MAX_QUERY}"},
        )
    return given


def _no_view() -> NotFound:
    return NotFound("没有这个常用查询，或不是您的。", "There is no such view of yours.")
