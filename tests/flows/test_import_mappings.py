"""The mappings that come with Barograph, on invented exports of the layouts that they name."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

import pytest
from import_files import asked, staged, write_csv, write_lines

from connectors.apis.acts import act_id
from connectors.contract import Channel
from flows.errors import InputError
from flows.importing.mappingfile import read_mapping, shipped_mappings

WHOSE = {"organization": "tinkerfield"}
TWEETS = [
    {
        "id_str": "1001",
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "full_text": "Our wooden tram runs again! https://t.co/x",
        "favorite_count": "12",
        "retweet_count": "3",
        "lang": "en",
        "entities": {"urls": [{"expanded_url": "https://tinkerfield.example/tram"}]},
    },
    {
        "id_str": "1002",
        "created_at": "Thu Oct 11 08:00:00 +0000 2018",
        "full_text": "@someone It is back in stock.",
        "in_reply_to_status_id_str": "998",
    },
    {
        "id_str": "1003",
        "created_at": "Thu Oct 11 09:00:00 +0000 2018",
        "full_text": "RT @hollowmere: the bus is late",
    },
]


def test_an_archive_of_x_tells_posts_from_replies_and_reposts(tmp_path):
    script = "window.YTD.tweets.part0 = " + json.dumps([{"tweet": one} for one in TWEETS])
    path = tmp_path / "twitter-2026.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/tweets.js", script)
        archive.writestr("data/direct-messages.js", "window.YTD.dm.part0 = [ {} ]")
    made, _ = staged(tmp_path, path, "x-archive", address="@tinkerfield", **WHOSE)
    assert [row["kind"] for row in made] == ["post", "reply", "repost"]
    first = made[0]
    assert first["occurred_at"] == datetime(2018, 10, 10, 20, 19, 24)  # noqa: DTZ001
    assert (first["like_count"], first["repost_count"], first["language"]) == (12, 3, "en")
    assert (first["link_host"], first["text_length"]) == ("tinkerfield.example", 42)
    assert made[1]["parent_id"]
    assert {row["author_key"] for row in made} == {""}


def test_both_layouts_of_the_analytics_of_x_are_read(tmp_path):
    old = {
        "Tweet id": "1001",
        "Tweet permalink": "https://twitter.com/tinkerfield/status/1001",
        "Tweet text": "Our tram runs again!",
        "time": "2018-10-10 20:19 +0000",
        "retweets": "3.0",
        "replies": "1.0",
        "likes": "1,200",
    }
    new = {
        "Post id": "1004",
        "Date": "Fri, Jul 5, 2024",
        "Post text": "@someone Yes.",
        "Post Link": "https://x.com/tinkerfield/status/1004",
        "Likes": "5",
        "Replies": "0",
        "Reposts": "2",
    }
    made = []
    for name, row in (("old.csv", old), ("new.csv", new)):
        folder = tmp_path / name.removesuffix(".csv")
        folder.mkdir()
        path = write_csv(folder / name, [row])
        made += staged(folder, path, "x-analytics", address="@tinkerfield", **WHOSE)[0]
    assert [row["kind"] for row in made] == ["post", "reply"]
    assert [row["like_count"] for row in made] == [1200, 5]
    assert [row["repost_count"] for row in made] == [3, 2]
    assert [row["time_precision"] for row in made] == ["second", "day"]


def test_the_archive_and_the_analytics_of_x_name_a_post_alike(tmp_path):
    lines = write_lines(tmp_path / "tweets.jsonl", [{"tweet": one} for one in TWEETS[:1]])
    (tmp_path / "csv").mkdir()
    table = write_csv(tmp_path / "csv" / "t.csv", [{"Post id": "1001", "Date": "Oct 10, 2018"}])
    archived, _ = staged(tmp_path, lines, "x-archive", address="@tinkerfield", **WHOSE)
    told, _ = staged(tmp_path / "csv", table, "x-analytics", address="@tinkerfield", **WHOSE)
    assert archived[0]["activity_id"] == told[0]["activity_id"]


def test_the_content_table_of_a_facebook_page_is_read_in_its_zone(tmp_path):
    row = {
        "Post ID": "77",
        "Page ID": "900",
        "Page name": "Tinkerfield",
        "Title": "A tram?\nOf wood, of course",
        "Description": "",
        "Publish time": "07/04/2024 11:30",
        "Permalink": "https://www.facebook.com/900/posts/77",
        "Is share": "0",
        "Post type": "Photos",
        "Reactions": "5",
        "Comments": "2",
        "Shares": "1",
    }
    shared = row | {"Post ID": "78", "Is share": "1"}
    path = write_csv(tmp_path / "content.csv", [row, shared], encoding="utf-8-sig")
    made, _ = staged(tmp_path, path, "facebook-content", zone="Europe/Paris", **WHOSE)
    assert [one["kind"] for one in made] == ["post", "repost"]
    assert made[0]["occurred_at"] == datetime(2024, 7, 4, 9, 30)  # noqa: DTZ001
    assert made[0]["is_question"] is True
    assert (made[0]["like_count"], made[0]["reply_count"], made[0]["repost_count"]) == (5, 2, 1)


def test_the_content_table_of_an_instagram_account_says_whose_it_is(tmp_path):
    row = {
        "Post ID": "18011",
        "Account ID": "1784",
        "Account username": "tinkerfield",
        "Description": "Chairs for dolls",
        "Publish time": "10/03/2026 08:31",
        "Permalink": "https://www.instagram.com/p/example/",
        "Likes": "610",
        "Comments": "57",
        "Shares": "88",
    }
    path = write_csv(tmp_path / "posts.csv", [row])
    made, gathered = staged(tmp_path, path, "instagram-content", **WHOSE)
    (channel,) = gathered.channels.values()
    assert (channel.source, channel.address) == (
        "instagram",
        "https://www.instagram.com/tinkerfield",
    )
    assert made[0]["like_count"] == 610


def test_downloaded_information_of_meta_is_read_through_its_slip_of_encoding(tmp_path):
    slip = "Ein Zug fährt ein".encode().decode("latin-1")
    facebook = [{"timestamp": 1700000000, "data": [{"post": slip}], "title": "x"}]
    instagram = [
        {"media": [{"uri": "media/1.jpg", "creation_timestamp": 1700000000, "title": slip}]},
        {
            "media": [{"uri": "media/2.jpg", "creation_timestamp": 1, "title": ""}],
            "title": slip,
            "creation_timestamp": 1700000100,
        },
    ]
    path = tmp_path / "profile_posts_1.json"
    path.write_text(json.dumps(facebook))
    address = "https://www.facebook.com/tinkerfield"
    made, _ = staged(tmp_path, path, "facebook-archive", address=address, **WHOSE)
    assert [(row["text_length"], row["identity_basis"]) for row in made] == [(17, "content")]
    assert made[0]["occurred_at"] == datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001
    (tmp_path / "ig").mkdir()
    path = tmp_path / "ig" / "meta.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("your_instagram_activity/media/posts_1.json", json.dumps(instagram))
    address = "https://www.instagram.com/tinkerfield"
    made, _ = staged(tmp_path / "ig", path, "instagram-archive", address=address, **WHOSE)
    assert [row["text_length"] for row in made] == [17, 17]
    assert [row["occurred_at"].second for row in made] == [20, 0]


def test_updates_of_a_linkedin_page_begin_below_a_line_of_explanation(tmp_path):
    table = write_csv(
        tmp_path / "plain.csv",
        [
            {
                "Post title": "We hire, a turner",
                "Post link": "https://www.linkedin.com/feed/update/urn:li:activity:7100000000000000009",
                "Posted by": "Petra Pennyfeather",
                "Created date": "05/31/2024",
                "Likes": "4",
                "Comments": "1",
                "Reposts": "0",
            }
        ],
    )
    path = tmp_path / "updates.csv"
    path.write_text(f'"Engagement of single posts, for a year"\n{table.read_text()}')
    address = "https://www.linkedin.com/company/tinkerfield"
    made, _ = staged(tmp_path, path, "linkedin-updates", address=address, **WHOSE)
    assert [(row["like_count"], row["time_precision"]) for row in made] == [(4, "day")]
    assert "Pennyfeather" not in repr(made)


def test_shares_of_linkedin_without_a_word_are_reposts(tmp_path):
    share = {
        "Date": "2026-05-07 16:41:18",
        "ShareLink": "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7448081445065035776",
        "ShareCommentary": "Our new treemap",
        "SharedUrl": "",
        "MediaUrl": "",
        "Visibility": "MEMBER_NETWORK",
    }
    bare = share | {"ShareCommentary": "", "ShareLink": share["ShareLink"].replace("776", "777")}
    path = write_csv(tmp_path / "Shares.csv", [share, bare])
    made, _ = staged(
        tmp_path, path, "linkedin-shares", address="https://linkedin.com/in/t", **WHOSE
    )
    assert [row["kind"] for row in made] == ["post", "repost"]


CHANNEL = "https://www.youtube.com/channel/UC" + "a" * 22


def test_the_table_of_youtube_studio_leaves_its_total_out_and_names_videos_as_the_feed_does(
    tmp_path,
):
    rows = [
        {"Content": "Total", "Video title": "", "Video publish time": "", "Likes": "9"},
        {
            "Content": "JIY6_VBi4l8",
            "Video title": "How a tram is made",
            "Video publish time": "Jan 5, 2024",
            "Likes": "9",
        },
    ]
    table = write_csv(tmp_path / "t.csv", rows).read_bytes()
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Table data.csv", table)
        archive.writestr("Totals.csv", "Date,Views\n2024-01-01,1\n")
    made, gathered = staged(tmp_path, path, "youtube-studio", address=CHANNEL, **WHOSE)
    collected = Channel(
        channel_id="", organization_id="tinkerfield", source="youtube", address=CHANNEL
    )
    assert [row["activity_id"] for row in made] == [act_id(collected, "video:JIY6_VBi4l8")]
    assert gathered.reader.skipped_count == 1
    assert gathered.reader.left_out.total == 0


def test_of_a_takeout_only_public_videos_are_taken(tmp_path):
    row = {
        "Video ID": "JIY6_VBi4l8",
        "Channel ID": "UC" + "a" * 22,
        "Video Title (Original)": "How a tram is made",
        "Video Description (Original)": "",
        "Privacy": "Public",
        "Video Create Timestamp": "2018-12-02T02:45:06+00:00",
        "Video Publish Timestamp": "2018-12-02T02:55:54+00:00",
    }
    draft = row | {"Video ID": "other", "Privacy": "Private"}
    made, _ = staged(
        tmp_path, write_csv(tmp_path / "videos.csv", [row, draft]), "youtube-takeout", **WHOSE
    )
    assert [row["occurred_at"].minute for row in made] == [55]


def test_profiles_are_presences_of_their_month(tmp_path):
    row = {
        "org_id": "Tinkerfield",
        "company": "Tinkerfield Toy Works (invented)",
        "sector": "Toys",
        "channel": "twitter",
        "account": "tinkerfield",
        "followers_count": "1365511",
        "tweet_count": "77",
        "verified": "True",
        "has_description": "False",
        "observed": "2022-11",
    }
    made, gathered = staged(tmp_path, write_csv(tmp_path / "p.csv", [row]), "profile-series")
    assert made[0]["observed_at"] == datetime(2022, 11, 1)  # noqa: DTZ001
    assert (made[0]["follower_count"], made[0]["post_count"]) == (1365511, 77)
    assert (made[0]["is_verified"], made[0]["has_description"]) == (True, False)
    assert gathered.roster.organizations["tinkerfield"].industry == "Toys"


@pytest.mark.parametrize("name", ["event.csv", "event.csv.gz"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_tables_of_text_are_read_however_they_were_saved(name, delimiter, encoding, tmp_path):
    rows = [asked(n, "2020-01-01T10:00:00Z", org_id="Jürgens Bäckerei") for n in range(3)]
    path = write_csv(tmp_path / name, rows, delimiter, encoding)
    made, gathered = staged(tmp_path, path, "activity-series")
    assert [row["organization_id"] for row in made] == ["jurgens-backerei"] * 3
    assert ["Windows-1252" in note for note in gathered.notes] == [True] * (encoding == "cp1252")


def test_a_row_that_is_no_row_does_not_stop_the_others(tmp_path):
    path = write_csv(tmp_path / "t.csv", [asked(n, "2020-01-01T10:00:00Z") for n in range(3)])
    lines = path.read_text().splitlines()
    lines[2] += ",one,more,cells"
    path.write_text("\n".join([lines[0], "", *lines[1:]]))
    made, gathered = staged(tmp_path, path, "activity-series")
    assert len(made) == 2
    assert gathered.reader.left_out.examples[0].startswith("t.csv:4: 17 cells under 14 columns")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook; save its sheet as CSV"),
        (b"\x1f\x8b\x08\x00damaged", "damaged or cut off"),
        (b"PK\x03\x04damaged", "damaged or cut off"),
    ],
)
def test_what_is_no_table_is_said_to_be_none(body, said, tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(body)
    with pytest.raises(InputError, match=said):
        staged(tmp_path, path, "activity-series")


def test_a_workbook_of_excel_is_told_from_an_archive(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    path = tmp_path / "updates.xlsx"
    path.write_bytes(data.getvalue())
    with pytest.raises(InputError, match="an Excel workbook"):
        staged(tmp_path, path, "linkedin-updates", address="x", **WHOSE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "not valid TOML"),
        ("colums = {}", "colums: unknown"),
        ("[columns]\nevent = 'id'", "event: no field of activities"),
        ("[columns]\nevent_id = 'id'", "nothing says the organization, source"),
        ('extends = "x-archive"\n[time]\nzone = "Mars/Base"', "'Mars/Base' is no IANA name"),
        ("[columns]\nkind = { match = '(' }", "no regular expression"),
        ("[columns]\nkind = { match = 'x' }", "exactly one group"),
        ('extends = "x-archive"\n[period]\ncovered_from = "soon"', "'soon' is no date"),
        ('extends = "mine.toml"', "no such mapping|circle"),
    ],
)
def test_a_mapping_that_means_nothing_is_an_error_that_names_the_place(text, said, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_mapping(str(path), {"organization": "a", "address": "@b"} if "x-arch" in text else {})


@pytest.mark.parametrize("name", shipped_mappings())
def test_every_shipped_mapping_says_where_its_layout_is_known_from(name):
    constants = dict.fromkeys(("organization", "source", "address"), "x")
    mapping = read_mapping(name, constants)
    assert mapping.title
    assert mapping.bases or name.startswith("youtube")
