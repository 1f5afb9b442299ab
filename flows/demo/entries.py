"""What a feed shows of the posts of its channel: the newest ones, written out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from flows.demo.organization import DemoEntry
from flows.demo.prose import write_post

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from flows.demo.prose import Vocabulary

_REVISED_SHARE = 0.15


class Place(NamedTuple):
    """Where a channel publishes, for the links and identifiers of its posts."""

    host: str
    channel: str
    language: str


class Posted(NamedTuple):
    """A post before anyone has written it: its moment (UTC) and what tells it from others."""

    at: datetime
    link: str
    guid: str


def identify_posts(
    place: Place, posted_at: tuple[datetime, ...], joint_links: Mapping[datetime, str]
) -> tuple[Posted, ...]:
    """Link and identifier of each post, numbered from the oldest on.

    Args:
        place: where the channel publishes.
        posted_at: moments, oldest first.
        joint_links: links of the posts that several channels publish together.
    """
    return tuple(
        Posted(
            at=moment,
            link=joint_links.get(moment) or _own_link(place, moment, number),
            guid=f"tag:{place.host},{moment:%Y-%m-%d}:{place.channel}/{number}",
        )
        for number, moment in enumerate(posted_at)
    )


def _own_link(place: Place, moment: datetime, number: int) -> str:
    # The query string is there for its ampersand, which feeds must escape and some do not.
    path = f"{place.channel}/{moment:%Y/%m}/{number}"
    return f"https://{place.host}/{path}?from=feed&lang={place.language}"


def write_entries(
    posts: tuple[Posted, ...], shown_count: int, vocabulary: Vocabulary, rng: Random
) -> tuple[DemoEntry, ...]:
    """The newest `shown_count` posts as entries, newest first; `posts` come oldest first."""
    newest_first = posts[-shown_count:][::-1]
    return tuple(_entry(post, newest_first[0].at, vocabulary, rng) for post in newest_first)


def _entry(post: Posted, newest_at: datetime, vocabulary: Vocabulary, rng: Random) -> DemoEntry:
    text = write_post(vocabulary, rng)
    return DemoEntry(
        guid=post.guid,
        link=post.link,
        title=text.title,
        paragraphs=text.paragraphs,
        published_at=post.at,
        updated_at=_revised_at(post.at, newest_at, rng),
    )


def _revised_at(moment: datetime, newest_at: datetime, rng: Random) -> datetime | None:
    """Some posts are revised within two days; not after the newest post, so never ahead."""
    if rng.random() >= _REVISED_SHARE:
        return None
    return min(newest_at, moment + timedelta(hours=rng.randint(1, 48)))
