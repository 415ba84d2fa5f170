"""Materials and files of a case: who may add, remove and judge, and what that does."""

import pytest

from engine.commands.cases.attachments import AddAttachment, RemoveAttachment
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.integration.cases.filing import COMPLETE, filed
from tests.processes.bureau import Bureau


def test_files_come_with_the_application_or_later(bureau: Bureau) -> None:
    stored = {"key": "a" * 32, "name": "申请书.pdf", "media_type": "application/pdf", "size": 5, "sha256": "0" * 64}
    no = filed(bureau, offered={}, attachments=({**stored, "material_code": "M01"},))

    bureau.upload(no, "M02")

    assert bureau.material(no, "M01")["state"] == bureau.material(no, "M02")["state"] == "submitted"
    attached = bureau.material(no, "M01")["attachments"]
    assert [(file["name"], file["version"], file["uploaded_by"]) for file in attached] == [
        ("申请书.pdf", 1, "chuangkou")
    ]
    assert "食品经营许可申请书（已提交）" in bureau.document(no, "receipt")


def test_another_version_takes_the_place_of_a_rejected_one(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.judge(no, "M02", "rejected", "已过期")

    bureau.upload(no, "M02")

    row = bureau.material(no, "M02")
    assert row["state"] == "submitted" and row["remark"] == "" and len(row["facts"]["versions"]) == 2


def test_a_file_removed_by_mistake_leaves_the_material_to_be_handed_in_again(bureau: Bureau) -> None:
    no = filed(bureau, offered={})
    bureau.upload(no, "M01")
    attachment = bureau.material(no, "M01")["attachments"][0]["id"]

    bureau.execute(RemoveAttachment(no=no, attachment_id=attachment, reason="传错了"), "chuangkou")

    assert bureau.material(no, "M01")["state"] == "rejected" and bureau.material(no, "M01")["attachments"] == []
    with pytest.raises(NotFound):
        bureau.execute(RemoveAttachment(no=no, attachment_id=attachment), "chuangkou")


def test_a_file_is_removed_by_nobody_but_who_added_it(bureau: Bureau) -> None:
    no = filed(bureau, offered={})
    bureau.upload(no, "M01")
    attachment = bureau.material(no, "M01")["attachments"][0]["id"]

    with pytest.raises(Forbidden, match="chuangkou"):
        bureau.execute(RemoveAttachment(no=no, attachment_id=attachment), "chuangkou2")

    assert bureau.material(no, "M01")["attachments"]


def test_a_verified_material_keeps_its_file(bureau: Bureau) -> None:
    no = filed(bureau, offered={})
    bureau.upload(no, "M01")
    bureau.judge(no, "M01", "verified")
    attachment = bureau.material(no, "M01")["attachments"][0]["id"]

    with pytest.raises(Conflict):
        bureau.execute(RemoveAttachment(no=no, attachment_id=attachment), "chuangkou")


def test_rejecting_needs_a_reason_and_a_verdict_is_one_of_two(bureau: Bureau) -> None:
    no = filed(bureau)

    with pytest.raises(InvalidInput):
        bureau.judge(no, "M01", "rejected")
    with pytest.raises(InvalidInput):
        bureau.judge(no, "M01", "maybe")
    with pytest.raises(NotFound):
        bureau.judge(no, "X99", "verified")


def test_only_who_works_on_the_case_judges_and_only_while_they_do(bureau: Bureau) -> None:
    no = filed(bureau, offered=COMPLETE)
    with pytest.raises(NotFound):
        bureau.judge(no, "M01", "verified", by="shipin")
    bureau.judge(no, "M01", "verified", by="chuangkou2")
    bureau.claim("chuangkou2", no, "examine_materials")
    with pytest.raises(Forbidden):
        bureau.judge(no, "M02", "verified", by="chuangkou")

    bureau.do("chuangkou2", no, "examine_materials")

    bureau.judge(no, "M02", "rejected", "与现场不符", by="shipin")
    with pytest.raises(Forbidden):
        bureau.judge(no, "M03", "verified", by="chuangkou2")


def test_who_filed_a_case_adds_files_until_it_is_accepted(bureau: Bureau) -> None:
    no = filed(bureau, offered=COMPLETE)
    bureau.claim("chuangkou2", no, "examine_materials")
    bureau.upload(no, "M01", by="chuangkou")
    bureau.do("chuangkou2", no, "examine_materials")

    with pytest.raises(Forbidden):
        bureau.upload(no, "M01", by="chuangkou")


def test_a_file_that_is_badly_described_is_refused(bureau: Bureau) -> None:
    no = filed(bureau)

    for wrong in ({"sha256": "x"}, {"size": -1}, {"key": ""}, {"material_code": "X99"}):
        good = {"key": "b" * 32, "name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "1" * 64}
        with pytest.raises((InvalidInput, NotFound)):
            bureau.execute(AddAttachment(no=no, **(good | wrong)), "chuangkou")


def test_a_case_that_has_ended_takes_nothing_any_more(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.withdraw(no)

    with pytest.raises((Conflict, Forbidden)):
        bureau.upload(no, "M01")
