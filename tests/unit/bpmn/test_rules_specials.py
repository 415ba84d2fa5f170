"""Rules of special procedures: what a subprocess says that suspends the clocks of a case."""

import pytest

from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, flow, report, straight, the

INSIDE = (
    '<startEvent id="s2"/><userTask id="a" banjie:assignee="x"/><endEvent id="e2"/>' + flow("s2", "a") + flow("a", "e2")
)


def marked(attributes: str, loop: str = "") -> object:
    return report(*straight(f'<subProcess id="sub" {attributes}>{loop}{INSIDE}</subProcess>', ids="sub"))


@pytest.mark.parametrize(
    "attributes",
    ['banjie:special="hearing" banjie:planned="10wd"', 'banjie:special="testing" banjie:planned="=days"',
     'banjie:special="site_survey"', 'banjie:special="other" banjie:planned="5wd" banjie:reason="=why"', ""],
)  # fmt: skip
def test_a_special_procedure_names_its_ground_and_its_time(attributes: str) -> None:
    assert codes(marked(attributes)) == []


@pytest.mark.parametrize(
    ("attributes", "code", "severity"),
    [
        ('banjie:special="haering" banjie:planned="10wd"', "special-unknown", Severity.ERROR),
        ('banjie:special="hearing"', "special-without-time", Severity.ERROR),
        ('banjie:special="hearing" banjie:planned="soon"', "special-time-invalid", Severity.ERROR),
        ('banjie:special="publicity" banjie:planned="0wd"', "special-time-invalid", Severity.ERROR),
        ('banjie:planned="10wd"', "special-time-ignored", Severity.WARNING),
    ],
)
def test_what_would_suspend_wrongly_is_found_at_upload(attributes: str, code: str, severity: Severity) -> None:
    finding = the(marked(attributes), code)

    assert finding.severity is severity


def test_a_special_procedure_of_several_instances_is_pointed_at() -> None:
    loop = '<multiInstanceLoopCharacteristics banjie:collection="=people" banjie:elementVariable="one"/>'

    assert "special-repeated" in codes(marked('banjie:special="hearing" banjie:planned="10wd"', loop))


def test_the_marks_have_no_effect_on_anything_else() -> None:
    found = report(*straight('<userTask id="b" banjie:assignee="x"/><callActivity id="a"/>', ids="b"))

    assert "special-unknown" not in codes(found)
