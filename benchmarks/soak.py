"""Two days of monitoring in minutes: a bad server, processes that are killed, a full disk.

    python benchmarks/soak.py --hours 48 --seed 1 --write

Simulated time, real processes: each hour the command is started, killed with all that it started
at a random moment, and started again, on feeds that gain entries as the hours pass. What must
hold at the end is compared with what was published; docs/soak.md says how. Linux; the full disk
needs the right to mount a small file system, and is left out (and said so) without it.
Exit codes: 0 all held, 1 something did not, 2 a usage error.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from documents import write_section
from soak_checks import verdicts
from soak_course import Course, new_clock
from soak_disk import small_disk
from soak_launch import launch
from soak_plan import Plan
from soak_reader import Reader, reader
from soak_report import report
from soak_server import Site, serving
from soak_sizes import Sizes, sizes_of
from soak_world import make_feeds, organizations_toml

if TYPE_CHECKING:
    from soak_checks import Verdict
    from soak_launch import Launcher

DOCUMENT = Path(__file__).parents[1] / "docs" / "soak.md"
_DISK_MEGABYTES = 256
_SETTINGS = """\
allow_host = ["127.0.0.1"]
batch_channels = 7
deadline_seconds = 1
pacing = "pacing"
alert_stale_hours = 1.25
alert_webhook = "{url}/hook"
"""


class Soaked(NamedTuple):
    """A soak run at its end: what was found, its report, and its course."""

    found: list[Verdict]
    text: str
    course: Course

    @property
    def is_kept(self) -> bool:
        """Whether all held that must hold."""
        return all(verdict.is_kept for verdict in self.found)


def main() -> int:
    """Run, print the report, and write it where that is asked; the exit code."""
    asked = _arguments()
    with TemporaryDirectory(prefix="barograph-soak-") as name:
        plan = Plan.of(asked.hours, asked.seed)
        soaked = soak(plan, Path(name), launch, has_reader=True, keep=asked.keep)
    print(soaked.text)
    if asked.write:
        write_section(DOCUMENT, "soak", soaked.text)
    return 0 if soaked.is_kept else 1


def soak(
    plan: Plan, folder: Path, launcher: Launcher, *, has_reader: bool, keep: Path | None = None
) -> Soaked:
    """Do a soak run by a plan.

    Args:
        plan: what happens when.
        folder: an empty one.
        launcher: starts the command.
        has_reader: whether a dashboard lives through it.
        keep: where the data folder is copied to at the end; None does not.
    """
    started = time.monotonic()
    site = Site(
        make_feeds(plan.seed, plan.hours), plan.seed, new_clock(), plan.out_span, plan.gone_span
    )
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "project", _DISK_MEGABYTES))
        prepare(disk.folder, stack.enter_context(serving(site)), site)
        dashboard = stack.enter_context(reader(disk.folder)) if has_reader else None
        sizes: list[Sizes] = []
        course = Course(plan, site, disk, launcher, lambda *given: _note(*given, sizes, dashboard))
        try:
            course.go()
            found = list(verdicts(course, folder / "replayed", dashboard))
        finally:
            if keep:
                shutil.copytree(disk.folder / "data", keep, symlinks=True, dirs_exist_ok=True)
        seconds = time.monotonic() - started
        return Soaked(found, report(course, found, sizes, dashboard, seconds), course)


def prepare(folder: Path, url: str, site: Site) -> None:
    """Write the files of the project."""
    (folder / "tmp").mkdir()
    (folder / "barograph.toml").write_text(_SETTINGS.format(url=url), "utf-8")
    (folder / "organizations.toml").write_text(organizations_toml(url, site.feeds), "utf-8")


def _note(hour: int, course: Course, sizes: list[Sizes], dashboard: Reader | None) -> None:
    """After an hour: what lies there, and what the dashboard holds."""
    sizes.append(sizes_of(course.disk.folder))
    if dashboard is not None:
        dashboard.look()
    for step in course.steps:
        if step.hour == hour:
            told = f"hour {hour}: {step.command} {step.ended.code} {step.reached}"
            spent = f"{step.ended.seconds:.1f} s, {step.ended.peak_megabytes:.0f} MB"
            print(told, spent, file=sys.stderr, flush=True)
            if step.ended.code not in {0, 3, -9}:
                print(step.ended.output[-600:], file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=int, default=48, help="simulated (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (%(default)s)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="copy the data folder to DIR")
    parser.add_argument("--write", action="store_true", help="renew docs/soak.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
