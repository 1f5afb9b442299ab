"""What stands before and after one of the organization's statuses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from connectors.apis.payload import decoded
from connectors.contract import AuthorRole, Extent, FoundThrough, Parsed, ThreadView
from connectors.platforms.mastodon.home import GONE
from connectors.platforms.mastodon.look import HIDDEN, PENDING
from connectors.platforms.mastodon.shapes import Context, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.contract import Activity
    from connectors.platforms.mastodon.look import Look

#: Replies of a conversation that a stranger is shown at most.
_MOST_DESCENDANTS = 60


class _Asked(NamedTuple):
    """The status that a conversation was asked for."""

    number: str
    reply_count: int
    thread: str


class _Shown(NamedTuple):
    """A conversation as shown to us.

    `above` begins with what the organization first answered in it; `place` is where it did
    (None: with the status asked for). `is_cut` says that replies are hidden from us.
    """

    above: list[Status]
    below: list[Status]
    place: int | None
    is_cut: bool


def conversed(look: Look) -> Parsed:
    """The acts of a conversation, and how much of it we were shown."""
    told = look.told
    asked = _Asked(str(told["of"]), int(told["count"]), str(told["thread"]))
    if look.page.status in GONE:
        return look.parsed(Parsed(gone_ids=(look.act(asked.number),)))
    if look.page.status in HIDDEN:
        view = ThreadView(thread_id=asked.thread, reply_count=asked.reply_count, shown_count=0)
        _settle(asked, asked.thread, look)
        placed = look.placed(told, asked.thread)
        hidden = Parsed(activities=placed, threads=(replace(view, is_truncated=True),))
        return look.parsed(hidden)
    found = _read(asked, _shown(asked, look), look)
    return look.parsed(found)


def _read(asked: _Asked, shown: _Shown, look: Look) -> Parsed:
    thread = _adopted(asked, shown, look)
    _learn(shown, thread, look)
    is_ours = _is_ours(asked, shown, look)
    answered = set() if is_ours else {status.id for status in shown.above[: shown.place]}
    withheld = {s.id for s in (*shown.above, *shown.below) if _is_withheld(s, look)}
    readable = [s for s in (*shown.above, *shown.below) if s.id not in withheld]
    acts = _acts(readable, thread, answered, look)
    acts = (*look.placed(look.told, thread), *acts)
    if shown.place is not None:
        return Parsed(activities=acts, threads=_mentioned(shown, is_ours=is_ours, thread=thread))
    replies = [s for s in shown.below if s.above == asked.number and s.id not in withheld]
    view = ThreadView(
        thread_id=thread,
        reply_count=asked.reply_count,
        shown_count=len(replies),
        is_truncated=shown.is_cut,
        withheld_count=len(withheld),
    )
    whole = Extent(thread_id=thread, exempt_id=look.act(asked.number))
    is_whole = is_ours and not shown.is_cut
    return Parsed(activities=acts, threads=(view,), extents=(whole,) if is_whole else ())


def _shown(asked: _Asked, look: Look) -> _Shown:
    sent = look.payload.whole(decoded(look.page), Context)
    above = [s for s in look.payload.each(sent.ancestors, Status) if s.is_public]
    below = [s for s in look.payload.each(sent.descendants, Status) if s.is_public]
    place = next((i for i, status in enumerate(above) if look.is_own(status)), None)
    first = max((len(above) if place is None else place) - 1, 0)
    is_cut = len(below) < len(sent.descendants) or _is_cut(asked, below)
    return _Shown(above[first:], below, None if place is None else place - first, is_cut)


def _is_cut(asked: _Asked, below: Sequence[Status]) -> bool:
    """Whether replies are hidden: fewer are shown than are counted, or as many as at most."""
    shown = Counter(status.above for status in below)
    counted = {status.id: status.replies_count or 0 for status in below}
    counted[asked.number] = asked.reply_count
    is_short = any(shown[number] < count for number, count in counted.items())
    return is_short or len(below) >= _MOST_DESCENDANTS


def _mentioned(shown: _Shown, thread: str, *, is_ours: bool) -> tuple[ThreadView, ...]:
    """The conversation that the organization began above, as a list would mention it."""
    begun = shown.above[:1] if is_ours else []
    return tuple(ThreadView(thread_id=thread, reply_count=s.replies_count) for s in begun)


def _is_ours(asked: _Asked, shown: _Shown, look: Look) -> bool:
    """Whether the organization itself began the conversation."""
    if shown.place is None:
        return asked.thread == look.thread(asked.number)
    return shown.place == 0 and not shown.above[0].is_reply


def _adopted(asked: _Asked, shown: _Shown, look: Look) -> str:
    """The conversation that the organization's first word above a status belongs to.

    Where that is news, and nothing has told it since we asked, the conversation is read from
    there, so that all of it is seen.
    """
    if shown.place is None:
        _settle(asked, asked.thread, look)
        return asked.thread
    anchor = shown.above[shown.place]
    thread = look.thread(anchor.above or anchor.id)
    is_news = thread not in {asked.thread, look.thread_of(asked.number)}
    if is_news and look.is_awaited:
        errand = look.ask(anchor.id, anchor.replies_count or 0, thread)
        look.itinerary = look.itinerary.first((errand,))
    _settle(asked, thread, look)
    return thread


def _settle(asked: _Asked, thread: str, look: Look) -> None:
    """Remember where a status belongs."""
    known = look.notes.get(asked.number)
    if known and known.thread == PENDING:
        look.notes[asked.number] = known._replace(thread=thread)


def _learn(shown: _Shown, thread: str, look: Look) -> None:
    """Remember where the organization's replies belong; what was seen need not be asked."""
    for status in filter(look.is_own, shown.below):
        known = look.notes.get(status.id)
        if not shown.is_cut:
            look.itinerary = look.itinerary.without(look.context_url(status.id))
            look.remember(status, status.replies_count or 0, thread)
        else:
            look.remember(status, known.reply_count if known else -1, thread)


def _is_withheld(status: Status, look: Look) -> bool:
    """Whether somebody asks not to be indexed; the organization's own are for the analyst."""
    is_person = look.author(status.account).role is AuthorRole.OUTSIDER
    return is_person and status.account.noindex is True


def _acts(
    shown: Sequence[Status], thread: str, answered: set[str], look: Look
) -> tuple[Activity, ...]:
    roles = {status.id: look.author(status.account).role for status in shown}
    own = {number for number, role in roles.items() if role is AuthorRole.ORGANIZATION}
    return tuple(
        look.said(
            status,
            thread,
            FoundThrough.ANSWER if status.id in answered else FoundThrough.THREAD,
            is_addressed=status.above in own or look.is_addressed(status),
        )
        for status in shown
    )
