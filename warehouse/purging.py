"""Purging: single acts leave the warehouse after their time, sums by week stay (rule R7).

What persons did goes with the channel's week that it belongs to, by the day on which we first saw
something of that week. What the organization published goes when its source has not shown it for
as long: what is shown still is collected anew. The steps are the files of `purges/`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.db import transaction

if TYPE_CHECKING:
    from warehouse.db import Connection

#: Steps that tell what stays of what goes; a replay has that from the archive.
_RECORDING = ("4_purged_weeks.sql", "5_purged_pages.sql")
_SHORTEST = "select min(kept_days) from raw.sources where kept_days is not null"
_OLDEST = """
    select 1
    where
        exists (from raw.activities where first_seen_at < $latest)
        or exists (from raw.former_activities where known_until < $latest)
        or exists (from raw.former_counts where known_until < $latest)
        or exists (from raw.thread_views where observed_at < $latest)
        or exists (from raw.deletions where observed_at < $latest)
        or exists (
            from raw.attempts
            where purpose = 'detail' and fetched_at < $latest and requested_url <> ''
        )
        or (
            exists (from raw.presences where observed_at < $latest)
            and exists (from raw.sources where kept_days is not null)
        )
"""
_COUNTED = """
    select
        (select count(*) from doomed),
        (select count(*) from doomed_versions),
        (select count(*) from doomed_views),
        (select count(*) from doomed_presences)
"""


class Limits(NamedTuple):
    """When it is (UTC, without zone), and since when acts may have been kept."""

    moment: datetime
    kept_since: datetime

    @classmethod
    def of(cls, moment: datetime, event_days: int) -> Limits:
        """The limits of a moment (UTC, without zone) where acts are kept for some days."""
        return cls(moment, moment - timedelta(days=event_days))


class Purged(NamedTuple):
    """What left the warehouse, in rows."""

    activity_count: int = 0
    former_activity_count: int = 0
    thread_view_count: int = 0
    presence_count: int = 0


def purge(connection: Connection, limits: Limits) -> Purged:
    """Remove what has been kept for its time, all of it or nothing; once more changes nothing.

    Args:
        connection: the warehouse, open for writing, with its sources known.
        limits: the moment, and since when acts may have been kept.
    """
    with transaction(connection):
        found = _purge(connection, limits, is_recorded=True)
        if any(found):
            connection.execute(
                "insert into raw.purges values (?, ?, ?, ?, ?, ?)", [*limits, *found]
            )
    return found


def purge_again(connection: Connection) -> None:
    """Remove from a warehouse that is being made anew what the last purge had removed.

    What stays of that has been taken from the archive (`warehouse.purgerecords`).
    """
    last = connection.execute("select max(purged_at), max(kept_since) from raw.purges").fetchone()
    if last and last[0]:
        with transaction(connection):
            _purge(connection, Limits(*last), is_recorded=False)


def would_purge(connection: Connection, limits: Limits) -> Purged:
    """What `purge` would remove; nothing is changed."""
    connection.execute("begin")
    try:
        return _purge(connection, limits, is_recorded=True)
    finally:
        connection.execute("rollback")


def limited_channels(connection: Connection) -> dict[str, int]:
    """Channels whose source limits how long anything of it is kept, with the days."""
    found = connection.execute(
        "select channel_id, kept_days from raw.channels join raw.sources using (source) "
        "where kept_days is not null"
    ).fetchall()
    return dict(found)


def _purge(connection: Connection, limits: Limits, *, is_recorded: bool) -> Purged:
    given = {**limits._asdict(), "latest": _latest(connection, limits)}
    if not connection.execute(_OLDEST, {"latest": given["latest"]}).fetchone():
        return Purged()
    for name, statements in _steps():
        if is_recorded or name not in _RECORDING:
            _run(connection, statements, given)
    return Purged(*connection.execute(_COUNTED).fetchone() or ())


def _run(connection: Connection, statements: tuple[str, ...], given: dict[str, Any]) -> None:
    for statement in statements:
        asked = {name: value for name, value in given.items() if f"${name}" in statement}
        connection.execute(statement, asked or None)


def _latest(connection: Connection, limits: Limits) -> datetime:
    """Before this moment something may be due, whatever the source."""
    (days,) = connection.execute(_SHORTEST).fetchone() or (None,)
    if days is None:
        return limits.kept_since
    return max(limits.kept_since, limits.moment - timedelta(days=days))


@cache
def _steps() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The statements of each step, in the order of the files."""
    files = sorted((resources.files("warehouse") / "purges").iterdir(), key=lambda file: file.name)
    return tuple((file.name, _statements(file.read_text("utf-8"))) for file in files)


def _statements(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";\n") if part.strip())
