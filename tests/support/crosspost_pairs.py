"""Announcements of invented organizations in several channels, as the platforms serve them.

`crossposts.toml` says what is posted where, and what belongs together. Here it becomes documents,
the connectors read them, and nobody tells them the labels.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import connectors
from connectors.contract import Channel, Cursor, Page
from flows.door import Door

BEGINNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
FETCHED_AT = BEGINNING + timedelta(days=9)
_SOURCES = {"feed": "feeds", "other": "feeds", "mastodon": "mastodon", "bluesky": "bluesky"}
_ADDRESSES = {
    "feed": "https://{}.example/news.xml",
    "other": "https://{}.example/press.xml",
    "mastodon": "@{}@social.example",
    "bluesky": "{}.example",
}
_NUMBER, _DID = "109300000000000001", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
_MEMORY = {
    "feed": {},
    "other": {},
    "mastodon": {"id": _NUMBER, "base": "https://social.example"},
    "bluesky": {"did": _DID, "is_repository": False},
}
_TAG = re.compile(r"#(\w+)")


class Post(NamedTuple):
    """What somebody posts, in which channel, and which announcement it is."""

    channel: str
    at: datetime
    announcement: str  #: "re" for a reply, which is none
    title: str
    text: str
    link: str
    is_card: bool  #: the link does not stand in the text

    @classmethod
    def read(cls, line):
        """The post that a line stands for."""
        head, title, text, link = (part.strip() for part in line.split("|"))
        channel, hours, announcement = head.split()
        at = BEGINNING + timedelta(minutes=round(float(hours) * 60))
        is_card = link.startswith("+")
        return cls(channel, at, announcement, title, text, link.lstrip("*+"), is_card)


class Pair(NamedTuple):
    """Two posts in different channels of one organization."""

    organization: str
    one: Post
    other: Post

    @property
    def is_one_announcement(self):
        """What the label says."""
        return self.one.announcement == self.other.announcement != "re"


class Case(NamedTuple):
    """An organization and what it posts."""

    organization: str
    is_held_out: bool
    posts: tuple[Post, ...]

    def pairs(self):
        """All pairs of posts in different channels."""
        pairs = combinations(self.posts, 2)
        return [Pair(self.organization, a, b) for a, b in pairs if a.channel != b.channel]

    def channels(self):
        """The channels that something is posted in."""
        names = dict.fromkeys(post.channel for post in self.posts)
        return [channel(self.organization, name) for name in names]

    def activities(self):
        """What the connectors make of the documents of its channels, as it may be stored."""
        return [
            stored
            for one in self.channels()
            for stored in activities(one, [p for p in self.posts if p.channel == name(one)])
        ]


def cases():
    """Every case of the file."""
    told = tomllib.loads(Path(__file__).with_name("crossposts.toml").read_text("utf-8"))
    return [
        Case(f"case-{number}", case.get("held_out", False), tuple(map(Post.read, case["posts"])))
        for number, case in enumerate(told["case"])
    ]


def channel(organization, name):
    """A channel of an organization by its name in the file."""
    return Channel(
        channel_id=f"{organization}:{name}",
        organization_id=organization,
        source=_SOURCES[name],
        address=_ADDRESSES[name].format(organization),
    )


def name(channel):
    """The name of a channel in the file."""
    return channel.channel_id.rpartition(":")[2]


def activities(channel, posts):
    """What a connector reads from the document in which a channel shows its posts."""
    url, context, body = _DOCUMENTS[name(channel)](channel, posts)
    page = Page(
        page_id=f"page {channel.channel_id}",
        channel_id=channel.channel_id,
        requested_url=url,
        url=url,
        status=200,
        headers=(),
        body=body.encode(),
        fetched_at=FETCHED_AT,
        context=context,
    )
    cursor = Cursor(state=json.dumps({"errands": [], "memory": _MEMORY[name(channel)]}))
    parsed = connectors.load(channel.source).parse(page, channel, cursor)
    assert not parsed.drifts
    return [
        {**asdict(Door().let_in(activity, channel.source)), "fetched_at": FETCHED_AT}
        for activity in parsed.activities
    ]


def _feed(channel, posts):
    items = "".join(map(_item, posts))
    feed = f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'
    return channel.address, "", feed


def _item(post):
    return (
        f"<item><title>{escape(post.title)}</title><link>{escape(post.link)}</link>"
        f"<description>{escape(f'<p>{escape(post.text)}</p>')}</description>"
        f"<pubDate>{format_datetime(post.at)}</pubDate></item>"
    )


def _mastodon(_channel, posts):
    url = f"https://social.example/api/v1/accounts/{_NUMBER}/statuses?limit=40"
    newest_first = sorted(posts, key=lambda post: post.at, reverse=True)
    return url, "", json.dumps([_status(post) for post in newest_first])


def _status(post):
    return {
        "id": str(116000000000000000 + round((post.at - BEGINNING).total_seconds())),
        "created_at": post.at.isoformat(),
        "account": {"id": _NUMBER, "acct": "somebody"},
        "visibility": "public",
        "content": f"<p>{_tagged(_linked(post))}</p>",
        "in_reply_to_id": "1" if post.announcement == "re" else None,
        "in_reply_to_account_id": _NUMBER if post.announcement == "re" else None,
        "replies_count": 0,
        "card": {"url": post.link, "title": "", "type": "link"} if post.is_card else None,
    }


def _linked(post):
    """The text in HTML, its address as Mastodon shows one: cut for the eye, whole in the link."""
    text = escape(post.text, quote=False)
    if not post.link or post.is_card:
        return text
    scheme, _, rest = escape(post.link).partition("://")
    anchor = (
        f'<a href="{escape(post.link)}" rel="nofollow noopener">'
        f'<span class="invisible">{scheme}://</span><span class="ellipsis">{rest[:28]}</span>'
        f'<span class="invisible">{rest[28:]}</span></a>'
    )
    place = escape(post.link, quote=False)
    return text.replace(place, anchor) if place in text else f"{text} {anchor}"


def _tagged(text):
    pieces = re.split(r"(<a .*?</a>)", text)
    tagged = (
        r'<a href="https://social.example/tags/\1" class="mention hashtag">#<span>\1</span></a>'
    )
    return "".join(p if p.startswith("<a ") else _TAG.sub(tagged, p) for p in pieces)


def _bluesky(_channel, posts):
    newest_first = sorted(posts, key=lambda post: post.at, reverse=True)
    feed = {"feed": [{"post": _skeet(post)} for post in newest_first]}
    return "https://public.api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed", "feed", json.dumps(feed)


def _skeet(post):
    """A post whose address is shown short, as the official app writes it."""
    record = {"$type": "app.bsky.feed.post", "text": post.text, "createdAt": post.at.isoformat()}
    if post.link and post.is_card:
        record["embed"] = {"$type": "app.bsky.embed.external", "external": {"uri": post.link}}
    elif post.link:
        shown = post.link.partition("://")[2]
        shown = shown if len(shown) < 28 else f"{shown[:25]}..."
        is_written = post.link in post.text
        text = post.text.replace(post.link, shown) if is_written else f"{post.text} {shown}"
        link = {"$type": "app.bsky.richtext.facet#link", "uri": post.link}
        record |= {"text": text, "facets": [{"features": [link]}]}
    return {
        "uri": f"at://{_DID}/app.bsky.feed.post/{round(post.at.timestamp())}",
        "author": {"did": _DID, "handle": "somebody.example"},
        "record": record,
        "indexedAt": post.at.isoformat(),
        "replyCount": 0,
    }


_DOCUMENTS = {"feed": _feed, "other": _feed, "mastodon": _mastodon, "bluesky": _bluesky}
