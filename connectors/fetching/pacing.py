"""Politeness towards one host: how many requests at once, and how far apart they start."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `parallel` requests at a time, starts at least `spacing_seconds` apart."""

    parallel: int
    spacing_seconds: float


#: For other people's servers (Open RSS asks for 1-2 s; Media Cloud allows two at once).
PUBLIC_PACE = Pace(parallel=2, spacing_seconds=1.0)
#: For hosts that the operator named as their own with --allow-host.
OWN_PACE = Pace(parallel=64, spacing_seconds=0.0)


@dataclass(slots=True)
class _Turn:
    pace: Pace
    free: asyncio.Semaphore
    next_start: float = 0.0


@dataclass(slots=True)
class Pacer:
    """Gives each host its turns; one per event loop."""

    _turns: dict[str, _Turn] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, host: str, pace: Pace) -> AsyncIterator[None]:
        """Wait for a turn at `host` and hold it while the request runs."""
        turn = self._turns.setdefault(host, _Turn(pace, asyncio.Semaphore(pace.parallel)))
        async with turn.free:
            await self._wait(turn)
            yield

    async def _wait(self, turn: _Turn) -> None:
        clock = asyncio.get_running_loop().time
        start = max(clock(), turn.next_start)
        turn.next_start = start + turn.pace.spacing_seconds
        if (seconds := start - clock()) > 0:
            await asyncio.sleep(seconds)
