"""How often early warnings err, and how soon they come, where it is known what there is to find.

    python benchmarks/early_warnings.py [--runs 300] [--write]

Each invented organization has a year of past and a year that is watched: weekly questions,
replies, hours to the first answer, active weeks and a share of dormant channels, rolled up to
windows of 13 weeks. Most do not change; others get worse for good after 32 watched weeks, or are
uneven: their weeks vary more than chance would make them. --write puts the table into
docs/roadmap.md, between its marks.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from classifiers.early_warnings import WINDOW_WEEKS, Measured, early_warnings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

DOCUMENT = Path(__file__).parents[1] / "docs" / "roadmap.md"
MONDAY = date(2024, 1, 1)
WEEK_COUNT = 117
CHANGE = 85
_HEAD = (
    "| organizations | questions a week | warned of | within 13 weeks | within 26 weeks | "
    "weeks until, median |\n| --- | ---: | ---: | ---: | ---: | ---: |"
)
_MARKS = ("<!-- warnings -->", "<!-- /warnings -->")


class World(NamedTuple):
    """What an organization does, before and after its change."""

    name: str
    reply_shares: tuple[float, float] = (0.5, 0.5)
    hours: tuple[float, float] = (6.0, 6.0)
    active_shares: tuple[float, float] = (0.95, 0.95)
    questions: float = 8.0
    unevenness: float = 0.0  #: standard deviation of a week's own level, in logarithms

    @property
    def changes(self) -> bool:
        """Whether anything gets worse."""
        return self.reply_shares[0] != self.reply_shares[1]


_LESS = {"reply_shares": (0.5, 0.4), "hours": (6.0, 9.0)}
_HALF = {"reply_shares": (0.5, 0.25), "hours": (6.0, 15.0), "active_shares": (0.95, 0.6)}
WORLDS = (
    World("no change"),
    World("no change", questions=2.0),
    World("no change, uneven weeks", unevenness=0.3),
    World("replies 50 to 40 %, waiting 6 to 9 hours", **_LESS),
    World("replies 50 to 40 %, waiting 6 to 9 hours", **_LESS, questions=2.0),
    World("replies 50 to 25 %, waiting 6 to 15 hours, fewer active weeks", **_HALF),
    World("replies 50 to 25 %, waiting 6 to 15 hours, fewer active weeks", **_HALF, questions=2.0),
)


def measured_weeks(world: World, seed: int) -> Iterator[Measured]:
    """What would be measured of one organization, in every week."""
    generator = np.random.default_rng(seed)
    is_after = (np.arange(WEEK_COUNT + WINDOW_WEEKS - 1) >= CHANGE + WINDOW_WEEKS - 1).astype(int)
    level = np.exp(generator.normal(0, world.unevenness, len(is_after)))
    asked = generator.poisson(world.questions * level)
    replied = generator.binomial(
        asked, np.clip(np.take(world.reply_shares, is_after) / level, 0, 1)
    )
    spread = 1.2 / np.sqrt(np.maximum(asked, 1))
    log_hours = generator.normal(np.log(np.take(world.hours, is_after) * level), spread)
    is_active = generator.random(len(is_after)) < np.take(world.active_shares, is_after)
    for at in range(WEEK_COUNT):
        window = slice(at, at + WINDOW_WEEKS)
        yield from _talk(at, asked[window], replied[window], log_hours[window])
        yield _share("active_weeks_share", at, float(is_active[window].mean()), WINDOW_WEEKS)
        yield _share("dormant_share", at, 0.25, 4)


def _talk(
    at: int, asked: FloatArray, replied: FloatArray, log_hours: FloatArray
) -> Iterator[Measured]:
    n = int(asked.sum())
    if not n:
        return
    middle, error = float(np.average(log_hours, weights=asked)), 1.2 / np.sqrt(n)
    low, high = np.exp([middle - 1.96 * error, middle + 1.96 * error])
    yield _share("reply_rate_72h", at, float(replied.sum() / n), n)
    week = MONDAY + timedelta(weeks=at)
    bounds = (float(low), float(high))
    yield Measured("response_hours_median", week, float(np.exp(middle)), n, 1.0, *bounds)


def _share(code: str, at: int, value: float, n: int) -> Measured:
    return Measured(code, MONDAY + timedelta(weeks=at), value, n, 1.0)


def waits(world: World, run_count: int) -> list[int | None]:
    """Weeks from the change (or, without one, from the first week) to the first warning."""
    since = MONDAY + timedelta(weeks=CHANGE if world.changes else 0)
    found = []
    for seed in range(run_count):
        warned = early_warnings(measured_weeks(world, seed))
        weeks = [(one.since - since).days // 7 for one in warned if one.until >= since]
        found.append(max(0, weeks[0]) if weeks else None)
    return found


def table_row(world: World, run_count: int) -> str:
    """One line of the table."""
    found = waits(world, run_count)
    known = [weeks for weeks in found if weeks is not None]
    shares = [f"{len(known) / run_count:.3f}"]
    for most in (13, 26):
        share = sum(weeks <= most for weeks in known) / run_count
        shares.append(f"{share:.2f}" if world.changes else "-")
    middle = f"{median(known):.0f}" if known and world.changes else "-"
    return f"| {world.name} | {world.questions:g} | {' | '.join(shares)} | {middle} |"


def written(table: str, text: str) -> str:
    """The document with the table between its marks."""
    before, rest = text.split(_MARKS[0])
    after = rest.split(_MARKS[1])[1]
    return f"{before}{_MARKS[0]}\n{table}\n{_MARKS[1]}{after}"


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    table = "\n".join([_HEAD, *(table_row(world, given.runs) for world in WORLDS)])
    print(table)
    if given.write:
        DOCUMENT.write_text(written(table, DOCUMENT.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
