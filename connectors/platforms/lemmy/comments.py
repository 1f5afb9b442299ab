"""One post and its comments: who wrote them, and to whom they speak."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.apis import wording
from connectors.apis.acts import NOBODY, Act, Author, activity
from connectors.apis.payload import decoded
from connectors.contract import (
    AuthorRole,
    Evidence,
    Extent,
    FoundThrough,
    ThreadShape,
    ThreadView,
)
from connectors.feeddocument.links import link_host
from connectors.platforms.lemmy.address import LIMIT
from connectors.platforms.lemmy.shapes import CommentList, CommentView, PostAnswer, PostView
from connectors.platforms.lemmy.visit import (
    ANSWERS,
    NO_POST,
    VERSION,
    Visit,
    error_word,
    finished,
    is_own_site,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.apis.itinerary import Itinerary
    from connectors.contract import Activity, Parsed
    from connectors.platforms.lemmy.shapes import Person

#: Posts and comments of the organization that are remembered.
_MOST_OWN = 2000
_ACCOUNT = re.compile(r"(?:https?://(?P<site>[^/]+)/u/|@)(?P<name>\w+)(?:@(?P<home>.+))?")


def parsed_post(visit: Visit, post: int) -> Parsed:
    """A post that the list no longer shows: gone with its comments, or merely out of sight."""
    if visit.page.status in ANSWERS:
        if error_word(visit.page) not in NO_POST:
            raise refused(visit.page)
        return finished(visit, visit.itinerary, **_lost(visit, post))
    view = visit.payload.whole(decoded(visit.page), PostAnswer).post_view
    if is_gone(view.post):
        return finished(visit, visit.itinerary, **_lost(visit, post))
    return finished(visit, visit.itinerary, activities=(post_activity(visit, view),))


def _lost(visit: Visit, post: int) -> dict[str, Any]:
    gone, extent = visit.act(f"p{post}"), Extent(thread_id=visit.thread(post))
    return {"gone_ids": (gone,), "extents": (extent,)}


def parsed_thread(visit: Visit, post: int, count: int, before: int, number: int) -> Parsed:
    """A page of a post's comments; `before` are those that the pages before it showed."""
    if visit.page.status in ANSWERS:
        return parsed_post(visit, post)
    answer = visit.payload.whole(decoded(visit.page), CommentList)
    views = visit.payload.each(answer.comments, CommentView)
    alive = [v for v in views if not is_gone(v.comment)]
    has_more = len(answer.comments) >= LIMIT
    shown = before + len(alive)
    own = (f"c{v.comment.id}" for v in alive if is_own(visit, v))
    itinerary = remembering_own(visit.itinerary, own)
    if has_more:
        itinerary = itinerary.first([visit.thread_errand(post, count, shown, number + 1)])
    is_whole = number == 1 and not has_more and len(views) == len(answer.comments)
    extent = Extent(thread_id=visit.thread(post), exempt_id=visit.act(f"p{post}"))
    return finished(
        visit,
        itinerary,
        activities=tuple(_comment(visit, view, post, itinerary) for view in alive),
        gone_ids=tuple(visit.act(f"c{v.comment.id}") for v in views if is_gone(v.comment)),
        threads=(
            ThreadView(
                thread_id=visit.thread(post),
                reply_count=count,
                shown_count=shown,
                is_truncated=has_more or shown < count,
            ),
        ),
        extents=(extent,) if is_whole and shown >= count else (),
    )


def remembering_own(itinerary: Itinerary, items: Iterator[str]) -> Itinerary:
    """The organization's own posts and comments: who replies to them speaks to it."""
    own = {*itinerary.memory.get("own", ()), *items}
    kept = sorted(own, key=lambda item: (item[0], int(item[1:])))[-_MOST_OWN:]
    return itinerary.remembering(own=kept) if kept else itinerary


def post_activity(visit: Visit, view: PostView) -> Activity:
    """What a post is as an act: all of them are to the organization, or by it."""
    post, author = view.post, _author(visit, view)
    act = Act(
        act_id=visit.name(f"p{post.id}"),
        kind="topic" if _is_outside(author) else "post",
        author=author,
        published=post.published,
        updated=post.updated,
        listed_in="posts",
        is_addressed=True,
        thread_id=visit.name(f"p{post.id}"),
        thread_shape=ThreadShape.TREE,
        wording=wording.of_text(post.body or "", post.name),
        link_host=link_host(post.url or ""),
        links=(post.url or "",),
        like_count=view.counts.upvotes,
        reply_count=view.counts.comments,
    )
    return activity(act, visit.page, visit.channel, VERSION)


def _comment(visit: Visit, view: CommentView, post: int, itinerary: Itinerary) -> Activity:
    comment, parent = view.comment, _parent(view, post)
    act = Act(
        act_id=visit.name(f"c{comment.id}"),
        kind="comment",
        author=_author(visit, view),
        published=comment.published,
        updated=comment.updated,
        listed_in="thread",
        is_addressed=parent in itinerary.memory.get("own", ()) or _calls(visit, comment.content),
        parent_id=visit.name(parent),
        thread_id=visit.name(f"p{post}"),
        thread_shape=ThreadShape.TREE,
        found_through=FoundThrough.THREAD,
        wording=wording.of_text(comment.content),
        like_count=view.counts.upvotes,
        reply_count=view.counts.child_count,
    )
    return activity(act, visit.page, visit.channel, VERSION)


def _parent(view: CommentView, post: int) -> str:
    """What a comment replies to: the last but one of its path, or the post."""
    above = view.comment.path.split(".")[1:-1]
    return f"c{above[-1]}" if above else f"p{post}"


def _calls(visit: Visit, content: str) -> bool:
    """Whether a comment mentions an account of the organization."""
    return any(f"@{account}" in content.lower() for account in _own_accounts(visit))


def _author(visit: Visit, view: PostView | CommentView) -> Author:
    identity = _identity(view.creator)
    if view.creator.deleted:
        return NOBODY
    if identity in _own_accounts(visit):
        return Author("", AuthorRole.ORGANIZATION, Evidence.LISTED_ACCOUNT)
    if view.creator_is_moderator or (view.creator_is_admin and is_own_site(visit)):
        return Author(identity, AuthorRole.STAFF, Evidence.STAFF_FLAG)
    return Author(identity)


def is_own(visit: Visit, view: PostView | CommentView) -> bool:
    """Whether the organization or its staff wrote it."""
    return not _is_outside(_author(visit, view))


def _is_outside(author: Author) -> bool:
    return author.role not in {AuthorRole.ORGANIZATION, AuthorRole.STAFF}


def _identity(person: Person) -> str:
    """Name and server: what a person is called on every server alike."""
    parts = urlsplit(person.actor_id)
    return f"{parts.path.rstrip('/').rpartition('/')[2]}@{parts.netloc}".lower()


def _own_accounts(visit: Visit) -> set[str]:
    matches = (_ACCOUNT.fullmatch(a) for a in visit.channel.own_accounts)
    return {f"{m['name']}@{m['home'] or m['site']}".lower() for m in matches if m}


def is_gone(item: Any) -> bool:  # noqa: ANN401 - a post or a comment
    """Whether its author or a moderator has taken it away."""
    return bool(item.deleted or item.removed)
