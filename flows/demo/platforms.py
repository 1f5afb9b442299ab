"""Where the demo world's organizations meet their public: which address is which platform's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flows.demo.bluesky import Bluesky
from flows.demo.discourse import Discourse
from flows.demo.mastodon import Mastodon
from flows.demo.organization import Platform
from flows.demo.wordpress import WordPress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.demo.organization import DemoOrganization, DemoProfile
    from flows.demo.site import Resource
    from flows.demo.world import World


class Platforms:
    """All platforms of a world: one Mastodon, one Bluesky, and a forum or site for each."""

    def __init__(self, world: World) -> None:
        self._mastodon = Mastodon(_profiles(world, Platform.MASTODON))
        self._bluesky = Bluesky(_profiles(world, Platform.BLUESKY))
        forums, sites = _profiles(world, Platform.DISCOURSE), _profiles(world, Platform.WORDPRESS)
        self._forums = {profile.name: Discourse(owner, profile) for owner, profile in forums}
        self._sites = {profile.name: WordPress(owner, profile) for owner, profile in sites}

    @property
    def forum_names(self) -> tuple[str, ...]:
        """What the forums are called, in their addresses."""
        return tuple(self._forums)

    def resource(self, path: str, query_string: str, base_url: str) -> Resource | None:
        """What stands at an address; None where no platform has anything.

        Args:
            path: beginning with a slash.
            query_string: without its question mark.
            base_url: where the world is served, without a slash at the end.
        """
        query = dict(parse_qsl(query_string))
        _, first, *rest = path.split("/", 3)
        match first, rest:
            case "api", _:
                return self._mastodon.resource(path, query, base_url)
            case "xrpc", _:
                return self._bluesky.resource(path, query)
            case "forum", [name, below] if name in self._forums:
                return self._forums[name].resource(below, query)
            case "sites", [name, below] if name in self._sites:
                return self._sites[name].resource(below, query, base_url)
        return None


def _profiles(world: World, platform: Platform) -> Iterator[tuple[DemoOrganization, DemoProfile]]:
    return (
        (organization, profile)
        for organization in world.organizations
        for profile in organization.profiles
        if profile.platform is platform
    )
