"""One request and its answer: sent as written, read within its caps, and every failure typed."""

import asyncio
import errno
import gzip
import random
import socket
import ssl
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import http_exceptions
from hostile_server import CLOSE, hostile, redirect, reply
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.contract import Outcome, Request
from connectors.fetching.client import Fetcher, Politeness
from connectors.fetching.diagnosis import diagnosed
from connectors.fetching.failure import FetchError
from connectors.fetching.guard import Guard, RefusedAddressError
from connectors.fetching.robots import Robots
from connectors.fetching.state import FetchState
from connectors.fetching.transport import FetchLimits, Transport
from flows.clock import now

MIB = 1 << 20
NOISE = random.Random(1).randbytes(3 * MIB)


@pytest.fixture
def server():
    with hostile() as running:
        yield running


@pytest.mark.parametrize(
    "target",
    [
        "/%7Euser/%2ffeed",
        "/a%20b?next=http%3A%2F%2Fexample.org%2F&plus=%2B+",
        "/feed;v=1/(x)!$'*,~@:",
        "/feed?a=[1]&b=/?:@",
        "/100%",
        "/a//b/",
    ],
)
def test_an_address_is_asked_for_as_it_is_written(server, target):
    server.on(target, reply(200, b"found"))
    assert fetch(server.url(target)).body == b"found"
    server.on("/moved", redirect(target))
    assert fetch(server.url("/moved")).body == b"found"
    assert [asked.path for asked in server.requests()] == [target, "/moved", target]


@pytest.mark.parametrize(
    ("target", "sent"),
    [("/é ü", "/%C3%A9%20%C3%BC"), ("?q=ß", "/?q=%C3%9F"), ('/"<>', "/%22%3C%3E"), ("", "/")],
)
def test_what_may_not_stand_in_a_request_is_encoded(server, target, sent):
    fetch(server.url(target))
    assert [asked.path for asked in server.requests()] == [sent]


@pytest.mark.parametrize("url", ["http://[::1]x]/", "http://a\\b/", "http://exa\ud800mple.org/"])
def test_what_only_looks_like_an_address_is_refused_and_no_outage(url):
    with pytest.raises(FetchError) as failure:
        asyncio.run(got(url))
    assert failure.value.outcome is Outcome.REFUSED
    failure.value.message.encode()


@pytest.mark.parametrize(("size", "is_read"), [(4_000, True), (6_000, False)])
def test_headers_have_a_limit_over_all_of_them(server, size, is_read):
    lines = [b"X-%d: %b" % (number, b"a" * 992) for number in range(size // 1000)]
    server.on("/feed", reply(200, b"news", *lines))
    exchange = fetch(server.url("/feed"), FetchLimits(header_bytes=5_000))
    assert exchange.outcome is (Outcome.OK if is_read else Outcome.TOO_LARGE)
    assert is_read or "5,000 bytes of headers" in exchange.error


@pytest.mark.parametrize(("size", "outcome"), [(1000, Outcome.OK), (1001, Outcome.TOO_LARGE)])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_cap_holds_for_the_decoded_body(server, size, outcome, coding):
    body = b"x" * size
    sent = gzip.compress(body) if coding else body
    server.on("/feed", reply(200, sent, Content_Encoding=coding or None))
    exchange = fetch(server.url("/feed"), FetchLimits(body_bytes=1000))
    assert exchange.outcome is outcome
    assert exchange.body == (body if outcome is Outcome.OK else None)


def test_the_cap_holds_for_what_travels_though_it_would_decode_to_less(server):
    padded = gzip.compress(b"news") + bytes(100_000)  # what follows a member is ignored
    server.on("/feed", reply(200, padded, Content_Encoding="gzip"))
    assert fetch(server.url("/feed"), FetchLimits(body_bytes=1000)).outcome is Outcome.TOO_LARGE
    assert fetch(server.url("/feed"), FetchLimits(body_bytes=200_000)).body == b"news"


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("length", [1_000, 100_000, 2 * MIB])
def test_a_body_that_is_cut_is_the_beginning_of_the_whole(server, coding, length):
    sent = gzip.compress(NOISE, 1) if coding else NOISE
    server.on("/robots.txt", reply(200, sent, Content_Encoding=coding or None))
    answer = asyncio.run(got(server.url("/robots.txt"), cut_at=length))
    assert (answer.body, answer.failure) == (NOISE[:length], None)


def test_a_body_shorter_than_its_cut_is_whole_and_one_that_broke_off_is_not(server):
    server.on("/short", reply(200, b"short"))
    server.on("/broken", (reply(200, b"short", Content_Length=50), CLOSE))
    short, broken = (
        asyncio.run(got(server.url(path), cut_at=100)) for path in ("/short", "/broken")
    )
    assert (short.body, short.failure) == (b"short", None)
    assert broken.failure.outcome is Outcome.TRUNCATED


def test_a_cap_below_the_cut_does_not_turn_a_long_body_into_a_failure(server):
    server.on("/robots.txt", reply(200, NOISE))
    limits = FetchLimits(body_bytes=100_000)
    answer = asyncio.run(got(server.url("/robots.txt"), limits, cut_at=500 << 10))
    assert (answer.body, answer.failure) == (NOISE[: 500 << 10], None)


RULES = b"User-agent: *\nDisallow: /private\n"


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ((reply(200, RULES, Content_Length=500), CLOSE), Outcome.TRUNCATED),
        (reply(200, RULES, Content_Encoding="gzip"), Outcome.MALFORMED),
        (reply(404, RULES, Content_Encoding="gzip"), Outcome.OK),
        ((reply(404, RULES, Content_Length=500), CLOSE), Outcome.OK),
    ],
)
def test_a_robots_txt_that_came_in_part_permits_nothing_and_a_missing_one_everything(
    server, script, outcome
):
    server.on("/robots.txt", script)
    server.on("/feed", reply(200, b"news"))
    robots = Politeness(robots=Robots(None, now))
    assert fetch(server.url("/feed"), politeness=robots).outcome is outcome
    assert len(server.requests()) == (outcome is Outcome.OK)


def test_a_redirect_s_own_body_is_not_waited_for(server):
    server.on("/feed", redirect("/there", Content_Length=10 * MIB))
    server.on("/there", reply(200, b"news"))
    exchange = fetch(server.url("/feed"), FetchLimits(total_seconds=5))
    assert (exchange.outcome, exchange.body) == (Outcome.OK, b"news")


def test_a_server_that_hangs_up_after_each_answer_is_followed_all_the_same(server):
    for number in range(5):
        server.on(f"/{number}", (redirect(f"/{number + 1}"), CLOSE))
    server.on("/5", (reply(200, b"news"), CLOSE))
    assert fetch(server.url("/0")).body == b"news"
    assert len(server.requests()) == 6


def test_large_bodies_come_three_at_a_time_and_small_ones_do_not_wait_for_them():
    most, exchanges = asyncio.run(fetch_large(large_count=6, small_count=4))
    assert most == 3
    assert [len(exchange.body) for exchange in exchanges] == [14 * MIB] * 6 + [1000] * 4
    small, large = exchanges[6:], exchanges[:6]
    assert max(e.elapsed_ms for e in small) < max(e.elapsed_ms for e in large)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TimeoutError(), Outcome.TIMEOUT),
        (aiohttp.ServerTimeoutError(), Outcome.TIMEOUT),
        (aiohttp.ConnectionTimeoutError(), Outcome.TIMEOUT),
        (ssl.SSLError(1, "handshake"), Outcome.INSECURE),
        (ssl.SSLCertVerificationError(1, "self-signed"), Outcome.INSECURE),
        (aiohttp.ClientPayloadError("not completed"), Outcome.TRUNCATED),
        (aiohttp.ServerDisconnectedError(), Outcome.UNREACHABLE),
        (aiohttp.ClientOSError(errno.ECONNRESET, "reset"), Outcome.UNREACHABLE),
        (ConnectionResetError(errno.ECONNRESET, "reset"), Outcome.UNREACHABLE),
        (socket.gaierror(-2, "unknown"), Outcome.UNREACHABLE),
        (http_exceptions.LineTooLong("x", 1), Outcome.TOO_LARGE),
        (http_exceptions.BadStatusLine("x"), Outcome.MALFORMED),
        (http_exceptions.ContentLengthError("x"), Outcome.MALFORMED),
        (aiohttp.InvalidURL("http://["), Outcome.REFUSED),
        (RefusedAddressError("private"), Outcome.REFUSED),
        (RuntimeError("who knows"), Outcome.UNREACHABLE),
    ],
)
def test_each_failure_of_the_client_library_has_one_outcome(error, outcome):
    assert diagnosed(error).outcome is outcome


@pytest.mark.parametrize("outer", [OSError("x"), aiohttp.ClientError("x"), RuntimeError("x")])
def test_a_refusal_is_found_under_whatever_it_was_wrapped_in(outer):
    outer.__cause__ = ValueError("between")
    outer.__cause__.__context__ = RefusedAddressError("10.0.0.1 is private")
    failure = diagnosed(outer)
    assert (failure.outcome, failure.message) == (Outcome.REFUSED, "10.0.0.1 is private")


KEY = SimpleNamespace(host="example.org", port=443, is_ssl=True, ssl=True)
ASKED = SimpleNamespace(real_url="http://example.org/")
#: How each kind of failure is made from what a server or a system may say.
MAKERS = [
    *(OSError, ValueError, KeyError, MemoryError, ConnectionError, TimeoutError, ssl.SSLError),
    *(RefusedAddressError, UnicodeError, aiohttp.ClientError, aiohttp.ClientPayloadError),
    *(aiohttp.ClientConnectionError, aiohttp.ServerTimeoutError, aiohttp.InvalidURL),
    *(aiohttp.ServerDisconnectedError, aiohttp.NonHttpUrlClientError, socket.gaierror),
    *(http_exceptions.BadStatusLine, http_exceptions.BadHttpMessage, http_exceptions.InvalidHeader),
    *(http_exceptions.TransferEncodingError, http_exceptions.ContentEncodingError),
    lambda text: http_exceptions.LineTooLong(text, 1),
    lambda text: http_exceptions.HttpProcessingError(code=400, message=text),
    lambda text: OSError(errno.EPIPE, text),
    lambda text: aiohttp.ClientOSError(errno.EPIPE, text),
    lambda text: aiohttp.ClientConnectorError(KEY, OSError(errno.EPIPE, text)),
    lambda text: aiohttp.ClientConnectorDNSError(KEY, OSError(errno.EPIPE, text)),
    lambda text: aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, text)),
    lambda text: aiohttp.ClientConnectorCertificateError(KEY, ssl.CertificateError(text)),
    lambda text: aiohttp.ClientResponseError(ASKED, (), message=text),
]


@given(
    st.sampled_from(MAKERS),
    st.text(st.characters(exclude_categories=["Cs"]) | st.integers(0xDC80, 0xDCFF).map(chr)),
)
@example(aiohttp.ClientPayloadError, "endless " * 10_000)
@example(lambda text: OSError(errno.EPIPE, text), "endless " * 10_000)
def test_whatever_is_raised_becomes_a_failure_that_can_be_told_and_stored(make, text):
    failure = diagnosed(make(text))
    assert not failure.outcome.is_seen
    failure.message.encode()
    if failure.outcome is not Outcome.REFUSED:  # those are our own words
        assert 0 < len(failure.message) < 400
        assert "\n" not in failure.message


def fetch(url, limits=None, politeness=None):
    return asyncio.run(_fetch([url], limits, politeness))[0]


async def _fetch(urls, limits=None, politeness=None):
    guard, state = Guard.allowing(["127.0.0.1"]), FetchState(channel_id="a:feeds:1")
    async with Fetcher(
        user_agent="Barograph/0.1", guard=guard, limits=limits, politeness=politeness
    ) as fetcher:
        return await asyncio.gather(*(fetcher.fetch(Request(url=url), state) for url in urls))


async def got(url, limits=None, cut_at=None):
    guard = Guard.allowing(["127.0.0.1"])
    limits = limits or FetchLimits()
    async with Transport(user_agent="Barograph/0.1", guard=guard, limits=limits) as transport:
        return await transport.get(url, "127.0.0.1", {}, cut_at=cut_at)


async def fetch_large(large_count, small_count):
    """Ask for large and small bodies at once; how many large ones came at a time at most."""
    halfway, seen = set(), []

    async def handle(reader, writer):
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
        size = 1000 if path == b"/small" else 14 * MIB
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        for sent in range(0, size, 1 << 16):
            writer.write(b"x" * min(1 << 16, size - sent))
            await writer.drain()
            if sent > 10 * MIB:  # more than sockets hold, so somebody reads on
                halfway.add(writer)
                seen.append(len(halfway))
        await reader.read()  # until the client has read all and hangs up
        halfway.discard(writer)
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        urls = [f"{base}/large"] * large_count + [f"{base}/small"] * small_count
        exchanges = await _fetch(urls)
    return max(seen), exchanges
