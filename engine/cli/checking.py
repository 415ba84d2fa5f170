"""``./banjie check``: what the upload would say, without a database, and never a traceback."""

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from engine.cli import console, reporting

MAX_READ = 64 << 20  # bytes; the check itself allows far less, this only keeps a slip of the hand out of memory

OTHERS = (".form", ".json", ".toml")  # what is no BPMN

Report = dict[str, Any]


def check(options: argparse.Namespace) -> int:
    """Check each file and print the findings; status 0 only when every file is ok."""
    reports = check_all(options.files, normalise=options.normalise)
    if options.json:
        reporting.print_json(reporting.for_programs(reports))
    else:
        reporting.print_report(reports)
        if any(report["changes"] for report in reports) and not options.normalise:
            console.say("同意上列修改：加 --normalise", "to agree to the changes: --normalise")
    return 0 if all(report["ok"] for report in reports) else 1


def check_all(names: list[str], *, normalise: bool) -> list[Report]:
    """Return {file, ok, findings, changes} for each name, in their order.

    Each file is judged by itself, since strangers' files often share ids; only one that calls a process of another file is
    judged together with the others. Forms (.form, .json) and items (.toml) are judged as such, everything else as BPMN.
    """
    contents: dict[str, bytes] = {}
    reports: dict[str, Report] = {}
    for name in names:
        try:
            contents[name] = _read(name)
        except _UnreadableError as error:
            reports[name] = _failed(name, "file-unreadable", error.zh, error.en)
    for name, data in contents.items():
        reports[name] = _check({name: data}, normalise)[name]
    callers = [
        name for name in contents if any(each["code"] == "call-target-missing" for each in reports[name]["findings"])
    ]
    if callers and len(contents) > 1:
        together = _check(
            {name: data for name, data in contents.items() if not name.lower().endswith(OTHERS)}, normalise
        )
        for name in callers:
            reports[name] = min(reports[name], together[name], key=_errors)
    return [reports[name] for name in names]


def _check(files: Mapping[str, bytes], normalise: bool) -> dict[str, Report]:
    try:
        from engine.bpmn.reader import check_files
        from engine.events import as_json

        if all(name.lower().endswith(OTHERS) for name in files):
            from engine.commands.administration.deployable import read_files

            return {report["file"]: report for report in read_files(files).as_json()}
        checked = check_files(files, normalise=normalise, verbs=_verbs(files), forms=_forms(files))
        return {
            file.file: {
                "file": file.file,
                "ok": file.ok,
                "findings": as_json(file.findings),
                "changes": as_json(file.changes),
            }
            for file in checked.files
        }
    except Exception as error:
        # A fault of ours, not of the file: say so, and go on with the other files.
        reason = f"{type(error).__name__}: {error}"
        zh = f"检查这个文件时程序出错（{reason}），请把文件发给维护者。"
        en = f"The check itself failed on this file ({reason}); please send the file to the maintainers."
        return {name: _failed(name, "check-failed", zh, en) for name in files}


def _forms(files: Mapping[str, bytes]) -> dict[str, bytes] | None:
    """The forms in a folder ``forms`` beside the files, as in ``processes/``; None when there is none."""
    found: dict[str, bytes] = {}
    for folder in {Path(name).parent / "forms" for name in files}:
        for path in sorted(folder.glob("*.form")) if folder.is_dir() else ():
            data = path.read_bytes()
            found |= {path.name: data, path.stem: data, f"forms/{path.name}": data, f"forms/{path.stem}": data}
    return found or None


def _verbs(files: Mapping[str, bytes]) -> Mapping[str, Collection[str]] | None:
    # Only service tasks need the verbs, and knowing them means loading all commands.
    if not any(b"verb" in data for data in files.values()):
        return None
    import engine.process_engine  # noqa: F401 - registers the verbs of all commands
    from engine.commands.running.service_tasks import VERBS, results_by_verb

    return results_by_verb(VERBS)


class _UnreadableError(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def _read(name: str) -> bytes:
    path = Path(name)
    try:
        if not path.exists():
            raise _UnreadableError(f"没有这个文件：{name}", f"There is no file {name}")
        if not path.is_file():
            raise _UnreadableError(f"{name} 不是文件", f"{name} is not a file")
        if path.stat().st_size > MAX_READ:
            raise _UnreadableError(f"{name} 超过 {MAX_READ >> 20} MB", f"{name} is larger than {MAX_READ >> 20} MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise _UnreadableError(f"不能读取 {name}：{error}", f"{name} cannot be read: {error}") from error


def _failed(name: str, code: str, zh: str, en: str) -> Report:
    finding = {"severity": "error", "code": code, "zh": zh, "en": en, "file": name, "line": 0, "element": ""}
    return {"file": name, "ok": False, "findings": [finding], "changes": []}


def _errors(report: Report) -> int:
    return sum(each["severity"] == "error" for each in report["findings"])
