"""A world of any size: the demo's organizations, cloned, six channels each, on many hosts.

Each organization has three feeds (RSS 2.0, Atom, JSON Feed), an account of Mastodon, one of
Bluesky, and a forum (Discourse) or a site with comments (WordPress), in turns. What it posts and
what is said to it is drawn by the demo world's own rules, from the stage and temper of the
organization that it is a clone of, with a chance of its own.

Hosts are addresses of the loopback network, so that nothing has to be resolved: one for each
organization (its feeds, and its forum or site), one for the accounts of an instance of Mastodon,
one for those of a view of Bluesky. So many accounts share one as its documented rate allows to read
within five minutes; else the world would measure that rate.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from flows.demo.cast import ChannelPart, OrganizationPart, ProfilePart, load_cast
from flows.demo.entries import Place, identify_posts, write_entries
from flows.demo.organization import (
    AnswerKind,
    Audience,
    FeedFormat,
    Platform,
    Temper,
    Validators,
)
from flows.demo.prose import load_vocabulary
from flows.demo.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from flows.demo.conversation import Conversation
    from flows.demo.organization import DemoChannel, DemoOrganization, DemoProfile

MOST_CHANNELS = 6
ACCOUNTS_AN_INSTANCE = 4  #: of Mastodon: 300 requests in five minutes
ACCOUNTS_A_VIEW = 100  #: of Bluesky: 3,000 requests in five minutes
#: Every so many channels one changes when the world moves on: five in a hundred, of all kinds.
EVERY = 19

_FEEDS = (
    ("news", "press", FeedFormat.RSS20),
    ("help", "support", FeedFormat.ATOM10),
    ("jobs", "careers", FeedFormat.JSON11),
)
_SHOWN_ENTRIES = 40
_LIVELY_FROM_STAGE = 3  # who answers is talked to
_HOSTS_A_BLOCK = 250


class Host(NamedTuple):
    """An address of the loopback network, and what is there."""

    kind: str  #: site, mastodon or bluesky
    number: int

    @property
    def address(self) -> str:
        """For example 127.1.0.1."""
        network = {"site": 10, "mastodon": 60, "bluesky": 110}[self.kind]
        block, place = divmod(self.number, _HOSTS_A_BLOCK)
        return f"127.{network + block // _HOSTS_A_BLOCK}.{block % _HOSTS_A_BLOCK}.{place + 1}"


def build(as_of: datetime, organization_count: int, channel_count: int, seed: int) -> World:
    """So many organizations with so many channels each (1 to 6).

    Args:
        as_of: the world stands still at the beginning of this UTC day.
        organization_count: how many.
        channel_count: of each; fewer than six leave out the last kinds.
        seed: another one makes another world of the same kind.
    """
    models = load_cast()
    cast = [
        _clone(models[number % len(models)], number, channel_count)
        for number in range(organization_count)
    ]
    return build_world(as_of, seed, cast)


def _clone(model: OrganizationPart, number: int, channel_count: int) -> OrganizationPart:
    feed_count = min(channel_count, len(_FEEDS))
    identifier = f"{model.organization_id}-{number:05}"
    profiles = _profiles(model, identifier, number)[: channel_count - feed_count]
    return replace(
        model,
        organization_id=identifier,
        name=f"{model.name} {number}",
        channels=tuple(_feed(*feed) for feed in _FEEDS[:feed_count]),
        profiles=tuple(profiles),
    )


def _feed(name: str, function: str, form: FeedFormat) -> ChannelPart:
    return ChannelPart(
        name=name,
        function=function,
        role="official",
        feed_format=form,
        encoding="utf-8",
        shown_count=_SHOWN_ENTRIES,
        answer=AnswerKind.FEED,
        validators=Validators.BOTH,
        is_compressed=False,
        oddities=(),
    )


def _profiles(model: OrganizationPart, identifier: str, number: int) -> list[ProfilePart]:
    """Mastodon, Bluesky, and a forum or a site with comments."""
    is_lively = model.true_stage >= _LIVELY_FROM_STAGE and model.temper is not Temper.DORMANT
    kinds = (
        (Platform.MASTODON, "press"),
        (Platform.BLUESKY, "press"),
        (Platform.WORDPRESS, "press") if number % 2 else (Platform.DISCOURSE, "support"),
    )
    return [
        ProfilePart(
            platform=platform,
            name=f"organization_{number:05}" if platform is Platform.MASTODON else identifier,
            function=function,
            audience=Audience.LIVELY if is_lively else Audience.THIN,
            is_closed=False,
        )
        for platform, function in kinds
    ]


def hosts(world: World) -> Iterator[tuple[Host, list[DemoOrganization]]]:
    """Every host, with those who are there and the part of their channels that is."""
    shown = world.organizations
    for number, one in enumerate(shown):
        yield Host("site", number), [_only(one, Platform.DISCOURSE, Platform.WORDPRESS)]
    for kind, platform, size in (
        ("mastodon", Platform.MASTODON, ACCOUNTS_AN_INSTANCE),
        ("bluesky", Platform.BLUESKY, ACCOUNTS_A_VIEW),
    ):
        for number, first in enumerate(range(0, len(shown), size)):
            part = shown[first : first + size]
            yield Host(kind, number), [replace(_only(one, platform), channels=()) for one in part]


def _only(organization: DemoOrganization, *platforms: Platform) -> DemoOrganization:
    profiles = tuple(one for one in organization.profiles if one.platform in platforms)
    return replace(organization, profiles=profiles)


def move_on(world: World, random: Random) -> World:
    """The same world with one post more on every nineteenth channel: what follows is news.

    The chance writes the posts; it changes nothing else.
    """
    places = iter(range(MOST_CHANNELS * len(world.organizations)))
    moved = []
    for one in world.organizations:
        channels = tuple(_posted(c, one, world, random, next(places)) for c in one.channels)
        profiles = tuple(_spoken(p, world, next(places)) for p in one.profiles)
        moved.append(replace(one, channels=channels, profiles=profiles))
    return replace(world, organizations=tuple(moved))


def _posted(
    channel: DemoChannel, owner: DemoOrganization, world: World, random: Random, place: int
) -> DemoChannel:
    if place % EVERY:
        return channel
    where = Place(f"{owner.organization_id}.example", f"{channel.name}-late", owner.language)
    post = identify_posts(where, (world.as_of,), {})
    vocabulary = load_vocabulary(owner.language, channel.function)
    entries = (*write_entries(post, 1, vocabulary, random), *channel.entries)[:_SHOWN_ENTRIES]
    return replace(channel, posted_at=(*channel.posted_at, world.as_of), entries=entries)


def _spoken(profile: DemoProfile, world: World, place: int) -> DemoProfile:
    """A post more, with the words of an earlier one."""
    own = [talk for talk in profile.conversations if talk.opening.is_own]
    if place % EVERY or not own:
        return profile
    return replace(profile, conversations=(*profile.conversations, _repeated(own[-1], world.as_of)))


def _repeated(talk: Conversation, moment: datetime) -> Conversation:
    opening = replace(talk.opening, at=moment + timedelta(seconds=1))
    return replace(talk, remarks=(opening,), title=f"{talk.title}, again")


def feed_addresses(world: World) -> list[tuple[str, str]]:
    """Host and path of every feed."""
    return [
        (Host("site", number).address, channel.path)
        for number, one in enumerate(world.organizations)
        for channel in one.channels
    ]


def write_project(world: World, folder: Path, port: int) -> None:
    """Write `organizations.toml` and `claims.csv` for a world that is served at a port."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [_listed(one, number, port) for number, one in enumerate(world.organizations)]
    (folder / "organizations.toml").write_text("\n".join(blocks), "utf-8")
    with (folder / "claims.csv").open("w", newline="") as sheet:
        writer = csv.writer(sheet)
        names = ("stage", "claimed_on", "instrument", "respondent_role")
        writer.writerow(("organization", *names))
        writer.writerows(
            [claim.organization_id, *(getattr(claim, name) for name in names)]
            for claim in world.claims
        )


def _listed(one: DemoOrganization, number: int, port: int) -> str:
    values = {
        "id": one.organization_id,
        "name": one.name,
        "industry": one.industry,
        "size": one.size,
        "country": one.country,
    }
    site = _url(Host("site", number), port)
    rows = [
        *(_row("feeds", site + c.path, c.role, c.function) for c in one.channels),
        *(
            _row(p.platform, p.address(_url(_home(p.platform, number), port)), role, p.function)
            for p in one.profiles
            for role in ["community" if p.platform is Platform.DISCOURSE else "official"]
        ),
    ]
    pairs = [f"{key} = {_quoted(value)}" for key, value in values.items()]
    return "\n".join(("[[organization]]", *pairs, "channels = [", *rows, "]\n"))


def _row(source: str, address: str, role: str, function: str) -> str:
    values = {"source": source, "address": address, "role": role, "function": function}
    return "  { " + ", ".join(f"{key} = {_quoted(value)}" for key, value in values.items()) + " },"


def _home(platform: Platform, number: int) -> Host:
    match platform:
        case Platform.MASTODON:
            return Host("mastodon", number // ACCOUNTS_AN_INSTANCE)
        case Platform.BLUESKY:
            return Host("bluesky", number // ACCOUNTS_A_VIEW)
    return Host("site", number)


def _url(host: Host, port: int) -> str:
    return f"http://{host.address}:{port}"


@cache
def _quoted(text: str) -> str:
    """A TOML basic string: its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
