"""The state of a warehouse as files: what an export carries so that another project can go on.

Tables for researchers leave out what only the program reads, and join what it keeps apart. These
are the tables as they are, one Parquet file each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.durable import write_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from warehouse.db import Connection

FOLDER = "state"
#: What other tables hold is made from these (`facts`, `rollups`, `marts`).
_SCHEMAS = ("raw", "signals", "estimates")
#: Answers to single questions stay with the project that asked; alerts are about its own machine.
LEFT_OUT = frozenset({"raw.assessments", "raw.answers", "raw.alerts", "raw.alert_messages"})
#: Where a connector stands in a platform's lists may name people's pages.
_BLANKED = {"raw.cursors": "* replace ('' as connector_state)"}
#: Unique columns of tables too large to be sorted by all of them.
_ORDERS = {
    "raw.activities": "activity_id",
    "raw.attempts": "page_id",
    "raw.former_counts": "activity_id, known_until, like_count, reply_count, repost_count",
    "signals.measurements": "organization_id, as_of_week, signal_code",
}


def state_tables(connection: Connection) -> list[str]:
    """Names with their schemas, of the tables that make up the state."""
    found = connection.execute(
        """
        select schema_name || '.' || table_name as name
        from duckdb_tables()
        where database_name = current_database() and list_contains($schemas, schema_name)
        order by name
        """,
        {"schemas": list(_SCHEMAS)},
    ).fetchall()
    return [name for (name,) in found if name not in LEFT_OUT]


def write_state(connection: Connection, folder: Path) -> dict[str, int]:
    """Write the state below an export's folder.

    Returns:
        Number of rows by file, named relative to the folder.
    """
    return {
        f"{FOLDER}/{table}.parquet": _write(connection, table, folder / FOLDER)
        for table in state_tables(connection)
    }


def _write(connection: Connection, table: str, folder: Path) -> int:
    counts: list[int] = []
    path = folder / f"{table}.parquet"
    write_file(path, lambda file: counts.append(_copy(connection, table, file)))
    return counts[0]


def _copy(connection: Connection, table: str, path: Path) -> int:
    target = str(path).replace("'", "''")
    columns, order = _BLANKED.get(table, "*"), _ORDERS.get(table, "all")
    copied = connection.execute(
        f"copy (select {columns} from {table} order by {order}) to '{target}' "  # noqa: S608 - ours
        "(format parquet, compression zstd)"
    ).fetchone()
    return int(copied[0]) if copied else 0


def load_state(connection: Connection, folder: Path, tables: Iterable[str]) -> None:
    """Make tables equal to what an export's folder has of them; columns it lacks are blank."""
    for table in tables:
        path = folder / FOLDER / f"{table}.parquet"
        connection.execute(f"delete from {table}")  # noqa: S608 - our own tables
        connection.execute(
            f"insert into {table} by name from read_parquet($path)",
            {"path": str(path)},
        )


def tables_in(folder: Path) -> list[str]:
    """Names of the tables whose state an export's folder has."""
    return sorted(path.name.removesuffix(".parquet") for path in (folder / FOLDER).glob("[!.]*"))
