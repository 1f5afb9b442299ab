"""Stack Exchange: the questions under an organization's tag, and who answered them.

An answer costs one of 300 requests a day, so as little as possible is asked: one page of the
questions that were active last, the answers of up to a hundred changed questions at once, and
once a day the newest questions (for what was deleted) and the size of the tag. Texts of
posts are not asked for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.apis import wording
from connectors.apis.acts import NOBODY, Act, Author, act_id, activity, thread_id
from connectors.apis.dates import WEB_BEGINS, moment
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import Payload, decoded
from connectors.contract import (
    Allowance,
    AuthorRole,
    Evidence,
    Extent,
    FoundThrough,
    Listing,
    Outcome,
    PageError,
    Parsed,
    Presence,
    Request,
    ThreadShape,
    ThreadView,
)
from connectors.platforms.stackexchange.place import PAGE_SIZE, Place, staff_of
from connectors.platforms.stackexchange.shapes import Answer, Owner, Question, Tag, Wrapper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from connectors.contract import Activity, Channel, Cursor, Page

_ACCEPT = "application/json"
#: The documented quota of an address without a key; what an answer says of it comes on top.
_ALLOWANCES = (Allowance(kind="requests", count=300, seconds=86_400),)
#: Answers that a batch of questions may have, so that they and a few new ones fit in one page.
_BATCH_ANSWERS = 90
_REMEMBERED = 500
_LISTED_IN = "questions"

_REFUSALS = {
    "throttle_violation": Outcome.BLOCKED,
    "access_denied": Outcome.NEEDS_AUTH,
    "access_token_required": Outcome.NEEDS_AUTH,
    "no_method": Outcome.NOT_FOUND,
}


class Connector:
    """Reads the questions under one tag of one site, and their answers."""

    source = "stackexchange"
    version = "1"
    shows_dialogue = True
    publishes = False

    def check_address(self, address: str) -> None:
        """Accept a site and a tag, or the address of the page that lists the tag's questions.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        Place.of(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The questions that were active last, and what is still to be asked."""
        place = Place.of(channel.address)
        url = place.questions(sort="activity")
        yield Request(url=url, accept=_ACCEPT, context="read", allowances=_ALLOWANCES)
        yield from Itinerary.from_cursor(cursor).requests(_ACCEPT, _ALLOWANCES)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """Questions, answers or the size of a tag, whatever the page was asked for.

        Raises:
            PageError: no answer of the API, or one that tells of an error.
        """
        kind, _, note = page.context.partition(" ")
        itinerary = Itinerary.from_cursor(cursor).without(page.requested_url)
        reading = _Reading(page, channel, itinerary)
        if kind == "tag":
            return reading.tag()
        if kind == "answers":
            return reading.answers(json.loads(note))
        if kind in {"gap", "history", "check"}:
            return reading.older_questions(kind, [int(part) for part in note.split()])
        return reading.newest_questions()


class _Reading:
    """One page on its way to what it yields."""

    def __init__(self, page: Page, channel: Channel, itinerary: Itinerary) -> None:
        self._page = page
        self._channel = channel
        self._place = Place.of(channel.address)
        self._staff = staff_of(channel.own_accounts, self._place.site)
        self._itinerary = itinerary
        self._payload = Payload()
        self._wrapper = self._payload.whole(decoded(page), Wrapper)
        if self._wrapper.error_name:
            raise _refusal(self._wrapper.error_name)

    def newest_questions(self) -> Parsed:
        """The list that is asked each time; what it does not reach is put on the list."""
        questions = self._questions()
        walk = self._walk(questions) if self._wrapper.has_more else []
        errands = [*self._batches(questions), *walk, *self._daily(is_walking=bool(walk))]
        known = self._itinerary.memory.get("active", 0)
        newest = max((question.last_activity_date for question in questions), default=known)
        self._remember(questions, errands)
        self._itinerary = self._itinerary.remembering(
            active=max(newest, known), checked=self._today
        )
        extents = () if self._wrapper.has_more else self._extents(questions, self._page.fetched_at)
        return self._listed(questions, extents, _listing(questions, is_continued=bool(walk)))

    def older_questions(self, kind: str, bounds: list[int]) -> Parsed:
        """A page of a walk, or the daily look at the newest questions."""
        questions = self._questions()
        walk = self._walk_on(kind, bounds, questions) if self._wrapper.has_more else []
        self._remember(questions, [*self._batches(questions), *walk], is_old=kind == "history")
        newest = moment(_created(questions)[1])
        until = self._page.fetched_at if kind == "check" else newest
        extents = () if kind == "gap" else self._extents(questions, until)
        listing = None if kind == "check" else _listing(questions, is_delta=True)
        return self._listed(questions, extents, listing)

    def answers(self, note: dict[str, Any]) -> Parsed:
        """Answers of several questions; the last page of them says what was seen of each."""
        answers = self._payload.each(self._wrapper.items, Answer)
        shown = dict(note["shown"])
        for answer in answers:
            name = str(answer.question_id)
            shown[name] = shown.get(name, 0) + 1
        activities = tuple(self._answer(answer) for answer in answers)
        if self._wrapper.has_more:
            following = note | {"shown": shown, "page": note["page"] + 1}
            self._itinerary = self._itinerary.first([self._answers_errand(following)])
            return self._parsed(activities=activities)
        views = tuple(self._seen(name, note["counts"][name], shown) for name in note["counts"])
        extents = self._whole_threads(note, views) if note["page"] == 1 else ()
        return self._parsed(activities=activities, threads=views, extents=extents)

    def tag(self) -> Parsed:
        """How many questions there are; nothing for a tag that nobody has used."""
        sizes = self._payload.each(self._wrapper.items, Tag)
        return self._parsed(presences=tuple(self._presence(size) for size in sizes[:1]))

    def _questions(self) -> list[Question]:
        return self._payload.each(self._wrapper.items, Question)

    # What comes next.

    def _walk(self, questions: list[Question]) -> list[Errand]:
        """Back through all history at first; later only to what was known at the last read."""
        known = self._itinerary.memory.get("active", 0)
        if not known:
            return [Errand(self._place.questions(sort="creation"), "history")]
        oldest = min((question.last_activity_date for question in questions), default=0)
        return [self._gap(known, oldest)] if oldest > known else []

    def _walk_on(self, kind: str, bounds: list[int], questions: list[Question]) -> list[Errand]:
        if not questions or kind == "check":
            return []
        if kind == "history":
            before = _before(_created(questions)[0], bounds)
            url = self._place.questions(sort="creation", todate=before)
            return [Errand(url, f"history {before}")]
        oldest = min(question.last_activity_date for question in questions)
        return [self._gap(bounds[0], _before(oldest, bounds[1:]))]

    def _gap(self, known: int, before: int) -> Errand:
        url = self._place.questions(sort="activity", min=known, max=before)
        return Errand(url, f"gap {known} {before}")

    def _daily(self, *, is_walking: bool) -> list[Errand]:
        """Once a day the size of the tag, and the newest questions unless they are all here."""
        if self._itinerary.memory.get("checked") == self._today:
            return []
        newest = Errand(self._place.questions(sort="creation"), "check")
        waiting = {errand.url for errand in self._itinerary.errands}
        is_needed = self._wrapper.has_more and not is_walking and newest.url not in waiting
        return [Errand(self._place.size(), "tag"), *([newest] if is_needed else [])]

    @property
    def _today(self) -> str:
        return self._page.fetched_at.date().isoformat()

    def _batches(self, questions: list[Question]) -> list[Errand]:
        """Errands for the answers of the questions whose answers are not as remembered."""
        known = self._itinerary.memory.get("seen", {})
        changed = [q for q in questions if _is_changed(q, known.get(str(q.question_id)))]
        return [self._batch(batch) for batch in _batched(changed)]

    def _batch(self, batch: list[Question]) -> Errand:
        counts = {str(question.question_id): question.answer_count for question in batch}
        return self._answers_errand({"counts": counts, "shown": {}, "page": 1})

    def _answers_errand(self, note: dict[str, Any]) -> Errand:
        url = self._place.answers(note["counts"], note["page"])
        return Errand(url, f"answers {json.dumps(note, separators=(',', ':'))}")

    def _remember(
        self, questions: list[Question], errands: list[Errand], *, is_old: bool = False
    ) -> None:
        """What was met is put down; of what is too much, history is forgotten first."""
        known = self._itinerary.memory.get("seen", {})
        met = {str(question.question_id): _state(question) for question in questions}
        others = {name: state for name, state in known.items() if name not in met}
        seen = met | others if is_old else others | met
        own = {q.question_id for q in questions if self._is_staff(q.owner)}
        own.update(self._itinerary.memory.get("own", ()))
        self._itinerary = self._itinerary.first(errands).remembering(
            seen=dict(list(seen.items())[-_REMEMBERED:]), own=sorted(own)[-_REMEMBERED:]
        )

    # What a page says.

    def _listed(
        self, questions: list[Question], extents: tuple[Extent, ...], listing: Listing | None
    ) -> Parsed:
        return self._parsed(
            activities=tuple(self._question(question) for question in questions),
            listing=listing,
            threads=tuple(self._mentioned(question) for question in questions),
            extents=extents,
        )

    def _parsed(self, **found: Any) -> Parsed:  # noqa: ANN401 - the fields of `Parsed`
        return Parsed(
            **found,
            drifts=self._payload.drifts,
            next_requests=self._itinerary.requests(_ACCEPT, _ALLOWANCES),
            cursor=self._itinerary.cursor(),
        )

    def _question(self, question: Question) -> Activity:
        act = Act(
            act_id=self._name(question.question_id),
            kind="question",
            author=self._author(question.owner),
            published=question.creation_date,
            updated=question.last_edit_date,
            listed_in=_LISTED_IN,
            is_addressed=True,
            thread_id=self._name(question.question_id),
            thread_shape=ThreadShape.TREE,
            wording=wording.of_html("", question.title),
            is_question=True,
            like_count=max(question.score, 0),
            reply_count=question.answer_count,
        )
        return activity(act, self._page, self._channel, Connector.version)

    def _answer(self, answer: Answer) -> Activity:
        act = Act(
            act_id=self._name(answer.answer_id),
            kind="answer",
            author=self._author(answer.owner),
            published=answer.creation_date,
            updated=answer.last_edit_date,
            listed_in="thread",
            is_addressed=answer.question_id in self._itinerary.memory.get("own", []),
            parent_id=self._name(answer.question_id),
            thread_id=self._name(answer.question_id),
            thread_shape=ThreadShape.TREE,
            found_through=FoundThrough.THREAD,
            is_question=False,
            is_accepted_answer=answer.is_accepted,
            like_count=max(answer.score, 0),
        )
        return activity(act, self._page, self._channel, Connector.version)

    def _presence(self, tag: Tag) -> Presence:
        return Presence(
            channel_id=self._channel.channel_id,
            organization_id=self._channel.organization_id,
            observed_at=self._page.fetched_at,
            page_id=self._page.page_id,
            post_count=tag.count,
        )

    def _mentioned(self, question: Question) -> ThreadView:
        """Without answers the list itself shows all there is of the thread."""
        thread = thread_id(self._channel, self._name(question.question_id))
        count = question.answer_count
        return ThreadView(thread_id=thread, reply_count=count, shown_count=None if count else 0)

    def _seen(self, name: str, count: int, shown: dict[str, int]) -> ThreadView:
        seen = shown.get(name, 0)
        thread = thread_id(self._channel, self._name(name))
        return ThreadView(
            thread_id=thread, reply_count=count, shown_count=seen, is_truncated=seen < count
        )

    def _whole_threads(
        self, note: dict[str, Any], views: tuple[ThreadView, ...]
    ) -> tuple[Extent, ...]:
        return tuple(
            Extent(thread_id=view.thread_id, exempt_id=act_id(self._channel, self._name(name)))
            for name, view in zip(note["counts"], views, strict=True)
            if not view.is_truncated
        )

    def _extents(self, questions: list[Question], to_at: datetime | None) -> tuple[Extent, ...]:
        """The span that the page shows completely, and the whole of each thread missing in it.

        A page with something unreadable in it claims nothing; the last one reaches back to
        the beginning.
        """
        is_whole = len(questions) == len(self._wrapper.items or ())
        oldest = moment(_created(questions)[0])
        from_at = oldest if self._wrapper.has_more else WEB_BEGINS
        if not questions or not is_whole or from_at is None or to_at is None:
            return ()
        span = Extent(listed_in=_LISTED_IN, from_at=from_at, to_at=to_at)
        return (span, *self._forgotten(questions, from_at, to_at))

    def _forgotten(
        self, questions: list[Question], from_at: datetime, to_at: datetime
    ) -> Iterator[Extent]:
        """Threads of questions that should stand in the page; they are forgotten at once."""
        shown = {str(question.question_id) for question in questions}
        seen = dict(self._itinerary.memory.get("seen", {}))
        for name, (*_, created) in list(seen.items()):
            at = moment(created)
            if name not in shown and at and from_at < at < to_at:
                del seen[name]
                yield Extent(thread_id=thread_id(self._channel, self._name(name)))
        self._itinerary = self._itinerary.remembering(seen=seen)

    def _name(self, number: int | str) -> str:
        return f"{self._place.site}/{number}"

    def _is_staff(self, owner: Owner | None) -> bool:
        return owner is not None and not self._staff.isdisjoint(_accounts(owner))

    def _author(self, owner: Owner | None) -> Author:
        """One person is the same on all sites of the network, where the answer says who."""
        if owner is None or not _accounts(owner):
            return NOBODY
        identity = _accounts(owner)[0]
        if owner.account_id is None:
            identity = f"{self._place.site} {identity}"
        if self._is_staff(owner):
            return Author(identity, AuthorRole.STAFF, Evidence.LISTED_ACCOUNT)
        return Author(identity)


def _accounts(owner: Owner) -> list[str]:
    """What an author is known by, the widest first; nothing for a deleted account."""
    if owner.user_type == "does_not_exist":
        return []
    numbers = (("account", owner.account_id), ("user", owner.user_id))
    return [f"{kind} {number}" for kind, number in numbers if number is not None]


def _refusal(name: str) -> PageError:
    outcome = _REFUSALS.get(name, Outcome.MALFORMED)
    return PageError(outcome, f"the Stack Exchange API refused: {name}")


def _listing(
    questions: list[Question], *, is_delta: bool = False, is_continued: bool = False
) -> Listing:
    return Listing(
        entry_count=len(questions),
        listed_from=moment(min((q.last_activity_date for q in questions), default=None)),
        document_format="stackexchange-questions",
        document_encoding="utf-8",
        parser=Connector.source,
        is_malformed=False,
        is_delta=is_delta,
        is_continued=is_continued,
    )


def _created(questions: list[Question]) -> tuple[int, int]:
    moments = [question.creation_date for question in questions]
    return min(moments, default=0), max(moments, default=0)


def _before(oldest: int, asked_until: list[int]) -> int:
    """Where the next page of a walk ends: with the second that this one ended in.

    Others of that second may be missing; a page that holds nothing else would never end.
    """
    return oldest - 1 if oldest in asked_until else oldest


def _state(question: Question) -> list[int]:
    """What is remembered: answers, the accepted one, and when the question was asked."""
    return [question.answer_count, question.accepted_answer_id or 0, question.creation_date]


def _is_changed(question: Question, known: list[int] | None) -> bool:
    return question.answer_count > 0 if known is None else known != _state(question)


def _batched(questions: list[Question]) -> Iterator[list[Question]]:
    batch: list[Question] = []
    for question in questions:
        count = sum(other.answer_count for other in batch) + question.answer_count
        if batch and (len(batch) == PAGE_SIZE or count > _BATCH_ANSWERS):
            yield batch
            batch = []
        batch.append(question)
    if batch:
        yield batch
