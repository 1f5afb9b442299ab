"""Erasing from everything else that lies in a project: models, what hosts told, files of answers.

Copies of the warehouse go as a whole; they are made again where they are needed.
"""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from typing import TYPE_CHECKING

from flows.statements import CORRECTIONS_NAME, REPLIES_NAME
from warehouse.durable import write_text
from warehouse.erasedfiles import erase_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flows.project import Project
    from flows.settings import Settings
    from warehouse.erasedfiles import Theirs

#: Columns by which tables of a project's own files name an organization.
_OWNER_COLUMNS = ("organization", "organization_id", "id")
_LINES = (".log", ".jsonl", ".txt")
#: Folders of the data folder that are looked after elsewhere.
_ELSEWHERE = ("archive", "secrets", "snapshots", "models", "hosts", "backups", "landing")


def erase_leftovers(project: Project, settings: Settings, theirs: Theirs) -> dict[str, int]:
    """Remove somebody from files outside of archive and warehouse; returns how many, by kind."""
    counts = {
        "backups": _remove_backups(project),
        "unfinished files": _remove_unfinished(project),
        "files of hosts": _remove_named(_below(project.hosts), theirs),
        "other files": sum(_erase(path, theirs) for path in _others(project)),
    }
    if theirs.organization_id:
        counts["models"] = remove_models(project, theirs)
        counts["questionnaires"] = _erase_answers(settings, theirs)
        counts["rows of claims"] = _erase_claims(settings, theirs)
        counts["corrections and replies"] = sum(
            _erase_rows(path, theirs)
            for name in (CORRECTIONS_NAME, REPLIES_NAME)
            if (path := settings.folder / name).exists()
        )
    return {kind: count for kind, count in counts.items() if count}


def models_naming(project: Project, theirs: Theirs) -> list[str]:
    """Versions of models that were trained on what is known of an organization."""
    return sorted({path.stem for path in _below(project.models) if _is_named(path, theirs)})


def remove_models(project: Project, theirs: Theirs) -> int:
    """Remove the models that were trained on what is known of an organization; how many."""
    versions = models_naming(project, theirs)
    for path in list(_below(project.models)):
        if path.stem in versions:
            path.unlink()
    return len(versions)


def _is_named(path: Path, theirs: Theirs) -> bool:
    """A model is an archive of files; what is in them is packed."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return any(theirs.named_in(packed.read(name)) for name in packed.namelist())
    return theirs.named_in(path.read_bytes())


def _remove_backups(project: Project) -> int:
    folder = project.data / "backups"
    count = len(list(_below(folder)))
    shutil.rmtree(folder, ignore_errors=True)
    return count


def _remove_unfinished(project: Project) -> int:
    """What a killed process left: nobody reads it again, and anything may be in it."""
    places = [project.data, project.archive.folder, project.snapshots]
    found = {path for place in places for path in place.glob(".*.unfinished*")}
    found |= set(project.archive.folder.rglob(".*.unfinished"))
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(found)


def _remove_named(paths: Iterable[Path], theirs: Theirs) -> int:
    named = [path for path in paths if theirs.named_in(path.read_bytes())]
    for path in named:
        path.unlink()
    return len(named)


def _others(project: Project) -> Iterator[Path]:
    for path in sorted(project.data.glob("*")):
        if path.is_dir() and path.name not in _ELSEWHERE:
            yield from _below(path)
        elif path.is_file() and path.suffix in {*_LINES, ".json", ".csv"}:
            yield path


def _erase(path: Path, theirs: Theirs) -> int:
    """Take somebody out of a file that a project wrote beside its data."""
    if not theirs.named_in(path.read_bytes()):
        return 0
    if path.suffix == ".json":
        return max(erase_from_json(path, theirs), 1)
    if path.suffix in _LINES:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        write_text(path, "".join(line for line in lines if not theirs.named_in(line.encode())))
    else:
        path.unlink()
    return 1


def _erase_answers(settings: Settings, theirs: Theirs) -> int:
    """Of tables of answers the rows, other files as a whole: the archive has what others said."""
    count = 0
    for path in list(_below(settings.inbox_folder)):
        if path.suffix == ".csv":
            count += _erase_rows(path, theirs)
        elif _is_named(path, theirs):
            path.unlink()
            count += 1
    return count


def _erase_claims(settings: Settings, theirs: Theirs) -> int:
    path = settings.folder / (settings.claims or "claims.csv")
    return _erase_rows(path, theirs) if path.exists() else 0


def _erase_rows(path: Path, theirs: Theirs) -> int:
    """Remove an organization's rows from a CSV file; returns how many."""
    text = path.read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = [head.index(name) for name in _OWNER_COLUMNS if name in head]
    kept = [row for row in rows if not _is_theirs(row, places, theirs)]
    if len(kept) < len(rows):
        target = io.StringIO(newline="")
        csv.writer(target, lineterminator="\n").writerows(kept)
        write_text(path, target.getvalue())
    return len(rows) - len(kept)


def _is_theirs(row: list[str], places: list[int], theirs: Theirs) -> bool:
    cells = {row[place].strip() for place in places if place < len(row)}
    return theirs.organization_id in cells or theirs.named_in("\n".join(row).encode())


def _below(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.rglob("*") if path.is_file())
