"""The file ./banjie itself: any Python can read it, and an old one is told what is needed."""

import ast
import subprocess
import sys
from pathlib import Path

from engine.cli.installation import Installation
from engine.cli.launcher import environment_of

BANJIE = Path(__file__).parents[3] / "banjie"


def test_any_python_can_read_it():
    tree = ast.parse(BANJIE.read_text("utf-8"), feature_version=(3, 4))

    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr)]


def test_an_old_python_is_told_which_one_is_needed():
    pretend = f"import sys, runpy; sys.version_info = (3, 8, 1, 'final', 0); runpy.run_path({str(BANJIE)!r})"

    done = subprocess.run(
        [sys.executable, "-c", pretend], env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this is 3.8" in done.stderr


def test_the_program_gets_the_callers_environment_and_our_code_on_its_path(tmp_path):
    given = {"LANG": "C.UTF-8", "PYTHONHOME": "/elsewhere", "PYTHONPATH": "/elsewhere"}

    assert environment_of(Installation(tmp_path), given) == {"LANG": "C.UTF-8", "PYTHONPATH": str(tmp_path)}


def test_where_nothing_compiled_may_stand_beside_the_sources_it_stands_beside_the_packages(tmp_path):
    environment = environment_of(Installation(tmp_path), {"PYTHONDONTWRITEBYTECODE": "1"})

    assert environment == {"PYTHONPATH": str(tmp_path), "PYTHONPYCACHEPREFIX": str(tmp_path / ".venv" / "bytecode")}
