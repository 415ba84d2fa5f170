"""A finding: one thing to say about an uploaded model, by file, line and element."""

from enum import StrEnum

from engine.records import record


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"  # the upload is refused
    WARNING = "warning"  # stored, but the designer should look
    INFO = "info"  # good to know


@record
class Finding:
    """One fault or remark. ``line`` is 1-based, 0 when it concerns the whole file."""

    severity: Severity
    code: str  # kebab-case and stable, e.g. "flow-without-condition"
    zh: str
    en: str
    file: str = ""
    line: int = 0
    element: str = ""  # BPMN id of the element, "" for the file
    element_name: str = ""

    def message(self, language: str = "zh") -> str:
        """Return the sentence in ``language`` ("zh" or "en")."""
        return self.zh if language.startswith("zh") else self.en


@record
class Change:
    """One normalisation that was applied, or (without consent) would be applied."""

    code: str  # e.g. "implicit-start"
    zh: str
    en: str
    file: str = ""
    line: int = 0
    element: str = ""
    applied: bool = False
