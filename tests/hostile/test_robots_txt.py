"""Row 54: robots.txt, however it comes, by RFC 9309."""

from datetime import timedelta

import pytest
from hostile_server import CLOSE, Drip, hostile, redirect, reply
from watching import FakeClock, rss

from connectors.contract import Outcome
from connectors.fetching.guard import Guard
from connectors.fetching.robots import Robots
from connectors.fetching.transport import FetchLimits

OK, DISALLOWED = Outcome.OK, Outcome.DISALLOWED
HOUR = timedelta(hours=1)
NOTHING = b"User-agent: *\nDisallow: /\n"
NEWS = rss("1")


@pytest.fixture
def ruled(server, watch):
    """Watches a feed whose robots.txt answers as given."""

    def start(*answers, **options):
        clock = FakeClock()
        server.on("/robots.txt", *answers)
        server.on("/feed", reply(200, NEWS))
        polite = {"robots": Robots(None, clock)}
        return watch(clock=clock, politeness=polite, **options)

    return start


def test_row_54_what_robots_txt_does_not_want_is_not_asked(server, ruled):
    channel = ruled(reply(200, NOTHING))
    assert [channel.poll(), channel.poll(HOUR)] == [DISALLOWED, DISALLOWED]
    assert [asked.path for asked in server.asked] == ["/robots.txt"]


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        (b"User-agent: barograph\nDisallow: /feed", DISALLOWED),
        (b"User-agent: BAROGRAPH\nDisallow: /feed", DISALLOWED),
        (b"User-agent: other\nDisallow: /", OK),
        (b"User-agent: *\nDisallow: /\nAllow: /feed", OK),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: barograph\nDisallow: /private", OK),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /fe", DISALLOWED),
        (b"User-agent: *\nDisallow: /*ee$", OK),
        (b"User-agent: *\nDisallow: /*ed$", DISALLOWED),
        (b"", OK),
    ],
)
def test_row_54_rules_are_read_by_the_standard(ruled, rules, outcome):
    assert ruled(reply(200, rules)).poll() is outcome


@pytest.mark.parametrize("status", [500, 503, 599])
def test_row_54_a_server_that_fails_to_say_is_not_asked(server, ruled, status):
    assert not ruled(reply(status, b"User-agent: *\nAllow: /")).poll().is_seen
    assert server.requests() == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_row_54_where_there_is_none_all_may_be_asked(ruled, status):
    assert ruled(reply(status, NOTHING)).poll() is OK


def test_row_54_a_web_page_in_its_place_has_no_rules(ruled):
    page = b"<!doctype html><title>Not found</title><p>User-agent: barograph"
    assert ruled(reply(200, page, Content_Type="text/html")).poll() is OK


@pytest.mark.parametrize(("before", "outcome"), [(499 << 10, DISALLOWED), (1 << 20, OK)])
def test_row_54_the_first_500_kibibytes_count(ruled, before, outcome):
    padding = b"# comment\n" * (before // 10)
    assert ruled(reply(200, padding + NOTHING)).poll() is outcome


@pytest.mark.parametrize(("hop_count", "outcome"), [(5, DISALLOWED), (6, OK)])
def test_row_54_five_redirects_are_followed(server, ruled, hop_count, outcome):
    for number in range(1, hop_count):
        server.on(f"/{number}", redirect(f"/{number + 1}"))
    server.on(f"/{hop_count}", reply(200, NOTHING))
    assert ruled(redirect("/1")).poll() is outcome


def test_row_54_it_does_not_lead_to_a_private_address(server, ruled):
    with hostile("127.0.0.2") as inside:
        channel = ruled(redirect(inside.on("/robots.txt", reply(200, b""))))
        assert not channel.poll().is_seen
    assert (inside.asked, server.requests()) == ([], [])


def test_row_54_a_robots_txt_that_drips_costs_no_more_than_the_deadline(server, ruled):
    dripping = (reply(200, Content_Length=100), Drip(NOTHING * 10, 0.05))
    channel = ruled(dripping, limits=FetchLimits(total_seconds=0.5))
    assert channel.poll() is Outcome.TIMEOUT
    assert server.requests() == []


def test_row_54_it_is_asked_once_a_day_and_an_older_one_serves_while_it_fails(server, ruled):
    channel = ruled(reply(200, NOTHING), reply(500), (CLOSE,))
    outcomes = [channel.poll(6 * HOUR) for _ in range(12)]
    assert set(outcomes) == {DISALLOWED}
    assert 2 <= len(server.requests("/robots.txt")) <= 10
    assert server.requests() == []


def test_row_54_the_target_of_a_redirect_has_a_robots_txt_of_its_own(server, ruled):
    with hostile("127.0.0.2") as other:
        other.on("/robots.txt", reply(200, NOTHING))
        channel = ruled(reply(404), guard=Guard.allowing(["127.0.0.0/8"]))
        server.on("/feed", redirect(other.on("/there", reply(200, NEWS))))
        assert channel.poll() is DISALLOWED
    assert other.requests() == []
