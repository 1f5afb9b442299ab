"""Opening the warehouse: one writer at a time, schema brought up to date on the way."""

from __future__ import annotations

import re
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Connection = duckdb.DuckDBPyConnection

_HOLDER = re.compile(r"PID (\d+)")
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
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


class WarehouseMissingError(Exception):
    """There is no warehouse yet."""


class WarehouseOlderError(Exception):
    """An earlier version made the warehouse, and it lacks what was asked of it."""


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = False) -> Iterator[Connection]:
    """A connection to the warehouse file at `path`, made and migrated when it is new or old.

    Raises:
        WarehouseBusyError: another process has the file open for writing.
        WarehouseDamagedError: the file is no database.
        WarehouseMissingError: `read_only`, and there is no file.
        WarehouseOlderError: `read_only`, and a query within asks for what the version that made
            the warehouse did not have.
    """
    if read_only and not path.exists():
        message = f"{path}: no warehouse yet; `barograph run` makes it"
        raise WarehouseMissingError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path, read_only=read_only)
    try:
        if not read_only:
            migrate(connection)
        yield connection
    except (duckdb.CatalogException, duckdb.BinderException) as error:  # no table, or no column
        if not _is_older(connection):
            raise
        message = (
            f"{path}: was made by an earlier version and lacks what this command reads; "
            "`barograph build` brings it up to date, then try again"
        )
        raise WarehouseOlderError(message) from error
    finally:
        connection.close()


def _connect(path: Path, *, read_only: bool) -> Connection:
    try:
        return duckdb.connect(str(path), read_only=read_only, config=dict(_SETTINGS))
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


def migrate(connection: Connection) -> None:
    """Apply the schema files that this warehouse has not seen yet, each in a transaction."""
    connection.execute(
        "create table if not exists schema_migrations (name varchar, applied_at timestamp)"
    )
    done = _done(connection)
    for name, sql in _schema_files():
        if name not in done:
            _apply(connection, name, sql)


def _is_older(connection: Connection) -> bool:
    try:
        return bool({name for name, _ in _schema_files()} - _done(connection))
    except duckdb.CatalogException:  # none of ours
        return False


def _done(connection: Connection) -> set[str]:
    found = connection.execute("select name from schema_migrations").fetchall()
    return {name for (name,) in found}


def _apply(connection: Connection, name: str, sql: str) -> None:
    with transaction(connection):
        connection.execute(sql)
        connection.execute(
            "insert into schema_migrations values (?, now()::timestamp)",
            [name],
        )


def _schema_files() -> list[tuple[str, str]]:
    folder = resources.files("warehouse") / "schema"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [(f.name, f.read_text("utf-8")) for f in files if f.name.endswith(".sql")]


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
