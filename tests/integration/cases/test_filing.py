"""Filing a case: its number, what is checked, what it starts with, and what may be changed before acceptance."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.approval.case_number import CaseNumber
from engine.commands.cases.filing import ChangeCaseForm, query_code_hash
from engine.commands.running.instances import StartInstance
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound, StepFailed
from engine.store.tables import idempotency, item
from tests.integration.cases.filing import COMPLETE, FORM, SHOP, application, filed
from tests.processes.bureau import SECRET, Bureau


def test_numbers_count_by_day_kind_and_department_and_have_a_check_digit(bureau: Bureau) -> None:
    bureau.at("2026-09-21 10:00")
    numbers = [CaseNumber.parse(filed(bureau)) for _ in range(3)]
    bureau.at("2026-09-22 10:00")
    tomorrow = CaseNumber.parse(filed(bureau))

    assert [number.serial for number in numbers] == [1, 2, 3] and tomorrow.serial == 1
    assert {number.prefix for number in numbers} == {"51010020260921201"}
    assert tomorrow.prefix == "51010020260922201"


def test_every_department_has_two_digits_of_its_own_for_ever(bureau: Bureau) -> None:
    food = CaseNumber.parse(filed(bureau))
    place = {
        "place_name": "云来酒店", "place_address": "银河大道8号", "place_kind": "lodging", "floor_area": 3000,
        "staff_count": 40, "air_conditioning": "yes", "manager": "孙八", "manager_phone": "13900000000",
        "declaration": True,
    }  # fmt: skip
    hygiene = CaseNumber.parse(filed(bureau, item_code="000123015000", form=place, offered={}))

    assert (food.department, hygiene.department) == ("01", "02")
    assert CaseNumber.parse(filed(bureau)).department == "01"


def test_the_process_knows_the_case_and_the_form(bureau: Bureau) -> None:
    no = filed(bureau, title="美味小馆食品经营许可", urgency=1)

    variables = bureau.variables(no)
    assert variables["case_no"] == variables["business_key"] == no and variables["item_code"] == "000131010000"
    assert variables["shop_name"] == "美味小馆" and variables["website"] is None
    task = bureau.task("chuangkou", no, "examine_materials")
    assert task["title"] == "美味小馆食品经营许可" and task["urgency"] == 1
    assert task["applicant"] == SHOP["name"] and task["business_key"] == no


def test_a_case_is_named_after_its_matter_and_its_item(bureau: Bureau) -> None:
    assert bureau.case(filed(bureau))["title"] == "美味小馆 · 食品经营许可（容缺受理）"


def test_the_query_code_is_told_once_and_kept_as_a_hash(bureau: Bureau) -> None:
    answer = bureau.execute(application(), "chuangkou")

    code = answer["query_code"]
    assert len(code) == 6 and code.isdigit()
    assert bureau.case(answer["no"])["query_code_hash"] == query_code_hash(SECRET, answer["no"], code)
    assert not tells(bureau.history(answer["no"]), code)


def tells(said: Any, code: str) -> bool:
    """Whether ``code`` stands somewhere by itself: six digits may stand inside of any id, number or hash by chance."""
    return re.search(rf"(?<![0-9a-z]){code}(?![0-9a-z])", str(said)) is not None


def test_the_same_request_sent_twice_files_one_case(bureau: Bureau) -> None:
    clerk = bureau.person("chuangkou")

    answers = [bureau.engine.execute(application(), actor=clerk, idempotency_key="k1") for _ in range(2)]

    assert answers[0] == answers[1] and len(bureau.queries.cases.page().rows) == 1
    with bureau.engine.database.read() as connection:
        kept = connection.execute(idempotency.select()).one()
    assert kept.response["no"] == answers[0]["no"] and not tells(kept.response, answers[0]["query_code"])


@pytest.mark.parametrize("login", ["shipin", "juzhang", "ducha", "sheji", "admin"])
def test_only_clerks_file_cases(bureau: Bureau, login: str) -> None:
    with pytest.raises(Forbidden):
        bureau.execute(application(), login)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"form": FORM | {"shop_name": ""}}, "shop_name"),
        ({"form": {**FORM, "floor_area": 0}}, "floor_area"),
        ({"form": {**FORM, "safety_manager_phone": "12"}}, "safety_manager_phone"),
        ({"form": {**FORM, "accepted": True}}, "accepted"),
        ({"form": {**FORM, "online_sales": "yes"}}, "website"),
        ({"applicant": {"kind": "company", "name": "甲", "id_number": "1"}}, "applicant.kind"),
        ({"applicant": {"kind": "person", "name": "", "id_number": "1"}}, "applicant.name"),
        ({"applicant": {"kind": "person", "name": "甲", "id_number": "1" * 41}}, "applicant.id_number"),
        ({"applicant": {"kind": "person", "name": "甲", "id_number": "1", "agent": {}}}, "applicant.agent"),
        ({"channel": "pigeon"}, "channel"),
        ({"urgency": 9}, "urgency"),
        ({"offered": {"X99": {}}}, "offered.X99"),
        ({"offered": {"M01": {"form": "papyrus"}}}, "offered.M01"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_filed(bureau: Bureau, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        bureau.execute(application(**changes), "chuangkou")

    assert field in refused.value.facts["fields"] and bureau.queries.cases.page().rows == []


def test_a_field_that_a_condition_hides_is_dropped(bureau: Bureau) -> None:
    no = filed(bureau, form={**FORM, "online_sales": "no", "website": "https://example.org"})

    assert bureau.case(no)["form"].get("website") is None


def test_an_item_that_nobody_knows_is_named(bureau: Bureau) -> None:
    with pytest.raises(NotFound) as refused:
        bureau.execute(application(item_code="000100000000"), "chuangkou")

    assert "000100000000" in refused.value.zh


def test_the_form_may_be_corrected_until_acceptance_and_the_materials_follow(bureau: Bureau) -> None:
    no = filed(bureau)
    assert not bureau.material(no, "S04")["required"]

    change = ChangeCaseForm(no=no, form={"online_sales": "yes", "website": "星河外卖"})
    assert bureau.execute(change, "chuangkou")["changed"] == ["online_sales", "website"]

    assert bureau.variables(no)["website"] == "星河外卖" and bureau.case(no)["form"]["website"] == "星河外卖"
    assert bureau.material(no, "S04")["required"], "now it is asked for"
    with pytest.raises(NotFound):
        bureau.execute(ChangeCaseForm(no=no, form={"floor_area": 90}), "shipin")
    bureau.upload(no, "S04")
    bureau.do("chuangkou", no, "examine_materials")
    with pytest.raises(Conflict):
        bureau.execute(ChangeCaseForm(no=no, form={"floor_area": 90}), "shipin")


def test_a_process_of_cases_does_not_run_without_one(bureau: Bureau) -> None:
    starting = StartInstance(key="food_permit_tolerance", variables={})
    with pytest.raises(InvalidInput, match="The form has errors"):
        bureau.execute(starting, "chuangkou")
    with pytest.raises(StepFailed):
        bureau.execute(starting, "admin")

    assert bureau.queries.instances.all().rows == []


def test_a_stopped_item_takes_no_more_cases(bureau: Bureau) -> None:
    with bureau.database.write() as connection:
        connection.execute(item.update().where(item.c.code == "000131010000").values(disabled=True))

    with pytest.raises(Conflict):
        bureau.execute(application(), "chuangkou")


def test_a_case_goes_on_under_the_version_of_the_item_under_which_it_was_filed(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.with_item("food_permit_tolerance", ('promised = { limit = "10wd"', 'promised = { limit = "3wd"'))

    bureau.do("chuangkou", no, "examine_materials")

    limits = {row["kind"]: row["limit_text"] for row in bureau.queries.cases.clocks(bureau.case(no)["id"])}
    assert limits["promised"] == "10wd"
    assert COMPLETE.keys() <= bureau.materials(no).keys()


def test_two_clerks_who_file_at_once_get_different_numbers(bureau: Bureau) -> None:
    with ThreadPoolExecutor(2) as pool:
        numbers = list(
            pool.map(lambda login: bureau.execute(application(), login)["no"], ["chuangkou", "chuangkou2"] * 3)
        )

    assert sorted(CaseNumber.parse(number).serial for number in numbers) == [1, 2, 3, 4, 5, 6]
    receipts = [bureau.queries.cases.documents(bureau.case(number)["id"])[0]["number"] for number in numbers]
    assert len(set(receipts)) == 6
