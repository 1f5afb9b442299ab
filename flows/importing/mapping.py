"""What a table from elsewhere means, once its mapping file has been read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime  # noqa: TC003 - dataclass fields are read at run time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.importing.column import Column

#: Fields that tell whose row it is.
WHOSE = (
    *("organization", "organization_name", "industry", "size", "country", "timezone", "homepage"),
    *("source", "address", "role", "function", "region"),
)
ACTIVITY_FIELDS = (
    *WHOSE,
    *("event_id", "parent", "thread", "occurred_at", "updated_at", "kind", "direction"),
    *("author", "author_role", "author_evidence", "text", "title", "link", "language"),
    *("is_question", "is_accepted_answer", "text_length", "found_through", "thread_shape"),
    *("like_count", "reply_count", "repost_count"),
    *("covered_from", "covered_until", "is_dialogue_whole"),
)
PRESENCE_FIELDS = (
    *WHOSE,
    *("observed_at", "follower_count", "member_count", "active_member_count", "active_days"),
    *("contributor_count", "post_count", "is_verified", "verification", "has_description"),
    *("has_site_link", "has_avatar", "has_contact", "has_rules", "is_linked_back"),
)
FIELDS = {"activities": ACTIVITY_FIELDS, "presences": PRESENCE_FIELDS}
#: Fields without which a row of the table says nothing.
NEEDED = {
    "activities": ("organization", "source", "address", "event_id", "kind", "direction"),
    "presences": ("organization", "source", "address", "observed_at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Why a source that no connector reads may be used, and what it shows (rules R1, R18)."""

    source: str
    basis: str
    terms_url: str = ""
    terms_dated: date | None = None
    reviewed_on: date | None = None
    may_derive: bool = True
    shows_dialogue: bool = False
    publishes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when until when one channel, or every one, is covered (UTC)."""

    address: str = ""  #: "" for every channel
    covered_from: datetime | None = None
    covered_until: datetime | None = None
    is_dialogue_whole: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """A mapping file. See docs/importing.md for what each part means."""

    name: str
    title: str = ""
    table: str = "activities"
    members: tuple[str, ...] = ()  #: patterns of file names inside a zip archive
    list_at: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    skip: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keep: Mapping[str, frozenset[str]] = field(default_factory=dict)
    time_formats: tuple[str, ...] = ("iso",)
    zone: str = "UTC"
    replies: str = "as_given"  #: by_parent: an outsider's reply speaks to whom it answers
    is_latin1_slip: bool = False  #: UTF-8 was written as if it were Latin-1 (Meta's JSON)
    bases: tuple[Basis, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    def wanted(self) -> tuple[str, ...]:
        """Columns that a table must have: those of the needed fields, and of moments."""
        needed = (self.columns.get(name) for name in (*NEEDED[self.table], "occurred_at"))
        names = (name for column in needed if column and column.is_firm for name in column.names())
        return tuple(dict.fromkeys(names))
