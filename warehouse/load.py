"""Loading: landed batches into the warehouse, each exactly once and all or nothing.

Rows, attempts and cursors of a batch go in with the batch's own identifier in one
transaction, so that a crash before, in or after it loses nothing and doubles nothing.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import duckdb

from warehouse.archive import ABSENCES_NAME
from warehouse.connecting import SETTINGS
from warehouse.db import Connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Landed tables in the order in which they go in: listings count what activities added, and
#: extents compare with what the same pages listed.
_ORDER = (
    "attempts",
    "activities",
    "listings",
    "presences",
    "threads",
    "periods",
    "extents",
    "deletions",
    "drifts",
    "address_changes",
    "cursors",
)
_DELETING = ("extents", "deletions", "absences")
#: A batch that is loaded from kept rows, where what it saw no longer has lost its features.
_ABSENCES = """
    insert into raw.deletions by name
    select
        *,
        'absent' as reason,
    from read_parquet($landed) as absences
    where not exists (
        from raw.deletions
        where
            deletions.activity_id = absences.activity_id
            and deletions.page_id = absences.page_id
    )
"""
_SHOWS_DIALOGUE = """
    select 1
    from read_parquet($attempts) as attempts
    left join raw.channels using (channel_id)
    left join raw.sources using (source)
    where coalesce(sources.shows_dialogue, true)
    limit 1
"""


#: Activities of a batch, in bytes, that two threads load faster than one.
_LARGE_BYTES = 8 << 20

#: Enough for usual batches; more would be filled with parts of the file that are read once.
_LOADING_MEMORY = "200MB"


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """What loading one batch did. `is_new` is False when it had been loaded before."""

    file_id: str
    is_new: bool
    added_activity_count: int


def load_landed(connection: Connection, folder: Path, run_id: str) -> LoadedBatch:
    """Load the batch in `folder` and remove it; a batch that is in already is only removed.

    Where people speak (or nobody knows whether) the folder stays, to be kept in the archive.
    """
    file_id = folder.name
    before, removed = _activity_count(connection), 0
    is_new = not _is_loaded(connection, file_id)
    if is_new:
        connection.execute("reset threads" if _is_large(folder) else "set threads = 1")
        removed = _load_frugally(connection, folder, run_id)
    if not shows_dialogue(connection, folder):
        shutil.rmtree(folder)
    return LoadedBatch(file_id, is_new, _activity_count(connection) - before + removed)


def _load_frugally(connection: Connection, folder: Path, run_id: str) -> int:
    """Load a batch in little memory; one that is too large for that, in as much as a build has."""
    try:
        with _frugal(connection):
            return _load(connection, folder, run_id)
    except duckdb.OutOfMemoryException:
        return _load(connection, folder, run_id)


@contextmanager
def _frugal(connection: Connection) -> Iterator[None]:
    """Keep less of the file in memory than a build may, for fetching and parsing go on beside."""
    connection.execute(f"set memory_limit = '{_LOADING_MEMORY}'")
    try:
        yield
    finally:
        connection.execute(f"set memory_limit = '{SETTINGS['memory_limit']}'")


def _load(connection: Connection, folder: Path, run_id: str) -> int:
    """Load a batch in one transaction; returns how many activities it takes away."""
    with transaction(connection):
        removed = _merge_tables(connection, folder)
        _remember(connection, folder.name, run_id)
    return removed


def _is_large(folder: Path) -> bool:
    """Whether a second thread does more than cost."""
    path = folder / "activities.parquet"
    return path.exists() and path.stat().st_size > _LARGE_BYTES


def shows_dialogue(connection: Connection, folder: Path) -> bool:
    """Whether a landed batch has channels where people speak, as far as is known."""
    path = folder / "attempts.parquet"
    if not path.exists():
        return False
    return bool(connection.execute(_SHOWS_DIALOGUE, {"attempts": str(path)}).fetchone())


def loaded_files(connection: Connection) -> set[str]:
    """Identifiers of all batches that are in."""
    rows = connection.execute("select file_id from raw.landed_files").fetchall()
    return {file_id for (file_id,) in rows}


def _merge_tables(connection: Connection, folder: Path) -> int:
    """Merge all tables of a batch; returns how many activities it takes away."""
    for table in _ORDER:
        path = folder / f"{table}.parquet"
        if path.exists():
            _merge(connection, table, {"landed": str(path)})
    if (absences := folder / ABSENCES_NAME).exists():
        connection.execute(_ABSENCES, {"landed": str(absences)})
    if any((folder / f"{table}.parquet").exists() for table in _DELETING):
        _merge(connection, "forgotten", {})
        (removed,) = connection.execute("select count(*) from gone").fetchone() or (0,)
        return int(removed)
    return 0


def _merge(connection: Connection, table: str, given: dict[str, str]) -> None:
    for sql in _statements(table):
        connection.execute(sql, given if "$landed" in sql else None)


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
def _statements(table: str) -> list[str]:
    """The file of a table, or the files of its folder in the order of their names."""
    place = resources.files("warehouse") / "merges"
    if (folder := place / table).is_dir():
        files = sorted(folder.iterdir(), key=lambda file: file.name)
    else:
        files = [place / f"{table}.sql"]
    return [file.read_text("utf-8") for file in files]
