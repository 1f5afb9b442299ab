"""What a command costs: time, processor time and memory of it and all its children.

Linux only: it reads `/proc`.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import resource
    from collections.abc import Iterator, Sequence

SAMPLE_SECONDS = 0.25  #: looking costs the watched process time of its own
_PR_SET_CHILD_SUBREAPER = 36  #: from linux/prctl.h


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The bill for one command.

    `cpu_seconds` is user and system time of the process and every descendant, also those
    that ended after it. `peak_megabytes` (10^6 bytes) is the largest sum of proportional memory
    (PSS) over the process tree, sampled every 250 ms: a page that is shared counts once.
    """

    elapsed_seconds: float
    cpu_seconds: float
    peak_megabytes: float

    def __add__(self, later: Usage) -> Usage:
        """The bill for two commands, one after the other."""
        return Usage(
            elapsed_seconds=self.elapsed_seconds + later.elapsed_seconds,
            cpu_seconds=self.cpu_seconds + later.cpu_seconds,
            peak_megabytes=max(self.peak_megabytes, later.peak_megabytes),
        )


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ended well: its bill and what it wrote to standard output."""

    usage: Usage
    output: str


class CommandFailedError(Exception):
    """A measured command ended with an error; the message holds the end of what it said."""


def run_measured(command: Sequence[str], folder: Path) -> Completed:
    """Run `command` to its end in `folder`, which is also its home, and account for it.

    The environment holds nothing else, so that no setting of the user changes the result.

    Raises:
        CommandFailedError: the exit code is not 0.
    """
    output, errors = folder / "stdout.txt", folder / "stderr.txt"
    with output.open("wb") as out, errors.open("wb") as err, _orphans_are_ours():
        others = _children(os.getpid())
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdout=out, stderr=err
        )
        usage = _wait(process, started, others)
    if process.returncode:
        said = (output.read_text("utf-8", "replace") + errors.read_text("utf-8", "replace"))[-2000:]
        message = f"{command[0]} ended with exit code {process.returncode}: {said}"
        raise CommandFailedError(message)
    return Completed(usage, output.read_text("utf-8", "replace"))


def _environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "LANG": "C.UTF-8", "PATH": os.defpath, "TERM": "dumb"}


def _wait(process: subprocess.Popen[bytes], started: float, others: set[int]) -> Usage:
    sampler = _MemorySampler(process.pid)
    sampler.start()
    _, status, spent = os.wait4(process.pid, 0)
    elapsed_seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return Usage(
        elapsed_seconds=elapsed_seconds,
        cpu_seconds=_cpu_seconds(spent) + _wait_for_orphans(others),
        peak_megabytes=sampler.stop() / 1e6,
    )


@contextmanager
def _orphans_are_ours() -> Iterator[None]:
    """Make what a command leaves behind our child; else nobody could say what it cost.

    Python's own fork server is such a process: its parent does not wait for it.
    """
    _set_subreaper(is_on=True)
    try:
        yield
    finally:
        _set_subreaper(is_on=False)


def _set_subreaper(*, is_on: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, int(is_on), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _wait_for_orphans(others: set[int]) -> float:
    """CPU seconds of the processes that have become our children; `others` are not meant."""
    cpu_seconds = 0.0
    while orphans := _children(os.getpid()) - others:
        _, _, spent = os.wait4(orphans.pop(), 0)
        cpu_seconds += _cpu_seconds(spent)
    return cpu_seconds


def _cpu_seconds(spent: resource.struct_rusage) -> float:
    return spent.ru_utime + spent.ru_stime


class _MemorySampler(Thread):
    """Watches the memory of a process and its descendants, each page of it counted once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = Event()
        self._peak_bytes = 0

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            used = sum(map(_proportional_bytes, _tree(self._pid)))
            self._peak_bytes = max(self._peak_bytes, used)

    def stop(self) -> int:
        """End the watch; the peak in bytes."""
        self._ended.set()
        self.join()
        return self._peak_bytes


def _tree(pid: int) -> Iterator[int]:
    """The process and its descendants."""
    yield pid
    for child in _children(pid):
        yield from _tree(child)


def _children(pid: int) -> set[int]:
    """Children of all threads of a process; none when it has ended."""
    found: set[int] = set()
    with suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found.update(map(int, children.read_text().split()))
    return found


def _proportional_bytes(pid: int) -> int:
    """Memory of a process in which a page that n processes share counts 1/n; 0 when it ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    kilobytes = (int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return next(kilobytes, 0) * 1024
