"""Reading the past: the warehouse as it was known at a moment, built again from there.

A database in memory has schema `raw` restricted to what was known (`asof/*.sql`); the very models
that build the warehouse build in it. So no model knows about the past, and what was measured then
comes out again, byte for byte.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.db import Connection

_PAST = "past"
#: Schema files that the past needs too: macros, and tables that hold nothing of their own.
_SCHEMA = ("003_macros.sql", "007_macros.sql", "008_facts.sql")
#: Read once to make the facts, and too large to be copied for that.
_LARGE = "activities"
_RAW = re.compile(r"\braw\.")


def known_tables() -> list[str]:
    """Tables of schema `raw` whose past can be read."""
    files = (resources.files("warehouse") / "asof").iterdir()
    return sorted(f.name.removesuffix(".sql") for f in files if f.name.endswith(".sql"))


@contextmanager
def past(connection: Connection) -> Iterator[str]:
    """Make the past the connection's own database, until the end of the block.

    The variable `known_at` must be set (UTC); queries then see what was known by then. Yields the
    name of the warehouse's database, which can still be read under it.
    """
    (present,) = connection.execute("select current_database()").fetchone() or ("",)
    connection.execute(f"attach ':memory:' as {_PAST} (read_write)")
    try:
        connection.execute(f"use {_PAST}")
        _prepare(connection, str(present))
        yield str(present)
    finally:
        connection.execute(f'use "{present}"')
        connection.execute(f"detach {_PAST}")


def _prepare(connection: Connection, present: str) -> None:
    folder = resources.files("warehouse")
    for name in _SCHEMA:
        connection.execute((folder / "schema" / name).read_text("utf-8"))
    connection.execute(
        "set variable blurring_secret = coalesce(getvariable('blurring_secret'), uuid()::varchar)"
    )
    connection.execute("create schema raw")
    for table in known_tables():
        sql = (folder / "asof" / f"{table}.sql").read_text("utf-8")
        query = _RAW.sub(f'"{present}".raw.', sql)
        kind = "view" if table == _LARGE else "table"
        connection.execute(f"create {kind} raw.{table} as {query}")
    connection.execute("create schema signals")
    connection.execute(
        f'create table signals.measurements as from "{present}".signals.measurements limit 0'
    )
