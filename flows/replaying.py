"""Replaying an archive into a fresh warehouse, which then takes the place of the old one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from flows.build import build_signals
from flows.errors import InputError
from flows.project import Project
from flows.recovery import replay
from flows.runs import run_from_record
from flows.terminal import progress
from warehouse.db import open_warehouse
from warehouse.durable import UNFINISHED_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path


class Replayed(NamedTuple):
    """What a replay made: batches read, and rows by relation of the build that followed."""

    batch_count: int
    row_counts: dict[str, int]


def replay_archive(data: Path, origin: Path | None, *, quiet: bool = False) -> Replayed:
    """Rebuild the warehouse of `data` from its archive, or from a copy of that of `origin`.

    Signals and coverage are built as of the last archived run, so that they equal those the
    run built. The old warehouse stays in place until the new one is complete.

    Args:
        data: the data folder.
        origin: another data folder (or an archive); None replays the folder's own archive.
        quiet: no progress bar.

    Raises:
        InputError: there is no archive to replay, or one would be overwritten.
    """
    project = Project(data)
    if origin is not None:
        _copy_archive(origin, project)
    runs = [run_from_record(record) for record in project.archive.runs()]
    if not runs:
        problem = f"{project.archive.folder}: no archived run to replay; --from names another"
        raise InputError(problem)
    unfinished = data / f".{project.warehouse.name}{UNFINISHED_SUFFIX}"
    unfinished.unlink(missing_ok=True)
    total = len(project.archive.page_files())
    with open_warehouse(unfinished) as connection:
        with progress("replaying", total, quiet=quiet) as advance:
            count = replay(project, connection, advance)
        counts = build_signals(connection, runs[-1].as_of)
    unfinished.replace(project.warehouse)
    return Replayed(count, counts)


def _copy_archive(origin: Path, project: Project) -> None:
    source = origin / "archive" if (origin / "archive").is_dir() else origin
    if not (source / "runs").is_dir():
        problem = f"{origin}: no archive here; name the data folder of a project"
        raise InputError(problem)
    if project.archive.folder.exists():
        problem = f"{project.archive.folder}: there is an archive already; choose an empty folder"
        raise InputError(problem)
    shutil.copytree(source, project.archive.folder)
