"""How often a channel is asked: an interval adapted to how much of each answer was new.

A feed shows its newest N entries only; when more than N come between two looks, the others
have come and gone unseen. So the interval is as long as the window allows: until the next
look it may fill by a third at the highest recent rate, and two looks may fail before anything
is lost. Pure: a function of the answers in their order, so that a replay of the archive
arrives at the same interval. docs/polling.md has the reasons and the figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b

_HOUR = 3600
_DAY = 24 * _HOUR
#: No channel is asked more often. Source: RBB's list of feed reader behaviour.
FLOOR_SECONDS = _HOUR
#: Every channel is asked at least this often …
CEILING_SECONDS = _DAY
#: … and at least this often when nothing new has come for `QUIET_AFTER_SECONDS`, where a
#: window of `QUIET_WINDOW_COUNT` entries would hold the first burst after the silence.
QUIET_CEILING_SECONDS = 2 * _DAY
QUIET_AFTER_SECONDS = 28 * _DAY
QUIET_WINDOW_COUNT = 10
#: Without validators every request costs the whole document. Source: RBB's list again.
UNCONDITIONAL_SECONDS = _DAY
#: The part of the window that may fill until the next look …
COMFORTABLE_SHARE = 1 / 3
#: … and the part where the server would rather be asked less often.
TIGHT_SHARE = 1 / 2
#: A rate counts half after this many looks that did not reach it again.
PEAK_HALF_LIFE_LOOKS = 200
#: A channel is no longer called lossy after this long without an overflow.
LOSSY_SECONDS = 28 * _DAY
_LARGEST_GROWTH = 2
_LARGEST_SPREAD = 0.1
#: What a smaller document leaves of the window: some feeds show the last days, not the last N.
_WINDOW_KEPT_SHARE = 0.9
#: Dates name the day only, or the wrong time zone.
_DATE_DOUBT_SECONDS = _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one answer of a channel told about its rhythm.

    Attributes:
        elapsed_seconds: since the channel was last seen; None at the first look.
        new_count: entries that the previous document did not have.
        entry_count: entries of the document; 0 when nothing was modified.
        is_conditional: whether the server gave validators, so that asking again is cheap.
        wished_seconds: the document's own wish (RSS `ttl`, `sy:updatePeriod`); None without.
        window_seconds: from the oldest trustworthy date in the document until now; None when
            it has none or nothing was modified.
    """

    elapsed_seconds: float | None
    new_count: int
    entry_count: int
    is_conditional: bool
    wished_seconds: int | None = None
    window_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is remembered of a channel's rhythm; the default is that of one never seen.

    Attributes:
        interval_seconds: how long to leave the channel alone, before `spread`.
        peak_per_hour: the highest recent rate of new entries, fading with every look.
        window_count: entries that a full document shows, as far as seen; 0 before any.
        quiet_seconds: how long nothing new has come.
        overflow_free_seconds: how long the window has not overflowed.
        is_lossy: whether it overflowed within `LOSSY_SECONDS`: entries are missing.
    """

    interval_seconds: int = FLOOR_SECONDS
    peak_per_hour: float = 0.0
    window_count: int = 0
    quiet_seconds: float = 0.0
    overflow_free_seconds: float = 0.0
    is_lossy: bool = False


def adapt(rhythm: Rhythm, answer: Answer) -> Rhythm:
    """The rhythm after an answer that showed what the channel holds (a document or a 304).

    An attempt that failed shows nothing: it is not for `adapt`, and the rhythm stays.
    """
    if answer.elapsed_seconds is None:
        return _first_rhythm(answer)
    elapsed = max(answer.elapsed_seconds, FLOOR_SECONDS)  # less is no base for a rate
    is_overflow = _overflows(rhythm, answer)
    overflow_free = 0.0 if is_overflow else rhythm.overflow_free_seconds + elapsed
    peak = _peak(rhythm, answer, elapsed, is_overflow=is_overflow)
    window = _window(rhythm, answer)
    quiet = 0.0 if answer.new_count else rhythm.quiet_seconds + elapsed
    longest = min(rhythm.interval_seconds * _LARGEST_GROWTH, _ceiling(quiet, window))
    return Rhythm(
        interval_seconds=_interval(answer, _fill_seconds(window, peak), longest),
        peak_per_hour=peak,
        window_count=window,
        quiet_seconds=quiet,
        overflow_free_seconds=overflow_free,
        is_lossy=is_overflow or (rhythm.is_lossy and overflow_free < LOSSY_SECONDS),
    )


def spread(interval_seconds: int, key: str) -> int:
    """The interval or up to a tenth more, in seconds; always the same for the same `key`.

    Channels of one run would else come due together ever after, and a run at the full hour
    would come at the full hour again, as everybody does. Never below `FLOOR_SECONDS`.
    """
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    share = int.from_bytes(digest, "big") / (1 << 32)
    interval = max(interval_seconds, FLOOR_SECONDS)
    return interval + int(interval * _LARGEST_SPREAD * share)


def _first_rhythm(answer: Answer) -> Rhythm:
    """Dates tell at once how fast the window moves; without them we begin at the floor."""
    peak, longest = 0.0, FLOOR_SECONDS
    if answer.window_seconds is not None and answer.entry_count:
        peak = _per_hour(answer.entry_count, max(answer.window_seconds, FLOOR_SECONDS))
        longest = CEILING_SECONDS
    fill = _fill_seconds(answer.entry_count, peak)
    return Rhythm(
        interval_seconds=_interval(answer, fill, longest),
        peak_per_hour=peak,
        window_count=answer.entry_count,
    )


def _overflows(rhythm: Rhythm, answer: Answer) -> bool:
    """Whether all of a full window is new: others may have come and gone before them.

    A document that has become much smaller is not limited by its number of entries.
    """
    is_full = answer.entry_count > 0 and answer.entry_count >= rhythm.window_count / 2
    was_known = rhythm.window_count > 0
    all_new = answer.new_count >= answer.entry_count
    return was_known and is_full and all_new and not _is_renamed(answer)


def _is_renamed(answer: Answer) -> bool:
    """Whether all is new by name only: the entries are older than the last look."""
    if answer.window_seconds is None or answer.elapsed_seconds is None:
        return False
    reaches_back = answer.window_seconds > answer.elapsed_seconds + _DATE_DOUBT_SECONDS
    return reaches_back and answer.new_count >= answer.entry_count > 0


def _peak(rhythm: Rhythm, answer: Answer, elapsed: float, *, is_overflow: bool) -> float:
    """An overflow tells only that the rate was higher: it halves the interval at least."""
    look = min(1.0, elapsed / rhythm.interval_seconds)  # one that came early counts in part
    faded = rhythm.peak_per_hour * math.exp2(-look / PEAK_HALF_LIFE_LOOKS)
    came = 0 if _is_renamed(answer) else answer.new_count
    peak = max(faded, _per_hour(came, elapsed))
    if is_overflow:
        tight = _window(rhythm, answer) * TIGHT_SHARE
        peak = max(peak, _per_hour(tight, rhythm.interval_seconds / 2))
    return peak


def _window(rhythm: Rhythm, answer: Answer) -> int:
    if not answer.entry_count:
        return rhythm.window_count
    return max(answer.entry_count, int(rhythm.window_count * _WINDOW_KEPT_SHARE))


def _interval(answer: Answer, fill_seconds: float, longest: int) -> int:
    """What the window allows; what the server wishes, while that loses nothing either."""
    comfortable = min(fill_seconds * COMFORTABLE_SHARE, longest)
    patient = min(_wish(answer), fill_seconds * TIGHT_SHARE)
    return int(max(comfortable, patient, FLOOR_SECONDS))


def _wish(answer: Answer) -> int:
    """How long to leave the server alone if nothing is lost by it; never over the ceiling."""
    wished = min(answer.wished_seconds or 0, CEILING_SECONDS)
    return wished if answer.is_conditional else UNCONDITIONAL_SECONDS


def _ceiling(quiet_seconds: float, window_count: int) -> int:
    is_quiet = quiet_seconds >= QUIET_AFTER_SECONDS and window_count >= QUIET_WINDOW_COUNT
    return QUIET_CEILING_SECONDS if is_quiet else CEILING_SECONDS


def _fill_seconds(window_count: int, peak_per_hour: float) -> float:
    """How long the highest recent rate takes to fill the window."""
    return window_count / peak_per_hour * _HOUR if peak_per_hour else math.inf


def _per_hour(count: float, seconds: float) -> float:
    return count / seconds * _HOUR
