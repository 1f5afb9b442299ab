"""A large world on a lake with many workers, beside one process and a file: the same numbers.

Run as `python benchmarks/lake.py`; docs/performance.md says what came of it. It starts PostgreSQL,
an S3 server, a server of the world and the workers itself. Linux only. Exit codes: 0 every table
is the same, 1 not so, 2 a usage error.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import scale
import scale_world
from accounting import CommandFailedError, run_measured
from documents import table, write_section
from static_server import ServerNotStartedError

from flows.commands.frame import SOME_FAILED
from flows.demo.project import write_project
from flows.demo.server import serve_world
from flows.demo.world import build_world
from warehouse.lake import connect_lake, read_lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accounting import Usage

    from warehouse.db import Connection

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests" / "support"))

from backbone import backbone  # noqa: E402 - found there
from warehouse_tables import TABLES  # noqa: E402

DOCUMENT = ROOT / "docs" / "performance.md"
#: Beside what tests compare: all that is published of a stage, but for the moment of the run.
COMPARED = TABLES | {
    "estimates": "select * exclude (estimated_at) from estimates.stages order by all"
}
FILE, LAKE = "one process, a file", "{} workers, a lake"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: how it was done, what it used, and the digest and number of rows of each table."""

    name: str
    usage: Usage
    tables: dict[str, tuple[str, int]]


def main() -> int:
    """Run both, compare; the exit code."""
    options = _read_options()
    with TemporaryDirectory(prefix="barograph-lake-", dir=options.folder) as name:
        try:
            outcomes = _measure(options, Path(name))
        except (CommandFailedError, ServerNotStartedError) as error:
            print(error, file=sys.stderr)
            return 1
    told = _markdown(outcomes, options)
    print(told)
    if options.write:
        write_section(DOCUMENT, "lake demo" if options.demo else "lake", f"{told}\n")
    return 0 if outcomes[0].tables == outcomes[1].tables else 1


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    option = parser.add_argument
    option("--organizations", type=int, default=2000, help="how many (%(default)s)")
    option("--channels", type=int, choices=range(1, 7), default=2, help="of each (%(default)s)")
    option("--demo", action="store_true", help="the demo's world in place of a large one")
    option("--workers", type=int, default=2, help="processes of Dask (%(default)s)")
    option("--folder", type=Path, help="where to keep what is collected, for the time it takes")
    option("--write", action="store_true", help="renew the table in docs/performance.md")
    return parser.parse_args()


def _measure(options: argparse.Namespace, folder: Path) -> list[Outcome]:
    as_of = datetime.now(UTC)
    plain, spread = folder / "plain", folder / "spread"
    served = _demo(as_of) if options.demo else _large(as_of, options, folder)
    with served as write_project, backbone() as servers:
        for project in (plain, spread):
            project.mkdir()
            write_project(project)
        usage = _run(plain, as_of)
        with duckdb.connect(str(plain / "data" / "warehouse.duckdb"), read_only=True) as found:
            outcomes = [Outcome(FILE, usage, _digests(found))]
        # the same keys for the same persons, and the model that was trained
        for name in ("secrets", "models"):
            shutil.copytree(plain / "data" / name, spread / "data" / name)
        address = servers.lake("large")
        (spread / "barograph.toml").write_text(
            f"warehouse = {json.dumps(address)}\nworkers = '{options.workers}'\n"
        )
        usage = _run(spread, as_of, **servers.environment)
        with connect_lake(read_lake(address, *servers.environment.values())) as found:
            outcomes.append(Outcome(LAKE.format(options.workers), usage, _digests(found)))
    return outcomes


@contextmanager
def _large(
    as_of: datetime, options: argparse.Namespace, folder: Path
) -> Iterator[Callable[[Path], None]]:
    """A world of any size, served by a process of its own; what writes a project for it."""
    world = scale_world.build(as_of, options.organizations, options.channels, seed=1)
    words = [f"--{name}={getattr(options, name)}" for name in ("organizations", "channels")]
    words += ["--seed=1", f"--as-of={as_of.isoformat()}"]
    with scale.serving(words, folder / "server.txt") as server:
        yield lambda project: scale_world.write_project(world, project, server.port)


@contextmanager
def _demo(as_of: datetime) -> Iterator[Callable[[Path], None]]:
    """The world of `barograph demo`, with all that goes wrong there."""
    world = build_world(as_of)
    with serve_world(world) as server:
        yield lambda project: write_project(world, project, server.base_url, server.forum_urls)


def _run(project: Path, as_of: datetime, **environment: str) -> Usage:
    """`barograph run` over every channel, as of the day of the world; some channels may fail."""
    variables = [f"{name}={value}" for name, value in environment.items()]
    program = str(Path(sys.executable).parent / "barograph")
    told = f"run --now --json --allow-host 127.0.0.0/8 --as-of {as_of:%Y-%m-%d}"
    script = f'"$0" {told}; code=$?; [ $code = {SOME_FAILED} ] || exit $code'
    return run_measured(["env", *variables, "sh", "-c", script, program], project).usage


def _digests(connection: Connection) -> dict[str, tuple[str, int]]:
    found = {name: connection.execute(query).fetchall() for name, query in COMPARED.items()}
    return {
        name: (hashlib.sha256(repr(rows).encode()).hexdigest()[:16], len(rows))
        for name, rows in found.items()
    }


def _markdown(outcomes: list[Outcome], options: argparse.Namespace) -> str:
    sizes = f"{options.organizations:,} organizations with {options.channels} channels each"
    if options.demo:
        sizes = "The world of `barograph demo`"
    used = table(
        ["run of all channels", "wall s", "CPU s", "peak MB"],
        [
            [
                one.name,
                f"{one.usage.elapsed_seconds:.0f}",
                f"{one.usage.cpu_seconds:.0f}",
                f"{one.usage.peak_megabytes:,.0f}",
            ]
            for one in outcomes
        ],
    )
    compared = table(
        ["table", "rows", "digest", "the same"],
        [
            [
                name,
                f"{count:,}",
                f"`{digest}`",
                "yes" if all(one.tables[name] == (digest, count) for one in outcomes) else "**no**",
            ]
            for name, (digest, count) in outcomes[0].tables.items()
        ],
    )
    return f"{sizes}:\n\n{used}\n{compared}"


if __name__ == "__main__":
    sys.exit(main())
