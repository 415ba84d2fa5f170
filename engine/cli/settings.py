"""Where this installation keeps its things: the data folder, the database, the secret, the clock. Reads the environment."""

import argparse
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.cli.console import Stop
from engine.cli.installation import explain
from engine.records import record
from engine.store.rows.anchors import Anchors

ROOT = Path(__file__).resolve().parents[2]
SECRET_BYTES = 32


@record(kw_only=False)
class Settings:
    """One installation.

    ``now`` is the frozen clock of demonstrations and checks (BANJIE_NOW), None for the real one; ``outgoing`` lists the places
    inside the house's own network that processes may call (BANJIE_OUTGOING, see ``engine.outgoing.policy``); ``anchor_file``
    and ``anchor_hours`` say where anchors of the history go and how often (BANJIE_ANCHORS, BANJIE_ANCHOR_HOURS; 0: by hand).
    """

    var: Path
    database_url: str
    now: datetime | None = None
    outgoing: str = ""
    anchor_file: Path | None = None
    anchor_hours: int = 24

    @classmethod
    def read(cls, options: argparse.Namespace, environment: Mapping[str, str] | None = None) -> "Settings":
        """Take the options of the command line first, the environment second, the defaults last. Raises Stop."""
        environment = os.environ if environment is None else environment
        var = Path(options.var or environment.get("BANJIE_VAR") or ROOT / "var").absolute()
        url = options.database or environment.get("BANJIE_DATABASE") or f"sqlite:///{var / 'banjie.sqlite3'}"
        anchors = environment.get("BANJIE_ANCHORS")
        return cls(
            var,
            checked_url(url),
            frozen_now(environment.get("BANJIE_NOW")),
            environment.get("BANJIE_OUTGOING", ""),
            Path(anchors).absolute() if anchors else None,
            hours(environment.get("BANJIE_ANCHOR_HOURS") or "24"),
        )

    @property
    def uploads(self) -> Path:
        """The folder of uploaded materials, outside everything that the web serves."""
        return self.var / "uploads"

    def anchors(self, file: str | None = None) -> Anchors:
        """The anchors of the history: in the named file, else in that of the environment, else in the data folder."""
        path = Path(file).absolute() if file else self.anchor_file or self.var / "anchors.jsonl"
        return Anchors(file=path, every=timedelta(hours=self.anchor_hours), secret=self.secret())

    @property
    def clock(self) -> Callable[[], datetime]:
        """The engine's clock: the only place of the house that reads the time of day."""
        frozen = self.now
        return (lambda: frozen) if frozen is not None else (lambda: datetime.now(UTC))

    def make_folders(self) -> None:
        """Make the data folder, for this account's eyes only. Raises Stop when that is impossible."""
        try:
            for folder in (self.var, self.uploads):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise explain(error, self.var) from error

    def secret(self) -> bytes:
        """Return the secret that keys history, sessions and tokens; made on the first call, kept in ``secret.key``."""
        path = self.var / "secret.key"
        try:
            if not path.exists():
                _write_once(path, secrets.token_hex(SECRET_BYTES) + "\n")
            return bytes.fromhex(path.read_text("ascii").strip())
        except OSError as error:
            raise explain(error, path) from error
        except ValueError as error:
            raise Stop(
                f"密钥文件 {path} 已损坏。请从备份恢复它：没有它，历史无法核对，会话和令牌全部失效。",
                f"The secret in {path} is damaged. Restore it from your backup: the history is chained with it.",
            ) from error


def fingerprint(secret: bytes) -> str:
    """Return what may be stored in the database to recognise the secret, and tells nothing about it."""
    return hashlib.sha256(b"banjie secret fingerprint\0" + secret).hexdigest()[:16]


def checked_url(url: str) -> str:
    """Return the database URL in the form that the store understands, or raise Stop."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg://{rest}"
    if separator and scheme in ("postgresql+psycopg", "sqlite"):
        return url
    raise Stop(
        f"不认识数据库地址「{url}」。例：sqlite:////data/banjie.sqlite3 或 postgresql+psycopg://用户:密码@主机/库名",
        f"The database address {url!r} is not understood. Examples: sqlite:////data/banjie.sqlite3 or "
        "postgresql+psycopg://user:password@host/name",
    )


def hours(text: str) -> int:
    """Parse BANJIE_ANCHOR_HOURS: 0 (by hand only) to 168 hours. Raises Stop."""
    if text.isdecimal() and int(text) <= 168:
        return int(text)
    raise Stop(
        f"BANJIE_ANCHOR_HOURS={text} 应为 0（只手工）到 168 的整数。",
        f"BANJIE_ANCHOR_HOURS={text} must be a whole number of hours from 0 (by hand only) to 168.",
    )


def frozen_now(text: str | None) -> datetime | None:
    """Parse BANJIE_NOW: a moment with its offset, as 2026-12-01T09:00:00+08:00; None when it is not set. Raises Stop."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Stop(
            f"BANJIE_NOW={text} 不是带时区的时刻。例：BANJIE_NOW=2026-12-01T09:00:00+08:00",
            f"BANJIE_NOW={text} is not a moment with its offset. Example: BANJIE_NOW=2026-12-01T09:00:00+08:00",
        )
    return moment.astimezone(UTC)


def _write_once(path: Path, text: str) -> None:
    # Two processes may start at once: whoever links first wins, and the file is never seen half written.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by this account only
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
