"""Every code that the engine knows has a word, so that no page shows a code."""

from enum import StrEnum

import pytest

from engine.access import Role, Scope
from engine.approval.applicant import ApplicantKind
from engine.approval.case import Acceptance, Result
from engine.approval.case_state import CaseState
from engine.approval.clock import ClockKind, ClockState
from engine.approval.credit import CreditKind
from engine.approval.item.terms import InfoType, MaterialClass, MaterialForm, Necessity
from engine.approval.material import SlotState
from engine.approval.opinion import OpinionValue
from engine.approval.publicity import Objector
from engine.calendar import DayKind
from engine.runtime.finding import Severity
from engine.runtime.instance import InstanceState
from engine.runtime.job import JobState
from engine.runtime.task import TaskState
from web.wording import words

ENUMS: dict[str, type[StrEnum]] = {
    "task": TaskState,
    "instance": InstanceState,
    "job": JobState,
    "day": DayKind,
    "severity": Severity,
    "case": CaseState,
    "result": Result,
    "acceptance": Acceptance,
    "infotype": InfoType,
    "applicant": ApplicantKind,
    "material": SlotState,
    "material_class": MaterialClass,
    "material_form": MaterialForm,
    "necessity": Necessity,
    "clock": ClockKind,
    "clock_state": ClockState,
    "objector": Objector,
    "opinion": OpinionValue,
    "credit": CreditKind,
    "scope": Scope,
}


@pytest.mark.parametrize("table", ENUMS)
def test_every_code_has_a_word(table: str) -> None:
    assert {each.value for each in ENUMS[table]} <= set(words.TABLES[table])


def test_every_role_that_a_person_can_have_has_a_word() -> None:
    assert {role.value for role in Role} - {"system"} <= set(words.ROLES)


def test_where_the_engine_has_its_own_chinese_word_it_is_the_same() -> None:
    for table, enum in ENUMS.items():
        for each in enum:
            own = getattr(each, "zh", None)
            assert own is None or own == words.TABLES[table][each.value], (table, each)


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert words.word("brand-new", "case") == "brand-new"
