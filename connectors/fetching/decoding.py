"""Undoes the content codings of a body as it streams in, at bounded cost.

Sources: RFC 9110 §8.4 (codings and their order), RFC 1950 to 1952 (deflate, gzip), RFC 7932
(br), RFC 8878 and RFC 9659 §3 (zstd, and the window that a receiver must be able to hold).
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from connectors.contract import Outcome
from connectors.fetching.failure import FetchError

try:
    import brotli  # type: ignore[import-untyped]  # ships no types
except ModuleNotFoundError:  # PyPy has the same library under another name
    import brotlicffi as brotli  # type: ignore[import-not-found]  # not on CPython
if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: What to ask for: all that `Decoder` undoes.
ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_MOST_CODINGS = 3
#: No real body has more parts; empty ones by the million would cost time and make nothing.
_MOST_MEMBERS = 1024
_PIECE_BYTES = 1 << 18
#: What compressing may add to a body that cannot be compressed, with room to spare.
_OVERHEAD_BYTES = 1 << 16
_ZSTD_OPTIONS: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 23}  # 8 MiB
_BROKEN = (zlib.error, brotli.error, zstd.ZstdError)

_GZIP_OPENING = b"\x1f\x8b\x08"
_ZSTD_OPENING = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPED_OPENINGS = [bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60)]
_RAW, _ZLIB, _GZIP = -zlib.MAX_WBITS, zlib.MAX_WBITS, zlib.MAX_WBITS + 16


class Decoder:
    """Undoes the codings of one body, chunk by chunk.

    Args:
        content_encoding: the Content-Encoding header, several lines joined by commas; ""
            when there is none.
        most_bytes: the largest body that is accepted, decoded. What comes in is bounded
            by little more, so that a body that decodes to nothing ends too.

    Raises:
        FetchError: `Outcome.MALFORMED` for a coding that `ACCEPT_ENCODING` does not name, or
            for more than three of them.
    """

    def __init__(self, content_encoding: str, most_bytes: int) -> None:
        codings = _codings(content_encoding)
        slack = [_OVERHEAD_BYTES] * len(codings)
        received, *made = (_Budget(most_bytes, more) for more in [*slack, 0])
        self._received = received
        self._layers = [
            _Layer(coding, budget) for coding, budget in zip(codings, made, strict=True)
        ]

    def feed(self, chunk: bytes) -> list[bytes]:
        """What the next bytes off the wire decode to, in order; pieces of some 100 KiB.

        Raises:
            FetchError: `Outcome.TOO_LARGE` for more than `most_bytes` in all, or a zstd window
                over 8 MiB; `Outcome.MALFORMED` for bytes that are not in the coding.
        """
        pieces: Iterable[bytes] = (self._received.take(chunk),)
        for layer in self._layers:
            pieces = layer.decode(pieces)
        return list(pieces)

    def finish(self) -> None:
        """Say that no more bytes come. An empty body is complete in every coding.

        Raises:
            FetchError: `Outcome.TRUNCATED` for a body that breaks off; `Outcome.MALFORMED` for
                one too short to be in the coding at all.
        """
        for layer in self._layers:
            layer.finish()


class _Stream(Protocol):
    """One compressed member, with the interface that the standard library gives zstd."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflation:
    def __init__(self, window_bits: int) -> None:
        self._member = zlib.decompressobj(window_bits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._member.eof

    @property
    def unused_data(self) -> bytes:
        return self._member.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._member.decompress(self._member.unconsumed_tail + data, max_length)
        # A full piece may leave output inside zlib even when all input is consumed.
        self.needs_input = len(piece) < max_length and not self._member.unconsumed_tail
        return piece


class _Brotli:
    unused_data = b""

    def __init__(self) -> None:
        self._member = brotli.Decompressor()
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self._member.is_finished())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece: bytes = self._member.process(data, output_buffer_limit=max_length)
        # A full piece may leave output inside, whatever the library says it can accept.
        has_room = bool(self._member.can_accept_more_data()) or not piece
        self.needs_input = has_room and len(piece) < max_length
        return piece


@dataclass(frozen=True, slots=True)
class _Coding:
    """A content coding: `begin` makes a member's stream, None for bytes that begin none.

    `begin` is asked as soon as `opening_bytes` are there, and at the body's end with fewer.
    """

    name: str
    opening_bytes: int
    begin: Callable[[bytes], _Stream | None]
    has_signature: bool  #: members are known by it, and several may make one body
    ignores_rest: bool = True  #: as browsers do with what follows a complete body


def _begin_gzip(opening: bytes) -> _Stream | None:
    is_gzip = _GZIP_OPENING.startswith(opening[: len(_GZIP_OPENING)])
    return _Inflation(_GZIP) if is_gzip else None


def _begin_deflate(opening: bytes) -> _Stream:
    """Servers send both; no raw deflater writes what zlib's header has (RFC 1950 §2.2)."""
    has_header = opening[0] & 0x0F == 8 and int.from_bytes(opening[:2]) % 31 == 0  # noqa: PLR2004
    return _Inflation(_ZLIB if has_header else _RAW)


def _begin_zstd(opening: bytes) -> _Stream | None:
    known = (_ZSTD_OPENING, *_ZSTD_SKIPPED_OPENINGS)
    if any(start.startswith(opening[: len(start)]) for start in known):
        return zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
    return None


_CODINGS = {
    "gzip": _Coding("gzip", len(_GZIP_OPENING), _begin_gzip, has_signature=True),
    "deflate": _Coding("deflate", 2, _begin_deflate, has_signature=False),
    # The library cannot say where a body ended within the bytes that it was given.
    "br": _Coding("br", 1, lambda _: _Brotli(), has_signature=False, ignores_rest=False),
    "zstd": _Coding("zstd", len(_ZSTD_OPENING), _begin_zstd, has_signature=True),
}
_CODINGS["x-gzip"] = _CODINGS["gzip"]  # RFC 9110 §8.4.1.3


def _codings(content_encoding: str) -> list[_Coding]:
    """The codings to undo, the one applied last first."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    applied = [name for name in names if name not in {"", "identity"}]
    for name in applied:
        if name not in _CODINGS:
            message = f"answered in the encoding {name[:40]!r}, which was not asked for"
            raise FetchError(Outcome.MALFORMED, message)
    if len(applied) > _MOST_CODINGS:
        message = f"answered in {len(applied)} encodings on top of one another"
        raise FetchError(Outcome.MALFORMED, message)
    return [_CODINGS[name] for name in reversed(applied)]


class _Budget:
    """The bytes that may still pass one point: `most_bytes` and so many more."""

    def __init__(self, most_bytes: int, more_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.left_bytes = most_bytes + more_bytes

    def take(self, piece: bytes) -> bytes:
        self.left_bytes -= len(piece)
        if self.left_bytes < 0:
            raise FetchError(Outcome.TOO_LARGE, f"more than {self._most_bytes:,} bytes")
        return piece


class _Layer:
    """Undoes one coding of a body."""

    def __init__(self, coding: _Coding, made: _Budget) -> None:
        self._coding = coding
        self._made = made
        self._held = b""  # too few bytes to tell what they begin
        self._stream: _Stream | None = None  # the member under way
        self._member_count = 0
        self._is_over = False
        self._has_made = False

    def decode(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            try:
                yield from self._decode(piece)
            except _BROKEN as error:
                raise self._failure(error) from error

    def finish(self) -> None:
        if self._held:
            self._begin(self._held)
        if self._stream is not None:
            message = f"the answer broke off: its {self._coding.name} encoding has no end"
            raise FetchError(Outcome.TRUNCATED, message)

    def _decode(self, data: bytes) -> Iterator[bytes]:
        while data and not self._is_over:
            if self._stream is None:
                data = self._open(data)
            if self._stream is None:
                return
            yield from self._drain(self._stream, data)
            data = self._close(self._stream)

    def _open(self, data: bytes) -> bytes:
        """Begin a member once its first bytes are there; returns all there is of it."""
        opening = self._held + data
        self._held = b""
        if len(opening) < self._coding.opening_bytes:
            self._held = opening
        else:
            self._begin(opening)
        return opening

    def _begin(self, opening: bytes) -> None:
        is_first = self._member_count == 0
        self._member_count += 1
        may_begin = is_first or self._coding.has_signature
        self._stream = self._coding.begin(opening) if may_begin else None
        self._is_over = self._stream is None
        if self._is_over and is_first:
            raise self._is_something_else()
        if self._member_count > _MOST_MEMBERS or (self._is_over and not self._coding.ignores_rest):
            message = f"the body goes on after the end of its {self._coding.name} encoding"
            raise FetchError(Outcome.MALFORMED, message)

    def _drain(self, stream: _Stream, data: bytes) -> Iterator[bytes]:
        while not stream.eof and (data or not stream.needs_input):
            # One byte more than is left shows that there is more.
            piece = stream.decompress(data, min(_PIECE_BYTES, self._made.left_bytes + 1))
            data = b""
            if piece:
                self._has_made = True
                yield self._made.take(piece)

    def _close(self, stream: _Stream) -> bytes:
        """What follows the member, if it is at its end."""
        if not stream.eof:
            return b""
        self._stream = None
        return stream.unused_data

    def _failure(self, error: Exception) -> FetchError:
        if isinstance(error, zstd.ZstdError) and "memory" in str(error):
            return FetchError(Outcome.TOO_LARGE, "the zstd encoding asks for a window over 8 MiB")
        if not (self._has_made or self._coding.has_signature):
            return self._is_something_else()
        return FetchError(Outcome.MALFORMED, f"the {self._coding.name} encoding is broken: {error}")

    def _is_something_else(self) -> FetchError:
        message = f"the body is not {self._coding.name}, as Content-Encoding says"
        return FetchError(Outcome.MALFORMED, message)
