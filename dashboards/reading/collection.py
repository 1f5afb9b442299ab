"""How complete and how fresh the collection is: sources, days, weeks, runs and failed channels.

Times are naive UTC; None means unknown or not seen, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.reading.query import read

if TYPE_CHECKING:
    from datetime import date, datetime

    from dashboards.reading.query import ReadableSnapshot

MOST_CHANNELS = 100  #: of those not seen that are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What of the list was seen in the 7 days up to `until_at`."""

    until_at: datetime
    channel_count: int
    asked_channel_count: int  #: ever
    seen_channel_count: int
    reached_organization_count: int
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Collecting from one source; see `marts.sources` for the windows."""

    source: str
    last_success_at: datetime | None
    next_due_at: datetime | None
    reached_organization_count: int
    organization_count: int
    seen_channel_count: int
    channel_count: int
    activity_count_28d: int | None
    robots_count: int
    rate_limited_count: int
    failed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDay:
    """One source on one UTC day on which it was asked."""

    source: str
    day: date
    asked_channel_count: int
    seen_channel_count: int
    attempt_count: int
    failed_attempt_count: int

    @property
    def unseen_channel_count(self) -> int:
        """Channels that were asked and not seen on that day."""
        return self.asked_channel_count - self.seen_channel_count


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOutcome:
    """Channels of one source whose last attempt ended in one way; "" is never asked."""

    source: str
    outcome: str
    channel_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekReach:
    """One measured week: organizations and channel-days of which something was seen in it."""

    as_of_week: date
    organization_count: int
    reached_count: int
    seen_day_count: int
    channel_day_count: int

    @property
    def reached_share(self) -> float | None:
        """The part of the organizations with a channel seen in the week itself."""
        return self.reached_count / self.organization_count if self.organization_count else None

    @property
    def seen_share(self) -> float | None:
        """The part of the channel-days that was seen."""
        return self.seen_day_count / self.channel_day_count if self.channel_day_count else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as it was recorded."""

    run_id: str
    started_at: datetime
    ended_at: datetime | None
    state: str
    command: str
    channel_count: int
    due_count: int
    held_count: int
    failed_count: int | None
    activity_count: int | None
    error: str
    flow_run_url: str  #: where Prefect shows it; "" without a Prefect server


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNotSeen:
    """A channel whose last attempt did not show what it holds."""

    organization_id: str
    name: str | None  #: None: not measured in the week of the snapshot, so it has no page
    source: str
    address: str
    last_outcome: str
    last_error: str
    last_attempt_at: datetime | None
    last_seen_at: datetime | None
    total_count: int  #: of all such channels, listed or not


def reach(snapshot: ReadableSnapshot) -> Reach:
    """What of all listed channels was seen lately."""
    return read(snapshot, "collection_reach", Reach)[0]


def sources(snapshot: ReadableSnapshot) -> list[Source]:
    """The sources of listed channels, by name."""
    return read(snapshot, "collection_sources", Source)


def source_days(snapshot: ReadableSnapshot) -> list[SourceDay]:
    """Days of four weeks on which sources were asked, by source, oldest first."""
    return read(snapshot, "collection_days", SourceDay)


def source_outcomes(snapshot: ReadableSnapshot) -> list[SourceOutcome]:
    """How the last attempts ended, by source, the most frequent first."""
    return read(snapshot, "collection_outcomes", SourceOutcome)


def week_reach(snapshot: ReadableSnapshot) -> list[WeekReach]:
    """Measured weeks of a year, the latest first."""
    return read(snapshot, "collection_weeks", WeekReach)


def runs(snapshot: ReadableSnapshot) -> list[Run]:
    """The runs on record, the latest first."""
    return read(snapshot, "collection_runs", Run)


def channels_not_seen(snapshot: ReadableSnapshot) -> list[ChannelNotSeen]:
    """Channels that the last attempt did not show, at most `MOST_CHANNELS` of them."""
    return read(snapshot, "channels_not_seen", ChannelNotSeen, {"row_limit": MOST_CHANNELS})
