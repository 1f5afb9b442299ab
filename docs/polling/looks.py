"""Watching an invented feed for a year, and what came of it."""

# ruff: noqa: INP001 - a script beside its document, no package

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from invented_feeds import TAIL_HOURS, YEAR_HOURS

from connectors.fetching.rhythm import Answer, Rhythm, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from invented_feeds import Hours, InventedFeed
    from numpy.typing import NDArray

    Adapt = Callable[[Rhythm, Answer], Rhythm]

_HOUR = 3600
_WEEK_HOURS = 7 * 24
_MARK_HOURS = 28 * 24
_LONGEST_BACKOFF = 24 * _HOUR
_MOST_DOUBLINGS = 5
_spread = lru_cache(1 << 10)(spread)  # the ceilings come again and again


@dataclass(slots=True, kw_only=True)
class Looks:
    """When a feed was asked, in hours; `seen` are the looks that were answered."""

    asked: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    marked: list[bool] = field(default_factory=list)  #: the lossy mark after each of `seen`


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What a year of looks at one feed came to."""

    group: str
    request_count: int
    useful_count: int  #: requests that brought something new
    published_count: int
    caught_count: int
    catchable_count: int  #: that hourly looks would have caught
    delays: Hours  #: from publication to first sight, of what was caught
    marked_weeks: NDArray[np.bool_]  #: by week: the channel is marked lossy at its end
    lossy_weeks: NDArray[np.bool_]  #: by week: entries were lost in the four weeks before


def at_intervals(feed: InventedFeed, hours: float) -> Looks:
    """Looks at a fixed interval, whatever comes."""
    asked = np.arange(_start(feed), YEAR_HOURS + TAIL_HOURS, hours)
    begins, ends = feed.outages.T
    is_down = ((asked[:, None] >= begins) & (asked[:, None] < ends)).any(axis=1)
    seen = asked[~is_down].tolist()
    return Looks(asked=asked.tolist(), seen=seen, marked=[False] * len(seen))


def adaptively(feed: InventedFeed, adapt: Adapt) -> Looks:
    """Looks at the intervals that `adapt` gives; failures double the wait up to a day."""
    looks, eyes, rhythm = Looks(), _Eyes(feed), Rhythm()
    now, failures = _start(feed), 0
    while not looks.seen or looks.seen[-1] < YEAR_HOURS:
        looks.asked.append(now)
        if eyes.are_shut(now):
            failures += 1
        else:
            failures = 0
            rhythm = adapt(rhythm, eyes.look(now))
            looks.seen.append(now)
            looks.marked.append(rhythm.is_lossy)
        now += _spread(_wait(rhythm, failures), feed.name) / _HOUR
    return looks


def reckon(feed: InventedFeed, looks: Looks, catchable_count: int) -> Year:
    """What `looks` caught of the year: an entry is caught if the next look still shows it."""
    published = feed.published[(feed.published >= 0) & (feed.published < YEAR_HOURS)]
    seen_at, is_caught = _first_sight(feed, looks)
    asked = np.array(looks.asked)
    return Year(
        group=feed.group,
        request_count=int((asked < YEAR_HOURS).sum()),
        useful_count=np.unique(seen_at[is_caught]).size,
        published_count=published.size,
        caught_count=int(is_caught.sum()),
        catchable_count=catchable_count,
        delays=(seen_at - published)[is_caught],
        marked_weeks=_marked_weeks(looks),
        lossy_weeks=_lossy_weeks(seen_at[~is_caught]),
    )


def count_catchable(feed: InventedFeed) -> int:
    """How many entries of the year hourly looks catch: more than anyone should ask for."""
    _, is_caught = _first_sight(feed, at_intervals(feed, 1))
    return int(is_caught.sum())


class _Eyes:
    """Sees of a feed what its document shows, and remembers the last."""

    def __init__(self, feed: InventedFeed) -> None:
        self._feed = feed
        self._published = feed.published.tolist()
        self._outages = feed.outages.tolist()
        self._seen_to = -1
        self._seen_at = float("nan")

    def are_shut(self, now: float) -> bool:
        while self._outages and now >= self._outages[0][1]:
            del self._outages[0]
        return bool(self._outages) and now >= self._outages[0][0]

    def look(self, now: float) -> Answer:
        feed = self._feed
        end = bisect_right(self._published, now)
        begin = self._window_begin(now, end)
        is_renamed = self._seen_at < feed.renamed_at <= now
        new = end - (begin if is_renamed or self._seen_to < 0 else max(begin, self._seen_to))
        is_full = new > 0 or not feed.is_conditional or self._seen_to < 0
        dated = feed.is_dated and is_full and end > begin
        answer = Answer(
            elapsed_seconds=None if self._seen_to < 0 else (now - self._seen_at) * _HOUR,
            new_count=new,
            entry_count=end - begin if is_full else 0,
            is_conditional=feed.is_conditional,
            wished_seconds=feed.wished_seconds,
            window_seconds=(now - self._published[begin]) * _HOUR if dated else None,
        )
        self._seen_to, self._seen_at = end, now
        return answer

    def _window_begin(self, now: float, end: int) -> int:
        oldest = bisect_right(self._published, now - self._feed.window_hours)
        return max(0, end - self._feed.window_count, oldest)


def _start(feed: InventedFeed) -> float:
    """The first run takes all feeds within its first quarter of an hour."""
    return (spread(_HOUR, feed.name) / _HOUR - 1) * 2.5


def _wait(rhythm: Rhythm, failures: int) -> int:
    backoff = _HOUR << min(failures, _MOST_DOUBLINGS) if failures else 0
    return max(rhythm.interval_seconds, min(backoff, _LONGEST_BACKOFF))


def _first_sight(feed: InventedFeed, looks: Looks) -> tuple[Hours, NDArray[np.bool_]]:
    """By entry of the year: the first look after it, and whether it was still shown then."""
    seen = np.array(looks.seen)
    ends = np.searchsorted(feed.published, seen, side="right")
    oldest = np.searchsorted(feed.published, seen - feed.window_hours, side="right")
    begins = np.maximum(ends - feed.window_count, oldest)
    (entries,) = np.nonzero((feed.published >= 0) & (feed.published < YEAR_HOURS))
    look = np.searchsorted(seen, feed.published[entries], side="left")
    return seen[look], entries >= begins[look]


def _marked_weeks(looks: Looks) -> NDArray[np.bool_]:
    ends = np.arange(_WEEK_HOURS, YEAR_HOURS, _WEEK_HOURS)
    last = np.searchsorted(looks.seen, ends, side="right") - 1
    return np.array(looks.marked)[last] & (last >= 0)


def _lossy_weeks(noticed: Hours) -> NDArray[np.bool_]:
    """A loss counts from the look that came too late."""
    ends = np.arange(_WEEK_HOURS, YEAR_HOURS, _WEEK_HOURS)
    until = np.searchsorted(noticed, ends, side="right")
    return until > np.searchsorted(noticed, ends - _MARK_HOURS, side="right")
