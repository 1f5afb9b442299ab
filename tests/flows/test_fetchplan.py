"""Settings become a way to ask, as plain values that can travel to another process."""

import asyncio
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from collecting import FakeClock
from hostile_server import hostile, reply
from watching import rss

from connectors.contract import Outcome, Request
from connectors.fetching.pacing import OWN_PACE, PUBLIC_PACE, Pace
from connectors.fetching.state import FetchState
from flows.fetchplan import FetchPlan, fetch_plan
from flows.settings import Settings

AGENT = "barograph/1.2 (+me@example.org)"


def test_every_request_names_program_version_and_contact():
    assert plan_of(contact="me@example.org").user_agent == AGENT


def test_without_a_contact_the_name_says_that_only_own_hosts_are_asked():
    assert plan_of().user_agent == "barograph/1.2 (+own hosts only, no contact set)"


def test_without_settings_public_hosts_are_asked_slowly_and_our_own_freely():
    polite = plan_of()._politeness()
    assert (polite.public_pace, polite.own_pace) == (PUBLIC_PACE, OWN_PACE)


@pytest.mark.parametrize(
    ("given", "public", "own"),
    [
        ({"host_parallel": 1}, Pace(1, 1.0), Pace(1, 0.0)),
        ({"host_spacing_seconds": 3.0}, Pace(2, 3.0), Pace(64, 3.0)),
        ({"host_spacing_seconds": 0.0}, Pace(2, 0.0), Pace(64, 0.0)),
        ({"host_parallel": 5, "host_spacing_seconds": 0.5}, Pace(5, 0.5), Pace(5, 0.5)),
    ],
)
def test_a_pace_that_is_set_holds_for_all_hosts(given, public, own):
    polite = plan_of(**given)._politeness()
    assert (polite.public_pace, polite.own_pace) == (public, own)


@pytest.mark.parametrize(("deadline", "connect", "read"), [(60, 10, 15), (12, 10, 12), (2, 2, 2)])
def test_no_part_of_a_request_may_take_longer_than_the_whole(deadline, connect, read):
    limits = plan_of(deadline_seconds=deadline)._limits()
    assert limits.total_seconds == deadline
    assert (limits.connect_seconds, limits.read_seconds) == (connect, read)


def test_the_largest_answer_is_counted_in_millions_of_bytes():
    assert plan_of(body_megabytes=2.5)._limits().body_bytes == 2_500_000


def test_a_plan_can_travel_and_arrives_as_it_was(tmp_path):
    plan = fetch_plan(settings(tmp_path, host_parallel=3), "1.2", tmp_path, ("example.org",))
    assert plan.pacing_folder == tmp_path / "turns"
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_fetchers_of_one_plan_are_polite_together_and_remember_over_a_restart(tmp_path):
    with hostile() as server:
        url = server.on("/feed", reply(429, b"", Retry_After=600))
        plan = travelling(tmp_path, allow_hosts=("127.0.0.1",))
        outcomes = [asyncio.run(outcome_of(plan, url)) for _ in range(2)]
        assert outcomes == [Outcome.BLOCKED, Outcome.HELD]
        assert [asked.path for asked in server.asked] == ["/robots.txt", "/feed"]
        (held,) = plan.hold_book().current()
    assert held.key == url


@pytest.mark.parametrize(
    ("given", "outcome", "paths"),
    [
        ({}, Outcome.DISALLOWED, ["/robots.txt"]),
        ({"robots_exempt": ("127.0.0.1",)}, Outcome.OK, ["/feed"]),
        ({"opt_out": ("127.0.0.1",)}, Outcome.OPTED_OUT, []),
        ({"opt_out": ("127.0.0.1",), "robots_exempt": ("127.0.0.1",)}, Outcome.OPTED_OUT, []),
        ({"allow_hosts": ()}, Outcome.REFUSED, []),
    ],
)
def test_permissions_and_wishes_travel_with_the_plan(tmp_path, given, outcome, paths):
    with hostile() as server:
        server.on("/robots.txt", reply(200, b"User-agent: *\nDisallow: /"))
        url = server.on("/feed", reply(200, rss("1")))
        plan = travelling(tmp_path, **{"allow_hosts": ("127.0.0.1",)} | given)
        assert asyncio.run(outcome_of(plan, url)) is outcome
        assert [asked.path for asked in server.asked] == paths


def test_holds_are_told_by_the_clock_that_all_of_barograph_reads(tmp_path, monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr("flows.fetchplan.now", clock)
    with hostile() as server:
        url = server.on("/feed", reply(429, b"", Retry_After=600))
        plan = travelling(tmp_path, allow_hosts=("127.0.0.1",))
        asyncio.run(outcome_of(plan, url))
        (held,) = plan.hold_book().current()
    assert (held.until - clock()).total_seconds() == 600


def plan_of(**given):
    """The plan of a project with these settings, which shares turns and holds with nobody."""
    plan = fetch_plan(settings(Path("nowhere"), **given), "1.2", Path("nowhere"), ())
    return replace(plan, hosts_folder=None, pacing_folder=None)


def settings(folder, **given):
    return Settings(folder=folder, pacing="turns", **given)


def travelling(folder, **given):
    """A plan with its folders, after a journey."""
    plan = FetchPlan(
        user_agent=AGENT, hosts_folder=folder / "hosts", pacing_folder=folder / "turns", **given
    )
    return pickle.loads(pickle.dumps(plan))


async def outcome_of(plan, url):
    async with plan.fetcher() as fetcher:
        exchange = await fetcher.fetch(Request(url=url), FetchState(channel_id="a:feeds:1"))
    return exchange.outcome
