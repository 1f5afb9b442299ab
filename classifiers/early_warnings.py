"""Early warnings: two or more signals of one organization that get worse for good.

Four signals are watched: the reply rate, the time to the first answer, active weeks and dormant
channels. Each is set against its own past: the mean of its values over the year before, of windows
that do not overlap the present one. The difference over its standard error is a deviation, and
deviations beyond half a standard error are added up (CUSUM, Page 1954, Continuous inspection
schemes, Biometrika 41). Neighbouring windows of 13 weeks share 12, so a week adds a thirteenth of
its deviation, and all of a quarter's add up to one.

A single signal errs too often, and one bad week or a new platform can move it, so a warning needs
two signals in the same week. Weeks in which less was seen than before, or a platform was out, add
nothing and never warn.

In a simulated year without any change 1.7 % of 300 organizations were warned of, 2.5 % of 200 whose
weeks vary more than chance, and 7 % of 300 where that moves both signals (docs/roadmap.md). Where
replies halved and waiting more than doubled, all of 100 were, half of them within 13 weeks
(tests/classifiers/test_early_warnings.py). The reply rate and the time to an answer rest on the
same conversations: two signals are not two witnesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import asin, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import ndtri, stdtr

from classifiers.abstention import MINIMUM_COVERAGE_SHARE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

#: Signals that are watched, and the sign of what is bad: -1 where a fall is.
WATCHED = {
    "reply_rate_72h": -1,
    "response_hours_median": 1,
    "active_weeks_share": -1,
    "dormant_share": 1,
}
FEWEST_SIGNALS = 2
WINDOW_WEEKS = 13
BASELINE_WEEKS = 52  #: how far the past reaches that a value is set against
FEWEST_BASELINE_WEEKS = 26
SLACK = 0.5  #: standard errors that add nothing
LIMIT = 1.25  #: standard errors, added up over quarters, at which a signal counts
COVERAGE_LOSS = 0.15  #: of the usual coverage, below which a week is left out

_WEEK = timedelta(days=7)
_HOURS = "response_hours_median"
_Z = 1.959963984540054  # of a 95 % interval
_SMALLEST_HOURS = 0.01
_MOST_ERROR = 0.99  # of a mean: of one window it is 1, and nothing is left to learn a spread from
_LAGS = np.abs(np.subtract.outer(np.arange(BASELINE_WEEKS), np.arange(BASELINE_WEEKS)))
_SHARED = np.maximum(0, WINDOW_WEEKS - _LAGS) / WINDOW_WEEKS


class Measured(NamedTuple):
    """A signal in the window that ends with one week."""

    signal_code: str
    week: date  #: its Monday
    value: float | None  #: None: not seen, or drawn towards peers
    n: int
    coverage_share: float | None
    lower: float | None = None  #: 95 % interval, where there is one
    upper: float | None = None


class Deviation(NamedTuple):
    """How a signal stood in one week against its own past.

    `deviation` is in standard errors, above zero for worse; None where the week is left out.
    """

    week: date
    deviation: float | None
    added_up: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A span of weeks in which two or more signals were worse than their past.

    `until` is the last week of the span as far as known; `signal_codes` are all that counted in
    it, each once.
    """

    since: date
    until: date
    signal_codes: tuple[str, ...]


def early_warnings(
    measured: Iterable[Measured], outages: Collection[date] = ()
) -> tuple[Warned, ...]:
    """Warnings of one organization, oldest first.

    Args:
        measured: of one organization; signals that are not watched are passed over.
        outages: Mondays of weeks in which a platform of its was out.
    """
    by_signal: dict[str, list[Measured]] = {code: [] for code in WATCHED}
    for one in measured:
        if one.signal_code in by_signal:
            by_signal[one.signal_code].append(one)
    counting: dict[date, list[str]] = {}
    for code, series in by_signal.items():
        for found in deviations(series, outages):
            if found.deviation is not None and found.added_up >= LIMIT:
                counting.setdefault(found.week, []).append(code)
    enough = {week: codes for week, codes in counting.items() if len(codes) >= FEWEST_SIGNALS}
    return tuple(_spans(enough))


def _spans(weeks: Mapping[date, Sequence[str]]) -> Iterator[Warned]:
    """Weeks that follow each other are one warning."""
    spans: list[list[date]] = []
    for week in sorted(weeks):
        if spans and week - spans[-1][-1] == _WEEK:
            spans[-1].append(week)
        else:
            spans.append([week])
    for span in spans:
        codes = dict.fromkeys(code for week in span for code in weeks[week])
        yield Warned(since=span[0], until=span[-1], signal_codes=tuple(codes))


def deviations(series: Iterable[Measured], outages: Collection[date] = ()) -> tuple[Deviation, ...]:
    """Each week of one signal against its own past, and what has added up until then.

    A week is left out, and what has added up is kept as it was, where the signal was not seen,
    coverage is below 60 % or well below its usual, a platform was out, or the past has fewer than
    26 weeks. Shares are compared as the arc sine of their root, hours as logarithms.

    Args:
        series: of one signal of one organization, each week once, in any order.
        outages: as for `early_warnings`.
    """
    by_week = {one.week: one for one in series}
    if not by_week:
        return ()
    weeks = _weeks(min(by_week), max(by_week))
    grid = [by_week.get(week) for week in weeks]
    found = _deviations(grid, np.array([week in outages for week in weeks]))
    added_up = _added_up(found)
    return tuple(
        Deviation(week, None if np.isnan(found[at]) else float(found[at]), added_up[at])
        for at, week in enumerate(weeks)
        if week in by_week
    )


def _weeks(first: date, last: date) -> list[date]:
    return [first + number * _WEEK for number in range((last - first) // _WEEK + 1)]


def _added_up(found: FloatArray) -> list[float]:
    total, totals = 0.0, []
    for deviation in found:
        if not np.isnan(deviation):
            total = max(0.0, total + (deviation - SLACK) / WINDOW_WEEKS)
        totals.append(float(total))
    return totals


def _deviations(grid: Sequence[Measured | None], is_out: BoolArray) -> FloatArray:
    """In standard errors of a normal variable, above zero for worse; NaN for weeks left out."""
    values = np.array([np.nan if one is None else _scaled(one) for one in grid])
    values[is_out | ~_is_covered(grid)] = np.nan
    past = _past(values)
    count = np.maximum((~np.isnan(past)).sum(axis=1), 1)
    middle = np.nansum(past, axis=1) / count
    error = np.minimum(_mean_error(~np.isnan(past), count), _MOST_ERROR)
    own = np.nansum((past - middle[:, np.newaxis]) ** 2, axis=1) / count / (1 - error)
    sampled = [0.0 if one is None else _sampling_variance(one) for one in grid]
    variance = np.maximum(own, sampled)
    sign = next(WATCHED[one.signal_code] for one in grid if one)
    is_enough = (count >= FEWEST_BASELINE_WEEKS) & (variance > 0)
    scale = np.sqrt(np.where(is_enough, variance, np.nan) * (1 + error))
    ratios = sign * (values - middle) / scale
    found: FloatArray = -ndtri(stdtr(1 / error - 1, -ratios))  # as sure as a t of so few degrees
    return found


def _is_covered(grid: Sequence[Measured | None]) -> BoolArray:
    """Whether as much was seen as should be, and about as much as in the year before."""
    shares = np.array([_coverage(one) for one in grid])
    padded = np.concatenate([np.full(BASELINE_WEEKS, np.nan), shares[:-1]])
    before = sliding_window_view(padded, BASELINE_WEEKS)
    known_count = np.maximum((~np.isnan(before)).sum(axis=1), 1)
    middle = np.sort(before, axis=1)[np.arange(len(before)), (known_count - 1) // 2]
    usual = np.nan_to_num(middle)  # 0 where there is no year before
    is_covered: BoolArray = shares >= np.maximum(MINIMUM_COVERAGE_SHARE, usual - COVERAGE_LOSS)
    return is_covered


def _coverage(one: Measured | None) -> float:
    return np.nan if one is None or one.coverage_share is None else one.coverage_share


def _past(values: FloatArray) -> FloatArray:
    """The year of windows that ended before each week's own began; shape (weeks, 52)."""
    padded = np.concatenate([np.full(BASELINE_WEEKS + WINDOW_WEEKS - 1, np.nan), values])
    past: FloatArray = sliding_window_view(padded, BASELINE_WEEKS)[: len(values)]
    return past


def _mean_error(is_there: BoolArray, count: IntArray) -> FloatArray:
    """Variance of the mean of each year over that of one value.

    Two windows that lie h weeks apart share 13 - h, so they correlate by 1 - h/13.
    """
    there = is_there.astype(np.float64)
    found: FloatArray = ((there @ _SHARED) * there).sum(axis=1) / count**2
    return np.where(found > 0, found, _MOST_ERROR)


def _scaled(one: Measured) -> float:
    if one.value is None:
        return np.nan
    if one.signal_code == _HOURS:
        return log(max(one.value, _SMALLEST_HOURS))
    return asin(sqrt(one.value))


def _sampling_variance(one: Measured) -> float:
    """Of one window, from how much was counted in it; 0 where that is not known."""
    if one.signal_code != _HOURS:
        return 1 / (4 * one.n) if one.n else 0.0
    if not one.lower or not one.upper or one.upper <= one.lower:
        return 0.0
    return (log(one.upper / max(one.lower, _SMALLEST_HOURS)) / (2 * _Z)) ** 2
