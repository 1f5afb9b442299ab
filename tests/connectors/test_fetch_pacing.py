"""Each host gets its requests apart and few at a time, and no host waits for another."""

import asyncio
import socket
import time
from itertools import pairwise

import pytest
from corpus_server import serving

from connectors.contract import Outcome, Request
from connectors.fetching.client import Fetcher
from connectors.fetching.guard import Guard
from connectors.fetching.pacing import OWN_PACE, PUBLIC_PACE, Pace, Pacer
from connectors.fetching.state import FetchState

CLOCK_GRAIN = 0.01  # a sleep may end a little early by another clock


def test_starts_at_one_host_keep_their_distance():
    starts = start_times(Pace(parallel=2, spacing_seconds=0.1), ["a"] * 5)
    assert all(gap >= 0.1 - CLOCK_GRAIN for gap in gaps(starts))


def test_an_early_end_does_not_bring_the_next_start_forward():
    starts = start_times(Pace(parallel=1, spacing_seconds=0.1), ["a"] * 4, request_seconds=0)
    assert all(gap >= 0.1 - CLOCK_GRAIN for gap in gaps(starts))


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_no_more_requests_than_allowed_run_at_once(parallel):
    assert most_at_once(Pace(parallel, 0.0), request_count=8) == parallel


def test_turns_come_in_the_order_of_asking():
    order = []
    asyncio.run(take_turns(Pace(1, 0.0), range(6), order))
    assert order == list(range(6))


def test_hosts_do_not_wait_for_each_other():
    starts = start_times(Pace(parallel=1, spacing_seconds=5), ["a", "b", "c", "d"])
    assert max(starts) - min(starts) < 1


def test_a_request_that_fails_gives_its_turn_back():
    async def fail_then_ask():
        pacer = Pacer()
        with pytest.raises(ConnectionResetError):
            async with pacer.turn("a", Pace(1, 0.0)):
                raise ConnectionResetError
        async with asyncio.timeout(1), pacer.turn("a", Pace(1, 0.0)):
            return "asked"

    assert asyncio.run(fail_then_ask()) == "asked"


def test_a_request_that_gives_up_waiting_leaves_the_queue_in_order():
    async def give_up_then_ask():
        pacer, pace = Pacer(), Pace(1, 0.0)
        async with pacer.turn("a", pace):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), pacer.turn("a", pace):
                    pytest.fail("the turn was taken")
        async with asyncio.timeout(1), pacer.turn("a", pace):
            return "asked"

    assert asyncio.run(give_up_then_ask()) == "asked"


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
        own = fetch_seconds(Guard.allowing(["news.example"]), pace, [url] * 4)
    assert public >= 3 * (0.15 - CLOCK_GRAIN)
    assert own < 0.3


def test_a_redirect_to_the_same_host_waits_for_its_turn_too(monkeypatch):
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", Loopback)
    with serving({"/feed": b"news"}) as server:
        server.answers["/old"] = (301, {"Location": "/feed"}, b"")
        url = f"http://news.example:{server.server_port}/old"
        seconds = fetch_seconds(Guard.allowing(["127.0.0.0/8"]), Pace(1, 0.3), [url])
    assert 0.3 - CLOCK_GRAIN <= seconds < 2


def start_times(pace, hosts, request_seconds=0.03):
    starts = []

    async def ask(pacer, host):
        async with pacer.turn(host, pace):
            starts.append(time.monotonic())
            await asyncio.sleep(request_seconds)

    async def ask_all():
        pacer = Pacer()
        await asyncio.gather(*(ask(pacer, host) for host in hosts))

    asyncio.run(ask_all())
    return starts


def gaps(starts):
    return [later - earlier for earlier, later in pairwise(starts)]


def most_at_once(pace, request_count):
    running, seen = set(), []

    async def ask(pacer, number):
        async with pacer.turn("a", pace):
            running.add(number)
            seen.append(len(running))
            await asyncio.sleep(0.01)
            running.discard(number)

    async def ask_all():
        pacer = Pacer()
        await asyncio.gather(*(ask(pacer, number) for number in range(request_count)))

    asyncio.run(ask_all())
    return max(seen)


async def take_turns(pace, numbers, order):
    pacer = Pacer()

    async def ask(number):
        async with pacer.turn("a", pace):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(ask, numbers))


def fetch_seconds(guard, pace, urls):
    start = time.monotonic()
    exchanges = asyncio.run(_fetch(guard, pace, urls))
    assert {exchange.outcome for exchange in exchanges} == {Outcome.OK}
    return time.monotonic() - start


async def _fetch(guard, pace, urls):
    state = FetchState(channel_id="a:feeds:1")
    async with Fetcher(user_agent="Barograph/0.1", guard=guard, pace=pace) as fetcher:
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
