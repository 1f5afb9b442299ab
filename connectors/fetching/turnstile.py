"""Turns at hosts for all processes that use one folder.

The folder holds a file for each host (the `Line`, changed only under its lock), an empty file
for each ticket (there until its turn ends) and a file for each process (locked until it dies).
A ticket counts while both of its files do, so a process that is killed leaves no turn taken.
No lock is waited for: a process that was stopped while it held one must not stop others.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import secrets
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.fetching.line import ask, read_line
from connectors.fetching.lockfile import give_back, is_locked, locked, take
from connectors.fetching.privatefolder import private_folder

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.fetching.line import Line
    from connectors.fetching.pacing import Pace

#: A line is locked for some 50 µs, so this is nearly always enough.
_BUSY_SECONDS = 0.002
#: Files that nobody touched for a day were left by processes that were killed, or are lines
#: of hosts that nobody asks any more.
_LEFT_BEHIND_SECONDS = 86_400
_MOST_BYTES = 1 << 20


class Turnstile:
    """One process at the turnstiles of all hosts.

    Args:
        folder: shared with the other processes; nobody else may write there.

    Raises:
        OSError: the folder cannot be used; the message says why.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        try:
            self._enlist()
        except OSError as error:
            message = f"no turns at hosts can be shared in {folder}: {error.strerror or error}"
            raise OSError(message) from error
        _sweep(folder)

    def _enlist(self) -> None:
        self._name = secrets.token_hex(8)
        path = private_folder(self._folder) / self._name
        self._resign = weakref.finalize(self, _resign, path, take(path), os.getpid())

    def place(self, host: str, pace: Pace) -> Place:
        """A place in the line at `host`, for one request."""
        name = hashlib.sha256(host.encode(errors="surrogatepass")).hexdigest()[:32]
        return Place(self, self._folder / f"{name}.line", pace)

    def draw(self) -> str:
        """A ticket that nobody else has."""
        ticket = f"{self._name}.{next(self._numbers)}"
        (self._folder / ticket).touch(exist_ok=False)
        return ticket

    def discard(self, ticket: str) -> None:
        """Give up the ticket, and the turn that it may have."""
        (self._folder / ticket).unlink(missing_ok=True)

    def is_present(self, ticket: str) -> bool:
        """Whether the ticket has not been given up and its process lives."""
        path = self._folder / ticket
        if not path.exists():
            return False
        if is_locked(path.with_suffix("")):
            return True
        path.unlink(missing_ok=True)
        return False

    def re_enlist(self) -> None:
        """Begin anew after the folder was removed under us, by a cleaner of old files, say."""
        self._resign()
        self._enlist()


@dataclass(slots=True, eq=False)
class Place:
    """One request's place in the line at a host, in all processes."""

    _turnstile: Turnstile
    _path: Path
    _pace: Pace
    _ticket: str = ""

    def wait_seconds(self) -> float:
        """Ask for the turn: 0 when it has come, else when to ask again.

        Raises:
            OSError: the folder can no longer be used.
        """
        try:
            with locked(self._path) as descriptor:
                return self._ask(descriptor)
        except BlockingIOError:
            return _BUSY_SECONDS
        except FileNotFoundError:
            self._ticket = ""
            self._turnstile.re_enlist()
            return _BUSY_SECONDS

    def _ask(self, descriptor: int) -> float:
        self._ticket = self._ticket or self._turnstile.draw()
        now = time.monotonic()
        line = read_line(os.pread(descriptor, _MOST_BYTES, 0), now)
        line, seconds = ask(line, self._ticket, self._pace, now, self._turnstile.is_present)
        _write(descriptor, line)
        return seconds

    def leave(self) -> None:
        """End the turn, or give up waiting for it."""
        if self._ticket:
            self._turnstile.discard(self._ticket)


def _write(descriptor: int, line: Line) -> None:
    # In this order: whoever is killed in between leaves a whole line and a rest after it.
    os.ftruncate(descriptor, os.pwrite(descriptor, line.written(), 0))


def _resign(path: Path, descriptor: int, process_id: int) -> None:
    if os.getpid() == process_id:  # no child that was forked resigns for its parent
        path.unlink(missing_ok=True)
        give_back(descriptor)


def _sweep(folder: Path) -> None:
    oldest = time.time() - _LEFT_BEHIND_SECONDS
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError, BlockingIOError):
                if entry.stat().st_mtime < oldest:
                    _remove(folder / entry.name)


def _remove(path: Path) -> None:
    with locked(path):
        path.unlink()
