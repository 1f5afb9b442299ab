"""What was found about the models, and how sure their estimates of each week are.

Shares run from 0 to 1, times are naive UTC; None means unknown, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.reading.query import narrowing, read

if TYPE_CHECKING:
    from datetime import date, datetime

    from dashboards.filters import Narrowing
    from dashboards.reading.query import ReadableSnapshot

SHOWN_WEEKS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One trained model."""

    model_version: str
    source: str  #: what taught it: simulator, recalibrated, offset or stack
    trained_at: datetime
    label_count: int
    claim_count: int  #: self-assessments that it learned from
    is_current: bool
    is_evaluated: bool
    evaluated_label_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuality:
    """How often the sets of one level held the stage that raters gave, in one group of labels."""

    group_kind: str  #: all, stage, industry, size, country or sources
    group_name: str
    level: float  #: what the sets promise to hold
    n: int  #: labels
    coverage_share: float | None
    lower: float | None
    upper: float | None
    mean_set_size: float | None  #: stages; known for all labels together


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Statements of about the same probability, and how often they came true.

    A statement is the probability of the threshold's stage or a lower one.
    """

    threshold_code: int
    bin_number: int
    predicted_share: float
    observed_share: float
    lower: float
    upper: float
    n: int  #: labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of an evaluation, by the evaluation's own name, with its 95 % interval."""

    measure: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int  #: labels


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateWeek:
    """Estimates of one week, the abstained among them, by the stages in their 90 % sets."""

    as_of_week: date
    organization_count: int
    estimate_count: int
    abstained_count: int
    size_1_count: int
    size_2_count: int
    size_3_count: int
    size_4_count: int
    size_5_count: int
    size_6_count: int

    @property
    def size_counts(self) -> tuple[int, ...]:
        """Estimates with sets of one to six stages."""
        return (
            self.size_1_count,
            self.size_2_count,
            self.size_3_count,
            self.size_4_count,
            self.size_5_count,
            self.size_6_count,
        )


def models(snapshot: ReadableSnapshot) -> list[Model]:
    """Every trained model, the newest first."""
    return read(snapshot, "quality_models", Model)


def set_quality(snapshot: ReadableSnapshot, model_version: str) -> list[SetQuality]:
    """Coverage of a model's sets: all labels, then stages, then kinds of organizations."""
    return read(snapshot, "quality_sets", SetQuality, {"model_version": model_version})


def reliability(snapshot: ReadableSnapshot, model_version: str) -> list[ReliabilityBin]:
    """A model's statements beside what was, by threshold from Planning on."""
    return read(snapshot, "quality_reliability", ReliabilityBin, {"model_version": model_version})


def measures(snapshot: ReadableSnapshot, model_version: str) -> list[Measure]:
    """The other figures of a model's evaluation, by name."""
    return read(snapshot, "quality_measures", Measure, {"model_version": model_version})


def estimate_weeks(snapshot: ReadableSnapshot, asked: Narrowing) -> list[EstimateWeek]:
    """How sure the estimates are, by week up to the one asked for, oldest first."""
    parameters = narrowing(asked) | {"week_limit": SHOWN_WEEKS}
    return read(snapshot, "estimate_weeks", EstimateWeek, parameters)
