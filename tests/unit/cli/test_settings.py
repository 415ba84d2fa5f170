"""Where an installation keeps its things, what its clock says, and how its secret is made."""

import argparse
import threading
from datetime import UTC, datetime

import pytest

from engine.cli.console import Stop
from engine.cli.settings import ROOT, Settings, checked_url, fingerprint, frozen_now


def read(environment=None, *, database=None, var=None):
    return Settings.read(argparse.Namespace(database=database, var=var), environment or {})


def test_by_default_everything_lies_in_var_beside_the_code():
    settings = read()

    assert settings.var == ROOT / "var"
    assert settings.database_url == f"sqlite:///{ROOT}/var/banjie.sqlite3"


def test_an_option_comes_before_the_environment(tmp_path):
    environment = {"BANJIE_VAR": "/elsewhere", "BANJIE_DATABASE": "sqlite:////elsewhere.sqlite3"}

    settings = read(environment, var=str(tmp_path), database="sqlite:////chosen.sqlite3")

    assert settings.var == tmp_path
    assert settings.database_url == "sqlite:////chosen.sqlite3"


def test_the_environment_comes_before_the_default(tmp_path):
    settings = read({"BANJIE_VAR": str(tmp_path)})

    assert settings.database_url == f"sqlite:///{tmp_path}/banjie.sqlite3"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_spelling_of_postgresql_is_understood(scheme):
    assert checked_url(f"{scheme}://me:word@host/name") == "postgresql+psycopg://me:word@host/name"


@pytest.mark.parametrize("url", ["", "banjie.sqlite3", "mysql://host/name", "://", "postgresql"])
def test_another_database_is_refused_with_an_example(url):
    with pytest.raises(Stop, match=r"postgresql\+psycopg://user:password@host/name"):
        checked_url(url)


def test_a_frozen_clock_stands_still():
    settings = read({"BANJIE_NOW": "2026-12-01T09:00:00+08:00"})

    assert settings.clock() == settings.clock() == datetime(2026, 12, 1, 1, tzinfo=UTC)


def test_without_banjie_now_the_clock_is_the_real_one():
    assert frozen_now("") is frozen_now(None) is None
    assert read().clock().tzinfo is UTC


@pytest.mark.parametrize("text", ["tomorrow", "2026-12-01", "2026-12-01T09:00:00", "2026-13-01T09:00:00+08:00"])
def test_a_moment_without_its_offset_is_refused(text):
    with pytest.raises(Stop, match="BANJIE_NOW=2026-12-01T09:00:00"):
        frozen_now(text)


def test_the_secret_is_random_kept_and_for_this_account_only(tmp_path):
    settings, other = read(var=str(tmp_path / "a")), read(var=str(tmp_path / "b"))
    settings.make_folders()
    other.make_folders()

    secret = settings.secret()

    assert len(secret) == 32
    assert settings.secret() == secret != other.secret()
    assert (tmp_path / "a" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_two_starts_at_once_agree_on_one_secret(tmp_path):
    settings = read(var=str(tmp_path))
    barrier, seen = threading.Barrier(8), set()

    def start():
        barrier.wait()
        seen.add(settings.secret())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_damaged_secret_is_named_and_never_replaced(tmp_path):
    settings = read(var=str(tmp_path))
    (tmp_path / "secret.key").write_text("a cat walked over this")

    with pytest.raises(Stop, match="Restore it from your backup"):
        settings.secret()

    assert (tmp_path / "secret.key").read_text() == "a cat walked over this"


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Stop, match="file"):
        read(var=str(tmp_path / "file" / "var")).make_folders()


def test_the_fingerprint_recognises_the_secret_and_does_not_contain_it():
    secret = bytes(range(32))

    assert fingerprint(secret) == fingerprint(bytes(range(32))) != fingerprint(bytes(32))
    assert secret.hex()[:8] not in fingerprint(secret)
