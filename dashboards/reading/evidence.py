"""What an organization's estimate rests on: its channels, what was seen there, claims, answers.

Times are naive UTC, weeks Mondays; None means not seen or not given, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.reading.query import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from dashboards.reading.query import ReadableSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedChannel:
    """One listed channel and how it was last read."""

    source: str
    address: str
    role: str
    function: str
    last_seen_at: datetime | None
    last_outcome: str  #: "" before the first attempt
    activity_count: int
    is_lossy: bool  #: it lists less than was posted between two looks


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityWeek:
    """What was seen at one source in one week.

    Counts are None in a week of which no day was seen, and where the source does not show them.
    """

    source: str
    week: date
    post_count: int | None
    reply_count: int | None
    received_count: int | None
    covered_day_count: int
    channel_day_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicClaim:
    """One public claim of a stage; the headline is the one laid beside the estimate."""

    organization_id: str
    instrument: str
    claimed_on: date | None
    stage_code: int
    is_headline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAnswer:
    """One answered item of the latest public self-assessment; None: could not say."""

    instrument: str
    instrument_version: str
    answered_on: date | None
    item_code: str
    answer: int | None
    evidence_url: str


def channels(snapshot: ReadableSnapshot, organization_id: str) -> list[ListedChannel]:
    """The listed channels of an organization, by source."""
    return read(snapshot, "organization_channels", ListedChannel, _about(organization_id))


def activity_weeks(snapshot: ReadableSnapshot, organization_id: str) -> list[ActivityWeek]:
    """What was seen by source in the 26 weeks up to the snapshot's, oldest first."""
    return read(snapshot, "organization_activity", ActivityWeek, _about(organization_id))


def claims(snapshot: ReadableSnapshot, organization_ids: Sequence[str]) -> list[PublicClaim]:
    """Public claims of some organizations, oldest first."""
    parameters: dict[str, object] = {"organization_ids": list(organization_ids)}
    return read(snapshot, "organization_claims", PublicClaim, parameters)


def answers(snapshot: ReadableSnapshot, organization_id: str) -> list[PublicAnswer]:
    """Answers of the latest public self-assessment by each instrument."""
    return read(snapshot, "organization_answers", PublicAnswer, _about(organization_id))


def _about(organization_id: str) -> dict[str, object]:
    return {"organization_id": organization_id}
