"""Rows 14, 15, 18, 19 and 52: what whole runs do, one after another and beside each other."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import collecting as support
import pytest
from hostile_server import Wait, hostile, reply
from pace import assert_spaced
from watching import rss

import connectors
from connectors.terms.register import shipped
from flows.agenda import MOST_PAGES

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWS = rss("1")
MANY = [f"/feed-{number}" for number in range(6)]
#: What is remembered of the sources that there are.
CACHED = (connectors.names, connectors.load, shipped)


def test_row_14_a_long_hold_is_stored_the_run_ends_and_a_new_process_obeys_it(
    server, project, barograph
):
    collecting = project(server.on("/feed", reply(429, b"", Retry_After=5 * 86400)))
    collecting.clock.moment = datetime.now(UTC)
    start = time.monotonic()
    assert collecting.run()["failed"] == 1
    assert time.monotonic() - start < 10
    held = collecting.rows("select not_before - last_attempt_at from raw.cursors")
    assert held == [(5 * DAY,)]
    done = barograph("collect", "--now", "--allow-host", "127.0.0.1", "--json")
    assert '"held": 1' in done.stdout, done.stderr
    assert len(server.requests()) == 1
    collecting.run(5 * DAY + HOUR)
    assert len(server.requests()) == 2


@pytest.mark.usefixtures("all_public")
def test_row_15_a_hold_of_a_public_host_holds_its_other_channels_and_no_other_host(server, project):
    with hostile("127.0.0.2") as other:
        held = [server.on(path, reply(429, b"", Retry_After=7200)) for path in MANY]
        free = [other.on(path, reply(200, NEWS)) for path in MANY[:3]]
        collecting = project(*held, *free, host_parallel=1, host_spacing_seconds=0.0)
        result = collecting.run()
        assert (len(server.requests()), len(other.requests())) == (1, 3)
        assert result["fetched"] == 3
        assert set(collecting.outcomes().values()) == {"ok", "blocked", "held"}
        collecting.run(HOUR)
        assert (len(server.requests()), len(other.requests())) == (1, 6)
        collecting.run(HOUR + timedelta(seconds=1))
        assert len(server.requests()) == 2


def test_row_15_on_a_host_of_our_own_only_that_channel_waits(server, project):
    addresses = [server.on(path, reply(200, NEWS)) for path in MANY]
    server.on(MANY[0], reply(429, b"", Retry_After=7200))
    collecting = project(*addresses, host_parallel=1)
    assert collecting.run()["fetched"] == 5
    collecting.run(HOUR)
    assert [len(server.requests(path)) for path in MANY] == [1, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(("etag", "floor"), [('"1"', HOUR), (None, DAY)])
def test_row_18_the_floor_survives_a_restart_and_now_asks_all_the_same(
    server, project, etag, floor
):
    collecting = project(server.on("/feed", reply(200, NEWS, ETag=etag)))
    asked = [collecting.run(now=False)["asked"]]
    asked += [collecting.run(floor / 3, now=False)["asked"] for _ in range(2)]
    assert asked == [1, 0, 0]
    assert collecting.run(now=True)["asked"] == 1
    assert len(server.requests()) == 2


@pytest.mark.usefixtures("all_public")
def test_row_19_starts_at_one_host_keep_their_distance_and_few_run_at_once(server, project):
    for path in MANY:
        server.on(path, (Wait(0.8), reply(200, NEWS)))
    collecting = project(*map(server.url, MANY), host_parallel=2, host_spacing_seconds=0.3)
    assert collecting.run()["fetched"] == 6
    assert_spaced(sorted(asked.arrived_at for asked in server.asked), 0.3)
    assert max(asked.under_way for asked in server.asked) == 2


def test_row_19_channels_of_one_run_do_not_come_due_at_one_moment(server, project):
    addresses = [server.on(path, reply(200, NEWS, ETag='"1"')) for path in MANY]
    collecting = project(*addresses)
    collecting.run()
    due = [at for (at,) in collecting.rows("select next_due_at from raw.cursors order by 1")]
    assert due[-1] - due[0] > timedelta(seconds=20)  # of the six minutes that they may differ


@pytest.fixture
def corridor(project, monkeypatch):
    """A project with one channel of a source that pages."""
    folder = str(Path(support.__file__).parent / "sources")
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, folder])
    for cached in CACHED:
        cached.cache_clear()

    def make(address):
        made = project()
        made.list([address], source="corridor")
        return made

    yield make
    for cached in CACHED:
        cached.cache_clear()


@pytest.mark.parametrize("back_to", ["/0", "/2"])
def test_row_52_pages_that_lead_in_a_circle_are_left_and_what_came_is_kept(
    server, corridor, back_to
):
    for number in range(3):
        following = f"/{number + 1}" if number < 2 else back_to
        server.on(f"/{number}", reply(200, rss(str(number)), X_Next=server.url(following)))
    collecting = corridor(server.url("/0"))
    assert collecting.run()["failed"] == 1
    assert [asked.path for asked in server.requests()] == ["/0", "/1", "/2"]
    assert collecting.outcomes() == {server.url("/0"): "page_loop"}
    assert collecting.rows("select count(*) from raw.activities") == [(3,)]


def test_row_52_pages_without_end_are_left(server, corridor, monkeypatch):
    assert MOST_PAGES == 100
    monkeypatch.setattr("flows.agenda.MOST_PAGES", 10)  # each page is a round of the whole job
    for number in range(15):
        following = server.url(f"/{number + 1}")
        server.on(f"/{number}", reply(200, rss(str(number)), X_Next=following))
    collecting = corridor(server.url("/0"))
    collecting.run()
    assert len(server.requests()) == 10
    assert collecting.outcomes() == {server.url("/0"): "page_loop"}
    assert collecting.rows("select count(*) from raw.activities") == [(10,)]


def test_row_52_a_page_that_has_shrunk_ends_the_paging_and_loses_nothing(server, corridor):
    server.on("/0", reply(200, rss("0"), X_Next=server.url("/1")), reply(200, rss("0", "new")))
    server.on("/1", reply(200, rss("1", "2")))
    collecting = corridor(server.url("/0"))
    collecting.run()
    assert collecting.run(DAY)["failed"] == 0
    assert collecting.rows("select count(*) from raw.activities") == [(4,)]
