"""Rows 42 to 48: what an entry is known by, from one poll to the next, in the warehouse."""

from datetime import timedelta

import pytest
from hostile_server import reply

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORED = "select count(*), count(distinct activity_id) from raw.activities"
LINK = "<link>https://council.example/a</link>"
TITLE = "<title>Roadworks</title>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([TITLE + LINK], [TITLE + LINK]),  # no guid
        ([TITLE], [TITLE]),  # neither guid nor link
        ([f"<guid>1</guid>{TITLE}{LINK}"], [f"<guid>2</guid>{TITLE}{LINK}"]),  # guid changes
        ([f"<guid>1</guid>{TITLE}{LINK}"], [TITLE + LINK]),  # guid disappears
        ([TITLE + LINK], [f"<guid>1</guid>{TITLE}{LINK}"]),  # guid appears
        ([f"<guid> 1\n</guid>{TITLE}"], [f"<guid>1</guid>{TITLE}"]),  # white space
        ([f"<guid>1</guid>{TITLE}"], [f"<guid>1</guid>{TITLE}"] * 2),  # said twice
    ],
)
def test_row_42_an_entry_keeps_its_identity_and_is_not_doubled(server, project, before, after):
    collecting = project(server.on("/feed", listing(*before), listing(*after)))
    collecting.run()
    collecting.run(DAY)
    counted = "select count(*) from raw.activities where not is_repeated"
    assert collecting.rows(counted) == [(1,)]


def test_row_42_different_entries_under_one_identifier_are_all_kept(server, project):
    several = [f"<guid>1</guid><title>{n}</title><link>https://a.example/{n}</link>" for n in "abc"]
    collecting = project(server.on("/feed", listing(*several), listing(*several[::-1])))
    collecting.run()
    assert collecting.run(DAY)["activities_added"] == 0
    assert collecting.rows(STORED) == [(3, 3)]


DATES = {
    "missing": "",
    "unparsable": "<pubDate>last Tuesday</pubDate>",
    "future": "<pubDate>Fri, 01 Jan 2038 00:00:00 GMT</pubDate>",
    "implausible": "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>",
}


@pytest.mark.parametrize("flag", DATES)
def test_row_43_an_entry_without_a_date_that_counts_keeps_when_we_saw_it(server, project, flag):
    collecting = project(server.on("/feed", listing(f"<guid>1</guid>{DATES[flag]}")))
    collecting.run()
    first = collecting.clock()
    collecting.run(DAY)
    query = "select occurred_at, date_flag, first_seen_at from raw.activities"
    assert collecting.rows(query) == [(None, flag, first.replace(tzinfo=None))]


@pytest.mark.parametrize(
    "date",
    [
        "<pubDate>2026-03-01T10:00:00+02:00</pubDate>",
        "<pubDate>1 Mar 26 09:00 +0100</pubDate>",
        '<updated xmlns="http://www.w3.org/2005/Atom">2026-03-01T08:00:00Z</updated>',
        '<date xmlns="http://purl.org/dc/elements/1.1/">2026-03-01T08:00Z</date>',
    ],
)
def test_row_43_dates_of_other_forms_are_read_and_so_is_updated_alone(server, project, date):
    collecting = project(server.on("/feed", listing(f"<guid>1</guid>{date}")))
    collecting.run()
    moments = collecting.rows("select occurred_at::varchar, date_flag from raw.activities")
    assert moments == [("2026-03-01 08:00:00", "")]


def test_row_44_a_date_that_is_written_anew_at_each_build_makes_no_new_post(server, project):
    builds = [
        listing(f"<guid>1</guid>{TITLE}<pubDate>Sun, {day:02} Feb 2026 08:00:00 GMT</pubDate>")
        for day in range(1, 5)
    ]
    collecting = project(server.on("/feed", *builds))
    collecting.run()
    query = "select first_seen_at, occurred_at, content_fingerprint from raw.activities"
    first = collecting.rows(query)
    assert [collecting.run(DAY)["activities_added"] for _ in builds[1:]] == [0, 0, 0]
    assert collecting.rows(query) == first


def test_row_45_a_head_that_changes_alone_makes_no_new_version(server, project):
    entries = f"<guid>1</guid>{TITLE}", f"<guid>2</guid>{TITLE}"
    builds = [
        listing(*entries, head=f"<lastBuildDate>Sun, {day:02} Feb 2026</lastBuildDate>")
        for day in range(1, 4)
    ]
    collecting = project(server.on("/feed", *builds))
    collecting.run()
    query = "select * exclude (last_listed_at, last_page_id) from raw.activities order by 1"
    first = collecting.rows(query)
    assert [collecting.run(DAY)["activities_added"] for _ in builds[1:]] == [0, 0]
    assert collecting.rows(query) == first
    assert collecting.rows("select sum(is_overflow::int) from raw.listings") == [(0,)]


@pytest.mark.parametrize(
    ("link", "later"),
    [
        ("https://council.example/a", "https://council.example/a?utm_source=rss&utm_medium=feed"),
        ("//council.example/a", "https://council.example/a"),
        ("https://council.example/a#comments", "https://council.example/a"),
        ("https://COUNCIL.example:443/a", "https://council.example/a"),
        ("https://council.example/a?id=1&fbclid=xyz", "https://council.example/a?id=1"),
    ],
)
def test_row_46_a_link_in_other_words_is_the_same_link(server, project, link, later):
    texts = [escaped(f"<link>{address}</link>") for address in (link, later)]
    collecting = project(server.on("/feed", listing(texts[0]), listing(texts[1])))
    collecting.run()
    assert collecting.run(DAY)["activities_added"] == 0
    hosts = collecting.rows("select link_host from raw.activities")
    assert hosts == [("council.example",)]


def test_row_46_a_relative_link_belongs_to_the_address_that_answered(server, project):
    collecting = project(server.on("/feed", listing("<link>/a/b</link>")))
    collecting.run()
    assert collecting.rows("select link_host from raw.activities") == [("127.0.0.1",)]


def test_row_47_a_delta_is_asked_for_adds_and_drops_nothing(server, project):
    old, new = (f"<guid>{n}</guid><title>{n}</title>" for n in ("old", "new"))
    whole = listing(old, f"{TITLE}<guid>2</guid>", etag='"1"')
    delta = listing(new, status=226, etag='"2"', IM="feed")
    collecting = project(server.on("/feed", whole, delta, reply(304)))
    assert collecting.run()["fetched"] == 1
    assert collecting.run(DAY)["activities_added"] == 1
    assert collecting.run(DAY)["not_modified"] == 1
    first, second, third = server.requests()
    assert [asked.header("a-im") for asked in (first, second)] == ["", "feed"]
    assert [asked.header("if-none-match") for asked in (second, third)] == ['"1"', '"2"']
    assert collecting.rows(STORED) == [(3, 3)]
    assert collecting.rows("select sum(is_overflow::int) from raw.listings") == [(0,)]
    assert collecting.rows("select entry_count from raw.cursors") >= [(2,)]


def test_row_48_an_entry_that_has_left_the_feed_keeps_its_row(server, project):
    entries = [f"<guid>{n}</guid><title>{n}</title>" for n in range(6)]
    windows = [listing(*entries[n : n + 3]) for n in range(4)]
    collecting = project(server.on("/feed", *windows, listing()))
    for _ in range(5):
        collecting.run(DAY)
    assert collecting.rows(STORED) == [(6, 6)]
    aged = "select last_listed_at - first_seen_at from raw.activities order by all"
    assert collecting.rows(aged)[0] == (timedelta(),)  # seen once, and remembered


def listing(*items, head="", status=200, etag=None, **headers):
    """An answer with an RSS document of these items."""
    entries = "".join(f"<item>{item}</item>" for item in items)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{entries}</channel></rss>'
    return reply(status, body.encode(), ETag=etag, Content_Type="text/xml", **headers)


def escaped(link):
    return link.replace("&", "&amp;")
