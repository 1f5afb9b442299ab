"""Rows 32 to 36: what travels is decoded once, bounded, and whole, or it is not used."""

import gzip
import sys
import time
import zlib
from datetime import timedelta

import brotli
import pytest
from hostile_server import (
    CLOSE,
    HANG,
    LAST_CHUNK,
    RESET,
    Drip,
    Endless,
    Wait,
    chunks,
    redirect,
    reply,
)
from process_memory import measured_growth
from watching import rss

from connectors.contract import Outcome
from connectors.fetching.transport import FetchLimits

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OK, BLOCKED, MALFORMED, TRUNCATED = (
    Outcome.OK,
    Outcome.BLOCKED,
    Outcome.MALFORMED,
    Outcome.TRUNCATED,
)
HOUR = timedelta(hours=1)
NEWS = rss(*map(str, range(200)))
ENCODED = {
    "gzip": gzip.compress(NEWS),
    "x-gzip": gzip.compress(NEWS),
    "deflate": zlib.compress(NEWS),
    "br": brotli.compress(NEWS),
    "zstd": zstd.compress(NEWS),
    "identity": NEWS,
}
CHALLENGE = b"""<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>
<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>"""
LOGIN = b"""<!doctype html><title>Sign in</title><form action="/login" method="post">
<input name="user"><input type="password" name="password"><button>Log in</button></form>"""
PLAIN = b"<!doctype html><title>Our council</title><p>Welcome to the council's pages."


@pytest.mark.parametrize("coding", ENCODED)
def test_row_32_a_body_is_decoded_once_from_what_its_server_says(server, watch, coding):
    server.on("/feed", reply(200, ENCODED[coding], Content_Encoding=coding))
    channel = watch()
    assert channel.poll() is OK
    assert channel.last.body == NEWS


def test_row_32_a_body_that_was_encoded_twice_and_says_so_once_is_decoded_once(server, watch):
    server.on("/feed", reply(200, gzip.compress(ENCODED["gzip"]), Content_Encoding="gzip"))
    channel = watch()
    assert not channel.poll().is_seen
    assert channel.last.body == ENCODED["gzip"]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_row_32_a_body_in_another_coding_than_it_says_is_malformed(server, watch, coding):
    server.on("/feed", reply(200, NEWS, Content_Encoding=coding))
    assert watch().poll() is MALFORMED


@pytest.mark.parametrize("coding", ["compress", "lzma", "sdch", "rot13", "gzip, rot13"])
def test_row_32_a_coding_that_we_never_asked_for_is_malformed(server, watch, coding):
    server.on("/feed", reply(200, NEWS, Content_Encoding=coding))
    channel = watch()
    assert channel.poll() is MALFORMED
    advertised = server.requests()[0].header("accept-encoding").replace(" ", "").split(",")
    assert coding not in advertised
    assert set(advertised) <= {"gzip", "deflate", "br", "zstd"}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_row_33_a_bomb_is_defused_in_bounded_memory(server, watch, coding):
    server.on("/feed", reply(200, bomb(coding), Content_Encoding=coding))
    channel = watch()
    with measured_growth() as growth:
        assert channel.poll() is Outcome.TOO_LARGE
    assert growth[0] < 64 << 20


def test_row_33_codings_upon_codings_are_not_peeled_off_without_end(server, watch):
    body = bytes(1 << 20)
    for _ in range(40):
        body = gzip.compress(body)
    server.on("/feed", reply(200, body, Content_Encoding=", ".join(["gzip"] * 40)))
    assert watch().poll() in {MALFORMED, Outcome.TOO_LARGE}


def test_row_33_a_body_without_an_end_is_cut_off(server, watch):
    server.on("/feed", (reply(200, Content_Length=None), Endless(bytes(1 << 16))))
    channel = watch(limits=FetchLimits(body_bytes=1 << 20))
    assert channel.poll() is Outcome.TOO_LARGE
    assert channel.last.body is None


CHUNKED = reply(200, Transfer_Encoding="chunked", ETag='"broken"')
BROKEN_OFF = {
    "less than its length": (reply(200, NEWS[:500], Content_Length=len(NEWS)), CLOSE),
    "no last chunk": (CHUNKED, chunks(NEWS[:500]), CLOSE),
    "half a chunk": (CHUNKED, chunks(NEWS[:500]), b"ff\r\n" + NEWS[500:503], CLOSE),
    # as long as announced: only this tells that the connection must not be used again
    "half a gzip": (
        reply(200, ENCODED["gzip"][:-9], Content_Encoding="gzip", Connection="close"),
        CLOSE,
    ),
    "half a brotli": (
        reply(200, ENCODED["br"][:-1], Content_Encoding="br", Connection="close"),
        CLOSE,
    ),
}


@pytest.mark.parametrize("answer", BROKEN_OFF.values(), ids=BROKEN_OFF)
def test_row_34_an_answer_that_broke_off_is_kept_and_not_used(server, watch, answer):
    server.on("/feed", reply(200, NEWS, ETag='"1"'), answer, reply(304))
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR)] == [OK, TRUNCATED]
    assert channel.last.body
    assert NEWS.startswith(channel.last.body)
    assert channel.poll(HOUR) is Outcome.NOT_MODIFIED
    assert server.requests()[2].header("if-none-match") == '"1"'


@pytest.mark.parametrize("size", [b"zz", b"-1", b"", b"FFFFFFFFFFFFFFFFFF", b"0x5"])
def test_row_34_a_chunk_whose_size_is_no_number_ends_typed(server, watch, size):
    wrong = (CHUNKED, chunks(NEWS[:500]), Wait(0.05), size + b"\r\nnews!\r\n", LAST_CHUNK, CLOSE)
    server.on("/feed", wrong)
    channel = watch(limits=FetchLimits(total_seconds=2))
    assert channel.poll() in {TRUNCATED, MALFORMED}
    assert channel.last.elapsed_ms < 1000  # the server has hung up; there is nothing to wait for


def test_row_34_a_length_shorter_than_the_body_does_not_make_a_document(server, watch):
    server.on("/feed", (reply(200, NEWS, Content_Length=500), CLOSE), reply(200, NEWS))
    channel = watch()
    first = channel.poll()
    assert first in {TRUNCATED, MALFORMED} or channel.pages[0].listing.is_malformed
    assert channel.poll(HOUR) is OK  # the rest did not become the next answer
    assert len(channel.store) == 200


def test_row_34_what_follows_an_answer_is_not_taken_for_the_next_one(server, watch):
    smuggled = reply(200, rss("smuggled"))
    server.on("/feed", reply(200, rss("1")) + smuggled, reply(200, rss("1", "2")))
    channel = watch()
    channel.poll(), channel.poll(HOUR)
    assert len(channel.store) == 2
    assert len(server.requests()) == 2


def test_row_34_what_came_is_in_the_archive_and_marked(server, project):
    collecting = project(server.on("/feed", (BROKEN_OFF["less than its length"])))
    collecting.run()
    attempts = "select distinct outcome, byte_count from raw.attempts"
    assert collecting.rows(attempts) == [("truncated", 500)]
    assert collecting.rows("select count(*) from raw.activities") == [(0,)]
    assert collecting.archived_bodies() == {NEWS[:500]}


DRIPS = {
    "head": Drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1000, 0.05),
    "body": (reply(200, Content_Length=10_000), Drip(NEWS, 0.05)),
    "chunk": (CHUNKED, Endless(chunks(b"x"), 0.05)),
    "endless headers": (b"HTTP/1.1 200 OK\r\n", Endless(b"X-A: a\r\n", 0.05)),
    "interim answers": Endless(b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.05),
    "silence": HANG,
    "silence after the head": (reply(200, Content_Length=5), HANG),
}


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS)
def test_row_35_an_answer_ends_at_the_deadline_however_it_drips(server, watch, answer):
    server.on("/feed", answer)
    channel = watch(limits=FetchLimits(total_seconds=0.6))
    start = time.monotonic()
    assert channel.poll() is Outcome.TIMEOUT
    assert 0.5 < time.monotonic() - start < 1.6


def test_row_35_an_interim_answer_is_waited_through(server, watch):
    server.on("/feed", (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", reply(200, NEWS)))
    assert watch().poll() is OK


def test_row_35_a_reset_is_no_timeout_and_no_document(server, watch):
    server.on("/feed", (reply(200, NEWS[:500], Content_Length=len(NEWS)), RESET))
    assert watch().poll() in {TRUNCATED, Outcome.UNREACHABLE}


@pytest.mark.parametrize(
    "answer",
    [
        reply(200),
        reply(200, b" \r\n\t "),
        reply(200, b"\xef\xbb\xbf"),
        reply(200, CHALLENGE, Content_Type="text/html"),
        reply(200, PLAIN, Content_Type="text/html", cf_mitigated="challenge"),
        reply(403, CHALLENGE, Content_Type="text/html"),
        reply(503, CHALLENGE, Content_Type="text/html"),
        reply(200, LOGIN, Content_Type="text/html"),
    ],
)
def test_row_36_a_page_instead_of_the_feed_is_no_quiet_channel(server, watch, answer):
    server.on("/feed", reply(200, rss("1"), ETag='"1"'), answer)
    channel = watch()
    assert [channel.poll(), channel.poll(HOUR)] == [OK, BLOCKED]
    assert channel.pages[1] is None
    assert channel.last.header("etag") == "" or channel.state.etag == '"1"'


def test_row_36_being_sent_to_a_login_form_is_being_blocked(server, watch):
    server.on("/feed", redirect("/login?next=/feed"))
    server.on("/login?next=/feed", reply(200, LOGIN, Content_Type="text/html"))
    assert watch().poll() is BLOCKED


def test_row_36_a_plain_page_is_of_the_wrong_type(server, watch):
    server.on("/feed", reply(200, PLAIN, Content_Type="text/html"))
    assert watch().poll() is Outcome.WRONG_TYPE


def test_row_36_days_behind_a_wall_are_blocked_and_not_empty(server, project):
    wall = reply(200, CHALLENGE, Content_Type="text/html")
    collecting = project(server.on("/feed", reply(200, rss("1")), wall), server.on("/wall", wall))
    collecting.run()
    for _ in range(3):
        collecting.run(timedelta(days=1))
    collecting.build()
    query = "select distinct state from staging.coverage join raw.channels using (channel_id)"
    assert collecting.rows(f"{query} where address like '%/wall'") == [("blocked",)]


def bomb(coding, mebibytes=1 << 10):
    """Zeros without end, small on the way."""
    zeros = bytes(1 << 20)
    if coding == "br":
        compressor = brotli.Compressor(quality=1)
        parts = [compressor.process(zeros) for _ in range(64)]
        return b"".join(parts) + compressor.finish()
    if coding == "zstd":
        compressor = zstd.ZstdCompressor()
        return b"".join(compressor.compress(zeros) for _ in range(64)) + compressor.flush()
    deflating = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    head = deflating.compress(zeros) + deflating.flush(zlib.Z_FULL_FLUSH)
    block = deflating.compress(zeros) + deflating.flush(zlib.Z_FULL_FLUSH)
    return head + block * mebibytes  # a block after a full flush refers to nothing before it
