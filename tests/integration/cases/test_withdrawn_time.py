"""P-6.1 in a case: limits and timers that go on after a withdrawal have stood for what the case has stood for meanwhile."""

from datetime import date

import pytest

from engine.commands.returning.withdrawals import WithdrawTask
from tests.integration.cases.test_special_procedures import accepted, due, timers
from tests.processes.bureau import Bureau

ASIDE = date(9999, 1, 1)


def take_back(bureau: Bureau, task_id: str) -> None:
    bureau.execute(WithdrawTask(task_id=task_id, reason="看错了"), "shipin")


@pytest.mark.parametrize("stands", [False, True])
def test_p_6_1_what_is_taken_back_after_a_hearing_ends_as_if_it_had_never_been_done(
    bureau: Bureau, stands: bool
) -> None:
    no = accepted(bureau)  # examine until 09-17, a reminder on 09-15
    examine = bureau.task("shipin", no, "examine")["id"]
    done = [("10:00", "open"), ("11:00" if stands else "09:00", "examine")]
    for time, what in sorted(done):
        bureau.at(f"2026-09-11 {time}")
        bureau.do("shipin", no, what)
    bureau.at("2026-09-15 16:00")
    bureau.do("shipin", no, "hold")
    bureau.at("2026-09-15 17:00")

    take_back(bureau, examine)

    # two working days later, as the promised limit: see test_special_procedures
    assert due(bureau, no, "examine") == date(2026, 9, 20)
    assert timers(bureau, no) == {"remind": date(2026, 9, 17)}
    bureau.at("2026-09-17 18:00")
    assert bureau.open(no) == ["conclude", "examine", "reminded"]


def test_p_6_1_what_is_taken_back_while_the_case_stands_stands_with_it(bureau: Bureau) -> None:
    no = accepted(bureau)
    examine = bureau.task("shipin", no, "examine")["id"]
    bureau.at("2026-09-11 09:00")
    bureau.do("shipin", no, "examine")
    bureau.at("2026-09-11 10:00")
    bureau.do("shipin", no, "open")
    bureau.at("2026-09-14 10:00")

    take_back(bureau, examine)

    assert due(bureau, no, "examine") == date(2026, 9, 24)  # when the hearing takes its planned time
    assert timers(bureau, no)["remind"] == ASIDE
    bureau.at("2026-09-15 16:00")
    bureau.do("shipin", no, "hold")
    assert due(bureau, no, "examine") == date(2026, 9, 20)
    assert timers(bureau, no) == {"remind": date(2026, 9, 17)}
