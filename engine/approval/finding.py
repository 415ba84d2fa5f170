"""What is to be said about an item by law and practice, by key of item.toml."""

from enum import StrEnum

from engine.records import record


class Severity(StrEnum):
    """How much a finding weighs; the same texts as findings on BPMN models."""

    ERROR = "error"  # the item is refused
    WARNING = "warning"  # stored, but somebody should look
    INFO = "info"  # good to know


@record
class ItemFinding:
    """One remark. ``element`` is the dotted key (``limits.promised``); ``basis`` the rule of law or practice behind
    it."""

    severity: Severity
    code: str  # kebab-case and stable
    zh: str
    en: str
    element: str
    basis: str = ""
    file: str = ""

    def message(self, language: str = "zh") -> str:
        """Return the sentence in ``language`` ("zh" or "en")."""
        return self.zh if language.startswith("zh") else self.en
