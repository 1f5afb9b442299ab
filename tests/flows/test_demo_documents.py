"""Every document of the demo world reads back as the world says, and names nobody real."""

from __future__ import annotations

import json
import re
from calendar import timegm
from datetime import UTC, datetime
from functools import cache
from statistics import median
from urllib.parse import urlsplit

import feedparser
import pytest
from demo_world import WORLD

from flows.demo.organization import AnswerKind, FeedFormat
from flows.demo.render import render_feed

AS_OF = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
CHANNELS = [
    pytest.param(organization, channel, id=channel.path)
    for organization in WORLD.organizations
    for channel in organization.channels
]
JSON_CHANNELS = [case for case in CHANNELS if case.values[1].feed_format is FeedFormat.JSON11]
XML_CHANNELS = [
    case
    for case in CHANNELS
    if case not in JSON_CHANNELS and not case.values[1].answer.is_malformed
]
VERSIONS = {
    FeedFormat.RSS20: "rss20",
    FeedFormat.RSS091: "rss091u",
    FeedFormat.RSS10: "rss10",
    FeedFormat.ATOM03: "atom03",
    FeedFormat.ATOM10: "atom10",
}


@pytest.mark.parametrize(("organization", "channel"), XML_CHANNELS)
def test_every_xml_feed_parses_to_the_entries_that_the_world_says(organization, channel):
    read = _parse(organization, channel)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == VERSIONS[channel.feed_format]
    assert [entry.link for entry in read.entries] == [entry.link for entry in channel.entries]
    assert [entry.title for entry in read.entries] == [entry.title for entry in channel.entries]


@pytest.mark.parametrize(("organization", "channel"), XML_CHANNELS)
def test_every_xml_feed_shows_the_dates_and_identifiers_that_the_world_says(organization, channel):
    read = _parse(organization, channel)
    is_bare = channel.feed_format is FeedFormat.RSS091
    for shown, entry in zip(read.entries, channel.entries, strict=True):
        assert shown.get("id", "") == ("" if is_bare else entry.guid)
        assert _date(shown) == (None if is_bare else entry.published_at)


@pytest.mark.parametrize(("organization", "channel"), JSON_CHANNELS)
def test_every_json_feed_holds_the_entries_that_the_world_says(organization, channel):
    document = json.loads(render_feed(organization, channel))  # feedparser 6 reads no JSON Feed
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert [
        (item["id"], item["url"], item["title"], datetime.fromisoformat(item["date_published"]))
        for item in document["items"]
    ] == [(entry.guid, entry.link, entry.title, entry.published_at) for entry in channel.entries]


def test_a_feed_with_bare_ampersands_is_not_well_formed_but_can_be_saved():
    organization, channel = _channel_answering(AnswerKind.UNESCAPED)
    read = _parse(organization, channel)
    assert read.bozo
    assert len(read.entries) == len(channel.entries)


def test_a_truncated_feed_is_not_well_formed_and_shows_fewer_entries():
    organization, channel = _channel_answering(AnswerKind.TRUNCATED)
    read = _parse(organization, channel)
    assert read.bozo
    assert 0 < len(read.entries) < len(channel.entries)


def test_the_latin_feed_is_no_utf8():
    (body,) = [
        render_feed(organization, channel)
        for organization, channel in _all_channels()
        if channel.encoding == "iso-8859-1"
    ]
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_posts_have_several_hundred_characters():
    lengths = [
        sum(map(len, entry.paragraphs))
        for _, channel in _all_channels()
        for entry in channel.entries
    ]
    assert min(lengths) > 150
    assert median(lengths) > 300


def test_every_organization_says_that_it_is_invented():
    assert all("invented" in organization.name for organization in WORLD.organizations)


@pytest.mark.parametrize(("organization", "channel"), CHANNELS)
def test_a_feed_names_no_person_and_links_only_to_example_hosts(organization, channel):
    body = render_feed(organization, channel).decode(channel.encoding)
    addresses = re.findall(r"https?://[^\s\"'<>]+", body)
    hosts = {urlsplit(address).hostname for address in addresses}
    assert {host for host in hosts if not host.endswith(".example")} <= NAMESPACE_HOSTS
    assert set(re.findall(r"<name>(.*?)</name>", body)) <= {organization.name}
    assert not re.search(r"@|\b(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Dhr|Mevr)\b", body)


# ── builders ─────────────────────────────────────────────────────────────────────────────────────

NAMESPACE_HOSTS = {"purl.org", "www.w3.org", "jsonfeed.org"}


def _all_channels():
    return [(one, channel) for one in WORLD.organizations for channel in one.channels]


def _channel_answering(kind):
    return next(pair for pair in _all_channels() if pair[1].answer is kind)


@cache
def _parse(organization, channel):
    body = render_feed(organization, channel)
    return feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)


def _date(shown):
    parsed = shown.get("published_parsed") or shown.get("updated_parsed")  # RSS 1.0 has one date
    return datetime.fromtimestamp(timegm(parsed), tz=UTC) if parsed else None
