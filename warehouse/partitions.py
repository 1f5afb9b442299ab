"""A build in parts, each of some organizations, for a lake and any number of workers.

A worker copies what is known of its organizations into a database of its own, builds there what
every build makes, and puts facts and rollups into the lake; its measurements it returns. What needs
all organizations (rates drawn towards peers, checks, keeping) is done once, at the end. Models and
order are those of `warehouse.build`, so the numbers are too, to the last bit.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.build import (
    ROLLUPS,
    build_layer,
    build_measured,
    build_staging,
    finish_measured,
    keep_build,
    set_up,
)
from warehouse.connecting import transaction
from warehouse.db import open_warehouse
from warehouse.facts import OF_ALL_TIME, RECENT, forget_facts
from warehouse.lake import attach_lake, load_extensions
from warehouse.measuring import note_unmeasurable
from warehouse.writers import holding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from warehouse.build import Clock
    from warehouse.connecting import Connection
    from warehouse.lake import Lake

#: Tables that a build does not read, and that may be large.
_NOT_READ = frozenset({"alert_messages", "alerts", "answers", "drifts", "landed_files"})
_COLUMNS = """
    select
        table_name,
        list(column_name order by ordinal_position),
    from information_schema.columns
    where table_catalog = 'lake' and table_schema = 'raw'
    group by table_name
    order by table_name = 'channels' desc, table_name
"""
_RELATIONS = """
    select table_schema || '.' || table_name
    from information_schema.tables
    where
        table_catalog = current_database()
        and table_type <> 'VIEW'
        and table_schema = $layer
    order by all
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the organizations: those whose hash leaves this remainder."""

    number: int
    count: int

    def of(self, key: str) -> str:
        """The condition that a key, the hash of an organization, belongs to the part."""
        return f"{key} % {self.count} = {self.number}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a worker returns of its part, as Arrow tables: measurements, and how much was seen."""

    measurements: pa.Table
    evidence: pa.Table


def build_in_parts(
    connection: Connection,
    clock: Clock,
    part_count: int,
    measure_parts: Callable[[list[Part]], Iterable[Measured]],
    record: Callable[[Connection], None] | None = None,
) -> dict[str, int]:
    """Measure the signals of `clock`'s week, as `warehouse.build.build` does, in parts.

    Args:
        connection: the lake, open for writing.
        clock: the moments of the build.
        part_count: how many parts.
        measure_parts: has `measure_part` done for each, wherever, and returns what came of them.
        record: as of `build`.

    Raises:
        ChecksFailedError: as `build`.
    """
    set_up(connection, clock)
    build_staging(connection)
    note_unmeasurable(connection)
    _empty(connection)
    parts = list(measure_parts([Part(number, part_count) for number in range(part_count)]))
    _gather(connection, "measured", [part.measurements for part in parts])
    _gather(connection, "seen_evidence", [part.evidence for part in parts])
    finish_measured(connection)
    return keep_build(connection, clock, {}, record)


def measure_part(lake: Lake, clock: Clock, part: Part, folder: Path | None = None) -> Measured:
    """Build one part in a database of its own, and put its facts and rollups into the lake.

    May be done again: what an earlier try put there is replaced.

    Args:
        lake: where raw tables are read, and facts and rollups go.
        clock: the moments of the build.
        part: which organizations.
        folder: for the database; a temporary one when None.
    """
    with (
        tempfile.TemporaryDirectory(prefix="barograph-part-", dir=folder) as place,
        open_warehouse(Path(place) / "part.duckdb") as connection,
    ):
        load_extensions(connection)
        attach_lake(connection, lake)
        _copy(connection, part)
        forget_facts(connection)
        set_up(connection, clock)
        build_staging(connection)
        build_measured(connection)
        with holding(connection, f"{lake.name}: facts"):  # whoever has the parts built writes alone
            _put_back(connection, part)
        return Measured(
            connection.execute("from measured").to_arrow_table(),
            connection.execute("from seen_evidence").to_arrow_table(),
        )


def _copy(connection: Connection, part: Part) -> None:
    """What is known of the organizations of a part, into the tables of its database."""
    for table, columns in connection.execute(_COLUMNS).fetchall():
        if table not in _NOT_READ and not table.startswith("former_"):
            condition = _condition(columns, part)
            connection.execute(f"delete from raw.{table}")  # noqa: S608 - our own tables
            connection.execute(
                f"insert into raw.{table} by name from lake.raw.{table} where {condition}"
            )


def _condition(columns: list[str], part: Part) -> str:
    if "organization_id" in columns:
        return part.of("hash(organization_id)")
    if "channel_id" in columns:
        return "channel_id in (select channel_id from raw.channels)"
    return "true"


def _put_back(connection: Connection, part: Part) -> None:
    with transaction(connection):
        for table in _relations(connection):
            mine = _mine(connection, table, part)
            connection.execute(f"delete from lake.{table} where {mine}")  # noqa: S608 - our own
            connection.execute(f"insert into lake.{table} by name from {table}")


def _mine(connection: Connection, table: str, part: Part) -> str:
    described = connection.execute(f"describe {table}").fetchall()
    names = {name for name, *_ in described}
    return part.of("organization_key" if "organization_key" in names else "hash(organization_id)")


def _relations(connection: Connection) -> list[str]:
    """The facts and rollups of every organization."""
    facts = [f"facts.{table}" for table in (*OF_ALL_TIME, *RECENT)]
    rollups = connection.execute(_RELATIONS, {"layer": ROLLUPS}).fetchall()
    return [*facts, *(name for (name,) in rollups)]


def _empty(connection: Connection) -> None:
    """Facts and rollups as tables without rows; what they were is built anew."""
    with transaction(connection):
        for table in (*OF_ALL_TIME, *RECENT, "kept", "touched", "built"):
            connection.execute(f"delete from facts.{table}")  # noqa: S608 - our own tables
    with transaction(connection):
        build_layer(connection, ROLLUPS)
        for table in _relations(connection):
            connection.execute(f"delete from {table}")  # noqa: S608 - our own tables


def _gather(connection: Connection, name: str, tables: list[pa.Table]) -> None:
    """The rows of all parts as one temporary table."""
    for number, table in enumerate(tables):
        connection.register("part", table)
        into = (
            f"insert into {name} from" if number else f"create or replace temp table {name} as from"
        )
        connection.execute(f"{into} part")
        connection.unregister("part")
