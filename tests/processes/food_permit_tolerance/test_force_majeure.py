"""容缺补齐因不可抗力延期: asked for before the promised day, decided by the lead, once; every path with its dates.

Working days from Monday 2026-09-21: the promise ends on 10-09, the promised limit on 10-12, the statutory one on 10-26.
"""

from datetime import date
from typing import Any

import pytest

from engine.errors import InvalidInput
from tests.processes.bureau import Bureau
from tests.processes.food_permit_tolerance import test_tolerance as food

FLOOD = {
    "force_majeure_reason": "台风登陆，产权登记机构停止办公",
    "force_majeure_proof": "气象台台风红色预警，星河市气象局",
}


def asked(bureau: Bureau, no: str, until: str = "2026-10-16") -> None:
    bureau.do("chuangkou", no, "complete_materials", "extend", **FLOOD, more_time_until=until)


def answered(bureau: Bureau, no: str, outcome: str = "approve", comment: str = "", **variables: Any) -> None:
    bureau.do("juzhang", no, "approve_more_time", outcome, comment, **variables)


def credit(bureau: Bureau, no: str) -> list[str]:
    return [row["kind"] for row in bureau.credit(bureau.case(no)["applicant_id"])]


def test_asked_for_in_time_and_agreed_to_the_deadline_moves_once_with_all_that_knows_it(bureau: Bureau) -> None:
    no = food.promised(bureau)
    bureau.at("2026-09-29 10:00")  # reminded once, for the old deadline

    asked(bureau, no)
    assert bureau.sees("chuangkou", no) == [] and bureau.sees("juzhang", no) == ["approve_more_time"]
    answered(bureau, no, comment="情况属实")

    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 16))
    # waiting for the materials stops no limit of the office (R2-3)
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 12))
    assert bureau.variables(no)["promise_due"] == "2026-10-16"
    assert bureau.material(no, "S02")["facts"]["tolerated_until"] == "2026-10-16"
    letter = bureau.document(no, "tolerance_extension")
    assert (
        "同意将补齐期限延长至2026年10月16日" in letter and "台风登陆" in letter and "《民法典》第一百八十条" in letter
    )
    told = [
        row["kind"] for row in bureau.history(no, "ToleranceExtensionRequested", "ToleranceExtended", "ClockExtended")
    ]
    assert told == ["ToleranceExtensionRequested", "ToleranceExtended", "ClockExtended"]
    bureau.at("2026-10-13 09:00")
    days = [entry["day"] for entry in bureau.case(no)["facts"]["reminders"]]
    assert days == ["2026-09-29", "2026-10-13"], "reminded of the new deadline, three working days before it"
    food.completed(bureau, no)
    bureau.do("chuangkou", no, "verify_materials", "pass")
    assert bureau.case(no)["facts"]["tolerance"]["state"] == "fulfilled" and credit(bureau, no) == []


def test_nothing_is_broken_at_the_old_deadline_and_everything_at_the_new_one(bureau: Bureau) -> None:
    no = food.promised(bureau)
    asked(bureau, no)
    answered(bureau, no)

    bureau.at("2026-10-16 17:30")
    assert bureau.state(no) == "accepted_tol" and credit(bureau, no) == []
    bureau.at("2026-10-16 17:31")

    assert bureau.state(no) == "acceptance_revoked" and credit(bureau, no) == ["tolerance_breach"]


def test_refused_the_deadline_stands_and_while_it_runs_it_may_be_asked_for_again(bureau: Bureau) -> None:
    no = food.promised(bureau)
    asked(bureau, no)

    answered(bureau, no, "refuse", "证明不足")

    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 9))
    assert bureau.sees("chuangkou", no) == ["complete_materials"]
    assert bureau.variables(no)["more_time_problem"] == "不同意延长：证明不足"
    assert "补齐期限仍至2026年10月9日" in bureau.document(no, "tolerance_extension")
    asked(bureau, no)
    answered(bureau, no)
    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 16))


def test_what_counts_is_when_it_was_asked_for_not_when_it_was_decided(bureau: Bureau) -> None:
    no = food.promised(bureau)
    bureau.at("2026-10-09 17:30")
    asked(bureau, no)

    bureau.at("2026-10-12 11:00")  # the old deadline is over, the lead has not decided
    assert bureau.state(no) == "accepted_tol" and credit(bureau, no) == []
    answered(bureau, no)

    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 16))
    assert bureau.sees("chuangkou", no) == ["complete_materials"]


def test_refused_after_the_deadline_the_promise_is_broken_at_once(bureau: Bureau) -> None:
    no = food.promised(bureau)
    bureau.at("2026-10-09 17:30")
    asked(bureau, no)
    bureau.at("2026-10-12 11:00")

    answered(bureau, no, "refuse", "不属于不可抗力")
    bureau.at("2026-10-12 11:01")

    assert bureau.state(no) == "acceptance_revoked" and credit(bureau, no) == ["tolerance_breach"]


def test_refused_after_the_deadline_what_was_uploaded_before_it_is_verified(bureau: Bureau) -> None:
    no = food.promised(bureau)
    asked(bureau, no)
    bureau.upload(no, "S02")
    bureau.upload(no, "S03")
    bureau.at("2026-10-12 11:00")

    answered(bureau, no, "refuse", "不属于不可抗力")
    bureau.at("2026-10-12 11:01")

    assert bureau.sees("chuangkou", no) == ["verify_materials"] and credit(bureau, no) == []


def test_asked_for_after_the_deadline_it_is_refused_in_plain_words(bureau: Bureau) -> None:
    no = food.promised(bureau)
    bureau.at("2026-10-09 17:30")
    # the deadline has passed and the worker has not come yet: the task is still there
    bureau.now = bureau.now.replace(hour=17, minute=45)

    asked(bureau, no)

    letter = bureau.document(no, "tolerance_extension")
    assert "不同意延长" in letter and "补齐期限已于2026-10-09届满，因不可抗力延期应当在期限届满前申请" in letter
    assert bureau.sees("juzhang", no) == []
    assert bureau.state(no) == "acceptance_revoked" and credit(bureau, no) == ["tolerance_breach"]


def test_a_second_time_it_is_refused(bureau: Bureau) -> None:
    no = food.promised(bureau)
    asked(bureau, no, "2026-10-12")
    answered(bureau, no)

    asked(bureau, no, "2026-10-16")

    assert bureau.variables(no)["more_time_problem"] == "补齐期限已经因不可抗力延长过一次，不能再延长"
    assert bureau.sees("chuangkou", no) == ["complete_materials"]
    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 12))


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-10-09", "延长后的日期应当晚于原期限2026-10-09"),
        ("2026-10-26", "延长后的日期不得晚于2026-10-23：容缺材料应当在法定时限届满前补齐"),
    ],
)
def test_the_day_lies_after_the_deadline_and_before_the_statutory_limit_ends(
    bureau: Bureau, until: str, words: str
) -> None:
    no = food.promised(bureau)

    asked(bureau, no, until)

    assert words in bureau.variables(no)["more_time_problem"]
    assert bureau.sees("chuangkou", no) == ["complete_materials"] and bureau.sees("juzhang", no) == []


def test_the_lead_may_give_another_day_and_a_wrong_one_comes_back(bureau: Bureau) -> None:
    no = food.promised(bureau)
    asked(bureau, no, "2026-10-23")

    answered(bureau, no, more_time_until="2026-10-30")
    assert "不得晚于2026-10-23" in bureau.variables(no)["more_time_problem"]
    assert bureau.sees("juzhang", no) == ["approve_more_time"]
    answered(bureau, no, more_time_until="2026-10-11")  # a Sunday: the last working day before it

    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 10))


def test_reason_proof_and_day_are_asked_for(bureau: Bureau) -> None:
    no = food.promised(bureau)

    with pytest.raises(InvalidInput) as refused:
        bureau.do("chuangkou", no, "complete_materials", "extend")

    assert set(refused.value.facts["fields"]) == {"force_majeure_reason", "force_majeure_proof", "more_time_until"}


def test_an_application_withdrawn_while_the_lead_considers_ends_the_promise(bureau: Bureau) -> None:
    no = food.promised(bureau)
    asked(bureau, no)

    bureau.withdraw(no)

    assert bureau.state(no) == "withdrawn" and bureau.open(no) == []
    assert bureau.case(no)["facts"]["tolerance"]["state"] == "ended"


def test_the_second_time_of_the_item_may_be_moved_too(bureau: Bureau) -> None:
    bureau.with_item(
        "food_permit_tolerance",
        ('timeout = "revoke_acceptance"', 'timeout = "return"\nsuspend = { limit = "5wd", source = "本级办事指南" }'),
    )
    no = food.promised(bureau)
    bureau.at("2026-10-10 09:00")
    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 15))

    asked(bureau, no, "2026-10-20")
    answered(bureau, no)

    assert bureau.clock(no, "tolerance") == ("running", date(2026, 10, 20))
    bureau.at("2026-10-20 17:31")
    assert bureau.state(no) == "returned"
