"""The cast of the demo world: who takes part and how, read from the files in `cast/`.

One file an industry, named for it. The keys of an organization: `id`, `name`, `size`,
`country`, `zone` (IANA time zone), `language`, `stage` (the true one), `claim_offset` (how
many stages the claim lies above or below the true one; absent: no claim), `temper` and
`channels`. A channel has `name` (the last part of its address) and `function`, and, where it
differs from the default: `role`, `format`, `encoding`, `shown` (how many of the newest
entries the feed shows), `answer`, `validators`, `gzip`, `oddities`. `profiles` are where it
meets its public: `platform`, `function`, `audience` (how much is said to it) and, where it
differs from the organization's `id`, `name`; `closed` for one that wants a login.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.demo.oddities import Oddity
from flows.demo.organization import (
    AnswerKind,
    Audience,
    FeedFormat,
    Platform,
    Temper,
    Validators,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN_COUNT = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPart:
    """What a channel plays: its place, its format and its peculiarities."""

    name: str
    function: str
    role: str
    feed_format: FeedFormat
    encoding: str
    shown_count: int
    answer: AnswerKind
    validators: Validators
    is_compressed: bool
    oddities: tuple[Oddity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePart:
    """What a profile plays: its platform, its name there and its public."""

    platform: Platform
    name: str
    function: str
    audience: Audience
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPart:
    """What an organization plays, before it has posted anything."""

    organization_id: str
    name: str
    industry: str
    size: str
    country: str
    zone: ZoneInfo
    language: str
    true_stage: int
    claim_offset: int | None
    temper: Temper
    channels: tuple[ChannelPart, ...]
    profiles: tuple[ProfilePart, ...]


def load_cast() -> tuple[OrganizationPart, ...]:
    """All organizations, in the order of their industry's name and their file."""
    folder = files("flows.demo") / "cast"
    return tuple(
        _organization(row, industry=file.name.removesuffix(".toml"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["organization"]
    )


def _organization(row: Mapping[str, Any], industry: str) -> OrganizationPart:
    return OrganizationPart(
        organization_id=row["id"],
        name=row["name"],
        industry=industry,
        size=row["size"],
        country=row["country"],
        zone=ZoneInfo(row["zone"]),
        language=row["language"],
        true_stage=row["stage"],
        claim_offset=row.get("claim_offset"),
        temper=Temper(row.get("temper", Temper.TYPICAL)),
        channels=tuple(_channel(channel) for channel in row["channels"]),
        profiles=tuple(_profile(profile, row["id"]) for profile in row.get("profiles", ())),
    )


def _profile(row: Mapping[str, Any], owner: str) -> ProfilePart:
    return ProfilePart(
        platform=Platform(row["platform"]),
        name=row.get("name", owner),
        function=row["function"],
        audience=Audience(row["audience"]),
        is_closed=row.get("closed", False),
    )


def _channel(row: Mapping[str, Any]) -> ChannelPart:
    return ChannelPart(
        name=row["name"],
        function=row["function"],
        role=row.get("role", "official"),
        feed_format=FeedFormat(row.get("format", FeedFormat.RSS20)),
        encoding=row.get("encoding", "utf-8"),
        shown_count=row.get("shown", _SHOWN_COUNT),
        answer=AnswerKind(row.get("answer", AnswerKind.FEED)),
        validators=Validators(row.get("validators", Validators.BOTH)),
        is_compressed=row.get("gzip", False),
        oddities=tuple(Oddity(word) for word in row.get("oddities", ())),
    )
