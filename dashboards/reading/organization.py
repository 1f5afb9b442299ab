"""What a snapshot tells of single organizations: a week's estimate, all weeks, signals, parts.

Weeks are Mondays; None means unknown or not seen, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifiers.signals import SIGNAL_CODES
from dashboards.reading.benchmark import Organization
from dashboards.reading.query import read, sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from dashboards.reading.query import ReadableSnapshot

SPARK_WEEKS = 26  #: half a year of a signal's course


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredOrganization(Organization):
    """One organization in one week, with what only its own page tells."""

    homepage: str  #: as listed; "" when not given
    saw_claim: bool  #: the model of the estimate was trained on this organization's claim

    @property
    def probabilities(self) -> tuple[float | None, ...]:
        """Of the six stages, in their order."""
        return (
            self.probability_1,
            self.probability_2,
            self.probability_3,
            self.probability_4,
            self.probability_5,
            self.probability_6,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWeek:
    """One measured week of an organization's estimates."""

    as_of_week: date
    name: str
    stage_code: int | None
    set90_low: int | None
    set90_high: int | None
    is_abstained: bool | None
    model_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSignal:
    """One organization's measurement of one signal; bounds are of its 95 % interval."""

    organization_id: str
    signal_code: str
    value: float | None
    n: int | None
    lower: float | None
    upper: float | None
    is_pooled: bool  #: drawn towards peers for want of own observations
    missing_reason: str
    unseen_reason: str

    @property
    def own_value(self) -> float | None:
        """The value, where it rests on the organization's own observations."""
        return None if self.is_pooled else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the log-odds of an estimate; parts add up."""

    part: str
    seen_share: float | None
    above_1_log_odds: float
    above_2_log_odds: float
    above_3_log_odds: float
    above_4_log_odds: float
    above_5_log_odds: float

    def log_odds(self, threshold: int) -> float:
        """Its push at the threshold above stage 1 to 5."""
        return self.all_log_odds[threshold - 1]

    @property
    def all_log_odds(self) -> tuple[float, ...]:
        """Its push at each of the five thresholds."""
        return (
            self.above_1_log_odds,
            self.above_2_log_odds,
            self.above_3_log_odds,
            self.above_4_log_odds,
            self.above_5_log_odds,
        )


def measured_organizations(
    snapshot: ReadableSnapshot, organization_ids: Sequence[str], week: str
) -> list[MeasuredOrganization]:
    """Those that were measured in a week, by identifier."""
    parameters: dict[str, object] = {"organization_ids": list(organization_ids), "week": week}
    return read(snapshot, "organizations_named", MeasuredOrganization, parameters)


def history(snapshot: ReadableSnapshot, organization_id: str) -> list[HistoryWeek]:
    """Every measured week of an organization, oldest first; none when it is not in the snapshot."""
    return read(snapshot, "organization_history", HistoryWeek, {"organization_id": organization_id})


def own_signals(
    snapshot: ReadableSnapshot, organization_ids: Sequence[str], week: str
) -> dict[tuple[str, str], OwnSignal]:
    """Measurements of a week by organization and signal."""
    parameters: dict[str, object] = {"organization_ids": list(organization_ids), "week": week}
    found = read(snapshot, "own_signals", OwnSignal, parameters)
    return {(row.organization_id, row.signal_code): row for row in found}


def signal_courses(
    snapshot: ReadableSnapshot, organization_id: str, week: str
) -> list[Mapping[str, object]]:
    """Values of all signals in the `SPARK_WEEKS` up to a week, oldest first, by their codes.

    Each row has its `as_of_week` beside the signals; a week without a measurement has no row.
    """
    parameters = {"organization_id": organization_id, "week": week, "week_limit": SPARK_WEEKS}
    text = sql("signal_weeks").replace("@signals", ", ".join(SIGNAL_CODES))
    return list(snapshot.rows(text, parameters))


def contributions(snapshot: ReadableSnapshot, organization_id: str) -> list[Part]:
    """Parts of the estimate of the snapshot's week, in the order in which they add up."""
    return read(snapshot, "contributions", Part, {"organization_id": organization_id})
