"""What a soak run reads from the warehouse and the snapshots, with the database alone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

#: What a replay of the archive must bring back, each table whole.
REPLAYED = {
    "activities": "from raw.activities order by activity_id",
    "attempts": "from raw.attempts order by page_id",
    "listings": "from raw.listings order by page_id",
    "cursors": "from raw.cursors order by channel_id",
    "channels": "from raw.channels order by channel_id",
    "organizations": "from raw.organizations order by organization_id",
    "runs": "from raw.runs order by run_id",
    "coverage": "from staging.coverage order by channel_id, day",
    "measurements": "from signals.measurements order by all",
    "evidence": "from signals.evidence order by all",
    "builds": "from signals.builds order by known_at",
}


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the warehouse of a data folder, which nobody writes to meanwhile."""
    return rows_of(data / "warehouse.duckdb", query)


def rows_of(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query on a file of the database."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def acts(data: Path) -> Counter[tuple[str, datetime]]:
    """How often each act is there, by the path of its channel and when it was published (UTC)."""
    found = rows(
        data,
        "select address, occurred_at from raw.activities join raw.channels using (channel_id)",
    )
    return Counter((urlsplit(address).path, at.replace(tzinfo=UTC)) for address, at in found)


def last_states(data: Path) -> list[str]:
    """States of the last two runs that came to an end, the last one first."""
    query = """
        select state from raw.runs
        where ended_at is not null or state = 'interrupted'
        order by started_at desc limit 2
    """
    return [state for (state,) in rows(data, query)]


def opened_snapshots(folder: Path) -> dict[str, int]:
    """Rows of all tables of each published snapshot, read to the last one, by its file's name."""
    found = {}
    for path in sorted(folder.glob("snapshot-*.duckdb")):
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
            ).fetchall()
            found[path.name] = sum(
                len(connection.execute(f"from {table}").fetchall()) for (table,) in tables
            )
    return found


def differing_tables(data: Path, other: Path) -> list[str]:
    """Names of the tables in which two warehouses differ."""
    return [
        name
        for name, query in REPLAYED.items()
        if repr(rows(data, query)) != repr(rows(other, query))
    ]
