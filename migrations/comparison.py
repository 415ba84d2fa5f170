"""How Alembic compares a database with the tables in the code, on SQLite and PostgreSQL alike."""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy.types import TypeDecorator

from engine.store.tables import metadata


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write our own column types as the plain ones under them: a revision must not change when the code does."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def default_differs(
    context: Any, column: Any, declared: Any, found: str | None, expected: Any, rendered: str | None
) -> bool:
    """Compare server defaults by their value: SQLite reports '' with its quotes, PostgreSQL adds the type."""
    return _plain(found) != _plain(rendered)


def _plain(default: str | None) -> str | None:
    return None if default is None else default.split("::")[0].strip("()").strip("'")


OPTIONS: Mapping[str, Any] = {
    "target_metadata": metadata,
    "compare_type": True,
    "compare_server_default": default_differs,
    "render_item": render_item,
}
