"""When an invented channel posts: a planned calendar, sudden posts, seasons and silences.

A channel has planned posts (fixed weekdays and hours, kept most of the time) and sudden ones
(a Poisson process whose rate follows weekday, season, campaigns and bursts). What a stage
usually does lies in `_USUAL`; its ranges overlap on purpose, as the stages do. All rates are
posts a week and channel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from flows.demo.organization import Temper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random
    from zoneinfo import ZoneInfo

PERIOD_WEEKS = 60
DORMANT_WEEKS = 40

_DAYS_PER_WEEK = 7
_WEEKDAYS = range(5)
_MEETING_MINUTES = (540, 600, 660, 690, 840, 900, 960)  # full and half hours in office time
_BURST_FACTOR = 6.0
_CAMPAIGN_FACTOR = 2.5
_HOLIDAY_FACTOR = 0.3
_CHRISTMAS = ((12, 22), (1, 3))
_SUMMER = ((7, 20), (8, 18))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a channel tends to post."""

    planned_per_week: float
    sudden_per_week: float
    kept_share: float  #: of the planned posts
    burst_share: float  #: of the weeks in which sudden posts come in a cluster
    weekend_share: float  #: of the sudden posts
    evening_share: float  #: of the sudden posts


class Span(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether the day lies in the span."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What an organization's time looks like, for all its channels alike.

    `until` is the first day that has not happened yet.
    """

    until: date
    zone: ZoneInfo
    campaigns: tuple[Span, ...]
    silences: tuple[Span, ...]

    def days(self) -> Iterator[date]:
        """Every day of the period, oldest first."""
        first = self.until - timedelta(weeks=PERIOD_WEEKS)
        return (first + timedelta(days=n) for n in range(PERIOD_WEEKS * _DAYS_PER_WEEK))

    def factor(self, day: date) -> float:
        """By what the usual rate is multiplied on a day: 0 in a silence."""
        if any(silence.holds(day) for silence in self.silences):
            return 0.0
        season = _HOLIDAY_FACTOR if _is_holiday(day) else 1.0
        campaign = _CAMPAIGN_FACTOR if any(span.holds(day) for span in self.campaigns) else 1.0
        return season * campaign


class _Range(NamedTuple):
    low: float
    high: float


class _Usual(NamedTuple):
    planned: _Range
    sudden: _Range
    kept_share: float
    burst_share: float
    weekend_share: float
    evening_share: float


# Widths and overlaps are ours; they sum up to the posts a week that practitioners expect of
# each stage (0 to 1 at stage 1, 1 to 15 at 2, 3 to 25 at 3, 6 and more above).
_USUAL = {
    1: _Usual(_Range(0.0, 0.0), _Range(0.05, 0.35), 0.0, 0.10, 0.10, 0.15),
    2: _Usual(_Range(0.0, 0.4), _Range(0.3, 1.4), 0.6, 0.16, 0.02, 0.03),
    3: _Usual(_Range(0.4, 1.2), _Range(0.8, 2.2), 0.75, 0.08, 0.08, 0.15),
    4: _Usual(_Range(1.4, 2.8), _Range(0.2, 0.9), 0.92, 0.04, 0.05, 0.08),
    5: _Usual(_Range(1.2, 2.6), _Range(0.7, 1.8), 0.90, 0.03, 0.12, 0.20),
    6: _Usual(_Range(1.0, 2.6), _Range(0.8, 2.2), 0.90, 0.03, 0.15, 0.25),
}


def draw_rhythm(stage: int, temper: Temper, rng: Random) -> Rhythm:
    """How one channel of an organization at a stage (1 to 6) posts, with its own chance."""
    usual = _USUAL[stage]
    rhythm = Rhythm(
        planned_per_week=rng.uniform(*usual.planned),
        sudden_per_week=rng.uniform(*usual.sudden),
        kept_share=usual.kept_share,
        burst_share=usual.burst_share,
        weekend_share=usual.weekend_share,
        evening_share=usual.evening_share,
    )
    return _tempered(rhythm, temper)


def _tempered(rhythm: Rhythm, temper: Temper) -> Rhythm:
    if temper is Temper.QUIET:
        return replace(
            rhythm,
            planned_per_week=rhythm.planned_per_week * 0.25,
            sudden_per_week=rhythm.sudden_per_week * 0.25,
        )
    if temper is Temper.AGENCY:
        return replace(rhythm, planned_per_week=4.0, kept_share=0.97, burst_share=0.02)
    return rhythm


def draw_calendar(until: date, zone: ZoneInfo, temper: Temper, rng: Random) -> Calendar:
    """An organization's campaigns (two to four) and silences (none to two)."""
    campaigns = tuple(_draw_span(until, 5, 16, rng) for _ in range(rng.randint(2, 4)))
    silences = tuple(_draw_span(until, 6, 24, rng) for _ in range(rng.randint(0, 2)))
    if temper is Temper.DORMANT:
        silences += (Span(until - timedelta(weeks=DORMANT_WEEKS), until),)
    return Calendar(until=until, zone=zone, campaigns=campaigns, silences=silences)


def _draw_span(until: date, shortest_days: int, longest_days: int, rng: Random) -> Span:
    first = until - timedelta(days=rng.randint(20, PERIOD_WEEKS * _DAYS_PER_WEEK - 1))
    return Span(first, first + timedelta(days=rng.randint(shortest_days, longest_days) - 1))


def post_times(rhythm: Rhythm, calendar: Calendar, rng: Random) -> tuple[datetime, ...]:
    """Every moment at which a channel posts in the period, in UTC, oldest first."""
    slots = _draw_slots(rhythm.planned_per_week, rng)
    bursts = {week for week in range(PERIOD_WEEKS) if rng.random() < rhythm.burst_share}
    moments: set[datetime] = set()
    for n, day in enumerate(calendar.days()):
        factor = calendar.factor(day)
        burst = _BURST_FACTOR if n // _DAYS_PER_WEEK in bursts else 1.0
        minutes = [*_planned(slots, rhythm, factor, day, rng)]
        minutes += _sudden(rhythm, factor * burst, day, rng)
        moments.update(_moment(day, minute, calendar.zone, rng) for minute in minutes)
    return tuple(sorted(moments))


def _draw_slots(planned_per_week: float, rng: Random) -> dict[int, int]:
    """Minute of the day for each weekday with a planned post; as many as fit the rate."""
    count = min(len(_WEEKDAYS), max(1, round(planned_per_week))) if planned_per_week else 0
    return {day: rng.choice(_MEETING_MINUTES) for day in rng.sample(_WEEKDAYS, count)}


def _planned(
    slots: dict[int, int], rhythm: Rhythm, factor: float, day: date, rng: Random
) -> Iterator[float]:
    if day.weekday() not in slots:
        return
    # A calendar with one slot but less than one post a week leaves weeks out.
    chance = rhythm.kept_share * min(1.0, rhythm.planned_per_week / len(slots)) * min(1.0, factor)
    if rng.random() < chance:
        yield slots[day.weekday()] + rng.uniform(0, 4)


def _sudden(rhythm: Rhythm, factor: float, day: date, rng: Random) -> Iterator[float]:
    is_weekend = day.weekday() not in _WEEKDAYS
    share = rhythm.weekend_share / 2 if is_weekend else (1 - rhythm.weekend_share) / 5
    for _ in range(_poisson(rhythm.sudden_per_week * share * factor, rng)):
        is_evening = is_weekend or rng.random() < rhythm.evening_share
        yield rng.uniform(1050, 1340) if is_evening else rng.triangular(500, 1040, 650)


def _poisson(mean: float, rng: Random) -> int:
    """Number of events of a unit-rate process before `mean` (exponential waiting times)."""
    count, waited = 0, rng.expovariate(1.0)
    while waited < mean:
        count, waited = count + 1, waited + rng.expovariate(1.0)
    return count


def _moment(day: date, minute: float, zone: ZoneInfo, rng: Random) -> datetime:
    """A local minute of a day as UTC; nobody posts at night, so no hour is skipped or doubled."""
    local = time(int(minute) // 60, int(minute) % 60, rng.randrange(60), tzinfo=zone)
    return datetime.combine(day, local).astimezone(UTC)


def _is_holiday(day: date) -> bool:
    month_day = (day.month, day.day)
    is_christmas = month_day >= _CHRISTMAS[0] or month_day <= _CHRISTMAS[1]
    return is_christmas or _SUMMER[0] <= month_day <= _SUMMER[1]
