"""A channel read from a recorded world, as `flows` reads it from the network. Pure.

`Reader.look` does one run's work for a channel: plan, ask, parse with the cursor folded page
by page, ask what the pages lead to. It can be stopped after any page, as a kill would stop it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from connectors.contract import (
    Activity,
    Connector,
    Cursor,
    Drift,
    Extent,
    FoundThrough,
    Outcome,
    Page,
    PageError,
    Parsed,
    Presence,
    Purpose,
    Request,
    ThreadView,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recordedscenario import Answer, Scenario, World

MOST_PAGES = 100
MOST_DETAILS = 20  #: in one round
_BY_STATUS = {
    304: Outcome.NOT_MODIFIED,
    401: Outcome.NEEDS_AUTH,
    403: Outcome.BLOCKED,
    404: Outcome.NOT_FOUND,
    407: Outcome.NEEDS_AUTH,
    410: Outcome.GONE,
    429: Outcome.BLOCKED,
    451: Outcome.BLOCKED,
}
_ALLOWED = {
    *(Outcome.WRONG_TYPE, Outcome.MALFORMED, Outcome.BLOCKED, Outcome.NEEDS_AUTH),
    *(Outcome.NOT_FOUND, Outcome.GONE, Outcome.OPTED_OUT),
}
_SERVER_ERRORS = 500
#: Everything of an activity that is stored as it is, and may hold text.
_stored = attrgetter(*(f.name for f in fields(Activity) if f.name != "author"))
#: What differs between two looks at the same thing.
_OF_THE_LOOK = {"first_seen_at", "page_id"}
_lasting = attrgetter(*(f.name for f in fields(Activity) if f.name not in _OF_THE_LOOK))
#: From the weakest to the strongest: what is listed stays so, wherever else it is met.
_FOUND = (FoundThrough.ANSWER, FoundThrough.THREAD, FoundThrough.LISTING)


class Sight(NamedTuple):
    """One page as it was given to the connector, and what came of it."""

    request: Request
    page: Page
    cursor: Cursor | None  #: as the page found it
    parsed: Parsed | None  #: None when the connector could not use it
    error: PageError | None

    @property
    def activities(self) -> tuple[Activity, ...]:
        return self.parsed.activities if self.parsed else ()


@dataclass(slots=True)
class Known:
    """What is known of a channel after some looks; the last look's steps stand in it."""

    cursor: Cursor | None = None
    activities: dict[str, Activity] = field(default_factory=dict)
    seen_at: dict[str, datetime] = field(default_factory=dict)
    mentions: dict[str, int | None] = field(default_factory=dict)
    views: dict[str, ThreadView] = field(default_factory=dict)
    presences: list[Presence] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)  #: of pages asked for reading
    drifts: list[Drift] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    looked_at: set[str] = field(default_factory=set)  #: moments of all pages
    is_endless: bool = False  #: it was stopped, for it asked for more and more
    is_circling: bool = False  #: pages for reading led back to one that was read

    def for_another_look(self) -> Known:
        """A copy to go on from; what the last look did is left behind."""
        return Known(
            self.cursor,
            dict(self.activities),
            dict(self.seen_at),
            dict(self.mentions),
            dict(self.views),
            list(self.presences),
            dict(self.bodies),
            looked_at=set(self.looked_at),
        )

    @property
    def errands(self) -> list[Any]:
        """What the cursor still wants asked."""
        return list(_state(self.cursor).get("errands", ()))

    def lasting(self) -> dict[str, Any]:
        """All that must not depend on how often, or in which order, pages were asked."""
        return {
            "activities": {name: _lasting(a) for name, a in self.activities.items()},
            "mentions": self.mentions,
            "views": self.views,
            "presence": self.last_presence(),
            "memory": self._remembered(_state(self.cursor).get("memory")),
            "errands": sorted(map(str, self.errands)),
        }

    def _remembered(self, value: Any) -> Any:
        """What a connector keeps in mind, but for the order of words and the hours of looks."""
        if isinstance(value, dict):
            return {name: self._remembered(part) for name, part in value.items()}
        if isinstance(value, list):
            parts = [self._remembered(part) for part in value]
            return sorted(parts) if all(isinstance(part, str) for part in parts) else parts
        return "at a look" if value in self.looked_at else value

    def last_presence(self) -> dict[str, Any]:
        """The last value of each figure that a page showed."""
        return {
            name: value
            for presence in self.presences
            for name, value in _figures(presence)
            if value not in (None, "")
        }


def _state(cursor: Cursor | None) -> dict[str, Any]:
    return json.loads(cursor.state) if cursor and cursor.state else {}


def _figures(presence: Presence) -> Iterable[tuple[str, Any]]:
    return (
        (f.name, getattr(presence, f.name))
        for f in fields(Presence)
        if f.name not in {"observed_at", "page_id"}
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """A connector, and the scenario whose channel it reads."""

    connector: Connector
    scenario: Scenario

    def look(
        self,
        world: World,
        *,
        after: Known | None = None,
        day: float = 0,
        stop_after: int = MOST_PAGES,
        has_validators: bool = False,
    ) -> Known:
        """One run: all that there is to ask, or as many pages as come before a kill.

        Args:
            world: who answers.
            after: what is known from the looks before; it is left as it is.
            day: how long after the first look, in days.
            stop_after: pages after which the process dies.
            has_validators: a page for reading that did not change is not parsed again.
        """
        known = after.for_another_look() if after else Known()
        begun = self.scenario.fetched_at + timedelta(days=day)
        round_ = self.plan(known.cursor)[:MOST_DETAILS]
        while round_:
            led_to: list[Request] = []
            for request in round_:
                if len(known.asked) >= stop_after:
                    known.is_endless = stop_after == MOST_PAGES
                    return known
                moment = begun + timedelta(seconds=len(known.asked))
                known.asked.append(request.url)
                known.looked_at.add(moment.isoformat())
                unchanged = known.bodies.get(request.url) if has_validators else None
                led_to += self._ask(known, request, world.answer(request.url), moment, unchanged)
            round_ = _round(known, led_to)
        return known

    def plan(self, cursor: Cursor | None) -> list[Request]:
        """What the connector asks first; every request is looked at."""
        planned = list(self.connector.plan(self.scenario.channel, cursor or Cursor()))
        for request in planned:
            self._vet(request)
        return planned

    def again(self, sight: Sight, body: bytes) -> Sight:
        """The same page at the same place, with another body."""
        return self._read(sight.request, replace(sight.page, body=body), sight.cursor)

    def _ask(
        self,
        known: Known,
        request: Request,
        answer: Answer,
        moment: datetime,
        unchanged: bytes | None,
    ) -> tuple[Request, ...]:
        """Read one answer; what it leads to. The body `unchanged` need not be read again."""
        if answer.status // 100 != 2 and answer.status not in request.answers:
            known.outcomes[request.url] = _by_status(answer.status)
            return _alternative(request)
        if unchanged is not None and unchanged == answer.body:
            known.outcomes[request.url] = Outcome.UNCHANGED
            return ()
        page = _page(self.scenario.channel.channel_id, request, answer, moment)
        sight = self._read(request, page, known.cursor)
        known.sights.append(sight)
        known.outcomes[request.url] = sight.error.outcome if sight.error else Outcome.OK
        if sight.parsed is None:
            guess = sight.error.instead if sight.error else None
            return (guess,) if guess else _alternative(request)
        if request.purpose is Purpose.READ:
            known.bodies[request.url] = answer.body
        _take(known, sight.parsed, moment)
        return sight.parsed.next_requests

    def _read(self, request: Request, page: Page, cursor: Cursor | None) -> Sight:
        """Give a page to the connector; whatever comes back is searched for leaks."""
        try:
            parsed = self.connector.parse(page, self.scenario.channel, cursor)
        except PageError as error:
            self._search_error(page, error)
            return Sight(request, page, cursor, None, error)
        except Exception as error:
            error.add_note(f"while reading {page.requested_url}: {page.body[:300]!r}")
            raise
        self._search_parsed(page, parsed)
        for wanted in parsed.next_requests:
            self._vet(wanted)
        return Sight(request, page, cursor, parsed, None)

    def _search_error(self, page: Page, error: PageError) -> None:
        assert error.outcome in _ALLOWED, f"PageError may not say {error.outcome!r}"
        assert error.message.strip(), "a PageError needs a sentence"
        self._search(page, error.message)
        if error.instead:
            self._vet(error.instead)

    def _search_parsed(self, page: Page, parsed: Parsed) -> None:
        for extent in parsed.extents:
            ends = bool(extent.from_at) and bool(extent.to_at) and bool(extent.listed_in)
            assert bool(extent.thread_id) or ends, f"neither a thread nor a span: {extent}"
        values = [v for a in parsed.activities for v in _stored(a) if isinstance(v, str)]
        values += [parsed.cursor.state if parsed.cursor else ""]
        others = (parsed.presences, parsed.threads, parsed.drifts, parsed.listing)
        values += [repr(other) for other in (*others, parsed.extents, parsed.gone_ids)]
        self._search(page, "\n".join(values))

    def _search(self, page: Page, text: str) -> None:
        found = self.scenario.leak(text)
        assert not found, f"{found!r} of a private person leaves {page.requested_url}: {text}"

    def _vet(self, request: Request) -> None:
        """A request goes over http(s), to a host of the channel, with nothing to hide."""
        own = request.purpose is not Purpose.DISCOVERY
        for url in (request.url, *request.alternatives):
            parts = urlsplit(url)
            assert parts.scheme in {"http", "https"}, f"asked without http(s): {url}"
            assert re.fullmatch("[!-~]+", url), f"not encoded: {url!r}"
            assert "#" not in url, f"a fragment is never sent: {url}"
            assert "@" not in parts.netloc, f"credentials: {url}"
            assert "/../" not in parts.path, f"leads out of its folder: {url}"
            assert not own or parts.netloc in self.scenario.hosts, f"not a host of its own: {url}"
        found = self.scenario.leak(f"{request.url}\n{unquote(request.url)}\n{request.context}")
        assert not found, f"{found!r} of a private person goes out with {request}"


def _by_status(status: int) -> Outcome:
    other = Outcome.SERVER_ERROR if status >= _SERVER_ERRORS else Outcome.CLIENT_ERROR
    return _BY_STATUS.get(status, other)


def _alternative(request: Request) -> tuple[Request, ...]:
    if not request.alternatives:
        return ()
    first, *rest = request.alternatives
    return (replace(request, url=first, alternatives=tuple(rest)),)


def _round(known: Known, wanted: Sequence[Request]) -> list[Request]:
    """All documents, and some of the details; the others stand in the cursor."""
    details = _fresh((r for r in wanted if r.purpose is Purpose.DETAIL), known.asked)
    documents = [r for r in wanted if r.purpose is not Purpose.DETAIL]
    fresh = _fresh(documents, known.asked)
    known.is_circling |= bool(documents) and not fresh and documents[0].purpose is Purpose.READ
    return [*fresh, *details[:MOST_DETAILS]]


def _fresh(waiting: Iterable[Request], asked: Sequence[str]) -> list[Request]:
    """Each request at its first address that was not asked yet, and each address once."""
    fresh: dict[str, Request] = {}
    for request in waiting:
        urls = [u for u in (request.url, *request.alternatives) if u not in asked]
        if urls:
            another = replace(request, url=urls[0], alternatives=tuple(urls[1:]))
            fresh.setdefault(urls[0], another)
    return list(fresh.values())


def _page(channel_id: str, request: Request, answer: Answer, moment: datetime) -> Page:
    return Page(
        page_id=f"page-{moment:%d%H%M%S}",
        channel_id=channel_id,
        requested_url=request.url,
        url=request.url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        fetched_at=moment,
        context=request.context,
    )


def _take(known: Known, parsed: Parsed, moment: datetime) -> None:
    """Load one page, and forget what it says is deleted."""
    if parsed.cursor is not None:
        known.cursor = parsed.cursor
    for activity in parsed.activities:
        _keep(known, activity, moment)
    for view in parsed.threads:
        known.mentions[view.thread_id] = view.reply_count
        if view.shown_count is not None:
            known.views[view.thread_id] = view
    known.presences += parsed.presences
    known.drifts += parsed.drifts
    gone = set(parsed.gone_ids)
    for extent in parsed.extents:
        gone |= {name for name in known.activities if _is_missing(known, name, extent, moment)}
    for name in gone:
        if name in known.activities and known.seen_at[name] < moment:
            del known.activities[name]


def _keep(known: Known, new: Activity, moment: datetime) -> None:
    """The newest page wins, but what it does not tell is kept, and a listed act stays listed."""
    old = known.activities.get(new.activity_id)
    known.seen_at[new.activity_id] = moment
    known.activities[new.activity_id] = _merged(old, new) if old else new


def _merged(old: Activity, new: Activity) -> Activity:
    kept = {f.name: getattr(old, f.name) for f in fields(Activity)}
    untold = {name: kept[name] for name in kept if getattr(new, name) in (None, "")}
    if _strength(old) > _strength(new):
        untold |= {name: kept[name] for name in ("found_through", "listed_in")}
    return replace(new, **untold)


def _strength(activity: Activity) -> int:
    return _FOUND.index(FoundThrough(activity.found_through))


def _is_missing(known: Known, name: str, extent: Extent, moment: datetime) -> bool:
    """Whether an act stands in an extent, and no page since has shown it."""
    activity = known.activities[name]
    if known.seen_at[name] >= moment or name == extent.exempt_id:
        return False
    if extent.thread_id:
        is_spared = activity.found_through == FoundThrough.LISTING
        is_in_span = not extent.from_at or _is_within(activity.occurred_at, extent)
        return activity.thread_id == extent.thread_id and not is_spared and is_in_span
    return activity.listed_in == extent.listed_in and _is_within(activity.occurred_at, extent)


def _is_within(at: datetime | None, extent: Extent) -> bool:
    """The ends of a span are its own entries; others of that very second may be elsewhere."""
    return bool(at and extent.from_at and extent.to_at and extent.from_at < at < extent.to_at)
