"""What an import saw of each channel: how much, from when until when, with which dates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows.importing.mappingfile import bound

if TYPE_CHECKING:
    from connectors.contract import Channel
    from flows.importing.mapping import ImportMapping, Stretch


@dataclass(slots=True)
class Tally:
    """One channel in one import. Moments are UTC without zone, as they are stored."""

    channel: Channel
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    flags: Counter[str] = field(default_factory=Counter)
    has_threads: bool = False
    said_from: datetime | None = None
    said_until: datetime | None = None
    said_whole: bool | None = None

    def add(self, at: datetime | None, date_flag: str) -> None:
        """Count a row."""
        self.count += 1
        if date_flag:
            self.flags[date_flag] += 1
        elif at is not None:
            self.first = at if self.first is None or at < self.first else self.first
            self.last = at if self.last is None or at > self.last else self.last

    def say(self, given_from: object, given_until: object, is_whole: object) -> None:
        """Take what a row says of the span that its channel is covered for."""
        self.said_from = _earlier(self.said_from, bound(given_from))
        self.said_until = _later(self.said_until, bound(given_until, is_end=True))
        if isinstance(is_whole, bool):
            self.said_whole = is_whole

    def period(self, mapping: ImportMapping, imported_at: datetime) -> Period | None:
        """The span that the import vouches for; None where nothing has a date."""
        said = _stretch(mapping, self.channel.address)
        begin = self.said_from or _naive(said.covered_from if said else None)
        end = self.said_until or _naive(said.covered_until if said else None)
        is_assumed = begin is None or end is None
        begin, end = begin or self.first, end or self.last
        if begin is None or end is None or begin > end:
            return None
        claimed = said.is_dialogue_whole if said and self.said_whole is None else self.said_whole
        return Period(begin, min(end, imported_at), bool(claimed) and self.has_threads, is_assumed)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of a channel in which whatever happened is in. UTC without zone."""

    from_at: datetime
    until_at: datetime
    is_dialogue_whole: bool
    is_assumed: bool  #: nobody said it: it reaches from the first to the last event


def _stretch(mapping: ImportMapping, address: str) -> Stretch | None:
    """What the mapping says of a channel; of all others it speaks last."""
    own = [one for one in mapping.stretches if one.address and address.endswith(one.address)]
    every = [one for one in mapping.stretches if not one.address]
    return next(iter((*own, *every)), None)


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _earlier(known: datetime | None, moment: datetime | None) -> datetime | None:
    found = [one for one in (known, _naive(moment)) if one is not None]
    return min(found, default=None)


def _later(known: datetime | None, moment: datetime | None) -> datetime | None:
    found = [one for one in (known, _naive(moment)) if one is not None]
    return max(found, default=None)


def yes_or_no(cell: Any) -> bool | None:  # noqa: ANN401 - whatever a table holds
    """A mark as tables write it; None where there is none, or another word."""
    if isinstance(cell, bool) or cell is None:
        return cell
    word = str(cell).strip().lower()
    if word in {"true", "yes", "1", "t", "y"}:
        return True
    return False if word in {"false", "no", "0", "f", "n"} else None
