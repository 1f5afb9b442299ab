"""What is sent to a server, what is remembered of its answer, and where redirects may lead."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from connectors.contract import Channel, Outcome, Request
from connectors.fetching.client import Fetcher
from connectors.fetching.guard import Guard
from connectors.fetching.state import FetchState, advance
from flows.parsing import read_page

USER_AGENT = "Barograph/0.1 (+https://example.org; mail@example.org)"
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><guid>1</guid><title>First</title></item></channel></rss>"""
CHANNEL = Channel(channel_id="a:feeds:1", organization_id="a", source="feeds", address="")
OK, UNCHANGED, NOT_MODIFIED = Outcome.OK, Outcome.UNCHANGED, Outcome.NOT_MODIFIED
STAMP = "Tue, 3 feb 2026 08:07:06 CET"  # as no one would write it anew


def test_a_first_request_is_unconditional_and_the_second_sends_the_validators_verbatim():
    first = answer(200, RSS, ETag='W/"a,b \'c"', Last_Modified=STAMP)
    polls = poll(first, answer(304))
    assert polls.outcomes == [OK, NOT_MODIFIED]
    assert {"if-none-match", "if-modified-since"}.isdisjoint(polls.asked[0])
    assert polls.asked[1]["if-none-match"] == 'W/"a,b \'c"'
    assert polls.asked[1]["if-modified-since"] == STAMP
    assert [exchange.is_conditional for exchange in polls.exchanges] == [False, True]


@pytest.mark.parametrize("etag", ['"plain"', 'W/"weak"', "unquoted", '""', '"é"', '"a\\"b"'])
def test_an_etag_is_sent_back_as_it_came(etag):
    polls = poll(answer(200, RSS, ETag=etag), answer(304))
    assert polls.asked[1]["if-none-match"] == etag


def test_one_validator_alone_is_sent_without_an_invented_other():
    polls = poll(answer(200, RSS, Last_Modified=STAMP), answer(304))
    assert polls.asked[1]["if-modified-since"] == STAMP
    assert "if-none-match" not in polls.asked[1]


def test_a_304_with_a_new_etag_replaces_the_old_one_and_keeps_the_date():
    first = answer(200, RSS, ETag='"1"', Last_Modified=STAMP)
    polls = poll(first, answer(304, ETag='"2"'), answer(304))
    assert polls.asked[2]["if-none-match"] == '"2"'
    assert polls.asked[2]["if-modified-since"] == STAMP


def test_a_new_document_without_validators_drops_the_old_ones():
    polls = poll(answer(200, RSS, ETag='"1"'), answer(200, RSS + b" "), answer(200, RSS))
    assert polls.outcomes == [OK, OK, OK]
    assert "if-none-match" not in polls.asked[2]


def test_the_same_bytes_without_validators_are_unchanged_and_not_kept_again():
    polls = poll(answer(200, RSS, ETag='"1"'), answer(200, RSS), answer(200, RSS))
    assert polls.outcomes == [OK, UNCHANGED, UNCHANGED]
    assert [exchange.body for exchange in polls.exchanges] == [RSS, None, None]
    assert polls.exchanges[0].body_sha256 == polls.exchanges[1].body_sha256
    assert "if-none-match" not in polls.asked[2]


def test_the_same_bytes_at_another_address_are_a_document_of_their_own():
    known = poll(answer(200, RSS)).states[0]
    elsewhere = poll(answer(200, RSS), state=known)  # a new server, so another port
    assert elsewhere.outcomes == [OK]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, Outcome.NOT_FOUND), (403, Outcome.BLOCKED), (500, Outcome.SERVER_ERROR)],
)
def test_validators_of_an_error_are_never_stored(status, outcome):
    polls = poll(answer(status, b"no", ETag='"error"'), answer(200, RSS))
    assert polls.outcomes == [outcome, OK]
    assert "if-none-match" not in polls.asked[1]


def test_validators_of_a_web_page_are_never_stored_and_those_of_the_feed_survive_it():
    page = answer(200, b"<!doctype html><title>Hello</title>", ETag='"page"')
    polls = poll(page, answer(200, RSS, ETag='"feed"'), page, answer(304))
    assert polls.outcomes == [Outcome.WRONG_TYPE, OK, Outcome.WRONG_TYPE, NOT_MODIFIED]
    assert "if-none-match" not in polls.asked[1]
    assert polls.asked[3]["if-none-match"] == '"feed"'


def test_a_validator_with_a_byte_that_is_no_text_is_not_sent_back_changed():
    first = answer(200, RSS, ETag='"1"').replace(b'"1"', b'"\xff"')
    polls = poll(first, answer(200, RSS))
    assert polls.exchanges[0].header("etag") == '"\N{REPLACEMENT CHARACTER}"'
    assert "if-none-match" not in polls.asked[1]


def test_a_304_that_nobody_asked_for_is_no_success():
    polls = poll(answer(304))
    assert polls.outcomes == [Outcome.CLIENT_ERROR]
    assert polls.exchanges[0].error == "HTTP 304 Reason"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, OK),
        (226, OK),
        (300, Outcome.CLIENT_ERROR),
        (401, Outcome.NEEDS_AUTH),
        (403, Outcome.BLOCKED),
        (404, Outcome.NOT_FOUND),
        (410, Outcome.GONE),
        (418, Outcome.CLIENT_ERROR),
        (429, Outcome.BLOCKED),
        (451, Outcome.BLOCKED),
        (500, Outcome.SERVER_ERROR),
        (503, Outcome.SERVER_ERROR),
        (599, Outcome.SERVER_ERROR),
        (999, Outcome.CLIENT_ERROR),
    ],
)
def test_each_status_has_one_outcome(status, outcome):
    exchange = poll(answer(status)).exchanges[0]
    assert (exchange.status, exchange.outcome) == (status, outcome)
    assert bool(exchange.error) is not outcome.is_seen


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_recorded_and_changes_nothing_for_the_next_time(status):
    moved = answer(status, Location="/new?a=1")
    polls = poll(moved, answer(200, RSS, ETag='"1"'), moved, answer(304))
    assert polls.outcomes == [OK, NOT_MODIFIED]
    assert polls.exchanges[0].redirects == (f"{status} {polls.base}/feed",)
    assert polls.exchanges[0].requested_url == f"{polls.base}/feed"
    assert polls.exchanges[0].url == f"{polls.base}/new?a=1"
    assert polls.paths == ["/feed", "/new?a=1"] * 2
    assert polls.asked[3]["if-none-match"] == '"1"'


def test_every_hop_of_a_chain_is_recorded_in_its_order():
    polls = poll(answer(301, Location="/b"), answer(302, Location="/c"), answer(200, RSS))
    hops = (f"301 {polls.base}/feed", f"302 {polls.base}/b")
    assert polls.exchanges[0].redirects == hops
    assert polls.exchanges[0].url == f"{polls.base}/c"


def test_a_redirect_loop_ends_after_ten_redirects():
    polls = poll(*[answer(302, Location="/feed")] * 11)
    assert polls.outcomes == [Outcome.REDIRECT_LOOP]
    assert polls.exchanges[0].error == "more than 10 redirects"
    assert len(polls.asked) == 11


def test_ten_redirects_are_still_followed():
    polls = poll(*[answer(302, Location="/feed")] * 10, answer(200, RSS))
    assert polls.outcomes == [OK]


@pytest.mark.parametrize(
    "location",
    [
        "http://10.1.2.3/feed",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/feed",
        "http://127.0.0.2/feed",
        "http://0.0.0.0/feed",
        "file:///etc/passwd",
        "ftp://example.org/feed",
        "javascript:alert(1)",
        "http://[broken/",
    ],
)
def test_a_redirect_to_where_we_do_not_go_is_refused(location):
    polls = poll(answer(302, Location=location))
    assert polls.outcomes == [Outcome.REFUSED]
    assert polls.exchanges[0].redirects == (f"302 {polls.base}/feed",)


def test_a_redirect_without_a_location_is_an_answer_that_we_cannot_use():
    exchange = poll(answer(302)).exchanges[0]
    assert (exchange.outcome, exchange.status) == (Outcome.CLIENT_ERROR, 302)


def test_a_redirect_keeps_bytes_that_are_no_text():
    polls = poll(answer(302, Location="/X").replace(b"/X", b"/\xff\xfe"), answer(200, RSS))
    assert polls.paths[1] == "/%FF%FE"


def test_a_redirect_takes_no_validator_that_another_address_gave():
    first = poll(answer(200, RSS, ETag='"1"'))
    polls = poll(answer(302, Location="/b"), answer(200, RSS), state=first.states[0])
    assert all("if-none-match" not in headers for headers in polls.asked)


def test_requests_name_us_and_carry_no_cookie_and_no_referer():
    given = answer(200, RSS, Set_Cookie="session=1; Path=/")
    polls = poll(given, answer(302, Location="/b", Set_Cookie="b=2"), answer(200, RSS + b" "))
    assert [headers["user-agent"] for headers in polls.asked] == [USER_AGENT] * 3
    assert all({"cookie", "referer"}.isdisjoint(headers) for headers in polls.asked)
    assert polls.paths == ["/feed", "/feed", "/b"]  # nothing is added to bust a cache


def test_the_accepted_types_are_those_that_the_connector_asked_for():
    assert poll(answer(200, RSS)).asked[0]["accept"] == "application/rss+xml"


def test_just_those_encodings_are_advertised_that_we_decode():
    advertised = poll(answer(200, RSS)).asked[0]["accept-encoding"]
    assert set(advertised.split(", ")) == {"gzip", "deflate", "br", "zstd"}


def test_headers_keep_their_order_and_repetitions_under_lower_case_names():
    given = [("X-B", "1"), ("X-A", "2"), ("x-b", "3")]
    head = "".join(f"{name}: {value}\r\n" for name, value in given)
    raw = answer(200, RSS).replace(b"Connection", head.encode() + b"Connection")
    headers = [pair for pair in poll(raw).exchanges[0].headers if pair[0].startswith("x-")]
    assert headers == [("x-b", "1"), ("x-a", "2"), ("x-b", "3")]


def test_page_identifiers_are_unique_and_sort_by_time():
    polls = poll(*[answer(200, RSS)] * 5)
    identifiers = [exchange.page_id for exchange in polls.exchanges]
    assert len(set(identifiers)) == 5
    assert [name[:12] for name in identifiers] == sorted(name[:12] for name in identifiers)


class Polls:
    """What the server was asked and what was made of its answers."""

    def __init__(self, base, asked, exchanges, outcomes, states):
        self.base, self.exchanges, self.outcomes, self.states = base, exchanges, outcomes, states
        self.paths = [head.split(" ", 2)[1] for head in asked]
        self.asked = [fields(head) for head in asked]


def poll(*answers, state=None):
    """Ask for /feed, again and again, until the server has no answer left."""
    return asyncio.run(_poll(answers, state or FetchState(channel_id=CHANNEL.channel_id)))


async def _poll(answers, state):
    exchanges, outcomes, states = [], [], []
    async with scripted(answers) as (base, asked), a_fetcher() as fetcher:
        request = Request(url=f"{base}/feed", accept="application/rss+xml")
        while len(asked) < len(answers):
            exchange = await fetcher.fetch(request, state)
            outcome, parsed, error = read_page(exchange, CHANNEL)
            state = advance(state, exchange, outcome, parsed, error)
            exchanges.append(exchange)
            outcomes.append(exchange.outcome if exchange.status in {204, 226} else outcome)
            states.append(state)
    return Polls(base, asked, exchanges, outcomes, states)


def a_fetcher():
    return Fetcher(user_agent=USER_AGENT, guard=Guard.allowing(["127.0.0.1"]))


@asynccontextmanager
async def scripted(answers):
    """A server that gives its answers one after the other and keeps what it was asked."""
    asked = []

    async def handle(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(answers[len(asked) - 1])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def answer(status, body=b"", **headers):
    lines = [f"HTTP/1.1 {status} Reason", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if status not in {204, 304}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def fields(head):
    pairs = (line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    return {name.lower(): value for name, value in pairs}
