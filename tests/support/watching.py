"""One channel, polled over a clock that the test moves."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors import load
from connectors.contract import Channel, Cursor, Outcome
from connectors.fetching.client import Fetcher, Politeness
from connectors.fetching.guard import Guard
from connectors.fetching.holdbook import HoldBook
from connectors.fetching.state import FetchState, advance
from flows.parsing import read_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.contract import Activity, Parsed
    from connectors.fetching.exchange import Exchange
    from connectors.fetching.transport import FetchLimits

USER_AGENT = "Barograph/0.1 (+https://example.org; mail@example.org)"
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
LOOPBACK = "127.0.0.1"


class FakeClock:
    """Tells the moment that it was set to."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


class Watch:
    """What is asked of one channel's server, what came of it, and what is remembered.

    `store` stands for the table of activities: it gains what each understood page lists.
    """

    def __init__(
        self, url: str, fetcher: Fetcher, clock: FakeClock, runner: asyncio.Runner, channel_id: str
    ) -> None:
        self.clock, self._fetcher, self._runner = clock, fetcher, runner
        self.channel = Channel(
            channel_id=channel_id, organization_id="a", source="feeds", address=url
        )
        self.state = FetchState(channel_id=channel_id)
        self.outcomes: list[Outcome] = []
        self.exchanges: list[Exchange] = []
        self.pages: list[Parsed | None] = []
        self.store: dict[str, Activity] = {}

    @property
    def last(self) -> Exchange:
        """The newest attempt."""
        return self.exchanges[-1]

    def poll(self, after: timedelta = timedelta()) -> Outcome:
        """Let time pass and ask, due or not, as `run --now` does; a hold is obeyed."""
        self.clock.moment += after
        if self.state.is_held(self.clock()):
            return Outcome.HELD
        return self._ask()

    def visit(self, after: timedelta = timedelta()) -> Outcome | None:
        """Let time pass and ask if the channel is due, as a scheduled run does; else None."""
        self.clock.moment += after
        if self.state.is_held(self.clock()) or not self.state.is_due(self.clock()):
            return None
        return self._ask()

    def visits(self, every: timedelta, span: timedelta) -> list[datetime]:
        """Scheduled runs for a while; when the channel was asked in them."""
        end, asked_at = self.clock.moment + span, []
        while self.clock.moment < end:
            if self.visit(every) is not None:
                asked_at.append(self.clock())
        return asked_at

    def _ask(self) -> Outcome:
        cursor = Cursor(state=self.state.connector_state)
        for request in load(self.channel.source).plan(self.channel, cursor):
            exchange = self._runner.run(self._fetcher.fetch(request, self.state))
            outcome, parsed, error = read_page(exchange, self.channel)
            self.state = advance(
                self.state, exchange, outcome, parsed, error, address=self.channel.address
            )
            self._keep(exchange, outcome, parsed)
        return self.outcomes[-1]

    def _keep(self, exchange: Exchange, outcome: Outcome, parsed: Parsed | None) -> None:
        self.exchanges.append(exchange)
        self.outcomes.append(outcome)
        self.pages.append(parsed)
        for activity in parsed.activities if parsed else ():
            self.store.setdefault(activity.activity_id, activity)


@contextmanager
def watching(
    url: str,
    *,
    clock: FakeClock | None = None,
    guard: Guard | None = None,
    channel_id: str = "a:feeds:1",
    limits: FetchLimits | None = None,
    politeness: dict[str, Any] | None = None,
) -> Iterator[Watch]:
    """A `Watch` on the feed at `url`; loopback is the operator's own unless a guard says else.

    `politeness` are fields of the fetcher's `Politeness` other than its defaults.
    """
    clock = clock or FakeClock()
    guard = guard or Guard.allowing([LOOPBACK])
    polite = Politeness(**{"holds": HoldBook(None, clock)} | (politeness or {}))
    with asyncio.Runner() as runner:
        fetcher = Fetcher(
            user_agent=USER_AGENT, guard=guard, limits=limits, politeness=polite, clock=clock
        )
        runner.run(fetcher.__aenter__())
        try:
            yield Watch(url, fetcher, clock, runner, channel_id)
        finally:
            runner.run(fetcher.__aexit__(None, None, None))


def rss(*items: str, head: str = "") -> bytes:
    """An RSS document whose items have these identifiers, in this order."""
    listed = "".join(
        f"<item><guid>{item}</guid><title>Notice {item}</title></item>" for item in items
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{listed}</channel></rss>'.encode()
    )
