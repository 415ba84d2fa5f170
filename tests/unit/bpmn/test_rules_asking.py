"""What a node says of asking others is read at the upload; a word that would have no effect is refused."""

import pytest

from tests.unit.bpmn.uploads import codes, report, straight, the


def asking(settings: str) -> list[str]:
    return codes(report(*straight(f'<userTask id="a" name="审批" banjie:assignee="li" {settings}/>', ids="a")))


@pytest.mark.parametrize(
    "settings",
    [
        'banjie:allow="transfer, -cc"',
        'banjie:transferScope="department" banjie:transferClock="fresh"',
        'banjie:delegatePower="decide" banjie:maxSigners="3"',
        'banjie:maxSigners="= limit"',
    ],
)
def test_what_can_be_said_of_asking_others(settings: str) -> None:
    assert "asking-setting-invalid" not in asking(settings)


@pytest.mark.parametrize(
    "settings",
    [
        'banjie:allow="-transfr"',
        'banjie:transferScope="office"',
        'banjie:transferClock="anew"',
        'banjie:delegatePower="all"',
        'banjie:maxSigners="-1"',
    ],
)
def test_a_word_without_effect_is_refused(settings: str) -> None:
    assert "asking-setting-invalid" in asking(settings)


def test_the_finding_names_the_setting_and_what_it_takes() -> None:
    task = '<userTask id="a" name="审批" banjie:assignee="li" banjie:transferScope="office"/>'

    found = the(report(*straight(task, ids="a")), "asking-setting-invalid")

    assert found.element == "a" and "any, candidates, department" in found.en
