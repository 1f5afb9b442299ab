"""From the archive to the warehouse: after a crash what is missing, in a replay everything.

A batch that has lost responses is loaded from its rows, which are kept for that
(`flows.retention`); all others are parsed anew.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from flows.door import project_door
from flows.errors import NothingDoneError
from flows.importing.basis import learn_again
from flows.organizations.model import organization_from_record
from flows.parsing import BatchSource, parse_batch
from flows.retention import keep_rows
from flows.rows import state_from_row
from flows.runs import run_from_record
from flows.termsregister import learn_sources
from warehouse.archive import carry_absences
from warehouse.keptrows import cursors_before
from warehouse.landing import land_again, landed, landed_rows
from warehouse.load import load_landed, loaded_files
from warehouse.purgerecords import count_as_then, take_purges_back
from warehouse.purging import purge_again
from warehouse.recording import take_missing_back
from warehouse.register import (
    cursor_rows,
    mark_interrupted,
    record_run,
    register_organizations,
    run_ends,
)
from warehouse.retention import is_purged
from warehouse.writers import is_at_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from connectors.contract import Channel
    from connectors.fetching.state import FetchState
    from flows.project import Project
    from flows.runs import Run
    from warehouse.db import Connection


def recover(project: Project, connection: Connection) -> int:
    """Finish what an interrupted run had archived or landed but not loaded, or built but not kept.

    Returns:
        Number of archived batches that had to be parsed and loaded now.
    """
    learn_sources(connection)
    for folder in landed(project.landing):
        load_landed(connection, folder, _run_of(folder))
        keep_rows(project, connection, folder)
    known = loaded_files(connection)
    missing = [path for path in project.archive.page_files() if path.stem not in known]
    if missing:
        loader = _Loader(project, connection)
        for run_id, paths in groupby(missing, _run_of):
            record = project.archive.read_run(run_id)
            loader.load(run_id, loader.channels(record["organizations"]), paths)
    take_missing_back(connection, project.archive)
    return len(missing)


def close_killed_runs(project: Project, connection: Connection) -> int:
    """Mark runs that were killed, after taking in what the archive alone knows of them.

    Each state of a run is written to the archive first; a run may have been killed in between.

    Returns:
        Number of runs that were marked now.
    """
    known = run_ends(connection)
    for record in project.archive.runs(newest_first=True):
        run = run_from_record(record)
        if not known.get(run.run_id) and not is_at_work(connection, run.run_id):
            record_run(connection, run.row())
        elif run.run_id in known and run.ended_at:
            break  # all earlier ones were looked at when this one began
    return mark_interrupted(connection)


def replay(
    project: Project, connection: Connection, advance: Callable[[int], None] = lambda _: None
) -> int:
    """Rebuild an empty warehouse from the archive alone, in the order in which things happened.

    Args:
        project: where the archive is.
        connection: the empty warehouse, open for writing.
        advance: told how many more batches are done, for a progress bar.

    Returns:
        Number of batches that were loaded.
    """
    take_purges_back(connection, project.archive.purged)
    loader = _Loader(project, connection)
    files = {run: list(paths) for run, paths in groupby(project.archive.page_files(), _run_of)}
    for record in project.archive.runs():
        run = run_from_record(record)
        channels = loader.register(run, record["organizations"])
        paths = files.get(run.run_id, [])
        loader.load(run.run_id, channels, paths)
        advance(len(paths))
    mark_interrupted(connection)
    purge_again(connection)
    count_as_then(connection, project.archive.purged)
    return sum(map(len, files.values()))


def read_states(connection: Connection) -> dict[str, FetchState]:
    """What is remembered of every channel, by its identifier."""
    states = (state_from_row(row) for row in cursor_rows(connection))
    return {state.channel_id: state for state in states}


class RowsKeeper:
    """Keeps the rows of batches that were not kept parsed, so that their responses can go.

    Batches come oldest first. What was remembered of their channels then, which parsing needs, is
    known from the rows of the batches before.
    """

    def __init__(self, project: Project, connection: Connection) -> None:
        self._archive, self._connection = project.archive, connection
        self._loader = _Loader(project, connection)
        self._is_begun = False

    def keep(self, path: Path) -> None:
        """See to it that the rows of a batch are kept.

        Raises:
            NothingDoneError: the batch, or its run's record, is damaged.
        """
        kept = self._archive.rows_path(path.stem)
        if not self._archive.has_rows(path.stem):
            self._begin(path.stem)
            run_id = _run_of(path)
            channels = self._loader.channels(self._archive.read_run(run_id)["organizations"])
            self._archive.keep_rows(self._loader.parse(run_id, channels, path))
        if self._is_begun:
            states = map(state_from_row, _rows(kept / "cursors.parquet"))
            self._loader.states |= {state.channel_id: state for state in states}

    def _begin(self, name: str) -> None:
        if not self._is_begun:
            files = [f for f in self._archive.rows_files("cursors") if f.parent.name < name]
            states = map(state_from_row, cursors_before(self._connection, files))
            self._loader.states = {state.channel_id: state for state in states}
            self._is_begun = True


def _rows(path: Path) -> list[dict[str, Any]]:
    return landed_rows(path.parent, path.stem)


class _Loader:
    """Parses and loads archived batches, one after another, carrying the cursors along."""

    def __init__(self, project: Project, connection: Connection) -> None:
        self._project = project
        self._connection = connection
        self.states = read_states(connection)
        self._door = project_door(project)

    def channels(self, organizations: str) -> dict[str, Channel]:
        records = self._project.archive.read_organizations(organizations)
        listed = (organization_from_record(record) for record in records)
        return {c.channel_id: c for organization in listed for c in organization.channels}

    def register(self, run: Run, organizations: str) -> dict[str, Channel]:
        records = self._project.archive.read_organizations(organizations)
        is_import = run.command == "import"
        listed_by = "import" if is_import else "list"
        register_organizations(self._connection, records, run.row()["started_at"], listed_by)
        record_run(self._connection, run.row())
        learn_sources(self._connection)
        if is_import:
            learn_again(self._connection, self._project.archive, run.run_id)
        return self.channels(organizations)

    def load(self, run_id: str, channels: dict[str, Channel], paths: Iterable[Path]) -> None:
        for path in paths:
            folder, states = self._land(run_id, channels, path)
            self.states |= states
            load_landed(self._connection, folder, run_id)
            keep_rows(self._project, self._connection, folder)

    def parse(self, run_id: str, channels: dict[str, Channel], path: Path) -> Path:
        """Parse a batch by `states`; returns its folder of rows in the landing folder."""
        return parse_batch(self._source(run_id, channels, path)).folder

    def _land(
        self, run_id: str, channels: dict[str, Channel], path: Path
    ) -> tuple[Path, Mapping[str, FetchState]]:
        """Put the rows of a batch in the landing folder; with the states that it left."""
        kept = self._project.archive.rows_path(path.stem)
        if kept.exists() and _is_purged(path):
            return self._land_again(kept)
        parsed = parse_batch(self._source(run_id, channels, path))
        carry_absences(kept, parsed.folder)
        return parsed.folder, parsed.states

    def _land_again(self, kept: Path) -> tuple[Path, Mapping[str, FetchState]]:
        try:
            folder = land_again(self._project.landing, kept)
            carry_absences(kept, folder)
            states = map(state_from_row, landed_rows(folder, "cursors"))
        except (OSError, ValueError) as error:
            message = f"{kept}: damaged ({error}); restore it from a copy of the archive"
            raise NothingDoneError(message) from error
        return folder, {state.channel_id: state for state in states}

    def _source(self, run_id: str, channels: dict[str, Channel], path: Path) -> BatchSource:
        return BatchSource(
            path=path,
            file_id=path.stem,
            archive_file=self._project.archive.relative(path),
            run_id=run_id,
            landing=self._project.landing,
            channels=channels,
            states=self.states,
            door=self._door,
            poisoned=self._project.archive.poisoned(),
        )


def _is_purged(path: Path) -> bool:
    """Whether a batch has lost responses; of a damaged one the parser tells what is wrong."""
    try:
        return is_purged(path)
    except (OSError, ValueError):
        return False


def _run_of(path: Path) -> str:
    """The run that a batch belongs to: its name without the numbers of batch and round."""
    return path.stem.rsplit("-", 2)[0]
