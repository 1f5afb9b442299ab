"""The feeds connector: recorded pages in, activities and listings out."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import load
from connectors.contract import AddressError, Channel, Outcome, Page, PageError, Purpose

RECORDED = Path(__file__).parent / "data" / "feeds"
NOT_PAGES = (".expected.json", ".toml")
PAGES = sorted(
    path
    for path in RECORDED.iterdir()
    if not path.name.endswith(NOT_PAGES) and not path.name.startswith("scenario")
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_recorded_page_yields_the_activities_beside_it(path):
    expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text("utf-8"))
    assert summarized(parse(path.read_bytes())) == expected


def test_every_recorded_page_has_its_expectation():
    assert len(PAGES) >= 7
    assert {f"{path.stem}.expected.json" for path in PAGES} == {
        path.name for path in RECORDED.glob("*.expected.json")
    }


def test_a_feed_is_asked_for_at_its_address():
    (request,) = load("feeds").plan(CHANNEL, None)
    assert request.url == CHANNEL.address
    assert "application/atom+xml" in request.accept
    assert request.purpose is Purpose.READ
    assert request.accepts_delta


@pytest.mark.parametrize(
    "address", ["https://example.org/feed", "HTTP://example.org:8080/?feed=rss2"]
)
def test_a_web_address_is_accepted(address):
    load("feeds").check_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "example.org/feed", "ftp://example.org/", "https:///feed", "http://[::1/", " https://x/"],
)
def test_any_other_address_is_refused_with_an_example(address):
    with pytest.raises(AddressError, match=r"https://example\.org/news\.xml"):
        load("feeds").check_address(address)


def test_an_entry_without_guid_keeps_its_identity_when_only_its_link_is_decorated():
    plain = activities(rss("<item><title>A</title><link>https://x.example/a?id=1</link></item>"))
    decorated = activities(
        rss("<item><link>http://X.example:80/a?utm_source=f&amp;id=1&amp;fbclid=9#c</link></item>")
    )
    assert plain[0].activity_id == decorated[0].activity_id
    assert plain[0].identity_basis == decorated[0].identity_basis == "link"


def test_a_date_rewritten_at_every_build_makes_no_new_activity():
    item = "<item><title>A</title><description>B</description><pubDate>{}</pubDate></item>"
    first = activities(rss(item.format("Mon, 05 Oct 2026 10:00:00 GMT")))
    second = activities(rss(item.format("Tue, 06 Oct 2026 10:00:00 GMT")))
    assert first[0].activity_id == second[0].activity_id
    assert first[0].identity_basis == "content"
    assert first[0].occurred_at != second[0].occurred_at


def test_another_channel_gives_another_activity():
    document = rss("<item><guid>a</guid></item>")
    other = dataclasses.replace(CHANNEL, channel_id="other")
    ids = {
        load("feeds").parse(page(document), c).activities[0].activity_id for c in (CHANNEL, other)
    }
    assert len(ids) == 2


def test_an_id_survives_the_move_of_its_feed():
    document = rss("<item><guid>12345</guid></item>")
    moved = dataclasses.replace(page(document), url="https://new.example/elsewhere/feed")
    before, after = (load("feeds").parse(p, CHANNEL).activities[0] for p in (page(document), moved))
    assert before.activity_id == after.activity_id
    assert before.link_host == ""


def test_identities_do_not_depend_on_what_scrolls_out():
    items = [f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(4)]
    before = activities(rss(*items[:3]))
    after = activities(rss(*items[1:]))
    assert [a.activity_id for a in before[1:]] == [a.activity_id for a in after[:2]]


def test_entries_that_share_an_id_are_told_apart_by_link_and_then_by_title():
    item = "<item><guid isPermaLink='false'>x</guid><link>{}</link><title>{}</title></item>"
    found = activities(rss(item.format("/1", "A"), item.format("/2", "A"), item.format("/2", "B")))
    assert len({a.activity_id for a in found}) == 3
    assert not any(a.is_repeated for a in found)


def test_a_repeat_is_in_the_table_once_and_marked():
    item = "<item><guid>x</guid><title>A</title></item>"
    found = activities(rss(item, item, item))
    assert [a.is_repeated for a in found] == [False, True, True]
    assert len({a.activity_id for a in found}) == 3


@pytest.mark.parametrize(
    ("published", "updated", "day", "flag"),
    [
        ("2026-10-01", "2026-10-09", 1, ""),
        ("", "2026-10-09", 9, ""),
        ("soon", "2026-10-09", 9, ""),
        ("2026-12-01", "2026-10-09", 9, ""),
        ("2026-11-02T11:00:00Z", "", 2, ""),
        ("2026-11-02T13:00:00Z", "", None, "future"),
        ("1990-12-31", "", None, "implausible"),
        ("1990-12-31", "soon", None, "implausible"),
        ("", "soon", None, "unparsable"),
        ("", "", None, "missing"),
    ],
)
def test_an_activity_counts_by_the_first_date_that_can_be_trusted(published, updated, day, flag):
    (activity,) = activities(
        rss(f"<item><pubDate>{published}</pubDate><dc:date>{updated}</dc:date></item>")
    )
    assert (activity.occurred_at.day if activity.occurred_at else None) == day
    assert activity.date_flag == flag


@pytest.mark.parametrize(
    ("date", "precision"),
    [
        ("2026-10-01", "day"),
        ("Thu, 01 Oct 2026 00:00:00 +0200", "day"),
        ("Thu, 01 Oct 2026 00:00:01 +0200", "second"),
        ("Thursday, 01 Oct 2026 00:00 EST", "day"),
        ("Thursday, 01-Oct 2026 10:00 EST", ""),
        ("", ""),
    ],
)
def test_a_padded_day_is_no_moment(date, precision):
    (activity,) = activities(rss(f"<item><pubDate>{date}</pubDate></item>"))
    assert activity.time_precision == precision


def test_dates_are_kept_as_the_document_says_even_when_they_do_not_count():
    (activity,) = activities(rss("<item><pubDate>2038-01-01</pubDate></item>"))
    assert activity.published_at == datetime(2038, 1, 1, tzinfo=UTC)
    assert activity.occurred_at is None


def test_comments_that_are_no_number_are_not_seen_rather_than_zero():
    found = activities(
        rss(
            "<item><slash:comments>0</slash:comments></item>",
            "<item><slash:comments>none</slash:comments></item>",
            "<item/>",
        )
    )
    assert [a.reply_count for a in found] == [0, None, None]


def test_a_feed_without_entries_is_an_empty_listing():
    parsed = parse(rss())
    assert parsed.activities == ()
    assert parsed.listing.entry_count == 0
    assert parsed.listing.listed_from is None
    assert not parsed.listing.is_malformed


def test_no_more_than_five_thousand_entries_are_read():
    parsed = parse(rss(*(f"<item><guid>{n}</guid></item>" for n in range(5001))))
    assert parsed.listing.entry_count == len(parsed.activities) == 5000
    assert parsed.listing.malformed_reason == "more than 5000 entries"


def test_an_answer_in_part_is_listed_as_one():
    document = rss("<item><guid>a</guid></item>")
    partial = dataclasses.replace(page(document), status=226)
    assert load("feeds").parse(partial, CHANNEL).listing.is_delta
    assert not load("feeds").parse(page(document), CHANNEL).listing.is_delta


def test_a_web_page_leads_to_its_feed():
    body = b"<!DOCTYPE html><link rel=alternate type='application/rss+xml' href='/news.xml'>"
    error = error_of(body)
    assert error.outcome is Outcome.WRONG_TYPE
    assert error.message == (
        "a web page, not a feed; it announces 1 feed: trying https://news.example/news.xml first"
    )
    (read,) = load("feeds").plan(CHANNEL, None)
    assert error.instead.url == "https://news.example/news.xml"
    assert error.instead.purpose is Purpose.DISCOVERY
    assert error.instead.accept == read.accept


def test_neither_a_page_nor_what_led_to_it_is_asked_again():
    links = "".join(
        f"<link rel=alternate type=application/atom+xml href={address}>"
        for address in ("/feed", "/blog/feed", "/atom")
    )
    request = error_of(f"<html>{links}</html>".encode()).instead
    assert request.url == "https://news.example/atom"
    assert not {CHANNEL.address, page(b"").url}.intersection(request.alternatives)


@pytest.mark.parametrize("body", [b"", b"[1]", b"<opml/>", b"%PDF-1.4", b"Too many requests"])
def test_only_a_web_page_leads_anywhere(body):
    assert error_of(body).instead is None


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        (b"", Outcome.MALFORMED, "empty answer"),
        (b" \n\t ", Outcome.MALFORMED, "empty answer"),
        (b"<html><body>Hi</body></html>", Outcome.WRONG_TYPE, "announces no feed"),
        (b'<?xml version="1.0"?><opml><body/></opml>', Outcome.WRONG_TYPE, "<opml>"),
        (b'{"version": "2", "items": []}', Outcome.WRONG_TYPE, "no JSON Feed"),
        (b"[1, 2]", Outcome.WRONG_TYPE, "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "it', Outcome.MALFORMED, "broken JSON"),
        (b"\x1f\x8b\x08\x00\x00", Outcome.WRONG_TYPE, "gzip data"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Outcome.WRONG_TYPE, "binary data"),
        (b"Too many requests", Outcome.WRONG_TYPE, "plain text"),
    ],
)
def test_what_is_no_feed_is_called_what_it_is(body, outcome, words):
    error = error_of(body)
    assert error.outcome is outcome
    assert words in error.message


def test_a_feed_wrapped_in_a_web_page_is_still_read():
    item = "<item><title>In a page</title></item>"
    body = b"<!DOCTYPE html><html><body>" + rss(item) + b"</body></html>"
    assert parse(body).listing.entry_count == 1
    assert error_of(body.replace(item.encode(), b"")).instead is not None


def test_entries_in_an_unknown_format_are_kept():
    parsed = parse(b"<rdf><item><title>Salvaged</title></item></rdf>")
    assert parsed.listing.document_format == "unknown"
    assert parsed.listing.entry_count == 1


# builders


def rss(*items):
    start = (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>N</title>'
    )
    return f"{start}{''.join(items)}</channel></rss>".encode()


def parse(body):
    return load("feeds").parse(page(body), CHANNEL)


def activities(body):
    return parse(body).activities


def error_of(body):
    with pytest.raises(PageError) as caught:
        parse(body)
    return caught.value


def summarized(parsed):
    """Everything that tells, with times as text; what is the same for every feed left out."""
    same = {"channel_id", "organization_id", "kind", "direction", "first_seen_at", "page_id"}
    same |= {"author_role", "author_evidence", "found_through"}
    rows = [dataclasses.asdict(activity) for activity in parsed.activities]
    told = [
        {key: value for key, value in row.items() if key not in same and value not in (None, "")}
        for row in rows
    ]
    listing = dataclasses.asdict(parsed.listing)
    assert not listing.pop("is_delta")
    assert not listing.pop("is_continued")
    return json.loads(
        json.dumps(
            {"listing": listing, "activities": told},
            default=datetime.isoformat,
        )
    )


def page(body, content_type="application/xml"):
    return Page(
        page_id="p1",
        channel_id="c1",
        requested_url=CHANNEL.address,
        url="https://news.example/blog/feed",
        status=200,
        headers=(("content-type", content_type),),
        body=body,
        fetched_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
    )


CHANNEL = Channel(
    channel_id="c1", organization_id="o1", source="feeds", address="https://news.example/feed"
)
