"""Backups of a warehouse: copies that are made before it is changed as a whole."""

from __future__ import annotations

import re
import shutil
from typing import IO, TYPE_CHECKING

from warehouse.durable import write_file

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

FOLDER = "backups"
KEPT_BACKUPS = 3
_NAME = re.compile(r"warehouse-(\d{3,})-\d{4}-\d\d-\d\d\.duckdb")
_MEGABYTE = 1 << 20
#: How much of its own size an upgrade takes: the backup, the copy, and tables made anew in it.
_TIMES = 3
_SPARE_BYTES = 64 * _MEGABYTE


class NoSpaceError(Exception):
    """Not enough space on the disk for a backup."""


def check_space(path: Path) -> None:
    """See to it that a warehouse can be copied and made anew where it is.

    Raises:
        NoSpaceError: the disk has too little space left.
    """
    needed = _TIMES * path.stat().st_size + _SPARE_BYTES
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        message = (
            f"{path}: bringing it up to date takes {needed // _MEGABYTE} MB of disk for a backup "
            f"and a copy, and {free // _MEGABYTE} MB are free; make room and try again. It is as "
            "it was"
        )
        raise NoSpaceError(message)


def back_up(source: IO[bytes], path: Path, schema: int, day: date) -> Path:
    """Copy a warehouse to its backups, of which the newest three are kept.

    Args:
        source: the file, open for reading, with nothing waiting to be written to it.
        path: where it is.
        schema: the number of its schema.
        day: of today.

    Returns:
        The copy, safely on the disk.
    """
    folder = path.parent / FOLDER
    target = folder / f"warehouse-{schema:03d}-{day}.duckdb"
    write_file(target, lambda file: _copy(source, file))
    for old in backups(path)[:-KEPT_BACKUPS]:
        old.unlink()
    return target


def backups(path: Path) -> list[Path]:
    """The backups of the warehouse at `path`, oldest first."""
    found = (path.parent / FOLDER).glob("warehouse-*.duckdb")
    return sorted(
        (p for p in found if _NAME.fullmatch(p.name)), key=lambda p: (p.stat().st_mtime_ns, p.name)
    )


def _copy(source: IO[bytes], path: Path) -> None:
    source.seek(0)
    with path.open("wb") as target:
        shutil.copyfileobj(source, target, _MEGABYTE)
