"""burstiness after Kim and Jo (2016, Physical Review E 94, 032311), from gaps worked out by hand.

With r = standard deviation / mean of the gaps between n posts:
A = (sqrt(n+1) r - sqrt(n-1)) / ((sqrt(n+1) - 2) r + sqrt(n-1)).
The window is the 26 weeks from Monday 4 May to Sunday 1 November 2026.
"""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday, 00:00
WEEK = timedelta(days=7)
YEAR_AGO = AS_OF - timedelta(days=371)


def test_a_metronome_has_burstiness_minus_one(world):
    # All gaps equal: r = 0 and A = -sqrt(n-1) / sqrt(n-1) = -1, whatever n is.
    signal = burstiness(world, posts_after(AS_OF - 10 * WEEK, [36] * 39))
    assert signal.value == pytest.approx(-1)
    assert signal.n == 40
    assert (signal.missing_reason, signal.window_weeks) == ("", 26)


def test_twenty_posts_with_gaps_as_uneven_as_by_chance_come_close_to_zero(world):
    # 19 gaps in hours: sum 38, mean 2; squares 36 + 50 + 48 + 9 + 4 + 5 = 152, so the variance
    # is 152/19 - 4 = 4, the deviation 2 and r = 1:
    # A = (sqrt(21) - sqrt(19)) / (sqrt(21) - 2 + sqrt(19)) = 0.032223.
    gaps = [6, 0, 5, 1, 4, 0, 4, 3, 0, 1, 5, 1, 0, 2, 4, 1, 0, 0, 1]
    signal = burstiness(world, posts_after(AS_OF - 5 * WEEK, gaps))
    assert signal.value == pytest.approx(0.032223, abs=5e-7)
    assert signal.n == 20


def test_one_long_pause_between_two_salvos_is_bursty(world):
    # 24 gaps: 23 of 1 hour and one of 977: sum 1000, mean 41.6667; squares 954552, over 24
    # 39773; variance 39773 - 1736.1111 = 38036.8889, deviation 195.0305, r = 4.680732; n = 25:
    # over the line 5.0990195 * 4.680732 - 4.8989795 = 18.968144, below it
    # 3.0990195 * 4.680732 + 4.8989795 = 19.404660, so A = 0.977505.
    gaps = [1] * 12 + [977] + [1] * 11
    signal = burstiness(world, posts_after(AS_OF - 20 * WEEK, gaps))
    assert signal.value == pytest.approx(0.977505, abs=2e-6)


def test_nineteen_posts_are_too_few(world):
    signal = burstiness(world, posts_after(AS_OF - 5 * WEEK, [12] * 18))
    assert (signal.value, signal.missing_reason, signal.n) == (None, "undefined", 19)


def test_posts_that_all_come_at_one_moment_have_no_rhythm(world):
    signal = burstiness(world, posts_after(AS_OF - 5 * WEEK, [0] * 29))
    assert (signal.value, signal.missing_reason, signal.n) == (None, "undefined", 30)


def test_a_seen_silence_is_undefined_and_not_unobserved(world):
    signal = burstiness(world, [])
    assert (signal.value, signal.missing_reason, signal.n) == (None, "undefined", 0)


def test_a_pause_that_reaches_into_an_unseen_week_does_not_count(world):
    world.organization("acme", "news")
    # A post a day at noon, seen in two stretches of two weeks; the week between was not seen.
    # Each stretch has 13 gaps of a day. Were the pause of 8 days counted, r would not be 0.
    first, second = AS_OF - 6 * WEEK, AS_OF - 3 * WEEK
    for start in (first, second):
        world.see("news", start, start + 2 * WEEK - HOUR, posts_after(start + NOON, [24] * 13))
    signal = world.measure(AS_OF)["burstiness"]
    assert signal.value == pytest.approx(-1)
    assert signal.n == 27  # 26 gaps and one
    assert signal.coverage_share == pytest.approx(28 / 182)


def test_posts_before_the_window_do_not_count(world):
    # 15 posts end a day before the window begins, 25 begin with it.
    start = AS_OF - 26 * WEEK
    early, late = posts_after(start - 15 * DAY, [24] * 14), posts_after(start, [24] * 24)
    assert burstiness(world, early + late).n == 25


def test_posts_of_several_channels_make_one_rhythm(world):
    world.organization("acme", "news", "jobs")
    start = AS_OF - 4 * WEEK
    # Each channel posts every other day; together they post daily: 24 posts, equal gaps.
    world.see("news", YEAR_AGO, AS_OF, posts_after(start, [48] * 11))
    world.see("jobs", YEAR_AGO, AS_OF, posts_after(start + DAY, [48] * 11))
    signal = world.measure(AS_OF)["burstiness"]
    assert (signal.value, signal.n) == (pytest.approx(-1), 24)


HOUR, NOON, DAY = timedelta(hours=1), timedelta(hours=12), timedelta(days=1)


def burstiness(world, moments):
    """Of an organization whose one channel was seen all the time."""
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF, moments)
    return world.measure(AS_OF)["burstiness"]


def posts_after(start, gap_hours):
    """A post at `start`, and one after each gap."""
    return [start + timedelta(hours=hours) for hours in accumulate(gap_hours, initial=0)]
