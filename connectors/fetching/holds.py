"""How long a server asks us to stay away: a pure reading of its headers.

Sources: RFC 9110 §10.2.3 (Retry-After), RFC 9111 §5.2 and §5.3 (Cache-Control, Expires).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.fetching.exchange import Exchange

#: No server may silence us for longer; the same bound as the feed library `reader` has.
LONGEST_HOLD = timedelta(days=31)
#: For a 429 that names no time. Unread Cloud waits as long for feeds.
UNNAMED_HOLD = timedelta(hours=4)
_TOO_MANY_REQUESTS = 429
_UNAVAILABLE = 503
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]+)")
_SECONDS = re.compile(r"-?[0-9]+")
_MOST_DIGITS = 9  # 30 years, and far from what a number or a date can hold


def hold_until(exchange: Exchange) -> datetime | None:
    """The moment before which the server does not want to be asked again, if it named one.

    The latest of Retry-After (on 429 and 503), max-age and Expires (on answers that may be
    cached), at most `LONGEST_HOLD` after the answer. UTC.
    """
    named = [*_retry_after(exchange), *_freshness(exchange)]
    later = [moment for moment in named if moment > exchange.fetched_at]
    if not later:
        return None
    return min(max(later), exchange.fetched_at + LONGEST_HOLD)


def _retry_after(exchange: Exchange) -> list[datetime]:
    if exchange.status not in {_TOO_MANY_REQUESTS, _UNAVAILABLE}:
        return []
    moment = _moment(exchange.header("retry-after").strip(), exchange)
    if moment is None and exchange.status == _TOO_MANY_REQUESTS:
        return [exchange.fetched_at + UNNAMED_HOLD]
    return [moment] if moment else []


def _freshness(exchange: Exchange) -> list[datetime]:
    if not exchange.outcome.is_seen:
        return []
    control = _joined(exchange, "cache-control").lower()
    if "no-cache" in control or "no-store" in control:
        return []
    if age := _MAX_AGE.search(control):
        return [_after(exchange.fetched_at, age.group(1))]
    expires = _moment(exchange.header("expires").strip(), exchange, dates_only=True)
    return [expires] if expires else []


def _moment(text: str, exchange: Exchange, *, dates_only: bool = False) -> datetime | None:
    """Seconds or an HTTP date; a date counts from the server's own clock (its Date header)."""
    if _SECONDS.fullmatch(text):
        return None if dates_only else _after(exchange.fetched_at, text)
    named, sent = _date(text), _date(exchange.header("date"))
    if named is None:
        return None
    if sent is None:
        return named
    return exchange.fetched_at + min(max(named - sent, timedelta()), LONGEST_HOLD)


def _after(start: datetime, digits: str) -> datetime:
    """`start` and so many seconds; negative counts as none, and there may be many digits."""
    if digits.startswith("-"):
        return start
    seconds = digits.lstrip("0")
    is_absurd = len(seconds) > _MOST_DIGITS
    return start + (LONGEST_HOLD if is_absurd else timedelta(seconds=int(seconds or "0")))


def _joined(exchange: Exchange, name: str) -> str:
    """All values of a header that may stand in several lines (RFC 9110 §5.3)."""
    return ", ".join(value for key, value in exchange.headers if key == name)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
