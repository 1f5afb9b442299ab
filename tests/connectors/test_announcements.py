"""What lets one announcement be found in several channels: the page it is about, how it begins."""

import json
from datetime import UTC, datetime

import pytest
from crosspost_pairs import Post, activities, channel

import connectors
from connectors.contract import Channel, Page
from connectors.feeddocument.sketch import text_sketch
from connectors.feeddocument.target import target_key

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
PAGE = "https://council.example/news/budget"
TEXT = "The council has adopted the budget for next year with a narrow majority"
KEY, SKETCH = target_key(PAGE), text_sketch(TEXT)


# Pages


@pytest.mark.parametrize(
    "spelling",
    [
        "http://council.example/news/budget",
        "https://WWW.Council.example:443/news/budget/",
        "https://m.council.example/news/budget#top",
        "https://amp.council.example/news/budget/amp",
        "https://council.example/news/budget/index.html?utm_source=x&fbclid=y&ref=z",
        "https://council.example/news/%62udget?mc_cid=1&amp;utm_medium=mail",
    ],
)
def test_a_page_has_one_key_however_it_is_written(spelling):
    assert target_key(spelling) == KEY


@pytest.mark.parametrize(
    "other",
    [
        "https://council.example/news/budget-2",
        "https://council.example/News/budget",
        "https://council.example:8443/news/budget",
        "https://council.example/news/budget?page=2",
        "https://amp.example/news/budget",
    ],
)
def test_another_page_has_another_key(other):
    assert target_key(other) not in {KEY, ""}


def test_the_order_of_parameters_does_not_count():
    one, other = ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&utm_term=q&b=2")
    assert target_key(one) == target_key(other)


@pytest.mark.parametrize(
    "link",
    [
        "https://youtu.be/abcDEF12345?si=q",
        "https://m.youtube.com/watch?feature=share&v=abcDEF12345&t=9",
        "https://www.youtube.com/shorts/abcDEF12345",
    ],
)
def test_a_video_is_known_by_its_number(link):
    assert target_key(link) == target_key("https://www.youtube.com/watch?v=abcDEF12345")


@pytest.mark.parametrize(
    "link",
    [
        *("", "mailto:a@council.example", "/news/budget", "https://", "at://did:plc:a/b/c"),
        *("https://council.example", "http://www.council.example/?utm_source=x"),
        *("https://bit.ly/3xYz", "https://t.co/abc", "https://t1p.de/rad"),
        *("https://social.example/@council", "https://bsky.app/profile/council.example"),
        *("https://council.example/jobs", "https://council.example/tickets/"),
    ],
)
def test_what_says_little_or_leads_nobody_knows_where_has_no_key(link):
    assert target_key(link) == ""


# Beginnings


@pytest.mark.parametrize(
    "dressed",
    [
        f"📢 {TEXT.upper()}! #budget #council",
        f"{TEXT} https://council.example/news/budget",
        f"@mayor@social.example {TEXT}: council.example/news/bud...",
        f"“{TEXT}”",
    ],
)
def test_a_text_in_another_dress_begins_alike(dressed):
    assert text_sketch(dressed) == SKETCH


def test_what_stands_behind_the_beginning_does_not_count():
    start = "word " * 20
    assert text_sketch(f"{start} and more") == text_sketch(f"{start} but cut…")


def test_what_tells_like_texts_apart_is_in_the_filter():
    monday, tuesday = (f"Lunch on {day}: soup, salad and bread" for day in ("Monday", "Tuesday"))
    one, other = (int(text_sketch(text)[:8], 16) for text in (monday, tuesday))
    assert one.bit_count() == other.bit_count() == 1
    assert one & other == 0


def test_a_post_that_begins_with_a_title_has_the_title_among_its_hashes():
    title = text_sketch(
        "A body that the post does not have.", "Library opens on Sundays from March"
    )
    post = text_sketch("Library opens on Sundays from March: volunteers run the reading room")
    assert title[20:24] == post[20:24] != "0000"
    assert title[24:] == "0" * 8 != post[24:]


@pytest.mark.parametrize("text", ["", "Hello there!", "https://a.example/b", "#one #two #three"])
def test_a_short_text_has_no_sketch(text):
    assert text_sketch(text) == ""


def test_scripts_without_blanks_have_sketches():
    assert text_sketch("本日図書館は五時に閉館します") == text_sketch(
        "本日、図書館は五時に閉館します。"
    )


# Connectors


def read(name, text=TEXT, link="", *, is_card=False, label="a", title=""):
    post = Post(name, AT, label, title, text, link, is_card)
    (act,) = activities(channel("acme", name), [post])
    return act["link_key"], act["text_sketch"]


def test_an_entry_stands_for_its_own_page():
    assert read("feed", "Nine votes to eight.", PAGE, title=TEXT)[0] == KEY


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
@pytest.mark.parametrize("is_card", [True, False])
def test_a_post_stands_for_the_page_that_it_links_to(name, is_card):
    assert read(name, link=f"{PAGE}?utm_source=x", is_card=is_card) == (KEY, SKETCH)


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_a_post_without_a_link_stands_for_no_page(name):
    assert read(name, f"{TEXT} #budget") == ("", SKETCH)


def test_a_reply_stands_in_no_announcement():
    assert read("mastodon", link=PAGE, label="re") == ("", "")


def parsed(source, address, body, url=""):
    where = Channel(channel_id="c", organization_id="o", source=source, address=address)
    page = Page(
        page_id="p",
        channel_id="c",
        requested_url=url or address,
        url=url or address,
        status=200,
        headers=(),
        body=body.encode(),
        fetched_at=AT,
    )
    return connectors.load(source).parse(page, where).activities


def test_a_page_of_the_site_is_the_same_by_its_interface_and_by_its_feed():
    post = {"id": 7, "link": f"{PAGE}/", "date_gmt": "2026-03-01T10:00:00", "author": 1}
    post |= {"title": {"rendered": TEXT}, "content": {"rendered": "<p>Nine votes to eight.</p>"}}
    (act,) = parsed(
        "wordpress",
        "https://council.example",
        json.dumps([post]),
        url="https://council.example/wp-json/wp/v2/posts?per_page=100",
    )
    entry = read("feed", "Nine votes to eight.", PAGE, title=TEXT)
    assert (act.link_key, act.text_sketch) == entry


def test_a_video_stands_for_itself():
    address = "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl"
    entry = "<entry><yt:videoId>abcDEF12345</yt:videoId><title>Glass</title></entry>"
    names = 'xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
    (act,) = parsed("youtube", address, f"<feed {names}>{entry}</feed>")
    assert act.link_key == target_key("https://youtu.be/abcDEF12345")
