"""What a search finds in form fields, and what a notice says."""

import json
from typing import Any

import pytest

from engine.runtime.notice import Channel, Kind, sentence, wanted
from engine.runtime.searching import MAX_ALL, fields_with, fragment, normalised, search_text


def test_the_search_text_holds_words_and_numbers_and_nothing_that_only_routes() -> None:
    found = search_text(
        {
            "company": "ＡＢＣ　科技",
            "sum": 38.5,
            "goods": [{"name": "空调", "n": 2}],
            "urgent": True,
            "gone": None,
            "outcome": "approve",
            "review_outcome": "approve",
            "comment": "同意",
        }
    )

    assert found is not None and json.loads(found) == {"company": "abc 科技", "sum": "38.5", "goods": "空调 2"}
    assert search_text({"urgent": True}) is None


def test_the_search_text_is_bounded_whatever_the_variables_are() -> None:
    found = search_text({f"v{n}": "长" * 5000 for n in range(100)} | {"list": ["x"] * 100_000})

    assert found is not None and len(found) < 2 * MAX_ALL


@pytest.mark.parametrize("keyword", ["科技", "ABC  科", "ａｂｃ", '"quoted" \\ back', "100%"])
def test_the_coarse_look_of_the_database_misses_nothing_that_the_exact_one_finds(keyword: str) -> None:
    text = search_text({"a": f"before {keyword} after"})

    assert text is not None and fragment(keyword) in text
    assert fields_with(text, keyword) == ["a"]


def test_a_name_of_a_field_is_nothing_to_be_found() -> None:
    assert fields_with(search_text({"company": "x"}), "company") == []
    assert normalised(" Ａ\t b ") == "a b"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_line_in_both_languages_whatever_is_known(kind: Kind, language: str) -> None:
    line = sentence(kind, "{title} of\nsomebody", {}, language)

    assert line and "\n" not in line
    if kind is not Kind.DIGEST:
        assert "{title} of somebody" in line  # what people typed is text, not a format


@pytest.mark.parametrize(
    "preference, found",
    [
        (None, {Channel.MAIL, Channel.HOOK}),
        ("nonsense", {Channel.MAIL, Channel.HOOK}),
        ({"urged": []}, set()),
        ({"urged": ["mail", "pigeon"]}, {Channel.MAIL}),
    ],
)
def test_the_ways_are_those_that_a_person_chose_or_the_usual_ones(preference: Any, found: set[Channel]) -> None:
    assert wanted(preference, Kind.URGED) == found
