"""Servers that break off, stall, lie or flood end in a typed outcome, and harm no other."""

import asyncio
import socket
import ssl
import struct
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.contract import Outcome, Request
from connectors.fetching.client import Fetcher, FetchLimits
from connectors.fetching.guard import Guard
from connectors.fetching.state import FetchState

NEWS = b"<rss>" + b"news " * 2000 + b"</rss>"
UNREACHABLE, TRUNCATED = Outcome.UNREACHABLE, Outcome.TRUNCATED
MALFORMED = Outcome.MALFORMED


@pytest.mark.parametrize(("size", "outcome"), [(1000, Outcome.OK), (1001, Outcome.TOO_LARGE)])
def test_the_limit_is_the_last_size_that_is_accepted(size, outcome):
    exchange = fetch(sends(head() + b"x" * size), FetchLimits(body_bytes=1000))
    assert exchange.outcome is outcome
    assert (exchange.body is None) is (outcome is Outcome.TOO_LARGE)


def test_a_refused_connection_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert fetch_url(f"http://127.0.0.1:{port}/").outcome is UNREACHABLE


def test_a_name_that_does_not_exist_is_unreachable():
    exchange = fetch_url("http://no-such-host.invalid/feed")
    assert exchange.outcome is UNREACHABLE
    assert "no-such-host.invalid" in exchange.error


@pytest.mark.parametrize(
    ("sent", "outcome", "kept"),
    [
        (b"", UNREACHABLE, None),
        (b"HTTP/1.1 200 OK\r\nContent-", UNREACHABLE, None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>", TRUNCATED, b"<rss>"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<rss>",
            TRUNCATED,
            b"<rss>",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<rss>\r\n",
            MALFORMED,
            None,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n<rss>", MALFORMED, None),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n<rss>",
            MALFORMED,
            None,
        ),
        (b"220 mail.example.org ESMTP ready\r\n\r\n", MALFORMED, None),
        (b"<rss></rss>\r\n\r\n", MALFORMED, None),
    ],
)
def test_an_answer_that_is_broken_or_broken_off_is_typed_and_kept_as_far_as_it_came(
    sent, outcome, kept
):
    exchange = fetch(sends(sent))
    assert (exchange.outcome, exchange.body) == (outcome, kept)
    assert exchange.error
    assert "\n" not in exchange.error
    assert exchange.status == (200 if kept else 0)


def test_a_connection_that_is_reset_in_the_middle_is_truncated():
    assert fetch(resets).outcome is TRUNCATED


@pytest.mark.parametrize(
    "headers",
    [
        b"".join(b"X-%d: a\r\n" % number for number in range(10_000)),
        b"X-Long: " + b"a" * 1_000_000 + b"\r\n",
        b"X" * 1_000_000 + b": a\r\n",
    ],
    ids=["ten thousand headers", "a giant value", "a giant name"],
)
def test_headers_without_measure_are_a_typed_failure(headers):
    exchange = fetch(sends(b"HTTP/1.1 200 OK\r\n" + headers + b"Content-Length: 0\r\n\r\n"))
    assert exchange.outcome is Outcome.TOO_LARGE
    assert len(exchange.error) < 300


def test_text_that_is_no_text_can_still_be_stored():
    raw = b"HTTP/1.1 404 N\xffo\r\nX-A: caf\xe9 \xc3\xa9\r\nContent-Length: 0\r\n\r\n"
    exchange = fetch(sends(raw))
    assert exchange.error == "HTTP 404 N\N{REPLACEMENT CHARACTER}o"
    assert exchange.header("x-a") == "caf\N{REPLACEMENT CHARACTER} é"
    "".join([exchange.error, *(value for _, value in exchange.headers)]).encode()


@pytest.mark.parametrize("stage", ["head", "body"])
def test_a_slow_drip_ends_at_the_deadline(stage):
    start = time.monotonic()
    exchange = fetch(drips_in(stage), FetchLimits(total_seconds=1))
    assert exchange.outcome is Outcome.TIMEOUT
    assert 0.9 <= time.monotonic() - start < 2
    assert exchange.error == "no complete answer in time"


def test_a_server_that_says_nothing_is_given_up_after_the_read_limit():
    start = time.monotonic()
    exchange = fetch(stays_silent, FetchLimits(read_seconds=0.3))
    assert exchange.outcome is Outcome.TIMEOUT
    assert time.monotonic() - start < 2


def test_the_deadline_counts_over_all_redirects_together():
    start = time.monotonic()
    exchange = fetch(redirects_slowly, FetchLimits(total_seconds=1))
    assert exchange.outcome is Outcome.TIMEOUT
    assert 2 <= len(exchange.redirects) <= 4
    assert time.monotonic() - start < 2


def test_waiting_for_slow_servers_costs_a_good_one_nothing_of_its_time():
    limits = FetchLimits(total_seconds=0.6, parallel=1)
    exchanges = fetch_all([drips_in("body"), drips_in("body"), sends(head() + NEWS)], limits)
    assert outcomes(exchanges) == [Outcome.TIMEOUT, Outcome.TIMEOUT, Outcome.OK]


def test_no_more_requests_than_allowed_are_under_way_at_once():
    running, seen = set(), []
    fetch_all([counts(running, seen)] * 6, FetchLimits(parallel=2))
    assert (len(seen), max(seen)) == (6, 2)


def test_one_bad_server_never_stops_the_others():
    bad = [resets, sends(b""), sends(b"?\r\n\r\n"), drips_in("head"), stays_silent]
    servers = [server for each in bad for server in (sends(head() + NEWS), each)]
    exchanges = fetch_all(servers, FetchLimits(total_seconds=1))
    assert outcomes(exchanges[::2]) == [Outcome.OK] * len(bad)
    ends = [TRUNCATED, UNREACHABLE, MALFORMED, Outcome.TIMEOUT, Outcome.TIMEOUT]
    assert outcomes(exchanges[1::2]) == ends


def test_a_certificate_that_nobody_vouches_for_is_never_accepted_and_nothing_is_asked(tmp_path):
    asked = []
    exchange = asyncio.run(fetch_by_tls(sends(head() + NEWS, asked), certified(tmp_path)))
    assert (exchange.outcome, exchange.body, asked) == (Outcome.INSECURE, None, [])
    assert "certificate" in exchange.error.lower()


def test_elapsed_time_and_start_are_told_of_failures_too():
    exchange = fetch(stays_silent, FetchLimits(read_seconds=0.3))
    assert 250 <= exchange.elapsed_ms < 2000
    assert abs(exchange.fetched_at - datetime.now(UTC)).total_seconds() < 5


def fetch(server, limits=None):
    return fetch_all([server], limits)[0]


def fetch_url(url):
    return asyncio.run(_fetch([url], None))[0]


def fetch_all(servers, limits):
    return asyncio.run(_fetch_all(servers, limits))


def outcomes(exchanges):
    return [exchange.outcome for exchange in exchanges]


async def _fetch_all(servers, limits):
    async with AsyncExitStack() as stack:
        return await _fetch([await stack.enter_async_context(up(s)) for s in servers], limits)


async def _fetch(urls, limits):
    guard, state = Guard.allowing(["127.0.0.1"]), FetchState(channel_id="a:feeds:1")
    async with Fetcher(user_agent="Barograph/0.1", guard=guard, limits=limits) as fetcher:
        return await asyncio.gather(*(fetcher.fetch(Request(url=url), state) for url in urls))


async def fetch_by_tls(server, context):
    async with up(server, context) as url:
        return (await _fetch([url.replace("http:", "https:")], None))[0]


@asynccontextmanager
async def up(handle, context=None):
    """A server that hears each request out and then behaves as `handle` does."""

    async def heard(reader, writer):
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            await handle(request.decode(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has given up, which is what some tests are about
        finally:
            writer.close()

    async with await asyncio.start_server(heard, "127.0.0.1", 0, ssl=context) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"


def sends(sent, asked=None):
    async def handle(request, _, writer):
        if asked is not None:
            asked.append(request)
        writer.write(sent)
        await writer.drain()

    return handle


async def resets(_, __, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>")
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def counts(running, seen):
    async def handle(_, __, writer):
        running.add(writer)
        seen.append(len(running))
        await asyncio.sleep(0.05)
        running.discard(writer)
        writer.write(head() + NEWS)

    return handle


async def stays_silent(_, reader, __):
    await reader.read()


def drips_in(stage):
    async def handle(_, __, writer):
        writer.write(head() if stage == "body" else b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X" if stage == "body" else b"X-A: a\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    return handle


async def redirects_slowly(_, __, writer):
    await asyncio.sleep(0.3)
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: /feed\r\nContent-Length: 0\r\n\r\n")


def head(**headers):
    lines = ["HTTP/1.1 200 OK", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def certified(folder):
    """A server's TLS context with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
