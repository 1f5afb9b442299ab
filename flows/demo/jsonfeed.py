"""JSON Feed 1.1, as jsonfeed.org specifies it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flows.demo.rss import html_text

if TYPE_CHECKING:
    from datetime import datetime

    from flows.demo.organization import DemoChannel, DemoEntry, DemoOrganization


def write_json11(organization: DemoOrganization, channel: DemoChannel) -> str:
    """A channel as JSON Feed 1.1; a date that is not known is left out."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{organization.name}: {channel.name}",
        "home_page_url": f"{organization.site}/{channel.name}/",
        "language": organization.language,
        "items": [_item(entry) for entry in channel.entries],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _item(entry: DemoEntry) -> dict[str, str]:
    item = {
        "id": entry.guid,
        "url": entry.link,
        "title": entry.title,
        "content_html": html_text(entry),
        "date_published": _rfc3339(entry.published_at),
        "date_modified": _rfc3339(entry.updated_at),
    }
    return {key: value for key, value in item.items() if value}


def _rfc3339(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""
