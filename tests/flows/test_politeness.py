"""What the command does to other people's servers, seen from a server that notes the time.

Every test has real processes, with their shared turns below the test's own folder.
"""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hostile_server import HANG, Wait, hostile, redirect, reply
from pace import assert_spaced
from warehouse_tables import rows
from watching import rss

pytestmark = pytest.mark.thorough

BAROGRAPH = Path(sys.executable).parent / "barograph"
COLLECT = ("collect", "--now", "--allow-host", "127.0.0.0/8", "--json")
PACE = "host_spacing_seconds = 0.2\nhost_parallel = 2\n"
NEWS = reply(200, rss("1", "2"), ETag='"1"')
NOT_PRIVATE = reply(200, b"User-agent: *\nDisallow: /private\n")
NOTHING = reply(200, b"User-agent: *\nDisallow: /\n")
#: Stands where Python looks for it at its start: every name leads to this machine.
LOOPBACK_NAMES = """
import socket

import aiohttp.connector


class Loopback:
    def __init__(self, **_):
        pass

    async def resolve(self, host, port=0, family=0):
        found = {"hostname": host, "host": "127.0.0.1", "port": port}
        return [found | {"family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self):
        pass


aiohttp.connector.DefaultResolver = Loopback
"""


@pytest.fixture
def server():
    with hostile() as running:
        yield running


@pytest.fixture
def environment(child_environment, tmp_path):
    """A command's environment, whose folder of shared turns is the test's own."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    return child_environment | {"XDG_RUNTIME_DIR": str(runtime)}


@pytest.fixture
def command(environment, barograph_in, tmp_path):
    """Runs the command in the test's folder; gives exit code, and what --json printed."""

    def call(*arguments, **more):
        done = barograph_in(tmp_path, *arguments, **environment | more)
        printed = json.loads(done.stdout) if "--json" in arguments and done.stdout else done.stdout
        return done.returncode, printed or done.stderr

    return call


@pytest.fixture
def public(tmp_path):
    """Environment in which every name leads to this machine, as that of other people."""
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(LOOPBACK_NAMES)
    return {"PYTHONPATH": str(folder), "BAROGRAPH_CONTACT": "tests@example.org"}


def test_a_pace_that_is_set_holds_for_hosts_of_our_own_too(server, command, tmp_path):
    a_project(tmp_path, slow_feeds(server, 7), PACE)
    code, result = command(*COLLECT)
    assert (code, result["fetched"]) == (0, 7)
    assert_paced(server, request_count=8)


def test_four_processes_in_four_projects_keep_one_pace_together(server, environment, tmp_path):
    folders = [tmp_path / f"project-{number}" for number in range(4)]
    for number, folder in enumerate(folders):
        folder.mkdir()
        a_project(folder, slow_feeds(server, 2, f"/{number}"), PACE)
    commands = [started(folder, environment) for folder in folders]
    assert [command.wait(60) for command in commands] == [0] * 4
    assert_paced(server, request_count=4 * (2 + 1))  # each project asks for robots.txt too
    turns = Path(environment["XDG_RUNTIME_DIR"]) / "barograph" / "pacing"
    assert len(list(turns.glob("*.line"))) == 1


def test_what_robots_txt_disallows_is_never_asked_and_its_days_are_blocked(
    server, command, tmp_path
):
    server.on("/robots.txt", NOT_PRIVATE)
    private, shown = server.on("/private/feed", NEWS), server.on("/feed", NEWS)
    a_project(tmp_path, [private, shown])
    code, result = command(*COLLECT)
    assert (code, result["failed"]) == (3, 1)
    assert paths(server) == ["/robots.txt", "/feed"]
    assert outcomes(tmp_path) == {private: "disallowed", shown: "ok"}
    assert command("build")[0] == 0
    states = """
        select distinct state from staging.coverage join raw.channels using (channel_id)
        where address like '%private%'
    """
    assert rows(tmp_path / "data", states) == [("blocked",)]


def test_robots_txt_is_read_once_a_day_whatever_the_number_of_channels_and_runs(
    server, command, tmp_path
):
    feeds = [server.on(f"/feed-{number}", NEWS) for number in range(9)]
    a_project(tmp_path, feeds)
    assert [command(*COLLECT)[0] for _ in range(2)] == [0, 0]
    assert paths(server).count("/robots.txt") == 1
    assert paths(server)[0] == "/robots.txt"
    assert len(server.requests()) == 18
    server.on("/robots.txt", NOTHING)  # the server's owner has changed their mind
    age_robots_txt(tmp_path, timedelta(hours=23))
    assert command(*COLLECT)[0] == 0
    age_robots_txt(tmp_path, timedelta(hours=25))
    assert command(*COLLECT)[0] == 1
    assert set(outcomes(tmp_path).values()) == {"disallowed"}
    assert (paths(server).count("/robots.txt"), len(server.requests())) == (2, 27)


def test_a_host_whose_owner_permits_it_is_asked_whatever_its_robots_txt_says(
    server, command, tmp_path
):
    server.on("/robots.txt", NOTHING)
    a_project(tmp_path, [server.on("/feed", NEWS)], 'robots_exempt = ["127.0.0.1"]\n')
    assert command(*COLLECT)[0] == 0
    assert paths(server) == ["/feed"]


@pytest.mark.parametrize("place", ["opt-out.txt", "barograph.toml"])
def test_who_opted_out_gets_no_request_directly_or_by_a_redirect(server, command, tmp_path, place):
    with hostile("127.0.0.2") as other:
        direct = other.on("/feed", NEWS)
        moved = server.on("/moved", redirect(direct))
        a_project(tmp_path, [direct, moved])
        text = "# asked us\n127.0.0.2  # in May\n"
        (tmp_path / place).write_text(
            text if place == "opt-out.txt" else 'opt_out = ["127.0.0.2"]\n'
        )
        code, result = command(*COLLECT)
        assert (code, other.connection_count, other.asked) == (1, 0, [])
    assert outcomes(tmp_path) == {direct: "opted_out", moved: "opted_out"}
    assert all("127.0.0.2 is on the opt-out list" in why for why in result["failures"].values())
    assert paths(server) == ["/robots.txt", "/moved"]


def test_an_opt_out_that_nobody_can_read_stops_the_run_before_anyone_is_asked(
    server, command, tmp_path
):
    a_project(tmp_path, [server.on("/feed", NEWS)])
    (tmp_path / "opt-out.txt").write_text("example.org\n\nexample dot com\n")
    code, told = command(*COLLECT)
    assert code == 2
    assert f"error: {tmp_path / 'opt-out.txt'}: line 3 of the opt-out list" in told
    assert "write for example example.org" in told
    assert server.asked == []
    assert not (tmp_path / "data").exists()


def test_a_hold_of_our_own_host_survives_a_kill_and_is_for_that_route_alone(
    server, command, environment, tmp_path
):
    throttled, slow = throttled_and_slow(server)
    a_project(tmp_path, [throttled, slow])
    killed_once_held(tmp_path, server, environment)
    server.on("/slow", NEWS)
    code, result = command(*COLLECT)
    assert (code, result["held"], result["fetched"]) == (0, 1, 1)
    assert [path for path in paths(server) if path != "/robots.txt"].count("/throttled") == 1


def test_a_hold_of_a_public_host_survives_a_kill_and_is_for_all_of_it(
    server, command, environment, public, tmp_path
):
    server.on("/other", NEWS)
    throttled, slow = throttled_and_slow(server, "news.example", "slow.example")
    other = server.url("/other", "news.example")
    a_project(tmp_path, [throttled, slow], "host_spacing_seconds = 0.05\n")
    killed_once_held(tmp_path, server, environment | public)
    server.on("/slow", NEWS)
    a_project(tmp_path, [throttled, slow, other], "host_spacing_seconds = 0.05\n")
    code, result = command(*COLLECT, **public)
    assert (code, result["held"], result["fetched"]) == (0, 2, 1)
    assert (paths(server).count("/throttled"), paths(server).count("/other")) == (1, 0)


def test_a_move_is_adopted_at_the_third_run_told_and_exported_and_a_detour_never(
    server, command, tmp_path
):
    server.on("/old", redirect("/new", 301))
    server.on("/here", redirect("/there", 302))
    for path in ("/new", "/there"):
        server.on(path, reply(200, rss(path), ETag='"1"'), reply(304))
    old, here, new = (server.url(path) for path in ("/old", "/here", "/new"))
    a_project(tmp_path, [old, here])
    changes = [command(*COLLECT)[1]["address_changes"] for _ in range(4)]
    assert [list(each.values()) for each in changes] == [
        [],
        [],
        [f"{old} has moved for good: reads {new} from now on"],
        [],
    ]
    counts = {path: len(server.requests(path)) for path in ("/old", "/new", "/here", "/there")}
    assert counts == {"/old": 3, "/new": 4, "/here": 4, "/there": 4}
    _, status = command("status", "--json")
    assert [(row["address"], row["adopted_url"]) for row in status["moved"]] == [(old, new)]
    assert new in command("status")[1]
    assert [command(*each)[0] for each in (("build",), ("export", "exported"))] == [0, 0]
    (exported,) = pq.read_table(tmp_path / "exported" / "address_changes.parquet").to_pylist()
    assert (exported["reason"], exported["from_url"], exported["to_url"]) == ("moved", old, new)


def a_project(folder, addresses, settings=""):
    """A project of one organization with these channels."""
    channels = ", ".join(f'{{ source = "feeds", address = "{address}" }}' for address in addresses)
    text = f'[[organization]]\nid = "a"\nname = "A"\nchannels = [{channels}]\n'
    (folder / "organizations.toml").write_text(text)
    (folder / "barograph.toml").write_text(settings)


def slow_feeds(server, count, below=""):
    """Feeds that take longer than the spacing, so that requests run side by side."""
    return [
        server.on(f"{below}/{number}", (Wait(0.5), reply(200, rss(str(number)))))
        for number in range(count)
    ]


def assert_paced(server, request_count):
    """Starts lie 0.2 seconds apart, and two requests, never more, ran side by side."""
    assert len(server.asked) == request_count
    assert_spaced(sorted(asked.arrived_at for asked in server.asked), 0.2)
    assert max(asked.under_way for asked in server.asked) == 2


def paths(server):
    return [asked.path for asked in server.asked]


def outcomes(folder):
    """The newest outcome of each channel by its address."""
    query = "select address, last_outcome from raw.cursors join raw.channels using (channel_id)"
    return dict(rows(folder / "data", query))


def started(folder, environment):
    return subprocess.Popen(
        [BAROGRAPH, *COLLECT],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def throttled_and_slow(server, first_host="", second_host=""):
    """A route that wants to be left alone, and one that keeps its batch from being archived."""
    server.on("/throttled", reply(429, b"", Retry_After=7200))
    server.on("/slow", (HANG,))
    return server.url("/throttled", first_host), server.url("/slow", second_host)


def killed_once_held(folder, server, environment):
    """A collection that is killed when it has been told to stay away, and has archived nothing."""
    command = started(folder, environment)
    try:
        wait_until(lambda: {"/throttled", "/slow"} <= set(paths(server)))
        wait_until(lambda: list((folder / "data" / "hosts" / "holds").glob("*.json")))
    finally:
        os.kill(command.pid, signal.SIGKILL)
        command.wait()
    assert list((folder / "data" / "archive").rglob("*.parquet")) == []


def wait_until(is_so, patience_seconds=20):
    end = time.monotonic() + patience_seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def age_robots_txt(folder, age):
    """Make the kept robots.txt as old as that."""
    (path,) = (folder / "data" / "hosts" / "robots").glob("*.json")
    kept = json.loads(path.read_text())
    now = datetime.now(datetime.fromisoformat(kept["fetched_at"]).tzinfo)
    path.write_text(json.dumps(kept | {"fetched_at": (now - age).isoformat()}))
