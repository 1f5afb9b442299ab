"""One topic: its posts, who wrote them, and to whom they speak."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connectors.apis import wording
from connectors.apis.acts import NOBODY, Act, Author, activity
from connectors.apis.dates import moment
from connectors.apis.payload import decoded
from connectors.contract import (
    AuthorRole,
    Evidence,
    Extent,
    FoundThrough,
    ThreadShape,
    ThreadView,
)
from connectors.platforms.discourse.shapes import Post, Topic
from connectors.platforms.discourse.visit import (
    FORBIDDEN,
    THREAD_ANSWERS,
    VERSION,
    Visit,
    error_type,
    finished,
    shut,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.apis.itinerary import Itinerary
    from connectors.contract import Activity, Parsed

_LIKE = 2
_ORDINARY, _BY_MODERATOR = 1, 2
#: Long topics that are remembered; and posts of staff in each.
_MOST_TOPICS = 500
_MOST_STAFF_POSTS = 300
_MENTION = re.compile(r"<a class=\"mention(-group)?[^\"]*\" href=\"[^\"]*/([^\"/]+)\"")
_STAFF_GROUPS = {"admins", "moderators", "staff"}


class _Reading(NamedTuple):
    """One page of a topic, and which posts of the topic were written by staff."""

    topic: Topic
    posts: Sequence[Post]
    staff_posts: frozenset[int]
    staff_names: frozenset[str]


def parsed_topic(visit: Visit, topic_id: int, number: int) -> Parsed:
    """The posts on one page of a topic, or that the topic is gone."""
    if visit.page.status in THREAD_ANSWERS:
        return _parsed_missing(visit, topic_id, number)
    topic = visit.payload.whole(decoded(visit.page), Topic)
    posts = visit.payload.each(topic.post_stream.posts, Post)
    total = len(topic.post_stream.stream) or topic.posts_count
    before, known = visit.itinerary.memory.get("long", {}).get(str(topic_id), (0, ()))
    reading = _Reading(
        topic,
        posts,
        frozenset(known) | {p.post_number for p in posts if _is_staff(p) or _is_machine(p)},
        frozenset(p.username.lower() for p in posts if p.username and _is_staff(p)),
    )
    ahead = _next_number(topic, number, total, before) if posts else 0
    itinerary = visit.itinerary
    if total > _page_size(topic):
        itinerary = _remembering_long(itinerary, topic_id, total, reading.staff_posts)
    if ahead:
        itinerary = itinerary.first([visit.topic_errand(topic_id, ahead)])
    return finished(
        visit,
        itinerary,
        activities=tuple(_activity(visit, reading, p) for p in posts if _is_act(p)),
        gone_ids=tuple(visit.post_id(topic_id, p.post_number) for p in posts if _is_gone(p)),
        threads=(_view(visit, topic, number, total, is_truncated=bool(ahead)),),
        extents=_extents(visit, reading, total),
    )


def _extents(visit: Visit, reading: _Reading, total: int) -> tuple[Extent, ...]:
    """The whole topic, or what a page of it spans: its posts stand there in their order."""
    thread = visit.thread(reading.topic.id)
    if _is_whole(reading, total):
        return (Extent(thread_id=thread),)
    dates = [moment(post.created_at) for post in reading.posts]
    is_read = len(reading.posts) == len(reading.topic.post_stream.posts)
    if not dates or not is_read or None in dates or dates != sorted(filter(None, dates)):
        return ()  # moved here from another topic, or not understood
    return (Extent(thread_id=thread, from_at=dates[0], to_at=dates[-1]),)


def _next_number(topic: Topic, number: int, total: int, before: int) -> int:
    """The page to read after this one, 0 for none.

    What was read before is skipped but for its last whole page: posts deleted since then have
    moved the new ones forward.
    """
    size = _page_size(topic)
    pages = -(-total // size)
    ahead = number + 1
    if number == 1 and before:
        ahead = max(ahead, min(before // size, pages))
    return ahead if ahead <= pages else 0


def _page_size(topic: Topic) -> int:
    return max(1, topic.chunk_size)


def _remembering_long(
    itinerary: Itinerary, topic_id: int, total: int, staff_posts: frozenset[int]
) -> Itinerary:
    known = dict(itinerary.memory.get("long", {}))
    known.pop(str(topic_id), None)
    # The first post is what a reply answers that names none.
    kept = sorted(staff_posts & {1}) + sorted(staff_posts - {1})[-_MOST_STAFF_POSTS:]
    known[str(topic_id)] = [total, kept]
    return itinerary.remembering(long=dict(list(known.items())[-_MOST_TOPICS:]))


def _view(visit: Visit, topic: Topic, number: int, total: int, *, is_truncated: bool) -> ThreadView:
    """Until its last page has been read, a topic counts as one that hides replies."""
    return ThreadView(
        thread_id=visit.thread(topic.id),
        reply_count=max(0, topic.posts_count - 1),
        shown_count=max(0, min(number * _page_size(topic), total) - 1),
        is_truncated=is_truncated,
    )


def _is_whole(reading: _Reading, total: int) -> bool:
    """Whether the page shows every post of its topic, and we could read them all."""
    stream = reading.topic.post_stream.stream
    return total > 0 and {p.id for p in reading.posts} >= set(stream) and total == len(stream)


def _parsed_missing(visit: Visit, topic_id: int, number: int) -> Parsed:
    """A topic that is not there any more, or no longer public, is gone with all its posts."""
    if visit.page.status == FORBIDDEN and error_type(visit.page) != "invalid_access":
        raise shut(visit.page)
    if number > 1:  # it has become shorter; its first page tells what is left
        return finished(visit, visit.itinerary)
    known = dict(visit.itinerary.memory.get("topics", {}))
    known.pop(str(topic_id), None)
    return finished(
        visit,
        visit.itinerary.remembering(topics=known),
        gone_ids=(visit.post_id(topic_id, 1),),
        extents=(Extent(thread_id=visit.thread(topic_id)),),
    )


def _activity(visit: Visit, reading: _Reading, post: Post) -> Activity:
    topic, is_opening = reading.topic, post.post_number == 1
    opening = "post" if _is_staff(post) else "topic"
    target = "" if is_opening else visit.post_name(topic.id, post.reply_to_post_number or 1)
    act = Act(
        act_id=visit.post_name(topic.id, post.post_number),
        kind=opening if is_opening else "reply",
        author=_author(visit, post),
        published=post.created_at,
        updated=post.updated_at,
        listed_in="topics" if is_opening else "thread",
        is_addressed=is_opening or _is_to_staff(reading, post),
        parent_id=target,
        thread_id=f"{visit.place}/t/{topic.id}",
        thread_shape=ThreadShape.LIST,
        found_through=FoundThrough.LISTING if is_opening else FoundThrough.THREAD,
        wording=wording.of_html(post.cooked or "", topic.title if is_opening else ""),
        is_accepted_answer=None if is_opening else _is_accepted(topic, post),
        like_count=next((a.count for a in post.actions_summary if a.id == _LIKE), 0),
        reply_count=max(0, topic.posts_count - 1) if is_opening else post.reply_count,
    )
    return activity(act, visit.page, visit.channel, VERSION)


def _is_to_staff(reading: _Reading, post: Post) -> bool:
    """Whether a reply answers a post of staff (the first, if it names none) or calls them."""
    if (post.reply_to_post_number or 1) in reading.staff_posts:
        return True
    called = {name.lower() for _, name in _MENTION.findall(post.cooked or "")}
    return bool(called & (reading.staff_names | _STAFF_GROUPS))


def _is_accepted(topic: Topic, post: Post) -> bool | None:
    if topic.accepted_answer and topic.accepted_answer.post_number == post.post_number:
        return True
    return False if topic.accepted_answer else post.accepted_answer


def _author(visit: Visit, post: Post) -> Author:
    if post.user_id is None:
        return NOBODY
    identity = f"{visit.place}|{post.user_id}"
    if _is_staff(post):
        return Author(identity, AuthorRole.STAFF, Evidence.STAFF_FLAG)
    return Author(identity)


def _is_staff(post: Post) -> bool:
    return bool(post.staff or post.admin or post.moderator) and not _is_machine(post)


def _is_machine(post: Post) -> bool:
    """Written by the forum itself: its own accounts have numbers below zero."""
    return post.user_id is not None and post.user_id < 0


def _is_gone(post: Post) -> bool:
    return bool(post.deleted_at or post.user_deleted or post.hidden)


def _is_act(post: Post) -> bool:
    is_said = post.post_type in {_ORDINARY, _BY_MODERATOR}
    return is_said and not _is_machine(post) and not _is_gone(post)
