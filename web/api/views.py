"""Saved views (常用查询) and columns of the caller's lists over HTTP."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from engine import plain
from engine.access import Verb
from engine.commands.administration.views import ChangeView, RemoveView, SaveView, SetPreference
from web.api.acting import actor, created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body, Query
from web.api.shapes import Code, Identified, Out
from web.frame.policy import asks, signed_in
from web.lists import tabs as inboxlists
from web.lists import worklist

views = Noun(blueprint, "views")

Tab = Literal["assigned", "offered", "done", "started", "copies"]
Title = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Filter = Annotated[str, StringConstraints(max_length=2000)]


class View(Out):
    id: str
    tab: Tab
    name: str
    query: str = Field(description="What stands behind the question mark of the list, as in `GET /tasks`.")
    is_default: bool = Field(description="The list opens with it.")


class ViewList(Out):
    items: list[View]


class ViewsQuery(Query):
    tab: Tab | None = Field(None, description="Of this list only.")


class NewView(Body):
    tab: Tab
    name: Title = Field(description="A name that the list has already: that view is replaced.")
    query: Filter = Field("", description="What is no filter or order of a list falls away.")
    is_default: bool = False


class ViewChange(Body):
    name: Title | None = None
    query: Filter | None = None
    is_default: bool | None = None


class Columns(Out):
    tab: Tab
    shown: list[str] = Field(description="In the order of the list.")
    available: list[str]


class ColumnsList(Out):
    items: list[Columns]


class ChosenColumns(Body):
    shown: list[Code] = Field(max_length=30, description="Empty: the usual ones again.")


@views.get("/views", signed_in, zh="常用查询", query=ViewsQuery, answers={200: ViewList})
def list_views(query: ViewsQuery) -> Any:
    """List the caller's saved views, by list and name."""
    tabs = inboxlists.COLUMNS if query.tab is None else (query.tab,)
    return {"items": [row for tab in tabs for row in queries().inbox.views(actor(), tab)]}


@views.post("/views", asks(Verb.ARRANGE_INBOX), zh="保存常用查询", body=NewView, answers={201: Identified})
def save_view(body: NewView) -> Any:
    """Keep a filter and an order of one list under a name."""
    command = SaveView(
        tab=body.tab, name=body.name, query=worklist.checked_query(body.query), is_default=body.is_default
    )
    return created(execute(command), "/views")


@views.patch(
    "/views/<view_id>",
    asks(Verb.ARRANGE_INBOX),
    zh="修改常用查询",
    body=ViewChange,
    answers={200: Identified},
    errors=(404, 409),
)
def change_view(view_id: str, body: ViewChange) -> Any:
    """Rename one of the caller's views, give it another filter, make it the default or not; what is not named stays."""
    query = None if body.query is None else worklist.checked_query(body.query)
    return execute(ChangeView(view_id=view_id, name=body.name, query=query, is_default=body.is_default))


@views.delete("/views/<view_id>", asks(Verb.ARRANGE_INBOX), zh="删除常用查询", answers={204: None})
def remove_view(view_id: str) -> Any:
    """Remove one of the caller's views; one that is gone already is no error."""
    execute(RemoveView(view_id=view_id))
    return Answer(status=204)


@views.get("/columns", signed_in, zh="列表的列", answers={200: ColumnsList})
def list_columns() -> Any:
    """List what each of the caller's lists shows beside the title, and what it could show."""
    return {"items": [_columns(tab) for tab in inboxlists.COLUMNS]}


@views.put("/columns/<tab>", asks(Verb.ARRANGE_INBOX), zh="选择列", body=ChosenColumns, answers={200: Columns})
def choose_columns(tab: str, body: ChosenColumns) -> Any:
    """Choose what one of the caller's lists shows."""
    known = inboxlists.COLUMNS.get(tab)
    if known is None:
        raise plain.refused(
            "tab", f"须为 {'、'.join(inboxlists.COLUMNS)} 之一", f"one of {', '.join(inboxlists.COLUMNS)}"
        )
    strange = sorted(set(body.shown) - set(known))
    if strange:
        raise plain.refused("shown", f"这个列表没有列 {'、'.join(strange)}", f"no such columns: {', '.join(strange)}")
    execute(SetPreference(key=f"columns.{tab}", value=[name for name in known if name in body.shown] or None))
    return _columns(tab)


def _columns(tab: str) -> dict[str, Any]:
    return {"tab": tab, "shown": inboxlists.columns(actor(), tab), "available": list(inboxlists.COLUMNS[tab])}
