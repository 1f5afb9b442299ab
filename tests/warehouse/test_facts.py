"""Which facts a build keeps, and that an earlier week reaches further back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from warehouse.facts import OF_ALL_TIME, RECENT, STEP_ROWS, Step, _renew_table, _steps

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
MONDAY = datetime(2026, 10, 19, tzinfo=UTC)
SINCE = MONDAY - 60 * WEEK
#: An answer that was edited, and answers something else now.
ELSEWHERE = {"parent_id": "other", "thread_id": "other", "content_fingerprint": "second"}


@pytest.fixture
def acme(world):
    """A year and more of posts, one a week."""
    world.organization("acme", "news")
    world.see("news", SINCE, MONDAY, moments(60))
    return world


def test_acts_are_kept_of_the_weeks_that_windows_read_and_last_posts_of_all(acme):
    acme.build(MONDAY)
    assert weeks_of(acme, "acts") == weeks_of(acme, "organization_weeks") == 26
    assert weeks_of(acme, "post_weeks") == 60


def test_an_earlier_week_is_built_like_from_nothing(acme, new_world):
    acme.build(MONDAY)
    acme.build(MONDAY - 20 * WEEK)
    with new_world() as other:
        other.organization("acme", "news")
        other.see("news", SINCE, MONDAY, moments(60))
        other.build(MONDAY - 20 * WEEK)
        assert facts(acme) == facts(other)
        assert weeks_of(other, "acts") == 46


def test_what_comes_late_for_a_week_without_acts_is_its_last_post(acme):
    acme.build(MONDAY)
    late = SINCE + HOUR
    acme.see("news", SINCE, MONDAY + WEEK, [late])
    acme.build(MONDAY)
    (first,) = acme.rows("from facts.post_weeks order by week limit 1")
    assert first.last_post_at == late.replace(tzinfo=None)
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
    """All facts; random names of acts are left out."""
    columns = "columns(* exclude (act_key))"
    return [
        world.rows(f"select {columns if table == 'acts' else '*'} from facts.{table} order by all")
        for table in (*OF_ALL_TIME, *RECENT)
    ]


def test_a_channel_that_is_struck_off_the_list_no_longer_tells_when_its_organization_speaks(
    world, new_world
):
    with new_world() as other:
        for one in (world, other):
            one.listed_at = MONDAY - WEEK
            one.organization("acme", "news", "blog")
            one.see("news", SINCE, MONDAY, moments(60))
            one.see("blog", SINCE, MONDAY, [moment + 2 * HOUR for moment in moments(60)])
        world.build(MONDAY)
        for one in (world, other):
            one.listed_at = MONDAY
            one.organization("acme", "news")
            one.build(MONDAY)
        query = "from facts.organization_weeks order by all"
        assert world.rows(query) == other.rows(query)


def test_a_build_that_was_interrupted_between_two_facts_is_made_good_by_the_next(
    world, new_world, monkeypatch
):
    with new_world() as other:
        for one in (world, other):
            one.organization("acme", "news", "forum")
            one.load(one.talked("forum", MONDAY - HOUR, *question(one), *answer(one)))
        for one in (world, other):
            one.build(MONDAY)
            one.load(one.talked("forum", MONDAY + HOUR, *answer(one, **ELSEWHERE)))
        monkeypatch.setattr("warehouse.facts._renew_table", interrupted_at("answers"))
        with pytest.raises(InterruptedError):
            world.build(MONDAY + 2 * HOUR)
        monkeypatch.undo()
        for one in (world, other):
            one.build(MONDAY + 2 * HOUR)
        query = "select * exclude (act_key) from facts.answers order by all"
        assert world.rows(query) == other.rows(query) == []


def interrupted_at(name):
    """What makes a fact anew, up to one at which the process ends."""

    def renew(connection, table):
        if table == name:
            raise InterruptedError
        _renew_table(connection, table)

    return renew


def question(world):
    return [world.said("question", MONDAY - 30 * DAY, kind="question", is_question=True)]


def answer(world, **changes):
    return [world.said("answer", MONDAY - 3 * DAY, by="organization", parent="question") | changes]
