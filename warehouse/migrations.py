"""Migrations: which schema a warehouse has, and how an older one is brought to ours.

The numbered files of `schema/` are applied once each, in order. An older warehouse is copied to
`backups` first; what is migrated is a second copy, which takes the place of the file only when it
is whole and has lost nothing. So a migration that fails, or is killed, leaves the file as it was.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib import resources
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import duckdb

from warehouse.backups import FOLDER, back_up, check_space
from warehouse.connecting import Connection, WarehouseBusyError, connect, transaction
from warehouse.durable import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

_log = logging.getLogger(__name__)
#: Schemas whose rows a migration must keep; all others can be made again from them.
_KEPT = ("raw", "signals", "estimates")
#: Checks that read these cannot run before the next build.
_BUILT = ("staging.", "rollups.", "marts.")


class WarehouseNewerError(Exception):
    """A later version made the warehouse; this one would not understand it."""


class WarehouseUpgradeError(Exception):
    """A warehouse of an earlier version could not be brought up to date; it is as it was."""


@cache
def schema_files() -> Mapping[str, str]:
    """The files of the schema of this version: SQL by name, in order."""
    folder = resources.files("warehouse") / "schema"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    found = {f.name: f.read_text("utf-8") for f in files if f.name.endswith(".sql")}
    return MappingProxyType(found)


def our_schema() -> int:
    """The number of the newest schema file of this version."""
    return max(map(number_of, schema_files()))


def schema_version(connection: Connection) -> int:
    """The number of the newest schema file that a warehouse has seen; 0 when it is none of ours."""
    return max(map(number_of, _applied(connection)), default=0)


def number_of(name: str) -> int:
    """The number at the beginning of the name of a schema file."""
    return int(name.split("_", maxsplit=1)[0])


def pending(connection: Connection) -> list[str]:
    """Names of the schema files that a warehouse has not seen yet, in order."""
    applied = _applied(connection)
    return [name for name in schema_files() if name not in applied]


def is_new(connection: Connection) -> bool:
    """Whether a database has no schema of ours yet."""
    return not _applied(connection)


def migrate(
    connection: Connection,
    *,
    until: int | None = None,
    has_rows: bool = False,
    dialect: Callable[[str], str] = str,
) -> None:
    """Apply the schema files that a database has not seen yet.

    Args:
        connection: open for writing.
        until: the number of the last one to apply; None for all.
        has_rows: whether there are rows in it. DuckDB cannot alter a table with rows more than
            once in a transaction, so each statement is one of its own then, instead of each file:
            only for a copy that is thrown away when it is not finished.
        dialect: makes of a schema file what the database understands.
    """
    connection.execute(
        "create table if not exists schema_migrations (name varchar, applied_at timestamp)"
    )
    for name in pending(connection):
        if until is None or number_of(name) <= until:
            with nullcontext() if has_rows else transaction(connection):
                _apply(connection, name, dialect)


def _apply(connection: Connection, name: str, dialect: Callable[[str], str] = str) -> None:
    connection.execute(dialect(schema_files()[name]))
    connection.execute("insert into schema_migrations values (?, now()::timestamp)", [name])


def _applied(connection: Connection) -> set[str]:
    try:
        found = connection.execute("select name from schema_migrations").fetchall()
    except duckdb.CatalogException:  # none of ours
        return set()
    return {name for (name,) in found}


def check_not_newer(connection: Connection, path: Path) -> None:
    """Refuse a warehouse of a later version.

    Raises:
        WarehouseNewerError: it has seen a schema file that this version does not know.
    """
    unknown = _applied(connection) - schema_files().keys()
    if unknown:
        newest, ours = max(map(number_of, unknown)), our_schema()
        message = (
            f"{path}: has schema {newest}{_writer(connection)}, and this is Barograph "
            f"{version('barograph')} with schema {ours}: install the later version, or a backup "
            f"of schema {ours} or earlier from {path.parent / FOLDER}"
        )
        raise WarehouseNewerError(message)


def _writer(connection: Connection) -> str:
    """Which version wrote to it last, as far as that can still be read."""
    try:
        found = connection.execute(
            "select barograph_version from raw.runs order by started_at desc limit 1"
        ).fetchone()
    except duckdb.Error:
        return ""
    return f", last written by Barograph {found[0]}" if found else ""


def upgrade(path: Path) -> None:
    """Bring an older warehouse up to date, with a backup first; says so in one line.

    Args:
        path: the file, open nowhere.

    Raises:
        WarehouseUpgradeError: it could not be done; the file is as it was.
        WarehouseBusyError: another process is using it.
    """
    with (
        _alone(path.parent / FOLDER),
        path.open("rb") as source,
        connect(path, read_only=True) as reader,
    ):
        names = pending(reader)
        if not names:  # another process was faster
            return
        if path.with_name(f"{path.name}.wal").exists():
            message = f"{path}: another run has been writing; try again"
            raise WarehouseBusyError(message)
        former = schema_version(reader)
        check_space(path)
        # `source` stays open: closing it would let go of the database's lock on the file
        backup = back_up(source, path, former, _today(reader))
        _replace(path, backup)
    _log.warning(
        "%s: brought from schema %03d to %03d; as it was, it is kept as %s",
        *(path, former, our_schema(), backup),
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time upgrade a warehouse that has its backups in `folder`."""
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = (
                f"{folder.parent}: another process is bringing the warehouse up to date; wait "
                "until it has ended"
            )
            raise WarehouseBusyError(message) from error
        yield


def _today(connection: Connection) -> date:
    (day,) = connection.execute("select now()::timestamp::date").fetchone() or (None,)
    return cast("date", day)


def _replace(path: Path, backup: Path) -> None:
    """Migrate a copy of a backup, and put it where the warehouse is."""
    upgraded = path.with_name(f".{path.name}.upgraded")
    _remove(upgraded)
    try:
        shutil.copyfile(backup, upgraded)
        _migrate_whole(upgraded)
        sync(upgraded)
    except Exception as error:
        _remove(upgraded)
        message = (
            f"{path}: could not be brought to schema {our_schema()} ({error}); it is as it was, "
            f"and {backup} is a copy of it. Go on with the version that made it, and please "
            "report this"
        )
        raise WarehouseUpgradeError(message) from error
    upgraded.replace(path)
    sync(path.parent)


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}.wal"):
        path.with_name(name).unlink(missing_ok=True)


def _migrate_whole(path: Path) -> None:
    """Migrate a file that nobody else knows of.

    Raises:
        WarehouseUpgradeError: rows are gone, or are no good rows.
    """
    with connect(path) as connection:
        before = _counts(connection)
        migrate(connection, has_rows=True)
        after = _counts(connection)
        lost = [name for name, count in before.items() if after.get(name, 0) < count]
        problems = [f"{name} has lost rows" for name in lost] + _bad_rows(connection)
        if problems:
            raise WarehouseUpgradeError("; ".join(problems))
        connection.execute("checkpoint")


def _counts(connection: Connection) -> dict[str, int]:
    """Rows by table, of the tables that nothing else can be made from."""
    found = connection.execute(
        """
        select schema_name || '.' || table_name
        from duckdb_tables()
        where database_name = current_database() and list_contains($schemas, schema_name)
        """,
        {"schemas": list(_KEPT)},
    ).fetchall()
    return {name: _count(connection, name) for (name,) in found}


def _count(connection: Connection, table: str) -> int:
    found = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - our own
    return int(found[0]) if found else 0


def _bad_rows(connection: Connection) -> list[str]:
    """What the checks find that do not need a build first."""
    problems = []
    for file in sorted((resources.files("warehouse") / "checks").iterdir(), key=lambda f: f.name):
        sql = file.read_text("utf-8")
        if not any(schema in sql for schema in _BUILT) and connection.execute(sql).fetchone():
            problems.append(f"{file.name} finds bad rows")
    return problems
