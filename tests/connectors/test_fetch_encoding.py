"""Bodies are decoded as their encoding says, and never into more than we accept."""

import asyncio
import gzip
import json
import subprocess
import sys
import zlib

import brotli
import pytest
from corpus_server import serving

from connectors.contract import Outcome, Request
from connectors.fetching.client import Fetcher
from connectors.fetching.guard import Guard
from connectors.fetching.state import FetchState

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NEWS = b"<rss>" + b"news " * 2000 + b"</rss>"
ENCODED = {
    "gzip": gzip.compress(NEWS),
    "deflate": zlib.compress(NEWS),
    "br": brotli.compress(NEWS),
    "zstd": zstd.compress(NEWS),
}
#: Reads one document of each name in its own process; says how it ended and what it cost.
BOMB_READER = """
import asyncio, json, resource, sys
from connectors.contract import Request
from connectors.fetching.client import Fetcher
from connectors.fetching.guard import Guard
from connectors.fetching.state import FetchState

def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

async def read_all(urls):
    async with Fetcher(user_agent="a/1", guard=Guard.allowing(["127.0.0.1"])) as fetcher:
        await fetcher.fetch(Request(url=urls[0]), FetchState(channel_id="c"))
        before = peak_bytes()
        ends = [await fetcher.fetch(Request(url=url), FetchState(channel_id="c")) for url in urls]
        return {"outcomes": [end.outcome for end in ends], "grown_bytes": peak_bytes() - before}

print(json.dumps(asyncio.run(read_all(sys.argv[1:]))))
"""


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_body_is_decoded_from_the_encoding_that_we_advertised(encoding):
    exchange = fetch(ENCODED[encoding], encoding)
    assert (exchange.outcome, exchange.body) == (Outcome.OK, NEWS)
    assert exchange.byte_count == len(ENCODED[encoding])


@pytest.mark.parametrize("encoding", [*ENCODED, "x-own"])
def test_a_body_in_another_encoding_than_it_says_or_we_know_is_a_typed_failure(encoding):
    exchange = fetch(NEWS, encoding)
    assert (exchange.outcome, exchange.status, exchange.body) == (Outcome.MALFORMED, 200, None)
    assert encoding in exchange.error


@pytest.mark.parametrize("encoding", ENCODED)
def test_an_encoded_body_that_is_cut_off_is_no_shorter_body(encoding):
    exchange = fetch(ENCODED[encoding][:-5], encoding)
    assert (exchange.outcome, exchange.status) == (Outcome.TRUNCATED, 200)


def test_bombs_of_every_encoding_end_at_the_limit_and_cost_bounded_memory():
    bombs = {f"/{name}": (200, {"Content-Encoding": name}, bomb(name)) for name in ENCODED}
    with serving({"/start": NEWS}) as server:
        server.answers |= bombs
        urls = [f"{server.base_url}{path}" for path in ("/start", *bombs)]
        done = subprocess.run(
            [sys.executable, "-c", BOMB_READER, *urls], check=True, capture_output=True, timeout=50
        )
    result = json.loads(done.stdout)
    assert result["outcomes"] == ["ok"] + ["too_large"] * len(bombs)
    assert result["grown_bytes"] < 200 << 20


def fetch(sent, encoding):
    with serving({}) as server:
        server.answers["/feed"] = (200, {"Content-Encoding": encoding}, sent)
        return asyncio.run(_fetch(f"{server.base_url}/feed"))


async def _fetch(url):
    guard, state = Guard.allowing(["127.0.0.1"]), FetchState(channel_id="a:feeds:1")
    async with Fetcher(user_agent="Barograph/0.1", guard=guard) as fetcher:
        return await fetcher.fetch(Request(url=url), state)


def bomb(encoding):
    """200 MB of zeros, compressed."""
    zeros = bytes(1 << 20)
    if encoding == "br":
        compressor = brotli.Compressor(quality=1)
        return b"".join(compressor.process(zeros) for _ in range(200)) + compressor.finish()
    makers = {
        "gzip": lambda: zlib.compressobj(wbits=31),
        "deflate": zlib.compressobj,
        "zstd": zstd.ZstdCompressor,
    }
    compressor = makers[encoding]()
    return b"".join(compressor.compress(zeros) for _ in range(200)) + compressor.flush()
