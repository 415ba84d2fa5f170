"""``./banjie worker``, and the job executor inside ``./banjie run``."""

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from engine.cli import console
from engine.cli.composition import House, log_to_terminal, opened
from engine.cli.ending import until_signal
from engine.job_executor import JobExecutor


def worker(options: argparse.Namespace) -> int:
    """Run background jobs only, until Ctrl-C or SIGTERM."""
    log_to_terminal()
    with until_signal() as ending, opened(options) as house, jobs_at_work(house, options.threads):
        tell_migrations(house)
        console.say("正在执行后台任务，按 Ctrl-C 停止", "working on background jobs; Ctrl-C stops")
        with suppress(SystemExit):
            threading.Event().wait()
    return ending.status


@contextmanager
def jobs_at_work(house: House, threads: int) -> Iterator[None]:
    """The job executor, at work while the block runs; with no threads the jobs are left to ``./banjie worker``."""
    if not threads:
        yield
        return
    executor = JobExecutor(
        house.engine,
        caller=house.caller,
        mailer=house.mailer,
        anchors=house.settings.anchors(),
        threads=threads,
    )
    executor.start()
    try:
        yield
    finally:
        executor.stop()


def tell_migrations(house: House) -> None:
    for revision in house.migrated:
        console.say(f"数据库结构已升级：{revision}", "database schema brought up to date")
