"""The record of purges in the archive, for a replay to leave out what has been removed.

The purges, the sums by channel and week that stay of what they removed, and what was counted of the
pages that had shown it; and when somebody was erased on request, and which weeks that touched. A
replay takes what was counted of pages when all is loaded, the rest before it loads anything.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from warehouse.db import transaction
from warehouse.durable import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.db import Connection

#: What is kept, by file; a page's listing cannot be counted again without the acts it showed.
_KEPT = {
    "purges": "from raw.purges order by purged_at",
    "weeks": "from raw.purged_weeks order by purged_at, channel_id, week",
    "pages": """
        select listings.*
        from raw.listings
        where
            page_id in (from raw.purged_pages)
            or observed_at < (select max(kept_since) from raw.purges)
        order by page_id
    """,
    "erasures": "from raw.erasures order by erased_at, kind",
    "erased_weeks": "from raw.erased_weeks order by erased_at, organization_id, week",
}
_TABLES = {
    "purges": "raw.purges",
    "weeks": "raw.purged_weeks",
    "erasures": "raw.erasures",
    "erased_weeks": "raw.erased_weeks",
}
_COUNTED_AS_THEN = (
    """
    create or replace temp table kept_listings as
    from read_parquet($path)
    """,
    "insert into raw.purged_pages select distinct page_id from kept_listings",
    "delete from raw.listings where page_id in (select page_id from kept_listings)",
    "insert into raw.listings by name from kept_listings",
    "delete from raw.seen_spans where channel_id in (select channel_id from kept_listings)",
    """
    insert into raw.seen_spans
    with spans as (
        select
            channel_id,
            seen_from::date as from_day,
            observed_at::date as until_day,
        from raw.listings
        union all
        select
            channel_id,
            from_at::date as from_day,
            (until_at - interval 1 microsecond)::date as until_day,
        from raw.periods
    ),

    chosen as (
        from spans
        where channel_id in (select channel_id from kept_listings)
    )

    from statistics.merged_spans('chosen')
    """,
)


def keep_purges(connection: Connection, folder: Path) -> None:
    """Write down what purges have removed, in sums."""
    for name, query in _KEPT.items():
        write_file(folder / f"{name}.parquet", partial(_copy, connection, query))


def take_purges_back(connection: Connection, folder: Path) -> None:
    """Tell an empty warehouse what has been purged, before anything is loaded into it."""
    with transaction(connection):
        for name, table in _TABLES.items():
            if (path := folder / f"{name}.parquet").exists():
                connection.execute(
                    f"insert into {table} by name from read_parquet($path)",
                    {"path": str(path)},
                )


def count_as_then(connection: Connection, folder: Path) -> None:
    """Put what was counted of pages then in place of what a replay counts without their acts."""
    path = folder / "pages.parquet"
    if path.exists():
        with transaction(connection):
            for statement in _COUNTED_AS_THEN:
                given = {"path": str(path)} if "$path" in statement else None
                connection.execute(statement, given)


def last_purge(connection: Connection) -> str:
    """When something was last purged, as text; "" for never."""
    found = connection.execute("select max(purged_at)::varchar from raw.purges").fetchone()
    return (found and found[0]) or ""


def _copy(connection: Connection, query: str, path: Path) -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"copy ({query}) to '{target}' (format parquet, compression zstd)")
