"""Restoring: an export, of this project or another one, loaded into an empty project."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from flows.clock import now
from flows.errors import InputError, NothingDoneError
from flows.exporting import FORMAT
from flows.forgetting.restored import leave_out
from flows.opening import open_project
from flows.project import Project
from warehouse.build import Clock
from warehouse.checksums import CHECKSUMS, differences, read_checksums, sha256
from warehouse.compacting import compact
from warehouse.connecting import connect
from warehouse.db import open_warehouse
from warehouse.durable import sync, write_file, write_text
from warehouse.export import MANIFEST, MODELS
from warehouse.migrations import our_schema
from warehouse.restoring import StateError, restore_state
from warehouse.restoring import differences as table_differences
from warehouse.statetables import FOLDER as STATE
from warehouse.statetables import state_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flows.forgetting.restored import LeftOut
    from warehouse.connecting import Connection

#: Stands in the data folder of a project that began with an export.
MARK = "restored.json"
#: What an export does not carry, and what follows from that.
NOT_CARRIED = (
    "The archive of answers: `replay` cannot make again what came with the export; keep it.",
    "The keys of people: who spoke before is not recognized as who speaks from now on.",
    "Answers to questionnaires: claims computed from them go at the next `run` or `compare`.",
    "The list of organizations: `run` needs organizations.toml, and asks only who is on it.",
)
_MODEL_SUFFIXES = (".skops", ".json", ".md")


class Restored(NamedTuple):
    """What an export brought."""

    manifest: Mapping[str, Any]
    row_counts: dict[str, int]  #: by table of the state
    left_out: LeftOut  #: who had objected


def restore(data: Path, folder: Path) -> Restored:
    """Load an export into a project without anything in it; wholly or not at all.

    The tables come out as they were exported, to the last row; that is checked before whoever
    is on the project's list of objections is left out, and the warehouse put in its place.

    Args:
        data: the data folder of the project.
        folder: of the export.

    Raises:
        InputError: the folder is no whole and untouched export that this version can read.
        NothingDoneError: the project is not empty, or a table came out otherwise.
    """
    manifest = read_manifest(folder)
    project = Project(data)
    _check_empty(project)
    unfinished = data / f".{project.warehouse.name}.restored"
    _remove(unfinished)
    data.mkdir(parents=True, exist_ok=True)
    try:
        _take_models(folder / MODELS, project.models)
        left_out = _fill(project, unfinished, folder, manifest)
        _mark(project, folder, manifest)
        sync(unfinished)
        _check_empty(project)  # nobody has begun meanwhile
        unfinished.replace(project.warehouse)
        sync(data)
    finally:
        _remove(unfinished)
    counts = {_table_of(name): told["rows"] for name, told in manifest["state"].items()}
    return Restored(manifest, counts, left_out)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an export that is whole, untouched, and can be restored by this version.

    Raises:
        InputError: it is not; every file that is missing or changed is named.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
        sums = read_checksums(folder)
    except FileNotFoundError as error:
        problem = f"{folder}: no export here: it has no {MANIFEST}"
        raise InputError(problem) from error
    except ValueError as error:
        problem = f"{folder}: no export, or damaged ({error}); get it again"
        raise InputError(problem) from error
    _check_version(folder, manifest)
    _check_files(folder, manifest, sums)
    _check_whole(folder, manifest)
    return dict(manifest)


def _check_version(folder: Path, manifest: Mapping[str, Any]) -> None:
    by = f"Barograph {manifest.get('barograph_version', '')}"
    if "format" not in manifest:
        problem = (
            f"{folder}: was written by {by}, which did not write what restoring needs; "
            f"`barograph import {folder}/activities.parquet` takes its acts, or export anew"
        )
        raise InputError(problem)
    if manifest["format"] > FORMAT or manifest["schema_version"] > our_schema():
        problem = (
            f"{folder}: was written by {by} (schema {manifest['schema_version']}), and this is "
            f"Barograph {version('barograph')} (schema {our_schema()}): install that version or a "
            "later one, then import"
        )
        raise InputError(problem)


def _check_files(folder: Path, manifest: Mapping[str, Any], sums: dict[str, str]) -> None:
    if not sums:
        problem = f"{folder}: has no {CHECKSUMS}, so it was not finished; export again"
        raise InputError(problem)
    told = {**manifest["files"], **manifest["state"]}
    unlisted = [name for name in (MANIFEST, *told) if name not in sums]
    problems = [
        *(f"{name} is not in {CHECKSUMS}" for name in unlisted),
        *differences(folder, sums),
    ]
    if problems:
        raise InputError(*(f"{folder}: {problem}; get the export again" for problem in problems))


def _check_whole(folder: Path, manifest: Mapping[str, Any]) -> None:
    if not manifest["is_whole"]:
        problem = (
            f"{folder}: holds only a part (it was exported with --public, --since, --as-of or "
            "--organizations), and only the whole can be restored; export without these"
        )
        raise InputError(problem)


def _check_empty(project: Project) -> None:
    """Nothing that was collected or imported may be replaced."""
    holds = "an archive" if any(project.archive.runs()) else ""
    if project.warehouse.exists():
        with open_warehouse(project.warehouse) as connection:
            holds = "rows" if _has_rows(connection) else holds
    if holds:
        message = (
            f"{project.data}: holds {holds} already, and an export is loaded into an empty project "
            "only; name another folder with --data"
        )
        raise NothingDoneError(message)


def _has_rows(connection: Connection) -> bool:
    return any(
        connection.execute(f"select 1 from {table} limit 1").fetchone()  # noqa: S608 - our own
        for table in state_tables(connection)
    )


def _fill(project: Project, path: Path, folder: Path, manifest: Mapping[str, Any]) -> LeftOut:
    clock = Clock(
        as_of=datetime.fromisoformat(manifest["as_of"]),
        known_at=datetime.fromisoformat(manifest["known_at"]),
    )
    tables = [_table_of(name) for name in manifest["state"]]
    with connect(path) as connection:
        try:
            restore_state(connection, folder, tables, manifest["schema_version"], clock)
        except StateError as error:
            problem = f"{folder}: {error}; get the export again"
            raise InputError(problem) from error
        connection.execute("checkpoint")
    with open_project(project, path) as connection:
        _check_same(connection, folder)
        left_out = leave_out(project, connection)
        if any(left_out):
            compact(connection, path)
        else:
            connection.execute("checkpoint")
    return left_out


def _check_same(connection: Connection, folder: Path) -> None:
    found = table_differences(connection, folder)
    if found:
        told = ", ".join(f"{d.table} ({d.exported_count} → {d.restored_count} rows)" for d in found)
        message = f"{folder}: tables came out otherwise than they were exported: {told}"
        raise NothingDoneError(message)


def _table_of(name: str) -> str:
    return name.removeprefix(f"{STATE}/").removesuffix(".parquet")


def _take_models(folder: Path, models: Path) -> None:
    for path in sorted(folder.glob("[!.]*")):
        if path.suffix in _MODEL_SUFFIXES and not (models / path.name).exists():
            write_file(models / path.name, lambda file, p=path: shutil.copyfile(p, file))  # type: ignore[misc]


def _mark(project: Project, folder: Path, manifest: Mapping[str, Any]) -> None:
    record = {
        "restored_at": now().isoformat(),
        "manifest_sha256": sha256(folder / MANIFEST),
        "as_of_week": manifest["as_of_week"],
        "barograph_version": manifest["barograph_version"],
    }
    write_text(project.data / MARK, f"{json.dumps(record, indent=1)}\n")


def check_replayable(project: Project) -> None:
    """Refuse to rebuild from its archive alone a warehouse that began with an export.

    Raises:
        InputError: it did; the archive does not hold what the export brought.
    """
    if (project.data / MARK).exists():
        problem = (
            f"{project.data}: began with an export ({MARK} tells which), whose rows are not in its "
            "archive: a replay would lose them. To start again, import that export into an empty "
            "folder"
        )
        raise InputError(problem)


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}.wal"):
        path.with_name(name).unlink(missing_ok=True)
