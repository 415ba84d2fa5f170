"""Rows that have had their day: expired messages, old answers to repeated requests, sessions that nobody uses."""

import re
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from engine.store.base.unit_of_work import UnitOfWork
from engine.store.tables import action_file, attachment, draft, idempotency, message_buffer, session
from engine.store.tables.types import dump

ANSWERS_KEPT = timedelta(days=30)  # for how long a request sent again gets its first answer
SESSIONS_KEPT = timedelta(days=2)  # they have ended long before; see web.frame.auth
_FILE_KEY = re.compile(r"\b[0-9a-f]{32}\b")


def sweep(uow: UnitOfWork, now: datetime, real: datetime) -> dict[str, int]:
    """Remove what is over, by the engine's clock and (for sessions) by the wall clock; return how many rows of each."""
    return {
        "messages": uow.execute(delete(message_buffer).where(message_buffer.c.expires_at <= now)),
        "answers": uow.execute(delete(idempotency).where(idempotency.c.created_at <= now - ANSWERS_KEPT)),
        "sessions": uow.execute(delete(session).where(session.c.seen_at <= real - SESSIONS_KEPT)),
    }


def file_keys(uow: UnitOfWork) -> set[str]:
    """The keys of all files that something speaks of: attachments, files of actions, and files that wait in drafts."""
    keys = {row.storage_key for row in uow.all(select(attachment.c.storage_key))}
    keys |= {row.storage_key for row in uow.all(select(action_file.c.storage_key))}
    for row in uow.all(select(draft.c.data)):
        keys.update(_FILE_KEY.findall(dump(row.data)))
    return keys
