"""What is odd about some feeds: entries as real publishers get them wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.demo.organization import DemoEntry

_ONE_YEAR = timedelta(days=365)


class Oddity(StrEnum):
    """One way in which a feed's entries are not what a reader hopes for."""

    NO_GUID = "no-guid"  #: no entry has an identifier
    NO_DATE = "no-date"  #: every fourth entry has no date
    FUTURE = "future"  #: somebody typed next year in every eighth date, the newest included
    PINNED = "pinned"  #: the oldest entry stands on top
    DUPLICATES = "duplicates"  #: every tenth entry stands in the document twice
    EMPTY = "empty"  #: a feed that shows none of its entries


def apply_oddity(oddity: Oddity, entries: tuple[DemoEntry, ...]) -> tuple[DemoEntry, ...]:
    """The entries of a feed with one oddity; expects and keeps document order, newest first."""
    match oddity:
        case Oddity.NO_GUID:
            return tuple(replace(entry, guid="") for entry in entries)
        case Oddity.NO_DATE:
            return tuple(_without_date(n, entry) for n, entry in enumerate(entries))
        case Oddity.FUTURE:
            return tuple(_next_year(n, entry) for n, entry in enumerate(entries))
        case Oddity.PINNED:
            return entries[-1:] + entries[:-1]
        case Oddity.DUPLICATES:
            return tuple(copy for n, entry in enumerate(entries) for copy in _copies(n, entry))
        case Oddity.EMPTY:
            return ()


def _without_date(position: int, entry: DemoEntry) -> DemoEntry:
    return replace(entry, published_at=None, updated_at=None) if position % 4 == 0 else entry


def _next_year(position: int, entry: DemoEntry) -> DemoEntry:
    if position % 8 or entry.published_at is None:
        return entry
    return replace(entry, published_at=entry.published_at + _ONE_YEAR, updated_at=None)


def _copies(position: int, entry: DemoEntry) -> tuple[DemoEntry, ...]:
    return (entry, entry) if position % 10 == 0 else (entry,)
