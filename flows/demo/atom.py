"""The Atom dialects, written by hand: 1.0 (RFC 4287) and its forerunner 0.3."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from flows.demo.rss import html_text

if TYPE_CHECKING:
    from datetime import datetime

    from flows.demo.organization import DemoChannel, DemoEntry, DemoOrganization


def write_atom10(organization: DemoOrganization, channel: DemoChannel) -> str:
    """A channel as Atom 1.0, with the whole text as escaped HTML."""
    return "\n".join(
        (
            f'<?xml version="1.0" encoding="{channel.encoding}"?>',
            _opening(organization, 'xmlns="http://www.w3.org/2005/Atom"'),
            *_feed_lines(organization, channel),
            f"<id>{escape(organization.site + channel.feed_path)}</id>",
            *_newest_line(channel, "updated"),
            *(_atom10_entry(entry) for entry in channel.entries),
            "</feed>\n",
        )
    )


def write_atom03(organization: DemoOrganization, channel: DemoChannel) -> str:
    """A channel as Atom 0.3, with `issued` and `modified` dates."""
    return "\n".join(
        (
            f'<?xml version="1.0" encoding="{channel.encoding}"?>',
            _opening(organization, 'version="0.3" xmlns="http://purl.org/atom/ns#"'),
            *_feed_lines(organization, channel),
            *_newest_line(channel, "modified"),
            *(_atom03_entry(entry) for entry in channel.entries),
            "</feed>\n",
        )
    )


def _opening(organization: DemoOrganization, attributes: str) -> str:
    return f"<feed {attributes} xml:lang={quoteattr(organization.language)}>"


def _feed_lines(organization: DemoOrganization, channel: DemoChannel) -> tuple[str, ...]:
    link = quoteattr(f"{organization.site}/{channel.name}/")
    return (
        f"<title>{escape(f'{organization.name}: {channel.name}')}</title>",
        f'<link rel="alternate" type="text/html" href={link}/>',
        f"<author><name>{escape(organization.name)}</name></author>",
    )


def _atom10_entry(entry: DemoEntry) -> str:
    return "\n".join(
        (
            "<entry>",
            *_entry_lines(entry),
            *_date_lines(entry, first="published", last="updated"),
            f'<content type="html">{escape(html_text(entry))}</content>',
            "</entry>",
        )
    )


def _atom03_entry(entry: DemoEntry) -> str:
    return "\n".join(
        (
            "<entry>",
            *_entry_lines(entry),
            *_date_lines(entry, first="issued", last="modified"),
            f'<content type="text/html" mode="escaped">{escape(html_text(entry))}</content>',
            "</entry>",
        )
    )


def _entry_lines(entry: DemoEntry) -> tuple[str, ...]:
    return (
        f"<title>{escape(entry.title)}</title>",
        f'<link rel="alternate" type="text/html" href={quoteattr(entry.link)}/>',
        f"<id>{escape(entry.guid)}</id>",
    )


def _date_lines(entry: DemoEntry, *, first: str, last: str) -> tuple[str, ...]:
    if entry.published_at is None:
        return ()
    changed_at = entry.updated_at or entry.published_at
    return (
        f"<{first}>{_rfc3339(entry.published_at)}</{first}>",
        f"<{last}>{_rfc3339(changed_at)}</{last}>",
    )


def _newest_line(channel: DemoChannel, element: str) -> tuple[str, ...]:
    newest_at = max(channel.posted_at, default=None)
    return (f"<{element}>{_rfc3339(newest_at)}</{element}>",) if newest_at else ()


def _rfc3339(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
