"""robots.txt (RFC 9309): what it allows."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.fetching.robotstxt import LONGEST_BODY_BYTES, RobotsAnswer, judge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = "https://example.org"
FEED = f"{SITE}/feed.xml"
NO_ENTRY = b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("body", "path", "is_allowed"),
    [
        ("", "/feed", True),
        ("User-agent: *\nDisallow:", "/feed", True),
        ("User-agent: *\nDisallow: /", "/feed", False),
        ("User-agent: *\nDisallow: /", "", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow: /fee", "/feed", False),
        ("User-agent: *\nDisallow: /FEED", "/feed", True),
        ("User-agent: *\nDisallow: feed", "/feed", True),
        ("Disallow: /", "/feed", True),
        # the longest rule wins, and leave wins over refusal of the same length
        ("User-agent: *\nDisallow: /\nAllow: /feed", "/feed", True),
        ("User-agent: *\nAllow: /feed\nDisallow: /feed/private", "/feed/private/1", False),
        ("User-agent: *\nDisallow: /feed\nAllow: /feed", "/feed", True),
        ("User-agent: *\nDisallow: /\nAllow: /index.html", "/", False),
        ("User-agent: *\nDisallow: /\nAllow: /index.html", "/index.html", True),
        # wildcards
        ("User-agent: *\nDisallow: /*.xml$", "/a/b.xml", False),
        ("User-agent: *\nDisallow: /*.xml$", "/a/b.xml?page=2", True),
        ("User-agent: *\nDisallow: /*?replytocom", "/post?replytocom=1", False),
        ("User-agent: *\nDisallow: *feed", "/news/feed", False),
        ("User-agent: *\nDisallow: /a*b*c", "/acb", True),
        # percent-encoding: the tables of RFC 9309 §2.2.2 and §2.2.3
        ("User-agent: *\nDisallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", False),
        ("User-agent: *\nDisallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("User-agent: *\nDisallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", False),
        ("User-agent: *\nDisallow: /foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", False),
        ("User-agent: *\nDisallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /file-%2A.html", "/file-*.html", False),
        ("User-agent: *\nDisallow: /file-%2A.html", "/file-x.html", True),
        ("User-agent: *\nDisallow: /cash-%24", "/cash-$", False),
        # who is meant
        ("User-agent: Barograph\nDisallow: /", "/feed", False),
        ("User-agent: BAROGRAPH/2.0\nDisallow: /", "/feed", False),
        ("User-agent: baro\nDisallow: /", "/feed", True),
        ("User-agent: barographer\nDisallow: /", "/feed", True),
        ("User-agent: barograph\nUser-agent: x\nDisallow: /", "/feed", False),
        ("User-agent: x\nDisallow: /\n\nUser-agent: barograph\nAllow: /", "/feed", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: barograph\nDisallow: /x", "/feed", True),
        ("User-agent: barograph\n\nUser-agent: *\nDisallow: /", "/feed", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: barograph\nDisallow:", "/feed", True),
        ("User-agent: barograph\nAllow: /a\nUser-agent: barograph\nDisallow: /f", "/feed", False),
        # lines of other fields change no group
        ("User-agent: barograph\nCrawl-delay: 5\nUser-agent: x\nDisallow: /", "/feed", False),
        ("User-agent: *\nSitemap: https://a/s.xml\nDisallow: /", "/feed", False),
        # how it is written
        ("\ufeffUser-agent: *\nDisallow: /", "/feed", False),
        ("User-agent: *\r\nDisallow: /\r\n", "/feed", False),
        ("User-agent: *\rDisallow: /\r", "/feed", False),
        ("USER-AGENT : *  # all\n\tdisallow:/feed # this one", "/feed", False),
        ("User-agent: *\nDisallow: /a\u2028b", "/a", True),
        ("User-agent: *\nDisallow: /a b", "/a%20b", False),
        ("\0\1 junk\n:::\nUser-agent: *\n<p>\nDisallow: /feed", "/feed", False),
        ("<!DOCTYPE html><html><body>User-agent: *<p>Disallow: /</body>", "/feed", True),
    ],
)
def test_a_path_is_judged_as_the_standard_says(body, path, is_allowed):
    assert (judge(SITE + path, answer(body.encode())).outcome is None) == is_allowed


def test_a_refusal_says_whom_it_means_and_what_can_be_done():
    everyone = judge(FEED, answer(NO_ENTRY))
    us = judge(FEED, answer(b"User-agent: barograph\nDisallow: /feed.xml"))
    assert everyone.outcome is us.outcome is Outcome.DISALLOWED
    assert "does not want robots at /feed.xml" in everyone.message
    assert "does not want barograph at /feed.xml" in us.message
    assert SITE in us.message
    assert "robots_exempt" in us.message


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_and_no_path_break_the_reading(body, path):
    verdict = judge(f"{SITE}/{path}", answer(b"User-agent: *\nDisallow: /x\n" + body))
    assert verdict.outcome in {None, Outcome.DISALLOWED}


@settings(deadline=None)
@given(st.text(st.sampled_from("ab*$/"), max_size=12), st.text(st.sampled_from("ab/"), max_size=8))
def test_a_rule_matches_what_its_wildcards_mean(rule, path):
    body = f"User-agent: *\nDisallow: /{rule}".encode()
    is_covered = matches(f"/{rule}", f"/{path}")
    assert (judge(f"{SITE}/{path}", answer(body)).outcome is None) == (not is_covered)


@pytest.mark.parametrize(
    "lines",
    [
        b"Disallow: /" + b"*a" * 250_000 + b"$\n",
        (b"Disallow: /" + b"*a" * 30 + b"*b$\n") * 8_000,
        b"Disallow: /*ab\n" * 35_000,
        b"".join(b"User-agent: r%d\n" % number for number in range(13_000))
        + b"".join(b"Disallow: /%d\n" % number for number in range(13_000)),
    ],
    ids=["one long rule", "many long rules", "many short rules", "many robots"],
)
def test_a_hostile_file_costs_seconds_at_most(lines):
    start = time.process_time()
    judge(f"{SITE}/{'a' * 4000}", answer((b"User-agent: *\n" + lines)[:LONGEST_BODY_BYTES]))
    assert time.process_time() - start < 5


def test_a_rule_that_was_cut_in_half_does_not_count():
    head = b"User-agent: *\nDisallow: /feed.xml\n"
    filler = b"#" * (LONGEST_BODY_BYTES - len(head) - len(b"\nAllow: /feed.xml")) + b"\n"
    body = head + filler + b"Allow: /feed.xml.example"
    assert judge(FEED, answer(body[:LONGEST_BODY_BYTES])).outcome is Outcome.DISALLOWED


def answer(body, status=200):
    return RobotsAnswer(origin=SITE, fetched_at=NOON, status=status, body=body)


def matches(rule, path):
    """What a rule covers, in the plainest words: try every length that `*` may stand for."""
    if not rule:
        return True
    if rule == "$":
        return not path
    if rule[0] == "*":
        return any(matches(rule[1:], path[skipped:]) for skipped in range(len(path) + 1))
    return bool(path) and rule[0] == path[0] and matches(rule[1:], path[1:])
