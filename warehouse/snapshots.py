"""Reading a published snapshot: what dashboards and analysts see."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import duckdb

from warehouse.migrations import our_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class SnapshotMissing(Exception):  # noqa: N818 - a state of the dashboard, not a fault
    """No snapshot has been published yet."""


class OtherSnapshotError(Exception):
    """A snapshot lacks a table or column that is asked for: another version published it."""


class NewerSnapshotError(OtherSnapshotError):
    """A later version published the snapshot; the message names both versions."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot, open read-only; safe to use from several threads.

    `name` changes with every publication, so it can key a cache or an ETag.
    """

    name: str
    path: str  #: of its file
    _database: duckdb.DuckDBPyConnection = field(repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> Self:
        """The snapshot that `path` (a symlink or a file) leads to at this moment.

        Raises:
            SnapshotMissing: there is none.
            NewerSnapshotError: a later version published it.
        """
        try:
            target = path.resolve(strict=True)
        except FileNotFoundError as error:
            message = f"{path}: no snapshot published yet"
            raise SnapshotMissing(message) from error
        return cls(target.stem, str(target), _open_database(str(target)))

    def rows(
        self, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries; named parameters are written `$name`.

        Raises:
            OtherSnapshotError: the snapshot has no such table or column.
        """
        with _turns, self._database.cursor() as cursor:
            try:
                cursor.execute(sql, dict(parameters or {}))
            except (duckdb.CatalogException, duckdb.BinderException) as error:
                raise OtherSnapshotError(str(error)) from error
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


#: Of data kept in memory; what is not kept is read again. Sorting and counting take more.
_MEMORY = "128MB"
#: Queries at a time, of all readers: together they share that memory, and two processors.
_turns = threading.BoundedSemaphore(2)
_open: dict[str, duckdb.DuckDBPyConnection] = {}
_opening = threading.Lock()


def _open_database(target: str) -> duckdb.DuckDBPyConnection:
    """One instance per file and process; older ones are let go when a newer one is opened."""
    with _opening:
        if target not in _open:
            _open.clear()
            connection = duckdb.connect(
                target,
                read_only=True,
                config={
                    "threads": 1,  # a second one only adds to the time of such small queries
                    "memory_limit": _MEMORY,
                    "temp_directory": "",  # whoever reads writes nothing beside the snapshot
                    "autoinstall_known_extensions": False,
                },
            )
            _check_not_newer(connection)
            _open[target] = connection
        return _open[target]


def _check_not_newer(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        found = connection.execute(
            "select schema_version, barograph_version from marts.snapshot"
        ).fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):  # an earlier version did not say
        return
    ours = our_schema()
    if found and (found[0] or 0) > ours:
        connection.close()
        message = (
            f"The snapshot was published by Barograph {found[1]} (schema {found[0]}), and this is "
            f"Barograph {version('barograph')} (schema {ours}): read it with that one or a "
            "later one."
        )
        raise NewerSnapshotError(message)
