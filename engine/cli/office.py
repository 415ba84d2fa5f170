"""``./banjie calendar`` and ``jobs``: what an administrator may want to do without a browser."""

import argparse
from pathlib import Path

from engine.cli import console, reporting
from engine.cli.composition import OPERATOR, opened
from engine.cli.console import Stop
from engine.cli.installation import explain
from engine.commands.administration.calendar import LoadCalendarYear
from engine.commands.running.jobs import RetryJob
from engine.errors import BanjieError

YEAR_COLUMNS = ("year", "source", "loaded_at", "loaded_by")
JOB_COLUMNS = ("id", "kind", "state", "due_at", "attempts", "max_attempts", "instance_id", "element_id", "last_error")


def import_calendar(options: argparse.Namespace) -> int:
    """Load year files; each is loaded whole or not at all."""
    texts = [(name, _read(name)) for name in options.files]
    with opened(options) as house:
        for name, text in texts:
            try:
                answer = house.engine.execute(LoadCalendarYear(text=text), actor=OPERATOR)
            except BanjieError as error:
                raise Stop(f"{name}：{error.zh}", f"{name}: {error.en}") from error
            console.say(
                f"{name}：{answer['year']} 年，{answer['days']} 天", f"{answer['days']} days of {answer['year']} loaded"
            )
    return 0


def show_calendar(options: argparse.Namespace) -> int:
    """Print which years are loaded and from which notice."""
    with opened(options) as house:
        reporting.print_rows(house.queries.admin.calendar_years(), YEAR_COLUMNS, as_json=options.json)
    return 0


def list_jobs(options: argparse.Namespace) -> int:
    """Print waiting and dead jobs by due time."""
    states = ("dead",) if options.dead else ("dead", "waiting")
    with opened(options) as house:
        rows = [row for state in states for row in house.queries.admin.jobs(state=state, limit=options.limit).rows]
    reporting.print_rows(rows[: options.limit], JOB_COLUMNS, as_json=options.json)
    return 0


def retry_job(options: argparse.Namespace) -> int:
    """Let a dead job run again; the server or a worker takes it."""
    with opened(options) as house:
        house.engine.execute(RetryJob(job_id=options.id), actor=OPERATOR)
    console.say(f"任务 {options.id} 将重新执行", "the job will run again")
    return 0


def _read(name: str) -> str:
    path = Path(name)
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise explain(error, path) from error
    except UnicodeDecodeError as error:
        raise Stop(f"{name} 不是 UTF-8 编码，请另存为 UTF-8。", f"{name} is not UTF-8; save it as UTF-8.") from error
