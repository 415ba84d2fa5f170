"""A decision is called what it is: only a licence is granted."""

from dataclasses import replace

from engine.approval.case_state import CaseState
from engine.approval.item import read_item
from engine.approval.outcome import words_of_result, words_of_state
from engine.cli.samples import PROCESSES
from tests.unit.approval.builders import an_item


def test_only_a_licence_is_granted_as_one() -> None:
    licence = an_item()
    assert words_of_result(licence)["granted"][0] == "准予许可"
    assert words_of_result(replace(licence, code="000731010000"))["refused"][0] == "不予确认"
    assert words_of_result(replace(licence, code="002010010000"))["granted"][0] == "予以办理"


def test_a_deregistration_that_was_granted_is_no_licence() -> None:
    item = read_item((PROCESSES / "simplified_deregistration" / "item.toml").read_text("utf-8"))
    assert words_of_result(item) == {
        "granted": ("准予注销", "Deregistered"),
        "refused": ("不予注销", "Deregistration refused"),
    }


def test_only_the_two_decisions_depend_on_the_kind_of_item() -> None:
    assert words_of_state(CaseState.DECIDED_OK, "000731010000") == ("予以确认", "Confirmed")
    assert words_of_state(CaseState.DECIDED_NO, "000131010000") == ("不予许可", "Refused")
    assert words_of_state(CaseState.FINISHED, "000731010000") == ("办结", "Finished")
