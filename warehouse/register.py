"""What the warehouse knows of organizations, channels, runs and cursors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.db import Connection, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

_ORGANIZATION = (
    "organization_id",
    "name",
    "industry",
    "size_class",
    "country",
    "timezone",
    "homepage",
)
_CHANNEL = (
    "channel_id",
    "organization_id",
    "source",
    "address",
    "role",
    "function",
    "region",
    "evidence",
)


def register_organizations(
    connection: Connection, records: Sequence[Mapping[str, Any]], listed_at: datetime
) -> None:
    """Bring the tables of organizations and channels up to a list, as of `listed_at` (UTC).

    What is no longer on the list keeps its rows with an older `last_listed_at`.
    """
    channels = [channel for record in records for channel in record["channels"]]
    with transaction(connection):
        _register(connection, "organizations", "organization_id", _ORGANIZATION, records, listed_at)
        _register(connection, "channels", "channel_id", _CHANNEL, channels, listed_at)


def _register(
    connection: Connection,
    table: str,
    key: str,
    columns: tuple[str, ...],
    records: Sequence[Mapping[str, Any]],
    listed_at: datetime,
) -> None:
    schema = pa.schema([(name, pa.string()) for name in columns])
    # older archives do not know every field
    values_of = {name: [r.get(name, "") for r in records] for name in columns}
    listed = pa.table(values_of, schema=schema)
    connection.register("listed", listed)
    names = ", ".join(columns)
    updates = ", ".join(f"{name} = listed.{name}" for name in columns if name != key)
    values = ", ".join(f"listed.{name}" for name in columns)
    connection.execute(
        f"""
        merge into raw.{table} as known using listed on known.{key} = listed.{key}
        when matched then update set {updates}, last_listed_at = $listed_at
        when not matched then insert ({names}, first_listed_at, last_listed_at)
            values ({values}, $listed_at, $listed_at)
        """,  # noqa: S608 - names come from the tuples above
        {"listed_at": listed_at},
    )
    connection.unregister("listed")


def cursor_rows(connection: Connection) -> list[dict[str, Any]]:
    """The cursors of all channels, times without zone."""
    result = connection.execute("select * from raw.cursors")
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def record_run(connection: Connection, record: Mapping[str, Any]) -> None:
    """Insert a run, or bring its row up to date; `record` has columns of `raw.runs`."""
    names = ", ".join(record)
    marks = ", ".join(f"${name}" for name in record)
    with transaction(connection):
        connection.execute("delete from raw.runs where run_id = ?", [record["run_id"]])
        connection.execute(
            f"insert into raw.runs ({names}) values ({marks})",  # noqa: S608 - our own columns
            dict(record),
        )


def mark_interrupted(connection: Connection) -> int:
    """Runs still marked as running were killed; say so. Returns how many there were."""
    result = connection.execute(
        "update raw.runs set state = 'interrupted' where state = 'running' returning run_id"
    )
    return len(result.fetchall())


def replace_claims(
    connection: Connection, rows: Sequence[Mapping[str, Any]], imported_at: datetime
) -> None:
    """Make the table of claims equal to `rows`; `imported_at` in UTC."""
    with transaction(connection):
        connection.execute("delete from raw.claims")
        _insert(connection, "raw.claims", [{**row, "imported_at": imported_at} for row in rows])


def register_sources(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put records of the terms register into the table of sources, or renew those there."""
    with transaction(connection):
        for row in rows:
            connection.execute("delete from raw.sources where source = ?", [row["source"]])
        _insert(connection, "raw.sources", rows)


def unknown_sources(connection: Connection) -> set[str]:
    """Sources of listed channels that the table of sources does not have."""
    found = connection.execute(
        "select distinct source from raw.channels "
        "where source not in (select source from raw.sources)"
    ).fetchall()
    return {source for (source,) in found}


def replace_week(
    connection: Connection, table: str, as_of_week: date, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Replace the rows of one week in a table of schema `estimates`."""
    with transaction(connection):
        connection.execute(
            f"delete from estimates.{table} where as_of_week = ?",  # noqa: S608 - our own table
            [as_of_week],
        )
        _insert(connection, f"estimates.{table}", [{**r, "as_of_week": as_of_week} for r in rows])


def _insert(connection: Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    connection.register("given", pa.Table.from_pylist([dict(row) for row in rows]))
    connection.execute(f"insert into {table} by name from given")
    connection.unregister("given")
