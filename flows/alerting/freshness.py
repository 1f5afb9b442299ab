"""How old what dashboards show may be, and how old it is."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from flows.clock import naive
from warehouse.reading import rows
from warehouse.snapshots import Snapshot, SnapshotMissing

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from flows.settings import Settings
    from warehouse.db import Connection

#: A day and the time that a run may take.
LEAST_HOURS = 26.0
_INTERVALS = 3


def published_at(snapshot: Path) -> datetime | None:
    """When the newest snapshot was published, UTC without a zone; None without one."""
    try:
        found = Snapshot.open(snapshot).rows("select published_at from marts.snapshot")
    except SnapshotMissing:
        return None
    moment: datetime | None = found[0]["published_at"] if found else None
    return moment


def age_sentence(snapshot: Path, moment: datetime) -> str:
    """How old what dashboards show is at a moment (UTC), for whoever cannot look at more."""
    at = published_at(snapshot)
    if at is None:
        return "Nothing has been published yet."
    return f"What dashboards show is {(naive(moment) - at).total_seconds() / 3600:.0f} hours old."


def stale_hours(settings: Settings, connection: Connection) -> float:
    """After how many hours a snapshot is stale: as set, or three times as long as is usual."""
    if settings.alert_stale_hours is not None:
        return settings.alert_stale_hours
    return usual_limit([row["seconds"] for row in rows(connection, "run_intervals")])


def usual_limit(intervals: list[float]) -> float:
    """Three times the median of the seconds between runs, in hours; a day and a bit at least."""
    if not intervals:
        return LEAST_HOURS
    return max(LEAST_HOURS, _INTERVALS * median(intervals) / 3600)
