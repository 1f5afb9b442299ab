"""Folders in which nobody but this user can write, so that nobody else can mislead us."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def private_folder(folder: Path) -> Path:
    """`folder`, made if need be with mode 0700.

    Raises:
        OSError: it cannot be made, or what is there is no folder, belongs to another user or
            can be written by others.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    if fault := _fault(folder.lstat()):
        message = f"{folder} {fault}: remove it, or name another folder"
        raise PermissionError(message)
    return folder


def is_private(folder: Path) -> bool:
    """Whether `folder` exists, is ours, and cannot be written by others."""
    try:
        return not _fault(folder.lstat())
    except OSError:
        return False


def _fault(found: os.stat_result) -> str:
    if not stat.S_ISDIR(found.st_mode):
        return "is no folder"
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    return "can be written by others" if found.st_mode & _WRITABLE_BY_OTHERS else ""
