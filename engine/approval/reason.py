"""Why something is allowed or not: reasons in words with the rule behind each, and the decision that they make."""

from engine.approval.stored import Stored
from engine.errors import Conflict
from engine.records import record


@record
class Reason(Stored):
    """One reason. ``code`` is kebab-case and stable, ``rule`` the article or the number of our rule."""

    code: str
    zh: str
    en: str
    rule: str = ""

    def message(self, language: str = "zh") -> str:
        """Return the sentence in ``language`` ("zh" or "en")."""
        return self.zh if language.startswith("zh") else self.en


@record
class Decision:
    """Allowed when nothing speaks against it; ``against`` names everything that does."""

    against: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.against

    def require(self, zh: str, en: str) -> None:
        """Raise :class:`Conflict` with all reasons when it is not allowed; ``zh`` and ``en`` say what was wanted."""
        if self.against:
            raise Conflict(
                f"不能{zh}：" + "；".join(reason.zh.rstrip("。") for reason in self.against) + "。",
                f"Cannot {en}: " + "; ".join(reason.en.rstrip(".") for reason in self.against) + ".",
                reasons=[reason.to_json() for reason in self.against],
            )
