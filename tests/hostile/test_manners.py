"""Rows 49 to 51 and 53: what is not sent, what is not read, and limits that stand in a body."""

import json
import re
from datetime import timedelta
from importlib.metadata import version

import pytest
from hostile_server import redirect, reply
from watching import USER_AGENT, rss

from connectors.contract import Outcome

OK, HELD = Outcome.OK, Outcome.HELD
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
NEWS = rss("1")


@pytest.mark.parametrize(
    "lines",
    [
        [b"X-%d: a" % number for number in range(1_001)],
        [b"X-%d: a" % number for number in range(10_000)],
        [b"X-Same: a"] * 10_000,
        [b"X-Long: " + b"a" * 1_000_000],
        [b"X" * 1_000_000 + b": a"],
        [b"X-%d: %b" % (number, b"a" * 8_000) for number in range(100)],
    ],
    ids=["1,001", "10,000", "one name", "a giant value", "a giant name", "much of everything"],
)
def test_row_49_headers_without_measure_end_typed(server, watch, lines):
    server.on("/feed", reply(200, NEWS, *lines))
    channel = watch()
    assert channel.poll() is Outcome.TOO_LARGE
    assert channel.last.body is None
    assert len(channel.last.error) < 500


def test_row_49_a_status_line_without_end_ends_typed(server, watch):
    server.on("/feed", b"HTTP/1.1 200 " + b"a" * 1_000_000 + b"\r\n\r\n")
    assert watch().poll() is Outcome.TOO_LARGE


def test_row_49_a_hundred_headers_are_nothing_unusual(server, watch):
    server.on("/feed", reply(200, NEWS, *[b"X-%d: a" % number for number in range(100)]))
    assert watch().poll() is OK


def test_row_50_no_cookie_no_referer_and_no_query_is_sent(server, watch):
    crumbs = {"Set_Cookie": "a=1; Path=/; Max-Age=99999", "Set_Cookie2": "b=2"}
    server.on("/feed", reply(200, NEWS, ETag='"1"', **crumbs), redirect("/there", **crumbs))
    server.on("/there", reply(200, rss("2"), **crumbs))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR), channel.poll(HOUR)] == [OK, OK, Outcome.UNCHANGED]
    assert [asked.path for asked in server.asked] == ["/feed", *["/feed", "/there"] * 2]
    secret = {"cookie", "cookie2", "referer", "origin", "authorization"}
    assert all(asked.header_names & secret == set() for asked in server.asked)


def test_row_51_every_request_says_who_asks(server, watch):
    server.on("/feed", redirect("/there"))
    server.on("/there", reply(200, NEWS))
    watch().poll()
    assert [asked.header("user-agent") for asked in server.asked] == [USER_AGENT] * 2


def test_row_51_a_run_names_the_program_its_version_and_a_contact(server, project):
    collecting = project(server.on("/feed", reply(200, NEWS)), contact="who@example.org")
    collecting.run(), collecting.run(HOUR)
    names = {asked.header("user-agent") for asked in server.asked}
    assert len(names) == 1
    assert re.fullmatch(r"[Bb]arograph/(\S+) \(\+who@example\.org\)", names.pop())[1] == version(
        "barograph"
    )


@pytest.mark.parametrize("status", [200, 400, 502])
def test_row_53_a_backoff_in_the_body_is_obeyed(server, watch, status):
    limited = {"backoff": 7200, "quota_remaining": 20}
    server.on("/feed", answered(status, limited), reply(200, NEWS))
    channel = watch()
    assert channel.poll().is_seen is (status == 200)
    assert channel.poll(2 * HOUR - SECOND) is HELD
    assert channel.poll(SECOND) is OK


def test_row_53_a_quota_that_is_used_up_waits_for_the_next_day(server, watch):
    server.on("/feed", answered(200, {"quota_max": 300, "quota_remaining": 0}), reply(200, NEWS))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR)] == [OK, HELD]
    assert channel.poll(24 * HOUR) is OK


@pytest.mark.parametrize(
    "limited",
    [
        {"backoff": 0},
        {"backoff": -5},
        {"backoff": "soon"},
        {"backoff": None},
        {"backoff": [1]},
        {"backoff": True},
        {"quota_remaining": 1},
        {"quota_remaining": "none"},
    ],
)
def test_row_53_a_limit_that_says_nothing_holds_no_one(server, watch, limited):
    server.on("/feed", answered(200, limited), reply(200, NEWS))
    channel = watch()
    assert [channel.poll(), channel.poll(SECOND)] == [OK, OK]


def answered(status, limited):
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"}], **limited}
    return reply(status, json.dumps(feed).encode(), Content_Type="application/json")
