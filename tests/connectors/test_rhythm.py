"""How often a channel is asked."""

import math
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fetching.rhythm import (
    CEILING_SECONDS,
    FLOOR_SECONDS,
    LOSSY_SECONDS,
    QUIET_CEILING_SECONDS,
    Answer,
    Rhythm,
    adapt,
    spread,
)

HOUR, DAY = 3600, 86_400


def test_dates_in_the_first_document_tell_the_first_interval():
    assert first(entry_count=20, window_seconds=60 * DAY).interval_seconds == CEILING_SECONDS
    assert first(entry_count=20, window_seconds=30 * HOUR).interval_seconds == 10 * HOUR
    assert first(entry_count=20, window_seconds=60).interval_seconds == FLOOR_SECONDS


def test_without_dates_the_interval_begins_at_the_floor_and_doubles_at_most():
    rhythm = first(entry_count=20)
    intervals = [rhythm.interval_seconds]
    for _ in range(6):
        rhythm = adapt(rhythm, unchanged(rhythm.interval_seconds))
        intervals.append(rhythm.interval_seconds)
    assert intervals == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]


def test_a_first_look_is_no_overflow():
    assert not first(entry_count=20).is_lossy


def test_a_third_of_the_window_may_fill_until_the_next_look():
    rhythm = adapt(known(window=30), answer(elapsed=DAY, new=10, entries=30))
    assert rhythm.interval_seconds == DAY
    rhythm = adapt(known(window=30), answer(elapsed=DAY, new=20, entries=30))
    assert rhythm.interval_seconds == DAY / 2
    assert not rhythm.is_lossy


def test_the_interval_obeys_the_highest_recent_rate_and_not_the_last():
    rhythm = adapt(known(window=30), answer(elapsed=DAY, new=20, entries=30))
    after = adapt(rhythm, unchanged(DAY / 2))
    assert DAY / 2 <= after.interval_seconds < 0.51 * DAY


def test_a_rate_that_is_not_reached_again_is_forgotten():
    rhythm = adapt(known(window=30), answer(elapsed=DAY, new=20, entries=30))
    for _ in range(400):
        rhythm = adapt(rhythm, unchanged(rhythm.interval_seconds))
    assert rhythm.interval_seconds >= CEILING_SECONDS


def test_looks_that_come_early_do_not_make_it_forget():
    patient = hasty = adapt(known(window=30), answer(elapsed=DAY, new=29, entries=30))
    for _ in range(8):
        hasty = adapt(hasty, unchanged(HOUR))
    for _ in range(8):
        patient = adapt(patient, unchanged(patient.interval_seconds))
    assert patient.interval_seconds > hasty.interval_seconds


def test_one_entry_in_a_minute_is_no_rate_of_sixty_an_hour():
    rhythm = adapt(known(window=30), answer(elapsed=60, new=1, entries=30))
    assert rhythm.interval_seconds == 10 * HOUR


@pytest.mark.parametrize("is_conditional", [True, False])
@pytest.mark.parametrize("wished", [None, HOUR, 30 * DAY])
@pytest.mark.parametrize("elapsed", [HOUR, DAY, 30 * DAY])
def test_an_overflow_marks_the_channel_and_halves_the_interval_at_least(
    is_conditional, wished, elapsed
):
    overflow = answer(elapsed=elapsed, new=10, is_conditional=is_conditional, wished=wished)
    rhythm = adapt(known(window=10), overflow)
    assert rhythm.is_lossy
    assert FLOOR_SECONDS <= rhythm.interval_seconds <= CEILING_SECONDS / 2


def test_a_full_window_with_one_known_entry_is_no_overflow():
    assert not adapt(known(window=10), answer(elapsed=DAY, new=9, entries=10)).is_lossy


def test_the_mark_ends_after_four_weeks_without_overflow():
    rhythm = adapt(known(window=10), answer(elapsed=DAY, new=10))
    for _ in range(LOSSY_SECONDS // DAY - 1):
        rhythm = adapt(rhythm, unchanged(DAY))
        assert rhythm.is_lossy
    assert not adapt(rhythm, unchanged(DAY)).is_lossy


def test_another_overflow_begins_the_four_weeks_anew():
    rhythm = adapt(known(window=10), answer(elapsed=DAY, new=10))
    rhythm = adapt(rhythm, unchanged(LOSSY_SECONDS - DAY))
    rhythm = adapt(rhythm, answer(elapsed=HOUR, new=10))
    assert adapt(rhythm, unchanged(2 * DAY)).is_lossy


def test_entries_that_only_changed_their_names_are_no_overflow_and_no_rate():
    moved = answer(elapsed=DAY, new=20, window_seconds=40 * DAY)
    rhythm = adapt(known(window=20), moved)
    assert not rhythm.is_lossy
    assert rhythm.interval_seconds == CEILING_SECONDS


def test_a_date_without_a_time_of_day_does_not_hide_an_overflow():
    # All of it came since the last look at noon, and is dated at midnight.
    assert adapt(known(window=10), answer(elapsed=HOUR, new=10, window_seconds=13 * HOUR)).is_lossy


def test_a_window_of_the_last_days_that_shrank_is_no_overflow():
    assert not adapt(known(window=9), answer(elapsed=DAY, new=2)).is_lossy


def test_a_document_after_an_empty_one_is_no_overflow():
    rhythm = adapt(first(entry_count=0), answer(elapsed=DAY, new=3))
    assert (rhythm.is_lossy, rhythm.window_count) == (False, 3)


def test_a_window_made_smaller_for_good_is_learned():
    rhythm = known(window=50)
    for _ in range(20):
        rhythm = adapt(rhythm, answer(elapsed=DAY, new=1, entries=10))
    assert rhythm.window_count == 10


def test_a_server_without_validators_is_asked_daily():
    rhythm = first(entry_count=20, is_conditional=False)
    assert rhythm.interval_seconds == DAY
    after = adapt(rhythm, answer(elapsed=DAY, new=8, entries=20, is_conditional=False))
    assert after.interval_seconds == DAY


def test_a_server_without_validators_is_asked_as_often_as_its_window_needs():
    rhythm = adapt(known(window=20), answer(elapsed=DAY, new=19, entries=20, is_conditional=False))
    assert rhythm.interval_seconds == pytest.approx(DAY * 10 / 19, abs=1)


def test_a_wish_is_granted_while_half_the_window_stays_free():
    steady = answer(elapsed=4 * HOUR, new=2, entries=20)
    wished = answer(elapsed=4 * HOUR, new=2, entries=20, wished=18 * HOUR)
    assert adapt(known(window=20, interval=8 * HOUR), steady).interval_seconds < 14 * HOUR
    assert adapt(known(window=20, interval=8 * HOUR), wished).interval_seconds == 18 * HOUR
    greedy = answer(elapsed=4 * HOUR, new=10, entries=20, wished=18 * HOUR)
    assert adapt(known(window=20), greedy).interval_seconds == 4 * HOUR


def test_no_wish_reaches_beyond_the_ceiling():
    rhythm = adapt(known(window=20), answer(elapsed=DAY, new=0, wished=10**12))
    assert rhythm.interval_seconds == CEILING_SECONDS


def test_four_silent_weeks_let_a_large_window_be_asked_every_other_day():
    assert after_silence(window=10, days=27).interval_seconds == CEILING_SECONDS
    assert after_silence(window=10, days=29).interval_seconds == QUIET_CEILING_SECONDS
    assert after_silence(window=9, days=400).interval_seconds == CEILING_SECONDS


def test_the_first_entry_after_a_silence_ends_it():
    rhythm = adapt(after_silence(window=10, days=60), answer(elapsed=2 * DAY, new=1, entries=10))
    assert rhythm.interval_seconds == CEILING_SECONDS


def test_equal_answers_give_equal_rhythms():
    answers = [answer(elapsed=DAY, new=count % 7, entries=10) for count in range(50)]
    assert replay(answers) == replay(answers)


answers = st.builds(
    Answer,
    elapsed_seconds=st.none() | st.floats(-DAY, 400 * DAY),
    new_count=st.integers(0, 10**6),
    entry_count=st.integers(0, 10**6),
    is_conditional=st.booleans(),
    wished_seconds=st.none() | st.integers(-(10**12), 10**12),
    window_seconds=st.none() | st.floats(-DAY, 10**10),
)


@given(st.lists(answers, max_size=30))
def test_whatever_a_server_answers_the_interval_keeps_its_bounds(many):
    rhythm = replay(many)
    assert isinstance(rhythm.interval_seconds, int)
    assert FLOOR_SECONDS <= rhythm.interval_seconds <= QUIET_CEILING_SECONDS
    assert all(math.isfinite(value) and value >= 0 for value in asdict(rhythm).values())


@given(st.integers(0, 10 * DAY), st.text())
def test_a_wait_is_the_interval_or_up_to_a_tenth_more(interval, key):
    wait = spread(interval, key)
    least = max(interval, FLOOR_SECONDS)
    assert least <= wait <= 1.1 * least
    assert wait == spread(interval, key)


def test_channels_of_one_run_come_due_at_different_times():
    waits = {spread(DAY, f"channel-{number}") for number in range(100)}
    assert len(waits) > 90
    assert max(waits) - min(waits) > 2 * HOUR


def first(*, entry_count, window_seconds=None, is_conditional=True):
    """The rhythm after the first look."""
    return adapt(
        Rhythm(),
        Answer(
            elapsed_seconds=None,
            new_count=entry_count,
            entry_count=entry_count,
            is_conditional=is_conditional,
            window_seconds=window_seconds,
        ),
    )


def known(*, window, interval=DAY):
    """A channel that has been looked at before and was quiet."""
    return Rhythm(interval_seconds=interval, window_count=window)


def answer(*, elapsed, new, entries=None, is_conditional=True, wished=None, window_seconds=None):
    """A document; all of it is new unless `entries` says how long it is."""
    return Answer(
        elapsed_seconds=elapsed,
        new_count=new,
        entry_count=new if entries is None else entries,
        is_conditional=is_conditional,
        wished_seconds=wished,
        window_seconds=window_seconds,
    )


def unchanged(elapsed):
    return answer(elapsed=elapsed, new=0)


def after_silence(*, window, days):
    rhythm = known(window=window)
    for _ in range(days):
        rhythm = adapt(rhythm, unchanged(DAY))
    return rhythm


def replay(many):
    rhythm = Rhythm()
    for one in many:
        rhythm = adapt(rhythm, one)
    return rhythm
