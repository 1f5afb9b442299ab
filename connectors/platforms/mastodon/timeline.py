"""The list of what an account posts: its newest page, and the way back through history."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from connectors.apis.itinerary import Errand
from connectors.apis.payload import decoded
from connectors.contract import Extent, Listing, Parsed, ThreadView
from connectors.platforms.mastodon.home import newest
from connectors.platforms.mastodon.look import PENDING, rank
from connectors.platforms.mastodon.shapes import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.contract import Activity
    from connectors.platforms.mastodon.look import Look

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NEXT = re.compile(r"<([^<>]*)>\s*;\s*rel=\"?next\b")
_TICK = timedelta(microseconds=1)


def listed(look: Look) -> Parsed:
    """A page of the list: its statuses, the conversations that changed, the next older page."""
    sent = decoded(look.page)
    understood = look.payload.each(sent, Status)
    statuses = [status for status in understood if look.is_own(status)]
    for status in statuses[:1]:
        look.admit(status.account)
    public = [status for status in statuses if status.is_public]
    gone = tuple(parent for status in public if (parent := _lost_parent(status, look)))
    wanted = _changed(public, look)
    acts = tuple(look.own(status, look.thread_of(status.id)) for status in public)
    older = _older(statuses, look)
    look.itinerary = look.itinerary.first((*wanted, *older))
    found = Parsed(
        activities=acts,
        listing=_listing(len(sent), acts, look, is_continued=bool(older)),
        threads=_mentioned(public, look),
        extents=_span(acts, look) if len(understood) == len(sent) else (),
        gone_ids=gone,
    )
    return look.parsed(found)


def _mentioned(public: Sequence[Status], look: Look) -> tuple[ThreadView, ...]:
    """The conversations that the organization began."""
    return tuple(
        ThreadView(thread_id=look.thread_of(status.id), reply_count=status.replies_count)
        for status in public
        if status.kind == "post"
    )


def _lost_parent(status: Status, look: Look) -> str:
    """What a status answered when last seen, and no longer does: it has been deleted."""
    before = look.notes.get(status.id)
    return before.parent if before and not status.above else ""


def _changed(public: Sequence[Status], look: Look) -> list[Errand]:
    """Remember the statuses; errands to the conversations that changed, whole ones first."""
    wanted = []
    for status in reversed(public):
        before = look.notes.get(status.id)
        thread = _thread(status, look)
        count = status.replies_count or 0
        look.remember(status, count, thread)
        is_news = count != (before.reply_count if before else 0)
        if status.kind != "repost" and (is_news or (thread == PENDING and not before)):
            wanted.append((status.is_reply, _ask(status, thread, look)))
    wanted.reverse()
    return [errand for _, errand in sorted(wanted, key=lambda one: one[0])]


def _ask(status: Status, thread: str, look: Look) -> Errand:
    """In somebody else's thread a conversation begins with what the organization answered."""
    count = status.replies_count or 0
    if thread != PENDING:
        return look.ask(status.id, count, thread)
    begun = look.thread(status.above)
    return look.ask(status.id, count, begun, look.own(status, begun))


def _thread(status: Status, look: Look) -> str:
    """The conversation that a status of ours belongs to; pending where that is not certain."""
    if not status.above:
        return look.thread(status.id)
    if status.id not in look.notes and status.in_reply_to_account_id == look.number:
        return look.thread_of(status.above)
    return look.thread_of(status.id)


def _older(statuses: Sequence[Status], look: Look) -> tuple[Errand, ...]:
    """The next older page, where the walk back through history is not yet at its end."""
    asked = _max_id(look.page.requested_url)
    # a walk goes back to the newest status known before it; to the beginning at first
    until = str(look.told.get("until", "") if asked else look.itinerary.memory.get("newest", ""))
    numbers = sorted((status.id for status in statuses), key=rank)
    if numbers and not asked:
        look.itinerary = look.itinerary.remembering(newest=numbers[-1])
    next_id = _next_id(numbers, look)
    is_back = asked and rank(next_id) >= rank(asked)
    if not next_id or is_back or (until and rank(numbers[0]) <= rank(until)):
        return ()
    url = f"{newest(look.base, look.number).url}&max_id={next_id}"
    return (Errand(url, json.dumps({"until": until})),)


def _next_id(numbers: Sequence[str], look: Look) -> str:
    """Where the next older page begins: as the server says, or below the oldest status."""
    link = look.page.header("link")
    found = _NEXT.search(link)
    if not numbers or (link and not found):
        return ""
    candidate = (_max_id(found[1]) if found else "") or numbers[0]
    return candidate if _ID.fullmatch(candidate) else ""


def _max_id(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("max_id", [""])[0]


def _listing(count: int, acts: Sequence[Activity], look: Look, *, is_continued: bool) -> Listing:
    is_older = bool(_max_id(look.page.requested_url))
    return Listing(
        entry_count=count,
        listed_from=min((act.occurred_at for act in acts if act.occurred_at), default=None),
        document_format="mastodon-statuses",
        document_encoding="utf-8",
        parser="mastodon",
        is_malformed=False,
        is_delta=is_older,
        is_continued=is_continued and not is_older,
    )


def _span(acts: Sequence[Activity], look: Look) -> tuple[Extent, ...]:
    """What the page lists completely; a neighbour may share the second of either end."""
    dates = [act.occurred_at for act in acts if act.occurred_at]
    if not dates:
        return ()
    is_older = _max_id(look.page.requested_url)
    to_at = max(dates) - _TICK if is_older else look.page.fetched_at
    return (Extent(listed_in="statuses", from_at=min(dates) + _TICK, to_at=to_at),)
