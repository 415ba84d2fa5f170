"""An installation of its own for each test, spoken to as at the terminal."""

import json

import pytest

from engine.cli.__main__ import main


@pytest.fixture
def installation(tmp_path, database_url, monkeypatch):
    """The data folder of a fresh installation; the environment names it and its database."""
    monkeypatch.setenv("BANJIE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("BANJIE_DATABASE", database_url)
    monkeypatch.delenv("BANJIE_NOW", raising=False)
    return tmp_path / "var"


@pytest.fixture
def banjie(installation, capsys):
    """Call a command; return its status, what it printed and what it complained about."""

    def call(*typed):
        capsys.readouterr()
        status = main([str(word) for word in typed])
        told = capsys.readouterr()
        return status, told.out, told.err

    return call


@pytest.fixture
def banjie_json(banjie):
    """Call a command with --json that succeeds and return what it printed."""

    def call(*typed):
        status, out, err = banjie(*typed, "--json")
        assert status == 0, err
        return json.loads(out)

    return call
