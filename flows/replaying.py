"""Replaying an archive into a fresh warehouse, which then takes the place of the old one."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from flows.assessments import learn_assessments
from flows.build import build_signals
from flows.errors import InputError, NothingDoneError
from flows.keyring import read_keyring, write_keyring
from flows.labels import learn_labels
from flows.opening import open_project
from flows.project import Project
from flows.recovery import replay
from flows.restoring import check_replayable
from flows.runs import run_from_record
from flows.terminal import progress
from warehouse.build import build
from warehouse.db import WarehouseBusyError, WarehouseNewerError, open_warehouse
from warehouse.durable import UNFINISHED_SUFFIX
from warehouse.recording import take_back, take_withdrawn_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from flows.runs import Run


class Replayed(NamedTuple):
    """What a replay made: batches read, and rows by relation of the build that followed."""

    batch_count: int
    row_counts: dict[str, int]


def replay_archive(data: Path, origin: Path | None, *, quiet: bool = False) -> Replayed:
    """Rebuild the warehouse of `data` from its archive, or from a copy of that of `origin`.

    Measurements come back as the builds recorded them, week after week; the last build is made
    again as of its own moments, so that it equals what it was. The old warehouse stays in place
    until the new one is complete; nobody else can write to it meanwhile.

    Args:
        data: the data folder.
        origin: another data folder (or an archive); None replays the folder's own archive.
        quiet: no progress bar.

    Raises:
        InputError: there is no archive to replay, or one would be overwritten.
        NothingDoneError: the archive is damaged.
        WarehouseBusyError: a run is writing to the warehouse that would be replaced.
    """
    project = Project(data)
    check_replayable(project)
    if origin is not None:
        _copy_archive(origin, project)
    runs = _runs(project)
    if not runs:
        problem = f"{project.archive.folder}: no archived run to replay; --from names another"
        raise InputError(problem)
    unfinished = data / f".{project.warehouse.name}{UNFINISHED_SUFFIX}"
    with _held(project.warehouse):
        _remove(unfinished)
        replayed = _rebuild(project, unfinished, runs[-1].as_of, quiet=quiet)
        unfinished.replace(project.warehouse)
    return replayed


def _runs(project: Project) -> list[Run]:
    try:
        return [run_from_record(record) for record in project.archive.runs()]
    except (KeyError, TypeError, ValueError) as error:
        message = (
            f"{project.archive.folder / 'runs'}: the record of a run is damaged ({error}); "
            "restore it from a copy of the archive"
        )
        raise NothingDoneError(message) from error


def _rebuild(project: Project, path: Path, as_of: datetime, *, quiet: bool) -> Replayed:
    total = len(project.archive.page_files())
    with open_project(Project(path.parent), path) as connection:
        with progress("replaying", total, quiet=quiet) as advance:
            count = replay(project, connection, advance)
        learn_labels(project, connection)
        learn_assessments(project, connection)
        take_withdrawn_back(connection, project.archive.withdrawn)
        clock = take_back(connection, project.archive.build_files())
        counts = build(connection, clock) if clock else build_signals(project, connection, as_of)
        return Replayed(count, counts)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep other writers out of a warehouse; one that is absent or damaged has none."""
    with ExitStack() as stack:
        if path.exists():
            try:
                stack.enter_context(open_warehouse(path)).execute("checkpoint")
            except (WarehouseBusyError, WarehouseNewerError):
                raise
            except Exception:  # noqa: BLE001, S110 - a damaged warehouse is what a replay mends
                pass
        yield


def _remove(path: Path) -> None:
    """Remove a warehouse that a killed replay left."""
    with _held(path):
        path.unlink(missing_ok=True)


def _copy_archive(origin: Path, project: Project) -> None:
    source = origin / "archive" if (origin / "archive").is_dir() else origin
    if not (source / "runs").is_dir():
        problem = f"{origin}: no archive here; name the data folder of a project"
        raise InputError(problem)
    archive = project.archive.folder
    if archive.exists():
        problem = f"{archive}: there is an archive already; choose an empty folder"
        raise InputError(problem)
    unfinished = archive.with_name(f".{archive.name}{UNFINISHED_SUFFIX}")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished)
    unfinished.rename(archive)
    if origin.is_dir() and (keyring := Project(origin).keyring).exists():
        write_keyring(project.keyring, read_keyring(keyring))
    if origin.is_dir() and (secret := Project(origin).blurring_secret).exists():
        shutil.copy(secret, project.blurring_secret)
