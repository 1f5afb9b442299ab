"""Runs `barograph` and writes down what each part of a run took.

    python benchmarks/scale_parts.py PARTS.json run --now

The same process as the command starts, with a stopwatch around the functions that
`flows.job` calls, which are named below. Linux only: it resets the mark of the highest memory.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: What is timed: part, module, and the name by which that module calls it.
_PARTS = (
    ("beginning", "flows.job", "_begin"),
    ("planning", "flows.job", "plan"),
    ("collecting", "flows.job", "collect_directly"),
    ("building", "flows.job", "build_signals"),
    ("estimating", "flows.job", "estimate"),
    ("comparing", "flows.job", "compare_stages"),
    ("publishing", "flows.job", "publish"),
    ("keeping to limits", "flows.job", "keep_to_limits"),
    ("alerts", "flows.job", "_watch"),
    # within others
    ("training", "flows.train", "the_model"),
    ("loading", "flows.collect", "load_landed"),
)


@dataclass(slots=True)
class Part:
    """What one part of a run took in this process, all its calls together.

    `peak_megabytes` is the highest resident memory of this process since the part before ended.
    """

    calls: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_megabytes: float = 0.0


def _timed(function: Callable[..., Any], part: Part) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the function is
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return function(*args, **named)
        finally:
            part.calls += 1
            part.wall_seconds += time.perf_counter() - wall
            part.cpu_seconds += time.process_time() - cpu
            part.peak_megabytes = max(part.peak_megabytes, _highest_megabytes())
            Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far

    return call


def _highest_megabytes() -> float:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))


def _watch_parts() -> dict[str, Part]:
    found: dict[str, Part] = {}
    for name, module_name, function in _PARTS:
        module = import_module(module_name)
        part = found[name] = Part()
        setattr(module, function, _timed(getattr(module, function), part))
    return found


def main() -> None:
    """Do what the command line after the first word says."""
    path = Path(sys.argv[1])
    sys.argv = ["barograph", *sys.argv[2:]]
    started = time.perf_counter()
    from flows.cli import main as barograph
    from flows.kept_out import keep_out

    keep_out("pandas")  # as the command does, before anything is imported
    found = _watch_parts()
    try:
        barograph()
    finally:
        told = {name: asdict(part) for name, part in found.items()}
        whole = Part(1, time.perf_counter() - started, time.process_time())
        path.write_text(json.dumps(told | {"whole": asdict(whole)}, indent=1))


if __name__ == "__main__":
    main()
