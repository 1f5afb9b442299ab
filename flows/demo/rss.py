"""The RSS dialects, written by hand: 2.0, 0.91 and 1.0 (RDF).

Sources: the RSS Advisory Board's RSS 2.0 and 0.91 specifications; RDF Site Summary 1.0 with
its modules Dublin Core and Content.
"""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from datetime import datetime

    from flows.demo.organization import DemoChannel, DemoEntry, DemoOrganization

_RSS20_HEAD = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:atom="http://www.w3.org/2005/Atom">'
)
_RSS10_HEAD = (
    '<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/">'
)


def write_rss20(organization: DemoOrganization, channel: DemoChannel) -> str:
    """A channel as RSS 2.0: summary in `description`, all of it in `content:encoded`."""
    return "\n".join(
        (
            _declaration(channel),
            _RSS20_HEAD,
            "<channel>",
            *_channel_lines(organization, channel),
            "<generator>the demo world of Barograph</generator>",
            *(_rss20_item(entry) for entry in channel.entries),
            "</channel>",
            "</rss>\n",
        )
    )


def write_rss091(organization: DemoOrganization, channel: DemoChannel) -> str:
    """A channel as RSS 0.91, whose items have a title, a link and a description only."""
    return "\n".join(
        (
            _declaration(channel),
            '<rss version="0.91">',
            "<channel>",
            *_channel_lines(organization, channel),
            *(_rss091_item(entry) for entry in channel.entries),
            "</channel>",
            "</rss>\n",
        )
    )


def write_rss10(organization: DemoOrganization, channel: DemoChannel) -> str:
    """A channel as RSS 1.0: items stand beside the channel, which lists them."""
    return "\n".join(
        (
            _declaration(channel),
            _RSS10_HEAD,
            f"<channel rdf:about={quoteattr(organization.site + channel.feed_path)}>",
            *_channel_lines(organization, channel),
            "<items><rdf:Seq>",
            *(f"<rdf:li rdf:resource={quoteattr(entry.guid)}/>" for entry in channel.entries),
            "</rdf:Seq></items>",
            "</channel>",
            *(_rss10_item(entry) for entry in channel.entries),
            "</rdf:RDF>\n",
        )
    )


def html_text(entry: DemoEntry) -> str:
    """The text of an entry as HTML, one paragraph a `p`."""
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in entry.paragraphs)


def _declaration(channel: DemoChannel) -> str:
    return f'<?xml version="1.0" encoding="{channel.encoding}"?>'


def _channel_lines(organization: DemoOrganization, channel: DemoChannel) -> tuple[str, ...]:
    return (
        f"<title>{escape(f'{organization.name}: {channel.name}')}</title>",
        f"<link>{escape(f'{organization.site}/{channel.name}/')}</link>",
        f"<description>{escape(f'All that {organization.name} posts here')}</description>",
        *_language_line(organization, channel),
    )


def _language_line(organization: DemoOrganization, channel: DemoChannel) -> tuple[str, ...]:
    if channel.feed_format == "rss10":
        return (f"<dc:language>{organization.language}</dc:language>",)
    return (f"<language>{organization.language}</language>",)


def _rss20_item(entry: DemoEntry) -> str:
    return "\n".join(
        (
            "<item>",
            f"<title>{escape(entry.title)}</title>",
            f"<link>{escape(entry.link)}</link>",
            f"<description>{escape(entry.paragraphs[0])}</description>",
            f"<content:encoded>{_cdata(html_text(entry))}</content:encoded>",
            *_rss20_identity(entry),
            "</item>",
        )
    )


def _rss20_identity(entry: DemoEntry) -> tuple[str, ...]:
    guid = f'<guid isPermaLink="false">{escape(entry.guid)}</guid>' if entry.guid else ""
    date = f"<pubDate>{_rfc822(entry.published_at)}</pubDate>" if entry.published_at else ""
    revised = (
        f"<atom:updated>{entry.updated_at:%Y-%m-%dT%H:%M:%SZ}</atom:updated>"
        if entry.updated_at
        else ""
    )
    return tuple(line for line in (guid, date, revised) if line)


def _rss091_item(entry: DemoEntry) -> str:
    return "\n".join(
        (
            "<item>",
            f"<title>{escape(entry.title)}</title>",
            f"<link>{escape(entry.link)}</link>",
            f"<description>{escape(' '.join(entry.paragraphs))}</description>",
            "</item>",
        )
    )


def _rss10_item(entry: DemoEntry) -> str:
    date = f"<dc:date>{entry.published_at:%Y-%m-%dT%H:%M:%SZ}</dc:date>"
    return "\n".join(
        (
            f"<item rdf:about={quoteattr(entry.guid)}>",
            f"<title>{escape(entry.title)}</title>",
            f"<link>{escape(entry.link)}</link>",
            f"<description>{escape(entry.paragraphs[0])}</description>",
            *((date,) if entry.published_at else ()),
            f"<content:encoded>{_cdata(html_text(entry))}</content:encoded>",
            "</item>",
        )
    )


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)
