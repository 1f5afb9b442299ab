"""A thousand invented feeds and when they publish in a year; the same for the same seed.

Hours since the beginning of the year are the unit of time; hours before it are negative.
The rhythms follow recorded series of organizations (see ../polling.md for what was taken
from them).
"""

# ruff: noqa: INP001 - a script beside its document, no package

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator
    from numpy.typing import NDArray

    Hours = NDArray[np.float64]

YEAR_HOURS = 365 * 24
_HISTORY_HOURS = 180 * 24
TAIL_HOURS = 21 * 24  #: the year's last entries are looked for in the weeks after it
#: Windows of the whole documents among 135 recorded feeds: 5 to 55 entries, half of them 20.
_WINDOWS = (5, 6, 10, 10, 15, 20, 20, 25, 30, 40, 50, 100)
_LONGEST_OUTAGE = 10 * 24
_BUSY_WINDOWS = (10, 20, 25, 30, 40, 50)
#: Wishes in the recorded feeds, in seconds: an hour mostly, seldom a day or more.
_WISHES = (3600,) * 12 + (600, 900, 900, 1800, 86_400, 108_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedFeed:
    """One feed: when it publishes and what of that it shows.

    Attributes:
        name: the key of its `spread`.
        group: its rhythm in one or two words.
        published: hours of publication, ascending.
        window_count: how many entries it shows.
        window_hours: how old the oldest entry that it shows may be; infinite for most.
        is_conditional: whether its server gives validators.
        is_dated: whether its entries have dates.
        wished_seconds: its `ttl`, None without.
        outages: begin and end of each outage, shape (n, 2).
        renamed_at: when all its identifiers change; NaN when never.
    """

    name: str
    group: str
    published: Hours
    window_count: int
    window_hours: float
    is_conditional: bool
    is_dated: bool
    wished_seconds: int | None
    outages: Hours
    renamed_at: float


def invent(seed: int, scale: float = 1.0) -> list[InventedFeed]:
    """All feeds in the order of their groups; `scale` of them for a small rerun."""
    random = np.random.default_rng(seed)
    return [
        _feed(random, group, number)
        for group, (count, _) in _GROUPS.items()
        for number in range(round(count * scale))
    ]


def _feed(random: Generator, group: str, number: int) -> InventedFeed:
    window_hours = 24 * random.uniform(3, 7) if group == "last days only" else np.inf
    return InventedFeed(
        name=f"{group} {number}",
        group=group,
        published=_within(np.sort(_GROUPS[group][1](random))),
        window_count=_window_count(random, group),
        window_hours=window_hours,
        is_conditional=_happens(random, 0.75),
        is_dated=_happens(random, 0.9),
        wished_seconds=int(random.choice(_WISHES)) if _happens(random, 0.15) else None,
        outages=_outages(random),
        renamed_at=random.uniform(0, YEAR_HOURS) if _happens(random, 0.03) else np.nan,
    )


def _window_count(random: Generator, group: str) -> int:
    if group == "last days only":
        return 1000
    return int(random.choice(_BUSY_WINDOWS if group == "busy" else _WINDOWS))


def _happens(random: Generator, chance: float) -> bool:
    return bool(random.random() < chance)


def _within(hours: Hours) -> Hours:
    return hours[hours < YEAR_HOURS + TAIL_HOURS]


def _outages(random: Generator) -> Hours:
    """Three a year, half of them under six hours, one in a hundred over four days."""
    begins = np.sort(random.uniform(0, YEAR_HOURS, random.poisson(3)))
    ends = begins + np.minimum(random.lognormal(np.log(6), 1.2, begins.size), _LONGEST_OUTAGE)
    return np.column_stack([begins, np.maximum.accumulate(ends)])


def _newsroom(random: Generator) -> Hours:
    return _by_the_clock(random, random.lognormal(np.log(1.5), 0.7), quiet_share=0.05)


def _blog(random: Generator) -> Hours:
    return _by_gaps(random, 24 * random.lognormal(np.log(7), 0.5), sigma=1.0)


def _dead(random: Generator) -> Hours:
    """Nothing for years; one in four comes back one day with a burst."""
    past = -_HISTORY_HOURS + np.sort(random.uniform(-5000, 0, 120))
    burst = random.uniform(0, YEAR_HOURS) + random.exponential(30, random.integers(3, 16))
    return np.concatenate([past, burst]) if _happens(random, 0.25) else past


def _bursty(random: Generator) -> Hours:
    mean = 24 / random.lognormal(np.log(1.5), 0.6)
    return _by_gaps(random, mean, sigma=random.uniform(2.0, 3.3))


def _campaigning(random: Generator) -> Hours:
    base = _by_the_clock(random, random.uniform(0.3, 1.5), quiet_share=0.1)
    return np.concatenate([base, *(_campaign(random) for _ in range(4))])


def _campaign(random: Generator) -> Hours:
    """Three to ten days of 10 to 40 entries, after whatever silence there was."""
    days = random.integers(3, 11)
    daily = random.uniform(10, 40)
    begin = 24 * random.integers(0, 355)
    hours = begin + 24 * random.integers(0, days, random.poisson(days * daily))
    return hours + random.uniform(8, 20, hours.size)


def _busy(random: Generator) -> Hours:
    """A hundred entries on some days, an even stream by day and a thinner one by night."""
    per_day = random.lognormal(np.log(50), 0.35)
    return _by_the_clock(random, per_day, quiet_share=0.3, evenness=4)


def _last_days(random: Generator) -> Hours:
    return _by_the_clock(random, random.uniform(0.5, 3), quiet_share=0.1)


def _by_the_clock(
    random: Generator, per_day: float, quiet_share: float, evenness: float = 0.5
) -> Hours:
    """Office hours and working days of some time zone, several entries at a time."""
    hours = np.arange(-_HISTORY_HOURS, YEAR_HOURS + TAIL_HOURS)
    local = hours + random.integers(-8, 10)
    is_working = (local // 24 % 7 < 5) & (local % 24 >= 8) & (local % 24 < 18)  # noqa: PLR2004
    weight = np.where(is_working, 1, quiet_share)
    weight = weight * random.gamma(evenness, 1 / evenness, hours.size)
    counts = random.poisson(per_day / 24 * weight / weight.mean())
    begins = np.repeat(hours, counts)
    return begins + random.random(begins.size)


def _by_gaps(random: Generator, mean_hours: float, sigma: float) -> Hours:
    """Log-normal gaps: the larger sigma, the longer the silences and the denser the bursts."""
    span = _HISTORY_HOURS + YEAR_HOURS + TAIL_HOURS
    count = int(3 * span / mean_hours) + 50
    gaps = random.lognormal(np.log(mean_hours) - sigma**2 / 2, sigma, count)
    return -_HISTORY_HOURS + np.cumsum(gaps)


_GROUPS: dict[str, tuple[int, Callable[[Generator], Hours]]] = {
    "newsroom": (280, _newsroom),
    "weekly blog": (260, _blog),
    "dead": (150, _dead),
    "bursty": (150, _bursty),
    "campaigns": (80, _campaigning),
    "busy": (50, _busy),
    "last days only": (30, _last_days),
}
