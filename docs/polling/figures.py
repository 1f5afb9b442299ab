"""What the years of many feeds come to, and the tables of ../polling.md."""

# ruff: noqa: INP001 - a script beside its document, no package

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from looks import Year

ALL = "all"
_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One design and one group of feeds over the year; shares run from 0 to 1.

    Attributes:
        requests_per_day: requests a feed and day, those into outages included.
        useful_share: of the requests, those that brought something new.
        caught_share: of the entries published.
        caught_share_of_hourly: entries caught, divided by those that hourly looks caught.
        caught_share_mean: mean over the feeds that published anything.
        delay_hours_median: from publication to first sight, of the entries caught.
        delay_hours_p95: 95 % of the entries caught were seen within this time.
        marked_count: weeks times feeds at whose end the feed was called lossy.
        lossy_count: weeks times feeds that had lost an entry in the four weeks before.
        marked_lossy_count: both.
    """

    requests_per_day: float
    useful_share: float
    caught_share: float
    caught_share_of_hourly: float
    caught_share_mean: float
    delay_hours_median: float
    delay_hours_p95: float
    marked_count: int
    lossy_count: int
    marked_lossy_count: int


def by_group(years: Sequence[Year]) -> dict[str, Figures]:
    """The figures of each group in the order of the feeds, and of `ALL` of them."""
    groups = dict.fromkeys(year.group for year in years)
    own = {group: figures([y for y in years if y.group == group]) for group in groups}
    return {**own, ALL: figures(years)}


def figures(years: Sequence[Year]) -> Figures:
    """The figures of some feeds' years."""
    requests = sum(year.request_count for year in years)
    caught = sum(year.caught_count for year in years)
    delays = np.concatenate([year.delays for year in years])
    marked = np.array([year.marked_weeks for year in years])
    lossy = np.array([year.lossy_weeks for year in years])
    return Figures(
        requests_per_day=requests / len(years) / _DAYS,
        useful_share=sum(year.useful_count for year in years) / requests,
        caught_share=caught / sum(year.published_count for year in years),
        caught_share_of_hourly=caught / sum(year.catchable_count for year in years),
        caught_share_mean=_mean_share(years),
        delay_hours_median=float(np.median(delays)),
        delay_hours_p95=float(np.quantile(delays, 0.95)),
        marked_count=int(marked.sum()),
        lossy_count=int(lossy.sum()),
        marked_lossy_count=int((marked & lossy).sum()),
    )


def _mean_share(years: Iterable[Year]) -> float:
    shares = [y.caught_count / y.published_count for y in years if y.published_count]
    return float(np.mean(shares))


def designs_table(results: Mapping[str, Mapping[str, Figures]]) -> str:
    """One row a design, over all feeds."""
    rows = [_design_row(name, groups[ALL]) for name, groups in results.items()]
    return _table(
        "design | requests a feed and day | useful | entries caught | of what hourly catches"
        " | mean of the feeds | delay, median | delay, 95 %",
        rows,
    )


def groups_table(results: Mapping[str, Mapping[str, Figures]], ours: str) -> str:
    """One row a group of feeds: ours, with what hourly and daily looks catch."""
    rows = [
        [
            group,
            f"{own.requests_per_day:.2f}",
            _percent(own.useful_share, 1),
            _percent(own.caught_share),
            _percent(results["hourly"][group].caught_share),
            _percent(results["daily"][group].caught_share),
            _hours(own.delay_hours_median),
            _hours(own.delay_hours_p95),
        ]
        for group, own in results[ours].items()
    ]
    return _table(
        "group | requests a feed and day | useful | entries caught | hourly | daily"
        " | delay, median | delay, 95 %",
        rows,
    )


def ceilings_table(results: Mapping[str, Mapping[str, Figures]]) -> str:
    """One row a ceiling for quiet feeds: what it saves and what it loses."""
    rows = [
        [ceiling, *_quiet_cells(groups["dead"]), *_quiet_cells(groups["weekly blog"])]
        for ceiling, groups in results.items()
    ]
    return _table(
        "ceiling of quiet feeds | dead: requests a feed and day | entries caught | delay, 95 %"
        " | weekly blogs: requests a feed and day | entries caught | delay, 95 %",
        rows,
    )


def _quiet_cells(own: Figures) -> list[str]:
    caught = _percent(own.caught_share)
    return [f"{own.requests_per_day:.2f}", caught, _hours(own.delay_hours_p95)]


def marks_sentence(own: Figures) -> str:
    """How far the mark can be trusted."""
    precision = own.marked_lossy_count / own.marked_count
    recall = own.marked_lossy_count / own.lossy_count
    return (
        f"Of {own.marked_count:,} feed-weeks that were marked, {own.marked_lossy_count:,} had"
        f" really lost an entry in the four weeks before ({_percent(precision, 0)}); of"
        f" {own.lossy_count:,} feed-weeks with a loss, {_percent(recall, 1)} were marked."
    )


def _design_row(name: str, own: Figures) -> list[str]:
    return [
        name,
        f"{own.requests_per_day:.2f}",
        _percent(own.useful_share, 1),
        _percent(own.caught_share),
        _percent(own.caught_share_of_hourly),
        _percent(own.caught_share_mean),
        _hours(own.delay_hours_median),
        _hours(own.delay_hours_p95),
    ]


def _table(head: str, rows: Iterable[Sequence[str]]) -> str:
    columns = head.count("|") + 1
    lines = [head, " | ".join(["---"] * columns), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f} %"


def _hours(hours: float) -> str:
    return f"{hours:.1f} h"
