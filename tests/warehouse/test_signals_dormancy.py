"""dormant_share and days_since_last_post: what has fallen silent, of what could be seen.

The window is the 180 days from Wednesday 6 May to Sunday 1 November 2026.
"""

from datetime import UTC, datetime, timedelta

import pytest

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday, 00:00
WINDOW_START = datetime(2026, 5, 6, tzinfo=UTC)
YEAR_AGO = AS_OF - timedelta(days=371)
DAY = timedelta(days=1)


def test_a_channel_is_dormant_when_180_seen_days_have_no_post(world):
    world.organization("acme", "lively", "silent", "recent")
    world.see("lively", YEAR_AGO, AS_OF, [AS_OF - 10 * DAY])
    world.see("silent", YEAR_AGO, AS_OF, [WINDOW_START - 30 * DAY])
    # Sixty seen days without a post: it may be dormant, or not; nobody can tell yet.
    world.see("recent", AS_OF - 60 * DAY, AS_OF)
    signal = world.measure(AS_OF)["dormant_share"]
    assert (signal.value, signal.numerator, signal.denominator, signal.n) == (0.5, 1, 2, 2)
    # Wilson for 1 of 2: centre .5 + 3.8415/4 = 1.46036, half width
    # 1.96 sqrt(.125 + 3.8415/16) = 1.18426, both over 2.92073: .09453 to .90547.
    assert (signal.lower, signal.upper) == pytest.approx((0.09453, 0.90547), abs=5e-5)
    assert signal.coverage_share == pytest.approx((180 + 180 + 60) / 540)
    assert (signal.missing_reason, signal.window_weeks) == ("", 26)


@pytest.mark.parametrize(
    ("last_post", "dormant"),
    [(WINDOW_START, 0), (WINDOW_START - timedelta(microseconds=1), 1)],
)
def test_a_post_on_the_first_moment_of_the_180_days_keeps_a_channel_alive(
    world, last_post, dormant
):
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF, [last_post])
    assert world.measure(AS_OF)["dormant_share"].value == dormant


def test_one_unseen_day_leaves_it_open_whether_a_silent_channel_is_dormant(world):
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF - 50 * DAY - timedelta(hours=1))
    world.see("news", AS_OF - 49 * DAY, AS_OF)
    signal = world.measure(AS_OF)["dormant_share"]
    assert (signal.value, signal.missing_reason, signal.n) == (None, "unobserved", 0)
    assert signal.coverage_share == pytest.approx(179 / 180)


def test_a_post_shows_a_channel_to_be_active_however_little_was_seen(world):
    world.organization("acme", "news")
    world.see("news", AS_OF - 3 * DAY, AS_OF, [AS_OF - 2 * DAY])
    signal = world.measure(AS_OF)["dormant_share"]
    assert (signal.value, signal.n) == (0, 1)


def test_days_since_the_last_post_run_to_the_end_of_the_week(world):
    world.organization("acme", "news", "jobs")
    # Wednesday 28 October, 12:00, to Monday 2 November, 00:00: 4.5 days.
    world.see("news", YEAR_AGO, AS_OF, [datetime(2026, 10, 28, 12, tzinfo=UTC)])
    world.see("jobs", YEAR_AGO, AS_OF, [datetime(2026, 9, 1, tzinfo=UTC)])
    signal = world.measure(AS_OF)["days_since_last_post"]
    assert (signal.value, signal.missing_reason, signal.n) == (4.5, "", 2)


def test_a_post_of_the_running_week_does_not_count_yet(world):
    world.organization("acme", "news")
    thursday = AS_OF + 3 * DAY
    world.see("news", YEAR_AGO, thursday, [AS_OF - DAY, AS_OF, AS_OF + DAY])
    assert world.measure(thursday)["days_since_last_post"].value == 1


def test_a_post_before_the_window_is_still_the_last_one(world):
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF, [AS_OF - 300 * DAY])
    signals = world.measure(AS_OF)
    assert signals["days_since_last_post"].value == 300
    assert signals["dormant_share"].value == 1


def test_a_seen_channel_without_any_post_has_no_last_one(world):
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF)
    signals = world.measure(AS_OF)
    assert signals["days_since_last_post"].value is None
    assert signals["days_since_last_post"].missing_reason == "undefined"
    assert signals["dormant_share"].value == 1


def test_replies_and_repeats_do_not_wake_a_dormant_channel(world):
    world.organization("acme", "news")
    at = AS_OF - 5 * DAY
    entries = [world.entry(at, kind="reply"), world.entry(at, is_repeated=True)]
    world.read("news", AS_OF, *entries, listed_from=YEAR_AGO)
    assert world.measure(AS_OF)["dormant_share"].value == 1


def test_every_organization_is_measured_by_its_own_channels(world):
    world.organization("acme", "news")
    world.organization("other", "blog")
    world.see("news", YEAR_AGO, AS_OF, [AS_OF - DAY])
    world.see("blog", YEAR_AGO, AS_OF, [AS_OF - 9 * DAY])
    assert world.measure(AS_OF)["days_since_last_post"].value == 1
    assert world.measure(AS_OF, organization="other")["days_since_last_post"].value == 9
