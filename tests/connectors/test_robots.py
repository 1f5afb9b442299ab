"""robots.txt (RFC 9309): who reads it, how long it counts, and what a failure means."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Outcome
from connectors.fetching.failure import FetchError
from connectors.fetching.robots import RETRY_SECONDS, Robots, RobotsReply

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = "https://example.org"
FEED = f"{SITE}/feed.xml"
NO_ENTRY = b"User-agent: *\nDisallow: /\n"


def test_robots_txt_itself_may_always_be_asked():
    verdict = asyncio.run(Robots(None, lambda: NOON).verdict(f"{SITE}/robots.txt", Site().read))
    assert verdict.outcome is None


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 451])
def test_without_a_robots_txt_everything_may_be_asked(status):
    robots = Robots(None, clock=lambda: NOON)
    site = Site(RobotsReply(status, NO_ENTRY))
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is None


def test_too_many_redirects_count_as_no_robots_txt():
    robots, site = Robots(None, clock=lambda: NOON), Site(FetchError(Outcome.REDIRECT_LOOP, "six"))
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is None
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is None
    assert site.urls == [f"{SITE}/robots.txt"]


@pytest.mark.parametrize(
    ("reply", "outcome", "word"),
    [
        (RobotsReply(500), Outcome.SERVER_ERROR, "answered 500"),
        (RobotsReply(503, b"User-agent: *\nAllow: /"), Outcome.SERVER_ERROR, "answered 503"),
        (RobotsReply(429), Outcome.BLOCKED, "answered 429"),
        (FetchError(Outcome.TIMEOUT, "no answer in time"), Outcome.TIMEOUT, "no answer in time"),
        (FetchError(Outcome.UNREACHABLE, "refused"), Outcome.UNREACHABLE, "refused"),
        (FetchError(Outcome.INSECURE, "certificate"), Outcome.INSECURE, "certificate"),
    ],
)
def test_an_unreachable_robots_txt_closes_the_site_and_says_so(reply, outcome, word):
    robots = Robots(None, clock=lambda: NOON)
    verdict = asyncio.run(robots.verdict(FEED, Site(reply).read))
    assert verdict.outcome is outcome
    assert SITE in verdict.message
    assert word in verdict.message
    assert "nothing else is asked" in verdict.message


def test_an_unreachable_robots_txt_is_not_asked_again_at_once(tmp_path):
    seconds = Seconds()
    robots = Robots(tmp_path, clock=lambda: NOON, monotonic=seconds)
    site = Site(RobotsReply(503), RobotsReply(200))
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is Outcome.SERVER_ERROR
    seconds.now += RETRY_SECONDS / 2
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is Outcome.SERVER_ERROR
    assert len(site.urls) == 1
    assert list(tmp_path.iterdir()) == []
    seconds.now += RETRY_SECONDS
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is None


@pytest.mark.parametrize("reply", [RobotsReply(503), FetchError(Outcome.UNREACHABLE, "refused")])
def test_an_older_copy_goes_on_while_robots_txt_is_unreachable(tmp_path, reply):
    first = Robots(tmp_path, clock=lambda: NOON - timedelta(days=90))
    asyncio.run(first.verdict(FEED, Site(RobotsReply(200, b"User-agent: *\nDisallow: /x")).read))
    later, site = Robots(tmp_path, clock=lambda: NOON), Site(reply)
    assert asyncio.run(later.verdict(FEED, site.read)).outcome is None
    assert asyncio.run(later.verdict(f"{SITE}/x", site.read)).outcome is Outcome.DISALLOWED
    assert len(site.urls) == 1


def test_an_older_404_is_no_copy_to_go_on_by(tmp_path):
    first = Robots(tmp_path, clock=lambda: NOON - timedelta(days=2))
    asyncio.run(first.verdict(FEED, Site(RobotsReply(404)).read))
    later = Robots(tmp_path, clock=lambda: NOON)
    site = Site(RobotsReply(503))
    assert asyncio.run(later.verdict(FEED, site.read)).outcome is Outcome.SERVER_ERROR


@pytest.mark.parametrize("has_folder", [True, False])
def test_an_answer_counts_for_a_day(tmp_path, has_folder):
    clock = Clock()
    robots = Robots(tmp_path if has_folder else None, clock=clock)
    site = Site(RobotsReply(200, NO_ENTRY), RobotsReply(404))
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is Outcome.DISALLOWED
    clock.now += timedelta(hours=23, minutes=59)
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is Outcome.DISALLOWED
    clock.now += timedelta(minutes=1)
    assert asyncio.run(robots.verdict(FEED, site.read)).outcome is None
    assert len(site.urls) == 2


def test_an_answer_from_the_future_is_not_trusted(tmp_path):
    ahead = Robots(tmp_path, clock=lambda: NOON + timedelta(days=400))
    asyncio.run(ahead.verdict(FEED, Site(RobotsReply(200, NO_ENTRY)).read))
    site = Site(RobotsReply(404))
    assert asyncio.run(Robots(tmp_path, lambda: NOON).verdict(FEED, site.read)).outcome is None
    assert len(site.urls) == 1


def test_an_answer_survives_a_restart(tmp_path):
    folder = tmp_path / "data" / "robots"
    asyncio.run(Robots(folder, lambda: NOON).verdict(FEED, Site(RobotsReply(200, NO_ENTRY)).read))
    again, unused = Robots(folder, lambda: NOON + timedelta(hours=1)), Site()
    assert asyncio.run(again.verdict(FEED, unused.read)).outcome is Outcome.DISALLOWED
    assert unused.urls == []
    assert len(list(folder.iterdir())) == 1


def test_two_processes_see_each_others_answers(tmp_path):
    one, other = Robots(tmp_path, lambda: NOON), Robots(tmp_path, lambda: NOON)
    asyncio.run(one.verdict(FEED, Site(RobotsReply(200, NO_ENTRY)).read))
    assert asyncio.run(other.verdict(FEED, Site().read)).outcome is Outcome.DISALLOWED


def test_what_another_process_renewed_is_not_asked_again(tmp_path):
    clock, unused = Clock(), Site()
    robots = Robots(tmp_path, clock)
    asyncio.run(robots.verdict(FEED, Site(RobotsReply(404)).read))
    clock.now += timedelta(days=2)
    asyncio.run(Robots(tmp_path, clock).verdict(FEED, Site(RobotsReply(200, NO_ENTRY)).read))
    assert asyncio.run(robots.verdict(FEED, unused.read)).outcome is Outcome.DISALLOWED
    assert unused.urls == []


def test_the_page_of_a_404_is_not_kept(tmp_path):
    site = Site(RobotsReply(404, b"Not here" * 10_000))
    asyncio.run(Robots(tmp_path, lambda: NOON).verdict(FEED, site.read))
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_size < 200


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"origin": "https://example.org"}',
        b'{"origin":"https://example.org","fetched_at":"2026-03-01T12:00","status":200,"body":""}',
        b'{"origin":"https://example.org","fetched_at":"soon","status":200,"body":""}',
        b'{"origin":"https://example.org","fetched_at":"2026-03-01T12:00Z","status":200,"body":7}',
        b'{"origin":"https://a.example","fetched_at":"2026-03-01T12:00Z","status":404,"body":""}',
    ],
)
def test_a_damaged_file_counts_as_none(tmp_path, damage):
    asyncio.run(Robots(tmp_path, lambda: NOON).verdict(FEED, Site(RobotsReply(404)).read))
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(damage)
    site = Site(RobotsReply(200, NO_ENTRY))
    verdict = asyncio.run(Robots(tmp_path, lambda: NOON).verdict(FEED, site.read))
    assert verdict.outcome is Outcome.DISALLOWED
    assert len(site.urls) == 1
    assert json.loads(kept.read_bytes())["status"] == 200


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    robots, site = Robots(tmp_path / "file", lambda: NOON), Site(RobotsReply(200, NO_ENTRY))
    for _ in range(2):
        assert asyncio.run(robots.verdict(FEED, site.read)).outcome is Outcome.DISALLOWED
    assert len(site.urls) == 1


@pytest.mark.parametrize(
    ("url", "robots_url"),
    [
        ("https://Example.ORG/a/b?c", "https://example.org/robots.txt"),
        ("https://example.org:443/a", "https://example.org/robots.txt"),
        ("http://example.org:80", "http://example.org/robots.txt"),
        ("http://example.org:8080/a", "http://example.org:8080/robots.txt"),
        ("http://name:word@example.org/a", "http://example.org/robots.txt"),
        ("http://[2001:DB8::1]:81/a", "http://[2001:db8::1]:81/robots.txt"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, robots_url):
    site = Site(RobotsReply(404))
    asyncio.run(Robots(None, lambda: NOON).verdict(url, site.read))
    assert site.urls == [robots_url]


def test_each_origin_has_its_own_answer(tmp_path):
    robots = Robots(tmp_path, lambda: NOON)
    asyncio.run(robots.verdict("https://example.org/a", Site(RobotsReply(200, NO_ENTRY)).read))
    for url in ("http://example.org/a", "https://example.org:8443/a", "https://www.example.org/a"):
        assert asyncio.run(robots.verdict(url, Site(RobotsReply(404)).read)).outcome is None


@pytest.mark.parametrize("url", ["ftp://example.org/", "https:///a", "nonsense", "http://a:99999/"])
def test_what_is_no_web_address_is_an_error(url):
    with pytest.raises(ValueError, match=r".+"):
        asyncio.run(Robots(None, lambda: NOON).verdict(url, Site().read))


class Site:
    """Answers for a robots.txt, one after another, and what was asked."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.urls = []

    async def read(self, url):
        self.urls.append(url)
        reply = self.replies[min(len(self.urls), len(self.replies)) - 1]
        await asyncio.sleep(0.001)
        if isinstance(reply, Exception):
            raise reply
        return reply


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


class Seconds(Clock):
    def __init__(self):
        self.now = 1000.0
