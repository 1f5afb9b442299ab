"""What is special about Discourse; the rest is in `test_every_connector.py`."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.apis.itinerary import Itinerary
from connectors.contract import AddressError, Channel, Outcome, Page, PageError
from connectors.discourse import Connector

DATA = Path(__file__).parent / "data" / "discourse"
FORUM = "https://forum.council.example"
LATEST = f"{FORUM}/latest.json?no_definitions=true"
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def parsed(file, *, url=LATEST, context="", cursor=None, channel=None, **page):
    """What the connector makes of a recorded file, or of the value given in its place."""
    body = json.dumps(file).encode() if isinstance(file, dict) else file
    body = (DATA / body).read_bytes() if isinstance(body, str) else body
    answer = Page(
        page_id="p1",
        channel_id="council:discourse:1",
        requested_url=url,
        url=url,
        status=page.get("status", 200),
        headers=(),
        body=body,
        fetched_at=AT,
        context=context,
    )
    return Connector().parse(answer, channel or forum(), cursor)


def forum(address=FORUM, homepage="https://www.council.example"):
    return Channel(
        channel_id="council:discourse:1",
        organization_id="council",
        source="discourse",
        address=address,
        homepage=homepage,
    )


def topic(number, file, page=1, **more):
    url = f"{FORUM}/t/{number}.json" + (f"?page={page}" if page > 1 else "")
    return parsed(file, url=url, context=f"topic {number} {page}", **more)


def recorded(name):
    return json.loads((DATA / name).read_text("utf-8"))


@pytest.mark.parametrize(
    "address",
    [
        "https://forum.council.example",
        "https://forum.council.example/",
        "https://council.example/forum",
        "http://localhost:8080/forum/",
    ],
)
def test_an_address_is_the_front_page_of_a_forum(address):
    Connector().check_address(address)
    first, about = Connector().plan(forum(address), None)
    assert first.url == f"{address.rstrip('/')}/latest.json?no_definitions=true"
    assert about.url == f"{address.rstrip('/')}/about.json"


@pytest.mark.parametrize(
    "address",
    ["forum.council.example", "https://user@forum.example", "https://forum.example/?page=2"],
)
def test_anything_else_is_no_address(address):
    with pytest.raises(AddressError):
        Connector().check_address(address)


def test_staff_answered_after_three_hours():
    question, answer, thanks = topic(31, "topic_31.json").activities
    assert answer.occurred_at - question.occurred_at == timedelta(hours=3)
    assert (question.kind, question.direction) == ("topic", "to_organization")
    assert (answer.author_role, answer.author_evidence) == ("staff", "staff_flag")
    assert answer.parent_id == question.activity_id
    assert [a.is_accepted_answer for a in (question, answer, thanks)] == [None, True, False]
    assert thanks.parent_id == answer.activity_id
    assert thanks.direction == "to_organization"


def test_what_was_done_to_a_topic_and_what_the_forum_itself_writes_is_no_act():
    assert len(recorded("topic_31.json")["post_stream"]["posts"]) == 4
    assert len(topic(31, "topic_31.json").activities) == 3
    assert not topic(10, "topic_10.json").activities


def test_a_member_is_the_same_on_all_pages_of_one_forum_only():
    first = topic(31, "topic_31.json").activities[0]
    elsewhere = forum("https://talk.museum.example")
    assert topic(31, "topic_31.json").activities[2].author == first.author
    assert topic(31, "topic_31.json", channel=elsewhere).activities[0].author != first.author


def test_a_pinned_topic_says_nothing_of_the_window():
    listing = parsed("latest.json").listing
    assert listing.listed_from == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert listing.is_continued


def test_a_walk_ends_where_the_look_before_began():
    before = parsed("latest.json").cursor
    parsed_later = parsed("latest_later.json", cursor=before)
    standing = {e.url for e in Itinerary.from_cursor(before).errands}
    added = {r.url for r in parsed_later.next_requests} - standing
    assert added == {f"{FORUM}/t/13.json"}


def test_two_walks_that_meet_go_on_as_far_as_the_farther():
    far = parsed("latest.json").cursor  # its walk goes to the beginning of the forum
    page = recorded("latest_later.json")
    page["topic_list"]["topics"] = page["topic_list"]["topics"][1:3]  # all newer than known
    contexts = {r.url: r.context for r in parsed(page, cursor=far).next_requests}
    assert contexts[f"{LATEST}&page=1"] == "older 1 "


def test_a_topic_that_ought_to_be_on_the_newest_page_is_looked_at():
    before = Itinerary(memory={"topics": {"29": ["2026-02-28T09:00:00.000000+00:00", "x"]}})
    wanted = {r.url for r in parsed("latest_later.json", cursor=before.cursor()).next_requests}
    assert f"{FORUM}/t/29.json" in wanted


@pytest.mark.parametrize(
    ("known", "ahead"), [(0, 2), (19, 2), (22, 2), (45, 2), (60, 3), (65, 3), (99, 3)]
)
def test_a_long_topic_is_read_on_from_where_it_had_been_read(known, ahead):
    page = recorded("topic_12.json")
    page["post_stream"]["stream"] = list(range(45))
    before = Itinerary(memory={"long": {"12": [known, []]}} if known else {})
    (request,) = topic(12, page, cursor=before.cursor()).next_requests
    assert request.url == f"{FORUM}/t/12.json?page={ahead}"


@pytest.mark.parametrize("size", [0, -1])
def test_a_topic_of_an_absurd_page_size_still_comes_to_an_end(size):
    page = recorded("topic_12.json") | {"chunk_size": size}
    assert len(topic(12, page).next_requests) == 1
    page["post_stream"]["posts"] = []
    assert not topic(12, page).next_requests


def test_a_long_topic_counts_as_truncated_until_its_last_page_is_read():
    first = topic(12, "topic_12.json")
    last = topic(12, "topic_12_2.json", page=2, cursor=first.cursor)
    assert [v.is_truncated for v in (*first.threads, *last.threads)] == [True, False]
    assert [v.shown_count for v in (*first.threads, *last.threads)] == [19, 21]
    (span,) = first.extents
    assert (span.thread_id, span.from_at, span.to_at) == (
        first.threads[0].thread_id,
        first.activities[0].occurred_at,
        first.activities[-1].occurred_at,
    )


def test_a_reply_to_staff_on_an_earlier_page_is_to_the_organization():
    first = topic(12, "topic_12.json")
    staff, reply = topic(12, "topic_12_2.json", page=2, cursor=first.cursor).activities
    assert staff.direction == "by_organization"
    assert reply.direction == "to_organization"
    assert reply.parent_id == first.activities[4].activity_id


def test_members_among_themselves_do_not_speak_to_the_organization_unless_they_call_it():
    page = recorded("topic_11.json")
    remark = page["post_stream"]["posts"][1]
    assert topic(11, page).activities[1].direction == "among_others"
    remark["cooked"] = '<p><a class="mention-group" href="/groups/staff">@staff</a> help</p>'
    assert topic(11, page).activities[1].direction == "to_organization"


def test_what_its_author_took_back_is_gone():
    page = recorded("topic_31.json")
    page["post_stream"]["posts"][2]["user_deleted"] = True
    taken = topic(31, "topic_31.json").activities[2].activity_id
    assert topic(31, page).gone_ids == (taken,)
    assert taken not in {a.activity_id for a in topic(31, page).activities}


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_topic_that_is_not_public_any_more_is_gone_with_its_posts(status):
    read = topic(31, "topic_31.json")
    gone = topic(31, {"errors": ["x"], "error_type": "invalid_access"}, status=status)
    assert gone.gone_ids == (read.activities[0].activity_id,)
    assert gone.extents[0].thread_id == read.activities[0].thread_id


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"errors":["x"],"error_type":"not_logged_in"}', Outcome.NEEDS_AUTH),
        (b"<html><title>Just a moment</title></html>", Outcome.BLOCKED),
    ],
)
@pytest.mark.parametrize("context", ["", "topic 31 1"])
def test_a_forum_that_shuts_us_out_deletes_nothing(body, outcome, context):
    with pytest.raises(PageError) as refusal:
        parsed(body, context=context, status=403)
    assert refusal.value.outcome is outcome


def test_older_forums_name_their_statistics_otherwise():
    stats = {"user_count": 7, "post_count": 99, "active_users_30_days": 3}
    page = {"about": {"stats": stats, "description": ""}}
    (presence,) = parsed(page, url=f"{FORUM}/about.json", context="about").presences
    assert (presence.member_count, presence.post_count) == (7, 99)
    assert (presence.active_member_count, presence.active_days) == (3, 30)
    assert presence.has_contact is None


@pytest.mark.parametrize(
    ("homepage", "is_verified"),
    [
        ("https://www.council.example", True),
        ("https://forum.council.example/x", True),
        ("https://uncil.example", False),
        ("", None),
    ],
)
def test_a_forum_on_the_organizations_domain_is_verified(homepage, is_verified):
    channel = forum(homepage=homepage)
    (presence,) = parsed("about.json", context="about", channel=channel).presences
    assert presence.is_verified is is_verified
    assert presence.verification == ("own_site" if is_verified else "")


def test_every_real_post_is_an_act_or_gone_and_holds_nothing_unknown(real_data):
    files = sorted((real_data / "api" / "discourse").glob("*.json"))
    if not files:
        pytest.skip(f"REAL DOCUMENTS ABSENT: no Discourse posts in {real_data}")
    topics = defaultdict(dict)
    for file in files:
        post = json.loads(file.read_bytes())
        topics[post["topic_id"]][post["post_number"]] = post
    for number, by_number in topics.items():
        posts = list(by_number.values())
        page = {"id": number, "title": posts[0]["topic_title"], "posts_count": len(posts)}
        page["post_stream"] = {"posts": posts, "stream": [post["id"] for post in posts]}
        result = topic(number, page)
        assert not result.drifts
        kept = [p for p in posts if not (p["user_deleted"] or p["hidden"] or p["deleted_at"])]
        assert len(result.activities) == len(kept)
        assert len(result.gone_ids) == len(posts) - len(kept)
        assert not any(a.date_flag for a in result.activities)
        told = repr(result)
        assert not [p["username"] for p in posts if f"'{p['username']}'" in told]
