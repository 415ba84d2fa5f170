"""The file of anchors 锚点: where all histories stood, told to a place outside of the database. One line for each anchor, only appended.

A line is a JSON object that ends with its own hash, an HMAC-SHA-256 under the installation's secret over everything before
it, the hash of the line before included: nobody without the secret can change, insert or exchange a line unseen. A line that
was cut off by a full disk stays where it is and is passed over; the next one hangs on the last whole line.
"""

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import orjson

from engine.records import record

BEGINNING = "0" * 64  # what the first line of a file hangs on
_END = b',"hash":"'
_BLOCK = 1 << 16


@record
class Line:
    """One anchor: the ``heads`` of the streams (id: number and hash of the last row) that changed since the line before.

    ``whole``: all streams and not only the changed ones. ``more``: the same anchor goes on in the next line, with the ids after
    the last one of this line.
    """

    no: int
    at: datetime
    before: str
    whole: bool
    more: bool
    heads: Mapping[str, tuple[int, str]]
    hash: str = ""


def write(secret: bytes, line: Line) -> tuple[bytes, str]:
    """Return the text of ``line`` with its end, and its hash."""
    told = {
        "no": line.no,
        "at": line.at.isoformat(),
        "before": line.before,
        "whole": line.whole,
        "more": line.more,
        "heads": line.heads,
    }
    body = orjson.dumps(told)[:-1]
    digest = _hash(secret, body)
    return body + _END + digest.encode() + b'"}\n', digest


def read(secret: bytes, text: bytes) -> Line | None:
    """Return the line that ``text`` is, or None when it is not whole or not ours."""
    body, found, rest = text.rstrip(b"\n").rpartition(_END)
    digest = rest.removesuffix(b'"}')
    if not found or not hmac.compare_digest(digest, _hash(secret, body).encode()):
        return None
    told = orjson.loads(body + b"}")
    heads = {stream: (int(seq), str(end)) for stream, (seq, end) in told["heads"].items()}
    return Line(
        no=told["no"],
        at=datetime.fromisoformat(told["at"]),
        before=told["before"],
        whole=told["whole"],
        more=told["more"],
        heads=heads,
        hash=digest.decode(),
    )


def _hash(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, b"anchor\0" + body, hashlib.sha256).hexdigest()


# ---------------------------------------------------------------- the file


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open the file for reading and appending, alone: other processes of this machine wait. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def append(file: BinaryIO, text: bytes) -> None:
    """Put ``text`` on the disk. Raises OSError, and then takes back what was written where the file allows that."""
    size = file.seek(0, os.SEEK_END)
    if size:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            text = b"\n" + text  # the one before was cut off
    try:
        rest = memoryview(text)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):  # chattr +a: nothing can be taken back
            file.truncate(size)
        raise


def last(secret: bytes, file: BinaryIO) -> Line | None:
    """Return the newest whole line, or None when the file has none."""
    return next((line for text in _backwards(file) if (line := read(secret, text)) is not None), None)


def lines(secret: bytes, file: BinaryIO) -> Iterator[Line]:
    """The whole lines, oldest first."""
    file.seek(0)
    for text in file:
        line = read(secret, text)
        if line is not None:
            yield line


def _backwards(file: BinaryIO) -> Iterator[bytes]:
    position, rest = file.seek(0, os.SEEK_END), b""
    while position:
        step = min(_BLOCK, position)
        position -= step
        file.seek(position)
        rest = file.read(step) + rest
        parts = rest.split(b"\n")
        rest = parts[0]
        yield from (part for part in reversed(parts[1:]) if part)
    if rest:
        yield rest
