"""The append-only history: one row per event, numbered without gaps and chained by a keyed hash within its stream.

The hash is HMAC-SHA-256 over the row's own values and the hash of the row before it, keyed by the installation's secret:
whoever can write the table but does not hold the secret can neither change, remove nor insert a row unseen. The payload is
hashed exactly as the text that is stored.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, select

from engine.records import record
from engine.store.tables import history, process_instance, stream_head
from engine.store.tables.types import dump

ADMIN_STREAM = "admin"
ANCHORS = "anchors"  # no history: how far the file of anchors goes, see engine.store.rows.anchors


@dataclass(slots=True)
class Head:
    """Where a stream ends now."""

    seq: int
    hash: str


def first_head(secret: bytes, stream: str) -> Head:
    """The head of an empty stream."""
    return Head(0, hmac.new(secret, b"genesis\0" + stream.encode(), hashlib.sha256).hexdigest())


def chained(
    secret: bytes,
    before: str,
    stream: str,
    seq: int,
    at: datetime,
    actor: str,
    acts_for: str | None,
    kind: str,
    payload: str,
) -> str:
    """Return the hash of one row: 64 hexadecimal digits."""
    keyed = _keyed(secret).copy()
    keyed.update(orjson.dumps([before, stream, seq, at.isoformat(), actor, acts_for, kind, payload]))
    return keyed.hexdigest()


@lru_cache(maxsize=8)
def _keyed(secret: bytes) -> hmac.HMAC:
    """HMAC with the key taken in and nothing more: to be copied, because taking in the key costs as much as a row."""
    return hmac.new(secret, digestmod="sha256")


def row_of(
    secret: bytes,
    head: Head,
    stream: str,
    at: datetime,
    actor: str,
    acts_for: str | None,
    kind: str,
    payload: dict[str, Any],
) -> dict[str, Any]:
    """Build the next row of ``stream`` and move ``head`` onto it."""
    text = dump(payload)
    head.seq += 1
    head.hash = chained(secret, head.hash, stream, head.seq, at, actor, acts_for, kind, text)
    return {
        "stream": stream,
        "seq": head.seq,
        "at": at,
        "actor": actor,
        "acts_for": acts_for,
        "kind": kind,
        "payload": text,
        "hash": head.hash,
    }


@record(kw_only=False)
class Mark:
    """What a transaction adds to one stream: the rows ``first`` to ``last``, the last one with this hash."""

    stream: str
    first: int
    last: int
    hash: str


def is_kept(connection: Connection, marks: Sequence[Mark]) -> bool | None:
    """Whether the transaction that was to add ``marks`` was committed; None when that cannot be known.

    For whoever lost the connection while a commit was under way. The heads of the streams are locked first: a server that
    is still busy with that commit is waited for. A stream that the transaction itself began has nothing to lock, so that its
    absence may only mean "not yet".
    """
    if not marks:
        return None
    for key in (process_instance.c.id, stream_head.c.stream):
        connection.execute(select(key).where(key.in_([mark.stream for mark in marks])).order_by(key).with_for_update())
    mark = marks[-1]
    row = select(history.c.hash).where(history.c.stream == mark.stream, history.c.seq == mark.last)
    if connection.execute(row).scalar() == mark.hash:
        return True
    return None if all(mark.first == 1 for mark in marks) else False


@record(kw_only=False)
class Problem:
    """One fault that ``verify`` found."""

    stream: str
    seq: int
    zh: str
    en: str


def verify(connection: Connection, secret: bytes, streams: Iterable[str] | None = None) -> tuple[int, list[Problem]]:
    """Check every chain against its rows and its head; return the number of rows and the problems.

    Finds changed, missing, inserted and cut-off rows. Rewriting a whole chain needs the secret.
    """
    wanted = None if streams is None else set(streams)
    heads = _heads(connection)
    problems: list[Problem] = []
    ends: dict[str, Head] = {}
    count = 0
    for row in _rows(connection, wanted):
        count += 1
        head = ends.get(row.stream)
        if head is None:
            head = ends[row.stream] = first_head(secret, row.stream)
        if row.seq != head.seq + 1:
            problems.append(
                Problem(row.stream, head.seq + 1, f"第 {head.seq + 1} 条记录缺失", f"row {head.seq + 1} is missing")
            )
        expected = chained(
            secret, head.hash, row.stream, row.seq, row.at, row.actor, row.acts_for, row.kind, row.payload
        )
        if not hmac.compare_digest(expected, row.hash):
            problems.append(Problem(row.stream, row.seq, "内容或顺序被改动", "content or order was altered"))
        head.seq, head.hash = row.seq, row.hash
    for stream, (seq, digest) in heads.items():
        if wanted is not None and stream not in wanted:
            continue
        end = ends.get(stream)
        if (end.seq if end else 0) != seq or (end is not None and end.hash != digest):
            found = end.seq if end else 0
            problems.append(
                Problem(stream, seq, f"应有 {seq} 条，实有到第 {found} 条", f"should end at {seq}, ends at {found}")
            )
    for stream in ends.keys() - heads.keys():
        problems.append(Problem(stream, 0, "所属流程实例或流头记录被删除", "its instance or head row was deleted"))
    return count, problems


def _heads(connection: Connection) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for table, key in ((process_instance, process_instance.c.id), (stream_head, stream_head.c.stream)):
        for stream, seq, digest in connection.execute(select(key, table.c.history_seq, table.c.history_hash)):
            found[stream] = (seq, digest)
    found.pop(ANCHORS, None)
    return found


def _rows(connection: Connection, wanted: set[str] | None) -> Iterator[Any]:
    statement = select(history).order_by(history.c.stream, history.c.seq)
    if wanted is not None:
        statement = statement.where(history.c.stream.in_(sorted(wanted)))
    return iter(connection.execution_options(stream_results=True).execute(statement))
