"""Every outcome has a class, and every class a pause that grows up to a bound."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.fetching.backoff import (
    CREDENTIALS,
    REFUSAL,
    RULE,
    SOFT,
    TEMPORARY,
    is_temporary,
    pause,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAILURES = [outcome for outcome in Outcome if not outcome.is_seen]
DOWN = {Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.TRUNCATED, Outcome.SERVER_ERROR}
OUTCOMES = st.sampled_from(FAILURES)


@given(OUTCOMES, st.integers(-(10**9), 10**9))
def test_every_failure_however_often_it_repeats_has_a_pause_of_an_hour_to_a_week(outcome, count):
    assert HOUR <= pause(outcome, count) <= 7 * DAY


@given(OUTCOMES, st.integers(1, 100))
def test_a_pause_never_shrinks_and_never_more_than_doubles(outcome, count):
    this, following = pause(outcome, count), pause(outcome, count + 1)
    assert this <= following <= 2 * this


@pytest.mark.parametrize("outcome", FAILURES)
def test_the_pause_begins_at_the_first_of_its_class_and_ends_at_the_longest(outcome):
    classes = {(each.first, each.longest) for each in (TEMPORARY, SOFT, REFUSAL, CREDENTIALS, RULE)}
    assert (pause(outcome, 1), pause(outcome, 100)) in classes


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_who_is_down_may_be_back_in_a_moment(outcome):
    assert is_temporary(outcome) is (outcome in DOWN)


def test_who_does_not_let_us_in_is_asked_less_often_than_who_is_down():
    for count in range(1, 12):
        assert pause(Outcome.BLOCKED, count) > pause(Outcome.SERVER_ERROR, count)
        assert pause(Outcome.NEEDS_AUTH, count) >= pause(Outcome.BLOCKED, count)


def test_our_own_rules_are_read_anew_each_day():
    for outcome in (Outcome.DISALLOWED, Outcome.OPTED_OUT):
        assert {pause(outcome, count) for count in range(1, 30)} == {DAY}


def test_a_server_that_stays_down_is_asked_at_least_once_a_day():
    assert pause(Outcome.UNREACHABLE, 10**6) == DAY
