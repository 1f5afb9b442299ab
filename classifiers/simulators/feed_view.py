"""What a monitor sees of simulated posting through feeds: the signals, and what is missing.

Belongs to the graded-response simulator. A feed lists its latest entries only, so the history
of a busy channel starts late; watching began some weeks ago; some weeks are gaps. Channels
that an organization lacks (`absent`) do not occur: whoever has a feed has all that these
signals need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

from classifiers.signals import FEATURE_CODES, MissingReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]

WEEK_COUNT = 26
RECENT_WEEK_COUNT = 13
_DORMANT_DAYS = 180
_FEWEST_BURST_EVENTS = 20
_NEVER_WITHIN_WEEKS = 104


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """How organizations post, before anyone looks; one entry each."""

    weekly_rate: FloatArray  #: posts a week over all channels while not silent
    regularity: FloatArray  #: shape of the gamma that weekly rates scatter with
    silent_weeks: FloatArray  #: weeks since posting stopped; 0 for those who go on
    burstiness: FloatArray  #: inverse hyperbolic tangent of the index
    weekend_log_odds: FloatArray
    office_hours_log_odds: FloatArray
    further_channel_count: IntArray
    neglect_log_odds: FloatArray  #: that a further channel is dormant


class Seen(NamedTuple):
    """One signal of each organization, with what prevented it."""

    values: FloatArray
    is_unobserved: BoolArray
    is_undefined: BoolArray


class View(NamedTuple):
    """All signals in the order of `FEATURE_CODES`, NaN when missing, with the reasons."""

    values: FloatArray
    reasons: npt.NDArray[np.str_]
    coverage_share: FloatArray


class FeedView:
    """One look at organizations in one world; draws everything that chance decides."""

    def __init__(
        self, posting: Posting, assumed: Mapping[str, FloatArray], generator: np.random.Generator
    ) -> None:
        self._posting = posting
        self._assumed = assumed
        self._generator = generator
        self._count = len(posting.weekly_rate)
        self._post_counts = self._draw_post_counts()
        self._history_weeks = self._draw_history_weeks()
        self._is_covered = self._draw_coverage()

    def observe(self) -> View:
        """Compute every signal from what is covered."""
        seen = {
            "posts_per_week": self._posts_per_week(),
            "active_weeks_share": self._active_weeks_share(),
            "burstiness": self._burstiness(),
            "weekend_share": self._share_of_posts(self._posting.weekend_log_odds),
            "office_hours_share": self._office_hours_share(),
            "dormant_share": self._dormant_share(),
            "days_since_last_post": self._days_since_last_post(),
        }
        columns = [self._with_failures(seen[code]) for code in FEATURE_CODES]
        values = np.column_stack([_masked(column) for column in columns])
        reasons = np.column_stack([_reasons(column) for column in columns])
        return View(values, reasons, self._recent_coverage().mean(axis=1))

    def _draw_post_counts(self) -> IntArray:
        shape = self._posting.regularity[:, np.newaxis]
        swings = self._generator.gamma(shape, 1 / shape, (self._count, WEEK_COUNT))
        counts = self._generator.poisson(self._posting.weekly_rate[:, np.newaxis] * swings)
        is_silent = np.arange(WEEK_COUNT) < self._posting.silent_weeks[:, np.newaxis]
        return np.where(is_silent, 0, counts)

    def _draw_history_weeks(self) -> FloatArray:
        watched = self._generator.uniform(0, self._assumed["longest_watch_weeks"], self._count)
        listed = np.exp(self._assumed["log_listing_depth"]) / self._posting.weekly_rate
        channel_count = 1 + self._posting.further_channel_count
        history: FloatArray = watched + listed * channel_count + self._posting.silent_weeks
        return history

    def _draw_coverage(self) -> BoolArray:
        draws = self._generator.random((self._count, WEEK_COUNT))
        is_in_history = np.arange(WEEK_COUNT) < self._history_weeks[:, np.newaxis]
        is_covered: BoolArray = is_in_history & (draws >= self._assumed["crawl_gap_share"])
        return is_covered

    def _recent_coverage(self) -> BoolArray:
        return self._is_covered[:, :RECENT_WEEK_COUNT]

    def _is_recent_unseen(self) -> BoolArray:
        is_unseen: BoolArray = self._recent_coverage().sum(axis=1) == 0
        return is_unseen

    def _recent_post_count(self) -> IntArray:
        counts = self._post_counts[:, :RECENT_WEEK_COUNT]
        recent: IntArray = (counts * self._recent_coverage()).sum(axis=1)
        return recent

    def _posts_per_week(self) -> Seen:
        is_unobserved = self._is_recent_unseen()
        counts = self._post_counts[:, :RECENT_WEEK_COUNT].astype(np.float64)
        counts[~self._recent_coverage()] = np.nan
        counts[is_unobserved] = 0.0
        return Seen(np.nanmedian(counts, axis=1), is_unobserved, _nowhere(is_unobserved))

    def _active_weeks_share(self) -> Seen:
        week_count = self._recent_coverage().sum(axis=1)
        is_active = self._post_counts[:, :RECENT_WEEK_COUNT] > 0
        active_count = (is_active & self._recent_coverage()).sum(axis=1)
        is_unobserved = week_count == 0
        share = active_count / np.maximum(week_count, 1)
        return Seen(share, is_unobserved, _nowhere(is_unobserved))

    def _burstiness(self) -> Seen:
        event_count = (self._post_counts * self._is_covered).sum(axis=1)
        scatter = self._generator.normal(size=self._count) / np.sqrt(np.maximum(event_count, 1))
        is_unobserved = self._is_covered.sum(axis=1) == 0
        index = np.tanh(self._posting.burstiness + scatter)
        return Seen(index, is_unobserved, event_count < _FEWEST_BURST_EVENTS)

    def _share_of_posts(self, log_odds: FloatArray) -> Seen:
        post_count = self._recent_post_count()
        smallest = np.exp(self._assumed["log_smallest_denominator"])
        share = self._generator.binomial(post_count, expit(log_odds)) / np.maximum(post_count, 1)
        is_unobserved = self._is_recent_unseen()
        return Seen(share, is_unobserved, post_count < smallest)

    def _office_hours_share(self) -> Seen:
        seen = self._share_of_posts(self._posting.office_hours_log_odds)
        is_hour_unknown = self._generator.random(self._count) < self._assumed["unknown_hour_share"]
        return seen._replace(is_unobserved=seen.is_unobserved | is_hour_unknown)

    def _dormant_share(self) -> Seen:
        further_count = self._posting.further_channel_count
        neglected = self._generator.binomial(further_count, expit(self._posting.neglect_log_odds))
        is_silent = 7 * self._posting.silent_weeks > _DORMANT_DAYS
        share = np.where(is_silent, 1.0, neglected / (1 + further_count))
        is_unobserved = self._history_weeks < WEEK_COUNT
        return Seen(share, is_unobserved, _nowhere(is_unobserved))

    def _days_since_last_post(self) -> Seen:
        has_posts = self._post_counts > 0
        first_week = np.where(has_posts.any(axis=1), has_posts.argmax(axis=1), WEEK_COUNT)
        weeks = np.maximum(first_week, self._posting.silent_weeks)
        longest_gap_days = 7 / np.maximum(self._posting.weekly_rate, 1.0)
        days = 7 * weeks + self._generator.uniform(0, longest_gap_days)
        expected_count = self._posting.weekly_rate * _NEVER_WITHIN_WEEKS
        is_undefined = self._generator.poisson(expected_count) == 0
        return Seen(days, _nowhere(is_undefined), is_undefined & ~has_posts.any(axis=1))

    def _with_failures(self, seen: Seen) -> Seen:
        failed = self._generator.random(self._count) < self._assumed["dropped_signal_share"]
        return seen._replace(is_unobserved=seen.is_unobserved | failed)


def _nowhere(like: BoolArray) -> BoolArray:
    return np.zeros_like(like)


def _masked(seen: Seen) -> FloatArray:
    return np.where(seen.is_unobserved | seen.is_undefined, np.nan, seen.values)


def _reasons(seen: Seen) -> npt.NDArray[np.str_]:
    undefined = np.where(seen.is_undefined, MissingReason.UNDEFINED.value, MissingReason.NONE.value)
    return np.where(seen.is_unobserved, MissingReason.UNOBSERVED.value, undefined)
