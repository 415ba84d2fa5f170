"""Cards come when their moment has come, once; wrong ones are withdrawn; people answer; nothing is ever deleted."""

import pytest

from engine.access import Verb, may
from engine.approval.supervision.reader import shipped_text
from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.supervision.cards import (
    AnswerCard,
    ChangeCardRules,
    CloseCard,
    ConfirmCard,
    EscalateCard,
    IssueCard,
    SignCard,
    WithdrawCard,
)
from engine.commands.supervision.orders import CloseOrder
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.store import tables
from engine.store.projections.projector import MemoryRows, replay
from tests.integration.cases.filing import filed
from tests.integration.supervision.watching import accepted, card, cards, look, rows, scan, states
from tests.processes.bureau import Bureau
from tests.processes.construction_permit import building as joint


def test_a_case_gets_warned_then_yellow_then_red_each_once(bureau: Bureau) -> None:
    no = accepted(bureau)

    look(bureau, "2026-12-02 17:00")
    assert states(bureau, no) == []
    look(bureau, "2026-12-03 08:35")
    look(bureau)
    assert states(bureau, no) == [("warn", "issued")]
    look(bureau, "2026-12-07 17:29")
    assert states(bureau, no) == [("warn", "issued")]
    look(bureau, "2026-12-07 17:35")
    look(bureau)
    assert states(bureau, no) == [("warn", "superseded"), ("yellow", "issued")]
    look(bureau, "2026-12-21 17:35")
    assert states(bureau, no) == [("warn", "superseded"), ("yellow", "superseded"), ("red", "escalated")]
    red = card(bureau, no)
    assert red["superseded_by"] is None and cards(bureau, no)[1]["superseded_by"] == red["id"]


def test_a_card_says_why_to_whom_and_until_when_and_goes_out_with_a_number(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")

    found = card(bureau, no)

    assert found["responsible"] == ["shipin"] and "shipin" in found["receivers"]
    assert (found["department"], found["rule_code"], found["issue"]) == ("scjg", "case-over-promised", "automatic")
    assert found["number"] == "星市监黄〔2026〕1号"
    assert found["facts"]["sum"]["zh"].startswith("自2026-11-23") and found["facts"]["over"] > 0
    assert bureau.database and found["feedback_due"].date().isoformat() > "2027-01-15"
    text = bureau.document(no, "yellow_card")
    assert "黄牌通知书" in text and "超过承诺时限" in text and "时限计算：自2026-11-23" in text


def test_what_was_finished_too_late_gets_its_card_and_a_warning_ends_with_the_matter(bureau: Bureau) -> None:
    late, good = accepted(bureau), accepted(bureau)
    look(bureau, "2026-12-04 09:00")
    for no, at in ((good, "2026-12-04 10:00"), (late, "2026-12-08 10:00")):
        bureau.at(at)
        bureau.do("shipin", no, "review", "pass", review_record="符合")
        bureau.do("shenhe", no, "audit", "agree")
        bureau.do("juzhang", no, "decide", "approve")

    look(bureau, "2026-12-08 10:05")

    assert states(bureau, good) == [("warn", "closed")]
    assert states(bureau, late) == [("warn", "closed"), ("yellow", "issued")]
    assert rows(bureau, tables.watch, tables.watch.c.kind == "promised") == []


def test_a_change_of_the_calendar_withdraws_a_card_that_is_wrong_by_it(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")
    assert card(bureau, no)["level"] == "yellow"

    for day in ("2026-12-01", "2026-12-02"):
        bureau.execute(ChangeCalendarDay(day=day, kind="rest", name="防汛停工", source="通知"), "admin")
    look(bureau, "2026-12-08 09:10")

    assert ("yellow", "withdrawn") in states(bureau, no)
    withdrawn = next(row for row in cards(bureau, no) if row["level"] == "yellow")
    assert withdrawn["ground"] == "recheck" and "工作日历" in withdrawn["close_reason"]
    assert "现撤销星市监黄〔2026〕1号黄牌" in bureau.document(no, "card_withdrawn")
    look(bureau, "2026-12-09 17:35")
    assert states(bureau, no)[-1] == ("yellow", "issued"), "two days later it is right"


def test_other_rules_judge_everything_anew(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-07 10:01")
    assert states(bureau, no) == [("warn", "issued")]

    bureau.execute(ChangeCardRules(shipped="hunan", reason="按省里统一规则"), "ducha")
    look(bureau)

    assert sorted(states(bureau, no)) == [("warn", "superseded"), ("yellow", "issued")], "to the second: 10:00 is over"
    yellow = next(row for row in cards(bureau, no) if row["level"] == "yellow")
    assert (yellow["rules_id"], yellow["rules_version"]) == ("hunan", 1)
    with pytest.raises(InvalidInput):
        bureau.execute(ChangeCardRules(text="id = 1", reason="x"), "ducha")
    with pytest.raises(InvalidInput):
        bureau.execute(ChangeCardRules(text="x = 1", shipped="hunan"), "ducha")
    with pytest.raises(Forbidden):
        bureau.execute(ChangeCardRules(shipped="hunan"), "shipin")


def test_five_days_of_silence_give_a_card_to_who_let_it_happen(bureau: Bureau) -> None:
    bureau.at("2026-11-23 10:00")
    no = filed(bureau)

    bureau.at("2026-12-01 09:00")

    (found,) = cards(bureau, no)
    assert (found["subject"], found["level"], found["rule_code"]) == ("acceptance", "yellow", "acceptance-deemed")
    assert set(found["responsible"]) == {"chuangkou", "chuangkou2"}
    assert found["facts"]["clock"] == "notice" and "到期2026-11-30" in found["facts"]["sum"]["zh"]
    look(bureau)
    assert card(bureau, no)["state"] == "issued", "no clock made it, no clock takes it back"


def test_whoever_answers_a_card_may_read_the_case_when_others_have_it_by_now(bureau: Bureau) -> None:
    no = joint.filed(bureau, "2026-09-22 10:00")
    for login in ("xiaofang", "renfang", "zhian"):
        bureau.do(login, no, "precheck_materials", "correct", precheck_items="施工图：缺签章")
    assert bureau.sees("qiantou", no) == ["notify"]

    bureau.at("2026-10-08 09:00")

    assert bureau.sees("qiantou", no) == [] and card(bureau, no)["responsible"] == ["qiantou"]
    facts = bureau.queries.cases.facts(bureau.case(no))
    assert may(bureau.person("qiantou"), Verb.VIEW_CASE, facts).allowed
    assert may(bureau.person("juzhang"), Verb.VIEW_CASE, facts).allowed, "the head was told too"
    assert not may(bureau.person("weisheng"), Verb.VIEW_CASE, facts).allowed


def test_a_department_whose_silence_counts_as_consent_gets_the_red_card_itself(bureau: Bureau) -> None:
    no = joint.accepted(bureau, "2026-11-23 10:00")
    bureau.do("zhian", no, "give_opinion", "agree")
    bureau.do("xiaofang", no, "give_opinion", "agree")

    bureau.at("2026-11-30 17:31")

    assert bureau.opinion(no, "air_defence")["deemed"]
    found = next(row for row in cards(bureau, no) if row["rule_code"] == "consent-deemed")
    assert (found["level"], found["department"], found["responsible"]) == ("red", "rfb", ["renfang"])
    assert "人防意见" in found["reason"] and found["number"] == "星防红〔2026〕1号"
    notice = bureau.document(no, "red_card")
    assert "人民防空办公室" in notice and "行政审批局" not in notice, "it is written to the department that was silent"
    assert found["facts"]["clock"] == "branch" and "到期2026-11-30" in found["facts"]["sum"]["zh"]

    (order,) = rows(bureau, tables.supervision_order)
    assert (order["department"], order["addressees"]) == ("rfb", ["renfang"]), "and so is the order that is made of it"


def test_a_card_is_signed_answered_and_closed_by_the_right_people(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")
    card_id = card(bureau, no)["id"]

    with pytest.raises(NotFound):
        bureau.execute(SignCard(card_id=card_id), "weisheng")
    with pytest.raises(Forbidden):
        bureau.execute(CloseCard(card_id=card_id, reason="x"), "shipin")
    bureau.execute(SignCard(card_id=card_id), "shipin")
    with pytest.raises(Conflict):
        bureau.execute(SignCard(card_id=card_id), "shipin")
    bureau.execute(AnswerCard(card_id=card_id, text="人手不足，已调配"), "shipin")
    bureau.execute(CloseCard(card_id=card_id, reason="整改属实"), "ducha")

    found = card(bureau, no)
    assert (found["state"], found["answered_by"], found["closed_by"]) == ("closed", "shipin", "ducha")
    look(bureau, "2026-12-09 09:00")
    assert len(cards(bureau, no)) == 1, "a closed card stands: no other one of its level"


def test_a_card_that_a_supervisor_withdrew_does_not_come_back(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")

    bureau.execute(WithdrawCard(card_id=card(bureau, no)["id"], reason="系统停机"), "ducha")
    scan(bureau)

    assert states(bureau, no) == [("yellow", "withdrawn")]
    look(bureau, "2026-12-21 17:40")
    assert states(bureau, no)[-1] == ("red", "escalated"), "a graver one does"


def test_a_supervisor_issues_a_card_by_hand_and_no_recheck_touches_it(bureau: Bureau) -> None:
    no = accepted(bureau)

    answer = bureau.execute(IssueCard(no=no, level="red", reason="无正当理由不予受理"), "ducha")
    scan(bureau)

    assert (answer["state"], answer["number"]) == ("issued", "星市监红〔2026〕1号")
    assert states(bureau, no) == [("red", "issued")]
    with pytest.raises(InvalidInput):
        bureau.execute(IssueCard(no=no, level="warn", reason="x"), "ducha")
    with pytest.raises(Forbidden):
        bureau.execute(IssueCard(no=no, level="red", reason="x"), "admin")


def test_an_unanswered_card_becomes_an_order_by_itself(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")

    bureau.at("2027-02-01 09:00")

    found = card(bureau, no)
    (order,) = [row for row in rows(bureau, tables.supervision_order) if row["card_id"] == found["id"]]
    assert found["state"] == "escalated" and found["order_id"] == order["id"]
    assert order["level"] >= 2 and "到期没有回复" in order["body"]


def test_a_card_is_made_an_order_by_a_supervisor(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")

    answer = bureau.execute(EscalateCard(card_id=card(bureau, no)["id"], text="限三日内办结"), "ducha")

    (order,) = rows(bureau, tables.supervision_order)
    assert order["id"] == answer["order_id"] and order["level"] == 2 and order["number"] == "星市监督〔2026〕1号"


def test_a_red_card_by_the_default_rules_is_a_supervision_order_at_once_and_only_one(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-21 17:35")

    red = card(bureau, no)
    (order,) = rows(bureau, tables.supervision_order)
    assert (red["level"], red["state"], red["order_id"]) == ("red", "escalated", order["id"])
    assert (order["card_id"], order["level"], order["state"]) == (red["id"], 2, "open")
    assert red["number"] in order["body"] and "超过法定时限" in order["body"]
    assert order["addressees"] == ["shipin", "dengjizhang"], "who has the work, and the head"

    bureau.execute(AnswerCard(card_id=red["id"], text="人手不足，已增派"), "shipin")
    with pytest.raises(Conflict):
        bureau.execute(EscalateCard(card_id=red["id"], text="再报"), "ducha")
    look(bureau, "2027-02-08 09:00")
    assert len(rows(bureau, tables.supervision_order)) == 1, "nor when the day of the answer is over"


def test_an_order_is_withdrawn_with_the_card_that_was_wrong(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-21 17:35")

    for day in ("2026-12-01", "2026-12-02"):
        bureau.execute(ChangeCalendarDay(day=day, kind="rest", name="防汛停工", source="通知"), "admin")
    look(bureau, "2026-12-21 17:45")

    red = next(row for row in cards(bureau, no) if row["level"] == "red")
    (order,) = rows(bureau, tables.supervision_order)
    assert (red["state"], order["state"]) == ("withdrawn", "withdrawn")
    assert f"{red['number']}红牌已撤销" in order["close_reason"]
    assert f"由此发出的督办{order['number']}" in bureau.document(no, "card_withdrawn")
    with pytest.raises(Conflict):
        bureau.execute(CloseOrder(order_id=order["id"], reason="已办"), "ducha")
    bureau.at("2026-12-28 09:00")
    assert rows(bureau, tables.supervision_order)[0]["level"] == 2, "and does not go up when nobody answers it"
    same_after_replay(bureau, no)


def test_rules_that_do_not_say_so_leave_a_red_card_without_an_order(bureau: Bureau) -> None:
    no = accepted(bureau)
    text = "\n".join(line for line in shipped_text("default").splitlines() if not line.startswith("at_once"))
    bureau.execute(ChangeCardRules(text=text, reason="本局由督查决定"), "ducha")

    look(bureau, "2026-12-21 17:35")

    assert states(bureau, no) == [("red", "issued")] and rows(bureau, tables.supervision_order) == []
    with pytest.raises(InvalidInput, match="at_once takes yellow and red"):
        bureau.execute(
            ChangeCardRules(text=shipped_text("default").replace('["red"]', '["warn"]'), reason="x"), "ducha"
        )


def test_a_card_that_waits_goes_out_when_a_supervisor_confirms_it(bureau: Bureau) -> None:
    no = alerted(bureau)
    waiting = card(bureau, no)
    assert (waiting["state"], waiting["number"], waiting["feedback_due"]) == ("awaiting", "", None)

    bureau.execute(ConfirmCard(card_id=waiting["id"]), "ducha")

    found = card(bureau, no)
    assert found["state"] == "issued" and found["number"] and found["feedback_due"] is not None


def alerted(bureau: Bureau) -> str:
    """A commitment that was not decided on the same day: the process asks for attention."""
    bureau.at("2026-11-23 10:00")
    no = filed(
        bureau,
        item_code="000123015000",
        form={
            "place_name": "丽人美发店", "place_address": "星河市银河大道8号", "place_kind": "beauty", "floor_area": 60,
            "staff_count": 2, "air_conditioning": "yes", "manager": "孙卫", "manager_phone": "13900000002",
            "declaration": True,
        },
        offered={code: {} for code in ("M01", "M02", "M03")},
    )  # fmt: skip
    bureau.do("chuangkou", no, "choose", "choose", notice_received=True)
    bureau.do("chuangkou", no, "sign", commitment_signer="何美丽")
    bureau.do("chuangkou", no, "examine_form", "complete")
    bureau.at("2026-11-24 09:00")
    return no


def test_the_history_alone_rebuilds_cards_and_orders(bureau: Bureau) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-04 09:00")
    look(bureau, "2026-12-08 09:00")
    first = card(bureau, no)["id"]
    bureau.execute(AnswerCard(card_id=first, text="已整改"), "shipin")
    bureau.execute(EscalateCard(card_id=first, text="再报"), "ducha")
    bureau.execute(IssueCard(no=no, level="yellow", reason="不予受理没有书面理由"), "ducha")
    bureau.execute(WithdrawCard(card_id=card(bureau, no)["id"], reason="核实后撤销"), "ducha")
    bureau.at("2026-12-12 09:00")  # the order goes up by itself

    same_after_replay(bureau, no)


def same_after_replay(bureau: Bureau, no: str) -> None:
    """The history of a case gives the same cards and orders again."""
    memory = MemoryRows()
    with bureau.database.read() as connection:
        replay(connection, bureau.case(no)["instance_id"], memory)

    for table in (tables.card, tables.supervision_order):
        assert {key[0]: row for key, row in memory.tables[table].items()} == {
            row["id"]: row for row in rows(bureau, table)
        }
    assert len(memory.tables[tables.card_receiver]) == len(rows(bureau, tables.card_receiver))
