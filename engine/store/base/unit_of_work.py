"""The unit of work: rows read and changed by one command, written together, in as few statements as possible.

Changes are collected per row and flushed before the commit (or before a query that must see them): deletes first, then
inserts in the order of the foreign keys, then updates. Several changes of one row become one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Row, Table

from engine.errors import Conflict
from engine.store import tables
from engine.store.base import prepared
from engine.store.base.prepared import Prepared, key_names

Key = tuple[Any, ...]
Values = dict[str, Any]

_ORDER = {table: position for position, table in enumerate(tables.metadata.sorted_tables)}


class UnitOfWork:
    """The rows of one transaction. Keys are tuples in the order of the primary key columns."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.statements = 0
        self._known: dict[tuple[Table, Key], Values] = {}
        self._inserts: dict[Table, dict[Key, Values]] = {}
        self._updates: dict[Table, dict[Key, Values]] = {}
        self._deletes: dict[Table, dict[Key, None]] = {}

    # ---- rows

    def get(self, table: Table, key: Key) -> Values | None:
        """Return the row as it stands in this unit of work, or None."""
        known = self._known.get((table, key))
        if known is not None:
            return known
        if key in self._deletes.get(table, {}):
            return None
        row = self.first(prepared.select_by_key(table), dict(zip(key_names(table), key, strict=True)))
        return None if row is None else self.remember(table, dict(row._mapping))

    def remember(self, table: Table, row: Values) -> Values:
        """Keep a row that was read, so that ``get`` does not read it again."""
        return self._known.setdefault((table, _key_of(table, row)), row)

    def insert(self, table: Table, row: Values) -> None:
        key = _key_of(table, row)
        self._inserts.setdefault(table, {})[key] = row
        self._known[(table, key)] = row

    def update(self, table: Table, key: Key, values: Mapping[str, Any]) -> None:
        pending = self._inserts.get(table, {}).get(key)
        if pending is not None:
            pending.update(values)
            return
        self._updates.setdefault(table, {}).setdefault(key, {}).update(values)
        known = self._known.get((table, key))
        if known is not None:
            known.update(values)

    def delete(self, table: Table, key: Key) -> None:
        self._known.pop((table, key), None)
        self._updates.get(table, {}).pop(key, None)
        if self._inserts.get(table, {}).pop(key, None) is None:
            self._deletes.setdefault(table, {})[key] = None

    # ---- queries

    def all(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Run a query and return its rows; pending changes are written first, so that it sees them."""
        self.flush()
        self.statements += 1
        return self.connection.execute(statement, parameters or {}).all()

    def first(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """Run a query and return its first row or None."""
        rows = self.all(statement, parameters)
        return rows[0] if rows else None

    def execute(self, statement: Executable, parameters: Any = None) -> int:
        """Run a statement and return the number of rows it touched."""
        self.flush()
        return self._run(statement, parameters)

    # ---- writing

    def flush(self) -> None:
        """Write all pending changes."""
        if not (self._inserts or self._updates or self._deletes):
            return
        deletes, inserts, updates = self._deletes, self._inserts, self._updates
        self._deletes, self._inserts, self._updates = {}, {}, {}
        dialect = self.connection.dialect
        for table, keys in deletes.items():
            if keys:
                self._write(prepared.delete(dialect, table), [_key_parameters(table, key) for key in keys])
        for table in sorted(inserts, key=_ORDER.__getitem__):
            for rows in _same_columns(inserts[table].values()):
                self._write(prepared.insert(dialect, table, tuple(rows[0])), rows)
        for table, changed in updates.items():
            for columns, alike in _same_changes(changed).items():
                self._update(table, columns, alike)

    def _update(self, table: Table, columns: tuple[str, ...], changed: list[tuple[Key, Values]]) -> None:
        guarded = table is tables.process_instance and "revision" in columns
        statement = prepared.update(self.connection.dialect, table, columns, "revision" if guarded else None)
        rows = [
            _key_parameters(table, key) | {f"v_{name}": values[name] for name in columns} for key, values in changed
        ]
        if guarded:
            for row in rows:
                row["k_revision"] = row["v_revision"] - 1
        if self._write(statement, rows) != len(rows) and guarded:
            # The row lock makes this impossible on a healthy database; the revision is the second lock.
            key = changed[0][0] if len(changed) == 1 else ("",)
            raise Conflict(
                f"流程实例 {key[0]} 已被他人同时修改，请刷新后重试。",
                f"Process instance {key[0]} was changed by somebody else at the same time; reload and try again.",
                instance_id=key[0],
                retry=True,
            )

    def _write(self, statement: Prepared, rows: list[Values]) -> int:
        self.statements += 1
        parameters: Any = statement.parameters(rows)
        return int(self.connection.exec_driver_sql(statement.text, parameters).rowcount)

    def _run(self, statement: Executable, parameters: Any) -> int:
        self.statements += 1
        return int(self.connection.execute(statement, parameters if parameters is not None else {}).rowcount)


def _same_changes(changed: Mapping[Key, Values]) -> dict[tuple[str, ...], list[tuple[Key, Values]]]:
    """Group changes by the columns that they set: rows that change alike are one statement."""
    groups: dict[tuple[str, ...], list[tuple[Key, Values]]] = {}
    for key, values in changed.items():
        if values:
            groups.setdefault(tuple(sorted(values)), []).append((key, values))
    return groups


def _same_columns(rows: Any) -> list[list[Values]]:
    """Group rows by their set of columns: one INSERT needs the same columns in all its rows."""
    groups: dict[frozenset[str], list[Values]] = {}
    for row in rows:
        groups.setdefault(frozenset(row), []).append(row)
    return list(groups.values())


def _key_of(table: Table, row: Mapping[str, Any]) -> Key:
    return tuple(row[name] for name in key_names(table))


def _key_parameters(table: Table, key: Key) -> Values:
    return {f"k_{name}": value for name, value in zip(key_names(table), key, strict=True)}
