"""The files of one deployment, read and checked together: processes, forms and items."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from engine import forms
from engine.approval.finding import ItemFinding
from engine.approval.item import Item, read_item
from engine.bpmn.reader import check_files
from engine.errors import BanjieError
from engine.events import as_json
from engine.runtime.finding import Finding, Severity

if TYPE_CHECKING:
    from engine.bpmn.model import FileReport, ProcessModel

BPMN_ENDINGS = (".bpmn", ".xml", ".bpmn20.xml")
FORM_ENDINGS = (".form", ".json")


@dataclass(slots=True)
class Deployable:
    """What the files hold and what is to be said about them."""

    reports: list[dict[str, Any]] = field(default_factory=list)
    models: list[ProcessModel] = field(default_factory=list)
    normalised: dict[str, bytes] = field(default_factory=dict)
    forms: dict[str, bytes] = field(default_factory=dict)  # file name -> content
    items: dict[str, Item] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(report["ok"] for report in self.reports)

    def as_json(self) -> list[dict[str, Any]]:
        """One entry for each file: {file, ok, findings, changes}."""
        return self.reports

    def form_file(self, key: str) -> str | None:
        """The file of these that is the form ``key``, or None when it was deployed before."""
        return next((name for name in self.forms if key in form_keys(name)), None)

    def in_call_order(self) -> list[ProcessModel]:
        """The processes, called ones first (the check has made sure that calls do not go in a circle)."""
        by_key = {model.key: model for model in self.models}
        ordered: dict[str, ProcessModel] = {}

        def put(model: ProcessModel) -> None:
            for call in model.calls:
                if call.process_key in by_key and call.process_key not in ordered:
                    put(by_key[call.process_key])
            ordered.setdefault(model.key, model)

        for model in self.models:
            put(model)
        return list(ordered.values())

    def object_to(self, file: str, finding: Finding) -> None:
        """Add an error that shows only when the files are seen together."""
        report = next(each for each in self.reports if each["file"] == file)
        report["findings"] = [*report["findings"], as_json(replace(finding, file=file))]
        report["ok"] = False

    def _add(self, file: str, findings: Collection[Finding], changes: Collection[Any] = ()) -> None:
        ok = not any(finding.severity is Severity.ERROR for finding in findings)
        self.reports.append({"file": file, "ok": ok, "findings": as_json(findings), "changes": as_json(changes)})


def read_files(
    files: Mapping[str, bytes], *, normalise: bool | Collection[str] = False, known: Mapping[str, Any] | None = None
) -> Deployable:
    """Check all files against each other and against what is ``known`` (keyword arguments of ``check_files``)."""
    found = Deployable()
    processes: dict[str, bytes] = {}
    for name, data in files.items():
        lower = name.lower()
        if lower.endswith(BPMN_ENDINGS):
            processes[name] = data
        elif lower.endswith(FORM_ENDINGS):
            found.forms[name] = data
        elif lower.endswith(".toml"):
            _read_item(found, name, data)
        else:
            found._add(name, [_unknown_kind(name)])
    for name, data in found.forms.items():
        found._add(name, _check_form(name, data))
    options = dict(known or {})
    available = {key: data for name, data in options.pop("forms", {}).items() for key in form_keys(name)}
    available |= {key: data for name, data in found.forms.items() for key in form_keys(name)}
    report = check_files(processes, normalise=normalise, forms=available, **options)
    for file in report.files:
        _take(found, file)
    if not files:
        found._add("", [_empty()])
    return found


def form_keys(name: str) -> set[str]:
    """The keys under which a model may name the form in file ``name``: with or without folder and ending."""
    path = PurePosixPath(name.replace("\\", "/"))
    return {str(path), path.name, path.stem, str(path.with_suffix(""))}


def _take(found: Deployable, file: FileReport) -> None:
    found._add(file.file, file.findings, file.changes)
    if file.normalised is not None:
        found.normalised[file.file] = file.normalised
        found.models.extend(file.models)
        for key, text in file.forms.items():  # forms that stand inside the BPMN file (Camunda 8)
            found.forms[f"{key}.form"] = text.encode()


def _read_item(found: Deployable, name: str, data: bytes) -> None:
    try:
        item = read_item(data.decode())
    except UnicodeDecodeError:
        found._add(name, [_finding(name, "not-utf-8", "文件不是 UTF-8 编码。", "The file is not UTF-8.")])
    except BanjieError as error:
        found._add(name, [_finding(name, error.code, error.zh, error.en)])
    else:
        found.items[name] = item
        found._add(name, [_on_item(finding) for finding in item.findings(name)])


def _check_form(name: str, data: bytes) -> list[Finding]:
    try:
        forms.read(data)
    except BanjieError as error:
        listed = error.facts.get("findings")
        if listed:
            return [Finding(**{**each, "severity": Severity(each["severity"]), "file": name}) for each in listed]
        return [_finding(name, error.code, error.zh, error.en)]
    return []


def _finding(name: str, code: str, zh: str, en: str) -> Finding:
    return Finding(severity=Severity.ERROR, code=code, zh=zh, en=en, file=name)


def _on_item(finding: ItemFinding) -> Finding:
    """The finding of the office's room as one of the upload's report."""
    return Finding(
        severity=Severity(finding.severity.value),
        code=finding.code,
        zh=finding.zh,
        en=finding.en,
        file=finding.file,
        element=finding.element,
    )


def _unknown_kind(name: str) -> Finding:
    return _finding(
        name,
        "unknown-kind-of-file",
        f"不认识文件 {name}：只接受 .bpmn、.form 和 item.toml。",
        f"{name} is no file that can be deployed: .bpmn, .form and item.toml are.",
    )


def _empty() -> Finding:
    return _finding("", "no-files", "没有文件。", "There are no files.")
