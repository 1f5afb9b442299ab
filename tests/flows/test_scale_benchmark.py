"""The benchmark of whole runs measures what docs/performance.md says, at a size for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from benchmark_scripts import BENCHMARKS, script_named
from shared_model import shared_models

from flows.organizations import read_organizations

pytestmark = pytest.mark.thorough

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PORT = 8100


@pytest.fixture(scope="module")
def scale_world():
    return script_named("scale_world")


@pytest.fixture(scope="module")
def world(scale_world):
    return scale_world.build(NOW, 19, 6, seed=1)


@pytest.fixture
def served(world):
    """What the server answers, without a network."""
    return script_named("scale_server").Served(world)


@pytest.fixture(scope="module")
def measured(tmp_path_factory, worker_id):
    """A cold run over two organizations, as the script tells it."""
    path = tmp_path_factory.mktemp("scale") / "figures.json"
    models = shared_models(tmp_path_factory, worker_id)
    options = ["--organizations=2", "--runs=cold", f"--models={models}", f"--json={path}"]
    script = str(BENCHMARKS / "scale.py")
    done = subprocess.run([sys.executable, script, *options], check=True, stdout=subprocess.PIPE)
    [figures] = json.loads(path.read_text())
    return figures, done.stdout.decode()


def test_a_whole_run_reads_every_channel_of_the_world_that_is_served(measured):
    [run] = measured[0]["runs"]
    assert measured[0]["channel_count"] == run["counts"]["asked"] == run["counts"]["fetched"] == 12
    assert (run["counts"]["failed"], run["counts"]["held"]) == (0, 0)
    assert run["counts"]["activities_added"] > 2 * 3 * 20
    kinds = {"feeds", "mastodon", "bluesky", "discourse", "wordpress"}
    assert run["requests"].keys() == kinds | {"robots.txt"}
    assert run["requests"]["feeds"] == {"200": 6}


def test_the_parts_of_a_run_are_told_and_lie_within_it(measured):
    [run] = measured[0]["runs"]
    parts = {name: part for name, part in run["parts"].items() if name != "whole"}
    assert all(part["calls"] for part in parts.values()), parts
    assert all(part["peak_megabytes"] <= run["peak_megabytes"] * 2 for part in parts.values())
    inner = sum(parts[name]["wall_seconds"] for name in parts.keys() - {"loading", "training"})
    assert inner < run["parts"]["whole"]["wall_seconds"] < run["wall_seconds"]
    assert run["parts"]["whole"]["cpu_seconds"] < run["cpu_seconds"]


def test_what_was_measured_is_printed_beside_the_limits(measured):
    told = measured[1]
    assert "| 2 organizations, cold |" in told
    assert "| time, all new |" in told
    assert "nothing changed" not in told  # that run was not asked for
    assert "| collecting |" in told


def test_every_organization_has_six_channels_and_a_host_of_its_own(scale_world, world, tmp_path):
    scale_world.write_project(world, tmp_path, PORT)
    listed = read_organizations(tmp_path / "organizations.toml")
    assert len({one.organization_id for one in listed}) == 19
    for one in listed:
        sources = Counter(channel.source for channel in one.channels)
        assert sources.pop("discourse", 0) + sources.pop("wordpress", 0) == 1
        assert sources == {"feeds": 3, "mastodon": 1, "bluesky": 1}
    sites = {one.channels[0].address.split("/")[2] for one in listed}
    assert len(sites) == 19


def test_ten_thousand_organizations_have_addresses_of_the_loopback_network(scale_world):
    kinds = ("site", "mastodon", "bluesky")
    addresses = {
        scale_world.Host(kind, number).address for kind in kinds for number in range(10_000)
    }
    assert len(addresses) == 30_000
    assert {address.split(".")[0] for address in addresses} == {"127"}
    assert "127.0.0.1" not in addresses  # where the server is asked what it was asked


def test_an_answer_that_is_known_is_not_sent_again(scale_world, world, served):
    for host, path in scale_world.feed_addresses(world):
        fresh = served.reply(host, PORT, path, {})
        again = served.reply(host, PORT, path, {"if-none-match": header(fresh, "ETag")})
        assert (status(fresh), status(again)) == (200, 304)
    account = "/api/v1/accounts/lookup?acct=organization_00000"
    mastodon = scale_world.Host("mastodon", 0).address
    tag = header(served.reply(mastodon, PORT, account, {}), "ETag")
    assert status(served.reply(mastodon, PORT, account, {"if-none-match": tag})) == 304


def test_the_world_moves_on_in_five_channels_of_a_hundred(scale_world, world, served):
    addresses = scale_world.feed_addresses(world)
    tags = [header(served.reply(host, PORT, path, {}), "ETag") for host, path in addresses]
    served.reply("127.0.0.1", PORT, "/move-on", {})
    answers = [
        served.reply(host, PORT, path, {"if-none-match": tag})
        for (host, path), tag in zip(addresses, tags, strict=True)
    ]
    assert Counter(map(status, answers)) == {200: 3, 304: 54}
    moved = scale_world.move_on(world, Random(0))
    more = [
        after.platform
        for before, after in zip(profiles(world), profiles(moved), strict=True)
        if len(after.conversations) > len(before.conversations)
    ]
    assert 1 <= len(more) <= 3  # who never posted has nothing to say again


def test_a_line_through_two_sizes_says_what_one_more_costs():
    line = script_named("scale_growth").line_through((200, 50.0), (1000, 130.0))
    assert (line.each, line.fixed, line.at(10_000)) == (0.1, 30.0, 1030.0)


def test_dask_gives_back_every_task_that_it_was_given():
    pytest.importorskip("distributed")
    command = [sys.executable, str(BENCHMARKS / "spreading_step.py"), "dask", "3"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    told = json.loads(done.stdout)
    assert (told["tasks"], told["channels"]) == (3, 240)


def status(reply):
    return int(reply.split(b" ")[1])


def header(reply, name):
    lines = reply.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return next(line.partition(": ")[2] for line in lines if line.startswith(f"{name}:"))


def profiles(world):
    return [profile for one in world.organizations for profile in one.profiles]
