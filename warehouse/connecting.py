"""Connections to a database file, and transactions on them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from warehouse.writers import sole_writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Connection = duckdb.DuckDBPyConnection

_HOLDER = re.compile(r"PID (\d+)")
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Without these a missing extension becomes an attempt to go online.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "2GB",
    # Give memory back between batches instead of keeping the peak of the largest.
    "allocator_background_threads": True,
    "allocator_bulk_deallocation_flush_threshold": "1MB",
    "allocator_flush_threshold": "1MB",
    "enable_external_file_cache": False,  # landed files are read once
    # Where it expects few rows, and is wrong, an ASOF join would compare each with each.
    "asof_loop_join_threshold": 0,
}


class WarehouseBusyError(Exception):
    """Another process writes to the warehouse now."""


class WarehouseDamagedError(Exception):
    """The file is no database, or not one of ours."""


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """A connection to a database file, which holds others off from writing to it.

    Raises:
        WarehouseBusyError: another process has the file open for writing.
        WarehouseDamagedError: the file is no database.
    """
    try:
        return duckdb.connect(str(path), read_only=read_only, config=dict(SETTINGS))
    except duckdb.IOException as error:
        if "lock" not in str(error):
            message = (
                f"{path}: cannot be opened as a DuckDB database ({error}); if it is damaged, move "
                "it away and run `barograph replay`, which rebuilds it from the archive"
            )
            raise WarehouseDamagedError(message) from error
        holder = _HOLDER.search(str(error))
        by = f" (process {holder.group(1)})" if holder else ""
        message = f"{path}: another run is writing{by}; wait until it has ended"
        raise WarehouseBusyError(message) from error


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of it or nothing, in its turn where several may write."""
    with sole_writer(connection):
        connection.execute("begin")
        try:
            yield
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
