"""What is special about Mastodon and the servers that speak its interface."""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors.contract import (
    AddressError,
    Channel,
    Cursor,
    Direction,
    FoundThrough,
    Outcome,
    Page,
    PageError,
    Purpose,
)
from connectors.mastodon import Connector

DATA = Path(__file__).parent / "data" / "mastodon"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
API = "https://social.example/api/v1"
COUNCIL = "109300000000000001"
LIST = f"{API}/accounts/{COUNCIL}/statuses?limit=40"
CHANNEL = Channel(
    channel_id="council:mastodon:1",
    organization_id="council",
    source="mastodon",
    address="@council@social.example",
    homepage="https://council.example",
)


def recorded(name):
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def parsed(url, body, *, cursor=None, channel=CHANNEL, link="", **more):
    page = Page(
        page_id="page",
        channel_id=channel.channel_id,
        requested_url=url,
        url=url,
        headers=(("link", link),) if link else (),
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        fetched_at=NOW,
        **{"status": 200, **more},
    )
    return Connector().parse(page, channel, cursor)


def known(**memory):
    state = {"errands": [], "memory": {"id": COUNCIL, "base": "https://social.example", **memory}}
    return Cursor(state=json.dumps(state))


def listed(statuses, cursor=None, **more):
    return parsed(LIST, statuses, cursor=cursor or known(), **more)


def asked(url, found):
    # replies of unknown place wait for conversations that may tell it: they stand in the plan
    wanted = (*found.next_requests, *Connector().plan(CHANNEL, found.cursor))
    return next(request for request in wanted if request.url == url)


def answered(request, body, found, status=200):
    """The answer to what a page led to."""
    return parsed(request.url, body, cursor=found.cursor, context=request.context, status=status)


def a_post(number, at="2026-02-15T08:00:00.000Z", **changes):
    return {**recorded("statuses")[2], "id": number, "created_at": at, **changes}


# Addresses


@pytest.mark.parametrize(
    ("address", "first"),
    [
        ("@council@social.example", f"{API}/accounts/lookup?acct=council"),
        ("@Council@SOCIAL.example", f"{API}/accounts/lookup?acct=Council"),
        ("https://social.example/@council", f"{API}/accounts/lookup?acct=council"),
        ("https://social.example/users/council/", f"{API}/accounts/lookup?acct=council"),
        ("http://127.0.0.1:3000/@board", "http://127.0.0.1:3000/api/v1/accounts/lookup?acct=board"),
        ("@board@127.0.0.1:3000", "http://127.0.0.1:3000/api/v1/accounts/lookup?acct=board"),
        ("@board@localhost", "http://localhost/api/v1/accounts/lookup?acct=board"),
        ("@board@[::1]:80", "http://[::1]:80/api/v1/accounts/lookup?acct=board"),
        ("@the.board@10.0.0.1", "https://10.0.0.1/api/v1/accounts/lookup?acct=the.board"),
    ],
)
def test_an_address_names_a_server_and_an_account(address, first):
    Connector().check_address(address)
    (request,) = Connector().plan(replace(CHANNEL, address=address), None)
    assert (request.url, request.purpose) == (first, Purpose.READ)


@pytest.mark.parametrize(
    "address",
    [
        "council@social.example",
        "@council",
        "https://social.example/@council@elsewhere.example",
        "https://social.example/@council/110",
        "@co/uncil@social.example",
        "ftp://social.example/@council",
    ],
)
def test_what_is_no_account_is_refused(address):
    with pytest.raises(AddressError, match=r"@council@social\.example"):
        Connector().check_address(address)


# Where the account lives


def test_a_domain_without_accounts_is_asked_where_they_are():
    channel = replace(CHANNEL, address="@council@council.example")
    lookup = "https://council.example/api/v1/accounts/lookup?acct=council"
    for status, body in ((404, b'{"error":"Record not found"}'), (200, b"<!doctype html><p>")):
        first = parsed(lookup, body, channel=channel, status=status)
        (finger,) = first.next_requests
        assert finger.url == (
            "https://council.example/.well-known/webfinger?resource=acct:council@council.example"
        )
    links = [
        {"rel": "http://webfinger.net/rel/profile-page", "href": "https://social.example/@council"},
        {"rel": "self", "href": "https://social.example/users/council"},
        {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://social.example/x"},
    ]
    found = parsed(finger.url, {"links": links}, channel=channel, cursor=first.cursor)
    (again,) = found.next_requests
    assert again.url == f"{API}/accounts/lookup?acct=council"
    last = parsed(again.url, recorded("lookup"), channel=channel, cursor=found.cursor)
    assert last.next_requests[0].url == LIST
    planned = [request.url for request in Connector().plan(channel, last.cursor)]
    assert planned == [LIST, f"{API}/accounts/{COUNCIL}"]


def test_a_server_that_names_itself_has_no_such_account():
    finger = "https://social.example/.well-known/webfinger?resource=acct:council@social.example"
    with pytest.raises(PageError) as caught:
        parsed(finger, {"links": [{"rel": "self", "href": "https://social.example/users/council"}]})
    assert caught.value.outcome is Outcome.NOT_FOUND


def test_handles_have_the_domain_of_the_account_not_of_its_server():
    channel = replace(CHANNEL, address="@council@council.example")
    request = asked(f"{API}/statuses/116000000000000060/context", listed(recorded("statuses")))
    found = parsed(
        request.url,
        recorded("context_60"),
        channel=channel,
        cursor=known(),
        context=request.context,
    )
    assert {act.author for act in found.activities} == {"", "ann_resident@council.example"}


# The account


def test_the_profile_is_observed():
    (seen,) = parsed(f"{API}/accounts/{COUNCIL}", recorded("lookup"), cursor=known()).presences
    assert (seen.follower_count, seen.post_count) == (120, 7)
    assert (seen.is_verified, seen.verification) == (True, "rel_me")
    assert (seen.has_description, seen.has_site_link, seen.has_avatar) == (True, True, True)
    assert seen.has_contact is True


def test_a_link_that_is_not_proven_is_only_a_link():
    account = recorded("lookup")
    account["fields"][0]["verified_at"] = None
    account |= {"note": "", "avatar": "https://social.example/avatars/original/missing.png"}
    (seen,) = parsed(f"{API}/accounts/{COUNCIL}", account, cursor=known()).presences
    assert (seen.is_verified, seen.verification, seen.has_site_link) == (False, "", True)
    assert (seen.has_description, seen.has_avatar, seen.has_contact) == (False, False, None)


def test_without_a_homepage_nothing_can_be_proven():
    channel = replace(CHANNEL, homepage="")
    url = f"{API}/accounts/{COUNCIL}"
    (seen,) = parsed(url, recorded("lookup"), cursor=known(), channel=channel).presences
    assert (seen.is_verified, seen.has_site_link) == (None, None)


def test_the_own_server_is_asked_how_many_are_active_there():
    own = replace(CHANNEL, homepage="https://www.social.example/about")
    asked_for = {r.url for r in Connector().plan(own, known())}
    others = {r.url for r in Connector().plan(CHANNEL, known())}
    assert asked_for - others == {"https://social.example/api/v2/instance"}
    server = {"domain": "social.example", "usage": {"users": {"active_month": 41}}, "rules": [{}]}
    (seen,) = parsed("https://social.example/api/v2/instance", server, channel=own).presences
    assert (seen.active_member_count, seen.active_days, seen.has_rules) == (41, 28, True)


@pytest.mark.parametrize("change", [{"noindex": True}, {"discoverable": False}])
def test_an_account_that_wants_to_be_left_alone_is(change):
    account = recorded("lookup") | change
    statuses = [status | {"account": account} for status in recorded("statuses")]
    pages = ((f"{API}/accounts/lookup?acct=council", account), (LIST, statuses))
    for url, body in pages:
        with pytest.raises(PageError) as caught:
            parsed(url, body, cursor=known())
        assert caught.value.outcome is Outcome.OPTED_OUT
        assert parsed(url, body, cursor=known(), channel=replace(CHANNEL, is_consented=True))


def test_an_account_that_has_moved_says_whereto():
    account = recorded("lookup")
    account["moved"] = {**recorded("lookup"), "acct": "council@town.example"}
    with pytest.raises(PageError, match=r"moved to @council@town\.example") as caught:
        parsed(f"{API}/accounts/{COUNCIL}", account, cursor=known())
    assert caught.value.outcome is Outcome.GONE


# The list


def test_latencies_are_those_of_the_clock():
    found = listed(recorded("statuses"))
    acts = {act.activity_id: act for act in found.activities}
    for number in ("116000000000000020", "116000000000000060"):
        request = asked(f"{API}/statuses/{number}/context", found)
        said = answered(request, recorded(f"context_{number[-2:]}"), found)
        acts |= {act.activity_id: act for act in said.activities}
    waits = [
        act.occurred_at - acts[act.parent_id].occurred_at
        for act in acts.values()
        if act.direction == Direction.BY_ORGANIZATION and act.parent_id
    ]
    assert sorted(waits) == [timedelta(hours=2.5), timedelta(hours=3)]


def test_names_count_neither_as_text_nor_as_links():
    answer = next(act for act in listed(recorded("statuses")).activities if act.kind == "reply")
    assert answer.text_length == len("Yes, from ten to four.")
    market = listed(recorded("statuses_2")).activities[0]
    assert market.text_length == len(
        "The market moves to the square. council.example/market #market"
    )
    assert market.link_host == "council.example"
    tagged = (
        '<p><a href="https://social.example/tags/x" class="mention hashtag">#<span>x</span></a>'
    )
    assert listed([a_post("1", content=tagged)]).activities[0].link_host == ""


def test_a_boost_says_nothing_of_its_own():
    boost = next(act for act in listed(recorded("statuses")).activities if act.kind == "repost")
    assert (boost.text_length, boost.is_question, boost.thread_id) == (0, None, "")


def test_only_what_is_for_everybody_is_read():
    statuses = [a_post("3", visibility="private"), a_post("2", visibility="direct"), a_post("1")]
    assert len(listed(statuses).activities) == 1


def test_a_walk_back_ends_at_what_is_known():
    statuses = [a_post(str(n)) for n in (12, 11, 10)]
    link = f'<{LIST}&max_id=10>; rel="next"'
    older = f"{LIST}&max_id=10"
    first = listed(statuses, link=link)
    assert asked(older, first).purpose is Purpose.DETAIL
    assert first.listing.is_continued
    assert {a.kind for a in asked(older, first).allowances} == {"all", "paging"}
    reached = listed(statuses, known(newest="10"), link=link)
    assert reached.next_requests == ()
    gap = listed(statuses, known(newest="9"), link=link)
    assert json.loads(asked(older, gap).context) == {"until": "9"}
    assert json.loads(gap.cursor.state)["memory"]["newest"] == "12"
    last = parsed(
        older,
        [a_post("9"), a_post("8")],
        cursor=gap.cursor,
        context=asked(older, gap).context,
        link=f'<{LIST}&max_id=8>; rel="next"',
    )
    assert last.listing.is_delta
    assert last.next_requests == ()


def test_servers_without_link_headers_are_walked_to_the_first_empty_page():
    first = listed([a_post("12"), a_post("11")])
    request = asked(f"{LIST}&max_id=11", first)
    assert answered(request, [], first).next_requests == ()


def test_a_page_that_leads_to_itself_ends_the_walk():
    first = listed([a_post("12"), a_post("11")])
    request = asked(f"{LIST}&max_id=11", first)
    stuck = parsed(
        request.url,
        [a_post("11")],
        cursor=first.cursor,
        context=request.context,
        link=f'<{LIST}&max_id=11>; rel="next"',
    )
    assert stuck.next_requests == ()


def test_a_page_that_was_read_in_part_claims_nothing_complete():
    statuses = [a_post("12"), a_post("11", created_at=7), a_post("10")]
    found = listed(statuses)
    assert len(found.activities) == 2
    assert found.extents == ()
    assert found.drifts[0].kind == "changed_type"


def test_a_status_of_the_same_second_as_the_oldest_is_not_taken_for_deleted():
    (span,) = listed([a_post("12", "2026-02-15T09:00:00Z"), a_post("11")]).extents
    assert span.from_at > datetime(2026, 2, 15, 8, tzinfo=UTC)
    assert span.to_at == NOW


def test_an_answer_whose_question_was_deleted_tells_it():
    before = listed(recorded("statuses"))
    answer = recorded("statuses")[0] | {"in_reply_to_id": None}
    found = listed([answer, *recorded("statuses")[1:]], before.cursor)
    (gone,) = found.gone_ids
    question = answered(
        asked(f"{API}/statuses/116000000000000060/context", before), recorded("context_60"), before
    )
    assert gone in {act.activity_id for act in question.activities}
    assert found.activities[0].kind == "reply"


def test_the_memory_stays_small():
    statuses = [a_post(str(10**9 + n)) for n in range(600)]
    state = json.loads(listed(statuses).cursor.state)
    assert len(state["memory"]["notes"]) == 200
    assert str(10**9 + 599) in state["memory"]["notes"]


# Conversations


def conversation(number, body, **changes):
    found = listed(recorded("statuses"), **changes)
    return answered(asked(f"{API}/statuses/{number}/context", found), body, found)


def test_a_whole_conversation_is_known_to_be_whole():
    found = conversation("116000000000000020", recorded("context_20"))
    (view,) = found.threads
    assert (view.reply_count, view.shown_count, view.withheld_count) == (3, 2, 1)
    assert not view.is_truncated
    assert [extent.thread_id for extent in found.extents] == [view.thread_id]


def test_who_asks_not_to_be_indexed_is_left_out_and_who_is_not_to_be_found_has_no_name():
    found = conversation("116000000000000020", recorded("context_20"))
    assert sorted(act.author for act in found.activities) == [
        "",
        "",
        "ann_resident@social.example",
        "dora_lantern@social.example",
    ]


def test_a_conversation_that_hides_replies_claims_nothing():
    body = recorded("context_20")
    body["descendants"] = [s for s in body["descendants"] if s["id"] != "116000000000000033"]
    found = conversation("116000000000000020", body)
    assert found.threads[0].is_truncated
    assert found.extents == ()


def test_sixty_replies_are_as_many_as_a_stranger_is_shown():
    reply = recorded("context_10")["descendants"][0]
    many = [reply | {"id": str(n), "in_reply_to_id": "116000000000000020"} for n in range(60)]
    found = conversation("116000000000000020", {"ancestors": [], "descendants": many})
    assert found.threads[0].is_truncated


def test_in_a_thread_of_others_only_what_was_answered_is_read():
    above = recorded("context_60")["ancestors"][0]
    body = recorded("context_60")
    body["ancestors"] = [copy.deepcopy(above) | {"id": str(n)} for n in (1, 2)] + [above]
    found = conversation("116000000000000060", body)
    answer, question = found.activities
    assert question.found_through is FoundThrough.ANSWER
    assert question.direction == Direction.TO_ORGANIZATION
    assert answer.parent_id == question.activity_id
    assert answer.thread_id == question.thread_id
    assert found.extents == ()


def test_joining_in_where_nobody_asked_the_organization_is_among_others():
    body = recorded("context_60")
    body["ancestors"][0]["mentions"] = []
    question = conversation("116000000000000060", body).activities[1]
    assert question.direction == Direction.AMONG_OTHERS


def test_another_account_of_the_organization_speaks_for_it_too():
    channel = replace(CHANNEL, own_accounts=("@dora_lantern@social.example",))
    found = listed(recorded("statuses"), channel=channel)
    request = asked(f"{API}/statuses/116000000000000020/context", found)
    said = parsed(
        request.url,
        recorded("context_20"),
        cursor=found.cursor,
        channel=channel,
        context=request.context,
    )
    assert sum(act.direction == Direction.BY_ORGANIZATION for act in said.activities) == 2


def test_what_the_conversation_told_is_not_asked_again():
    found = listed(recorded("statuses"))
    told = answered(
        asked(f"{API}/statuses/116000000000000020/context", found), recorded("context_20"), found
    )
    left = {request.url for request in told.next_requests}
    assert f"{API}/statuses/116000000000000030/context" not in left
    assert listed(recorded("statuses"), told.cursor).next_requests == told.next_requests


def test_an_answer_leads_to_the_conversation_that_it_stands_in():
    found = listed([recorded("statuses")[3]], link=f'<{LIST}&min_id=1>; rel="prev"')
    request = asked(f"{API}/statuses/116000000000000030/context", found)
    told = answered(request, recorded("context_30"), found)
    assert [r.url for r in told.next_requests] == [f"{API}/statuses/116000000000000020/context"]
    assert len({act.thread_id for act in told.activities}) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_status_that_is_gone_is_deleted(status):
    found = listed(recorded("statuses"))
    request = asked(f"{API}/statuses/116000000000000020/context", found)
    told = answered(request, b"{}", found, status)
    bridge = found.activities[-1]
    assert told.gone_ids == (bridge.activity_id,)
    assert request.url not in {r.url for r in told.next_requests}


@pytest.mark.parametrize("status", [401, 403])
def test_a_conversation_that_strangers_are_not_shown_is_unknown(status):
    found = listed(recorded("statuses"))
    request = asked(f"{API}/statuses/116000000000000060/context", found)
    told = answered(request, b"{}", found, status)
    (answer,) = told.activities
    assert told.threads[0].is_truncated
    assert answer.parent_id
    assert request.url not in {r.url for r in told.next_requests}


# Real recordings


HOST = "http://localhost:3000"
REAL = Channel(
    channel_id="real:mastodon:1",
    organization_id="real",
    source="mastodon",
    address="@mastodonpy_test@localhost:3000",
    is_consented=True,
)


def real_bodies(folder):
    """Addresses and bodies of everything that was recorded, old versions and other servers too."""
    for file in sorted(folder.glob("api/mastodon/*.json")):
        content = json.loads(file.read_text("utf-8"))
        if "interactions" not in content:
            yield file.name, "", content
            continue
        for exchange in content["interactions"]:
            answer = exchange["response"]
            if answer["status"] == 200:
                yield file.name, exchange["request"]["uri"], answer["body"]


def real_page(url, body, account=None):
    state = {"errands": [], "memory": {"id": account or "0", "base": HOST}}
    context = json.dumps({"of": "1", "count": 0, "thread": "0" * 32})
    return parsed(url, body, cursor=Cursor(state=json.dumps(state)), channel=REAL, context=context)


def is_status(value):
    return isinstance(value, dict) and "content" in value and "visibility" in value


def kind_of(name, url, body):
    """How the connector would have asked for a body; "" where it never would."""
    path = urlsplit(url).path.rstrip("/")
    if isinstance(body, list) and body and all(is_status(one) for one in body):
        return "statuses"
    if is_status(body):
        return "status"
    if isinstance(body, dict) and "acct" in body and "followers_count" in body:
        return "account"
    is_instance = path == "/api/v2/instance" or name.startswith("tootsdk__instancev2")
    return "instance" if is_instance else "context" if path.endswith("/context") else ""


def real_results(folder):
    for name, url, body in real_bodies(folder):
        kind = kind_of(name, url, body)
        if kind in {"statuses", "status"}:
            statuses = body if kind == "statuses" else [body]
            number = statuses[0]["account"]["id"]
            yield (
                name,
                kind,
                real_page(f"{HOST}/api/v1/accounts/{number}/statuses", statuses, number),
            )
        elif kind == "account" and not body.get("moved"):
            yield name, kind, real_page(f"{HOST}/api/v1/accounts/{body['id']}", body)
        elif kind == "instance":
            yield name, kind, real_page(f"{HOST}/api/v2/instance", body)
        elif kind == "context":
            yield name, kind, real_page(url, body)


def test_everything_that_real_servers_sent_is_understood(real_data):
    results = list(real_results(real_data))
    kinds = [kind for _, kind, _ in results]
    assert len(kinds) > 100
    assert set(kinds) == {"statuses", "status", "account", "instance", "context"}
    drifts = {(name, d) for name, _, found in results for d in found.drifts}
    assert drifts == set()
    for name, kind, found in results:
        seen = found.activities if kind in {"status", "statuses"} else found.presences
        assert seen or kind == "context", name


def test_nothing_that_real_people_wrote_is_kept(real_data):
    for _, _, found in real_results(real_data):
        stored = repr([replace(act, author="") for act in found.activities]) + repr(found.cursor)
        for word in ("John Lennon", "mastodonpy", "Toot!", "noiob"):
            assert word not in stored
