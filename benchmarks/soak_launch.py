"""Starting the command as a process of its own, killing it, and what it cost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SCRIPT = Path(__file__).with_name("soak_process.py")
_LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        code: its exit code, negative for a signal.
        output: what it wrote, errors included.
        seconds: how long it lived.
        peak_megabytes: most memory of the process itself (10^6 bytes), up to a hundredth of a
            second before its end; 0 when not measured.
    """

    code: int
    output: str
    seconds: float
    peak_megabytes: float = 0.0

    @property
    def is_killed(self) -> bool:
        """Whether our signal ended it."""
        return self.code == -signal.SIGKILL


class Launcher(Protocol):
    """Starts a command, and kills it with all that it started after some seconds."""

    def __call__(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        kill_after: float = PATIENCE_SECONDS,
    ) -> Ended:
        """Wait for its end, or kill it."""


def launch(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    kill_after: float = PATIENCE_SECONDS,
) -> Ended:
    """A `Launcher` of wholly new processes."""
    output = folder.with_name("output.txt")
    with output.open("wb") as file:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, str(_SCRIPT), *arguments],
            cwd=folder,
            env=whole_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        code, peak_bytes = _await_end(process, started + kill_after)
    seconds = time.monotonic() - started
    return Ended(code, output.read_text("utf-8", "replace"), seconds, peak_bytes / 1e6)


def whole_environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process: ours without settings of Barograph, and more."""
    ours = ("BAROGRAPH_", "PREFECT_")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(ours)}  # noqa: TID251 - for a child
    return kept | {"COLUMNS": "140", "OMP_NUM_THREADS": "1"} | dict(more)


def _await_end(process: subprocess.Popen[bytes], deadline: float) -> tuple[int, int]:
    """Exit code and most memory in bytes; the whole group is killed at the deadline."""
    peak_bytes = 0
    while process.poll() is None:
        peak_bytes = max(peak_bytes, _peak_bytes(process.pid))
        if time.monotonic() >= deadline:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(_LOOK_SECONDS)
    return process.returncode, peak_bytes


def _peak_bytes(process_id: int) -> int:
    """Most memory of a living process so far; 0 when it has just ended.

    What `wait4` tells of a child is no less than what its parent held when it started it.
    """
    lines = Path(f"/proc/{process_id}/status").read_text("ascii", "replace").splitlines()
    kilobytes = (int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return next(kilobytes, 0) * 1024
