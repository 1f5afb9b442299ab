"""What a forum says of itself: members, posts, where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.apis.payload import decoded
from connectors.apis.places import is_at_or_below
from connectors.contract import Presence
from connectors.platforms.discourse.shapes import About
from connectors.platforms.discourse.visit import Visit, finished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.contract import Parsed


def parsed_about(visit: Visit) -> Parsed:
    """One observation of the forum's size."""
    about = visit.payload.whole(decoded(visit.page), About).about
    stats = about.stats or {}
    active = _count(stats, "active_users_30_days")
    is_own_site = _is_own_site(visit)
    presence = Presence(
        channel_id=visit.channel.channel_id,
        organization_id=visit.channel.organization_id,
        observed_at=visit.page.fetched_at,
        page_id=visit.page.page_id,
        member_count=_count(stats, "users_count", "user_count"),
        active_member_count=active,
        active_days=None if active is None else 30,
        contributor_count=_count(stats, "participating_users_30_days"),
        post_count=_count(stats, "posts_count", "post_count"),
        is_verified=is_own_site,
        verification="own_site" if is_own_site else "",
        has_description=bool(about.description),
        has_contact=_has_contact(about.contact_url, about.contact_email),
    )
    return finished(visit, visit.itinerary, presences=(presence,))


def _count(stats: Mapping[str, Any], *names: str) -> int | None:
    found = (stats.get(name) for name in names)
    return next((n for n in found if isinstance(n, int) and not isinstance(n, bool)), None)


def _has_contact(*ways: str | None) -> bool | None:
    return None if all(way is None for way in ways) else any(ways)


def _is_own_site(visit: Visit) -> bool | None:
    """Whether the forum is on the organization's own domain; None without a homepage."""
    home = (urlsplit(visit.channel.homepage).hostname or "").removeprefix("www.")
    host = urlsplit(visit.root).hostname or ""
    return is_at_or_below(host, home) if home else None
