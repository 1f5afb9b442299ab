"""Loading: landed batches into the warehouse, each exactly once and all or nothing.

Rows, attempts and cursors of a batch go in with the batch's own identifier in one
transaction, so that a crash before, in or after it loses nothing and doubles nothing.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from warehouse.db import Connection, transaction

if TYPE_CHECKING:
    from pathlib import Path

#: Landed tables in the order in which they go in: listings count what activities added, and
#: extents compare with what the same pages listed.
_ORDER = (
    "attempts",
    "activities",
    "listings",
    "presences",
    "threads",
    "extents",
    "deletions",
    "drifts",
    "address_changes",
    "cursors",
)
_DELETING = ("extents", "deletions")


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """What loading one batch did. `is_new` is False when it had been loaded before."""

    file_id: str
    is_new: bool
    added_activity_count: int


def load_landed(connection: Connection, folder: Path, run_id: str) -> LoadedBatch:
    """Load the batch in `folder` and remove it; a batch that is in already is only removed."""
    file_id = folder.name
    before = _activity_count(connection)
    is_new = not _is_loaded(connection, file_id)
    if is_new:
        connection.execute("set threads = 1")  # small batches: a second thread only costs
        with transaction(connection):
            _merge_tables(connection, folder)
            _remember(connection, file_id, run_id)
    shutil.rmtree(folder)
    return LoadedBatch(file_id, is_new, _activity_count(connection) - before)


def loaded_files(connection: Connection) -> set[str]:
    """Identifiers of all batches that are in."""
    rows = connection.execute("select file_id from raw.landed_files").fetchall()
    return {file_id for (file_id,) in rows}


def _merge_tables(connection: Connection, folder: Path) -> None:
    for table in _ORDER:
        path = folder / f"{table}.parquet"
        if path.exists():
            connection.execute(_statement(table), {"landed": str(path)})
    if any((folder / f"{table}.parquet").exists() for table in _DELETING):
        connection.execute(_statement("forgotten"))


def _is_loaded(connection: Connection, file_id: str) -> bool:
    found = connection.execute("select 1 from raw.landed_files where file_id = ?", [file_id])
    return found.fetchone() is not None


def _remember(connection: Connection, file_id: str, run_id: str) -> None:
    moment = datetime.now(UTC).replace(tzinfo=None)
    connection.execute("insert into raw.landed_files values (?, ?, ?)", [file_id, run_id, moment])


def _activity_count(connection: Connection) -> int:
    (count,) = connection.execute("select count(*) from raw.activities").fetchone() or (0,)
    return int(count)


@cache
def _statement(table: str) -> str:
    return (resources.files("warehouse") / "merges" / f"{table}.sql").read_text("utf-8")
