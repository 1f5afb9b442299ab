"""What the feeds of a site tell, where its interface is closed: less, and no author's number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.apis.acts import NOBODY, THE_ORGANIZATION, Act
from connectors.apis.wording import Wording
from connectors.contract import PageError, ThreadShape
from connectors.feeddocument.links import absolute_link
from connectors.feeddocument.reader import read_feed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.contract import Page
    from connectors.feeddocument.document import FeedDocument, FeedEntry
    from connectors.platforms.wordpress.site import Site

_POST_GUID = re.compile(r"[?&]p=(\d+)\Z")
_COMMENT_LINK = re.compile(r"#comment-(\d+)\Z")


def document_in(page: Page) -> FeedDocument:
    """The feed in a page.

    Raises:
        PageError: as the reader of feeds says, but no other address is looked for.
    """
    try:
        return read_feed(page.body, content_type=page.header("content-type"), url=page.url)
    except PageError as error:
        raise PageError(error.outcome, error.message) from error


def post_numbers(document: FeedDocument, site: Site) -> dict[str, str]:
    """Numbers of the posts in a feed by their paths, as far as their identifiers tell them."""
    found = ((_path(entry, site), _POST_GUID.search(entry.entry_id)) for entry in document.entries)
    return {path: match[1] for path, match in found if match}


def post_in(entry: FeedEntry, site: Site, numbers: Mapping[str, str]) -> Act:
    """A post of the organization."""
    key = _post_key(entry, site, numbers)
    return Act(
        act_id=key,
        kind="post",
        author=THE_ORGANIZATION,
        published=_date(entry),
        listed_in="posts",
        thread_id=key,
        thread_shape=ThreadShape.TREE,
        wording=_wording(entry),
        links=(absolute_link(entry.link, site.root),),
        language=entry.language,
        reply_count=entry.comment_count,
    )


def comment_in(entry: FeedEntry, site: Site, numbers: Mapping[str, str]) -> Act:
    """A comment by nobody knows whom: the feed shows a name that anybody may have typed."""
    thread = _post_key(entry, site, numbers)
    number = _COMMENT_LINK.search(entry.link) or _COMMENT_LINK.search(entry.entry_id)
    return Act(
        act_id=site.key("comment", number[1] if number else entry.entry_id),
        kind="comment",
        author=NOBODY,
        published=_date(entry),
        listed_in="comments",
        parent_id=thread,
        thread_id=thread,
        thread_shape=ThreadShape.TREE,
        wording=_wording(entry),
    )


def _post_key(entry: FeedEntry, site: Site, numbers: Mapping[str, str]) -> str:
    """By number where the feed of posts tells it, else by the post's path."""
    path = _path(entry, site)
    return site.key("post", numbers.get(path, path))


def _path(entry: FeedEntry, site: Site) -> str:
    parts = urlsplit(absolute_link(entry.link, site.root))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _wording(entry: FeedEntry) -> Wording:
    return Wording(
        text_length=entry.text_length,
        content_fingerprint=entry.content_fingerprint,
        text_sketch=entry.text_sketch,
    )


def _date(entry: FeedEntry) -> str:
    date = entry.published or entry.updated
    return date.at.isoformat() if date and date.at else ""
