"""Rules of ballots: what cannot work is found at the upload, with the element and the line, and the sentence says the way out."""

import pytest

from engine.bpmn.model import FileReport
from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, errors, report, straight, the

PEOPLE = 'banjie:candidateUsers="li,wang,zhao"'


def ballot(settings: str, people: str = PEOPLE, **options: object) -> FileReport:
    """A process with the one ballot ``a``."""
    return report(*straight(f'<userTask id="a" name="会签" {people} {settings}/>', ids="a"), **options)


@pytest.mark.parametrize(
    "settings",
    [
        'banjie:ballot="any"',
        'banjie:ballot="all" banjie:veto="anyone"',
        'banjie:ballot="majority" banjie:tie="chair" banjie:chair="li" banjie:abstain="true"',
        'banjie:ballot="count:2" banjie:quorum="1/2"',
        'banjie:ballot="ratio:2/3" banjie:base="cast" banjie:secret="true"',
        'banjie:ballot="ratio:>1/2" banjie:tie="previous"',
        'banjie:ballot="weight:60/100" banjie:weights="li:60,*:20" banjie:veto="li"',
        'banjie:ballot="sequential" banjie:again="objectors"',
        'banjie:ballot="sequential:ratio:2/3" banjie:proxyVotes="both"',
        'banjie:ballot="all" banjie:outcomes="ok:可以,no:不行" banjie:votes="ok:approve"',
        'banjie:ballot="= mode" banjie:tie="chair" banjie:chair="${boss}"',
        'banjie:ballot="all" banjie:advisers="group:legal,zhou" banjie:onReject="end"',
    ],
)
def test_every_kind_of_ballot_can_be_written(settings: str) -> None:
    assert [code for code in codes(ballot(settings)) if code != "name-undeclared"] == []


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        ('banjie:ballot="most"', "ballot-mode-invalid", "ratio:2/3"),
        ('banjie:ballot="ratio:67%"', "ballot-mode-invalid", "ratio:>1/2"),
        ('banjie:ballot="ratio:3/2"', "ballot-mode-invalid", "ratio:2/3"),
        ('banjie:ballot="count:0"', "ballot-mode-invalid", "count:3"),
        ('banjie:ballot="count:2/3"', "ballot-mode-invalid", "count:3"),
        ('banjie:ballot="all" banjie:secret="yes"', "ballot-setting-invalid", "true, false"),
        ('banjie:ballot="all" banjie:base="some"', "ballot-setting-invalid", "all, cast"),
        ('banjie:ballot="all" banjie:quorum="many"', "ballot-setting-invalid", ">1/2"),
        ('banjie:ballot="all" banjie:veto="anyone,li"', "ballot-setting-invalid", "cannot stand beside names"),
        ('banjie:ballot="all" banjie:onReject="return"', "ballot-setting-invalid", "return:…"),
        ('banjie:ballot="weight:1/2" banjie:weights="li"', "ballot-setting-invalid", "login:positive number"),
        ('banjie:ballot="weight:1/2" banjie:weights="li:0"', "ballot-setting-invalid", "positive"),
        ('banjie:ballot="all" banjie:weights="li:2"', "ballot-weights-unused", "weighted ballot"),
        ('banjie:ballot="all" banjie:outcomes="ok,no"', "ballot-outcome-without-vote", "ok:reject"),
        ('banjie:ballot="all" banjie:outcomes="agree" ', "ballot-one-sided", "two sides"),
        ('banjie:ballot="all" banjie:votes="agree:approve"', "ballot-votes-invalid", "approve, reject"),
        (
            'banjie:ballot="all" banjie:outcomes="agree,refuse" banjie:abstain="true"',
            "ballot-abstain-without-outcome",
            "abstain:Abstain",
        ),
        ('banjie:ballot="ratio:2/3" banjie:tie="fail"', "ballot-tie-without-half", "majority"),
        ('banjie:ballot="majority" banjie:tie="fail" banjie:base="all"', "ballot-tie-without-half", "cast"),
        ('banjie:ballot="majority" banjie:tie="chair"', "ballot-chair-missing", "chair=“zhang”"),
        ('banjie:ballot="majority" banjie:tie="chair" banjie:chair="zhou"', "ballot-chair-not-voter", "li, wang, zhao"),
        ('banjie:ballot="all" banjie:veto="zhou"', "ballot-names-stranger", "zhou"),
        ('banjie:ballot="count:4"', "ballot-cannot-pass", "only 3 voters"),
        ('banjie:ballot="any" banjie:quorum="5"', "ballot-cannot-pass", "only 3 voters"),
        ('banjie:ballot="all" banjie:onReject="return:nowhere"', "ballot-return-unknown", "comes before"),
        ('banjie:ballot="all" banjie:onReject="flow:nowhere"', "ballot-flow-invalid", "does not leave the task"),
        ('banjie:ballot="all" banjie:onReject="flow:a-end"', "ballot-flow-invalid", "no other flow"),
    ],
)
def test_what_cannot_work_is_an_error_that_names_the_way_out(settings: str, code: str, says: str) -> None:
    finding = the(ballot(settings), code)
    assert finding.severity is Severity.ERROR
    assert (finding.element, finding.element_name) == ("a", "会签")
    assert finding.line > 0
    assert says in finding.en


def test_settings_of_a_ballot_without_a_ballot_are_pointed_out() -> None:
    finding = the(ballot('banjie:veto="anyone" banjie:secret="true"'), "ballot-settings-without-ballot")
    assert finding.severity is Severity.WARNING
    assert "banjie:veto, banjie:secret" in finding.en


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ('banjie:outcomes="agree,refuse" banjie:onReject="end"', None),
        ('banjie:outcomes="agree,refuse" banjie:onReject="stop"', "refusal-unreadable"),
        ('banjie:outcomes="agree" banjie:onReject="end"', "refusal-without-outcome"),
        ('banjie:outcomes="agree,refuse" banjie:onReject="return:nowhere"', "ballot-return-unknown"),
    ],
)
def test_p_2_1_a_task_of_one_person_has_a_way_for_its_refusal(settings: str, code: str | None) -> None:
    assert errors(ballot(settings)) == ([code] if code else [])


def test_the_flow_of_a_refusal_is_no_split() -> None:
    task = f'<userTask id="a" {PEOPLE} banjie:ballot="all" banjie:onReject="flow:no"/><userTask id="b" {PEOPLE}/>'
    flow = '<sequenceFlow id="no" sourceRef="a" targetRef="b"/>'
    assert "implicit-split" not in codes(report(*straight(task, ids="a"), flow))


def test_people_of_the_organisation_are_not_counted_at_the_upload() -> None:
    assert errors(ballot('banjie:ballot="count:4"', 'banjie:candidateGroups="legal"')) == []


def test_a_ballot_in_a_loop_goes_on_by_its_result_only() -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    task = f'<userTask id="a" {PEOPLE} banjie:ballot="all" banjie:onReject="end">{loop}</userTask>'
    assert errors(report(*straight(task, ids="a"))) == ["ballot-refusal-in-loop"]
