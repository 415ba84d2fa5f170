"""Rules of orders, requests for information and publicity, without a database."""

import pytest

from engine.approval.disclosure import ANSWERS, Answer, Asked, Opinion, Role, Way, page_fee, request_fee
from engine.approval.hotline import forbidden_in
from engine.approval.item.services import HotlineRules, PublicityRules, Topic, Unit
from engine.approval.publicity import Earlier, may_use
from engine.errors import InvalidInput

RULES = HotlineRules(
    units=(Unit(code="cgj", name="城市管理局", group="cgj"),),
    catalogue=(Topic(code="lights", name="路灯", unit="cgj"),),
)


@pytest.mark.parametrize(
    ("number", "yuan"), [(1, 0), (10, 0), (11, 100), (30, 100), (31, 200), (40, 200), (41, 300), (51, 400)]
)
def test_the_fee_of_a_request_rises_with_its_number_in_the_month(number: int, yuan: int) -> None:
    assert request_fee(number) == yuan


@pytest.mark.parametrize(
    ("pages", "yuan"), [(0, 0), (30, 0), (31, 10), (100, 700), (101, 720), (200, 2700), (201, 2740), (250, 4700)]
)
def test_the_fee_of_pages_rises_in_steps_and_only_for_what_is_above_each(pages: int, yuan: int) -> None:
    assert page_fee(pages) == yuan


@pytest.mark.parametrize("text", ["提供不了", "我们 提供，不了。", "此事“不在职责范围内”", "程序\n互为前置"])
def test_a_forbidden_reason_is_found_however_it_is_spaced(text: str) -> None:
    assert len(forbidden_in(text, RULES)) == 1


def test_a_reason_with_facts_is_not_forbidden() -> None:
    assert forbidden_in("依据三定规定第五条，由市场监督管理局管理", RULES) == []


def test_a_catalogue_names_only_units_that_there_are() -> None:
    with pytest.raises(InvalidInput):
        HotlineRules(units=RULES.units, catalogue=(Topic(code="x", name="x", unit="nobody"),))


def test_only_what_needs_a_confirmation_is_received_on_the_day_of_it() -> None:
    assert {way for way in Way if way.needs_confirmation} == {Way.INTERNET, Way.FAX, Way.ORDINARY_MAIL}


def test_silence_of_a_co_producer_is_consent_and_of_a_third_party_it_is_not() -> None:
    silent = {role: Asked(role=role, name="甲", opinion=Opinion.SILENT).agrees for role in Role}

    assert silent == {Role.THIRD_PARTY: False, Role.CO_PRODUCER: True}


def test_every_answer_has_its_words_and_its_article() -> None:
    assert set(ANSWERS) == {answer.value for answer in Answer}
    assert all(answer.zh and answer.sentence and "条" in answer.article for answer in Answer)


def may(*earlier: Earlier, resolved: bool = False) -> bool:
    rules = PublicityRules()
    return may_use(
        rules, excluded=["none"], no_debts=True, all_committed=True, earlier=earlier, resolved=resolved
    ).allowed


@pytest.mark.parametrize(
    ("outcome", "resolved", "allowed"),
    [
        ("stopped", False, False),
        ("stopped", True, True),
        ("lapsed", False, True),
        ("granted", True, False),
        ("refused", False, True),
        ("", False, True),
    ],
)
def test_whether_it_may_be_applied_for_again_depends_on_how_it_ended(
    outcome: str, resolved: bool, allowed: bool
) -> None:
    assert may(Earlier(number="1", is_open=False, outcome=outcome), resolved=resolved) is allowed


def test_not_beside_an_open_application() -> None:
    assert not may(Earlier(number="1", is_open=True, outcome=""), resolved=True)
