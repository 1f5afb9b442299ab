"""Rate limits that an answer declares, in its headers or in its body.

Sources: GitHub and Reddit (`X-RateLimit-*`), Mastodon (the same, with an ISO 8601 reset),
Bluesky and GitLab (`RateLimit-*`), draft-ietf-httpapi-ratelimit-headers (up to version 6 the
same with seconds, then one `RateLimit` field), Stack Exchange (api.stackexchange.com/docs/
throttle and /wrapper: limits stand in the JSON body).
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from connectors.fetching.serverclock import read_date, seconds_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.fetching.exchange import Exchange

_TOO_MANY_REQUESTS = 429
_FAMILIES = ("X-RateLimit", "RateLimit", "X-Rate-Limit")
_NUMBER = re.compile(r"\"?(-?[0-9]+(?:\.[0-9]*)?)")
_RESET = re.compile(r"(-?[0-9]+(?:\.[0-9]*)?)\s*(?:s|;.*)?")
_ISO_8601 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*")
_QUOTED = re.compile(r"\"[^\"]*\"")
_FIELD_REMAINING = re.compile(r"(?:^|[\s,;])(?:r|remaining)\s*=\s*(-?[0-9.]+)")
_FIELD_LIMIT = re.compile(r"(?:^|[\s,;])limit\s*=\s*([0-9.]+)")
_FIELD_RESET = re.compile(r"(?:^|[\s,;])(?:t|reset)\s*=\s*([0-9.]+)")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Smaller numbers are a span (32 years), larger ones a moment since 1970 (2001 and later).
_FIRST_EPOCH_SECONDS = 1e9
#: From here on they count milliseconds (1973 and later) or finer; seconds would be 5138.
_FIRST_EPOCH_MILLISECONDS = 1e11
#: More than nanoseconds since 1970: no moment.
_ABSURD = 1e20

_BODY_MARKS = (b'"backoff"', b'"quota_remaining"', b"throttle_violation")
_QUOTA_MARK = b'"quota_remaining"'
_QUOTA_CAUSE = "quota_remaining in the body, a day's quota"
_AVAILABLE_IN = re.compile(r"available in ([0-9]+) seconds?")


class Limit(NamedTuple):
    """A limit that is used up: seconds until there is more (None: not named), who says so."""

    seconds: float | None
    cause: str


class Declared(NamedTuple):
    """A budget that an answer declares, whether used up or not.

    `name` tells the budgets of one server apart. `limit` is None when the answer does not say
    how many requests there are in all, `seconds` when it names no reset that is still to come.
    """

    name: str
    limit: float | None
    remaining: float
    seconds: float | None
    cause: str


class _Window(NamedTuple):
    remaining: float | None
    resets: list[str]
    cause: str
    limit: float | None = None
    name: str = ""


def header_limits(exchange: Exchange) -> list[Limit]:
    """The limits that the headers declare to be used up and name the end of.

    A limit is used up when less than one request remains, whatever the status, and on a 429
    also when the answer does not say how many remain.
    """
    lines = [(name, value.strip()) for name, value in exchange.headers if "limit" in name]
    return [
        Limit(max(ends), window.cause)
        for window in (*_families(lines), *_fields(lines))
        if _is_used_up(window, exchange) and (ends := _ends(window, exchange))
    ]


def declares(headers: Iterable[tuple[str, str]], body: bytes) -> bool:
    """Whether an answer may declare a budget: a quick look, for most declare none."""
    if any("limit" in name for name, _ in headers):
        return True
    return body[:1] == b"{" and _QUOTA_MARK in body


def declared(exchange: Exchange) -> list[Declared]:
    """The budgets that an answer declares."""
    lines = [(name, value.strip()) for name, value in exchange.headers if "limit" in name]
    found = [
        Declared(
            window.name or window.cause,
            window.limit,
            max(window.remaining, 0.0),
            max(_ends(window, exchange), default=None),
            window.cause,
        )
        for window in (*_families(lines), *_fields(lines))
        if window.remaining is not None
    ]
    return found + _quota(exchange)


def _quota(exchange: Exchange) -> list[Declared]:
    body = exchange.body or b""
    wrapper = _wrapper(body) if body[:1] == b"{" and _QUOTA_MARK in body else {}
    left, limit = wrapper.get("quota_remaining"), wrapper.get("quota_max")
    if not _is_number(left):
        return []
    most = float(min(limit, _ABSURD)) if _is_number(limit) else None
    remaining = float(min(left, _ABSURD))
    if math.isnan(remaining):
        return []
    seconds = _until_midnight(exchange.fetched_at)
    return [Declared("quota", most, max(remaining, 0.0), seconds, _QUOTA_CAUSE)]


def body_limits(exchange: Exchange) -> list[Limit]:
    """The limits that a JSON body declares as Stack Exchange does, on any status."""
    body = exchange.body
    if not body or not _is_json(body, exchange):
        return []
    if not any(mark in body for mark in _BODY_MARKS):
        return []
    return list(_wrapper_limits(_wrapper(body), exchange.fetched_at))


def _families(lines: list[tuple[str, str]]) -> Iterator[_Window]:
    for family in _FAMILIES if lines else ():
        prefix = family.lower()
        left = [value for name, value in lines if name == f"{prefix}-remaining"]
        resets = [value for name, value in lines if name == f"{prefix}-reset"]
        numbers = [float(found[1]) for value in left if (found := _NUMBER.match(value))]
        limits = [value for name, value in lines if name == f"{prefix}-limit"]
        most = [float(found[1]) for value in limits if (found := _NUMBER.match(value))]
        least = min(numbers, default=None)
        yield _Window(least, resets, f"{family}-Reset", max(most, default=None))


def _fields(lines: list[tuple[str, str]]) -> Iterator[_Window]:
    """Draft 7 has one window, `limit=9, remaining=0, reset=5`; later ones a list of them."""
    for value in (value.lower() for name, value in lines if name == "ratelimit"):
        named = _QUOTED.sub("", value)
        windows = [named] if "remaining" in named else named.split(",")
        for place, window in enumerate(windows):
            remaining, reset = _FIELD_REMAINING.search(window), _FIELD_RESET.search(window)
            left = _NUMBER.match(remaining[1]) if remaining else None
            resets = [reset[1]] if reset else []
            remains = float(left[1]) if left else None
            yield _Window(remains, resets, "RateLimit", _limit(window), f"RateLimit {place}")


def _limit(window: str) -> float | None:
    named = _FIELD_LIMIT.search(window)
    number = _NUMBER.match(named[1]) if named else None
    return float(number[1]) if number else None


def _is_used_up(window: _Window, exchange: Exchange) -> bool:
    if window.remaining is None:
        return exchange.status == _TOO_MANY_REQUESTS
    return window.remaining < 1


def _ends(window: _Window, exchange: Exchange) -> list[float]:
    ends = [_seconds(reset, exchange) for reset in window.resets]
    return [end for end in ends if end is not None and end > 0]


def _seconds(reset: str, exchange: Exchange) -> float | None:
    """Seconds until a reset, which may be a span, a Unix time, ISO 8601 or an HTTP date."""
    if number := _RESET.fullmatch(reset):
        return _numeric_seconds(float(number[1]), exchange)
    moment = _iso_moment(reset) or read_date(reset)
    return seconds_until(moment, exchange) if moment else None


def _numeric_seconds(number: float, exchange: Exchange) -> float:
    if number < _FIRST_EPOCH_SECONDS:
        return number
    if number >= _ABSURD:
        return math.inf
    while number >= _FIRST_EPOCH_MILLISECONDS:
        number /= 1000
    return seconds_until(_EPOCH + timedelta(seconds=number), exchange)


def _iso_moment(text: str) -> datetime | None:
    if not _ISO_8601.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_json(body: bytes, exchange: Exchange) -> bool:
    return body[:64].lstrip()[:1] == b"{" or "json" in exchange.header("content-type").lower()


def _wrapper(body: bytes) -> dict[str, Any]:
    """The outermost object; deeper ones have fields of the same names that mean other things."""
    try:
        wrapper = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return wrapper if isinstance(wrapper, dict) else {}


def _wrapper_limits(wrapper: dict[str, Any], now: datetime) -> Iterator[Limit]:
    backoff, left = wrapper.get("backoff"), wrapper.get("quota_remaining")
    if _is_number(backoff) and backoff > 0:
        yield Limit(float(min(backoff, _ABSURD)), "backoff in the body")
    if _is_number(left) and left <= 0:
        yield Limit(_until_midnight(now), _QUOTA_CAUSE)
    if wrapper.get("error_name") == "throttle_violation":
        named = _AVAILABLE_IN.search(str(wrapper.get("error_message")))
        yield Limit(float(named[1]) if named else None, "throttle_violation in the body")


def _until_midnight(now: datetime) -> float:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return (tomorrow - now).total_seconds()


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
