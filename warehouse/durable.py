"""Files that are either whole or not there: written beside their place, then renamed."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Names of files that were being written when a process died; they may be removed.
UNFINISHED_SUFFIX = ".unfinished"


def write_file(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a new file, and put it in its place once it is safely on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}{UNFINISHED_SUFFIX}")
    try:
        write(unfinished)
        sync(unfinished)
    except OSError:  # a full disk: what is half written would take room for ever
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)
    sync(path.parent)


def write_text(path: Path, text: str) -> None:
    """Replace the text of a file in one step (UTF-8)."""
    write_file(path, lambda unfinished: _write_text(unfinished, text))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="")


def sync(path: Path) -> None:
    """Make sure that a file or folder survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
