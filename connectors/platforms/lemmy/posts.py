"""The list of posts, in the order of their newest comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.apis.dates import moment
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import decoded
from connectors.contract import Listing, ThreadView
from connectors.platforms.lemmy.address import LIMIT
from connectors.platforms.lemmy.comments import is_gone, is_own, post_activity, remembering_own
from connectors.platforms.lemmy.shapes import PostList, PostView
from connectors.platforms.lemmy.visit import (
    ANSWERS,
    NO_POST,
    SOURCE,
    Visit,
    error_word,
    finished,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.contract import Parsed

#: Posts that are remembered: those commented last.
_MOST_POSTS = 500


class _Shown(NamedTuple):
    """Posts of one page of the list. Pinned ones say nothing of the window that it shows."""

    posts: Sequence[PostView]
    next_page: str  #: the server's word for it, "" without one
    is_full: bool

    @property
    def oldest(self) -> str:
        """From when on the page shows all that moved."""
        return min((_moved(v) for v in self.posts if not _is_pinned(v)), default="")

    @property
    def newest(self) -> str:
        """When the post that moved last did so."""
        return max((_moved(v) for v in self.posts), default="")


def parsed_list(visit: Visit, rest: Sequence[str]) -> Parsed:
    """A page of the list; `rest` says for an older one which it is and where its walk ends."""
    number, until = (int(rest[0]), rest[1]) if rest else (1, _watermark(visit.itinerary))
    if visit.page.status in ANSWERS:
        return _parsed_refusal(visit, number, until)
    answer = visit.payload.whole(decoded(visit.page), PostList)
    views = visit.payload.each(answer.posts, PostView)
    shown = _Shown(views, answer.next_page or "", is_full=len(answer.posts) >= LIMIT)
    vanished = () if rest else _vanished(visit, shown)
    itinerary, errands = _changed(visit, shown, vanished)
    older = _older(visit, shown, number + 1, until)
    if not rest:
        itinerary = itinerary.remembering(newest=max(shown.newest, until))
    by_us = (f"p{v.post.id}" for v in views if is_own(visit, v))
    itinerary = remembering_own(itinerary, by_us)
    return finished(
        visit,
        itinerary.first((*errands, *older)),
        activities=tuple(post_activity(visit, view) for view in views if not is_gone(view.post)),
        gone_ids=tuple(visit.act(f"p{v.post.id}") for v in views if is_gone(v.post)),
        listing=_listing(shown, is_older=bool(rest), is_continued=bool(older)),
        threads=tuple(
            ThreadView(thread_id=visit.thread(v.post.id), reply_count=v.counts.comments)
            for v in views
        ),
    )


def _listing(shown: _Shown, *, is_older: bool, is_continued: bool) -> Listing:
    return Listing(
        entry_count=len(shown.posts),
        listed_from=moment(shown.oldest),
        document_format="lemmy-posts",
        document_encoding="utf-8",
        parser=SOURCE,
        is_malformed=False,
        is_delta=is_older,
        is_continued=is_continued and not is_older,
    )


def _parsed_refusal(visit: Visit, number: int, until: str) -> Parsed:
    """An older page whose place was a post that is gone is asked for by its number instead."""
    if "page_cursor=" in visit.page.requested_url and error_word(visit.page) in NO_POST:
        return finished(visit, visit.itinerary.first(_pages(visit, number, until, page=number)))
    raise refused(visit.page)


def _watermark(itinerary: Itinerary) -> str:
    return str(itinerary.memory.get("newest", ""))


def _older(visit: Visit, shown: _Shown, number: int, until: str) -> list[Errand]:
    """The next older page, unless the list or the walk ends here."""
    is_reached = shown.oldest != "" and shown.oldest <= until
    if is_reached or not (shown.next_page or shown.is_full) or not shown.posts:
        return []
    if shown.next_page:
        return _pages(visit, number, until, page_cursor=shown.next_page)
    return _pages(visit, number, until, page=number)


def _pages(visit: Visit, number: int, until: str, **place: object) -> list[Errand]:
    """An older page; two walks that meet on it go on as one, as far as the farther of them."""
    url = visit.community.posts(**place)
    if url == visit.page.requested_url:  # a page that leads to itself
        return []
    waiting = [e.context.split(" ")[2] for e in visit.itinerary.errands if e.url == url]
    return [Errand(url, f"older {number} {min([until, *waiting])}", ANSWERS)]


def _changed(
    visit: Visit, shown: _Shown, vanished: Sequence[str]
) -> tuple[Itinerary, list[Errand]]:
    """Errands to what is not as remembered; and it is remembered."""
    known: dict[str, list[Any]] = dict(visit.itinerary.memory.get("posts", {}))
    fresh = {str(v.post.id): [_moved(v), v.counts.comments] for v in shown.posts}
    errands = [
        visit.thread_errand(v.post.id, v.counts.comments, 0, 1)
        for v in shown.posts
        if _has_other_comments(known.get(str(v.post.id)), fresh[str(v.post.id)])
    ]
    errands += [visit.post_errand(int(name)) for name in vanished]
    known = {name: entry for name, entry in (known | fresh).items() if name not in vanished}
    newest = sorted(known.items(), key=lambda item: str(item[1][0]))[-_MOST_POSTS:]
    return visit.itinerary.remembering(posts=dict(newest)), errands


def _has_other_comments(known: list[Any] | None, seen: list[Any]) -> bool:
    return seen != known if known else seen[1] > 0


def _vanished(visit: Visit, shown: _Shown) -> tuple[str, ...]:
    """Remembered posts that ought to be on the newest page and are not: they are looked at."""
    if not shown.oldest:
        return ()
    floor = shown.oldest if shown.next_page or shown.is_full else ""
    present = {str(v.post.id) for v in shown.posts}
    known: Mapping[str, list[Any]] = visit.itinerary.memory.get("posts", {})
    return tuple(n for n, entry in known.items() if entry[0] > floor and n not in present)


def _moved(view: PostView) -> str:
    """When a post was written or last commented, so written that the later is the greater."""
    at = moment(view.counts.newest_comment_time or view.post.published)
    return at.isoformat(timespec="microseconds") if at else ""


def _is_pinned(view: PostView) -> bool:
    return view.post.featured_community or view.post.featured_local
