"""What has expired goes; what somebody speaks of stays."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from engine.access import SYSTEM
from engine.commands.administration.housekeeping import SweepHouse
from engine.commands.running.instances import StartInstance
from engine.commands.running.messages import CorrelateMessage
from engine.files import FileStore
from engine.store import tables
from tests.integration.engine.house import LEAVE, House

REAL = datetime(2026, 11, 23, 4, tzinfo=UTC)  # what the wall says: files carry its time, rows that of the house


def count(house: House, table: object) -> int:
    with house.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_expired_messages_and_old_answers_go_and_fresh_ones_stay(house: House) -> None:
    house.deploy(LEAVE)
    house.engine.execute(StartInstance(key="leave"), actor=house.admin, idempotency_key="old")
    house.engine.execute(CorrelateMessage(name="early", keep_seconds=60), actor=SYSTEM)
    house.now += timedelta(days=31)
    house.engine.execute(StartInstance(key="leave"), actor=house.admin, idempotency_key="new")
    house.engine.execute(CorrelateMessage(name="early", keep_seconds=60), actor=SYSTEM)

    swept = house.engine.execute(SweepHouse(real=REAL.isoformat()), actor=SYSTEM)

    assert swept == {"messages": 1, "answers": 1, "sessions": 0, "files": 0}
    assert count(house, tables.message_buffer) == 1
    assert count(house, tables.idempotency) == 1


def test_a_file_that_no_row_speaks_of_goes_after_a_day_and_one_in_a_draft_stays(house: House, tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    house.engine.environment.files = store
    orphan, drafted, fresh = (store.accept(f"{name}.txt", name.encode()).key for name in ("orphan", "drafted", "fresh"))
    admin = house.admin
    with house.database.write() as connection:
        row = {"id": "d", "owner": admin.login, "kind": "start", "ref": "x", "updated_at": house.now}
        connection.execute(tables.draft.insert(), row | {"data": {"files": [{"key": drafted}]}})
    for key, age in ((orphan, 2), (drafted, 2), (fresh, 0)):
        (path,) = tmp_path.glob(f"*/{key}")
        written = (REAL - timedelta(days=age)).timestamp()
        os.utime(path, (written, written))

    swept = house.engine.execute(SweepHouse(real=REAL.isoformat()), actor=SYSTEM)

    assert swept["files"] == 1
    kept = {path.name for path in tmp_path.glob("*/*")}
    assert kept == {drafted, fresh}
