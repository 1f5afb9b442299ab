"""Dates of feed documents: RFC 822, W3CDTF, and whatever else feedparser can read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from feedparser.datetimes import _parse_date

from connectors.feeddocument.document import FeedDate

_UNREADABLE = FeedDate(None, "")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?P<day>\d\d?) (?P<month>[A-Za-z]{3}) "
    r"(?P<year>\d{4}) (?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))? "
    r"(?:GMT|UTC|UT|Z|(?P<sign>[+-])(?P<zone_hours>\d\d)(?P<zone_minutes>\d\d))",
    re.ASCII,
)
_W3CDTF = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r"(?:Z|(?P<sign>[+-])(?P<zone_hours>\d\d):(?P<zone_minutes>\d\d))?)?",
    re.ASCII,
)
_TIME_OF_DAY = re.compile(r"\d:\d\d")
_MIDNIGHT = re.compile(r"(?<!\d)0?0:00(?::00(?:\.0+)?)?(?![\d:])")
_LONGEST_DATE_LENGTH = 100


@lru_cache(maxsize=1024)  # published and updated of an entry are often the same string
def read_date(text: str | None) -> FeedDate | None:
    """The date that a string of a document means; None without a string.

    Equals what feedparser reads: RFC 822 and W3CDTF (https://www.w3.org/TR/NOTE-datetime)
    without a zone are UTC. The precision is `day` when the string has no time of day, or
    exactly midnight in its own zone: the usual sign of a day that was padded.
    """
    if not text:
        return None
    match = _RFC822.fullmatch(text) or _W3CDTF.fullmatch(text)
    if match is None:
        return _read_unusual(text)
    return _from_parts(match) or _read_unusual(text)


def _from_parts(match: re.Match[str]) -> FeedDate | None:
    """The date of a usual form; None when its numbers are no date (31 February, 24:00)."""
    first, month, last, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    day, year = (first, last) if match.re is _RFC822 else (last, first)
    time = (int(hour or 0), int(minute or 0), int(second or 0))
    try:
        at = datetime(int(year), _month(month), int(day), *time, tzinfo=UTC)
        if sign:
            offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
            at = at - offset if sign == "+" else at + offset
    except (ValueError, OverflowError):
        return None
    return FeedDate(at, "second" if any(time) else "day")


def _month(text: str) -> int:
    """Number of a month given by number or English name; 0, which is no month, otherwise."""
    return int(text) if text.isdigit() else _MONTHS.get(text.lower(), 0)


def _read_unusual(text: str) -> FeedDate:
    """A date in one of the other forms that feedparser knows.

    A leading hyphen is ISO 8601 for "in this year": feedparser would fill in today's, and
    the same document must mean the same on every day.
    """
    if text.startswith("-") or len(text) > _LONGEST_DATE_LENGTH:
        return _UNREADABLE
    try:
        parts = _parse_date(text)
        at = datetime(*parts[:6]).replace(tzinfo=UTC) if parts else None  # noqa: DTZ001 - it is UTC
    except Exception:  # noqa: BLE001 - its patterns raise IndexError and more on odd input
        return _UNREADABLE
    return FeedDate(at, _precision(text)) if at else _UNREADABLE


def _precision(text: str) -> str:
    """`day` for a string without a time of day or with midnight, else `second`."""
    has_time = _TIME_OF_DAY.search(text) and not _MIDNIGHT.search(text)
    return "second" if has_time else "day"
