"""Notices over HTTP: what the caller was told."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.runtime.notice import Kind, sentence
from web.api.acting import actor, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.shapes import Flag, Listing, Out, PageQuery
from web.policy import signed_in

notices = Noun(blueprint, "notices")


class Notice(Out):
    id: str
    kind: Kind
    text: str = Field(description="The whole notice in one line, in Chinese.")
    text_en: str
    title: str
    instance_id: str | None
    task_id: str | None
    created_at: datetime
    read_at: datetime | None


class NoticeList(Listing):
    items: list[Notice]


class NoticesQuery(PageQuery):
    unread: Flag = Field(False, description="Only those that were not looked at.")


@notices.get("/notices", signed_in, zh="通知", query=NoticesQuery, answers={200: NoticeList})
def list_notices(query: NoticesQuery) -> Any:
    """List what the caller was told, newest first."""
    page = queries().inbox.notices(actor(), unread=query.unread, after=query.after, limit=query.limit)
    return {"items": [row | _texts(row) for row in page.rows], "next": page.next}


def _texts(row: dict[str, Any]) -> dict[str, str]:
    kind = Kind(row["kind"])
    return {
        "text": sentence(kind, row["title"], row["facts"], "zh"),
        "text_en": sentence(kind, row["title"], row["facts"], "en"),
    }
