"""Rows 1 to 10: validators are the server's own words, kept and given back as they came."""

from datetime import timedelta

import pytest
from hostile_server import reply
from watching import rss

from connectors.contract import Outcome

OK, NOT_MODIFIED, UNCHANGED = Outcome.OK, Outcome.NOT_MODIFIED, Outcome.UNCHANGED
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWS = rss("1")
STAMP = "Tue, 3 feb 2026 08:07:06 CET"  # as no one would write it anew


def test_row_01_first_fetch_then_second_sends_the_validators_of_the_first(server, watch):
    server.on("/feed", reply(200, NEWS, ETag='"1"', Last_Modified=STAMP), reply(304))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR)] == [OK, NOT_MODIFIED]
    first, second = server.requests()
    assert first.validators == set()
    assert second.header("if-none-match") == '"1"'
    assert second.header("if-modified-since") == STAMP


@pytest.mark.parametrize(
    "etag", ['"plain"', 'W/"weak"', 'w/"low"', "unquoted", '""', '"a, b"', '"a\\"b"', '"=?x?="']
)
def test_row_02_an_etag_is_sent_back_byte_for_byte(server, watch, etag):
    server.on("/feed", reply(200, NEWS, ETag=etag), reply(304))
    channel = watch()
    channel.poll(), channel.poll(HOUR)
    assert server.requests()[1].header("if-none-match") == etag


def test_row_02_an_etag_that_is_no_text_is_not_sent_back_changed(server, watch):
    server.on("/feed", reply(200, NEWS, ETag=b'"\xff\xfe"'), reply(200, NEWS))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR)] == [OK, UNCHANGED]
    assert server.requests()[1].header("if-none-match") in {"", '"\xff\xfe"'}


@pytest.mark.parametrize(
    "stamp", [STAMP, "yesterday", "0", "Sun, 06-Nov-94 08:49:37 GMT", "2026-02-03T08:07:06Z"]
)
def test_row_03_a_last_modified_is_sent_back_byte_for_byte(server, watch, stamp):
    server.on("/feed", reply(200, NEWS, Last_Modified=stamp), reply(304))
    channel = watch()
    channel.poll(), channel.poll(HOUR)
    assert server.requests()[1].header("if-modified-since") == stamp


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"ETag": '"1"', "Last_Modified": STAMP}, {"if-none-match", "if-modified-since"}),
        ({"ETag": '"1"'}, {"if-none-match"}),
        ({"Last_Modified": STAMP}, {"if-modified-since"}),
        ({"Date": STAMP, "Expires": STAMP}, set()),
    ],
)
def test_row_04_just_those_validators_are_sent_that_were_given(server, watch, given, sent):
    server.on("/feed", reply(200, NEWS, **given), reply(200, NEWS))
    channel = watch()
    channel.poll(), channel.poll(HOUR)
    assert server.requests()[1].validators == sent


def test_row_05_a_new_etag_replaces_the_old_one_though_the_date_stays(server, watch):
    first = reply(200, NEWS, ETag='"1"', Last_Modified=STAMP)
    second = reply(200, rss("2"), ETag='"2"', Last_Modified=STAMP)
    server.on("/feed", first, second, reply(304))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR), channel.poll(HOUR)] == [OK, OK, NOT_MODIFIED]
    assert server.requests()[2].header("if-none-match") == '"2"'
    assert server.requests()[2].header("if-modified-since") == STAMP


def test_row_06_a_304_brings_newer_validators_and_a_newer_hold(server, watch):
    newer = reply(304, ETag='"2"', Last_Modified="later", Cache_Control="max-age=7200")
    server.on("/feed", reply(200, NEWS, ETag='"1"', Last_Modified=STAMP), newer, reply(304))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR)] == [OK, NOT_MODIFIED]
    assert channel.poll(HOUR) is Outcome.HELD
    assert channel.poll(HOUR) is NOT_MODIFIED
    assert server.requests()[2].header("if-none-match") == '"2"'
    assert server.requests()[2].header("if-modified-since") == "later"


def test_row_07_a_304_is_a_success_that_is_neither_repeated_nor_parsed(server, watch):
    server.on("/feed", reply(200, NEWS, ETag='"1"'), reply(304))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR)] == [OK, NOT_MODIFIED]
    assert len(server.requests()) == 2
    assert channel.pages[1] is None
    assert (channel.state.failure_count, channel.state.last_error) == (0, "")
    assert channel.state.last_seen_at == channel.clock()


def test_row_07_a_304_confirms_the_window_and_the_entries_of_the_document(server, project):
    collecting = project(server.on("/feed", reply(200, NEWS, ETag='"1"'), reply(304)))
    assert collecting.run()["fetched"] == 1
    assert collecting.run(HOUR)["not_modified"] == 1
    seen = collecting.rows("select observed_at, entry_count from raw.listings order by 1")
    assert [count for _, count in seen] == [1, 1]
    assert seen[1][0] - seen[0][0] == HOUR
    current = (
        "select count(*) from raw.activities join raw.cursors on last_page_id = document_page_id"
    )
    assert collecting.rows(current) == [(1,)]


def test_row_08_a_200_without_validators_drops_them_and_is_known_by_its_bytes(server, watch):
    server.on("/feed", reply(200, NEWS, ETag='"1"', Last_Modified=STAMP), reply(200, NEWS))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR), channel.poll(DAY)] == [OK, UNCHANGED, UNCHANGED]
    assert [asked.validators != set() for asked in server.requests()] == [False, True, False]
    assert [exchange.body for exchange in channel.exchanges] == [NEWS, None, None]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 451, 500, 503])
def test_row_09_the_validators_of_an_error_are_never_sent(server, watch, status):
    error = reply(status, b"no", ETag='"error"', Last_Modified=STAMP)
    server.on("/feed", reply(200, NEWS, ETag='"1"'), error, reply(304))
    channel = watch()
    assert channel.poll() is OK
    assert not channel.poll(HOUR).is_seen
    assert channel.poll(timedelta(days=29)) is NOT_MODIFIED
    assert server.requests()[-1].header("if-none-match") == '"1"'
    assert server.requests()[-1].validators == {"if-none-match"}


def test_row_10_a_server_that_always_says_304_is_asked_for_the_whole_each_month(server, watch):
    def stuck(asked):
        return reply(304) if asked.validators else reply(200, rss("1", "2"), ETag='"1"')

    server.on("/feed", reply(200, NEWS, ETag='"1"'), stuck)
    channel = watch()
    outcomes = [channel.poll(DAY) for _ in range(70)]
    whole = [
        day
        for day, outcome in enumerate(outcomes)
        if outcome.is_seen and outcome is not NOT_MODIFIED
    ]
    assert whole == [0, 30, 60]
    assert len(channel.store) == 2  # what the 304s had hidden
