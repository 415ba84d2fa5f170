"""Writes docs/bpmn-findings.md: every finding of the upload with its meaning and remedy, from the catalogue itself.

python -m engine.bpmn.findings_page docs/bpmn-findings.md
"""

import sys
from pathlib import Path

from engine.bpmn import reader  # its import enters every code  # noqa: F401
from engine.bpmn.report import CATALOGUE, Code
from engine.runtime.finding import Severity

_HEAD = """# Findings on uploaded models

Every upload is checked before anything is stored. A finding names the file, the line, the element's id and name, and says
what to do, in Chinese and in English. An **error** refuses the upload; a **warning** is stored, but the designer should look;
an **info** is good to know. Codes are stable. Those marked *can be normalised* are repaired when the upload consents to it
(`normalise`); each repair is listed in the report. `{it}` stands for the element, by kind and name.

This page is written by `python -m engine.bpmn.findings_page docs/bpmn-findings.md`; a test holds it to the catalogue.
"""

_TITLES = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.INFO: "Good to know"}


def page() -> str:
    """Return the page as Markdown."""
    codes = CATALOGUE.all()
    parts = [_HEAD]
    for severity, title in _TITLES.items():
        chosen = [code for code in codes if code.severity is severity]
        parts.append(f"\n## {title} ({len(chosen)})\n")
        parts += [_entry(code) for code in chosen]
    return "".join(parts)


def _entry(code: Code) -> str:
    lines = [f"\n### `{code.code}`\n", f"{code.about}\n", f"- {code.zh}", f"- {code.en}"]
    if code.change is not None:
        lines.append(f"- *Can be normalised:* {code.change.en} {code.change.zh}。")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
