"""./banjie run and ./banjie worker as processes: they start, serve, end cleanly, and say in a sentence why they cannot."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


class Running:
    """A command of its own process; ``said`` grows while it runs."""

    def __init__(self, *typed, **environment):
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.cli", *typed],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        self._guard = threading.Timer(
            300, self.process.kill
        )  # a test that hangs must end, one on a busy machine need not
        self._guard.start()

    def wait_for(self, pattern):
        """Read until ``pattern`` is said and return its match."""
        while not (match := re.search(pattern, self.said)):
            line = self.process.stdout.readline()
            assert line, f"ended without {pattern!r}:\n{self.said}"
            self.said += line
        return match

    def end(self, number=None):
        """Send a signal, if any, and return the status when the process has ended."""
        if number is not None:
            self.process.send_signal(number)
        self.said += self.process.stdout.read()
        self.process.stdout.close()
        status = self.process.wait()
        self._guard.cancel()
        assert "Traceback" not in self.said, self.said
        return status


@pytest.fixture
def start(installation):
    """Start a command on the fixture's installation; whatever still runs at the end is killed."""
    started = []

    def call(*typed, **environment):
        running = Running(*typed, **environment)
        started.append(running)
        return running

    yield call
    for running in started:
        running.process.kill()
        running.process.wait()
        running.process.stdout.close()
        running._guard.cancel()


def get(url):
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.status, answer.read().decode()


def test_the_first_start_shows_the_password_and_serves_the_login_page_until_ctrl_c(start):
    running = start("run", "--port", "0")
    url = running.wait_for(r"http://127\.0\.0\.1:\d+/").group()
    running.wait_for(r"password\s+\S+")

    status, page = get(url + "login")

    assert status == 200
    assert "办结" in page
    assert running.end(signal.SIGINT) == 130


def test_later_starts_show_no_password_and_a_frozen_clock_is_told(start, banjie):
    banjie("user", "add", "zhang.san", "--name", "张三")

    running = start("run", "--port", "0", "--no-jobs", BANJIE_NOW="2026-12-01T09:00:00+08:00")
    running.wait_for(r"2026-12-01T09:00\+08:00")

    assert running.end(signal.SIGTERM) == 0
    assert "password" not in running.said


def test_a_worker_runs_until_it_is_told_to_end(start):
    running = start("worker", "--threads", "1")
    running.wait_for("working on background jobs")

    assert running.end(signal.SIGTERM) == 0


def test_a_taken_port_is_told_with_the_way_out(banjie):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, _, err = banjie("run", "--port", port)

    assert status == 1
    assert f"--port {port + 1}" in err


@pytest.mark.parametrize(
    ("host", "named"), [("nowhere.invalid", "nowhere.invalid"), ("192.0.2.1", "0.0.0.0")], ids=["unknown", "not ours"]
)
def test_an_address_that_is_not_this_machine_s_is_told(banjie, host, named):
    status, _, err = banjie("run", "--host", host, "--port", "0")

    assert status == 1
    assert named in err


def test_a_broken_database_file_is_told(banjie, tmp_path):
    path = tmp_path / "letter.sqlite3"
    path.write_text("this is a letter, not a database\n" * 100)

    status, _, err = banjie("run", "--port", "0", "--database", f"sqlite:///{path}")

    assert status == 1
    assert "letter.sqlite3" in err
    assert "备份" in err


def test_a_database_server_that_does_not_answer_is_told_without_its_password(banjie):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        status, _, err = banjie("run", "--port", "0", "--database", f"postgresql://me:sesame@127.0.0.1:{port}/banjie")

    assert status == 1
    assert f"127.0.0.1:{port}" in err
    assert "sesame" not in err


def test_a_data_folder_that_cannot_be_made_is_told(banjie, tmp_path):
    (tmp_path / "file").write_text("")

    status, _, err = banjie("run", "--port", "0", "--var", tmp_path / "file" / "var")

    assert status == 1
    assert str(tmp_path / "file") in err
