"""Ask 1,000 invented feeds for a year in several ways; print what it cost and what it caught.

python docs/polling/year.py              prints the tables of docs/polling.md
python docs/polling/year.py --write      also renews year.json and year.svg beside this file
"""

# ruff: noqa: INP001, T201 - a script beside its document, no package; it prints its tables

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from designs import OURS, designs
from figures import Figures, by_group, ceilings_table, designs_table, groups_table, marks_sentence
from invented_feeds import invent
from looks import adaptively, count_catchable, reckon
from plot import draw

from connectors.fetching import rhythm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from invented_feeds import InventedFeed
    from looks import Looks

    Results = dict[str, dict[str, Figures]]

FOLDER = Path(__file__).parent
SEED = 2026
SMALL_SCALE = 0.1  #: of the feeds, for the rerun that a test can afford
_DAY = 86_400
_QUIET_GROUPS = ("dead", "weekly blog")
_QUIET_CEILINGS = {
    "1 day": {"days": 1, "window_count": 0},
    "2 days": {"days": 2, "window_count": 0},
    "2 days, windows of 10 or more": {"days": 2, "window_count": 10},
    "7 days": {"days": 7, "window_count": 0},
}


def compare(feeds: Sequence[InventedFeed], names: Sequence[str] | None = None) -> Results:
    """The figures of each design (or of those named) by group of feeds."""
    catchable = [count_catchable(feed) for feed in feeds]
    chosen = {name: watch for name, watch in designs().items() if not names or name in names}
    return {name: _reckoned(feeds, catchable, watch) for name, watch in chosen.items()}


def compare_ceilings(feeds: Sequence[InventedFeed]) -> Results:
    """The figures of our design for quiet feeds, by the ceiling that holds for them."""
    quiet = [feed for feed in feeds if feed.group in _QUIET_GROUPS]
    return {name: _with_ceiling(quiet, **ceiling) for name, ceiling in _QUIET_CEILINGS.items()}


def _with_ceiling(
    feeds: Sequence[InventedFeed], days: int, window_count: int
) -> dict[str, Figures]:
    catchable = [count_catchable(feed) for feed in feeds]
    with (
        patch.object(rhythm, "QUIET_CEILING_SECONDS", days * _DAY),
        patch.object(rhythm, "QUIET_WINDOW_COUNT", window_count),
    ):
        return _reckoned(feeds, catchable, lambda feed: adaptively(feed, rhythm.adapt))


def _reckoned(
    feeds: Sequence[InventedFeed],
    catchable: Sequence[int],
    watch: Callable[[InventedFeed], Looks],
) -> dict[str, Figures]:
    pairs = zip(feeds, catchable, strict=True)
    return by_group([reckon(feed, watch(feed), count) for feed, count in pairs])


def tables(results: Results, ceilings: Results) -> list[str]:
    """The tables and the sentence that ../polling.md quotes, in its order."""
    return [
        designs_table(results),
        groups_table(results, OURS),
        marks_sentence(results[OURS]["all"]),
        ceilings_table(ceilings),
    ]


def read_results(kept: dict[str, dict[str, dict[str, float]]]) -> Results:
    """Results as they are kept in year.json."""
    return {
        name: {group: Figures(**values) for group, values in groups.items()}  # type: ignore[arg-type]
        for name, groups in kept.items()
    }


def _kept(results: Results) -> dict[str, dict[str, dict[str, float]]]:
    return {
        name: {group: asdict(own) for group, own in groups.items()}
        for name, groups in results.items()
    }


def _write(results: Results, ceilings: Results) -> None:
    small = compare(invent(SEED, SMALL_SCALE), [OURS])
    kept = {"designs": _kept(results), "quiet_ceilings": _kept(ceilings), "small": _kept(small)}
    (FOLDER / "year.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    (FOLDER / "year.svg").write_text(draw(results), "utf-8")


def _year(seed: int) -> tuple[Results, Results]:
    """All designs and all ceilings, beside one another on as many processors as there are."""
    with ProcessPoolExecutor() as pool:
        ceilings = pool.submit(_ceilings, seed)
        figures = pool.map(partial(_design, seed), designs())
        return dict(zip(designs(), figures, strict=True)), ceilings.result()


def _design(seed: int, name: str) -> dict[str, Figures]:
    return compare(invent(seed), [name])[name]


def _ceilings(seed: int) -> Results:
    return compare_ceilings(invent(seed))


def main() -> None:
    """Run the year; see the module's description."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED, help="another thousand feeds")
    parser.add_argument("--write", action="store_true", help="renew year.json and year.svg")
    wanted = parser.parse_args()
    results, ceilings = _year(wanted.seed)
    print("\n\n".join(tables(results, ceilings)))
    if wanted.write:
        _write(results, ceilings)


if __name__ == "__main__":
    main()
