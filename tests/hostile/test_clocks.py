"""Row 55: clocks that jump, and hours that happen twice."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hostile_server import reply
from watching import MONDAY, FakeClock, rss

from connectors.contract import Outcome
from connectors.fetching.pacing import Pace, Pacer

OK, HELD = Outcome.OK, Outcome.HELD
SECOND, HOUR, DAY, YEAR = (
    timedelta(seconds=1),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=365),
)
NEWS = rss("1")
HELD_FOR_A_DAY = reply(200, NEWS, Cache_Control="max-age=86400")


@pytest.mark.parametrize("jump", [-10 * YEAR, 10 * YEAR])
def test_row_55_a_clock_that_was_wrong_does_not_silence_a_channel_for_ever(server, watch, jump):
    server.on("/feed", HELD_FOR_A_DAY)
    channel = watch(clock=FakeClock(MONDAY - jump))
    assert channel.poll() is OK
    channel.clock.moment = MONDAY
    asked = channel.visits(HOUR, 40 * DAY)
    assert len(asked) >= 5
    assert channel.state.last_attempt_at == asked[-1]


def test_row_55_a_hold_lasts_although_the_clock_is_set_back_an_hour(server, watch):
    server.on("/feed", HELD_FOR_A_DAY)
    channel = watch()
    assert channel.poll() is OK
    assert [channel.poll(-HOUR), channel.poll(23 * HOUR)] == [HELD, HELD]
    assert channel.poll(3 * HOUR) is Outcome.UNCHANGED


def test_row_55_a_host_is_not_held_for_ever_by_a_clock_that_was_wrong(server, project):
    collecting = project(server.on("/feed", reply(429, b"", Retry_After=86400), reply(200, NEWS)))
    right = collecting.clock.moment
    collecting.clock.moment += 10 * YEAR
    assert collecting.run()["failed"] == 1
    collecting.clock.moment = right
    results = [collecting.run(DAY, now=False)["fetched"] for _ in range(3)]
    assert sum(results) >= 1


def test_row_55_waits_for_a_turn_do_not_follow_the_wall_clock(monkeypatch):
    wall = time.time

    async def two_turns():
        pacer, starts = Pacer(), []
        for jump in (3600, -3600, 0):
            async with pacer.turn("news.example", Pace(1, 0.2)):
                starts.append(time.monotonic())
            monkeypatch.setattr(time, "time", lambda ahead=jump: wall() + ahead)
        return starts

    first, second, third = asyncio.run(two_turns())
    assert 0.15 < second - first < 1
    assert 0.15 < third - second < 1


@pytest.mark.parametrize("month", [3, 10])
def test_row_55_an_hour_that_is_skipped_or_happens_twice_changes_no_wait(
    server, watch, living_in, month
):
    living_in("Europe/Amsterdam")  # it sets its clocks at 01:00 UTC
    last_sunday = datetime(2026, month, {3: 29, 10: 25}[month], 0, 30, tzinfo=UTC)
    until = format_datetime(last_sunday + HOUR, usegmt=True)
    server.on("/feed", reply(200, NEWS, Expires=until))
    channel = watch(clock=FakeClock(last_sunday))
    assert [channel.poll(), channel.poll(HOUR - SECOND)] == [OK, HELD]
    assert channel.poll(SECOND) is Outcome.UNCHANGED


def test_row_55_the_warehouse_stores_utc_wherever_the_poller_stands(server, project, living_in):
    living_in("Pacific/Chatham")
    collecting = project(server.on("/feed", reply(200, NEWS)))
    collecting.clock.moment = datetime(2026, 4, 4, 13, 50, tzinfo=UTC)  # soon it is set back
    collecting.run()
    collecting.run(timedelta(minutes=20))
    stored = [
        str(at) for (at,) in collecting.rows("select fetched_at from raw.attempts order by 1")
    ]
    assert stored == ["2026-04-04 13:50:00", "2026-04-04 14:10:00"]


@pytest.fixture
def living_in(monkeypatch):
    """Moves this process to a time zone."""

    def move(zone):
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()
