"""好差评: five grades once a matter, within seven days; a poor one is called back about, rectified, and rated again."""

from typing import Any

import pytest

from engine.commands.administration.people import SetPassword
from engine.commands.procedures.ratings import RateCase
from engine.commands.tasks.handling import CompleteTask
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.integration.web.office import CHEAP, PASSWORD, Browser, application
from tests.processes.bureau import Bureau
from tests.processes.food_permit_tolerance import test_tolerance as food
from web import WebSettings

POOR: dict[str, Any] = {"grade": 2, "reasons": ("repeated",), "text": "跑了三趟"}
RECORD = {"contact_record": "电话核实，情况属实"}


def finished(bureau: Bureau, at: str = "2026-09-21 10:00") -> str:
    no = food.filed(bureau, food.MAIN | food.SECONDARY, at)
    bureau.do("chuangkou", no, "examine_materials")
    food.reviewed(bureau, no)
    bureau.do("juzhang", no, "decide", "approve")
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王五")
    return no


def rated(bureau: Bureau, no: str, by: str = "chuangkou", **given: Any) -> dict[str, Any]:
    return bureau.execute(RateCase(no=no, **given), by)


def poor(bureau: Bureau, at: str = "2026-09-21 10:00", **given: Any) -> str:
    no = finished(bureau, at)
    rated(bureau, no, **POOR | given)
    return no


def waiting(bureau: Bureau) -> list[dict[str, Any]]:
    """The open tasks of the process."""
    key = "rating_rectification"
    return [row for row in bureau.queries.tasks.open(limit=200).rows if row["process_key"] == key]


def step(bureau: Bureau, element: str, outcome: str, by: str = "", comment: str = "", **variables: Any) -> None:
    """The one task that waits is this one, and who may does it."""
    (task,) = waiting(bureau)
    assert task["element_id"] == element
    who = by or next(login for login in ("ducha", "juzhang", "dengjizhang") if task["id"] in mine(bureau, login))
    command = CompleteTask(task_id=task["id"], outcome=outcome, comment=comment, variables=variables)
    bureau.execute(command, who)


def mine(bureau: Bureau, login: str) -> set[str]:
    return {task["id"] for task in bureau.inbox(login)}


def rating(bureau: Bureau, no: str) -> dict[str, Any]:
    found: dict[str, Any] = bureau.case(no)["facts"]["rating"]
    return found


def test_the_least_good_grade_is_written_down_and_nothing_follows(bureau: Bureau) -> None:
    no = finished(bureau)

    rated(bureau, no, grade=3)

    assert (rating(bureau, no)["grade"], rating(bureau, no)["state"]) == (3, "taken") and waiting(bureau) == []


def test_a_matter_is_rated_once_when_it_is_done_and_within_seven_days(bureau: Bureau) -> None:
    early = food.filed(bureau, food.MAIN | food.SECONDARY)
    with pytest.raises(Conflict, match="when it is done"):
        rated(bureau, early, grade=5)
    no, late = finished(bureau), finished(bureau)
    rated(bureau, no, grade=4)
    with pytest.raises(Conflict, match="once"):
        rated(bureau, no, grade=5)

    # the seventh day is Sep 28: 25 to 27 were days off, and natural days count them
    bureau.at("2026-09-28 23:59")
    rated(bureau, late, grade=5)
    other = finished(bureau, "2026-09-28 10:00")
    bureau.at("2026-10-09 00:01")
    with pytest.raises(Conflict, match="2026-10-08"):
        rated(bureau, other, grade=5)


def test_who_may_and_what_has_to_be_said(bureau: Bureau) -> None:
    no = finished(bureau)

    for wrong in ({"grade": 6}, {"grade": 1}, {"grade": 5, "channel": "smoke"}, {"grade": 2, "reasons": ("nothing",)}):
        with pytest.raises(InvalidInput):
            rated(bureau, no, **wrong)
    for login in ("shipin", "juzhang"):  # not those who are rated
        with pytest.raises((Forbidden, NotFound)):
            rated(bureau, no, by=login, grade=5)
    rated(bureau, no, by="ducha", grade=5, channel="mobile")


def test_a_poor_one_is_verified_rectified_and_rated_again(bureau: Bureau) -> None:
    no = poor(bureau)
    (task,) = waiting(bureau)
    assert task["business_key"] == no and bureau.local_day(task["due_at"]).isoformat() == "2026-09-22"

    step(bureau, "contact", "rectify", **RECORD)
    (task,) = waiting(bureau)
    assert bureau.local_day(task["due_at"]).isoformat() == "2026-09-29", "five working days, three days off between"
    step(bureau, "rectify", "done", rectify_record="材料清单改为一次告知")
    step(bureau, "follow_up", "accept", new_grade="4")

    found = rating(bureau, no)
    assert (found["grade"], found["again"], found["state"]) == (2, 4, "rectified") and waiting(bureau) == []
    assert found["outcome"] == "材料清单改为一次告知"


def test_who_is_not_content_with_the_rectification_gets_another(bureau: Bureau) -> None:
    poor(bureau)
    step(bureau, "contact", "rectify", **RECORD)
    step(bureau, "rectify", "done", rectify_record="已道歉")

    step(bureau, "follow_up", "again", comment="还是要跑两趟")

    assert [task["element_id"] for task in waiting(bureau)] == ["rectify"]


def test_more_time_up_to_fifteen_days_takes_an_approval(bureau: Bureau) -> None:
    no = poor(bureau)
    step(bureau, "contact", "rectify", **RECORD)
    step(bureau, "rectify", "extend", more_time_reason="需改系统")
    step(bureau, "approve_more", "refuse", comment="可以先行改进")
    step(bureau, "rectify", "extend", more_time_reason="需改系统，附方案")
    step(bureau, "approve_more", "approve")
    (task,) = waiting(bureau)
    assert bureau.local_day(task["due_at"]).isoformat() == "2026-10-12", "ten working days more"
    step(bureau, "rectify_longer", "done", rectify_record="系统已改")
    step(bureau, "follow_up", "accept", new_grade="5")

    assert rating(bureau, no)["state"] == "rectified"


def test_what_no_rule_supports_is_explained(bureau: Bureau) -> None:
    no = poor(bureau)

    step(bureau, "contact", "explain", contact_record="要求免除法定材料，已解释")

    assert rating(bureau, no)["state"] == "explained" and waiting(bureau) == []


@pytest.mark.parametrize(("outcome", "state", "left"), [("confirm", "invalid", []), ("deny", "open", ["rectify"])])
def test_a_mistaken_one_counts_out_only_when_a_second_person_confirms(
    bureau: Bureau, outcome: str, state: str, left: list[str]
) -> None:
    no = poor(bureau)
    step(bureau, "contact", "mistaken", contact_record="评价人称点错")

    step(bureau, "confirm_mistaken", outcome, by="juzhang", comment="已听录音")

    assert rating(bureau, no)["state"] == state and [task["element_id"] for task in waiting(bureau)] == left


def test_of_an_anonymous_one_neither_case_nor_applicant_is_told_to_who_rectifies(bureau: Bureau) -> None:
    no = poor(bureau, anonymous=True)

    (task,) = waiting(bureau)

    assert task["business_key"] is None and no not in task["title"]
    instance = bureau.queries.instances.get(task["instance_id"])
    assert instance is not None and no not in str(instance) and food.SHOP["name"] not in str(instance)
    step(bureau, "contact", "rectify", **RECORD)
    step(bureau, "rectify", "done", rectify_record="已改")
    step(bureau, "follow_up", "accept", new_grade="5")
    assert rating(bureau, no)["state"] == "rectified"


def test_it_is_written_down_on_the_page_of_the_case_and_hidden_from_who_was_rated(bureau: Bureau) -> None:
    no = finished(bureau)
    for login in ("chuangkou", "shipin"):
        bureau.execute(SetPassword(login=login, password_hash=CHEAP.hash(PASSWORD)), "admin")
    app = application(bureau, WebSettings(secret=b"pages"), lambda: bureau.now)
    window, handler = (Browser(app.test_client(), login).sign_in() for login in ("chuangkou", "shipin"))
    window.get(f"/cases/{no}")
    assert "登记评价" in window.text

    window.send(f"/cases/{no}/rating", {"grade": "2", "channel": "tablet", "reasons": ["slow"], "text": "排队两小时"})

    assert "评价已登记，转回访核实。" in " ".join(window.messages)
    assert "不满意" in window.text and "排队两小时" in window.text and "已转回访整改" in window.text
    handler.get(f"/cases/{no}")
    assert handler.status == 200 and "排队两小时" not in handler.text and "登记评价" not in handler.text
