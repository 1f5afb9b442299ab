"""What has been kept for its time goes: acts after `event_days`, sums by week stay (rule R7).

At the end of each run and with `barograph purge`. The warehouse comes first, in one transaction;
the archive follows, day by day. Every step can be done again after a crash, and what is about
the organizations alone goes like everything else: documents of their feeds with the acts in them.
See docs/decisions/024.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from flows.clock import naive
from flows.errors import NothingDoneError
from flows.recovery import RowsKeeper
from flows.retention import due_responses, retain
from flows.termsregister import read_terms, source_rows
from warehouse.compacting import forget_past
from warehouse.durable import write_text
from warehouse.keptrows import Scope, thin_batches, thin_closed_weeks
from warehouse.purgerecords import keep_purges, last_purge
from warehouse.purging import Limits, Purged, limited_channels, purge, would_purge
from warehouse.recording import keep_withdrawn
from warehouse.register import known_sources, register_sources
from warehouse.retention import blank_details, doomed_exchanges, remove_responses

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flows.project import Project
    from flows.settings import Settings
    from warehouse.archive import Archive
    from warehouse.db import Connection


_PROGRESS_NAME = "progress.json"


@dataclass(frozen=True, slots=True)
class Removed:
    """What went, or would go: rows of the warehouse, and responses in the archive."""

    rows: Purged
    response_count: int


class _Scope(NamedTuple):
    """Which rows of the archive are kept until which day at most."""

    name: str  #: by which the progress is known
    until: date
    rows: Scope


def keep_to_limits(
    project: Project, connection: Connection, moment: datetime, settings: Settings
) -> Purged:
    """The end of a run: responses and acts that have been kept for their time go.

    Args:
        project: whose archive and warehouse it is.
        connection: the warehouse, open for writing.
        moment: now.
        settings: say for how long.
    """
    retain(project, connection, moment, settings.archive_days)
    return purge_events(project, connection, moment, settings.event_days)


def purge_events(
    project: Project, connection: Connection, moment: datetime, event_days: int
) -> Purged:
    """Remove acts that have been kept for `event_days`, from the warehouse and the archive."""
    limits = Limits.of(naive(moment), event_days)
    found = purge(connection, limits)
    _follow(project, connection, limits)
    purged_at = last_purge(connection)
    if project.lake and purged_at:
        forget_past(connection, datetime.fromisoformat(purged_at))
    return found


def purge_project(
    project: Project, connection: Connection, moment: datetime, settings: Settings
) -> Removed:
    """What `barograph purge` does: the terms are read anew, for they may set limits."""
    _read_limits(connection, settings)
    responses = due_responses(project, connection, moment, settings.archive_days)
    return Removed(keep_to_limits(project, connection, moment, settings), responses)


def would_remove(
    project: Project, connection: Connection, moment: datetime, settings: Settings
) -> Removed:
    """What `purge_project` would remove; nothing of that changes."""
    _read_limits(connection, settings)
    limits = Limits.of(naive(moment), settings.event_days)
    responses = due_responses(project, connection, moment, settings.archive_days)
    return Removed(would_purge(connection, limits), responses)


def _read_limits(connection: Connection, settings: Settings) -> None:
    register_sources(
        connection, source_rows(read_terms(settings.folder), known_sources(connection))
    )


def _follow(project: Project, connection: Connection, limits: Limits) -> None:
    """Bring the archive to what the warehouse has left."""
    archive = project.archive
    done = _read_progress(archive)
    purged_at = last_purge(connection)
    if purged_at != done.get("purged_at", ""):
        keep_purges(connection, archive.purged)
        thin_closed_weeks(connection, archive.rows_files("activities"))
        keep_withdrawn(connection, archive.withdrawn)
        done = _write_progress(archive, done | {"purged_at": purged_at})
    for scope in _scopes(connection, limits):
        since = date.fromisoformat(done.get(scope.name, date.min.isoformat()))
        days = [day for day in archive.days() if min(since, scope.until) <= day <= scope.until]
        if days and _Thinning(project, connection, scope.rows, limits.moment).thin(days):
            done = _write_progress(archive, done | {scope.name: scope.until.isoformat()})


def _scopes(connection: Connection, limits: Limits) -> list[_Scope]:
    """All rows after the usual time; those of sources with limits of their own sooner."""
    today, by_days = limits.moment.date(), defaultdict(set)
    for channel_id, days in limited_channels(connection).items():
        if today - timedelta(days=days) > limits.kept_since.date():
            by_days[days].add(channel_id)
    limited = [
        _Scope(f"of {days} days", today - timedelta(days=days + 1), Scope(channels))
        for days, channels in sorted(by_days.items())
    ]
    return [*limited, _Scope("all", limits.kept_since.date() - timedelta(days=1), Scope())]


class _Thinning:
    """Takes what has been kept for its time out of the archive, a day after another."""

    def __init__(
        self, project: Project, connection: Connection, scope: Scope, moment: datetime
    ) -> None:
        self._archive, self._connection = project.archive, connection
        self._scope, self._moment = scope, moment
        self._keeper = RowsKeeper(project, connection)

    def thin(self, days: Iterable[date]) -> bool:
        """Whether all batches of some days are thinned; a damaged one is left for a replay."""
        paths = list(self._archive.pages_of(days))
        thinned = [path for path in paths if self._remove_responses(path)]
        folders = [self._archive.rows_path(path.stem) for path in thinned]
        thin_batches(self._connection, folders, self._scope)
        return len(thinned) == len(paths)

    def _remove_responses(self, path: Path) -> bool:
        """First the rows, then the responses that gave them."""
        try:
            self._keeper.keep(path)
            doomed = doomed_exchanges(path, lambda name, _: self._scope.holds(name))
            remove_responses(path, doomed, self._moment)
            blank_details(path, self._scope.holds)
        except (OSError, ValueError, NothingDoneError):
            return False
        return True


def _read_progress(archive: Archive) -> dict[str, str]:
    """Where nothing can be read, everything is gone through again."""
    try:
        kept = json.loads((archive.purged / _PROGRESS_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in kept.items()}


def _write_progress(archive: Archive, done: dict[str, str]) -> dict[str, str]:
    if done != _read_progress(archive):
        write_text(archive.purged / _PROGRESS_NAME, json.dumps(done, indent=1, sort_keys=True))
    return done
