"""robots.txt read by many tasks and processes at once."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from connectors.contract import Outcome
from connectors.fetching.failure import FetchError
from connectors.fetching.robots import Robots, RobotsReply

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = "https://example.org/feed.xml"
NO_ENTRY = b"User-agent: *\nDisallow: /\n"


def test_processes_that_write_at_once_never_leave_half_a_file(tmp_path):
    script = WRITER.format(path=sys.path, folder=str(tmp_path))
    writers = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    sizes = set()
    while any(writer.poll() is None for writer in writers):
        for kept in tmp_path.glob("*.json"):
            fields = json.loads(kept.read_bytes())
            sizes.add(len(fields["body"]))
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sizes == {400_000}
    assert [name.suffix for name in tmp_path.iterdir()] == [".json"]


def test_many_tasks_at_once_read_once():
    site = Site(RobotsReply(200, NO_ENTRY))
    verdicts = asyncio.run(ask_at_once(Robots(None, lambda: NOON), site, count=50))
    assert {verdict.outcome for verdict in verdicts} == {Outcome.DISALLOWED}
    assert len(site.urls) == 1


def test_many_tasks_at_once_fail_once():
    site = Site(FetchError(Outcome.TIMEOUT, "slow"))
    verdicts = asyncio.run(ask_at_once(Robots(None, lambda: NOON), site, count=50))
    assert {verdict.outcome for verdict in verdicts} == {Outcome.TIMEOUT}
    assert len(site.urls) == 1


@pytest.mark.parametrize("accident", [None, RuntimeError("bug")])
def test_a_reader_that_is_cancelled_or_breaks_leaves_the_others_unharmed(accident):
    async def scenario():
        robots, site = Robots(None, lambda: NOON), Site(RobotsReply(200, NO_ENTRY))
        hanging = asyncio.Event()

        async def read(_url):
            hanging.set()
            if accident:
                await asyncio.sleep(0)
                raise accident
            await asyncio.sleep(3600)

        reader = asyncio.create_task(robots.verdict(FEED, read))
        await hanging.wait()
        others = [asyncio.create_task(robots.verdict(FEED, site.read)) for _ in range(5)]
        await asyncio.sleep(0)
        if accident is None:
            reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        return await asyncio.wait_for(asyncio.gather(*others), 5), site

    verdicts, site = asyncio.run(scenario())
    assert {verdict.outcome for verdict in verdicts} == {Outcome.DISALLOWED}
    assert len(site.urls) == 1


def test_one_site_that_hangs_holds_up_no_other():
    async def scenario():
        robots = Robots(None, lambda: NOON)
        stuck = asyncio.create_task(robots.verdict(FEED, lambda _url: asyncio.sleep(3600)))
        await asyncio.sleep(0)
        other = robots.verdict("https://other.example/", Site(RobotsReply(404)).read)
        verdict = await asyncio.wait_for(other, 5)
        stuck.cancel()
        return verdict

    assert asyncio.run(scenario()).outcome is None


WRITER = """
import sys
sys.path[:0] = {path!r}
import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from connectors.fetching.robots import RobotsReply, Robots

async def read(url):
    return RobotsReply(200, b"x" * 300_000)

now = datetime(2026, 3, 1, tzinfo=UTC)
for day in range(20):
    robots = Robots(Path({folder!r}), clock=lambda: now + timedelta(days=2 * day))
    asyncio.run(robots.verdict("https://example.org/", read))
"""


class Site:
    """Answers for a robots.txt, one after another, and what was asked."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.urls = []

    async def read(self, url):
        self.urls.append(url)
        reply = self.replies[min(len(self.urls), len(self.replies)) - 1]
        await asyncio.sleep(0.001)
        if isinstance(reply, Exception):
            raise reply
        return reply


async def ask_at_once(robots, site, count):
    return await asyncio.gather(*(robots.verdict(FEED, site.read) for _ in range(count)))
