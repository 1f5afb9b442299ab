"""Hacker News: what is special about it; the rest is in `test_every_connector`."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import load
from connectors.apis.acts import act_id
from connectors.contract import AddressError, Channel, Direction, Outcome, Page, PageError

DATA = Path(__file__).parent / "data" / "hackernews"
FETCHED = datetime(2026, 3, 2, 12, tzinfo=UTC)
BORN = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
CHANNEL = Channel(
    channel_id="council:hackernews:1",
    organization_id="council",
    source="hackernews",
    address="council.example",
    own_accounts=("councildev",),
)
CONNECTOR = load("hackernews")


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("example.org", "https://hn.algolia.com/"),
        ("https://www.Example.org/", "https://hn.algolia.com/"),
        ("http://127.0.0.1:8080/example.org", "http://127.0.0.1:8080/"),
    ],
)
def test_a_site_is_named_by_its_domain(address, server):
    url = next(CONNECTOR.plan(replace(CHANNEL, address=address), None)).url
    assert url.startswith(server)
    assert parse_qs(urlsplit(url).query)["query"] == ["example.org"]


@pytest.mark.parametrize("address", ["localhost", "https://example.org/blog", "example", "a b.org"])
def test_anything_else_is_no_site(address):
    with pytest.raises(AddressError, match=r"example\.org"):
        CONNECTOR.check_address(address)


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://council.example/x", True),
        ("http://WWW.council.example", True),
        ("https://blog.council.example/y", True),
        ("https://council.example.test/", False),
        ("https://mycouncil.example/", False),
        ("https://other.example/?u=council.example", False),
        (None, False),
    ],
)
def test_only_links_to_the_very_site_count(url, is_ours):
    assert len(parse(search([story(1, url=url)])).activities) == is_ours


def test_an_answer_stands_as_long_after_its_question_as_the_dates_say():
    acts = by_id(thread("40004", "item40004.json"))
    question, reply = acts[act_id(CHANNEL, "50001")], acts[act_id(CHANNEL, "50002")]
    assert question.direction == Direction.TO_ORGANIZATION
    assert question.is_question is True
    assert reply.parent_id == question.activity_id
    assert reply.occurred_at - question.occurred_at == timedelta(hours=2)


def test_a_comment_on_anothers_story_is_to_the_organization_only_as_a_reply_to_it():
    acts = [
        comment(11, "outsider", [comment(12, "councildev", [comment(13, "outsider")])]),
        comment(14, "someone-else"),
    ]
    parsed = follow(parse(search([story(1, comments=4)])), item(1, "outsider", acts))
    directions = [act.direction for act in parsed.activities]
    to, among, by = Direction.TO_ORGANIZATION, Direction.AMONG_OTHERS, Direction.BY_ORGANIZATION
    assert directions == [among, by, to, among]


def test_a_deleted_comment_is_gone_and_what_replied_to_it_stays():
    parsed = thread("40003", "item40003.json")
    assert parsed.gone_ids == (act_id(CHANNEL, "50005"),)
    orphan = by_id(parsed)[act_id(CHANNEL, "50006")]
    assert orphan.parent_id == ""
    assert orphan.thread_id


def test_a_thread_with_fewer_comments_than_counted_is_censored():
    parsed = follow(
        parse(search([story(1, comments=3)])), item(1, "outsider", [comment(2, "other")])
    )
    (view,) = parsed.threads
    assert (view.reply_count, view.shown_count, view.is_truncated) == (3, 1, True)
    assert not parsed.extents


def test_a_story_that_is_gone_is_said_to_be():
    parsed = follow(parse(search([story(1, comments=3)])), b"", status=404)
    assert parsed.gone_ids == (act_id(CHANNEL, "1"),)
    assert not parsed.next_requests


def test_another_item_than_the_one_asked_for_is_not_believed():
    with pytest.raises(PageError) as refusal:
        follow(parse(search([story(1, comments=3)])), item(2, "outsider", []))
    assert refusal.value.outcome is Outcome.MALFORMED


def test_a_search_that_gave_up_early_claims_no_deletion():
    assert parse(search([story(1)])).extents
    assert not parse(search([story(1)], is_exhaustive=False)).extents


def test_older_stories_are_asked_for_by_date_down_to_what_is_known():
    first = parse(search([story(3, at=BORN + 3)], hits=9))
    assert filters(first) == [f"created_at_i>=0,created_at_i<{BORN + 4}"]
    later = parse(search([story(5, at=BORN + 5)], hits=9), cursor=parse(search([story(3)])).cursor)
    assert filters(later) == [f"created_at_i>={BORN},created_at_i<{BORN + 6}"]
    assert later.listing.is_continued


def test_a_page_of_one_single_second_does_not_hold_up_the_walk():
    first = parse(search([story(3)], hits=9))
    second = follow(first, search([story(2)], hits=9))
    assert filters(second) == [f"created_at_i>=0,created_at_i<{BORN}"]


def test_a_thread_nested_beyond_reason_is_read_or_refused():
    deep = comment(2, "outsider")
    for number in range(3, 200):
        deep = comment(number, "outsider", [deep])
    parsed = follow(parse(search([story(1, comments=198)])), item(1, "councildev", [deep]))
    assert len(parsed.activities) == 198


def filters(parsed):
    queries = [parse_qs(urlsplit(r.url).query) for r in parsed.next_requests]
    return [query["numericFilters"][0] for query in queries if "numericFilters" in query]


def thread(number, name):
    first = parse((DATA / "stories.json").read_bytes())
    request = next(r for r in first.next_requests if r.url.endswith(f"/items/{number}"))
    return CONNECTOR.parse(page(request, (DATA / name).read_bytes()), CHANNEL, first.cursor)


def parse(body, *, cursor=None):
    return CONNECTOR.parse(page(next(CONNECTOR.plan(CHANNEL, cursor)), body), CHANNEL, cursor)


def follow(parsed, body, status=200):
    """What comes of the first request that a page led to."""
    answer = page(parsed.next_requests[0], body, status)
    return CONNECTOR.parse(answer, CHANNEL, parsed.cursor)


def page(request, body, status=200):
    return Page(
        page_id="p",
        channel_id=CHANNEL.channel_id,
        requested_url=request.url,
        url=request.url,
        status=status,
        headers=(),
        body=body,
        fetched_at=FETCHED,
        context=request.context,
    )


def search(stories, *, hits=None, is_exhaustive=True):
    found = {"hits": stories, "nbHits": hits or len(stories), "exhaustiveNbHits": is_exhaustive}
    return json.dumps(found).encode()


def story(number, *, url="https://council.example/", comments=0, at=BORN):
    return {
        "objectID": str(number),
        "created_at_i": at,
        "author": "outsider",
        "url": url,
        "num_comments": comments,
    }


def item(number, author, children):
    return json.dumps({"id": number, "author": author, "children": children}).encode()


def comment(number, author, children=()):
    born = "2026-02-02T00:00:00.000Z"
    return {"id": number, "author": author, "created_at": born, "children": list(children)}


def by_id(parsed):
    return {act.activity_id: act for act in parsed.activities}
