"""What a whole run costs: many organizations, six channels each, from a server of this machine.

Run as `python benchmarks/scale.py`; docs/performance.md says what is measured and how. Linux only.
Exit codes: 0 all measured and within the limits, 1 not so, 2 a usage error.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import scale_world
from accounting import CommandFailedError, run_measured
from documents import write_section
from scale_client import requests_per_second
from scale_report import DOCUMENT, RunFigures, ScaleFigures, markdown, within_limits
from static_server import ServerNotStartedError, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
_START_SECONDS = 600
RUNS = ("cold", "unchanged", "some changed")


@dataclass(frozen=True, slots=True)
class Server:
    """The world's server, a process of its own."""

    port: int

    def told(self, path: str = "/counts") -> dict[str, Any]:
        """What it was asked so far, and what that cost; `/move-on` shows the next state."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=600) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def main() -> int:
    """Measure what the command line says; the exit code."""
    options = _read_options()
    found = []
    for count in options.organizations:
        with TemporaryDirectory(prefix="barograph-scale-", dir=options.folder) as name:
            try:
                found.append(_measure(count, options, Path(name)))
            except (CommandFailedError, ServerNotStartedError) as error:
                print(error, file=sys.stderr)
                return 1
        print(markdown(found[-1:]), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    if options.write:
        write_section(DOCUMENT, "scale", markdown(found))
    return 0 if within_limits(found[-1]) else 1


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("--organizations", type=_counts, default=(1000,), metavar="N,N", help="sizes (1000)")
    option("--channels", type=int, choices=range(1, scale_world.MOST_CHANNELS + 1), default=6)
    option("--seed", type=int, default=1, help="another world of the same kind (%(default)s)")
    option("--runs", type=_runs, default=RUNS, metavar="NAME,NAME", help=", ".join(RUNS))
    option("--models", type=Path, help="trained models to begin with; else the first run trains")
    option("--settings", default="", metavar="TOML", help="what barograph.toml says")
    option("--folder", type=Path, help="where to keep what is collected, for the time it takes")
    option("--json", type=Path, metavar="FILE", help="where to write all figures")
    option("--write", action="store_true", help="renew the table in docs/performance.md")
    return parser.parse_args()


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(map(int, text.split(",")))
    if min(counts) < 1:
        message = "there must be one organization at least"
        raise argparse.ArgumentTypeError(message)
    return counts


def _runs(text: str) -> tuple[str, ...]:
    """The first of all runs, in their order: each takes over what the one before left."""
    names = tuple(text.split(","))
    if names != RUNS[: len(names)]:
        message = f"one, two or all of {', '.join(RUNS)}, in this order"
        raise argparse.ArgumentTypeError(message)
    return names


def _measure(organization_count: int, options: argparse.Namespace, folder: Path) -> ScaleFigures:
    as_of = datetime.now(UTC)
    world = scale_world.build(as_of, organization_count, options.channels, options.seed)
    numbers = {"organizations": organization_count, "channels": options.channels}
    words = [f"--{name}={value}" for name, value in (numbers | {"seed": options.seed}).items()]
    with serving([*words, f"--as-of={as_of.isoformat()}"], folder / "server.txt") as server:
        scale_world.write_project(world, folder, server.port)
        (folder / "barograph.toml").write_text(options.settings)
        if options.models:
            shutil.copytree(options.models, folder / "data" / "models")
        rate = requests_per_second(scale_world.feed_addresses(world), server.port)
        del world
        runs = []
        for name in options.runs:
            if name == RUNS[-1]:
                server.told("/move-on")
            runs.append(_run(name, folder, server))
        return ScaleFigures(
            organization_count=organization_count,
            channel_count=organization_count * options.channels,
            server_requests_per_second=rate,
            server_peak_megabytes=server.told()["peak_megabytes"],
            runs=runs,
        )


def _run(name: str, folder: Path, server: Server) -> RunFigures:
    """One `barograph run` that asks every channel."""
    parts = folder / "parts.json"
    program = [sys.executable, str(_HERE / "scale_parts.py"), str(parts)]
    options = ["run", "--now", "--json", "--allow-host", "127.0.0.0/8"]
    before = server.told()
    completed = run_measured([*program, *options], folder)
    after = server.told()
    told = json.loads(completed.output)
    return RunFigures(
        name=name,
        wall_seconds=completed.usage.elapsed_seconds,
        cpu_seconds=completed.usage.cpu_seconds,
        peak_megabytes=completed.usage.peak_megabytes,
        server_cpu_seconds=after["cpu_seconds"] - before["cpu_seconds"],
        requests=_since(before, after),
        body_bytes=after["bytes"] - before["bytes"],
        counts={key: told[key] for key in _COUNTS},
        disk_megabytes=_sizes(folder / "data"),
        parts=json.loads(parts.read_text()),
    )


_COUNTS = ("asked", "fetched", "not_modified", "failed", "held", "activities_added")


def _since(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Requests by kind and status between two looks."""
    known = {(kind, status): count for kind, status, count in before["requests"]}
    found: dict[str, dict[str, int]] = {}
    for kind, status, count in after["requests"]:
        if count > known.get((kind, status), 0):
            found.setdefault(kind, {})[str(status)] = count - known.get((kind, status), 0)
    return found


def _sizes(data: Path) -> dict[str, float]:
    """Megabytes (10^6 bytes) below the data folder, by its entries."""
    return {one.name: sum(map(_file_bytes, [one, *one.rglob("*")])) / 1e6 for one in data.iterdir()}


def _file_bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


@contextmanager
def serving(words: list[str], output: Path) -> Iterator[Server]:
    """The server of a world at a free port, until the block ends.

    Args:
        words: which world, as options of `scale_server.py`.
        output: a file for what the process says.

    Raises:
        ServerNotStartedError: it did not start.
    """
    port = free_port()
    command = [sys.executable, str(_HERE / "scale_server.py"), *words, "--port", str(port)]
    with started(command, output, port, _START_SECONDS):
        yield Server(port)


if __name__ == "__main__":
    sys.exit(main())
