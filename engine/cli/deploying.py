"""``./banjie deploy``: files from the disk into the database, with everything that is to be said about them."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.cli import console, reporting
from engine.cli.composition import OPERATOR, opened
from engine.cli.console import Stop
from engine.cli.installation import explain
from engine.commands.administration.deployments import DeployResources
from engine.errors import ModelRefused

DEPLOYABLE = frozenset({".bpmn", ".xml", ".form", ".toml"})
ITEM = "item.toml"


def deploy(options: argparse.Namespace) -> int:
    """Deploy each folder by itself and the loose files together; a deployment with an error stores nothing."""
    status = 0
    answers = []
    with opened(options) as house:
        for name, files in _deployments(options.files):
            command = DeployResources(
                name=options.name or name,
                files=files,
                comment=options.comment,
                normalise=options.normalise,
                dry_run=options.dry_run,
            )
            try:
                answer = house.engine.execute(command, actor=OPERATOR)
            except ModelRefused as error:
                answer = {"definitions": [], "report": error.facts["report"]}
            answers.append(answer | {"report": reporting.for_programs(answer["report"])})
            if not options.json:
                _show(name, answer)
            if not all(file["ok"] for file in answer["report"]):
                status = 1
    if options.json:
        reporting.print_json(answers)
    return status


def _show(name: str, answer: Mapping[str, Any]) -> None:
    print(f"== {name}")
    reporting.print_report(answer["report"])
    for each in answer["definitions"]:
        new = "新版本 · new version" if each["created"] else "没有变化 · unchanged"
        print(f"{each['key']} v{each['version']}「{each['name']}」{new}")
    if not all(file["ok"] for file in answer["report"]):
        console.say("有错误，没有部署", "there are errors, nothing was deployed")


def _deployments(names: list[str]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """One deployment for each folder (for each item in a folder of items), and one for all loose files."""
    loose: dict[str, bytes] = {}
    for path in map(Path, names):
        if not path.is_dir():
            if path.name in loose:
                raise Stop(f"有两个文件都叫 {path.name}。", f"Two of the files are called {path.name}.")
            loose[path.name] = _read(path)
            continue
        items = sorted(found.parent for found in path.glob(f"*/{ITEM}"))
        for folder in items or [path]:
            yield folder.resolve().name, _folder(folder)
    if loose:
        yield "、".join(loose)[:200], loose


def _folder(folder: Path) -> dict[str, bytes]:
    files = {
        str(path.relative_to(folder)): _read(path) for path in sorted(folder.rglob("*")) if path.suffix in DEPLOYABLE
    }
    if not files:
        raise Stop(f"文件夹 {folder} 里没有可部署的文件。", f"There is nothing to deploy in the folder {folder}.")
    return files


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise explain(error, path) from error
