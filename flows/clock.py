"""The one place where Barograph reads the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def naive(moment: datetime) -> datetime:
    """A moment as the warehouse stores it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def read_as_of(text: str) -> datetime:
    """The moment that an `--as-of` argument names: a date (its end) or a date and time. UTC.

    A time without an offset is read as UTC.

    Raises:
        ValueError: neither of the two.
    """
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), tzinfo=UTC)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
