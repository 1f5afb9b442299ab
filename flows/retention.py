"""What people said leaves the archive after some days, and at once when its source deletes it.

At the end of each run. What must not be lost comes first: a response goes only when the rows
that it gave are kept, and every step can be done again after a crash (rules R7 and R8).
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from flows.termsregister import learn_sources
from warehouse.durable import UNFINISHED_SUFFIX, write_text
from warehouse.landing import landed
from warehouse.load import loaded_files, shows_dialogue
from warehouse.recording import keep_withdrawn
from warehouse.retention import (
    Holder,
    Withdrawal,
    count_bodies,
    doomed_exchanges,
    holders,
    last_loaded,
    quiet_channels,
    remove_responses,
    withdraw,
    withdrawals,
    write_absences,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flows.project import Project
    from warehouse.archive import Archive
    from warehouse.db import Connection

#: Days that responses are kept where people speak (rule R7).
ARCHIVE_DAYS = 7
_PROGRESS_NAME = "retention.json"
#: Deletions are looked through again for so long: a clock that was set back hides none.
_OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far the archive is done: days of runs whose responses are gone, deletions mirrored."""

    purged_until: date = date.min
    mirrored_until: datetime | None = None


def retain(
    project: Project, connection: Connection, moment: datetime, days: int = ARCHIVE_DAYS
) -> None:
    """Keep the rows of what was loaded, mirror deletions, and remove responses that are due.

    Args:
        project: whose archive it is.
        connection: the warehouse, open for writing.
        moment: now.
        days: how many days responses are kept at most, counted by the day of their run.
    """
    keep_all_rows(project, connection)
    quiet, is_all_quiet = quiet_channels(connection)
    if is_all_quiet:
        return
    archive = project.archive
    done = _read_progress(archive)
    last_day = moment.date() - timedelta(days=days)
    since = min(done.purged_until, last_day)  # should the clock have been ahead
    mirrored_until = _mirror(archive, connection, done.mirrored_until, since, moment)
    purged_until = _purge(archive, quiet, since, last_day, moment)
    _write_progress(archive, _Progress(purged_until, mirrored_until))


def due_responses(
    project: Project, connection: Connection, moment: datetime, days: int = ARCHIVE_DAYS
) -> int:
    """How many responses `retain` would remove for their age."""
    quiet, _ = quiet_channels(connection)
    last_day = moment.date() - timedelta(days=days)
    since = min(_read_progress(project.archive).purged_until, last_day)
    due = [day for day in project.archive.days() if since <= day <= last_day]
    return sum(_count_bodies(path, quiet) for path in project.archive.pages_of(due))


def _count_bodies(path: Path, quiet: set[str]) -> int:
    try:
        return count_bodies(path, lambda name: name not in quiet)
    except (OSError, ValueError):  # damaged: a replay tells
        return 0


def keep_all_rows(project: Project, connection: Connection) -> None:
    """Empty the landing folder of what is loaded: into the archive where people speak."""
    learn_sources(connection)
    folders = landed(project.landing)
    known = loaded_files(connection) if folders else set()
    for folder in folders:
        if folder.name in known:
            keep_rows(project, connection, folder)


def keep_rows(project: Project, connection: Connection, folder: Path) -> None:
    """Keep the rows of a loaded batch where people speak; elsewhere its responses are enough."""
    if not folder.exists():
        return
    if shows_dialogue(connection, folder):
        project.archive.keep_rows(folder)
    else:
        rmtree(folder)


def _purge(
    archive: Archive, quiet: set[str], since: date, last_day: date, moment: datetime
) -> date:
    """Remove the responses of all runs up to a day; returns until when it is done."""
    days = [day for day in archive.days() if since <= day <= last_day]
    undone = [day for day in days if not _purge_day(archive, day, quiet, moment)]
    return min(undone, default=last_day)


def _purge_day(archive: Archive, day: date, quiet: set[str], moment: datetime) -> bool:
    """Remove the responses of a day's runs; False when rows are missing that must be safe first."""
    for leftover in archive.pages_folder(day).glob(f".*{UNFINISHED_SUFFIX}"):
        leftover.unlink()
    return _remove(archive, [day], lambda name, _: name not in quiet, moment)


def _remove(
    archive: Archive,
    days: Iterable[date],
    is_doomed: Callable[[str, datetime], bool],
    moment: datetime,
) -> bool:
    is_done = True
    for path in archive.pages_of(days):
        try:
            doomed = doomed_exchanges(path, is_doomed)
        except (OSError, ValueError):  # damaged: a replay tells, and everything else goes on
            is_done = False
            continue
        if archive.has_rows(path.stem):
            remove_responses(path, doomed, moment)
        elif any(doomed):
            is_done = False
    return is_done


def _mirror(
    archive: Archive,
    connection: Connection,
    former: datetime | None,
    first_day: date,
    moment: datetime,
) -> datetime | None:
    """Remove what was deleted at its source from the archive; returns until when it is done."""
    until = last_loaded(connection)
    if until is None or until == former:
        return former
    gone = withdrawals(connection, former - _OVERLAP if former else None)
    found = holders(connection, archive.rows_files("activities"), {one.activity_id for one in gone})
    if found:
        days = [day for day in archive.days() if day >= first_day]
        _forget(archive, gone, found, days, moment)
    keep_withdrawn(connection, archive.withdrawn)
    return until


def _forget(
    archive: Archive,
    gone: Sequence[Withdrawal],
    found: Sequence[Holder],
    days: Sequence[date],
    moment: datetime,
) -> None:
    """First the responses, so that rows count in their place; the rows themselves come last."""
    deleted = _last_moments(gone, found)
    _remove(archive, days, lambda name, at: name in deleted and at < deleted[name], moment)
    absences = defaultdict(list)
    for one in gone:
        if one.reason == "absent":
            absences[one.batch].append(one)
    for batch, seen in absences.items():
        write_absences(archive.rows_path(batch), seen)
    held = defaultdict(set)
    for holder in found:
        held[holder.file].add(holder.activity_id)
    for file, activity_ids in held.items():
        withdraw(Path(file), activity_ids)


def _last_moments(gone: Sequence[Withdrawal], found: Sequence[Holder]) -> dict[str, datetime]:
    """Until when the responses of each channel may hold something that has been deleted."""
    deleted_at = {one.activity_id: one.observed_at for one in gone}
    moments = [(one.channel_id, one.observed_at) for one in gone]
    moments += [(holder.channel_id, deleted_at[holder.activity_id]) for holder in found]
    return dict(sorted(moments))  # of each channel the last


def _read_progress(archive: Archive) -> _Progress:
    """Where nothing can be read, everything is gone through again."""
    try:
        kept = json.loads((archive.folder / _PROGRESS_NAME).read_text("utf-8"))
        mirrored_until = kept["mirrored_until"]
        return _Progress(
            date.fromisoformat(kept["purged_until"]),
            datetime.fromisoformat(mirrored_until) if mirrored_until else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return _Progress()


def _write_progress(archive: Archive, done: _Progress) -> None:
    """Stored in the archive, for it travels with what it is about."""
    kept = {
        "purged_until": done.purged_until.isoformat(),
        "mirrored_until": done.mirrored_until.isoformat() if done.mirrored_until else None,
    }
    if _read_progress(archive) != done:
        write_text(archive.folder / _PROGRESS_NAME, json.dumps(kept, indent=1))
