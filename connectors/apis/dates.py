"""Moments as interfaces write them, and whether they can be counted by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.contract import DateFlag

WEB_BEGINS = datetime(1991, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(days=1)


def moment(value: str | float | None) -> datetime | None:
    """A moment written in ISO 8601 or as seconds since 1970, as aware UTC.

    Without an offset it is UTC. None for nothing and for what nobody can read.
    """
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        at = datetime.fromisoformat(value or "")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def flag(at: datetime | None, fetched_at: datetime, *, is_given: bool = True) -> DateFlag:
    """Why a moment cannot be counted by; `is_given` says that something stood there."""
    if at is None:
        return DateFlag.UNPARSABLE if is_given else DateFlag.MISSING
    if at > fetched_at + CLOCK_TOLERANCE:
        return DateFlag.FUTURE
    return DateFlag.IMPLAUSIBLE if at < WEB_BEGINS else DateFlag.NONE
