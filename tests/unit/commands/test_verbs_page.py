"""docs/verbs.md says what the code does."""

from pathlib import Path

from engine.commands import verbs_page
from engine.commands.running.service_tasks import VERBS

WRITTEN = Path(__file__).resolve().parents[3] / "docs" / "verbs.md"


def test_the_page_is_that_of_the_code() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == verbs_page.page(), (
        "write it anew: python -m engine.commands.verbs_page docs/verbs.md"
    )


def test_every_verb_has_its_place_on_the_page() -> None:
    assert all(f"### `{name}`\n" in verbs_page.page() for name in VERBS)
