"""What is special about Bluesky: DIDs, two kinds of servers, forgeable dates, hidden accounts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest
from recordedscenario import Answer, World
from recordedscenario import scenario as recorded
from recordedworld import Reader

import connectors
from connectors.apis.acts import act_id
from connectors.contract import AddressError, Channel, Cursor, Page, PageError, Purpose
from connectors.platforms.bluesky.shapes import tid_moment

DATA = Path(__file__).parent / "data" / "bluesky"
BLUESKY = connectors.load("bluesky")
SCENARIO = recorded("bluesky", DATA)
PUBLIC = "https://public.api.bsky.app/xrpc"
DID = json.loads((DATA / "profile.json").read_bytes())["did"]
OTHER = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
LISTED = {"values": [{"val": "!no-unauthenticated"}]}
HIDDEN = {"labels": [{"val": "!no-unauthenticated", "src": DID}]}
FEED = f"{PUBLIC}/app.bsky.feed.getAuthorFeed?actor={DID}&filter=posts_with_replies&limit=100"

FETCHED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = ["2026-01-01T00:00:00Z", *(f"2026-02-{day:02}T00:00:00Z" for day in range(1, 9))]
HOST = "https://host.example"


# Addresses


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("council.example", f"{PUBLIC}/app.bsky.actor.getProfile?actor=council.example"),
        ("@council.example", f"{PUBLIC}/app.bsky.actor.getProfile?actor=council.example"),
        (DID, f"{PUBLIC}/app.bsky.actor.getProfile?actor={DID}"),
        (
            "did:web:council.example",
            f"{PUBLIC}/app.bsky.actor.getProfile?actor=did:web:council.example",
        ),
        (
            "https://bsky.app/profile/council.example/",
            f"{PUBLIC}/app.bsky.actor.getProfile?actor=council.example",
        ),
        (
            "http://localhost:2584/profile/council.example",
            "http://localhost:2584/xrpc/app.bsky.actor.getProfile?actor=council.example",
        ),
    ],
)
def test_an_address_names_an_account_and_perhaps_a_server(address, asked):
    BLUESKY.check_address(address)
    (request,) = BLUESKY.plan(at(address), None)
    assert (request.url, request.purpose) == (asked, Purpose.READ)


@pytest.mark.parametrize(
    "address",
    [
        *("", "council", "council..example", "-council.example", "did:plc:short", "did:key:zabc"),
        *("council.example ", "kraków.example", "https://bsky.app/", "https://bsky.app/profile/"),
        *("https://bsky.app/profile/council.example/post/1", "ftp://bsky.app/profile/a.example"),
        *("https://me@host.example/profile/a.example", "http://[/profile/a.example"),
        *("http://host.example:x/profile/a.example", "a.example/../b", f"{'a' * 64}.example"),
    ],
)
def test_what_is_no_address_is_told_what_one_looks_like(address):
    with pytest.raises(AddressError, match=r"https://bsky\.app/profile/council\.example"):
        BLUESKY.check_address(address)


# Accounts


def test_an_account_that_changed_its_handle_is_asked_for_by_its_did():
    known = reader().look(SCENARIO.first)
    planned = [request.url for request in BLUESKY.plan(SCENARIO.channel, known.cursor)]
    assert planned == [FEED, f"{PUBLIC}/app.bsky.actor.getProfile?actor={DID}"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("InvalidRequest", "not_found"),
        ("AccountDeactivated", "gone"),
        ("AccountTakedown", "gone"),
        ("RepoTakendown", "gone"),
    ],
)
@pytest.mark.parametrize("context", ["profile", "feed", "repository", "records", f"record {DID}"])
def test_a_lost_account_is_told_apart_from_one_that_never_was(error, outcome, context):
    with pytest.raises(PageError) as caught:
        parsed({"error": error, "message": "Profile not found"}, context, status=400)
    assert caught.value.outcome == outcome


@pytest.mark.parametrize(
    ("handle", "homepage", "badge", "expected"),
    [
        ("council.example", "https://www.council.example/home", "none", (True, "domain_handle")),
        ("news.council.example", "https://council.example", "valid", (True, "domain_handle")),
        ("council.bsky.social", "https://council.example", "valid", (True, "organization_badge")),
        ("council.bsky.social", "https://council.example", "none", (False, "")),
        ("councilcouncil.example", "https://council.example", "none", (False, "")),
        ("handle.invalid", "https://council.example", "invalid", (False, "")),
        ("council.bsky.social", "", "none", (False, "")),
        ("council.example", "", "none", (None, "")),
    ],
)
def test_a_handle_or_a_badge_proves_whose_account_it_is(handle, homepage, badge, expected):
    profile = {"did": DID, "handle": handle, "verification": {"verifiedStatus": badge}}
    (presence,) = parsed(profile, "profile", channel=at(DID, homepage)).presences
    assert (presence.is_verified, presence.verification) == expected


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"description": "See https://www.Council.example/news"}, True),
        ({"website": "https://council.example"}, True),
        ({"description": "mail@council.example, council.example.org, pool.council.example"}, False),
        ({}, False),
    ],
)
def test_a_profile_links_to_the_homepage_or_does_not(about, expected):
    (presence,) = parsed({"did": DID, **about}, "profile").presences
    assert presence.has_site_link is expected


@pytest.mark.parametrize("context", ["profile", "feed", f"record {DID}"])
def test_an_account_that_asks_to_be_shown_to_members_only_is_left_alone(context):
    answers = {
        "profile": {"did": DID, **HIDDEN},
        "feed": {"feed": [item("Good morning", author={"did": DID, **HIDDEN})]},
        f"record {DID}": {"uri": "", "value": {"labels": LISTED}},
    }
    memory = {"did": DID} if context == "feed" else {}
    with pytest.raises(PageError) as caught:
        parsed(answers[context], context, memory)
    assert caught.value.outcome == "opted_out"
    agreed = replace(SCENARIO.channel, is_consented=True)
    assert parsed(answers[context], context, memory, channel=agreed)


def test_an_account_at_a_host_that_asks_so_later_is_left_alone_from_then_on():
    memory = {"did": DID, "is_repository": True}
    later = parsed({"uri": "", "value": {"labels": LISTED}}, f"record {DID}", memory)
    with pytest.raises(PageError, match="not logged in"):
        parsed({"records": []}, "records", state(later)["memory"])


def test_an_account_with_an_unknown_kind_of_did_is_not_asked_for():
    with pytest.raises(PageError, match="no known kind"):
        parsed({"did": "did:evil:../../x"}, "profile")


# The account's host


def test_a_host_that_shows_no_views_is_asked_for_the_repository():
    known = reader(HOST).look(host_world())
    assert Counter((a.kind, a.listed_in) for a in known.activities.values()) == {
        ("post", "posts"): 6,
        ("reply", "posts"): 2,
    }
    assert not known.mentions
    assert not known.drifts
    (presence,) = known.presences
    assert (presence.is_verified, presence.has_site_link) == (True, True)
    assert (presence.follower_count, presence.post_count) == (None, None)


def test_a_host_that_belongs_to_no_index_is_asked_for_the_repository_too():
    refusal = b'{"error":"InvalidRequest","message":"No service configured for app.bsky.actor"}'
    made = parse(refusal, "profile", channel=at(f"{HOST}/profile/council.example"), status=400)
    assert [request.context for request in made.next_requests] == ["repository"]


def test_a_host_and_the_index_give_an_act_the_same_identity():
    at_the_index = reader().look(SCENARIO.first).activities
    assert reader(HOST).look(host_world()).activities.keys() <= at_the_index.keys()


def test_a_host_is_asked_by_did_from_then_on():
    known = reader(HOST).look(host_world())
    again = reader(HOST).look(host_world(), after=known, day=1)
    assert [s.request.context.split()[0] for s in again.sights] == [
        "records",
        "repository",
        "record",
    ]


@pytest.mark.parametrize("stop", range(1, 6))
def test_a_look_at_a_host_that_is_killed_goes_on_where_it_was(stop):
    whole = reader(HOST).look(host_world())
    killed = reader(HOST).look(host_world(), stop_after=stop)
    assert (
        reader(HOST).look(host_world(), after=killed).activities.keys() == whole.activities.keys()
    )


@pytest.mark.parametrize(("status", "outcome"), [(401, "needs_auth"), (403, "blocked")])
def test_a_refusal_that_is_none_of_the_network_is_told_as_it_is(status, outcome):
    with pytest.raises(PageError) as caught:
        parse(b"<html>No entry</html>", "profile", status=status)
    assert caught.value.outcome == outcome


def test_the_public_index_is_never_taken_for_a_host():
    (request,) = BLUESKY.plan(SCENARIO.channel, None)
    assert request.answers == (400,)


def test_keys_tell_when_they_were_made():
    assert tid_moment("3mftnx22o222s") == datetime(2026, 2, 27, 12, tzinfo=UTC)
    assert tid_moment("self") is None
    assert tid_moment("1234567890123") is None


# The list


def test_a_date_yet_to_come_is_flagged_and_does_not_move_the_end_of_what_is_known():
    made = parsed(
        {"feed": [item("Soon", "2031-01-01T00:00:00Z", "2026-03-02T11:00:00Z")]},
        "feed",
        {"did": DID},
    )
    (act,) = made.activities
    assert (act.date_flag, act.occurred_at, act.listed_in) == ("future", None, "misdated")
    assert state(made)["memory"]["newest"] == "2026-03-02T11:00:00+00:00"


@pytest.mark.parametrize(
    ("said", "seen", "listed_in"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:02Z", "posts"),
        ("2026-03-01T10:09:00Z", "2026-03-01T10:00:00Z", "posts"),
        ("2026-03-01T10:11:00Z", "2026-03-01T10:00:00Z", "misdated"),
        ("2009-03-01T10:00:00Z", "2026-03-01T10:00:00Z", "posts"),
        ("yesterday", "2026-03-01T10:00:00Z", "misdated"),
    ],
)
def test_a_post_that_is_not_where_its_date_says_cannot_be_missed_there(said, seen, listed_in):
    (act,) = parsed({"feed": [item("Hello", said, seen)]}, "feed", {"did": DID}).activities
    assert act.listed_in == listed_in


def test_a_span_begins_where_no_later_date_can_stand_on_the_next_page():
    made = parsed({"feed": [item("b", DAY[2]), item("a", DAY[1])]}, "feed", {"did": DID})
    (extent,) = made.extents
    assert extent.from_at == datetime(2026, 2, 1, 0, 10, tzinfo=UTC)
    assert extent.to_at == FETCHED_AT


def test_a_page_with_an_unreadable_post_shows_no_span():
    odd = item("c", DAY[1])
    odd["post"]["record"]["text"] = 7
    made = parsed({"feed": [item("b", DAY[2]), odd, item("a", DAY[1])]}, "feed", {"did": DID})
    assert len(made.activities) == 2
    assert not made.extents
    assert [drift.path for drift in made.drifts] == ["PostRecord.text"]


def test_a_pinned_post_stands_out_of_order():
    pin = item("Welcome", DAY[0]) | {"reason": {"$type": "app.bsky.feed.defs#reasonPin"}}
    made = parsed(
        {"feed": [pin, item("b", DAY[2])], "cursor": "1"}, "feed", {"did": DID, "newest": DAY[1]}
    )
    assert len(made.activities) == 2
    assert made.listing.listed_from == datetime(2026, 2, 2, tzinfo=UTC)
    assert made.listing.is_continued


def test_a_walk_goes_back_to_what_was_known_and_no_further():
    first = parsed(
        {"feed": [item("c", DAY[3])], "cursor": "3"}, "feed", {"did": DID, "newest": DAY[1]}
    )
    (errand,) = state(first)["errands"]
    assert errand[:2] == [f"{FEED}&cursor=3", "older 2026-02-01T00:00:00+00:00"]
    assert state(first)["memory"]["newest"] == "2026-02-03T00:00:00+00:00"
    older = {"feed": [item("b", DAY[2])], "cursor": "2"}
    second = parsed(older, errand[1], state(first)["memory"], url=errand[0])
    assert state(second)["errands"][0][:2] == [f"{FEED}&cursor=2", errand[1]]
    reached = {"feed": [item("a", DAY[1])], "cursor": "1"}
    assert not state(parsed(reached, errand[1], state(first)["memory"]))["errands"]


def test_a_page_that_leads_to_itself_ends_the_walk():
    page = {"feed": [], "cursor": "3"}
    made = parsed(page, "older ", {"did": DID}, url=f"{FEED}&cursor=3")
    assert not state(made)["errands"]


def test_the_five_hundred_newest_counts_of_replies_are_remembered():
    memory = {"did": DID, "replies": {f"2zzzzzzzz{n:04}": 1 for n in range(500)}}
    made = parsed({"feed": [item("a", DAY[1])]}, "feed", memory)
    replies = state(made)["memory"]["replies"]
    assert len(replies) == 500
    assert "2zzzzzzzz0000" not in replies


def test_a_link_is_that_of_the_text_or_else_of_the_card():
    card = {"external": {"uri": "https://card.example/1"}}
    facet = {"features": [{"tag": "x"}, {"uri": "https://text.example/2"}]}
    hosts = [
        act.link_host
        for act in parsed(
            {
                "feed": [
                    item("1", DAY[4], record={"embed": card, "facets": [facet]}),
                    item("2", DAY[3], record={"embed": card}),
                    item("3", DAY[2], record={"embed": {"media": card, "record": {}}}),
                    item("4 https://written.example", DAY[1]),
                ]
            },
            "feed",
            {"did": DID},
        ).activities
    ]
    assert hosts == ["text.example", "card.example", "card.example", "written.example"]


def test_what_the_organization_answered_elsewhere_is_no_base_for_a_rate():
    parent = post("Is the pool open?", DAY[1], author={"did": OTHER})
    made = parsed({"feed": [reply_item("Yes", parent)]}, "feed", {"did": DID})
    answer, question = made.activities
    assert (question.found_through, question.direction) == ("answer", "among_others")
    assert question.author == OTHER
    assert answer.parent_id == question.activity_id
    assert answer.thread_id == question.thread_id
    assert not state(made)["errands"]


def test_what_was_answered_and_then_deleted_is_gone():
    parent = {"uri": f"at://{OTHER}/app.bsky.feed.post/1", "notFound": True}
    made = parsed({"feed": [reply_item("Yes", parent)]}, "feed", {"did": DID})
    assert made.gone_ids == (act_id(SCENARIO.channel, parent["uri"]),)


def test_a_reply_to_an_answer_given_elsewhere_is_asked_for_below_that_answer():
    parent = post("Is the pool open?", DAY[1], author={"did": OTHER})
    listed = reply_item("Yes", parent)
    listed["post"]["replyCount"] = 1
    made = parsed({"feed": [listed]}, "feed", {"did": DID})
    (errand,) = state(made)["errands"]
    assert f"uri={listed['post']['uri']}&" in errand[0]
    assert OTHER not in errand[0]


def test_another_account_of_the_organization_speaks_for_it_too():
    parent = post("We are open", DAY[1], author={"did": OTHER, "handle": "pool.example"})
    channel = replace(SCENARIO.channel, own_accounts=("https://bsky.app/profile/pool.example",))
    made = parsed({"feed": [reply_item("Good", parent)]}, "feed", {"did": DID}, channel=channel)
    assert made.activities[1].direction == "by_organization"
    assert (made.activities[1].author, made.activities[1].author_evidence) == ("", "listed_account")


# Conversations


def test_a_conversation_that_is_gone_takes_its_first_post_along():
    uri = post("x", DAY[1])["uri"]
    asked = f"{PUBLIC}/app.bsky.feed.getPostThread?uri={uri}&depth=100&parentHeight=0"
    for error, gone in (("NotFound", (act_id(SCENARIO.channel, uri),)), ("InvalidRequest", ())):
        made = parsed({"error": error}, "thread", {"did": DID}, url=asked, status=400)
        assert made.gone_ids == gone


def test_a_conversation_as_deep_as_can_be_asked_for_is_read():
    thread = node(post("end", DAY[1], author={"did": OTHER}, count=1))
    for _ in range(100):
        thread = node(post("step", DAY[1], author={"did": OTHER}, count=1), thread)
    made = parsed({"thread": thread}, "thread", {"did": DID}, url=f"{FEED}&uri=x")
    (view,) = made.threads
    assert (view.shown_count, view.is_truncated) == (101, True)
    assert not made.extents


def test_replies_at_the_end_of_a_conversation_shown_are_hidden_when_they_are_counted():
    top = post("Budget", DAY[1], count=1)
    for replies, is_truncated in (
        ([], True),
        ([node(post("?", DAY[2], author={"did": OTHER}))], False),
    ):
        made = parsed(
            {"thread": node(top, *replies)}, "thread", {"did": DID}, url=f"{FEED}&uri={top['uri']}"
        )
        assert made.threads[0].is_truncated is is_truncated
        assert bool(made.extents) is not is_truncated


def test_the_first_reply_is_two_hours_younger_than_its_answer():
    acts = reader().look(SCENARIO.first).activities
    waits = sorted(
        a.occurred_at - acts[a.parent_id].occurred_at
        for a in acts.values()
        if a.parent_id and a.direction == "by_organization"
    )
    assert waits == [timedelta(minutes=90), timedelta(hours=2)]


def test_whoever_asks_to_be_shown_to_members_only_is_counted_and_left_out():
    views = reader().look(SCENARIO.first).views.values()
    assert sum(view.withheld_count for view in views) == 1


# Real recordings


def test_every_recorded_post_is_read_and_nothing_in_it_is_unknown(real_data):
    folder = real_data / "api" / "bluesky"
    items = [json.loads(file.read_bytes()) for file in sorted(folder.glob("*__posts_*.json"))]
    items += json.loads((folder / "blueskyprofiler__feeds_author_feed.json").read_bytes())["feed"]
    quotes = json.loads((folder / "blueskyprofiler__feeds_quotes.json").read_bytes())
    items += [{"post": quote} for quote in quotes["posts"]]
    assert len(items) > 20
    for recording in items:
        author = recording.get("reason", {}).get("by") or recording["post"]["author"]
        page, memory = {"feed": [recording]}, {"did": author["did"]}
        if any(label["val"] == "!no-unauthenticated" for label in author["labels"]):
            with pytest.raises(PageError, match="not logged in"):
                parsed(page, "feed", memory)
            continue
        made = parsed(page, "feed", memory)
        assert made.activities
        assert not made.drifts
        check_that_nothing_leaks(made, recording)


def test_a_recorded_profile_is_read(real_data):
    profile = (real_data / "api" / "bluesky" / "blueskyprofiler__profile.json").read_bytes()
    made = parse(profile, "profile")
    (presence,) = made.presences
    assert (presence.follower_count, presence.has_avatar) == (523417, True)
    assert not made.drifts


def test_recorded_lists_of_persons_are_no_pages_of_ours(real_data):
    for name in ("follows", "likes"):
        file = real_data / "api" / "bluesky" / f"blueskyprofiler__feeds_{name}.json"
        with pytest.raises(PageError, match="not what this source serves"):
            parse(file.read_bytes(), "feed", {"did": DID})


def check_that_nothing_leaks(made, recording):
    stored = [(replace(a, author=""), a.author_role) for a in made.activities]
    shown = repr((stored, made.threads, made.drifts, made.cursor, made.listing))
    others = (
        [recording["reply"][part] for part in ("root", "parent")] if "reply" in recording else []
    )
    for other in others:
        assert other["record"]["text"] not in shown
        if other["author"]["did"] != recording["post"]["author"]["did"]:
            assert other["author"]["handle"] not in shown
            assert other["author"]["did"] not in shown


# How pages are made


def at(address, homepage=""):
    return Channel(
        channel_id="c", organization_id="o", source="bluesky", address=address, homepage=homepage
    )


def reader(server=""):
    if not server:
        return Reader(BLUESKY, SCENARIO)
    channel = replace(SCENARIO.channel, address=f"{server}/profile/council.example")
    return Reader(BLUESKY, replace(SCENARIO, channel=channel, hosts=frozenset({"host.example"})))


def host_world():
    repo, posts = (
        f"{HOST}/xrpc/com.atproto.repo",
        f"repo={DID}&collection=app.bsky.feed.post&limit=100",
    )
    last = json.loads((DATA / "host_records.json").read_bytes())["cursor"]
    refusal = Answer((DATA / "host_refusal.json").read_bytes(), 401)
    return World(
        {
            f"{HOST}/xrpc/app.bsky.actor.getProfile?actor=council.example": refusal,
            f"{repo}.describeRepo?repo=council.example": saved("host_repository.json"),
            f"{repo}.describeRepo?repo={DID}": saved("host_repository.json"),
            f"{repo}.getRecord?repo={DID}&collection=app.bsky.actor.profile&rkey=self": saved(
                "host_profile.json"
            ),
            f"{repo}.listRecords?{posts}": saved("host_records.json"),
            f"{repo}.listRecords?{posts}&cursor={last}": saved("host_records_older.json"),
        }
    )


def saved(name):
    return Answer((DATA / name).read_bytes())


def parsed(value, context, memory=None, channel=SCENARIO.channel, *, url=FEED, status=200):
    return parse(json.dumps(value).encode(), context, memory, channel, url=url, status=status)


def parse(body, context, memory=None, channel=SCENARIO.channel, *, url=FEED, status=200):
    page = Page(
        page_id="p",
        channel_id="c",
        requested_url=url,
        url=url,
        status=status,
        headers=(),
        body=body,
        fetched_at=FETCHED_AT,
        context=context,
    )
    kept = {"errands": [], "memory": memory or {}}
    return BLUESKY.parse(page, channel, Cursor(state=json.dumps(kept)))


def state(made):
    return json.loads(made.cursor.state)


def post(text, said=DAY[1], seen="", *, author=None, count=0, record=None):
    author = author or {"did": DID}
    key = crc32(f"{text} {said}".encode())
    return {
        "uri": f"at://{author['did']}/app.bsky.feed.post/3{key:012}",
        "author": author,
        "record": {"text": text, "createdAt": said, **(record or {})},
        "replyCount": count,
        "indexedAt": seen or said,
    }


def item(*args, **options):
    return {"post": post(*args, **options)}


def reply_item(text, parent):
    link = {"uri": parent["uri"]}
    listed = item(text, DAY[2], record={"reply": {"parent": link, "root": link}})
    return listed | {"reply": {"parent": parent, "root": parent}}


def node(top, *replies):
    return {"post": top, "replies": list(replies)}
