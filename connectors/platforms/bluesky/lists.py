"""An account's list, one page at a time: newest first, and back through its history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.apis.acts import THE_ORGANIZATION, Act
from connectors.apis.dates import moment
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import decoded
from connectors.contract import Extent, FoundThrough, Listing, Parsed
from connectors.platforms.bluesky.gathering import Gathering
from connectors.platforms.bluesky.place import list_url, thread_errand
from connectors.platforms.bluesky.reading import SOURCE, Reading, heed, refuse
from connectors.platforms.bluesky.shapes import (
    Account,
    Feed,
    Item,
    Post,
    PostRecord,
    Record,
    Records,
)

if TYPE_CHECKING:
    from datetime import datetime


_REMEMBERED = 500
#: How far an author's clock may be from the order of the list for deletions to be seen.
_SKEW = timedelta(minutes=10)


class _Stretch(NamedTuple):
    """A part of the account's list."""

    items: list[Item]
    entry_count: int  #: readable or not
    token: str  #: what the next older part is asked with
    document_format: str
    is_repository: bool
    is_older: bool


def read_feed(reading: Reading, *, is_older: bool = False) -> Parsed:
    """A page of what an AppView lists."""
    refuse(reading.page)
    feed = reading.payload.whole(decoded(reading.page), Feed)
    items = reading.payload.each(feed.feed, Item)
    shape = ("bluesky-feed", False, is_older)
    return _list(reading, _Stretch(items, len(feed.feed), feed.cursor, *shape))


def read_records(reading: Reading, *, is_older: bool = False) -> Parsed:
    """A page of what the account's repository holds."""
    refuse(reading.page)
    heed(reading.channel, is_hidden=bool(reading.itinerary.memory.get("is_hidden")))
    page = reading.payload.whole(decoded(reading.page), Records)
    author = Account(did=reading.did)
    items = [
        Item(post=Post(uri=record.uri, author=author, record=record.value))
        for record in reading.payload.each(page.records, Record)
    ]
    shape = ("atproto-records", True, is_older)
    return _list(reading, _Stretch(items, len(page.records), page.cursor, *shape))


def _list(reading: Reading, stretch: _Stretch) -> Parsed:
    gathering = Gathering(reading, is_whole=len(stretch.items) == stretch.entry_count)
    wanted: list[str] = []
    replies: dict[str, int] = {}
    for item in stretch.items:
        if item.is_repost:
            _add_repost(gathering, item)
        elif item.post.author.did == reading.did:
            heed(reading.channel, is_hidden=item.post.author.is_hidden)
            _add_listed(gathering, item, wanted, replies)
    threads = (thread_errand(reading.place, uri) for uri in dict.fromkeys(wanted))
    further = _further(reading, stretch)
    itinerary = _remembering(reading.itinerary, replies, stretch, reading.page.fetched_at)
    return reading.parsed(
        itinerary.first((*threads, *further)),
        activities=tuple(gathering.activities.values()),
        listing=_listing(stretch, is_continued=bool(further) and not stretch.is_older),
        threads=() if stretch.is_repository else gathering.threads(),
        extents=_span(gathering, stretch),
        gone_ids=gathering.gone_ids(),
    )


def _add_repost(gathering: Gathering, item: Item) -> None:
    assert item.reason is not None
    gathering.add(
        Act(
            act_id=item.reason.uri or f"repost {item.post.uri}",
            kind="repost",
            author=THE_ORGANIZATION,
            published=item.reason.indexed_at,
            listed_in="reposts",
        )
    )


def _add_listed(
    gathering: Gathering, item: Item, wanted: list[str], replies: dict[str, int]
) -> None:
    """A post or reply of the account, and what it replies to in others' conversations."""
    post = item.post
    record = gathering.record(post)
    if record is None:
        return
    gathering.add_post(post, record, FoundThrough.LISTING, _list_name(item, record))
    root = record.root or post.uri
    gathering.mention(root, _count_of_root(item, root))
    is_ours = gathering.is_own(root)
    if item.reply and not is_ours:
        _add_answered(gathering, item.reply.parent)
    if post.reply_count is None:
        return
    replies[post.rkey] = post.reply_count
    # A new reply in a conversation of ours shows that somebody has spoken there.
    news = -1 if is_ours and record.parent and not gathering.is_own(record.parent) else 0
    if post.reply_count != _remembered(gathering.reading.itinerary).get(post.rkey, news):
        wanted.append(root if is_ours else post.uri)


def _list_name(item: Item, record: PostRecord) -> str:
    """Its list; one whose date is not that of its place cannot be missed by its date."""
    said, placed = moment(record.created_at), item.post.placed_at
    is_in_order = said and placed and abs(said - placed) <= _SKEW
    return "posts" if is_in_order else "misdated"


def _count_of_root(item: Item, root: str) -> int | None:
    if root == item.post.uri:
        return item.post.reply_count
    count = item.reply.root.get("replyCount") if item.reply else None
    return count if isinstance(count, int) else None


def _add_answered(gathering: Gathering, raw: dict[str, Any]) -> None:
    """What the organization replied to. Below a post of its own, it would be seen anyway."""
    if raw.get("notFound") is True:
        gathering.gone[str(raw.get("uri", ""))] = None
    if raw.get("notFound") or raw.get("blocked"):
        return
    post = gathering.reading.payload.maybe(raw, Post)
    record = gathering.record(post) if post else None
    if post and record:
        is_below = gathering.is_own(record.parent)
        found = FoundThrough.THREAD if is_below else FoundThrough.ANSWER
        gathering.add_post(post, record, found, "thread")


def _remembered(itinerary: Itinerary) -> dict[str, int]:
    return dict(itinerary.memory.get("replies", {}))


def _remembering(
    itinerary: Itinerary, replies: dict[str, int], stretch: _Stretch, fetched_at: datetime
) -> Itinerary:
    """With the newest reply counts, and how far the list is known."""
    counts = {**_remembered(itinerary), **replies}
    kept = {key: counts[key] for key in sorted(counts, reverse=True)[:_REMEMBERED]}
    itinerary = itinerary.remembering(replies=kept)
    newest = max(_places(stretch), default=None)
    if newest is None or stretch.is_older:
        return itinerary
    before = moment(itinerary.memory.get("newest", ""))
    # A date yet to come must not hide what is posted until then.
    newest = min(newest, fetched_at)
    return itinerary.remembering(newest=max(newest, before or newest).isoformat())


def _places(stretch: _Stretch) -> list[datetime]:
    return [at for item in stretch.items if (at := item.placed_at)]


def _further(reading: Reading, stretch: _Stretch) -> tuple[Errand, ...]:
    """The next older part, unless this one reaches what is known or is the last."""
    known_to = moment(reading.note if stretch.is_older else _newest(reading))
    oldest = min(_places(stretch), default=None)
    if not stretch.token or (known_to and oldest and oldest <= known_to):
        return ()
    url = list_url(
        reading.place, reading.did, is_repository=stretch.is_repository, token=stretch.token
    )
    if url == reading.page.requested_url or (not stretch.entry_count and not stretch.is_older):
        return ()
    kind = "older-records" if stretch.is_repository else "older"
    return (Errand(url, f"{kind} {known_to.isoformat() if known_to else ''}"),)


def _newest(reading: Reading) -> str:
    return str(reading.itinerary.memory.get("newest", ""))


def _listing(stretch: _Stretch, *, is_continued: bool) -> Listing:
    return Listing(
        entry_count=stretch.entry_count,
        listed_from=min(_places(stretch), default=None),
        document_format=stretch.document_format,
        document_encoding="utf-8",
        parser=SOURCE,
        is_malformed=False,
        is_delta=stretch.is_older,
        is_continued=is_continued,
    )


def _span(gathering: Gathering, stretch: _Stretch) -> tuple[Extent, ...]:
    """The time within which the stretch shows every post whose date fits its place."""
    places = _places(stretch)
    if not places or not gathering.is_whole:
        return ()
    to_at = max(places) - _SKEW if stretch.is_older else gathering.reading.page.fetched_at
    from_at = min(places) + _SKEW
    return (Extent(listed_in="posts", from_at=from_at, to_at=to_at),) if from_at < to_at else ()
