"""Who asked us to stay away, and until when: kept for all processes, and over restarts."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.fetching.holds import LONGEST_HOLD
from connectors.fetching.lockfile import locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_log = logging.getLogger(__name__)
_LOCK_NAME = "lock"
#: A process may have been stopped while it held the lock; others must not stop with it.
_LOCK_PATIENCE_SECONDS = 0.5
#: A file made within one tick of the clock (10 ms at most) leaves a folder's time as it was.
_SETTLED_NS = 50_000_000
_MOST_BYTES = 1 << 16
_MOST_REASON_CHARACTERS = 500
#: What reading a file can end in that is not what we wrote.
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Hold:
    """A wish to be left alone.

    `key` says whose: a host, or the URL of one route of a host of our own. `until` is UTC.
    """

    key: str
    until: datetime
    reason: str


class HoldBook:
    """The holds in force, one small file each, so that every process sees those of all.

    A hold lasts 31 days at most (`LONGEST_HOLD`). One that reaches further was written by a
    clock that was wrong, or is read by one: it is ignored until it is less far.

    Args:
        folder: where the holds are kept, made if need be; None keeps them in memory, for as
            long as this book lives.
        clock: tells the time, UTC.

    Raises:
        OSError: the folder cannot be used; the message says why.
    """

    def __init__(self, folder: Path | None, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock
        self._kept: dict[str, Hold] = {}  # without a folder, or while it cannot be written
        self._reported: set[str] = set()
        self._looked_at: tuple[int, bool] = (-1, False)  # the folder's time, whether it was empty
        if folder:
            _prepare(folder)

    def hold(self, key: str, until: datetime, reason: str) -> None:
        """Stay away from `key` until then; never shortens a hold that is in force.

        A hold that cannot be written is kept for this process alone, with a warning.
        """
        now = self._clock()
        until = min(until, now + LONGEST_HOLD).astimezone(UTC)
        hold = Hold(key, until, reason[:_MOST_REASON_CHARACTERS])
        if hold.until <= now:
            return
        try:
            self._lengthen(hold)
        except OSError as error:
            _log.warning("the hold of %s is kept for this process alone: %s", key, error)
            self._keep(hold)

    def held(self, key: str) -> Hold | None:
        """The hold of `key` that is in force, as the last process to write it left it.

        Raises:
            OSError: it cannot be read, so nobody can say that there is none.
        """
        if not self._kept and self._is_empty():
            return None
        now = self._clock()
        holds = [
            hold
            for hold in (self._kept.get(key), self._read(_name(key), now))
            if hold and now < hold.until <= now + LONGEST_HOLD
        ]
        return max(holds, key=_end, default=None)

    def _is_empty(self) -> bool:
        """Whether nobody has written a hold, as is the rule; asked twice for every request."""
        if self._folder is None:
            return True
        try:
            changed_ns = self._folder.stat().st_mtime_ns
        except OSError:
            return False  # whoever reads finds out what is wrong
        if changed_ns != self._looked_at[0]:
            is_settled = time.time_ns() - changed_ns > _SETTLED_NS
            is_empty = not any(self._folder.glob("*.json"))
            self._looked_at = (changed_ns if is_settled else -1, is_empty)
        return self._looked_at[1]

    def current(self) -> list[Hold]:
        """All holds in force, the first to end first.

        Raises:
            OSError: as `held`.
        """
        keys = self._kept.keys() | self._written_keys()
        return sorted(filter(None, map(self.held, keys)), key=_end)

    def _keep(self, hold: Hold) -> None:
        known = self._kept.get(hold.key, hold)
        self._kept[hold.key] = max(hold, known, key=_end)

    def _lengthen(self, hold: Hold) -> None:
        if self._folder is None:
            self._keep(hold)
            return
        with locked(self._folder / _LOCK_NAME, _LOCK_PATIENCE_SECONDS):
            known = self.held(hold.key)
            if known is None or known.until < hold.until:
                _write(self._folder / _name(hold.key), hold)

    def _written_keys(self) -> set[str]:
        now = self._clock()
        paths = self._folder.glob("*.json") if self._folder else ()
        return {hold.key for path in paths if (hold := self._read(path.name, now))}

    def _read(self, name: str, now: datetime) -> Hold | None:
        """The hold in the file `name`; removes the file when it is past."""
        content = _content(f"{self._folder}/{name}") if self._folder else None
        if content is None:
            return None
        try:
            hold = _hold(content, name)
        except _DAMAGE as error:
            self._report(name, error)
            return None
        if hold.until <= now:
            self._remove(name, content)
        return hold

    def _remove(self, name: str, content: bytes) -> None:
        """Remove a file unless another process has written it anew."""
        assert self._folder
        path = self._folder / name
        with suppress(OSError), locked(self._folder / _LOCK_NAME):
            if path.read_bytes() == content:
                path.unlink()

    def _report(self, name: str, error: Exception) -> None:
        if name not in self._reported:
            self._reported.add(name)
            _log.warning("%s/%s is damaged and holds nobody: %s", self._folder, name, error)


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            _try_lock(folder)
    except OSError as error:
        message = f"no holds can be kept in {folder}: {error.strerror or error}"
        raise OSError(message) from error


def _try_lock(folder: Path) -> None:
    with suppress(BlockingIOError), locked(folder / _LOCK_NAME):
        """That another process holds it right now is proof enough."""


def _name(key: str) -> str:
    return f"{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:32]}.json"


def _end(hold: Hold) -> datetime:
    return hold.until


def _content(path: str) -> bytes | None:
    """What is in the file; None without one. Most keys have none, and that takes 3 µs."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return os.read(descriptor, _MOST_BYTES)
    finally:
        os.close(descriptor)


def _hold(content: bytes, name: str) -> Hold:
    found = json.loads(content)
    until = datetime.fromisoformat(found["until"])
    if until.tzinfo is None or _name(found["key"]) != name:
        message = "it has no time zone, or another file's key"
        raise ValueError(message)
    return Hold(found["key"], until.astimezone(UTC), str(found["reason"]))


def _write(path: Path, hold: Hold) -> None:
    # Not synced to disk: a hold that a power cut takes is one that the server renews.
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(hold) | {"until": hold.until.isoformat()}), "ascii")
    unfinished.replace(path)
