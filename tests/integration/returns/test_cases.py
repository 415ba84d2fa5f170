"""Returns, cancellation and reopening where the instance is a case 办件: the case state machine has the last word."""

import pytest

from engine.commands.returning.cancelling import CancelInstance
from engine.commands.returning.modification import ReopenInstance
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.errors import Conflict
from tests.integration.cases.filing import filed
from tests.processes.bureau import Bureau
from tests.processes.conftest import bureau

__all__ = ["bureau"]


def at_review(bureau: Bureau) -> str:
    """Received and accepted in the intake subprocess; now in the examination subprocess."""
    no = filed(bureau)
    bureau.do("chuangkou", no, "examine_materials")
    return no


def at_audit(bureau: Bureau) -> str:
    no = at_review(bureau)
    bureau.do("shipin", no, "review", "pass", review_record="布局合理")
    return no


def send_back(bureau: Bureau, no: str, by: str, element: str, target: str, resubmit: str = "") -> None:
    task = bureau.task(by, no, element)
    bureau.execute(ReturnTask(task_id=task["id"], target=target, reason="请核实面积", resubmit=resubmit), by)


def instance_of(bureau: Bureau, no: str) -> str:
    return str(bureau.case(no)["instance_id"])


def clocks(bureau: Bureau, no: str) -> list[tuple[str, str]]:
    """The clocks of the law; the step clock of a task goes with its task."""
    rows = bureau.queries.cases.clocks(bureau.case(no)["id"])
    return [(row["kind"], row["state"]) for row in rows if row["kind"] != "step"]


def test_p_3_8_an_internal_return_stops_no_clock(bureau: Bureau) -> None:
    no = at_audit(bureau)
    before = clocks(bureau, no)
    send_back(bureau, no, "shenhe", "audit", "review")
    assert bureau.sees("shipin", no) == ["review"]
    assert clocks(bureau, no) == before
    bureau.do("shipin", no, "review", "pass", review_record="已核实")
    bureau.do("shenhe", no, "audit", "agree")
    bureau.do("juzhang", no, "decide", "approve")


def test_intake_is_done_once_so_nobody_returns_before_it(bureau: Bureau) -> None:
    no = at_audit(bureau)
    for resubmit in ("step", "straight"):
        with pytest.raises(Conflict, match=r"only once|subprocess"):
            send_back(bureau, no, "shenhe", "audit", "food_intake", resubmit)
    assert bureau.open(no) == ["audit"]


def test_a_decision_returned_is_made_again(bureau: Bureau) -> None:
    no = at_audit(bureau)
    bureau.do("shenhe", no, "audit", "agree")
    send_back(bureau, no, "juzhang", "decide", "review")
    bureau.do("shipin", no, "review", "pass", review_record="已核实")
    bureau.do("shenhe", no, "audit", "agree")
    bureau.do("juzhang", no, "decide", "approve")
    assert bureau.open(no) == ["deliver"]


def test_p_6_1_what_led_to_acceptance_cannot_be_taken_back(bureau: Bureau) -> None:
    no = filed(bureau)
    task = bureau.task("chuangkou", no, "examine_materials")
    bureau.do("chuangkou", no, "examine_materials")
    with pytest.raises(Conflict, match="subprocess in which it stands has ended"):
        bureau.execute(WithdrawTask(task_id=task["id"], reason="点错了"), "chuangkou")


def test_p_6_1_a_decision_on_which_a_document_was_made_cannot_be_taken_back(bureau: Bureau) -> None:
    no = at_audit(bureau)
    bureau.do("shenhe", no, "audit", "agree")
    task = bureau.task("juzhang", no, "decide")
    bureau.do("juzhang", no, "decide", "approve")
    with pytest.raises(Conflict, match=r"irreversible|has ended"):
        bureau.execute(WithdrawTask(task_id=task["id"], reason="点错了"), "juzhang")


def test_p_6_1_an_examination_can(bureau: Bureau) -> None:
    no = at_review(bureau)
    task = bureau.task("shipin", no, "review")
    bureau.do("shipin", no, "review", "pass", review_record="布局合理")
    bureau.execute(WithdrawTask(task_id=task["id"], reason="漏看一处"), "shipin")
    assert bureau.open(no) == ["review"]


def test_p_6_3_a_case_is_not_ended_but_withdrawn_by_its_applicant(bureau: Bureau) -> None:
    no = at_audit(bureau)
    bureau.execute(CancelInstance(instance_id=instance_of(bureau, no), reason="不再经营"), "chuangkou")
    assert bureau.state(no) == "withdrawn"
    assert bureau.open(no) == []


def test_p_6_3_after_the_decision_it_is_too_late(bureau: Bureau) -> None:
    no = at_audit(bureau)
    bureau.do("shenhe", no, "audit", "agree")
    bureau.do("juzhang", no, "decide", "approve")
    with pytest.raises(Conflict):
        bureau.execute(CancelInstance(instance_id=instance_of(bureau, no), reason="不再经营"), "chuangkou")


def test_a_case_in_its_final_state_is_not_reopened(bureau: Bureau) -> None:
    no = at_audit(bureau)
    bureau.withdraw(no)
    command = ReopenInstance(instance_id=instance_of(bureau, no), element_id="review", reason="重办")
    with pytest.raises(Conflict, match="cannot be reopened"):
        bureau.execute(command, "admin")
