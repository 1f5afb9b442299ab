"""An invented source: a room of notes with replies, read by an honest connector.

`Connector(mistake)` makes one mistake, so that the tests of every connector can be seen to
catch it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, urlsplit

from connectors.apis.acts import THE_ORGANIZATION, Act, Author, act_id, activity, thread_id
from connectors.apis.dates import WEB_BEGINS
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import Payload, Shape, decoded
from connectors.apis.wording import of_text
from connectors.contract import (
    AddressError,
    Extent,
    FoundThrough,
    Listing,
    PageError,
    Parsed,
    Presence,
    Purpose,
    Request,
    ThreadShape,
    ThreadView,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.contract import Activity, Channel, Cursor, Page


class Note(Shape):
    """One note or reply."""

    unread: ClassVar[frozenset[str]] = frozenset({"pinned"})
    id: int
    by: str
    at: str
    text: str = ""
    to: int | None = None
    replies: int = 0


class Room(Shape):
    """What a room says of itself."""

    unread: ClassVar[frozenset[str]] = frozenset({"title"})
    members: int


class Sheet(Shape):
    """A page of notes."""

    notes: list[object]
    older: str | None = None


class Connector:
    """Reads one room: the notes of its owner, and what others reply."""

    source = "invented"
    version = "1"

    def __init__(self, mistake: str = "") -> None:
        self._mistake = mistake
        self._looks = 0

    def check_address(self, address: str) -> None:
        parts = address.removeprefix("https://").split("/")
        is_room = address.startswith("https://") and len(parts) == 2 and len(address) < 100
        is_room = is_room and parts[0].endswith(".example") and parts[1].isalnum()
        if not is_room and self._mistake != "takes any address":
            message = f"{address!r} is no room: give for example https://rooms.example/library"
            raise AddressError(message)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        itinerary = Itinerary.from_cursor(cursor)
        answers = (404,) if self._mistake == "takes gone for read" else ()
        yield Request(url=f"{_base(channel)}/notes", answers=answers)
        yield Request(url=_base(channel), purpose=Purpose.DETAIL)
        yield from itinerary.requests("application/json")

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        self._looks += 1
        itinerary = Itinerary.from_cursor(cursor)
        if self._mistake != "never ticks off":
            itinerary = itinerary.without(page.requested_url)
        try:
            return self._read(page, channel, itinerary)
        except PageError as error:
            if self._mistake == "quotes the page in its errors":
                raise PageError(error.outcome, f"no valid JSON: {page.body!r}") from error
            raise

    def _read(self, page: Page, channel: Channel, itinerary: Itinerary) -> Parsed:
        if page.requested_url == _base(channel):
            return self._room(page, channel, itinerary)
        if page.context.startswith("thread "):
            return self._thread(page, channel, itinerary)
        return self._sheet(page, channel, itinerary)

    def _room(self, page: Page, channel: Channel, itinerary: Itinerary) -> Parsed:
        payload = Payload()
        room = payload.whole(decoded(page), Room)
        presence = Presence(
            channel_id=channel.channel_id,
            organization_id=channel.organization_id,
            observed_at=page.fetched_at,
            page_id=page.page_id,
            member_count=room.members,
        )
        return self._done(payload, itinerary, presences=(presence,))

    def _sheet(self, page: Page, channel: Channel, itinerary: Itinerary) -> Parsed:
        if self._mistake == "takes gone for read" and page.status == 404:
            return self._done(Payload(), itinerary, listing=_listing((), is_delta=False))
        payload = Payload()
        value = decoded(page)
        if self._mistake == "crashes on null":
            value["notes"]
        sheet = payload.whole(value, Sheet)
        notes = self._notes(payload, sheet.notes)
        acts = tuple(self._activity(note, page, channel, "") for note in notes)
        counts = dict(itinerary.memory.get("counts", {}))
        talked = [n for n in notes if n.replies != counts.get(str(n.id), 0)]
        if self._mistake == "reads threads again":
            talked = [n for n in notes if n.replies]
        counts |= {str(note.id): note.replies for note in talked}
        itinerary = itinerary.remembering(counts=counts)
        is_older = page.context == "older"
        itinerary = itinerary.first(
            [*self._threads(talked, channel), *self._older(page, channel, sheet, itinerary)]
        )
        return self._done(
            payload,
            itinerary,
            activities=acts,
            listing=_listing(acts, is_delta=is_older, is_continued=bool(sheet.older)),
            extents=self._extents(acts, page, is_older=is_older),
            threads=tuple(
                ThreadView(thread_id=thread_id(channel, str(n.id)), reply_count=n.replies)
                for n in notes
            ),
        )

    def _threads(self, talked: list[Note], channel: Channel) -> list[Errand]:
        url = f"{_base(channel)}/notes/{{}}"
        return [Errand(url.format(n.id), f"thread {n.id}", (404, 410)) for n in talked]

    def _older(
        self, page: Page, channel: Channel, sheet: Sheet, itinerary: Itinerary
    ) -> list[Errand]:
        if self._mistake == "never finishes":
            return [Errand(f"{page.requested_url.partition('?')[0]}?n={self._looks}", "older")]
        is_walking = page.context == "older" or "walked" not in itinerary.memory
        if not sheet.older or not (is_walking or self._mistake == "walks in circles"):
            return []
        query = quote(sheet.older.rpartition("=")[2], safe="")
        url = f"{_base(channel)}/notes?page={query}"
        return [Errand(sheet.older if self._mistake == "follows links" else url, "older")]

    def _thread(self, page: Page, channel: Channel, itinerary: Itinerary) -> Parsed:
        root = page.context.removeprefix("thread ")
        thread, root_id = thread_id(channel, root), act_id(channel, root)
        if page.status in {404, 410}:
            extents = (Extent(thread_id=thread),)
            if self._mistake == "takes other threads along":
                extents += (Extent(listed_in="notes", from_at=WEB_BEGINS, to_at=page.fetched_at),)
            return self._done(Payload(), itinerary, extents=extents, gone_ids=(root_id,))
        payload = Payload()
        notes = self._notes(payload, decoded(page))
        if self._mistake == "keeps a name":
            itinerary = itinerary.remembering(names=[note.by for note in notes])
        unseen = int(self._mistake == "calls a part the whole")
        view = ThreadView(thread_id=thread, reply_count=len(notes) + unseen, shown_count=len(notes))
        return self._done(
            payload,
            itinerary,
            activities=tuple(self._activity(n, page, channel, root) for n in notes),
            threads=(view,),
            extents=(Extent(thread_id=thread, exempt_id=root_id),) if notes else (),
        )

    def _notes(self, payload: Payload, values: object) -> list[Note]:
        if self._mistake == "loses the page for an item" and isinstance(values, list):
            return [payload.whole(value, Note) for value in values]
        return payload.each(values, Note)

    def _activity(self, note: Note, page: Page, channel: Channel, root: str) -> Activity:
        owner = channel.address.rpartition("/")[2]
        act = Act(
            act_id=str(note.id),
            kind="reply" if root else "post",
            author=THE_ORGANIZATION if note.by == owner else Author(f"rooms|{note.by}"),
            published=note.at,
            listed_in="thread" if root else "notes",
            is_addressed=bool(root),
            parent_id=str(note.to or root) if root else "",
            thread_id=root or str(note.id),
            thread_shape=ThreadShape.TREE,
            found_through=FoundThrough.THREAD if root else FoundThrough.LISTING,
            wording=of_text(note.text),
        )
        made = activity(act, page, channel, self.version)
        if self._mistake == "sees others as the organization" and root:
            return replace(made, author_role="organization", direction="by_organization")
        return made

    def _extents(
        self, acts: tuple[Activity, ...], page: Page, *, is_older: bool
    ) -> tuple[Extent, ...]:
        dates = [act.occurred_at for act in acts if act.occurred_at]
        if not dates:
            is_hasty = self._mistake == "deletes all on an empty page"
            all_ = Extent(listed_in="notes", from_at=WEB_BEGINS, to_at=page.fetched_at)
            return (all_,) if is_hasty else ()
        newest = max(dates) if is_older else page.fetched_at
        return (Extent(listed_in="notes", from_at=min(dates), to_at=newest),)

    def _done(self, payload: Payload, itinerary: Itinerary, **values: object) -> Parsed:
        if values.get("activities") and "listing" in values:
            itinerary = itinerary.remembering(walked=True)
        if self._mistake == "reads the clock":
            itinerary = itinerary.remembering(looks=self._looks)
        kept = itinerary
        if self._mistake == "forgets errands":
            kept = Itinerary(memory=itinerary.memory)
        drifts = () if self._mistake == "sees no new fields" else payload.drifts
        return Parsed(
            **values,  # type: ignore[arg-type]
            drifts=drifts,
            cursor=kept.cursor(),
            next_requests=itinerary.requests("application/json"),
        )


def _base(channel: Channel) -> str:
    parts = urlsplit(channel.address)
    return f"https://{parts.netloc}/api{parts.path}"


def _listing(acts: tuple[Activity, ...], *, is_delta: bool, is_continued: bool = False) -> Listing:
    return Listing(
        entry_count=len(acts),
        listed_from=min((a.occurred_at for a in acts if a.occurred_at), default=None),
        document_format="invented-notes",
        document_encoding="utf-8",
        parser="invented",
        is_malformed=False,
        is_delta=is_delta,
        is_continued=is_continued,
    )
