"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.apis.dates import flag
from connectors.contract import Activity, AddressError, DateFlag, Listing, Parsed, Request
from connectors.feeddocument.identity import Identity, identify
from connectors.feeddocument.links import absolute_link, link_host
from connectors.feeddocument.reader import read_feed
from connectors.feeddocument.target import target_key
from connectors.feeddocument.webpage import FEED_ACCEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from connectors.contract import Channel, Cursor, Page
    from connectors.feeddocument.document import FeedDate, FeedDocument, FeedEntry

#: No blank and no control character stands in an address, and none is longer than a page.
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f]{1,2000}")
_IM_USED = 226  # RFC 3229: what came is what changed since our last visit


class Connector:
    """Reads one feed of an organization: every entry is a post by the organization."""

    source = "feeds"
    version = "1"
    shows_dialogue = False
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept an absolute http(s) address.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        try:
            parts = urlsplit(address)
            is_web = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
            _ = parts.port
        except ValueError:
            is_web = False
        if not is_web or not _ADDRESS.fullmatch(address):
            message = (
                f"{address!r} is no feed address: give the whole address, with http:// or "
                "https://, for example https://example.org/news.xml"
            )
            raise AddressError(message)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:  # noqa: ARG002
        """One request for the feed's address; a feed needs no cursor, and may answer in part."""
        yield Request(url=channel.address, accept=FEED_ACCEPT, accepts_delta=True)

    def parse(
        self,
        page: Page,
        channel: Channel,
        cursor: Cursor | None = None,  # noqa: ARG002 - a feed is one page
    ) -> Parsed:
        """One activity for each entry, in document order, and what the feed let us see.

        Raises:
            PageError: the page is empty, broken beyond repair, or no feed; where it is a web
                page, `instead` asks for the feed that it most likely stands for.
        """
        document = read_feed(
            page.body,
            content_type=page.header("content-type"),
            url=page.url,
            asked_url=page.requested_url,
        )
        return parsed_document(document, page, channel)


def parsed_document(document: FeedDocument, page: Page, channel: Channel) -> Parsed:
    """Activities and listing of a document that was read from a page. Pure."""
    identities = identify(document.entries, page.url)
    activities = tuple(
        _activity(entry, identity, document, page, channel)
        for entry, identity in zip(document.entries, identities, strict=True)
    )
    return Parsed(activities=activities, listing=_listing(document, activities, page))


def _activity(
    entry: FeedEntry, identity: Identity, document: FeedDocument, page: Page, channel: Channel
) -> Activity:
    date, flag = _countable_date(entry, page.fetched_at)
    link = absolute_link(entry.link, page.url)
    return Activity(
        activity_id=_activity_id(channel.channel_id, identity.key),
        channel_id=channel.channel_id,
        organization_id=channel.organization_id,
        kind="post",
        direction="by_organization",
        occurred_at=None if flag else date and date.at,
        published_at=entry.published and entry.published.at,
        updated_at=entry.updated and entry.updated.at,
        first_seen_at=page.fetched_at,
        time_precision=date.precision if date else "",
        date_flag=flag,
        identity_basis=identity.basis,
        is_repeated=identity.is_repeated,
        language=entry.language or document.language,
        text_length=entry.text_length,
        link_host=link_host(link),
        link_key=target_key(link),
        content_fingerprint=entry.content_fingerprint,
        text_sketch=entry.text_sketch,
        reply_count=entry.comment_count,
        page_id=page.page_id,
        connector_version=Connector.version,
    )


def _activity_id(channel_id: str, key: str) -> str:
    """32 hex digits (BLAKE2b) that stay the same for as long as channel and key do."""
    name = f"{channel_id}\n{key}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(name, digest_size=16).hexdigest()


def _countable_date(entry: FeedEntry, fetched_at: datetime) -> tuple[FeedDate | None, DateFlag]:
    """The date to count an entry by, and why it cannot be trusted if it cannot.

    Published comes before updated. Where neither can be trusted, the flag is that of the
    first that stands in the document.
    """
    first: tuple[FeedDate | None, DateFlag] = (None, DateFlag.MISSING)
    for date in (entry.published, entry.updated):
        flag = _flag(date, fetched_at)
        if flag is DateFlag.NONE:
            return date, flag
        if first[0] is None:
            first = (date, flag)
    return first


def _flag(date: FeedDate | None, fetched_at: datetime) -> DateFlag:
    return flag(date and date.at, fetched_at, is_given=date is not None)


def _listing(document: FeedDocument, activities: Sequence[Activity], page: Page) -> Listing:
    return Listing(
        entry_count=len(document.entries),
        listed_from=min((a.occurred_at for a in activities if a.occurred_at), default=None),
        document_format=document.document_format,
        document_encoding=document.encoding,
        parser=document.parser,
        is_malformed=document.is_malformed,
        malformed_reason=document.malformed_reason,
        time_to_live_minutes=document.time_to_live_minutes,
        is_delta=page.status == _IM_USED,
    )
