"""The story of an order, a request or a publicity speaks the words of the office, never the codes of the engine."""

from enum import StrEnum

import pytest
from flask import Flask

from engine.approval.disclosure import Opinion, Way
from engine.approval.hotline import ReturnReason, Satisfaction, Settlement
from engine.approval.publicity import Outcome
from web.parts import timeline_services


@pytest.mark.parametrize(
    ("kind", "field", "codes"),
    [
        ("OrderReturnRequested", "reason", ReturnReason),
        ("OrderReturnSettled", "decision", Settlement),
        ("OrderCalledBack", "satisfaction", Satisfaction),
        ("RequestRegistered", "way", Way),
        ("OpinionReceived", "opinion", Opinion),
        ("PublicityEnded", "outcome", Outcome),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_of_an_event_has_its_word(kind: str, field: str, codes: type[StrEnum], language: str) -> None:
    with Flask(__name__).test_request_context(f"/?lang={language}"):
        words = [timeline_services.outcome(kind, {field: code.value}) for code in codes]

    assert not set(words) & {code.value for code in codes} and all(words)


def test_a_ground_for_a_return_is_told_once_beside_what_was_written() -> None:
    event = {"unit": "swj", "reason": "other_unit", "text": "二次供水由物业企业管理"}
    with Flask(__name__).test_request_context("/"):
        told = timeline_services.outcome("OrderReturnRequested", event)

    assert (told, timeline_services.said("OrderReturnRequested", event)) == (
        "依法属于其他单位管辖",
        "二次供水由物业企业管理",
    )
