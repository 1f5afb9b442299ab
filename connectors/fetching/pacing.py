"""Politeness towards one host: how many requests at once, and how far apart they start."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from connectors.fetching.privatefolder import is_private, private_folder
from connectors.fetching.turnstile import Turnstile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_OWN_PARALLEL = 64
_MOST_REQUESTS = 1 << 30


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `parallel` requests at a time, starts at least `spacing_seconds` apart."""

    parallel: int
    spacing_seconds: float

    @property
    def is_shared(self) -> bool:
        """Whether processes must agree on it; so wide a pace as that of our own hosts is not."""
        return self.spacing_seconds > 0 or self.parallel < _OWN_PARALLEL


#: For other people's servers (Open RSS asks for 1-2 s; Media Cloud allows two at once).
PUBLIC_PACE = Pace(parallel=2, spacing_seconds=1.0)
#: For hosts that the operator named as their own with --allow-host.
OWN_PACE = Pace(parallel=_OWN_PARALLEL, spacing_seconds=0.0)


class Pacer:
    """Gives each host its turns; one per event loop.

    A host is asked no faster than its pace, by all tasks of this process together and, given
    a folder, by all processes that use the same one. Tasks of a process are served in the
    order of asking; processes that wait for one host take turns. A turn ends with its task or
    its process, whatever ends it.

    Args:
        folder: where processes share turns (`default_folder`); None: this process alone.

    Raises:
        OSError: the folder cannot be used, or others can write in it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._queues: dict[str, _Queue] = {}
        self._free: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._turnstile = Turnstile(folder) if folder else None
        self._unbounded = asyncio.Semaphore(_MOST_REQUESTS)

    @asynccontextmanager
    async def turn(
        self, host: str, pace: Pace, room: asyncio.Semaphore | None = None
    ) -> AsyncIterator[None]:
        """Wait for a turn at `host` and hold it while the request runs.

        Args:
            host: whose turn it is.
            pace: of this request; the next one may have another.
            room: bounds the requests to all hosts. It is entered in the moment of the start:
                a wait for room after the turn has come would bring starts together again.

        Raises:
            OSError: the folder can no longer be used.
        """
        room = room or self._unbounded
        if not pace.is_shared:
            # A line of which only the head asks would let requests start one by one.
            free = self._free.setdefault((host, pace.parallel), asyncio.Semaphore(pace.parallel))
            async with free, room:
                yield
            return
        queue = self._queues.setdefault(host, _Queue())
        place = self._place(host, pace, queue)
        try:
            await queue.wait(place, pace.parallel, room)
            yield
        finally:
            queue.leave(place, room)

    def _place(self, host: str, pace: Pace, queue: _Queue) -> _Place:
        if self._turnstile is None:
            return _OwnPlace(queue, pace)
        return self._turnstile.place(host, pace)


def default_folder(runtime_dir: str) -> Path:
    """Where all processes of this user on this machine share their turns; made if need be.

    Args:
        runtime_dir: the value of XDG_RUNTIME_DIR, "" when it has none. A folder that is not
            ours alone to write in is passed over for one among the temporary files.

    Raises:
        OSError: the folder belongs to another user, can be written by others, or cannot be
            made.
    """
    runtime = Path(runtime_dir)
    if runtime.is_absolute() and is_private(runtime):
        own = runtime / "barograph"
    else:
        own = Path(tempfile.gettempdir()) / f"barograph-{os.geteuid()}"
    return private_folder(private_folder(own) / "pacing")


class _Place(Protocol):
    """One request's place in the line at a host."""

    def wait_seconds(self) -> float: ...

    def leave(self) -> None: ...


@dataclass(slots=True)
class _Queue:
    """The tasks of this process at one host; only the head asks whether its turn has come."""

    head: asyncio.Lock = field(default_factory=asyncio.Lock)
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)
    running: list[_Place] = field(default_factory=list)
    started_at: float = float("-inf")

    async def wait(self, place: _Place, parallel: int, room: asyncio.Semaphore) -> None:
        async with self.head:
            while len(self.running) >= parallel:
                self.has_ended.clear()
                await self.has_ended.wait()
            # Another process that ends its turn sets no event of ours.
            while (seconds := await _ask(place, room)) > 0:  # noqa: ASYNC110
                await asyncio.sleep(seconds)
            self.running.append(place)

    def leave(self, place: _Place, room: asyncio.Semaphore) -> None:
        if place in self.running:
            self.running.remove(place)
            self.has_ended.set()
            room.release()
        place.leave()


async def _ask(place: _Place, room: asyncio.Semaphore) -> float:
    """Ask for the turn while there is room, which is kept when the turn has come."""
    await room.acquire()
    seconds = -1.0
    try:
        seconds = place.wait_seconds()
    finally:
        if seconds != 0:
            room.release()
    return seconds


@dataclass(slots=True, eq=False)
class _OwnPlace:
    """A place where only this process asks: its spacing is all there is to wait for."""

    _queue: _Queue
    _pace: Pace

    def wait_seconds(self) -> float:
        now = time.monotonic()
        seconds = self._queue.started_at + self._pace.spacing_seconds - now
        if seconds <= 0:
            self._queue.started_at = now
        return max(seconds, 0.0)

    def leave(self) -> None:
        """Whoever runs is known to the queue; there is nobody else to tell."""
