"""Rows 11 to 13, 16, 17 and the floor of 18: a server that wants to be left alone is left alone."""

import logging
from datetime import timedelta
from itertools import pairwise

import pytest
from hostile_server import reply
from watching import MONDAY, rss

from connectors.contract import Outcome

OK, HELD, BLOCKED = Outcome.OK, Outcome.HELD, Outcome.BLOCKED
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = timedelta(days=7)
NEWS = rss("1")
TEN = "Mon, 02 Mar 2026 10:00:00 GMT"
NOON = "Mon, 02 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "7200"}, 2 * HOUR),
        ({"Retry_After": "  7200 "}, 2 * HOUR),
        ({"Retry_After": NOON}, 4 * HOUR),  # by our clock, for the server names none
        ({"Retry_After": NOON, "Date": TEN}, 2 * HOUR),  # by the server's
        ({"Retry_After": "9" * 40}, 31 * DAY),
    ],
)
def test_row_11_retry_after_is_obeyed_to_the_second(server, watch, status, headers, wait):
    server.on("/feed", reply(status, b"", **headers), reply(200, NEWS))
    channel = watch()
    assert not channel.poll().is_seen
    assert channel.poll(wait - SECOND) is HELD
    assert len(server.requests()) == 1
    assert channel.poll(SECOND) is OK


@pytest.mark.parametrize("value", ["-1", "0", TEN, "soon", ""])
def test_row_11_a_retry_after_that_has_passed_or_means_nothing_holds_no_one(server, watch, value):
    server.on("/feed", reply(503, b"", Retry_After=value, Date=NOON), reply(200, NEWS))
    channel = watch()
    assert [channel.poll(), channel.poll(SECOND)] == [Outcome.SERVER_ERROR, OK]


def test_row_11_a_wait_that_was_cut_short_is_logged(server, watch, caplog):
    server.on("/feed", reply(429, b"", Retry_After=str(10**9)))
    with caplog.at_level(logging.WARNING):
        watch().poll()
    assert any(server.url("/feed") in record.getMessage() for record in caplog.records)


def test_row_12_a_429_without_a_time_waits_for_hours_and_longer_each_time(server, watch):
    server.on("/feed", reply(429))
    channels = [watch(channel_id=f"a:feeds:{number}") for number in range(2)]
    waits = [gaps(channel.visits(10 * MINUTE, 10 * DAY)) for channel in channels]
    for each in waits:
        assert each[0] >= 4 * HOUR
        assert each == sorted(each)
        assert each[-1] > 2 * each[0]


def test_row_12_two_channels_that_were_refused_together_do_not_come_back_together(server, watch):
    server.on("/feed", reply(429))
    channels = [watch(channel_id=f"a:feeds:{number}") for number in range(8)]
    for channel in channels:
        channel.poll()
    due = sorted(channel.state.next_due_at for channel in channels)
    assert due[-1] - due[0] > MINUTE


def test_row_13_the_moment_at_which_mastodon_lets_us_in_again_is_obeyed(server, watch):
    limits = {"X_RateLimit_Limit": 300, "X_RateLimit_Remaining": 0}
    reset = "2026-03-02T09:30:00.123456Z"
    server.on("/feed", reply(429, b"", X_RateLimit_Reset=reset, **limits), reply(200, NEWS))
    channel = watch()
    assert channel.poll() is BLOCKED
    assert channel.poll(90 * MINUTE) is HELD
    assert channel.poll(SECOND) is OK


def test_row_16_a_403_is_no_reason_to_hammer(server, watch):
    server.on("/feed", reply(403))
    channel = watch()
    asked = channel.visits(10 * MINUTE, 30 * DAY)
    assert set(channel.outcomes) == {BLOCKED}
    assert gaps(asked)[0] >= 4 * HOUR
    assert all(later >= min(earlier, WEEK) for earlier, later in pairwise(gaps(asked)))
    assert len(asked) < 15


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Cache_Control": "public, max-age=10800"}, 3 * HOUR),
        ({"Cache_Control": 'MAX-AGE="10800"'}, 3 * HOUR),
        ({"Cache_Control": "max-age=10800", "Expires": TEN}, 3 * HOUR),
        ({"Expires": NOON, "Date": TEN}, 2 * HOUR),
        ({"Cache_Control": "max-age=999999999999999999999"}, 31 * DAY),
    ],
)
def test_row_17_a_fresh_answer_is_not_asked_for_again(server, watch, headers, wait):
    server.on("/feed", reply(200, NEWS, **headers))
    channel = watch()
    assert channel.poll() is OK
    assert channel.poll(wait - SECOND) is HELD
    assert channel.poll(SECOND).is_seen
    assert len(server.requests()) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": "no-cache, max-age=10800"},
        {"Cache_Control": "max-age=10800, no-store"},
        {"Cache_Control": "max-age=0", "Expires": NOON},
        {"Expires": "0"},
        {"Expires": TEN, "Date": NOON},
    ],
)
def test_row_17_no_cache_ignores_the_age_that_stands_beside_it(server, watch, headers):
    server.on("/feed", reply(200, NEWS, **headers))
    channel = watch()
    assert channel.poll() is OK
    assert channel.poll(SECOND).is_seen


@pytest.mark.parametrize(("etag", "floor"), [('"1"', HOUR), (None, DAY)])
def test_row_18_no_channel_is_visited_more_often_than_the_floor(server, watch, etag, floor):
    channel = watch()

    def window(_):
        newest = (channel.clock() - MONDAY) // (3 * HOUR)
        return reply(200, rss(*map(str, range(newest, newest + 60))), ETag=etag)

    server.on("/feed", window)
    asked = channel.visits(MINUTE, 4 * DAY)
    assert len(asked) >= 3
    assert min(gaps(asked)) >= floor


def gaps(moments):
    return [later - earlier for earlier, later in pairwise(moments)]
