"""The borders of the house hold, and each of them would notice being crossed."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("engine", "web", "migrations")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
)

LONGEST_MODULE = 420  # lines; about 400
LONGEST_FUNCTION = 60

# Ask of what is longer: which two things is this? A revision of the schema is one thing however long it gets.
MAY_BE_LONG = "migrations/versions/"

# contract -> a module and an import in it that the contract must not allow
CROSSINGS = {
    "tower": [
        ("engine/runtime/task.py", "import engine.store.tables"),  # climbing
        ("engine/bpmn/reader.py", "import engine.store.tables"),  # a room on the same floor
        ("engine/attic.py", "import engine.errors"),  # a room that stands on no floor
    ],
    "house": [
        ("web/app.py", "import engine.job_executor"),
        ("engine/process_engine.py", "import web.app"),
    ],
    "store": [("engine/store/rows/cases.py", "import engine.store.queries.cases")],
    "commands": [
        ("engine/commands/ballots/ballot_box.py", "import engine.commands.supervision.cards"),  # climbing
        ("engine/commands/attic.py", "import engine.errors"),  # a module that stands in no room
    ],
    "pages": [("web/parts/casefile.py", "import web.cases.page"), ("web/attic.py", "import engine.errors")],
    "schema": [("web/app.py", "import migrations")],
    "spiffworkflow": [
        ("engine/commands/tasks/handling.py", "import SpiffWorkflow"),
        ("web/app.py", "from lxml import etree"),
    ],
    "sqlalchemy": [("web/app.py", "import sqlalchemy")],
    "flask": [("engine/commands/tasks/handling.py", "import flask"), ("engine/process_engine.py", "import pydantic")],
    "re2": [("engine/bpmn/reader.py", "import re2")],
    "argon2": [("web/app.py", "import argon2")],
    "uploads": [("web/app.py", "from PIL import Image"), ("engine/commands/tasks/handling.py", "import pikepdf")],
    "spreadsheets": [("web/app.py", "import xlsxwriter")],
    "mail": [("engine/commands/tasks/handling.py", "import smtplib")],
    "server": [("web/app.py", "import waitress")],
    "alembic": [("engine/store/base/database.py", "import alembic")],
    "pure": [("engine/calendar/due.py", "import orjson"), ("engine/runtime/task.py", "import lxml")],
}


@dataclass
class Source:
    """What a module's syntax tree tells."""

    says_what_for: bool
    imported: set[str]  # packages
    functions: list[tuple[str, int]]  # name, lines


@cache
def source(path):
    """Read a module once for all tests: there are hundreds."""
    tree = ast.parse(path.read_text("utf-8"))
    found = Source(ast.get_docstring(tree) is not None, set(), [])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.imported.add(node.module.split(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.functions.append((node.name, (node.end_lineno or 0) - node.lineno + 1))
    return found


def contracts():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): setup[name] for name in setup.sections() if name.startswith(prefix)}


def lint(folder):
    """Run import-linter in ``folder``; return its output, "" when all is well."""
    command = "from importlinter.cli import lint_imports_command as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--config", "setup.cfg", "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},  # names of contracts are not broken into lines
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """What is said of a copy of the house in which all contracts are crossed at once: contract -> its complaints."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=_not_python)
    shutil.copy(ROOT / "setup.cfg", folder)
    for module, line in [crossing for crossings in CROSSINGS.values() for crossing in crossings]:
        with (folder / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    names = {contract["name"]: key for key, contract in contracts().items()}
    output = lint(folder)
    said, heading = {}, ""
    for line in output.splitlines():
        heading = names.get(line, heading)
        said.setdefault(heading, []).append(line)
    return {key: "\n".join(lines) for key, lines in said.items()}


def _not_python(folder, names):
    return [
        name
        for name in names
        if (not name.endswith(".py") and not (Path(folder) / name).is_dir()) or name == "node_modules"
    ]


# ---------------------------------------------------------------- imports


def test_imports_fall_and_each_library_has_one_room():
    assert lint(ROOT) == ""


def test_every_contract_is_crossed_below():
    assert CROSSINGS.keys() == contracts().keys()


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [(contract, module, line) for contract, crossings in CROSSINGS.items() for module, line in crossings],
)
def test_a_contract_that_is_crossed_breaks(complaints, contract, module, line):
    name = module.removesuffix(".py").replace("/", ".")
    _, imported, *_ = line.split()

    # a room that stands on no floor is named without what it imports
    assert re.search(rf"- +{name}( -> {imported}|$)", complaints.get(contract, ""), re.MULTILINE), complaints


def test_the_list_of_what_pure_rooms_may_not_import_is_complete():
    imported = {name for path in MODULES for name in source(path).imported}
    foreign = imported - sys.stdlib_module_names - set(PACKAGES)

    assert foreign <= set(contracts()["pure"]["forbidden_modules"].split())


def test_the_launcher_needs_nothing_but_the_standard_library():
    command = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import engine.cli.launcher, engine.cli.__main__"

    done = subprocess.run([sys.executable, "-I", "-S", "-c", command], capture_output=True, text=True, check=False)

    assert done.stderr == ""


# ---------------------------------------------------------------- sizes and first lines


def test_every_module_opens_with_what_it_is_for():
    silent = [_name(path) for path in MODULES if not source(path).says_what_for]

    assert silent == []


def test_no_module_is_long():
    long = {
        _name(path): lines
        for path in MODULES
        if not _name(path).startswith(MAY_BE_LONG)
        and (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_MODULE
    }

    assert long == {}


def test_no_function_is_long():
    long = {
        f"{_name(path)}:{function}": lines
        for path in MODULES
        if not _name(path).startswith(MAY_BE_LONG)
        for function, lines in source(path).functions
        if lines > LONGEST_FUNCTION
    }

    assert long == {}


def _name(path):
    return path.relative_to(ROOT).as_posix()


# ---------------------------------------------------------------- what is committed


def committed():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_nothing_committed_names_a_package_registry_or_somebodys_folder():
    # In pieces, so that this file does not find itself.
    words = re.compile(
        "|".join(
            [
                "regis" + r"try\.npmjs",
                "python" + "hosted",
                "pypi" + r"\.org/simple",
                r"(?<![\w.~-])/(?:wo" "rk|ro" "ot|ho" "me)/",
            ]
        )
    )
    found = []
    for path in committed():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{_name(path)}: {match.group()}" for match in words.finditer(text)]

    assert found == []


def test_nothing_committed_is_built_or_large():
    built = [_name(path) for path in committed() if {"node_modules", "dist", "__pycache__"} & set(path.parts)]
    large = [_name(path) for path in committed() if path.stat().st_size > 1 << 20]

    assert built == []
    assert large == []


def test_the_files_that_start_and_check_the_house_are_executable():
    for name in ("banjie", ".ci/run", ".ci/postgresql", "requirements/lock"):
        assert (ROOT / name).stat().st_mode & 0o111, name
