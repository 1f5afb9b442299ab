"""Publishing: the marts as a read-only file that dashboards open.

Each snapshot is a file of its own behind a symlink. A fixed name replaced by rename would
not do: a process that has the file open never sees the new one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb

from warehouse.build import MARTS
from warehouse.durable import UNFINISHED_SUFFIX, sync
from warehouse.fields import comment_on_columns

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.db import Connection

KEPT_SNAPSHOTS = 3
LINK_NAME = "snapshot.duckdb"
#: The weeks of one organization lie together, where `organizations` has a week of all together:
#: who reads the course of one touches a page of the file, and not all of them.
_HISTORIES = f"""
    create table snapshot.{MARTS}.histories as
    select * exclude (industry, size_class, country, homepage, groups, sources)
    from snapshot.{MARTS}.organizations
    order by organization_id, as_of_week
"""  # noqa: S608 - our own names
_NAME = re.compile(r"snapshot-(\d{6,})\.duckdb")


def next_number(folder: Path) -> int:
    """The number of the snapshot to be published next."""
    return max(_numbers(folder), default=0) + 1


def publish_marts(connection: Connection, folder: Path, number: int) -> Path:
    """Copy the marts of an open warehouse to a new snapshot and point the symlink at it.

    A reader sees the old snapshot or the new one, whole, at any moment; the newest
    `KEPT_SNAPSHOTS` files are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"snapshot-{number:06d}.duckdb"
    unfinished = folder / f".{path.name}{UNFINISHED_SUFFIX}"
    unfinished.unlink(missing_ok=True)
    _copy(connection, unfinished)
    sync(unfinished)
    unfinished.rename(path)
    _point_at(folder, path.name)
    _forget_old(folder)
    return path


def _copy(connection: Connection, path: Path) -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"attach '{target}' as snapshot")
    try:
        connection.execute(f"create schema snapshot.{MARTS}")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() "
            "where schema_name = ? and database_name = current_database() order by table_name",
            [MARTS],
        ).fetchall():
            connection.execute(f"create table snapshot.{MARTS}.{table} as from {MARTS}.{table}")
        connection.execute(_HISTORIES)
        connection.execute("checkpoint snapshot")
    finally:
        connection.execute("detach snapshot")
    with duckdb.connect(str(path)) as copy:
        comment_on_columns(copy, MARTS)


def _point_at(folder: Path, name: str) -> None:
    link = folder / f".{LINK_NAME}{UNFINISHED_SUFFIX}"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.rename(folder / LINK_NAME)
    sync(folder)


def _forget_old(folder: Path) -> None:
    for number in sorted(_numbers(folder))[:-KEPT_SNAPSHOTS]:
        (folder / f"snapshot-{number:06d}.duckdb").unlink()


def _numbers(folder: Path) -> list[int]:
    matches = (_NAME.fullmatch(path.name) for path in folder.glob("snapshot-*.duckdb"))
    return [int(match.group(1)) for match in matches if match]
