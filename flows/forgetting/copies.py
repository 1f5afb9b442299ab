"""Copies outside of the data folder: written anew where that is simple, removed where it is not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flows.project import Project
    from flows.written import Written
    from warehouse.erasedfiles import Theirs

#: What lists the files of an export, and what earlier versions wrote without such a list.
_LIST = "checksums.txt"
_FORMERLY = ("*.parquet", "*.csv", "manifest.json")
#: Files of what has no such list, by kind.
_FILES = {
    "dossier": ("dossier.json", "index.html"),
    "report": (
        *("organizations.csv", "statistics.csv"),
        *("report.json", "report.md", "report.html"),
    ),
}


def renew_copies(project: Project, copies: Iterable[Written], theirs: Theirs) -> list[str]:
    """Write snapshots and sites anew, and remove exports, reports, bundles and dossiers.

    Returns:
        A sentence for each of what was done.
    """
    return [_renewed(project, copy, theirs) for copy in copies]


def _renewed(project: Project, copy: Written, theirs: Theirs) -> str:
    path, newest = copy.path, project.snapshot
    if copy.kind == "snapshot" and newest.exists():
        shutil.copyfile(newest.resolve(), path)
    elif copy.kind == "site" and newest.exists():
        _write_site_anew(newest, path, theirs)
    else:
        for file in list(_files_of(copy)):
            file.unlink()
        return f"removed {copy.kind} {path}"
    return f"wrote {copy.kind} {path} anew"


def _write_site_anew(newest: Path, folder: Path, theirs: Theirs) -> None:
    from dashboards.site import write_site

    for file in [path for path in folder.rglob("*") if path.is_file()]:
        names = f"{file.relative_to(folder)}".encode()
        if theirs.named_in(file.read_bytes()) or theirs.named_in(names):
            file.unlink()
    write_site(newest, folder)


def _files_of(copy: Written) -> Iterator[Path]:
    """The files that were written: one, those that an export lists, or those of its kind."""
    path = copy.path
    if path.is_file():
        yield path
        return
    listed, known = _listed(path / _LIST), _FILES.get(copy.kind, ())
    found = [path / name for name in (*listed, *known, _LIST)]
    if not listed and not known:
        found += [file for pattern in _FORMERLY for file in path.glob(pattern)]
    yield from (file for file in found if file.is_file())


def _listed(path: Path) -> list[str]:
    """File names in a list as `sha256sum` reads it."""
    if not path.is_file():
        return []
    return [line.partition("  ")[2] for line in path.read_text("utf-8").splitlines() if line]
