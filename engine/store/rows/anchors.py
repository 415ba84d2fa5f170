"""Taking anchors of all histories and holding the histories against them.

The chain of a history proves what is there. It cannot prove that nothing is missing: an instance deleted with its rows, a
chain cut off together with its head, an old database put back. So where all histories stand is told to a file outside of the
database (``engine.store.base.anchor_file``), and ``compare`` names what vanished, shrank or was rewritten since.

``process_instance.anchor`` is the number of the anchor that told of the row's head, 0 since it changed: what an anchor costs
is what changed. The file is written first, the numbers follow; whoever is stopped between the two goes on where it stopped.
Nobody has to believe the numbers: ``compare`` names a row that claims to be told and is not.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Integer, String, bindparam, column, func, literal_column, select, update, values

from engine.records import record
from engine.store.base import anchor_file
from engine.store.base.anchor_file import BEGINNING, Line
from engine.store.base.database import Database
from engine.store.base.history import ANCHORS, Problem
from engine.store.tables import history, process_instance, stream_head

logger = logging.getLogger("banjie.anchors")

HEADS = 20_000  # in one line; more follow in the next one, at once
MARKED = 500  # rows of one transaction
COMPARED = 500  # heads of one query
LOCAL = timedelta(hours=8)  # the day begins at midnight in China

_HEADS = select(process_instance.c.id, process_instance.c.history_seq, process_instance.c.history_hash)
# The nought is written out: no database takes a partial index for a parameter.
_CHANGED = _HEADS.where(process_instance.c.anchor == literal_column("0"))
_LOCK = (
    select(process_instance.c.id, process_instance.c.history_seq)
    .where(process_instance.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(process_instance.c.id)
    .with_for_update(skip_locked=True)
)
_MARK = (
    update(process_instance)
    .where(process_instance.c.id.in_(bindparam("ids", expanding=True)))
    .values(anchor=bindparam("no"))
)


@record
class Anchors:
    """The anchors of one installation: the file, and how often one is taken (``every``; zero: by hand only)."""

    file: Path
    every: timedelta
    secret: bytes

    def take(self, database: Database, now: datetime, *, even_if_early: bool = False) -> Line | None:
        """Write the next line when it is time; return it, or None. ``more``: there is more to write, at once.

        Raises OSError when the file cannot be written. Nothing else of the house waits for it.
        """
        with anchor_file.opened(self.file) as file:
            last = anchor_file.last(self.secret, file)
            if not (even_if_early or self._is_due(last, now)):
                return None
            _catch_up(database, self.secret, file)
            line = _next(database, self.secret, file, last, now)
            text, digest = anchor_file.write(self.secret, line)
            anchor_file.append(file, text)
            written = Line(
                no=line.no,
                at=line.at,
                before=line.before,
                whole=line.whole,
                more=line.more,
                heads=line.heads,
                hash=digest,
            )
            _mark(database, written)
            return written

    def _is_due(self, last: Line | None, now: datetime) -> bool:
        if not self.every:
            return False
        return last is None or last.more or self._period(last.at) != self._period(now)

    def _period(self, moment: datetime) -> int:
        return int((moment + LOCAL).timestamp() // self.every.total_seconds())


# ---------------------------------------------------------------- taking


def known(connection: Connection) -> tuple[int, str]:
    """The number and the hash of the newest line that the database knows; (0, BEGINNING) when it knows none."""
    statement = select(stream_head.c.history_seq, stream_head.c.history_hash).where(stream_head.c.stream == ANCHORS)
    row = connection.execute(statement).first()
    return (row[0], row[1]) if row else (0, BEGINNING)


def _catch_up(database: Database, secret: bytes, file: BinaryIO) -> None:
    """Mark what lines tell of which the database knows nothing: somebody was stopped, or an older database was put back."""
    with database.read() as connection:
        _, digest = known(connection)
    newest = anchor_file.last(secret, file)
    if newest is None or newest.hash == digest:
        return
    later: list[Line] | None = None
    for line in anchor_file.lines(secret, file):
        if line.hash == digest:
            later = []
        elif later is not None:
            later.append(line)
    if later is None:
        logger.error(
            "%s does not hold the anchor that the database stands at: all histories are told to it anew. Was an older database, or "
            "an older file, put back? ./banjie history verify --anchors %s names what differs",
            file.name,
            file.name,
        )
    for line in later or ():
        behind = _behind(database, line)
        if behind:
            logger.error(
                "the database is older than anchor %d of %s: %d histories are shorter, the first is %s. "
                "./banjie history verify --anchors %s names them",
                line.no,
                line.at.isoformat(),
                len(behind),
                behind[0],
                file.name,
            )
        _mark(database, line)


def _behind(database: Database, line: Line) -> list[str]:
    with database.read() as connection:
        found: list[str] = []
        for some in _in_parts(sorted(line.heads), COMPARED):
            now = _ends(connection, some)
            found += [stream for stream in some if now.get(stream, 0) < line.heads[stream][0]]
    return found


def _next(database: Database, secret: bytes, file: BinaryIO, last: Line | None, now: datetime) -> Line:
    """The next line of this file: what changed since the last one, or everything where that cannot be known."""
    with database.read() as connection:
        no, digest = known(connection)
        is_known = last is not None and last.hash == digest
        goes_on = is_known and last is not None and last.whole and last.more
        whole = not is_known or goes_on
        statement = _HEADS if whole else _CHANGED
        if goes_on and last is not None:
            statement = statement.where(process_instance.c.id > max(last.heads, default=""))
        rows = connection.execute(statement.order_by(process_instance.c.id).limit(HEADS + 1)).all()
        heads = {row[0]: (row[1], row[2]) for row in rows[:HEADS]}
        more = len(rows) > HEADS
        if not more:
            ends = select(stream_head).where(stream_head.c.stream != ANCHORS)
            heads |= {row.stream: (row.history_seq, row.history_hash) for row in connection.execute(ends)}
    return Line(
        no=last.no + 1 if last else no + 1,
        at=now,
        before=last.hash if last else BEGINNING,
        whole=whole,
        more=more,
        heads=heads,
    )


def _mark(database: Database, line: Line) -> None:
    """Say in the rows that the line told of them, few at a time; who is locked now is changing and told of by the next one."""
    for some in _in_parts(sorted(line.heads), MARKED):
        with database.write() as connection:
            free = connection.execute(_LOCK, {"ids": list(some)})
            told = [stream for stream, seq in free if seq == line.heads[stream][0]]
            if told:
                connection.execute(_MARK, {"ids": told, "no": line.no})
    with database.write() as connection:
        end = {"history_seq": line.no, "history_hash": line.hash}
        if not connection.execute(update(stream_head).where(stream_head.c.stream == ANCHORS).values(end)).rowcount:
            connection.execute(stream_head.insert(), {"stream": ANCHORS} | end)


# ---------------------------------------------------------------- holding against


@record
class Comparison:
    """What ``compare`` found: lines read, their last one, problems, and whether the database goes on in this file."""

    lines: int
    newest: Line | None
    problems: Sequence[Problem]
    is_current: bool


def compare(connection: Connection, secret: bytes, path: Path, streams: Sequence[str] = ()) -> Comparison:
    """Hold all histories, or some, against every line of the file. Raises OSError.

    Names what vanished, shrank or was rewritten since an anchor, lines that are missing, and rows that claim to be told of and
    are not (only in the file in which the database goes on: an older copy cannot know).
    """
    wanted = frozenset(streams)
    found: dict[str, Problem] = {}
    missing: list[Problem] = []
    told: set[str] = set()
    count, before = 0, None
    with path.open("rb") as file:
        for line in anchor_file.lines(secret, file):
            count += 1
            missing += _gap(before, line)
            for some in _in_parts(sorted(wanted & line.heads.keys() if wanted else line.heads), COMPARED):
                _hold(connection, line, some, found, told)
            before = line
    is_current = before is not None and known(connection)[1] == before.hash
    problems = [*missing, *found.values()]
    if is_current:
        problems += _untold(connection, told | found.keys(), wanted)
    if before is None:
        problems.append(Problem(ANCHORS, 0, "文件里没有本系统的锚点", "the file holds no anchor of this installation"))
    return Comparison(lines=count, newest=before, problems=problems, is_current=is_current)


def _gap(before: Line | None, line: Line) -> list[Problem]:
    if before is None:
        return (
            [] if line.before == BEGINNING else [_lost(1, line.no, "之前的锚点缺失", "anchors before it are missing")]
        )
    if line.before == before.hash and line.no == before.no + 1:
        return []
    return [_lost(before.no, line.no, "之间的锚点缺失或被换", "anchors between are missing or were exchanged")]


def _lost(first: int, no: int, zh: str, en: str) -> Problem:
    return Problem(ANCHORS, no, f"锚点 {first} 到 {no}：{zh}", f"anchors {first} to {no}: {en}")


def _hold(
    connection: Connection, line: Line, streams: Sequence[str], found: dict[str, Problem], told: set[str]
) -> None:
    places = [(stream, line.heads[stream][0]) for stream in streams]
    # A join: PostgreSQL would look for a list of pairs one by one, each with a plan of its own.
    wanted = values(column("stream", String), column("seq", Integer)).data(places).cte("wanted")
    is_it = (history.c.stream == wanted.c.stream) & (history.c.seq == wanted.c.seq)
    rows = connection.execute(select(history.c.stream, history.c.hash).select_from(wanted.join(history, is_it)))
    there: dict[str, str] = {row[0]: row[1] for row in rows}
    wrong = [stream for stream in streams if there.get(stream) != line.heads[stream][1]]
    ends = _rows_left(connection, wrong) if wrong else {}
    for stream in wrong:
        found[stream] = _problem(line, stream, stream in there, ends.get(stream, 0))
    now = _ends(connection, streams)
    told.update(stream for stream in streams if now.get(stream) == line.heads[stream][0])


def _problem(line: Line, stream: str, is_there: bool, end: int) -> Problem:
    seq, day = line.heads[stream][0], (line.at + LOCAL).date().isoformat()
    if is_there:
        zh, en = "该条记录之后被改写", "that record was rewritten since"
    elif end:
        zh, en = f"现在只到第 {end} 条", f"now it ends at {end}"
    else:
        zh, en = "现在整个历史都不在了", "now the whole history is gone"
    return Problem(
        stream,
        seq,
        f"锚点 {line.no}（{day}）记到第 {seq} 条，{zh}",
        f"anchor {line.no} ({day}) knows {seq} records; {en}",
    )


def _untold(connection: Connection, told: set[str], wanted: frozenset[str]) -> Iterator[Problem]:
    claims = select(process_instance.c.id, process_instance.c.history_seq).where(process_instance.c.anchor != 0)
    for stream, seq in connection.execute(claims.order_by(process_instance.c.id)):
        if stream not in told and (not wanted or stream in wanted):
            yield Problem(
                stream, seq, "自称已记入锚点，锚点里却没有", "claims to be told by an anchor, and no anchor tells of it"
            )


def _ends(connection: Connection, streams: Sequence[str]) -> dict[str, int]:
    """Where the heads of these streams stand."""
    found: dict[str, int] = {}
    for table, key in ((process_instance, process_instance.c.id), (stream_head, stream_head.c.stream)):
        rows = connection.execute(select(key, table.c.history_seq).where(key.in_(streams)))
        found |= {row[0]: row[1] for row in rows}
    return found


def _rows_left(connection: Connection, streams: Sequence[str]) -> dict[str, int]:
    statement = select(history.c.stream, func.max(history.c.seq)).where(history.c.stream.in_(streams))
    return {row[0]: row[1] for row in connection.execute(statement.group_by(history.c.stream))}


def _in_parts(streams: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(streams), size):
        yield streams[start : start + size]
