"""How a community is named, and what its server is asked."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlencode

from connectors.apis.places import default_scheme
from connectors.contract import AddressError

#: Posts or comments on one page: the most that Lemmy gives.
LIMIT = 50
_HOST = r"(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[::1\])(?::\d{1,5})?)"
_HANDLE = re.compile(rf"!(?P<name>\w{{1,255}})@{_HOST}", re.ASCII)
_URL = re.compile(
    rf"(?P<scheme>https?)://{_HOST}/c/(?P<name>\w{{1,255}}(?:@[A-Za-z0-9.-]+)?)/?", re.ASCII
)


class CommunityAddress(NamedTuple):
    """A community and the server that is asked for it."""

    scheme: str
    host: str
    name: str

    def url(self, path: str, **parameters: object) -> str:
        """An address of the interface."""
        query = urlencode(parameters, quote_via=quote, safe="")
        return f"{self.scheme}://{self.host}/api/v3/{path}?{query}"

    def posts(self, **further: object) -> str:
        """A page of the list of posts, those commented last first."""
        order = {"type_": "All", "sort": "NewComments", "limit": LIMIT}
        return self.url("post/list", community_name=self.name, **order, **further)

    def comments(self, post: int, page: int) -> str:
        """A page of a post's comments, oldest first."""
        order = {"type_": "All", "sort": "Old", "limit": LIMIT, "page": page}
        return self.url("comment/list", post_id=post, **order)


def community_at(address: str) -> CommunityAddress:
    """The community that an address names.

    Raises:
        AddressError: it names none; the message shows what is expected.
    """
    match = _HANDLE.fullmatch(address) or _URL.fullmatch(address)
    if not match:
        message = (
            f"{address!r} is no community of a Lemmy server: give it as !council@lemmy.example.org "
            "or https://lemmy.example.org/c/council"
        )
        raise AddressError(message)
    host = match["host"].lower()
    default = default_scheme(host)
    return CommunityAddress(match.groupdict().get("scheme") or default, host, match["name"])
