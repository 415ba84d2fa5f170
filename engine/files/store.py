"""Where uploads lie: one file per random key under a folder that no web server serves."""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from engine.errors import InvalidInput, NotFound, TooLarge, Unavailable
from engine.files.examiner import examine
from engine.files.kinds import Kind, kind_of
from engine.files.names import clean_name
from engine.files.refusal import Refused
from engine.records import record

_KEY = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = ".part"
RETRY_AFTER = 30  # seconds: somebody has to look after the disk


@record
class StoredFile:
    """What the database keeps of a file. ``sha256`` (hex) and ``size`` (bytes) are those of the stored bytes."""

    key: str
    name: str
    media_type: str
    size: int
    sha256: str


class StorageUnavailable(Unavailable):
    """The disk of the uploads takes or gives nothing: full, read-only, gone."""

    code = "storage-unavailable"


def _unavailable(error: OSError) -> StorageUnavailable:
    reason = error.strerror or type(error).__name__
    return StorageUnavailable(
        f"存放文件的磁盘暂时不能使用（{reason}）。请稍后再试；一直如此时请告诉管理员。",
        f"The disk that keeps the files cannot be used just now ({reason}). Try again later; if it stays so, tell an "
        "administrator.",
        retry_after=RETRY_AFTER,
    )


class FileStore:
    """The files under ``root``. A file without a row in the database is an orphan; ``orphans`` finds those."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def accept(self, name: str, data: bytes) -> StoredFile:
        """Examine and store an upload. When this returns, the bytes are on the disk.

        Raises InvalidInput (``facts["reason"]`` is the code of the refusal) or TooLarge, and then stores nothing.
        """
        try:
            cleaned, extension = clean_name(name)
            kind = kind_of(extension)
            _check_size(kind, len(data))
            content = examine(kind, data)
        except Refused as refused:
            shown = name.replace("\\", "/").rpartition("/")[2][:80]
            shown = "".join(character for character in shown if character.isprintable())
            raise InvalidInput(
                f"「{shown}」不能上传：{refused.zh}",
                f"{shown} is refused: {refused.en}",
                reason=refused.code,
                file=shown,
            ) from refused
        key = secrets.token_hex(16)
        self._write(key, content)
        return StoredFile(
            key=key,
            name=cleaned,
            media_type=kind.media_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )

    def open(self, key: str) -> BinaryIO:
        """Open the stored bytes for reading; raises NotFound when there are none."""
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            # ELOOP: somebody put a link in its place.
            raise _missing() if error.errno in (errno.ENOENT, errno.ELOOP) else _unavailable(error) from error
        return os.fdopen(descriptor, "rb")

    def delete(self, key: str) -> None:
        """Remove a file; one that is gone already is no error."""
        self._path(key).unlink(missing_ok=True)

    def orphans(self, known: Collection[str], *, before: datetime) -> Iterator[str]:
        """Yield the keys that are not in ``known`` and lie here since before ``before`` (aware).

        A crash between writing the file and committing its row leaves one. Younger files are left alone: their row may
        be about to be committed. Unfinished files that are as old are removed on the way.
        """
        limit = before.astimezone(UTC).timestamp()
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/*")):
            if path.stat().st_mtime >= limit:
                continue
            if path.name.endswith(_UNFINISHED):
                path.unlink(missing_ok=True)
            elif _KEY.fullmatch(path.name) and path.name not in known:
                yield path.name

    def _path(self, key: str) -> Path:
        # A key comes from the database, but a path must never be built from anything that is not one.
        if not _KEY.fullmatch(key):
            raise _missing()
        return self.root / key[:2] / key

    def _write(self, key: str, content: bytes) -> None:
        """Write, sync, rename, sync the folder: after a power cut there is the whole file or none."""
        try:
            self._write_whole(self._path(key), content)
        except OSError as error:
            raise _unavailable(error) from error

    def _write_whole(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = path.with_name(path.name + _UNFINISHED)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.rename(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        for folder in (path.parent, self.root):
            _sync_folder(folder)


def _check_size(kind: Kind, size: int) -> None:
    if size == 0:
        raise Refused("empty", "文件是空的。", "The file is empty.")
    if size > kind.max_bytes:
        limit = kind.max_bytes >> 20
        raise TooLarge(
            f"{kind.label_zh}不能超过 {limit} MB，请压缩或拆分后上传。",
            f"A {kind.name} file may have at most {limit} MB; compress or split it.",
            limit=kind.max_bytes,
            size=size,
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing() -> NotFound:
    return NotFound("文件不存在。", "There is no such file.")
