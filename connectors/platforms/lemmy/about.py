"""What a community says of itself: subscribers, posts, where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.apis.payload import decoded
from connectors.contract import Presence
from connectors.platforms.lemmy.shapes import CommunityAnswer
from connectors.platforms.lemmy.visit import Visit, finished, is_own_site

if TYPE_CHECKING:
    from connectors.contract import Parsed


def parsed_community(visit: Visit) -> Parsed:
    """One observation of the community's size."""
    view = visit.payload.whole(decoded(visit.page), CommunityAnswer).community_view
    is_at_home = is_own_site(visit)
    home = urlsplit(visit.channel.homepage).hostname or ""
    presence = Presence(
        channel_id=visit.channel.channel_id,
        organization_id=visit.channel.organization_id,
        observed_at=visit.page.fetched_at,
        page_id=visit.page.page_id,
        follower_count=view.counts.subscribers,
        active_member_count=view.counts.users_active_month,
        active_days=None if view.counts.users_active_month is None else 30,
        post_count=view.counts.posts,
        is_verified=is_at_home,
        verification="own_site" if is_at_home else "",
        has_description=bool(view.community.description),
        has_site_link=f"//{home}" in (view.community.description or "") if home else None,
        has_avatar=bool(view.community.icon),
    )
    return finished(visit, visit.itinerary, presences=(presence,))
