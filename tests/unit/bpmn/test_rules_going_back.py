"""Rules of returning and taking back: a wrong setting is found at the upload, not when a case has come to the node."""

import pytest

from engine.bpmn.model import FileReport
from tests.unit.bpmn.uploads import codes, report, straight, the


def two(settings: str) -> FileReport:
    """``first``, then ``a`` with these settings."""
    tasks = (
        '<userTask id="first" banjie:assignee="li"/>',
        f'<userTask id="a" name="审批" banjie:assignee="li" {settings}/>',
    )
    return report(*straight(*tasks, ids="first a"))


@pytest.mark.parametrize(
    "settings",
    [
        'banjie:returnPolicy="none"',
        'banjie:returnPolicy="previous" banjie:resubmit="straight"',
        'banjie:returnPolicy="initiator" banjie:resubmit="step"',
        'banjie:returnPolicy="any" banjie:resubmit="choose"',
        'banjie:returnPolicy="listed:first"',
        'banjie:returnPolicy="= policy"',
        'banjie:withdrawUntil="opened" banjie:cancelBarrier="true"',
    ],
)
def test_every_setting_can_be_written(settings: str) -> None:
    assert codes(two(settings)) == []


@pytest.mark.parametrize(
    ("settings", "usage"),
    [
        ('banjie:returnPolicy="everywhere"', "previous"),
        ('banjie:returnPolicy="listed:"', "listed:a,b"),
        ('banjie:returnPolicy="none:first"', "none"),
        ('banjie:resubmit="direct"', "straight"),
        ('banjie:withdrawUntil="read"', "opened"),
        ('banjie:cancelBarrier="yes"', "true"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_can(settings: str, usage: str) -> None:
    finding = the(two(settings), "return-setting-invalid")
    assert "审批" in finding.zh
    assert usage in finding.en


def test_a_step_that_is_not_there_is_named() -> None:
    assert "frist" in the(two('banjie:returnPolicy="listed:first,frist"'), "return-target-unknown").en
