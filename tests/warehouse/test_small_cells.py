"""No published number is about fewer than five persons, nor follows from two others (rule R14)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.build import build_marts

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = date(2026, 2, 23)
OF_PERSONS = (
    "participants_per_1000_followers",
    "returning_participant_share",
    "top_decile_share",
)
OF_ACTS = (
    *("reply_rate_72h", "question_reply_rate_72h", "reply_rate_1h", "reply_rate_24h"),
    *("reply_rate_7d", "response_hours_median", "peer_answer_share"),
)
NUMBERS = ("value", "numerator", "denominator", "n", "lower", "upper")


@pytest.fixture
def acme(world):
    world.organization("acme", "forum")
    return world


def measure(world, signal, n, numerator=None, denominator=None, value=0.5):
    """Put a measurement in the place of what was there."""
    given = {"signal": signal, "n": n, "numerator": numerator, "denominator": denominator}
    world.connection.execute("delete from signals.measurements where signal_code = $1", [signal])
    world.connection.execute(
        """
        insert into signals.measurements by name
        select
            'acme' as organization_id, $week::date as as_of_week, 26 as window_weeks,
            $signal as signal_code, $value::double as value, $numerator::double as numerator,
            $denominator::double as denominator, $n as n, 0.0 as lower, 1.0 as upper,
            1.0 as coverage_share, false as is_pooled, '' as missing_reason,
            '' as unseen_reason, 'test' as method_version, $week::timestamp as known_at
        """,
        {**given, "value": value, "week": WEEK},
    )


def published(world, signal):
    (row,) = world.rows("from signals.published where signal_code = $signal", signal=signal)
    return row


def is_hidden(row):
    numbers = [getattr(row, name) for name in NUMBERS]
    assert (row.missing_reason == "too_few_persons") == (set(numbers) == {None})
    return row.missing_reason == "too_few_persons"


@pytest.mark.parametrize("signal", ["participants_per_1000_followers", *OF_ACTS])
@pytest.mark.parametrize(("n", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_what_rests_on_one_to_four_is_not_published(acme, signal, n, hidden):
    measure(acme, signal, n, numerator=n, denominator=1000)
    assert is_hidden(published(acme, signal)) == hidden


@pytest.mark.parametrize(
    ("n", "returning", "hidden"),
    [(4, 2, True), (30, 4, True), (30, 27, True), (30, 5, False), (30, 0, False), (30, 30, False)],
)
def test_neither_those_who_return_nor_those_who_do_not_are_few(acme, n, returning, hidden):
    measure(acme, "returning_participant_share", n, numerator=returning, denominator=n)
    assert is_hidden(published(acme, "returning_participant_share")) == hidden


@pytest.mark.parametrize(("n", "hidden"), [(10, True), (40, True), (41, False)])
def test_the_most_active_tenth_is_five_persons_at_least(acme, n, hidden):
    measure(acme, "top_decile_share", n, numerator=60, denominator=100)
    assert is_hidden(published(acme, "top_decile_share")) == hidden


@pytest.mark.parametrize(
    "signal", ["participants_per_1000_followers", "returning_participant_share"]
)
@pytest.mark.parametrize(("n", "hidden"), [(60, False), (59, True), (56, True), (55, False)])
def test_the_difference_of_two_counts_tells_of_nobody(acme, signal, n, hidden):
    measure(acme, "top_decile_share", 60, numerator=60, denominator=100)
    measure(acme, signal, n, numerator=20, denominator=n)
    assert is_hidden(published(acme, signal)) == hidden
    assert not is_hidden(published(acme, "top_decile_share"))


def test_where_the_total_is_hidden_nothing_follows_from_it(acme):
    measure(acme, "top_decile_share", 32, numerator=60, denominator=100)
    measure(acme, "returning_participant_share", 30, numerator=20, denominator=30)
    assert is_hidden(published(acme, "top_decile_share"))
    assert not is_hidden(published(acme, "returning_participant_share"))


def test_what_counts_no_persons_stays_as_it_was_measured(acme):
    measure(acme, "posts_per_week", 2, numerator=2, denominator=13)
    assert not is_hidden(published(acme, "posts_per_week"))


COUNTS = st.integers(0, 80)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(everybody=COUNTS, early=COUNTS, returning=COUNTS, participants=COUNTS)
def test_no_sum_and_no_difference_of_what_is_published_isolates_anybody(
    acme, everybody, early, returning, participants
):
    early, participants = min(early, everybody), min(participants, everybody)
    returning = min(returning, early)
    measure(acme, "top_decile_share", everybody, numerator=everybody, denominator=everybody)
    measure(acme, "returning_participant_share", early, numerator=returning, denominator=early)
    measure(acme, "participants_per_1000_followers", participants, participants, denominator=9999)
    told = {signal: published(acme, signal) for signal in OF_PERSONS}
    shown = {
        "all": told["top_decile_share"].n,
        "early": told["returning_participant_share"].n,
        "returning": told["returning_participant_share"].numerator,
        "participants": told["participants_per_1000_followers"].n,
    }
    nested = [("all", "early"), ("early", "returning"), ("all", "participants")]
    cells = [value for value in shown.values() if value is not None]
    cells += [
        shown[whole] - shown[part]
        for whole, part in nested
        if shown[whole] is not None and shown[part] is not None
    ]
    assert not [cell for cell in cells if 0 < cell < 5]


@pytest.fixture
def weeks(world):
    """Six weeks in which 7, 9, 3, 0, 8 and 6 things were said to an organization."""
    world.organization("acme", "forum")
    world.see("forum", AS_OF - timedelta(weeks=25), AS_OF - timedelta(hours=1))
    return world


def received(world, *counts):
    said = [
        world.said(
            f"q{week}-{n}", AS_OF - timedelta(weeks=week, days=-2, minutes=n), thread=f"t{n}"
        )
        for week, count in enumerate(counts, start=1)
        for n in range(count)
    ]
    view = {"reply_count": 9, "shown_count": 9, "is_truncated": False, "withheld_count": 0}
    views = [{"thread_id": thread, **view} for thread in {row["thread_id"] for row in said}]
    world.talk("forum", AS_OF - timedelta(minutes=1), *said, threads=views)
    world.build(AS_OF)
    build_marts(world.connection, world.clock(AS_OF), {"snapshot_number": 1})
    rows = world.rows("from marts.activity_weeks order by week desc limit $n", n=len(counts))
    return [row.received_count for row in rows]


def test_a_week_of_few_voices_is_not_told_nor_the_next_smallest_which_would_give_it_away(weeks):
    assert received(weeks, 7, 9, 3, 0, 8, 6) == [7, 9, None, 0, 8, None]


def test_of_several_such_weeks_each_hides_the_other(weeks):
    assert received(weeks, 7, 2, 3, 0) == [7, None, None, 0]


def test_weeks_of_many_voices_are_told(weeks):
    assert received(weeks, 7, 5, 0) == [7, 5, 0]


def test_the_snapshot_holds_no_small_cell_of_persons(weeks):
    received(weeks, 3, 0, 2)
    codes = [*OF_PERSONS, *OF_ACTS]
    found = weeks.rows(
        "from marts.signals where signal_code in (select unnest($codes)) and n between 1 and 4",
        codes=codes,
    )
    assert found == []
    hidden = weeks.rows("from marts.signals where missing_reason = 'too_few_persons'")
    assert {row.signal_code for row in hidden} & set(OF_ACTS)
    (wide,) = weeks.rows("from marts.organizations")
    assert [getattr(wide, row.signal_code) for row in hidden] == [None] * len(hidden)
