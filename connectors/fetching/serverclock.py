"""Moments that a server names, measured by its own clock.

Source: RFC 9110 §5.6.7 (dates) and §6.6.1 (the Date header is when the answer was made).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.fetching.exchange import Exchange

_PLAUSIBLE = timedelta(days=31)


def read_date(text: str) -> datetime | None:
    """A date as HTTP writes it, in UTC; None for anything else."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def seconds_until(moment: datetime, exchange: Exchange) -> float:
    """Seconds from the answer to `moment`, negative when it is past.

    The server's Date header is the start, so that a clock that is wrong does no harm. Ours is
    it where there is none, or where only ours gives a time that a server may mean.
    """
    ours = moment - exchange.fetched_at
    sent_at = read_date(exchange.header("date"))
    theirs = ours if sent_at is None else moment - sent_at
    is_theirs_broken = theirs > _PLAUSIBLE >= ours > timedelta()
    return (ours if is_theirs_broken else theirs).total_seconds()
