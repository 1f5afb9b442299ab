"""Simulated time for real processes: a clock that jumps between runs and runs fast within them.

All processes of a soak run, the server included, tell the same time: it is computed from the
monotonic clock of the machine, which they share, and three numbers handed on by the environment.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

VARIABLE = "SOAK_CLOCK"


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells simulated time (UTC).

    Attributes:
        begun_at: the simulated moment at `started`, in seconds since 1970.
        started: the same moment on the machine's monotonic clock, in seconds.
        speed: simulated seconds that pass in one second.
    """

    begun_at: float
    started: float
    speed: float

    @classmethod
    def at(cls, moment: datetime, speed: float) -> Self:
        """A clock that shows `moment` now."""
        return cls(moment.timestamp(), time.monotonic(), speed)

    @classmethod
    def read(cls, text: str) -> Self:
        """The clock that `text` describes."""
        return cls(*map(float, text.split()))

    @property
    def text(self) -> str:
        """The clock as the environment hands it on."""
        return f"{self.begun_at!r} {self.started!r} {self.speed!r}"

    def now(self) -> datetime:
        """The simulated moment."""
        passed = (time.monotonic() - self.started) * self.speed
        return datetime.fromtimestamp(self.begun_at, UTC) + timedelta(seconds=passed)

    def until(self, moment: datetime) -> Clock:
        """A clock that shows `moment` now; one that is later already goes on as it is."""
        return self if self.now() >= moment else Clock.at(moment, self.speed)


class _Datetime:
    """Stands for the class `datetime` in a module: all of it is the same, but for the present."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self, zone: Any = None) -> datetime:  # noqa: ANN401 - as the library has it
        return self._clock.now().astimezone(zone)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the library has it
        return getattr(datetime, name)


def install() -> None:
    """Have Barograph in this process see simulated time, and pause as much shorter.

    These are the places where a run reads the present, and its pauses between two tries; turns at
    hosts and deadlines of requests stay as they are.
    """
    import connectors.fetching.client
    import flows.agenda
    import flows.clock
    import warehouse.load

    clock = Clock.read(os.environ[VARIABLE])  # noqa: TID251 - no setting of Barograph
    for module in (flows.clock, connectors.fetching.client, warehouse.load):
        module.datetime = _Datetime(clock)  # type: ignore[attr-defined]
    flows.agenda.RETRY_PAUSES = tuple(  # type: ignore[misc]
        seconds / clock.speed for seconds in flows.agenda.RETRY_PAUSES
    )
