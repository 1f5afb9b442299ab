"""What it costs to give a batch to a worker: Dask directly, or Prefect's task runners.

Run as `python benchmarks/spreading.py`; docs/performance.md says what is measured. Linux only.
Exit codes: 0 all measured, 1 somebody failed or lost a task, 2 a usage error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from accounting import CommandFailedError, Usage, run_measured
from documents import table, write_section
from scale_growth import line_through

ENVIRONMENT = Path.home() / ".cache" / "barograph" / "prefect-dask"
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
OWN_WAYS = ("dask", "prefect-threads", "prefect-processes")
PEER = "prefect-dask"
_STEP = Path(__file__).with_name("spreading_step.py")
#: Found where it was installed alone: all that it needs is here already.
_WITH_PEER = "import runpy, sys; sys.path.append(sys.argv.pop(1)); sys.argv.pop(0); {run}"
_RUN = "runpy.run_path(sys.argv[0], run_name='__main__')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One way of giving so many tasks to two workers."""

    way: str
    task_count: int
    task_seconds: float  #: from the first task given to the last result, workers being up
    usage: Usage  #: of the whole command with all its processes


class Overhead(NamedTuple):
    """What one more task costs, and what is there without any."""

    task_milliseconds: float
    task_cpu_milliseconds: float
    fixed_cpu_seconds: float


def main() -> int:
    """Measure all ways; the exit code."""
    options = _read_options()
    ways = [*OWN_WAYS, *([PEER] if _peer_folder(options) else [])]
    try:
        found = [_measure(way, count) for way in ways for count in options.tasks]
    except CommandFailedError as error:
        print(error, file=sys.stderr)
        return 1
    told = markdown(found)
    if PEER not in ways:
        told += "\nprefect-dask is not installed and was not measured (`--install-peers`).\n"
    print(told)
    if options.write:
        write_section(DOCUMENT, "spreading", told)
    return 0


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("--tasks", type=_two_counts, default=(20, 300), metavar="FEW,MANY", help="(20,300)")
    option("--install-peers", action="store_true", help=f"install prefect-dask in {ENVIRONMENT}")
    option("--write", action="store_true", help="renew the table in docs/performance.md")
    return parser.parse_args()


def _two_counts(text: str) -> tuple[int, ...]:
    few, many = map(int, text.split(","))
    if not 0 < few < many:
        message = "two numbers of tasks, the smaller one first"
        raise argparse.ArgumentTypeError(message)
    return few, many


def _peer_folder(options: argparse.Namespace) -> Path | None:
    if options.install_peers and not ENVIRONMENT.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(ENVIRONMENT), "prefect-dask"], check=True)
    return ENVIRONMENT if ENVIRONMENT.exists() else None


def _measure(way: str, task_count: int) -> Measurement:
    words = [str(_STEP), way, str(task_count)]
    command = [sys.executable, *words]
    if way == PEER:
        program = _WITH_PEER.format(run=_RUN)
        command = [sys.executable, "-c", program, str(ENVIRONMENT), *words]
    with TemporaryDirectory(prefix="barograph-spreading-") as folder:
        completed = run_measured(command, Path(folder))
    told = json.loads(completed.output.strip().splitlines()[-1])
    if told["tasks"] != task_count:
        message = f"{way} gave back {told['tasks']} of {task_count} tasks"
        raise CommandFailedError(message)
    return Measurement(
        way=way, task_count=task_count, task_seconds=told["seconds"], usage=completed.usage
    )


def markdown(found: list[Measurement]) -> str:
    """One line for each way: both numbers of tasks, and what one more costs."""
    few, many = sorted({one.task_count for one in found})
    head = (
        "way",
        *(f"{count} tasks: s" for count in (few, many)),
        "ms a task",
        "CPU ms a task",
        "CPU s without tasks",
        "peak MB",
    )
    ways = dict.fromkeys(one.way for one in found)
    rows = [_cells([one for one in found if one.way == way]) for way in ways]
    return table(head, rows)


def overhead(few: Measurement, many: Measurement) -> Overhead:
    """The difference of two numbers of tasks, each being one task more."""
    seconds = line_through((few.task_count, few.task_seconds), (many.task_count, many.task_seconds))
    cpu = line_through(
        (few.task_count, few.usage.cpu_seconds), (many.task_count, many.usage.cpu_seconds)
    )
    return Overhead(seconds.each * 1000, cpu.each * 1000, cpu.fixed)


def _cells(measured: list[Measurement]) -> list[str]:
    few, many = sorted(measured, key=lambda one: one.task_count)
    costs = overhead(few, many)
    return [
        few.way,
        f"{few.task_seconds:.2f}",
        f"{many.task_seconds:.2f}",
        f"{costs.task_milliseconds:.1f}",
        f"{costs.task_cpu_milliseconds:.1f}",
        f"{costs.fixed_cpu_seconds:.1f}",
        f"{many.usage.peak_megabytes:,.0f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
