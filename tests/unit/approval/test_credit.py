"""Credit of applicants."""

import pytest

from engine.approval.credit import Benefit, CreditEvent, CreditKind, CreditStanding
from engine.errors import Conflict, InvalidInput
from tests.unit.approval.builders import an_applicant, at, bad_credit

NOW = at("2026-11-23 10:00")


@pytest.mark.parametrize("benefit", list(Benefit))
@pytest.mark.parametrize("kind", list(CreditKind))
def test_every_breach_blocks_tolerance_and_commitment(kind: CreditKind, benefit: Benefit) -> None:
    record, _ = CreditEvent.record("k1", an_applicant(), kind, reason="x", at=NOW)

    assert record.blocks(benefit, NOW)


def test_a_repaired_record_blocks_nothing_more() -> None:
    record = bad_credit().records[0]

    repaired, told = record.repair(NOW, by="xinyong", reason="已补齐并整改")

    assert not repaired.blocks(Benefit.TOLERANCE, NOW)
    assert told[0].kind == "CreditRepaired"
    with pytest.raises(Conflict, match="was repaired"):
        repaired.repair(NOW, by="xinyong", reason="再次")
    with pytest.raises(InvalidInput):
        record.repair(NOW, by="xinyong", reason="")


def test_an_expired_record_blocks_nothing_more() -> None:
    record, _ = CreditEvent.record(
        "k1", an_applicant(), CreditKind.SERIOUS, reason="x", at=at("2025-11-23 10:00"), expires_at=NOW
    )

    assert record.blocks(Benefit.COMMITMENT, at("2026-11-23 09:59"))
    assert not record.blocks(Benefit.COMMITMENT, NOW)


def test_what_blocks_is_told_with_kind_day_and_reason() -> None:
    against = bad_credit().against(Benefit.TOLERANCE, NOW)

    assert [reason.zh for reason in against] == ["申请人有未修复的失信记录：容缺失信（2026-06-01，逾期未补齐）"]
    assert CreditStanding().against(Benefit.TOLERANCE, NOW) == ()


def test_a_record_is_stored_and_read_back() -> None:
    record = bad_credit().records[0]

    assert CreditEvent.from_json(record.to_json()) == record
