"""开工跟踪: the work begins within three months of the permit, extended twice; else the permit lapses (建筑法 9)."""

from datetime import date

import pytest

from engine.errors import InvalidInput
from engine.store import tables
from engine.store.projections.projector import replay
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.building import DRAINAGE, accepted, agreed, decided

WHY = {"extension_reason": "管线迁改未完成"}


def delivered(bureau: Bureau) -> str:
    """The permit was fetched on Tuesday 2026-09-22: the work begins until December 22."""
    no = accepted(bureau)
    bureau.at("2026-09-22 10:00")
    agreed(bureau, no)
    decided(bureau, no)
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王工")
    return no


def reminded(bureau: Bureau) -> str:
    no = delivered(bureau)
    bureau.at("2026-12-07 09:00")
    return no


def extended(bureau: Bureau, no: str, months: int = 3) -> None:
    bureau.do("qiantou", no, "report_start", "extend", extension_months=months, **WHY)
    bureau.do("juzhang", no, "approve_start_extension", "approve")


def cancelled(bureau: Bureau, no: str) -> str | None:
    found: str | None = bureau.case(no)["facts"]["certificate"].get("cancelled_on")
    return found


def test_fifteen_days_before_the_end_of_three_months_the_holder_is_reminded(bureau: Bureau) -> None:
    no = delivered(bureau)
    assert bureau.state(no) == "finished" and bureau.instance(no)["outcome"] == "granted"

    bureau.at("2026-12-07 08:59")
    assert bureau.sees("qiantou", no) == [] and "start_reminder" not in bureau.documents(no)
    bureau.at("2026-12-07 09:00")

    assert bureau.sees("qiantou", no) == ["report_start"]
    told = bureau.document(no, "start_reminder")
    assert (
        "2026年12月22日前开工" in told
        and "尚可延期2次" in told
        and "自行废止" in told
        and "《中华人民共和国建筑法》第九条" in told
    )


def test_work_that_has_begun_is_written_down_and_nothing_lapses(bureau: Bureau) -> None:
    no = reminded(bureau)
    with pytest.raises(InvalidInput):
        bureau.do("qiantou", no, "report_start", "started")
    bureau.do("qiantou", no, "report_start", "started", started_on="2026-11-30")

    bureau.at("2027-04-01 09:00")

    assert bureau.case(no)["facts"]["commencement"]["state"] == "started" and cancelled(bureau, no) is None


def test_who_neither_begins_nor_asks_loses_the_permit_by_law(bureau: Bureau) -> None:
    no = reminded(bureau)

    bureau.at("2026-12-22 17:00")
    assert cancelled(bureau, no) is None
    bureau.at("2026-12-22 18:00")

    assert cancelled(bureau, no) == "2026-12-22" and bureau.sees("qiantou", no) == []
    told = bureau.document(no, "permit_lapsed")
    assert "依法自行废止" in told and "第七十条" in told and "60日内" in told
    assert bureau.state(no) == "finished", "the decision was lawful; it is not revoked"
    row = bureau.case(no)
    with bureau.database.read() as connection:
        rebuilt = replay(connection, row["instance_id"]).tables[tables.case_file][(row["id"],)]
    assert {name: rebuilt[name] for name in ("state", "result", "facts")} == {
        name: row[name] for name in ("state", "result", "facts")
    }


def test_it_is_extended_twice_from_the_day_that_stood_and_reminded_anew(bureau: Bureau) -> None:
    no = reminded(bureau)
    for lacking in ({"extension_months": 4, **WHY}, {"extension_months": 3}):
        with pytest.raises(InvalidInput):
            bureau.do("qiantou", no, "report_start", "extend", **lacking)
    extended(bureau, no)

    assert "延至2027年3月22日" in bureau.document(no, "start_extended") and bureau.sees("qiantou", no) == []
    bureau.at("2027-03-08 09:00")
    assert "尚可延期1次" in bureau.document(no, "start_reminder")
    extended(bureau, no, months=2)
    bureau.at("2027-05-09 09:00")
    assert "两次延期已经用完" in bureau.document(no, "start_reminder")

    bureau.do("qiantou", no, "report_start", "extend", extension_months=1, **WHY)
    assert bureau.sees("qiantou", no) == ["report_start"] and bureau.sees("juzhang", no) == []
    bureau.at("2027-05-24 18:00")  # two months after March 22 is a Saturday
    assert cancelled(bureau, no) == "2027-05-24"


def test_asked_for_in_time_it_may_be_given_after_the_end(bureau: Bureau) -> None:
    no = reminded(bureau)
    bureau.at("2026-12-22 10:00")
    bureau.do("qiantou", no, "report_start", "extend", extension_months=3, **WHY)

    bureau.at("2026-12-24 10:00")
    assert cancelled(bureau, no) is None
    bureau.do("juzhang", no, "approve_start_extension", "approve")

    assert "延至2027年3月22日" in bureau.document(no, "start_extended")


def test_what_is_not_extended_is_refused_with_reasons_and_remedies_and_the_day_stands(bureau: Bureau) -> None:
    no = reminded(bureau)
    bureau.do("qiantou", no, "report_start", "extend", extension_months=3, **WHY)
    with pytest.raises(InvalidInput):
        bureau.do("juzhang", no, "approve_start_extension", "refuse")
    bureau.do("juzhang", no, "approve_start_extension", "refuse", "管线已经迁改")

    told = bureau.document(no, "start_not_extended")
    assert "理由：管线已经迁改" in told and "6个月内" in told and bureau.sees("qiantou", no) == ["report_start"]
    bureau.at("2026-12-22 18:00")
    assert cancelled(bureau, no) == "2026-12-22"


def test_nothing_is_followed_where_the_permit_itself_was_not_granted(bureau: Bureau) -> None:
    no = accepted(bureau, **DRAINAGE)
    agreed(bureau, no, "xiaofang", "renfang", "zhian", "paishui")
    why = {"granted_parts": ["drainage"], "decision_basis": "《建筑法》第八条"}
    bureau.do("qiantou", no, "draft", "partly", "资金未落实", granted_parts=["drainage"])
    bureau.do("juzhang", no, "decide", "partly", "资金未落实", **why)
    bureau.do("chuangkou", no, "deliver", delivery_method="window", delivery_receiver="王工")

    assert "commencement" not in bureau.case(no)["facts"] and bureau.state(no) == "finished"
    assert bureau.local_day(bureau.now) == date(2026, 9, 21)
