"""Where a site is, by which way it is asked, and the address of every page of its lists."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from connectors.apis.itinerary import Errand
from connectors.apis.places import default_scheme
from connectors.contract import AddressError

#: Pretty addresses, those that work without rewriting, and the feeds.
ROUTES = ("path", "query", "feed")
PER_PAGE = 100  #: the most that WordPress gives
# Names of commenters are not even asked for; the hash in the avatar's address tells them apart.
_FIELDS = {
    "posts": "id,date,date_gmt,modified_gmt,link,author,title,content",
    "comments": "id,post,parent,author,date,date_gmt,content,author_avatar_urls",
    "index": "description,url,home,site_icon,site_logo",
}
_NO_SUCH_PAGE = (400, 404)  # the list became shorter while we walked
_EXPECTED = "give the address of the site's front page, for example https://example.org/blog"


class Leg(NamedTuple):
    """One page of a walk: entries before a local time, back to `bound` ("" for the beginning)."""

    what: str  #: posts, comments or index
    bound: str = ""
    before: str = ""
    number: int = 1

    @classmethod
    def from_context(cls, context: str) -> Leg:
        """The leg that a request's context stands for."""
        what, bound, before, number = context.split("|")
        return cls(what, bound, before, int(number))

    @property
    def context(self) -> str:
        """The leg as a request's context."""
        return f"{self.what}|{self.bound}|{self.before}|{self.number}"

    @property
    def is_older(self) -> bool:
        """Whether it is not the newest page of its list."""
        return bool(self.before) or self.number > 1


POSTS, COMMENTS, INDEX = Leg("posts"), Leg("comments"), Leg("index")


class Site(NamedTuple):
    """A WordPress site: the address of its root without a final slash, and how it is asked."""

    root: str
    route: str = ROUTES[0]

    def key(self, kind: str, number: object) -> str:
        """An identifier that no other site has: every site numbers on its own."""
        return f"{self.root.partition('://')[2].lower()}#{kind}:{number}"

    def url(self, leg: Leg) -> str:
        """The address of one page of a list, or of the index."""
        if self.route == "feed":
            return f"{self.root}/{'comments/' if leg.what == 'comments' else ''}feed/"
        resource = "/" if leg.what == "index" else f"/wp/v2/{leg.what}"
        start = f"/wp-json{resource}?" if self.route == "path" else f"/?rest_route={resource}&"
        return self.root + start + "&".join(_query(leg))

    def urls(self, leg: Leg) -> list[str]:
        """The same page by every way, the known one first."""
        others = (self._replace(route=route) for route in ROUTES if route != self.route)
        return [site.url(leg) for site in (self, *others)]

    def errand(self, leg: Leg) -> Errand:
        """A page as something to ask for."""
        return Errand(self.url(leg), leg.context, _NO_SUCH_PAGE if leg.is_older else ())


def _query(leg: Leg) -> list[str]:
    query = [f"_fields={_FIELDS[leg.what]}"]
    if leg.what != "index":
        query = [f"per_page={PER_PAGE}", "orderby=date", "order=desc", *query]
    if leg.before:
        query.append(f"before={leg.before}")
    if leg.number > 1:
        query.append(f"page={leg.number}")
    return query


def site_at(address: str, route: str = ROUTES[0]) -> Site:
    """The site at an address.

    Raises:
        AddressError: it is no address of a site's root.
    """
    given = address if "://" in address else f"{default_scheme(address)}://{address}"
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    is_named = "." in host or ":" in host or host == "localhost"
    is_root = re.match(r"(?i)https?://[^\s?#@\\]+\Z", given) is not None
    if not (is_named and is_root and given.isprintable()):
        message = f"{address!r} is no address of a WordPress site: {_EXPECTED}"
        raise AddressError(message)
    return Site(given.rstrip("/"), route)


def route_of(url: str) -> str:
    """By which way a page was asked for."""
    if "/?rest_route=" in url:
        return "query"
    return "feed" if url.endswith("/feed/") else "path"
