"""Turns at a host are given in the order of asking; what is over or dead is not waited for."""

import pytest

from connectors.fetching.line import (
    LONGEST_PAUSE_SECONDS,
    LONGEST_SILENCE_SECONDS,
    LONGEST_TURN_SECONDS,
    Line,
    ask,
    poll_seconds,
    read_line,
)
from connectors.fetching.pacing import Pace

TWO_A_SECOND_APART = Pace(parallel=2, spacing_seconds=1.0)
NOW = 1000.0


def test_the_first_of_all_starts_at_once():
    assert asked(Line(), "a") == (Line(started_at=NOW, running={"a": NOW}), 0.0)


def test_the_next_start_is_due_when_the_spacing_has_passed():
    line = Line(started_at=NOW - 0.3, running={"a": NOW - 0.3})
    waiting, seconds = asked(line, "b")
    assert seconds == pytest.approx(0.7)
    assert waiting.waiting == {"b": NOW}
    started, seconds = asked(waiting, "b", now=NOW + 0.7)
    assert seconds == 0
    assert started == Line(NOW + 0.7, {"a": NOW - 0.3, "b": NOW + 0.7})


def test_who_came_later_waits_for_who_came_first_even_when_a_start_is_due():
    line = Line(started_at=NOW - 5, waiting={"a": NOW - 1})
    line, seconds = asked(line, "b")
    assert seconds == poll_seconds(TWO_A_SECOND_APART)
    assert list(line.waiting) == ["a", "b"]


def test_asking_again_keeps_the_place():
    line = Line(started_at=NOW - 0.1, waiting={"a": NOW - 1, "b": NOW - 1})
    line, _ = asked(line, "a")
    assert line.waiting == {"a": NOW, "b": NOW - 1}


def test_who_was_first_in_line_and_is_gone_is_not_waited_for():
    line = Line(started_at=NOW - 5, waiting={"gone": NOW - 1, "dead": NOW - 1})
    line, seconds = asked(line, "b", present={"b"})
    assert (seconds, line.waiting, line.running) == (0, {}, {"b": NOW})


def test_all_that_run_must_end_before_another_starts():
    line = Line(started_at=NOW - 5, running={"a": NOW - 6, "b": NOW - 5})
    line, seconds = asked(line, "c")
    assert seconds == poll_seconds(TWO_A_SECOND_APART)
    line, seconds = asked(line, "c", present={"a", "c"})
    assert (seconds, list(line.running)) == (0, ["a", "c"])


def test_a_request_that_ended_early_does_not_bring_the_next_start_forward():
    line = Line(started_at=NOW - 0.4, running={"a": NOW - 0.4})
    assert asked(line, "b", present={"b"})[1] == pytest.approx(0.6)


def test_who_gives_up_waiting_for_a_start_takes_it_from_nobody():
    line = Line(started_at=NOW - 0.4)
    line, _ = asked(line, "gives up")
    assert asked(line, "b", present={"b"})[1] == pytest.approx(0.6)


def test_a_start_from_before_the_last_boot_is_no_reason_to_wait():
    assert asked(Line(started_at=NOW + 1e6), "a")[1] == 0


def test_requests_from_before_the_last_boot_do_not_run():
    line = Line(started_at=NOW + 5, running={"a": NOW + 5, "b": NOW + 5}, waiting={"c": NOW + 6})
    assert asked(line, "d")[1] == 0


def test_a_process_that_was_stopped_in_its_turn_does_not_stop_the_others_for_ever():
    line = Line(started_at=NOW, running={"a": NOW, "b": NOW})
    assert asked(line, "c", now=NOW + LONGEST_TURN_SECONDS)[1] > 0
    assert asked(line, "c", now=NOW + LONGEST_TURN_SECONDS + 1)[1] == 0


def test_a_process_that_was_stopped_while_it_waited_goes_back_to_the_end_of_the_line():
    line = Line(started_at=NOW - 99, running={"x": NOW}, waiting={"stopped": NOW, "b": NOW})
    later = NOW + LONGEST_SILENCE_SECONDS + 1
    line, _ = asked(line, "b", now=NOW + 30)
    line, seconds = asked(line, "b", now=later)
    assert seconds == 0
    line, _ = asked(line, "c", present={"stopped", "c", "b", "x"}, now=later)
    line, _ = asked(line, "stopped", now=later)
    assert list(line.waiting) == ["c", "stopped"]


def test_the_head_of_the_line_shows_itself_long_before_it_would_count_as_stopped():
    line, seconds = asked(Line(started_at=NOW), "a", pace=Pace(1, 3600.0))
    assert seconds == LONGEST_PAUSE_SECONDS < LONGEST_SILENCE_SECONDS / 2
    assert line.waiting == {"a": NOW}


def test_each_process_keeps_to_its_own_pace():
    line = Line(started_at=NOW - 2, running={"a": NOW - 2})
    assert asked(line, "b", pace=Pace(2, 1.0))[1] == 0
    assert asked(line, "b", pace=Pace(2, 5.0))[1] == pytest.approx(3)
    assert asked(line, "b", pace=Pace(1, 1.0))[1] == poll_seconds(Pace(1, 1.0))


@pytest.mark.parametrize(
    ("spacing", "expected"), [(0.0, 0.005), (0.2, 0.05), (1.0, 0.1), (60.0, 0.1)]
)
def test_who_waits_looks_four_times_a_spacing_but_neither_without_pause_nor_seldom(
    spacing, expected
):
    assert poll_seconds(Pace(2, spacing)) == expected


def test_a_line_is_read_as_it_was_written():
    line = Line(started_at=1.5, running={"a.1": 0.5, "b.7": 1.5}, waiting={"c.2": 1.75})
    assert read_line(line.written(), NOW) == line
    assert read_line(b"", NOW) == Line()


def test_a_rest_of_an_older_line_is_not_read():
    older = Line(started_at=1.0, waiting={f"a.{number}": 1.0 for number in range(9)}).written()
    line = Line(started_at=2.0)
    assert read_line(line.written() + older[len(line.written()) :], NOW) == line


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0\0\0",
        b"{",
        b"[]",
        b"7",
        b"\xff",
        b"[" * 100_000,
        b'{"started_at": 1}',
        b'{"started_at": "x", "running": {}, "waiting": {}}',
        b'{"started_at": 1, "running": [], "waiting": {}}',
        b'{"started_at": 1, "running": {"a": null}, "waiting": {}}',
    ],
)
def test_a_damaged_line_counts_as_a_start_just_now(content):
    assert read_line(content, NOW) == Line(started_at=NOW)


def asked(line, ticket, *, pace=TWO_A_SECOND_APART, now=NOW, present=None):
    is_present = (lambda _: True) if present is None else present.__contains__
    return ask(line, ticket, pace, now, is_present)
