"""From the strings of a document to its values: the one place for all readers."""

from __future__ import annotations

from connectors.feeddocument.dates import read_date
from connectors.feeddocument.document import FeedEntry, RawDocument, RawEntry
from connectors.feeddocument.relative import unjoined
from connectors.feeddocument.sketch import text_sketch
from connectors.feeddocument.text import fingerprint, language_tag, longest_text, plain_text

#: Entries of one document that we read; what follows is left out.
ENTRY_LIMIT = 5000
_PERIOD_MINUTES = {
    "hourly": 60,
    "daily": 24 * 60,
    "weekly": 7 * 24 * 60,
    "monthly": 30 * 24 * 60,
    "yearly": 365 * 24 * 60,
}
_LONGEST_NUMBER_LENGTH = 9


def read_entry(raw: RawEntry) -> FeedEntry:
    """An entry's values. `created` counts as published where nothing else does."""
    title = plain_text(raw.title) if raw.title else ""
    has_summary = raw.summary is not None and raw.summary not in raw.contents
    bodies = [*raw.contents, raw.summary or ""] if has_summary else raw.contents
    body = longest_text(bodies)
    text = f"{title} {body}".strip()
    return FeedEntry(
        entry_id=unjoined(raw.entry_id or ""),
        link=_link(raw),
        title=title,
        text_length=len(text),
        content_fingerprint=fingerprint(text),
        text_sketch=text_sketch(body, title),
        published=read_date(raw.published) or read_date(raw.created),
        updated=read_date(raw.updated),
        language=_language(raw),
        comment_count=_number(raw.comment_count),
    )


def time_to_live_minutes(raw: RawDocument) -> int | None:
    """How long the document asks to be left alone; None when it does not say.

    RSS `ttl` first (minutes), else the syndication module: `sy:updatePeriod` divided by
    `sy:updateFrequency` (https://web.resource.org/rss/1.0/modules/syndication/).
    """
    minutes = _number(raw.time_to_live)
    if minutes:
        return minutes
    period = _PERIOD_MINUTES.get((raw.update_period or "").strip().lower())
    return max(1, period // (_number(raw.update_frequency) or 1)) if period else None


def _link(raw: RawEntry) -> str:
    """The entry's link; a guid that stands in for one must be an address."""
    link = unjoined((raw.link or "").strip())
    return "" if raw.link == raw.entry_id and "//" not in link else link


def _language(raw: RawEntry) -> str:
    """The language of the entry itself, else of its title, its content, its summary."""
    declared = raw.language or raw.title_language or raw.content_language or raw.summary_language
    return language_tag(declared) if declared else ""


def _number(text: str | None) -> int | None:
    """A whole number that is not negative; None for anything else."""
    digits = (text or "").strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER_LENGTH
    return int(digits) if is_number else None
