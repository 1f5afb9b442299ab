"""Each host gets its requests apart and few at a time, and no host waits for another."""

import asyncio
import socket
import time
from itertools import pairwise

import pytest
from corpus_server import serving

from connectors.contract import Outcome, Request
from connectors.fetching.client import Fetcher, Politeness
from connectors.fetching.guard import Guard
from connectors.fetching.pacing import OWN_PACE, PUBLIC_PACE, Pace, Pacer
from connectors.fetching.state import FetchState

CLOCK_GRAIN = 0.01  # a sleep may end a little early by another clock
HOSTS = ("a", "b", "c")  # one for each try: a queue belongs to its event loop


@pytest.fixture(params=["one process", "all processes of a folder"])
def pacer(request, tmp_path):
    return Pacer(None if request.param == "one process" else tmp_path / "turns")


def test_starts_at_one_host_keep_their_distance(pacer):
    assert widest_least_gap(pacer, Pace(parallel=2, spacing_seconds=0.1)) >= 0.1 - CLOCK_GRAIN


def test_no_turn_is_lost(pacer):
    spans = []
    for host in HOSTS:  # a busy machine may come late in one, and loses none in all
        starts = start_times(pacer, Pace(parallel=2, spacing_seconds=0.1), [host] * 11)
        spans.append(starts[-1] - starts[0])
    assert min(spans) <= 10 * 0.1 / 0.8


def test_an_early_end_does_not_bring_the_next_start_forward(pacer):
    pace = Pace(1, spacing_seconds=0.1)
    assert widest_least_gap(pacer, pace, request_seconds=0) >= 0.1 - CLOCK_GRAIN


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_no_more_requests_than_allowed_run_at_once(pacer, parallel):
    assert most_at_once(pacer, Pace(parallel, 0.0), request_count=8) == parallel


def test_turns_come_in_the_order_of_asking(pacer):
    order = []
    asyncio.run(take_turns(pacer, Pace(1, 0.0), range(6), order))
    assert order == list(range(6))


def test_hosts_do_not_wait_for_each_other(pacer):
    starts = start_times(pacer, Pace(parallel=1, spacing_seconds=5), ["a", "b", "c", "d"])
    assert max(starts) - min(starts) < 1


def test_a_host_that_asks_for_a_slower_pace_gets_it_from_the_next_request_on(pacer):
    async def ask_twice():
        asked_at = time.monotonic()
        async with pacer.turn("a", Pace(2, 0.0)):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), pacer.turn("a", Pace(1, 0.0)):
                    pytest.fail("two at once")
        async with pacer.turn("a", Pace(1, 0.3)):
            return time.monotonic() - asked_at

    assert asyncio.run(ask_twice()) >= 0.3 - CLOCK_GRAIN


def test_a_request_that_fails_gives_its_turn_back(pacer):
    async def fail_then_ask():
        with pytest.raises(ConnectionResetError):
            async with pacer.turn("a", Pace(1, 0.0)):
                raise ConnectionResetError
        async with asyncio.timeout(1), pacer.turn("a", Pace(1, 0.0)):
            return "asked"

    assert asyncio.run(fail_then_ask()) == "asked"


@pytest.mark.parametrize("spacing_seconds", [0.0, 0.2])
def test_a_request_that_gives_up_waiting_leaves_the_queue_in_order(pacer, spacing_seconds):
    async def give_up_then_ask():
        pace = Pace(1, spacing_seconds)
        async with pacer.turn("a", pace):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), pacer.turn("a", pace):
                    pytest.fail("the turn was taken")
        async with asyncio.timeout(1), pacer.turn("a", pace):
            return "asked"

    assert asyncio.run(give_up_then_ask()) == "asked"


def test_tasks_that_are_cancelled_at_any_moment_give_everything_back(pacer):
    async def cancel_then_ask():
        room = asyncio.Semaphore(2)
        for waited_seconds in [0, 0, *(number / 200 for number in range(20))]:
            tasks = [asyncio.create_task(linger(pacer, room)) for _ in range(4)]
            await asyncio.sleep(waited_seconds)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(1), room, pacer.turn("a", Pace(1, 0.02), room):
            return room.locked()

    assert asyncio.run(cancel_then_ask())


def test_a_wait_for_room_brings_no_starts_together(pacer):
    async def ask_when_there_is_room(host):
        room, starts = asyncio.Semaphore(1), []
        await room.acquire()
        pace = Pace(parallel=5, spacing_seconds=0.1)
        tasks = [asyncio.create_task(note(pacer, pace, room, starts, host)) for _ in range(3)]
        await asyncio.sleep(0.4)
        assert starts == []
        room.release()
        await asyncio.gather(*tasks)
        return starts

    widest = max(least_gap(asyncio.run(ask_when_there_is_room(host))) for host in HOSTS)
    assert widest >= 0.1 - CLOCK_GRAIN


def test_a_host_that_waits_for_its_turn_takes_no_room_from_others(pacer):
    async def ask_both():
        room, pace = asyncio.Semaphore(1), Pace(1, 30.0)
        async with pacer.turn("slow", pace, room):
            """The next start there is due in half a minute."""
        waiting = asyncio.create_task(note(pacer, pace, room, []))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(1), pacer.turn("other", pace, room):
            waiting.cancel()
            return "asked"

    assert asyncio.run(ask_both()) == "asked"


def test_other_peoples_hosts_are_asked_at_most_once_a_second_and_our_own_freely():
    assert PUBLIC_PACE.spacing_seconds >= 1
    assert PUBLIC_PACE.parallel <= 2
    assert OWN_PACE.spacing_seconds == 0


def test_a_public_host_is_paced_and_one_that_is_our_own_is_not(monkeypatch):
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", Loopback)
    pace = Pace(parallel=2, spacing_seconds=0.15)
    with serving({"/feed": b"news"}) as server:
        url = f"http://news.example:{server.server_port}/feed"
        public = fetch_seconds(Guard.allowing(["127.0.0.0/8"]), pace, [url] * 4)
        free = Guard.allowing(["news.example"])
        own = [fetch_seconds(free, pace, [url] * 4) for _ in range(3)]
    assert public >= 3 * (0.15 - CLOCK_GRAIN)
    assert min(own) < 0.3  # a packet that is lost on a busy machine costs a second


def test_a_redirect_to_the_same_host_waits_for_its_turn_too(monkeypatch):
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", Loopback)
    with serving({"/feed": b"news"}) as server:
        server.answers["/old"] = (301, {"Location": "/feed"}, b"")
        url = f"http://news.example:{server.server_port}/old"
        seconds = fetch_seconds(Guard.allowing(["127.0.0.0/8"]), Pace(1, 0.3), [url])
    assert 0.3 - CLOCK_GRAIN <= seconds < 2


def start_times(pacer, pace, hosts, request_seconds=0.03):
    starts = []

    async def ask(host):
        async with pacer.turn(host, pace):
            starts.append(time.monotonic())
            await asyncio.sleep(request_seconds)

    async def ask_all():
        await asyncio.gather(*map(ask, hosts))

    asyncio.run(ask_all())
    return starts


def widest_least_gap(pacer, pace, request_seconds=0.03):
    """The least gap between starts, in the best of three tries, each at a host of its own.

    On a busy machine a task may come late to note its start, and the next one in time. A turn
    that is given too early is so in every try.
    """
    return max(least_gap(start_times(pacer, pace, [h] * 5, request_seconds)) for h in HOSTS)


def least_gap(starts):
    return min(later - earlier for earlier, later in pairwise(starts))


def most_at_once(pacer, pace, request_count):
    running, seen = set(), []

    async def ask(number):
        async with pacer.turn("a", pace):
            running.add(number)
            seen.append(len(running))
            await asyncio.sleep(0.01)
            running.discard(number)

    async def ask_all():
        await asyncio.gather(*map(ask, range(request_count)))

    asyncio.run(ask_all())
    return max(seen)


async def take_turns(pacer, pace, numbers, order):
    async def ask(number):
        async with pacer.turn("a", pace):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(ask, numbers))


async def linger(pacer, room):
    async with pacer.turn("a", Pace(1, 0.02), room):
        await asyncio.sleep(0.01)


async def note(pacer, pace, room, starts, host="slow"):
    async with pacer.turn(host, pace, room):
        starts.append(time.monotonic())


def fetch_seconds(guard, pace, urls):
    start = time.monotonic()
    exchanges = asyncio.run(_fetch(guard, pace, urls))
    assert {exchange.outcome for exchange in exchanges} == {Outcome.OK}
    return time.monotonic() - start


async def _fetch(guard, pace, urls):
    state = FetchState(channel_id="a:feeds:1")
    politeness = Politeness(public_pace=pace)
    async with Fetcher(user_agent="Barograph/0.1", guard=guard, politeness=politeness) as fetcher:
        return await asyncio.gather(*(fetcher.fetch(Request(url=url), state) for url in urls))


class Loopback:
    """A domain name system in which every name leads to this machine."""

    def __init__(self, **_):
        pass

    async def resolve(self, host, port=0, family=0):  # noqa: ARG002 - aiohttp's own signature
        found = {"hostname": host, "host": "127.0.0.1", "port": port}
        return [found | {"family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self):
        pass
