"""The demo world: invented organizations on all six stages, with what they posted so far.

The same date and seed make the same world, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from flows.demo.cast import ChannelPart, OrganizationPart, load_cast
from flows.demo.entries import Place, identify_posts, write_entries
from flows.demo.oddities import apply_oddity
from flows.demo.organization import (
    AnswerKind,
    DemoChannel,
    DemoClaim,
    DemoOrganization,
)
from flows.demo.profiles import draw_profile
from flows.demo.prose import load_vocabulary
from flows.demo.rhythm import draw_calendar, draw_rhythm, post_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.demo.entries import Posted
    from flows.demo.organization import DemoEntry
    from flows.demo.prose import Vocabulary
    from flows.demo.rhythm import Calendar

_COORDINATED_STAGE = 4
_CAMPAIGN_MINUTE = 9 * 60
_CHANNEL_INTERVAL_MINUTES = 20
_RESPONDENT_ROLES = (
    "communications manager",
    "head of digital",
    "marketing director",
    "community lead",
    "chief information officer",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that is invented, standing still at `as_of` (midnight UTC, timezone-aware)."""

    as_of: datetime
    seed: int
    organizations: tuple[DemoOrganization, ...]
    claims: tuple[DemoClaim, ...]  #: by organization, at most one each


def build_world(
    as_of: datetime, seed: int = 2013, cast: Sequence[OrganizationPart] | None = None
) -> World:
    """The world as it stands at the beginning of the UTC day of `as_of`.

    Posts lie in the sixty weeks before. The chance comes from `seed` alone.

    Args:
        as_of: the moment, with a time zone.
        seed: another one makes another world of the same kind.
        cast: who takes part; None for the demo's own cast.

    Raises:
        ValueError: `as_of` has no time zone.
    """
    if as_of.tzinfo is None:
        message = "as_of needs a time zone"
        raise ValueError(message)
    until = as_of.astimezone(UTC).date()
    cast = load_cast() if cast is None else cast
    return World(
        as_of=datetime.combine(until, time(), tzinfo=UTC),
        seed=seed,
        organizations=tuple(_organization(part, until, seed) for part in cast),
        claims=tuple(
            _claim(part, part.claim_offset, until, seed)
            for part in cast
            if part.claim_offset is not None
        ),
    )


def _chance(seed: int, *purpose: str) -> Random:
    """A generator of its own for every purpose, so that a new channel changes no other one."""
    return Random("/".join((str(seed), *purpose)))  # noqa: S311 - an invented world, no secret


def _claim(part: OrganizationPart, offset: int, until: date, seed: int) -> DemoClaim:
    rng = _chance(seed, part.organization_id, "claim")
    return DemoClaim(
        organization_id=part.organization_id,
        stage=part.true_stage + offset,
        claimed_on=until - timedelta(days=rng.randint(20, 330)),
        instrument="altimeter_direct",
        respondent_role=rng.choice(_RESPONDENT_ROLES),
    )


def _organization(part: OrganizationPart, until: date, seed: int) -> DemoOrganization:
    rng = _chance(seed, part.organization_id, "calendar")
    calendar = draw_calendar(until, part.zone, part.temper, rng)
    return DemoOrganization(
        organization_id=part.organization_id,
        name=part.name,
        industry=part.industry,
        size=part.size,
        country=part.country,
        language=part.language,
        true_stage=part.true_stage,
        temper=part.temper,
        zone=part.zone,
        profiles=tuple(
            draw_profile(
                profile, part, calendar, _chance(seed, part.organization_id, profile.platform)
            )
            for profile in part.profiles
        ),
        channels=tuple(
            _channel(channel, part, calendar, position, seed)
            for position, channel in enumerate(part.channels)
        ),
    )


def _channel(
    part: ChannelPart, owner: OrganizationPart, calendar: Calendar, position: int, seed: int
) -> DemoChannel:
    rng = _chance(seed, owner.organization_id, part.name)
    rhythm = draw_rhythm(owner.true_stage, owner.temper, rng)
    joint = _joint_links(owner, calendar, position)
    posted_at = tuple(sorted({*post_times(rhythm, calendar, rng), *joint}))
    place = Place(f"{owner.organization_id}.example", part.name, owner.language)
    posts = identify_posts(place, posted_at, joint)
    return DemoChannel(
        name=part.name,
        function=part.function,
        role=part.role,
        feed_format=part.feed_format,
        encoding=part.encoding,
        answer=part.answer,
        validators=part.validators,
        is_compressed=part.is_compressed,
        path=_path(part, owner, ""),
        feed_path=_path(part, owner, "feeds/" if _stands_elsewhere(part) else ""),
        posted_at=posted_at,
        entries=_shown(part, posts, load_vocabulary(owner.language, part.function), rng),
    )


def _shown(
    part: ChannelPart, posts: tuple[Posted, ...], vocabulary: Vocabulary, rng: Random
) -> tuple[DemoEntry, ...]:
    entries = write_entries(posts, part.shown_count, vocabulary, rng)
    for oddity in part.oddities:
        entries = apply_oddity(oddity, entries)
    return entries


def _stands_elsewhere(part: ChannelPart) -> bool:
    return part.answer in {AnswerKind.MOVED, AnswerKind.WEB_PAGE}


def _path(part: ChannelPart, owner: OrganizationPart, folder: str) -> str:
    return f"/{owner.organization_id}/{folder}{part.name}.{part.feed_format.extension}"


def _joint_links(owner: OrganizationPart, calendar: Calendar, position: int) -> dict[datetime, str]:
    """Posts that open a campaign: the same link on every channel of a coordinated organization.

    They follow one another by twenty minutes from nine in the morning, local time. Below stage 4
    every channel goes its own way, and nothing is published in a silence.
    """
    if owner.true_stage < _COORDINATED_STAGE:
        return {}
    minute = _CAMPAIGN_MINUTE + _CHANNEL_INTERVAL_MINUTES * position
    opening = time(minute // 60, minute % 60, tzinfo=owner.zone)
    site = f"https://{owner.organization_id}.example"
    return {
        datetime.combine(span.first, opening).astimezone(UTC): f"{site}/campaign/{span.first}"
        for span in calendar.campaigns
        if calendar.factor(span.first)
    }
