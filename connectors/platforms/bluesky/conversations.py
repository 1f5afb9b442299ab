"""The conversation under a post of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from connectors.apis.acts import act_id
from connectors.apis.payload import decoded
from connectors.contract import Extent, FoundThrough, Parsed, ThreadView
from connectors.platforms.bluesky.gathering import Gathering
from connectors.platforms.bluesky.shapes import Node, Post, PostRecord, Refusal, Thread

if TYPE_CHECKING:
    from connectors.contract import Page
    from connectors.platforms.bluesky.reading import Reading


def read_thread(reading: Reading) -> Parsed:
    """A conversation under a post of the account, or what tells that the post is gone."""
    answer = decoded(reading.page)
    if reading.page.status // 100 != 2:  # noqa: PLR2004 - success
        return _lost_thread(reading, reading.payload.whole(answer, Refusal))
    thread = reading.payload.whole(answer, Thread).thread
    gathering = Gathering(reading)
    shown = _walk(gathering, thread)
    views = _view(gathering, shown, _asked(reading.page)) if shown else ()
    is_complete = gathering.is_whole and shown and not shown[0].record.root
    return reading.parsed(
        reading.itinerary,
        activities=tuple(gathering.activities.values()),
        threads=views,
        extents=tuple(Extent(thread_id=v.thread_id) for v in views) if is_complete else (),
        gone_ids=gathering.gone_ids(),
    )


def _lost_thread(reading: Reading, refusal: Refusal) -> Parsed:
    gone = (act_id(reading.channel, _asked(reading.page)),) if refusal.error == "NotFound" else ()
    return reading.parsed(reading.itinerary, gone_ids=gone)


def _asked(page: Page) -> str:
    """The post whose conversation was asked for."""
    return parse_qs(urlsplit(page.requested_url).query)["uri"][0]


class _Said(NamedTuple):
    """A post that a conversation shows."""

    post: Post
    record: PostRecord

    @property
    def root(self) -> str:
        return self.record.root or self.post.uri


def _walk(gathering: Gathering, thread: dict[str, Any]) -> list[_Said]:
    """Every post of a conversation, the first one first; what is hidden makes it not whole."""
    shown: list[_Said] = []
    waiting: list[Any] = [thread]
    while waiting:
        node = gathering.reading.payload.maybe(waiting.pop(), Node)
        if node and node.not_found:
            gathering.gone[node.uri] = None
            continue
        said = _said(gathering, node)
        shown += [said] if said else []
        waiting += reversed((node.replies if node else None) or [])
    return shown


def _said(gathering: Gathering, node: Node | None) -> _Said | None:
    """What stands at a place of a conversation; None where it is hidden or unreadable."""
    post = gathering.reading.payload.maybe(node.post, Post) if node and node.post else None
    record = gathering.record(post) if post else None
    if node is None or post is None or record is None:
        gathering.is_whole = False
        return None
    if (post.reply_count or 0) > len(node.replies or ()):
        gathering.is_whole = False
    gathering.add_post(post, record, FoundThrough.THREAD, "thread")
    return _Said(post, record)


def _view(gathering: Gathering, shown: list[_Said], asked: str) -> tuple[ThreadView, ...]:
    """How much of a conversation is shown; how long others' conversations are is not known."""
    first = shown[0]
    replies = sum(said.post.uri != asked for said in shown)
    count = first.post.reply_count if first.post.uri == first.root else None
    return (gathering.thread(first.root, count, replies),)
