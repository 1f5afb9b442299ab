"""A body is decoded as it streams in: right, complete, and at bounded cost."""

import gzip
import sys
import time
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.fetching.decoding import ACCEPT_ENCODING, Decoder
from connectors.fetching.failure import FetchError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NEWS = b"<rss>" + b"news " * 2000 + b"</rss>"
MEGABYTE = 1 << 20
MOST_BYTES = 15 * MEGABYTE


def deflate_raw(body):
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": deflate_raw,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
FAILURES = {Outcome.TRUNCATED, Outcome.MALFORMED, Outcome.TOO_LARGE}
CODINGS = st.sampled_from(list(ENCODERS))
BODIES = st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda part, count: part * count, st.binary(min_size=1, max_size=20), st.integers(1, 5000)
    ),
)


@settings(deadline=None)
@given(BODIES, st.lists(CODINGS, max_size=3), st.integers(1, 5000))
def test_a_body_comes_out_as_it_was_in_whatever_chunks_it_arrives(body, codings, chunk_bytes):
    sent = encoded(body, codings)
    assert decoded(sent, ",".join(codings), len(body), chunk_bytes) == body


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=400), st.lists(CODINGS, min_size=1, max_size=3), st.data())
def test_a_body_that_breaks_off_anywhere_is_never_taken_for_a_short_one(body, codings, data):
    sent = encoded(body, codings)
    cut = sent[: data.draw(st.integers(1, len(sent) - 1))]
    ends = (Outcome.TRUNCATED, Outcome.MALFORMED)
    assert failure(cut, ",".join(codings), chunk_bytes=7).outcome in ends


@pytest.mark.parametrize("coding", ENCODERS)
def test_every_cut_of_one_body_is_truncated(coding):
    sent = encoded(NEWS, [coding])
    outcomes = {failure(sent[:end], coding).outcome for end in range(1, len(sent))}
    assert outcomes == {Outcome.TRUNCATED}


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", "gzip, br", *ENCODERS]), st.integers(1, 300))
def test_any_bytes_end_in_a_body_within_the_limit_or_in_a_typed_failure(sent, coding, most_bytes):
    end = ending(sent, coding, most_bytes)
    assert end in FAILURES or len(end) <= most_bytes


@settings(deadline=None)
@given(st.binary(min_size=30, max_size=300), CODINGS, st.data())
def test_a_flipped_bit_is_no_crash_and_never_more_bytes_than_accepted(body, coding, data):
    sent = bytearray(encoded(body, [coding]))
    sent[data.draw(st.integers(0, len(sent) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    end = ending(bytes(sent), coding, 1000)
    assert end in FAILURES or len(end) <= 1000


@pytest.mark.parametrize("coding", ["", "identity", "Identity", ", ,", "identity, identity"])
def test_a_body_without_a_coding_is_left_as_it_is(coding):
    assert decoded(NEWS, coding) == NEWS


@pytest.mark.parametrize("coding", ["GZIP", " gzip ", "identity, gzip", "gzip,", "X-GZip"])
def test_a_coding_is_read_whatever_its_case_and_company(coding):
    assert decoded(gzip.compress(NEWS), coding) == NEWS


def test_all_that_is_asked_for_can_be_decoded():
    for coding in ACCEPT_ENCODING.split(", "):
        assert decoded(encoded(NEWS, [coding]), coding) == NEWS


@pytest.mark.parametrize("coding", ["compress", "x-own", "gzip, aes128gcm", "gzip;q=1"])
def test_a_coding_that_was_not_asked_for_is_malformed(coding):
    error = failure(NEWS, coding)
    assert error.outcome is Outcome.MALFORMED
    assert "which was not asked for" in error.message


def test_more_than_three_codings_are_refused():
    assert (
        failure(encoded(NEWS, ["gzip"] * 4), "gzip, gzip, gzip, gzip").outcome is Outcome.MALFORMED
    )


@pytest.mark.parametrize("coding", [*ENCODERS, "gzip, br", "zstd, deflate, gzip"])
def test_no_bytes_are_an_empty_body_in_every_coding(coding):
    assert decoded(b"", coding) == b""


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize(
    "body", [NEWS, b"<!doctype html><html></html>", b'{"a": 1}', b"\xef\xbb\xbf<rss/>"]
)
def test_a_plain_body_that_is_said_to_be_encoded_is_named_as_such(coding, body):
    error = failure(body, coding)
    assert error.outcome is Outcome.MALFORMED
    assert error.message == f"the body is not {coding}, as Content-Encoding says"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_plain_body_is_known_by_its_first_byte_even_alone(coding):
    error = failure(b"x", coding)
    assert (error.outcome, "is not" in error.message) == (Outcome.MALFORMED, True)


def test_a_plain_body_is_refused_before_the_rest_has_come():
    with pytest.raises(FetchError, match="is not gzip"):
        Decoder("gzip", MOST_BYTES).feed(b"<rss")


def test_a_gzip_body_that_is_damaged_is_called_broken_and_not_something_else():
    sent = bytearray(gzip.compress(NEWS))
    sent[-6] ^= 1  # the checksum
    error = failure(bytes(sent), "gzip")
    assert (error.outcome, "is broken" in error.message) == (Outcome.MALFORMED, True)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 50, 1 << 16])
def test_several_members_make_one_body(coding, chunk_bytes):
    sent = b"".join(encoded(part, [coding]) for part in (b"one ", b"", b"two ", b"three"))
    assert decoded(sent, coding, chunk_bytes=chunk_bytes) == b"one two three"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_second_member_that_breaks_off_is_truncated(coding):
    member = encoded(NEWS, [coding])
    ends = {failure(member + member[:end], coding).outcome for end in range(1, len(member))}
    assert ends == {Outcome.TRUNCATED}


def test_the_skipped_frames_of_zstd_are_skipped():
    skipped = b"\x5a\x2a\x4d\x18\x03\x00\x00\x00abc"
    sent = skipped + zstd.compress(b"one ") + skipped + zstd.compress(b"two")
    assert decoded(sent, "zstd", chunk_bytes=5) == b"one two"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "deflate ", "zstd"])
@pytest.mark.parametrize(
    "rest", [b"\0", b"\0" * 500, b"\r\n", b"<!-- served in 3 ms -->", b"\x28\x00"]
)
@pytest.mark.parametrize("chunk_bytes", [1, 3, 1 << 16])
def test_what_follows_a_complete_body_is_ignored(coding, rest, chunk_bytes):
    sent = encoded(NEWS, [coding]) + rest
    assert decoded(sent, coding, chunk_bytes=chunk_bytes) == NEWS


@pytest.mark.parametrize("chunk_bytes", [1, 2, 1 << 16])
def test_a_member_after_something_else_is_ignored_however_it_arrives(chunk_bytes):
    sent = gzip.compress(NEWS) + b"\r\n" * 1500 + gzip.compress(b"more")
    assert decoded(sent, "gzip", chunk_bytes=chunk_bytes) == NEWS


def test_a_raw_deflate_is_not_taken_for_zlib_by_half_a_header():
    stored = b"\x08\x04\x00\xfb\xffnews" + b"\x01\x00\x00\xff\xff"
    assert decoded(stored, "deflate") == b"news"


@pytest.mark.parametrize("chunk_bytes", [1, 3, 1 << 16])
def test_what_follows_a_br_body_is_malformed_however_it_arrives(chunk_bytes):
    error = failure(brotli.compress(NEWS) + b"\r\n", "br", chunk_bytes=chunk_bytes)
    assert error.outcome is Outcome.MALFORMED


@pytest.mark.parametrize("coding", ["", *ENCODERS])
def test_the_limit_is_the_last_size_that_is_accepted(coding):
    sent = encoded(NEWS, [coding] if coding else [])
    assert decoded(sent, coding, len(NEWS)) == NEWS
    error = failure(sent, coding, len(NEWS) - 1)
    assert error.outcome is Outcome.TOO_LARGE
    assert f"{len(NEWS) - 1:,} bytes" in error.message


@pytest.mark.parametrize("coding", ["", *ENCODERS])
@pytest.mark.parametrize("size", [0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 2 << 18])
def test_a_body_at_the_edge_of_a_piece_is_whole(coding, size):
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert decoded(encoded(body, [coding] if coding else []), coding) == body


@pytest.mark.parametrize("coding", ENCODERS)
def test_what_is_left_inside_after_a_full_piece_comes_out_though_no_bytes_follow(coding):
    for size in range((1 << 18) - 2, (1 << 18) + 300, 7):
        assert decoded(encoded(bytes(size), [coding]), coding) == bytes(size)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_ends_at_the_limit_and_costs_bounded_memory_and_time(coding):
    sent = bomb(coding, 200)
    error, peak_bytes, cpu_seconds = cost(sent, coding)
    assert error.outcome is Outcome.TOO_LARGE
    assert peak_bytes < MOST_BYTES + 4 * MEGABYTE
    assert cpu_seconds < 5


def test_one_chunk_of_a_bomb_never_makes_more_than_the_limit():
    decoder = Decoder("br", MEGABYTE)
    with pytest.raises(FetchError, match="more than 1,048,576 bytes"):
        decoder.feed(bomb("br", 200))


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_bomb_within_a_bomb_ends_at_the_limit(coding):
    member = encoded(b"", [coding])
    sent = encoded(member * (100 * MEGABYTE // len(member)), ["gzip"])
    error, peak_bytes, cpu_seconds = cost(sent, f"{coding}, gzip")
    assert error.outcome in {Outcome.TOO_LARGE, Outcome.MALFORMED}
    assert peak_bytes < 8 * MEGABYTE
    assert cpu_seconds < 5


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_endless_empty_members_end(coding):
    sent = encoded(b"", [coding]) * 200_000
    error, peak_bytes, cpu_seconds = cost(sent, coding)
    assert error.outcome is Outcome.MALFORMED
    assert peak_bytes < 4 * MEGABYTE
    assert cpu_seconds < 5


def test_endless_rest_after_a_body_ends_at_the_limit():
    decoder = Decoder("gzip", MEGABYTE)
    decoder.feed(gzip.compress(NEWS))
    for _ in range(15):
        assert decoder.feed(bytes(1 << 16)) == []
    with pytest.raises(FetchError, match="more than 1,048,576 bytes"):
        decoder.feed(bytes(2 << 16))


@pytest.mark.parametrize("window_log", [24, 27, 31])
def test_a_window_that_no_server_may_ask_for_is_refused_before_it_is_made(window_log):
    frame = b"\x28\xb5\x2f\xfd\x00" + bytes([(window_log - 10) << 3]) + b"\x01\x00\x00"
    error, peak_bytes, _ = cost(frame, "zstd")
    assert (error.outcome, "window" in error.message) == (Outcome.TOO_LARGE, True)
    assert peak_bytes < MEGABYTE


def test_the_largest_window_that_a_server_may_ask_for_is_granted():
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 23})
    sent = compressor.compress(NEWS * 1000) + compressor.flush()
    assert decoded(sent, "zstd") == NEWS * 1000


def encoded(body, codings):
    for coding in codings:
        body = ENCODERS[coding](body)
    return body


def decoded(sent, coding, most_bytes=MOST_BYTES, chunk_bytes=1 << 16):
    decoder = Decoder(coding, most_bytes)
    pieces = []
    for start in range(0, len(sent), chunk_bytes):
        pieces += decoder.feed(sent[start : start + chunk_bytes])
    decoder.finish()
    return b"".join(pieces)


def failure(sent, coding, most_bytes=MOST_BYTES, chunk_bytes=1 << 16):
    with pytest.raises(FetchError) as caught:
        decoded(sent, coding, most_bytes, chunk_bytes)
    return caught.value


def ending(sent, coding, most_bytes):
    """The body, or the outcome where there is none."""
    try:
        return decoded(sent, coding, most_bytes)
    except FetchError as error:
        return error.outcome


def cost(sent, coding):
    """How decoding failed, its peak of memory beyond what was sent, and its processor time."""
    start = time.process_time()
    tracemalloc.start()
    try:
        error = failure(sent, coding)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return error, peak_bytes, time.process_time() - start


def bomb(coding, megabytes):
    """So many megabytes of zeros, compressed."""
    zeros = bytes(MEGABYTE)
    if coding == "br":
        compressor = brotli.Compressor(quality=1)
        made = [compressor.process(zeros) for _ in range(megabytes)]
        return b"".join(made) + compressor.finish()
    makers = {
        "gzip": lambda: zlib.compressobj(wbits=31),
        "deflate": zlib.compressobj,
        "zstd": zstd.ZstdCompressor,
    }
    compressor = makers[coding]()
    return b"".join(compressor.compress(zeros) for _ in range(megabytes)) + compressor.flush()
