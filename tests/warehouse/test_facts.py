"""Which facts a build keeps, and that an earlier week reaches further back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from warehouse.facts import STEP_ROWS, Step, _steps

WEEK = timedelta(weeks=1)
MONDAY = datetime(2026, 10, 19, tzinfo=UTC)
SINCE = MONDAY - 60 * WEEK
FACTS = ("acts", "channel_weeks", "organization_weeks")


@pytest.fixture
def acme(world):
    """A year and more of posts, one a week."""
    world.organization("acme", "news")
    world.see("news", SINCE, MONDAY, moments(60))
    return world


def test_acts_are_kept_of_the_weeks_that_windows_read_and_sums_of_all(acme):
    acme.build(MONDAY)
    assert weeks_of(acme, "acts") == weeks_of(acme, "organization_weeks") == 26
    assert weeks_of(acme, "channel_weeks") == 60


def test_an_earlier_week_is_built_like_from_nothing(acme, new_world):
    acme.build(MONDAY)
    acme.build(MONDAY - 20 * WEEK)
    with new_world() as other:
        other.organization("acme", "news")
        other.see("news", SINCE, MONDAY, moments(60))
        other.build(MONDAY - 20 * WEEK)
        assert facts(acme) == facts(other)
        assert weeks_of(other, "acts") == 46


def test_what_comes_late_for_a_week_that_is_only_summed_is_in_its_sum(acme):
    acme.build(MONDAY)
    acme.see("news", SINCE, MONDAY + WEEK, [SINCE + timedelta(hours=1)])
    acme.build(MONDAY)
    (first,) = acme.rows("from facts.channel_weeks order by week limit 1")
    assert first.post_count == 2
    assert weeks_of(acme, "acts") == 26


def test_weeks_are_made_together_as_long_as_few_rows_lie_between_them():
    first, second, last = (date(2026, 1, 5) + n * WEEK for n in (0, 1, 9))
    few = dict.fromkeys((first, second, last), 3)
    assert list(_steps([first, last], few)) == [Step(first, last + WEEK)]
    many = few | {second: STEP_ROWS}
    assert list(_steps([first, last], many)) == [
        Step(first, first + WEEK),
        Step(last, last + WEEK),
    ]
    assert list(_steps([], {})) == []


def moments(count):
    return [SINCE + n * WEEK for n in range(count)]


def weeks_of(world, table):
    (row,) = world.rows(f"select count(distinct week) as count from facts.{table}")
    return row.count


def facts(world):
    return [
        world.rows(
            f"select * exclude (act_key) from facts.{table} order by all"
            if table == "acts"
            else f"from facts.{table} order by all"
        )
        for table in FACTS
    ]
