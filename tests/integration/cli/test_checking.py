"""./banjie check: every file gets its verdict, whatever is in it, and never a traceback."""

import json
import os

import pytest

from engine.cli.__main__ import main

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" '
    'targetNamespace="urn:test">'
)


def process(key, body, *, start='<startEvent id="start"/>'):
    return f'{HEAD}<process id="{key}" isExecutable="true">{start}{body}<endEvent id="end"/></process></definitions>'.encode()


GOOD = process(
    "leave",
    '<userTask id="review" name="审批" banjie:candidateGroups="office"/>'
    '<sequenceFlow id="f1" sourceRef="start" targetRef="review"/><sequenceFlow id="f2" sourceRef="review" targetRef="end"/>',
)
CALLER = process(
    "outer",
    '<callActivity id="call" calledElement="leave"/>'
    '<sequenceFlow id="f1" sourceRef="start" targetRef="call"/><sequenceFlow id="f2" sourceRef="call" targetRef="end"/>',
)
BAD = process("lost", '<sequenceFlow id="f1" sourceRef="start" targetRef="nowhere"/>')
WITHOUT_START = process("short", '<userTask id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="end"/>', start="")


@pytest.fixture
def check(tmp_path, capsys):
    """Write files, check them as JSON and return (status, list of verdicts)."""

    def call(*options, **contents):
        names = []
        for name, content in contents.items():
            path = tmp_path / f"{name}.bpmn"
            path.write_bytes(content)
            names.append(str(path))
        status = main(["check", "--json", *options, *names])
        return status, json.loads(capsys.readouterr().out)

    return call


def codes(verdict):
    return {finding["code"] for finding in verdict["findings"]}


def test_a_good_file_is_ok(check):
    status, (verdict,) = check(leave=GOOD)

    assert status == 0
    assert verdict["ok"]
    assert verdict.keys() == {"file", "ok", "findings", "changes"}


def test_a_fault_is_named_by_element_line_and_sentence(check):
    status, (verdict,) = check(lost=BAD)

    finding = next(each for each in verdict["findings"] if each["severity"] == "error")
    assert status == 1
    assert not verdict["ok"]
    assert {"severity", "code", "element", "line", "message"} <= finding.keys()
    assert finding["line"] == 1


def test_one_bad_file_among_good_ones_fails_the_whole_call_and_only_itself(check):
    status, verdicts = check(leave=GOOD, lost=BAD)

    assert status == 1
    assert [verdict["ok"] for verdict in verdicts] == [True, False]


def test_a_repair_is_offered_and_made_only_with_consent(check):
    status, (verdict,) = check(short=WITHOUT_START)
    assert status == 1
    assert [change["applied"] for change in verdict["changes"]] == [False]

    status, (verdict,) = check("--normalise", short=WITHOUT_START)
    assert status == 0
    assert [change["applied"] for change in verdict["changes"]] == [True]


def test_a_called_process_may_stand_in_another_of_the_files(check):
    assert check(outer=CALLER)[0] == 1
    assert check(outer=CALLER, leave=GOOD)[0] == 0


def test_files_of_strangers_may_use_the_same_ids(check):
    status, verdicts = check(one=GOOD, two=GOOD)

    assert status == 0
    assert [verdict["findings"] for verdict in verdicts] == [verdicts[0]["findings"]] * 2


def test_a_verb_that_nobody_registered_is_named(check):
    task = '<serviceTask id="s" banjie:verb="case.fly"/>'
    flows = (
        '<sequenceFlow id="f1" sourceRef="start" targetRef="s"/><sequenceFlow id="f2" sourceRef="s" targetRef="end"/>'
    )

    _, (verdict,) = check(fly=process("fly", task + flows))

    assert "verb-unknown" in codes(verdict)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\0",
        b"<",
        b"PK\x03\x04",
        "一封信".encode("gb18030"),
        b"<a>" * 100_000,
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    ],
    ids=["empty", "zeros", "cut", "zip", "gbk", "deep", "entity"],
)
def test_what_is_no_bpmn_is_a_finding(check, content):
    status, (verdict,) = check(strange=content)

    assert status == 1
    assert len(verdict["findings"]) >= 1


def test_what_cannot_be_read_is_a_finding(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    names = [tmp_path, tmp_path / "missing.bpmn", tmp_path / "pipe", tmp_path / "good.bpmn", "a\0b"]

    status = main(["check", "--json", *map(str, names)])

    verdicts = json.loads(capsys.readouterr().out)
    assert status == 1
    assert [verdict["ok"] for verdict in verdicts] == [False, False, False, True, False]
    assert codes(verdicts[0]) == {"file-unreadable"}


def test_people_read_the_same_in_words(tmp_path, capsys):
    (tmp_path / "lost.bpmn").write_bytes(BAD)

    status = main(["check", str(tmp_path / "lost.bpmn")])

    out = capsys.readouterr().out
    assert status == 1
    assert "错误 error" in out
    assert "line 1" in out


def test_forms_and_items_are_judged_as_what_they_are(tmp_path, capsys):
    form, item, bad = tmp_path / "leave.form", tmp_path / "item.toml", tmp_path / "bad.form"
    form.write_text(
        '{"type": "default", "components": [{"type": "textfield", "key": "reason", "label": "事由"}]}', "utf-8"
    )
    item.write_text("code = 7", "utf-8")
    bad.write_text('{"components": [{"type": "rocket"}]}', "utf-8")

    status = main(["check", "--json", str(form), str(item), str(bad)])

    verdicts = json.loads(capsys.readouterr().out)
    assert status == 1
    assert [verdict["ok"] for verdict in verdicts] == [True, False, False]
    assert all("xml" not in code for verdict in verdicts for code in codes(verdict))
