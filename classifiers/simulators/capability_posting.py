"""What invented organizations publish, week by week, and the signals of cadence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifiers.simulators.capability_channels import (
    IS_PUBLISHING,
    QUARTER_WEEK_COUNT,
    WEEK_COUNT,
)
from classifiers.simulators.capability_noise import tailed
from classifiers.simulators.capability_sheet import MINIMUM_COUNTS

if TYPE_CHECKING:
    import numpy.typing as npt

    from classifiers.simulators.capability_sheet import Sheet
    from classifiers.simulators.capability_world import World

    BoolArray = npt.NDArray[np.bool_]
    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_MOST_POSTS = 3000.0
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Original posts of organizations, one position each.

    Attributes:
        weekly_counts: posts in channels that can be read, the latest week first, shape (n, 26).
        is_seen: whether the week was seen whole, of any such channel.
        days_since_last: to the end of the window, however long ago; in days.
    """

    weekly_counts: IntArray
    is_seen: BoolArray
    days_since_last: FloatArray

    @property
    def quarter_count(self) -> IntArray:
        """Posts seen in the last quarter."""
        seen: IntArray = self.weekly_counts * self.is_seen
        return np.asarray(seen[:, :QUARTER_WEEK_COUNT].sum(axis=1))

    @property
    def half_year_count(self) -> IntArray:
        """Posts seen in the last two quarters."""
        return np.asarray((self.weekly_counts * self.is_seen).sum(axis=1))


def draw_posting(world: World) -> Posting:
    """Posts of the organizations of one world."""
    silences = _silences(world)
    is_active = world.generator.random((len(world), WEEK_COUNT)) < _active_shares(world)
    is_active &= np.arange(WEEK_COUNT) >= silences
    counts = world.generator.poisson(_weekly_means(world)) * is_active
    is_readable = world.channels.readable_count(IS_PUBLISHING) > 0
    return Posting(
        weekly_counts=counts,
        is_seen=world.channels.is_seen & is_readable[:, np.newaxis],
        days_since_last=_days_since_last(world, counts, silences[:, 0]),
    )


def measure_cadence(world: World, posting: Posting, sheet: Sheet) -> None:
    """Write how often, how steadily and how evenly the organizations publish."""
    seen = posting.is_seen[:, :QUARTER_WEEK_COUNT]
    weekly = posting.weekly_counts[:, :QUARTER_WEEK_COUNT]
    absent = world.channels.count(IS_PUBLISHING) == 0
    unobserved = ~seen.any(axis=1)
    sheet.put("posts_per_week", _medians(weekly, seen), absent=absent, unobserved=unobserved)
    shares = ((weekly > 0) & seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    sheet.put("active_weeks_share", shares, absent=absent, unobserved=unobserved)
    sheet.put(
        "burstiness",
        _burstiness(world),
        absent=absent,
        unobserved=~posting.is_seen.any(axis=1),
        undefined=posting.half_year_count < MINIMUM_COUNTS["burstiness"],
    )


def _active_shares(world: World) -> FloatArray:
    return world.scattered(world.rising("active_weeks_share"))[:, np.newaxis]


def _silences(world: World) -> FloatArray:
    mean = world.assumed["dormant.silent_weeks"]
    weeks = world.generator.gamma(2.0, mean / 2.0, len(world))
    return np.where(world.organizations.is_of("dormant"), weeks, 0.0)[:, np.newaxis]


def _weekly_means(world: World) -> FloatArray:
    shape = world.assumed["posts_per_week.shape"]
    scatter = world.generator.gamma(shape, 1.0 / shape, (len(world), WEEK_COUNT))
    return np.minimum(_rates(world)[:, np.newaxis] * scatter, _MOST_POSTS)


def _rates(world: World) -> FloatArray:
    assumed, organizations = world.assumed, world.organizations
    noise = assumed["posts_per_week.noise"] * assumed["noise.scale"]
    logs = (
        world.by_industry("posts")
        + assumed["posts_per_week.size"] * organizations.size_codes
        + tailed(world.generator, len(world), noise, assumed["noise.tail"])
    )
    factors = organizations.by_archetype(
        {
            "outsourced": assumed["outsourced.posts"],
            "quiet": assumed["quiet.activity"],
            "broadcaster": assumed["broadcaster.posts"],
        },
        1.0,
    )
    rates = world.growing("posts_per_week") * np.exp(logs) * factors
    return rates * world.channels.readable_share(IS_PUBLISHING)


def _days_since_last(world: World, counts: IntArray, silences: FloatArray) -> FloatArray:
    published = counts > 0
    weeks = np.argmax(published, axis=1)
    latest = np.take_along_axis(counts, weeks[:, np.newaxis], axis=1)[:, 0]
    within = 1.0 - world.generator.random(len(world)) ** (1.0 / np.maximum(latest, 1))
    older = world.generator.exponential(world.assumed["posts_per_week.pause"], len(world))
    long_ago = np.maximum(silences, WEEK_COUNT) + older
    return _WEEK_DAYS * np.where(published.any(axis=1), weeks + within, long_ago)


def _medians(weekly: IntArray, seen: BoolArray) -> FloatArray:
    ordered = np.sort(np.where(seen, weekly, np.iinfo(np.int64).max), axis=1)
    counts = np.maximum(seen.sum(axis=1), 1)[:, np.newaxis]
    middles = np.hstack([(counts - 1) // 2, counts // 2])
    medians: FloatArray = np.take_along_axis(ordered, middles, axis=1).mean(axis=1)
    return medians


def _burstiness(world: World) -> FloatArray:
    assumed, organizations = world.assumed, world.organizations
    usual = (
        assumed["burstiness.start"]
        - assumed["burstiness.change"] * organizations.drive("burstiness")
        - organizations.by_archetype({"outsourced": assumed["outsourced.evenness"]}, 0.0)
    )
    noise = tailed(
        world.generator,
        len(world),
        assumed["burstiness.noise"] * assumed["noise.scale"],
        assumed["noise.tail"],
    )
    return np.clip(usual + noise, -1.0, 1.0)
