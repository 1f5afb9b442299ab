"""How long a server asks us to stay away: a pure reading of its answer.

Sources: RFC 9110 §10.2.3 (Retry-After), RFC 9111 §4.2, §5.2 and §5.3 (freshness, Cache-Control,
Expires), RFC 6585 §4 (429); `connectors.fetching.ratelimit` has those of rate limits.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from connectors.contract import Outcome
from connectors.fetching.ratelimit import body_limits, header_limits
from connectors.fetching.serverclock import read_date, seconds_until

if TYPE_CHECKING:
    from connectors.fetching.exchange import Exchange

#: No server may silence us for longer; the same bound as the feed library `reader` has.
LONGEST_HOLD = timedelta(days=31)
#: For a throttle that names no time. Unread Cloud waits as long for feeds.
UNNAMED_HOLD = timedelta(hours=4)
#: For 410: nothing will come back, so we look once more, and late.
GONE_HOLD = timedelta(days=30)
_FORBIDDEN, _GONE, _TOO_MANY_REQUESTS, _UNAVAILABLE = 403, 410, 429, 503
_FIRST_ERROR = 400
#: Who answers so speaks for the whole server: a throttle (GitHub's is a 403) or an outage.
_HOST_WIDE = {_FORBIDDEN, _TOO_MANY_REQUESTS, _UNAVAILABLE}
_MAX_AGE = re.compile(r"(?:^|[\s,;\"'])max-age(?![\w-])(?:\s*=\s*[\"']?\s*([0-9]+))?")
#: With a list of fields (`no-cache="set-cookie"`) the directive is about those alone.
_NOT_FRESH = re.compile(r"(?:^|[\s,;\"'])no-(?:cache|store)(?![\w-]|\s*=)")
_SECONDS = re.compile(r"-?[0-9]+")
_UNITS = (("days", 86_400), ("hours", 3600), ("minutes", 60))
_SHORTEST_SECONDS = 1e-6  # what a moment can tell apart

_CACHING = frozenset({"cache-control", "expires"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A server's wish not to be asked before `until` (UTC), as far as we grant it."""

    until: datetime
    is_host_wide: bool  #: it is for the whole host, not just for the URL that was asked
    reason: str  #: for the analyst: who named the time, and which
    is_capped: bool  #: the server named more than `LONGEST_HOLD`


class _Wish(NamedTuple):
    seconds: float
    cause: str
    is_host_wide: bool = True


def hold(exchange: Exchange) -> Hold | None:
    """What an answer asks of us, if anything: the latest of its wishes for the whole host.

    Without one for the whole host, the latest for the URL alone. `hold_until` heeds both.
    """
    wishes = _wishes(exchange)
    if not wishes:
        return None
    wish = max([wish for wish in wishes if wish.is_host_wide] or wishes)
    return Hold(
        until=_end(wish, exchange),
        is_host_wide=wish.is_host_wide,
        reason=_reason(wish, exchange),
        is_capped=_is_capped(wish),
    )


def hold_until(exchange: Exchange) -> datetime | None:
    """The moment (UTC) before which the URL is not to be asked again; None for no wish.

    It is the latest of what the answer names by Retry-After (errors only), by rate limits that
    are used up, and by its freshness (max-age or Expires, of answers that show the channel).
    410, and a 429 that names no time, are held for times of our own. It lies after
    `fetched_at`, by `LONGEST_HOLD` at most.
    """
    wishes = _wishes(exchange)
    return _end(max(wishes), exchange) if wishes else None


def _wishes(exchange: Exchange) -> list[_Wish]:
    if _says_nothing(exchange):
        return []
    pauses = [*_retry_after(exchange), *_limits(exchange)]
    if exchange.status == _TOO_MANY_REQUESTS and not pauses:
        pauses.append(_unnamed("no time named"))
    wishes = (*pauses, *_gone(exchange), *_freshness(exchange))
    return [wish for wish in wishes if wish.seconds >= _SHORTEST_SECONDS]


def _says_nothing(exchange: Exchange) -> bool:
    """Whether an answer can name no time: most 304s have neither a body nor such a header."""
    if exchange.status >= _FIRST_ERROR or exchange.body:
        return False
    return not any(name in _CACHING or "limit" in name for name, _ in exchange.headers)


def _retry_after(exchange: Exchange) -> list[_Wish]:
    text = exchange.header("retry-after").strip()
    if exchange.status < _FIRST_ERROR or not text:
        return []
    seconds = float(text) if _SECONDS.fullmatch(text) else _date_seconds(text, exchange)
    if seconds is None:
        return []
    return [_Wish(seconds, "Retry-After", exchange.status in _HOST_WIDE)]


def _limits(exchange: Exchange) -> list[_Wish]:
    return [
        _unnamed(cause) if seconds is None else _Wish(seconds, cause)
        for seconds, cause in (*header_limits(exchange), *body_limits(exchange))
    ]


def _gone(exchange: Exchange) -> list[_Wish]:
    # to a connector that takes it for an answer it says that a thread was deleted
    is_gone = exchange.status == _GONE and exchange.outcome is not Outcome.OK
    return [_Wish(GONE_HOLD.total_seconds(), "gone", is_host_wide=False)] if is_gone else []


def _freshness(exchange: Exchange) -> list[_Wish]:
    """Less the time that the answer has spent in caches on its way (RFC 9111 §4.2.3)."""
    if not exchange.outcome.is_seen:
        return []
    control = _joined(exchange, "cache-control").lower()
    if _NOT_FRESH.search(control):
        return []
    age_seconds = _count(exchange.header("age").strip())
    if maximum := _MAX_AGE.search(control):
        return [_Wish(_count(maximum[1] or "") - age_seconds, "max-age", is_host_wide=False)]
    seconds = _date_seconds(exchange.header("expires").strip(), exchange)
    return [] if seconds is None else [_Wish(seconds - age_seconds, "Expires", is_host_wide=False)]


def _unnamed(cause: str) -> _Wish:
    return _Wish(UNNAMED_HOLD.total_seconds(), f"{cause}; the time is our own")


def _date_seconds(text: str, exchange: Exchange) -> float | None:
    moment = read_date(text) if text else None
    return None if moment is None else seconds_until(moment, exchange)


def _count(digits: str) -> float:
    """A number of seconds of any length; what is none, or negative, counts as 0."""
    return max(float(digits), 0.0) if _SECONDS.fullmatch(digits) else 0.0


def _joined(exchange: Exchange, name: str) -> str:
    """All values of a header that may stand in several lines (RFC 9110 §5.3)."""
    return ", ".join(value for key, value in exchange.headers if key == name)


def _is_capped(wish: _Wish) -> bool:
    return wish.seconds > LONGEST_HOLD.total_seconds()


def _end(wish: _Wish, exchange: Exchange) -> datetime:
    span = LONGEST_HOLD if _is_capped(wish) else timedelta(seconds=wish.seconds)
    return exchange.fetched_at + span


def _reason(wish: _Wish, exchange: Exchange) -> str:
    asked = f"HTTP {exchange.status} asks us to stay away for"
    if _is_capped(wish):
        return f"{asked} more than the {LONGEST_HOLD.days} days that we grant ({wish.cause})"
    return f"{asked} {_span(wish.seconds)} ({wish.cause})"


def _span(seconds: float) -> str:
    """A span in the largest unit that it has two of, rounded up."""
    for unit, size in _UNITS:
        if seconds >= 2 * size:
            return f"{math.ceil(seconds / size)} {unit}"
    count = math.ceil(seconds)
    return f"{count} second{'s' if count > 1 else ''}"
