"""Pages of the demo world's platforms, followed as a visitor would: by what each page names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from flows.demo.organization import Platform
from flows.demo.platforms import Platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.demo.site import Resource
    from flows.demo.world import World


class Visitor:
    """Asks a world's platforms without a network."""

    def __init__(self, world: World, base_url: str = "http://127.0.0.1:8000") -> None:
        self._platforms, self._base_url = Platforms(world), base_url

    def ask(self, address: str) -> Resource:
        """What stands at an address (path and query)."""
        path, _, query = address.partition("?")
        found = self._platforms.resource(path, query, self._base_url)
        assert found is not None, address
        return found

    def read(self, address: str) -> Any:
        """The JSON at an address."""
        return json.loads(self.ask(address).body)


def platform_pages(world: World, base_url: str) -> Iterator[tuple[Platform, bytes]]:
    """The pages of every profile: who it is, its newest list, and one conversation."""
    visitor = Visitor(world, base_url)
    for organization in world.organizations:
        for profile in organization.profiles:
            for address in _addresses(profile.platform, profile.name, visitor):
                yield profile.platform, visitor.ask(address).body


def _addresses(platform: Platform, name: str, visitor: Visitor) -> Iterator[str]:
    first = _FIRST[platform].format(name=name)
    yield first
    body = visitor.ask(first).body.decode()
    match platform:
        case Platform.MASTODON:
            number = json.loads(body)["id"]
            yield f"/api/v1/accounts/{number}/statuses"
            statuses = visitor.read(f"/api/v1/accounts/{number}/statuses?limit=40")
            yield f"/api/v1/statuses/{statuses[-1]['id']}/context"
        case Platform.BLUESKY:
            did = json.loads(body)["did"]
            yield f"/xrpc/app.bsky.feed.getAuthorFeed?actor={did}"
            feed = visitor.read(f"/xrpc/app.bsky.feed.getAuthorFeed?actor={did}")["feed"]
            yield f"/xrpc/app.bsky.feed.getPostThread?uri={feed[-1]['post']['uri']}"
        case Platform.DISCOURSE:
            yield f"/forum/{name}/about.json"
            for number in re.findall(r'"id":(\d+),"title"', body):
                yield f"/forum/{name}/t/{number}.json"
        case Platform.WORDPRESS:
            yield f"/sites/{name}/wp-json/wp/v2/posts"
            yield f"/sites/{name}/wp-json/wp/v2/comments?per_page=100"


_FIRST = {
    Platform.MASTODON: "/api/v1/accounts/lookup?acct={name}",
    Platform.BLUESKY: "/xrpc/app.bsky.actor.getProfile?actor={name}.example",
    Platform.DISCOURSE: "/forum/{name}/latest.json",
    Platform.WORDPRESS: "/sites/{name}/wp-json/",
}
