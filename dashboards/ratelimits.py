"""At most so many events of one client within a span of time."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_CLIENTS = 10_000  #: remembered; those not heard of the longest are forgotten first


class RateLimit:
    """Counts the events of each client, in this process.

    Args:
        most: events of one client within the span.
        seconds: the span.
        clock: tells seconds; only differences matter.
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._events: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_seconds(self, client: str) -> int:
        """Whole seconds until the client may do it again; 0 where it may now."""
        with self._lock:
            return self._wait(client)

    def take(self, client: str) -> int:
        """Count one event if the client may do it now; returns as `wait_seconds` did before."""
        with self._lock:
            wait = self._wait(client)
            if not wait:
                self._count(client)
            return wait

    def _wait(self, client: str) -> int:
        now, events = self._clock(), self._events.get(client, deque())
        while events and events[0] <= now - self._seconds:
            events.popleft()
        if len(events) < self._most:
            return 0
        return max(1, math.ceil(events[0] + self._seconds - now))

    def _count(self, client: str) -> None:
        self._events.setdefault(client, deque()).append(self._clock())
        self._events.move_to_end(client)
        while len(self._events) > MOST_CLIENTS:
            self._events.popitem(last=False)
