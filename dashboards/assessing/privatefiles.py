"""Files that only the user who runs the dashboard can read, whole or not at all."""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING

from warehouse.durable import UNFINISHED_SUFFIX, sync

if TYPE_CHECKING:
    from pathlib import Path

_FILE_MODE, _FOLDER_MODE = 0o600, 0o700
_DAY_SECONDS = 86_400


def write_private(path: Path, text: str) -> None:
    """Put a file in its place in one step, and replace one that is there."""
    unfinished = _unfinished(path, text)
    unfinished.replace(path)
    sync(path.parent)


def create_private(path: Path, text: str) -> bool:
    """Put a file in its place unless there is one; returns whether it was put there."""
    unfinished = _unfinished(path, text)
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    sync(path.parent)
    return True


def remove_older(folder: Path, days: int) -> None:
    """Remove files that were last written longer ago, unfinished ones among them."""
    oldest = time.time() - days * _DAY_SECONDS
    for path in folder.glob("*"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _unfinished(path: Path, text: str) -> Path:
    """A file of its own for each writer: two that write the same do not meet."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}{UNFINISHED_SUFFIX}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return unfinished
