"""YouTube: the public feed of a channel's or a playlist's newest videos, about fifteen.

The feed goes away for hours or days at times (404 or 500 for every channel at once). That is
an outage like any other: a 404 only slows us down (`connectors.fetching.backoff`), up to once
a week, and never means that the channel is gone. Views and stars in the feed are not read:
YouTube's terms bar numbers that are made from its own, and nothing here needs them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from connectors.apis.acts import THE_ORGANIZATION, Act, activity
from connectors.apis.wording import of_text
from connectors.contract import (
    AddressError,
    Extent,
    Listing,
    Outcome,
    PageError,
    Parsed,
    Request,
)
from connectors.feeddocument.charset import decode_xml
from connectors.feeddocument.reader import read_feed
from connectors.feeddocument.strict import parse_xml
from connectors.feeddocument.webpage import FEED_ACCEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element

    from connectors.contract import Activity, Channel, Cursor, Page

_ATOM = "{http://www.w3.org/2005/Atom}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_YT = "{http://www.youtube.com/xml/schemas/2015}"
_HOME = "https://www.youtube.com"
_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")
_CHANNEL = re.compile(r"UC[\w-]{22}", re.ASCII)
_PLAYLIST = re.compile(r"(?:PL|UU|FL|OL)[\w-]{10,60}", re.ASCII)
_EXPECTED = (
    "give the channel's number, as in https://www.youtube.com/channel/UC0123456789abcdefghijkl, "
    "or its feed; a channel that shows only an @name has it under Share channel, Copy channel ID"
)


class Connector:
    """Reads an organization's YouTube channel: every video is a post of the organization."""

    source = "youtube"
    version = "1"
    shows_dialogue = False
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept the number or address of a channel, a playlist, or the feed of either.

        Raises:
            AddressError: anything else; the message shows where the number is found.
        """
        _feed_address(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:  # noqa: ARG002
        """One request for the feed; it has no older pages."""
        yield Request(url=_feed_address(channel.address), accept=FEED_ACCEPT)

    def parse(
        self,
        page: Page,
        channel: Channel,
        cursor: Cursor | None = None,  # noqa: ARG002 - a feed is one page
    ) -> Parsed:
        """The videos of the feed's owner; a playlist may hold those of others.

        Raises:
            PageError: the page is no feed of videos, or is broken.
        """
        root, encoding = _feed(page)
        owner = _owner(root)
        entries = [e for e in root.iter(f"{_ATOM}entry") if _owner(e) in {owner, ""} or not owner]
        acts = [act for entry in entries if (act := _act(entry)) is not None]
        activities = tuple(activity(act, page, channel, Connector.version) for act in acts)
        is_whole = len(acts) == len(entries)
        return Parsed(
            activities=activities,
            listing=_listing(activities, encoding),
            extents=_extents(page, activities) if is_whole else (),
        )


def _feed_address(address: str) -> str:
    """Where the feed is of what an address names.

    Raises:
        AddressError: it names no channel and no playlist.
    """
    try:
        parts = urlsplit(address)
        host, query = parts.hostname or "", parse_qs(parts.query)
        _ = parts.port
    except ValueError:
        parts, host, query = urlsplit(""), "", {}
    if not host and parts.path == address:
        return _named(_HOME, address, address)
    is_web = parts.scheme in {"http", "https"} and "@" not in parts.netloc and address.isprintable()
    is_local = _LOOPBACK.fullmatch(host) is not None
    if not is_web or not (is_local or host in _HOSTS):
        raise _address_error(address)
    home = f"{parts.scheme}://{parts.netloc}" if is_local else _HOME
    if parts.path == "/feeds/videos.xml":
        given = [*query.get("channel_id", ()), *query.get("playlist_id", ())]
    elif parts.path == "/playlist":
        given = query.get("list", [])
    else:
        place = re.match(r"/channel/([^/]+)", parts.path)
        given = [place[1]] if place else []
    return _named(home, given[0] if len(given) == 1 else "", address)


def _named(home: str, number: str, address: str) -> str:
    if _CHANNEL.fullmatch(number):
        return f"{home}/feeds/videos.xml?channel_id={number}"
    if _PLAYLIST.fullmatch(number):
        return f"{home}/feeds/videos.xml?playlist_id={number}"
    raise _address_error(address)


def _address_error(address: str) -> AddressError:
    return AddressError(f"{address[:100]!r} names no YouTube channel by its number: {_EXPECTED}")


def _feed(page: Page) -> tuple[_Element, str]:
    """The root of the feed, and the character set that it was read in.

    Raises:
        PageError: there is no feed, or a broken one.
    """
    content_type = page.header("content-type")
    decoded = decode_xml(page.body, content_type)
    root = parse_xml(decoded.utf8) if decoded else None
    if decoded is not None and root is not None and root.tag == f"{_ATOM}feed":
        return root, decoded.encoding
    try:
        read_feed(page.body, content_type=content_type, url=page.url)
    except PageError as error:  # another feed that a web page names would not be the channel's
        raise PageError(error.outcome, error.message) from error
    message = "the answer is no whole feed of YouTube: it is asked for again later"
    raise PageError(Outcome.MALFORMED, message)


def _act(entry: _Element) -> Act | None:
    """A video; None for an entry that is none."""
    video = _text(entry, f"{_YT}videoId")
    if not video:
        return None
    return Act(
        act_id=f"video:{video}",
        kind="post",
        author=THE_ORGANIZATION,
        published=_text(entry, f"{_ATOM}published"),
        updated=_text(entry, f"{_ATOM}updated"),
        listed_in="videos",
        links=(f"{_HOME}/watch?v={video}",),
        wording=of_text(
            _text(entry, f"{_MEDIA}group/{_MEDIA}description"), _text(entry, f"{_ATOM}title")
        ),
    )


def _owner(element: _Element) -> str:
    """Whose a feed or a video is; the head of a feed leaves the first two letters out."""
    return _text(element, f"{_YT}channelId").removeprefix("UC")


def _text(element: _Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _listing(activities: Sequence[Activity], encoding: str) -> Listing:
    return Listing(
        entry_count=len(activities),
        listed_from=min((a.occurred_at for a in activities if a.occurred_at), default=None),
        document_format="atom10",
        document_encoding=encoding,
        parser=Connector.source,
        is_malformed=False,
    )


def _extents(page: Page, activities: Sequence[Activity]) -> tuple[Extent, ...]:
    """The span from the oldest to the newest video; a playlist is in no order of time."""
    dates = [a.occurred_at for a in activities if a.occurred_at]
    if not dates or "?channel_id=" not in page.requested_url:
        return ()
    return (Extent(listed_in="videos", from_at=min(dates), to_at=max(dates)),)
