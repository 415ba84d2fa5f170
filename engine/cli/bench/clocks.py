"""What a change of the calendar costs when the house is full, and what it costs to find the limits whose moment has come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, insert, select

from engine.access import Actor, Role
from engine.cli.bench.measuring import counted
from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.filing import FileCase
from engine.commands.limits.scanning import pick_due
from engine.context import Command, CommandContext
from engine.job_executor import JobExecutor
from engine.process_engine import ProcessEngine
from engine.records import record
from engine.store import tables
from engine.store.projections.projector import NEVER
from engine.store.queries.subjects import Queries

CHUNK = 5_000
OFFICER = Actor(
    login="bench", name="bench", roles=frozenset({Role.ADMIN, Role.CLERK, Role.STAFF}), groups=frozenset({"bench"})
)
CODE = "000131990000"
ITEM = f"""
code = "{CODE}"
name = "Bench"
department = "bench"
process = "bench_case"
infotype = "promised"
materials = [{{ code = "M01", name = "M01", class = "main" }}]
legal_basis = [{{ title = "Bench" }}]
[limits]
statutory = "20wd"
promised = "10wd"
"""
PROCESS = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" '
    'targetNamespace="urn:banjie:bench"><process id="bench_case" name="bench_case" isExecutable="true">'
    '<startEvent id="start"/><serviceTask id="receive" banjie:verb="case.receive"/>'
    '<serviceTask id="accept" banjie:verb="case.accept"/>'
    '<userTask id="examine" name="Examine" banjie:candidateGroups="bench" banjie:limit="5wd"/><endEvent id="end"/>'
    '<sequenceFlow id="a" sourceRef="start" targetRef="receive"/><sequenceFlow id="b" sourceRef="receive" targetRef="accept"/>'
    '<sequenceFlow id="c" sourceRef="accept" targetRef="examine"/><sequenceFlow id="d" sourceRef="examine" targetRef="end"/>'
    "</process></definitions>"
)


def costs(engine: ProcessEngine, cases: int, clocks: int, due: int) -> dict[str, Any]:
    """Compute the limits of ``cases`` open cases again (each a promised, a statutory and a step limit, all of which move), then
    pick ``due`` limits out of ``clocks``."""
    stream = template(engine)
    _fill(engine, stream, 1, cases)
    analyse(engine)
    found: dict[str, Any] = {"cases": cases, **_reproject(engine)}
    per_case = 3
    _fill(engine, stream, cases, clocks // per_case)
    return found | _scan(engine, due)


def template(engine: ProcessEngine) -> str:
    """One accepted case, made by the engine itself; the others are its copies."""
    files = {"item.toml": ITEM.encode(), "bench_case.bpmn": PROCESS.encode()}
    engine.execute(DeployResources(name="bench", files=files), actor=OFFICER)
    applicant = {"kind": "person", "name": "bench", "id_number": "430105199001011234"}
    command = FileCase(item_code=CODE, applicant=applicant, offered={"M01": {}})
    return str(engine.execute(command, actor=OFFICER)["instance_id"])


_COPIED: tuple[Table, ...] = (tables.process_instance, tables.case_file, tables.task, tables.task_offer, tables.clock)


def _fill(engine: ProcessEngine, stream: str, have: int, want: int) -> None:
    with engine.database.read() as connection:
        case_id = connection.scalar(select(tables.case_file.c.id).where(tables.case_file.c.instance_id == stream))
        rows = {
            tables.process_instance: rows_of(
                connection, tables.process_instance, tables.process_instance.c.id == stream
            ),
            tables.case_file: rows_of(connection, tables.case_file, tables.case_file.c.id == case_id),
            tables.task: rows_of(connection, tables.task, tables.task.c.instance_id == stream),
            tables.clock: rows_of(
                connection, tables.clock, (tables.clock.c.instance_id == stream) & (tables.clock.c.state == "running")
            ),
            tables.watch: rows_of(connection, tables.watch, tables.watch.c.case_id == case_id),
        }
    for begin in range(have, want, CHUNK):
        with engine.database.write() as connection:
            for table, originals in rows.items():
                copies = [copy_of(row, i) for i in range(begin, min(begin + CHUNK, want)) for row in originals]
                if copies:
                    connection.execute(insert(table), copies)


def rows_of(connection: Any, table: Table, condition: Any) -> list[dict[str, Any]]:
    keys = {column.name: column.key for column in table.c}
    found = connection.execute(select(table).where(condition)).all()
    return [{keys[name]: value for name, value in row._mapping.items()} for row in found]


def copy_of(row: dict[str, Any], i: int) -> dict[str, Any]:
    """The row of the i-th copy: every id has its number in front."""
    named = {name: id_of(row[name], i) for name in _IDS & row.keys() if row[name]}
    if "facts" in row and "due" in row["facts"]:
        facts = {
            name: id_of(row["facts"][name], i)
            for name in ("id", "case_id", "task_id", "token_id")
            if row["facts"][name]
        }
        named["facts"] = row["facts"] | facts
    if "no" in row:
        named |= {"no": f"B{i:022d}"}
    return row | named


_IDS = frozenset({"id", "instance_id", "case_id", "task_id", "token_id", "clock_id"})


def id_of(value: str, i: int) -> str:
    return f"{i:08x}{value[8:]}"


def _reproject(engine: ProcessEngine) -> dict[str, Any]:
    """Close the office on the first working day that every limit counts."""
    calendar = Queries(engine.database).admin.calendar()
    day = calendar.working_day(calendar.local_date(engine.now()), 2)
    begin, worked = time.perf_counter(), time.process_time()
    engine.execute(ChangeCalendarDay(day=day.isoformat(), kind="rest", name="bench"), actor=OFFICER)
    with counted(engine.database.engine) as count:
        JobExecutor(engine, threads=1).run_until_idle()
    seconds = time.perf_counter() - begin
    revision = Queries(engine.database).clocks.revisions().rows[0]
    return {
        "limits": revision["seen"],
        "moved": revision["moved"],
        "failed": revision["failed"],
        "reproject_seconds": seconds,
        "processor_seconds": time.process_time() - worked,
        "cases_per_second": revision["seen"] / 3 / seconds,
        "transactions": count.commits,
    }


@record
class PickDueLimits(Command):
    """What the scan does first: ask for a judgement of every case whose moment has come."""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        return {"cases": len(pick_due(context))}


def _scan(engine: ProcessEngine, due: int) -> dict[str, Any]:
    now, watch = engine.now(), tables.watch
    with engine.database.write() as connection:
        connection.execute(watch.update().values(next_look=NEVER))
        ids = [row.clock_id for row in connection.execute(select(watch.c.clock_id).limit(due))]
        for chunk in _chunks(ids, 500):
            connection.execute(
                watch.update().where(watch.c.clock_id.in_(chunk)).values(next_look=now - timedelta(seconds=1))
            )
    analyse(engine)
    with engine.database.read() as connection:
        watched = connection.exec_driver_sql("SELECT count(*) FROM watch").scalar_one()
    begin = time.perf_counter()
    picked = engine.execute(PickDueLimits(), actor=OFFICER)["cases"]
    return {"watched": watched, "due": due, "picked_cases": picked, "scan_ms": (time.perf_counter() - begin) * 1000}


def _chunks(items: list[str], size: int) -> Iterator[list[str]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def analyse(engine: ProcessEngine) -> None:
    with engine.database.write() as connection:
        connection.exec_driver_sql("ANALYZE")


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The figures for a person."""
    yield (
        f"日历变更 new calendar      {figures['cases']:>9,d} 件 cases  {figures['limits']:,d} 个时限 limits, "
        f"{figures['moved']:,d} moved  {figures['reproject_seconds']:.1f} s, {figures['cases_per_second']:.0f} 件/s, {figures['processor_seconds']:.1f} s 处理器 processor"
    )
    yield (
        f"扫描时限 scan of limits    {figures['watched']:>9,d} 个 limits  {figures['due']:,d} due  {figures['scan_ms']:.1f} ms"
    )
