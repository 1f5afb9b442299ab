"""Opening the warehouse: one writer at a time, schema brought up to date on the way."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from warehouse.backups import NoSpaceError
from warehouse.connecting import (
    Connection,
    WarehouseBusyError,
    WarehouseDamagedError,
    connect,
    transaction,
)
from warehouse.migrations import (
    WarehouseNewerError,
    WarehouseUpgradeError,
    check_not_newer,
    is_new,
    migrate,
    our_schema,
    pending,
    schema_version,
    upgrade,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "Connection",
    "NoSpaceError",
    "WarehouseBusyError",
    "WarehouseDamagedError",
    "WarehouseMissingError",
    "WarehouseNewerError",
    "WarehouseOlderError",
    "WarehouseUpgradeError",
    "migrate",
    "open_warehouse",
    "transaction",
]


class WarehouseMissingError(Exception):
    """There is no warehouse yet."""


class WarehouseOlderError(Exception):
    """An earlier version made the warehouse, and it lacks what was asked of it."""


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = False) -> Iterator[Connection]:
    """A connection to the warehouse file at `path`, made if it is new and upgraded if it is old.

    Raises:
        WarehouseBusyError: another process has the file open for writing.
        WarehouseDamagedError: the file is no database.
        WarehouseMissingError: `read_only`, and there is no file.
        WarehouseNewerError: a later version made it.
        WarehouseOlderError: `read_only`, and a query within asks for what the version that made
            the warehouse did not have.
        WarehouseUpgradeError, NoSpaceError: it is old and could not be upgraded; it is as it was.
    """
    if read_only and not path.exists():
        message = f"{path}: no warehouse yet; `barograph run` makes it"
        raise WarehouseMissingError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path, read_only=read_only)
    try:
        yield connection
    except (duckdb.CatalogException, duckdb.BinderException) as error:  # no table, or no column
        if is_new(connection) or not pending(connection):
            raise
        message = (
            f"{path}: was made by an earlier version (schema {schema_version(connection)}, and "
            f"this is {our_schema()}) and lacks what this command reads; `barograph build` brings "
            "it up to date, with a backup first; then try again"
        )
        raise WarehouseOlderError(message) from error
    finally:
        connection.close()


def _connect(path: Path, *, read_only: bool) -> Connection:
    """A connection to a warehouse that this version understands, and may write to if asked."""
    connection = connect(path, read_only=read_only)
    try:
        check_not_newer(connection, path)
        if read_only or not pending(connection):
            return connection
        if is_new(connection):
            migrate(connection)
            return connection
        connection.execute("checkpoint")
    except BaseException:
        connection.close()
        raise
    connection.close()
    upgrade(path)
    return connect(path)
