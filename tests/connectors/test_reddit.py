"""Reddit: what is special about it; the rest is in `test_every_connector`."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors import load
from connectors.contract import (
    AddressError,
    AuthorRole,
    Channel,
    Direction,
    Evidence,
    Outcome,
    Page,
    PageError,
    Purpose,
)

DATA = Path(__file__).parent / "data" / "reddit"
TERMS = Path(__file__).parents[2] / "connectors" / "terms" / "reddit.toml"
CHANNEL = Channel(
    channel_id="council:reddit:1",
    organization_id="council",
    source="reddit",
    address="r/councilkit",
    own_accounts=("https://www.reddit.com/user/Council-Team/",),
)
CONNECTOR = load("reddit")


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("r/example", "https://www.reddit.com/r/example/new/.rss?limit=100"),
        ("/r/example/", "https://www.reddit.com/r/example/new/.rss?limit=100"),
        ("https://old.reddit.com/r/example", "https://www.reddit.com/r/example/new/.rss?limit=100"),
        ("u/example", "https://www.reddit.com/user/example/.rss?limit=100"),
        ("reddit.com/user/example", "https://www.reddit.com/user/example/.rss?limit=100"),
        ("http://127.0.0.1:8080/r/x1", "http://127.0.0.1:8080/r/x1/new/.rss?limit=100"),
    ],
)
def test_a_subreddit_or_an_account_is_found_in_an_address(address, url):
    request = next(CONNECTOR.plan(replace(CHANNEL, address=address), None))
    assert request.url == url
    assert request.purpose is Purpose.READ


@pytest.mark.parametrize(
    "address",
    [
        "example",
        "https://example.org/r/example",
        "https://www.reddit.com/.rss?feed=0123456789abcdef&user=example",
        "https://www.reddit.com/r/example/.rss?feed=0123456789abcdef&user=example",
        "r/example/comments/1abc03",
    ],
)
def test_anything_else_is_no_place_and_personal_feeds_least_of_all(address):
    with pytest.raises(AddressError, match=r"r/example"):
        CONNECTOR.check_address(address)


def test_the_source_is_off_until_somebody_with_an_approval_switches_it_on():
    assert tomllib.loads(TERMS.read_text("utf-8"))["enabled"] is False


def test_one_request_a_minute_goes_out_at_most():
    for request in CONNECTOR.plan(CHANNEL, None):
        assert [(a.count, a.seconds) for a in request.allowances] == [(1, 60)]


def test_a_comment_of_the_organization_later_in_the_thread_answers_the_post():
    post, comment = parse("new.xml").activities[0], parse("comments.xml", 1).activities[2]
    assert post.direction == Direction.TO_ORGANIZATION
    assert post.is_question is True
    assert comment.author_evidence == Evidence.LISTED_ACCOUNT
    assert comment.thread_id == post.thread_id
    assert comment.occurred_at - post.occurred_at == timedelta(hours=2, minutes=30)


def test_no_thread_is_taken_for_seen_whole():
    assert all(view.is_truncated for view in parse("new.xml").threads)


def test_only_what_was_written_counts_not_what_reddit_puts_around_it():
    question, own = parse("new.xml").activities
    assert question.text_length == len(
        "When does the bridge open? I want to go sailing with my children."
    )
    assert own.link_host == "council.example"


def test_a_deleted_author_is_nobody():
    comment = parse("comments.xml", 1).activities[0]
    assert comment.author_role == AuthorRole.UNKNOWN
    assert not comment.author


def test_an_account_of_the_organization_speaks_for_it():
    account = replace(CHANNEL, address="u/Council-Team", own_accounts=())
    acts = parse("comments.xml", channel=account).activities
    assert acts[2].author_role == AuthorRole.ORGANIZATION
    assert acts[2].author_evidence == Evidence.CHANNEL_ACCOUNT
    assert len(list(CONNECTOR.plan(account, None))) == 1


def test_another_subreddit_of_the_organization_is_no_account_of_it():
    other = replace(CHANNEL, own_accounts=("r/ann_resident_77", "r/council-team"))
    assert {act.author_role for act in parse("new.xml", channel=other).activities} == {
        AuthorRole.OUTSIDER
    }


def test_a_walk_that_is_led_back_to_the_newest_page_ends():
    first = parse("new.xml")
    request = first.next_requests[0]
    body = (DATA / "new.xml").read_bytes()
    again = CONNECTOR.parse(page(request, body), CHANNEL, first.cursor)
    assert not again.next_requests


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"<!doctype html><html><body>Blocked</body></html>", Outcome.WRONG_TYPE),
        (b"<rss version='2.0'><channel/></rss>", Outcome.MALFORMED),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>", Outcome.MALFORMED),
        (b"{}", Outcome.MALFORMED),
    ],
)
def test_what_is_no_feed_is_a_typed_error_without_a_guess(body, outcome):
    with pytest.raises(PageError) as refusal:
        CONNECTOR.parse(page(next(CONNECTOR.plan(CHANNEL, None)), body), CHANNEL)
    assert refusal.value.outcome is outcome
    assert refusal.value.instead is None


def test_an_entry_without_an_id_is_left_out_and_nothing_is_claimed_deleted():
    body = (DATA / "new.xml").read_bytes().replace(b"<id>t3_1abc03</id>", b"")
    parsed = CONNECTOR.parse(page(next(CONNECTOR.plan(CHANNEL, None)), body), CHANNEL)
    assert len(parsed.activities) == 1
    assert not parsed.extents


def parse(name, number=0, channel=CHANNEL):
    request = list(CONNECTOR.plan(channel, None))[number]
    return CONNECTOR.parse(page(request, (DATA / name).read_bytes()), channel)


def page(request, body):
    return Page(
        page_id="p",
        channel_id=CHANNEL.channel_id,
        requested_url=request.url,
        url=request.url,
        status=200,
        headers=(("content-type", "application/atom+xml; charset=UTF-8"),),
        body=body,
        fetched_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        context=request.context,
    )
