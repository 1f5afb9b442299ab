"""The list of topics, in the order in which they last moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connectors.apis.dates import moment
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import decoded
from connectors.contract import Listing, ThreadView
from connectors.platforms.discourse.shapes import Latest, ListedTopic
from connectors.platforms.discourse.visit import SOURCE, Visit, finished

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.contract import Parsed

#: Topics that are remembered: those that moved last.
_MOST_TOPICS = 500


class _Shown(NamedTuple):
    """Topics of one page of the list, and when the oldest of them last moved.

    Pinned topics stand at the top however old they are, so they say nothing of the window.
    """

    topics: Sequence[ListedTopic]
    has_more: bool

    @property
    def moves(self) -> list[str]:
        """When the topics that are not pinned last moved."""
        return [_sortable(t.bumped_at) for t in self.topics if not _is_pinned(t)]

    @property
    def newest(self) -> str:
        """When the topic that moved last did so."""
        return max((_sortable(t.bumped_at) for t in self.topics), default="")

    @property
    def oldest(self) -> str:
        """From when on the page shows all that moved."""
        return min(self.moves, default="")


def parsed_list(visit: Visit, rest: Sequence[str]) -> Parsed:
    """A page of the list; `rest` says for an older one which it is and where its walk ends."""
    answer = visit.payload.whole(decoded(visit.page), Latest).topic_list
    topics = visit.payload.each(answer.topics, ListedTopic)
    shown = _Shown(topics, has_more=bool(answer.more_topics_url and answer.topics))
    number, until = (int(rest[0]), rest[1]) if rest else (0, _watermark(visit.itinerary))
    itinerary, errands = _changed(visit, shown, vanished=() if number else _vanished(visit, shown))
    older = _older(visit, shown, number + 1, until)
    if not number:
        itinerary = itinerary.remembering(newest=max(shown.newest, until))
    return finished(
        visit,
        itinerary.first((*errands, *older)),
        listing=_listing(shown, is_older=bool(number), is_continued=bool(older)),
        threads=tuple(
            ThreadView(thread_id=visit.thread(t.id), reply_count=max(0, t.posts_count - 1))
            for t in shown.topics
        ),
    )


def _listing(shown: _Shown, *, is_older: bool, is_continued: bool) -> Listing:
    return Listing(
        entry_count=len(shown.topics),
        listed_from=moment(shown.oldest),
        document_format="discourse-topics",
        document_encoding="utf-8",
        parser=SOURCE,
        is_malformed=False,
        is_delta=is_older,
        is_continued=is_continued and not is_older,
    )


def _watermark(itinerary: Itinerary) -> str:
    return str(itinerary.memory.get("newest", ""))


def _older(visit: Visit, shown: _Shown, number: int, until: str) -> list[Errand]:
    """The next older page, unless the list or the walk ends here."""
    is_reached = shown.oldest != "" and shown.oldest <= until
    if is_reached or not shown.has_more:
        return []
    url = f"{visit.root}/latest.json?no_definitions=true&page={number}"
    # Two walks that meet on a page go on as one, as far back as the farther of them.
    waiting = [e.context.split(" ")[2] for e in visit.itinerary.errands if e.url == url]
    return [Errand(url, f"older {number} {min([until, *waiting])}")]


def _changed(
    visit: Visit, shown: _Shown, vanished: Sequence[str]
) -> tuple[Itinerary, list[Errand]]:
    """Errands to the topics that are not as remembered; and they are remembered."""
    known: dict[str, list[str]] = dict(visit.itinerary.memory.get("topics", {}))
    fresh = {str(t.id): [_sortable(t.bumped_at), _mark(t)] for t in shown.topics}
    changed = [name for name, entry in fresh.items() if known.get(name) != entry]
    known = {name: entry for name, entry in (known | fresh).items() if name not in vanished}
    newest = sorted(known.items(), key=lambda item: item[1][0])[-_MOST_TOPICS:]
    itinerary = visit.itinerary.remembering(topics=dict(newest))
    return itinerary, [visit.topic_errand(int(name), 1) for name in (*changed, *vanished)]


def _vanished(visit: Visit, shown: _Shown) -> tuple[str, ...]:
    """Remembered topics that ought to be on the newest page and are not: they are looked at."""
    if not shown.moves:
        return ()
    floor = shown.oldest if shown.has_more else ""
    present = {str(t.id) for t in shown.topics}
    known: Mapping[str, list[str]] = visit.itinerary.memory.get("topics", {})
    return tuple(n for n, entry in known.items() if entry[0] > floor and n not in present)


def _mark(topic: ListedTopic) -> str:
    is_solved = int(bool(topic.has_accepted_answer))
    return f"{topic.posts_count} {topic.highest_post_number or 0} {is_solved}"


def _is_pinned(topic: ListedTopic) -> bool:
    return bool(topic.pinned or topic.pinned_globally)


def _sortable(written: str) -> str:
    """A moment so written that the later of two is the greater; "" for none."""
    at = moment(written)
    return at.isoformat(timespec="microseconds") if at else ""
