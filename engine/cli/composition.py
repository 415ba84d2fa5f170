"""The composition root: the one place that knows how all parts are put together."""

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import migrations
from engine.access import SYSTEM, Actor, Role
from engine.bpmn.runner import Machine
from engine.calendar import SHANGHAI
from engine.cli import announcing
from engine.cli.console import Stop
from engine.cli.settings import Settings, fingerprint
from engine.files import FileStore
from engine.notifying import Mailer
from engine.outgoing import OutgoingCaller, OutgoingPolicy
from engine.process_engine import ProcessEngine, build
from engine.records import record
from engine.store.base.database import Database
from engine.store.base.fingerprint import belongs
from engine.store.queries.subjects import Queries

# Whoever holds the machine and its secret may do at the terminal what administrators and designers may do on the pages.
OPERATOR = Actor(login=SYSTEM.login, name="命令行", roles=frozenset({Role.SYSTEM, Role.ADMIN, Role.DESIGNER}))


@record(kw_only=False)
class House:
    """Everything that a command may need, opened."""

    settings: Settings
    database: Database
    engine: ProcessEngine
    queries: Queries
    caller: OutgoingCaller
    mailer: Mailer | None
    migrated: list[str]


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[House]:
    """Open the installation that the options name: folders, secret, database at the newest schema. Raises Stop."""
    settings = Settings.read(options)
    settings.make_folders()
    secret = settings.secret()
    migrated = migrations.upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        if not belongs(database, fingerprint(secret)):
            raise Stop(
                f"{settings.var / 'secret.key'} 不是这个数据库的密钥。请从首次启动它的主机或备份复制 secret.key。",
                f"{settings.var / 'secret.key'} is not the secret of this database. Copy secret.key from the host that first "
                "started it, or from your backup.",
            )
        engine = build(
            database,
            Machine(zone=SHANGHAI),
            secret=secret,
            files=FileStore(settings.uploads),
            clock=settings.clock,
            clock_frozen=settings.now is not None,
        )
        engine.environment.announcing, mailer = announcing.read()
        yield House(settings, database, engine, Queries(database), _caller(settings), mailer, migrated)
    finally:
        database.dispose()


def _caller(settings: Settings) -> OutgoingCaller:
    try:
        policy = OutgoingPolicy.parse(settings.outgoing)
    except ValueError as error:
        raise Stop(f"BANJIE_OUTGOING 有误：{error}", f"BANJIE_OUTGOING is wrong: {error}") from error
    return OutgoingCaller(policy)


def log_to_terminal() -> None:
    """One line for each thing worth telling; libraries only when they warn."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("banjie").setLevel(logging.INFO)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a request that waits for a moment is no fault
