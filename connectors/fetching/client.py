"""The one HTTP client. It makes requests that connectors planned and records what came.

It never raises for what a server does: every attempt ends in an `Exchange` with an outcome.
Before anything is sent, each hop of a request passes the opt-out list, the guard, the holds
that its host has named, robots.txt, the budgets of its server, and waits for its turn.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from connectors.contract import Outcome, Purpose, Request
from connectors.fetching.attempt import Attempt
from connectors.fetching.budgets import Budgets, SpentError, server_of
from connectors.fetching.diagnosis import diagnosed
from connectors.fetching.failure import FetchError
from connectors.fetching.guard import RefusedAddressError
from connectors.fetching.holdbook import HoldBook
from connectors.fetching.holds import hold
from connectors.fetching.optout import OptOut
from connectors.fetching.pacing import OWN_PACE, PUBLIC_PACE, Pace, Pacer
from connectors.fetching.redirects import REDIRECTS
from connectors.fetching.robots import MOST_REDIRECTS, RobotsReply
from connectors.fetching.robotstxt import LONGEST_BODY_BYTES
from connectors.fetching.spending import SpendingBook
from connectors.fetching.state import FetchState
from connectors.fetching.tokens import TokenPool
from connectors.fetching.transport import FetchLimits, Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from connectors.fetching.budgets import Ticket
    from connectors.fetching.exchange import Exchange
    from connectors.fetching.guard import Guard
    from connectors.fetching.robots import Robots
    from connectors.fetching.tokens import Token
    from connectors.fetching.transport import Answer

__all__ = ["FetchLimits", "Fetcher", "Politeness"]

_SUCCESS = 2
_log = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """How a fetcher behaves towards hosts.

    Attributes:
        public_pace: turns at other people's hosts.
        own_pace: turns at hosts that the operator permitted by name, address or network.
        pacer: where turns are given; shared by processes when it has a folder.
        holds: the holds that hosts have named; shared by processes when it has a folder.
        budgets: what servers grant; None keeps them in memory only.
        robots: reads and keeps robots.txt; None asks for none.
        robots_exempt: hosts whose owner permits what their robots.txt does not.
        opt_out: whom never to ask.
    """

    public_pace: Pace = PUBLIC_PACE
    own_pace: Pace = OWN_PACE
    pacer: Pacer = field(default_factory=Pacer)
    holds: HoldBook = field(default_factory=lambda: HoldBook(None, _utc_now))
    budgets: Budgets | None = None
    robots: Robots | None = None
    robots_exempt: OptOut = field(default_factory=lambda: OptOut.from_entries(()))
    opt_out: OptOut = field(default_factory=lambda: OptOut.from_entries(()))


class Fetcher:
    """An asynchronous, pooled HTTP client behind a guard; use it as a context manager.

    Args:
        user_agent: name, version and contact of the operator, sent with every request.
        guard: which private hosts may be contacted.
        limits: what one request may cost.
        politeness: turns, holds, budgets, robots.txt and opt-outs.
        tokens: access tokens of the one host that they are for.
        clock: the present, as aware UTC; waits are measured by the monotonic clock.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        guard: Guard,
        limits: FetchLimits | None = None,
        politeness: Politeness | None = None,
        tokens: TokenPool | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._guard = guard
        self._limits = limits or FetchLimits()
        self._politeness = politeness or Politeness()
        polite = self._politeness
        self._budgets = polite.budgets or Budgets(polite.holds, clock, SpendingBook(None, clock))
        self._tokens = tokens or TokenPool()
        self._clock = clock
        self._room = asyncio.Semaphore(self._limits.parallel)
        self._transport = Transport(user_agent=user_agent, guard=guard, limits=self._limits)

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def fetch(self, request: Request, state: FetchState) -> Exchange:
        """Make one request, conditional where `state` allows it, and record what came."""
        attempt = Attempt(request, state, self._clock)
        try:
            return await self._follow(attempt)
        except FetchError as error:
            return attempt.ended(error.outcome, error.message)
        except Exception as error:  # noqa: BLE001 - one bad server must never stop the others
            failure = diagnosed(error)
            return attempt.ended(failure.outcome, failure.message)

    async def _follow(self, attempt: Attempt) -> Exchange:
        while len(attempt.hops) <= self._limits.redirects:
            place = self._permitted(attempt.url, has_token=self._has_token(attempt))
            await self._check_robots(attempt, place)
            answer, place = await self._asked(attempt, place)
            if answer.status not in REDIRECTS or not answer.location:
                return self._heeded(attempt.answered(answer), place)
            attempt.moved(answer)
        message = f"more than {self._limits.redirects} redirects"
        raise FetchError(Outcome.REDIRECT_LOOP, message)

    def _has_token(self, attempt: Attempt) -> bool:
        """Whether a token may go along: never after another server has sent us on."""
        return not attempt.has_strayed and self._tokens.serves(attempt.url)

    async def _asked(self, attempt: Attempt, place: _Place) -> tuple[Answer, _Place]:
        """The answer to one hop, asked with one token after another while there are any."""
        while self._has_token(attempt):
            token = self._picked_token()
            with_token = place.with_token(token)
            try:
                answer = await self._hop(attempt, with_token, token=token)
            except SpentError as error:
                self._tokens.rest(token, error.until)
            else:
                if not self._tokens.heed(token, attempt.glance(answer)):
                    return answer, with_token
        self._check_hold(place)
        return await self._hop(attempt, place), place

    def _picked_token(self) -> Token:
        """The token to use; all of them at rest is no reason to ask without one.

        Raises:
            SpentError: none may be used now.
        """
        moment = self._clock()
        token = self._tokens.pick(moment)
        if token is None:
            reason = "all tokens are used up"
            raise SpentError(reason, self._tokens.rested_at(moment))
        return token

    async def _hop(
        self,
        hop: Attempt,
        place: _Place,
        costs: Attempt | None = None,
        cut_at: int | None = None,
        token: Token | None = None,
    ) -> Answer:
        """One request in its turn, and within all budgets."""
        answer = None
        while answer is None:
            ticket = await self._admitted(hop, place, token)
            try:
                answer = await self._tried(hop, place, costs or hop, cut_at, token, ticket)
            finally:
                ticket.end()
        return answer

    async def _admitted(self, hop: Attempt, place: _Place, token: Token | None) -> Ticket:
        """Room in the budgets. Documented rates are those of the planned server, keyless."""
        is_bound = token is None and not hop.has_strayed
        allowances = hop.request.allowances if is_bound else ()
        is_read = hop.request.purpose is Purpose.READ
        return await self._budgets.admit(place.budget_key, allowances, is_read=is_read)

    async def _tried(
        self,
        hop: Attempt,
        place: _Place,
        costs: Attempt,
        cut_at: int | None,
        token: Token | None,
        ticket: Ticket,
    ) -> Answer | None:
        """The answer; None when there is no room any more now that the turn has come.

        A request that follows another at once goes by a new connection.
        """
        polite = self._politeness
        pace = polite.own_pace if place.is_own else polite.public_pace
        async with polite.pacer.turn(place.server, pace, self._room), self._deadline(costs):
            self._check_hold(place)  # again: the wait may have been long
            if not ticket.start():
                return None
            answer = await self._transport.get(
                hop.url,
                place.host,
                hop.headers() | (token.header() if token else {}),
                cut_at=cut_at,
                is_afresh=costs.spent_seconds > 0,
            )
        if ticket.concerns(answer):
            ticket.heed(hop.glance(answer))
        return answer

    @asynccontextmanager
    async def _deadline(self, attempt: Attempt) -> AsyncIterator[None]:
        """The deadline over all that an attempt costs, without its waits for a turn."""
        start = time.monotonic()
        async with asyncio.timeout(self._limits.total_seconds - attempt.spent_seconds):
            yield
        attempt.spent_seconds += time.monotonic() - start

    def _permitted(self, url: str, *, has_token: bool = False) -> _Place:
        """Where `url` leads, unless we may not go there."""
        if entry := self._politeness.opt_out.names(url):
            message = f"not asked: {entry} is on the opt-out list"
            raise FetchError(Outcome.OPTED_OUT, message)
        try:
            host = self._guard.check_url(url)
        except RefusedAddressError as error:
            raise FetchError(Outcome.REFUSED, str(error)) from error
        place = _Place(url, host, server_of(url, host), self._guard.permits_name(host))
        if not has_token:  # whoever was throttled without one
            self._check_hold(place)
        return place

    def _check_hold(self, place: _Place) -> None:
        if held := self._politeness.holds.held(place.hold_key):
            message = f"not asked: {held.reason}; held until {held.until:%Y-%m-%d %H:%M} UTC"
            raise FetchError(Outcome.HELD, message)

    def _heeded(self, exchange: Exchange, place: _Place) -> Exchange:
        """Tell the other requests, and the other processes, what this answer asks of all."""
        wish = hold(exchange)
        if wish is None:
            return exchange
        if wish.is_capped:
            _log.warning("%s: %s", exchange.url, wish.reason)
        if wish.is_host_wide:
            self._politeness.holds.hold(place.hold_key, wish.until, wish.reason)
        return exchange

    async def _check_robots(self, attempt: Attempt, place: _Place) -> None:
        robots = self._politeness.robots
        if robots is None or self._politeness.robots_exempt.names(place.url):
            return
        verdict = await robots.verdict(place.url, partial(self._read_robots, attempt))
        if verdict.outcome is not None:
            raise FetchError(verdict.outcome, verdict.message)

    async def _read_robots(self, attempt: Attempt, url: str) -> RobotsReply:
        """robots.txt, by way of at most five redirects, at the expense of `attempt`.

        Raises:
            FetchError: there are more redirects, or the request failed.
        """
        asked = Attempt(Request(url=url), FetchState(channel_id=""), self._clock)
        while len(asked.hops) <= MOST_REDIRECTS:
            place = self._permitted(asked.url)
            answer = await self._hop(asked, place, attempt, LONGEST_BODY_BYTES)
            if answer.status not in REDIRECTS or not answer.location:
                self._heeded(asked.answered(answer), place)
                if answer.failure is not None and answer.status // 100 == _SUCCESS:
                    raise answer.failure
                return RobotsReply(status=answer.status, body=answer.body)
            asked.moved(answer)
        message = f"more than {MOST_REDIRECTS} redirects"
        raise FetchError(Outcome.REDIRECT_LOOP, message)


class _Place(NamedTuple):
    """Where a request goes. `server` is host and port: the servers of one machine are several."""

    url: str
    host: str
    server: str
    is_own: bool  #: the operator permitted it by name, address or network

    token_name: str = ""  #: of the token that goes along

    def with_token(self, token: Token) -> _Place:
        """The same place, asked with a token: it has holds and budgets of its own."""
        return self._replace(token_name=f"{self.server} token {token.fingerprint}")

    @property
    def budget_key(self) -> str:
        """Whose budgets a request draws on, also at our own hosts."""
        return self.token_name or self.server

    @property
    def hold_key(self) -> str:
        """Public hosts are held as a whole; of our own hosts only the route that asked for it."""
        return self.token_name or (self.url if self.is_own else self.host)
