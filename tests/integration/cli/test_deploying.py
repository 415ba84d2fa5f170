"""./banjie deploy: files and folders become versions, or every fault is told and nothing is stored."""

import pytest

from tests.integration.cli.test_checking import BAD, GOOD


@pytest.fixture
def files(tmp_path):
    (tmp_path / "leave.bpmn").write_bytes(GOOD)
    (tmp_path / "lost.bpmn").write_bytes(BAD)
    return tmp_path


def test_a_file_becomes_a_version_once(banjie_json, files):
    (first,) = banjie_json("deploy", files / "leave.bpmn")
    (second,) = banjie_json("deploy", files / "leave.bpmn")

    assert [(each["key"], each["version"], each["created"]) for each in first["definitions"]] == [("leave", 1, True)]
    assert [(each["version"], each["created"]) for each in second["definitions"]] == [(1, False)]


def test_with_a_fault_in_one_file_nothing_is_stored(banjie, banjie_json, files):
    status, out, _ = banjie("deploy", files)
    assert status == 1
    assert "nothing was deployed" in out

    (answer,) = banjie_json("deploy", files / "leave.bpmn")
    assert answer["definitions"][0]["created"]


def test_a_dry_run_stores_nothing(banjie_json, files):
    banjie_json("deploy", "--dry-run", files / "leave.bpmn")

    (answer,) = banjie_json("deploy", files / "leave.bpmn")
    assert answer["definitions"][0]["created"]


def test_an_empty_folder_and_a_missing_file_are_named(banjie, tmp_path):
    (tmp_path / "empty").mkdir()

    assert "empty" in banjie("deploy", tmp_path / "empty")[2]
    assert "missing.bpmn" in banjie("deploy", tmp_path / "missing.bpmn")[2]


def test_two_files_of_one_name_are_refused(banjie, files):
    (files / "other").mkdir()
    (files / "other" / "leave.bpmn").write_bytes(GOOD)

    status, _, err = banjie("deploy", files / "leave.bpmn", files / "other" / "leave.bpmn")

    assert status == 1
    assert "leave.bpmn" in err
