"""The connector at a real network on this machine: an AppView, and the host of the account.

Servers of the protocol's own authors, with a seeded account: twelve posts, a question under
each, answers to eight of them, a question by mention and its answer, a quote and a repost.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from recordedscenario import Answer
from recordedscenario import scenario as recorded
from recordedworld import Reader

import connectors
from connectors.contract import Channel

APPVIEW, HOST = "http://localhost:2584", "http://localhost:2583"
#: What must not leave a page: the seeded persons, and beginnings of what they wrote.
PERSONS = ("ann.test", "bob.test", "Thanks!", "in my street", "hotline open on Sunday")
RECORDED = Path(__file__).parent / "data" / "bluesky"


class Network:
    """A world that is asked over HTTP."""

    def answer(self, url):
        try:
            with urllib.request.urlopen(url, timeout=20) as response:
                return Answer(response.read(), response.status, _headers(response))
        except urllib.error.HTTPError as refused:
            return Answer(refused.read(), refused.code, _headers(refused))


def test_every_act_of_the_account_and_every_act_to_it_is_found():
    found = Counter((a.direction, a.kind, a.found_through) for a in acts(APPVIEW))
    assert found == {
        ("by_organization", "post", "listing"): 13,
        ("by_organization", "reply", "listing"): 9,
        ("by_organization", "repost", "listing"): 1,
        ("to_organization", "reply", "thread"): 13,
        ("to_organization", "post", "answer"): 1,
    }


def test_questions_are_known_and_thanks_are_none():
    said = [a for a in acts(APPVIEW) if a.direction == "to_organization"]
    assert Counter(a.is_question for a in said) == {True: 13, False: 1}


def test_answers_come_as_many_hours_after_the_question_as_were_seeded():
    said = {a.activity_id: a.occurred_at for a in acts(APPVIEW) if a.author_role == "outsider"}
    hours = sorted(
        (a.occurred_at - said[a.parent_id]).total_seconds() / 3600
        for a in acts(APPVIEW)
        if a.parent_id in said and a.direction == "by_organization"
    )
    assert hours == [0, 1, 2.5, 3, 4, 6, 7, 9, 10]


def test_four_questions_stay_without_an_answer():
    answered = {a.parent_id for a in acts(APPVIEW) if a.direction == "by_organization"}
    asked = {a.activity_id for a in acts(APPVIEW) if a.author_role == "outsider" and a.is_question}
    assert len(asked - answered) == 4


def test_the_deleted_post_is_nowhere():
    posts = [a.occurred_at for a in acts(APPVIEW) if a.kind == "post"]
    assert max(posts) == datetime(2025, 2, 1, 9, tzinfo=UTC)


def test_conversations_are_seen_whole():
    views = looked(APPVIEW).views.values()
    assert Counter(view.shown_count for view in views) == {1: 4, 2: 7, 3: 1}
    assert not any(view.is_truncated or view.withheld_count for view in views)


def test_followers_and_posts_are_counted():
    presence = looked(APPVIEW).presences[-1]
    assert (presence.follower_count, presence.post_count) == (2, 22)
    assert (presence.has_description, presence.has_site_link) == (True, True)
    assert presence.is_verified is False


@pytest.mark.parametrize(
    ("server", "what"),
    [(APPVIEW, ["feed", "profile"]), (HOST, ["records", "repository", "record"])],
)
def test_a_second_look_asks_by_did_and_for_nothing_that_was_read(server, what):
    again = reader(server).look(Network(), after=looked(server), day=1)
    assert [sight.request.context.split()[0] for sight in again.sights] == what
    assert not [url for url in again.asked if "waterboard" in url]
    assert again.activities.keys() == looked(server).activities.keys()


@pytest.mark.parametrize("server", [APPVIEW, HOST])
def test_no_answer_holds_anything_unknown(server):
    assert not looked(server).drifts
    assert set(looked(server).outcomes.values()) == {"ok"}


@pytest.mark.parametrize("server", [APPVIEW, HOST])
def test_an_unknown_account_is_not_found(server):
    look = reader(server, "nobody.test").look(Network())
    assert list(look.outcomes.values())[-1] == "not_found"


def test_a_host_shows_the_account_alone():
    found = Counter((a.direction, a.kind) for a in acts(HOST))
    assert found == {("by_organization", "post"): 13, ("by_organization", "reply"): 9}
    assert not looked(HOST).mentions
    presence = looked(HOST).presences[-1]
    assert (presence.follower_count, presence.has_description) == (None, True)


def test_a_host_and_the_appview_tell_of_the_same_acts():
    at_the_appview = {told(a) for a in acts(APPVIEW)}
    assert {told(a) for a in acts(HOST)} <= at_the_appview


def told(a):
    return a.activity_id, a.occurred_at, a.parent_id, a.thread_id, a.content_fingerprint


def acts(server):
    return looked(server).activities.values()


@cache
def looked(server):
    """One whole look at the seeded account; the tests skip where nobody listens."""
    _require(server)
    return reader(server).look(Network())


def reader(server, handle="waterboard.test"):
    _require(server)
    channel = Channel(
        channel_id="c",
        organization_id="o",
        source="bluesky",
        address=f"{server}/profile/{handle}",
        homepage="https://example.org",
    )
    scenario = replace(
        recorded("bluesky", RECORDED),
        channel=channel,
        fetched_at=datetime.now(UTC),
        planted=PERSONS,
        hosts=frozenset({urlsplit(server).netloc}),
    )
    return Reader(connectors.load("bluesky"), scenario)


def _require(server):
    try:
        urllib.request.urlopen(f"{server}/xrpc/_health", timeout=5).close()
    except urllib.error.HTTPError:
        return
    except OSError:
        pytest.skip(f"NO BLUESKY NETWORK: nobody listens at {server}; start the real servers")


def _headers(response):
    return tuple((name.lower(), value) for name, value in response.headers.items())
