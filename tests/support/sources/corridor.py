"""A source whose pages are feeds that name the next page in a header, as long as they like."""

from __future__ import annotations

from dataclasses import replace

from connectors import feeds
from connectors.contract import Request


class Connector(feeds.Connector):
    source = "corridor"

    def parse(self, page, channel, cursor=None):
        following = page.header("x-next")
        requests = (Request(url=following),) if following else ()
        return replace(super().parse(page, channel, cursor), next_requests=requests)
