"""How fast signals are measured, how cost grows, and how polars and pandas compare.

Run as `python benchmarks/signals.py`; docs/performance.md says what is measured and how.
Exit codes: 0 all measured and all numbers equal, 1 not so, 2 a usage error.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from accounting import CommandFailedError, Completed, Usage, run_measured
from signal_world import ORGANIZATION_COUNT, WORLD_END

ENVIRONMENT = Path.home() / ".cache" / "barograph" / "frames"
PEERS = ("polars", "pandas")
_PACKAGES = (*PEERS, "pyarrow")
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one step cost; `file_bytes` is the size of the warehouse after it."""

    activity_count: int
    step: str
    usage: Usage
    file_bytes: int
    different: dict[str, list[int]] | None = None  #: by signal: numbers, and those not as ours

    @property
    def is_equal(self) -> bool:
        """Whether a peer's numbers are ours."""
        return not any(count for _, count in (self.different or {}).values())


class Course:
    """One size of the world, measured step by step in a folder of its own."""

    def __init__(self, folder: Path, activity_count: int, organization_count: int) -> None:
        self.folder = folder
        self.activity_count = activity_count
        self.organization_count = organization_count
        folder.mkdir(parents=True)

    def run(self, peers: list[str], python: str | None) -> list[Measurement]:
        """All steps; the peers measure the same week as the full build."""
        self._step("generate", str(self.activity_count), str(self.organization_count))
        found = [self._measure("build")]
        if python and peers:
            self._step("export")
            found += [self._measure_peer(name, python) for name in peers]
        found += [self._measure(step) for step in ("load", "build-next")]
        shutil.rmtree(self.folder)
        return found

    def repeat(self) -> dict[str, int]:
        """How many measurements a world has that grew week by week, and how many differ."""
        counts = (str(self.activity_count), str(self.organization_count))
        told: dict[str, int] = json.loads(self._step("repeat", *counts).output)
        shutil.rmtree(self.folder)
        return told

    def _step(self, step: str, *words: str) -> Completed:
        script = str(_HERE / "signal_steps.py")
        return run_measured([sys.executable, script, step, str(self.folder), *words], self.folder)

    def _measure(self, step: str) -> Measurement:
        return self._record(step, self._step(step).usage)

    def _measure_peer(self, name: str, python: str) -> Measurement:
        script = str(_HERE / "peers" / f"{name}_signals.py")
        result = str(self.folder / f"{name}.csv")
        words = [str(self.folder / "activities.parquet"), WORLD_END.date().isoformat(), result]
        usage = run_measured([python, script, *words], self.folder).usage
        different = json.loads(self._step("compare", result).output)
        return self._record(name, usage, different)

    def _record(
        self, step: str, usage: Usage, different: dict[str, list[int]] | None = None
    ) -> Measurement:
        return Measurement(
            activity_count=self.activity_count,
            step=step,
            usage=usage,
            file_bytes=(self.folder / "warehouse.duckdb").stat().st_size,
            different=different,
        )


def main() -> int:
    """Measure what the command line asks for; the exit code."""
    options = _read_options()
    try:
        with TemporaryDirectory(prefix="barograph-signals-", dir=options.folder) as name:
            found, repeated = _run(options, Path(name))
    except CommandFailedError as error:
        print(error, file=sys.stderr)
        return 1
    print(to_markdown(found, repeated))
    if options.json:
        record = {"measurements": [asdict(one) for one in found], "repeated": repeated}
        options.json.write_text(json.dumps(record, indent=1) + "\n")
    return 0 if _is_good(found, repeated) else 1


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("--activities", type=_sizes, default=[1_000_000, 10_000_000], metavar="N,N")
    option("--organizations", type=int, default=ORGANIZATION_COUNT, help="%(default)s")
    option("--peer-activities", type=int, default=10_000_000, help="the peers' size (%(default)s)")
    option("--peers", type=_peers, default=list(PEERS), metavar="NAME,NAME")
    option("--peer-python", metavar="PATH", help="Python that has the peers")
    option("--install-peers", action="store_true", help=f"install the peers in {ENVIRONMENT}")
    option("--repeat-activities", type=int, default=1_000_000, help="0: no week by week")
    option("--folder", type=Path, help="where there is room: 150 bytes an activity (default: temp)")
    option("--json", type=Path, metavar="FILE", help="where to write all figures")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return [int(float(word)) for word in text.split(",")]


def _peers(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := set(names) - set(PEERS):
        message = f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}"
        raise argparse.ArgumentTypeError(message)
    return names


def _run(
    options: argparse.Namespace, folder: Path
) -> tuple[list[Measurement], dict[str, int] | None]:
    python = find_python(options)
    found: list[Measurement] = []
    for count in options.activities:
        peers = options.peers if count == options.peer_activities else []
        found += Course(folder / str(count), count, options.organizations).run(peers, python)
    if not options.repeat_activities:
        return found, None
    course = Course(folder / "repeat", options.repeat_activities, options.organizations)
    return found, course.repeat()


def find_python(options: argparse.Namespace) -> str | None:
    """The Python that has the peers, installed when that is asked for; None without one."""
    python = ENVIRONMENT / "bin" / "python"
    if options.peer_python:
        return str(options.peer_python)
    if options.install_peers and not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *_PACKAGES], check=True)
    return str(python) if python.exists() else None


def to_markdown(found: list[Measurement], repeated: dict[str, int] | None) -> str:
    """The tables of docs/performance.md."""
    lines = [
        "| activities | step | wall s | CPU s | CPU µs an activity | peak MB | file MB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *map(_row, found),
        "",
        *_ratios(found),
    ]
    if repeated:
        counts = f"{repeated['difference_count']} of {repeated['row_count']:,}"
        lines.append(f"Built week by week, {counts} measurements differ from those from nothing.")
    return "\n".join(lines)


def _row(one: Measurement) -> str:
    count = one.activity_count // (100 if one.step in {"load", "build-next"} else 1)
    cells = (
        f"{one.activity_count:,}",
        one.step + ("" if one.is_equal else " (other numbers!)"),
        f"{one.usage.elapsed_seconds:.1f}",
        f"{one.usage.cpu_seconds:.1f}",
        f"{one.usage.cpu_seconds / count * 1e6:.2f}",
        f"{one.usage.peak_megabytes:,.0f}",
        f"{one.file_bytes / 1e6:,.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _ratios(found: list[Measurement]) -> list[str]:
    usages = {(one.activity_count, one.step): one.usage for one in found}
    lines = []
    for (count, step), usage in usages.items():
        if step in {*PEERS, "build-next"}:
            full = usages[count, "build"]
            cpu, memory = full.cpu_seconds / usage.cpu_seconds, full.peak_megabytes
            lines.append(
                f"At {count:,} the full build takes {cpu:.2f} times the CPU of {step} and "
                f"{memory / usage.peak_megabytes:.2f} times its memory."
            )
    return lines


def _is_good(found: list[Measurement], repeated: dict[str, Any] | None) -> bool:
    return all(one.is_equal for one in found) and not (repeated and repeated["difference_count"])


if __name__ == "__main__":
    sys.exit(main())
