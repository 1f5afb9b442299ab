"""What a process and all that it started hold in memory, shared pages counted by their share."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAMPLE_SECONDS = 0.05


class PeakMemory:
    """The highest sum of PSS that was sampled: what each process then held, the first one first."""

    def __init__(self) -> None:
        self.each_pss_bytes: list[int] = []

    @property
    def pss_bytes(self) -> int:
        """The sum."""
        return sum(self.each_pss_bytes)

    def sample(self, process_id: int) -> None:
        """Look at a process tree once."""
        sizes = [pss_bytes(each) for each in family(process_id)]
        if sum(sizes) > self.pss_bytes:
            self.each_pss_bytes = sizes


@contextmanager
def measured_growth() -> Iterator[list[int]]:
    """How far this process's memory rises above what it holds now: one number, at the end."""
    growth: list[int] = []
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far (Linux)
    before = _highest_bytes()
    yield growth
    growth.append(_highest_bytes() - before)


@contextmanager
def watching_memory(process_id: int) -> Iterator[PeakMemory]:
    """Samples a process tree twenty times a second."""
    peak, done = PeakMemory(), threading.Event()

    def sample() -> None:
        while not done.wait(_SAMPLE_SECONDS):
            peak.sample(process_id)

    sampling = threading.Thread(target=sample)
    sampling.start()
    try:
        yield peak
    finally:
        done.set()
        sampling.join()


def family(process_id: int) -> list[int]:
    """A process and its descendants."""
    children: list[int] = []
    with suppress(OSError):
        for listed in Path(f"/proc/{process_id}/task").glob("*/children"):
            children += map(int, listed.read_text().split())
    return [process_id, *(each for child in children for each in family(child))]


def pss_bytes(process_id: int) -> int:
    """Proportional set size (Linux: smaps_rollup); 0 for a process that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0


def _highest_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
