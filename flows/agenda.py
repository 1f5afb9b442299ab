"""What a batch still has to ask: further pages, other addresses, second tries."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import connectors
from connectors.contract import Cursor, Outcome, Purpose, Request
from connectors.fetching.backoff import is_temporary
from connectors.fetching.exchange import Exchange, new_page_id
from flows.clock import now
from flows.hosts import first_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flows.batches import Batch
    from flows.parsing import LandedBatch

#: Pages of one channel in one run: more of them are a source that leads on for ever.
MOST_PAGES = 100
#: Details of one channel in one round: threads come before the next older page, so the list
#: of what is still to be asked stays short.
MOST_DETAILS = 20
#: Seconds before the second and the third try of a request that failed for a moment.
RETRY_PAUSES = (1.0, 3.0)
_JITTER = 0.5
Requests = dict[str, tuple["Request", ...]]


class Round(NamedTuple):
    """Requests by channel, to be made after a pause; `stopped` are attempts given up."""

    requests: Requests
    pause_seconds: float
    stopped: tuple[Exchange, ...] = ()


class Agenda:
    """Keeps account of one batch: feed it what each round gave, ask it what comes next."""

    def __init__(self, batch: Batch) -> None:
        self._open: Requests = first_requests(batch)
        self._failed: Requests = {}
        self._stopped: list[Exchange] = refused(batch)
        self._asked: defaultdict[str, set[str]] = defaultdict(set)
        self._tries: Counter[tuple[str, str]] = Counter()

    def next_round(self) -> Round | None:
        """What to ask next; None when all is done. Second tries come last, after a pause."""
        pause = 0.0
        if not self._open and not self._stopped and self._failed:
            self._open, self._failed = self._failed, {}
            pause = self._pause()
        if not self._open and not self._stopped:
            return None
        round_ = Round(self._open, pause, tuple(self._stopped))
        self._open, self._stopped = {}, []
        for name, requests in round_.requests.items():
            self._asked[name] |= {request.url for request in requests}
            self._tries.update((name, request.url) for request in requests)
        return round_

    def heed(self, round_: Round, landed: LandedBatch) -> None:
        """Take up what the answers of a round lead to."""
        for name, requests in landed.next_requests.items():
            fresh = self._checked(name, requests)
            if fresh:
                self._open[name] = fresh
        for name, requests in round_.requests.items():
            again = tuple(r for r in requests if self._deserves_another_try(name, r, landed))
            if again:
                self._failed[name] = self._failed.get(name, ()) + again

    def _checked(self, name: str, requests: Sequence[Request]) -> tuple[Request, ...]:
        """The requests that do not lead in a circle, or on for ever."""
        details = [r for r in requests if r.purpose is Purpose.DETAIL]
        documents = [r for r in requests if r.purpose is not Purpose.DETAIL]
        pages = self._checked_documents(name, documents) if documents else ()
        # What is left out stands in the channel's cursor; the next run goes on with it.
        room = max(0, min(MOST_PAGES - len(self._asked[name]) - len(pages), MOST_DETAILS))
        return (*pages, *self._fresh(name, details)[:room])

    def _checked_documents(self, name: str, requests: Sequence[Request]) -> tuple[Request, ...]:
        fresh = self._fresh(name, requests)
        if len(self._asked[name]) + len(fresh) > MOST_PAGES:
            return self._stop(name, requests[0], f"more than {MOST_PAGES} pages in one run")
        if not fresh and requests[0].purpose is Purpose.READ:
            return self._stop(name, requests[0], "the pages lead back to one that was read")
        return fresh

    def _fresh(self, name: str, requests: Sequence[Request]) -> tuple[Request, ...]:
        """Each request at its first address that was not asked yet, and each address once."""
        fresh: dict[str, Request] = {}
        for request in requests:
            urls = [u for u in (request.url, *request.alternatives) if u not in self._asked[name]]
            if urls and urls[0] not in fresh:
                fresh[urls[0]] = replace(request, url=urls[0], alternatives=tuple(urls[1:]))
        return tuple(fresh.values())

    def _stop(self, name: str, request: Request, why: str) -> tuple[Request, ...]:
        message = f"stopped before {request.url}: {why}; what came before is kept"
        self._stopped.append(_not_asked(name, request, Outcome.PAGE_LOOP, message))
        return ()

    def _deserves_another_try(self, name: str, request: Request, landed: LandedBatch) -> bool:
        outcome = landed.request_outcomes.get((name, request.url))
        if outcome is None or request.purpose is Purpose.DISCOVERY:
            return False
        if not is_temporary(outcome) or outcome is Outcome.TIMEOUT:
            return False
        is_first_tries = self._tries[name, request.url] <= len(RETRY_PAUSES)
        return is_first_tries and not landed.states[name].is_held(now())

    def _pause(self) -> float:
        """Longer for the third try, and never the same: a herd must not come back as one."""
        tries = max(self._tries[name, r.url] for name, rs in self._open.items() for r in rs)
        return RETRY_PAUSES[tries - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311


def first_requests(batch: Batch) -> Requests:
    """What each channel's connector wants asked first, where its source may be asked."""
    planned = {}
    for channel in batch.channels:
        if channel.source in batch.refusals:
            continue
        state = batch.states[channel.channel_id].connector_state
        connector = connectors.load(channel.source)
        wanted = connector.plan(channel, Cursor(state=state))
        planned[channel.channel_id] = tuple(islice(wanted, MOST_DETAILS))
    return planned


def refused(batch: Batch) -> list[Exchange]:
    """Attempts for the channels whose source may not be asked: their terms do not allow it."""
    return [
        _not_asked(
            channel.channel_id,
            Request(url=first_url(channel)),
            Outcome.DISALLOWED,
            batch.refusals[channel.source],
        )
        for channel in batch.channels
        if channel.source in batch.refusals
    ]


def by_address(requests: Mapping[str, Sequence[Request]]) -> dict[tuple[str, str], Request]:
    """Requests by channel and address."""
    return {(name, r.url): r for name, wanted in requests.items() for r in wanted}


def _not_asked(name: str, request: Request, outcome: Outcome, message: str) -> Exchange:
    return Exchange(
        page_id=new_page_id(),
        channel_id=name,
        requested_url=request.url,
        url=request.url,
        redirects=(),
        status=0,
        headers=(),
        body=None,
        body_sha256="",
        fetched_at=now(),
        elapsed_ms=0,
        byte_count=0,
        outcome=outcome,
        error=message,
        purpose=request.purpose,
    )
