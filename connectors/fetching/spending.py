"""What has been spent of the request rates that platforms document, over all processes and runs.

Requests are counted in sixtieths of their span, so that a small file will do; one counts from
its start until a span after its end, for nobody knows when in between the server counted it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
from typing import TYPE_CHECKING, Any

from connectors.fetching.lockfile import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from connectors.contract import Allowance

_log = logging.getLogger(__name__)
_PARTS = 60
#: Of what a server grants, so much is left to other programs behind the same address.
_RESERVED_SHARE = 0.02
_ENDLESS = 1e12
#: Stands in a file for requests of every kind, as many as there may be, at one moment.
_EVERYTHING = "everything"
_LOCK_PATIENCE_SECONDS = 0.5
_MOST_BYTES = 1 << 20
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)

_Counts = dict[str, dict[int, int]]  # requests by allowance and part of its span


def reserve(limit: float | None) -> float:
    """Requests that are left to others: a fiftieth of the limit, one at least, never all.

    None where the limit is not told: it may be a single request.
    """
    if limit is None or not limit < _ENDLESS:  # nor is it a number
        return 0
    return max(min(max(1, math.ceil(limit * _RESERVED_SHARE)), limit - 1), 0)


class SpendingBook:
    """Requests made under documented rates, one small file a server.

    What a file counted that is damaged is taken for all that there was, made just now.

    Args:
        folder: shared with the other processes; None, or where it cannot be written, keeps
            the counts in memory for as long as this book lives.
        clock: tells the time, UTC.
    """

    def __init__(self, folder: Path | None, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock
        self._counts: dict[str, _Counts] = {}
        self._has_failed = False
        self._names = set(_names_in(folder)) if folder else set()

    def knows(self, server: str) -> bool:
        """Whether the server was noted by an earlier process."""
        return bool(self._names) and _name(server) in self._names

    def note(self, server: str) -> None:
        """Remember for later processes that the server has budgets."""
        if not self.knows(server):
            self._change(server, (), lambda _: None)

    def left(self, server: str, allowance: Allowance) -> float:
        """Requests that may still start now, as far as this process knows."""
        made = sum(count for _, count in self._living(server, allowance))
        return allowance.count - reserve(allowance.count) - made

    def back_in(self, server: str, allowance: Allowance) -> float:
        """Seconds until the first of the requests that count does so no longer."""
        ends = [_end(part, allowance) for part, _ in self._living(server, allowance)]
        return max(min(ends, default=0.0) - self._now(), 0.0)

    def spend(self, server: str, allowances: Sequence[Allowance]) -> bool:
        """Count a request that starts now; False, and nothing counted, when it must not."""
        started = False

        def start(counts: _Counts) -> None:
            nonlocal started
            started = all(self.left(server, allowance) >= 1 for allowance in allowances)
            for allowance in allowances if started else ():
                _add(counts, allowance, self._part(allowance))

        self._change(server, allowances, start)
        return started

    def lengthen(self, server: str, started_at: float, allowances: Sequence[Allowance]) -> None:
        """Count a request that has ended as one of now, though it started earlier."""
        late = [a for a in allowances if _part(started_at, a) != self._part(a)]

        def move(counts: _Counts) -> None:
            for allowance in late:
                _add(counts, allowance, _part(started_at, allowance), -1)
                _add(counts, allowance, self._part(allowance))

        if late:
            self._change(server, allowances, move)

    def _now(self) -> float:
        return self._clock().timestamp()

    def _part(self, allowance: Allowance) -> int:
        return _part(self._now(), allowance)

    def _living(self, server: str, allowance: Allowance) -> list[tuple[int, int]]:
        """Parts that still count; one far ahead tells of a clock that was wrong."""
        if server not in self._counts:
            self._change(server, (), lambda _: None)
        counts, now = self._counts[server], self._now()
        made = [(_part(at, allowance), allowance.count) for at in counts.get(_EVERYTHING, ())]
        return [
            (part, count)
            for part, count in (*made, *counts.get(_kind(allowance), {}).items())
            if count > 0 and now < _end(part, allowance) <= now + 2.5 * allowance.seconds
        ]

    def _change(
        self, server: str, allowances: Sequence[Allowance], change: Callable[[_Counts], None]
    ) -> None:
        """Read anew what other processes counted, change it, and write it whole."""
        if self._folder is None or self._has_failed:
            change(self._counts.setdefault(server, {}))
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / _name(server), _LOCK_PATIENCE_SECONDS) as descriptor:
                self._counts[server] = self._read(descriptor, server)
                change(self._counts[server])
                self._forget_past(server, allowances)
                _write(descriptor, server, self._counts[server])
        except OSError as error:
            self._has_failed = True
            _log.warning("requests are counted for this process alone: %s", error)
            change(self._counts.setdefault(server, {}))

    def _forget_past(self, server: str, allowances: Sequence[Allowance]) -> None:
        counts, now = self._counts[server], self._now()
        for allowance in allowances:
            made = counts.get(_kind(allowance), {}).items()
            kept = {part: count for part, count in made if now < _end(part, allowance)}
            counts[_kind(allowance)] = kept

    def _read(self, descriptor: int, server: str) -> _Counts:
        line, _, _ = os.pread(descriptor, _MOST_BYTES, 0).partition(b"\n")
        if not line:
            return self._counts.get(server, {})  # the file is new
        try:
            return _counts(line, server)
        except _DAMAGE as error:
            message = "the count of requests at %s is damaged; all are taken for made: %s"
            _log.warning(message, server, error)
            return {_EVERYTHING: {math.floor(self._now()): 1}}


def _names_in(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.glob("*.json")]
    except OSError:
        return []


def _name(server: str) -> str:
    return f"{hashlib.sha256(server.encode(errors='surrogatepass')).hexdigest()[:32]}.json"


def _kind(allowance: Allowance) -> str:
    return f"{allowance.kind} {allowance.count} in {allowance.seconds}"


def _part(moment: float, allowance: Allowance) -> int:
    return math.floor(moment * _PARTS / allowance.seconds)


def _end(part: int, allowance: Allowance) -> float:
    """When the requests of a part of the span count no longer."""
    return (part + 1) * allowance.seconds / _PARTS + allowance.seconds


def _add(counts: _Counts, allowance: Allowance, part: int, count: int = 1) -> None:
    made = counts.setdefault(_kind(allowance), {})
    made[part] = made.get(part, 0) + count


def _counts(content: bytes, server: str) -> _Counts:
    found: dict[str, Any] = json.loads(content)
    if found["server"] != server:
        message = "it is of another server"
        raise ValueError(message)
    return {
        str(kind): {int(part): int(count) for part, count in made.items()}
        for kind, made in found["made"].items()
    }


def _write(descriptor: int, server: str, counts: _Counts) -> None:
    # In place, for to rename costs ten times as much. Whoever is killed in between leaves a
    # whole line and a rest after it.
    line = json.dumps({"server": server, "made": counts}).encode("ascii") + b"\n"
    os.ftruncate(descriptor, os.pwrite(descriptor, line, 0))
