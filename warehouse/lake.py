"""The warehouse past one machine: DuckLake, a catalog in PostgreSQL and Parquet files in a store.

The same tables, models and queries as in a file; what a lake cannot hold (checks of values,
enumerations, defaults) is left out of its schema, and the checks of every build find what they
would have refused. Several processes may write, and readers see whole commits only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit, urlunsplit

import duckdb

from warehouse.connecting import SETTINGS
from warehouse.dialect import for_lake
from warehouse.migrations import migrate
from warehouse.writers import sole_writer, take_turns

if TYPE_CHECKING:
    from datetime import datetime

    from warehouse.connecting import Connection

PREFIX = "ducklake:"
_PASSWORD = re.compile(r"(://[^:@/\s]+):[^@\s]+(?=@)")
_EXTENSIONS = ("httpfs", "postgres_scanner", "ducklake")
_EXAMPLE = (
    "ducklake:postgresql://user@host:5432/database?files=s3://bucket/folder, with &endpoint=URL "
    "where the store is not Amazon's"
)


class LakeAddressError(ValueError):
    """An address names no lake; the message says how to write one."""


class LakeUnreachableError(Exception):
    """The catalog or the store does not answer, or refuses us."""


class LakeExtensionsError(Exception):
    """The extensions that read a lake are not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """Where a lake is.

    Attributes:
        catalog: address of the PostgreSQL database, as libpq reads it.
        files: folder of the Parquet files: `s3://bucket/folder`, or one of a shared disk.
        name: schema of the catalog's own tables; several lakes can share a database.
        endpoint: address of the store, where it is not Amazon's.
        key_id: of the store.
        secret: of the store.
    """

    catalog: str = field(repr=False)
    files: str
    name: str = "barograph"
    endpoint: str = ""
    key_id: str = ""
    secret: str = field(default="", repr=False)


def read_lake(address: str, key_id: str = "", secret: str = "") -> Lake:
    """The lake that a setting names.

    Args:
        address: `ducklake:postgresql://…?files=…`, and perhaps `&endpoint=…` and `&name=…`.
        key_id: of the store.
        secret: of the store.

    Raises:
        LakeAddressError: it is none.
    """
    parts = urlsplit(address.removeprefix(PREFIX))
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = set(given) - {"files", "endpoint", "name"}
    if parts.scheme not in {"postgres", "postgresql"} or not given.get("files") or unknown:
        message = f"{_shown(address)}: no address of a lake; write {_EXAMPLE}"
        raise LakeAddressError(message)
    catalog = urlunsplit(parts._replace(scheme="postgresql", query=""))
    return Lake(catalog=catalog, key_id=key_id, secret=secret, **given)


def _shown(text: str) -> str:
    """A text without the passwords of addresses in it."""
    return _PASSWORD.sub(r"\1", text)


def connect_lake(lake: Lake, *, read_only: bool = False, at: datetime | None = None) -> Connection:
    """A connection whose tables are those of a lake, made when it is new.

    Args:
        lake: where it is.
        read_only: for readers.
        at: the lake as it was at that moment (UTC); only for readers.

    Raises:
        LakeExtensionsError: the extensions are not installed.
        LakeUnreachableError: the catalog or the store refuses us.
    """
    connection = duckdb.connect(config={**SETTINGS, "allow_unsigned_extensions": False})
    try:
        load_extensions(connection)
        attach_lake(connection, lake, read_only=read_only, at=at)
        connection.execute("use lake")
        if not read_only:
            take_turns(connection, lake.name)
            with sole_writer(connection):
                migrate(connection, dialect=for_lake)
    except BaseException:
        connection.close()
        raise
    return connection


def load_extensions(connection: Connection) -> None:
    """Let a connection read lakes.

    Raises:
        LakeExtensionsError: the extensions are not installed.
    """
    version = f"v{duckdb.__version__}"
    for name in _EXTENSIONS:
        try:
            package = resources.files(f"duckdb_extension_{name}")
        except ModuleNotFoundError as error:
            message = f"a lake needs the DuckDB extension {name}; `make lake` installs it"
            raise LakeExtensionsError(message) from error
        path = package / "extensions" / version / f"{name}.duckdb_extension"
        connection.execute(f"load '{path}'")


def attach_lake(
    connection: Connection, lake: Lake, *, read_only: bool = False, at: datetime | None = None
) -> None:
    """Let a connection see a lake's tables as `lake.….…`, beside its own.

    Raises:
        LakeUnreachableError: the catalog or the store refuses us.
    """
    if lake.files.startswith("s3://"):
        connection.execute(_secret(lake))
    options = [
        f"data_path {_quoted(lake.files.rstrip('/') + '/')}",
        f"metadata_schema {_quoted(lake.name)}",
        *(["read_only"] if read_only else []),
        *([f"snapshot_time {_quoted(at.isoformat())}"] if at else []),
    ]
    address = _quoted(f"ducklake:postgres:{lake.catalog}")
    try:
        connection.execute(f"attach {address} as lake ({', '.join(options)})")
    except duckdb.Error as error:
        message = f"the lake at {lake.files} cannot be opened: {_shown(str(error))}"
        raise LakeUnreachableError(message) from None  # it tells the password


def _secret(lake: Lake) -> str:
    """The statement that lets a connection into the store."""
    parts = urlsplit(lake.endpoint)
    options = ["type s3", f"key_id {_quoted(lake.key_id)}", f"secret {_quoted(lake.secret)}"]
    if lake.endpoint:
        options += [
            f"endpoint {_quoted(parts.netloc)}",
            f"use_ssl {str(parts.scheme == 'https').lower()}",
            "url_style 'path'",
        ]
    return f"create or replace temporary secret store ({', '.join(options)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
