"""Histories that the first versions wrote: their events of clocks repeat the whole clock, and are read as they were written."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from engine.approval.clock_change import changed
from engine.calendar import SHANGHAI
from engine.store import tables
from engine.store.base.history import first_head, row_of, verify
from engine.store.projections.projector import replay
from tests.integration.cases.test_often import stand
from tests.integration.cases.test_special_procedures import accepted
from tests.processes.bureau import SECRET, Bureau

START = datetime(2026, 9, 11, 16, tzinfo=SHANGHAI)
NIGHT = timedelta(hours=17)


def stream_of(bureau: Bureau, no: str) -> str:
    return str(bureau.case(no)["instance_id"])


def told(bureau: Bureau, stream: str) -> list[dict[str, Any]]:
    statement = select(tables.history).where(tables.history.c.stream == stream).order_by(tables.history.c.seq)
    with bureau.database.read() as connection:
        return [dict(row._mapping) for row in connection.execute(statement)]


def as_the_first_versions_wrote_it(bureau: Bureau, stream: str) -> int:
    """Write the history of an instance, and the rows of its clocks, as they were written before events told changes only;
    return how many events that concerns."""
    clocks: dict[str, Any] = {}
    head, written, turned = first_head(SECRET, stream), [], 0
    for row in told(bureau, stream):
        payload = json.loads(row["payload"])
        if row["kind"].startswith("Clock"):
            value, change = payload.pop("value", {}), payload.pop("change", {})
            turned += bool(change)
            whole = clocks[payload["clock_id"]] = value or changed(clocks[payload["clock_id"]], change)
            closed = [each for each in whole["suspensions"] if each.get("end")]
            pauses = [{"start": each["start"], "end": each["end"]} for each in closed]
            payload["value"] = whole | {"due": whole["due"] | {"pauses": pauses}}
            clocks[payload["clock_id"]] = payload["value"]
        written.append(row_of(SECRET, head, stream, row["at"], row["actor"], row["acts_for"], row["kind"], payload))
    with bureau.database.write() as connection:
        connection.execute(tables.history.delete().where(tables.history.c.stream == stream))
        connection.execute(tables.history.insert(), written)
        end = {"history_seq": head.seq, "history_hash": head.hash}
        connection.execute(update(tables.process_instance).where(tables.process_instance.c.id == stream).values(end))
        for row in rows_of(bureau, stream).values():
            facts = clocks[row["id"]] | {"seq": row["facts"]["seq"]}
            connection.execute(update(tables.clock).where(tables.clock.c.id == row["id"]).values(facts=facts))
    return turned


def rows_of(bureau: Bureau, stream: str) -> dict[str, dict[str, Any]]:
    with bureau.database.read() as connection:
        found = connection.execute(select(tables.clock).where(tables.clock.c.instance_id == stream))
        return {row.id: dict(row._mapping) for row in found}


def rebuilt(bureau: Bureau, stream: str) -> dict[str, dict[str, Any]]:
    with bureau.database.read() as connection:
        return {key[0]: row for key, row in replay(connection, stream).tables[tables.clock].items()}


def test_a_history_of_the_first_versions_is_read_goes_on_and_holds(bureau: Bureau) -> None:
    no = accepted(bureau)
    stream = stream_of(bureau, no)
    for each in range(3):
        begin = START + each * timedelta(days=1)
        stand(bureau, no, begin, begin + NIGHT)
    due = bureau.clock(no, "promised")

    assert as_the_first_versions_wrote_it(bureau, stream) > 10
    assert rebuilt(bureau, stream) == rows_of(bureau, stream), "the old events alone explain the old rows"

    begin = START + timedelta(days=3)
    stand(bureau, no, begin, begin + NIGHT)

    assert rebuilt(bureau, stream) == rows_of(bureau, stream), "and with the new ones behind them the new rows"
    assert bureau.clock(no, "promised") > due, "another night over which it stood"
    with bureau.database.read() as connection:
        _, problems = verify(connection, SECRET)
    assert problems == []


def test_a_round_of_suspension_writes_as_much_the_tenth_time_as_the_second(bureau: Bureau) -> None:
    no = accepted(bureau)
    stream = stream_of(bureau, no)
    sizes = []
    for each in range(10):
        before = len(told(bureau, stream))
        begin = START + each * timedelta(days=1)
        stand(bureau, no, begin, begin + timedelta(hours=1))
        sizes.append(sum(len(row["payload"]) for row in told(bureau, stream)[before:]))

    assert sizes[-1] <= sizes[1] + 100
