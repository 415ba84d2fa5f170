"""Reading what belongs to a person's inbox beside the tasks: saved views, preferences, copies, comments, notices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select

from engine.access import Actor
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.queries.inbox_lists import COUNT_CAP
from engine.store.queries.windows import holds, newest_first
from engine.store.tables import action_file, comment, copy, notification, phrase, preference, saved_view


class InboxQueries:
    """Reads what is the actor's own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def views(self, actor: Actor, tab: str) -> list[Row]:
        """The actor's saved views of a list, by name."""
        mine = (saved_view.c.owner == actor.login) & (saved_view.c.tab == tab)
        return self._rows(select(saved_view).where(mine).order_by(saved_view.c.name))

    def view(self, view_id: str) -> Row | None:
        """One saved view, whoever saved it: its address can be passed on, and shows everybody their own list."""
        rows = self._rows(select(saved_view).where(saved_view.c.id == view_id))
        return rows[0] if rows else None

    def preference(self, actor: Actor, key: str) -> Any:
        """How the actor likes something; None when nothing was said."""
        mine = (preference.c.login == actor.login) & (preference.c.key == key)
        rows = self._rows(select(preference.c.value).where(mine))
        return rows[0]["value"] if rows else None

    def copies(
        self, actor: Actor, *, text: str = "", unread: bool = False, after: str | None = None, limit: int = 20
    ) -> Page:
        """抄送我的: copies for the actor, newest first. A narrowed page looks at WINDOW copies at most (see ``inbox_lists``)."""
        limit = clamp(limit)
        later = behind(after, copy.c.sent_at, copy.c.id, descending=True)
        mine = select(copy).where(copy.c.recipient == actor.login, *([] if later is None else [later]))

        def narrow(near: Subquery) -> list[ColumnElement[bool]]:
            found: list[ColumnElement[bool]] = [near.c.read_at.is_(None)] if unread else []
            return [*found, holds(near, text, "business_key", "title", "applicant")] if text else found

        with self.database.read() as connection:
            return newest_first(
                connection, mine, (copy.c.sent_at, copy.c.id), limit, narrow if text or unread else None
            )

    def unread_copies(self, actor: Actor) -> int:
        """How many copies the actor has not opened, at most COUNT_CAP."""
        mine = (copy.c.recipient == actor.login) & copy.c.read_at.is_(None)
        counted = select(func.count().label("n")).select_from(select(copy.c.id).where(mine).limit(COUNT_CAP).subquery())
        return int(self._rows(counted)[0]["n"])

    def copy(self, copy_id: str) -> Row | None:
        """One copy, or None."""
        rows = self._rows(select(copy).where(copy.c.id == copy_id))
        return rows[0] if rows else None

    def copies_of(self, instance_id: str) -> list[Row]:
        """All copies of an instance with their read marks, oldest first."""
        return self._rows(select(copy).where(copy.c.instance_id == instance_id).order_by(copy.c.sent_at, copy.c.id))

    def comments_of(self, instance_id: str) -> list[Row]:
        """What was said about an instance and not taken back, oldest first."""
        standing = (comment.c.instance_id == instance_id) & comment.c.withdrawn_at.is_(None)
        return self._rows(select(comment).where(standing).order_by(comment.c.said_at, comment.c.id))

    def comment(self, comment_id: str) -> Row | None:
        """One comment, or None."""
        rows = self._rows(select(comment).where(comment.c.id == comment_id))
        return rows[0] if rows else None

    def notices(self, actor: Actor, *, unread: bool = False, after: str | None = None, limit: int = 20) -> Page:
        """What the actor was told, newest first."""
        limit = clamp(limit)
        later = behind(after, notification.c.created_at, notification.c.id, descending=True)
        mine = [notification.c.recipient == actor.login, *([] if later is None else [later])]
        if unread:
            mine.append(notification.c.read_at.is_(None))  # a partial index holds just these
        order = (notification.c.created_at.desc(), notification.c.id.desc())
        rows = self._rows(select(notification).where(*mine).order_by(*order).limit(limit + 1))
        return page(rows, limit, "created_at", "id")

    def notice(self, notice_id: str) -> Row | None:
        """One notice, or None."""
        rows = self._rows(select(notification).where(notification.c.id == notice_id))
        return rows[0] if rows else None

    def unread_notices(self, actor: Actor) -> int:
        """How much the actor was told and has not looked at, at most COUNT_CAP."""
        mine = (notification.c.recipient == actor.login) & notification.c.read_at.is_(None)
        few = select(notification.c.id).where(mine).limit(COUNT_CAP).subquery()
        return int(self._rows(select(func.count().label("n")).select_from(few))[0]["n"])

    def files_of(self, instance_id: str) -> list[Row]:
        """Attachments and signatures of the actions on an instance that stand, oldest first."""
        standing = (action_file.c.instance_id == instance_id) & action_file.c.removed_at.is_(None)
        return self._rows(select(action_file).where(standing).order_by(action_file.c.added_at, action_file.c.id))

    def file(self, file_id: str) -> Row | None:
        """One file of an action, or None."""
        rows = self._rows(select(action_file).where(action_file.c.id == file_id))
        return rows[0] if rows else None

    def phrases(self, actor: Actor) -> list[Row]:
        """The actor's phrases, then those of the bureau."""
        known = or_(phrase.c.owner == actor.login, phrase.c.owner.is_(None))
        rows = self._rows(select(phrase).where(known).order_by(phrase.c.position, phrase.c.id))
        return sorted(rows, key=lambda row: row["owner"] is None)

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]
