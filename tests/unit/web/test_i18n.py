"""Every text of the pages exists in both languages, with the same placeholders, and none is stale."""

import importlib.util
import re
from pathlib import Path

import pytest

import web
from web.wording import i18n

spec = importlib.util.spec_from_file_location("texts", Path(__file__).with_name("texts.py"))
assert spec is not None and spec.loader is not None
texts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(texts)

PLACEHOLDER = re.compile(r"\{(\w+)\}")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def used() -> dict[str, str]:
    found: dict[str, str] = texts.all_texts()
    return found


def test_every_text_has_an_english_one(used: dict[str, str]) -> None:
    missing = {text: where for text, where in used.items() if text not in i18n.catalogue()}

    assert not missing


def test_no_entry_of_the_catalogue_is_stale(used: dict[str, str]) -> None:
    assert sorted(set(i18n.catalogue()) - set(used)) == []


def test_both_languages_fill_in_the_same_names() -> None:
    wrong = []
    for text, entry in i18n.catalogue().items():
        forms = [entry] if isinstance(entry, str) else list(entry.values())
        wrong += [text for form in forms if set(PLACEHOLDER.findall(form)) != set(PLACEHOLDER.findall(text))]

    assert wrong == []


def test_english_is_english() -> None:
    wrong = []
    for text, entry in i18n.catalogue().items():
        forms = [entry] if isinstance(entry, str) else list(entry.values())
        wrong += [text for form in forms if HAN.search(form) or not form.strip()]

    assert wrong == []


def test_templates_hold_no_chinese_outside_of_the_catalogue() -> None:
    """Text between tags that does not go through ``_`` would stay Chinese for an English reader."""
    allowed = {"办结", "中文", "：", "（", "）"}  # the name of the house, the language's own name, punctuation
    found = []
    for path in sorted((Path(web.__file__).parent / "templates").rglob("*.html")):
        bare = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<pre.*?</pre>", " ", path.read_text("utf-8"), flags=re.DOTALL)
        for word in allowed:
            bare = bare.replace(word, "")
        found += [f"{path.name}: {match}" for match in re.findall(r"[\u4e00-\u9fff]+", bare)]

    assert found == []


def test_a_number_chooses_the_form_of_the_noun() -> None:
    assert i18n.translate_to("en", "共 {n} 条", n=1) == "1 entry"
    assert i18n.translate_to("en", "共 {n} 条", n=0) == "0 entries"
    assert i18n.translate_to("zh", "共 {n} 条", n=1) == "共 1 条"


@pytest.mark.parametrize(
    "asked, found",
    [("en", "en"), ("en-GB", "en"), ("zh-CN", "zh"), ("ZH", "zh"), ("fr", None), ("", None), (None, None)],
)
def test_only_known_languages_are_chosen(asked: str | None, found: str | None) -> None:
    assert i18n.known(asked) == found
