"""Findings and tables on the terminal, or as JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.calendar import SHANGHAI

SEVERITY = {"error": "错误", "warning": "警告", "info": "提示"}


def print_json(value: Any) -> None:
    """Print ``value`` as JSON that a person can still read; moments with their offset."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print ``columns`` of ``rows``: a JSON list, or one line for each row with tabs between."""
    listed = [{name: row.get(name) for name in columns} for row in rows]
    if as_json:
        print_json(listed)
        return
    if not listed:
        print("（无 · none）")
        return
    print("\t".join(columns))
    for row in listed:
        print("\t".join(_cell(row[name]) for name in columns))


def print_report(report: Iterable[Mapping[str, Any]]) -> None:
    """Print what was found in each file: severity, line, element, code and both sentences."""
    for file in report:
        findings = file["findings"]
        errors = sum(finding["severity"] == "error" for finding in findings)
        verdict = "✓ 可以部署 · ok" if file["ok"] else f"✗ {errors} 个错误 · {errors} errors"
        print(f"{file['file']}: {verdict}")
        for finding in findings:
            print(
                f"  {SEVERITY.get(finding['severity'], '')} {finding['severity']}{_place(finding)} [{finding['code']}]"
            )
            print(f"    {finding['zh']}\n    {finding['en']}")
        for change in file["changes"]:
            done = "已修改 · changed" if change.get("applied") else "同意后将修改 · would change with --normalise"
            print(f"  {done}{_place(change)} [{change['code']}]\n    {change['zh']}\n    {change['en']}")


def for_programs(report: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The report as ``--json`` promises it: {file, ok, findings, changes}, each with severity, code, element, line, message."""
    return [
        {
            "file": file["file"],
            "ok": file["ok"],
            "findings": [{"severity": each["severity"], **_remark(each)} for each in file["findings"]],
            "changes": [{**_remark(each), "applied": bool(each.get("applied"))} for each in file["changes"]],
        }
        for file in report
    ]


def _remark(each: Mapping[str, Any]) -> dict[str, Any]:
    named = {"element_name": each["element_name"]} if each.get("element_name") else {}
    return {
        "code": each["code"],
        "element": each.get("element") or "",
        **named,
        "line": each.get("line") or 0,
        "message": each["zh"],
        "message_en": each["en"],
    }


def _place(each: Mapping[str, Any]) -> str:
    line = f" · 第 {each['line']} 行 line {each['line']}" if each.get("line") else ""
    name = f"「{each['element_name']}」" if each.get("element_name") else ""
    element = f" · {name}{each['element']}" if each.get("element") else ""
    return line + element


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (list, tuple)):
        return ",".join(_cell(each) for each in value) or "-"
    return str(value).replace("\n", " ").replace("\t", " ")


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
