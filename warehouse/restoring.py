"""Restoring: a warehouse made from the state that an export carries, and proved against it.

The tables come as they were. What is made from them (facts, staging, rollups) is built anew; what
was measured and estimated is kept as it came, not measured again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import duckdb

from warehouse.build import build
from warehouse.conversations import gather_conversations
from warehouse.exporttables import EVERYTHING, tables_of
from warehouse.facts import forget_facts
from warehouse.migrations import migrate
from warehouse.statetables import load_state, state_tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from warehouse.build import Clock
    from warehouse.connecting import Connection

_ASIDE = "restored"
#: Schema of measurements, which a build would touch.
_MEASURED = "signals."
_NOTED = "raw.touched_weeks"
#: Tables in which weeks that were still to be built may come out otherwise.
_BUILT = frozenset({"activities", "coverage"})


class StateError(Exception):
    """The state that an export carries is not one of its schema."""


class Difference(NamedTuple):
    """A table that came out otherwise than it was exported."""

    table: str
    exported_count: int
    restored_count: int


def restore_state(
    connection: Connection, folder: Path, tables: Iterable[str], schema: int, clock: Clock
) -> None:
    """Fill a new database with the state of an export, and build what is made from it.

    Args:
        connection: of a database without anything in it.
        folder: of the export.
        tables: names of its state's tables.
        schema: the number of the schema that these have; later schema files are applied to them.
        clock: of the last build before the export.

    Raises:
        StateError: a table is none of that schema, or has other columns.
        ChecksFailedError: there are bad rows in it.
    """
    migrate(connection, until=schema)
    if strangers := sorted(set(tables) - set(state_tables(connection))):
        message = f"its version has no tables {', '.join(strangers)}"
        raise StateError(message)
    for table in tables:
        _load(connection, folder, table)
    migrate(connection, has_rows=True)
    _build_beside(connection, clock)


def _load(connection: Connection, folder: Path, table: str) -> None:
    try:
        load_state(connection, folder, [table])
    except duckdb.Error as error:
        message = f"{table} cannot be loaded: {error}"
        raise StateError(message) from error


def _build_beside(connection: Connection, clock: Clock) -> None:
    kept = [t for t in state_tables(connection) if t.startswith(_MEASURED) or t == _NOTED]
    connection.execute(f"create schema {_ASIDE}")
    for table in kept:
        connection.execute(f"create table {_aside(table)} as from {table}")
    forget_facts(connection)
    build(connection, clock)
    for table in kept:
        connection.execute(f"delete from {table}")  # noqa: S608 - our own tables
        connection.execute(f"insert into {table} by name from {_aside(table)}")
    connection.execute(f"drop schema {_ASIDE} cascade")


def _aside(table: str) -> str:
    return f'{_ASIDE}."{table}"'


def differences(connection: Connection, folder: Path) -> list[Difference]:
    """Tables that, exported now, would have other rows than an export's files.

    Where weeks were still to be built at the export, what builds make may differ and is left out.
    """
    gather_conversations(connection)
    EVERYTHING.bind(connection)
    is_built = _count(connection, f"from {_NOTED}") == 0
    tables = [t for t in tables_of(EVERYTHING) if is_built or t.name not in _BUILT]
    found = []
    for table in tables:
        path = folder / f"{table.name}.parquet"
        if path.is_file():  # an earlier version had fewer tables
            found += _difference(connection, table.name, table.select(connection, EVERYTHING), path)
    return found


def _difference(connection: Connection, table: str, restored: str, path: Path) -> list[Difference]:
    target = str(path).replace("'", "''")
    exported = f"select * from read_parquet('{target}')"  # noqa: S608 - our own words
    columns = [name for name, *_ in connection.execute(f"describe {exported}").fetchall()]
    named = f"select {', '.join(columns)} from ({restored})"  # noqa: S608 - our own words
    counts = [_count(connection, sql) for sql in (exported, named)]
    if counts[0] == counts[1] and not _count(connection, f"({exported}) except all ({named})"):
        return []
    return [Difference(table, *counts)]


def _count(connection: Connection, sql: str) -> int:
    query = f"select count(*) from ({sql})"  # noqa: S608 - our own words
    found = connection.execute(query).fetchone()
    return int(found[0]) if found else 0
