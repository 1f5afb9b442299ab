"""weekend_share and office_hours_share: by the organization's own clock, not by UTC.

The window is the 13 weeks from Monday 3 August to Sunday 1 November 2026. Amsterdam leaves
summer time (UTC+2) for UTC+1 on Sunday 25 October; Auckland is at UTC+13 in October.
"""

from datetime import UTC, datetime, timedelta

import pytest

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday, 00:00
WEEK = timedelta(days=7)
YEAR_AGO = AS_OF - timedelta(days=371)
#: Weekdays in office hours in every European zone, summer and winter.
FILLERS = [datetime(2026, 9, 1 + day % 4, 10, day, tzinfo=UTC) for day in range(20)]


def test_shares_are_counted_on_the_organizations_clock(world):
    # Twenty posts from Tuesday to Friday at 10:xx UTC, 12:xx in Amsterdam: all in office hours.
    # Five more, in local time: Saturday 10:00 (weekend), Sunday 23:00 (weekend), Monday 08:59
    # (early), Friday 16:59 (in time), Friday 17:00 (late).
    summer = timedelta(hours=2)
    local = [
        datetime(2026, 9, 5, 10, 0, tzinfo=UTC),
        datetime(2026, 9, 6, 23, 0, tzinfo=UTC),
        datetime(2026, 9, 7, 8, 59, 59, tzinfo=UTC),
        datetime(2026, 9, 11, 16, 59, 59, tzinfo=UTC),
        datetime(2026, 9, 11, 17, 0, tzinfo=UTC),
    ]
    weekend, office = shares(world, [*FILLERS, *(moment - summer for moment in local)])
    assert (weekend.value, weekend.numerator, weekend.denominator) == (2 / 25, 2, 25)
    assert (office.value, office.numerator, office.denominator) == (21 / 25, 21, 25)
    # Wilson for 2 of 25: centre .08 + 3.8415/50 = .15683, half width
    # 1.96 sqrt(.08*.92/25 + 3.8415/2500) = .13118, both over 1.15366: .02223 to .24965.
    assert weekend.lower == pytest.approx(0.02223, abs=5e-5)
    assert weekend.upper == pytest.approx(0.24965, abs=5e-5)


def test_nine_o_clock_moves_with_summer_time(world):
    # Friday 23 October, 07:30 UTC, is 09:30 in Amsterdam; a week later it is 08:30.
    moments = [datetime(2026, 10, day, 7, 30, tzinfo=UTC) for day in (23, 30)]
    weekend, office = shares(world, FILLERS + moments)
    assert (office.numerator, office.n) == (21, 22)
    assert weekend.numerator == 0


def test_the_hour_that_the_clock_repeats_counts_twice(world):
    # On Sunday 25 October 00:30 and 01:30 UTC are both 02:30 in Amsterdam.
    moments = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    assert shares(world, FILLERS + moments)[0].numerator == 2


def test_the_weekend_begins_earlier_on_the_other_side_of_the_world(world):
    # Friday 16 October, 12:00 UTC, is Saturday 01:00 in Auckland; Sunday 12:00 UTC is Monday.
    friday, sunday = (datetime(2026, 10, day, 12, tzinfo=UTC) for day in (16, 18))
    # Monday to Thursday 21:mm UTC is 10:mm in Auckland on Tuesday to Friday: office hours.
    fillers = [datetime(2026, 10, 12 + n % 4, 21, n, tzinfo=UTC) for n in range(20)]
    weekend, office = shares(world, [*fillers, friday, sunday], timezone="Pacific/Auckland")
    assert (weekend.numerator, weekend.n) == (1, 22)
    assert (office.numerator, office.n) == (20, 22)


def test_a_day_without_time_tells_the_weekend_and_not_the_hour(world):
    world.organization("acme", "news", timezone="America/New_York")
    timed = [world.entry(moment + timedelta(hours=5)) for moment in FILLERS]
    # Saturday 5 September at midnight UTC would be Friday in New York; the document says Saturday.
    saturday = datetime(2026, 9, 5, tzinfo=UTC)
    dated = [world.entry(saturday, time_precision="day") for _ in range(5)]
    world.read("news", AS_OF, *timed, *dated, listed_from=YEAR_AGO)
    signals = world.measure(AS_OF)
    assert (signals["weekend_share"].numerator, signals["weekend_share"].n) == (5, 25)
    assert (signals["office_hours_share"].numerator, signals["office_hours_share"].n) == (20, 20)


def test_below_twenty_posts_a_share_is_undefined_but_its_parts_are_given(world):
    saturday = datetime(2026, 9, 5, 12, tzinfo=UTC)
    weekend, office = shares(world, [*FILLERS[:18], saturday])
    assert (weekend.value, weekend.missing_reason) == (None, "undefined")
    assert (weekend.numerator, weekend.denominator, weekend.n) == (1, 19, 19)
    assert 0 < weekend.lower < 1 / 19 < weekend.upper < 1
    assert (office.value, office.missing_reason, office.numerator) == (None, "undefined", 18)


def test_twenty_posts_are_enough(world):
    weekend, office = shares(world, FILLERS)
    assert (weekend.value, weekend.missing_reason) == (0, "")
    assert (office.value, office.lower < 1, office.upper) == (1, True, 1)


def test_without_a_known_clock_nothing_is_said_about_the_hours(world):
    weekend, office = shares(world, FILLERS, timezone="")
    for signal in (weekend, office):
        assert (signal.value, signal.missing_reason, signal.n) == (None, "undefined", 0)


def test_only_posts_of_the_window_count(world):
    start = AS_OF - 13 * WEEK
    moments = [start - timedelta(seconds=1), start, AS_OF - timedelta(seconds=1), AS_OF]
    weekend, _ = shares(world, FILLERS + moments, timezone="UTC")
    # Inside are Monday 3 August, 00:00, and Sunday 1 November, 23:59:59.
    assert (weekend.numerator, weekend.n) == (1, 22)


def test_every_share_of_nothing_or_everything_passes_the_checks(world):
    # 38 of 38 posts in office hours: a computed bound of 0.9999999999999999 would stop the build.
    moments = [moment + timedelta(minutes=20) for moment in FILLERS[:18]]
    _, office = shares(world, FILLERS + moments)
    assert (office.value, office.upper, office.n) == (1, 1, 38)


def shares(world, moments, timezone="Europe/Amsterdam"):
    """Both signals of an organization whose one channel was seen all the time."""
    world.organization("acme", "news", timezone=timezone)
    world.see("news", YEAR_AGO, AS_OF, moments)
    signals = world.measure(AS_OF)
    return signals["weekend_share"], signals["office_hours_share"]
