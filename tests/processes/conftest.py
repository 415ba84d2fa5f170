"""A bureau for every test: the sample organisation and the repository's processes, furnished once and copied."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.commands.running.service_tasks import VERBS
from engine.store.base.database import Database
from engine.store.tables import history
from tests import databases
from tests.databases import Beginning
from tests.processes.bureau import Bureau


@pytest.fixture
def bureau(furnished: Beginning, tmp_path: Path) -> Iterator[Bureau]:
    with furnished.lend(tmp_path) as url, databases.opened(url) as database:
        yield Bureau(database)
        _verbs_bring_back_what_they_declare(database)


def _verbs_bring_back_what_they_declare(database: Database) -> None:
    """The check of a model trusts these declarations, so every walk holds them against what happened."""
    performed = select(history.c.payload).where(history.c.kind == "ServicePerformed")
    with database.read() as connection:
        for text in connection.execute(performed).scalars():
            event = json.loads(text)
            strange = event.get("result", {}).keys() - set(VERBS[event["verb"]].results)
            assert not strange, f"{event['verb']} brings back {strange}, which it does not declare"
