"""Calendar, jobs, history and schema at the terminal."""

import pytest

from engine.store.base.database import Database

YEAR = """\
# 国务院办公厅关于2027年部分节假日安排的通知
date,kind,name,source
2027-01-01..2027-01-03,rest,元旦,国办发明电〔2026〕9号
"""


def execute(url, statement):
    database = Database(url, pool_size=1)
    with database.write() as connection:
        connection.exec_driver_sql(statement)
    database.dispose()


@pytest.fixture
def year_file(tmp_path):
    path = tmp_path / "2027.csv"
    path.write_text(YEAR, "utf-8-sig")  # as spreadsheets write it
    return path


def test_a_year_is_imported_and_shown(banjie, banjie_json, year_file):
    status, out, err = banjie("calendar", "import", year_file)

    assert status == 0, err
    assert "2027" in out
    assert [row["year"] for row in banjie_json("calendar", "show")] == [2027]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"date,kind\n2027-01-01,holiday?\n", "bad.csv"),
        ("日期,类别\n2027-01-01,休\n".encode("gb18030"), "UTF-8"),
        (None, "bad.csv"),
    ],
)
def test_a_bad_year_file_is_named_and_nothing_is_loaded(banjie, banjie_json, tmp_path, content, named):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)

    status, _, err = banjie("calendar", "import", path)

    assert status == 1
    assert named in err
    assert banjie_json("calendar", "show") == []


def test_no_jobs_is_an_empty_list(banjie, banjie_json):
    assert banjie_json("jobs", "list") == []
    assert "none" in banjie("jobs", "list", "--dead")[1]


def test_a_job_that_does_not_exist_cannot_be_retried(banjie):
    status, _, err = banjie("jobs", "retry", "nothing")

    assert status == 1
    assert "nothing" in err


def test_an_untouched_history_is_intact(banjie, banjie_json):
    banjie("user", "add", "zhang.san", "--name", "张三")

    verdict = banjie_json("history", "verify")

    assert verdict["ok"]
    assert verdict["rows"] > 0


def test_a_changed_record_of_the_history_is_named(banjie, database_url):
    banjie("user", "add", "zhang.san", "--name", "张三")
    execute(database_url, "UPDATE history SET payload = replace(payload, '张三', '李四') WHERE seq = 1")

    status, out, _ = banjie("history", "verify")

    assert status == 1
    assert "admin #1" in out
    assert "altered" in out


def test_the_schema_is_upgraded_shown_and_compared(banjie, empty_database_url, monkeypatch):
    monkeypatch.setenv("BANJIE_DATABASE", empty_database_url)

    assert banjie("migrate")[0] == 0
    assert "最新" in banjie("migrate")[1]
    assert banjie("migrate", "current")[1].strip().isdigit()
    assert banjie("migrate", "check")[0] == 0


def test_a_revision_needs_its_reason(banjie):
    status, _, err = banjie("migrate", "revision")

    assert status == 1
    assert "-m" in err


def test_a_secret_of_another_installation_is_refused(banjie, installation):
    assert banjie("user", "list")[0] == 0
    (installation / "secret.key").unlink()

    status, _, err = banjie("user", "list")

    assert status == 1
    assert "not the secret of this database" in err


def test_a_database_made_by_a_newer_version_is_refused(banjie, empty_database_url, monkeypatch):
    monkeypatch.setenv("BANJIE_DATABASE", empty_database_url)
    banjie("migrate")
    execute(empty_database_url, "UPDATE alembic_version SET version_num = '9999'")

    status, _, err = banjie("user", "list")

    assert status == 1
    assert "newer version" in err


def test_an_anchor_is_written_and_the_histories_are_held_against_it(banjie, banjie_json, database_url, tmp_path):
    file = tmp_path / "elsewhere" / "anchors.jsonl"
    banjie("user", "add", "zhang.san", "--name", "张三")

    assert banjie_json("history", "anchor", "--file", file)["lines"] == 1
    verdict = banjie_json("history", "verify", "--anchors", file)
    assert verdict["ok"]
    assert verdict["anchors"]["current"]

    execute(database_url, "DELETE FROM history")
    execute(database_url, "DELETE FROM stream_head WHERE stream = 'admin'")
    status, out, _ = banjie("history", "verify", "--anchors", file)
    assert status == 1
    assert "the whole history is gone" in out


def test_a_file_of_anchors_that_is_not_there_is_named_with_the_way_out(banjie, tmp_path):
    status, _, err = banjie("history", "verify", "--anchors", tmp_path / "none.jsonl")

    assert status == 1
    assert "history anchor --file" in err


def test_a_full_disk_is_told_with_the_way_out(banjie):
    status, _, err = banjie("history", "anchor", "--file", "/dev/full")

    assert status == 1
    assert "/dev/full is full" in err


def test_anchors_go_where_the_environment_says_and_as_often(banjie, banjie_json, tmp_path, monkeypatch):
    monkeypatch.setenv("BANJIE_ANCHORS", str(tmp_path / "worm.jsonl"))
    assert banjie_json("history", "anchor")["file"] == str(tmp_path / "worm.jsonl")

    monkeypatch.setenv("BANJIE_ANCHOR_HOURS", "daily")
    status, _, err = banjie("history", "anchor")
    assert status == 1
    assert "BANJIE_ANCHOR_HOURS" in err
