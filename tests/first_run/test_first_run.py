"""A stranger with an empty clone types ./banjie run. Needs git and the package registries; .ci/run runs it, ./banjie test does not."""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 1800  # seconds for everything that downloads


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """An empty clone in a folder whose name has blanks and Chinese in it."""
    folder = tmp_path_factory.mktemp("first run") / "办结 clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def ready(clone):
    """The clone after its set-up."""
    subprocess.run([clone / "banjie", "setup"], env=strangers(), check=True, timeout=PATIENCE)
    return clone


def strangers(**more):
    """The environment of somebody who has never heard of us."""
    ours = ("BANJIE_", "PYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


class Terminal:
    """A command typed at a terminal of its own."""

    def __init__(self, *typed, cwd, environment=None):
        self.begun = time.monotonic()
        self.said = ""
        self.process = subprocess.Popen(
            [str(word) for word in typed],
            cwd=cwd,
            env=environment or strangers(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, pattern):
        while not (match := re.search(pattern, self.said)):
            line = self.process.stdout.readline()
            assert line, f"ended without {pattern!r}:\n{self.said}"
            self.said += line
        return match

    def kill(self):
        """What a closed window or an impatient person does: everything at once, no time to clean up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def end(self, number=None):
        if number is not None:
            self.process.send_signal(number)
        self.said += self.process.stdout.read()
        self.process.stdout.close()
        status = self.process.wait()
        assert "Traceback" not in self.said, self.said
        return status


def test_one_command_leads_from_an_empty_clone_to_the_login_page(clone, capsys):
    # Somebody loses patience in the middle of it and starts again.
    impatient = Terminal(clone / "banjie", "run", "--port", "0", cwd=clone)
    impatient.wait_for("installing packages")
    time.sleep(2)
    impatient.kill()

    running = Terminal(clone / "banjie", "run", "--port", "0", cwd=clone)
    url = running.wait_for(r"http://127\.0\.0\.1:\d+/").group()
    first = time.monotonic() - running.begun
    with urllib.request.urlopen(url + "login", timeout=120) as answer:
        assert answer.status == 200
    running.wait_for("Ctrl-C")
    assert re.search(r"password\s+\S+", running.said)
    assert running.end(signal.SIGINT) == 130
    assert (clone / "web" / "static" / "dist" / "banjie.js").is_file()

    again = Terminal(clone / "banjie", "run", "--port", "0", cwd=clone)
    again.wait_for(r"http://127\.0\.0\.1:\d+/")
    second = time.monotonic() - again.begun
    assert again.end(signal.SIGTERM) == 0
    assert "•" not in again.said, "the second start set something up again"
    assert "password" not in again.said
    with capsys.disabled():
        print(f"\nfirst start {first:.1f} s, second start {second:.2f} s")


def test_it_can_be_called_through_a_link_from_another_folder(ready, tmp_path):
    link = tmp_path / "banjie"
    link.symlink_to(ready / "banjie")
    (tmp_path / "letter.bpmn").write_text("Dear Sir or Madam")

    checked = Terminal(link, "check", "letter.bpmn", cwd=tmp_path)

    assert checked.end() == 1
    assert "letter.bpmn" in checked.said
    assert "file-unreadable" not in checked.said


def test_help_and_mistakes_come_before_any_installing(clone, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(clone, bare, ignore=shutil.ignore_patterns(".venv", "var", "node_modules", "dist"))

    helping = Terminal(bare / "banjie", "run", "--help", cwd=bare)
    mistaken = Terminal(bare / "banjie", "run", "--port", "high", cwd=bare)

    assert helping.end() == 0
    assert mistaken.end() == 2
    assert not (bare / ".venv").exists()


def test_two_set_ups_at_once_do_not_disturb_each_other(ready):
    (ready / "web" / "static" / "dist" / ".stamp").unlink()

    one, two = (Terminal(ready / "banjie", "setup", cwd=ready) for _ in range(2))

    assert (one.end(), two.end()) == (0, 0)
    assert (one.said + two.said).count("building the browser parts") == 1


def test_without_npm_node_comes_from_a_python_package(ready, tmp_path):
    # A PATH with everything but Node.js.
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in folder.glob("*") if folder.is_dir() else ():
            link = tmp_path / program.name
            if program.name not in ("node", "nodejs", "npm", "npx", "corepack") and not link.is_symlink():
                link.symlink_to(program)
    shutil.rmtree(ready / "web" / "static" / "dist")
    shutil.rmtree(ready / "web" / "frontend" / "node_modules")

    built = Terminal(ready / "banjie", "setup", cwd=ready, environment=strangers(PATH=str(tmp_path)))

    assert built.end() == 0, built.said
    assert "no npm here" in built.said
    assert (ready / "web" / "static" / "dist" / "banjie.js").is_file()
