"""Where a channel is asked: the address of its first request, whatever its own looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import connectors

if TYPE_CHECKING:
    from connectors.contract import Channel


def first_url(channel: Channel) -> str:
    """The URL that a channel's connector asks first; its address when that is none."""
    wanted = connectors.load(channel.source).plan(channel, None)
    return next((request.url for request in wanted), channel.address)


def host_of(url: str) -> str:
    """Host of a URL, in lower case; what is none is returned as it is."""
    return (urlsplit(url).hostname or url).lower()
