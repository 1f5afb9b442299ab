"""Coverage: an outage is not a silence. Each channel has one state on each day."""

from datetime import UTC, date, datetime, timedelta

import pytest

DAY = timedelta(days=1)
#: Polls come at 10:00 UTC; the channel is first read on Monday 5 October 2026.
FIRST = datetime(2026, 10, 5, 10, tzinfo=UTC)
UNSEEN = {"blocked", "failed", "out_of_window"}


def test_outage_is_not_zero(world):
    """Three channels fall silent on the same days, each in its own way."""
    world.organization("acme", "broken", "closed", "quiet")
    outcomes = {"broken": "server_error", "closed": "blocked", "quiet": "not_modified"}
    for channel, outcome in outcomes.items():
        world.read(channel, FIRST, world.entry(FIRST - DAY))
        world.load(*(unanswered(world, channel, FIRST + n * DAY, outcome) for n in (1, 2, 3)))
    as_of = FIRST + 4 * DAY
    silent_days = days(6, 7, 8)
    assert of(world.states("broken", as_of), silent_days) == ["failed"] * 3
    assert of(world.states("closed", as_of), silent_days) == ["blocked"] * 3
    assert of(world.states("quiet", as_of), silent_days) == ["empty"] * 3


def test_an_unseen_day_has_no_count_and_a_seen_one_has_zero(world):
    world.organization("acme", "broken", "quiet")
    for channel, outcome in {"broken": "timeout", "quiet": "not_modified"}.items():
        world.read(channel, FIRST, world.entry(FIRST))
        world.load(unanswered(world, channel, FIRST + DAY, outcome))
    world.build(FIRST + 2 * DAY)
    counts = {
        (row.channel_id, row.day): row.activity_count for row in world.rows("from staging.coverage")
    }
    assert counts["quiet", date(2026, 10, 5)] == 1
    assert counts["quiet", date(2026, 10, 6)] == 0
    assert counts["broken", date(2026, 10, 6)] is None


def test_every_channel_has_exactly_one_known_state_on_each_day(world):
    world.organization("acme", "read", "broken", "never-asked")
    world.organization("other", "mixed")
    world.see("read", FIRST - 20 * DAY, FIRST, [FIRST - 3 * DAY])
    world.load(unanswered(world, "broken", FIRST, "unreachable"))
    for n, outcome in enumerate(("ok", "blocked", "gone", "not_modified", "malformed")):
        world.read("mixed", FIRST + n * DAY, world.entry(FIRST), outcome=outcome)
    world.build(FIRST + 6 * DAY)  # in the middle of a day: 371 days and the one that runs
    found = world.rows(
        """
        select channel_id, count(*) as day_count, count(distinct day) as distinct_count,
            min(day) as first_day, max(day) as last_day, list(distinct state) as states
        from staging.coverage group by channel_id order by channel_id
        """
    )
    assert [row.channel_id for row in found] == ["broken", "mixed", "never-asked", "read"]
    for row in found:
        assert (row.day_count, row.distinct_count) == (372, 372)
        assert (row.first_day, row.last_day) == (date(2025, 10, 5), date(2026, 10, 11))
        assert set(row.states) <= UNSEEN | {"covered", "empty"}


def test_the_year_ends_before_a_midnight_asked_for(world):
    world.organization("acme", "news")
    states = world.states("news", datetime(2026, 10, 12, tzinfo=UTC))
    assert len(states) == 371
    assert max(states) == date(2026, 10, 11)


def test_days_before_the_window_of_a_feed_are_out_of_window(world):
    world.organization("acme", "news")
    world.read("news", FIRST, world.entry(FIRST - 2 * DAY), world.entry(FIRST))
    states = world.states("news", FIRST + DAY)
    expected = ["out_of_window", "covered", "empty", "covered"]
    assert of(states, days(2, 3, 4, 5)) == expected
    assert states[date(2025, 12, 24)] == "out_of_window"


def test_days_after_the_last_reading_are_not_seen(world):
    world.organization("acme", "news")
    world.read("news", FIRST, world.entry(FIRST))
    states = world.states("news", FIRST + 3 * DAY)
    assert of(states, days(5, 6, 7)) == ["covered", "out_of_window", "out_of_window"]


def test_a_channel_that_was_never_asked_is_out_of_window(world):
    world.organization("acme", "news")
    assert set(world.states("news", FIRST).values()) == {"out_of_window"}


def test_a_first_empty_page_shows_its_own_day_and_no_other(world):
    world.organization("acme", "news")
    world.read("news", FIRST)
    states = world.states("news", FIRST + DAY)
    assert of(states, days(4, 5)) == ["out_of_window", "empty"]


def test_an_answer_of_304_extends_what_was_seen(world):
    world.organization("acme", "news")
    world.read("news", FIRST, world.entry(FIRST))
    world.load(unanswered(world, "news", FIRST + 5 * DAY, "not_modified"))
    states = world.states("news", FIRST + 6 * DAY)
    assert of(states, days(5, 6, 7, 8, 9, 10)) == ["covered", *["empty"] * 5]


def test_a_known_entry_on_the_next_page_closes_the_gap_between_two_readings(world):
    world.organization("acme", "news")
    shared = world.entry(FIRST)
    world.read("news", FIRST, shared)
    world.read("news", FIRST + 4 * DAY, shared, world.entry(FIRST + 4 * DAY))
    states = world.states("news", FIRST + 5 * DAY)
    assert of(states, days(5, 6, 7, 8, 9)) == ["covered", *["empty"] * 3, "covered"]


def test_a_page_of_nothing_but_new_entries_leaves_the_gap_before_it_unseen(world):
    """Window overflow: what came and went between two readings was never seen."""
    world.organization("acme", "news")
    world.read("news", FIRST, world.entry(FIRST))
    newer = [world.entry(FIRST + n * DAY) for n in (3, 4)]
    world.read("news", FIRST + 4 * DAY, *newer)
    states = world.states("news", FIRST + 5 * DAY)
    gap = ["out_of_window"] * 2
    assert of(states, days(5, 6, 7, 8, 9)) == ["covered", *gap, "covered", "covered"]
    assert [row.is_overflow for row in listings(world)] == [False, True]


def test_a_first_page_is_no_overflow_although_all_on_it_is_new(world):
    world.organization("acme", "news")
    world.read("news", FIRST)
    world.read("news", FIRST + DAY, world.entry(FIRST), world.entry(FIRST + DAY))
    assert [row.is_overflow for row in listings(world)] == [False, False]
    assert [row.new_entry_count for row in listings(world)] == [0, 2]


def test_new_entries_only_that_reach_back_before_the_last_reading_hide_nothing(world):
    world.organization("acme", "news")
    world.read("news", FIRST, world.entry(FIRST))
    world.read("news", FIRST + 3 * DAY, world.entry(FIRST - DAY), world.entry(FIRST + 3 * DAY))
    states = world.states("news", FIRST + 4 * DAY)
    assert of(states, days(4, 5, 6, 7, 8)) == ["covered", "covered", "empty", "empty", "covered"]


def test_an_outage_is_healed_by_a_later_page_that_reaches_back(world):
    world.organization("acme", "news")
    shared = world.entry(FIRST)
    world.read("news", FIRST, shared)
    world.load(*(unanswered(world, "news", FIRST + n * DAY, "server_error") for n in (1, 2)))
    healed_at = FIRST + 3 * DAY
    world.read("news", healed_at, shared, world.entry(FIRST + 2 * DAY))
    states = world.states("news", healed_at + DAY)
    assert of(states, days(5, 6, 7, 8)) == ["covered", "empty", "covered", "empty"]


def test_an_outage_that_ends_in_an_overflow_stays_a_failure(world):
    world.organization("acme", "news")
    world.read("news", FIRST, world.entry(FIRST))
    world.load(*(unanswered(world, "news", FIRST + n * DAY, "server_error") for n in (1, 2)))
    world.read("news", FIRST + 4 * DAY, world.entry(FIRST + 4 * DAY))
    states = world.states("news", FIRST + 5 * DAY)
    # Nobody asked on the 8th; the page that could have shown it did not reach back so far.
    expected = ["covered", "failed", "failed", "out_of_window", "covered"]
    assert of(states, days(5, 6, 7, 8, 9)) == expected


def test_an_earlier_moment_of_knowledge_sees_less(world):
    world.organization("acme", "news")
    shared = world.entry(FIRST)
    world.read("news", FIRST, shared)
    world.load(unanswered(world, "news", FIRST + DAY, "blocked"))
    healed_at = FIRST + 2 * DAY
    world.read("news", healed_at, shared, world.entry(FIRST + DAY))
    now = world.states("news", healed_at, known_at=healed_at)
    then = world.states("news", healed_at, known_at=healed_at - timedelta(seconds=1))
    nothing = world.states("news", healed_at, known_at=FIRST - DAY)
    assert of(now, days(5, 6, 7)) == ["covered", "covered", "empty"]
    assert of(then, days(5, 6, 7)) == ["covered", "blocked", "blocked"]
    assert set(nothing.values()) == {"out_of_window"}


def test_posts_that_were_not_known_yet_do_not_count(world):
    world.organization("acme", "news")
    world.see("news", FIRST - 30 * DAY, FIRST, [FIRST - DAY])
    world.see("news", FIRST - 30 * DAY, FIRST + DAY, [FIRST - 2 * DAY])
    as_of = FIRST + 7 * DAY
    late = world.measure(as_of)["posts_per_week"]
    early = world.measure(as_of, known_at=FIRST + timedelta(hours=1))["posts_per_week"]
    assert (early.numerator, late.numerator) == (1, 2)


@pytest.mark.parametrize("flag", ["future", "implausible", "unparsable", "missing"])
def test_an_entry_whose_date_is_flagged_covers_no_day(world, flag):
    world.organization("acme", "news")
    said = datetime(2026, 10, 4, tzinfo=UTC)
    flagged = world.entry(None, date_flag=flag, published_at=said)
    world.read("news", FIRST, flagged, world.entry(FIRST - 2 * DAY))
    states = world.states("news", FIRST + DAY)
    assert of(states, days(3, 4, 5)) == ["covered", "empty", "empty"]


def unanswered(world, channel, at, outcome):
    """An attempt that brought no new document; a 304 confirms the window of the last one."""
    kept = {"listed_from": FIRST - DAY, "entry_count": 1} if outcome == "not_modified" else {}
    return world.page(channel, at, outcome=outcome, **kept)


def listings(world):
    return world.rows("from raw.listings order by observed_at")


def days(*numbers):
    return [date(2026, 10, number) for number in numbers]


def of(states, wanted):
    return [states[day] for day in wanted]
