"""A few small feeds of invented organizations, as bytes by path."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
AS_OF = "2026-11-20"


def rss(count: int, *, every_hours: float = 24, start: datetime = MONDAY, name: str = "x") -> bytes:
    """An RSS 2.0 feed whose `count` items lie `every_hours` apart, the newest at `start`."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{name}-{start - number * timedelta(hours=every_hours)}"
        f"</guid><title>Notice {number} of {name}</title>"
        f"<link>https://{name}.example/{number}</link><description>Words.</description>"
        f"<pubDate>{format_datetime(start - number * timedelta(hours=every_hours))}</pubDate>"
        "</item>"
        for number in range(count)
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{name}</title>"
        f"<link>https://{name}.example/</link><description>Invented</description>{items}"
        "</channel></rss>"
    ).encode()


def feeds(number: int) -> dict[str, bytes]:
    """`number` feeds of different length and rhythm."""
    return {
        f"/feed-{n}.xml": rss(5 + n % 30, every_hours=12 + 7 * (n % 9), name=f"org{n}")
        for n in range(number)
    }
