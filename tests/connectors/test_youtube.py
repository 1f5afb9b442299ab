"""What is special about YouTube: numbers instead of handles, outages, others in playlists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.contract import AddressError, Channel, Outcome, Page, PageError
from connectors.fetching.backoff import pause
from connectors.youtube import Connector

DATA = Path(__file__).parent / "data" / "youtube"
NUMBER = "UCnorthgateLibrary012345"
PLAYLIST = "PLnorthgateReadings0001"
HOME = "https://www.youtube.com"
BY_CHANNEL = f"{HOME}/feeds/videos.xml?channel_id={NUMBER}"
BY_PLAYLIST = f"{HOME}/feeds/videos.xml?playlist_id={PLAYLIST}"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def channel(address):
    return Channel(
        channel_id="library:youtube:1",
        organization_id="library",
        source="youtube",
        address=address,
    )


def read(body, url=BY_CHANNEL, kind="text/xml; charset=UTF-8"):
    page = Page(
        page_id="0" * 32,
        channel_id="library:youtube:1",
        requested_url=url,
        url=url,
        status=200,
        headers=(("content-type", kind),),
        body=body,
        fetched_at=NOW,
    )
    return Connector().parse(page, channel(url))


def recorded(name):
    return (DATA / name).read_bytes()


@pytest.mark.parametrize(
    ("address", "feed"),
    [
        (NUMBER, BY_CHANNEL),
        (f"{HOME}/channel/{NUMBER}", BY_CHANNEL),
        (f"https://m.youtube.com/channel/{NUMBER}/videos?view=0", BY_CHANNEL),
        (f"http://youtube.com/feeds/videos.xml?channel_id={NUMBER}", BY_CHANNEL),
        (f"{HOME}/playlist?list={PLAYLIST}", BY_PLAYLIST),
        (BY_PLAYLIST, BY_PLAYLIST),
        (PLAYLIST, BY_PLAYLIST),
        (
            f"http://127.0.0.1:8099/feeds/videos.xml?channel_id={NUMBER}",
            f"http://127.0.0.1:8099/feeds/videos.xml?channel_id={NUMBER}",
        ),
    ],
)
def test_a_channel_is_named_by_its_number_or_any_address_that_has_it(address, feed):
    Connector().check_address(address)
    (request,) = Connector().plan(channel(address), None)
    assert request.url == feed


@pytest.mark.parametrize(
    "address",
    [
        "@northgatelibrary",
        f"{HOME}/@northgatelibrary",
        f"{HOME}/c/northgatelibrary",
        f"{HOME}/watch?v=a1B2c3D4e5F",
        f"{HOME}/channel/{NUMBER}x",
        f"{HOME}/feeds/videos.xml?channel_id={NUMBER}&channel_id={NUMBER}",
        f"https://videos.example/channel/{NUMBER}",
        f"https://ann@www.youtube.com/channel/{NUMBER}",
        "http://[www.youtube.com/",
    ],
)
def test_a_handle_is_answered_with_where_the_number_is_found(address):
    with pytest.raises(AddressError, match="Share channel, Copy channel ID"):
        Connector().check_address(address)


def test_every_video_is_a_post_of_the_organization_at_the_time_it_came_out():
    parsed = read(recorded("videos.xml"))
    assert {(a.kind, a.direction, a.author) for a in parsed.activities} == {
        ("post", "by_organization", "")
    }
    newest = parsed.activities[0]
    assert newest.occurred_at == datetime(2026, 2, 20, 16, 0, 5, tzinfo=UTC)
    assert newest.updated_at == datetime(2026, 2, 21, 3, 11, 40, tzinfo=UTC)
    assert newest.link_host == "library.example"


def test_views_and_ratings_are_not_kept():
    parsed = read(recorded("videos.xml"))
    assert all(a.like_count is None and a.reply_count is None for a in parsed.activities)
    assert "1204" not in repr(parsed)


def test_a_video_between_others_that_is_missing_is_seen_to_be_gone():
    (extent,) = read(recorded("videos_later.xml")).extents
    assert extent.from_at < datetime(2026, 2, 1, 10, tzinfo=UTC) < extent.to_at


def test_videos_of_others_in_a_playlist_are_left_out_and_nothing_is_said_to_be_gone():
    parsed = read(recorded("playlist.xml"), BY_PLAYLIST)
    assert len(parsed.activities) == 2
    assert parsed.extents == ()
    same = {a.activity_id for a in read(recorded("videos.xml")).activities}
    assert {a.activity_id for a in parsed.activities} <= same


def test_a_video_without_a_number_is_left_out_and_hides_what_is_gone():
    body = recorded("videos.xml").replace(b"<yt:videoId>Zx0-pTt5hNo</yt:videoId>", b"")
    parsed = read(body)
    assert len(parsed.activities) == 2
    assert parsed.extents == ()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"", Outcome.MALFORMED),
        (b"<html><title>Before you continue</title></html>", Outcome.WRONG_TYPE),
        (
            b'<html><link rel="alternate" type="application/rss+xml" href="/feeds/x.xml"></html>',
            Outcome.WRONG_TYPE,
        ),
        (b'<rss version="2.0"><channel><title>x</title></channel></rss>', Outcome.MALFORMED),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>', Outcome.MALFORMED),
        (b"Error 404 (Not Found)!!1", Outcome.WRONG_TYPE),
    ],
)
def test_anything_but_a_whole_feed_is_a_typed_error_that_leads_nowhere_else(body, outcome):
    with pytest.raises(PageError) as caught:
        read(body)
    assert caught.value.outcome is outcome
    assert caught.value.instead is None


def test_the_404_of_an_outage_slows_us_down_to_once_a_week_and_never_ends_the_channel():
    (request,) = Connector().plan(channel(NUMBER), None)
    assert request.answers == ()
    pauses = [pause(Outcome.NOT_FOUND, count) for count in range(1, 20)]
    assert pauses[0] == timedelta(hours=2)
    assert pauses[-1] == timedelta(days=7)


REAL = {
    "FeedKit__xml_YouTube.xml": 2,
    "feed-rs__atom_atom_mediarss_youtube_1.xml": 1,
}


@pytest.mark.real
@pytest.mark.parametrize(("name", "count"), REAL.items())
def test_real_feeds_are_read(real_data, name, count):
    parsed = read((real_data / "feeds" / name).read_bytes())
    assert len(parsed.activities) == count
    assert parsed.listing.entry_count == count
