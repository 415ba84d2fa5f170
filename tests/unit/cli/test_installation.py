"""The stamp of the virtual environment, and why an installation failed, in one sentence."""

import errno
import json
import os
import sys

import pytest

from engine.cli import installation
from engine.cli.assets import Assets
from engine.cli.console import Stop
from engine.cli.installation import Installation, explain, pip_failure


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose environment has the part ``run``."""
    (tmp_path / "requirements").mkdir()
    for part in ("run", "dev", "node"):
        (tmp_path / "requirements" / f"{part}.lock").write_text(f"{part}==1.0 \\\n    --hash=sha256:00\n")
    made = Installation(tmp_path)
    (made.folder / "bin").mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    stamp(made, run=made._digest("run"))
    return tmp_path


def stamp(made, **parts):
    told = {"folder": str(made.folder), "python": os.path.realpath(sys.executable), **parts}
    (made.folder / "banjie.json").write_text(json.dumps(told))


def test_what_the_stamp_says_is_there(checkout):
    assert Installation(checkout).has("run")
    assert not Installation(checkout).has("run", "dev")


def test_nothing_is_there_before_the_first_start(tmp_path):
    assert not Installation(tmp_path).has()


def test_a_changed_lock_file_is_noticed(checkout):
    (checkout / "requirements" / "run.lock").write_text("run==1.1 \\\n    --hash=sha256:11\n")

    assert not Installation(checkout).has("run")


def test_a_moved_checkout_is_noticed(checkout, tmp_path):
    moved = checkout.rename(tmp_path.parent / f"{tmp_path.name} moved")

    assert not Installation(moved).has("run")


def test_another_python_under_the_same_name_is_noticed(checkout):
    made = Installation(checkout)
    made.python.unlink()
    made.python.symlink_to("/bin/sh")

    assert not made.has("run")


def test_a_python_that_has_gone_is_noticed(checkout):
    made = Installation(checkout)
    made.python.unlink()
    made.python.symlink_to(checkout / "gone")

    assert not made.has("run")


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"'])
def test_a_half_written_stamp_counts_as_none(checkout, text):
    (checkout / ".venv" / "banjie.json").write_text(text)

    assert not Installation(checkout).has("run")


@pytest.mark.parametrize(
    ("output", "named"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "does not match its locked hash"),
        ("ERROR: No matching distribution found for lxml==6.1.3", "use Python 3.11 to 3.14"),
        (
            "WARNING: Retrying after connection broken\nERROR: No matching distribution found\nConnection refused",
            "mirror",
        ),
        ("something nobody has seen before", "something nobody has seen before"),
    ],
)
def test_a_failed_installation_is_explained(checkout, output, named):
    stop = pip_failure(output.splitlines(keepends=True), checkout / "requirements" / "run.lock")

    assert named in stop.en
    assert stop.zh != stop.en


@pytest.mark.parametrize(
    ("number", "named"),
    [(errno.ENOSPC, "full"), (errno.EROFS, "--var"), (errno.EACCES, "--var"), (errno.EIO, "Input/output error")],
)
def test_an_operating_system_s_refusal_is_explained(tmp_path, number, named):
    stop = explain(OSError(number, os.strerror(number), str(tmp_path / "thing")), tmp_path)

    assert named in stop.en
    assert os.strerror(number) not in stop.zh


def test_browser_parts_are_settled_when_built_or_known_to_fail_and_stale_when_a_source_changes(checkout):
    source = checkout / "web" / "frontend"
    (source / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "build.mjs", "src/app.js"):
        (source / name).write_text(name)
    assets = Assets(Installation(checkout))
    assert not assets.settled()

    assets._write_stamp(assets._digest())
    assert assets.built()
    assert assets.settled()

    assets._write_stamp("failed " + assets._digest())
    assert assets.settled()
    assert not assets.built()

    (source / "src" / "app.js").write_text("changed")
    assert not assets.settled()


def test_without_the_venv_module_the_one_line_to_run_is_told(monkeypatch):
    monkeypatch.setattr(installation, "_has_venv", lambda: False)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(Stop, match=r"apt install python3\.\d+-venv"):
        installation.ensure_venv_module()
