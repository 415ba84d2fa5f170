"""Writes of single rows by key, compiled once for each database, table and set of columns.

SQLAlchemy finds a compiled statement again by walking it at every execution; for the handful of statements that every step
consists of, that walk costs as much as the database. Here the text and the conversions of its values are kept.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Dialect, Select, Table, bindparam
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Delete, Insert, Update

Write: TypeAlias = Insert | Update | Delete
Conversion: TypeAlias = Callable[[Any], Any]
Parameters: TypeAlias = tuple[Any, ...] | dict[str, Any]

KEPT = 2000  # statements; a database in use needs about a hundred


class Prepared:
    """A statement as the driver takes it: its text, and what turns rows of values into the driver's parameters."""

    def __init__(self, statement: Write, dialect: Dialect, names: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        assert isinstance(compiled, SQLCompiler)
        conversions: Mapping[str, Any] = compiled._bind_processors
        self.text = compiled.string
        self._positional = compiled.positional
        order = compiled.positiontup if compiled.positional else names
        assert order is not None
        self._names = tuple(order)
        self._conversions: list[tuple[int, Conversion]] = [
            (place, conversions[name]) for place, name in enumerate(self._names) if conversions.get(name)
        ]

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> Parameters | list[Parameters]:
        """Return the driver's parameters: one set for one row, a list of them for several."""
        sets = [self._of(row) for row in rows]
        return sets[0] if len(sets) == 1 else sets

    def _of(self, row: Mapping[str, Any]) -> Parameters:
        values = [row[name] for name in self._names]
        for place, convert in self._conversions:
            values[place] = convert(values[place])
        return tuple(values) if self._positional else dict(zip(self._names, values, strict=True))


def key_names(table: Table) -> tuple[str, ...]:
    """The names of the primary key's columns, in order."""
    return _key_names(table)


@cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.key for column in table.primary_key.columns)


@cache
def select_by_key(table: Table) -> Select[Any]:
    """The row with the key in the parameters named like its columns."""
    return table.select().where(*(table.c[name] == bindparam(name) for name in key_names(table)))


@lru_cache(maxsize=KEPT)
def insert(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> Prepared:
    """A new row of these columns."""
    return Prepared(table.insert(), dialect, columns)


@lru_cache(maxsize=KEPT)
def delete(dialect: Dialect, table: Table) -> Prepared:
    """The row with the key in the parameters ``k_<column>``."""
    names = key_names(table)
    statement = table.delete().where(*(table.c[name] == bindparam(f"k_{name}") for name in names))
    return Prepared(statement, dialect, [f"k_{name}" for name in names])


@lru_cache(maxsize=KEPT)
def update(dialect: Dialect, table: Table, columns: tuple[str, ...], guard: str | None) -> Prepared:
    """Set ``columns`` from the parameters ``v_<column>`` where the key fits, and ``guard`` has the value ``k_<guard>``."""
    names = [*key_names(table), *([guard] if guard else [])]
    statement = (
        table.update()
        .where(*(table.c[name] == bindparam(f"k_{name}") for name in names))
        .values({name: bindparam(f"v_{name}") for name in columns})
    )
    return Prepared(statement, dialect, [*(f"v_{name}" for name in columns), *(f"k_{name}" for name in names)])
