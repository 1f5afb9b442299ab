"""What a soak run's organizations publish, and when: known before anybody asks.

Each channel is a feed that shows its newest entries. An entry is known by its channel and the
second in which it was published, which no two entries of a channel share.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

#: The first moment of a soak run, simulated: a Monday.
START = datetime(2026, 11, 16, tzinfo=UTC)
#: Entries that a feed shows. The fastest channel fills half a day with them.
WINDOW_COUNT = 50
CHANNEL_COUNT, ORGANIZATION_COUNT = 20, 6
_PER_HOUR = (0.8, 4.0)
#: Of the channel that goes away for half a day: what it publishes meanwhile must not overflow.
_GONE_PER_HOUR = 1.0
GONE_PATH = "/feed-07"
_CORRECTED_EVERY, _CORRECTED_AFTER = 17, timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Feed:
    """A channel: its path on the server and the moments of its entries, oldest first (UTC)."""

    path: str
    is_atom: bool
    published: tuple[datetime, ...]

    def shown(self, moment: datetime) -> tuple[datetime, ...]:
        """The entries that the feed shows at a moment."""
        until = bisect_right(self.published, moment)
        return self.published[max(0, until - WINDOW_COUNT) : until]

    def document(self, moment: datetime) -> bytes:
        """The feed as it is at a moment. Some entries are corrected two hours after they came."""
        first = bisect_right(self.published, moment) - len(self.shown(moment))
        entries = [
            self._entry(first + place, at, moment) for place, at in enumerate(self.shown(moment))
        ]
        form = _ATOM if self.is_atom else _RSS
        return form.format(name=self.path[1:], entries="".join(reversed(entries))).encode()

    def _entry(self, number: int, at: datetime, moment: datetime) -> str:
        is_corrected = number % _CORRECTED_EVERY == 0 and moment >= at + _CORRECTED_AFTER
        name = self.path[1:]
        given = {
            "id": f"tag:{name}.example,2026:{number}",
            "title": f"Notice {number} of {name}{' (corrected)' if is_corrected else ''}",
            "link": f"https://{name}.example/{number}",
            "at": at.isoformat() if self.is_atom else format_datetime(at),
            "changed": (at + _CORRECTED_AFTER if is_corrected else at).isoformat(),
        }
        return (_ATOM_ENTRY if self.is_atom else _RSS_ENTRY).format(**given)


def make_feeds(seed: int, hours: int) -> dict[str, Feed]:
    """The feeds of a world by their paths, with entries until `hours` after `START` and a day."""
    chosen = random.Random(seed)
    paths = [f"/feed-{number:02d}" for number in range(CHANNEL_COUNT)]
    return {
        path: Feed(path, is_atom=number % 2 == 1, published=_moments(chosen, path, hours))
        for number, path in enumerate(paths)
    }


def _moments(chosen: random.Random, path: str, hours: int) -> tuple[datetime, ...]:
    """Entries at random moments, from before the start, so that the feed is full from then on."""
    per_hour = _GONE_PER_HOUR if path == GONE_PATH else chosen.uniform(*_PER_HOUR)
    offset = -1.5 * WINDOW_COUNT / per_hour
    found = set()
    while offset < hours + 24:
        found.add(START + timedelta(seconds=int(offset * 3600)))
        offset += chosen.expovariate(per_hour)
    return tuple(sorted(found))


def organizations_toml(base_url: str, feeds: dict[str, Feed]) -> str:
    """The list of organizations of a world that is served at `base_url`."""
    lines = []
    for number in range(ORGANIZATION_COUNT):
        channels = ", ".join(
            f'{{ source = "feeds", address = "{base_url}{path}" }}'
            for path in sorted(feeds)[number::ORGANIZATION_COUNT]
        )
        lines.append(
            f'[[organization]]\nid = "organization-{number}"\nname = "Organization {number}"\n'
            f'country = "NL"\nchannels = [{channels}]\n'
        )
    return "\n".join(lines)


_RSS = (
    "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{name}</title>"
    "<link>https://{name}.example/</link><description>Invented</description>{entries}"
    "</channel></rss>"
)
_RSS_ENTRY = (
    "<item><guid isPermaLink='false'>{id}</guid><title>{title}</title><link>{link}</link>"
    "<description>Words.</description><pubDate>{at}</pubDate></item>"
)
_ATOM = (
    "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
    "<id>tag:{name}.example,2026:feed</id><title>{name}</title>"
    "<updated>2026-01-01T00:00:00+00:00</updated><link href='https://{name}.example/'/>"
    "<author><name>{name}</name></author>{entries}</feed>"
)
_ATOM_ENTRY = (
    "<entry><id>{id}</id><title>{title}</title><link href='{link}'/>"
    "<published>{at}</published><updated>{changed}</updated><summary>Words.</summary></entry>"
)
