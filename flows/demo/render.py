"""The documents of the demo world: feeds in their dialects, and web pages that name feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from flows.demo.atom import write_atom03, write_atom10
from flows.demo.jsonfeed import write_json11
from flows.demo.organization import AnswerKind, FeedFormat
from flows.demo.rss import write_rss091, write_rss10, write_rss20

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flows.demo.organization import DemoChannel, DemoOrganization

_DIALECTS = {
    FeedFormat.RSS20: write_rss20,
    FeedFormat.RSS091: write_rss091,
    FeedFormat.RSS10: write_rss10,
    FeedFormat.ATOM03: write_atom03,
    FeedFormat.ATOM10: write_atom10,
    FeedFormat.JSON11: write_json11,
}


def render_feed(organization: DemoOrganization, channel: DemoChannel) -> bytes:
    """The feed document of a channel in its format and encoding, broken where it is meant to be.

    `UNESCAPED` loses the escapes of its ampersands, `TRUNCATED` its last 40 per cent.
    """
    text = _DIALECTS[channel.feed_format](organization, channel)
    if channel.answer is AnswerKind.UNESCAPED:
        text = text.replace("&amp;", "&")
    body = text.encode(channel.encoding, "xmlcharrefreplace")
    return body[: len(body) * 6 // 10] if channel.answer is AnswerKind.TRUNCATED else body


def render_homepage(organization: DemoOrganization) -> bytes:
    """The organization's web page, which names the address of every channel."""
    links = (_alternate(channel, _public_path(channel)) for channel in organization.channels)
    return _page(organization, organization.name, links)


def render_channel_page(organization: DemoOrganization, channel: DemoChannel) -> bytes:
    """The web page in front of one channel, which names where its feed is."""
    title = f"{organization.name}: {channel.name}"
    return _page(organization, title, [_alternate(channel, channel.feed_path)])


def _public_path(channel: DemoChannel) -> str:
    return channel.feed_path if channel.answer is AnswerKind.WEB_PAGE else channel.path


def _alternate(channel: DemoChannel, path: str) -> str:
    media_type = quoteattr(channel.feed_format.content_type)
    title = quoteattr(channel.name)
    return f'<link rel="alternate" type={media_type} title={title} href={quoteattr(path)}>'


def _page(organization: DemoOrganization, title: str, links: Iterable[str]) -> bytes:
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f"<html lang={quoteattr(organization.language)}>",
            "<head>",
            '<meta charset="utf-8">',
            f"<title>{escape(title)}</title>",
            *links,
            "</head>",
            f"<body><h1>{escape(title)}</h1><p>An invented organization.</p></body>",
            "</html>\n",
        )
    ).encode()
