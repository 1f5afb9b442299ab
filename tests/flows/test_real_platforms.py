"""`barograph collect` at servers that others wrote, where they run: what it finds is their seed.

Servers are looked for at their usual places on this machine and never started here. Each keeps a
year of an invented water board: twelve posts, a question below each, and answers to two thirds.
"""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import NamedTuple

import pytest
from collecting import Collecting

from warehouse.conversations import gather_conversations
from warehouse.db import open_warehouse

HOUR = timedelta(hours=1)


class Platform(NamedTuple):
    """A running server, and what its seed says."""

    source: str
    port: int
    address: str
    posts: int
    own_replies: int
    inbound: int
    questions: int
    latencies: list
    followers: int | None
    post_count: int


#: Of twelve questions every third is left without an answer.
ANSWERED = [number for number in range(12) if number % 3 != 2]
PLATFORMS = {
    # answers come (3 + i) hours after the post, questions after 2; one mention, 2.5 hours
    "mastodon": Platform(
        "mastodon",
        3000,
        "@waterboard@127.0.0.1:3000",
        13,
        9,
        13,
        13,
        sorted([(1 + i) * HOUR for i in ANSWERED] + [2.5 * HOUR]),
        1,
        24,
    ),
    # questions at 11 o'clock, answers i hours later; a thank-you and a quote besides
    "bluesky": Platform(
        "bluesky",
        2584,
        "http://localhost:2584/profile/waterboard.test",
        13,
        9,
        14,
        13,
        sorted([i * HOUR for i in ANSWERED] + [2.5 * HOUR]),
        2,
        22,
    ),
    # answers 2 (3 + i) hours after the post; one visitor asks again
    "wordpress": Platform(
        "wordpress",
        8081,
        "http://127.0.0.1:8081",
        12,
        8,
        13,
        13,
        sorted((2 * (3 + i) - 2) * HOUR for i in ANSWERED),
        None,
        12,
    ),
}


@pytest.fixture(params=PLATFORMS, scope="module")
def platform(request):
    found = PLATFORMS[request.param]
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", found.port)):
            pytest.skip(f"NO SERVER: {found.source} is not listening on port {found.port}")
    return found


@pytest.fixture(scope="module")
def observed(platform, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        observed = Collecting(
            tmp_path_factory.mktemp("project"), patch, allow_host=("127.0.0.1", "localhost")
        )
        observed.list([platform.address], platform.source)
        observed.summary = observed.run()
        observed.first = observed.rows("select * exclude (last_listed_at) from raw.activities")
        observed.run(timedelta(days=1))
        observed.build()
        observed.conversations = conversations(observed.folder / "data" / "warehouse.duckdb")
        yield observed


def conversations(path):
    """Of every act towards the organization, the time until its answer, and its state."""
    with open_warehouse(path) as connection:
        gather_conversations(connection)
        found = connection.execute(
            "select answered_at - occurred_at, answer_state from all_conversations order by 1"
        )
        return found.fetchall()


def count(observed, condition):
    return observed.rows(f"select count(*) from raw.activities where {condition}")[0][0]


def test_it_finds_every_post_every_question_and_every_answer(observed, platform):
    assert observed.summary["failures"] == {}
    assert count(observed, "kind = 'post' and direction = 'by_organization'") == platform.posts
    replies = "kind <> 'post' and kind <> 'repost' and direction = 'by_organization'"
    assert count(observed, replies) == platform.own_replies
    assert count(observed, "direction = 'to_organization'") == platform.inbound
    asked = count(observed, "direction = 'to_organization' and is_question")
    assert asked == platform.questions


def test_every_latency_is_as_seeded(observed, platform):
    latencies = [latency for latency, _ in observed.conversations if latency is not None]
    assert latencies == platform.latencies


def test_what_has_no_answer_is_open_and_not_unseen(observed):
    assert {state for _, state in observed.conversations} == {"answered", "open"}


def test_size_is_as_seeded(observed, platform):
    sizes = observed.rows(
        "select follower_count, post_count from raw.presences where post_count is not null"
    )
    assert set(sizes) == {(platform.followers, platform.post_count)}


def test_a_second_look_changes_nothing_and_deletes_nothing(observed):
    again = observed.rows("select * exclude (last_listed_at) from raw.activities")
    identity = {row[0] for row in again}
    assert identity == {row[0] for row in observed.first}
    assert observed.rows("from raw.deletions") == []
    assert observed.rows("from raw.drifts") == []


def test_nobody_is_named(observed):
    authors = observed.rows("select distinct author_role, length(author_key) from raw.activities")
    assert set(authors) <= {("organization", 0), ("staff", 32), ("outsider", 32)}
