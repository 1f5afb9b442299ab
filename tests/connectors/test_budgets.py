"""Budgets are obeyed before they are used up: in a simulated day nobody has to say 429."""

import asyncio
import json
import logging
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import connectors
from connectors.contract import Allowance, Channel, Outcome, Purpose, Request
from connectors.fetching.budgets import PATIENCE_SECONDS, Budgets, SpentError, Ticket, server_of
from connectors.fetching.client import Fetcher, Politeness
from connectors.fetching.exchange import Exchange, new_page_id
from connectors.fetching.guard import Guard
from connectors.fetching.holdbook import HoldBook
from connectors.fetching.pacing import Pace
from connectors.fetching.spending import SpendingBook, reserve
from connectors.fetching.state import FetchState

MORNING = datetime(2026, 3, 2, 0, 0, 7, tzinfo=UTC)
SERVER = "api.example:443"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOTHING_LEFT = 429


def documented(source, address):
    """The rates that a connector's first request declares."""
    channel = Channel(channel_id="a:1", organization_id="a", source=source, address=address)
    return next(iter(connectors.load(source).plan(channel, None))).allowances


ALL = documented("mastodon", "@council@social.example")
PAGING = Allowance(kind="paging", count=300, seconds=900)


class Clock:
    """Virtual time: it passes where somebody waits, and a little with each request."""

    def __init__(self, moment=MORNING):
        self.moment = moment
        self.waited_seconds = []

    def __call__(self):
        return self.moment

    def pass_by(self, seconds):
        self.moment += timedelta(seconds=seconds)

    async def sleep(self, seconds):
        self.waited_seconds.append(seconds)
        until = self.moment + timedelta(seconds=seconds)
        await asyncio.sleep(0)
        self.moment = max(self.moment, until)


# --- A day of four platforms, each with its own way to tell


@dataclass
class Meter:
    """So many requests in each span of the clock, counted as the platform counts them."""

    count: int
    seconds: int
    made: Counter = field(default_factory=Counter)

    def remaining(self, now):
        return self.count - self.made[self.span(now)]

    def span(self, now):
        return int(now.timestamp()) // self.seconds

    def reset(self, now):
        return datetime.fromtimestamp((self.span(now) + 1) * self.seconds, UTC)


class Platform:
    """A server that counts, tells what remains, and says 429 to who asks for more."""

    def __init__(self, clock, meters, told):
        self.clock, self.meters, self.told = clock, meters, told
        self.refused = self.granted = 0

    async def answer(self, request):
        self.clock.pass_by(0.02)
        now = self.clock()
        bound = [m for kind, m in self.meters.items() if kind in request.path or kind == "all"]
        if any(meter.remaining(now) < 1 for meter in bound):
            self.refused += 1
            return web.Response(status=NOTHING_LEFT)
        for meter in bound:
            meter.made[meter.span(now)] += 1
        self.granted += 1
        await asyncio.sleep(0)  # answers may overtake one another
        headers, body = self.told(self.meters["all"], now)
        headers["Date"] = format_datetime(now, usegmt=True)
        return web.Response(body=body, headers=headers, content_type="application/json")

    def shares_used(self, kind):
        meter = self.meters[kind]
        return [count / meter.count for count in meter.made.values()]


def github(meter, now):
    return {
        "X-RateLimit-Limit": str(meter.count),
        "X-RateLimit-Remaining": str(meter.remaining(now)),
        "X-RateLimit-Reset": str(int(meter.reset(now).timestamp())),
    }, b"[]"


def mastodon(meter, now):
    return {
        "X-RateLimit-Limit": str(meter.count),
        "X-RateLimit-Remaining": str(meter.remaining(now)),
        "X-RateLimit-Reset": f"{meter.reset(now):%Y-%m-%dT%H:%M:%S.000000Z}",
    }, b"[]"


def bluesky(meter, now):
    return {
        "RateLimit-Limit": str(meter.count),
        "RateLimit-Remaining": str(meter.remaining(now)),
        "RateLimit-Reset": str(int(meter.reset(now).timestamp())),
        "RateLimit-Policy": f"{meter.count};w={meter.seconds}",
    }, b"{}"


def stack_exchange(meter, now):
    body = {"items": [], "quota_max": meter.count, "quota_remaining": meter.remaining(now)}
    return {}, json.dumps(body).encode()


METERS = {
    github: {"all": Meter(60, 3600)},
    mastodon: {"all": Meter(300, 300), "older": Meter(300, 900)},
    bluesky: {"all": Meter(3000, 300)},
    stack_exchange: {"all": Meter(300, 86_400)},
}
#: What a connector of the platform asks: part of the address, allowances, requests in a run.
BACKLOG = {
    github: [("list", (), 90)],
    mastodon: [("thread", ALL, 200), ("older", (*ALL, PAGING), 260)],
    bluesky: [("thread", documented("bluesky", "council.example"), 10)],
    stack_exchange: [("list", documented("stackexchange", "stackoverflow.com/bridge"), 60)],
}
#: Once a day there is a great deal to read at Bluesky; Mastodon is asked now and then, and
#: again six minutes later, when its 300 of five minutes are back, but not those of fifteen.
ONCE = {**BACKLOG, bluesky: [("thread", documented("bluesky", "council.example"), 3300)]}
SOON = {mastodon: [("older", (*ALL, PAGING), 400)]}
OFTEN = {name: lists for name, lists in BACKLOG.items() if name is not mastodon}
DAY = [(n * HOUR, ONCE if n == 12 else OFTEN if n % 8 else BACKLOG) for n in range(24)]
DAY += [(n * HOUR + 6 * MINUTE, SOON) for n in (0, 8, 16)]


@asynccontextmanager
async def serving(platform):
    app = web.Application()
    app.router.add_get("/{path:.*}", platform.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def fetcher(folder, clock, **options):
    """A client as a new run makes it: it knows what the folder does."""
    holds = HoldBook(folder / "holds", clock)
    spending = SpendingBook(folder / "budgets", clock)
    polite = Politeness(
        own_pace=options.pop("pace", Pace(parallel=2, spacing_seconds=0.0)),
        holds=holds,
        budgets=Budgets(holds, clock, spending, clock.sleep),
    )
    guard = Guard.allowing(["127.0.0.0/8"])
    return Fetcher(user_agent="test", guard=guard, politeness=polite, clock=clock, **options)


def wanted(bases, backlog, run):
    return [
        Request(
            url=f"{bases[name]}/{kind}/{run}/{number}",
            allowances=allowances,
            purpose=Purpose.DETAIL if number else Purpose.READ,
        )
        for name, lists in backlog.items()
        for kind, allowances, count in lists
        for number in range(count)
    ]


async def live_through(folder, day):
    """The platforms after a day, and how many requests ended in which outcome."""
    clock, outcomes = Clock(), Counter()
    platforms = {
        name: Platform(clock, {k: Meter(m.count, m.seconds) for k, m in meters.items()}, name)
        for name, meters in METERS.items()
    }
    async with AsyncExitStack() as stack:
        bases = {n: await stack.enter_async_context(serving(p)) for n, p in platforms.items()}
        for since, backlog in sorted(day, key=lambda run: run[0]):
            clock.moment = max(clock.moment, MORNING + since)
            async with fetcher(folder, clock) as client:
                ended = await asyncio.gather(
                    *(client.fetch(r, state()) for r in wanted(bases, backlog, since))
                )
            outcomes.update(exchange.outcome for exchange in ended)
    return platforms, outcomes


def state():
    return FetchState(channel_id="a:github:1")


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return asyncio.run(live_through(tmp_path_factory.mktemp("hosts"), DAY))


@pytest.mark.thorough
def test_in_a_day_of_hourly_runs_nobody_has_to_refuse(day):
    platforms, outcomes = day
    assert [platform.refused for platform in platforms.values()] == [0, 0, 0, 0]
    assert set(outcomes) == {Outcome.OK, Outcome.HELD}
    assert outcomes[Outcome.OK] == sum(p.granted for p in platforms.values())
    asked = sum(count for _, backlog in DAY for lists in backlog.values() for *_, count in lists)
    assert outcomes[Outcome.HELD] == asked - outcomes[Outcome.OK] > 1500


@pytest.mark.thorough
def test_in_a_day_of_hourly_runs_what_is_granted_is_used(day):
    platforms, _ = day
    assert len(platforms[github].shares_used("all")) == 24
    assert min(platforms[github].shares_used("all")) >= 0.9
    # 294 in five minutes, half of them older pages; six minutes later the other half of these
    assert platforms[mastodon].shares_used("all") == [0.98, 0.49, 0.98, 0.49, 0.98, 0.98, 0.49]
    assert platforms[mastodon].shares_used("older") == [0.98, 0.98, 0.49, 0.98]
    assert platforms[stack_exchange].shares_used("all") == [0.98]
    assert max(platforms[bluesky].shares_used("all")) >= 0.97


def test_without_budgets_the_same_day_would_be_full_of_refusals(tmp_path, monkeypatch):
    monkeypatch.setattr(Ticket, "start", lambda _: True)
    monkeypatch.setattr(Ticket, "end", lambda _: None)
    monkeypatch.setattr(Ticket, "concerns", lambda *_: False)
    monkeypatch.setattr(Budgets, "_shortage", lambda *_, **__: None)
    platforms, _ = asyncio.run(live_through(tmp_path, DAY[:1]))
    assert platforms[github].refused == 30
    assert platforms[mastodon].refused == 160


# --- What is admitted, one by one


def known(clock, folder=None):
    holds = HoldBook(folder and folder / "holds", clock)
    return Budgets(holds, clock, SpendingBook(folder and folder / "budgets", clock), clock.sleep)


def told(clock, remaining, seconds=None, limit=None):
    names = {"remaining": remaining, "reset": seconds, "limit": limit}
    headers = {f"x-ratelimit-{n}": str(value) for n, value in names.items() if value is not None}
    return answer(clock, headers if remaining is not None else {})


def answer(clock, headers):
    return Exchange(
        page_id=new_page_id(),
        channel_id="a:1",
        requested_url="",
        url="",
        redirects=(),
        status=200,
        headers=tuple(headers.items()),
        body=b"",
        body_sha256="",
        fetched_at=clock(),
        elapsed_ms=1,
        byte_count=0,
        outcome=Outcome.OK,
    )


async def ask(budgets, exchange=None, *, allowances=(), key=SERVER):
    """One request from admission to end; without an exchange no answer comes."""
    ticket = await budgets.admit(key, allowances)
    assert ticket.start()
    if exchange is not None:
        ticket.heed(exchange)
    ticket.end()


async def most(budgets, *, allowances=(), key=SERVER):
    """How many requests may be under way before one more would have to wait."""
    count = 0
    while count < 100:
        try:
            async with asyncio.timeout(0.01):
                ticket = await budgets.admit(key, allowances)
        except (TimeoutError, SpentError):
            break
        count += ticket.start()
    return count


@pytest.mark.parametrize(
    ("limit", "left_to_others"),
    [(None, 0), (1, 0), (2, 1), (60, 2), (300, 6), (5000, 100), (float("inf"), 0)],
)
def test_a_fiftieth_of_every_budget_is_left_to_others(limit, left_to_others):
    assert reserve(limit) == left_to_others


def test_requests_under_way_count_before_their_answers():
    async def scene():
        clock = Clock()
        budgets = known(clock)
        await ask(budgets, told(clock, 10, 3600, limit=60))
        return await most(budgets)

    assert asyncio.run(scene()) == 8


def test_a_budget_that_comes_back_soon_is_waited_for():
    async def scene():
        clock = Clock()
        budgets = known(clock)
        await ask(budgets, told(clock, 0, PATIENCE_SECONDS, limit=60))
        await ask(budgets, told(clock, 59, 3600, limit=60))
        return clock.waited_seconds

    assert asyncio.run(scene()) == [PATIENCE_SECONDS]


def test_one_that_comes_back_later_is_held_with_who_how_much_and_until_when(tmp_path):
    async def scene():
        clock = Clock()
        budgets = known(clock, tmp_path)
        await ask(budgets, told(clock, 1, 3600, limit=60))
        with pytest.raises(SpentError) as error:
            await ask(budgets)
        later = known(clock, tmp_path)  # another process, or the next run
        with pytest.raises(SpentError) as again:
            await ask(later)
        clock.moment += HOUR
        await ask(later)
        return error.value, again.value

    error, again = asyncio.run(scene())
    assert error.outcome is Outcome.HELD
    assert (
        error.message
        == again.message
        == (
            "not asked: api.example:443 has 1 of 60 requests left, too few to ask "
            "(X-RateLimit-Reset); held until 2026-03-02 01:00 UTC"
        )
    )


def test_while_nothing_is_known_of_a_server_with_budgets_one_request_goes_out(tmp_path):
    async def scene():
        clock = Clock()
        untold, documented_only = known(clock), known(clock)
        first = known(clock, tmp_path)
        assert await most(untold) > 50
        assert await most(documented_only, allowances=ALL) == 1
        await ask(first, told(clock, 10, 3600, limit=60))
        return await most(known(clock, tmp_path))

    assert asyncio.run(scene()) == 1


def test_a_request_that_stands_for_its_channel_goes_before_details():
    async def scene():
        clock, order = Clock(), []
        budgets = known(clock)
        probe = await budgets.admit(SERVER, ALL)

        async def wait(name, *, is_read):
            await budgets.admit(SERVER, ALL, is_read=is_read)
            order.append(name)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(wait("detail", is_read=False))
            await asyncio.sleep(0)
            tasks.create_task(wait("read", is_read=True))
            await asyncio.sleep(0)
            assert probe.start()
            probe.heed(told(clock, 200, 60, limit=300))
            probe.end()
        return order

    assert asyncio.run(scene()) == ["read", "detail"]


def test_documented_rates_hold_over_restarts(tmp_path):
    async def scene():
        clock, made = Clock(), []
        rate = (Allowance(kind="feeds", count=10, seconds=900),)
        for minutes in (0, 5, 10, 16, 17):
            clock.moment = MORNING + minutes * MINUTE
            budgets, count = known(clock, tmp_path), 0
            while count < 6:
                try:
                    await ask(budgets, told(clock, None), allowances=rate)
                except SpentError:
                    break
                count += 1
            made.append(count)
        return made

    assert asyncio.run(scene()) == [6, 3, 0, 6, 0]


@pytest.mark.parametrize("content", [b"{", b"[]\n", b"\xff\n", b'{"server": "other"}\n'])
def test_a_damaged_count_is_taken_for_used_up(tmp_path, caplog, content):
    async def scene():
        clock = Clock()
        await ask(known(clock, tmp_path), told(clock, None), allowances=ALL)
        (file,) = (tmp_path / "budgets").glob("*.json")
        file.write_bytes(content)
        with pytest.raises(SpentError, match="as often as its documents allow"):
            await ask(known(clock, tmp_path), allowances=ALL)
        clock.moment += 6 * MINUTE
        await ask(known(clock, tmp_path), told(clock, None), allowances=ALL)

    with caplog.at_level(logging.WARNING):
        asyncio.run(scene())
    assert "damaged" in caplog.text


def test_a_server_without_budgets_costs_no_file(tmp_path):
    async def scene():
        clock = Clock()
        budgets = known(clock, tmp_path)
        for _ in range(3):
            ticket = await budgets.admit(SERVER)
            ticket.start()
            ticket.end()

    asyncio.run(scene())
    assert not (tmp_path / "budgets").exists()


def test_a_server_has_its_port():
    assert server_of("https://api.example/x") == SERVER
    assert server_of("http://127.0.0.1:8080/x") == "127.0.0.1:8080"


STEPS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 6)),  # left
        st.sampled_from([None, 0, 1, 5, 60, 3600]),  # seconds until the reset
        st.sampled_from([None, 1, 5, 60]),  # limit
        st.integers(0, 4),  # how long the answer takes
        st.booleans(),  # whether it comes at all
    ),
    min_size=1,
    max_size=30,
)


#: The same examples every time, and no shrinking: one that fails fails at once.
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
@given(STEPS, st.integers(1, 8))
def test_whatever_answers_say_no_more_is_under_way_than_they_grant_and_all_end(steps, parallel):
    clock, room = Clock(), asyncio.Semaphore(parallel)
    budgets, under_way, last = known(clock), [0], [None]

    def check():
        left, until = last[0] or (None, None)
        if left is not None and (until is None or until > clock() + timedelta(seconds=2)):
            assert under_way[0] <= max(left, until is None)

    async def request(left, seconds, limit, duration, is_answered):
        ticket = await budgets.admit(SERVER)
        async with room:
            if not ticket.start():
                ticket.end()
                return
            under_way[0] += 1
            check()
            for _ in range(duration):
                await asyncio.sleep(0)
            clock.pass_by(0.1)
            under_way[0] -= 1
            if is_answered:
                ticket.heed(told(clock, left, seconds, limit))
                if left is not None:
                    until = clock() + timedelta(seconds=seconds) if seconds else None
                    last[0] = left, until
            ticket.end()

    async def scene():
        async with asyncio.timeout(5):
            return await asyncio.gather(*(request(*s) for s in steps), return_exceptions=True)

    ended = asyncio.run(scene())
    assert {type(end) for end in ended} <= {type(None), SpentError}, ended
