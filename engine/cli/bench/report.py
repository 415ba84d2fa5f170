"""The whole benchmark in one run, and its table."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from engine.bpmn.runner import Machine
from engine.calendar import SHANGHAI
from engine.cli.bench import board, clocks, http, inbox, starts, steps
from engine.cli.console import Stop
from engine.process_engine import ProcessEngine, build
from engine.store.base.database import Database
from engine.store.queries.subjects import Queries
from engine.store.tables import metadata

FULL = {
    "times": 200,
    "inbox": [1_000, 100_000, 1_000_000],
    "timers": 10_000,
    "bytes": 500,
    "threads": 4,
    "clocks": (100_000, 1_000_000, 1_000),
    "board": (1_000_000, 10),
}
QUICK = {
    "times": 20,
    "inbox": [1_000, 5_000],
    "timers": 50,
    "bytes": 20,
    "threads": 2,
    "clocks": (300, 1_500, 10),
    "board": (2_000, 3),
}


def measured(url: str | None, *, quick: bool = False, only: str | None = None) -> dict[str, Any]:
    """Measure on the empty database ``url`` (a temporary SQLite file by default) and return all figures."""
    amounts = QUICK if quick else FULL
    if url is not None:
        return _measure(url, amounts, only, tidy=True)
    with tempfile.TemporaryDirectory(prefix="banjie-bench-") as folder:
        return _measure(f"sqlite:///{folder}/bench.sqlite3", amounts, only, tidy=False)


def _measure(url: str, amounts: dict[str, Any], only: str | None, *, tidy: bool) -> dict[str, Any]:
    database = Database(url)
    database.check()
    if inspect(database.engine).get_table_names():
        raise Stop(
            f"数据库 {database.url.render_as_string()} 不是空的；测速会写入大量数据，请给一个空数据库。",
            f"The database {database.url.render_as_string()} is not empty; the benchmark writes a lot, give it an empty one.",
        )
    metadata.create_all(database.engine)
    clock = steps.Clock(lambda: datetime.now(UTC))
    engine = build(database, Machine(zone=SHANGHAI), secret=b"bench", clock=clock)
    try:
        return _figures(engine, clock, amounts, only)
    finally:
        if tidy:  # gigabytes of a file that goes anyway need no clearing
            metadata.drop_all(database.engine)
        database.dispose()


def _figures(engine: ProcessEngine, clock: steps.Clock, amounts: dict[str, Any], only: str | None) -> dict[str, Any]:
    database, queries = engine.database, Queries(engine.database)
    figures: dict[str, Any] = {"database": database.engine.dialect.name, "python": platform.python_version()}
    if only == "board":
        return figures | {"board": board.costs(engine, *amounts["board"])}
    if only == "clocks":
        return figures | {"clocks": clocks.costs(engine, *amounts["clocks"])}
    steps.deploy(engine)
    figures["starts"] = starts.seconds()
    figures["bytes_per_instance"] = steps.bytes_per_instance(engine, queries, amounts["bytes"], _size_of(database))
    figures["step"] = steps.step_costs(engine, queries, amounts["times"])
    figures["http"] = http.step_costs(engine, queries, amounts["times"])
    figures["timers"] = steps.drain_timers(engine, clock, amounts["timers"], amounts["threads"])
    figures["inbox"] = inbox.page_costs(engine, steps.start(engine, "bench_three"), amounts["inbox"], amounts["times"])
    return figures


def _size_of(database: Database) -> Callable[[], int]:
    """What the database takes on disk, by its own count."""

    def size() -> int:
        with database.write() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("SELECT 1")
            else:
                return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(str(database.url.database)).stat().st_size

    return size


def table(figures: dict[str, Any]) -> str:
    """The figures for a person: medians, ratios within this run."""
    if "step" not in figures:
        head = f"数据库 database            {figures['database']}, Python {figures['python']}"
        part = board.lines(figures["board"]) if "board" in figures else clocks.lines(figures["clocks"])
        return "\n".join([head, *part])
    step, over_http, timers = figures["step"], figures["http"], figures["timers"]
    lines = [
        f"数据库 database            {figures['database']}, Python {figures['python']}",
        f"启动实例 start instance     {step['start_instance_ms']:8.2f} ms",
        f"办理任务 complete a task    {step['complete_task_ms']:8.2f} ms   "
        f"{step['statements']} 条语句 statements, {step['commits']} 次提交 commit",
        f"Core 底线 floor             {step['core_floor_ms']:8.2f} ms   比值 ratio {step['ratio_to_floor']:.2f}",
        f"经 HTTP over HTTP           {over_http['complete_task_ms']:8.2f} ms   比值 ratio {over_http['ratio_to_floor']:.2f}",
        f"到期定时 due timers         {timers['timers']:8d}      {timers['seconds']:.1f} s, {timers['per_second']:.0f}/s",
        f"每个三步实例 3-step instance {figures['bytes_per_instance']:7.0f} 字节 bytes",
    ]
    first, second = figures["starts"]["first"], figures["starts"]["second"]
    lines.append(
        f"首次启动 first start         {first:8.1f} s    再次启动 second start {second:.1f} s（已装好 installed）"
    )
    smallest = min(figures["inbox"])
    for size, cost in figures["inbox"].items():
        ratio = cost["offered_ms"] / figures["inbox"][smallest]["offered_ms"]
        lines.append(
            f"收件箱 inbox {size:>9,d} 件  待办 {cost['assigned_ms']:7.2f} ms  待认领 {cost['offered_ms']:7.2f} ms  "
            f"计数 counts {cost['counts_ms']:7.2f} ms  比值 ratio {ratio:.2f}"
        )
    return "\n".join(lines)
