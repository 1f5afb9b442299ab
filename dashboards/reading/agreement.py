"""How claimed and observed stages go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.reading.query import narrowing, read

if TYPE_CHECKING:
    from datetime import date

    from dashboards.filters import Narrowing
    from dashboards.reading.query import ReadableSnapshot

PUBLIC, ALL = "public", "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementStatistic:
    """One number of the comparison with its definition.

    Attributes:
        scope: `public` rests on public claims only, `all` on private ones too.
        group_name: what it is about, if not the whole sample.
        expected: what honest claims would show.
    """

    scope: str
    code: str
    group_name: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int
    expected: float | None
    p_value: float | None
    reason: str
    label: str
    unit: str
    sample: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOutside:
    """An organization whose claim lies above or below its 90 % set."""

    organization_id: str
    name: str
    industry: str | None
    size_class: str | None
    claimed_stage_code: int
    claimed_on: date | None
    claim_position: str
    stage_code: int | None
    set90_low: int | None
    set90_high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerspectiveLevel:
    """The ESM3 level of one perspective among organizations of one observed stage."""

    perspective_code: str
    stage_code: int | None
    organization_count: int
    mean_level: float
    lowest_level: float
    highest_level: float


def agreement_statistics(snapshot: ReadableSnapshot) -> list[AgreementStatistic]:
    """Every number, in the order of a report, those on public claims first."""
    return read(snapshot, "agreement_statistics", AgreementStatistic)


def claims_outside(snapshot: ReadableSnapshot, asked: Narrowing) -> list[ClaimOutside]:
    """Claims above their set first, by name."""
    return read(snapshot, "claims_outside", ClaimOutside, narrowing(asked))


def perspective_levels(snapshot: ReadableSnapshot, asked: Narrowing) -> list[PerspectiveLevel]:
    """Levels of each perspective by observed stage; the abstained stand under None."""
    return read(snapshot, "perspective_levels", PerspectiveLevel, narrowing(asked))
