"""部分发放: the licences of one package are granted together, in part, or not at all, each with its own paper."""

from typing import Any

import pytest

from engine.errors import InvalidInput
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.building import DRAINAGE, accepted, agreed, decided

REASON, BASIS = "纳管位置不符合规划", "《城镇排水与污水处理条例》第二十一条"
ONLY_MAIN: dict[str, Any] = {"granted_parts": ["main"], "decision_basis": BASIS}


def drafted(bureau: Bureau, *, drainage: str = "disagree") -> str:
    """The three departments agree; whether the water office does is told."""
    no = accepted(bureau, **DRAINAGE)
    agreed(bureau, no)
    given: dict[str, Any] = {"opinion_basis": BASIS} if drainage == "disagree" else {}
    bureau.do("paishui", no, "give_opinion", drainage, REASON if given else "", **given)
    bureau.do("qiantou", no, "draft", "partly", REASON, granted_parts=["main"])
    return no


def test_a_part_is_granted_and_the_rest_refused_in_a_paper_with_reasons_and_remedies(bureau: Bureau) -> None:
    no = drafted(bureau)
    assert bureau.variables(no)["package_choices"] == [
        {"value": "main", "label": "建筑工程施工许可证"},
        {"value": "drainage", "label": "城镇污水排入排水管网许可证"},
    ]
    with pytest.raises(InvalidInput):
        bureau.do("juzhang", no, "decide", "partly", REASON, granted_parts=["main"])
    with pytest.raises(InvalidInput):
        bureau.do("juzhang", no, "decide", "partly", "", **ONLY_MAIN)
    bureau.do("juzhang", no, "decide", "partly", REASON, **ONLY_MAIN)

    assert bureau.state(no) == "decided_ok" and bureau.case(no)["result"] == "partly_granted"
    granted, refused = bureau.document(no, "grant"), bureau.document(no, "refusal")
    assert "1. 建筑工程施工许可证" in granted and "排水管网" not in granted
    assert "1. 城镇污水排入排水管网许可证" in refused and REASON in refused and BASIS in refused
    assert "60日内" in refused and "6个月内" in refused and "60日内" not in granted
    assert len(bureau.documents_of(no, "certificate")) == 1
    assert bureau.case(no)["facts"]["certificate"]["title"] == "建筑工程施工许可证"
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王工")
    assert bureau.state(no) == "finished" and bureau.instance(no)["outcome"] == "partly_granted"


def test_the_licence_of_another_organ_may_be_granted_where_the_leads_own_is_not(bureau: Bureau) -> None:
    no = drafted(bureau, drainage="agree")
    bureau.do(
        "juzhang", no, "decide", "partly", "资金未落实", granted_parts=["drainage"], decision_basis="《建筑法》第八条"
    )

    assert "1. 建筑工程施工许可证" in bureau.document(no, "refusal")
    assert "城镇污水排入排水管网许可证" in bureau.document(no, "certificate")


def test_all_licences_of_a_package_come_out_together_each_with_its_number(bureau: Bureau) -> None:
    no = drafted(bureau, drainage="agree")
    bureau.do("juzhang", no, "decide", "approve")

    papers = bureau.documents_of(no, "certificate")
    assert [paper.splitlines()[0] for paper in papers] == ["城镇污水排入排水管网许可证", "建筑工程施工许可证"]
    assert bureau.case(no)["facts"]["certificate"]["title"] == "建筑工程施工许可证"


def test_what_cannot_be_decided_comes_back_to_who_decides_with_the_reason(bureau: Bureau) -> None:
    no = drafted(bureau)
    not_agreed = "排水许可没有明确同意，不能准予“城镇污水排入排水管网许可证”"
    for outcome, parts in (("approve", []), ("partly", ["drainage"]), ("partly", ["main", "drainage"])):
        bureau.do("juzhang", no, "decide", outcome, REASON, granted_parts=parts, decision_basis=BASIS)
        assert bureau.open(no) == ["decide"] and bureau.state(no) == "under_review"
        assert not_agreed in bureau.variables(no)["decide_problem"]

    bureau.do("juzhang", no, "decide", "partly", REASON, **ONLY_MAIN)
    assert bureau.variables(no)["decide_problem"] == "" and bureau.state(no) == "decided_ok"


def test_an_item_that_does_not_say_so_is_not_decided_in_parts(bureau: Bureau) -> None:
    bureau.with_item("construction_permit", ("partial_issue = true", "partial_issue = false"))
    no = drafted(bureau)
    bureau.do("juzhang", no, "decide", "partly", REASON, **ONLY_MAIN)

    assert bureau.open(no) == ["decide"] and "本事项不分开决定" in bureau.variables(no)["decide_problem"]


def test_a_package_of_one_licence_has_no_parts(bureau: Bureau) -> None:
    no = accepted(bureau)
    agreed(bureau, no)
    decided(bureau, no)

    assert "1. " not in bureau.document(no, "grant"), "it is decided as a whole, without a list"


def test_silence_grants_no_licence(bureau: Bureau) -> None:
    no = accepted(bureau, **DRAINAGE)
    agreed(bureau, no)

    bureau.at("2026-10-20 09:00")

    assert bureau.sees("paishui", no) == ["give_opinion"] and "drainage" not in bureau.opinions(no)
