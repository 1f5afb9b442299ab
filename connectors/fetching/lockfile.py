"""Locks that processes take on files. The kernel frees them when a process dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RETRY_SECONDS = 0.001


def take(path: Path) -> int:
    """Lock the file at `path`, made if need be, without waiting; its descriptor.

    Raises:
        BlockingIOError: another holds the lock.
        OSError: the file cannot be made, or its file system knows no locks.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # its last holder removed it: what is there now is another file


def give_back(descriptor: int) -> None:
    """Free a lock and close its file."""
    # To close is not enough: a child that was forked meanwhile has the same open file.
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock of the file at `path`; False where there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def locked(path: Path, patience_seconds: float = 0.0) -> Iterator[int]:
    """The descriptor of the file at `path`, locked for as long as the block runs.

    Raises:
        BlockingIOError: another held the lock for longer than `patience_seconds`.
        OSError: as `take`.
    """
    descriptor = _take_within(path, patience_seconds)
    try:
        yield descriptor
    finally:
        give_back(descriptor)


def _take_within(path: Path, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            return take(path)
        except BlockingIOError:
            time.sleep(_RETRY_SECONDS)
    return take(path)
