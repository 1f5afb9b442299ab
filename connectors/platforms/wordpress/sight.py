"""What one page of a list shows of it: how far it reaches, and what it makes us ask next.

Lists are sorted and filtered by the site's local time, the only one that WordPress filters by.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.apis.dates import WEB_BEGINS, moment
from connectors.contract import Extent
from connectors.platforms.wordpress.site import PER_PAGE, Leg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.contract import Page
    from connectors.platforms.wordpress.shapes import Comment, Post

_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)  # what local times differ from UTC at most
_SECOND = timedelta(seconds=1)
_OVERLAP_SHARE = 4  # pages overlap where that costs at most a quarter of a page
_KEPT_EVENTS = timedelta(days=400)  # older rows are not kept, so deletions there do not matter
_MODERATION = timedelta(days=30)  # comments are seldom let in later than that
_LONGEST_NUMBER = 9


class Sight:
    """What one page of a list shows of it, by the site's local time."""

    def __init__(
        self, page: Page, leg: Leg, items: Sequence[Post | Comment], *, is_whole: bool
    ) -> None:
        self._page, self._leg, self._is_whole = page, leg, is_whole
        self._dates = sorted(at for item in items if (at := _local(item.date)))
        self.total = _number(page.header("x-wp-total"))
        page_count = _number(page.header("x-wp-totalpages"))
        is_full = len(items) >= PER_PAGE
        self.newest = self._dates[-1].isoformat() if self._dates else ""
        self.oldest = self._dates[0].isoformat() if self._dates else ""
        # Some caches take no notice of the query, and give the newest page for any other.
        self._is_another = bool(leg.before) and self.newest >= leg.before
        has_more = is_full if page_count is None else page_count > leg.number
        self.has_older = has_more and not self._is_another
        self.is_end = page_count is not None and not has_more and leg.number == 1

    def bound(self, known: dict[str, Any] | None) -> str | None:
        """How far back older pages are wanted: "" for all of them, None for none at all.

        Where the total is not what it was plus what is new, something older was deleted, or
        let in late.
        """
        if not known or not known["newest"]:
            return ""
        fresh_count = sum(at.isoformat() > known["newest"] for at in self._dates)
        if not self._dates or fresh_count == len(self._dates):
            return str(known["newest"])
        if self.total is None or known["total"] is None:
            return None
        missing = known["total"] + fresh_count - self.total
        reach = _KEPT_EVENTS if missing > 0 else _MODERATION
        return (self._dates[-1] - reach).isoformat() if missing else None

    def next_leg(self, bound: str) -> Leg:
        """The next older page: by date, or by number where a page is all of one second."""
        leg = self._leg
        limit = _local(leg.before) or (self._dates[-1] + _SECOND if self._dates else None)
        fitting = (at.isoformat() for at in self._starts() if limit and at < limit)
        before = next(fitting, None)
        if before is None:
            return leg._replace(bound=bound, number=leg.number + 1)
        return Leg(leg.what, bound, before)

    def _starts(self) -> Iterator[datetime]:
        if not self._dates:
            return
        overlapping = self._dates[0] + _EAST + _WEST
        if sum(at < overlapping for at in self._dates) * _OVERLAP_SHARE <= len(self._dates):
            yield overlapping
        yield self._dates[0] + _SECOND

    def extents(self) -> tuple[Extent, ...]:
        """The span in which nothing can be missing, whatever the site's time zone was when.

        A total and a last page reach back to the beginning. None where something could not be
        read: it would look deleted.
        """
        if not self._dates or not self._is_whole or self._is_another:
            return ()
        oldest, newest = (at.replace(tzinfo=UTC) for at in (self._dates[0], self._dates[-1]))
        from_at = WEB_BEGINS if self.is_end else oldest + _WEST
        to_at = self._page.fetched_at
        if self._leg.is_older:
            before = moment(self._leg.before) if self._leg.number == 1 else newest
            to_at = (before or newest) - _EAST - _SECOND
        if from_at > to_at:
            return ()
        return (Extent(listed_in=self._leg.what, from_at=from_at, to_at=to_at),)


def _local(text: str | None) -> datetime | None:
    """A local time without offset, as the lists are sorted by."""
    at = moment(text)
    return at.replace(tzinfo=None, microsecond=0) if at else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None
