"""The connector against a server that others wrote (mastodon_mock), where one is running.

The server keeps a seeded world: twelve posts of a water board, a question below each, answers
to eight of them, a question by mention, a boost, and statuses that nobody may see.
"""

import dataclasses
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime

import pytest

from connectors.contract import Channel, Direction, Page
from connectors.mastodon import Connector

SERVER = "http://127.0.0.1:3000"
CHANNEL = Channel(
    channel_id="board:mastodon:1",
    organization_id="board",
    source="mastodon",
    address="@waterboard@127.0.0.1:3000",
    homepage=SERVER,
)


def fetched(request):
    with urllib.request.urlopen(request.url, timeout=10) as answer:
        return Page(
            page_id=request.url,
            channel_id=CHANNEL.channel_id,
            requested_url=request.url,
            url=answer.url,
            status=answer.status,
            headers=tuple((k.lower(), v) for k, v in answer.headers.items()),
            body=answer.read(),
            fetched_at=datetime.now(UTC),
            context=request.context,
        )


class World:
    """All that one run sees, folded page by page."""

    def __init__(self, cursor=None):
        self.cursor, self.asked = cursor, []
        self.acts, self.presences, self.drifts, self.gone = {}, [], [], []
        waiting = list(Connector().plan(CHANNEL, cursor))
        while waiting:
            request = waiting.pop(0)
            if request.url not in self.asked:
                self.asked.append(request.url)
                waiting = [*waiting, *self.read(request)]

    def read(self, request):
        parsed = Connector().parse(fetched(request), CHANNEL, self.cursor)
        self.cursor = parsed.cursor
        self.acts |= {act.activity_id: act for act in parsed.activities}
        self.presences += parsed.presences
        self.drifts += parsed.drifts
        self.gone += parsed.gone_ids
        return parsed.next_requests

    def kinds(self):
        return Counter((act.direction.value, act.kind) for act in self.acts.values())


@pytest.fixture(scope="module")
def world():
    try:
        urllib.request.urlopen(f"{SERVER}/api/v2/instance", timeout=2).close()
    except (urllib.error.URLError, OSError):
        pytest.skip(f"NO MASTODON SERVER: nothing listens at {SERVER}")
    return World()


def test_exactly_what_is_public_is_seen(world):
    assert world.kinds() == {
        ("by_organization", "post"): 13,  # twelve, and the one that was edited
        ("by_organization", "reply"): 9,
        ("by_organization", "repost"): 1,
        ("to_organization", "reply"): 12,
        ("to_organization", "post"): 1,
    }


def test_every_question_is_recognized_and_the_answered_ones_have_their_answers(world):
    asked = [a for a in world.acts.values() if a.direction == Direction.TO_ORGANIZATION]
    assert all(act.is_question for act in asked)
    assert sorted(latencies(world)) == [1, 2, 2.5, 4, 5, 7, 8, 10, 11]


def test_questions_come_two_hours_after_their_posts(world):
    acts = world.acts
    waits = [
        acts[act.parent_id].occurred_at - act.occurred_at
        for act in acts.values()
        if act.direction == Direction.TO_ORGANIZATION and act.parent_id
    ]
    assert [wait.total_seconds() for wait in waits] == [-7200.0] * 12


def test_the_mention_was_found_through_its_answer(world):
    by_way = Counter(act.found_through.value for act in world.acts.values())
    assert by_way == {"listing": 23, "thread": 12, "answer": 1}


def test_answers_stand_in_the_conversation_of_their_questions(world):
    acts = world.acts
    answers = [a for a in acts.values() if a.kind == "reply" and not a.author]
    assert {acts[a.parent_id].thread_id == a.thread_id for a in answers} == {True}


def test_people_are_told_apart_and_the_board_is_nobody(world):
    people = {act.author for act in world.acts.values()}
    assert people == {"", "ann@127.0.0.1:3000", "bob@127.0.0.1:3000"}


def test_the_profile_and_the_own_server_are_observed(world):
    profile, server = world.presences
    assert (profile.follower_count, profile.post_count) == (1, 24)
    assert (profile.has_description, profile.has_avatar) == (True, False)
    assert (profile.is_verified, profile.has_site_link) == (False, False)
    assert (server.active_days, server.has_rules) == (28, False)


def test_the_server_sends_no_field_that_is_not_known(world):
    assert world.drifts == []


def test_a_second_run_asks_the_list_the_profile_and_the_server_only(world):
    again = World(world.cursor)
    assert len(again.asked) == 3
    assert again.gone == []
    listed = {k: v for k, v in world.acts.items() if v.found_through == "listing"}
    assert {k: plain(v) for k, v in again.acts.items()} == {k: plain(v) for k, v in listed.items()}


def latencies(world):
    for act in world.acts.values():
        question = world.acts.get(act.parent_id)
        if act.direction == Direction.BY_ORGANIZATION and question and question.author:
            yield (act.occurred_at - question.occurred_at).total_seconds() / 3600


def plain(act):
    return dataclasses.replace(act, page_id="", first_seen_at=datetime(2026, 1, 1, tzinfo=UTC))
