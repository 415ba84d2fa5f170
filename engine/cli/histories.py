"""``./banjie history``: whether anybody changed, cut off or removed what happened."""

import argparse
from pathlib import Path

from engine.cli import console, reporting
from engine.cli.composition import House, opened
from engine.cli.console import Stop
from engine.cli.installation import explain
from engine.store.base import history
from engine.store.base.history import Problem
from engine.store.rows import anchors
from engine.store.rows.anchors import Comparison


def verify(options: argparse.Namespace) -> int:
    """Check the chains of all instances, or of some, and hold them against anchors; status 1 when something is wrong."""
    with opened(options) as house:
        with house.database.read() as connection:
            count, found = history.verify(connection, house.settings.secret(), options.instances or None)
        compared = _compared(house, options) if options.anchors else None
    problems = [*found, *(compared.problems if compared else ())]
    if options.json:
        told = [{"stream": each.stream, "seq": each.seq, "zh": each.zh, "en": each.en} for each in problems]
        reporting.print_json({"rows": count, "ok": not problems, "problems": told} | _figures(compared))
    else:
        _print(count, problems, compared)
    return 1 if problems else 0


def anchor(options: argparse.Namespace) -> int:
    """Write an anchor now, in as many lines as it takes; status 1 when the file cannot be written."""
    with opened(options) as house:
        taking, lines, heads = house.settings.anchors(options.file), 0, 0
        try:
            while line := taking.take(house.database, house.engine.now(), even_if_early=True):
                lines, heads = lines + 1, heads + len(line.heads)
                if not line.more:
                    break
        except OSError as error:
            raise explain(error, taking.file) from error
    if options.json:
        reporting.print_json({"file": str(taking.file), "no": line.no if line else 0, "lines": lines, "heads": heads})
    else:
        console.say(f"{taking.file}：记入 {heads} 个历史的末端", f"the ends of {heads} histories written")
    return 0


def _compared(house: House, options: argparse.Namespace) -> Comparison:
    path = Path(options.anchors)
    try:
        with house.database.read() as connection:
            return anchors.compare(connection, house.settings.secret(), path, options.instances)
    except FileNotFoundError as error:
        raise Stop(
            f"没有锚点文件 {path}。先写一个：./banjie history anchor --file {path}",
            f"There is no file of anchors {path}. Write one: ./banjie history anchor --file {path}",
        ) from error
    except OSError as error:
        raise explain(error, path) from error


def _figures(compared: Comparison | None) -> dict[str, object]:
    if compared is None:
        return {}
    newest = compared.newest
    until = newest.at.isoformat() if newest else None
    return {"anchors": {"lines": compared.lines, "until": until, "current": compared.is_current}}


def _print(count: int, problems: list[Problem], compared: Comparison | None) -> None:
    for each in problems:
        print(f"✗ {each.stream} #{each.seq}: {each.zh} · {each.en}")
    verdict = ("完好", "intact") if not problems else (f"{len(problems)} 处有问题", f"{len(problems)} problems")
    console.say(f"核对 {count} 条记录：{verdict[0]}", f"{count} records: {verdict[1]}")
    if compared is None or compared.newest is None:
        return
    until = compared.newest.at.isoformat(timespec="minutes")
    console.say(f"锚点 {compared.lines} 行，到 {until}", f"{compared.lines} lines of anchors, until {until}")
    if not compared.is_current:
        console.say(
            "注意：数据库的最近锚点不在此文件末尾（这是旧的副本，或文件、数据库被换过）",
            "note: the database's newest anchor is not this file's last: an older copy, or one of both was exchanged",
        )
