"""The WordPress connector against a real WordPress with a seeded history.

The site is the one of the test servers: twelve posts of an invented water board, questions
below each two hours later, answers by its press office to two of three.
"""

import socket
import urllib.error
import urllib.request
from collections import deque
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import AuthorRole, Channel, Cursor, Direction, Page
from connectors.wordpress import Connector

ADDRESS, PORT = "127.0.0.1", 8081
ROOT = f"http://{ADDRESS}:{PORT}"
CHANNEL = Channel(
    channel_id="board:wordpress:1",
    organization_id="board",
    source="wordpress",
    address=f"{ROOT}/",
    homepage=f"http://{ADDRESS}",
)
FETCHED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fetch(request):
    try:
        with urllib.request.urlopen(request.url, timeout=30) as answer:
            return answer.status, answer.headers.items(), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.items(), error.read()


def collect(cursor=None):
    """All that one run yields: (parsed pages, the last cursor, addresses asked)."""
    connector, pages, asked = Connector(), [], []
    waiting = deque(connector.plan(CHANNEL, cursor))
    while waiting:
        request = waiting.popleft()
        if request.url in asked:
            continue
        asked.append(request.url)
        status, headers, body = fetch(request)
        assert status == 200
        page = Page(
            page_id=f"{len(asked):032x}",
            channel_id=CHANNEL.channel_id,
            requested_url=request.url,
            url=request.url,
            status=status,
            headers=tuple((name.lower(), value) for name, value in headers),
            body=body,
            fetched_at=FETCHED_AT,
            context=request.context,
        )
        pages.append(connector.parse(page, CHANNEL, cursor))
        cursor = pages[-1].cursor
        waiting.extend(pages[-1].next_requests)
    return pages, cursor, asked


@pytest.fixture(scope="module")
def pages():
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((ADDRESS, PORT)):
            pytest.skip(f"NO WORDPRESS: nothing listens at {ROOT}; start the test server first")
    return collect()


@pytest.fixture(scope="module")
def activities(pages):
    return {a.activity_id: a for page in pages[0] for a in page.activities}


def test_exactly_the_seeded_posts_are_found_on_their_dates(activities):
    posts = sorted(a.occurred_at for a in activities.values() if a.kind == "post")
    assert len(posts) == 12
    local = [(2024 + (i > 5), i % 6 + 1, 5 + i, i) for i in range(12)]
    winter = [(year, month, day, 8, minute) for year, month, day, minute in local[:3]]
    assert [(at.year, at.month, at.day, at.hour, at.minute) for at in posts[:3]] == winter
    assert posts[5] == datetime(2024, 6, 10, 7, 5, tzinfo=UTC)  # summer time at the site


def test_exactly_the_approved_comments_are_found(activities):
    comments = [a for a in activities.values() if a.kind == "comment"]
    assert len(comments) == 21  # neither the held one nor the spam
    assert sum(a.direction == Direction.TO_ORGANIZATION for a in comments) == 13
    assert sum(a.author_role == AuthorRole.STAFF for a in comments) == 8
    questions = [a for a in comments if a.direction == Direction.TO_ORGANIZATION and a.is_question]
    assert len(questions) == 13


def test_questions_come_two_hours_after_their_posts(activities):
    questions = [a for a in activities.values() if a.direction == Direction.TO_ORGANIZATION]
    waits = [a.occurred_at - activities[a.parent_id].occurred_at for a in questions]
    assert sorted(waits)[:12] == [timedelta(hours=2)] * 12


def test_answers_and_their_latencies_are_the_seeded_ones(activities):
    answers = sorted(
        (a for a in activities.values() if a.author_role == AuthorRole.STAFF),
        key=lambda a: a.occurred_at,
    )
    asked = [activities[a.parent_id] for a in answers]
    assert all(q.direction == Direction.TO_ORGANIZATION and q.is_question for q in asked)
    hours = [(a.occurred_at - q.occurred_at).total_seconds() / 3600 for a, q in zip(answers, asked)]  # noqa: B905
    assert hours == [2 * (3 + i) - 2 for i in range(12) if i % 3 != 2]


def test_a_resident_who_asks_again_is_one_person_and_another_resident_is_another(activities):
    visitors = [a for a in activities.values() if a.author_role == AuthorRole.OUTSIDER]
    assert len(visitors) == 13
    assert len({a.author for a in visitors}) == 12
    assert all(a.author for a in visitors)


def test_the_site_is_verified_by_its_own_homepage(pages):
    (presence,) = [p for page in pages[0] for p in page.presences]
    assert (presence.post_count, presence.is_verified, presence.verification) == (
        12,
        True,
        "own_site",
    )
    assert (presence.has_description, presence.has_site_link, presence.has_avatar) == (
        True,
        True,
        False,
    )


def test_nothing_is_new_to_us_in_what_the_server_sends(pages):
    assert [page.drifts for page in pages[0]] == [()] * 3


def test_all_threads_are_seen_whole(pages):
    threads = [thread for page in pages[0] for thread in page.threads]
    assert len(threads) == 12
    assert all(t.reply_count == t.shown_count and not t.is_truncated for t in threads)
    assert sum(t.reply_count for t in threads) == 21


def test_a_second_read_yields_the_very_same_and_asks_three_pages(pages, activities):
    again, cursor, asked = collect(pages[1])
    assert {a.activity_id: a for page in again for a in page.activities}.keys() == activities.keys()
    assert len(asked) == 3
    assert cursor == pages[1]


def test_older_pages_are_found_by_date_whatever_the_size_of_a_page(pages, activities, monkeypatch):
    assert pages
    monkeypatch.setattr("connectors.platforms.wordpress.site.PER_PAGE", 5)
    monkeypatch.setattr("connectors.platforms.wordpress.sight.PER_PAGE", 5)
    found, cursor, asked = collect()
    assert {a.activity_id for page in found for a in page.activities} == set(activities)
    assert '"errands":[]' in cursor.state
    assert len(asked) == 1 + 3 + 5  # 12 posts and 21 comments in fives, and the index
    roles = [a.author_role for page in found for a in page.activities if a.kind == "comment"]
    assert roles.count(AuthorRole.STAFF) >= 8


def test_the_site_can_be_asked_without_pretty_addresses(pages, activities):
    assert pages
    start = Cursor(state='{"errands":[],"memory":{"route":"query"}}')
    found, _, asked = collect(start)
    assert {a.activity_id for page in found for a in page.activities} == set(activities)
    assert all("/?rest_route=/" in url for url in asked)


def test_the_feeds_of_the_site_show_its_newest_posts_and_comments_but_no_answers(pages):
    assert pages
    found, _, asked = collect(Cursor(state='{"errands":[],"memory":{"route":"feed"}}'))
    assert asked == [f"{ROOT}/feed/", f"{ROOT}/comments/feed/"]
    seen = [a for page in found for a in page.activities]
    assert [a.kind for a in seen] == ["post"] * 5 + ["comment"] * 5
    assert {a.direction for a in seen[5:]} == {Direction.AMONG_OTHERS}
    assert {a.thread_id for a in seen[5:]} <= {a.thread_id for a in seen[:5]}
    assert all(thread.is_truncated for page in found for thread in page.threads)
