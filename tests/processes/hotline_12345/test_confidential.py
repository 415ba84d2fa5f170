"""Callers who asked for confidentiality: nobody who handles the order learns who they are, and every look is told."""

import json

import pytest
from sqlalchemy import select

from engine.commands.cases.sealing import MASKED, RevealApplicant
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.store import tables
from tests.processes.bureau import Bureau
from tests.processes.hotline_12345.calls import CALLER, called, signed

CONFIDENTIAL = {"confidential": "yes"}


def test_a_confidential_caller_is_nowhere_in_the_case_its_history_or_its_documents(bureau: Bureau) -> None:
    no = called(bureau, **CONFIDENTIAL)
    bureau.do("huawu", no, "triage", "dispatch", topic="street_lights", complexity="simple")
    bureau.do("chengguan", no, "sign_in", "sign")

    case = bureau.case(no)
    assert case["applicant_name"] == MASKED and case["applicant"]["phone"] == ""
    with bureau.database.read() as connection:
        everything = [
            connection.execute(select(table)).all() for table in (tables.history, tables.document, tables.task)
        ]
    told = json.dumps([[list(map(str, row)) for row in rows] for rows in everything], ensure_ascii=False)
    assert CALLER["name"] not in told and CALLER["phone"] not in told


def test_a_report_is_confidential_whatever_the_caller_says(bureau: Bureau) -> None:
    assert bureau.case(called(bureau, order_kind="report"))["applicant_name"] == MASKED
    assert bureau.case(called(bureau))["applicant_name"] == CALLER["name"]


def test_the_centre_and_the_supervisor_may_look_give_their_reason_and_it_is_kept(bureau: Bureau) -> None:
    no = signed_confidentially(bureau)

    answer = bureau.execute(RevealApplicant(no=no, reason="回访"), "huawu2")
    bureau.execute(RevealApplicant(no=no, reason="督办核实"), "ducha")

    assert (answer["applicant"]["name"], answer["applicant"]["phone"]) == (CALLER["name"], CALLER["phone"])
    looks = bureau.history(no, "ApplicantRevealed")
    assert [(look["actor"], look["data"]["reason"]) for look in looks] == [("huawu2", "回访"), ("ducha", "督办核实")]


@pytest.mark.parametrize("login", ["chengguan", "admin", "shenji"])
def test_the_unit_the_administrator_and_the_auditor_may_not(bureau: Bureau, login: str) -> None:
    no = signed_confidentially(bureau)

    with pytest.raises(Forbidden):
        bureau.execute(RevealApplicant(no=no, reason="想知道"), login)

    assert bureau.history(no, "ApplicantRevealed") == []


def test_a_look_needs_a_reason_and_a_sealed_applicant(bureau: Bureau) -> None:
    with pytest.raises(InvalidInput):
        bureau.execute(RevealApplicant(no=signed_confidentially(bureau), reason=" "), "huawu")
    with pytest.raises(Conflict):
        bureau.execute(RevealApplicant(no=signed(bureau), reason="回访"), "huawu")


def signed_confidentially(bureau: Bureau) -> str:
    no = called(bureau, **CONFIDENTIAL)
    bureau.do("huawu", no, "triage", "dispatch", topic="street_lights", complexity="simple")
    bureau.do("chengguan", no, "sign_in", "sign")
    return no
