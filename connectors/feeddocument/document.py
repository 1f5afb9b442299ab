"""What a feed document says, in the same words for every format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - dataclass fields are read at run time
from typing import NamedTuple


class FeedDate(NamedTuple):
    """A date that stands in a document; no `FeedDate` at all where none stands."""

    at: datetime | None  #: UTC; None when nobody can read the string
    precision: str  #: day or second; "" when unreadable


@dataclass(slots=True, kw_only=True)
class RawEntry:
    """The strings of one entry as its document gives them; None where an element is absent.

    Every reader fills this one, so that all normalization happens after it, once.
    """

    entry_id: str | None = None
    link: str | None = None
    title: str | None = None
    summary: str | None = None
    contents: list[str] = field(default_factory=list)
    published: str | None = None
    updated: str | None = None
    created: str | None = None
    language: str | None = None
    title_language: str | None = None
    content_language: str | None = None
    summary_language: str | None = None
    comment_count: str | None = None


@dataclass(slots=True, kw_only=True)
class RawDocument:
    """The strings of one document as it gives them, entries in document order."""

    document_format: str = ""
    language: str | None = None
    time_to_live: str | None = None  #: RSS ttl, minutes
    update_period: str | None = None  #: sy:updatePeriod
    update_frequency: str | None = None  #: sy:updateFrequency
    entries: list[RawEntry] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry, normalized. `title` serves to tell entries apart and is never stored."""

    entry_id: str  #: guid, atom:id, rdf:about or JSON id; "" without one
    link: str  #: as given, resolved against xml:base only; "" without one
    title: str  #: markup removed, white space collapsed
    text_length: int  #: characters of title and longest body, markup removed
    content_fingerprint: str  #: 16 hex digits over title and longest body; "" without text
    text_sketch: str  #: 32 hex digits over how title and longest body begin; "" for a short text
    published: FeedDate | None
    updated: FeedDate | None
    language: str  #: lower-case BCP 47; "" when the entry declares none
    comment_count: int | None  #: slash:comments


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One feed document, entries in document order.

    `is_malformed` tells that the XML is broken; a mere disagreement about the character
    set or the media type does not count, and is told in `malformed_reason` alone.
    """

    document_format: str  #: rss20, atom10, json11 …; unknown when only entries were recognized
    encoding: str  #: the character set that the bytes were read in, lower case
    parser: str  #: strict or feedparser
    language: str  #: lower-case BCP 47; "" when the feed declares none
    is_malformed: bool
    malformed_reason: str
    time_to_live_minutes: int | None
    entries: tuple[FeedEntry, ...]
