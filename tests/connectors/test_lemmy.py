"""What is special about Lemmy; the rest is in `test_every_connector.py`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.apis.itinerary import Itinerary
from connectors.contract import AddressError, Channel, Outcome, Page, PageError
from connectors.lemmy import Connector

DATA = Path(__file__).parent / "data" / "lemmy"
API = "https://town.example/api/v3"
POSTS = f"{API}/post/list?community_name=council&type_=All&sort=NewComments&limit=50"
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def parsed(file, *, url=POSTS, context="", cursor=None, channel=None, status=200):
    """What the connector makes of a recorded file, or of the value given in its place."""
    body = json.dumps(file).encode() if isinstance(file, dict) else file
    body = (DATA / body).read_bytes() if isinstance(body, str) else body
    answer = Page(
        page_id="p1",
        channel_id="council:lemmy:1",
        requested_url=url,
        url=url,
        status=status,
        headers=(),
        body=body,
        fetched_at=AT,
        context=context,
    )
    return Connector().parse(answer, channel or community(), cursor)


def community(address="!council@town.example", **more):
    told = {
        "homepage": "https://council.example",
        "own_accounts": ("@council_office@town.example",),
    }
    return Channel(
        channel_id="council:lemmy:1",
        organization_id="council",
        source="lemmy",
        address=address,
        **(told | more),
    )


def recorded(name):
    return json.loads((DATA / name).read_text("utf-8"))


def thread(post, count, file=None, **more):
    context = f"thread {post} {count} 0 1"
    return parsed(file or f"comments_{post}.json", context=context, url="x", **more)


@pytest.mark.parametrize(
    ("address", "base", "name"),
    [
        ("!council@town.example", "https://town.example", "council"),
        ("!council@Town.example:8536", "https://town.example:8536", "council"),
        ("!council@127.0.0.1:8536", "http://127.0.0.1:8536", "council"),
        ("http://town.example/c/council", "http://town.example", "council"),
        ("https://town.example/c/council@far.example/", "https://town.example", "council%40far"),
    ],
)
def test_an_address_names_a_community_and_the_server_to_ask(address, base, name):
    Connector().check_address(address)
    first, _ = Connector().plan(community(address), None)
    assert first.url.startswith(f"{base}/api/v3/post/list?community_name={name}")


@pytest.mark.parametrize("address", ["council", "@council@town.example", "!council@", "!a@b/c"])
def test_anything_else_is_no_address(address):
    with pytest.raises(AddressError):
        Connector().check_address(address)


def test_the_office_answered_after_two_hours():
    posts = {a.activity_id: a for a in parsed("posts.json").activities}
    answer = thread(70, 3).activities[0]
    question = posts[answer.parent_id]
    assert answer.occurred_at - question.occurred_at == timedelta(hours=2)
    assert (question.kind, question.direction) == ("topic", "to_organization")
    assert question.is_question
    assert (answer.author_role, answer.author_evidence) == ("organization", "listed_account")
    assert not answer.author


def test_replies_to_the_organization_are_told_from_those_among_others():
    known = parsed("posts.json").cursor
    by, to, among = thread(70, 3, cursor=known).activities
    assert by.direction == "by_organization"
    assert to.direction == "to_organization"
    assert to.parent_id == by.activity_id
    assert among.direction == "among_others"
    assert among.parent_id == to.activity_id
    assert thread(71, 2, cursor=known).activities[0].direction == "to_organization"


def test_a_comment_that_calls_the_organization_is_to_it():
    page = recorded("comments_70.json")
    page["comments"][2]["comment"]["content"] = (
        "[@council_office](/u/x@y) @Council_Office@town.example"
    )
    assert thread(70, 3, page).activities[2].direction == "to_organization"


def test_moderators_are_staff_and_administrators_only_on_the_organizations_own_server():
    answer = thread(46, 1).activities[0]
    assert (answer.author_role, answer.author_evidence) == ("staff", "staff_flag")
    page = recorded("comments_46.json")
    page["comments"][0]["creator_is_moderator"] = False
    assert thread(46, 1, page).activities[0].author_role == "outsider"
    at_home = community(homepage="https://www.town.example")
    assert thread(46, 1, page, channel=at_home).activities[0].author_role == "staff"


def test_a_person_from_another_server_is_known_by_name_and_home():
    authors = [a.author for a in thread(70, 3).activities]
    assert authors == ["", "dora_kiln@town.example", "emil_harbour@other.example"]


def test_what_is_marked_as_deleted_is_gone():
    comment = thread(70, 3).activities[2].activity_id
    assert thread(70, 2, "comments_70_later.json").gone_ids == (comment,)


def test_a_thread_with_fewer_comments_than_counted_is_truncated_and_deletes_nothing():
    short = thread(70, 5)
    assert short.threads[0].is_truncated
    assert not short.extents
    whole = thread(70, 3)
    assert not whole.threads[0].is_truncated
    assert whole.extents[0].exempt_id == whole.activities[0].parent_id


def test_a_full_page_of_comments_has_another_behind_it():
    page = recorded("comments_70.json")
    page["comments"] = page["comments"][1:2] * 50
    result = thread(70, 53, page)
    assert result.threads[0].is_truncated
    assert not result.extents
    assert result.next_requests[0].context == "thread 70 53 50 2"


def test_servers_before_0_19_are_paged_by_number_and_write_no_offsets():
    page = recorded("posts.json")
    del page["next_page"]
    view = page["posts"][1]
    del view["creator_is_moderator"]
    del view["creator_is_admin"]
    view["post"]["published"] = "2026-03-01T14:00:00"
    page["posts"] = [view] * 50
    result = parsed(page)
    assert result.next_requests[-1].url == f"{POSTS}&page=2"
    assert result.activities[0].occurred_at == datetime(2026, 3, 1, 14, tzinfo=UTC)


def test_an_older_page_whose_place_is_gone_is_asked_for_by_number():
    url = f"{POSTS}&page_cursor=P47"
    result = parsed("missing.json", url=url, context="older 2 ", status=404)
    assert [(r.url, r.context) for r in result.next_requests] == [(f"{POSTS}&page=2", "older 2 ")]


def test_a_page_that_leads_to_itself_ends_the_walk():
    page = recorded("posts_2.json") | {"next_page": "P47"}
    result = parsed(page, url=f"{POSTS}&page_cursor=P47", context="older 2 ")
    assert f"{POSTS}&page_cursor=P47" not in {r.url for r in result.next_requests}


def test_two_walks_that_meet_go_on_as_far_as_the_farther():
    far = parsed("posts.json").cursor
    page = recorded("posts_later.json")
    page["posts"], page["next_page"] = page["posts"][1:3], "P47"
    contexts = {r.url: r.context for r in parsed(page, cursor=far).next_requests}
    assert contexts[f"{POSTS}&page_cursor=P47"] == "older 2 "


def test_a_post_without_comments_leads_nowhere_and_one_that_lost_them_is_looked_at():
    before = Itinerary(memory={"posts": {"72": ["2026-03-03T07:00:00.250000+00:00", 1]}})
    first = {r.context for r in parsed("posts_later.json").next_requests}
    assert "thread 72 0 0 1" not in first
    again = parsed("posts_later.json", cursor=before.cursor()).next_requests
    assert "thread 72 0 0 1" in {r.context for r in again}


def test_a_post_that_has_left_the_list_is_gone_only_if_the_server_says_so():
    ask = {"url": f"{API}/post?id=73", "context": "post 73"}
    post = parsed("posts.json").activities[1]
    gone = parsed("missing.json", status=404, **ask)
    assert gone.gone_ids == (post.activity_id,)
    assert gone.extents[0].thread_id == post.thread_id
    view = recorded("posts.json")["posts"][1]
    assert parsed({"post_view": view}, **ask).activities == (post,)
    view["post"]["removed"] = True
    assert parsed({"post_view": view}, **ask).gone_ids == (post.activity_id,)


@pytest.mark.parametrize(
    ("status", "body", "outcome", "word"),
    [
        (404, b"", Outcome.NOT_FOUND, "Lemmy 1.0"),
        (404, b'{"error":"couldnt_find_community"}', Outcome.NOT_FOUND, "community"),
        (400, b'{"error":"couldnt_find_community"}', Outcome.NOT_FOUND, "community"),
        (400, b'{"error":"instance_is_private"}', Outcome.NEEDS_AUTH, "account"),
        (400, b'{"error":"query_deserialize_error"}', Outcome.WRONG_TYPE, "400"),
    ],
)
def test_a_refusal_is_told_by_what_the_server_says(status, body, outcome, word):
    with pytest.raises(PageError) as refusal:
        parsed(body, status=status)
    assert refusal.value.outcome is outcome
    assert word in refusal.value.message


def test_a_pinned_post_says_nothing_of_the_window():
    listing = parsed("posts.json").listing
    assert listing.listed_from == datetime(2026, 2, 28, 10, 0, 0, 250000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("homepage", "is_verified"),
    [("https://town.example", True), ("https://council.example", False), ("", None)],
)
def test_a_link_to_the_homepage_is_noted_but_proves_nothing(homepage, is_verified):
    told = {"context": "community", "channel": community(homepage=homepage)}
    (presence,) = parsed("community.json", **told).presences
    assert presence.is_verified is is_verified
    assert presence.has_site_link is {"https://council.example": True, "": None}.get(
        homepage, False
    )
