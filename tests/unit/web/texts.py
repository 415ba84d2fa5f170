"""Finds every text that pages show: calls of ``_("…")`` in Python and templates, and the tables of words."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, nodes

import web
from web.wording import words

ROOT = Path(web.__file__).parent
TRANSLATING = {"_", "translate"}


def all_texts() -> dict[str, str]:
    """Return {Chinese text: where it stands} of all texts that go through the catalogue."""
    found: dict[str, str] = {}
    for where, text in (*python_texts(), *template_texts(), *table_texts()):
        found.setdefault(text, where)
    return found


def python_texts() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", first.value


def template_texts() -> Iterator[tuple[str, str]]:
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    for name in environment.list_templates(extensions=["html"]):
        tree = environment.parse(Path(ROOT / "templates" / name).read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                first = call.args[0] if call.args else None
                if isinstance(first, nodes.Const):
                    yield f"templates/{name}:{call.lineno}", str(first.value)


def table_texts() -> Iterator[tuple[str, str]]:
    for name, table in words.TABLES.items():
        for text in table.values():
            yield f"words.py:{name}", text
