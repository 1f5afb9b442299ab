"""What servers grant: a request goes out only while enough of every budget remains.

A budget is known from what answers declare (`connectors.fetching.ratelimit`) and from the
rates that a platform documents (`Request.allowances`). A fiftieth of each is left to other
programs behind the same address. Where a server is known to have budgets, but not how much of
them remains, one request goes out and the others wait for its answer.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from connectors.contract import Outcome
from connectors.fetching.failure import FetchError
from connectors.fetching.holds import LONGEST_HOLD
from connectors.fetching.ratelimit import declared, declares
from connectors.fetching.spending import SpendingBook, reserve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from connectors.contract import Allowance
    from connectors.fetching.exchange import Exchange
    from connectors.fetching.holdbook import HoldBook
    from connectors.fetching.ratelimit import Declared
    from connectors.fetching.transport import Answer

#: A request waits so long for a budget to come back; for longer it is given up for this run.
PATIENCE_SECONDS = 10.0
#: The resets that two answers name for one window differ by as much, by the rounding of clocks.
_SAME_WINDOW = timedelta(seconds=2)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def server_of(url: str, host: str = "") -> str:
    """Host and port of an address: whose budgets it draws on."""
    parts = urlsplit(url)
    return f"{host or parts.hostname}:{parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)}"


class SpentError(FetchError):
    """A request that was not made, for its budget is used up until `until` (UTC)."""

    def __init__(self, reason: str, until: datetime) -> None:
        message = f"not asked: {reason}; held until {until:%Y-%m-%d %H:%M} UTC"
        super().__init__(Outcome.HELD, message)
        self.until = until


class Shortage(NamedTuple):
    """Why a request must not start: for so many seconds, or (0) until another one has ended."""

    seconds: float = 0.0
    key: str = ""
    reason: str = ""
    is_new: bool = True  #: no hold says so yet


@dataclass(slots=True)
class _Window:
    """One declared budget: `told` is the least that an answer of this window said remains."""

    limit: float | None
    told: float
    resets_at: datetime | None
    cause: str

    def has_room(self, under_way: int) -> bool:
        return self.told - under_way - 1 >= reserve(self.limit)

    def reason(self, server: str) -> str:
        most = "" if self.limit is None else f" of {self.limit:.0f}"
        return f"{server} has {self.told:.0f}{most} requests left, too few to ask ({self.cause})"


class _Budget:
    """All budgets of one server, or of one token at it, with the requests under way there."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.is_tracked = False
        self.is_told = False  #: an answer has come, so that we know what there is to know
        self.windows: dict[str, _Window] = {}
        self.reserved = self.sent = self.tells = self.waiting_reads = 0
        self.lines: dict[tuple[tuple[Allowance, ...], bool], asyncio.Lock] = {}
        self.changed = asyncio.Event()

    def notify(self) -> None:
        """Wake those who wait at the head of a line."""
        if self.is_tracked:
            self.changed.set()
            self.changed.clear()

    def shortage(self, under_way: int, now: datetime) -> Shortage | None:
        """Why no request more may go out beside those under way."""
        self._forget_past(now)
        if self.is_tracked and not self.is_told and under_way:
            return Shortage()
        shortages = (self._of_window(window, under_way, now) for window in self.windows.values())
        return max(filter(None, shortages), default=None)

    def _of_window(self, window: _Window, under_way: int, now: datetime) -> Shortage | None:
        if window.has_room(under_way):
            return None
        if window.resets_at is None:  # nobody knows when there will be more: one by one
            return Shortage() if under_way else None
        if window.has_room(0):
            return Shortage()
        return Shortage((window.resets_at - now).total_seconds(), self.key, window.reason(self.key))

    def _forget_past(self, now: datetime) -> None:
        """After a reset nobody knows how much there is, until an answer tells."""
        for name, window in [*self.windows.items()]:
            if window.resets_at is not None and window.resets_at <= now:
                del self.windows[name]
                self.is_told = False

    def tell(self, told: Iterable[Declared], now: datetime, *, is_newest: bool) -> None:
        """Take over what an answer declares.

        Args:
            told: its budgets.
            now: the present.
            is_newest: nothing was told since its request went out. Otherwise answers may have
                overtaken one another, and of one window the least counts.
        """
        self.windows = {n: w for n, w in self.windows.items() if w.resets_at is not None}
        for one in told:
            fresh = _window(one, now)
            known = None if is_newest else self.windows.get(one.name)
            self.windows[one.name] = fresh if known is None else _merged(known, fresh, now)

    def told_nothing(self) -> None:
        """A request ended without a word on budgets; it may have been counted all the same."""
        for window in self.windows.values():
            window.told -= 1


def _window(told: Declared, now: datetime) -> _Window:
    limit = None if told.limit is None else max(told.limit, told.remaining)
    resets_at = None
    if told.seconds is not None:
        resets_at = now + timedelta(seconds=min(told.seconds, LONGEST_HOLD.total_seconds()))
    return _Window(limit, told.remaining, resets_at, told.cause)


def _merged(known: _Window, fresh: _Window, now: datetime) -> _Window:
    if known.resets_at is None or fresh.resets_at is None:
        return fresh if fresh.told <= known.told else known
    if fresh.resets_at > known.resets_at + _SAME_WINDOW:
        return fresh
    is_past = fresh.resets_at < known.resets_at - _SAME_WINDOW and (
        fresh.resets_at <= now + _SAME_WINDOW
    )
    if not is_past:
        known.told = min(known.told, fresh.told)
    return known


@dataclass(slots=True, eq=False)
class Ticket:
    """One request's share of its server's budgets, from its admission to its end."""

    _budgets: Budgets
    _budget: _Budget
    _allowances: tuple[Allowance, ...]
    _tells: int = -1
    _started_at: float = 0.0
    _has_heard: bool = False

    def start(self) -> bool:
        """Whether the request may go out now; while it waited, answers may have told of less."""
        budget = self._budget
        if budget.is_tracked and not self._budgets.may_start(budget, self._allowances):
            return False
        budget.sent += 1
        self._tells = budget.tells
        if self._allowances:
            self._started_at = self._budgets.clock().timestamp()
        return True

    def concerns(self, answer: Answer) -> bool:
        """Whether an answer may say something of budgets; most servers have none."""
        return self._budget.is_tracked or declares(answer.headers, answer.body)

    def heed(self, exchange: Exchange) -> None:
        """Take over what the answer declares."""
        budget = self._budget
        self._has_heard = True
        told = declared(exchange)
        if told and not budget.is_tracked:
            self._budgets.track(budget)
        if told:
            is_newest = self._tells == budget.tells
            budget.tell(told, self._budgets.clock(), is_newest=is_newest)
            budget.tells += 1
        elif budget.windows:
            budget.told_nothing()
        budget.is_told = True

    def end(self) -> None:
        """Give back what was not used. A request without an answer may have been counted."""
        budget = self._budget
        budget.reserved -= 1
        if self._tells >= 0:
            budget.sent -= 1
            if not self._has_heard:
                budget.told_nothing()
            if self._allowances:
                self._budgets.ended(budget, self._started_at, self._allowances)
        budget.notify()


@dataclass(eq=False)
class Budgets:
    """The budgets of all servers; one per event loop.

    Args:
        holds: where it is kept until when a server is left alone, for all processes.
        clock: the present, as aware UTC.
        spending: counts requests under documented rates.
        sleep: waits so many seconds.
    """

    holds: HoldBook
    clock: Callable[[], datetime]
    spending: SpendingBook
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _budgets: dict[str, _Budget] = field(default_factory=dict)

    async def admit(
        self, key: str, allowances: tuple[Allowance, ...] = (), *, is_read: bool = False
    ) -> Ticket:
        """Wait until there is room in all budgets, and reserve it.

        Args:
            key: the server (`server_of`), or one token's part of it.
            allowances: documented rates that hold for the request.
            is_read: it stands for its channel, so it goes before requests for details.

        Raises:
            SpentError: there will be no room for more than `PATIENCE_SECONDS`.
        """
        budget = self._budgets.get(key) or self._opened(key)
        if allowances and not budget.is_tracked:
            self.track(budget)
        if budget.is_tracked:
            async with self._line(budget, allowances, is_read=is_read):
                await self._room(budget, allowances, is_read=is_read)
                return self._reserved(budget, allowances)
        return self._reserved(budget, allowances)

    def may_start(self, budget: _Budget, allowances: tuple[Allowance, ...]) -> bool:
        """Whether there is room in this moment; counts the request where that is ours to do."""
        if budget.shortage(budget.sent, self.clock()):
            return False
        return not allowances or self.spending.spend(budget.key, allowances)

    def track(self, budget: _Budget) -> None:
        """From now on look at the budgets of this server, also in later runs."""
        budget.is_tracked = True
        self.spending.note(budget.key)

    def ended(self, budget: _Budget, started_at: float, allowances: tuple[Allowance, ...]) -> None:
        """Count a request until a span after its end."""
        self.spending.lengthen(budget.key, started_at, allowances)

    def _opened(self, key: str) -> _Budget:
        budget = self._budgets[key] = _Budget(key)
        budget.is_tracked = self.spending.knows(key)
        return budget

    def _reserved(self, budget: _Budget, allowances: tuple[Allowance, ...]) -> Ticket:
        budget.reserved += 1
        return Ticket(self, budget, allowances)

    @asynccontextmanager
    async def _line(
        self, budget: _Budget, allowances: tuple[Allowance, ...], *, is_read: bool
    ) -> AsyncIterator[None]:
        """Wait in a line of requests like this one: only the head looks whether there is room."""
        lock = budget.lines.setdefault((allowances, is_read), asyncio.Lock())
        budget.waiting_reads += is_read
        try:
            async with lock:
                yield
        finally:
            budget.waiting_reads -= is_read
            budget.notify()

    async def _room(
        self, budget: _Budget, allowances: tuple[Allowance, ...], *, is_read: bool
    ) -> None:
        while shortage := self._shortage(budget, allowances, is_read=is_read):
            if shortage.seconds > PATIENCE_SECONDS:
                raise self._spent(shortage)
            if shortage.seconds > 0:
                await self.sleep(shortage.seconds)
            else:
                await budget.changed.wait()

    def _shortage(
        self, budget: _Budget, allowances: tuple[Allowance, ...], *, is_read: bool
    ) -> Shortage | None:
        waiting = 0 if is_read else budget.waiting_reads
        shortages = (
            self._held(budget, allowances),
            budget.shortage(budget.reserved, self.clock()),
            *(self._of_allowance(budget, allowance) for allowance in allowances),
            Shortage() if waiting else None,
        )
        return max(filter(None, shortages), default=None)

    def _held(self, budget: _Budget, allowances: tuple[Allowance, ...]) -> Shortage | None:
        keys = [budget.key, *(_hold_key(budget, allowance) for allowance in allowances)]
        holds = [hold for hold in map(self.holds.held, keys) if hold]
        if not holds:
            return None
        hold = max(holds, key=lambda one: one.until)
        seconds = (hold.until - self.clock()).total_seconds()
        return Shortage(seconds, hold.key, hold.reason, is_new=False)

    def _of_allowance(self, budget: _Budget, allowance: Allowance) -> Shortage | None:
        left = self.spending.left(budget.key, allowance)
        if left < 1:
            seconds = max(self.spending.back_in(budget.key, allowance), 0.001)
            return Shortage(seconds, _hold_key(budget, allowance), _why(budget.key, allowance))
        return None if left - (budget.reserved - budget.sent) >= 1 else Shortage()

    def _spent(self, shortage: Shortage) -> SpentError:
        """Give up, and tell the other requests and processes."""
        until = self.clock() + timedelta(seconds=shortage.seconds)
        if shortage.is_new:
            self.holds.hold(shortage.key, until, shortage.reason)
        return SpentError(shortage.reason, until)


def _hold_key(budget: _Budget, allowance: Allowance) -> str:
    return f"{budget.key} {allowance.kind}"


def _why(key: str, allowance: Allowance) -> str:
    return (
        f"{key} has been asked as often as its documents allow ({allowance.kind}: "
        f"{allowance.count} requests in {allowance.seconds} seconds)"
    )
