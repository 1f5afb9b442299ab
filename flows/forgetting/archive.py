"""Erasing from the archive: responses, rows, lists, records of runs and imports.

In the order in which an interruption does no harm: responses before the rows that found them, and
a list of organizations is replaced before what names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.recovery import RowsKeeper
from warehouse.archive import read_pages
from warehouse.erasedfiles import erase_from_json, erase_from_parquet, pruned
from warehouse.retention import remove_responses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from flows.project import Project
    from warehouse.archive import Archive
    from warehouse.db import Connection
    from warehouse.erasedfiles import Theirs


def remove_naming_responses(
    project: Project,
    connection: Connection,
    theirs: Theirs,
    spoken_in: frozenset[str],
    moment: datetime,
) -> int:
    """Remove all responses in which somebody appears, whatever their age.

    Where they have spoken all responses of the channel go; elsewhere those that name them.

    Returns:
        How many responses went.
    """
    archive = project.archive
    doomed = {path: _doomed(path, theirs, spoken_in) for path in archive.page_files()}
    affected = [path for path, marks in doomed.items() if any(marks)]
    if any(not archive.has_rows(path.stem) for path in affected):
        keeper = RowsKeeper(project, connection)
        for path in archive.page_files():  # the rows of each need those before it
            if path.name <= affected[-1].name:
                keeper.keep(path)
    for path in affected:
        remove_responses(path, doomed[path], moment)
    return sum(map(sum, doomed.values()))


def erase_from_archive(archive: Archive, theirs: Theirs) -> int:
    """Remove somebody from every other file of the archive; returns how many rows and records."""
    count = _replace_lists(archive, theirs)
    for path in _files(archive.folder, "*.parquet"):
        count += erase_from_parquet(path, theirs)
    for path in _files(archive.folder, "*.json"):
        count += erase_from_json(path, theirs)
    return count


def _doomed(path: Path, theirs: Theirs, spoken_in: frozenset[str]) -> list[bool]:
    is_doomed = _judge(theirs, spoken_in)
    return [
        page["body"] is not None and is_doomed(page["channel_id"], page["body"])
        for page in read_pages(path)
    ]


def _judge(theirs: Theirs, spoken_in: frozenset[str]) -> Callable[[str, bytes], bool]:
    def is_doomed(channel_id: str, body: bytes) -> bool:
        if channel_id in theirs.channel_ids:  # the whole exchange goes
            return False
        return channel_id in spoken_in or theirs.named_in(body)

    return is_doomed


def _replace_lists(archive: Archive, theirs: Theirs) -> int:
    """Write lists of organizations anew, have the runs name these, and remove the former ones."""
    if not theirs.organization_id:
        return 0
    renamed = {}
    for path in _files(archive.folder / "organizations", "*.json"):
        before = archive.read_organizations(path.stem)
        after = [record for record in before if pruned(record, theirs) is not None]
        if len(after) < len(before):
            renamed[path.stem] = archive.write_organizations(after)
    for run in list(archive.runs()) if renamed else []:
        name = renamed.get(run["organizations"])
        if name is not None:
            archive.write_run(run | {"organizations": name})
    for name in renamed:
        (archive.folder / "organizations" / f"{name}.json").unlink()
    return len(renamed)


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    """Files of a folder and those below, whole ones and what a crash left."""
    yield from sorted(path for path in folder.rglob(pattern) if path.is_file())
