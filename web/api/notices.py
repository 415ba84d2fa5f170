"""Notices over HTTP: what the caller was told."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.access import Verb
from engine.commands.notices.notifications import ReadNotice
from engine.runtime.notice import Kind, sentence
from web.api.acting import actor, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Noun
from web.api.shapes import Flag, Listing, Out, PageQuery
from web.frame.policy import asks, signed_in

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


class ReadNotices(Out):
    read: int = Field(description="How many were marked.")


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


@notices.post("/notices/read", asks(Verb.ARRANGE_INBOX), zh="通知全部已读", answers={200: ReadNotices})
def read_all() -> Any:
    """Mark everything that the caller was told as read."""
    return execute(ReadNotice())


@notices.post(
    "/notices/<notice_id>/read", asks(Verb.ARRANGE_INBOX), zh="通知已读", answers={200: ReadNotices}, errors=(404,)
)
def read_one(notice_id: str) -> Any:
    """Mark one notice as read; the first time counts."""
    return execute(ReadNotice(notice_id=notice_id))
