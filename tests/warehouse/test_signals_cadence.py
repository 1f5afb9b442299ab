"""posts_per_week and active_weeks_share: little calendars in, numbers worked out by hand out.

The window is the 13 weeks from Monday 3 August to Sunday 1 November 2026.
"""

from datetime import UTC, date, datetime, timedelta
from math import comb

import pytest
from statsmodels.stats.proportion import proportion_confint

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday, 00:00
WEEK = timedelta(days=7)
OF_PUBLISHING = (
    "posts_per_week",
    "active_weeks_share",
    "burstiness",
    "weekend_share",
    "office_hours_share",
    "dormant_share",
    "days_since_last_post",
)
WINDOW_START = AS_OF - 13 * WEEK
YEAR_AGO = AS_OF - timedelta(days=371)


def test_posts_per_week_is_the_median_over_the_weeks(world):
    world.organization("acme", "news")
    # In order 0 1 1 2 2 3 [4] 4 5 6 7 9 30: the 7th of 13 is 4, where the mean would be 5.7.
    counts = [4, 0, 30, 1, 7, 2, 2, 3, 1, 5, 4, 9, 6]
    world.see("news", YEAR_AGO, AS_OF, posts_by_week(counts))
    signal = world.measure(AS_OF)["posts_per_week"]
    assert signal.value == 4
    assert (signal.numerator, signal.denominator, signal.n) == (74, 13, 13)
    # The 3rd smallest and the 3rd largest hold the median with 97.75 % (binomial, n = 13).
    assert (signal.lower, signal.upper) == (1, 7)
    assert signal.coverage_share == 1
    assert (signal.missing_reason, signal.window_weeks) == ("", 13)


def test_an_even_number_of_weeks_takes_the_middle_of_the_two_in_the_middle(world):
    world.organization("acme", "news")
    world.see("news", AS_OF - 4 * WEEK, AS_OF, posts_by_week([8, 1, 5, 2]))
    signal = world.measure(AS_OF)["posts_per_week"]
    assert signal.value == 3.5  # 1 [2 5] 8
    assert (signal.lower, signal.upper) == (1, 8)  # four weeks: nothing but the extremes
    assert (signal.numerator, signal.n) == (16, 4)
    assert signal.coverage_share == pytest.approx(28 / 91)


def test_a_quiet_organization_has_zero_posts_and_not_none(world):
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF)
    signals = world.measure(AS_OF)
    assert signals["posts_per_week"].value == 0
    assert signals["active_weeks_share"].value == 0
    assert signals["active_weeks_share"].missing_reason == ""


def test_a_week_with_one_unseen_day_is_left_out(world):
    world.organization("acme", "news")
    # Weeks of 2 posts; the Wednesday of the fourth week from the end is not seen. Had that week
    # counted as 0 or 2, n would be 13.
    gap = AS_OF - 4 * WEEK + timedelta(days=2)
    posts = posts_by_week([2] * 13)
    before = [moment for moment in posts if moment < gap]
    after = [moment for moment in posts if moment >= gap + timedelta(days=1)]
    world.see("news", YEAR_AGO, gap - timedelta(seconds=1), before)
    world.see("news", gap + timedelta(days=1), AS_OF, after)
    signals = world.measure(AS_OF)
    assert (signals["posts_per_week"].value, signals["posts_per_week"].n) == (2, 12)
    assert signals["posts_per_week"].coverage_share == pytest.approx(90 / 91)
    active = signals["active_weeks_share"]
    assert (active.value, active.numerator, active.denominator) == (1, 12, 12)


def test_weeks_begin_on_monday_at_midnight_utc(world):
    world.organization("acme", "news")
    monday = AS_OF - WEEK
    moments = [monday - timedelta(seconds=1), monday, AS_OF - timedelta(seconds=1)]
    world.see("news", AS_OF - 2 * WEEK, AS_OF, moments)
    signal = world.measure(AS_OF)["posts_per_week"]
    assert (signal.lower, signal.value, signal.upper) == (1, 1.5, 2)


def test_posts_of_all_channels_add_up(world):
    world.organization("acme", "news", "jobs")
    world.see("news", AS_OF - WEEK, AS_OF, posts_by_week([3]))
    world.see("jobs", AS_OF - WEEK, AS_OF, posts_by_week([4]))
    assert world.measure(AS_OF)["posts_per_week"].value == 7


def test_a_channel_that_was_never_read_takes_from_the_coverage_alone(world):
    world.organization("acme", "news", "closed")
    world.see("news", YEAR_AGO, AS_OF, posts_by_week([2] * 13))
    signal = world.measure(AS_OF)["posts_per_week"]
    assert (signal.value, signal.n, signal.coverage_share) == (2, 13, 0.5)


def test_a_week_in_which_one_of_two_readable_channels_was_not_seen_is_left_out(world):
    world.organization("acme", "news", "jobs")
    world.see("news", YEAR_AGO, AS_OF, posts_by_week([2] * 13))
    world.see("jobs", AS_OF - 3 * WEEK, AS_OF, posts_by_week([1, 1, 1]))
    signal = world.measure(AS_OF)["posts_per_week"]
    assert (signal.value, signal.n) == (3, 3)
    assert signal.coverage_share == pytest.approx((91 + 21) / 182)


NO_POSTS = [
    {"kind": "reply"},
    {"kind": "repost"},
    {"direction": "to_organization"},
    {"is_repeated": True},
    {"occurred_at": None, "date_flag": "future"},
    {"occurred_at": None, "date_flag": "implausible"},
]


@pytest.fixture(scope="module")
def posting(new_world):
    """Organizations with one post and one entry that is none, each of another sort."""
    with new_world() as world:
        at = AS_OF - timedelta(days=3)
        for number, change in enumerate(NO_POSTS):
            world.organization(f"acme{number}", f"news{number}")
            entries = [world.entry(at), world.entry(at, **change)]
            world.read(f"news{number}", AS_OF, *entries, listed_from=AS_OF - WEEK)
        world.build(AS_OF)
        yield world


@pytest.mark.parametrize("number", range(len(NO_POSTS)), ids=map(str, NO_POSTS))
def test_only_original_posts_with_a_trustworthy_date_count(posting, number):
    signal = posting.measured(AS_OF, f"acme{number}")["posts_per_week"]
    assert (signal.value, signal.numerator, signal.n) == (1, 1, 1)


def test_the_running_week_does_not_count(world):
    world.organization("acme", "news")
    thursday = AS_OF + timedelta(days=3, hours=15)
    posts = [*posts_by_week([2] * 13), *(AS_OF + timedelta(hours=h) for h in range(1, 40))]
    world.see("news", YEAR_AGO, thursday, posts)
    on_monday, on_thursday = world.measure(AS_OF), world.measure(thursday)
    assert on_monday["posts_per_week"] == on_thursday["posts_per_week"]
    assert on_thursday["posts_per_week"].numerator == 26


def test_what_happened_after_the_moment_asked_for_does_not_count(world):
    world.organization("acme", "news")
    later = AS_OF + 5 * WEEK
    posts = [AS_OF - timedelta(seconds=1), *(AS_OF + timedelta(hours=h) for h in range(600))]
    world.see("news", YEAR_AGO, later, posts)
    signals = world.measure(AS_OF)
    assert signals["posts_per_week"].numerator == 1
    assert signals["active_weeks_share"].numerator == 1
    assert signals["days_since_last_post"].value == pytest.approx(1 / 86400)
    assert [row.occurred_on for row in world.rows("from staging.posts")] == [date(2026, 11, 1)]


def test_a_monday_at_midnight_closes_the_week_before_and_a_second_earlier_does_not(world):
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF, [AS_OF - timedelta(days=1)])
    sunday = AS_OF - timedelta(seconds=1)
    assert world.measure(AS_OF)["active_weeks_share"].numerator == 1
    assert world.measure(sunday)["active_weeks_share"].numerator == 0


def test_an_organization_without_channels_has_no_such_signal(world):
    world.organization("acme")
    for signal in world.measure(AS_OF).values():
        assert (signal.value, signal.missing_reason, signal.n) == (None, "absent", 0)


def test_a_channel_that_was_never_read_leaves_every_signal_of_publishing_unobserved(world):
    world.organization("acme", "news")
    world.read("news", AS_OF - WEEK, outcome="server_error")
    signals = world.measure(AS_OF)
    for code in OF_PUBLISHING:
        assert (signals[code].value, signals[code].missing_reason) == (None, "unobserved")
        assert signals[code].coverage_share == 0


def test_a_channel_seen_for_less_than_a_week_gives_no_complete_week(world):
    world.organization("acme", "news")
    world.see("news", AS_OF - timedelta(days=6), AS_OF, [AS_OF - timedelta(days=2)])
    signal = world.measure(AS_OF)["posts_per_week"]
    assert (signal.value, signal.missing_reason, signal.n) == (None, "unobserved", 0)
    assert signal.coverage_share == pytest.approx(6 / 91)


def test_active_weeks_share_counts_weeks_with_a_post(world):
    world.organization("acme", "news")
    world.see("news", YEAR_AGO, AS_OF, posts_by_week([1, 0, 5, 2, 0, 1, 1, 0, 3, 1, 0, 1, 9]))
    signal = world.measure(AS_OF)["active_weeks_share"]
    assert signal.value == pytest.approx(9 / 13)
    assert (signal.numerator, signal.denominator, signal.n) == (9, 13, 13)
    # Wilson (1927) with z = 1.96, z² = 3.8415, p = 0.69231:
    # centre p + z²/26 = 0.84006; half width z sqrt(p(1-p)/13 + z²/676) = 0.29116;
    # both over 1 + z²/13 = 1.29550: from 0.42369 to 0.87320.
    assert signal.lower == pytest.approx(0.42369, abs=5e-5)
    assert signal.upper == pytest.approx(0.87320, abs=5e-5)


def test_wilson_bounds_equal_those_of_statsmodels(world):
    for n in (1, 2, 7, 13, 20, 91, 1000):
        for successes in {0, 1, n // 2, n - 1, n}:
            ((lower, upper),) = world.connection.execute(
                "select statistics.wilson_lower($k, $n), statistics.wilson_upper($k, $n)",
                {"k": successes, "n": n},
            ).fetchall()
            expected = proportion_confint(successes, n, method="wilson")
            assert (lower, upper) == pytest.approx(expected, abs=1e-12)


def test_wilson_bounds_hold_the_share_even_when_it_is_nothing_or_everything(world):
    escaped = world.connection.execute(
        """
        select n, successes
        from range(1, 400) as counts (n)
        cross join lateral unnest([0, 1, n - 1, n]) as shares (successes)
        where not (
            statistics.wilson_lower(successes, n) <= successes / n
            and successes / n <= statistics.wilson_upper(successes, n)
        )
        """
    ).fetchall()
    assert escaped == []


def test_there_is_no_wilson_bound_without_observations(world):
    bounds = "select statistics.wilson_lower(0, 0), statistics.wilson_upper(0, 0)"
    assert world.connection.execute(bounds).fetchone() == (None, None)


@pytest.fixture(scope="module")
def counting(new_world):
    """Organizations that were seen for 1, 2, … 13 weeks; the n-th smallest count is n."""
    with new_world() as world:
        for week_count in range(1, 14):
            channel = f"news{week_count}"
            world.organization(f"acme{week_count}", channel)
            posts = posts_by_week(list(range(1, week_count + 1)))
            world.see(channel, AS_OF - week_count * WEEK, AS_OF, posts)
        world.build(AS_OF)
        yield world


@pytest.mark.parametrize("week_count", range(1, 14))
def test_the_interval_of_the_median_is_the_narrowest_with_95_percent(counting, week_count):
    signal = counting.measured(AS_OF, f"acme{week_count}")["posts_per_week"]
    rank = narrowest_rank(week_count)
    assert (signal.lower, signal.upper) == (rank, week_count + 1 - rank)


def narrowest_rank(n):
    """Largest r for which the r-th smallest and r-th largest of n hold the median with 95 %."""
    inside = [r for r in range(1, n // 2 + 1) if 1 - 2 * tail(n, r - 1) >= 0.95]
    return max(inside, default=1)


def tail(n, k):
    return sum(comb(n, i) for i in range(k + 1)) / 2**n


def posts_by_week(counts):
    """So many posts in each week up to `AS_OF`, half an hour apart from Monday 08:00 UTC."""
    start = AS_OF - len(counts) * WEEK
    return [
        start + number * WEEK + timedelta(hours=8, minutes=30 * post)
        for number, count in enumerate(counts)
        for post in range(count)
    ]


def test_questions_under_a_tag_are_no_silence_of_the_organization(world):
    world.organization("acme", "news", "tag")
    for name in ("news", "tag"):
        world.see(
            name, AS_OF - 30 * WEEK, AS_OF - WEEK / 7, [AS_OF - WEEK] if name == "news" else []
        )
    both = world.measure(AS_OF)
    assert both["dormant_share"].denominator == 1
    world.organization("other", "tag-two")
    world.see("tag-two", AS_OF - 30 * WEEK, AS_OF - WEEK / 7)
    alone = world.measure(AS_OF, organization="other")
    assert {alone[code].missing_reason for code in ("posts_per_week", "dormant_share")} == {
        "absent"
    }
