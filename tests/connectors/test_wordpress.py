"""What is special about WordPress: local times, ways in, who is staff, deletions far back."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.apis.itinerary import Itinerary
from connectors.contract import (
    AddressError,
    AuthorRole,
    Channel,
    Cursor,
    Direction,
    Outcome,
    Page,
    PageError,
    Purpose,
)
from connectors.platforms.wordpress.site import COMMENTS, INDEX, POSTS, Leg, site_at
from connectors.wordpress import Connector

DATA = Path(__file__).parent / "data" / "wordpress"
ROOT = "https://harbour.example/news"
SITE = site_at(ROOT)
CHANNEL = Channel(
    channel_id="harbour:wordpress:1",
    organization_id="harbour",
    source="wordpress",
    address=f"{ROOT}/",
    homepage="https://www.harbour.example",
)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN, BERT = "a" * 32, "b" * 32


def page(leg, body, **answer):
    headers = {"x-wp-total": answer.get("total"), "x-wp-totalpages": answer.get("page_count")}
    url = answer.get("url") or SITE.url(leg)
    return Page(
        page_id="0" * 32,
        channel_id=CHANNEL.channel_id,
        requested_url=url,
        url=url,
        status=answer.get("status", 200),
        headers=tuple((name, str(value)) for name, value in headers.items() if value is not None),
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        fetched_at=NOW,
        context=leg.context,
    )


def read(leg, body, cursor=None, **answer):
    channel = answer.get("channel", CHANNEL)
    return Connector().parse(page(leg, body, **answer), channel, cursor)


def post(number, local, author=1):
    at = datetime.fromisoformat(local)
    return {
        "id": number,
        "date": local,
        "date_gmt": (at - timedelta(hours=1)).isoformat(),
        "author": author,
        "title": {"rendered": f"Notice {number}"},
        "content": {"rendered": "<p>Read all about it.</p>"},
    }


def comment(number, local, *, below=1, parent=0, author=0, visitor=ANN):
    avatars = {"24": f"https://secure.gravatar.com/avatar/{visitor}?s=24&d=mm&r=g"}
    return {
        **post(number, local, author),
        "post": below,
        "parent": parent,
        "author_avatar_urls": avatars,
    }


def memory(**values):
    return Itinerary(memory={"route": "path", **values}).cursor()


def urls(parsed):
    return [request.url for request in parsed.next_requests]


# Addresses and ways in


@pytest.mark.parametrize(
    ("address", "root"),
    [
        ("https://harbour.example", "https://harbour.example"),
        ("https://harbour.example/news/", "https://harbour.example/news"),
        ("harbour.example/news", "https://harbour.example/news"),
        ("http://harbour.example:8080/", "http://harbour.example:8080"),
        ("127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("localhost", "http://localhost"),
        ("[::1]:8081/blog", "http://[::1]:8081/blog"),
    ],
)
def test_a_site_is_named_by_its_root(address, root):
    Connector().check_address(address)
    assert site_at(address).root == root


@pytest.mark.parametrize(
    "address",
    [
        "harbour",
        "ftp://harbour.example",
        "https://harbour.example/?p=1",
        "https://harbour.example/#top",
        "https://ann@harbour.example",
        "https://harbour.example:port",
        "https://har bour.example",
    ],
)
def test_anything_else_is_no_root_of_a_site(address):
    with pytest.raises(AddressError, match=r"for example https://example\.org/blog"):
        Connector().check_address(address)


def test_a_site_is_asked_by_its_interface_then_without_pretty_addresses_then_by_its_feed():
    (request,) = Connector().plan(CHANNEL, None)
    assert request.purpose is Purpose.READ
    assert request.url.startswith(f"{ROOT}/wp-json/wp/v2/posts?per_page=100&orderby=date&")
    query, feed = request.alternatives
    assert query == request.url.replace("/wp-json/wp/v2/posts?", "/?rest_route=/wp/v2/posts&")
    assert feed == f"{ROOT}/feed/"


def test_the_way_that_worked_is_the_first_from_then_on():
    query = site_at(ROOT, "query")
    cursor = read(POSTS, [], total=0, page_count=0, url=query.url(POSTS)).cursor
    request, *details = Connector().plan(CHANNEL, cursor)
    assert request.url == query.url(POSTS)
    assert SITE.url(POSTS) in request.alternatives
    assert [detail.url for detail in details] == [query.url(INDEX), query.url(COMMENTS)]


def test_what_waits_on_the_list_is_asked_by_a_new_way_in():
    older = Leg("posts", "", "2025-01-01T00:00:00")
    waiting = Itinerary((SITE.errand(older),), {"route": "path"})
    query = site_at(ROOT, "query")
    parsed = read(POSTS, [], waiting.cursor(), total=0, page_count=0, url=query.url(POSTS))
    assert query.url(older) in urls(parsed)
    assert SITE.url(older) not in urls(parsed)


def test_names_of_commenters_are_not_asked_for():
    assert "author_name" not in SITE.url(COMMENTS)
    assert "author_url" not in SITE.url(COMMENTS)


@pytest.mark.parametrize("body", [b"<html><p>Welcome</p></html>", b'{"code":"rest_disabled"}'])
def test_a_closed_interface_is_a_typed_error_so_that_the_feed_is_tried(body):
    with pytest.raises(PageError) as caught:
        read(POSTS, body)
    assert caught.value.outcome in {Outcome.WRONG_TYPE, Outcome.MALFORMED}
    assert caught.value.instead is None


# Walking back


def test_older_pages_are_asked_for_by_date():
    items = [post(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 3)]
    parsed = read(POSTS, items, total=7, page_count=3)
    (older,) = [url for url in urls(parsed) if "before=" in url]
    assert older.endswith("&before=2026-02-03T10:00:01")
    assert parsed.listing.is_continued
    assert not parsed.listing.is_delta


def test_pages_overlap_by_what_time_zones_may_differ_where_that_is_cheap():
    items = [post(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 12, 3)]
    parsed = read(POSTS, items, total=7, page_count=3)
    assert any(url.endswith("&before=2026-02-04T12:00:00") for url in urls(parsed))


def test_a_page_that_is_all_of_one_second_is_followed_by_number():
    items = [post(n, "2026-02-03T10:00:00") for n in (5, 6, 7)]
    parsed = read(POSTS, items, total=7, page_count=3)
    assert any(url.endswith("content&page=2") for url in urls(parsed))
    second = Leg("posts", "", "2026-02-03T10:00:01", 2)
    parsed = read(second, items, parsed.cursor, total=7, page_count=3)
    assert any(url.endswith("&before=2026-02-03T10:00:01&page=3") for url in urls(parsed))


def test_a_walk_ends_where_the_list_ends_or_has_become_shorter():
    older = Leg("posts", "", "2025-01-01T00:00:00")
    waiting = Itinerary((SITE.errand(older),), {"route": "path"}).cursor()
    ended = read(older, [post(1, "2024-05-01T10:00:00")], waiting, total=1, page_count=1)
    assert urls(ended) == [SITE.url(COMMENTS)]
    assert ended.listing.is_delta
    gone = read(older, {"code": "rest_post_invalid_page_number"}, waiting, status=400)
    assert urls(gone) == [SITE.url(COMMENTS)]
    assert gone.listing is None


def test_news_that_fill_a_page_are_followed_back_to_the_newest_known():
    cursor = memory(posts={"newest": "2026-02-01T10:00:00", "total": 4}, comments={})
    items = [post(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 12, 3)]
    parsed = read(POSTS, items, cursor, total=9, page_count=3)
    older = Leg("posts", "2026-02-01T10:00:00", "2026-02-04T12:00:00")
    assert urls(parsed) == [SITE.url(older)]
    items = [post(n, f"2026-0{m}-{n:02}T10:00:00") for n, m in ((3, 2), (1, 2), (9, 1))]
    ended = read(older, items, parsed.cursor, total=6, page_count=2)
    assert not urls(ended)


@pytest.mark.parametrize(
    ("total", "bound"),
    [
        (9, None),  # eight were known, one is new
        (8, datetime(2026, 2, 20, 10) - timedelta(days=400)),  # noqa: DTZ001 - local
        (10, datetime(2026, 2, 20, 10) - timedelta(days=30)),  # noqa: DTZ001 - local
    ],
)
def test_a_total_that_does_not_add_up_is_looked_into(total, bound):
    cursor = memory(comments={"newest": "2026-02-15T10:00:00", "total": 8})
    items = [comment(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 14)]
    parsed = read(COMMENTS, items, cursor, total=total, page_count=3)
    contexts = [request.context.split("|") for request in parsed.next_requests]
    assert [c[1] for c in contexts] == ([bound.isoformat()] if bound else [])


def test_comments_wait_until_all_posts_have_told_who_is_staff_but_not_for_ever():
    items = [post(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 3)]
    parsed = read(POSTS, items, total=7, page_count=3)
    for _ in range(3):
        parsed = read(INDEX, {"description": "News"}, parsed.cursor)
        assert SITE.url(COMMENTS) not in urls(parsed)
    parsed = read(INDEX, {"description": "News"}, parsed.cursor)
    assert SITE.url(COMMENTS) in urls(parsed)


# Deletions


def test_the_only_page_of_a_list_shows_all_that_there_is():
    (extent,) = read(POSTS, [post(1, "2026-02-03T10:00:00")], total=1, page_count=1).extents
    assert extent.listed_in == "posts"
    assert extent.from_at <= datetime(1991, 1, 1, tzinfo=UTC)
    assert extent.to_at == NOW


def test_spans_keep_off_the_edges_where_a_change_of_time_zone_might_hide_something():
    items = [post(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 3)]
    (extent,) = read(POSTS, items, total=9, page_count=3).extents
    assert extent.from_at == datetime(2026, 2, 3, 22, tzinfo=UTC)
    older = Leg("posts", "", "2026-02-21T00:00:00")
    (extent,) = read(older, items, memory(), total=9, page_count=3).extents
    assert extent.to_at == datetime(2026, 2, 20, 9, 59, 59, tzinfo=UTC)


def test_overlapping_pages_leave_no_gap_between_their_spans():
    items = [post(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 12, 3)]
    first = read(POSTS, items, total=8, page_count=2)
    (older,) = [r for r in first.next_requests if "before=" in r.url]
    rest = [post(n, f"2026-0{m}-{n:02}T10:00:00") for n, m in ((3, 2), (9, 1), (2, 1))]
    second = read(Leg.from_context(older.context), rest, first.cursor, total=3, page_count=1)
    gap = first.extents[0].from_at - second.extents[0].to_at
    assert gap == timedelta(seconds=1)


@pytest.mark.parametrize("items", [[], [{"id": "seven"}, post(1, "2026-02-03T10:00:00")]])
def test_an_empty_page_or_one_that_cannot_be_read_whole_shows_nothing_completely(items):
    assert read(POSTS, items, total=len(items), page_count=1).extents == ()


def test_a_cache_that_gives_the_newest_page_for_an_older_one_ends_the_walk_and_deletes_nothing():
    items = [post(n, f"2026-02-{n:02}T10:00:00") for n in (20, 15, 3)]
    older = Leg("posts", "", "2025-06-01T00:00:00")
    for page_count in (1, 7):
        parsed = read(older, items, memory(), total=3, page_count=page_count)
        assert urls(parsed) == [SITE.url(COMMENTS)]
        assert parsed.extents == ()


# Who speaks to whom


def test_who_writes_posts_is_staff_and_any_other_account_an_outsider():
    items = [
        comment(3, "2026-02-03T12:00:00", parent=2, author=2),
        comment(2, "2026-02-03T11:00:00", author=9),
    ]
    answer, asked = read(COMMENTS, items, memory(staff=[1, 2]), total=2, page_count=1).activities
    assert (answer.author_role, answer.author_evidence) == (AuthorRole.STAFF, "user_id")
    assert answer.parent_id == asked.activity_id
    assert (asked.author_role, asked.author_evidence) == (AuthorRole.OUTSIDER, "")
    assert asked.direction == Direction.TO_ORGANIZATION
    assert asked.author == "harbour.example/news#user:9"


def test_a_reply_to_staff_is_to_the_organization_and_one_to_a_visitor_is_not():
    items = [
        comment(4, "2026-02-03T14:00:00", parent=2),
        comment(3, "2026-02-03T13:00:00", parent=1),
        comment(2, "2026-02-03T12:00:00", parent=1, author=2),
        comment(1, "2026-02-03T11:00:00"),
    ]
    found = read(COMMENTS, items, memory(staff=[2]), total=4, page_count=1).activities
    assert [a.direction for a in found] == [
        Direction.TO_ORGANIZATION,
        Direction.AMONG_OTHERS,
        Direction.BY_ORGANIZATION,
        Direction.TO_ORGANIZATION,
    ]


def test_an_older_comment_of_staff_is_remembered_when_somebody_replies_to_it():
    items = [comment(2, "2026-02-03T12:00:00", parent=1, author=2)]
    cursor = read(COMMENTS, items, memory(staff=[2]), total=1, page_count=1).cursor
    reply = [comment(7, "2026-02-09T12:00:00", parent=2)]
    (found,) = read(COMMENTS, reply, cursor, total=2, page_count=2).activities
    assert found.direction == Direction.TO_ORGANIZATION


def test_a_full_memory_does_not_hide_who_is_answered_on_the_page_itself():
    items = [
        comment(3, "2026-02-03T13:00:00", parent=2),
        comment(2, "2026-02-03T12:00:00", author=2),
    ]
    cursor = memory(staff=[2], own=list(range(1000, 1500)))
    reply, _ = read(COMMENTS, items, cursor, total=2, page_count=1).activities
    assert reply.direction == Direction.TO_ORGANIZATION


def test_visitors_are_told_apart_by_the_hash_in_the_address_of_their_avatar():
    items = [
        comment(3, "2026-02-03T13:00:00", visitor=ANN),
        comment(2, "2026-02-03T12:00:00", visitor=BERT),
        comment(1, "2026-02-03T11:00:00", visitor=ANN),
    ]
    again, bert, ann = read(COMMENTS, items, memory(), total=3, page_count=1).activities
    assert again.author == ann.author == f"harbour.example/news#visitor:{ANN}"
    assert bert.author != ann.author


@pytest.mark.parametrize("avatars", [None, [], {"24": False}, {"24": "https://a.example/x.png"}])
def test_visitors_without_an_avatar_cannot_be_followed(avatars):
    item = {**comment(1, "2026-02-03T11:00:00"), "author_avatar_urls": avatars}
    (found,) = read(COMMENTS, [item], memory(), total=1, page_count=1).activities
    assert found.author == ""


@pytest.mark.parametrize(
    "nobody",
    [
        "",
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ],
)
def test_visitors_without_a_mail_address_are_not_taken_for_one(nobody):
    item = comment(1, "2026-02-03T11:00:00", visitor=nobody)
    (found,) = read(COMMENTS, [item], memory(), total=1, page_count=1).activities
    assert found.author == ""


def test_answers_come_as_late_as_they_were_written():
    recorded = json.loads((DATA / "comments.json").read_text())
    found = read(COMMENTS, recorded, memory(staff=[1, 2]), total=8, page_count=1).activities
    by_id = {a.activity_id: a for a in found}
    hours = [
        (a.occurred_at - by_id[a.parent_id].occurred_at) / timedelta(hours=1)
        for a in found
        if a.author_role is AuthorRole.STAFF
    ]
    assert hours == [1.0, 3.5]  # the reader of the map; the ferry


def test_times_are_read_as_utc_and_not_as_the_local_time_beside_them():
    (found,) = read(POSTS, [post(1, "2026-02-03T10:00:00")], total=1, page_count=1).activities
    assert found.occurred_at == datetime(2026, 2, 3, 9, tzinfo=UTC)


# Threads


def test_the_newest_page_confirms_the_threads_that_we_remember():
    items = [comment(3, "2026-02-03T13:00:00", below=44)]
    views = read(COMMENTS, items, memory(threads=[12, 41]), total=9, page_count=2).threads
    assert [(v.reply_count, v.shown_count, v.is_truncated) for v in views] == [
        (None, 0, False),
        (None, 0, False),
        (None, 1, False),
    ]


def test_an_older_page_tells_of_its_own_threads_alone():
    items = [comment(3, "2025-02-03T13:00:00", below=44)]
    older = Leg("comments", "", "2025-06-01T00:00:00")
    views = read(older, items, memory(threads=[12, 41]), total=9, page_count=2).threads
    assert len(views) == 1


# Presence


@pytest.mark.parametrize(
    ("homepage", "verified", "verification", "linked"),
    [
        ("https://www.harbour.example", True, "own_site", True),
        ("https://harbour.example/en/", True, "own_site", True),
        ("https://port.example", False, "", True),
        ("https://elsewhere.example", False, "", False),
        ("", None, "", None),
    ],
)
def test_a_site_is_verified_by_lying_on_the_domain_of_the_homepage(
    homepage, verified, verification, linked
):
    channel = Channel(
        channel_id="h:wordpress:1",
        organization_id="h",
        source="wordpress",
        address=ROOT,
        homepage=homepage,
    )
    index = {"description": "  ", "home": "https://port.example/", "site_icon": 0, "site_logo": 3}
    (found,) = read(INDEX, index, memory(), channel=channel).presences
    assert (found.is_verified, found.verification, found.has_site_link) == (
        verified,
        verification,
        linked,
    )
    assert (found.has_description, found.has_avatar) == (False, True)


def test_a_site_below_the_homepage_is_on_its_own_domain():
    channel = Channel(
        channel_id="h:wordpress:1",
        organization_id="h",
        source="wordpress",
        address="https://blog.harbour.example",
        homepage="https://www.harbour.example",
    )
    (found,) = read(INDEX, {"description": "News"}, memory(), channel=channel).presences
    assert found.verification == "own_site"


# Feeds alone

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>
<title>Harbour</title><link>{root}</link><sy:updatePeriod>hourly</sy:updatePeriod>
{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>{root}/2026/02/ferry/{fragment}</link>
<pubDate>Tue, 03 Feb 2026 09:00:00 +0000</pubDate><guid isPermaLink="false">{guid}</guid>
<description>Some words</description></item>"""


def feed(fragment="", guid=f"{ROOT}/?p=12"):
    item = ITEM.format(title="Ferry", root=ROOT, fragment=fragment, guid=guid)
    return FEED.format(root=ROOT, items=item).encode()


def by_feed():
    posts = read(POSTS, feed(), url=f"{ROOT}/feed/")
    comments = read(
        COMMENTS,
        feed("#comment-101", f"{ROOT}/?p=12#comment-101"),
        posts.cursor,
        url=f"{ROOT}/comments/feed/",
    )
    return posts, comments


def test_where_the_interface_is_closed_the_feeds_are_read_and_nothing_else():
    posts, comments = by_feed()
    assert urls(posts) == [f"{ROOT}/comments/feed/"]
    assert posts.listing.document_format == "rss20"
    assert posts.listing.time_to_live_minutes == 60
    planned = list(Connector().plan(CHANNEL, comments.cursor))
    assert [r.url for r in planned] == [f"{ROOT}/feed/", f"{ROOT}/comments/feed/"]
    assert planned[0].alternatives == (SITE.url(POSTS), site_at(ROOT, "query").url(POSTS))


def test_feeds_give_posts_and_comments_the_identities_that_the_interface_gives_them():
    posts, comments = by_feed()
    same = read(POSTS, [post(12, "2026-02-03T10:00:00")], total=1, page_count=1)
    items = [comment(101, "2026-02-03T10:00:00", below=12)]
    said = read(COMMENTS, items, memory(), total=1, page_count=1)
    assert posts.activities[0].activity_id == same.activities[0].activity_id
    assert comments.activities[0].activity_id == said.activities[0].activity_id
    assert comments.activities[0].thread_id == said.activities[0].thread_id


def test_who_commented_in_a_feed_is_unknown_so_nobody_is_said_not_to_answer():
    _, comments = by_feed()
    (found,) = comments.activities
    assert (found.author_role, found.author) == (AuthorRole.UNKNOWN, "")
    assert found.direction == Direction.AMONG_OTHERS
    assert comments.threads[0].is_truncated
    assert comments.extents == ()


def test_comments_that_are_hidden_from_programs_are_sought_in_their_feed():
    parsed = read(POSTS, [post(1, "2026-02-03T10:00:00")], total=1, page_count=1)
    (request,) = [r for r in parsed.next_requests if r.url == SITE.url(COMMENTS)]
    assert request.purpose is Purpose.DETAIL
    assert request.alternatives == (f"{ROOT}/comments/feed/",)
    done = read(
        COMMENTS,
        feed("#comment-101", f"{ROOT}/?p=1#comment-101"),
        parsed.cursor,
        url=f"{ROOT}/comments/feed/",
    )
    assert SITE.url(COMMENTS) not in urls(done)


def test_a_web_page_in_place_of_a_feed_leads_nowhere_else():
    body = b'<html><link rel="alternate" type="application/rss+xml" href="/other.xml"></html>'
    with pytest.raises(PageError) as caught:
        read(POSTS, body, url=f"{ROOT}/feed/")
    assert caught.value.instead is None


def test_a_cursor_that_is_empty_is_a_channel_never_read():
    assert list(Connector().plan(CHANNEL, Cursor())) == list(Connector().plan(CHANNEL, None))
