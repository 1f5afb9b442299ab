"""Compacting: what has been deleted leaves the warehouse's files, too.

DuckDB reuses the place of deleted rows only as it goes, and a lake keeps its earlier states for
whoever reads the past. Both are written anew.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from warehouse.durable import UNFINISHED_SUFFIX, sync
from warehouse.writers import CATALOG, lake_name, sole_writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from warehouse.db import Connection

_COMPACT_LAKE = (
    "call ducklake_rewrite_data_files('lake', delete_threshold => 0)",
    "call ducklake_merge_adjacent_files('lake')",
    "call ducklake_expire_snapshots('lake', older_than => now()::timestamptz)",
    "call ducklake_cleanup_old_files('lake', cleanup_all => true)",
)
#: Columns of text in the catalog of a lake, with the column that holds the elements of a list.
_TEXTS = """
    select
        schema_name || '.' || table_name as table_name,
        coalesce(parent.column_name, shown.column_name) as column_name,
        parent.column_id is not null as is_list,
        shown.table_id,
        shown.column_id,
    from {catalog}.ducklake_column as shown
    join {catalog}.ducklake_table as tables using (table_id)
    join {catalog}.ducklake_schema as schemas using (schema_id)
    left join {catalog}.ducklake_column as parent
        on
            parent.table_id = shown.table_id
            and parent.column_id = shown.parent_column
            and parent.end_snapshot is null
    where
        shown.column_type = 'varchar'
        and shown.end_snapshot is null
        and tables.end_snapshot is null
        and schemas.end_snapshot is null
    order by table_name, shown.column_id
"""


class _Text(NamedTuple):
    table: str
    column: str
    is_list: bool
    table_id: int
    column_id: int

    @property
    def extremes(self) -> str:
        """Its first and its last value, as expressions."""
        if self.is_list:
            values = f'flatten(list("{self.column}"))'
            return f"list_min({values}), list_max({values})"
        return f'min("{self.column}"), max("{self.column}")'


def compact(connection: Connection, path: Path) -> None:
    """Write the warehouse anew, without what was deleted, and put it in its place.

    The connection must be closed next: it is one to the former file.
    """
    unfinished = path.with_name(f".{path.name}{UNFINISHED_SUFFIX}")
    unfinished.unlink(missing_ok=True)
    (present,) = connection.execute("select current_database()").fetchone() or ("",)
    target = str(unfinished).replace("'", "''")
    connection.execute("checkpoint")
    connection.execute(f"attach '{target}' as compacted")
    connection.execute(f'copy from database "{present}" to compacted')
    connection.execute("checkpoint compacted")
    connection.execute("detach compacted")
    sync(unfinished)
    with suppress(FileNotFoundError):
        os.unlink(f"{path}.wal")  # noqa: PTH108 - all of it is in both files
    unfinished.replace(path)
    sync(path.parent)


def compact_lake(connection: Connection) -> None:
    """Write the files of a lake anew, and remove all that it kept of its earlier states.

    Nobody can read the lake as it was before any more. What PostgreSQL keeps of deleted rows of
    the catalog goes when PostgreSQL vacuums.
    """
    with sole_writer(connection):
        for statement in _COMPACT_LAKE:
            connection.execute(statement)
        _renew_extremes(connection)


def forget_past(connection: Connection, until: datetime) -> bool:
    """Have a lake forget what it was until a moment (UTC), if it remembers; returns whether."""
    (oldest,) = connection.execute(
        "select min(snapshot_time)::timestamp from ducklake_snapshots('lake')"
    ).fetchone() or (None,)
    if oldest is None or oldest >= until:
        return False
    compact_lake(connection)
    return True


def _renew_extremes(connection: Connection) -> None:
    """Replace the first and last values of texts, which a catalog only ever widens, by what is.

    They would go on naming who was deleted.
    """
    catalog = f'{CATALOG}."{lake_name(connection) or "main"}"'
    found = connection.execute(_TEXTS.format(catalog=catalog)).fetchall()
    for table, texts in groupby(map(_Text._make, found), key=lambda text: text.table):
        for text, first, last in _extremes(connection, table, list(texts)):
            connection.execute(
                f"update {catalog}.ducklake_table_column_stats "  # noqa: S608 - our own words
                "set min_value = $first, max_value = $last "
                "where table_id = $table_id and column_id = $column_id "
                "and (min_value is distinct from $first or max_value is distinct from $last)",
                {
                    "first": first,
                    "last": last,
                    "table_id": text.table_id,
                    "column_id": text.column_id,
                },
            )


def _extremes(
    connection: Connection, table: str, texts: list[_Text]
) -> Iterator[tuple[_Text, str | None, str | None]]:
    asked = ", ".join(text.extremes for text in texts)
    values = connection.execute(f"select {asked} from {table}").fetchone() or ()  # noqa: S608 - ours
    yield from zip(texts, values[::2], values[1::2], strict=True)
